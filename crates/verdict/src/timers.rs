//! Times after which known products hang up, forget or lose patience: a match is a hint, never proof, and no
//! match speaks against nothing. The table is `data/timers.tsv`, with the source of each row.

use core::fmt::{self, Display, Formatter};
use std::sync::LazyLock;

const TABLE: &str = include_str!("../data/timers.tsv");
/// So many names are said; of more it is said that there are more.
const NAMED: usize = 3;

/// Time-outs that people set, in seconds.
const ROUND: [f64; 18] = [
    1.0, 2.0, 3.0, 5.0, 8.0, 10.0, 15.0, 20.0, 25.0, 30.0, 45.0, 60.0, 90.0, 100.0, 120.0, 180.0, 300.0,
    600.0,
];

/// `seconds` is what a time-out that somebody set makes of a round number: a timer may fire late, hardly ever early.
pub(crate) fn round(seconds: f64) -> bool {
    ROUND.iter().any(|&timeout| seconds >= timeout - 0.02 && seconds <= timeout * 1.01 + 0.15)
}

/// `seconds` is such a round number to some milliseconds: a pause that ends so was ended by a timer and hardly by chance, for
/// these times take up a hundredth of all.
pub(crate) fn exact(seconds: f64) -> bool {
    ROUND.iter().any(|&timeout| seconds >= timeout - 0.002 && seconds <= timeout + 0.02)
}

/// `seconds` are whole ones to some milliseconds, as a timer makes them: one pause in fifty is so by chance.
pub(crate) fn whole(seconds: f64) -> bool {
    let beyond = (seconds + 0.002).fract();
    seconds >= 1.0 && beyond <= 0.022
}

/// Who keeps such a timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Keeper {
    /// A program that calls: it closes its quiet pooled connections.
    Client,
    /// A program that is called, or a proxy in its place: it closes quiet connections.
    Server,
    /// Something between that forgets quiet connections.
    Between,
    /// A server that waits for a client's first words, or for the rest of a request.
    Opening,
    /// A proxy that waits for an answer.
    Answer,
    /// A program that shows at regular times that it lives.
    Pulse,
    /// The kernel of either machine.
    System,
}

/// A known time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Timer {
    /// Who keeps it.
    pub keeper: Keeper,
    /// Seconds.
    pub seconds: f64,
    /// The product that has it as a default, and the name of its setting.
    pub product: &'static str,
    /// A section of a standard or of a manual, or an address.
    pub source: &'static str,
    /// What else is known; empty where nothing is.
    pub note: &'static str,
}

static TIMERS: LazyLock<Vec<Timer>> = LazyLock::new(|| {
    let mut timers: Vec<Timer> = rows().filter_map(parse).collect();
    timers.sort_by(|a, b| a.keeper.cmp(&b.keeper).then(a.seconds.total_cmp(&b.seconds)));
    timers
});

/// All known timers, by keeper and time.
pub fn all() -> &'static [Timer] {
    &TIMERS
}

/// Timers that a pause equals: never empty. Shown as `350 s: AWS NLB's idle limit`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Known(&'static [Timer]);

impl Known {
    /// The timers of `keeper` that fire after `pause` seconds: within 2 %, or one second below a minute. A timer
    /// may fire late, hardly ever early.
    pub(crate) fn matching(keeper: Keeper, pause: f64) -> Option<Self> {
        let timers = kept_by(keeper);
        let first = timers.partition_point(|timer| timer.seconds + lateness(timer.seconds) < pause);
        let behind = timers.partition_point(|timer| timer.seconds - 0.1 <= pause);
        timers.get(first..behind).filter(|timers| !timers.is_empty()).map(Self)
    }

    /// The longest timers of `keeper` that `pause` seconds exceed.
    pub(crate) fn exceeded(keeper: Keeper, pause: f64) -> Option<Self> {
        let timers = kept_by(keeper);
        let behind = timers.partition_point(|timer| timer.seconds <= pause);
        let seconds = timers.get(..behind)?.last()?.seconds;
        let first = timers.partition_point(|timer| timer.seconds < seconds);
        timers.get(first..behind).map(Self)
    }
}

impl Display for Known {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut before = None;
        for timer in self.0.iter().take(NAMED) {
            match before {
                Some(seconds) if seconds == timer.seconds.to_bits() => f.write_str(", ")?,
                Some(_) => write!(f, "; {} s: ", timer.seconds)?,
                None => write!(f, "{} s: ", timer.seconds)?,
            }
            f.write_str(timer.product)?;
            before = Some(timer.seconds.to_bits());
        }
        match self.0.len().saturating_sub(NAMED) {
            0 => Ok(()),
            more => write!(f, ", and {more} more"),
        }
    }
}

