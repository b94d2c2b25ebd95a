//! Seeing, held against an independent dissector: what tshark saw in real captures, connection by connection.
//!
//! The captures belong to others and are not part of this project. They are looked for beside it; where
//! they are missing the test says that it skipped. Where the project and tshark disagree,
//! `disagreements.tsv` names the connection, both answers, who is right, and why.

use hangup_capture::Input;
use hangup_engine::{Conclusion, Options, Sink, model::Connection};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::{fs, io};

type Row = HashMap<String, String>;

#[derive(Default)]
struct Connections(Vec<Connection>);

impl Sink for Connections {
    fn connection(&mut self, connection: &Connection) -> io::Result<()> {
        self.0.push(connection.clone());
        Ok(())
    }

    fn conclude(&mut self, _: &Conclusion) -> io::Result<()> {
        Ok(())
    }
}

/// A disagreement: file, stream (empty for the file itself), field, hangup's answer, tshark's.
type Difference = (String, String, String, String, String);

#[test]
fn sees_what_tshark_sees() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/captures");
    if !folder.is_dir() {
        eprintln!("facts: skipped, no captures at ../shared/captures");
        return;
    }
    let mut streams: HashMap<String, Vec<Row>> = HashMap::new();
    for row in table(&folder.join("facts.tsv")) {
        streams.entry(row["file"].clone()).or_default().push(row);
    }
    let mut compared: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    let mut differences = BTreeSet::new();
    for file in table(&folder.join("facts_files.tsv")) {
        let name = &file["file"];
        let path = folder.join(name);
        if Path::new(name).extension().is_some_and(|ending| ending == "snoop") {
            // A foreign format, refused in words: the capture crate's tests look at those.
            assert!(Input::open(&[path]).is_err());
            continue;
        }
        let connections = read(&path);
        let rows = streams.remove(name).unwrap_or_default();
        let mut compare = |stream: &str, field: &'static str, ours: String, theirs: String| {
            let (agreed, all) = compared.entry(field).or_default();
            *all += 1;
            if ours == theirs {
                *agreed += 1;
            } else {
                differences.insert((name.clone(), stream.to_owned(), field.to_owned(), ours, theirs));
            }
        };
        compare("", "connections", connections.len().to_string(), file["tcp_streams"].clone());
        for row in rows {
            let stream = &row["tcp_stream"];
            // Where numbers differ the packets still tell which connection is meant.
            let ours = connections.iter().find(|connection| same_packets(connection, &row));
            let Some(ours) = ours else {
                compare(stream, "stream", String::new(), stream.clone());
                continue;
            };
            for (field, ours, theirs) in fields(ours, &row) {
                compare(stream, field, ours, theirs);
            }
        }
    }
    let listed: BTreeSet<Difference> =
        table(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/disagreements.tsv"))
            .into_iter()
            .map(|row| {
                assert!(
                    matches!(row["right"].as_str(), "hangup" | "tshark" | "both"),
                    "who is right? {row:?}"
                );
                assert!(row["why"].len() > 20, "a reason is wanted: {row:?}");
                let cell = |name: &str| row[name].clone();
                (cell("file"), cell("stream"), cell("field"), cell("hangup"), cell("tshark"))
            })
            .collect();
    for (field, (agreed, all)) in &compared {
        eprintln!("facts: {agreed} of {all} {field}, {} listed with reasons", all - agreed);
    }
    let print = |differences: Vec<&Difference>| {
        differences
            .iter()
            .map(|d| [&d.0, &d.1, &d.2, &d.3, &d.4].map(String::as_str).join("\t"))
            .collect::<Vec<_>>()
            .join("\n")
    };
    let unlisted = print(differences.difference(&listed).collect());
    let stale = print(listed.difference(&differences).collect());
    assert!(unlisted.is_empty(), "not listed in disagreements.tsv:\n{unlisted}");
    assert!(stale.is_empty(), "listed in disagreements.tsv, but no longer so:\n{stale}");
}

