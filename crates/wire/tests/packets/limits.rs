//! Lengths that contradict each other, packets that were cut, fragments and reports.

use crate::build::{ethernet, ipv4, ipv6, length, segment, tcp, udp};
use hangup_wire::{
    Addr, Flags, Found, IcmpMessage, IpProtocol, Layer, LengthSource, LinkType, MAX_TUNNELS, Malformed, Seq,
    decode, decode_reassembled,
};

fn raw(bytes: &[u8]) -> Found<'_> {
    decode(LinkType::RAW, bytes, length(bytes))
}

#[track_caller]
fn malformed(found: Found<'_>) -> Malformed {
    match found {
        Found::Malformed(malformed) => malformed,
        other => panic!("not malformed but {other:?}"),
    }
}

#[test]
fn a_cut_payload_keeps_its_length() {
    for (link, bytes) in [
        (LinkType::ETHERNET, ethernet(0x0800, &ipv4(6, &tcp()))),
        (LinkType::RAW, ipv4(6, &tcp())),
        (LinkType::RAW, ipv6(6, &tcp())),
    ] {
        let cut = &bytes[..bytes.len() - 3];
        let found = decode(link, cut, length(&bytes));
        assert_eq!((segment(&found).payload, segment(&found).length), (&b"he"[..], 5));
    }
}

#[test]
fn cut_options_are_no_reason_to_give_up() {
    let bytes = ethernet(0x0800, &ipv4(6, &tcp()));
    let found = decode(LinkType::ETHERNET, &bytes[..14 + 20 + 20 + 3], length(&bytes));
    let segment = segment(&found);
    assert_eq!((segment.seq, segment.length, segment.payload.len()), (Seq(1000), 5, 0));
    assert_eq!(segment.options.bytes(), [1, 1, 8]);
    assert_eq!(segment.options.timestamps(), None);
}

#[test]
fn a_total_length_of_zero_takes_the_frames() {
    let mut v4 = ipv4(6, &tcp());
    (v4[2], v4[3]) = (0, 0);
    assert_eq!(segment(&raw(&v4)).length, 5);
    assert_eq!(segment(&decode(LinkType::RAW, &v4, 70_000)).length, 70_000 - 52);
    let mut v6 = ipv6(6, &tcp());
    (v6[4], v6[5]) = (0, 0);
    assert_eq!(segment(&raw(&v6)).length, 5);
}

#[test]
fn an_ip_length_is_believed_against_the_frame_but_not_against_what_is_around_it() {
    let mut long = ipv4(6, &tcp());
    long[3] += 10;
    assert_eq!(segment(&raw(&long)).length, 15);
    let tunnel = ipv4(4, &long);
    assert_eq!(segment(&raw(&tunnel)).length, 5);
}

#[test]
fn contradicting_lengths_name_their_source() {
    let mut short_header = ipv4(6, &tcp());
    short_header[0] = 0x44;
    let wrong = malformed(raw(&short_header));
    assert_eq!((wrong.layer, wrong.claimed_by), (Layer::Ipv4, LengthSource::Ipv4HeaderLength));
    assert_eq!((wrong.want, wrong.have, wrong.at), (20, 16, 0));

    let mut short_total = ethernet(0x0800, &ipv4(6, &tcp()));
    short_total[17] = 19;
    let wrong = malformed(decode(LinkType::ETHERNET, &short_total, length(&short_total)));
    assert_eq!((wrong.layer, wrong.claimed_by), (Layer::Ipv4, LengthSource::Ipv4TotalLength));
    assert_eq!((wrong.want, wrong.have, wrong.at), (20, 19, 14));

    let mut no_room = ipv4(6, &tcp());
    no_room[3] = 39;
    let wrong = malformed(raw(&no_room));
    assert_eq!((wrong.layer, wrong.claimed_by), (Layer::Tcp, LengthSource::Ipv4TotalLength));
    assert_eq!((wrong.want, wrong.have, wrong.at), (20, 19, 20));

    for (offset, want, have) in [(0x40, 20, 16), (0xf0, 60, 37)] {
        let mut bad_offset = ethernet(0x0800, &ipv4(6, &tcp()));
        bad_offset[46] = offset;
        let wrong = malformed(decode(LinkType::ETHERNET, &bad_offset, length(&bad_offset)));
        assert_eq!((wrong.layer, wrong.claimed_by), (Layer::Tcp, LengthSource::TcpDataOffset));
        assert_eq!((wrong.want, wrong.have, wrong.at), (want, have, 34));
    }
}

#[test]
fn whether_the_capture_or_the_packet_is_short() {
    let bytes = ethernet(0x0800, &ipv4(6, &tcp()));
    let cut = malformed(decode(LinkType::ETHERNET, &bytes[..40], length(&bytes)));
    assert!(cut.is_cut());
    assert_eq!((cut.layer, cut.want, cut.have, cut.at), (Layer::Tcp, 20, 6, 34));
    let short = malformed(decode(LinkType::ETHERNET, &bytes[..40], 40));
    assert!(!short.is_cut());
    assert_eq!(short.claimed_by, LengthSource::Ipv4TotalLength);
    let nothing = malformed(decode(LinkType::ETHERNET, &[], 0));
    assert_eq!((nothing.layer, nothing.claimed_by), (Layer::Link, LengthSource::Frame));
}

