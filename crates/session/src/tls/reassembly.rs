//! Handshake messages out of the records that carry them: a record may hold several, a message may need several.

use hangup_wire::tls::{HandshakeType, MessageHeader};

/// The message that is being put together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reassembly {
    header: [u8; MessageHeader::SIZE],
    have: u8,
    current: Option<MessageHeader>,
    left: u32,
    body: Vec<u8>,
    /// What matters of the message was taken.
    taken: bool,
}

/// The bytes are no handshake messages: they are encrypted, or the start of one is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unreadable;

impl Reassembly {
    /// No more than this is kept of a message.
    pub(crate) const MAX_KEPT: usize = 64 * 1024;

    /// More bytes of messages. `whole` gets each message that becomes whole: its header, and its body if it is of
    /// a kind that is read.
    pub(crate) fn feed(
        &mut self,
        mut bytes: &[u8],
        mut whole: impl FnMut(MessageHeader, &[u8]),
    ) -> Result<(), Unreadable> {
        loop {
            let Some(header) = self.current else {
                let Some(header) = self.take_header(&mut bytes) else { return Ok(()) };
                if !header.plausible() {
                    *self = Self::default();
                    return Err(Unreadable);
                }
                self.current = Some(header);
                self.left = header.length;
                continue;
            };
            let wanted = usize::try_from(self.left).unwrap_or(usize::MAX);
            let (part, rest) = bytes.split_at_checked(wanted).unwrap_or((bytes, &[]));
            bytes = rest;
            self.left = self.left.saturating_sub(u32::try_from(part.len()).unwrap_or(u32::MAX));
            let read = is_read(header.kind) && !self.taken;
            if self.left > 0 {
                if read {
                    let room = Self::MAX_KEPT.saturating_sub(self.body.len()).min(part.len());
                    self.body.extend_from_slice(part.get(..room).unwrap_or_default());
                }
                return Ok(());
            }
            self.current = None;
            self.taken = false;
            if self.body.is_empty() {
                whole(header, if read { part } else { &[] });
            } else {
                let room = Self::MAX_KEPT.saturating_sub(self.body.len()).min(part.len());
                self.body.extend_from_slice(part.get(..room).unwrap_or_default());
                whole(header, &self.body);
                self.body = Vec::new();
            }
        }
    }

    /// What has come of the message that is not whole was read, and nothing of it need be kept.
    pub(crate) fn spend(&mut self) {
        self.body = Vec::new();
        self.taken = self.current.is_some();
    }

    /// How much memory it takes beyond itself.
    pub(crate) fn kept(&self) -> usize {
        self.body.capacity()
    }

    /// A message was begun and is not whole.
    pub(crate) const fn is_under_way(&self) -> bool {
        self.have > 0 || self.current.is_some()
    }

    /// The message that is not whole, as far as it came.
    pub(crate) fn partial(&self) -> Option<(HandshakeType, &[u8])> {
        Some((self.current?.kind, &self.body))
    }

    fn take_header(&mut self, bytes: &mut &[u8]) -> Option<MessageHeader> {
        while usize::from(self.have) < MessageHeader::SIZE {
            let (&byte, rest) = bytes.split_first()?;
            *bytes = rest;
            if let Some(slot) = self.header.get_mut(usize::from(self.have)) {
                *slot = byte;
            }
            self.have += 1;
        }
        self.have = 0;
        Some(MessageHeader::parse(self.header))
    }
}

const fn is_read(kind: HandshakeType) -> bool {
    matches!(kind, HandshakeType::CLIENT_HELLO | HandshakeType::SERVER_HELLO | HandshakeType::CERTIFICATE)
}

#[cfg(test)]
mod tests {
    use super::{Reassembly, Unreadable};

    #[test]
    fn messages_however_they_are_cut() {
        let mut bytes = vec![2, 0, 0, 40];
        bytes.extend([7; 40]);
        bytes.extend([14, 0, 0, 0, 16, 0, 0, 2, 1, 2]);
        for size in 1..=bytes.len() {
            let mut reassembly = Reassembly::default();
            let mut seen = Vec::new();
            for chunk in bytes.chunks(size) {
                reassembly.feed(chunk, |header, body| seen.push((header.kind.0, body.len()))).unwrap();
            }
            assert_eq!(seen, [(2, 40), (14, 0), (16, 0)]);
        }
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let mut reassembly = Reassembly::default();
        reassembly.feed(&[11, 3, 0, 0], |_, _| {}).unwrap();
        for _ in 0..150 {
            reassembly.feed(&[0; 1000], |_, _| {}).unwrap();
        }
        assert_eq!(reassembly.partial().map(|(_, body)| body.len()), Some(Reassembly::MAX_KEPT));
    }

    #[test]
    fn of_what_was_read_early_nothing_is_kept() {
        let mut reassembly = Reassembly::default();
        let mut seen = Vec::new();
        let mut feed = |reassembly: &mut Reassembly, bytes: &[u8]| {
            reassembly.feed(bytes, |header, body| seen.push((header.kind.0, body.len()))).unwrap();
        };
        feed(&mut reassembly, &[11, 0, 8, 0]);
        feed(&mut reassembly, &[1; 1100]);
        assert_eq!(reassembly.partial().map(|(_, body)| body.len()), Some(1100));
        reassembly.spend();
        feed(&mut reassembly, &[1; 900]);
        assert_eq!((reassembly.kept(), reassembly.is_under_way()), (0, true));
        feed(&mut reassembly, &[[1; 48].as_slice(), &[14, 0, 0, 0]].concat());
        assert_eq!(seen, [(11, 0), (14, 0)]);
    }

    #[test]
    fn encrypted_bytes_are_refused() {
        assert_eq!(Reassembly::default().feed(&[0xc3, 9, 9, 9], |_, _| {}), Err(Unreadable));
    }
}
