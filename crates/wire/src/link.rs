//! Link types: what the first byte of a captured packet is.

/// The link type of a packet, as pcap and pcapng number it (the LINKTYPE registry of tcpdump.org).
/// An unknown number is a value like any other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct LinkType(pub u16);

impl LinkType {
    /// Ethernet (IEEE 802.3).
    pub const ETHERNET: Self = Self(1);
}
