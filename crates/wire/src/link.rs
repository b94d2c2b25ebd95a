//! Links: everything that may lie between the start of a captured packet and its first IP header.

mod ethernet;
mod kind;
mod other;
mod ring;
mod serial;
mod system;
mod tag;
mod wlan;

pub use kind::LinkType;

pub(crate) use ethernet::{ether_type, ethernet, is_decodable, llc};
pub(crate) use serial::ppp;

use crate::net::{Next, Step, Walk};

/// Opens a packet of the given link type. A type that is not known, or carries no IP, holds nothing.
pub(crate) fn open(walk: &mut Walk<'_>, link: LinkType) -> Step {
    match link {
        LinkType::ETHERNET => Ok(Next::Ethernet),
        LinkType::RAW | LinkType::RAW_12 | LinkType::RAW_14 | LinkType::IPV4 | LinkType::IPV6 => Ok(Next::Ip),

        LinkType::LINUX_SLL => system::cooked(walk),
        LinkType::LINUX_SLL2 => system::cooked2(walk),
        LinkType::NULL | LinkType::LOOP => system::loopback(walk),
        LinkType::NFLOG => system::nflog(walk),
        LinkType::PFLOG => system::pflog(walk),
        LinkType::ENC => system::enc(walk),
        LinkType::IPNET => system::ipnet(walk),
        LinkType::PKTAP => system::pktap(walk),

        LinkType::IEEE802_11 => wlan::frame(walk, wlan::Padding::None),
        LinkType::IEEE802_11_RADIOTAP => wlan::radiotap(walk),
        LinkType::IEEE802_11_PRISM => wlan::prism(walk),
        LinkType::IEEE802_11_AVS => wlan::avs(walk),
        LinkType::PPI => wlan::ppi(walk),

        LinkType::PPP => Ok(Next::Ppp),
        LinkType::PPP_HDLC => serial::hdlc(walk),
        LinkType::PPP_ETHER => serial::pppoe(walk),
        LinkType::PPP_PPPD => serial::pppd(walk),
        LinkType::PPP_WITH_DIR => serial::directed(walk, Next::Ppp),
        LinkType::C_HDLC_WITH_DIR => serial::directed(walk, Next::Link(LinkType::C_HDLC)),
        LinkType::C_HDLC => serial::cisco_hdlc(walk),
        LinkType::FRELAY => serial::frame_relay(walk),
        LinkType::SLIP => serial::slip(walk),

        LinkType::FDDI => ring::fddi(walk),
        LinkType::IEEE802_5 => ring::token_ring(walk),
        LinkType::ARCNET_BSD => ring::arcnet(walk, ring::Arcnet::Bsd),
        LinkType::ARCNET_LINUX => ring::arcnet(walk, ring::Arcnet::Linux),

        LinkType::ETHERNET_MPACKET => other::mpacket(walk),
        LinkType::NETANALYZER => other::netanalyzer(walk, false),
        LinkType::NETANALYZER_TRANSPARENT => other::netanalyzer(walk, true),
        LinkType::ERF => other::erf(walk),
        LinkType::IPOIB => other::ipoib(walk),
        LinkType::IP_OVER_FC => other::fibre_channel(walk),
        LinkType::ATM_RFC1483 => Ok(Next::Llc),
        LinkType::SUNATM => other::sun_atm(walk),
        LinkType::MPLS => crate::tunnel::mpls(walk),
        _ => Ok(Next::Done),
    }
}

/// Goes on with the link type that a capturing system's header names, which may not name such a header again.
fn named(link: LinkType) -> Next {
    match link {
        LinkType::PPI | LinkType::PKTAP => Next::Done,
        link => Next::Link(link),
    }
}
