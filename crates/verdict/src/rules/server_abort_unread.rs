use super::middlebox_lost_state_rst as lost_state;
use crate::case::{Case, ONE_MOVE};
use crate::finding::Finding;
use crate::waits::PARTING;
use crate::{ActKind, Goodbye, GoodbyeKind, RstAct, words};
use hangup_wire::Side;

/// Fewest pauses between the pieces of what a client sends in one go.
const PIECES: u32 = 3;
/// Bytes beyond which a run of the client is an upload, not a small request.
const UPLOAD: u64 = 4096;

/// `server-abort-unread`: the server threw the client's data away.
///
/// Signature: no FIN, but a RST with ACK flag by the server (RFC 9293 §3.6.1, RFC 2525 §2.17) while the
/// client is still sending, or at once after it, or with a good part of an upload unread, as the server's window shows. Or the server's FIN comes in the middle of an upload, the
/// client goes on as it could not know better, and the server's machine resets what nobody reads any more
/// (RFC 9293 §3.6.1: closed on the receiving side too). Against: everything had been acknowledged long before
/// (`server-abort-linger`), or the client began anew behind the FIN (`stale-connection-reuse`).
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let first = case.first_of(Side::Server)?;
    if !case.has_data() {
        return None;
    }
    let found = if case.outstanding.value == Some(false) {
        None
    } else {
        match case.first_reset(Side::Server) {
            Some(reset) => instead_of_a_goodbye(case, first, reset),
            None => behind_a_goodbye(case, first),
        }
    };
    found.or_else(|| in_mid_stream(case, first).filter(|_| case.facts.talk.outstanding != Some(false))).map(
        |finding| {
            finding.or(
                "server-abort-linger",
                0.7,
                "The server program's log: whether it had read all of the request",
            )
        },
    )
}

/// The server resets the line without a FIN.
fn instead_of_a_goodbye(case: &Case<'_>, first: &Goodbye, reset: &RstAct) -> Option<Finding> {
    if !reset.ack_flag || case.fin(Side::Server).is_some() {
        return None;
    }
    let client = case.facts.talk.last[Side::Client]?;
    let since = first.at.after(client.at);
    let before = Some(client.at).filter(|_| since >= 0.0);
    let in_flight = reset.unacked_in_flight > 0;
    let upload = case.facts.talk.run_bytes[Side::Client] > UPLOAD;
    let at_once = since <= (2.0 * case.rtt()).max(0.02);
    let unread = upload && reset.unread >= UPLOAD;
    // It had answered before the question was whole, such as by 413 (RFC 9110 §15.5.14).
    let early = case.facts.talk.half_sent[Side::Client].filter(|&missing| {
        missing > 0 && case.facts.talk.status.is_some() && case.outstanding.spoke_last == Some(Side::Server)
    });
    let mid_upload = case.outstanding.spoke_last == Some(Side::Client) && (in_flight || at_once || unread);
    if !mid_upload && early.is_none() {
        return None;
    }
    Some(
        case.finding(0.55)
            .says(
                match before {
                    _ if early.is_some() => "The server answered before the question was complete, and reset the connection".to_owned(),
                    Some(_) => format!("The server reset the connection {} after the client's last data, without an answer", words::time(since)),
                    None => format!("The server reset the connection without an answer; {} later more data of the client came", words::time(-since)),
                },
                [before.or(Some(first.at)), before.map_or(Some(client.at), |_| Some(first.at))],
            )
            .supported(
                early.is_some(),
                0.5,
                format_args!("{} bytes of the question never came", early.unwrap_or(0)),
                [Some(client.at)],
            )
            .supported(in_flight, 0.4, "Data of the client was still on its way", [])
            .supported(
                unread,
                0.2,
                format_args!("By the window that the server had announced last, {} bytes lay unread", reset.unread),
                [],
            )
            .supported(upload, 0.4, "The client was sending a larger amount", [Some(client.at)])
            .or_if(lost_state::may_be(case), "middlebox-lost-state-rst", 0.5, lost_state::WOULD_DECIDE),
    )
}

/// The server's FIN comes in the middle of an upload, and a reset answers the rest of it.
fn behind_a_goodbye(case: &Case<'_>, first: &Goodbye) -> Option<Finding> {
    let (fin, act) = case.fin(Side::Server)?;
    let client = case.spoke_after_goodbye(Side::Client)?;
    // What comes sooner than a round trip goes on with what was being said. The FIN leaves part of that unacknowledged:
    // who begins anew on a quiet line has nothing in flight.
    let goes_on = client.at.after(fin.at) < 0.8 * case.rtt().min(1.0);
    let in_flight = act.ack.is_some_and(|ack| ack < client.end.saturating_sub(u64::from(client.length)));
    // Or a reset of the program's own stands beside the FIN.
    let one_move = case.reset_in_one_move(fin.at).is_some();
    // Or the client had announced more than had come.
    let announced = case.facts.talk.half_sent[Side::Client].is_some_and(|missing| missing > 0);
    if !goes_on || !(in_flight || one_move || announced) {
        return None;
    }
    // It may be too old for the client to take notice of: it answers what was sent before the FIN had come.
    let refused = case.facts.acts.iter().find(|reset| {
        reset.from == Some(Side::Server)
            && reset.at.is_behind(fin.at)
            && matches!(&reset.kind, ActKind::Rst(rst) if !rst.ack_flag)
    })?;
    Some(
        case.finding(0.6)
            .says(
                "The server closed while the client was still sending: its close does not acknowledge all that had been sent",
                [Some(first.at), Some(fin.at)],
            )
            .says("The client went on, sooner than it could act upon the close", [Some(client.at)])
            .supported(true, 0.4, "The server's machine answered with a reset: nobody reads any more", [Some(refused.at)])
            .supported(
                first.kind == GoodbyeKind::Fin && case.is_tls(),
                0.1,
                "It said no TLS goodbye",
                [Some(first.at)],
            ),
    )
}

/// The client was sending piece by piece and waited for nothing; the server said a few bytes and dropped the connection: by a reset, or by a FIN and a
/// reset in one move, as a kernel sends it for a program that closes while something lies unread.
fn in_mid_stream(case: &Case<'_>, first: &Goodbye) -> Option<Finding> {
    let talk = &case.facts.talk;
    let (client, server) = (talk.last[Side::Client]?, talk.last[Side::Server]?);
    let lull = talk.lull[Side::Client].filter(|lull| lull.times >= PIECES)?;
    let dropped = case.reset_in_one_move(first.at)?;
    let streaming = server.at.after(client.at) <= 2.0 * f64::from(lull.milliseconds) / 1e3;
    let parting = talk.run_bytes[Side::Server] <= PARTING
        && first.at.after(server.at).abs() <= case.rtt().max(ONE_MOVE);
    if !streaming || !parting || talk.last_speaker != Some(Side::Server) {
        return None;
    }
    Some(
        case.finding(0.5)
            .says(
                format_args!(
                    "The client was sending piece by piece, {} at the most apart, and waited for nothing",
                    words::time(f64::from(lull.milliseconds) / 1e3)
                ),
                [talk.run[Side::Client].map(|run| run.at), Some(client.at)],
            )
            .says(
                format_args!("The server said {} bytes and dropped the connection: something of the client's may have lain unread", talk.run_bytes[Side::Server]),
                [Some(server.at), Some(dropped)],
            )
            .supported(first.at != dropped, 0.4, "Its FIN and its reset are one move, as of a close while something lies unread", [Some(first.at), Some(dropped)]),
    )
}
