//! A wire for tests: connections write packets on it, and it becomes a capture.
#![allow(dead_code, reason = "each test uses some of it")]

use hangup_capture::pcap;
use hangup_wire::Timestamp;

pub(crate) const CLIENT: usize = 0;
pub(crate) const SERVER: usize = 1;
pub(crate) const SYN: u8 = 0x02;
pub(crate) const ACK: u8 = 0x10;
pub(crate) const FIN: u8 = 0x01;

/// One connection: what each end sends next.
pub(crate) struct Line {
    pub(crate) number: u16,
    sent: [u32; 2],
}

impl Line {
    pub(crate) fn new(number: u16) -> Self {
        Self { number, sent: [1000, 70_000] }
    }
}

pub(crate) struct Wire {
    out: pcap::Writer<Vec<u8>>,
    now: i64,
}

impl Wire {
    pub(crate) fn new() -> Self {
        Self { out: pcap::Writer::new(Vec::new(), pcap::Settings::default()).unwrap(), now: 0 }
    }

    pub(crate) fn into_capture(self) -> Vec<u8> {
        self.out.into_inner()
    }

    /// Sends one packet; SYN and FIN count as a byte.
    pub(crate) fn send(&mut self, line: &mut Line, from: usize, flags: u8, payload: &[u8]) {
        let addresses = [[10, 0, 0, 5], [192, 0, 2, 7]];
        let ports = [50_000 + line.number, 8443];
        let total = u16::try_from(40 + payload.len()).unwrap();
        let acknowledged = if flags & ACK == 0 { 0 } else { line.sent[1 - from] };
        let mut frame = vec![2, 0, 0, 0, 0, u8::try_from(1 - from).unwrap()];
        frame.extend([2, 0, 0, 0, 0, u8::try_from(from).unwrap(), 8, 0]);
        frame.extend([0x45, 0]);
        frame.extend(total.to_be_bytes());
        frame.extend([0, 0, 0x40, 0, 64, 6, 0, 0]);
        frame.extend(addresses[from]);
        frame.extend(addresses[1 - from]);
        frame.extend(ports[from].to_be_bytes());
        frame.extend(ports[1 - from].to_be_bytes());
        frame.extend(line.sent[from].to_be_bytes());
        frame.extend(acknowledged.to_be_bytes());
        frame.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
        frame.extend(payload);
        let length = u32::try_from(payload.len()).unwrap() + u32::from(flags & (SYN | FIN) != 0);
        line.sent[from] = line.sent[from].wrapping_add(length);
        self.now += 37_000;
        let length = u32::try_from(frame.len()).unwrap();
        self.out.packet(Timestamp::new(1_700_000_000, 0).plus(self.now), length, &frame).unwrap();
    }
}
