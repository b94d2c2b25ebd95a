//! TCP segments and ICMP errors as IP packets, with checksums that are right.

use std::net::IpAddr;

use crate::script::{End, Icmp, Trouble};

pub(crate) const FIN: u8 = 0x01;
pub(crate) const SYN: u8 = 0x02;
pub(crate) const RST: u8 = 0x04;
pub(crate) const PSH: u8 = 0x08;
pub(crate) const ACK: u8 = 0x10;

const ICMP: u8 = 1;
const TCP: u8 = 6;
const ICMP6: u8 = 58;

/// A TCP segment (RFC 9293 §3.1).
pub(crate) struct Segment<'a> {
    pub(crate) from: End,
    pub(crate) to: End,
    pub(crate) seq: u32,
    pub(crate) ack: u32,
    pub(crate) flags: u8,
    pub(crate) window: u16,
    /// A multiple of four bytes, at most 40.
    pub(crate) options: &'a [u8],
    pub(crate) payload: &'a [u8],
    pub(crate) hop_limit: u8,
    /// IPv4 identification.
    pub(crate) id: u16,
}

impl Segment<'_> {
    /// The IP packet around it.
    pub(crate) fn packet(&self) -> Vec<u8> {
        let header = |checksum: u16| {
            let offset = u8::try_from((20 + self.options.len()) / 4).unwrap_or(5) << 4;
            let mut bytes = Vec::with_capacity(20 + self.options.len() + self.payload.len());
            bytes.extend_from_slice(&self.from.port.to_be_bytes());
            bytes.extend_from_slice(&self.to.port.to_be_bytes());
            bytes.extend_from_slice(&self.seq.to_be_bytes());
            bytes.extend_from_slice(&self.ack.to_be_bytes());
            bytes.extend_from_slice(&[offset, self.flags]);
            bytes.extend_from_slice(&self.window.to_be_bytes());
            bytes.extend_from_slice(&checksum.to_be_bytes());
            bytes.extend_from_slice(&[0, 0]);
            bytes.extend_from_slice(self.options);
            bytes.extend_from_slice(self.payload);
            bytes
        };
        let blank = header(0);
        let checksum = checksum(&[&pseudo_header(self.from.ip, self.to.ip, TCP, blank.len()), &blank]);
        internet(self.from.ip, self.to.ip, TCP, self.hop_limit, self.id, &header(checksum))
    }
}

/// The ICMP error about `quoted`, an IP packet that `to` had sent (RFC 792, RFC 4443).
pub(crate) fn icmp(error: &Icmp, reporter: IpAddr, to: IpAddr, quoted: &[u8], id: u16) -> Vec<u8> {
    let v6 = to.is_ipv6();
    let (kind, code, rest) = match (error.trouble, v6) {
        // "Net unreachable" of IPv4 and "hop limit exceeded in transit" of IPv6 have the same numbers.
        (Trouble::Net, false) | (Trouble::TimeExceeded, true) => (3, 0, 0),
        (Trouble::Host, false) => (3, 1, 0),
        (Trouble::Port, false) => (3, 3, 0),
        (Trouble::Prohibited, false) => (3, 13, 0),
        (Trouble::TimeExceeded, false) => (11, 0, 0),
        (Trouble::TooBig(mtu), false) => (3, 4, u32::from(mtu)),
        (Trouble::Net, true) => (1, 0, 0),
        (Trouble::Host, true) => (1, 3, 0),
        (Trouble::Port, true) => (1, 4, 0),
        (Trouble::Prohibited, true) => (1, 1, 0),
        (Trouble::TooBig(mtu), true) => (2, 0, u32::from(mtu)),
    };
    // IPv4 hosts must quote eight bytes of the datagram and may quote more (RFC 1812 §4.3.2.3: up to 576 in all).
    let most = if v6 { 1232 } else { 548 };
    let message = |checksum: u16| {
        let mut bytes = vec![kind, code];
        bytes.extend_from_slice(&checksum.to_be_bytes());
        bytes.extend_from_slice(&u32::to_be_bytes(rest));
        bytes.extend(quoted.iter().take(most));
        bytes
    };
    let blank = message(0);
    let protocol = if v6 { ICMP6 } else { ICMP };
    let pseudo = if v6 { pseudo_header(reporter, to, ICMP6, blank.len()) } else { Vec::new() };
    let sum = checksum(&[&pseudo, &blank]);
    internet(reporter, to, protocol, 255, id, &message(sum))
}

