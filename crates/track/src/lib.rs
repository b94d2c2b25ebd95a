//! From TCP segments to connections.
//!
//! This stage promises O(1) work per packet, memory that follows open connections and stays below its
//! [`Limits`], and the same answer for the same packets: time comes from packets only. It never splits a
//! connection by idleness, and it does not know what the bytes say.
//!
//! - [`Table`]: the connections that are open, found by address and port;
//! - [`Connection`] and [`Half`]: what is known of one of them, and of each of its directions;
//! - [`Act`]: an act of closing;
//! - [`Content`]: whoever reads the bytes, in order;
//! - [`Fragments`]: IP fragments that become packets again.
#![forbid(unsafe_code)]
// Not arithmetic: sums wrap in a release build, nothing is indexed by them, and fuzz targets and tests run with overflow
// checks. What panics in any build, a division by zero, cannot be: divisors are constants and one `max(1)`.
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
mod connection;
mod content;
mod fragments;
mod half;
mod held;
mod hints;
mod history;
mod key;
mod slab;
mod table;

pub use act::{Act, ActKind, Before, IcmpError, Rst, RstFit, Trigger};
pub use connection::{Connection, Roles};
pub use content::{Content, Place};
pub use fragments::Fragments;
pub use half::{Half, Oddities, Pending, Waiting};
pub use history::{History, Letter};
pub use key::{Endpoint, Key};
pub use table::{Limits, Report, Seen, Sought, Table};
