//! Whatever bytes come, decoding neither panics nor hands out what is not there.

use crate::build::{ethernet, ipv4, ipv6, length, tcp, typed, udp, with_ethernet, with_ip};
use hangup_wire::{Found, Header, IpProtocol, LinkType, Plain, decode, decode_reassembled, plain_ends};
use proptest::prelude::*;

const LINKS: std::ops::Range<u16> = 0..300;

/// Packets that lead deep, one of each family of headers.
fn samples() -> Vec<(LinkType, Vec<u8>)> {
    let vlan = typed(&[0, 5], 0x8864, &with_ip(&[0x11, 0, 0, 1, 0, 70, 0, 0x21]));
    let vxlan = ipv4(17, &udp(4789, &with_ethernet(&[8, 0, 0, 0, 0, 0, 7, 0])));
    let gtp = [0x34, 0xff, 0, 90, 0, 0, 0, 1, 0, 0, 0, 0x85, 1, 0, 0, 0];
    let options = [&[43, 0, 1, 4, 0, 0, 0, 0][..], &[6, 2, 0, 1, 0, 0, 0, 0], &[7; 16], &tcp()].concat();
    let erspan = [0x10, 0, 0x22, 0xeb, 0, 0, 0, 1, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let report = [&[3, 4, 0, 0, 0, 0, 5, 0xdc][..], &ipv4(6, &tcp())].concat();
    let mut fragment = ipv4(6, &tcp());
    fragment[6] = 0x20;
    let snap = [0xaa, 0xaa, 3, 0, 0, 0, 8, 0];
    let radio = [&[0, 0, 9, 0, 2, 0, 0, 0, 0, 0x88, 1][..], &[0; 24], &with_ip(&snap)].concat();
    vec![
        (LinkType::ETHERNET, ethernet(0x0800, &ipv4(6, &tcp()))),
        (LinkType::ETHERNET, ethernet(0x86dd, &ipv6(0, &options))),
        (LinkType::ETHERNET, ethernet(0x8100, &vlan)),
        (LinkType::ETHERNET, ethernet(0x0800, &vxlan)),
        (LinkType::ETHERNET, ethernet(0x8847, &with_ethernet(&[0, 1, 0, 64, 0, 2, 1, 64, 0, 0, 0, 0]))),
        (LinkType::RAW, ipv4(17, &udp(2152, &with_ip(&gtp)))),
        (LinkType::RAW, ipv6(47, &with_ethernet(&erspan))),
        (LinkType::RAW, ipv4(1, &report)),
        (LinkType::RAW, fragment),
        (LinkType::NFLOG, with_ip(&[2, 0, 0, 0, 8, 0, 10, 0, 1, 2, 3, 4, 61, 0, 9, 0])),
        (LinkType::IEEE802_11_RADIOTAP, radio),
    ]
}

fn lies_within(part: &[u8], whole: &[u8]) -> bool {
    part.is_empty() || {
        let (part, whole) = (part.as_ptr_range(), whole.as_ptr_range());
        whole.start <= part.start && part.end <= whole.end
    }
}

/// What must hold of anything found in `data`.
fn holds(found: &Found<'_>, data: &[u8]) {
    match found {
        Found::Tcp(segment) => {
            assert!(lies_within(segment.payload, data));
            assert!(lies_within(segment.options.bytes(), data));
            assert!(segment.length >= length(segment.payload));
            // Options are read when asked for: ask.
            let options = segment.options;
            let seen = options.iter().count() + options.sack_blocks().count();
            assert!(seen <= 40);
            let _ =
                (options.mss(), options.window_scale(), options.timestamps(), options.mptcp_reset_reason());
        }
        Found::Fragment(fragment) => {
            assert!(lies_within(fragment.payload, data));
            assert!(fragment.length >= length(fragment.payload));
            assert!(fragment.offset.is_multiple_of(8) && fragment.offset <= 65_528);
        }
        Found::IcmpError(error) => assert!(lies_within(error.quoted.bytes, data)),
        Found::Malformed(malformed) => {
            assert!(malformed.want > malformed.have, "{malformed:?}");
            assert!(usize::from(malformed.at) <= data.len());
        }
        Found::Other => {}
    }
}

#[test]
fn cut_at_every_byte() {
    for (link, bytes) in samples() {
        let whole = decode(link, &bytes, length(&bytes));
        assert!(!matches!(whole, Found::Other | Found::Malformed(_)), "{link:?}: {whole:?}");
        for end in 0..bytes.len() {
            let cut = decode(link, &bytes[..end], length(&bytes));
            holds(&cut, &bytes[..end]);
            if let (Found::Tcp(cut), Found::Tcp(whole)) = (cut, whole) {
                assert_eq!((cut.seq, cut.length, cut.ip), (whole.seq, whole.length, whole.ip));
            }
            holds(&decode(link, &bytes[..end], 0), &bytes[..end]);
        }
    }
}

proptest! {
    #[test]
    fn any_bytes(link in LINKS, data in prop::collection::vec(any::<u8>(), 0..256), original: u32) {
        holds(&decode(LinkType(link), &data, original), &data);
    }

    #[test]
    fn any_reassembled_bytes(protocol: u8, data in prop::collection::vec(any::<u8>(), 0..256)) {
        let ip = hangup_wire::Ip::default();
        holds(&decode_reassembled(ip, IpProtocol(protocol), &data), &data);
    }

    /// A valid packet with a few bytes changed, of its own link type or of any other.
    #[test]
    fn mutated(
        sample in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        end in any::<prop::sample::Index>(),
        cut: bool,
        other_link in prop::option::of(LINKS),
    ) {
        let samples = samples();
        let (link, mut bytes) = samples[sample.index(samples.len())].clone();
        let original = length(&bytes);
        for (place, value) in changes {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        if cut {
            bytes.truncate(end.index(bytes.len()));
        }
        let link = other_link.map_or(link, LinkType);
        holds(&decode(link, &bytes, original), &bytes);
    }

    /// The straight way through Ethernet finds just what the loop finds behind it.
    #[test]
    fn straight_way_and_loop_agree(
        changes in prop::collection::vec((0usize..60, any::<u8>()), 0..4),
        end in 20usize..57,
        cut: bool,
    ) {
        let mut ip = ipv4(6, &tcp());
        let original = length(&ip);
        for (place, value) in changes {
            if let Some(byte) = ip.get_mut(place) {
                *byte = value;
            }
        }
        // A changed version is a matter of the link: Ethernet says IPv4, raw IP asks the packet.
        ip[0] = ip[0] & 0xf | 0x40;
        if cut {
            ip.truncate(end);
        }
        let framed = ethernet(0x0800, &ip);
        let straight = decode(LinkType::ETHERNET, &framed, original + 14);
        let looped = decode(LinkType::RAW, &ip, original);
        match (straight, looped) {
            (Found::Tcp(mut a), Found::Tcp(b)) => {
                a.link = b.link;
                prop_assert_eq!(a, b);
            }
            (Found::Malformed(a), Found::Malformed(b)) => {
                prop_assert_eq!((a.layer, a.at, a.want, a.have), (b.layer, b.at + 14, b.want, b.have));
            }
            (a, b) => prop_assert_eq!(std::mem::discriminant(&a), std::mem::discriminant(&b)),
        }
    }
}

/// All that is asked of a header.
fn headers(of: &impl Header) -> String {
    let numbers = (of.seq(), of.ack(), of.flags(), of.window(), of.length());
    format!("{numbers:?} {:?}", (of.ttl(), of.id(), of.source_mac(), of.payload()))
}

proptest! {
    /// Who guesses the ends of a packet before it is decoded guesses right, or not at all.
    #[test]
    fn guessed_ends_are_those_that_are_decoded(
        mut bytes in proptest::collection::vec(any::<u8>(), 20..120),
        tagged: bool,
        v6: bool,
        tcp in prop_oneof![9 => Just(6_u8), 1 => any::<u8>()],
    ) {
        let at = if tagged { 18 } else { 14 };
        let mut set = |place: usize, byte: u8| if let Some(slot) = bytes.get_mut(place) { *slot = byte };
        if tagged {
            set(12, 0x81);
            set(13, 0);
        }
        let (kind, protocol) = if v6 { ([0x86, 0xdd, 0x60], at + 6) } else { ([8, 0, 0x45], at + 9) };
        for (place, byte) in (at - 2..).zip(kind) {
            set(place, byte);
        }
        set(protocol, tcp);
        // Not a fragment, and no option of TCP beyond the end.
        set(at + 6, if v6 { tcp } else { 0 });
        set(at + 7, 0);
        let header = if v6 { 40 } else { 20 };
        set(at + header + 12, 0x50);
        set(at + 2, 0);
        set(at + 3, 60);
        let guessed = plain_ends(LinkType::ETHERNET, &bytes);
        prop_assert!(tcp == 6 || guessed.is_none());
        if tcp == 6 && let Found::Tcp(segment) = decode(LinkType::ETHERNET, &bytes, 0) {
            let ends = [(segment.ip.src, segment.src_port), (segment.ip.dst, segment.dst_port)];
            prop_assert_eq!(guessed, Some(ends));
            // So does who reads it where it lies.
            if let Some(plain) = Plain::of(LinkType::ETHERNET, &bytes) {
                prop_assert_eq!(headers(&plain), headers(&segment));
                prop_assert_eq!(plain.segment(), segment);
            }
        }
        prop_assert_eq!(plain_ends(LinkType::NULL, &bytes), None);
    }
}
