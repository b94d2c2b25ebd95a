use crate::case::{Case, is_alert};
use crate::finding::Finding;
use crate::last_words::AT_ONCE;
use crate::timers::{Keeper, Known};
use crate::{ActKind, GoodbyeKind, Handshake, Outcome, Role, words};
use hangup_wire::Side;

/// From here on what looks like an alert is spoken of as almost certainly one.
const CERTAIN: f64 = 0.9;

/// `client-clean-goodbye`: the client said goodbye first, and nothing was lost.
///
/// Signature: the client's `close_notify` (RFC 8446 §6.1), on plain connections its FIN (RFC 9293 §3.6),
/// before any word of the server's, nothing outstanding. Against: the server was first, an answer was due
/// (`client-gives-up`).
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    clean(case, Side::Client)
}

/// The clean goodbye of `side`.
pub(crate) fn clean(case: &Case<'_>, side: Side) -> Option<Finding> {
    let first = case.first_of(side)?;
    let plain_fin = first.kind == GoodbyeKind::Fin && case.facts.tls.is_none();
    let polite = is_alert(first.kind) || first.kind == GoodbyeKind::Application;
    let fatal = case.act(first).is_some_and(|act| {
        matches!(&act.kind, ActKind::Alert(alert) if alert.description.is_some_and(|description| !matches!(description, 0 | 90)))
    });
    let shaking = is_alert(first.kind) && !case.is_tls();
    if case.owed()
        || !(plain_fin || polite)
        || fatal
        || shaking
        || case.roles.unheard.is_some()
        || !(case.has_data() || case.facts.handshake == Handshake::Unseen)
    {
        return None;
    }
    let reply = case
        .goodbyes(side.other())
        .find(|(goodbye, _)| goodbye.role == Role::Reply && goodbye.kind != GoodbyeKind::Rst)
        .map(|(goodbye, _)| goodbye.at);
    let read = first.kind == GoodbyeKind::DecryptedAlert || first.kind == GoodbyeKind::PlainAlert;
    let known = case.outstanding.value == Some(false);
    let aborted = case.resets(side).any(|(goodbye, _, rst)| goodbye.role == Role::First && rst.ack_flag);
    let finding = case
        .finding(0.6)
        .supported(
            known,
            0.5,
            format_args!("Nothing was outstanding: {}", case.outstanding.why),
            case.outstanding.at.iter().copied().map(Some),
        )
        .supported(
            reply.is_some(),
            0.3,
            format_args!("The {} answered it in kind", side.other().name()),
            [reply],
        )
        .supported(read, 0.3, "The goodbye was read: close_notify", [Some(first.at)])
        .doubted(!known, 0.15, case.outstanding.why, case.outstanding.at.iter().copied().map(Some))
        .doubted(aborted, 0.3, "A reset of the same side followed at once", [])
        .doubted(case.lossy(), 0.2, "Packets are missing from the capture", []);
    // A client that had been answered before, asked once more, and left at once. Or what it said behind a question is not surely a
    // goodbye. Or the server's only record behind the question may be its answer or a session ticket.
    let perhaps_answered = case.facts.tls.as_ref().is_some_and(|tls| tls.perhaps_answer.is_some());
    let asked = !known
        && case.outstanding.spoke_last == Some(Side::Client)
        && (case.facts.talk.answers > 0 || perhaps_answered || first.certainty < CERTAIN);
    let finding = if asked { finding.outcome(Outcome::Undecided) } else { finding };
    Some(match side {
        Side::Server => finding,
        Side::Client => {
            let pool =
                Known::matching(Keeper::Client, case.idle()).filter(|_| !case.roles.goodbyes.is_empty());
            let finding = if known {
                finding
            } else {
                finding.or("client-abort", 0.6, "The client program's log: whether it had all that it wanted")
            };
            // What came last may have been broken, and what is hidden no goodbye.
            let heard = case
                .last_words(Side::Server)
                .is_some_and(|heard| first.at.after(heard) <= case.rtt().max(AT_ONCE));
            let finding = finding.or_if(
                is_alert(first.kind) && !read && heard,
                "tls-fatal-mid-session",
                0.3,
                "A key log (SSLKEYLOGFILE), or the client program's own log: which alert it is",
            );
            match pool {
                Some(timer) => finding.or(
                    "client-idle-pool-close",
                    0.6,
                    format_args!(
                        "Other connections of the client: whether they also end after {} ({timer})",
                        words::time(case.idle())
                    ),
                ),
                None => finding,
            }
        }
    })
}
