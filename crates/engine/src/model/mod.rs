//! The report: schema `hangup/1`, the contract with every reader.
//!
//! Field names and enum values are fixed: additions are welcome, nothing is renamed, retyped or dropped. A
//! value that the capture does not decide is `null`, never a guess. Times are RFC 3339 UTC strings with the
//! capture's own precision; durations are seconds; frames are Wireshark's frame numbers of their file.

mod capture;
mod connection;
mod ending;
mod event;
mod incident;

pub use capture::{Capture, Problem};
pub use connection::{Alert, Connection, Endpoint, Flag, Pair, Tls};
pub use ending::{Alternative, DisplayFilter, Ending, Evidence, Goodbye};
pub use event::{Event, Refused};
pub use incident::{Incident, Summary, Suspect};

use serde::Serialize;

/// The name of the contract.
pub const SCHEMA: &str = "hangup/1";

/// The whole report, as `--format json` prints it.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Report {
    /// Always `hangup/1`.
    pub schema: String,
    /// The capture files, in the order of the call.
    pub captures: Vec<Capture>,
    /// Counts.
    pub summary: Summary,
    /// The ending that was asked for, or that stands out; else null.
    pub incident: Option<Incident>,
    /// What ended several connections in one instant, by number.
    pub events: Vec<Event>,
    /// Every TCP connection, by `id`.
    pub connections: Vec<Connection>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
pub(crate) fn is_zero(capture: &u32) -> bool {
    *capture == 0
}
