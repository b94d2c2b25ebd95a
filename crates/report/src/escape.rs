//! Makes text from the wire harmless: a server name may hold anything, and a terminal obeys control characters.

use serde::Serialize;
use serde_json::ser::Formatter;
use std::borrow::Cow;
use std::io::{self, Write};

/// `text` with everything that a terminal would obey, or that would make a line read otherwise than it is, written
/// as `\u{..}`: control characters (C0, DEL, C1, so ESC too), line separators, bidirectional controls, characters
/// without width that hide or reorder their neighbours, and the replacement character that stands for what was not
/// UTF-8. The source of the list of bidirectional controls is UAX #9, section 2.
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(is_harmful) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if is_harmful(character) {
            escaped.extend(character.escape_unicode());
        } else {
            escaped.push(character);
        }
    }
    Cow::Owned(escaped)
}

/// Writes JSON in which all that [`escape`] writes out is written as `\u....`: a parser reads the same, and who prints the
/// document on a terminal is safe.
#[derive(Debug, Default)]
pub(crate) struct Json {
    /// A value is put together here: the pieces are of a few bytes, and whoever they are for would be asked about each.
    buffer: Vec<u8>,
}

impl Json {
    pub(crate) fn write<T: Serialize>(&mut self, mut out: impl Write, value: &T) -> io::Result<()> {
        self.buffer.clear();
        value.serialize(&mut serde_json::Serializer::with_formatter(&mut self.buffer, Harmless))?;
        out.write_all(&self.buffer)
    }
}

struct Harmless;

impl Formatter for Harmless {
    fn write_string_fragment<W: Write + ?Sized>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        // Nearly all there is.
        if is_plain(fragment.as_bytes()) {
            return out.write_all(fragment.as_bytes());
        }
        let mut bytes = [0; 4];
        for character in fragment.chars() {
            if is_harmful(character) {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    write!(out, "\\u{unit:04x}")?;
                }
            } else {
                out.write_all(character.encode_utf8(&mut bytes).as_bytes())?;
            }
        }
        Ok(())
    }
}

/// Whether all of it is printable ASCII, eight bytes at a time.
fn is_plain(bytes: &[u8]) -> bool {
    const EACH: u64 = 0x0101_0101_0101_0101;
    // A byte above 0x7f has its highest bit set, one below 0x20 borrows it, 0x7f is carried into it. What is borrowed from or
    // carried into a neighbour was odd itself.
    let odd = |eight: u64| {
        (eight | eight.wrapping_sub(EACH * 0x20) | eight.wrapping_add(EACH)) & (EACH * 0x80) != 0
    };
    match bytes.last_chunk() {
        // The last eight bytes overlap those before them.
        Some(&last) => {
            let whole = bytes.as_chunks().0;
            !whole.iter().chain([&last]).any(|&chunk| odd(u64::from_le_bytes(chunk)))
        }
        None => !odd(bytes.iter().fold(EACH * 0x20, |all, &byte| all << 8 | u64::from(byte))),
    }
}

fn is_harmful(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{180e}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffd}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_a_terminal_obeys_is_written_out() {
        assert_eq!(escape("\x1b[31mred\x07"), r"\u{1b}[31mred\u{7}");
        assert_eq!(escape("a\u{202e}fdp.exe"), r"a\u{202e}fdp.exe");
        assert_eq!(escape("\u{9b}2J\r\n"), r"\u{9b}2J\u{d}\u{a}");
        assert_eq!(escape(&String::from_utf8_lossy(b"a\xffb")), r"a\u{fffd}b");
    }

    #[test]
    fn json_is_the_same_to_a_parser() {
        let text = "\u{9b}2J \u{202e}b\u{fc}cher\u{7f}\u{e0041} \"\\ \x1b\n";
        let mut out = Vec::new();
        Json::default().write(&mut out, &text).unwrap();
        let written = String::from_utf8(out).unwrap();
        assert_eq!(written, "\"\\u009b2J \\u202eb\u{fc}cher\\u007f\\udb40\\udc41 \\\"\\\\ \\u001b\\n\"");
        assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text);
    }

    #[test]
    fn printable_is_told_wherever_it_is_not() {
        for length in 0..20 {
            assert!(is_plain(&vec![b'~'; length]) && is_plain(&vec![b' '; length]));
            for at in 0..length {
                for byte in 0..=u8::MAX {
                    let mut bytes = vec![b'a'; length];
                    if let Some(slot) = bytes.get_mut(at) {
                        *slot = byte;
                    }
                    assert_eq!(
                        is_plain(&bytes),
                        matches!(byte, b' '..=b'~'),
                        "{byte:#x} at {at} of {length}"
                    );
                }
            }
        }
    }

    #[test]
    fn ordinary_text_is_left_alone_and_not_copied() {
        assert!(matches!(escape("bücher.example Ω 東京"), Cow::Borrowed(_)));
    }

    proptest! {
        #[test]
        fn nothing_harmful_is_left(text in any::<String>()) {
            let escaped = escape(&text);
            prop_assert!(!escaped.contains(is_harmful));
            prop_assert!(!escaped.chars().any(char::is_control));
            prop_assert_eq!(escape(&escaped), escaped.as_ref());
        }
    }
}
