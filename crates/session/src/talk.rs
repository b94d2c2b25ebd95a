//! Who spoke, when and how much: what makes *outstanding* mean something.

use crate::Place;
use hangup_wire::{Moment, PerSide, Side, Stamp};

/// The application bytes of a conversation. For TLS these are records that carry application data (lengths of
/// records), for anything else segments with payload.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Talk {
    /// How often each side began to speak: first of all, or after the other had spoken.
    pub turns: PerSide<u32>,
    /// Who spoke last.
    pub last_speaker: Option<Side>,
    /// First application bytes of each side.
    pub first: PerSide<Option<Spoken>>,
    /// Last application bytes of each side.
    pub last: PerSide<Option<Spoken>>,
    /// Start of the last turn of each side.
    pub run: PerSide<Option<Spoken>>,
    /// Application bytes of the last turn of each side.
    pub run_bytes: PerSide<u64>,
    /// Application bytes in all.
    pub bytes: PerSide<u64>,
}

/// Bytes of application data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spoken {
    /// The packet that brought (the end of) them.
    pub at: Moment,
    /// How many: payload of the segment, or length of the TLS record.
    pub length: u32,
    /// Offset behind them in the sender's stream.
    pub end: u64,
    /// How far their packet acknowledges the other side's stream.
    pub ack: u64,
}

/// Takes application bytes in; [`Talk`] is what it has heard.
#[derive(Clone, Debug, Default)]
pub(crate) struct Listener {
    last_speaker: Option<Side>,
    last: PerSide<Kept>,
    run_bytes: PerSide<u64>,
    bytes: PerSide<u64>,
    turns: PerSide<u32>,
    run: PerSide<Kept>,
    first: PerSide<Kept>,
}

/// [`Spoken`] as it is kept while a conversation lasts.
#[derive(Clone, Copy, Debug, Default)]
struct Kept {
    at: Stamp,
    end: u64,
    ack: u64,
    length: u32,
}

impl Kept {
    fn spoken(&self) -> Option<Spoken> {
        Some(Spoken { at: self.at.moment()?, length: self.length, end: self.end, ack: self.ack })
    }
}

impl Listener {
    /// `side` said `length` bytes that end at `end`.
    #[inline]
    pub(crate) fn heard(&mut self, side: Side, spoken: Spoken) {
        let Spoken { at, length, end, ack } = spoken;
        let kept = Kept { at: Stamp::new(at), end, ack, length };
        if self.last_speaker != Some(side) {
            self.last_speaker = Some(side);
            self.turns[side] = self.turns[side].saturating_add(1);
            self.run[side] = kept;
            self.run_bytes[side] = 0;
            if self.first[side].at.is_never() {
                self.first[side] = kept;
            }
        }
        self.last[side] = kept;
        self.run_bytes[side] = self.run_bytes[side].saturating_add(length.into());
        self.bytes[side] = self.bytes[side].saturating_add(length.into());
    }

    /// `side` has said something.
    pub(crate) fn has_heard(&self, side: Side) -> bool {
        !self.first[side].at.is_never()
    }

    /// How many bytes `side` has said.
    pub(crate) fn bytes(&self, side: Side) -> u64 {
        self.bytes[side]
    }

    /// What was heard.
    pub(crate) fn talk(&self) -> Talk {
        let spoken = |kept: &PerSide<Kept>| PerSide::from_fn(|side| kept[side].spoken());
        Talk {
            turns: self.turns,
            last_speaker: self.last_speaker,
            first: spoken(&self.first),
            last: spoken(&self.last),
            run: spoken(&self.run),
            run_bytes: self.run_bytes,
            bytes: self.bytes,
        }
    }
}

impl Talk {
    /// Nobody has said anything yet.
    pub fn is_silent(&self) -> bool {
        self.last_speaker.is_none()
    }

    /// The same with the two ends exchanged.
    #[must_use]
    pub fn swapped(self) -> Self {
        Self {
            turns: self.turns.swapped(),
            last_speaker: self.last_speaker.map(Side::other),
            first: self.first.swapped(),
            last: self.last.swapped(),
            run: self.run.swapped(),
            run_bytes: self.run_bytes.swapped(),
            bytes: self.bytes.swapped(),
        }
    }
}

impl Spoken {
    /// `length` bytes that begin at `place`.
    #[inline]
    pub(crate) fn segment(length: usize, place: &Place) -> Self {
        Self {
            at: place.at,
            length: u32::try_from(length).unwrap_or(u32::MAX),
            end: place.further(length).offset,
            ack: place.ack,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Listener, Spoken};
    use hangup_wire::{Moment, Side};

    #[test]
    fn turns_are_counted_by_changes_of_direction() {
        let mut listener = Listener::default();
        let at = Moment { frame: 1, ..Moment::default() };
        for side in [Side::Client, Side::Client, Side::Server, Side::Client] {
            listener.heard(side, Spoken { at, length: 10, ..Spoken::default() });
        }
        let talk = listener.talk();
        assert_eq!((talk.turns.client, talk.turns.server), (2, 1));
        assert_eq!((talk.run_bytes.client, talk.bytes.client), (10, 30));
        let swapped = talk.swapped();
        assert_eq!((swapped.turns.server, swapped.last_speaker), (2, Some(Side::Server)));
    }
}
