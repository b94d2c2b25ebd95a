//! Numbers and durations, and ranges of them.

/// A number, or a range out of which the story's chance picks one; both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// The smallest.
    pub(crate) low: u64,
    /// The largest.
    pub(crate) high: u64,
}

impl Span {
    /// Exactly this.
    pub(crate) const fn of(value: u64) -> Self {
        Self { low: value, high: value }
    }

    /// `300` or `600..1500`.
    pub(crate) fn numbers(text: &str) -> Result<Self, String> {
        Self::parse(text, |part| part.parse().map_err(|_| format!("no number: `{part}`")))
    }

    /// `20ms` or `5s..5.3s`, in nanoseconds; a leading `+` is allowed.
    pub(crate) fn durations(text: &str) -> Result<Self, String> {
        Self::parse(text.strip_prefix('+').unwrap_or(text), duration)
    }

    fn parse(text: &str, one: impl Fn(&str) -> Result<u64, String>) -> Result<Self, String> {
        let span = match text.split_once("..") {
            Some((low, high)) => Self { low: one(low)?, high: one(high)? },
            None => Self::of(one(text)?),
        };
        if span.low > span.high { Err(format!("`{text}` runs backwards")) } else { Ok(span) }
    }
}

/// Nanoseconds of `2h20m30s`, `5.17s`, `20ms` or `100us`; whole microseconds, so that every file format can hold
/// the moment.
pub(super) fn duration(text: &str) -> Result<u64, String> {
    let wrong = || format!("no duration: `{text}` (2h20m30s, 5.17s, 20ms, 100us)");
    let mut rest = text;
    let mut micros: u64 = 0;
    if rest.is_empty() {
        return Err(wrong());
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(wrong)?;
        let (number, tail) = rest.split_at(digits);
        let unit = tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(unit);
        let scale: u64 = match unit {
            "h" => 3_600_000_000,
            "m" => 60_000_000,
            "s" => 1_000_000,
            "ms" => 1_000,
            "us" => 1,
            _ => return Err(wrong()),
        };
        micros = micros.checked_add(decimal(number, scale).ok_or_else(wrong)?).ok_or_else(wrong)?;
        rest = tail;
    }
    micros.checked_mul(1_000).ok_or_else(wrong)
}

/// `number`, a decimal fraction, times `scale`, rounded down.
fn decimal(number: &str, scale: u64) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let mut value = whole.parse::<u64>().ok()?.checked_mul(scale)?;
    let mut place = scale;
    for digit in fraction.chars() {
        place /= 10;
        value = value.checked_add(u64::from(digit.to_digit(10)?) * place)?;
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        assert_eq!(duration("2h20m30s"), Ok(8_430_000_000_000));
        assert_eq!(duration("5.17s"), Ok(5_170_000_000));
        assert_eq!(duration("20ms"), Ok(20_000_000));
        assert_eq!(duration("0.5ms"), Ok(500_000));
        for wrong in ["", "5", "s", "5x", "5..3s", "1.x5s", "99999999999999999h"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn spans() {
        assert_eq!(Span::numbers("600..1500"), Ok(Span { low: 600, high: 1500 }));
        assert_eq!(Span::durations("+5s"), Ok(Span::of(5_000_000_000)));
        assert!(Span::numbers("9..3").is_err());
    }
}
