//! Who spoke, when and how much: what makes *outstanding* mean something.

use crate::Place;
use hangup_wire::{Moment, PerSide, Side};

/// The application bytes of a conversation. For TLS these are records that carry application data (lengths of
/// records), for anything else segments with payload. What only a second turn, or a pause, brings stands apart: many
/// connections ask once, are answered once, and wait.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Talk {
    /// How often each side began to speak: first of all, or after the other had spoken.
    pub turns: PerSide<u32>,
    /// First application bytes of each side.
    pub first: PerSide<Option<Spoken>>,
    /// Last application bytes of each side.
    pub last: PerSide<Option<Spoken>>,
    /// Application bytes in all.
    pub bytes: PerSide<u64>,
    replies: PerSide<Replies>,
    /// Who spoke last.
    pub last_speaker: Option<Side>,
    further: Option<Box<Further>>,
}

/// What only a second turn of a side, or a pause, brings.
#[derive(Clone, Debug, Default, PartialEq)]
struct Further {
    /// Start of the last turn of each side, from its second one on.
    run: PerSide<Option<Spoken>>,
    prior: PerSide<Option<Spoken>>,
    /// What each side had said in all before its last turn.
    before: PerSide<u64>,
    beat: PerSide<Beat>,
    pause: Option<Pause>,
    lull: PerSide<Lull>,
}

/// The shortest and the longest time from the last words of one side to the first ones of the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replies {
    /// In microseconds, at most an hour and eleven minutes.
    pub quickest: u32,
    /// In microseconds, at most an hour and eleven minutes.
    pub slowest: u32,
}

impl Default for Replies {
    /// None yet: the quickest one is slower than the slowest.
    fn default() -> Self {
        Self { quickest: u32::MAX, slowest: 0 }
    }
}

impl Replies {
    /// One more, so many nanoseconds after the other side's last words.
    fn add(&mut self, nanoseconds: i64) {
        let after = u32::try_from(nanoseconds.max(0) / 1000).unwrap_or(u32::MAX);
        *self = Self { quickest: self.quickest.min(after), slowest: self.slowest.max(after) };
    }
}

/// The longest pauses within what a side says in one turn: it had stopped for so long before, and gone on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lull {
    /// The longest one, in milliseconds; 0 where there was none.
    pub milliseconds: u32,
    /// How many there were that lasted at least half as long as the longest one before them.
    pub times: u16,
}

impl Lull {
    /// The shortest one, in nanoseconds: packets of one piece come closer together.
    const SHORTEST: i64 = 50_000_000;

    /// The side went on after so long.
    #[cold]
    fn over(&mut self, nanoseconds: i64) {
        let milliseconds = u32::try_from(nanoseconds / 1_000_000).unwrap_or(u32::MAX);
        if milliseconds / 2 > self.milliseconds {
            *self = Self { milliseconds, times: 1 };
        } else if milliseconds >= self.milliseconds / 2 {
            *self = Self {
                milliseconds: self.milliseconds.max(milliseconds),
                times: self.times.saturating_add(1),
            };
        }
    }
}

/// The rhythm in which a side begins to speak, as its last turns have it. A beat that the capture lacks, or has a
/// little out of its place, does not end it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Beat {
    /// Milliseconds from one regular turn to the next; 0 where there was one turn at most.
    pub gap: u32,
    /// So many gaps were like the regular one before each: within a sixteenth.
    pub steady: u16,
    /// So many gaps since the last regular one were not like it.
    odd: u16,
}

impl Beat {
    /// Odd gaps in a row that do not yet end a rhythm.
    const ODD: u16 = 2;

    /// One more turn began, so long after the one before.
    fn turn(&mut self, nanoseconds: i64) {
        let gap =
            u32::try_from(nanoseconds / 1_000_000).unwrap_or(if nanoseconds < 0 { 0 } else { u32::MAX });
        let slack = self.gap / 16;
        let twice = self.gap.saturating_mul(2);
        if self.gap > 0 && gap.abs_diff(self.gap) <= slack {
            *self = Self { gap, steady: self.steady.saturating_add(1), odd: 0 };
        } else if self.steady > 0
            && self.odd < Self::ODD
            && (gap < self.gap / 8 || gap.abs_diff(twice) <= 2 * slack)
        {
            self.odd += 1;
        } else {
            *self = Self { gap, ..Self::default() };
        }
    }
}

