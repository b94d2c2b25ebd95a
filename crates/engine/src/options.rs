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
    /// How many threads may work at once, at least 1; more than 2 are of no use so far. It changes no output.
    pub threads: usize,
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
            threads: 1,
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

impl Limits {
    /// What there is whatever is read: the program, its buffers, the judge's tables.
    const BASE: usize = 64 << 20;
    /// One open connection with its place in the table and, of an input that is read once, its last packets.
    const OPEN: usize = 1024;
    /// One group of siblings.
    const GROUP: usize = 1024;

    /// Bounds with which a reading stays below `memory` bytes: of what is left of them, half for open connections, a
    /// quarter for what is read of them, and the rest for what waits. There is no staying below 96 MiB.
    pub fn within(memory: usize) -> Self {
        let room = memory.saturating_sub(Self::BASE).max(Self::BASE / 2);
        let usual = hangup_track::Limits::default();
        let open = u32::try_from(room / 2 / Self::OPEN).unwrap_or(u32::MAX);
        let table = hangup_track::Limits {
            open,
            closing: usual.closing.min(open / 4),
            waiting_bytes: room / 16,
            content_bytes: room / 4,
            ..usual
        };
        let groups = (room / 16 / Self::GROUP).min(Self::default().groups);
        Self { table, facts: room / 16, groups }
    }
}
