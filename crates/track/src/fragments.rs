//! IP fragments that become packets again (RFC 791 §3.2, RFC 8200 §4.5).

use hangup_wire::{Fragment, Ip, IpProtocol, Timestamp};
use std::collections::VecDeque;

/// Packets of which some fragments have come. Bounded: the oldest gives way, and one that is not whole after
/// 60 s (RFC 8200 §4.5) is dropped.
#[derive(Debug, Default)]
pub struct Fragments {
    waiting: VecDeque<Waiting>,
    dropped: u64,
}

#[derive(Debug)]
struct Waiting {
    ip: Ip,
    protocol: IpProtocol,
    id: u32,
    since: Timestamp,
    data: Vec<u8>,
    /// Ranges that have come, in order and apart from each other.
    ranges: Vec<(u32, u32)>,
    /// Length of the whole, once the last fragment has come.
    length: Option<u32>,
    /// The capture cut bytes off.
    cut: bool,
}

/// A packet whose fragments have all come.
#[derive(Debug)]
pub struct Whole {
    /// The header of the fragments.
    pub ip: Ip,
    /// What follows the IP header.
    pub protocol: IpProtocol,
    /// Its payload.
    pub payload: Vec<u8>,
}

const PACKETS: usize = 256;
const LONGEST: u32 = 65_535;
const RANGES: usize = 256;
const PATIENCE: i64 = 60_000_000_000;

impl Fragments {
    /// Takes in a fragment; gives the packet that it completes. Where fragments overlap, what came first stays.
    pub fn add(&mut self, fragment: &Fragment<'_>, time: Timestamp) -> Option<Whole> {
        while self.waiting.front().is_some_and(|old| time.since(old.since) > PATIENCE) {
            self.waiting.pop_front();
            self.dropped += 1;
        }
        let (start, end) = (fragment.offset, fragment.offset.checked_add(fragment.length)?);
        if end > LONGEST || fragment.length == 0 {
            return None;
        }
        let same = |waiting: &Waiting| {
            waiting.id == fragment.id
                && waiting.protocol == fragment.protocol
                && waiting.ip.src == fragment.ip.src
                && waiting.ip.dst == fragment.ip.dst
        };
        let at = if let Some(at) = self.waiting.iter().position(same) {
            at
        } else {
            if self.waiting.len() >= PACKETS {
                self.waiting.pop_front();
                self.dropped += 1;
            }
            self.waiting.push_back(Waiting {
                ip: fragment.ip,
                protocol: fragment.protocol,
                id: fragment.id,
                since: time,
                data: Vec::new(),
                ranges: Vec::new(),
                length: None,
                cut: false,
            });
            self.waiting.len() - 1
        };
        let waiting = self.waiting.get_mut(at)?;
        waiting.put(start, end, fragment.payload);
        if start == 0 {
            waiting.ip = fragment.ip;
        }
        if !fragment.more {
            waiting.length = Some(waiting.length.map_or(end, |length| length.min(end)));
        }
        let whole = waiting
            .length
            .is_some_and(|length| matches!(waiting.ranges.as_slice(), [(0, to)] if *to >= length));
        if !whole {
            return None;
        }
        let mut done = self.waiting.remove(at)?;
        done.data.truncate(done.length? as usize);
        Some(Whole { ip: done.ip, protocol: done.protocol, payload: done.data })
    }

    /// Packets that never became whole.
    pub fn dropped(&self) -> u64 {
        self.dropped + self.waiting.len() as u64
    }
}

impl Waiting {
    fn put(&mut self, start: u32, end: u32, payload: &[u8]) {
        if self.ranges.len() >= RANGES {
            return;
        }
        self.cut |= payload.len() < (end - start) as usize;
        if self.data.len() < end as usize {
            self.data.resize(end as usize, 0);
        }
        // Copy only where nothing has come yet.
        let mut from = start;
        let mut index = 0;
        while from < end {
            let next = self.ranges.iter().skip(index).find(|range| range.1 > from).copied();
            index = 0;
            let until = next.map_or(end, |range| range.0.clamp(from, end));
            if from < until {
                let source = payload.get((from - start) as usize..).unwrap_or_default();
                if let Some(target) = self.data.get_mut(from as usize..until as usize) {
                    let length = target.len().min(source.len());
                    if let (Some(to), Some(bytes)) = (target.get_mut(..length), source.get(..length)) {
                        to.copy_from_slice(bytes);
                    }
                }
            }
            from = next.map_or(end, |range| range.1.max(until));
        }
        self.ranges.push((start, end));
        self.ranges.sort_unstable();
        let mut merged: Vec<(u32, u32)> = Vec::with_capacity(self.ranges.len());
        for &(start, end) in &self.ranges {
            match merged.last_mut() {
                Some(last) if last.1 >= start => last.1 = last.1.max(end),
                _ => merged.push((start, end)),
            }
        }
        self.ranges = merged;
    }
}