/// A pause in which neither side said anything, and what came after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// How long it was, in milliseconds.
    pub milliseconds: u32,
    /// Bytes that the side said in all which broke it.
    pub bytes: u32,
    /// Who had spoken last before it.
    pub after: Side,
    /// Who broke it.
    pub by: Side,
    /// The other side said something after that.
    pub answered: bool,
}

impl Pause {
    /// The shortest one, in nanoseconds.
    const SHORTEST: i64 = 1_000_000_000;

    /// `by` begins to speak, so long after `after` had said something, with so many bytes. A shorter pause within what is
    /// said in one breath does not replace a longer one.
    #[cold]
    fn begin(before: Option<Self>, nanoseconds: i64, after: Side, by: Side, length: u32) -> Self {
        let milliseconds = u32::try_from(nanoseconds / 1_000_000).unwrap_or(u32::MAX);
        match before {
            Some(mut pause) if pause.by == by && !pause.answered && milliseconds < pause.milliseconds => {
                pause.heard(by, length);
                pause
            }
            _ => Self { milliseconds, bytes: length, after, by, answered: false },
        }
    }

    /// `by` says more, without such a pause before it.
    #[inline]
    fn heard(&mut self, by: Side, length: u32) {
        if by == self.by {
            self.bytes = self.bytes.saturating_add(length);
        } else {
            self.answered = true;
        }
    }
}

/// Bytes of application data. Up to eight are kept of every connection, so it takes 32 bytes: offsets are of 48 bits, 281
/// terabytes, and saturate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spoken {
    /// The packet that brought (the end of) them.
    pub at: Moment,
    /// How many: payload of the segment, or length of the TLS record.
    pub length: u32,
    end_low: u32,
    ack_low: u32,
    end_high: u16,
    ack_high: u16,
}

impl Talk {
    /// `side` said something.
    #[inline]
    pub(crate) fn heard(&mut self, side: Side, spoken: Spoken) {
        if let Some(speaker) = self.last_speaker
            && let Some(before) = self.last[speaker]
        {
            let quiet = spoken.at.time.0.saturating_sub(before.at.time.0);
            if quiet >= Pause::SHORTEST {
                self.paused(quiet, speaker, side, spoken.length);
            } else if let Some(pause) = self.further.as_mut().and_then(|further| further.pause.as_mut()) {
                pause.heard(side, spoken.length);
            }
            if speaker != side {
                self.replies[side].add(quiet);
            } else if quiet >= Lull::SHORTEST {
                self.further().lull[side].over(quiet);
            }
        }
        if self.last_speaker != Some(side) {
            self.begin(side, spoken);
        }
        self.last[side] = Some(spoken);
        self.bytes[side] = self.bytes[side].saturating_add(spoken.length.into());
    }

    /// A turn of `side` begins.
    #[inline]
    fn begin(&mut self, side: Side, spoken: Spoken) {
        self.last_speaker = Some(side);
        self.turns[side] = self.turns[side].saturating_add(1);
        if self.first[side].is_none() {
            self.first[side] = Some(spoken);
            return;
        }
        let (began, last, bytes) = (self.run(side), self.last[side], self.bytes[side]);
        let further = self.further();
        if let Some(before) = began {
            further.beat[side].turn(spoken.at.time.0.saturating_sub(before.at.time.0));
        }
        further.run[side] = Some(spoken);
        further.prior[side] = last;
        further.before[side] = bytes;
        further.lull[side] = Lull::default();
    }

    #[cold]
    fn paused(&mut self, nanoseconds: i64, after: Side, by: Side, length: u32) {
        let further = self.further();
        further.pause = Some(Pause::begin(further.pause, nanoseconds, after, by, length));
    }

    #[inline]
    fn further(&mut self) -> &mut Further {
        self.further.get_or_insert_default()
    }

    /// Start of the last turn of `side`.
    pub fn run(&self, side: Side) -> Option<Spoken> {
        self.further.as_ref().and_then(|further| further.run[side]).or(self.first[side])
    }

    /// The last words of the turn of `side` before its last one.
    pub fn prior(&self, side: Side) -> Option<Spoken> {
        self.further.as_ref().and_then(|further| further.prior[side])
    }

