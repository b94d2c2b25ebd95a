//! The public library: a capture in, a report out.
//!
//! This is the only place where the way through the house is put together; the binary, a browser page, the
//! stories and the tests all call it. Time zone, seed and limits are inputs; nothing here reads a clock.
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic)
)]

mod ladder;
pub mod model;
mod sink;

pub use ladder::{Ladder, Step};
pub use model::Report;
pub use sink::{Conclusion, Sink};
