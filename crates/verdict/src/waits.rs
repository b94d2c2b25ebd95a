//! For how long a server waited for its client's words, or for the rest of them, before it hung up.

use crate::last_words::AT_ONCE;
use crate::{Facts, Handshake, Moment};
use hangup_wire::Side;

/// Bytes at most of the words with which a server hangs up, such as a status of 408.
pub(crate) const PARTING: u64 = 512;

/// Seconds from the client's last words (from the handshake where there were none) to the `goodbye` of a server
/// that had been promised more: nothing was said at all, or a message was begun and not finished.
pub(crate) fn wait_in_vain(facts: &Facts, goodbye: Moment) -> Option<f64> {
    let client = &facts.sides[Side::Client];
    let connected = facts.handshake == Handshake::Complete;
    let half = facts.talk.half_sent[Side::Client].is_some_and(|missing| missing > 0);
    let mute = connected && client.bytes == 0;
    let since = if half { client.last_data? } else { facts.first };
    (half || mute).then(|| goodbye.after(since))
}

/// Seconds from the call to the `goodbye` of a server that never answered what the client had said, not at once behind the handshake.
pub(crate) fn age_unanswered(facts: &Facts, goodbye: Moment) -> Option<f64> {
    let age = goodbye.after(facts.first);
    let said = facts.talk.first[Side::Client]?.at.after(facts.first);
    let mute = said_no_more(facts, goodbye) && facts.handshake == Handshake::Complete;
    (mute && said > (age / 50.0).max(0.1)).then_some(age)
}

/// For how long a server let a line under TLS stand, in seconds as it has them.
pub(crate) struct Stood {
    /// From the client's Finished.
    pub(crate) since_handshake: f64,
    /// From the client's last word; none where it said nothing.
    pub(crate) since_word: Option<f64>,
}

/// For how long a server let a line stand that said nothing under TLS but perhaps why it hangs up, until its `goodbye`.
pub(crate) fn stood_unanswered(facts: &Facts, goodbye: Moment) -> Option<Stood> {
    let since_handshake = since_handshake(facts, goodbye)?;
    let since_word = facts.talk.last[Side::Client].map(|spoken| as_server_has_it(facts, spoken.at, goodbye));
    (said_no_more(facts, goodbye) && since_handshake >= 1.0).then_some(Stood { since_handshake, since_word })
}

/// Seconds from the client's Finished to `goodbye`, as the server has them.
pub(crate) fn since_handshake(facts: &Facts, goodbye: Moment) -> Option<f64> {
    let finished = facts.tls.as_deref()?.last_handshake[Side::Client]?;
    Some(as_server_has_it(facts, finished, goodbye))
}

/// Seconds from something of the client's to something of the server's, as the server has them: here they are longer by the way there and back.
fn as_server_has_it(facts: &Facts, from: Moment, to: Moment) -> f64 {
    to.after(from) - facts.server_rtt_seconds().unwrap_or(0.0)
}

/// Until its `goodbye` the server said nothing but, right before that, perhaps why it hangs up.
fn said_no_more(facts: &Facts, goodbye: Moment) -> bool {
    facts.talk.first[Side::Server].is_none_or(|spoken| {
        goodbye.after(spoken.at).abs() <= AT_ONCE && facts.talk.bytes[Side::Server] <= PARTING
    })
}
