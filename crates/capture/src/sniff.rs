//! What a file that is no capture seems to be.

use std::fmt;

use crate::erf;

/// What a file that cannot be read here seems to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Foreign {
    name: &'static str,
    hint: &'static str,
    capture: bool,
}

impl Foreign {
    /// What to do with such a file.
    pub const fn hint(&self) -> &'static str {
        self.hint
    }

    /// Whether it holds packets, only in another format.
    pub const fn is_capture(&self) -> bool {
        self.capture
    }

    const fn capture(name: &'static str) -> Self {
        Self { name, hint: EDITCAP, capture: true }
    }

    const fn other(name: &'static str, hint: &'static str) -> Self {
        Self { name, hint, capture: false }
    }
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Compressions that are known but not undone here, by how such files begin.
pub(crate) const COMPRESSIONS: &[(&[u8], &str)] = &[
    (b"\xfd7zXZ\0", "xz"),
    (b"BZh", "bzip2"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"\x1f\x9d", "uncompress"),
    (b"PK\x03\x04", "zip"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
];

/// Says what a file that begins like this seems to be. 512 bytes are enough to tell.
pub(crate) fn foreign(bytes: &[u8]) -> Foreign {
    if let Some((_, foreign)) = MAGICS.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return *foreign;
    }
    if let Some(foreign) = text(bytes) {
        return foreign;
    }
    if is_windows_trace(bytes) {
        return Foreign {
            name: "a Windows event trace (netsh trace, pktmon)",
            hint: "convert it with etl2pcapng in.etl out.pcapng, or pktmon etl2pcap in.etl",
            capture: true,
        };
    }
    if erf::is_erf(bytes) {
        return Foreign::capture("an ERF capture of an Endace card");
    }
    Foreign::other(
        "binary data of an unknown kind",
        "give a pcap or pcapng file, as tcpdump and Wireshark write it",
    )
}

/// What text is told by: its first line that is not empty.
fn text(bytes: &[u8]) -> Option<Foreign> {
    let is_text = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~' | 0x80..);
    if bytes.is_empty() || !bytes.iter().all(is_text) {
        return None;
    }
    // The last character may be cut in the middle.
    if std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_some()) {
        return None;
    }
    let line = bytes.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).find(|line| !line.is_empty())?;
    let starts = |prefix: &str| line.starts_with(prefix.as_bytes());
    Some(if starts("<?xml") || starts("<pdml") || starts("<psml") {
        Foreign::other("XML, such as Wireshark's PDML export", ORIGINAL)
    } else if starts("{") || starts("[") {
        Foreign::other("JSON, such as tshark's output", ORIGINAL)
    } else if starts("<!DOCTYPE") || starts("<html") {
        Foreign::other("a web page", "the download may have failed: look at it in a browser")
    } else if starts("-----BEGIN") {
        Foreign::other("a certificate or key (PEM)", "give the capture that it belongs to")
    } else if starts("CLIENT_") || starts("SERVER_") || starts("# SSL/TLS secrets") {
        Foreign::other("a TLS key log", "give the capture that it belongs to")
    } else if starts("__CURSOR=") {
        Foreign::other("an export of the systemd journal", "give a packet capture")
    } else if is_hex_dump(line) {
        Foreign::other(
            "a hex dump of packets",
            "turn it into a capture with text2pcap in.txt out.pcapng (tcpdump -x: strip the lines between the \
             dumps first)",
        )
    } else {
        Foreign::other("plain text", ORIGINAL)
    })
}

/// An offset, then at least two bytes: `0000  45 00 ...` or `0x0000:  4500 ...`.
fn is_hex_dump(line: &[u8]) -> bool {
    let mut words = line.split(|&byte| byte == b' ').filter(|word| !word.is_empty());
    let is_hex = |word: &[u8]| word.iter().all(u8::is_ascii_hexdigit);
    let Some(offset) = words.next() else { return false };
    let offset = offset.strip_prefix(b"0x").unwrap_or(offset);
    let offset = offset.strip_suffix(b":").unwrap_or(offset);
    let is_byte = |word: Option<&[u8]>| word.is_some_and(|word| matches!(word.len(), 2 | 4) && is_hex(word));
    (3..=8).contains(&offset.len()) && is_hex(offset) && is_byte(words.next()) && is_byte(words.next())
}

