//! What the other connections say: the baseline, and whether the server was alive.

use crate::Facts;
use hangup_wire::Timestamp;

/// All that judging one connection may know about the others.
#[derive(Clone, Copy, Debug)]
pub struct Siblings<'a> {
    /// Connections of the same client host to the same server address and port, with the same SNI.
    pub group: &'a Group,
    /// All connections to the same server address and port.
    pub server: &'a Server,
    /// What holds for the whole input.
    pub world: &'a World,
}

/// The whole input.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct World {
    /// Time of the input's first packet.
    pub begin: Timestamp,
    /// Time of the input's last packet.
    pub end: Timestamp,
    /// Connections in all.
    pub connections: u64,
}

/// Who counts as a sibling.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GroupKey {
    /// The client's address.
    pub client: [u8; 16],
    /// The server's address.
    pub server: [u8; 16],
    /// The server's port.
    pub port: u16,
    /// The server name asked for, where TLS shows one.
    pub sni: Option<String>,
}

impl GroupKey {
    /// The group that `facts` belongs to.
    pub fn of(facts: &Facts) -> Self {
        Self {
            client: facts.client.address,
            server: facts.server.address,
            port: facts.server.port,
            sni: facts.tls.as_ref().and_then(|tls| tls.sni.clone()),
        }
    }
}

/// Siblings of one client host, summed up within bounds: adding a connection is cheap and keeps no more than a
/// fixed number of samples.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Group {
    /// How many.
    pub count: u64,
}

/// Connections to one server address and port, summed up within bounds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Server {
    /// How many.
    pub count: u64,
}

impl Group {
    /// Counts one more sibling.
    pub fn add(&mut self, facts: &Facts) {
        let _ = facts;
        self.count += 1;
    }
}

impl Server {
    /// Counts one more connection.
    pub fn add(&mut self, facts: &Facts) {
        let _ = facts;
        self.count += 1;
    }
}