/// So many seconds late a timer of `seconds` may fire.
fn lateness(seconds: f64) -> f64 {
    if seconds < 60.0 { 1.0 } else { seconds * 0.02 }
}

fn kept_by(keeper: Keeper) -> &'static [Timer] {
    let timers = all();
    let first = timers.partition_point(|timer| timer.keeper < keeper);
    let behind = timers.partition_point(|timer| timer.keeper <= keeper);
    timers.get(first..behind).unwrap_or_default()
}

/// The lines of the table that are neither comments nor its head.
fn rows() -> impl Iterator<Item = &'static str> {
    TABLE.lines().filter(|line| !line.starts_with('#')).skip(1)
}

fn parse(row: &'static str) -> Option<Timer> {
    let mut cells = row.split('\t');
    let keeper = match cells.next()? {
        "client" => Keeper::Client,
        "server" => Keeper::Server,
        "between" => Keeper::Between,
        "opening" => Keeper::Opening,
        "answer" => Keeper::Answer,
        "pulse" => Keeper::Pulse,
        "system" => Keeper::System,
        _ => return None,
    };
    let seconds = cells.next()?.parse().ok().filter(|&seconds: &f64| seconds.is_finite() && seconds > 0.0)?;
    let product = cells.next().filter(|product| !product.is_empty())?;
    let source = cells.next().filter(|source| source.len() > 3)?;
    let note = cells.next().map(|note| if note == "-" { "" } else { note })?;
    cells.next().is_none().then_some(Timer { keeper, seconds, product, source, note })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_parses_and_stands_in_its_place() {
        let parsed: Vec<Timer> = rows().map(|row| parse(row).unwrap_or_else(|| panic!("{row:?}"))).collect();
        assert!(parsed.len() > 60, "{}", parsed.len());
        for pair in parsed.windows(2) {
            let [a, b] = pair else { continue };
            assert!((a.keeper, a.seconds) <= (b.keeper, b.seconds), "{a:?} before {b:?}");
            assert!(a != b, "{a:?} twice");
        }
        assert_eq!(parsed, all());
    }

    #[test]
    fn a_timer_fires_a_little_late_and_never_early() {
        let seconds = |pause| Known::matching(Keeper::Server, pause).map(|known| known.0[0].seconds);
        assert_eq!(seconds(75.05), Some(75.0));
        assert_eq!(seconds(74.0), None);
        assert_eq!(seconds(78.0), None);
        assert_eq!(seconds(0.0), None);
        assert_eq!(seconds(f64::NAN), None);
        assert_eq!(seconds(1e12), None);
    }

    #[test]
    fn a_round_number_is_what_people_set() {
        for seconds in [0.98, 1.0, 1.16, 5.0, 5.2, 30.4, 600.0, 606.15] {
            assert!(round(seconds), "{seconds}");
        }
        for seconds in [0.0, 0.979, 1.17, 1.36, 4.97, 5.21, 606.2, f64::NAN] {
            assert!(!round(seconds), "{seconds}");
        }
    }

    #[test]
    fn a_timer_that_fires_in_time_is_told_from_a_pause_of_about_that_length() {
        for seconds in [0.999, 2.0, 2.019, 600.01] {
            assert!(exact(seconds), "{seconds}");
        }
        for seconds in [0.997, 2.03, 2.292, 4.0, 600.03, f64::NAN] {
            assert!(!exact(seconds), "{seconds}");
        }
    }

    #[test]
    fn the_longest_that_is_exceeded() {
        let exceeded = |pause| Known::exceeded(Keeper::Between, pause).map(|known| known.0[0].seconds);
        assert_eq!(exceeded(400.0), Some(350.0));
        assert_eq!(exceeded(239.0), None);
    }

    #[test]
    fn people_read_time_and_products() {
        let shown = |keeper, pause| Known::matching(keeper, pause).map(|known| known.to_string());
        assert_eq!(
            shown(Keeper::Between, 350.2).as_deref(),
            Some(
                "350 s: AWS NLB's idle limit, AWS NAT gateway's idle limit, AWS Network Firewall's and Transit Gateway's idle limit"
            )
        );
        assert_eq!(
            shown(Keeper::Server, 610.0).as_deref(),
            Some(
                "600 s: Kafka brokers (connections.max.idle.ms), nginx as a stream proxy (proxy_timeout); 610 s: Google Cloud's HTTP(S) load balancer towards clients"
            )
        );
        assert!(shown(Keeper::Server, 900.0).is_some_and(|shown| shown.ends_with(", and 1 more")));
    }
}
