//! Where a report goes, piece by piece, so that no format needs all connections in memory.

use crate::Marks;
use crate::model::{Capture, Connection, Event, Incident, Summary};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Takes a report in the order in which it becomes known: every connection by `id`, then the conclusion.
pub trait Sink {
    /// A connection in brief, before there are words for it. Whether [`Sink::connection`] is to have it with them:
    /// most endings of a long capture are only counted, and their words would cost more than reading it.
    fn glance(&mut self, _: &Glance<'_>) -> bool {
        true
    }

    /// Whether [`Sink::glance`] asks for the words of every connection: they are then found beside the writing, where there is
    /// a second thread.
    fn wants_all(&self) -> bool {
        true
    }

    /// One connection with all that is said of it, where [`Sink::glance`] asked for it.
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

/// A judged connection in brief.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Glance<'a> {
    /// Its number.
    pub id: u64,
    /// The end that was called.
    pub server: SocketAddr,
    /// The name by which people know that end: what TLS asked for, else what the capture calls it; not escaped.
    pub name: Option<&'a str>,
    /// normal, abnormal, undecided or open.
    pub verdict: &'a str,
    /// Who hung up first, as in the report.
    pub ended_by: &'a str,
    /// Id of the cause.
    pub cause: Option<&'a str>,
    /// How sure the cause is, 0 to 1, in hundredths.
    pub confidence: f64,
    /// Something was outstanding when it ended.
    pub outstanding: Option<bool>,
    /// Number of the event that ended others at the same time too.
    pub event: Option<u32>,
}

impl<'a> Glance<'a> {
    /// That of a connection which has its words already.
    pub fn of(connection: &'a Connection) -> Self {
        let (server, ending) = (&connection.server, &connection.ending);
        let sni = connection.tls.as_ref().and_then(|tls| tls.sni.as_deref());
        Self {
            id: connection.id,
            server: SocketAddr::new(
                server.ip.parse().unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
                server.port,
            ),
            name: sni.or(server.name.as_deref()),
            verdict: &ending.verdict,
            ended_by: &ending.ended_by,
            cause: ending.cause.as_deref(),
            confidence: ending.confidence,
            outstanding: ending.outstanding,
            event: ending.event,
        }
    }
}

/// What is known when the input has ended.
#[derive(Clone, Debug)]
pub struct Conclusion {
    /// The capture files.
    pub captures: Vec<Capture>,
    /// Counts over all connections.
    pub summary: Summary,
    /// What ended several connections in one instant, by number.
    pub events: Vec<Event>,
    /// The incident.
    pub incident: Option<Incident>,
    /// The connections of the incident's suspects, most likely first.
    pub suspects: Vec<Connection>,
    /// Connections that were finished early because a limit was reached.
    pub evicted: u64,
    /// Places to go on from when the same input is read again.
    pub marks: Marks,
}
