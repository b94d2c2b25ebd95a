//! IP protocol numbers.

/// What an IP header carries, as IANA's registry "Assigned Internet Protocol Numbers" has it. Unknown numbers are
/// values like any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct IpProtocol(pub u8);

impl IpProtocol {
    /// IPv6 hop-by-hop options (RFC 8200 §4.3).
    pub const HOP_BY_HOP: Self = Self(0);
    /// ICMP (RFC 792).
    pub const ICMP: Self = Self(1);
    /// IPv4 in IP (RFC 2003).
    pub const IPV4: Self = Self(4);
    /// TCP (RFC 9293).
    pub const TCP: Self = Self(6);
    /// UDP (RFC 768).
    pub const UDP: Self = Self(17);
    /// IPv6 in IP (RFC 4213).
    pub const IPV6: Self = Self(41);
    /// IPv6 routing header (RFC 8200 §4.4).
    pub const ROUTING: Self = Self(43);
    /// IPv6 fragment header (RFC 8200 §4.5).
    pub const FRAGMENT: Self = Self(44);
    /// Generic routing encapsulation (RFC 2784).
    pub const GRE: Self = Self(47);
    /// Encapsulating security payload (RFC 4303): sealed.
    pub const ESP: Self = Self(50);
    /// Authentication header (RFC 4302).
    pub const AUTHENTICATION: Self = Self(51);
    /// ICMP for IPv6 (RFC 4443).
    pub const ICMPV6: Self = Self(58);
    /// IPv6: nothing follows (RFC 8200 §4.7).
    pub const NO_NEXT_HEADER: Self = Self(59);
    /// IPv6 destination options (RFC 8200 §4.6).
    pub const DESTINATION_OPTIONS: Self = Self(60);
    /// Ethernet within IP (RFC 3378).
    pub const ETHERIP: Self = Self(97);
    /// IPv6 mobility header (RFC 6275).
    pub const MOBILITY: Self = Self(135);
    /// MPLS in IP (RFC 4023).
    pub const MPLS: Self = Self(137);
    /// Host identity protocol (RFC 7401).
    pub const HIP: Self = Self(139);
    /// Shim6 (RFC 5533).
    pub const SHIM6: Self = Self(140);
    /// Ethernet (RFC 8986).
    pub const ETHERNET: Self = Self(143);

    /// The registry's keyword, where the number is one that the decoder knows.
    pub const fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::HOP_BY_HOP => "HOPOPT",
            Self::ICMP => "ICMP",
            Self::IPV4 => "IPv4",
            Self::TCP => "TCP",
            Self::UDP => "UDP",
            Self::IPV6 => "IPv6",
            Self::ROUTING => "IPv6-Route",
            Self::FRAGMENT => "IPv6-Frag",
            Self::GRE => "GRE",
            Self::ESP => "ESP",
            Self::AUTHENTICATION => "AH",
            Self::ICMPV6 => "IPv6-ICMP",
            Self::NO_NEXT_HEADER => "IPv6-NoNxt",
            Self::DESTINATION_OPTIONS => "IPv6-Opts",
            Self::ETHERIP => "ETHERIP",
            Self::MOBILITY => "Mobility Header",
            Self::MPLS => "MPLS-in-IP",
            Self::HIP => "HIP",
            Self::SHIM6 => "Shim6",
            Self::ETHERNET => "Ethernet",
            _ => return None,
        })
    }

    /// Whether the decoder may find TCP behind this protocol, so that its fragments are worth reassembling.
    pub(crate) const fn may_hold_tcp(self) -> bool {
        !matches!(self, Self::ESP | Self::NO_NEXT_HEADER) && self.name().is_some()
    }
}
