//! Cutting one side's bytes into records, and finding the chain of records again where it broke.

use hangup_wire::tls::{ProtocolVersion, RecordHeader};

/// Where one side stands in its chain of records.
#[derive(Clone, Debug)]
pub(crate) struct Framing {
    stage: Stage,
    /// A header that is split over segments: its first bytes.
    header: [u8; RecordHeader::SIZE],
    have: u8,
    current: RecordHeader,
    /// Bytes of the current record that are still to come.
    left: u16,
    /// The chain was picked up at a guessed header; only the next one can confirm it.
    guess: Guess,
    /// Whole records; stays at the most that it holds.
    pub(crate) records: u32,
    /// How often the chain broke.
    pub(crate) lost: u32,
    /// Two headers in a row agree, or the chain was followed from its start.
    pub(crate) agreed: bool,
    /// What came where the first record should have been was none.
    pub(crate) foreign: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Guess {
    None,
    /// The next header is the guessed one.
    Next,
    /// The current record's header was guessed.
    Current,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Header,
    Body,
    Lost,
    /// What follows is not of this session: it is not looked at.
    Over,
}

/// A piece of a record, as much as one call brought.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece<'a> {
    /// The record's header.
    pub(crate) header: RecordHeader,
    /// Bytes of its body.
    pub(crate) body: &'a [u8],
    /// They are the body's first.
    pub(crate) begins: bool,
    /// They are the body's last.
    pub(crate) ends: bool,
}

/// What a gap in the bytes did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hole {
    /// It lies inside the current record.
    Inside,
    /// It reaches exactly to the end of the record with this header.
    ToTheEnd(RecordHeader),
    /// The chain is broken.
    Broken,
}

impl Framing {
    /// At the first byte of the first record.
    pub(crate) const fn from_start() -> Self {
        Self {
            stage: Stage::Header,
            header: [0; RecordHeader::SIZE],
            have: 0,
            current: RecordHeader::parse([0; 5]),
            left: 0,
            guess: Guess::None,
            records: 0,
            lost: 0,
            agreed: false,
            foreign: false,
        }
    }

    /// Somewhere in the middle.
    pub(crate) const fn from_middle() -> Self {
        let mut framing = Self::from_start();
        framing.stage = Stage::Lost;
        framing
    }

