use crate::case::Case;
use crate::finding::Finding;
use crate::foreign::Foreign;
use crate::words;
use hangup_wire::Side;

/// Seconds of pause within which a transfer is still under way.
const UNDER_WAY: f64 = 2.0;

/// `conntrack-invalid-reset`: the machine that translates addresses kills its own guest's connection.
///
/// Signature: data of the server in a busy transfer is answered, in the client's name, by a reset without ACK flag (RFC
/// 9293 §3.5.2) that the client did not send: it comes from one hop nearer, or the client carries on. Linux' connection
/// tracking calls a packet INVALID, does not translate it back, and the host has no such socket (Kubernetes issue
/// 74839). Against: the client had said goodbye before.
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let foreign = case.roles.foreign.filter(Foreign::proven)?;
    let first = case.first().filter(|first| first.from == Some(Side::Client))?;
    let rst = case.rst(first).filter(|rst| !rst.ack_flag)?;
    let data = rst.trigger.filter(|trigger| trigger.data > 0)?;
    let [_, high] = rst.before.hop_limits?;
    let nearer = rst.hop_limit > high && rst.hop_limit - high <= 2;
    let there = rst.hop_limit == high && foreign.carried_on();
    let heard = rst.before.last.map_or(f64::INFINITY, |last| data.at.after(last));
    if !(nearer || there) || heard > UNDER_WAY {
        return None;
    }
    let gap = rst.before.since.map(|since| first.at.after(since));
    let odd = case.facts.sides[Side::Server].out_of_order + case.facts.sides[Side::Server].retransmitted;
    Some(
        foreign
            .weigh(case.finding(0.3))
            .says(
                "In the middle of the transfer, data of the server was answered by a reset in the client's name",
                [Some(data.at), Some(first.at)],
            )
            .supported(
                nearer,
                0.3,
                "The reset comes from one hop nearer than the client: the machine in front of it",
                [Some(first.at)],
            )
            .supported(
                odd > 0,
                0.2,
                "Packets of the server came late or twice: address translators take such packets for strange",
                [],
            )
            .supported(
                gap.is_some_and(|gap| gap < 0.5),
                0.1,
                format_args!("Data had been unanswered for only {}", words::time(gap.unwrap_or(0.0))),
                [],
            )
            .or("injected-rst", 0.5, "A capture inside the client, or its container: whether it sent the reset"),
    )
}
