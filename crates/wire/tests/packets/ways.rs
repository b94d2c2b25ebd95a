//! Every way that leads to a TCP segment leads to the same segment.

use crate::build::{MAC, ethernet, ipv4, ipv6, length, segment, tcp, typed, udp, with_ethernet, with_ip};
use hangup_wire::{Addr, Flags, LinkType, Seq, decode};

/// Checks that the packet holds the segment of [`tcp`], within so many tunnels.
#[track_caller]
fn leads(link: LinkType, bytes: &[u8], tunnels: u8) {
    let found = decode(link, bytes, length(bytes));
    let segment = segment(&found);
    assert_eq!((segment.src_port, segment.dst_port), (40000, 443));
    assert_eq!((segment.seq, segment.ack), (Seq(1000), Seq(2000)));
    assert_eq!(segment.flags, Flags::PSH.with(Flags::ACK));
    assert_eq!(segment.options.timestamps(), Some((7, 9)));
    assert_eq!((segment.window, segment.checksum, segment.urgent), (512, 0xabcd, 0));
    assert_eq!((segment.payload, segment.length), (&b"hello"[..], 5));
    assert_eq!(segment.link.tunnel, tunnels);
    if segment.ip.src.is_ipv4() {
        assert_eq!(segment.ip.src, Addr::v4([192, 0, 2, 1]));
        assert_eq!(segment.ip.dst, Addr::v4([198, 51, 100, 2]));
        assert_eq!((segment.ip.ttl, segment.ip.id, segment.ip.traffic_class), (63, Some(0x1234), 2));
    } else {
        assert_eq!(segment.ip.src.to_ip(), "2001:db8::1".parse::<core::net::IpAddr>().expect("address"));
        assert_eq!(segment.ip.dst.to_ip(), "2001:db8::2".parse::<core::net::IpAddr>().expect("address"));
        assert_eq!((segment.ip.ttl, segment.ip.id, segment.ip.traffic_class), (62, None, 2));
    }
    assert!(segment.ip.dont_fragment);
}

/// Checks an `EtherType` and what follows it.
#[track_caller]
fn leads_by_type(kind: u16, payload: &[u8], tunnels: u8) {
    leads(LinkType::ETHERNET, &ethernet(kind, payload), tunnels);
}

/// Checks what an IP protocol carries, in both versions.
#[track_caller]
fn leads_by_protocol(protocol: u8, payload: &[u8], tunnels: u8) {
    leads(LinkType::RAW, &ipv4(protocol, payload), tunnels);
    leads(LinkType::RAW, &ipv6(protocol, payload), tunnels);
}

#[track_caller]
fn leads_by_port(port: u16, payload: &[u8]) {
    leads(LinkType::RAW, &ipv4(17, &udp(port, payload)), 1);
}

const SNAP: [u8; 8] = [0xaa, 0xaa, 3, 0, 0, 0, 8, 0];

#[test]
fn ethernet_and_its_facts() {
    let plain = ethernet(0x0800, &ipv4(6, &tcp()));
    leads(LinkType::ETHERNET, &plain, 0);
    let found = decode(LinkType::ETHERNET, &plain, length(&plain));
    assert_eq!(segment(&found).link.source_mac, Some(MAC));
    assert_eq!(segment(&found).link.vlan, None);
    leads_by_type(0x86dd, &ipv6(6, &tcp()), 0);
}

#[test]
fn ethernet_padding_is_no_payload() {
    let mut padded = ethernet(0x0800, &ipv4(6, &tcp()));
    padded.extend([0; 9]);
    leads(LinkType::ETHERNET, &padded, 0);
    let mut padded = ethernet(0x86dd, &ipv6(6, &tcp()));
    padded.extend([0; 9]);
    leads(LinkType::ETHERNET, &padded, 0);
}

#[test]
fn ieee_802_3_with_llc() {
    let llc = with_ip(&SNAP);
    leads_by_type(u16::try_from(llc.len()).expect("small"), &llc, 0);
    let saps = with_ip(&[6, 6, 3]);
    leads_by_type(u16::try_from(saps.len()).expect("small"), &saps, 0);
}

