//! The whole at a glance, and the ending that somebody asked about.

use serde::Serialize;
use std::collections::BTreeMap;

/// Counts over all connections, whatever a filter shows.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Summary {
    /// Connections in all.
    pub connections: u64,
    /// Ended as designed.
    pub normal: u64,
    /// Something went wrong.
    pub abnormal: u64,
    /// A fair expert would not say.
    pub undecided: u64,
    /// The capture ends first.
    pub open: u64,
    /// Connections of which the capture lacks bytes that were sent and acknowledged.
    pub incomplete: u64,
    /// How many bytes it lacks of them, all together.
    pub missing_bytes: u64,
    /// Connections by cause; those without one are not in it.
    pub by_cause: BTreeMap<String, u64>,
}

/// The reported incident, or the one ending that stands out.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Incident {
    /// The reported time.
    pub reported_at: Option<String>,
    /// The reported error text.
    pub error: Option<String>,
    /// Every moment that the reported time may mean: a time of day is one on each day of the capture.
    pub moments: Vec<String>,
    /// The zone in which the time was read.
    pub time_zone: Option<String>,
    /// What was searched.
    pub window: Option<[String; 2]>,
    /// Endings that may be the reported one, most likely first.
    pub suspects: Vec<Suspect>,
    /// What has to be said about the report itself: how its time was read, that its text contradicts the capture.
    pub remarks: Vec<String>,
    /// What the other connections do.
    pub baseline: Option<String>,
    /// Words, when no ending in the capture fits the report; `suspects` is then empty.
    pub if_none: Option<String>,
}

/// An ending that may be the reported one.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Suspect {
    /// The connection's `id`.
    pub connection: u64,
    /// How well it fits, 0 to 1.
    pub score: f64,
    /// The error text fits it, or speaks against it; none where it says neither.
    pub text_fits: Option<bool>,
    /// Which of the `moments` it fits; none where there is only one.
    pub reported_at: Option<String>,
    /// Why.
    pub because: String,
    /// Frames to look at.
    pub frames: Vec<u64>,
}
