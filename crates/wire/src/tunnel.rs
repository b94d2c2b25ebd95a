//! Tunnels: packets in packets.

mod gre;
mod mpls;
mod service;
mod udp;

pub(crate) use gre::gre;
pub(crate) use mpls::{MPLS_UNICAST, mpls};
pub(crate) use service::service_header;
pub(crate) use udp::udp;
