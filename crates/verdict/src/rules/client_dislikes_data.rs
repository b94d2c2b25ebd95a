use crate::case::Case;
use crate::finding::Finding;
use crate::words;
use hangup_wire::Side;

/// Fewest siblings that went further.
const LONGER: u32 = 3;
/// The share of all that the client ended which must have gone so far.
const AGREE: f64 = 0.75;

/// `client-dislikes-data`: the client hung up right after it had received something.
///
/// Signature: the server's data, within a round trip or a tenth of a second the client's goodbye (RFC 9293
/// §3.6), nothing outstanding for certain, and at most half as many answers as nearly all of three and more
/// siblings had, which agree with each other. Against: siblings of all lengths (`client-clean-goodbye`), an
/// answer cut short (`client-abort`).
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let first = case.first_of(Side::Client)?;
    if case.owed() || case.outstanding.spoke_last != Some(Side::Server) {
        return None;
    }
    let last = case.last_words(Side::Server)?;
    let after = first.at.after(last);
    if after > (1.5 * case.rtt()).max(0.1) {
        return None;
    }
    let answers = f64::from(case.facts.talk.answers);
    let samples = case.siblings.group.answers_client();
    let usual = samples.median()?;
    let slack = (usual * 0.15).max(0.5);
    let longer = samples.about_within(usual - slack, f64::INFINITY);
    if 2.0 * answers > usual || longer < LONGER || samples.share_within(usual - slack, usual + slack) < AGREE
    {
        return None;
    }
    Some(
        case.finding(0.45)
            .says(
                format_args!("The server said something, and {} later the client hung up", words::time(after.max(0.0))),
                [Some(last), Some(first.at)],
            )
            .supported(
                true,
                0.3,
                format_args!(
                    "The conversation had {answers} answer(s); about {longer} other connections of this client had about {usual}"
                ),
                [],
            )
            .supported(samples.seen() >= 10, 0.2, "Ten and more connections say how long such a conversation is", [])
            .doubted(case.lossy(), 0.3, "Packets are missing from the capture", [])
            .or(
                "client-clean-goodbye",
                0.7,
                "The client program's log: whether it was content with what it got",
            ),
    )
}
