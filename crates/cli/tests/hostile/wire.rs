//! Packets as somebody hostile would make them: Ethernet, IPv4 and TCP by hand, written as classic pcap.

use hangup_capture::pcap;
use hangup_wire::Timestamp;
use std::io::{self, Write};

pub(crate) const FIN: u8 = 0x01;
pub(crate) const SYN: u8 = 0x02;
pub(crate) const RST: u8 = 0x04;
pub(crate) const PSH: u8 = 0x08;
pub(crate) const ACK: u8 = 0x10;

/// The second at which captures begin.
pub(crate) const BEGIN: i64 = 1_439_795_700;

/// An address and a port.
pub(crate) type End = ([u8; 4], u16);

/// The server that is mostly called.
pub(crate) const SERVER: End = ([192, 0, 2, 7], 443);

/// The client of number `index`: some 60,000 ports of as many addresses in 10.0.0.0/8 as are needed.
pub(crate) fn client(index: u64) -> End {
    let (host, port) = (index / 60_000, index % 60_000);
    let [.., a, b, c] = host.to_be_bytes();
    ([10, a, b, c], u16::try_from(port + 1024).unwrap())
}

/// One TCP segment on its way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment<'a> {
    pub(crate) from: End,
    pub(crate) to: End,
    pub(crate) seq: u32,
    pub(crate) ack: u32,
    pub(crate) flags: u8,
    pub(crate) payload: &'a [u8],
}

impl Segment<'_> {
    /// TCP header and payload.
    pub(crate) fn tcp(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(20 + self.payload.len());
        bytes.extend(self.from.1.to_be_bytes());
        bytes.extend(self.to.1.to_be_bytes());
        bytes.extend(self.seq.to_be_bytes());
        bytes.extend(self.ack.to_be_bytes());
        bytes.extend([0x50, self.flags, 0xff, 0xff, 0, 0, 0, 0]);
        bytes.extend(self.payload);
        bytes
    }

    /// The whole frame.
    pub(crate) fn frame(&self) -> Vec<u8> {
        ip(self.from.0, self.to.0, 1, 0x4000, &self.tcp())
    }
}

/// An Ethernet frame with an IPv4 packet of TCP; `fragment` is its field of flags and offset.
pub(crate) fn ip(from: [u8; 4], to: [u8; 4], id: u16, fragment: u16, payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(34 + payload.len());
    bytes.extend([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x08, 0x00]);
    bytes.extend([0x45, 0]);
    bytes.extend(u16::try_from(20 + payload.len()).unwrap().to_be_bytes());
    bytes.extend(id.to_be_bytes());
    bytes.extend(fragment.to_be_bytes());
    bytes.extend([64, 6, 0, 0]);
    bytes.extend(from);
    bytes.extend(to);
    bytes.extend(payload);
    bytes
}

/// A capture in the making: packets follow each other after a given time each.
pub(crate) struct Wire<'a> {
    out: pcap::Writer<&'a mut dyn Write>,
    /// Nanoseconds since the capture began.
    pub(crate) now: i64,
    /// Nanoseconds from one packet to the next.
    pub(crate) step: i64,
}

impl<'a> Wire<'a> {
    pub(crate) fn new(out: &'a mut dyn Write) -> io::Result<Self> {
        Ok(Self { out: pcap::Writer::new(out, pcap::Settings::default())?, now: 0, step: 10_000 })
    }

    /// Writes a frame.
    pub(crate) fn frame(&mut self, frame: &[u8]) -> io::Result<()> {
        self.now += self.step;
        let length = u32::try_from(frame.len()).unwrap();
        self.out.packet(Timestamp::new(BEGIN, 0).plus(self.now), length, frame).map_err(io::Error::other)
    }

    /// Writes a segment.
    pub(crate) fn segment(&mut self, segment: &Segment<'_>) -> io::Result<()> {
        self.frame(&segment.frame())
    }
}

/// One conversation in which both sides keep their sequence numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    client: End,
    server: End,
    /// What each side sends next: client, server.
    pub(crate) next: [u32; 2],
}

impl Line {
    /// Opens one with a whole handshake.
    pub(crate) fn open(wire: &mut Wire<'_>, client: End, server: End) -> io::Result<Self> {
        let mut line = Self { client, server, next: [1000, 70_000] };
        line.send(wire, true, SYN, b"")?;
        line.send(wire, false, SYN | ACK, b"")?;
        line.send(wire, true, ACK, b"")?;
        Ok(line)
    }

    /// Sends from one side; SYN and FIN count as a byte.
    pub(crate) fn send(
        &mut self,
        wire: &mut Wire<'_>,
        from_client: bool,
        flags: u8,
        payload: &[u8],
    ) -> io::Result<()> {
        let seq = self.next[usize::from(!from_client)];
        self.send_at(wire, from_client, flags, seq, payload)?;
        let length = u32::try_from(payload.len()).unwrap() + u32::from(flags & (SYN | FIN) != 0);
        self.next[usize::from(!from_client)] = seq.wrapping_add(length);
        Ok(())
    }

    /// Sends with any sequence number, which changes nothing of what comes next.
    pub(crate) fn send_at(
        &self,
        wire: &mut Wire<'_>,
        from_client: bool,
        flags: u8,
        seq: u32,
        payload: &[u8],
    ) -> io::Result<()> {
        let (from, to) = if from_client { (self.client, self.server) } else { (self.server, self.client) };
        let ack = if flags & ACK == 0 { 0 } else { self.next[usize::from(from_client)] };
        wire.segment(&Segment { from, to, seq, ack, flags, payload })
    }

    /// Both sides say FIN, and both acknowledge.
    pub(crate) fn close(&mut self, wire: &mut Wire<'_>) -> io::Result<()> {
        self.send(wire, true, FIN | ACK, b"")?;
        self.send(wire, false, FIN | ACK, b"")?;
        self.send(wire, true, ACK, b"")
    }
}
