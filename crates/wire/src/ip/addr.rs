//! Addresses.

use core::cmp::Ordering;
use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An IP address in one form for both versions, so that it compares and hashes as sixteen bytes: an IPv4 address
/// a.b.c.d is held as `::ffff:a.b.c.d` (RFC 4291 §2.5.5.2).
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Addr(pub [u8; 16]);

impl Addr {
    /// An IPv4 address. Made as one number and not byte by byte: it is read as such a moment later, and a processor is
    /// slow to put a number together from several writes that it has not finished.
    #[inline]
    pub const fn v4(bytes: [u8; 4]) -> Self {
        // A widening, which `from` cannot do in a constant.
        Self((0xffff_0000_0000 | u32::from_be_bytes(bytes) as u128).to_be_bytes())
    }

    /// Whether this is an IPv4 address. An IPv6 packet between IPv4-mapped addresses cannot be told from it.
    #[inline]
    pub const fn is_ipv4(self) -> bool {
        matches!(self.0, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ..])
    }

    /// The address as the standard library has it, IPv4 unmapped.
    pub const fn to_ip(self) -> IpAddr {
        match self.0 {
            [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d] => IpAddr::V4(Ipv4Addr::new(a, b, c, d)),
            bytes => IpAddr::V6(Ipv6Addr::from_octets(bytes)),
        }
    }
}

impl Ord for Addr {
    /// By bytes, as one number: comparing them one by one would be a call.
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        u128::from_be_bytes(self.0).cmp(&u128::from_be_bytes(other.0))
    }
}

impl PartialOrd for Addr {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl From<IpAddr> for Addr {
    fn from(ip: IpAddr) -> Self {
        match ip {
            IpAddr::V4(v4) => Self::v4(v4.octets()),
            IpAddr::V6(v6) => Self(v6.octets()),
        }
    }
}

impl fmt::Display for Addr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_ip().fmt(f)
    }
}

impl fmt::Debug for Addr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_ip().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::Addr;
    use core::net::IpAddr;

    #[test]
    fn both_versions_survive_the_common_form() {
        let v4 = IpAddr::from([192, 0, 2, 7]);
        let v6 = IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1]);
        assert_eq!(Addr::from(v4).to_ip(), v4);
        assert_eq!(Addr::from(v6).to_ip(), v6);
        assert!(Addr::from(v4).is_ipv4());
        assert!(!Addr::from(v6).is_ipv4());
        assert_eq!(Addr::from(v4), Addr::v4([192, 0, 2, 7]));
    }

    #[test]
    fn unspecified_is_ipv6() {
        assert_eq!(Addr::default().to_ip(), IpAddr::from([0u16; 8]));
    }
}
