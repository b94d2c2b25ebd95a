//! Words that a terminal, a spreadsheet or a browser would obey, from every place of a capture that ends up in a report:
//! in every format they are harmless.

use crate::run::program;
use crate::wire::{ACK, End, FIN, Line, PSH, RST, Wire, client};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Output;

/// What is tried: a title and a cleared screen for a terminal, the same by an eight-bit control character, text that
/// runs backwards, a line of its own, markup, a link, quotes, and formulas for spreadsheets.
const ATTACKS: [&str; 15] = [
    "\x1b]0;owned\x07\x1b[2J",
    "\u{9b}2Jowned",
    "\u{202e}gpj.exe\u{2066}",
    "a\r\nb\nc",
    "a\u{2028}b\u{85}c",
    "\x08\x08\x7fb",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[owned](javascript:alert(1))",
    "a\",\"b\",\"c",
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "+1+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "＝cmd|' /C calc'!A0",
];

/// Where they are said.
const PORTS: [u16; 6] = [443, 8443, 80, 8080, 25, 9000];

fn server(port: u16) -> End {
    ([192, 0, 2, 7], port)
}

/// A length of `size` bytes in front.
fn vector(size: usize, bytes: &[u8]) -> Vec<u8> {
    let length = bytes.len().to_be_bytes();
    [&length[length.len() - size..], bytes].concat()
}

fn handshake(kind: u8, body: &[u8]) -> Vec<u8> {
    let message = [&[kind][..], &vector(3, body)].concat();
    [&[22, 3, 3][..], &vector(2, &message)].concat()
}

/// A hello with a server name and a protocol (RFC 8446 §4.1.2, RFC 6066 §3, RFC 7301 §3.1).
fn client_hello(name: &str, protocol: &str) -> Vec<u8> {
    let extension = |code: u16, body: &[u8]| [&code.to_be_bytes()[..], &vector(2, body)].concat();
    let entry = [&[0][..], &vector(2, name.as_bytes())].concat();
    let names = extension(0, &vector(2, &entry));
    let protocols = extension(16, &vector(2, &vector(1, protocol.as_bytes())));
    let extensions = [names, protocols].concat();
    let start = [&[3, 3][..], &[7; 32], &[0], &[0, 2, 0xc0, 0x2f, 1, 0]].concat();
    handshake(1, &[start, vector(2, &extensions)].concat())
}

fn server_hello(protocol: &str) -> Vec<u8> {
    let protocols =
        [&16_u16.to_be_bytes()[..], &vector(2, &vector(2, &vector(1, protocol.as_bytes())))].concat();
    let start = [&[3, 3][..], &[9; 32], &[0, 0xc0, 0x2f, 0]].concat();
    handshake(2, &[start, vector(2, &protocols)].concat())
}

/// A certificate of that name, as far as names are read (X.690 §8.1, RFC 5280 §4.1).
fn certificate(name: &str) -> Vec<u8> {
    let tlv = |tag: u8, body: Vec<u8>| {
        let length = u8::try_from(body.len()).unwrap();
        let head = if length < 0x80 { vec![tag, length] } else { vec![tag, 0x81, length] };
        [head, body].concat()
    };
    let common_name = tlv(0x30, [tlv(6, vec![0x55, 4, 3]), tlv(0x0c, name.as_bytes().to_vec())].concat());
    let subject = tlv(0x30, tlv(0x31, common_name));
    let der = tlv(0x30, tlv(0x30, [tlv(2, vec![1]), subject.clone(), subject].concat()));
    handshake(11, &vector(3, &vector(3, &der)))
}