/// The IP packet around a payload: IPv4 with "don't fragment", or IPv6.
fn internet(from: IpAddr, to: IpAddr, protocol: u8, hop_limit: u8, id: u16, payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(40 + payload.len());
    if let (IpAddr::V4(from), IpAddr::V4(to)) = (from, to) {
        let length = u16::try_from(20 + payload.len()).unwrap_or(u16::MAX);
        let header = |checksum: u16| {
            let mut header = vec![0x45, 0];
            header.extend_from_slice(&length.to_be_bytes());
            header.extend_from_slice(&id.to_be_bytes());
            header.extend_from_slice(&[0x40, 0, hop_limit, protocol]);
            header.extend_from_slice(&checksum.to_be_bytes());
            header.extend_from_slice(&from.octets());
            header.extend_from_slice(&to.octets());
            header
        };
        bytes.extend(header(checksum(&[&header(0)])));
    } else {
        bytes.extend_from_slice(&[0x60, 0, 0, 0]);
        bytes.extend_from_slice(&u16::try_from(payload.len()).unwrap_or(u16::MAX).to_be_bytes());
        bytes.extend_from_slice(&[protocol, hop_limit]);
        bytes.extend(octets(from));
        bytes.extend(octets(to));
    }
    bytes.extend_from_slice(payload);
    bytes
}

/// What a checksum covers beside the segment itself (RFC 9293 §3.1, RFC 8200 §8.1).
fn pseudo_header(from: IpAddr, to: IpAddr, protocol: u8, length: usize) -> Vec<u8> {
    let length = u32::try_from(length).unwrap_or(u32::MAX);
    let mut bytes = octets(from);
    bytes.extend(octets(to));
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(&[0, 0, 0, protocol]);
    bytes
}

pub(crate) fn octets(ip: IpAddr) -> Vec<u8> {
    match ip {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    }
}

/// The internet checksum (RFC 1071); every part but the last has an even length.
fn checksum(parts: &[&[u8]]) -> u16 {
    let mut sum: u64 = 0;
    for part in parts {
        for pair in part.chunks(2) {
            let word = [pair.first().copied().unwrap_or(0), pair.get(1).copied().unwrap_or(0)];
            sum += u64::from(u16::from_be_bytes(word));
        }
    }
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !u16::try_from(sum).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_of_the_rfc() {
        // RFC 1071 §3: the sum of these words is ddf2.
        assert_eq!(checksum(&[&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]]), !0xddf2);
    }

    #[test]
    fn a_packet_sums_to_zero() {
        for (from, to) in [("10.0.0.5:1", "192.0.2.7:2"), ("[2001:db8::5]:1", "[2001:db8::7]:2")] {
            let end = |text: &str| {
                let socket: std::net::SocketAddr = text.parse().unwrap();
                End { ip: socket.ip(), port: socket.port() }
            };
            let (from, to) = (end(from), end(to));
            let segment = Segment {
                from,
                to,
                seq: 7,
                ack: 9,
                flags: ACK | PSH,
                window: 500,
                options: &[1, 1, 1, 0],
                payload: b"odd",
                hop_limit: 64,
                id: 3,
            };
            let packet = segment.packet();
            let ip_header = if from.ip.is_ipv4() { 20 } else { 40 };
            let (header, tcp) = packet.split_at(ip_header);
            assert_eq!(tcp.len(), 24 + 3);
            assert_eq!(checksum(&[&pseudo_header(from.ip, to.ip, TCP, tcp.len()), tcp]), 0);
            if from.ip.is_ipv4() {
                assert_eq!(checksum(&[header]), 0);
            }
        }
    }
}