#[test]
fn what_holds_no_tcp() {
    assert_eq!(raw(&ipv4(17, &udp(53, b"no tunnel"))), Found::Other);
    assert_eq!(raw(&ipv4(17, &udp(4789, b"no"))), Found::Other);
    assert_eq!(raw(&ipv4(50, &[0; 40])), Found::Other);
    assert_eq!(raw(&ipv4(1, &[8, 0, 0, 0, 0, 1, 0, 1])), Found::Other);
    assert_eq!(raw(&[0x05; 40]), Found::Other);
    assert_eq!(decode(LinkType::USBPCAP, &[0; 64], 64), Found::Other);
    let arp = ethernet(0x0806, &[0; 28]);
    assert_eq!(decode(LinkType::ETHERNET, &arp, length(&arp)), Found::Other);
    let sealed = [0x08, 0x41, 0, 0, 1, 2, 3, 4];
    assert_eq!(decode(LinkType::IEEE802_11, &sealed, 8), Found::Other);
}

#[test]
fn nesting_has_a_bound() {
    let mut bytes = ipv4(6, &tcp());
    for _ in 0..MAX_TUNNELS {
        bytes = ipv4(4, &bytes);
    }
    assert_eq!(segment(&raw(&bytes)).link.tunnel, MAX_TUNNELS);
    assert_eq!(raw(&ipv4(4, &bytes)), Found::Other);
}

#[test]
fn fragments_of_ipv4() {
    let whole = tcp();
    let mut first = ipv4(6, &whole[..16]);
    first[6] = 0x20;
    let mut last = ipv4(6, &whole[16..]);
    (last[6], last[7]) = (0, 2);
    let (Found::Fragment(a), Found::Fragment(b)) = (raw(&first), raw(&last)) else {
        panic!("two fragments expected");
    };
    assert_eq!((a.id, a.offset, a.more, a.length), (0x1234, 0, true, 16));
    assert_eq!((b.id, b.offset, b.more, b.payload), (0x1234, 16, false, &whole[16..]));
    assert_eq!((a.protocol, a.ip.dont_fragment), (IpProtocol::TCP, false));
    let joined = [a.payload, b.payload].concat();
    let found = decode_reassembled(a.ip, a.protocol, &joined);
    assert_eq!((segment(&found).payload, segment(&found).ip), (&b"hello"[..], a.ip));

    first[9] = 50;
    assert_eq!(raw(&first), Found::Other, "what is sealed need not be joined");
}

#[test]
fn fragments_of_ipv6() {
    let whole = tcp();
    let piece = ipv6(44, &[&[6, 0, 0, 0x11, 1, 2, 3, 4][..], &whole[16..]].concat());
    let Found::Fragment(fragment) = raw(&piece) else {
        panic!("a fragment expected");
    };
    assert_eq!((fragment.id, fragment.offset, fragment.more), (0x0102_0304, 16, true));
    assert_eq!((fragment.protocol, fragment.payload), (IpProtocol::TCP, &whole[16..]));
    assert_eq!(fragment.length, length(&whole[16..]));
}

#[test]
fn reports_about_segments() {
    let quoted = ipv4(6, &tcp());
    let report = ipv4(1, &[&[3, 4, 0, 0, 0, 0, 5, 0xdc][..], &quoted[..28]].concat());
    let Found::IcmpError(error) = raw(&report) else {
        panic!("an error expected");
    };
    assert_eq!(error.message, IcmpMessage { v6: false, kind: 3, code: 4 });
    assert_eq!((error.message.name(), error.mtu), (Some("fragmentation needed"), Some(1500)));
    assert_eq!(error.ip.ttl, 63);
    assert_eq!(error.quoted.src, Addr::v4([192, 0, 2, 1]));
    assert_eq!((error.quoted.src_port, error.quoted.dst_port), (40000, 443));
    assert_eq!((error.quoted.seq, error.quoted.ack), (Some(Seq(1000)), None));
    assert_eq!((error.quoted.flags, error.quoted.ttl), (None, 63));

    let inside = ipv6(6, &tcp());
    let report = ipv6(58, &[&[2, 0, 0, 0, 0, 0, 5, 0][..], &inside].concat());
    let Found::IcmpError(error) = raw(&report) else {
        panic!("an error expected");
    };
    assert_eq!((error.message.name(), error.mtu), (Some("packet too big"), Some(1280)));
    assert_eq!(error.quoted.flags, Some(Flags::PSH.with(Flags::ACK)));
    assert_eq!(error.quoted.bytes, tcp());
}

#[test]
fn reports_about_fragments() {
    let mut first = ipv4(6, &tcp());
    first[6] = 0x20;
    let report = ipv4(1, &[&[11, 1, 0, 0, 0, 0, 0, 0][..], &first].concat());
    let Found::IcmpError(error) = raw(&report) else {
        panic!("an error expected");
    };
    assert_eq!((error.quoted.src_port, error.mtu), (40000, None));
    first[7] = 9;
    let later = ipv4(1, &[&[11, 1, 0, 0, 0, 0, 0, 0][..], &first].concat());
    assert_eq!(raw(&later), Found::Other, "a later fragment shows no ports");
    let about_udp = ipv4(1, &[&[3, 3, 0, 0, 0, 0, 0, 0][..], &ipv4(17, &udp(53, b"?"))].concat());
    assert_eq!(raw(&about_udp), Found::Other);
}