fn read(path: &PathBuf) -> Vec<Connection> {
    let mut input = Input::open(std::slice::from_ref(path)).unwrap_or_else(|error| panic!("{error}"));
    let mut connections = Connections::default();
    hangup_engine::report(&mut input, &Options::default(), &mut connections, &mut |_, _| ()).unwrap();
    connections.0
}

/// Whether a row of tshark's is about this connection: same ends, same first frame.
fn same_packets(connection: &Connection, row: &Row) -> bool {
    let end = |end: &hangup_engine::model::Endpoint| (end.ip.clone(), end.port.to_string());
    let a = (row["a_addr"].clone(), row["a_port"].clone());
    let b = (row["b_addr"].clone(), row["b_port"].clone());
    let (client, server) = (end(&connection.client), end(&connection.server));
    let same_ends = (client == a && server == b) || (client == b && server == a);
    same_ends && connection.first_frame.to_string() == row["first_frame"]
}

/// What is compared, as hangup and as tshark say it. Sides are tshark's: `a` is the first packet's sender.
fn fields(ours: &Connection, row: &Row) -> Vec<(&'static str, String, String)> {
    let a = (row["a_addr"].as_str(), row["a_port"].as_str());
    let is_a = |from: &str| {
        let end = if from == "client" { &ours.client } else { &ours.server };
        (end.ip.as_str(), end.port.to_string().as_str()) == a
    };
    let side = |from: &str| if is_a(from) { 'a' } else { 'b' };
    let flag = |flag: Option<&hangup_engine::model::Flag>| {
        flag.map_or_else(String::new, |flag| format!("{}:{}", flag.frame, side(&flag.from)))
    };
    let packets = |wanted: char| {
        let count = if side("client") == wanted { ours.packets.client } else { ours.packets.server };
        count.to_string()
    };
    let alerts = |plain: bool| {
        let alerts = ours.tls.as_ref().map(|tls| tls.alerts.as_slice());
        let shown = alerts
            .unwrap_or_default()
            .iter()
            .filter(|alert| alert.seen == if plain { "plain" } else { "encrypted" });
        let mut shown: Vec<_> = shown
            .map(|alert| {
                let from = side(&alert.from);
                match &alert.description {
                    Some(description) if plain => format!("{}:{from}:{description}", alert.frame),
                    _ => format!("{}:{from}", alert.frame),
                }
            })
            .collect();
        shown.sort();
        shown.join(" ")
    };
    let their_alerts = |plain: bool| {
        let mut shown: Vec<_> = row["alerts_b"]
            .split(';')
            .filter(|alert| !alert.is_empty() && alert.ends_with(":encrypted") != plain)
            .map(|alert| {
                let parts: Vec<_> = alert.split(':').collect();
                let place = format!("{}:{}", parts[0], parts[1].to_lowercase());
                match parts.get(3) {
                    Some(description) => {
                        format!("{place}:{}", description.split('(').next().unwrap_or_default())
                    }
                    None => place,
                }
            })
            .collect();
        shown.sort();
        shown.join(" ")
    };
    let first = |theirs: &str| theirs.to_lowercase();
    vec![
        ("stream", ours.id.to_string(), row["tcp_stream"].clone()),
        ("first_fin", flag(ours.first_fin.as_ref()), first(&row["first_fin"])),
        ("first_rst", flag(ours.first_rst.as_ref()), first(&row["first_rst"])),
        ("packets_a", packets('a'), row["packets_a"].clone()),
        ("packets_b", packets('b'), row["packets_b"].clone()),
        ("plain_alerts", alerts(true), their_alerts(true)),
        ("encrypted_alerts", alerts(false), their_alerts(false)),
    ]
}

fn table(path: &Path) -> Vec<Row> {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut lines = text.lines().filter(|line| !line.starts_with('#'));
    let names: Vec<_> = lines.next().unwrap_or_default().split('\t').collect();
    lines
        .map(|line| {
            names.iter().map(|&name| name.to_owned()).zip(line.split('\t').map(str::to_owned)).collect()
        })
        .collect()
}
