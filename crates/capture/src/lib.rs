//! Captures: files or a stream of bytes in, packets out.
//!
//! This crate promises that every byte is accounted for: it is a packet, a block that was skipped and counted,
//! or damage that is named with its offset. Damage is data ([`Problem`]), never an error: what stands before it
//! is reported. An [`OpenError`] means that there is no capture to read. The crate never learns what TCP is.
//!
//! Read the modules in this order:
//!
//! - [`Input`]: all captures of one call, merged in order of time;
//! - [`Reader`]: one capture; [`Packet`]: what both of them lend out;
//! - [`Description`]: what is known about a capture beside its packets;
//! - `window`: the one buffer: bytes that only move forward; `ahead`: the thread that may fill it;
//! - [`pcap`] and [`pcapng`]: the two formats, each with its reader and its public writer;
//! - [`OpenError`] and `sniff`: what a file that is no capture seems to be, and what to do about it.
//!
//! Features: `compression` reads gzip and Zstandard, `interrupt` lets go of a stream that says nothing, `threads` reads
//! ahead. Without them the crate has neither C code nor asks the system for more than files, and builds for `wasm32`.
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unreachable,
        clippy::unwrap_used
    )
)]

#[cfg(feature = "threads")]
mod ahead;
mod bytes;
mod description;
mod erf;
mod input;
mod open;
mod order;
mod packet;
pub mod pcap;
pub mod pcapng;
mod reader;
mod sniff;
mod stop;
mod unpack;
mod window;

pub use bytes::Bytes;
pub use description::{Comment, Compression, Description, Format, Interface, Problem, Secret};
pub use input::Input;
pub use open::OpenError;
pub use order::ByteOrder;
pub use packet::{Batch, Packet};
pub use reader::{Mark, Reader};
pub use sniff::Foreign;
