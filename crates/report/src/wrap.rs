//! Text broken into lines between words.

use unicode_width::UnicodeWidthStr;

/// Columns that `text` takes on a terminal.
pub(crate) fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// `text` in lines of at most `columns`: the first begins with `first`, the others with as many spaces. A word that
/// is longer than a line keeps a line to itself: addresses and filters are to be copied whole.
pub(crate) fn wrap(first: &str, text: &str, columns: usize) -> Vec<String> {
    let indent = " ".repeat(width(first));
    let mut lines = Vec::new();
    let mut line = first.to_owned();
    let mut used = width(first);
    let mut empty = true;
    for word in words(text) {
        let length = width(&word);
        if !empty && used + 1 + length > columns {
            lines.push(std::mem::replace(&mut line, indent.clone()));
            used = width(&indent);
            empty = true;
        }
        if !empty {
            line.push(' ');
            used += 1;
        }
        line.push_str(&word);
        used += length;
        empty = false;
    }
    lines.push(line);
    lines
}

/// The words of `text`; a number and its unit are one.
fn words(text: &str) -> Vec<String> {
    const UNITS: [&str; 12] = ["%", "s", "ms", "µs", "min", "h", "d", "B", "kB", "MB", "GB", "TB"];
    let mut words: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let unit = UNITS.contains(&word.trim_end_matches([',', '.', ';', ':', ')']));
        match words.last_mut() {
            Some(number) if unit && number.ends_with(|last: char| last.is_ascii_digit()) => {
                number.push(' ');
                number.push_str(word);
            }
            _ => words.push(word.to_owned()),
        }
    }
    words
}

/// `text` cut to `columns`, with `..` where something is missing.
pub(crate) fn clip(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.into();
    }
    let mut clipped = String::new();
    for character in text.chars() {
        let mut longer = clipped.clone();
        longer.push(character);
        if width(&longer) + 2 > columns {
            break;
        }
        clipped = longer;
    }
    clipped.push_str("..");
    clipped
}

/// `text` followed by spaces up to `columns`.
pub(crate) fn pad(text: &str, columns: usize) -> String {
    let spaces = columns.saturating_sub(width(text));
    format!("{text}{}", " ".repeat(spaces))
}

/// `text` after spaces up to `columns`.
pub(crate) fn pad_left(text: &str, columns: usize) -> String {
    let spaces = columns.saturating_sub(width(text));
    format!("{}{text}", " ".repeat(spaces))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_hang_under_their_label() {
        assert_eq!(
            wrap("Why  ", "the client gave up waiting", 18),
            ["Why  the client", "     gave up", "     waiting"]
        );
        assert_eq!(wrap("", "", 10), [""]);
        assert_eq!(wrap("", "it took (2 min 30 s), or so", 14), ["it took (2 min", "30 s), or so"]);
        assert_eq!(clip("abcdef", 5), "abc..");
        assert_eq!(clip("東京都庁", 6), "東京..");
        assert_eq!(pad_left(&pad("東", 3), 5), "  東 ");
    }

    proptest! {
        #[test]
        fn no_word_is_lost_and_no_line_too_long(words in prop::collection::vec("[a-z]{1,12}", 0..40), columns in 16_usize..60) {
            let lines = wrap("    ", &words.join(" "), columns);
            prop_assert!(lines.iter().all(|line| width(line) <= columns));
            let again: Vec<&str> = lines.iter().flat_map(|line| line.split_whitespace()).collect();
            prop_assert_eq!(again, words);
        }
    }
}
