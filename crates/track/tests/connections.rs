//! What the table makes of packets, said in the packets of a small story each.

use hangup_track::{Act, ActKind, Connection, Content, Limits, Place, Roles, RstFit, Seen, Table, Waiting};
use hangup_wire::{Addr, Flags, Ip, LinkFacts, Moment, Segment, Seq, Side, TcpOptions, Timestamp};
use proptest::prelude::*;

/// Keeps what it is given: bytes, and where they are missing how many.
#[derive(Clone, Debug, Default)]
struct Kept {
    client: Stream,
    server: Stream,
}

#[derive(Clone, Debug, Default)]
struct Stream {
    pieces: Vec<Piece>,
    length: u64,
}

#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Byte(u8),
    Gap(u64),
}

impl Kept {
    fn of(&mut self, side: Side, place: &Place) -> &mut Stream {
        let stream = if side == Side::Client { &mut self.client } else { &mut self.server };
        assert_eq!(place.offset, stream.length + 1, "in order, every byte once");
        stream
    }
}

impl Content for Kept {
    fn bytes(&mut self, side: Side, bytes: &[u8], place: &Place) {
        let stream = self.of(side, place);
        stream.length += bytes.len() as u64;
        stream.pieces.extend(bytes.iter().map(|&byte| Piece::Byte(byte)));
    }

    fn gap(&mut self, side: Side, missing: u64, place: &Place) {
        let stream = self.of(side, place);
        stream.length += missing;
        stream.pieces.push(Piece::Gap(missing));
    }

    fn kept(&self) -> usize {
        self.client.pieces.len() + self.server.pieces.len()
    }
}

/// A capture in the making: a client at port 50000 and a server at port 443 unless told otherwise.
struct Wire {
    table: Table<Kept>,
    frame: u64,
    time: i64,
    port: u16,
    /// Bytes that the capture cut off the packets.
    cut: u32,
    finished: Vec<Connection<Kept>>,
}

#[derive(Clone, Copy)]
struct Packet<'a> {
    from: Side,
    flags: Flags,
    seq: u32,
    ack: u32,
    data: &'a [u8],
    window: u16,
    id: u16,
}

const SYN: Flags = Flags::SYN;
const ACK: Flags = Flags::ACK;
const FIN_ACK: Flags = Flags(0x11);
const SYN_ACK: Flags = Flags(0x12);
const RST: Flags = Flags::RST;
const RST_ACK: Flags = Flags(0x14);

impl Wire {
    fn new() -> Self {
        Self::with(Limits::default())
    }

    fn with(limits: Limits) -> Self {
        Self { table: Table::new(limits, 7), frame: 0, time: 0, port: 50_000, cut: 0, finished: Vec::new() }
    }

    fn packet(&mut self, packet: Packet<'_>) -> Seen {
        self.frame += 1;
        self.time += 1_000_000;
        let ends = [(addr(1), self.port), (addr(2), 443)];
        let [source, target] = if packet.from == Side::Client { ends } else { [ends[1], ends[0]] };
        let segment = Segment {
            ip: Ip { src: source.0, dst: target.0, ttl: 64, id: Some(packet.id), ..Ip::default() },
            src_port: source.1,
            dst_port: target.1,
            seq: Seq(packet.seq),
            ack: Seq(packet.ack),
            flags: packet.flags,
            window: packet.window,
            checksum: 0,
            urgent: 0,
            options: TcpOptions::default(),
            payload: packet.data,
            length: u32::try_from(packet.data.len()).unwrap() + self.cut,
            link: LinkFacts::default(),
        };
        let at = Moment::new(0, self.frame, Timestamp(self.time));
        let finished = &mut self.finished;
        self.table.segment(&segment, at, &mut |connection| finished.push(connection)).unwrap()
    }

    fn send(&mut self, from: Side, flags: Flags, seq: u32, ack: u32, data: &[u8]) -> Seen {
        self.packet(Packet { from, flags, seq, ack, data, window: 1000, id: 0 })
    }

    fn client(&mut self, flags: Flags, seq: u32, ack: u32, data: &[u8]) -> Seen {
        self.send(Side::Client, flags, seq, ack, data)
    }

    fn server(&mut self, flags: Flags, seq: u32, ack: u32, data: &[u8]) -> Seen {
        self.send(Side::Server, flags, seq, ack, data)
    }