    /// The next piece of a record in `input`, which is moved past it; none when the input is used up.
    #[inline]
    pub(crate) fn next<'a>(&mut self, input: &mut &'a [u8]) -> Option<Piece<'a>> {
        self.whole(input).or_else(|| self.piece(input))
    }

    /// A record that lies whole in `input`, as most do, where the chain is followed without a doubt.
    #[inline]
    fn whole<'a>(&mut self, input: &mut &'a [u8]) -> Option<Piece<'a>> {
        if self.stage != Stage::Header || self.have != 0 || self.guess != Guess::None {
            return None;
        }
        let (header, behind) = input.split_first_chunk()?;
        let header = RecordHeader::parse(*header);
        let (body, rest) = behind.split_at_checked(header.length.into()).filter(|_| header.plausible())?;
        *input = rest;
        self.current = header;
        self.end_record();
        Some(Piece { header, body, begins: true, ends: true })
    }

    fn piece<'a>(&mut self, input: &mut &'a [u8]) -> Option<Piece<'a>> {
        loop {
            match self.stage {
                Stage::Header => {
                    let before = *input;
                    let header = self.take_header(input)?;
                    self.follow(header, before, input);
                }
                Stage::Body => {
                    if input.is_empty() && self.left > 0 {
                        return None;
                    }
                    let begins = self.left == self.current.length;
                    let (body, rest) = input.split_at_checked(self.left.into()).unwrap_or((*input, &[]));
                    *input = rest;
                    self.left -= u16::try_from(body.len()).unwrap_or(self.left).min(self.left);
                    let ends = self.left == 0;
                    if ends {
                        self.end_record();
                    }
                    return Some(Piece { header: self.current, body, begins, ends });
                }
                Stage::Lost => {
                    let Some(found) = search(input) else {
                        *input = &[];
                        return None;
                    };
                    *input = input.get(found.at..).unwrap_or_default();
                    self.stage = Stage::Header;
                    self.have = 0;
                    self.guess = if found.sure { Guess::None } else { Guess::Next };
                    self.agreed |= found.sure;
                }
                Stage::Over => {
                    *input = &[];
                    return None;
                }
            }
        }
    }

    /// `missing` bytes are not in the capture.
    pub(crate) fn gap(&mut self, missing: u64) -> Hole {
        match (self.stage, u16::try_from(missing)) {
            (Stage::Body, Ok(missing)) if missing < self.left => {
                self.left -= missing;
                return Hole::Inside;
            }
            (Stage::Body, Ok(missing)) if missing == self.left => {
                self.left = 0;
                self.end_record();
                return Hole::ToTheEnd(self.current);
            }
            (Stage::Header | Stage::Body, _) => {
                self.lost = self.lost.saturating_add(1);
                self.stage = Stage::Lost;
            }
            (Stage::Lost | Stage::Over, _) => {}
        }
        Hole::Broken
    }

    /// Bytes that are at least missing from a record that was begun.
    pub(crate) fn missing(&self) -> Option<u64> {
        match self.stage {
            Stage::Body if self.left > 0 => Some(self.left.into()),
            Stage::Header if self.have > 0 => {
                Some((RecordHeader::SIZE as u64).saturating_sub(self.have.into()))
            }
            _ => None,
        }
    }

    /// Nothing after this is of the session.
    pub(crate) const fn stop(&mut self) {
        self.stage = Stage::Over;
    }

    /// [`Framing::stop`] was called.
    pub(crate) fn is_over(&self) -> bool {
        self.stage == Stage::Over
    }

    /// A record's header comes next.
    pub(crate) fn is_between(&self) -> bool {
        self.stage == Stage::Header && self.have == 0
    }

    /// The chain is not being followed now.
    pub(crate) fn is_lost(&self) -> bool {
        self.stage == Stage::Lost
    }

    /// The bytes where a header should be that cannot be one, as many as were taken.
    pub(crate) const fn odd_header(&self) -> [u8; RecordHeader::SIZE] {
        self.header
    }

    #[inline]
    fn take_header(&mut self, input: &mut &[u8]) -> Option<RecordHeader> {
        if self.have == 0
            && let Some((header, rest)) = input.split_first_chunk()
        {
            *input = rest;
            return Some(RecordHeader::parse(*header));
        }
        while usize::from(self.have) < RecordHeader::SIZE {
            let (&byte, rest) = input.split_first()?;
            *input = rest;
            if let Some(slot) = self.header.get_mut(usize::from(self.have)) {
                *slot = byte;
            }
            self.have += 1;
        }
        self.have = 0;
        Some(RecordHeader::parse(self.header))
    }

    /// A header stands where the chain leads, or something that is none.
    #[inline]
    fn follow<'a>(&mut self, header: RecordHeader, before: &'a [u8], input: &mut &'a [u8]) {
        let agrees = self.guess != Guess::Current || header.version == self.current.version;
        if header.plausible() && agrees {
            self.agreed |= self.guess == Guess::Current;
            self.guess = if self.guess == Guess::Next { Guess::Current } else { Guess::None };
            self.current = header;
            self.left = header.length;
            self.stage = Stage::Body;
            return;
        }
        let ([b, c], [d, e]) = (header.version.0.to_be_bytes(), header.length.to_be_bytes());
        self.header = [header.content_type.0, b, c, d, e];
        if self.records == 0 {
            self.foreign = true;
        } else if self.guess == Guess::None {
            self.lost = self.lost.saturating_add(1);
        }
        self.guess = Guess::None;
        self.stage = Stage::Lost;
        // Look again from the byte behind the one that disappointed, as far as it is still at hand.
        if before.len() > input.len() {
            *input = before.get(1..).unwrap_or_default();
        }
    }

    #[inline]
    const fn end_record(&mut self) {
        self.stage = Stage::Header;
        self.records = self.records.saturating_add(1);
    }
}

/// Where a chain of records seems to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// Offset of the header.
    pub(crate) at: usize,
    /// Another header follows where this one leads, or the bytes end exactly there.
    pub(crate) sure: bool,
}

