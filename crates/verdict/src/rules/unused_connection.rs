use crate::case::{Case, is_alert};
use crate::finding::Finding;
use crate::last_words::{AT_ONCE, OPENED, only_opened};
use crate::outstanding::later;
use crate::{GoodbyeKind, words};
use hangup_wire::Side;

/// A server that hangs up within this many seconds did not wait for a first request: it refused.
const WELCOME: f64 = 1.0;

/// `unused-connection`: opened in case, never used.
///
/// Signature: TCP (and TLS) handshake, no application data or no more than HTTP/2's opening, then a polite end by either side. Against: an
/// encrypted alert right behind the handshake, which may be a refusal (RFC 8446 §4.4.2.4); a server that
/// hangs up at once; probes at regular times.
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let facts = case.facts;
    let first = case.first()?;
    let side = first.from.filter(|&side| case.first_of(side).is_some())?;
    let opened = only_opened(facts);
    let welcomed = only_welcomed(case);
    // What the server says to a line that is being closed already answers nothing.
    let too_late = case.spoke_after_goodbye(Side::Server).is_some()
        && Side::BOTH
            .into_iter()
            .all(|side| facts.talk.first[side].is_none_or(|spoken| later(spoken.at, first.at)));
    if (case.has_data() && !opened && !welcomed && !too_late)
        || facts.sides[Side::Server].syns == 0
        || (facts.tls.is_some() && !case.is_tls())
    {
        return None;
    }
    let said_something = Side::BOTH.into_iter().any(|side| facts.sides[side].bytes > 0);
    if facts.tls.is_none() && said_something {
        return None;
    }
    if facts.tls.is_none() && facts.sides[Side::Client].acked == 0 && first.kind != GoodbyeKind::Rst {
        return None;
    }
    let ready = facts.tls.as_ref().map_or(Some(facts.first), |tls| {
        let last = Side::BOTH.into_iter().filter_map(|side| tls.last_handshake[side]);
        // What a server says behind the handshake without being asked (tickets, a notice) starts no new wait.
        let finished = tls.last_handshake[Side::Client].filter(|_| side == Side::Server);
        finished.or(last.max_by_key(|moment| moment.time))
    });
    let open_for = ready.map_or(0.0, |ready| first.at.after(ready));
    let at_once = open_for <= (2.0 * case.rtt()).max(0.05);
    let hidden = is_alert(first.kind)
        && case.act(first).is_some_and(
            |act| matches!(&act.kind, crate::ActKind::Alert(alert) if alert.description != Some(0)),
        );
    if side == Side::Server && (open_for < WELCOME || (hidden && at_once)) {
        return None;
    }
    Some(
        case.finding(0.7)
            .says(format_args!("The connection stood for {} and nothing was asked on it", words::time(open_for)), [ready, Some(first.at)])
            .supported(opened, 0.0, "By its sizes, all that the client said is HTTP/2's opening: preface and settings", [facts.talk.first[Side::Client].map(|said| said.at)])
            .says_if(welcomed, "What little the server said came right behind the handshake, unasked: tickets, settings or a greeting")
            .supported(!at_once, 0.4, "It waited longer than the handshake took", [])
            .supported(case.siblings.group.empty() > 1, 0.2, format_args!("{} connections of this client to this server stayed unused", case.siblings.group.empty()), [])
            .doubted(hidden && at_once, 0.4, "The alert came right behind the handshake: it may be a complaint, which cannot be told without keys", [Some(first.at)])
            .or("health-check-probe", 0.5, "A longer capture: probes come at regular times")
            .or_if(
                side == Side::Server,
                "server-timeout-waiting-client",
                0.5,
                "The client program's log: whether it had meant to ask something",
            ),
    )
}

/// The client said nothing under TLS, and what little the server said came right behind the handshake: tickets (RFC 8446 §4.6.1) of another size
/// than usual, HTTP/2's settings, or a greeting.
fn only_welcomed(case: &Case<'_>) -> bool {
    let talk = &case.facts.talk;
    let finished = case.facts.tls.as_deref().and_then(|tls| tls.last_handshake[Side::Client]);
    let soon = (2.0 * case.rtt()).max(AT_ONCE);
    talk.first[Side::Client].is_none()
        && case.is_tls()
        && talk.bytes[Side::Server] <= OPENED
        && talk.last[Side::Server]
            .zip(finished)
            .is_some_and(|(said, finished)| said.at.after(finished) <= soon)
}
