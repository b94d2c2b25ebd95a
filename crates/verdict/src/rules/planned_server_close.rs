use crate::case::Case;
use crate::finding::Finding;
use crate::{GoodbyeKind, words};
use hangup_wire::Side;

/// `planned-server-close`: the server closes by rule after a response.
///
/// Signature: the response is complete and the server closes within a round trip (RFC 9112 §9.6):
/// `Connection: close`, HTTP/1.0, after the N-th request, or because the protocol works so. Against: a pause
/// (`server-idle-timeout`), no TLS goodbye.
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let first = case.first_of(Side::Server)?;
    let talk = &case.facts.talk;
    if case.owed()
        || first.kind == GoodbyeKind::Rst
        || case.roles.unheard.is_some()
        || case.outstanding.spoke_last != Some(Side::Server)
    {
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
    Some(
        case.finding(0.7)
            .says(
                format_args!("The server closed {} after the end of its answer", words::time(case.idle())),
                [case.last_words(Side::Server), Some(first.at)],
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
