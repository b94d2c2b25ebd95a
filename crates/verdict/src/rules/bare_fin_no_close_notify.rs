use crate::case::{Case, is_alert};
use crate::finding::Finding;
use crate::{GoodbyeKind, Outcome, Responsible, Role, words};
use hangup_wire::Side;

/// `bare-fin-no-close-notify`: hung up without the TLS goodbye.
///
/// Signature: on a TLS session that stands, the first goodbye is a FIN, with no alert of the same side before
/// it (RFC 8446 §6.1 demands one). Against: the alert may be missing from the capture. Many programs always
/// do so; with something outstanding it is a fault.
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let first = case.first().filter(|first| first.kind == GoodbyeKind::Fin)?;
    let side = first.from?;
    let fin_side_ended = case.first_of(side).is_some();
    let tls = case.facts.tls.as_ref()?;
    if !case.is_tls()
        || !fin_side_ended
        || case.alert(side).is_some()
        || tls.lost > 0 && case.facts.sides[side].missing > 0
    {
        return None;
    }
    let answer = case.alert(side.other()).filter(|(goodbye, _)| goodbye.at.time >= first.at.time);
    let hidden = answer.is_some_and(|(goodbye, _)| {
        is_alert(goodbye.kind)
            && goodbye.kind != GoodbyeKind::PlainAlert
            && goodbye.kind != GoodbyeKind::DecryptedAlert
    });
    let usual = case.siblings.group.begun_with(GoodbyeKind::Fin);
    let finding = case.finding(0.8)
        .says(format_args!("The {} closed with a FIN; no TLS goodbye (close_notify) of it came before", side.name()), [case.last_words(side), Some(first.at)])
        .supported(usual >= 4, 0.3, format_args!("{} of this client's connections to this server end so: the program always does it", words::times(usual)), [])
        .supported(hidden, 0.1, "The other side answered with an encrypted alert: a goodbye, or a complaint about the missing one; which, cannot be told without keys", [answer.map(|(goodbye, _)| goodbye.at)])
        .doubted(case.lossy(), 0.3, "Packets are missing from the capture: the goodbye may be among them", [])
        .responsible(Responsible::app(side));
    Some(match case.outstanding.value {
        Some(true) => finding.outcome(Outcome::Abnormal),
        Some(false) => finding,
        // It leaves so as a rule, right behind the server's words, and nothing more of those came.
        None if side == Side::Client && done(case) => finding,
        None => finding.outcome(Outcome::Undecided),
    })
}

/// The server had spoken last, everything of it was taken, and it answered the goodbye without another word.
fn done(case: &Case<'_>) -> bool {
    case.had_spoken()
        && case.resets(Side::Client).all(|(goodbye, _, _)| matches!(goodbye.role, Role::Echo | Role::Repeat))
        && case.fin(Side::Server).is_some()
}
