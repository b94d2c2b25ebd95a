//! Last words in clear by which a side takes its leave in its protocol's own form, or to which its protocol gives no answer.
//!
//! Only exact forms count, and only where they are a whole message and the last of their direction. Messages are told apart
//! by the lengths that they carry, so that an upload which happens to hold the same bytes is not taken for a farewell.

mod form;

use form::Language;
pub(crate) use form::mqtt_digits;
use hangup_wire::{Moment, PerSide, Side};

/// A farewell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Farewell {
    /// The packet that brought it.
    pub at: Moment,
    /// The protocol, as people write it.
    pub protocol: &'static str,
    /// The message, as the protocol calls it.
    pub word: &'static str,
    /// Bytes of the message.
    pub length: u32,
    /// It is no goodbye, but a message that never gets an answer, behind which the other side closes.
    pub unanswered: bool,
}

/// Both sides' messages, followed for a farewell.
#[derive(Clone, Debug)]
pub(crate) struct Farewells {
    language: Language,
    readers: PerSide<Reader>,
}

/// One side's place in its messages.
#[derive(Clone, Copy, Debug, Default)]
struct Reader {
    /// Bytes left of the message under way; none where it is not known where messages begin.
    left: Option<u64>,
    /// Bytes are missing in front of the next ones.
    torn: bool,
    /// The side's last message, where it is a farewell.
    said: Option<Farewell>,
}

impl Farewells {
    /// For a connection that speaks `protocol`; none where its farewells are not known.
    pub(crate) fn of(protocol: &str) -> Option<Self> {
        Some(Self { language: Language::of(protocol)?, readers: PerSide::default() })
    }

    /// For a connection that was handed over from HTTP to WebSocket.
    pub(crate) fn of_websocket() -> Self {
        Self { language: Language::WEBSOCKET, readers: PerSide::default() }
    }

    /// The next bytes of `side`, one segment's; `turn`: the other side had spoken before, so that a message begins here
    /// if none is known to be under way.
    pub(crate) fn hear(&mut self, side: Side, bytes: &[u8], turn: bool, at: Moment) {
        let language = self.language;
        let reader = &mut self.readers[side];
        let mut complaint = reader.said.take().filter(Language::is_complaint);
        let torn = std::mem::take(&mut reader.torn);
        let Some(mut left) = reader.left.or((turn && !torn).then_some(0)) else { return };
        let mut rest = bytes;
        while let Some(next) = usize::try_from(left).ok().and_then(|left| rest.get(left..)) {
            if next.is_empty() {
                reader.left = language.follows().then_some(0);
                return;
            }
            rest = next;
            let Some(length) = language.length(rest) else {
                reader.left = None;
                return;
            };
            let message = usize::try_from(length).ok().and_then(|length| rest.get(..length));
            if let Some(said) = message.and_then(|message| language.farewell(message, at)) {
                complaint = complaint.or(Some(said).filter(Language::is_complaint));
                reader.said = (length == rest.len() as u64).then_some(complaint.unwrap_or(said));
            }
            left = length;
        }
        reader.left = Some(left.saturating_sub(rest.len() as u64));
    }

    /// `missing` bytes of `side` are not in the capture. One may be no byte but a FIN, and is no message in any case.
    pub(crate) fn gap(&mut self, side: Side, missing: u64) {
        let reader = &mut self.readers[side];
        let said = reader.said.filter(|_| missing == 1);
        *reader = Reader { left: None, torn: true, said };
    }

    /// The farewell of each side, where its last message is one.
    pub(crate) fn said(&self) -> PerSide<Option<Farewell>> {
        PerSide::from_fn(|side| self.readers[side].said)
    }
}

#[cfg(test)]
mod tests {
    use super::Farewells;
    use hangup_wire::{Moment, Side};

