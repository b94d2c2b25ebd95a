//! Stories: captures written as text, with the verdict that they must earn.
//!
//! A story is a Markdown file: prose that says what happens in the world, a fenced `ladder` of packets, a fenced
//! `verdict`. This crate compiles the ladder to a capture, bends the capture in ways that must not matter, and holds
//! a report against the verdict. `docs/stories.md` is the grammar. Read in this order:
//!
//! - [`Story`]: one file, its three parts;
//! - [`Script`]: the ladder, parsed: connections, steps, and what is in each packet;
//! - [`play`]: the script played by two careful kernels: sequence numbers, windows, timestamps, TLS records;
//! - [`Frame`] and [`Shape`]: the packets, and every file format and link type that they can be stored as;
//! - [`mutate`]: the same packets as a worse capture would hold them;
//! - [`Load`]: the same packets a million times, for measuring;
//! - [`Seeds`]: the same packets cut into what the fuzz targets begin with;
//! - [`performance`]: what reading such a load takes, beside the machine's floor and other programs;
//! - [`Instructions`]: the same counted, so that it can be guarded;
//! - [`Expectation`]: the verdict block, held against a report;
//! - [`causes()`]: which rule, stories and real captures belong to each cause;
//! - [`schema()`]: the JSON Schema of that report;
//! - [`lab`]: endings made by real programs, with the truth about them;
//! - [`Orders`]: a program of the lab's own that speaks TLS by rustls;
//! - [`Stretch`]: a capture of a minute drawn out over a morning;
//! - [`score`]: the judge held against that truth.
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic)
)]

mod causes;
mod dice;
mod error;
mod expect;
mod eye;
mod frame;
mod host;
mod instructions;
pub mod lab;
mod load;
mod mutate;
mod peer;
pub mod performance;
mod play;
mod schema;
pub mod score;
mod script;
mod seeds;
mod segment;
mod shape;
mod story;
mod stretch;
mod tls;
mod vocabulary;

pub use causes::{Row, causes};
pub use error::StoryError;
pub use expect::{Expectation, Mismatch};
pub use eye::{Seen, read_by_eye};
pub use frame::{Frame, Played};
pub use instructions::{Instructions, Moved};
pub use load::{Load, Made};
pub use mutate::{Mutation, mutate};
pub use peer::Orders;
pub use play::{Family, play};
pub use schema::schema;
pub use script::Script;
pub use seeds::Seeds;
pub use shape::{Format, Link, Order, Resolution, Shape};
pub use story::{Story, markdown_files};
pub use stretch::{Stretch, StretchError};