/// The first place in `bytes` where a chain of records can go on: a plausible header that leads to another of
/// the same version, or behind the end of the bytes.
pub(crate) fn search(bytes: &[u8]) -> Option<Found> {
    // The second byte of a header is the rarer one, and always the same: the major version.
    let mut from = 1;
    loop {
        let second = from + memchr::memchr(3, bytes.get(from..)?)?;
        from = second + 1;
        let at = second - 1;
        let rest = bytes.get(at..)?;
        if !matches!(rest, [20..=23, ..]) {
            continue;
        }
        let (header, body) = rest.split_first_chunk()?;
        let header = RecordHeader::parse(*header);
        if header.plausible() && header.version <= ProtocolVersion::TLS_1_2 {
            match body.get(header.length.into()..) {
                None => return Some(Found { at, sure: false }),
                Some([]) => return Some(Found { at, sure: true }),
                Some(next) => match next.first_chunk().copied().map(RecordHeader::parse) {
                    Some(next) if next.plausible() && next.version == header.version => {
                        return Some(Found { at, sure: true });
                    }
                    None if matches!(next, [20..=23] | [20..=23, 3, ..]) => {
                        return Some(Found { at, sure: false });
                    }
                    _ => {}
                },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Found, Framing, Hole, search};

    fn walk(framing: &mut Framing, mut input: &[u8]) -> Vec<(u8, usize, bool)> {
        let mut pieces = Vec::new();
        while let Some(piece) = framing.next(&mut input) {
            pieces.push((piece.header.content_type.0, piece.body.len(), piece.ends));
        }
        pieces
    }

    #[test]
    fn records_and_their_pieces() {
        let mut framing = Framing::from_start();
        assert_eq!(walk(&mut framing, &[22, 3, 1, 0, 3, 9, 9]), [(22, 2, false)]);
        assert_eq!(framing.missing(), Some(1));
        assert_eq!(walk(&mut framing, &[9, 23, 3, 3, 0, 0, 21, 3]), [(22, 1, true), (23, 0, true)]);
        assert_eq!(framing.missing(), Some(3));
        assert_eq!(walk(&mut framing, &[3, 0, 2, 1, 0]), [(21, 2, true)]);
        assert_eq!((framing.records, framing.lost), (3, 0));
    }

    #[test]
    fn gaps_inside_a_record_do_not_break_the_chain() {
        let mut framing = Framing::from_start();
        walk(&mut framing, &[23, 3, 3, 0, 10, 1, 2]);
        assert_eq!(framing.gap(5), Hole::Inside);
        assert!(matches!(framing.gap(3), Hole::ToTheEnd(header) if header.length == 10));
        assert_eq!(walk(&mut framing, &[21, 3, 3, 0, 1, 7]), [(21, 1, true)]);
        assert_eq!(framing.gap(1), Hole::Broken);
        assert_eq!(framing.lost, 1);
    }

    #[test]
    fn the_chain_is_found_again() {
        let bytes = [9, 23, 3, 9, 23, 3, 3, 0, 2, 5, 5, 23, 3, 3, 0, 1, 6];
        assert_eq!(search(&bytes), Some(Found { at: 4, sure: true }));
        let mut framing = Framing::from_middle();
        assert_eq!(walk(&mut framing, &bytes), [(23, 2, true), (23, 1, true)]);
        assert!(framing.agreed);
        assert_eq!(search(b"nothing of the kind"), None);
    }

    #[test]
    fn a_guess_that_proves_wrong_is_given_up() {
        let mut framing = Framing::from_middle();
        assert_eq!(walk(&mut framing, &[23, 3, 3, 0, 4, 1]), [(23, 1, false)]);
        assert!(!framing.agreed);
        walk(&mut framing, &[2, 3, 4, 77, 77, 77, 77, 77]);
        assert!(framing.is_lost() && !framing.agreed);
    }

    #[test]
    fn something_else_answers() {
        let mut framing = Framing::from_start();
        walk(&mut framing, b"HTTP/1.1 400 Bad Request\r\n");
        assert!(framing.foreign && framing.is_lost());
    }
}