    /// Application bytes of the last turn of `side`.
    pub fn run_bytes(&self, side: Side) -> u64 {
        self.bytes[side].saturating_sub(self.further.as_ref().map_or(0, |further| further.before[side]))
    }

    /// Whether `side` begins to speak at regular times.
    pub fn beat(&self, side: Side) -> Beat {
        self.further.as_ref().map_or_else(Beat::default, |further| further.beat[side])
    }

    /// How soon `side` began to speak when the other had spoken; none where it never did.
    pub fn replies(&self, side: Side) -> Option<Replies> {
        Some(self.replies[side]).filter(|replies| replies.quickest <= replies.slowest)
    }

    /// The last time that nobody had said anything for a second and longer.
    pub fn pause(&self) -> Option<Pause> {
        self.further.as_ref().and_then(|further| further.pause)
    }

    /// The longest pauses that `side` made within its last turn.
    pub fn lull(&self, side: Side) -> Lull {
        self.further.as_ref().map_or_else(Lull::default, |further| further.lull[side])
    }

    /// Asks the processor for what lies apart.
    #[inline]
    pub(crate) fn ask(&self) {
        if let Some(further) = self.further.as_deref() {
            hangup_prefetch::all(further);
        }
    }

    /// Nobody has said anything yet.
    pub fn is_silent(&self) -> bool {
        self.last_speaker.is_none()
    }

    /// How much memory it takes beyond itself.
    pub(crate) fn kept(&self) -> usize {
        self.further.as_deref().map_or(0, size_of_val)
    }

    /// The same with the two ends exchanged.
    #[must_use]
    pub fn swapped(self) -> Self {
        Self {
            turns: self.turns.swapped(),
            last_speaker: self.last_speaker.map(Side::other),
            first: self.first.swapped(),
            last: self.last.swapped(),
            bytes: self.bytes.swapped(),
            replies: self.replies.swapped(),
            further: self.further.map(|further| Box::new(further.swapped())),
        }
    }
}

impl Further {
    fn swapped(self) -> Self {
        Self {
            run: self.run.swapped(),
            prior: self.prior.swapped(),
            before: self.before.swapped(),
            beat: self.beat.swapped(),
            pause: self.pause.map(|pause| Pause {
                after: pause.after.other(),
                by: pause.by.other(),
                ..pause
            }),
            lull: self.lull.swapped(),
        }
    }
}

impl Spoken {
    /// `length` bytes, with the offset behind them and how far their packet acknowledges the other side's stream.
    #[inline]
    pub(crate) const fn new(at: Moment, length: u32, end: u64, ack: u64) -> Self {
        let ((end_low, end_high), (ack_low, ack_high)) = (halved(end), halved(ack));
        Self { at, length, end_low, ack_low, end_high, ack_high }
    }

    /// `length` bytes that begin at `place`.
    #[inline]
    pub(crate) fn segment(length: usize, place: &Place) -> Self {
        let bytes = u32::try_from(length).unwrap_or(u32::MAX);
        Self::new(place.at, bytes, place.further(length).offset, place.ack)
    }

    /// Offset behind them in the sender's stream.
    #[inline]
    pub const fn end(&self) -> u64 {
        (self.end_high as u64) << 32 | self.end_low as u64
    }

    /// How far their packet acknowledges the other side's stream.
    #[inline]
    pub const fn ack(&self) -> u64 {
        (self.ack_high as u64) << 32 | self.ack_low as u64
    }
}

/// The lower 32 and the upper 16 bits of an offset.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "what does not fit into 48 bits is made to")]
const fn halved(offset: u64) -> (u32, u16) {
    let most = (1 << 48) - 1;
    let offset = if offset > most { most } else { offset };
    (offset as u32, (offset >> 32) as u16)
}

#[cfg(test)]
mod tests {
    use super::{Lull, Spoken, Talk};
    use hangup_wire::{Moment, Side, Timestamp};