    /// Client's numbers begin at 1000, server's at 5000.
    fn handshake(&mut self) {
        self.client(SYN, 1000, 0, b"");
        self.server(SYN_ACK, 5000, 1001, b"");
        self.client(ACK, 1001, 5001, b"");
    }

    fn wait(&mut self, seconds: i64) {
        self.time += seconds * 1_000_000_000;
    }

    /// Ends the capture; the connections by number.
    fn end(mut self) -> Vec<Connection<Kept>> {
        let finished = &mut self.finished;
        self.table.conclude(&mut |connection| finished.push(connection));
        self.finished.sort_by_key(|connection| connection.id);
        self.finished
    }

    fn only(self) -> Connection<Kept> {
        let mut all = self.end();
        assert_eq!(all.len(), 1);
        all.remove(0)
    }
}

fn addr(last: u8) -> Addr {
    let mut bytes = [0; 16];
    bytes[10] = 0xff;
    bytes[11] = 0xff;
    bytes[12..].copy_from_slice(&[10, 0, 0, last]);
    Addr(bytes)
}

fn acts(connection: &Connection<Kept>) -> Vec<&Act> {
    connection.acts().collect()
}

#[test]
fn an_orderly_end_shows_who_closed_and_what_was_acknowledged() {
    let mut wire = Wire::new();
    wire.handshake();
    wire.client(ACK, 1001, 5001, b"question");
    wire.server(ACK, 5001, 1009, b"answer");
    wire.client(FIN_ACK, 1009, 5007, b"");
    wire.server(FIN_ACK, 5007, 1010, b"");
    wire.client(ACK, 1010, 5008, b"");
    let connection = wire.only();
    assert_eq!(connection.roles(), Roles::Syn);
    assert_eq!(connection.rtt(), Some(2_000_000));
    assert_eq!(connection.history().letters(), "ShADdFf");
    let [client, server] = acts(&connection)[..] else { panic!("two FINs") };
    assert!(
        matches!(client.kind, ActKind::Fin { acked: Some(at), data: 0, in_vain: None } if at.frame() == 7)
    );
    assert_eq!((client.offset, client.ack), (9, Some(7)));
    assert_eq!((server.offset, server.ack), (7, Some(10)));
    assert_eq!(connection.half(Side::Client).bytes(), 8);
    assert!(connection.half(Side::Server).pending(false).is_none());
}

#[test]
fn a_reset_with_the_next_number_fits_and_one_beside_it_does_not() {
    let mut wire = Wire::new();
    wire.handshake();
    wire.client(ACK, 1001, 5001, b"question");
    wire.server(RST, 5003, 0, b"");
    wire.server(RST, 9999, 0, b"");
    wire.server(RST_ACK, 5001, 1009, b"");
    let connection = wire.only();
    let fits: Vec<_> = acts(&connection)
        .iter()
        .map(|act| match &act.kind {
            ActKind::Rst(rst) => rst.fit,
            _ => panic!("RSTs only"),
        })
        .collect();
    assert_eq!(fits, [RstFit::Window, RstFit::Outside, RstFit::Exact]);
}

#[test]
fn a_reset_that_answers_a_late_packet_names_it() {
    let mut wire = Wire::new();
    wire.handshake();
    wire.server(FIN_ACK, 5001, 1001, b"");
    wire.client(ACK, 1001, 5002, b"late");
    wire.server(RST, 5002, 0, b"");
    let connection = wire.only();
    let Some(ActKind::Rst(rst)) = acts(&connection).last().map(|act| &act.kind) else { panic!("a RST") };
    let trigger = rst.trigger.unwrap();
    assert_eq!((trigger.at.frame(), trigger.data, trigger.fin), (5, 4, false));
    assert!(!rst.ignored && !rst.sender_carried_on);
}

#[test]
fn a_reset_after_which_its_receiver_carries_on_was_not_received() {
    let mut wire = Wire::new();
    wire.handshake();
    wire.server(RST, 5001, 0, b"");
    wire.wait(2);
    wire.client(ACK, 1001, 5001, b"still here");
    let connection = wire.only();
    assert!(matches!(&acts(&connection)[0].kind, ActKind::Rst(rst) if rst.ignored && !rst.sender_carried_on));
}