#[test]
fn tags_of_ethernet() {
    let ip = ipv4(6, &tcp());
    let vlan = typed(&[0x20, 5], 0x0800, &ip);
    for kind in [0x8100, 0x88a8, 0x9100] {
        leads_by_type(kind, &vlan, 0);
        let stacked = ethernet(kind, &typed(&[0xe0, 9], 0x8100, &vlan));
        leads(LinkType::ETHERNET, &stacked, 0);
        let found = decode(LinkType::ETHERNET, &stacked, length(&stacked));
        assert_eq!(segment(&found).link.vlan, Some(9));
    }
    leads_by_type(0x8926, &typed(&[0; 4], 0x0800, &ip), 0);
    leads_by_type(0x8909, &typed(&[1, 1, 0, 1, 0, 7], 0x0800, &ip), 0);
    leads_by_type(0xf1c1, &typed(&[0; 4], 0x0800, &ip), 0);
    leads_by_type(0x88e5, &typed(&[0; 6], 0x0800, &ip), 0);
    leads_by_type(0x88e5, &typed(&[0x20, 0, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8], 0x0800, &ip), 0);
    leads_by_type(0x88e7, &with_ethernet(&[0; 4]), 1);
    leads_by_type(0x22f3, &with_ethernet(&[0, 0x40, 0, 1, 0, 2, 9, 9, 9, 9]), 1);
    leads_by_type(0x894f, &with_ip(&[0, 2, 1, 1, 0, 0, 1, 255]), 1);
    leads_by_type(0x894f, &with_ethernet(&[0, 3, 1, 3, 0, 0, 1, 255, 9, 9, 9, 9]), 1);
}

#[test]
fn a_short_frame_with_a_check_value_says_where_its_data_ends() {
    let bare: Vec<u8> = [&tcp()[..12], &[0x50, 0x18, 2, 0, 0xab, 0xcd, 0, 0], b"hey"].concat();
    let mut ip = ipv4(6, &bare);
    // A total length of 0, as where segmentation is left to the hardware: the frame tells.
    ip[2..4].fill(0);
    let whole = u8::try_from(ip.len() + 2).expect("small");
    for (short, payload) in [(whole, &b"hey"[..]), (0, b"hey\x55\x55\x55\x55"), (48, b"hey\x55\x55\x55\x55")]
    {
        let frame =
            ethernet(0x88e5, &typed(&[0, short, 0, 0, 0, 1], 0x0800, &[&ip[..], &[0x55; 4]].concat()));
        let found = decode(LinkType::ETHERNET, &frame, length(&frame));
        assert_eq!(segment(&found).payload, payload, "{short}");
    }
}

