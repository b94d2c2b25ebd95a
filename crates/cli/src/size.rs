//! Sizes of memory, as people type them.

use crate::failure::Failure;

/// What `--max-memory` may be at least: the program, its buffers and its tables need as much.
const LEAST: usize = 96 << 20;

/// Bytes, from a number behind which K, M or G may stand (KiB, MiB, GiB).
pub(crate) fn memory(text: &str, option: &str) -> Result<usize, Failure> {
    let bytes = bytes(text).ok_or_else(|| {
        Failure::usage(format!("{option} {text}: that is no size"))
            .hinted(format!("{option} 512M, or {option} 2G"))
    })?;
    if bytes < LEAST {
        return Err(Failure::usage(format!("{option} {text}: with so little nothing can be read"))
            .hinted(format!("{option} 96M is the least")));
    }
    Ok(bytes)
}

fn bytes(text: &str) -> Option<usize> {
    let digits = text.trim_end_matches(|character: char| !character.is_ascii_digit());
    let shift = match text.get(digits.len()..)?.to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        _ => return None,
    };
    digits.parse::<usize>().ok()?.checked_mul(1 << shift)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_as_people_type_them() {
        for (text, expected) in [
            ("1024", Some(1024)),
            ("512M", Some(512 << 20)),
            ("2gib", Some(2 << 30)),
            ("4 G", None),
            ("much", None),
            ("", None),
            ("-1M", None),
            ("99999999999G", None),
        ] {
            assert_eq!(bytes(text), expected, "{text}");
        }
    }

    #[test]
    fn too_little_is_refused_with_what_is_enough() {
        assert!(memory("96M", "--max-memory").is_ok());
        assert!(memory("64M", "--max-memory").is_err());
    }
}