/// Found by fuzzing: a clock that leaps by two centuries within the handshake.
#[test]
fn a_round_trip_of_centuries_is_no_trouble() {
    let mut wire = Wire::new();
    wire.client(SYN, 1000, 0, b"");
    wire.server(SYN_ACK, 5000, 1001, b"");
    wire.time = 7_000_000_000_000_000_000;
    wire.client(ACK, 1001, 5001, b"");
    wire.server(RST, 5001, 0, b"");
    wire.client(ACK, 1001, 5001, b"still here");
    assert_eq!(wire.only().rtt(), Some(7_000_000_000_001_000_000 - 1_000_000));
}

/// Found by fuzzing: a SYN with data of an older connection, whose numbers lie before those that the other side acknowledges, and the same SYN
/// again behind a reset.
#[test]
fn a_stream_that_was_read_does_not_begin_anew() {
    const SYN_FIN_ACK: Flags = Flags(0x13);
    let mut wire = Wire::new();
    wire.client(SYN_FIN_ACK, 0xffff_ff80, 112, b"a");
    wire.cut = 100;
    wire.server(SYN_FIN_ACK, 0xffff_ff80, 176, &[0; 138]);
    wire.cut = 0;
    wire.server(Flags(0x3c), 0xffff_ffcc, 0xffff_ff80, b"b");
    wire.cut = 100;
    wire.server(SYN_FIN_ACK, 0xffff_ff80, 0xffff_ff8c, b"");
    wire.end();
}

#[test]
fn a_refused_call_is_answered_by_a_reset_that_acknowledges_the_syn() {
    let mut wire = Wire::new();
    wire.client(SYN, 1000, 0, b"");
    wire.server(RST_ACK, 0, 1001, b"");
    let connection = wire.only();
    let ActKind::Rst(rst) = &acts(&connection)[0].kind else { panic!("a RST") };
    assert_eq!(rst.fit, RstFit::Exact);
    assert!(rst.trigger.is_some_and(|trigger| trigger.syn));
}

#[test]
fn unanswered_data_is_counted_by_its_tries() {
    let mut wire = Wire::new();
    wire.handshake();
    for _ in 0..4 {
        wire.client(ACK, 1001, 5001, b"hello?");
        wire.wait(1);
    }
    let connection = wire.only();
    let pending = connection.half(Side::Client).pending(false).unwrap();
    assert_eq!(
        (pending.kind, pending.tries, pending.since.frame(), pending.last.frame()),
        (Waiting::Data, 4, 4, 7)
    );
    assert_eq!(connection.half(Side::Client).oddities().unwrap().retransmitted, 3);
    assert!(
        connection.half(Side::Server).pending(false).is_none(),
        "the client's packets acknowledge the SYN-ACK"
    );
}

#[test]
fn keep_alives_are_not_data_and_an_answer_settles_them() {
    let mut wire = Wire::new();
    wire.handshake();
    wire.client(ACK, 1001, 5001, b"hello");
    wire.server(ACK, 5001, 1006, b"");
    for _ in 0..3 {
        wire.wait(10);
        wire.client(ACK, 1005, 5001, b"");
    }
    let pending = wire.table.connection(0).unwrap().half(Side::Client).pending(false).unwrap();
    assert_eq!((pending.kind, pending.tries), (Waiting::KeepAlive, 3));
    wire.server(ACK, 5001, 1006, b"");
    let connection = wire.only();
    let odd = connection.half(Side::Client).oddities().unwrap();
    assert_eq!((odd.keep_alives, odd.keep_alives_unanswered, odd.retransmitted), (3, 0, 0));
    assert!(connection.half(Side::Client).pending(false).is_none());
}

#[test]
fn probes_of_a_closed_window_are_no_keep_alives() {
    let mut wire = Wire::new();
    wire.handshake();
    wire.client(ACK, 1001, 5001, b"data");
    wire.packet(Packet { from: Side::Server, flags: ACK, seq: 5001, ack: 1005, data: b"", window: 0, id: 0 });
    wire.wait(1);
    wire.client(ACK, 1004, 5001, b"");
    let connection = wire.only();
    assert!(connection.half(Side::Server).window_closed());
    let odd = connection.half(Side::Client).oddities().unwrap();
    assert_eq!((odd.window_probes, odd.keep_alives), (1, 0));
    assert_eq!(connection.half(Side::Client).pending(true).unwrap().kind, Waiting::WindowProbe);
}

