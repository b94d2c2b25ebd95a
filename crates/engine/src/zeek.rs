//! Zeek's connection state codes, so that analysts feel at home.

/// Zeek's `conn_state` from its `history` (base/protocols/conn/main.zeek, `function conn_state`).
///
/// As in Zeek a RST after both FINs changes nothing, and FINs of both sides end a connection however they are
/// mixed with RSTs; what begins in the middle is `OTH`.
pub(crate) fn conn_state(history: &str) -> &'static str {
    let did = |letter: char| history.contains(letter);
    let first_reset = history.chars().find(|letter| matches!(letter, 'R' | 'r'));
    match (did('S'), did('h')) {
        (true, true) => match (did('F'), did('f'), first_reset) {
            (true, true, _) => "SF",
            (_, _, Some('R')) => "RSTO",
            (_, _, Some(_)) => "RSTR",
            (true, false, None) => "S2",
            (false, true, None) => "S3",
            (false, false, None) => "S1",
        },
        (true, false) => match first_reset {
            Some('R') => "RSTOS0",
            Some(_) => "REJ",
            None if did('F') => "SH",
            None => "S0",
        },
        (false, true) => match first_reset {
            Some(_) => "RSTRH",
            None if did('f') => "SHR",
            None => "OTH",
        },
        (false, false) => "OTH",
    }
}

#[cfg(test)]
mod tests {
    use super::conn_state;

    #[test]
    fn says_what_zeek_says() {
        for (history, state) in [
            ("ShADadFf", "SF"),
            ("ShADadFfR", "SF"),
            ("ShADadr", "RSTR"),
            ("ShADadFr", "RSTR"),
            ("Sr", "REJ"),
            ("S", "S0"),
            ("ShADaF", "S2"),
            ("DadA", "OTH"),
            ("^hCadCFf", "SHR"),
        ] {
            assert_eq!(conn_state(history), state, "{history}");
        }
    }
}
