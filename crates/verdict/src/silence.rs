//! Silence: something was said, and said again, and nobody answered.

use crate::roles::{answers_challenge, without_effect};
use crate::{Act, ActKind, Facts, Moment, Unanswered, UnansweredKind};
use hangup_wire::{Side, Timestamp};

/// So often must something have been said in vain before it counts, whatever the time.
const TRIES: u32 = 3;
/// So long must an answer have been awaited, where it was said less often, in seconds.
const PATIENCE: f64 = 3.0;
/// The shortest retransmission timer in use (Linux), in seconds: a side that closes sooner did not wait.
const SHORTEST_TIMER: f64 = 0.2;

/// The longest round trip that is believed where an acknowledgment is awaited, in seconds.
const LONGEST_WAY: f64 = 1.0;

/// A side that fell silent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Silence {
    /// Who fell silent.
    pub(crate) silent: Side,
    /// What it left unanswered.
    pub(crate) kind: UnansweredKind,
    /// The first packet that went unanswered.
    pub(crate) since: Moment,
    /// The last try.
    pub(crate) last: Moment,
    /// How often it was sent.
    pub(crate) tries: u32,
    /// Seconds in which an answer could have come.
    pub(crate) waited: f64,
}

impl Silence {
    /// The silence that came before every act of closing, if there is one; `end` is the end of the capture.
    ///
    /// What is merely unanswered when the capture ends is no silence: it takes three tries, or more time than
    /// any answer needs.
    pub(crate) fn of(facts: &Facts, end: Timestamp) -> Option<Self> {
        Side::BOTH
            .into_iter()
            .filter_map(|talker| Self::towards(facts, talker, end))
            .min_by_key(|silence| silence.since.time)
    }

    /// Seconds without a word of the side that fell silent before the first of what it left unanswered. None
    /// where that side was never heard, or a SYN went unanswered.
    pub(crate) fn quiet_before(&self, facts: &Facts) -> Option<f64> {
        let heard = facts.sides[self.silent].last?;
        (self.kind != UnansweredKind::Syn).then(|| self.since.after(heard))
    }

    /// From when on a word of the side that fell silent is news: its last one on this connection may have come behind the first packet that it
    /// left unanswered. What it said when it was over shows that it was there.
    pub(crate) fn after_own(&self, facts: &Facts) -> Timestamp {
        let heard = facts.sides[self.silent].last.map(|heard| heard.time);
        heard
            .filter(|&heard| heard <= self.last.time)
            .map_or(self.since.time, |heard| heard.max(self.since.time))
    }

    /// The silence of the side that `talker` talks to.
    fn towards(facts: &Facts, talker: Side, end: Timestamp) -> Option<Self> {
        let unanswered = facts.sides[talker].unanswered?;
        let calling = talker == Side::Client && unanswered.kind == UnansweredKind::Syn;
        if facts.sides[talker.other()].packets == 0 && !calling {
            // Who has no packet in the capture at all did not fall silent: that direction was not captured.
            return None;
        }
        let since = unanswered.since;
        let round_trip = facts.rtt_seconds().unwrap_or(0.0);
        let own_decision = round_trip.max(SHORTEST_TIMER);
        let mut until = end.max(facts.last.time);
        for act in facts.acts.iter().filter(|act| closes(facts, act)) {
            if act.at.time <= since.time || act.from == Some(talker.other()) {
                return None;
            }
            if act.at.after(since) < own_decision {
                return None;
            }
            if matches!(act.kind, ActKind::Rst(_)) {
                until = until.min(act.at.time);
            }
        }
        let waited = since.until(until);
        // A living host says it again within that time (RFC 6298 §5). Data that was sent once and never again
        // was answered, or its sender was gone: either way the capture lacks what would tell.
        let again = unanswered.tries >= 2 || unanswered.kind == UnansweredKind::Syn;
        let enough = unanswered.tries >= TRIES || (again && waited > PATIENCE.max(10.0 * round_trip));
        enough.then_some(Self {
            silent: talker.other(),
            kind: unanswered.kind,
            since,
            last: unanswered.last,
            tries: unanswered.tries,
            waited,
        })
    }
}

/// What the sender of `goodbye`, a FIN, had said again and again by then, and nobody had acknowledged: it hung up by itself
/// before its kernel gave up. Whether the other side was heard again later does not matter.
pub(crate) fn in_vain(facts: &Facts, goodbye: &Act) -> Option<Unanswered> {
    let ActKind::Fin { acked, in_vain: Some(unanswered), .. } = &goodbye.kind else { return None };
    if facts.sides[goodbye.from?.other()].packets == 0 {
        return None;
    }
    // An acknowledgment that comes at once was on its way already. A handshake may have been slow for its own reasons.
    let way = facts.rtt_seconds().unwrap_or(0.0).clamp(SHORTEST_TIMER, LONGEST_WAY);
    let arrived = acked.is_some_and(|acked| acked.after(goodbye.at) <= way);
    (unanswered.tries >= TRIES && !arrived).then_some(*unanswered)
}

/// An act that may end a connection at all, from one of its two ends.
fn closes(facts: &Facts, act: &Act) -> bool {
    match &act.kind {
        ActKind::Alert(alert) => alert.ends(),
        ActKind::Rst(rst) => !without_effect(act, rst, false) && !answers_challenge(facts, act, rst),
        ActKind::Icmp(_) => false,
        ActKind::Fin { .. } | ActKind::Application(_) => true,
    }
}
