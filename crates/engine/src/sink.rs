//! Where a report goes, piece by piece, so that no format needs all connections in memory.

use crate::model::{Capture, Connection, Incident, Summary};
use std::io;

/// Takes a report in the order in which it becomes known: every connection by `id`, then the conclusion.
pub trait Sink {
    /// One connection.
    ///
    /// # Errors
    /// Whatever writing it gives; the reading then ends.
    fn connection(&mut self, connection: &Connection) -> io::Result<()>;

    /// What is known at the end.
    ///
    /// # Errors
    /// Whatever writing it gives.
    fn conclude(&mut self, conclusion: &Conclusion) -> io::Result<()>;
}

/// What is known when the input has ended.
#[derive(Clone, Debug)]
pub struct Conclusion {
    /// The capture files.
    pub captures: Vec<Capture>,
    /// Counts over all connections.
    pub summary: Summary,
    /// The incident.
    pub incident: Option<Incident>,
    /// The connections of the incident's suspects, most likely first.
    pub suspects: Vec<Connection>,
    /// Connections that were finished early because a limit was reached.
    pub evicted: u64,
}