#[test]
fn the_second_copy_of_a_packet_counts_as_a_packet_and_nothing_else() {
    let mut wire = Wire::new();
    wire.handshake();
    let twice =
        Packet { from: Side::Client, flags: ACK, seq: 1001, ack: 5001, data: b"once", window: 9, id: 77 };
    assert!(!wire.packet(twice).duplicate);
    assert!(wire.packet(twice).duplicate);
    let connection = wire.only();
    let client = connection.half(Side::Client);
    assert_eq!((client.packets(), client.bytes()), (4, 4));
    let odd = client.oddities().unwrap();
    assert_eq!((odd.duplicates, odd.retransmitted), (1, 0));
}

#[test]
fn bytes_that_the_capture_lacks_and_the_receiver_has_are_a_gap() {
    let mut wire = Wire::new();
    wire.handshake();
    wire.client(ACK, 1001, 5001, b"ab");
    wire.client(ACK, 1005, 5001, b"ef");
    wire.server(ACK, 5001, 1007, b"");
    let connection = wire.only();
    let [a, b, e, f] = *b"abef";
    let whole = [Piece::Byte(a), Piece::Byte(b), Piece::Gap(2), Piece::Byte(e), Piece::Byte(f)];
    assert_eq!(connection.content.client.pieces, whole);
    assert_eq!(connection.half(Side::Client).oddities().unwrap().missing, 2);
    assert_eq!(connection.half(Side::Client).bytes(), 4);
}

#[test]
fn packets_of_which_the_capture_kept_no_byte_come_into_order_at_once() {
    let mut wire = Wire::new();
    wire.handshake();
    wire.cut = 10;
    wire.client(ACK, 1011, 5001, b"");
    wire.client(ACK, 1001, 5001, b"");
    let seen = wire.client(ACK, 1021, 5001, b"");
    let content = &wire.table.connection(seen.place).unwrap().content;
    assert_eq!(content.client.pieces, [Piece::Gap(10), Piece::Gap(10), Piece::Gap(10)]);
    // So they do where the receiver has what is missing in front of them.
    wire.client(ACK, 1041, 5001, b"");
    wire.cut = 0;
    let seen = wire.server(ACK, 5001, 1051, b"");
    let content = &wire.table.connection(seen.place).unwrap().content;
    assert_eq!(content.client.length, 50);
}

#[test]
fn a_syn_with_another_number_is_another_connection_and_the_same_syn_is_not() {
    let mut wire = Wire::new();
    wire.handshake();
    wire.client(SYN, 1000, 0, b"");
    assert_eq!(wire.table.count(), 1);
    wire.client(SYN, 3000, 0, b"");
    let all = wire.end();
    assert_eq!(all.len(), 2);
    assert!(all[0].reused() && !all[1].reused());
}

#[test]
fn in_a_capture_that_begins_in_the_middle_the_known_port_is_the_servers() {
    let mut wire = Wire::new();
    wire.server(ACK, 5001, 1001, b"answer");
    let connection = wire.only();
    assert_eq!(connection.roles(), Roles::Port);
    assert_eq!(connection.endpoint(Side::Server).port, 443);
    assert_eq!(connection.content.server.length, 6);
}

#[test]
fn a_full_table_lets_the_idle_go_and_says_so() {
    let mut wire = Wire::with(Limits { open: 10, ..Limits::default() });
    for port in 1..=20 {
        wire.port = 50_000 + port;
        wire.client(SYN, 1000, 0, b"");
        wire.port = 50_001;
        wire.client(ACK, 1001, 5001, b"");
    }
    assert!(wire.table.open_now() <= 10);
    assert_eq!(wire.table.evicted(), 10);
    let all = wire.end();
    assert!(!all[0].evicted(), "the busy one stays");
    assert_eq!(all.iter().filter(|connection| connection.evicted()).count(), 10);
}

#[test]
fn what_readers_keep_is_bounded_and_the_idle_go_first() {
    const MOST: usize = 64 << 10;
    let mut wire = Wire::with(Limits { content_bytes: MOST, ..Limits::default() });
    for port in 1..=100 {
        wire.port = 50_000 + port;
        wire.client(SYN, 1000, 0, b"");
        wire.client(ACK, 1001, 5001, &[7; 1400]);
        assert!(wire.table.open_now() * 1400 <= MOST);
    }
    let gone = usize::try_from(wire.table.evicted()).unwrap();
    assert!((50..100).contains(&gone), "{gone}");
    let all = wire.end();
    assert!(all[..gone].iter().all(Connection::evicted));
    assert!(all[gone..].iter().all(|connection| !connection.evicted()));
}