/// Everything that is said in a capture, said as one attack.
fn capture(path: &Path, attack: &str) -> io::Result<()> {
    let mut bytes = Vec::new();
    let mut wire = Wire::new(&mut bytes)?;
    let text = attack.as_bytes();
    for (index, port) in (0..).zip(PORTS) {
        let mut line = Line::open(&mut wire, client(index), server(port))?;
        match port {
            443 => {
                line.send(&mut wire, true, ACK | PSH, &client_hello(attack, attack))?;
                line.send(&mut wire, false, ACK | PSH, &server_hello(attack))?;
                line.send(&mut wire, false, ACK | PSH, &certificate(attack))?;
                // The client refuses that certificate.
                line.send(&mut wire, true, ACK | PSH, &[21, 3, 3, 0, 2, 2, 42])?;
            }
            8443 => line.send(&mut wire, true, ACK | PSH, &client_hello(attack, "h2"))?,
            80 => {
                let head =
                    [b"GET /", text, b" HTTP/1.1\r\nHost: ", text, b"\r\nUser-Agent: ", text, b"\r\n\r\n"];
                line.send(&mut wire, true, ACK | PSH, &head.concat())?;
                let head = [b"HTTP/1.1 503 ", text, b"\r\nServer: ", text, b"\r\nConnection: close\r\n\r\n"];
                line.send(&mut wire, false, ACK | PSH, &head.concat())?;
            }
            8080 => {
                line.send(
                    &mut wire,
                    true,
                    ACK | PSH,
                    &[b"POST /", text, b" HTTP/1.1\r\nHost: x\r\n"].concat(),
                )?;
            }
            25 => {
                line.send(&mut wire, false, ACK | PSH, b"220 mail.example ESMTP\r\n")?;
                line.send(&mut wire, true, ACK | PSH, b"EHLO a.example\r\n")?;
                line.send(&mut wire, false, ACK | PSH, b"250 mail.example\r\n")?;
                line.send(&mut wire, false, ACK | PSH, &[b"421 ", text, b"\r\n"].concat())?;
            }
            _ => line.send(&mut wire, true, ACK | PSH, text)?,
        }
        wire.now += 30_000_000_000;
        // A load balancer's reset with its words, or a goodbye.
        match port {
            9000 | 8443 => line.send(&mut wire, false, RST | ACK, text)?,
            _ => line.send(&mut wire, false, FIN | ACK, b"")?,
        }
    }
    fs::write(path, bytes)
}

/// The same as pcapng, with names, comments, interfaces and the names of programs.
fn capture_with_notes(path: &Path, attack: &str) {
    let block = |kind: u32, body: &[u8]| {
        let padded = body.len().next_multiple_of(4);
        let total = u32::try_from(padded + 12).unwrap().to_le_bytes();
        [&kind.to_le_bytes()[..], &total, body, &vec![0; padded - body.len()], &total].concat()
    };
    let option = |code: u16, value: &[u8]| {
        let length = u16::try_from(value.len()).unwrap().to_le_bytes();
        [&code.to_le_bytes()[..], &length, value, &vec![0; value.len().next_multiple_of(4) - value.len()]]
            .concat()
    };
    let text = attack.as_bytes();
    let start = [&0x1a2b_3c4d_u32.to_le_bytes()[..], &[1, 0, 0, 0], &[0xff; 8]].concat();
    let mut bytes = block(0x0a0d_0d0a, &[start, option(4, text), option(1, text)].concat());
    bytes.extend(block(1, &[&[1, 0, 0, 0, 0, 0, 0, 0][..], &option(2, text), &option(9, &[9])].concat()));
    for address in [client(0).0, server(443).0] {
        let name = [&address[..], text, &[0]].concat();
        bytes.extend(block(4, &[option(1, &name), vec![0; 4]].concat()));
    }
    let plain = fs::read(path).unwrap();
    let mut rest = &plain[24..];
    while let Some((head, behind)) = rest.split_first_chunk::<16>() {
        let word = |at: usize| u32::from_le_bytes(head[at..at + 4].try_into().unwrap());
        let unit = if plain[..4] == [0x4d, 0x3c, 0xb2, 0xa1] { 1 } else { 1000 };
        let time = u64::from(word(0)) * 1_000_000_000 + u64::from(word(4)) * unit;
        let length = usize::try_from(word(8)).unwrap();
        let [high, low] = [time >> 32, time & 0xffff_ffff].map(|half| u32::try_from(half).unwrap());
        let mut body: Vec<u8> =
            [0, high, low, word(8), word(12)].into_iter().flat_map(u32::to_le_bytes).collect();
        body.extend(&behind[..length]);
        body.resize(body.len().next_multiple_of(4), 0);
        body.extend(option(1, text));
        bytes.extend(block(6, &body));
        rest = &behind[length..];
    }
    fs::write(path, bytes).unwrap();
}

/// Neither a terminal nor a reader's eye is led astray by it. Line feeds and nothing else divide lines.
#[track_caller]
fn is_harmless(what: &str, text: &str) {
    let odd = text.chars().find(|&character| {
        (character.is_control() && character != '\n')
            || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    });
    assert_eq!(odd, None, "{what}: {text}");
}

/// The reports on everything that is said as one attack, in one format after the other.
fn reports(attack: &str, mut each: impl FnMut(&str, &[&str], &Output)) {
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("plain.pcap");
    let noted: PathBuf = folder.path().join("noted.pcapng");
    capture(&plain, attack).unwrap();
    fs::copy(&plain, &noted).unwrap();
    capture_with_notes(&noted, attack);
    for file in [&plain, &noted] {
        let (file, error) = (file.to_str().unwrap(), format!("--error={attack}"));
        for arguments in [
            &["report", file][..],
            &["report", file, "--at", "2015-08-17 07:15", &error],
            &["report", file, "--format", "json"],
            &["report", file, "--format", "ndjson"],
            &["report", file, "--format", "csv"],
            &["list", file],
            &["show", file, "-c", "0"],
            &["show", file, "-c", "1"],
            &["show", file, "-c", "2"],
            &["show", file, "-c", "3"],
            &["show", file, "-c", "4"],
            &["show", file, "-c", "5"],
        ] {
            let output = program(arguments).output().unwrap();
            assert_eq!(output.status.code(), Some(0), "{arguments:?}: {output:?}");
            each(attack, arguments, &output);
        }
    }
}

