//! A line cut into words.

/// Cuts a line at spaces; a comma is a word of its own, what stands in double quotes is one word that begins with
/// a quote, and `#` begins a comment.
pub(super) fn split(line: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if word.is_empty() => words.push(quoted(&mut letters)?),
            '#' if word.is_empty() => break,
            ',' => {
                keep(&mut words, &mut word);
                words.push(",".to_owned());
            }
            letter if letter.is_whitespace() => keep(&mut words, &mut word),
            letter => word.push(letter),
        }
    }
    keep(&mut words, &mut word);
    Ok(words)
}

/// The bytes of a quoted word, as Latin-1 letters behind the opening quote: `\r`, `\n`, `\t`, `\0`, `\\`, `\"` and
/// `\xNN` stand for what they do everywhere.
fn quoted(letters: &mut std::str::Chars<'_>) -> Result<String, String> {
    let mut word = String::from("\"");
    loop {
        match letters.next().ok_or("a quote that is never closed")? {
            '"' => return Ok(word),
            '\\' => word.push(match letters.next().ok_or("a quote that is never closed")? {
                'r' => '\r',
                'n' => '\n',
                't' => '\t',
                '0' => '\0',
                'x' => {
                    let digits: String = letters.by_ref().take(2).collect();
                    char::from(u8::from_str_radix(&digits, 16).map_err(|_| format!("no byte: \\x{digits}"))?)
                }
                letter @ ('\\' | '"') => letter,
                letter => return Err(format!("no escape: \\{letter}")),
            }),
            letter if letter.is_ascii() => word.push(letter),
            letter => return Err(format!("write {letter} as bytes: \\xNN")),
        }
    }
}

fn keep(words: &mut Vec<String>, word: &mut String) {
    if !word.is_empty() {
        words.push(std::mem::take(word));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_commas_quotes_comments() {
        let words = split(r#"+5s > TLS Finished, app 30 + data "a b\r\n\xff" @x # why"#).unwrap();
        assert_eq!(
            words,
            ["+5s", ">", "TLS", "Finished", ",", "app", "30", "+", "data", "\"a b\r\n\u{ff}", "@x"]
        );
        assert!(split("> data \"open").is_err());
        assert!(split(r#"> data "\q""#).is_err());
    }
}
