//! What judging gives.

use crate::Event;
use hangup_wire::{Moment, Side};

/// Who ended a connection, how, whether that is normal, and why it most likely happened, with the words for it.
/// Never says more than the capture shows: what is not decided is none.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// What is decided.
    pub ruling: Ruling,
    /// Other ids that hold beside the cause.
    pub also: Vec<&'static str>,
    /// What speaks for and against, with frames.
    pub evidence: Vec<Evidence>,
    /// Causes that could not be excluded, most likely first.
    pub alternatives: Vec<Alternative>,
    /// What about the capture weakens this verdict.
    pub limits: Vec<String>,
    /// Plain words for somebody new to networks.
    pub explanation: String,
    /// What to do now.
    pub next_steps: Vec<String>,
}

/// What a verdict decides, without its words: all that counting endings and comparing them needs.
#[derive(Clone, Debug, PartialEq)]
pub struct Ruling {
    /// Normal, abnormal, undecided or open.
    pub outcome: Outcome,
    /// Who decided to end it.
    pub ended_by: EndedBy,
    /// Every act of closing in order, each with its role.
    pub goodbyes: Vec<Goodbye>,
    /// Which of `goodbyes` is the first; none where there was no act of closing.
    pub first: Option<usize>,
    /// Seconds from the last application byte of either side to the first goodbye (or to the end of the
    /// capture).
    pub idle_before: Option<f64>,
    /// Something was asked and not yet answered, or half sent; none where that cannot be known.
    pub outstanding: Option<bool>,
    /// Id of the cause in the catalogue; none where no rule covers what was seen.
    pub cause: Option<&'static str>,
    /// How sure the cause is, 0 to 1.
    pub confidence: f64,
    /// Who is most likely responsible.
    pub responsible: Responsible,
    /// The event that ended others at the same time too.
    pub event: Option<Event>,
}

impl Ruling {
    /// The first goodbye.
    pub fn first_goodbye(&self) -> Option<&Goodbye> {
        self.goodbyes.get(self.first?)
    }
}

/// Whether an ending is normal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    /// As designed.
    Normal,
    /// Something went wrong.
    Abnormal,
    /// A fair expert would not say.
    Undecided,
    /// The capture ends first.
    Open,
}

/// Who ended a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EndedBy {
    /// The client decided to close, or gave up aloud.
    Client,
    /// The server decided to close, or gave up aloud.
    Server,
    /// The claimed sender did not send it.
    Middlebox,
    /// An ICMP error, proven loss, or silence after unanswered data.
    Network,
    /// Both at once; neither knew.
    Crossing,
    /// No act of closing and nothing unanswered.
    Nobody,
    /// Cannot be told.
    Unknown,
}

/// Who is responsible for an ending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Responsible {
    /// The program on the client.
    ClientApp,
    /// The client's machine.
    ClientHost,
    /// The program on the server, or a proxy in its place.
    ServerApp,
    /// The server's machine.
    ServerHost,
    /// Something between.
    Middlebox,
    /// The path between.
    Path,
    /// Settings that do not fit together.
    Configuration,
    /// Nobody: nothing is wrong.
    Nobody,
    /// Not known.
    Unknown,
}

/// One act of closing with its role.
#[derive(Clone, Debug, PartialEq)]
pub struct Goodbye {
    /// The packet that completes it; for silence the first that went unanswered.
    pub at: Moment,
    /// The claimed sender; for silence the side that fell silent; none for ICMP.
    pub from: Option<Side>,
    /// What it is.
    pub kind: GoodbyeKind,
    /// What it means in the order of things.
    pub role: Role,
    /// How certain it is that it is this at all, 0 to 1.
    pub certainty: f64,
    /// Who sent an ICMP error, IPv4 as `::ffff:a.b.c.d`.
    pub address: Option<[u8; 16]>,
}

/// The kinds of goodbyes of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GoodbyeKind {
    /// A readable TLS alert.
    PlainAlert,
    /// A TLS alert whose content is hidden.
    EncryptedAlert,
    /// A TLS 1.3 record that is an alert by length and position.
    InferredAlert,
    /// A TLS alert opened with a key.
    DecryptedAlert,
    /// A FIN.
    Fin,
    /// A RST.
    Rst,
    /// An ICMP error.
    Icmp,
    /// Something that nobody answered.
    Silence,
    /// A protocol's own goodbye.
    Application,
}

/// What a goodbye means in the order of things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The opening move of the side that ended the connection, or another part of that move.
    First,
    /// The other side's answer.
    Reply,
    /// A kernel's answer to a goodbye that came too late.
    Echo,
    /// Sent again.
    Repeat,
    /// Said before the other side's could have been known.
    Crossing,
    /// Seen, but the connection went on.
    Ignored,
}

/// A statement with the frames that show it.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// What is seen, in words.
    pub says: String,
    /// Where.
    pub frames: Vec<Moment>,
    /// It speaks for the cause; else against it.
    pub supports: bool,
}

/// A cause that could not be excluded.
#[derive(Clone, Debug, PartialEq)]
pub struct Alternative {
    /// Id in the catalogue.
    pub cause: &'static str,
    /// How likely, 0 to 1.
    pub confidence: f64,
    /// What would decide.
    pub would_decide: String,
}

impl Outcome {
    /// The word in the report.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Abnormal => "abnormal",
            Self::Undecided => "undecided",
            Self::Open => "open",
        }
    }
}

impl EndedBy {
    /// The word in the report.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
            Self::Middlebox => "middlebox",
            Self::Network => "network",
            Self::Crossing => "crossing",
            Self::Nobody => "nobody",
            Self::Unknown => "unknown",
        }
    }
}

impl Responsible {
    /// The program of `side`.
    pub(crate) const fn app(side: Side) -> Self {
        match side {
            Side::Client => Self::ClientApp,
            Side::Server => Self::ServerApp,
        }
    }

    /// The word in the report.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ClientApp => "client-app",
            Self::ClientHost => "client-host",
            Self::ServerApp => "server-app",
            Self::ServerHost => "server-host",
            Self::Middlebox => "middlebox",
            Self::Path => "path",
            Self::Configuration => "configuration",
            Self::Nobody => "nobody",
            Self::Unknown => "unknown",
        }
    }
}

impl GoodbyeKind {
    /// The word in the report.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PlainAlert => "plain-alert",
            Self::EncryptedAlert => "encrypted-alert",
            Self::InferredAlert => "inferred-alert",
            Self::DecryptedAlert => "decrypted-alert",
            Self::Fin => "fin",
            Self::Rst => "rst",
            Self::Icmp => "icmp",
            Self::Silence => "silence",
            Self::Application => "application",
        }
    }
}

impl Role {
    /// The word in the report.
    pub const fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Reply => "reply",
            Self::Echo => "echo",
            Self::Repeat => "repeat",
            Self::Crossing => "crossing",
            Self::Ignored => "ignored",
        }
    }
}