#[test]
fn headers_of_capturing_systems() {
    let mut cooked = vec![0, 0, 0, 1, 0, 6];
    cooked.extend(MAC);
    cooked.extend([0, 0, 8, 0]);
    let cooked = with_ip(&cooked);
    leads(LinkType::LINUX_SLL, &cooked, 0);
    let found = decode(LinkType::LINUX_SLL, &cooked, length(&cooked));
    assert_eq!(segment(&found).link.source_mac, Some(MAC));

    let mut cooked2 = vec![8, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0, 6];
    cooked2.extend(MAC);
    cooked2.extend([0, 0]);
    let cooked2 = with_ip(&cooked2);
    leads(LinkType::LINUX_SLL2, &cooked2, 0);
    let found = decode(LinkType::LINUX_SLL2, &cooked2, length(&cooked2));
    assert_eq!(segment(&found).link.source_mac, Some(MAC));

    for link in [LinkType::NULL, LinkType::LOOP] {
        leads(link, &with_ip(&[2, 0, 0, 0]), 0);
        leads(link, &with_ip(&[0, 0, 0, 2]), 0);
        for family in [10, 24, 28, 30] {
            leads(link, &[&[family, 0, 0, 0], &ipv6(6, &tcp())[..]].concat(), 0);
            leads(link, &[&[0, 0, 0, family], &ipv6(6, &tcp())[..]].concat(), 0);
        }
    }

    let size = u16::try_from(4 + ipv4(6, &tcp()).len()).expect("small");
    let prefix = [b'a', b'b', b'c', 0];
    let little = [&[2, 0, 0, 0, 8, 0, 10, 0][..], &prefix, &size.to_le_bytes(), &[9, 0]].concat();
    leads(LinkType::NFLOG, &with_ip(&little), 0);
    let big = [&[2, 0, 0, 0, 0, 7, 0, 10][..], &prefix, &size.to_be_bytes(), &[0, 9]].concat();
    leads(LinkType::NFLOG, &with_ip(&big), 0);

    let mut pflog = vec![0; 64];
    pflog[0] = 61;
    leads(LinkType::PFLOG, &with_ip(&pflog), 0);
    leads(LinkType::ENC, &with_ip(&[0; 12]), 0);
    leads(LinkType::IPNET, &with_ip(&[0; 24]), 0);

    let mut pktap = vec![0; 108];
    (pktap[0], pktap[4], pktap[8]) = (108, 1, 1);
    leads(LinkType::PKTAP, &with_ethernet(&pktap), 0);
}

#[test]
fn raw_ip() {
    let raw = [LinkType::RAW, LinkType::RAW_12, LinkType::RAW_14];
    for link in raw.into_iter().chain([LinkType::IPV4]) {
        leads(link, &ipv4(6, &tcp()), 0);
    }
    for link in raw.into_iter().chain([LinkType::IPV6]) {
        leads(link, &ipv6(6, &tcp()), 0);
    }
}

/// An 802.11 data frame: addresses end in 1, 2 and 3.
fn wlan(control: u8, flags: u8) -> Vec<u8> {
    let mut bytes = vec![control, flags, 0, 0];
    for last in [1, 2, 3] {
        bytes.extend([2, 0, 0, 0, 0, last]);
    }
    bytes.extend([0, 0]);
    bytes
}

#[test]
fn ieee_802_11() {
    let source = |bytes: &[u8]| {
        let found = decode(LinkType::IEEE802_11, bytes, length(bytes));
        segment(&found).link.source_mac.expect("an address")[5]
    };
    for (flags, last) in [(0, 2), (1, 2), (2, 3)] {
        let plain = [&wlan(8, flags)[..], &with_ip(&SNAP)].concat();
        leads(LinkType::IEEE802_11, &plain, 0);
        assert_eq!(source(&plain), last);
    }
    let four = [&wlan(8, 3)[..], &[2, 0, 0, 0, 0, 4], &with_ip(&SNAP)].concat();
    leads(LinkType::IEEE802_11, &four, 0);
    assert_eq!(source(&four), 4);
    let quality = [&wlan(0x88, 1)[..], &[0, 0], &with_ip(&SNAP)].concat();
    leads(LinkType::IEEE802_11, &quality, 0);
    let control = [&wlan(0x88, 0x81)[..], &[0; 6], &with_ip(&SNAP)].concat();
    leads(LinkType::IEEE802_11, &control, 0);

    let tap = [0, 0, 9, 0, 2, 0, 0, 0, 0];
    leads(LinkType::IEEE802_11_RADIOTAP, &[&tap[..], &quality].concat(), 0);
    let padded = [&wlan(0x88, 1)[..], &[0; 4], &with_ip(&SNAP)].concat();
    let tap_padded = [0, 0, 25, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0];
    leads(LinkType::IEEE802_11_RADIOTAP, &[&tap_padded[..], &padded].concat(), 0);
    let tap_two_maps = [0, 0, 13, 0, 2, 0, 0, 0x80, 0, 0, 0, 0, 0x20];
    leads(LinkType::IEEE802_11_RADIOTAP, &[&tap_two_maps[..], &padded].concat(), 0);

    leads(LinkType::IEEE802_11_PRISM, &[&[0x44; 144][..], &quality].concat(), 0);
    let avs = [0x80, 0x21, 0x10, 1, 0, 0, 0, 12, 0, 0, 0, 0];
    leads(LinkType::IEEE802_11_AVS, &[&avs[..], &quality].concat(), 0);
    leads(LinkType::IEEE802_11_PRISM, &[&avs[..], &quality].concat(), 0);
    leads(LinkType::PPI, &[&[0, 0, 12, 0, 105, 0, 0, 0, 9, 9, 9, 9][..], &quality].concat(), 0);
    leads(LinkType::PPI, &with_ethernet(&[0, 0, 8, 0, 1, 0, 0, 0]), 0);
}