/// The first buffer of an ETL file: its size, and the same again in the log file's header inside.
fn is_windows_trace(bytes: &[u8]) -> bool {
    let word = |at: usize| bytes.get(at..)?.first_chunk().map(|raw| u32::from_le_bytes(*raw));
    match (word(0), word(0x68)) {
        (Some(size), Some(again)) => {
            size == again && size >= 1024 && size.is_multiple_of(1024) && size <= 16 << 20
        }
        _ => false,
    }
}

const EDITCAP: &str = "convert it with editcap -F pcapng in out.pcapng";
const ORIGINAL: &str = "give the capture itself (pcap or pcapng) rather than what a program printed of it";

/// How files that are not captures we can read begin.
const MAGICS: &[(&[u8], Foreign)] = &[
    (b"snoop\0\0\0", Foreign::capture("a capture of Solaris snoop")),
    (b"RTSS", Foreign::capture("a capture of Microsoft Network Monitor 1")),
    (b"GMBU", Foreign::capture("a capture of Microsoft Network Monitor 2 or 3")),
    (b"TRSNIFF data    \x1a", Foreign::capture("a capture of Network General's Sniffer")),
    (b"XCP\0", Foreign::capture("a capture of NetXRay or Sniffer for Windows")),
    (b"iptrace 1.0", Foreign::capture("a capture of AIX iptrace 1")),
    (b"iptrace 2.0", Foreign::capture("a capture of AIX iptrace 2")),
    (b"\xaa\xaa\xaa\xaa", Foreign::capture("a capture of Accellent 5View")),
    (b"\0\x01\x0d\x00\x01", Foreign::capture("a capture of HP-UX nettl")),
    (b"T\0R\0A\0C\0E\0", Foreign::capture("a capture of HP-UX nettl")),
    (b"\x7fver", Foreign::capture("a capture of WildPackets OmniPeek")),
    (b"btsnoop\0", Foreign::other("a capture of Bluetooth traffic", "give a capture of a network interface")),
    (b"LPKSHHRH", Foreign::other("a file of the systemd journal", "give a packet capture")),
    (b"MZ", Foreign::other("a Windows program", "give a packet capture")),
    (b"\x7fELF", Foreign::other("a program", "give a packet capture")),
    (b"%PDF", Foreign::other("a PDF document", "give the capture itself, not what was written about it")),
    (b"\x89PNG", Foreign::other("a picture", "give the capture itself, not a picture of it")),
    (b"\xff\xd8\xff", Foreign::other("a picture", "give the capture itself, not a picture of it")),
    (b"SQLite format 3\0", Foreign::other("a SQLite database", "give a packet capture")),
    (b"PAR1", Foreign::other("a Parquet file", "give a packet capture")),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_by_how_they_begin() {
        for (bytes, name) in [
            (&b"snoop\0\0\0\0\0\0\x02"[..], "a capture of Solaris snoop"),
            (b"0000  45 00 00 3c", "a hex dump of packets"),
            (b"\t0x0000:  4500 003c", "a hex dump of packets"),
            (b"12:00:01.5 IP 10.0.0.1.443 > 10.0.0.2.5: Flags [S]", "plain text"),
            (b"\n\n<?xml version=\"1.0\"?>", "XML, such as Wireshark's PDML export"),
            (b"[\n  {", "JSON, such as tshark's output"),
            (b"CLIENT_RANDOM 00", "a TLS key log"),
            (b"caf\xc3", "plain text"),
            (b"caf\xc3\xc3\xc3", "binary data of an unknown kind"),
            (&[0, 1, 2], "binary data of an unknown kind"),
        ] {
            assert_eq!(foreign(bytes).to_string(), name);
        }
    }

    #[test]
    fn an_event_trace_of_windows_is_known_by_its_repeated_size() {
        let mut bytes = vec![0; 512];
        for at in [0, 0x68] {
            bytes[at..at + 4].copy_from_slice(&65_536_u32.to_le_bytes());
        }
        assert!(foreign(&bytes).hint().contains("etl2pcapng"));
        bytes[0x68] = 1;
        assert!(!foreign(&bytes).is_capture());
    }
}
