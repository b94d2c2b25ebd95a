//! A capture drawn out: connections that came as fast as they could, spread over a morning.
//!
//! Whole connections are moved. The packets of one keep their distances to the nanosecond; only the gaps between the beginnings of connections
//! grow, none shrinks. So the order in which connections begin stays, and what began behind another's end still does: nothing comes out that could
//! not have happened. What overlapped may be drawn apart.

use crate::dice::Dice;
use hangup_capture::{ByteOrder, Input, pcapng};
use hangup_wire::{Addr, Found, LinkType, Timestamp, decode};
use std::collections::HashMap;
use std::io;

/// Between which moments, and where chance begins.
#[derive(Clone, Copy, Debug)]
pub struct Stretch {
    /// When the first packet comes.
    pub from: Timestamp,
    /// When the last packet comes at the latest.
    pub to: Timestamp,
    /// The gaps differ by chance, from half to three halves of what they would be if all were equal.
    pub seed: u64,
}

/// Why a capture cannot be drawn out so.
#[derive(Debug, thiserror::Error)]
pub enum StretchError {
    /// There is no room.
    #[error("the capture takes {0:.1} s, which is more than there is between the two moments")]
    TooLong(f64),
    /// The capture cannot be written.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// A packet, and to which connection it belongs.
struct Kept {
    connection: usize,
    time: Timestamp,
    link: LinkType,
    original_length: u32,
    data: Vec<u8>,
}

type Ends = [(Addr, u16); 2];

impl Stretch {
    /// Draws a capture out; what comes is a pcapng file.
    ///
    /// # Errors
    /// Where there is no room for it, or it cannot be written.
    pub fn apply(self, input: &mut Input) -> Result<Vec<u8>, StretchError> {
        let (mut packets, begins) = read(input);
        let first = begins.first().copied().unwrap_or_default();
        let last = packets.iter().map(|packet| packet.time).max().unwrap_or(first);
        let room = self.to.since(self.from) - last.since(first);
        if room < 0 {
            return Err(StretchError::TooLong(last.seconds_since(first)));
        }
        let shifts = self.shifts(begins.len(), room);
        let base = self.from.since(first);
        for packet in &mut packets {
            let shift = shifts.get(packet.connection).copied().unwrap_or_default();
            packet.time = packet.time.plus(base + shift);
        }
        packets.sort_by_key(|packet| packet.time);
        write(&packets)
    }