#[test]
fn an_ended_connection_lingers_for_late_packets_and_then_goes() {
    let mut wire = Wire::new();
    wire.handshake();
    wire.server(RST_ACK, 5001, 1001, b"");
    wire.wait(60);
    wire.client(ACK, 1001, 5001, b"");
    wire.wait(300);
    wire.port = 50_001;
    wire.handshake();
    assert_eq!(wire.table.open_now(), 1);
    assert_eq!(wire.finished.len(), 1);
    assert_eq!(wire.finished[0].half(Side::Client).packets(), 3);
}

proptest! {
    /// Segments of one message, in any order, cut anywhere, any of them twice: the reader gets the message, across
    /// the wrap of sequence numbers too.
    #[test]
    fn whatever_the_order_the_message_is_read_once(
        cuts in prop::collection::btree_set(1usize..200, 1..12),
        order in prop::collection::vec(any::<prop::sample::Index>(), 40),
        start in prop_oneof![Just(u32::MAX - 100), any::<u32>()],
    ) {
        let message: Vec<u8> = (0..=199).collect();
        let mut edges: Vec<usize> = cuts.into_iter().collect();
        edges.insert(0, 0);
        edges.push(message.len());
        let pieces: Vec<_> = edges.windows(2).map(|edge| (edge[0], edge[1])).collect();
        let mut wire = Wire::new();
        wire.client(SYN, start.wrapping_sub(1), 0, b"");
        wire.server(SYN_ACK, 5000, start, b"");
        let send = |wire: &mut Wire, (from, to): (usize, usize)| {
            let seq = start.wrapping_add(u32::try_from(from).unwrap());
            wire.client(ACK, seq, 5001, &message[from..to]);
        };
        for index in &order {
            send(&mut wire, *index.get(&pieces));
        }
        for piece in &pieces {
            send(&mut wire, *piece);
        }
        let connection = wire.only();
        prop_assert_eq!(connection.half(Side::Client).bytes(), 200);
        let read = connection.content.client.pieces;
        prop_assert_eq!(read, message.into_iter().map(Piece::Byte).collect::<Vec<_>>());
    }

    /// Any packets at all: no panic, every byte in order (the reader asserts it), and the pool comes back whole.
    #[test]
    fn arbitrary_packets_do_no_harm(
        packets in prop::collection::vec(
            (any::<bool>(), 0u16..64, prop_oneof![0u32..50, any::<u32>()], prop_oneof![0u32..50, any::<u32>()], 0usize..30, any::<u16>()),
            0..200,
        ),
    ) {
        let mut wire = Wire::new();
        let data = [9; 30];
        for (client, flags, seq, ack, length, window) in packets {
            let from = if client { Side::Client } else { Side::Server };
            wire.packet(Packet { from, flags: Flags(flags), seq, ack, data: &data[..length], window, id: 0 });
        }
        let count = wire.table.count();
        prop_assert_eq!(wire.end().len() as u64, count);
    }
}

#[test]
fn a_challenge_from_an_old_connection_is_refused_and_forgotten() {
    let mut wire = Wire::new();
    wire.client(SYN, 1000, 0, b"");
    wire.server(ACK, 77_000_000, 2_000_000_000, b"");
    wire.client(RST, 2_000_000_000, 0, b"");
    wire.client(SYN, 1000, 0, b"");
    wire.server(SYN_ACK, 5000, 1001, b"");
    wire.client(ACK, 1001, 5001, b"hello");
    wire.server(ACK, 5001, 1006, b"good day");
    let connection = wire.only();
    let server = connection.half(Side::Server);
    assert_eq!(server.challenged().unwrap().frame(), 2);
    assert_eq!((server.bytes(), connection.half(Side::Client).bytes()), (8, 5));
    let ActKind::Rst(rst) = &acts(&connection)[0].kind else { panic!("a RST") };
    assert_eq!(rst.trigger.unwrap().at.frame(), 2);
}

#[test]
fn whoever_acknowledges_what_came_behind_a_reset_took_it_for_nothing() {
    let mut wire = Wire::new();
    wire.handshake();
    wire.server(RST, 5001, 0, b"");
    wire.server(ACK, 5001, 1001, b"still here");
    wire.client(ACK, 1001, 5011, b"");
    let connection = wire.only();
    assert!(matches!(&acts(&connection)[0].kind, ActKind::Rst(rst) if rst.ignored));
}
