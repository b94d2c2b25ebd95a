//! Packets built for tests, byte by byte.

use hangup_wire::{Found, Segment};

/// Port 40000 to 443, number 1000, PSH and ACK, timestamps, and the payload "hello".
pub(crate) fn tcp() -> Vec<u8> {
    let mut bytes = vec![0x9c, 0x40, 0x01, 0xbb];
    bytes.extend(1000u32.to_be_bytes());
    bytes.extend(2000u32.to_be_bytes());
    bytes.extend([0x80, 0x18, 0x02, 0x00, 0xab, 0xcd, 0, 0]);
    bytes.extend([1, 1, 8, 10, 0, 0, 0, 7, 0, 0, 0, 9]);
    bytes.extend(b"hello");
    bytes
}

/// IPv4 from 192.0.2.1 to 198.51.100.2.
pub(crate) fn ipv4(protocol: u8, payload: &[u8]) -> Vec<u8> {
    let total = u16::try_from(20 + payload.len()).expect("small");
    let [total0, total1] = total.to_be_bytes();
    let mut bytes = vec![0x45, 0x02, total0, total1, 0x12, 0x34, 0x40, 0, 63, protocol, 0, 0];
    bytes.extend([192, 0, 2, 1, 198, 51, 100, 2]);
    bytes.extend(payload);
    bytes
}

/// IPv6 from `2001:db8::1` to `2001:db8::2`.
pub(crate) fn ipv6(next: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x60, 0x20, 0, 0];
    bytes.extend(u16::try_from(payload.len()).expect("small").to_be_bytes());
    bytes.extend([next, 62]);
    for last in [1, 2] {
        bytes.extend([0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last]);
    }
    bytes.extend(payload);
    bytes
}

pub(crate) const MAC: [u8; 6] = [2, 0, 0, 0, 0, 0x11];

pub(crate) fn ethernet(kind: u16, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![2, 0, 0, 0, 0, 0x22];
    bytes.extend(MAC);
    typed(&bytes, kind, payload)
}

/// `head`, a type, and what it announces.
pub(crate) fn typed(head: &[u8], kind: u16, payload: &[u8]) -> Vec<u8> {
    [head, &kind.to_be_bytes(), payload].concat()
}

pub(crate) fn udp(port: u16, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0xc0, 0];
    bytes.extend(port.to_be_bytes());
    bytes.extend(u16::try_from(8 + payload.len()).expect("small").to_be_bytes());
    bytes.extend([0, 0]);
    bytes.extend(payload);
    bytes
}

/// `head`, then IPv4 with the segment.
pub(crate) fn with_ip(head: &[u8]) -> Vec<u8> {
    [head, &ipv4(6, &tcp())].concat()
}

/// `head`, then Ethernet with IPv4 with the segment.
pub(crate) fn with_ethernet(head: &[u8]) -> Vec<u8> {
    [head, &ethernet(0x0800, &ipv4(6, &tcp()))].concat()
}

pub(crate) fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).expect("small")
}

pub(crate) fn segment<'a>(found: &Found<'a>) -> Segment<'a> {
    match found {
        Found::Tcp(segment) => *segment,
        other => panic!("no segment but {other:?}"),
    }
}
