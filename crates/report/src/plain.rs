//! Numbers as people say them: rounded, with a unit.

/// A duration, rounded to what matters: `0.21 ms`, `5.2 s`, `2 min 32 s`, `1 h 14 min`, `3 d 2 h`.
pub(crate) fn duration(seconds: f64) -> String {
    if !seconds.is_finite() {
        return "?".into();
    }
    if seconds < 0.0 {
        return format!("-{}", duration(-seconds));
    }
    if seconds < 0.000_000_5 {
        return "0 s".into();
    }
    if seconds < 0.000_999_5 {
        return format!("{:.0} µs", seconds * 1e6);
    }
    if seconds < 0.009_95 {
        return format!("{:.1} ms", seconds * 1e3);
    }
    if seconds < 0.999_5 {
        return format!("{:.0} ms", seconds * 1e3);
    }
    if seconds < 119.95 {
        let whole = (seconds - seconds.round()).abs() < 0.05;
        return if whole { format!("{seconds:.0} s") } else { format!("{seconds:.1} s") };
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive; saturates")]
    let whole = seconds.round() as u64;
    let (large, large_unit, small, small_unit) = match whole {
        0..3600 => (whole / 60, "min", whole % 60, "s"),
        3600..86_400 => (whole / 3600, "h", whole % 3600 / 60, "min"),
        _ => (whole / 86_400, "d", whole % 86_400 / 3600, "h"),
    };
    if small == 0 {
        format!("{large} {large_unit}")
    } else {
        format!("{large} {large_unit} {small} {small_unit}")
    }
}

/// An amount of bytes in powers of a thousand: `900 B`, `5.2 kB`, `31 MB`.
pub(crate) fn bytes(count: u64) -> String {
    if count < 1000 {
        return format!("{count} B");
    }
    #[expect(clippy::cast_precision_loss, reason = "rounded anyway")]
    let mut amount = count as f64;
    let mut units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"].into_iter();
    let mut unit = units.next().unwrap_or("B");
    while amount >= 999.5 {
        let Some(next) = units.next() else { break };
        amount /= 1000.0;
        unit = next;
    }
    if amount < 9.95 { format!("{amount:.1} {unit}") } else { format!("{amount:.0} {unit}") }
}

/// A number with commas: `48,211`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number and its noun: `1 connection`, `1,200 connections`.
pub(crate) fn count(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(number))
}

/// A share of one as a percentage, never 100 % or 0 % for what is not certain.
pub(crate) fn percent(share: f64) -> String {
    let rounded = (share * 100.0).round();
    let shown = if share < 1.0 && rounded >= 100.0 {
        99.0
    } else if share > 0.0 && rounded <= 0.0 {
        1.0
    } else {
        rounded
    };
    format!("{shown:.0} %")
}

/// Confidence from which on something is told as likely; below it is one possibility among others.
pub(crate) const LIKELY: f64 = 0.6;

/// How sure, in words: `very likely`.
pub(crate) fn likely(share: f64) -> &'static str {
    match share {
        s if s >= 0.95 => "almost certainly",
        s if s >= 0.8 => "very likely",
        s if s >= LIKELY => "likely",
        s if s >= 0.3 => "perhaps",
        _ => "hardly more than a guess",
    }
}

/// How sure, in words and figures: `very likely, 84 %`.
pub(crate) fn sure(share: f64) -> String {
    format!("{}, {}", likely(share), percent(share))
}

/// A frame's number; of a file that is not the first with the file's index before it: `1:17`.
pub(crate) fn frame(capture: u32, frame: u64) -> String {
    if capture == 0 { frame.to_string() } else { format!("{capture}:{frame}") }
}

/// Frames: `frame 17`, `frames 16, 17 and 20`; more than six are counted. `captures` says which file each is in,
/// and is empty where all are in the first.
pub(crate) fn frames(frames: &[u64], captures: &[u32]) -> String {
    const SHOWN: usize = 6;
    let captures = captures.iter().copied().chain(std::iter::repeat(0));
    let mut frames: Vec<String> =
        frames.iter().zip(captures).map(|(&number, capture)| frame(capture, number)).collect();
    frames.dedup();
    match frames.as_slice() {
        [] => String::new(),
        [one] => format!("frame {one}"),
        [first @ .., last] if frames.len() <= SHOWN => format!("frames {} and {last}", first.join(", ")),
        all => {
            let first = all.get(..SHOWN - 1).unwrap_or_default();
            format!("frames {} and {} more", first.join(", "), all.len() - first.len())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_say_what_matters() {
        let said: Vec<String> = [
            0.0, 0.000_02, 0.0012, 0.021, 0.5, 0.9997, 5.17, 30.0, 119.96, 152.0, 3599.7, 4440.0, 266_400.0,
            -2.0,
        ]
        .map(duration)
        .into();
        let expected = [
            "0 s",
            "20 µs",
            "1.2 ms",
            "21 ms",
            "500 ms",
            "1 s",
            "5.2 s",
            "30 s",
            "2 min",
            "2 min 32 s",
            "1 h",
            "1 h 14 min",
            "3 d 2 h",
            "-2 s",
        ];
        assert_eq!(said, expected);
    }

    #[test]
    fn amounts_are_rounded_and_grouped() {
        assert_eq!(
            [0, 999, 5200, 31_337_000, 999_999].map(bytes),
            ["0 B", "999 B", "5.2 kB", "31 MB", "1.0 MB"]
        );
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(count(1, "packet"), "1 packet");
        assert_eq!(count(1200, "packet"), "1,200 packets");
    }

    #[test]
    fn only_what_is_certain_is_a_hundred_per_cent() {
        assert_eq!([0.0, 0.001, 0.5, 0.999, 1.0].map(percent), ["0 %", "1 %", "50 %", "99 %", "100 %"]);
        assert_eq!(sure(0.84), "very likely, 84 %");
    }

    #[test]
    fn many_frames_are_counted() {
        assert_eq!(frames(&[17, 17], &[]), "frame 17");
        assert_eq!(frames(&[16, 17], &[]), "frames 16 and 17");
        assert_eq!(frames(&[1, 2, 3, 4, 5, 6, 7, 8], &[]), "frames 1, 2, 3, 4, 5 and 3 more");
        assert_eq!(frames(&[17, 4], &[0, 1]), "frames 17 and 1:4");
    }
}
