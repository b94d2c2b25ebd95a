use crate::case::Case;
use crate::finding::Finding;
use crate::group::Shape;
use crate::last_words::SHORT;
use crate::{EndedBy, GoodbyeKind, Looks, Outcome, words};
use hangup_wire::Side;

/// `planned-server-close`: the server closes by rule after a response.
///
/// Signature: the client had asked, the response is complete, and the server closes within a round trip (RFC 9112
/// §9.6): `Connection: close`, HTTP/1.0, after the N-th request, or because the protocol works so. Or the client has taken
/// its leave in the protocol's own words, such as LDAP's `UnbindRequest`, to which the server answers by closing (RFC 4511
/// §4.3). Without a TLS goodbye only where siblings end so after as many answers, or where a protocol of text lines went
/// over to TLS and the client's last words are as short as its log-off. Against: a pause (`server-idle-timeout`), nothing
/// was asked.
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let first = case.first_of(Side::Server)?;
    let talk = &case.facts.talk;
    let farewell = case.farewell(Side::Client).filter(|_| case.outstanding.spoke_last == Some(Side::Client));
    let said_all = case.outstanding.spoke_last == Some(Side::Server) || farewell.is_some();
    if case.owed()
        || first.kind == GoodbyeKind::Rst
        || case.roles.unheard.is_some()
        || !said_all
        || talk.last[Side::Client].is_none()
        || case.outstanding.notice.is_some()
    {
        return None;
    }
    let at_once = case.idle() <= (1.5 * case.rtt()).max(0.05);
    let unclean = case.is_tls() && !case.first_is_polite();
    let answers = case.siblings.group.answers_server();
    let usual = answers.median().unwrap_or(0.0);
    let fixed = answers.seen() >= 4
        && answers.share_within(usual, usual) >= 0.75
        && (f64::from(talk.answers) - usual).abs() < 0.5;
    let alike = fixed && ends_alike(case);
    let quit = logged_off(case);
    if !(at_once && (!unclean || alike || quit) || talk.close_announced) {
        return None;
    }
    let after = if farewell.is_some() { "the client's last words" } else { "the end of its answer" };
    let spoke = farewell.map_or(case.last_words(Side::Server), |farewell| Some(farewell.at));
    let finding = case
        .finding(if unclean { 0.5 } else { 0.7 })
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
        .supported(talk.close_announced, 0.85, "The answer had announced it", [case.last_words(Side::Server)])
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
        .supported(
            unclean && quit,
            0.3,
            "The client's last words are as short as the log-off of such a protocol, and were answered",
            [case.last_words(Side::Client), case.last_words(Side::Server)],
        )
        .or("server-clean-goodbye", 0.6, "The server's settings: whether it closes after so many requests");
    let unread = case.facts.tls.is_none() && case.reset_in_one_move(first.at).is_some();
    let sure = (case.outstanding.value == Some(false) || talk.close_announced || alike || quit)
        && !(unread && talk.outstanding.is_none() && !talk.close_announced);
    Some(if sure { finding } else { finding.outcome(Outcome::Undecided) })
}

/// Three and more others of this client's connections to this server end with such a goodbye of the server.
fn ends_alike(case: &Case<'_>) -> bool {
    let kind = case.first().map(|first| first.kind);
    let with =
        |outstanding| case.siblings.group.with_shape(Shape { ender: EndedBy::Server, kind, outstanding });
    with(None) + with(Some(false)) >= 4
}

/// The connection began in lines of text (SMTP, POP3, IMAP: `STARTTLS`), and the client's last words are as short as `QUIT`
/// in a record.
fn logged_off(case: &Case<'_>) -> bool {
    let opening = &case.facts.opening;
    case.is_tls()
        && opening[Side::Server] == Some(Looks::Text)
        && opening[Side::Client] != Some(Looks::Tls)
        && case.facts.talk.run_bytes[Side::Client] <= SHORT
}
