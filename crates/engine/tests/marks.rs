//! A second reading passes over what nobody wants to see, and shows the same.

use std::io;

use hangup_capture::{Input, Reader};
use hangup_engine::model::Connection;
use hangup_engine::{Conclusion, Ladder, Marks, Options, Sink, ladders, report};
use wire::{ACK, CLIENT, FIN, Line, SERVER, SYN, Wire};

mod wire;

/// One after the other, two of them at a time.
const CONNECTIONS: u16 = 2000;

#[test]
fn marks_change_no_ladder_and_spare_packets() {
    let capture = capture();
    let mut all = All::default();
    let conclusion = report(&mut input(&capture), &Options::default(), &mut all, &mut |_, _| ())
        .expect("memory can be written");
    assert_eq!(all.0.len(), usize::from(CONNECTIONS));
    let wanted: Vec<&Connection> = [0, 1, 977, 978, 1999].iter().map(|&index| &all.0[index]).collect();

    let (without, every_packet) = draw(&capture, &wanted, &Marks::default());
    let (with, some_packets) = draw(&capture, &wanted, &conclusion.marks);
    assert_eq!(with, without);
    assert!(with.iter().all(|ladder| ladder.steps.len() == 26), "{:?}", with[0]);
    assert_eq!(every_packet, conclusion.captures[0].packets);
    assert!(some_packets < every_packet / 4, "{some_packets} of {every_packet} packets were read");
}

/// The ladders, and how many packets were read for them.
fn draw(capture: &[u8], wanted: &[&Connection], marks: &Marks) -> (Vec<Ladder>, u64) {
    let mut input = input(capture);
    let ladders = ladders(&mut input, &Options::default(), wanted, 64, marks, &mut |_, _| ());
    let packets = input.descriptions().map(|description| description.packets).sum();
    (ladders, packets)
}

fn input(capture: &[u8]) -> Input {
    Input::from_readers(vec![Reader::from_bytes("made", capture.to_vec()).unwrap()])
}

fn capture() -> Vec<u8> {
    let mut wire = Wire::new();
    let mut lines: Vec<Line> = (0..CONNECTIONS).map(Line::new).collect();
    let opening: [(u8, usize, &[u8]); 3] = [(SYN, CLIENT, b""), (SYN | ACK, SERVER, b""), (ACK, CLIENT, b"")];
    let talk: [(u8, usize, &[u8]); 2] = [(ACK, CLIENT, b"question"), (ACK, SERVER, b"answer")];
    let closing: [(u8, usize, &[u8]); 3] =
        [(FIN | ACK, CLIENT, b""), (FIN | ACK, SERVER, b""), (ACK, CLIENT, b"")];
    let steps = [&opening[..], &talk.repeat(10), &closing].concat();
    for pair in lines.chunks_mut(2) {
        for (flags, from, payload) in &steps {
            for line in &mut *pair {
                wire.send(line, *from, *flags, payload);
            }
        }
    }
    wire.into_capture()
}

/// Keeps all connections.
#[derive(Default)]
struct All(Vec<Connection>);

impl Sink for All {
    fn connection(&mut self, connection: &Connection) -> io::Result<()> {
        self.0.push(connection.clone());
        Ok(())
    }

    fn conclude(&mut self, _: &Conclusion) -> io::Result<()> {
        Ok(())
    }
}
