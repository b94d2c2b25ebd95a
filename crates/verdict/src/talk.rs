//! Who asked, who answered: what makes *outstanding* mean something.

use hangup_wire::{Moment, PerSide, Side};

/// The conversation's application bytes. For TLS these are records that carry application data (lengths of
/// records); for other protocols segments with payload.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "bitcode", derive(bitcode::Encode, bitcode::Decode))]
pub struct Talk {
    /// How often the server began to speak after the client had: answers, as far as the order tells.
    pub answers: u32,
    /// How often the client began to speak after the server had (or first): questions.
    pub questions: u32,
    /// Who spoke last.
    pub last_speaker: Option<Side>,
    /// First application bytes of each side.
    pub first: PerSide<Option<Spoken>>,
    /// Last application bytes of each side.
    pub last: PerSide<Option<Spoken>>,
    /// Start of the last run of each side: where it began to speak the last time.
    pub run: PerSide<Option<Spoken>>,
    /// The last words of each side's run before its last one.
    pub prior: PerSide<Option<Spoken>>,
    /// Application bytes of the last run of each side.
    pub run_bytes: PerSide<u64>,
    /// Application bytes in all.
    pub bytes: PerSide<u64>,
    /// The rhythm in which each side began to speak, where its last turns have one.
    pub beat: PerSide<Option<Beat>>,
    /// The last time that nobody had said anything for a second and longer.
    pub pause: Option<Pause>,
    /// The longest pauses that each side made within its last turn.
    pub lull: PerSide<Option<Lull>>,
    /// How soon each side began to speak when the other had spoken; none where it never did.
    pub replies: PerSide<Option<Replies>>,
    /// Bytes that are still missing from a message or record that each side had begun.
    pub half_sent: PerSide<Option<u64>>,
    /// Seconds within which the client had promised to say something (MQTT's CONNECT).
    pub promised_beat: Option<u16>,
    /// Something was asked and not yet answered, or half answered, as the protocol itself says (HTTP/1 in
    /// clear). None where the protocol does not show it.
    pub outstanding: Option<bool>,
    /// The sender of the last answer said that it will close (HTTP/1 `Connection: close`, HTTP/1.0).
    pub close_announced: bool,
    /// `Keep-Alive: timeout=` of the last answer, in seconds.
    pub keep_alive_timeout: Option<u32>,
    /// The last request in clear, as method and path, at most 80 bytes.
    pub request: Option<String>,
    /// Status of the last answer in clear.
    pub status: Option<u16>,
    /// The server's last words in clear, where they end the session.
    pub dismissal: Option<Box<Dismissal>>,
    /// The last message of each side in clear, where its protocol has it for a farewell.
    pub farewell: PerSide<Option<Box<Farewell>>>,
}

/// Turns that began at regular times: each gap is within a sixteenth of the one before, but for a beat that is
/// missing or out of its place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "bitcode", derive(bitcode::Encode, bitcode::Decode))]
pub struct Beat {
    /// The last regular gap in milliseconds.
    pub milliseconds: u32,
    /// How many gaps were like the one before each; one more gap than that is regular.
    pub steady: u32,
}

/// The longest pauses that a side made within what it said in one turn: it had stopped for so long before, and gone on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "bitcode", derive(bitcode::Encode, bitcode::Decode))]
pub struct Lull {
    /// The longest one, in milliseconds.
    pub milliseconds: u32,
    /// How many there were of about that length.
    pub times: u32,
}

/// The shortest and the longest time from the last words of one side to the first ones of the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "bitcode", derive(bitcode::Encode, bitcode::Decode))]
pub struct Replies {
    /// In microseconds.
    pub quickest: u32,
    /// In microseconds.
    pub slowest: u32,
}

/// A pause in which neither side said anything, and what came after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "bitcode", derive(bitcode::Encode, bitcode::Decode))]
pub struct Pause {
    /// How long it was, in milliseconds.
    pub milliseconds: u32,
    /// Bytes that the side said in all which broke it.
    pub bytes: u32,
    /// Who had spoken last before it.
    pub after: Side,
    /// Who broke it.
    pub by: Side,
    /// The other side said something after that.
    pub answered: bool,
}

/// Words in clear by which a server ends a session, such as `57P05` of PostgreSQL or `421` of SMTP.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "bitcode", derive(bitcode::Encode, bitcode::Decode))]
pub struct Dismissal {
    /// The packet that brought them.
    pub at: Moment,
    /// What they say, at most 96 bytes; from the wire, not escaped.
    pub says: String,
    /// They say so whatever was asked; else only where nothing was.
    pub final_word: bool,
    /// Why, as far as they say it.
    pub reason: Dismissed,
}

/// Why a server ends a session, by its own words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "bitcode", derive(bitcode::Encode, bitcode::Decode))]
pub enum Dismissed {
    /// Somebody's order, or a rule of its own.
    #[default]
    Order,
    /// Another process of its program crashed (PostgreSQL's 57P02).
    Crash,
    /// The client did not say in time what it was waiting for (SMTP's 421, as it is worded).
    Waiting,
    /// The client gave no sign of life in time (MQTT 5's reason 0x8d).
    Silence,
}

/// A protocol's own goodbye in clear, such as `QUIT` of SMTP or `DISCONNECT` of MQTT.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "bitcode", derive(bitcode::Encode, bitcode::Decode))]
pub struct Farewell {
    /// The packet that brought it.
    pub at: Moment,
    /// The protocol, as people write it.
    pub protocol: String,
    /// The message, as the protocol calls it.
    pub word: String,
    /// Bytes of the message: what its sender said besides in the same turn may have been a question.
    pub length: u32,
    /// It is no goodbye, but a message that never gets an answer, such as PostgreSQL's `CancelRequest`.
    pub unanswered: bool,
}

/// Bytes of application data.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "bitcode", derive(bitcode::Encode, bitcode::Decode))]
pub struct Spoken {
    /// The packet that brought (the end of) them.
    pub at: Moment,
    /// How many: payload of the segment, or length of the TLS record.
    pub length: u32,
    /// Offset behind them in the sender's stream.
    pub end: u64,
    /// How far their packet acknowledges the other side's stream.
    pub ack: u64,
}
