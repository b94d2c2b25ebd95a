//! What the other connections say: the baseline, and whether the server was alive.

use crate::{Client, Facts, Group, Instants, Server};
use hangup_wire::Timestamp;

/// All that judging one connection may know about the others.
#[derive(Clone, Copy, Debug)]
pub struct Siblings<'a> {
    /// Connections of the same client host to the same server address and port, with the same SNI.
    pub group: &'a Group,
    /// All connections to the same server address and port.
    pub server: &'a Server,
    /// All connections to the same server address, whatever the port.
    pub host: &'a Server,
    /// All connections of the same client address.
    pub client: &'a Client,
    /// All connections that the server's address opened itself: the second hop, where the server is a proxy and the
    /// capture shows both.
    pub behind: &'a Client,
    /// Which endings fell into one instant.
    pub instants: &'a Instants,
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