    /// By how much each connection is moved beyond the first: it grows from one to the next, up to `room`.
    fn shifts(self, connections: usize, room: i64) -> Vec<i64> {
        let mut dice = Dice::new(self.seed);
        let mut sum: i128 = 0;
        let sums: Vec<i128> = (0..connections)
            .map(|number| {
                if number > 0 {
                    sum += 500 + i128::from(dice.next() % 1_001);
                }
                sum
            })
            .collect();
        sums.into_iter()
            .map(|part| i64::try_from(i128::from(room) * part / sum.max(1)).unwrap_or(room))
            .collect()
    }
}

/// The packets, and when each connection begins. What is neither a segment nor an error about one goes with the packet before.
fn read(input: &mut Input) -> (Vec<Kept>, Vec<Timestamp>) {
    let mut known: HashMap<Ends, usize> = HashMap::new();
    let (mut packets, mut begins): (Vec<Kept>, Vec<Timestamp>) = (Vec::new(), Vec::new());
    while let Some(packet) = input.next() {
        let connection = match ends(packet.link, packet.data, packet.original_length) {
            Some([src, dst]) => match known.get(&[dst, src]) {
                Some(connection) => *connection,
                None => *known.entry([src, dst]).or_insert_with(|| {
                    begins.push(packet.time);
                    begins.len() - 1
                }),
            },
            None => packets.last().map_or(0, |before| before.connection),
        };
        let (time, link, original_length) = (packet.time, packet.link, packet.original_length);
        packets.push(Kept { connection, time, link, original_length, data: packet.data.to_vec() });
    }
    if begins.is_empty() {
        begins.extend(packets.first().map(|packet| packet.time));
    }
    (packets, begins)
}

/// Addresses and ports. A port that is used again counts as the same connection: its gap stays.
fn ends(link: LinkType, data: &[u8], original_length: u32) -> Option<Ends> {
    match decode(link, data, original_length) {
        Found::Tcp(segment) => Some([(segment.ip.src, segment.src_port), (segment.ip.dst, segment.dst_port)]),
        Found::IcmpError(error) => {
            Some([(error.quoted.src, error.quoted.src_port), (error.quoted.dst, error.quoted.dst_port)])
        }
        _ => None,
    }
}

fn write(packets: &[Kept]) -> Result<Vec<u8>, StretchError> {
    let mut out = pcapng::Writer::new(Vec::new(), ByteOrder::Little)?;
    let mut interfaces: Vec<LinkType> = Vec::new();
    for packet in packets {
        let known = interfaces.iter().position(|link| *link == packet.link);
        if known.is_none() {
            interfaces.push(packet.link);
            out.interface(packet.link, 9, 0)?;
        }
        let number = u32::try_from(known.unwrap_or(interfaces.len() - 1)).unwrap_or_default();
        out.packet(number, packet.time, packet.original_length, &packet.data, None)?;
    }
    Ok(out.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Shape, Story};
    use hangup_capture::Reader;

    /// Three connections: the second begins while the first is open, the third behind both.
    const CROWD: &str = "# A crowd\n```ladder\nstart 2024-05-02T11:00:00Z\nrtt 20ms\n\
        connection a\nclient 10.0.0.1:50001\nserver 192.0.2.1:443\n> SYN\n< SYN ACK\n> ACK\n+1s > data 100\n< ACK\n> FIN\n< FIN\n> ACK\n\
        connection b\nclient 10.0.0.1:50002\nbegin 500ms\n> SYN\n< SYN ACK\n> ACK\n+200ms > data 100\n< ACK\n> FIN\n< FIN\n> ACK\n\
        connection c\nclient 10.0.0.1:50003\nbegin 3s\n> SYN\n< SYN ACK\n> ACK\n+300ms > data 100\n< ACK\n> FIN\n< FIN\n> ACK\n\
        ```\n```verdict\n```\n";

    fn input(bytes: Vec<u8>) -> Input {
        Input::from_readers(vec![Reader::from_bytes("capture", bytes).unwrap()])
    }

    fn crowd() -> Vec<u8> {
        Shape::default().pack(&Story::parse(CROWD).unwrap().play().unwrap()).unwrap()
    }

    fn stretch(seconds: i64) -> Stretch {
        let from = Timestamp::new(1_800_000_000, 0);
        Stretch { from, to: from.plus(seconds * 1_000_000_000), seed: 7 }
    }

    /// The packets of each connection, in the order of their first.
    fn sorted(bytes: Vec<u8>) -> Vec<Vec<(Timestamp, Vec<u8>)>> {
        let (packets, begins) = read(&mut input(bytes));
        let mut connections = vec![Vec::new(); begins.len()];
        for packet in packets {
            connections[packet.connection].push((packet.time, packet.data));
        }
        connections
    }

    #[test]
    fn whole_connections_are_moved_and_only_gaps_grow() {
        let (before, after) = (sorted(crowd()), sorted(stretch(9_000).apply(&mut input(crowd())).unwrap()));
        assert_eq!(before.len(), 3);
        assert_eq!(after.len(), 3);
        let mut gaps = Vec::new();
        for (old, new) in before.iter().zip(&after) {
            assert_eq!(old.len(), new.len());
            for (old_pair, new_pair) in old.windows(2).zip(new.windows(2)) {
                assert_eq!(old_pair[0].1, new_pair[0].1);
                assert_eq!(old_pair[1].0.since(old_pair[0].0), new_pair[1].0.since(new_pair[0].0));
            }
            gaps.push((old[0].0, new[0].0));
        }
        for pair in gaps.windows(2) {
            let (old, new) = (pair[1].0.since(pair[0].0), pair[1].1.since(pair[0].1));
            assert!(new > old, "{old} became {new}");
        }
        assert_eq!(after[0][0].0, stretch(9_000).from);
        let end = after.iter().flatten().map(|(time, _)| *time).max().unwrap();
        assert!(end <= stretch(9_000).to && end > stretch(8_990).to, "{end:?}");
    }

    #[test]
    fn packets_come_in_the_order_of_their_times() {
        let mut input = input(stretch(9_000).apply(&mut input(crowd())).unwrap());
        let (mut before, mut count) = (Timestamp::default(), 0);
        while let Some(packet) = input.next() {
            assert!(packet.time >= before);
            (before, count) = (packet.time, count + 1);
        }
        assert_eq!(count, sorted(crowd()).iter().map(Vec::len).sum::<usize>());
    }

    #[test]
    fn what_takes_longer_than_there_is_room_is_refused() {
        assert!(matches!(stretch(3).apply(&mut input(crowd())), Err(StretchError::TooLong(_))));
    }

    #[test]
    fn an_error_about_a_connection_moves_with_it() {
        // An ICMP error of IPv4 (port unreachable) that quotes connection b's first segment, behind connection c.
        let mut packets = read(&mut input(crowd())).0;
        let quoted = packets.iter().find(|packet| packet.connection == 1).unwrap().data[14..42].to_vec();
        let mut error = packets[0].data[..34].to_vec();
        (error[16], error[17], error[23]) = (0, 56, 1);
        error.extend([3, 3, 0, 0, 0, 0, 0, 0]);
        error.extend(quoted);
        let (time, original_length) = (packets.last().unwrap().time, u32::try_from(error.len()).unwrap());
        packets.push(Kept { connection: 0, time, link: LinkType::ETHERNET, original_length, data: error });
        let (packets, _) = read(&mut input(write(&packets).unwrap()));
        assert_eq!(packets.last().unwrap().connection, 1);
    }
}
