//! What the bytes of a packet mean, without state.
//!
//! This crate promises: it never panics on any input, it never allocates, it has no `unsafe`, and it
//! knows no other crate. Read the modules in this order:
//!
//! - [`Timestamp`], [`Seq`], [`Side`], [`PerSide`]: the words that every later crate speaks in;
//! - [`decode`] and [`Found`]: one packet, from its [`LinkType`] through tunnels and [`Ip`] to a TCP [`Segment`];
//!   [`Fragment`] and [`decode_reassembled`] for IP packets in pieces, [`IcmpError`] for what routers report,
//!   [`Malformed`] for what cannot be read; [`Plain`] for the commonest packet, read where it lies.
//! - [`tls`]: records, alerts, hellos and cipher suites; [`http`]: heads of HTTP/1 messages.
#![no_std]
#![forbid(unsafe_code)]
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

pub mod http;
mod icmp;
mod ip;
mod link;
mod malformed;
mod net;
mod plain;
mod seq;
mod side;
mod tcp;
mod time;
pub mod tls;
mod tunnel;
mod view;

pub use icmp::{IcmpError, IcmpMessage, Quoted};
pub use ip::{Addr, Fragment, Ip, IpProtocol};
pub use link::LinkType;
pub use malformed::{Layer, LengthSource, Malformed};
pub use net::{Found, LinkFacts, MAX_TUNNELS, decode, decode_reassembled};
pub use plain::{Header, Plain, plain_ends, plain_ports};
pub use seq::Seq;
pub use side::{PerSide, Side};
pub use tcp::{Flags, SackBlocks, Segment, TcpOption, TcpOptionKind, TcpOptions};
pub use time::{Moment, Timestamp};