#[test]
fn serial_lines() {
    for head in [&[0xff, 3, 0, 0x21][..], &[0, 0x21], &[0x21], &[0xff, 3, 0x21]] {
        leads(LinkType::PPP, &with_ip(head), 0);
        leads(LinkType::PPP_HDLC, &with_ip(head), 0);
    }
    leads(LinkType::PPP, &[&[0xff, 3, 0, 0x57][..], &ipv6(6, &tcp())].concat(), 0);
    leads(LinkType::PPP, &with_ethernet(&[0, 0x31, 0, 1]), 1);
    leads(LinkType::PPP, &with_ip(&[0, 0x3d, 0xc0, 0, 0, 1, 0x21]), 0);
    leads(LinkType::PPP, &with_ip(&[2, 0x81, 0, 1, 1, 64]), 0);
    leads(LinkType::PPP_HDLC, &with_ip(&[0x0f, 0, 8, 0]), 0);
    leads(LinkType::PPP_PPPD, &with_ip(&[1, 3, 0, 0x21]), 0);
    leads(LinkType::PPP_WITH_DIR, &with_ip(&[1, 0xff, 3, 0, 0x21]), 0);
    leads(LinkType::C_HDLC, &with_ip(&[0x0f, 0, 8, 0]), 0);
    leads(LinkType::C_HDLC_WITH_DIR, &with_ip(&[0, 0x0f, 0, 8, 0]), 0);
    leads(LinkType::FRELAY, &with_ip(&[0x18, 0x41, 3, 0xcc]), 0);
    leads(LinkType::FRELAY, &with_ip(&[0x18, 0x41, 3, 0, 0x80, 0, 0, 0, 8, 0]), 0);
    leads(LinkType::FRELAY, &with_ip(&[0x18, 0x41, 8, 0]), 0);
    leads(LinkType::SLIP, &with_ip(&[0; 16]), 0);
    let inside = with_ip(&[0, 0x21]);
    let [length0, length1] = u16::try_from(inside.len()).expect("small").to_be_bytes();
    let pppoe = [&[0x11, 0, 0, 1, length0, length1][..], &inside, &[0; 6]].concat();
    leads(LinkType::PPP_ETHER, &pppoe, 0);
    leads_by_type(0x8864, &pppoe, 0);
}

