//! Makes text from the wire harmless: a server name may hold anything, and a terminal obeys control characters.

use std::borrow::Cow;

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
