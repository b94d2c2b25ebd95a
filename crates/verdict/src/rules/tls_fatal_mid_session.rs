use crate::case::{Case, is_alert};
use crate::finding::Finding;
use crate::group::Shape;
use crate::{ActKind, Goodbye, Outcome, Responsible, words};
use hangup_wire::Side;

/// Siblings that have to end otherwise before a hidden alert is called a complaint.
const SIBLINGS: u64 = 3;
/// Alerts that complain of what came, not of what was offered (RFC 8446 §6.2): `unexpected_message`, `bad_record_mac`,
/// `record_overflow`, `decode_error`, `decrypt_error`, `internal_error`. They mean the same in the handshake.
const BROKEN: [u8; 6] = [10, 20, 22, 50, 51, 80];
/// Length of an alert's record with the 16 bytes of padding that Java (JSSE) adds in TLS 1.3.
const PADDED: u16 = 35;
/// Seconds within which somebody acts at once, where the round trip is shorter.
const AT_ONCE: f64 = 0.05;

/// `tls-fatal-mid-session`: a fatal alert in the middle of the conversation.
///
/// Signature: data was flowing, and one side says an alert that can be read and is neither goodbye nor cancellation (RFC
/// 8446 §6.2; most are `bad_record_mac`, `decode_error`, `unexpected_message`, `internal_error`). Hidden, it shows by a second one behind it (before TLS 1.3, where alerts can be
/// told by their type), or by position only: the client, who had just received data, says an alert and resets the line in the same breath, the server does not
/// answer it, and none of the siblings ends so; or by form: Java (JSSE, TLS 1.3) closes with two padded records, `user_canceled` and
/// `close_notify`, and complains with one. That is a suspicion, and the verdict stays open. Against: the alert answers a
/// close (`bare-fin-no-close-notify`), the exchange was complete and the line idle (`client-clean-goodbye`), the server was
/// still speaking (`client-abort`).
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let first = case.first().filter(|first| is_alert(first.kind))?;
    let side = first.from.filter(|&side| case.first_of(side).is_some())?;
    let act = case.act(first)?;
    let ActKind::Alert(alert) = &act.kind else { return None };
    let running = case.is_tls() && case.has_data();
    // A complaint about the very first message says that it was not understood, not that something broke.
    let under_way = case.facts.tls.as_ref().is_some_and(|tls| tls.server_hello.is_some());
    let finding = match alert.description {
        Some(0 | 90) => return None,
        Some(number) if running || under_way && BROKEN.contains(&number) => case.finding(0.9).says(
            format_args!(
                "{}, the {} said the TLS alert “{}”",
                if running { "After data had been exchanged" } else { "In the middle of the handshake" },
                side.name(),
                words::alert_name(number)
            ),
            [case.last_words(side.other()), Some(first.at)],
        ),
        None if running && let Some(finding) = twice(case, first, side) => finding,
        None if running && alert.record_length == PADDED && !alert.pair => lone(case, first, side)?,
        None if running && side == Side::Client && !alert.pair => hidden(case, first)?,
        Some(_) | None => return None,
    };
    Some(finding.responsible(Responsible::Unknown))
}

/// Two alerts of one side that only their type shows, right behind what the other had said: a goodbye is nobody's last but one (RFC 5246 §7.2.1), so the
/// first is a complaint, and the second the goodbye.
fn twice(case: &Case<'_>, first: &Goodbye, side: Side) -> Option<Finding> {
    let tls = case.facts.tls.as_deref().filter(|tls| !tls.is_tls13)?;
    let heard = case.facts.talk.last[side.other()]?;
    let mut alerts =
        tls.alerts.iter().filter(|act| act.from == Some(side) && !act.repeat && act.at.time >= first.at.time);
    let (_, second) = (alerts.next()?, alerts.next()?);
    let at_once = first.at.after(heard.at) <= (2.0 * case.rtt()).max(AT_ONCE);
    (at_once && !case.lossy()).then(|| {
        case.finding(0.8)
            .says(format_args!("The {} had just said something", side.other().name()), [Some(heard.at)])
            .says(
                format_args!("The {} said two alerts behind it: the second is its goodbye, so the first is a complaint", side.name()),
                [Some(first.at), Some(second.at)],
            )
    })
}

