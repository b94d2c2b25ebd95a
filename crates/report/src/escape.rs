//! Makes text from the wire harmless: a server name may hold anything, and a terminal obeys control characters.

use serde::Serialize;
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
        serde_json::to_writer(&mut self.buffer, value)?;
        let text = str::from_utf8(&self.buffer).map_err(io::Error::other)?;
        // What is harmful can stand only in strings: all else of JSON is printable.
        let (mut written, mut at) = (0, 0);
        let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
        loop {
            at += plain_length(part(at, text.len()).as_bytes());
            let Some(character) = part(at, text.len()).chars().next() else { break };
            let behind = at + character.len_utf8();
            if is_harmful(character) {
                out.write_all(part(written, at).as_bytes())?;
                for unit in character.encode_utf16(&mut [0; 2]) {
                    write!(out, "\\u{unit:04x}")?;
                }
                written = behind;
            }
            at = behind;
        }
        out.write_all(part(written, text.len()).as_bytes())
    }
}

/// How many bytes at the start are printable ASCII.
fn plain_length(bytes: &[u8]) -> usize {
    const EACH: u64 = 0x0101_0101_0101_0101;
    // A byte above 0x7f has its highest bit set, one below 0x20 borrows it, 0x7f is carried into it. What is borrowed from or
    // carried into a neighbour was odd itself.
    let plain = |&eight: &[u8; 8]| {
        let eight = u64::from_le_bytes(eight);
        (eight | eight.wrapping_sub(EACH * 0x20) | eight.wrapping_add(EACH)) & (EACH * 0x80) == 0
    };
    let (chunks, rest) = bytes.as_chunks();
    let whole = chunks.iter().take_while(|&chunk| plain(chunk)).count();
    let behind = chunks.get(whole).map_or(rest, <[u8; 8]>::as_slice);
    8 * whole + behind.iter().take_while(|byte| matches!(byte, b' '..=b'~')).count()
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
            assert_eq!(
                (plain_length(&vec![b'~'; length]), plain_length(&vec![b' '; length])),
                (length, length)
            );
            for at in 0..length {
                for byte in 0..=u8::MAX {
                    let mut bytes = vec![b'a'; length];
                    if let Some(slot) = bytes.get_mut(at) {
                        *slot = byte;
                    }
                    let plain = if matches!(byte, b' '..=b'~') { length } else { at };
                    assert_eq!(plain_length(&bytes), plain, "{byte:#x} at {at} of {length}");
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
        fn json_of_any_text_is_harmless_and_the_same_to_a_parser(texts in any::<Vec<String>>()) {
            let mut out = Vec::new();
            Json::default().write(&mut out, &texts).unwrap();
            let written = String::from_utf8(out).unwrap();
            prop_assert!(!written.contains(is_harmful));
            prop_assert_eq!(serde_json::from_str::<Vec<String>>(&written).unwrap(), texts);
        }

        #[test]
        fn nothing_harmful_is_left(text in any::<String>()) {
            let escaped = escape(&text);
            prop_assert!(!escaped.contains(is_harmful));
            prop_assert!(!escaped.chars().any(char::is_control));
            prop_assert_eq!(escape(&escaped), escaped.as_ref());
        }
    }
}