    /// What the client's last message is, after segments that follow an answer or not.
    fn last(protocol: &str, segments: &[(bool, &[u8])]) -> Option<&'static str> {
        let mut farewells = match protocol {
            "websocket" => Farewells::of_websocket(),
            protocol => Farewells::of(protocol)?,
        };
        for (turn, bytes) in segments {
            farewells.hear(Side::Client, bytes, *turn, Moment::default());
        }
        farewells.said().client.map(|said| said.word)
    }

    #[test]
    fn each_protocol_has_its_word() {
        for (protocol, bytes, word) in [
            ("postgresql", &b"X\0\0\0\x04"[..], "Terminate"),
            ("postgresql", b"\0\0\0\x10\x04\xd2\x16\x2e\0\0\x71\x1a\x35\x0a\x9c\xf1", "CancelRequest"),
            ("mysql", b"\x01\0\0\0\x01", "COM_QUIT"),
            ("ldap", b"\x30\x05\x02\x01\x03\x42\0", "UnbindRequest"),
            ("ldap", b"\x30\x84\0\0\0\x06\x02\x02\x01\x03\x42\0", "UnbindRequest"),
            ("mqtt", b"\xe0\0", "DISCONNECT"),
            ("websocket", b"\x88\x82\x1c\x0e\x64\x1b\x1f\xe7", "Close"),
            ("websocket", b"\x88\0", "Close"),
            ("irc", b"QUIT :gone to lunch\r\n", "QUIT"),
            ("pop3", b"quit\r\n", "QUIT"),
            ("smtp", b"QUIT\n", "QUIT"),
            ("imap", b"a7 LOGOUT\r\n", "LOGOUT"),
            ("redis", b"*1\r\n$4\r\nQUIT\r\n", "QUIT"),
            ("redis", b"*2\r\n$8\r\nshutdown\r\n$6\r\nnosave\r\n", "SHUTDOWN"),
            ("redis", b"SHUTDOWN NOSAVE\r\n", "SHUTDOWN"),
        ] {
            assert_eq!(last(protocol, &[(true, bytes)]), Some(word), "{protocol} {bytes:?}");
            assert_eq!(last(protocol, &[(false, bytes)]), None, "{protocol}, in the middle of something");
            assert_eq!(last(protocol, &[(true, bytes), (true, &bytes[..1])]), None, "{protocol}, and more");
            let longer = [bytes, b"\0"].concat();
            assert_eq!(last(protocol, &[(true, &longer)]), None, "{protocol}, with one byte more");
        }
    }

    #[test]
    fn a_farewell_behind_another_message() {
        let inside = b"\x30\x10\0\x01thello world\xe0\0";
        assert_eq!(last("mqtt", &[(true, inside)]), None);
        assert_eq!(last("mqtt", &[(true, &inside[..16]), (false, &inside[16..])]), None);
        let behind = b"\x30\x0e\0\x01thello world\xe0\0";
        assert_eq!(last("mqtt", &[(true, behind)]), Some("DISCONNECT"));
        assert_eq!(last("mqtt", &[(true, &behind[..16]), (false, &behind[16..])]), Some("DISCONNECT"));
        assert_eq!(last("mqtt", &[(true, &behind[..9]), (false, &behind[9..])]), Some("DISCONNECT"));
    }

    #[test]
    fn an_upload_may_hold_the_same_bytes() {
        let mut upload = vec![0x32, 0x90, 0x4e];
        upload.resize(10_001, b'x');
        assert_eq!(
            last("mqtt", &[(true, &upload), (true, b"\xe0\0")]),
            None,
            "though answers came meanwhile"
        );
        assert_eq!(
            last("mqtt", &[(true, &upload), (false, b"\xe0\0"), (false, b"\xe0\0")]),
            Some("DISCONNECT")
        );
        assert_eq!(last("postgresql", &[(true, b"d\0\0\x10\0X"), (false, b"X\0\0\0\x04")]), None);
    }

    #[test]
    fn a_complaint_is_no_goodbye() {
        assert_eq!(last("websocket", &[(true, b"\x88\x02\x03\xe8")]), Some("Close"));
        assert_eq!(last("websocket", &[(true, b"\x88\x02\x03\xf3")]), None, "1011: an internal error");
    }

    #[test]
    fn a_goaway_with_an_error_is_not_taken_back() {
        let preface: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
        let ping = b"\0\0\x08\x06\0\0\0\0\0abcdefgh";
        let goaway = |error: u8| [&b"\0\0\x08\x07\0\0\0\0\0\0\0\0\0\0\0\0"[..], &[error]].concat();
        let both = [goaway(11), goaway(0)].concat();
        let calm = Some("GOAWAY (ENHANCE_YOUR_CALM)");
        assert_eq!(last("http2", &[(true, preface), (false, ping), (false, &goaway(0))]), Some("GOAWAY"));
        assert_eq!(last("http2", &[(true, preface), (false, &both)]), calm);
        assert_eq!(last("http2", &[(true, preface), (false, &goaway(11)), (false, &goaway(0))]), calm);
        assert_eq!(last("http2", &[(true, preface), (false, &both), (false, ping)]), None);
    }

    #[test]
    fn a_hole_ends_what_is_known() {
        let mut farewells = Farewells::of("mqtt").unwrap();
        farewells.hear(Side::Client, b"\xe0\0", true, Moment::default());
        farewells.gap(Side::Client, 1);
        assert!(farewells.said().client.is_some(), "a FIN that was not captured");
        farewells.gap(Side::Client, 2);
        assert_eq!(farewells.said().client, None);
        farewells.hear(Side::Client, b"\xe0\0", true, Moment::default());
        assert_eq!(farewells.said().client, None, "it may be the end of something");
        farewells.hear(Side::Client, b"\xe0\0", true, Moment::default());
        assert!(farewells.said().client.is_some());
    }
}
