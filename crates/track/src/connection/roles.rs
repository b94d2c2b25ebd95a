//! Who is the client, as the first packet tells.

use crate::Endpoint;
use hangup_wire::Flags;

/// How client and server were told apart, from best to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Roles {
    /// By a SYN.
    Syn,
    /// By a SYN-ACK.
    SynAck,
    /// One port only is below 1024 or well known.
    Port,
    /// The first packet's sender is called the client.
    Guess,
}

impl Roles {
    /// What a packet with these flags tells, and whether its sender is the client.
    pub(super) fn of(flags: Flags, source: Endpoint, target: Endpoint) -> (Self, bool) {
        if flags.syn() {
            let answer = flags.ack();
            return (if answer { Self::SynAck } else { Self::Syn }, !answer);
        }
        match (is_service(source.port), is_service(target.port)) {
            (false, true) => (Self::Port, true),
            (true, false) => (Self::Port, false),
            _ => (Self::Guess, true),
        }
    }
}

/// A port that servers listen on: below 1024, or registered for a service that people run.
fn is_service(port: u16) -> bool {
    const REGISTERED: [u16; 30] = [
        1080, 1433, 1521, 1883, 1935, 2049, 2484, 3128, 3268, 3306, 3389, 5060, 5061, 5222, 5432, 5671, 5672,
        5900, 5984, 6379, 6443, 8000, 8080, 8081, 8443, 8883, 9042, 9092, 9200, 27017,
    ];
    port < 1024 || REGISTERED.binary_search(&port).is_ok()
}
