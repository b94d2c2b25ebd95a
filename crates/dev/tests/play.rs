//! The compiler does what two kernels would do.

use hangup_dev::{Family, Frame, Story, play};

/// The fields of a TCP segment in an IPv4 packet.
#[derive(Debug, PartialEq)]
struct Seen {
    seq: u32,
    ack: u32,
    flags: u8,
    window: u16,
    options: usize,
    payload: Vec<u8>,
    ttl: u8,
    id: u16,
}

const FIN: u8 = 1;
const SYN: u8 = 2;
const RST: u8 = 4;
const PSH: u8 = 8;
const ACK: u8 = 16;

fn seen(frame: &Frame) -> Seen {
    let packet = &frame.packet;
    let u16_at = |at: usize| u16::from_be_bytes([packet[at], packet[at + 1]]);
    let u32_at = |at: usize| u32::from_be_bytes(packet[at..at + 4].try_into().unwrap());
    let header = usize::from(packet[32] >> 4) * 4;
    Seen {
        seq: u32_at(24),
        ack: u32_at(28),
        flags: packet[33],
        window: u16_at(34),
        options: header - 20,
        payload: packet[20 + header..].to_vec(),
        ttl: packet[8],
        id: u16_at(4),
    }
}

fn compile(ladder: &str) -> Vec<(Frame, Seen)> {
    let story = Story::parse(&format!("# A\n```ladder\n{ladder}\n```\n")).unwrap();
    let frames = story.play().unwrap().frames;
    frames.into_iter().map(|frame| (frame.clone(), seen(&frame))).collect()
}

fn fault(ladder: &str) -> String {
    let story = Story::parse(&format!("# A\n```ladder\n{ladder}\n```\n")).unwrap();
    story.play().unwrap_err().to_string()
}

#[test]
fn a_conversation() {
    let frames = compile("> SYN\n< SYN ACK\n> ACK\n> data 100\n< data \"ok\"\n> FIN\n< FIN\n> ACK");
    let [syn, syn_ack, ack, ask, answer, fin, fin_back, last] = &frames[..] else { panic!("8 packets") };
    assert_eq!((syn.1.flags, syn.1.ack, syn.1.window, syn.1.options), (SYN, 0, 64_240, 20));
    assert_eq!(
        (syn_ack.1.flags, syn_ack.1.ack, syn_ack.1.options),
        (SYN | ACK, syn.1.seq.wrapping_add(1), 20)
    );
    assert_eq!((ack.1.flags, ack.1.seq, ack.1.ack), (ACK, syn_ack.1.ack, syn_ack.1.seq.wrapping_add(1)));
    assert_eq!((ask.1.flags, ask.1.seq, ask.1.payload.len()), (PSH | ACK, ack.1.seq, 100));
    assert_eq!((answer.1.payload.as_slice(), answer.1.ack), (&b"ok"[..], ask.1.seq.wrapping_add(100)));
    assert_eq!((fin.1.flags, fin.1.ack), (FIN | ACK, answer.1.seq.wrapping_add(2)));
    assert_eq!((fin_back.1.flags, fin_back.1.ack), (FIN | ACK, fin.1.seq.wrapping_add(1)));
    assert_eq!((last.1.seq, last.1.ack), (fin_back.1.ack, fin_back.1.seq.wrapping_add(1)));
    // Each host's identification counts its own packets; each direction has its own hop limit.
    assert_eq!(ack.1.id, syn.1.id.wrapping_add(1));
    assert_eq!((syn.1.ttl, syn_ack.1.ttl), (64, 57));
    // On the client's host an answer takes a round trip, and the client's own next packet takes none.
    assert_eq!(syn_ack.0.time.since(syn.0.time) / 1_000_000, 20);
    assert!(ack.0.time.since(syn_ack.0.time) < 1_000_000);
}

#[test]
fn both_shapes_of_reset() {
    let frames = compile("> SYN\n< SYN ACK\n> ACK\n> data 10\n< RST\n> RST ACK");
    let (ask, passive, active) = (&frames[3].1, &frames[4].1, &frames[5].1);
    assert_eq!((passive.flags, passive.seq, passive.ack), (RST, ask.ack, 0));
    assert_eq!((passive.window, passive.options, passive.id), (0, 0, 0));
    assert_eq!((active.flags, active.seq), (RST | ACK, ask.seq.wrapping_add(10)));
    assert_eq!((active.window, active.options), (502, 12));
}

#[test]
fn a_refusal_acknowledges_the_syn() {
    let frames = compile("> SYN\n< RST ACK\n+1s > SYN\n< RST");
    for pair in frames.chunks(2) {
        let (syn, refusal) = (&pair[0].1, &pair[1].1);
        assert_eq!((refusal.flags, refusal.seq, refusal.window, refusal.options), (RST | ACK, 0, 0, 0));
        assert_eq!(refusal.ack, syn.seq.wrapping_add(1));
    }
}

