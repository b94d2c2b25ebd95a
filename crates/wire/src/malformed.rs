//! Headers that cannot be read, and whose fault that is.

/// Why a packet could not be decoded: at byte `at` of the frame, `layer` needs `want` bytes and only `have` are
/// there. `claimed_by` names the length that does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Malformed {
    /// The header that could not be read.
    pub layer: Layer,
    /// Bytes from the start of the captured frame (of the payload, after reassembly) to the place that failed;
    /// stops counting at 65 535.
    pub at: u16,
    /// Bytes wanted at that place.
    pub want: u32,
    /// Bytes available there, by the claim of `claimed_by`.
    pub have: u32,
    /// Who claimed the length that does not fit.
    pub claimed_by: LengthSource,
}

impl Malformed {
    /// Whether the packet may have been well-formed on the wire: the capture kept too little of it to tell.
    pub const fn is_cut(self) -> bool {
        matches!(self.claimed_by, LengthSource::Capture)
    }
}

/// The origin of a length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum LengthSource {
    /// The capture: its snap length, or the end of the file, cut what the wire carried.
    Capture,
    /// The frame: its length on the wire, as the capture recorded it, or the length of a reassembled packet.
    Frame,
    /// The length field of a link header: IEEE 802.3, `PPPoE`, or one that a capturing system wrote.
    Link,
    /// The header length of IPv4 (RFC 791 §3.1 IHL).
    Ipv4HeaderLength,
    /// The total length of IPv4 (RFC 791 §3.1).
    Ipv4TotalLength,
    /// The payload length of IPv6 (RFC 8200 §3).
    Ipv6PayloadLength,
    /// The length of an IPv6 extension header (RFC 8200 §4) or of an authentication header (RFC 4302 §2.2).
    Ipv6Extension,
    /// The length of UDP (RFC 768).
    UdpLength,
    /// A length in the header of a tunnel.
    Tunnel,
    /// The data offset of TCP (RFC 9293 §3.1).
    TcpDataOffset,
}

impl LengthSource {
    /// The claim in words that fit after "by", such as "the IPv4 total length".
    pub const fn name(self) -> &'static str {
        match self {
            Self::Capture => "the capture's snap length",
            Self::Frame => "the frame's length",
            Self::Link => "a length in the link header",
            Self::Ipv4HeaderLength => "the IPv4 header length",
            Self::Ipv4TotalLength => "the IPv4 total length",
            Self::Ipv6PayloadLength => "the IPv6 payload length",
            Self::Ipv6Extension => "the length of an IP extension header",
            Self::UdpLength => "the UDP length",
            Self::Tunnel => "a length in the tunnel's header",
            Self::TcpDataOffset => "the TCP data offset",
        }
    }
}

/// A layer of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Layer {
    /// A link header, or a header that the capturing system put before it.
    Link,
    /// A tag between the addresses of Ethernet and its type: VLAN, VN-tag, `MACsec` and their like.
    Tag,
    /// IEEE 802.11, or the radio header before it.
    Wlan,
    /// PPP or `PPPoE`.
    Ppp,
    /// MPLS labels.
    Mpls,
    /// IPv4.
    Ipv4,
    /// IPv6 and its extension headers.
    Ipv6,
    /// The header of a tunnel: GRE, ERSPAN, VXLAN, Geneve, GTP-U and their like.
    Tunnel,
    /// UDP.
    Udp,
    /// ICMP or `ICMPv6`.
    Icmp,
    /// TCP.
    Tcp,
}

impl Layer {
    /// The layer's name, such as "IPv4".
    pub const fn name(self) -> &'static str {
        match self {
            Self::Link => "link header",
            Self::Tag => "link tag",
            Self::Wlan => "802.11",
            Self::Ppp => "PPP",
            Self::Mpls => "MPLS",
            Self::Ipv4 => "IPv4",
            Self::Ipv6 => "IPv6",
            Self::Tunnel => "tunnel header",
            Self::Udp => "UDP",
            Self::Icmp => "ICMP",
            Self::Tcp => "TCP",
        }
    }
}
