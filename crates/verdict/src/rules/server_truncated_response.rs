use crate::case::Case;
use crate::finding::Finding;
use crate::words;
use core::fmt::from_fn;
use hangup_wire::Side;

/// `server-truncated-response`: the answer was cut short.
///
/// Signature: the server ends the connection in the middle of a TLS record, or before the length that HTTP
/// announced (RFC 9112 §8). Against: the missing bytes are missing from the capture only.
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let first = case.first_of(Side::Server)?;
    let talk = &case.facts.talk;
    let missing = talk.half_sent[Side::Server].filter(|&missing| missing > 0);
    // An answer may come before the question is whole: then it is the question that is unfinished.
    let early = talk.half_sent[Side::Client].is_some_and(|missing| missing > 0);
    let short = !early
        && talk.outstanding == Some(true)
        && talk.last_speaker == Some(Side::Server)
        && case.outstanding.spoke_last == Some(Side::Server);
    if missing.is_none() && !short {
        return None;
    }
    let part = case.facts.sides[Side::Server]
        .last_data
        .filter(|part| missing.is_some() && part.time <= first.at.time);
    let last = part.or(case.last_words(Side::Server));
    let lost = case.facts.sides[Side::Server].missing > 0;
    let what = from_fn(|f| match missing {
        Some(bytes) => {
            write!(f, "The server stopped in the middle of a message: {bytes} bytes of it never came")
        }
        None => f.write_str("The server stopped before its answer was complete, as its protocol shows"),
    });
    Some(
        case.finding(0.7)
            .says(what, [last])
            .supported(
                true,
                0.6,
                format_args!(
                    "{} later it ended the connection",
                    words::time(last.map_or(0.0, |last| first.at.after(last)))
                ),
                [Some(first.at)],
            )
            .supported(!case.first_is_polite(), 0.4, "It said no proper goodbye", [Some(first.at)])
            .doubted(
                lost,
                0.5,
                "Bytes of the server are missing from the capture: the rest may have been sent",
                [],
            ),
    )
}
