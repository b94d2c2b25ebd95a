//! What the bytes of a packet mean, without state.
//!
//! This crate promises: it never panics on any input, it never allocates, it has no `unsafe`, and it
//! knows no other crate. Read the modules in this order:
//!
//! - [`Timestamp`], [`Seq`], [`Side`], [`PerSide`]: the words that every later crate speaks in;
#![no_std]
#![forbid(unsafe_code)]

mod link;
mod seq;
mod side;
mod time;

pub use link::LinkType;
pub use seq::Seq;
pub use side::{PerSide, Side};
pub use time::{Moment, Timestamp};
