//! Any bytes as an Ethernet frame, read by `etherparse` too: where it finds a TCP segment, the same one is found here.
#![no_main]

use etherparse::{Ipv6ExtensionSlice, LinkExtSlice, NetSlice, SlicedPacket, TcpSlice, TransportSlice};
use hangup_wire::{Addr, Flags, Found, Ip, LinkType, Segment, decode, plain_ports};
use libfuzzer_sys::fuzz_target;

/// So many headers are always followed (`hangup-wire` goes on for 96 steps).
const HEADERS: usize = 64;

fuzz_target!(|bytes: &[u8]| {
    let Ok(other) = SlicedPacket::from_ethernet(bytes) else { return };
    let Some(TransportSlice::Tcp(tcp)) = &other.transport else { return };
    // The standard has no short frames of 48 bytes and more (IEEE 802.1AE §9.7); etherparse believes them.
    let too_long = |tag: &LinkExtSlice<'_>| matches!(tag, LinkExtSlice::Macsec(macsec) if macsec.header.short_len().value() >= 48);
    if other.link_exts.iter().any(too_long) {
        return;
    }
    // A packet of more headers than any real one has is given up here; etherparse goes through all of them.
    let extensions = |net: &NetSlice<'_>| match net {
        NetSlice::Ipv6(v6) => v6.extensions().clone().into_iter().count(),
        NetSlice::Ipv4(_) | NetSlice::Arp(_) => 0,
    };
    if other.net.as_ref().map_or(0, extensions) + other.link_exts.len() > HEADERS {
        return;
    }
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    let found = decode(LinkType::ETHERNET, bytes, length);
    let Found::Tcp(segment) = found else { panic!("{found:?} is {other:?}") };
    same_tcp(&segment, tcp);
    if let Some(net) = &other.net {
        same_ip(&segment.ip, net);
    }
    if let Some(ports) = plain_ports(LinkType::ETHERNET, bytes) {
        assert_eq!(ports, (tcp.source_port(), tcp.destination_port()));
    }
    let vlan = other.link_exts.iter().find_map(|tag| match tag {
        LinkExtSlice::Vlan(vlan) => Some(vlan.vlan_identifier().value()),
        LinkExtSlice::Macsec(_) => None,
    });
    assert_eq!(segment.link.vlan, vlan);
    assert_eq!(segment.link.source_mac.as_ref().map(<[u8; 6]>::as_slice), bytes.get(6..12));
    assert_eq!(segment.link.tunnel, 0);
});

fn same_tcp(segment: &Segment<'_>, tcp: &TcpSlice<'_>) {
    assert_eq!((segment.src_port, segment.dst_port), (tcp.source_port(), tcp.destination_port()));
    assert_eq!((segment.seq.0, segment.ack.0), (tcp.sequence_number(), tcp.acknowledgment_number()));
    assert_eq!((segment.window, segment.urgent), (tcp.window_size(), tcp.urgent_pointer()));
    assert_eq!(segment.checksum, tcp.checksum());
    assert_eq!(segment.payload, tcp.payload());
    assert_eq!(segment.length as usize, tcp.payload().len());
    let bits =
        [tcp.fin(), tcp.syn(), tcp.rst(), tcp.psh(), tcp.ack(), tcp.urg(), tcp.ece(), tcp.cwr(), tcp.ns()];
    let flags = bits.iter().rev().fold(0, |flags, &bit| flags << 1 | u16::from(bit));
    assert_eq!(segment.flags.among(Flags(0x1ff)), Flags(flags));
    let mss = tcp.options_iterator().map_while(Result::ok).find_map(|option| match option {
        etherparse::TcpOptionElement::MaximumSegmentSize(mss) => Some(mss),
        _ => None,
    });
    if let Some(mss) = mss {
        assert_eq!(segment.options.mss(), Some(mss));
    }
}

fn same_ip(ip: &Ip, net: &NetSlice<'_>) {
    match net {
        NetSlice::Ipv4(v4) => {
            let head = v4.header();
            assert_eq!((ip.src, ip.dst), (Addr::v4(head.source()), Addr::v4(head.destination())));
            assert_eq!((ip.ttl, ip.id), (head.ttl(), Some(head.identification())));
            assert_eq!(ip.dont_fragment, head.dont_fragment());
            assert_eq!(ip.traffic_class, head.dcp().value() << 2 | head.ecn().value());
        }
        NetSlice::Ipv6(v6) => {
            let head = v6.header();
            assert_eq!((ip.src, ip.ttl), (Addr(head.source()), head.hop_limit()));
            assert_eq!(ip.traffic_class, head.traffic_class());
            // Behind a routing header that is not used up the connection is with the last hop; etherparse tells the next.
            let routed = v6
                .extensions()
                .clone()
                .into_iter()
                .any(|extension| matches!(extension, Ipv6ExtensionSlice::Routing(_)));
            if !routed {
                assert_eq!(ip.dst, Addr(head.destination()));
            }
        }
        NetSlice::Arp(_) => panic!("ARP carries no TCP"),
    }
}
