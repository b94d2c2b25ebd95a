//! One line a connection, for spreadsheets and whatever reads them. Format: RFC 4180.

use crate::escape::escape;
use crate::style::seconds_between;
use hangup_engine::model::{Connection, Flag, Goodbye};
use hangup_engine::{Conclusion, Sink};
use std::io::{self, Write};

/// The columns, each with what stands in it. An empty field is what the report calls null. Columns may be added
/// at the end; none is renamed or moved.
pub const COLUMNS: &[(&str, &str)] = &[
    ("id", "number of the connection, from 0; for one file Wireshark's tcp.stream"),
    ("capture", "index of the capture file of the first packet, from 0"),
    ("community_id", "Community ID v1"),
    ("client_ip", "address of the end that opened it"),
    ("client_port", "its TCP port"),
    ("server_ip", "address of the end that was called"),
    ("server_port", "its TCP port"),
    ("sni", "server name that the TLS client asked for"),
    ("roles_from", "how client and server were told apart: syn, syn-ack, client-hello, port, guess"),
    ("first_frame", "first frame"),
    ("last_frame", "last frame"),
    ("first_time", "time of the first frame, RFC 3339 UTC"),
    ("last_time", "time of the last frame, RFC 3339 UTC"),
    ("duration", "seconds from the first frame to the last"),
    ("client_packets", "packets of the client"),
    ("server_packets", "packets of the server"),
    ("client_bytes", "payload bytes of the client"),
    ("server_bytes", "payload bytes of the server"),
    ("handshake", "complete, refused, unanswered, partial, unseen"),
    ("history", "Zeek's history letters"),
    ("conn_state", "Zeek's connection state"),
    ("rtt", "round trip in seconds, from the handshake"),
    ("client_retransmitted", "packets of the client that were sent again"),
    ("server_retransmitted", "packets of the server that were sent again"),
    ("protocol", "what speaks on it"),
    ("tls_version", "TLS version"),
    ("tls_cipher", "TLS cipher suite"),
    ("alpn", "application protocol of TLS"),
    ("ja4", "JA4 fingerprint"),
    ("first_fin_frame", "first FIN"),
    ("first_fin_from", "who sent it"),
    ("first_rst_frame", "first RST"),
    ("first_rst_from", "who sent it, as it claims"),
    ("verdict", "normal, abnormal, undecided, open"),
    ("ended_by", "client, server, middlebox, network, crossing, nobody, unknown"),
    ("first_goodbye_frame", "frame of the first act of closing"),
    ("first_goodbye_time", "its time, RFC 3339 UTC"),
    ("first_goodbye_from", "who sent it"),
    (
        "first_goodbye_kind",
        "plain-alert, encrypted-alert, inferred-alert, decrypted-alert, fin, rst, icmp, silence, application",
    ),
    ("idle_before", "seconds from the last application byte to the first goodbye"),
    (
        "outstanding",
        "true where something was asked and not yet answered; false where not; empty where unknown",
    ),
    ("cause", "id in the catalogue of causes"),
    ("confidence", "how sure the cause is, 0 to 1"),
    ("responsible", "who is most likely responsible"),
    ("explanation", "plain words"),
];

/// Writes one record a connection under a line of column names ([`COLUMNS`]). What comes from the capture and
/// begins like a formula gets a leading apostrophe, so that a spreadsheet does not run it.
pub struct Csv<W: Write> {
    out: ::csv::Writer<W>,
    begun: bool,
}

impl<W: Write> Csv<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self { out: ::csv::Writer::from_writer(out), begun: false }
    }

    fn begin(&mut self) -> io::Result<()> {
        if !self.begun {
            self.begun = true;
            self.out.write_record(COLUMNS.iter().map(|(name, _)| name)).map_err(failure)?;
        }
        Ok(())
    }
}

impl<W: Write> Sink for Csv<W> {
    fn connection(&mut self, connection: &Connection) -> io::Result<()> {
        self.begin()?;
        self.out.write_record(record(connection)).map_err(failure)
    }

    fn conclude(&mut self, _: &Conclusion) -> io::Result<()> {
        self.begin()?;
        self.out.flush()
    }
}

impl<W: Write> std::fmt::Debug for Csv<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Csv").field("begun", &self.begun).finish_non_exhaustive()
    }
}