    #[test]
    fn a_pause_is_kept_with_what_came_after_it() {
        let mut talk = Talk::default();
        let mut say = |side, second: i64, length| {
            let at = Moment::new(0, 1, Timestamp(second * 1_000_000_000));
            talk.heard(side, Spoken { at, length, ..Spoken::default() });
            talk.pause().map(|pause| (pause.milliseconds, pause.bytes, pause.after, pause.by, pause.answered))
        };
        assert_eq!(say(Side::Client, 0, 500), None);
        assert_eq!(say(Side::Server, 0, 900), None);
        assert_eq!(say(Side::Server, 60, 34), Some((60_000, 34, Side::Server, Side::Server, false)));
        assert_eq!(say(Side::Server, 65, 19), Some((60_000, 53, Side::Server, Side::Server, false)));
        assert_eq!(say(Side::Client, 65, 19), Some((60_000, 53, Side::Server, Side::Server, true)));
        assert_eq!(say(Side::Server, 67, 80), Some((2_000, 80, Side::Client, Side::Server, false)));
    }

    #[test]
    fn the_quickest_and_the_slowest_reply_are_kept() {
        let mut talk = Talk::default();
        let mut say = |side, millis: i64| {
            let at = Moment::new(0, 1, Timestamp(millis * 1_000_000));
            talk.heard(side, Spoken { at, length: 10, ..Spoken::default() });
            talk.replies(side).map(|replies| (replies.quickest, replies.slowest))
        };
        assert_eq!(say(Side::Client, 0), None);
        assert_eq!(say(Side::Client, 500), None);
        assert_eq!(say(Side::Server, 502), Some((2000, 2000)));
        assert_eq!(say(Side::Server, 900), Some((2000, 2000)));
        assert_eq!(say(Side::Client, 1000), Some((100_000, 100_000)));
        assert_eq!(say(Side::Server, 1030), Some((2000, 30_000)));
        assert_eq!(talk.swapped().replies(Side::Client).map(|replies| replies.slowest), Some(30_000));
    }

    #[test]
    fn what_a_side_paused_for_within_one_turn_is_kept() {
        let mut talk = Talk::default();
        let mut say = |side, millis: i64| {
            let at = Moment::new(0, 1, Timestamp(millis * 1_000_000));
            talk.heard(side, Spoken { at, length: 10, ..Spoken::default() });
            (talk.lull(side).milliseconds, talk.lull(side).times)
        };
        assert_eq!(say(Side::Client, 0), (0, 0));
        assert_eq!(say(Side::Server, 300), (0, 0));
        assert_eq!(say(Side::Server, 349), (0, 0));
        assert_eq!(say(Side::Server, 399), (50, 1));
        assert_eq!(say(Side::Server, 599), (200, 1));
        assert_eq!(say(Side::Server, 699), (200, 2));
        assert_eq!(say(Side::Server, 798), (200, 2));
        assert_eq!(say(Side::Server, 1099), (301, 3));
        assert_eq!(say(Side::Client, 1500), (0, 0));
        assert_eq!(say(Side::Server, 1600), (0, 0));
        assert_eq!(talk.swapped().lull(Side::Client), Lull::default());
    }

    #[test]
    fn turns_are_counted_by_changes_of_direction() {
        let mut talk = Talk::default();
        let at = Moment::new(0, 1, Timestamp(0));
        for side in [Side::Client, Side::Client, Side::Server, Side::Client] {
            talk.heard(side, Spoken { at, length: 10, ..Spoken::default() });
        }
        assert_eq!((talk.turns.client, talk.turns.server), (2, 1));
        assert_eq!((talk.run_bytes(Side::Client), talk.bytes.client), (10, 30));
        assert!(talk.prior(Side::Client).is_some() && talk.prior(Side::Server).is_none());
        let swapped = talk.swapped();
        assert_eq!((swapped.turns.server, swapped.last_speaker), (2, Some(Side::Server)));
    }

    #[test]
    fn it_stays_small_and_far_offsets_saturate() {
        assert_eq!((size_of::<Spoken>(), size_of::<Option<Spoken>>()), (32, 32));
        let at = Moment::new(0, 1, Timestamp(0));
        for (offset, kept) in [(0, 0), ((1 << 40) + 7, (1 << 40) + 7), (u64::MAX, (1 << 48) - 1)] {
            let spoken = Spoken::new(at, 1, offset, offset);
            assert_eq!((spoken.end(), spoken.ack()), (kept, kept));
        }
    }
}
