//! A report model in, text out: one file a format.
//!
//! This crate promises that whatever came from the wire is harmless where it is printed ([`escape`](fn@escape)),
//! that every format shows the same model, and that none of them can reach back to how it was found. It has no
//! clock, no threads and no terminal, so it builds for wasm32: width, colour and time zone are told by a
//! [`Style`].
//!
//! Formats for machines stream into any `io::Write`: [`Json`], [`Ndjson`], [`Csv`]. Formats for people:
//! [`TextReport`], which keeps a bounded choice of what it saw; [`List`], one line a connection; [`story`], one
//! connection from its first packet to its last; [`ladder`](fn@ladder), its packets drawn; [`explain`](fn@explain),
//! the standing answers. [`Filtered`] stands in
//! front of any of them.
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic)
)]

mod answer;
mod ask;
mod columns;
mod csv;
mod detail;
mod entry;
mod escape;
mod event;
mod explain;
mod filter;
mod headline;
mod json;
mod ladder;
mod list;
mod ndjson;
mod page;
mod phrase;
mod plain;
mod quality;
#[cfg(test)]
mod sample;
mod story;
mod style;
mod telling;
mod text;
mod wrap;

pub use csv::{COLUMNS, Csv};
pub use escape::escape;
pub use explain::{explain, index};
pub use filter::{Edge, Filter, Filtered, Only};
pub use json::Json;
pub use ladder::ladder;
pub use list::List;
pub use ndjson::Ndjson;
pub use story::story;
pub use style::{Style, Zone};
pub use text::TextReport;
