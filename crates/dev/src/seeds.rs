//! Seeds for the fuzz targets, cut out of captures: what a fuzzer would need days to find is there from the start.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use hangup_capture::Reader;
use hangup_track::{Connection, Content, Limits, Place, Table};
use hangup_wire::tls::{ContentType, MessageHeader, RecordHeader};
use hangup_wire::{Found, LinkType, Moment, PerSide, Side, decode};

/// A longer seed would be cut by the fuzzer.
const LONGEST: usize = 8192;

/// So many connections of a capture give seeds: the others are much like them.
const CONNECTIONS: usize = 4;

/// Where seeds go: a folder for each target.
#[derive(Debug)]
pub struct Seeds {
    folder: PathBuf,
    /// Kinds of packets that there is a seed of.
    packets: HashSet<(LinkType, u16, usize, bool)>,
    count: usize,
}

impl Seeds {
    /// Seeds below `folder`, which is made where it is not there.
    pub fn below(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), packets: HashSet::new(), count: 0 }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Cuts seeds out of a capture.
    ///
    /// # Errors
    /// Where a file cannot be written; what is no capture gives no seeds.
    pub fn add(&mut self, name: &str, capture: &[u8]) -> io::Result<()> {
        for target in ["capture", "readers", "engine"] {
            self.write(target, name, capture)?;
        }
        let Ok(mut reader) = Reader::from_bytes(name, capture.to_vec()) else { return Ok(()) };
        let mut table = Table::<Heard>::new(Limits::default(), 0);
        let mut finished = Vec::new();
        while let Some(packet) = reader.next() {
            let found = decode(packet.link, packet.data, packet.original_length);
            if let Found::Tcp(segment) = found {
                let at = Moment::new(0, packet.number, packet.time);
                table.segment(&segment, at, &mut |ended| finished.push(ended.content));
            }
            self.packet(&format!("{name}-{}", packet.number), packet.link, packet.data, &found)?;
        }
        table.conclude(&mut |ended: Connection<Heard>| finished.push(ended.content));
        for (number, heard) in finished.iter().take(CONNECTIONS).enumerate() {
            self.connection(&format!("{name}-{number}"), heard)?;
        }
        Ok(())
    }

    /// One packet of each kind: link type, flags, length of its options, with payload or without.
    fn packet(&mut self, name: &str, link: LinkType, data: &[u8], found: &Found<'_>) -> io::Result<()> {
        let kind = match found {
            Found::Tcp(segment) => {
                (link, segment.flags.0, segment.options.bytes().len(), segment.payload.is_empty())
            }
            _ => (link, u16::MAX, data.len(), false),
        };
        if !self.packets.insert(kind) {
            return Ok(());
        }
        // Its link type, and that nothing was cut.
        self.write("packet", name, &[&link.0.to_be_bytes()[..], &[0], data].concat())?;
        if link == LinkType::ETHERNET {
            self.write("dissect", name, data)?;
        }
        Ok(())
    }

    fn connection(&mut self, name: &str, heard: &Heard) -> io::Result<()> {
        let mut conversation = Vec::new();
        for (side, bytes) in &heard.segments {
            // Who speaks, and that two bytes of length follow.
            conversation.push(8 | u8::from(*side == Side::Server));
            conversation.extend(u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_be_bytes());
            conversation.extend(bytes);
        }
        conversation.truncate(LONGEST);
        self.write("session", name, &conversation)?;
        for (which, side) in ["client", "server"].into_iter().zip(Side::BOTH) {
            let (name, stream) = (format!("{name}-{which}"), &heard.streams[side]);
            let Some(messages) = handshake(stream) else {
                self.write("http", &name, stream.get(..LONGEST).unwrap_or(stream))?;
                continue;
            };
            self.write("tls", &name, messages)?;
            self.write("hellos", &name, messages.get(MessageHeader::SIZE..).unwrap_or_default())?;
        }
        Ok(())
    }

    fn write(&mut self, target: &str, name: &str, bytes: &[u8]) -> io::Result<()> {
        if bytes.is_empty() || bytes.len() > LONGEST {
            return Ok(());
        }
        let folder = self.folder.join(target);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(name), bytes)?;
        self.count += 1;
        Ok(())
    }
}

/// What the first record holds, where that is handshake messages.
fn handshake(stream: &[u8]) -> Option<&[u8]> {
    let (header, body) = stream.split_first_chunk()?;
    let header = RecordHeader::parse(*header);
    let whole = header.plausible() && header.content_type == ContentType::HANDSHAKE;
    body.get(..header.length.into()).filter(|_| whole)
}

/// The first of what both sides of a connection say.
#[derive(Clone, Debug, Default)]
struct Heard {
    segments: Vec<(Side, Vec<u8>)>,
    streams: PerSide<Vec<u8>>,
}

impl Content for Heard {
    fn bytes(&mut self, side: Side, bytes: &[u8], _: &Place) {
        let stream = &mut self.streams[side];
        if stream.len() < 1 << 16 {
            stream.extend(bytes);
            self.segments.push((side, bytes.to_vec()));
        }
    }

    fn gap(&mut self, _: Side, _: u64, _: &Place) {}
}

#[cfg(test)]
mod tests {
    use super::handshake;

    #[test]
    fn the_messages_of_the_first_record() {
        assert_eq!(handshake(&[22, 3, 1, 0, 2, 1, 0, 9]), Some(&[1, 0][..]));
        assert_eq!(handshake(&[22, 3, 1, 0, 4, 1, 0, 9]), None);
        assert_eq!(handshake(b"GET / HTTP/1.1\r\n"), None);
    }
}
