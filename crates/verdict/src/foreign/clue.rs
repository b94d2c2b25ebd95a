//! What fits, or does not fit, a reset's claimed sender: each clue with its weight and its words.

use crate::{Moment, words};
use core::fmt::{self, Display, Formatter};

/// Clues that one reset can show.
pub(super) const CLUES: usize = 19;

/// One thing that fits or does not fit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clue {
    pub(super) kind: ClueKind,
    pub(super) weight: f64,
    pub(super) frame: Option<Moment>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum ClueKind {
    /// It came from another network card than that host's packets.
    Mac,
    /// Its hop limit, and the nearest of that host's.
    Hops { here: u8, usual: u8 },
    /// The same number of hops, but another initial value.
    OtherStart { here: u8, usual: u8 },
    /// Both ends were shot at once.
    BothEnds,
    /// Its claimed sender carried on.
    CarriedOn,
    /// Several with different numbers, as if they had to be guessed.
    Stepped,
    /// Its number lies before what its claimed sender had already sent.
    Behind,
    /// It answers nothing that was seen.
    AnswersNothing,
    /// It has the form of an answer, and came so many seconds after the last packet that it could answer.
    Unprovoked(f64),
    /// Other resets that nothing provoked came after the same pause.
    SamePause(f64),
    /// It says "no such connection" after a pause, and the server served an older connection all along.
    Outlived,
    /// It says "no such connection" though its claimed sender had just shown that it knows it.
    Forgetful { knew: f64 },
    /// It came before an answer could: seconds, and what the way takes.
    TooEarly { after: f64, way: f64 },
    /// Its IPv4 identification is not the next.
    Identification { here: u16, usual: u16 },
    /// It has no timestamps though its form is that of a live socket.
    NoTimestamps,
    /// It names the device that made it.
    Signed,
    /// It follows the first data at once.
    AfterFirstData,
    /// The line was idle for as long as devices between are known to wait.
    AfterKnownTimer(f64),
    /// Against: its identification continues that host's count.
    NextIdentification,
    /// Against: it has the timestamps of the connection.
    Timestamps,
}

impl ClueKind {
    /// It speaks for the claimed sender.
    pub(super) const fn against(self) -> bool {
        matches!(self, Self::NextIdentification | Self::Timestamps)
    }
}

impl Display for ClueKind {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Mac => f.write_str("The reset came from another network card (MAC address) than all that its claimed sender had sent"),
            Self::Hops { here, usual } => write!(
                f,
                "The reset arrived with a hop limit (TTL) of {here}, its claimed sender's packets with {usual}: it took another way, or comes from another machine"
            ),
            Self::OtherStart { here, usual } => write!(
                f,
                "The reset's hop limit (TTL) of {here} began at another value than its claimed sender's {usual}: another system may have made it"
            ),
            Self::BothEnds => f.write_str("Both ends were sent a reset in the other's name at the same moment"),
            Self::CarriedOn => f.write_str("Its claimed sender carried on afterwards as if it had sent no reset"),
            Self::Stepped => f.write_str("There are several resets with different sequence numbers, as if the right one had to be guessed"),
            Self::Behind => f.write_str("The reset's sequence number lies before data that its claimed sender had already sent"),
            Self::AnswersNothing => f.write_str("The reset has the form of an answer, and no packet in the capture provoked it"),
            Self::Unprovoked(late) => write!(
                f,
                "The reset has the form of an answer, and no packet had come for {}: a kernel answers at once or not at all",
                words::time(late)
            ),
            Self::SamePause(quiet) => write!(
                f,
                "The same reset that nothing provoked came on another connection of this client to this server after the same pause, {}: a timer sent it",
                words::time(quiet)
            ),
            Self::Outlived => f.write_str(
                "The reset says that its sender knows of no such connection; another connection of this client to the same port, opened before, went on all the while, and was not quiet for as long: the machine had not been started again",
            ),
            Self::Forgetful { knew } => write!(
                f,
                "The reset has the form of a machine that knows of no such connection; its claimed sender had taken part in it {} before and had said no goodbye: a program that hangs up there sends another form",
                words::time(knew)
            ),
            Self::TooEarly { after, way } => write!(
                f,
                "The reset came {} after the packet that it answers; the way to its claimed sender and back takes {}",
                words::time(after),
                words::time(way)
            ),
            Self::Identification { here, usual } => write!(
                f,
                "The reset's IP identification is {here}; its claimed sender had counted up to {usual}"
            ),
            Self::NoTimestamps => f.write_str("The reset lacks the timestamps that its claimed sender's packets carry; many systems leave them out"),
            Self::Signed => f.write_str("The reset carries the text of a load balancer (F5 BIG-IP) that says why it was sent"),
            Self::AfterFirstData => f.write_str("The reset came right behind the first data"),
            Self::AfterKnownTimer(idle) => write!(
                f,
                "The line had been quiet for {}, as long as devices on the way are known to wait",
                words::time(idle)
            ),
            Self::NextIdentification => f.write_str("The reset's IP identification is the next in its claimed sender's count: the machine itself made it"),
            Self::Timestamps => f.write_str("The reset carries the connection's timestamps, as a live socket's own does"),
        }
    }
}