#[test]
fn nothing_that_is_said_controls_a_terminal() {
    for attack in ATTACKS {
        reports(attack, |_, arguments, output| {
            for text in [&output.stdout, &output.stderr] {
                is_harmless(&format!("{arguments:?}"), std::str::from_utf8(text).unwrap());
            }
        });
    }
}

/// Otherwise the test above would show nothing.
#[test]
fn what_is_said_is_in_the_reports() {
    let mut seen = Vec::new();
    reports("<script>alert(1)</script>", |attack, arguments, output| {
        if std::str::from_utf8(&output.stdout).unwrap().replace('\n', " ").contains(attack) {
            seen.push(
                arguments.iter().filter(|word| !word.contains('/')).copied().collect::<Vec<_>>().join(" "),
            );
        }
    });
    for wanted in [
        "report",
        "report --format json",
        "report --format ndjson",
        "report --format csv",
        "list",
        "show -c 0",
    ] {
        assert!(seen.iter().any(|seen| seen == wanted), "{wanted}: {seen:?}");
    }
}

/// A document stays one: what was said is a string in it and nothing else.
#[test]
fn documents_stay_whole() {
    for attack in ATTACKS {
        reports(attack, |attack, arguments, output| {
            let text = std::str::from_utf8(&output.stdout).unwrap();
            if arguments.contains(&"json") {
                let report: serde_json::Value = serde_json::from_str(text).unwrap();
                let connections = report["connections"].as_array().unwrap();
                assert_eq!(connections.len(), PORTS.len(), "{attack:?}");
            } else if arguments.contains(&"ndjson") {
                let parsed: Vec<serde_json::Value> =
                    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
                let connections = parsed.iter().filter(|line| line["type"] == "connection").count();
                assert_eq!(connections, PORTS.len(), "{attack:?}");
            } else if arguments.contains(&"csv") {
                let rows = rows(text);
                assert_eq!(rows.len(), PORTS.len() + 1, "{attack:?}: {text}");
                assert!(rows.iter().all(|row| row.len() == rows[0].len()), "{attack:?}: {text}");
            } else if arguments[0] == "list" {
                assert_eq!(text.lines().count(), PORTS.len() + 1, "{attack:?}: {text}");
            }
        });
    }
}

/// No field that is not a number begins like a formula.
#[test]
fn no_field_is_a_formula() {
    for attack in ATTACKS {
        reports(attack, |_, arguments, output| {
            if !arguments.contains(&"csv") {
                return;
            }
            for field in rows(std::str::from_utf8(&output.stdout).unwrap()).iter().flatten() {
                let formula = field.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝']);
                assert!(!formula || field.parse::<f64>().is_ok(), "{attack:?}: {field}");
            }
        });
    }
}

/// The name of a file is not from the wire, but may be from a stranger as well.
#[test]
fn names_of_files_are_harmless() {
    let folder = tempfile::tempdir().unwrap();
    for attack in ATTACKS {
        let name = format!("{}.pcap", attack.replace('/', "_"));
        let path = folder.path().join(&name);
        capture(&path, "harmless").unwrap();
        for arguments in [&["report"][..], &["report", "--format", "json"], &["list"]] {
            let path = path.to_str().unwrap();
            let output = program(&[arguments, &[path]].concat()).output().unwrap();
            assert_eq!(output.status.code(), Some(0), "{name:?}: {output:?}");
            is_harmless(&name, std::str::from_utf8(&output.stdout).unwrap());
        }
        let missing = program(&[&format!("{name}.missing")]).output().unwrap();
        assert_eq!(missing.status.code(), Some(2));
        is_harmless(&name, std::str::from_utf8(&missing.stderr).unwrap());
    }
}

/// The records of RFC 4180.
fn rows(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut field) = (Vec::new(), Vec::new(), String::new());
    let (mut quoted, mut characters) = (false, text.chars().peekable());
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                field.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut field)),
            '\n' if !quoted => {
                row.push(std::mem::take(&mut field));
                rows.push(std::mem::take(&mut row));
            }
            other => field.push(other),
        }
    }
    rows
}