/// Why it could not be written, as the system says it: that nobody reads any more is told from a full disk by its kind.
fn failure(error: ::csv::Error) -> io::Error {
    match error.into_kind() {
        ::csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

/// The fields in the order of [`COLUMNS`].
fn record(connection: &Connection) -> Vec<String> {
    let c = connection;
    let tls = c.tls.as_ref();
    let ending = &c.ending;
    let first = ending.first_goodbye.as_ref();
    vec![
        c.id.to_string(),
        c.capture.to_string(),
        text(&c.community_id),
        text(&c.client.ip),
        c.client.port.to_string(),
        text(&c.server.ip),
        c.server.port.to_string(),
        text(tls.and_then(|tls| tls.sni.as_deref()).unwrap_or_default()),
        text(&c.roles_from),
        c.first_frame.to_string(),
        c.last_frame.to_string(),
        text(&c.first_time),
        text(&c.last_time),
        seconds_between(&c.first_time, &c.last_time).map(|seconds| seconds.to_string()).unwrap_or_default(),
        c.packets.client.to_string(),
        c.packets.server.to_string(),
        c.payload_bytes.client.to_string(),
        c.payload_bytes.server.to_string(),
        text(&c.handshake),
        text(&c.history),
        text(&c.conn_state),
        c.rtt.map(|rtt| rtt.to_string()).unwrap_or_default(),
        c.retransmitted.client.to_string(),
        c.retransmitted.server.to_string(),
        optional(c.protocol.as_ref()),
        optional(tls.and_then(|tls| tls.version.as_ref())),
        optional(tls.and_then(|tls| tls.cipher.as_ref())),
        optional(tls.and_then(|tls| tls.alpn.as_ref())),
        optional(tls.and_then(|tls| tls.ja4.as_ref())),
        frame(c.first_fin.as_ref()),
        text(c.first_fin.as_ref().map_or("", |flag| &flag.from)),
        frame(c.first_rst.as_ref()),
        text(c.first_rst.as_ref().map_or("", |flag| &flag.from)),
        text(&ending.verdict),
        text(&ending.ended_by),
        first.map(|goodbye| goodbye.frame.to_string()).unwrap_or_default(),
        text(first.map_or("", |goodbye| &goodbye.time)),
        optional(first.and_then(|goodbye: &Goodbye| goodbye.from.as_ref())),
        text(first.map_or("", |goodbye| &goodbye.kind)),
        ending.idle_before.map(|seconds| seconds.to_string()).unwrap_or_default(),
        ending.outstanding.map(|outstanding| outstanding.to_string()).unwrap_or_default(),
        optional(ending.cause.as_ref()),
        ending.confidence.to_string(),
        text(&ending.responsible),
        text(&ending.explanation),
    ]
}

fn frame(flag: Option<&Flag>) -> String {
    flag.map(|flag| flag.frame.to_string()).unwrap_or_default()
}

fn optional(field: Option<&String>) -> String {
    field.map(|field| text(field)).unwrap_or_default()
}

/// Words that a spreadsheet will not take for a formula (OWASP, "CSV Injection"), nor a terminal for a command.
fn text(field: &str) -> String {
    let field = escape(field);
    // Some take the wide ones of East Asian keyboards for the same.
    if field.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']) {
        format!("'{field}")
    } else {
        field.into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn written(connections: &[Connection]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut csv = Csv::new(&mut out);
        for connection in connections {
            csv.connection(connection).unwrap();
        }
        csv.conclude(&sample::conclusion()).unwrap();
        drop(csv);
        out
    }

    #[test]
    fn what_was_written_is_read_back() {
        let connections = sample::morning();
        let out = written(&connections);
        let mut reader = ::csv::Reader::from_reader(out.as_slice());
        let heads: Vec<String> = reader.headers().unwrap().iter().map(Into::into).collect();
        assert_eq!(heads, COLUMNS.iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>());
        let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), connections.len());
        let field = |row: usize, name: &str| {
            rows[row].get(heads.iter().position(|head| head == name).unwrap()).unwrap()
        };
        assert_eq!(field(0, "id"), "0");
        assert_eq!(field(0, "verdict"), "normal");
        assert_eq!(field(2, "cause"), "client-gives-up");
        assert_eq!(field(2, "outstanding"), "true");
        assert_eq!(field(2, "explanation"), connections[2].ending.explanation);
    }

    #[test]
    fn a_name_is_never_a_formula() {
        let mut connections = sample::morning();
        for start in ["=", "+", "-", "@", "＝"] {
            connections[0].tls.as_mut().unwrap().sni = Some(format!("{start}cmd|' /C calc'!A0"));
            let out = written(&connections[..1]);
            let mut reader = ::csv::Reader::from_reader(out.as_slice());
            let row = reader.records().next().unwrap().unwrap();
            assert_eq!(row.get(7).unwrap(), format!("'{start}cmd|' /C calc'!A0"));
        }
    }

    #[test]
    fn a_name_controls_no_terminal() {
        let mut connections = sample::morning();
        connections[0].tls.as_mut().unwrap().sni = Some("\t=1\r\n\x1b[2J".into());
        let out = written(&connections[..1]);
        let row = ::csv::Reader::from_reader(out.as_slice()).records().next().unwrap().unwrap();
        assert_eq!(row.get(7).unwrap(), r"\u{9}=1\u{d}\u{a}\u{1b}[2J");
    }

    #[test]
    fn without_connections_there_is_still_a_head() {
        assert!(written(&[]).starts_with(b"id,capture,community_id,client_ip"));
    }
}
