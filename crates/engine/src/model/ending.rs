//! How a connection ended.

use super::is_zero;
use serde::Serialize;

/// Who ended a connection, how, whether that is normal, and why.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Ending {
    /// normal, abnormal, undecided or open.
    pub verdict: String,
    /// client, server, middlebox, network, crossing, nobody or unknown.
    pub ended_by: String,
    /// The first goodbye; null where there was no act of closing.
    pub first_goodbye: Option<Goodbye>,
    /// Every act of closing, in order.
    pub goodbyes: Vec<Goodbye>,
    /// Seconds from the last application byte to the first goodbye.
    pub idle_before: Option<f64>,
    /// Something was asked and not yet answered, or half sent; null where that cannot be known.
    pub outstanding: Option<bool>,
    /// Id in the catalogue of causes; null where no rule covers what was seen.
    pub cause: Option<String>,
    /// The cause in a line of plain words.
    pub title: Option<String>,
    /// How sure the cause is, 0 to 1.
    pub confidence: f64,
    /// Other ids that hold beside the cause.
    pub also: Vec<String>,
    /// client-app, client-host, server-app, server-host, middlebox, path, configuration, nobody or unknown.
    pub responsible: String,
    /// Number of the event (in the report's `events`) that ended others at the same time too; left out where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<u32>,
    /// What speaks for and against.
    pub evidence: Vec<Evidence>,
    /// Causes that could not be excluded.
    pub alternatives: Vec<Alternative>,
    /// What about the capture weakens this verdict.
    pub limits: Vec<String>,
    /// Plain words, for somebody new to networks.
    pub explanation: String,
    /// What to do now.
    pub next_steps: Vec<String>,
    /// Wireshark display filters that show it.
    pub display_filters: Vec<DisplayFilter>,
}

/// One act of closing.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Goodbye {
    /// The frame that completes it; for silence the first that went unanswered, for a FIN that the capture lacks the one that
    /// acknowledges it.
    pub frame: u64,
    /// Index of the capture file; left out where it is 0.
    #[serde(skip_serializing_if = "is_zero")]
    pub capture: u32,
    /// Time of that frame.
    pub time: String,
    /// client or server: the claimed sender; for silence the side that fell silent; null for ICMP.
    pub from: Option<String>,
    /// plain-alert, encrypted-alert, inferred-alert, decrypted-alert, fin, rst, icmp, silence or application.
    pub kind: String,
    /// first, reply, echo, repeat, crossing or ignored.
    pub role: String,
    /// How certain it is that it is this at all, 0 to 1.
    pub certainty: f64,
    /// Who sent an ICMP error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

/// A statement with the frames that show it.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Evidence {
    /// What is seen.
    pub says: String,
    /// The frames that show it.
    pub frames: Vec<u64>,
    /// Their capture files; left out where all are 0.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub captures: Vec<u32>,
    /// It speaks for the cause; else against it.
    #[serde(rename = "for")]
    pub supports: bool,
}

/// A cause that could not be excluded.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Alternative {
    /// Id in the catalogue.
    pub cause: String,
    /// How likely, 0 to 1.
    pub confidence: f64,
    /// What would decide.
    pub would_decide: String,
}

/// A Wireshark display filter for one capture file.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DisplayFilter {
    /// Index of the capture file.
    pub capture: u32,
    /// The filter.
    pub filter: String,
}