#[test]
fn rings_and_rarities() {
    let llc = with_ip(&SNAP);
    leads(LinkType::FDDI, &[&[0x50; 13][..], &llc].concat(), 0);
    let mut ring = vec![0x10, 0x40, 1, 1, 1, 1, 1, 1, 0x80, 2, 2, 2, 2, 2];
    ring.extend([6, 0, 0, 1, 0, 2]);
    leads(LinkType::IEEE802_5, &[&ring[..], &llc].concat(), 0);
    ring.truncate(14);
    ring[8] = 0;
    leads(LinkType::IEEE802_5, &[&ring[..], &llc].concat(), 0);
    leads(LinkType::ARCNET_BSD, &with_ip(&[1, 2, 212, 0, 0, 7]), 0);
    leads(LinkType::ARCNET_LINUX, &with_ip(&[1, 2, 0, 0, 240]), 0);
    leads(LinkType::ARCNET_LINUX, &with_ip(&[1, 2, 0, 0, 212, 0xff, 0xff, 0xff, 212, 0, 0, 7]), 0);
    let preamble = [0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0xd5];
    leads(LinkType::ETHERNET_MPACKET, &with_ethernet(&preamble), 0);
    leads(LinkType::NETANALYZER, &with_ethernet(&[0; 4]), 0);
    leads(LinkType::NETANALYZER_TRANSPARENT, &with_ethernet(&[[0; 4], [0x55; 4], [0x55; 4]].concat()), 0);
    leads(LinkType::ERF, &with_ethernet(&[0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0]), 0);
    let mut erf = vec![0; 32];
    (erf[8], erf[11], erf[16]) = (0x96, 200, 0x80);
    leads(LinkType::ERF, &with_ip(&erf), 0);
    let mut infiniband = vec![0; 44];
    infiniband[40] = 8;
    leads(LinkType::IPOIB, &with_ip(&infiniband), 0);
    leads(LinkType::IP_OVER_FC, &[&[0; 16][..], &llc].concat(), 0);
    leads(LinkType::ATM_RFC1483, &llc, 0);
    leads(LinkType::SUNATM, &[&[2, 0, 0, 1][..], &llc].concat(), 0);
    leads(LinkType::MPLS, &with_ip(&[0, 1, 1, 64]), 0);
}

#[test]
fn mpls() {
    let labels = [0, 1, 0, 64, 0, 2, 1, 64];
    leads_by_type(0x8847, &with_ip(&labels), 0);
    leads_by_type(0x8848, &[&labels[..], &ipv6(6, &tcp())].concat(), 0);
    leads_by_type(0x8847, &with_ip(&[0, 0, 1, 64]), 0);
    leads_by_type(0x8847, &with_ethernet(&labels), 1);
    let word = [&labels[..], &[0, 0, 0, 0]].concat();
    leads_by_type(0x8847, &with_ethernet(&word), 1);
    // A destination that begins like IP does.
    let mut like_ip = with_ethernet(&labels);
    like_ip[8] = 0x46;
    leads_by_type(0x8847, &like_ip, 1);
    like_ip[8] = 0x60;
    leads_by_type(0x8847, &like_ip, 1);
    leads_by_protocol(137, &with_ip(&labels), 1);
}

#[test]
fn ip_in_ip() {
    leads_by_protocol(4, &ipv4(6, &tcp()), 1);
    leads_by_protocol(41, &ipv6(6, &tcp()), 1);
    leads_by_protocol(97, &with_ethernet(&[0x30, 0]), 1);
    leads_by_protocol(143, &with_ethernet(&[]), 1);
    leads_by_protocol(51, &[&[6, 4, 0, 0][..], &[0; 20], &tcp()].concat(), 0);
}

#[test]
fn extension_headers() {
    let hops = [60, 0, 1, 4, 0, 0, 0, 0];
    let options = [6, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    leads(LinkType::RAW, &ipv6(0, &[&hops[..], &options, &tcp()].concat()), 0);
    let atomic = [6, 0, 0, 0, 1, 2, 3, 4];
    leads(LinkType::RAW, &ipv6(44, &[&atomic[..], &tcp()].concat()), 0);

    let last = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9];
    let middle = [0xee; 16];
    let last_of = |payload: &[u8]| {
        let bytes = ipv6(43, payload);
        segment(&decode(LinkType::RAW, &bytes, length(&bytes))).ip.dst.0
    };
    let in_order = [&[6, 4, 0, 1, 0, 0, 0, 0][..], &middle, &last, &tcp()].concat();
    assert_eq!(last_of(&in_order), last);
    let reversed = [&[6, 4, 4, 1, 1, 0, 0, 0][..], &last, &middle, &tcp()].concat();
    assert_eq!(last_of(&reversed), last);
    let mut arrived = reversed;
    arrived[3] = 0;
    assert_ne!(last_of(&arrived), last);
}

