//! The words of a handshake, kept in one piece: a million sessions may have some.

use core::ops::Range;

/// Which word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    /// The server's name, as the client asked for it.
    Sni,
    /// The client's fingerprint.
    Ja4,
    /// The only protocol that the client offered.
    OnlyOffer,
    /// The protocol that the server chose, where that is in clear.
    Chosen,
    /// Who signed the server's certificate, where that is in clear.
    Issuer,
}

impl Name {
    /// All of them, in the order in which they are kept.
    const ALL: [Self; 5] = [Self::Sni, Self::Ja4, Self::OnlyOffer, Self::Chosen, Self::Issuer];
}

/// Words, one behind the other.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    text: Box<str>,
    /// Where each word ends; it begins where the one before it does.
    ends: [u16; Name::ALL.len()],
    /// A bit for each word that is there.
    there: u8,
}

impl Names {
    /// These words in place of all others, of 65,535 bytes at most together.
    pub(super) fn of(words: &[(Name, Option<&str>)]) -> Self {
        let mut all = [None; Name::ALL.len()];
        for &(name, word) in words {
            if let Some(slot) = all.get_mut(name as usize) {
                *slot = word;
            }
        }
        Self::new(all)
    }

    fn new(words: [Option<&str>; Name::ALL.len()]) -> Self {
        let mut names = Self::default();
        let mut text = String::with_capacity(words.iter().flatten().map(|word| word.len()).sum());
        for (nth, (word, end)) in words.iter().zip(&mut names.ends).enumerate() {
            if let Some(word) = word.filter(|word| text.len() + word.len() <= u16::MAX.into()) {
                text.push_str(word);
                names.there |= 1 << nth;
            }
            *end = u16::try_from(text.len()).unwrap_or(u16::MAX);
        }
        names.text = text.into_boxed_str();
        names
    }

    /// The word, where it is there.
    pub(super) fn get(&self, name: Name) -> Option<&str> {
        let nth = name as usize;
        if self.there & 1 << nth == 0 {
            return None;
        }
        let end = |nth: usize| self.ends.get(nth).map_or(0, |&end| usize::from(end));
        self.text.get(Range { start: nth.checked_sub(1).map_or(0, end), end: end(nth) })
    }

    /// Puts one word in its place, or takes it away.
    pub(super) fn set(&mut self, name: Name, word: Option<&str>) {
        let mut all = Name::ALL.map(|name| self.get(name));
        if let Some(slot) = all.get_mut(name as usize) {
            *slot = word;
        }
        *self = Self::new(all);
    }

    /// How much memory they take beyond themselves.
    pub(super) fn kept(&self) -> usize {
        self.text.len()
    }
}

#[cfg(test)]
mod tests {
    use super::{Name, Names};

    #[test]
    fn words_stay_apart() {
        let mut names = Names::of(&[(Name::Ja4, Some("t13")), (Name::Sni, Some("a.example"))]);
        assert_eq!((names.get(Name::Sni), names.get(Name::Ja4)), (Some("a.example"), Some("t13")));
        assert_eq!((names.get(Name::OnlyOffer), names.get(Name::Issuer)), (None, None));
        names.set(Name::Chosen, Some("h2"));
        names.set(Name::OnlyOffer, Some(""));
        names.set(Name::Sni, None);
        assert_eq!((names.get(Name::Sni), names.get(Name::Ja4)), (None, Some("t13")));
        assert_eq!((names.get(Name::OnlyOffer), names.get(Name::Chosen)), (Some(""), Some("h2")));
    }

    #[test]
    fn what_does_not_fit_is_left_out() {
        let long = "x".repeat(65_530);
        let names =
            Names::of(&[(Name::Sni, Some(&long)), (Name::Ja4, Some("too long")), (Name::Issuer, Some("CA"))]);
        assert_eq!(names.get(Name::Sni).map(str::len), Some(65_530));
        assert_eq!((names.get(Name::Ja4), names.get(Name::Issuer)), (None, Some("CA")));
    }
}
