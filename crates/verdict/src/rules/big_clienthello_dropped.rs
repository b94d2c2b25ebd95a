use crate::case::Case;
use crate::finding::Finding;
use crate::{Moment, UnansweredKind, words};
use hangup_wire::Side;

/// Bytes from which on a hello does not fit one packet: on Ethernet 1,460 with its headers, less what options and tunnels take.
pub(crate) const LARGE: u32 = 1400;

/// Header of the record and of the message before the hello's body (RFC 8446 §4, §5.1).
const HEADERS: u64 = 5 + 4;

/// `big-clienthello-dropped`: the client's first message is too big for something on the way.
///
/// Signature: a hello of more than one packet (a key share for X25519MLKEM768 alone takes 1,216 bytes,
/// draft-ietf-tls-ecdhe-mlkem), and the server, who had answered the SYN, never acknowledges all of it: it resets the
/// connection, or falls silent. Against: the whole hello was acknowledged (`tls-silent-rejection`); nothing of it was, and
/// nobody else reached the server either (`server-host-vanished`).
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let facts = case.facts;
    let tls = facts.tls.as_ref()?;
    let hello = tls.client_hello.filter(|_| tls.client_hello_length >= LARGE)?;
    let server = &facts.sides[Side::Server];
    if server.bytes > 0 || server.missing > 0 || server.syns == 0 || tls.server_hello.is_some() {
        return None;
    }
    let end = 1 + HEADERS + u64::from(tls.client_hello_length);
    let acked = facts.sides[Side::Client].acked;
    if acked >= end {
        return None;
    }
    let partly = acked > 1;
    let how = reset(case, end).map(|at| (true, at)).or_else(|| {
        let silence = case
            .roles
            .silence
            .filter(|silence| silence.silent == Side::Server && silence.kind == UnansweredKind::Data)?;
        // Nothing got through at all: that says something about the size only where others did get through.
        let heard = server.last.is_some_and(|last| last.time > silence.since.time);
        let alive =
            heard || case.siblings.server.answered_between(silence.since.time, case.end()) == Some(true);
        (partly || alive).then_some((false, silence.since))
    });
    let (reset, at) = how?;
    let quick = reset && at.after(hello) <= (2.0 * case.rtt()).max(0.02);
    Some(
        case.finding(if reset { 0.4 } else { 0.3 })
            .says(
                format_args!(
                    "The client's hello has {} bytes, more than one packet holds on many ways",
                    tls.client_hello_length
                ),
                [Some(hello)],
            )
            .says(
                if reset {
                    "It was answered by a reset, before all of it was acknowledged"
                } else {
                    "It was never acknowledged in full, however often it was sent"
                },
                [Some(at)],
            )
            .supported(partly, 0.4, "Its first part was acknowledged, its rest was not", [])
            .supported(
                case.siblings.group.carried_large(),
                0.3,
                "On another connection of this client to this server a packet as large arrived",
                [],
            )
            .supported(quick, 0.2, "The reset came at once", [Some(at)])
            .supported(
                !reset
                    && case.siblings.server.connected_between(facts.first.time, case.end()) == Some(true),
                0.2,
                "New connections to the same server worked meanwhile",
                [],
            )
            .or_if(
                reset,
                "tls-silent-rejection",
                0.6,
                "Another try with a smaller hello (for OpenSSL: -groups X25519): it works if the size is to blame",
            )
            .or_if(
                !reset,
                "flow-blackholed",
                0.6,
                format_args!(
                    "Another try with a smaller hello: it works if the size is to blame; this one was sent {}",
                    words::times(case.roles.silence.map_or(1, |silence| silence.tries.into()))
                ),
            ),
    )
}

/// The server's reset, where it is the first goodbye and does not acknowledge the hello up to its `end`.
fn reset(case: &Case<'_>, end: u64) -> Option<Moment> {
    let first = case.first_of(Side::Server)?;
    case.first_reset(Side::Server)?;
    let whole = case.act(first)?.ack.is_some_and(|ack| ack >= end);
    (!whole).then_some(first.at)
}
