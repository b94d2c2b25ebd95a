//! What a capture file is, and what is wrong with it.

use serde::Serialize;

/// One capture file.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Capture {
    /// Its name as given.
    pub file: String,
    /// `pcap`, `pcapng`, with the compression behind a plus: `pcapng+gzip`.
    pub format: String,
    /// Link types, in the words of the LINKTYPE registry.
    pub link_types: Vec<String>,
    /// Packets read.
    pub packets: u64,
    /// Bytes of the (decompressed) file that were read.
    pub bytes: u64,
    /// Time of the first packet.
    pub first_time: Option<String>,
    /// Time of the last packet.
    pub last_time: Option<String>,
    /// Packets stored shorter than they were on the wire.
    pub snaplen_cut_packets: u64,
    /// Packets with no TCP in them, or not decodable; counted, never fatal.
    pub undecoded_packets: u64,
    /// Packets that the capturing program or kernel dropped, where the file says so.
    pub dropped_by_capture: Option<u64>,
    /// What is wrong with the file.
    pub problems: Vec<Problem>,
}

/// Something wrong with a capture file: a malformed block, a cut, a clock that runs back.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Problem {
    /// The frame at or before which it stands, where it concerns one.
    pub frame: Option<u64>,
    /// Byte offset in the (decompressed) file.
    pub offset: u64,
    /// What it is, in words.
    pub what: String,
}
