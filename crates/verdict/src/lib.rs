//! From the facts of one connection, and of its siblings, to a verdict.
//!
//! Everything here is a pure function of small closed values: no I/O, no clock, no packets. What crosses the
//! wall from *seeing* to *judging* is [`Facts`]; what comes out is [`Verdict`].
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic)
)]

mod act;
mod facts;
mod siblings;
mod talk;
mod tls;
mod verdict;

pub use act::{Act, ActKind, AlertAct, AlertSeen, IcmpAct, RstAct, RstFit, Trigger};
pub use facts::{Endpoint, Facts, Handshake, RolesFrom, SideFacts, Unanswered, UnansweredKind};
pub use hangup_wire::Moment;
pub use siblings::{Group, GroupKey, Server, Siblings, World};
pub use talk::{Spoken, Talk};
pub use tls::{TlsFacts, TlsHandshake};
pub use verdict::{
    Alternative, EndedBy, Evidence, Goodbye, GoodbyeKind, Outcome, Responsible, Role, Verdict,
};
