use crate::case::Case;
use crate::finding::Finding;
use crate::{GoodbyeKind, words};
use hangup_wire::Side;

/// `planned-server-close`: the server closes by rule after a response.
///
/// Signature: the response is complete and the server closes within a round trip (RFC 9112 §9.6):
/// `Connection: close`, HTTP/1.0, after the N-th request, or because the protocol works so. Or the client has taken its leave in
/// the protocol's own words, such as LDAP's `UnbindRequest`, to which the server answers by closing (RFC 4511 §4.3). Against: a pause
/// (`server-idle-timeout`), no TLS goodbye.
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let first = case.first_of(Side::Server)?;
    let talk = &case.facts.talk;
    let farewell = case.farewell(Side::Client).filter(|_| case.outstanding.spoke_last == Some(Side::Client));
    let said_all = case.outstanding.spoke_last == Some(Side::Server) || farewell.is_some();
    if case.owed() || first.kind == GoodbyeKind::Rst || !said_all {
        return None;
    }
    let at_once = case.idle() <= (1.5 * case.rtt()).max(0.05);
    let unclean = case.is_tls() && case.facts.tls.is_some() && !case.first_is_polite();
    if !(at_once && !unclean || talk.close_announced) {
        return None;
    }
    let answers = case.siblings.group.answers_server();
    let usual = answers.median().unwrap_or(0.0);
    let fixed = answers.seen() >= 4
        && answers.share_within(usual, usual) >= 0.75
        && (f64::from(talk.answers) - usual).abs() < 0.5;
    let after = if farewell.is_some() { "the client's last words" } else { "the end of its answer" };
    let spoke = farewell.map_or(case.last_words(Side::Server), |farewell| Some(farewell.at));
    Some(
        case.finding(0.7)
            .says(
                format_args!("The server closed {} after {after}", words::time(case.idle())),
                [spoke, Some(first.at)],
            )
            .supported(
                farewell.is_some(),
                0.6,
                format_args!("Nothing was outstanding: {}", case.outstanding.why),
                [spoke],
            )
            .supported(
                talk.close_announced,
                0.85,
                "The answer had announced it",
                [case.last_words(Side::Server)],
            )
            .supported(
                talk.outstanding == Some(false),
                0.3,
                "The protocol shows that the answer was complete",
                [],
            )
            .supported(
                fixed,
                0.5,
                format_args!("It does so on this client's connections after {usual} answer(s) each time"),
                [],
            )
            .or(
                "server-clean-goodbye",
                0.6,
                "The server's settings: whether it closes after so many requests",
            ),
    )
}
