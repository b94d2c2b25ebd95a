//! Many endings in one instant are one event: a process died, a host went away, a link went down.

use hangup_wire::Timestamp;

/// What happened to many connections at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Happening {
    /// The server's program died or was killed.
    ServerDied,
    /// The server's program closed its lines in order: a restart, a deploy, a shutdown.
    ServerStopped,
    /// The server's machine no longer knew its connections.
    ServerForgot,
    /// The server's machine fell silent on all connections.
    ServerSilent,
    /// The client's program died or was killed.
    ClientDied,
    /// The client's machine fell silent, or heard nobody any more.
    ClientSilent,
    /// Several clients lost several servers at once.
    LineDown,
    /// Connections of several clients to several servers were cut at once.
    ManyCut,
}

/// An event, as one of the connections that it ended shows it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// What happened.
    pub happening: Happening,
    /// When this connection ended, or fell silent.
    pub at: Timestamp,
    /// Whose event it is: the server's or the client's address; none where it concerns all.
    pub address: Option<[u8; 16]>,
    /// The server's port, where only one port is concerned.
    pub port: Option<u16>,
    /// New connections were refused from the first moment to the second one, so many times.
    pub refused: Option<(Timestamp, Timestamp, u32)>,
}

impl Happening {
    /// The word in the report.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ServerDied => "server-died",
            Self::ServerStopped => "server-stopped",
            Self::ServerForgot => "server-forgot",
            Self::ServerSilent => "server-silent",
            Self::ClientDied => "client-died",
            Self::ClientSilent => "client-silent",
            Self::LineDown => "line-down",
            Self::ManyCut => "many-cut",
        }
    }

    /// What it most likely was, in plain words, for the sentence that begins with what is seen.
    pub const fn means(self) -> &'static str {
        match self {
            Self::ServerDied => {
                "most likely the server's program crashed or was killed: a single failing request does not end the others"
            }
            Self::ServerStopped => {
                "most likely the server's program was restarted or shut down: it closed its lines in order"
            }
            Self::ServerForgot => {
                "most likely the server's machine was started again, or another one took over its address: it no longer knew \
                 connections that had been open"
            }
            Self::ServerSilent => "most likely the server's machine, or the path to it, was gone",
            Self::ClientDied => {
                "most likely the client's program crashed or was killed, or somebody cancelled all it was doing"
            }
            Self::ClientSilent => {
                "most likely the client's machine slept, changed its network or lost it: nothing reached it or came from it"
            }
            Self::LineDown => "most likely a link, a switch or a router between them failed",
            Self::ManyCut => {
                "something that they have in common ended them: a firewall, a proxy or a tunnel between, or a machine that was \
                 shut down"
            }
        }
    }

    /// Seconds between two endings of it at the most.
    pub const fn spread(self) -> f64 {
        match self {
            Self::ServerDied | Self::ClientDied | Self::ManyCut => 0.5,
            Self::ServerStopped => 2.0,
            // Who fell silent is noticed at the next use of each line.
            Self::ServerForgot | Self::ServerSilent | Self::ClientSilent | Self::LineDown => 60.0,
        }
    }
}
