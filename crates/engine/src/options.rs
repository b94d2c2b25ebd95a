//! What a reading needs to be told.

use jiff::{Timestamp, civil, tz::TimeZone};

/// What a reading needs to be told; the defaults read a capture and ask nothing.
#[derive(Clone, Debug)]
pub struct Options {
    /// When the trouble was noticed.
    pub reported: Option<Reported>,
    /// What the program or its user said.
    pub error: Option<String>,
    /// The zone in which times are read and told.
    pub zone: TimeZone,
    /// That zone's name, for people.
    pub zone_name: String,
    /// Nobody named that zone: it is the machine's own.
    pub zone_assumed: bool,
    /// Bounds of memory.
    pub limits: Limits,
    /// Seed of the hash of the connection table: keeps whoever makes the packets from choosing which
    /// connections collide. It changes no output.
    pub seed: u64,
}

/// Bounds of memory. What a bound costs is reported.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bounds of the connection table.
    pub table: hangup_track::Limits,
    /// Bytes of ended connections, packed, that wait in memory until they are judged; more go to an unlinked
    /// temporary file.
    pub facts: usize,
    /// Groups of siblings (one client host, one server and name) kept apart; further ones only count for their
    /// servers.
    pub groups: usize,
}

/// A time that somebody reported.
#[derive(Clone, Debug)]
pub struct Reported {
    /// As it was given.
    pub text: String,
    /// What it says.
    pub when: When,
    /// How finely it was said, in seconds: 60 for `11:15`, 1 for `11:15:30`.
    pub precision: i64,
}

/// What a reported time says.
#[derive(Clone, Copy, Debug)]
pub enum When {
    /// A moment, its zone included.
    Instant(Timestamp),
    /// A date and a time of day.
    Civil(civil::DateTime),
    /// A time of day on whichever day the capture has it.
    Time(civil::Time),
}

impl Default for Options {
    fn default() -> Self {
        Self {
            reported: None,
            error: None,
            zone: TimeZone::UTC,
            zone_name: "UTC".into(),
            zone_assumed: false,
            limits: Limits::default(),
            seed: 0,
        }
    }
}

impl Default for Limits {
    /// The table's own bounds, 32 MiB of ended connections (some 80,000), 8 Ki groups (some 8 MiB).
    fn default() -> Self {
        Self { table: hangup_track::Limits::default(), facts: 32 << 20, groups: 1 << 13 }
    }
}
