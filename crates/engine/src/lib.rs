//! The public library: a capture in, a report out.
//!
//! This is the only place where the way through the house is put together; the binary, a browser page, the
//! stories and the tests all call it. Time zone, seed and limits are inputs; nothing here reads a clock.
#![forbid(unsafe_code)]
// Not arithmetic: sums wrap in a release build, nothing is indexed by them, and fuzz targets and tests run with overflow
// checks. What panics in any build, a division by zero, cannot be: divisors are constants.
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

mod analysis;
mod collector;
mod community;
mod content;
mod events;
mod facts;
mod incident;
mod judging;
mod ladder;
mod marks;
pub mod model;
mod options;
mod present;
mod recent;
mod sink;
mod store;
mod way;
mod when;
mod zeek;

/// The words that people read: causes, questions and error texts.
pub mod words {
    pub use hangup_verdict::catalogue::{self, Entry};
    pub use hangup_verdict::errors::{self, Basis, ErrorText, Late};
    pub use hangup_verdict::terms::{self, Term};
    pub use hangup_verdict::{Found, lookup};
}

pub use analysis::{Error, analyse_bytes, report};
pub use ladder::{Ladder, Step, ladders};
pub use marks::Marks;
pub use model::Report;
pub use options::{Limits, Options, Reported, When};
pub use sink::{Conclusion, Glance, Sink};
pub use store::StoreError;

/// On whose side to look mostly where a cause of the catalogue is found, as in [`model::Ending::responsible`].
pub fn usually_responsible(cause: &str) -> Option<&'static str> {
    hangup_verdict::catalogue::entry(cause).map(|entry| entry.responsible.name())
}

/// What a cause of the catalogue is, in a line of plain words; none where the catalogue does not have it.
pub fn title(cause: &str) -> Option<&'static str> {
    hangup_verdict::catalogue::entry(cause).map(|entry| entry.title.as_str())
}
