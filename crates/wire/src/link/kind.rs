//! Link types: what the first byte of a captured packet is.

/// The link type of a packet, as pcap and pcapng number it (the LINKTYPE registry of tcpdump.org).
/// An unknown number is a value like any other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct LinkType(pub u16);

/// Constants and their names from one table.
macro_rules! link_types {
    ($($(#[$doc:meta])* $constant:ident = $number:literal, $name:literal;)*) => {
        impl LinkType {
            $($(#[$doc])* pub const $constant: Self = Self($number);)*

            /// The registry's name without its prefix, such as "ETHERNET".
            pub const fn name(self) -> Option<&'static str> {
                Some(match self {
                    $(Self::$constant => $name,)*
                    _ => return None,
                })
            }
        }
    };
}

link_types! {
    /// BSD loopback: an address family in the byte order of the capturing machine.
    NULL = 0, "NULL";
    /// Ethernet (IEEE 802.3).
    ETHERNET = 1, "ETHERNET";
    /// Token Ring (IEEE 802.5).
    IEEE802_5 = 6, "IEEE802_5";
    /// ARCNET, with BSD's headers.
    ARCNET_BSD = 7, "ARCNET_BSD";
    /// SLIP, with a header by the capturing system.
    SLIP = 8, "SLIP";
    /// PPP, with or without address and control.
    PPP = 9, "PPP";
    /// FDDI.
    FDDI = 10, "FDDI";
    /// IP, as most systems number it in their own captures.
    RAW_12 = 12, "RAW";
    /// IP, as `OpenBSD` numbers it in its own captures.
    RAW_14 = 14, "RAW";
    /// PPP in HDLC-like framing (RFC 1662), or Cisco's.
    PPP_HDLC = 50, "PPP_HDLC";
    /// `PPPoE` session packets (RFC 2516).
    PPP_ETHER = 51, "PPP_ETHER";
    /// ATM, LLC-encapsulated (RFC 1483).
    ATM_RFC1483 = 100, "ATM_RFC1483";
    /// IPv4 or IPv6.
    RAW = 101, "RAW";
    /// Cisco HDLC.
    C_HDLC = 104, "C_HDLC";
    /// IEEE 802.11.
    IEEE802_11 = 105, "IEEE802_11";
    /// Frame Relay (RFC 2427).
    FRELAY = 107, "FRELAY";
    /// `OpenBSD` loopback: an address family in network byte order.
    LOOP = 108, "LOOP";
    /// `OpenBSD`'s inner side of `IPsec`.
    ENC = 109, "ENC";
    /// Linux cooked capture, version 1.
    LINUX_SLL = 113, "LINUX_SLL";
    /// Log of BSD's packet filter.
    PFLOG = 117, "PFLOG";
    /// IEEE 802.11 behind a Prism header.
    IEEE802_11_PRISM = 119, "IEEE802_11_PRISM";
    /// IP over Fibre Channel (RFC 2625).
    IP_OVER_FC = 122, "IP_OVER_FC";
    /// ATM, as `SunATM` writes it.
    SUNATM = 123, "SUNATM";
    /// IEEE 802.11 behind a radiotap header.
    IEEE802_11_RADIOTAP = 127, "IEEE802_11_RADIOTAP";
    /// ARCNET, with Linux's headers.
    ARCNET_LINUX = 129, "ARCNET_LINUX";
    /// IEEE 802.11 behind an AVS header.
    IEEE802_11_AVS = 163, "IEEE802_11_AVS";
    /// PPP, the direction in place of its address.
    PPP_PPPD = 166, "PPP_PPPD";
    /// Bluetooth HCI, without direction.
    BLUETOOTH_HCI_H4 = 187, "BLUETOOTH_HCI_H4";
    /// USB, as Linux writes it.
    USB_LINUX = 189, "USB_LINUX";
    /// Per-packet information, with any link type behind it.
    PPI = 192, "PPI";
    /// IEEE 802.15.4, with its check sequence.
    IEEE802_15_4_WITHFCS = 195, "IEEE802_15_4_WITHFCS";
    /// Endace's extensible record format, with various links behind it.
    ERF = 197, "ERF";
    /// Bluetooth HCI, with direction.
    BLUETOOTH_HCI_H4_WITH_PHDR = 201, "BLUETOOTH_HCI_H4_WITH_PHDR";
    /// PPP behind a byte of direction.
    PPP_WITH_DIR = 204, "PPP_WITH_DIR";
    /// Cisco HDLC behind a byte of direction.
    C_HDLC_WITH_DIR = 205, "C_HDLC_WITH_DIR";
    /// MPLS labels.
    MPLS = 219, "MPLS";
    /// USB, as Linux writes it, memory-mapped.
    USB_LINUX_MMAPPED = 220, "USB_LINUX_MMAPPED";
    /// Solaris IPNET.
    IPNET = 226, "IPNET";
    /// CAN.
    CAN_SOCKETCAN = 227, "CAN_SOCKETCAN";
    /// IPv4.
    IPV4 = 228, "IPV4";
    /// IPv6.
    IPV6 = 229, "IPV6";
    /// Linux netfilter's log.
    NFLOG = 239, "NFLOG";
    /// Ethernet behind Hilscher's header.
    NETANALYZER = 240, "NETANALYZER";
    /// Ethernet with its preamble behind Hilscher's header.
    NETANALYZER_TRANSPARENT = 241, "NETANALYZER_TRANSPARENT";
    /// IP over `InfiniBand` (RFC 4391 §6).
    IPOIB = 242, "IPOIB";
    /// USB, as Windows writes it.
    USBPCAP = 249, "USBPCAP";
    /// Packets that Wireshark exported from the middle of its dissection.
    WIRESHARK_UPPER_PDU = 252, "WIRESHARK_UPPER_PDU";
    /// Linux netlink.
    NETLINK = 253, "NETLINK";
    /// Apple's header, with any link type behind it.
    PKTAP = 258, "PKTAP";
    /// Virtual sockets between a virtual machine and its host.
    VSOCK = 271, "VSOCK";
    /// Ethernet with its preamble (IEEE 802.3br).
    ETHERNET_MPACKET = 274, "ETHERNET_MPACKET";
    /// Linux cooked capture, version 2.
    LINUX_SLL2 = 276, "LINUX_SLL2";
}