/// A single record of Java's size, and the end: Java says two when it hangs up, and one when it complains, or when it closes its own
/// direction only (`OpenJDK`, `SSLSocketImpl.duplexCloseOutput` and `bruteForceCloseInput`).
fn lone(case: &Case<'_>, first: &Goodbye, side: Side) -> Option<Finding> {
    let facts = case.facts;
    let heard = facts.talk.last[side.other()]?;
    let alerts = facts.tls.iter().flat_map(|tls| &tls.alerts);
    let said = alerts.filter(|act| act.from == Some(side)).count();
    let (fin, _) = case.fin(side)?;
    let soon = case.rtt().max(AT_ONCE);
    let at_once = first.at.after(heard.at) <= soon && fin.at.after(first.at) <= soon;
    let torn =
        Side::BOTH.into_iter().any(|side| facts.talk.half_sent[side].is_some_and(|missing| missing > 0));
    if said > 1 || !at_once || torn || case.lossy() || case.spoke_after_goodbye(side.other()).is_some() {
        return None;
    }
    Some(
        case.finding(0.55)
            .says(format_args!("The {}'s data had just come", side.other().name()), [Some(heard.at)])
            .says(
                format_args!(
                    "{} later the {} said one padded record and hung up. Java says two of them when it closes in good order, and one when it complains",
                    words::time(first.at.after(heard.at).max(0.0)),
                    side.name()
                ),
                [Some(first.at), Some(fin.at)],
            )
            .outcome(Outcome::Undecided)
            .or(
                if side == Side::Client { "client-clean-goodbye" } else { "server-clean-goodbye" },
                0.8,
                "A key log (SSLKEYLOGFILE), or the program's own log: which alert it is",
            ),
    )
}

/// A hidden alert of the client that is perhaps no goodbye.
fn hidden(case: &Case<'_>, first: &Goodbye) -> Option<Finding> {
    let facts = case.facts;
    let heard = facts.talk.last[Side::Server]?;
    let soon = case.rtt().max(AT_ONCE);
    // One that the client decided on; its kernel's answer to what came too late says nothing.
    let reset = case
        .resets(Side::Client)
        .find(|(goodbye, _, rst)| rst.ack_flag && goodbye.at.time >= first.at.time)
        .map(|(goodbye, _, _)| goodbye.at)?;
    let torn = facts.talk.half_sent[Side::Server].is_some_and(|missing| missing > 0);
    let at_once = first.at.after(heard.at) <= soon && reset.after(first.at) <= soon;
    let server_went_on = case.spoke_after_goodbye(Side::Server).is_some();
    if case.owed() || torn || !at_once || server_went_on || case.alert(Side::Server).is_some() {
        return None;
    }
    if case.outstanding.spoke_last != Some(Side::Server) || case.lossy() {
        return None;
    }
    let group = case.siblings.group;
    let shape =
        Shape { ender: case.roles.ended_by(), kind: Some(first.kind), outstanding: case.outstanding.value };
    if group.others() < SIBLINGS || group.with_shape(shape) > 1 {
        return None;
    }
    Some(
        case.finding(0.4)
            .says("The server's data had just come", [Some(heard.at)])
            .says(
                format_args!(
                    "{} later the client said an encrypted alert and reset the line at once; the server did not answer it",
                    words::time(first.at.after(heard.at).max(0.0))
                ),
                [Some(first.at), Some(reset)],
            )
            .supported(
                true,
                0.3,
                format_args!(
                    "None of the {} other connections of this client to this server ended like this",
                    group.others()
                ),
                [],
            )
            .outcome(Outcome::Undecided)
            .or("client-clean-goodbye", 0.6, "A key log (SSLKEYLOGFILE): it shows which alert it is")
            .or("client-abort", 0.3, "The client program's log: whether it cancelled"),
    )
}
