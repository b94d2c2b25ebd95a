use crate::case::Case;
use crate::finding::Finding;
use crate::{ActKind, Moment, UnansweredKind, words};
use hangup_wire::Side;

/// Data in bytes from which a packet is a large one: the smallest packet that IPv6 lets through whole has 1220.
const LARGE: u32 = 1200;

/// Seconds in which whoever lives sends again what was lost (RFC 6298 §2.4).
const PATIENCE: f64 = 1.0;

/// `mtu-black-hole`: large packets disappear, small ones pass.
///
/// Signature at their sender: a large packet is sent again and again and never acknowledged, none as large was before,
/// and the small ones were (RFC 2923 §2.1, RFC 4821 §1), until the sender falls silent or the other side gives up. At their receiver: a hole of that size at the beginning of what
/// the other side sent, behind which a small rest arrives. Counts more where a router asked for smaller packets (RFC
/// 1191). Against: large packets got through before, or on another
/// connection of the client's to the server.
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    Side::BOTH.into_iter().find_map(|side| at_sender(case, side).or_else(|| at_receiver(case, side)))
}

fn at_sender(case: &Case<'_>, side: Side) -> Option<Finding> {
    let half = &case.facts.sides[side];
    let pending = half.unanswered.filter(|pending| pending.kind == UnansweredKind::Data)?;
    let silent = case.roles.silence.is_some_and(|silence| {
        silence.silent == side.other() && silence.kind == UnansweredKind::Data && silence.tries >= 2
    });
    // The other side waited for it, heard nothing of it by its own account, and hung up.
    let given_up = pending.tries >= 3
        && case
            .first_of(side.other())
            .and_then(|first| Some((first, case.act(first)?.ack?)))
            .is_some_and(|(first, heard)| heard <= half.acked && first.at.after(pending.since) >= PATIENCE);
    // Fewer bytes than one large packet were ever acknowledged: no large one was.
    let none_before = half.acked.saturating_sub(1) < u64::from(half.resent_length.min(1400));
    if half.resent_length < LARGE || !none_before || !(silent || given_up) {
        return None;
    }
    let heard = case.facts.sides[side.other()].last?;
    // Else it is only a machine that fell silent when something large happened to be said.
    let there = heard.time > pending.since.time
        || asked_smaller(case, side).is_some()
        || side == Side::Client
            && half.acked > 1
            && case.siblings.server.answered_between(pending.since.time, case.end()) == Some(true);
    let passed = side == Side::Client && case.siblings.group.carried_large();
    if !there || passed {
        return None;
    }
    let finding = case
        .finding(0.4)
        .says(
            format_args!(
                "The first large packet of the {} ({} bytes of data) was sent {} and never acknowledged",
                side.name(),
                half.resent_length,
                words::times(pending.tries.into())
            ),
            [Some(pending.since), Some(pending.last)],
        )
        .supported(half.acked > 1, 0.3, "Smaller ones had arrived before", [])
        .supported(
            heard.time > pending.since.time,
            0.4,
            format_args!("The {} was still there and sending meanwhile", side.other().name()),
            [Some(heard)],
        );
    Some(asked(case, side, finding))
}

fn at_receiver(case: &Case<'_>, side: Side) -> Option<Finding> {
    let half = &case.facts.sides[side];
    // What stands behind the hole is smaller than a large packet, and so is all before it.
    let behind = half.sent.saturating_sub(half.acked).saturating_sub(half.never_came);
    let before = half.acked.saturating_sub(1);
    // Long enough for what is missing to be sent again.
    let waited = half.last_data.is_some_and(|said| case.facts.last.after(said) >= PATIENCE);
    if half.never_came < u64::from(LARGE)
        || behind == 0
        || behind >= u64::from(LARGE)
        || before >= u64::from(LARGE)
        || !waited
    {
        return None;
    }
    let finding = case
        .finding(0.45)
        .says(
            format_args!(
                "{} bytes of the {} never arrived, and the smaller packet behind them did",
                half.never_came,
                side.name()
            ),
            [half.last_data],
        )
        .supported(half.retransmitted > 0, 0.3, "Sent again, the small one arrives each time", [half.last])
        .supported(before == 0, 0.2, "The hole begins with the first that this side ever sent", []);
    Some(asked(case, side, finding))
}

/// A router's word that it takes only smaller packets of `side`: when, and how large.
fn asked_smaller(case: &Case<'_>, side: Side) -> Option<(Moment, u32)> {
    case.facts.acts.iter().find_map(|act| match &act.kind {
        ActKind::Icmp(icmp) if icmp.about == side && !icmp.unreachable() && icmp.mtu > 0 => {
            Some((act.at, icmp.mtu))
        }
        _ => None,
    })
}

/// What routers say about it.
fn asked(case: &Case<'_>, side: Side, finding: Finding) -> Finding {
    let smaller = asked_smaller(case, side);
    finding
        .supported(
            smaller.is_some(),
            0.7,
            format_args!(
                "A router asked for packets of at most {} bytes; larger ones were sent all the same",
                smaller.map_or(0, |(_, mtu)| mtu)
            ),
            [smaller.map(|(at, _)| at)],
        )
        .or(
            "flow-blackholed",
            0.4,
            "A large `ping` that may not be split, from one end to the other: whether it gets through",
        )
}