#[test]
fn generic_routing_encapsulation() {
    leads_by_protocol(47, &with_ip(&[0, 0, 8, 0]), 1);
    leads_by_protocol(47, &with_ip(&[0xb0, 0, 8, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]), 1);
    leads_by_protocol(47, &with_ethernet(&[0x20, 0, 0x65, 0x58, 0, 0, 0, 1]), 1);
    let route = [0x40, 0, 8, 0, 0, 0, 0, 0, 8, 0, 0, 4, 1, 2, 3, 4, 0, 0, 0, 0];
    leads_by_protocol(47, &with_ip(&route), 1);
    let ppp = [0x30, 0x81, 0x88, 0x0b, 0, 9, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0xff, 3, 0, 0x21];
    leads_by_protocol(47, &with_ip(&ppp), 1);
    // ERSPAN types I, II, III, and III with its platform header.
    leads_by_protocol(47, &with_ethernet(&[0, 0, 0x88, 0xbe]), 1);
    leads_by_protocol(47, &with_ethernet(&[0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 0, 0, 0, 0, 0, 0, 0]), 1);
    let mut third = vec![0x10, 0, 0x22, 0xeb, 0, 0, 0, 1, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    leads_by_protocol(47, &with_ethernet(&third), 1);
    third[19] = 1;
    third.extend([7; 8]);
    leads_by_protocol(47, &with_ethernet(&third), 1);
    leads_by_protocol(47, &with_ip(&[0, 0, 0x88, 0x3e]), 1);
    leads_by_protocol(47, &with_ip(&[0, 0, 0x88, 0x3e, 0, 0, 0, 0]), 1);
}

#[test]
fn tunnels_on_udp() {
    for port in [4789, 8472] {
        leads_by_port(port, &with_ethernet(&[8, 0, 0, 0, 0, 0, 7, 0]));
    }
    leads_by_port(4790, &with_ip(&[0x0c, 0, 0, 1, 0, 0, 7, 0]));
    leads_by_port(4790, &with_ethernet(&[0x0c, 0, 0, 3, 0, 0, 7, 0]));
    leads_by_port(6081, &with_ethernet(&[0, 0, 0x65, 0x58, 0, 0, 7, 0]));
    leads_by_port(6081, &with_ip(&[1, 0, 8, 0, 0, 0, 7, 0, 9, 9, 9, 9]));
    let size = u8::try_from(ipv4(6, &tcp()).len()).expect("small");
    leads_by_port(2152, &with_ip(&[0x30, 0xff, 0, size, 0, 0, 0, 1]));
    leads_by_port(2152, &with_ip(&[0x32, 0xff, 0, size + 4, 0, 0, 0, 1, 0, 1, 0, 0]));
    let extended = [0x34, 0xff, 0, size + 8, 0, 0, 0, 1, 0, 0, 0, 0x85, 1, 0, 0, 0];
    leads_by_port(2152, &with_ip(&extended));
    let inside = ipv6(6, &tcp());
    leads_by_port(3544, &inside);
    leads_by_port(3544, &[&[0, 0, 1, 2, 3, 4, 5, 6][..], &inside].concat());
    leads_by_port(3544, &[&[0, 1, 2, 1][..], &[7; 12], &inside].concat());
    leads_by_port(1701, &with_ip(&[0, 2, 0, 1, 0, 1, 0xff, 3, 0, 0x21]));
    let all = [0x4a, 2, 0, 200, 0, 1, 0, 1, 0, 1, 0, 1, 0, 2, 9, 9, 0xff, 3, 0, 0x21];
    leads_by_port(1701, &with_ip(&all));
    leads_by_port(4341, &with_ip(&[0; 8]));
    leads_by_port(6635, &with_ip(&[0, 1, 1, 64]));
    leads_by_port(37008, &with_ethernet(&[1, 0, 0, 1, 0, 10, 1, 5, 1]));
    leads(LinkType::RAW, &ipv4(17, &udp(4754, &with_ip(&[0, 0, 8, 0]))), 1);
}
