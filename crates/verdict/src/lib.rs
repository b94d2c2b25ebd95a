//! From the facts of one connection, and of its siblings, to a verdict.
//!
//! Everything here is a pure function of small closed values: no I/O, no clock, no packets. What crosses the
//! wall from *seeing* to *judging* is [`Facts`]; what comes out is [`Verdict`].
#![forbid(unsafe_code)]
// Not arithmetic: sums wrap in a release build, nothing is indexed by them, and fuzz targets and tests run with overflow
// checks. What panics in any build, a division by zero, cannot be: divisors are constants, a count that begins at 1 (`instants.rs`) and a period of 900 ms at least (`rounds.rs`).
#![cfg_attr(
    not(test),
    deny(
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unreachable,
        clippy::unwrap_used
    )
)]

mod act;
mod baselines;
mod beside;
mod between;
pub mod calibration;
mod case;
pub mod catalogue;
mod client;
pub mod errors;
mod event;
mod events;
mod explanation;
mod facts;
mod finding;
mod foreign;
mod group;
mod habits;
mod heard;
mod holes;
mod instants;
mod judge;
mod last_words;
mod lookup;
mod mark;
mod outstanding;
mod pauses;
mod reading;
mod roles;
mod rounds;
mod rules;
mod samples;
mod server;
mod sheet;
mod siblings;
mod signs;
mod silence;
mod suspects;
mod talk;
pub mod terms;
pub mod timers;
mod tls;
mod verdict;
mod waits;
mod words;

pub use act::{Act, ActKind, AlertAct, AlertSeen, Before, IcmpAct, RstAct, RstFit, Trigger};
pub use baselines::Baselines;
pub use client::Client;
pub use event::{Event, Happening};
pub use events::Events;
pub use facts::{Endpoint, Facts, Handshake, Looks, RolesFrom, SideFacts, Unanswered, UnansweredKind};
pub use group::Group;
pub use hangup_wire::Moment;
pub use heard::{Heard, HeardSet};
pub use instants::Instants;
pub use judge::{decide, judge};
pub use lookup::{Found, lookup};
pub use reading::Reading;
pub use server::Server;
pub use siblings::{GroupKey, Siblings, World};
pub use suspects::{Candidate, Incident, Ranking, Suspect, Unlikeness, rank, unlikeness};
pub use talk::{Beat, Dismissal, Dismissed, Farewell, Lull, Pause, Replies, Spoken, Talk};
pub use tls::{ClientCertificate, TlsFacts, TlsHandshake};
pub use verdict::{
    Alternative, EndedBy, Evidence, Goodbye, GoodbyeKind, Outcome, Responsible, Role, Ruling, Verdict,
};
