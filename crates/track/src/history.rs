//! Zeek's history letters: what happened on a connection, in the order in which each thing happened first.

use hangup_wire::Side;

/// Zeek's `history` of a connection (base/protocols/conn/main.zeek): `s` SYN, `h` SYN-ACK, `a` pure ACK, `d`
/// data, `f` FIN, `r` RST, `t` sent again, `w` zero window, `g` gap; upper case from the client. `t`, `w`
/// and `g` stand again at the 10th, 100th, ... time. A leading `^` says that the roles were exchanged.
#[derive(Clone, Copy, Debug, Default)]
pub struct History {
    /// A bit for each letter that stands: see [`bit`].
    seen: u32,
    /// Letters so far, six in a word, each in five bits: one more than the number of its bit, 0 behind the last.
    letters: [u32; 3],
}

/// The number of the bit of `letter` from `side`.
const fn bit(side: Side, letter: Letter) -> u32 {
    letter as u32 * 2 + matches!(side, Side::Client) as u32
}

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
        if self.seen & 1 << bit(side, letter) == 0 || count >= 10 {
            self.write(bit(side, letter), count);
        }
    }

    #[cold]
    fn write(&mut self, bit: u32, count: u32) {
        let again = matches!(count, 10 | 100 | 1_000 | 10_000 | 100_000 | 1_000_000);
        if self.seen & 1 << bit != 0 && !again {
            return;
        }
        self.seen |= 1 << bit;
        // The first word with its sixth place free.
        if let Some(word) = self.letters.iter_mut().find(|word| **word >> 25 == 0) {
            let letters = (u32::BITS - word.leading_zeros()).div_ceil(5);
            *word |= (bit + 1) << (letters * 5);
        }
    }

    /// Zeek's letters of the client and of the server, each as a number from 0 and whether it is the client's.
    fn codes(&self) -> impl Iterator<Item = (usize, bool)> + '_ {
        let codes = self.letters.iter().flat_map(|word| (0..6).map(move |place| word >> (place * 5) & 31));
        codes.take_while(|&code| code > 0).map(|code| ((code as usize - 1) / 2, (code - 1) % 2 == 1))
    }

    /// The letters.
    pub fn letters(&self) -> String {
        self.spell(false)
    }

    /// The letters with client and server exchanged, as Zeek shows a connection whose roles it flipped.
    pub fn flipped(&self) -> String {
        self.spell(true)
    }

    /// It begins with the client's SYN and the server's SYN-ACK.
    pub(crate) fn opens(&self) -> bool {
        self.codes().take(2).eq([(Letter::Syn as usize, true), (Letter::SynAck as usize, false)])
    }

    fn spell(&self, flipped: bool) -> String {
        let letters = self.codes().map(|(letter, client)| {
            let letter = b"shadfrtwg".get(letter).copied().map_or('?', char::from);
            if client == flipped { letter } else { letter.to_ascii_uppercase() }
        });
        flipped.then_some('^').into_iter().chain(letters).collect()
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
