//! Something that ended many connections at once.

use serde::Serialize;
use std::collections::BTreeMap;

/// One event that ended several connections in one instant; each of them names it in `ending.event`.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Event {
    /// server-died, server-stopped, server-forgot, server-silent, client-died, client-silent, line-down or
    /// many-cut.
    pub what: String,
    /// When the first of these connections ended, or fell silent.
    pub first_time: String,
    /// When the last one did.
    pub last_time: String,
    /// The server's or client's address that all of them share; null where they have none in common.
    pub address: Option<String>,
    /// The server's port, where all of them share it.
    pub port: Option<u16>,
    /// How many connections it ended.
    pub count: u64,
    /// How many of these endings are abnormal.
    pub abnormal: u64,
    /// On how many of them something was outstanding.
    pub outstanding: u64,
    /// Their `id`s, the first thousand.
    pub connections: Vec<u64>,
    /// Their causes.
    pub by_cause: BTreeMap<String, u64>,
    /// Refusals of new connections that began right afterwards.
    pub refused: Option<Refused>,
    /// What it most likely was, in words.
    pub means: String,
}

/// A time in which new connections were refused.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Refused {
    /// The first refusal.
    pub first_time: String,
    /// The last one.
    pub last_time: String,
    /// How many.
    pub count: u32,
}