#[test]
fn crossing_packets_know_nothing_of_each_other() {
    let frames = compile("> data 10\n< data 20\n> ACK\n< FIN\n> data 30 crossing\n< RST");
    let (fin, late, reset) = (&frames[3].1, &frames[4].1, &frames[5].1);
    assert_eq!(late.ack, fin.seq);
    assert_eq!(reset.seq, fin.seq);
    let told = compile("> data 10\n< data 20\n> ACK\n< FIN\n> data 30");
    assert_eq!(told[4].1.ack, told[3].1.seq.wrapping_add(1));
}

#[test]
fn what_the_capture_missed_and_what_never_arrived() {
    let lost = compile("> data 10\nlost < data 20\n> ACK");
    assert_eq!(lost.len(), 2);
    let dropped = compile("> data 10\n< data 20 dropped\n> ACK\n< again\n> ACK");
    assert_eq!(dropped[2].1.ack, dropped[1].1.seq);
    assert_eq!(dropped[3].1.seq, dropped[1].1.seq);
    assert_eq!(dropped[3].1.payload, dropped[1].1.payload);
    assert_eq!(dropped[4].1.ack, dropped[1].1.seq.wrapping_add(20));
    // What came behind the hole is acknowledged once the hole is filled.
    let hole = compile("< data 20 dropped @hole\n< data 30\n> ACK\n< again to @hole\n> ACK");
    assert_eq!(hole[2].1.ack, hole[0].1.seq);
    assert_eq!(hole[4].1.ack, hole[0].1.seq.wrapping_add(50));
}

#[test]
fn long_data_is_cut_into_segments() {
    let frames = compile("< data 4000 + FIN");
    let lengths: Vec<usize> = frames.iter().map(|(_, seen)| seen.payload.len()).collect();
    assert_eq!(lengths, [1448, 1448, 1104]);
    let flags: Vec<u8> = frames.iter().map(|(_, seen)| seen.flags).collect();
    assert_eq!(flags, [ACK, ACK, PSH | ACK | FIN]);
    let plain = compile("timestamps off\nmss 1000\n< data 1500");
    assert_eq!((plain[0].1.payload.len(), plain[0].1.options), (1000, 0));
}

#[test]
fn fields_by_hand() {
    let frames =
        compile("> SYN\n< SYN ACK\n> ACK\n< RST ACK seq=+5000 ttl=255 id=7 win=0\n> keep-alive\n> window 0");
    let (ack, reset, probe, shut) = (&frames[2].1, &frames[3].1, &frames[4].1, &frames[5].1);
    assert_eq!((reset.seq, reset.ttl, reset.id, reset.window), (ack.ack.wrapping_add(5000), 255, 7, 0));
    assert_eq!((probe.seq, probe.payload.len()), (ack.seq.wrapping_sub(1), 0));
    assert_eq!((shut.window, shut.seq), (0, ack.seq));
    let after = compile("> data 10\n< RST ACK seq=+5000\n< data 20\n< data 30 seq=+100\n< data 40");
    assert_eq!(after[2].1.seq, after[0].1.ack);
    assert_eq!(after[4].1.seq, after[2].1.seq.wrapping_add(20));
}

#[test]
fn what_cannot_happen_is_an_error() {
    assert_eq!(fault("> FIN\n> data 3"), "line 4: the client has already said FIN");
    assert_eq!(fault("> TLS app 300"), "line 3: no `tls` line says which TLS this is");
    assert_eq!(fault("tls 1.2\n> TLS app 300"), "line 4: application data before this side has keys");
    assert_eq!(fault("> RST"), "line 3: a RST answers a packet, and there is none of the other side");
    assert_eq!(fault("< data 3\n> RST\n< RST"), "line 5: no kernel answers a RST");
    assert_eq!(fault("> again"), "line 3: the client has sent nothing that could be sent again");
    assert_eq!(fault("> SYN\n> again to @x"), "line 4: no step @x before this one");
    assert_eq!(fault("> SYN @x\n< again to @x"), "line 4: @x was sent by the other side");
}

#[test]
fn copies_differ_and_yet_are_always_the_same() {
    let text = "# A\n```ladder\nclient 10.0.0.5:40000 then +1..9\nconnection a\n\
                repeat 20 every 60s jitter 10s\n> SYN\n< RST ACK\n```\n";
    let story = Story::parse(text).unwrap();
    let played = story.play().unwrap();
    assert_eq!(played, story.play().unwrap());
    assert_eq!(played.ids("a"), (0..20).collect::<Vec<_>>());
    let mut ports: Vec<u16> = played
        .frames
        .iter()
        .step_by(2)
        .map(|frame| u16::from_be_bytes([frame.packet[20], frame.packet[21]]))
        .collect();
    assert!(ports.is_sorted());
    ports.dedup();
    assert_eq!(ports.len(), 20);
}

#[test]
fn over_ipv6_the_same_story() {
    let text = "# A\n```ladder\n> SYN\nICMP 192.0.2.1 unreachable prohibited about client\n```\n";
    let played = play(&Story::parse(text).unwrap().script, Family::V6).unwrap();
    let error = &played.frames[1].packet;
    assert_eq!((error[0] >> 4, error[6], error[40], error[41]), (6, 58, 1, 1));
    assert_eq!(error[48..], played.frames[0].packet);
    assert_eq!(played.frames[1].from, None);
}
