//! Zeek's history letters: what happened on a connection, in the order in which each thing happened first.

use hangup_wire::Side;

/// Zeek's `history` of a connection (base/protocols/conn/main.zeek): `s` SYN, `h` SYN-ACK, `a` pure ACK, `d`
/// data, `f` FIN, `r` RST, `t` sent again, `w` zero window, `g` gap; upper case from the client. `t`, `w`
/// and `g` stand again at the 10th, 100th, ... time. A leading `^` says that the roles were exchanged.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct History {
    seen: PerLetter,
    length: u8,
    letters: [u8; 18],
}

type PerLetter = u32;

/// What can happen, in Zeek's letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Letter {
    /// `s`: SYN.
    Syn,
    /// `h`: SYN-ACK.
    SynAck,
    /// `a`: nothing but an ACK.
    Ack,
    /// `d`: data.
    Data,
    /// `f`: FIN.
    Fin,
    /// `r`: RST.
    Rst,
    /// `t`: sent again.
    Again,
    /// `w`: a window of 0.
    Window,
    /// `g`: bytes that the capture does not have.
    Gap,
}

impl History {
    /// Notes that `side` did `letter` for the `count`-th time.
    #[inline]
    pub fn note(&mut self, side: Side, letter: Letter, count: u32) {
        let bit = 1 << (letter as u32 * 2 + u32::from(side == Side::Client));
        if self.seen & bit == 0 || count >= 10 {
            self.write(side, letter, bit, count);
        }
    }

    #[cold]
    fn write(&mut self, side: Side, letter: Letter, bit: PerLetter, count: u32) {
        let again = matches!(count, 10 | 100 | 1_000 | 10_000 | 100_000 | 1_000_000);
        if self.seen & bit != 0 && !again {
            return;
        }
        self.seen |= bit;
        let shown = b"shadfrtwg".get(letter as usize).copied().unwrap_or(b'?');
        let shown = if side == Side::Client { shown.to_ascii_uppercase() } else { shown };
        if let Some(place) = self.letters.get_mut(usize::from(self.length)) {
            *place = shown;
            self.length += 1;
        }
    }

    /// The letters.
    pub fn letters(&self) -> &str {
        let kept = self.letters.get(..usize::from(self.length)).unwrap_or_default();
        core::str::from_utf8(kept).unwrap_or_default()
    }

    /// The letters with client and server exchanged, as Zeek shows a connection whose roles it flipped.
    pub fn flipped(&self) -> String {
        let turn = |letter: char| {
            if letter.is_ascii_uppercase() {
                letter.to_ascii_lowercase()
            } else {
                letter.to_ascii_uppercase()
            }
        };
        core::iter::once('^').chain(self.letters().chars().map(turn)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_letter_once_and_counts_in_powers_of_ten() {
        let mut history = History::default();
        history.note(Side::Client, Letter::Syn, 1);
        history.note(Side::Server, Letter::SynAck, 1);
        history.note(Side::Client, Letter::Ack, 1);
        history.note(Side::Client, Letter::Ack, 2);
        for count in 1..=12 {
            history.note(Side::Server, Letter::Again, count);
        }
        assert_eq!(history.letters(), "ShAtt");
        assert_eq!(history.flipped(), "^sHaTT");
    }
}
