use crate::case::Case;
use crate::finding::Finding;
use crate::{ActKind, EndedBy, Handshake, words};
use hangup_wire::Side;

/// A server that hangs up within so many seconds did not wait for a word: it refused.
pub(crate) const WELCOME: f64 = 2.0;
/// Bytes of a first flight (RFC 6928: ten segments): who sent more was heard, whatever the capture shows.
const FIRST_FLIGHT: u64 = 16_384;

/// `server-rejects-after-accept`: accepted, and dropped at once.
///
/// Signature: the three-way handshake is complete, and within two seconds the server ends the connection (FIN,
/// or RST, RFC 9293 §3.6) without a byte of its own and without having acknowledged a byte of the client's.
/// Against: the server acknowledged the client's first words (`server-closed-without-answer`, a refusal
/// within TLS), it spoke, or it waited (`server-timeout-waiting-client`).
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let facts = case.facts;
    let first = case.first_of(Side::Server)?;
    let act = case.act(first)?;
    if facts.handshake != Handshake::Complete || facts.sides[Side::Server].bytes > 0 || case.is_tls() {
        return None;
    }
    // An alert is an answer to the client's hello.
    let reset = match &act.kind {
        ActKind::Fin { .. } => None,
        ActKind::Rst(reset) => Some(reset),
        ActKind::Alert(_) | ActKind::Icmp(_) | ActKind::Application(_) => return None,
    };
    let heard = act.ack.is_some_and(|ack| ack > 1)
        || facts.sides[Side::Client].acked > 1
        || facts.sides[Side::Client].bytes.max(facts.talk.bytes[Side::Client]) > FIRST_FLIGHT;
    let open_for = first.at.after(facts.first);
    if (heard && (facts.sides[Side::Client].bytes > 0 || case.has_data())) || open_for >= WELCOME + case.rtt()
    {
        return None;
    }
    let spoken = facts.sides[Side::Client].bytes > 0;
    let dead = reset.is_some_and(|reset| !reset.ack_flag);
    let group = case.siblings.group;
    let refused = group.waits().about_within(0.0, WELCOME);
    let served = group.count.saturating_sub(group.ended_by(EndedBy::Server)) > 0;
    Some(
        case.finding(0.65)
            .says("The server's machine had taken the call", [Some(facts.first)])
            .says(
                format_args!(
                    "{} after the call began the server hung up, before it had heard a word and without saying one",
                    words::time(open_for)
                ),
                [Some(first.at)],
            )
            .supported(!spoken, 0.4, "The client had not even begun to speak", [])
            .supported(
                refused >= 3,
                0.3,
                format_args!("It refused about {refused} calls of this client so"),
                [],
            )
            .supported(served && group.others() > 0, 0.1, "Other calls of this client were served", [])
            .doubted(
                dead,
                0.3,
                "The reset has the form in which a machine answers for a program that is no longer there",
                [Some(first.at)],
            )
            .doubted(case.lossy(), 0.3, "Packets are missing from the capture", [])
            .or(
                "server-closed-without-answer",
                0.3,
                "The server's log: whether a limit, a list of addresses or a rule refused the call",
            ),
    )
}
