//! Runs the program as people do: exit statuses, what it says about bad input, and where its output goes.

use hangup_capture::pcap;
use hangup_wire::Timestamp;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// A folder with captures, and the program.
struct Desk {
    folder: TempDir,
}

impl Desk {
    fn new() -> Self {
        let desk = Self { folder: tempfile::tempdir().unwrap() };
        desk.write("refused.pcap", &refused());
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path(name), bytes).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hangup"));
        command.current_dir(self.folder.path()).args(arguments).env("TZ", "UTC");
        for name in ["NO_COLOR", "CLICOLOR_FORCE", "CLICOLOR"] {
            command.env_remove(name);
        }
        command.stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Run {
        Run::from(self.command(arguments).output().unwrap())
    }

    fn run_with_input(&self, arguments: &[&str], input: &[u8]) -> Run {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        Run::from(child.wait_with_output().unwrap())
    }
}

#[derive(Debug)]
struct Run {
    code: Option<i32>,
    out: String,
    err: String,
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// Two refused connections: SYN and RST ACK, twice.
fn refused() -> Vec<u8> {
    refused_from(1_439_795_700)
}

/// The same, beginning at that second.
fn refused_from(second: i64) -> Vec<u8> {
    let mut writer = pcap::Writer::new(Vec::new(), pcap::Settings::default()).unwrap();
    for (index, port) in [40_000_u16, 40_001].into_iter().enumerate() {
        let begin = second + 60 * i64::try_from(index).unwrap();
        let (client, server) = ([10, 0, 0, 5], [192, 0, 2, 7]);
        let syn = packet((client, port), (server, 443), 1000, 0, 0x02);
        let rst = packet((server, 443), (client, port), 0, 1001, 0x14);
        for (millis, bytes) in [(0, syn), (1, rst)] {
            let length = u32::try_from(bytes.len()).unwrap();
            writer.packet(Timestamp::new(begin, millis * 1_000_000), length, &bytes).unwrap();
        }
    }
    writer.into_inner()
}

/// An Ethernet frame with a TCP segment without data.
fn packet(from: ([u8; 4], u16), to: ([u8; 4], u16), seq: u32, ack: u32, flags: u8) -> Vec<u8> {
    let mut bytes = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x08, 0x00];
    bytes.extend([0x45, 0, 0, 40, 0, 1, 0x40, 0, 64, 6, 0, 0]);
    bytes.extend(from.0);
    bytes.extend(to.0);
    bytes.extend(from.1.to_be_bytes());
    bytes.extend(to.1.to_be_bytes());
    bytes.extend(seq.to_be_bytes());
    bytes.extend(ack.to_be_bytes());
    bytes.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
    bytes
}

fn is_one_clear_failure(run: &Run, words: &[&str]) {
    assert_eq!(run.code, Some(2), "{run:?}");
    assert_eq!(run.out, "", "{run:?}");
    let lines: Vec<&str> = run.err.lines().collect();
    assert!(lines.first().is_some_and(|line| line.starts_with("error: ")), "{run:?}");
    assert!(lines.iter().any(|line| line.starts_with("hint: ")), "{run:?}");
    for word in words {
        assert!(run.err.contains(word), "{word} is missing: {run:?}");
    }
}

#[test]
fn a_file_alone_is_a_report() {
    let desk = Desk::new();
    let alone = desk.run(&["refused.pcap"]);
    assert_eq!(alone.code, Some(0), "{alone:?}");
    assert!(alone.out.starts_with("ANSWER\n"), "{}", alone.out);
    assert!(alone.out.contains("2 of 2 connections ended abnormally"), "{}", alone.out);
    assert!(alone.out.contains("connection-refused"), "{}", alone.out);
    assert!(alone.out.contains("|<"), "the ladder is drawn: {}", alone.out);
    assert_eq!(alone.out, desk.run(&["report", "refused.pcap"]).out);
    assert_eq!(alone.err, "");
}

#[test]
fn standard_input_says_the_same() {
    let desk = Desk::new();
    let run = desk.run_with_input(&["-"], &refused());
    assert_eq!(run.code, Some(0), "{run:?}");
    let file = desk.run(&["refused.pcap"]).out;
    let (from_file, _) = file.split_once("   See all").unwrap();
    assert!(run.out.starts_with(from_file), "{}\n{}", run.out, from_file);
}

#[test]
fn every_format_has_both_connections() {
    let desk = Desk::new();
    let json = desk.run(&["refused.pcap", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(document["schema"], "hangup/1");
    assert_eq!(document["connections"].as_array().unwrap().len(), 2);
    assert_eq!(document["summary"]["abnormal"], 2);
    let ndjson = desk.run(&["refused.pcap", "--format", "ndjson"]).out;
    assert_eq!(ndjson.lines().filter(|line| line.starts_with("{\"type\":\"connection\"")).count(), 2);
    let csv = desk.run(&["refused.pcap", "--format", "csv"]).out;
    assert_eq!(csv.lines().count(), 3);
    let list = desk.run(&["list", "refused.pcap"]).out;
    assert_eq!(list.lines().count(), 3);
    assert!(list.lines().nth(1).unwrap().contains("2015-08-17T07:15:00.000 10.0.0.5:40000"), "{list}");
}

#[test]
fn filters_change_what_is_shown_and_nothing_else() {
    let desk = Desk::new();
    for filter in [&["--port", "40001"][..], &["--since", "07:16"], &["--since", "2015-08-17 07:15:30"]] {
        let mut arguments = vec!["refused.pcap", "--format", "json"];
        arguments.extend(filter);
        let document: serde_json::Value = serde_json::from_str(&desk.run(&arguments).out).unwrap();
        let shown: Vec<_> =
            document["connections"].as_array().unwrap().iter().map(|c| c["id"].as_u64()).collect();
        assert_eq!(shown, [Some(1)], "{filter:?}");
        assert_eq!(document["summary"]["connections"], 2, "{filter:?}");
    }
    let none = desk.run(&["list", "refused.pcap", "--only", "cause=connection-refsued"]);
    assert_eq!(none.code, Some(0));
    assert!(none.err.contains("the causes in it are connection-refused"), "{none:?}");
}

#[test]
fn one_connection_is_shown_by_number_frame_or_end() {
    let desk = Desk::new();
    let by_number = desk.run(&["show", "refused.pcap", "--connection", "1"]);
    assert_eq!(by_number.code, Some(0), "{by_number:?}");
    assert!(by_number.out.starts_with("Connection 1, abnormal: "), "{}", by_number.out);
    assert!(by_number.out.contains("PACKETS"), "{}", by_number.out);
    for wanted in [&["--frame", "3"][..], &["--frame", "4"], &["10.0.0.5:40001"]] {
        let mut arguments = vec!["show", "refused.pcap"];
        arguments.extend(wanted);
        assert_eq!(desk.run(&arguments).out, by_number.out, "{wanted:?}");
    }
    let both = desk.run(&["show", "refused.pcap", "192.0.2.7:443"]);
    assert!(both.out.contains("Connection 0") && both.out.contains("Connection 1"), "{both:?}");
    let piped = desk.run_with_input(&["show", "-", "--connection", "1"], &refused());
    assert_eq!(piped.out, by_number.out);
    assert!(piped.err.contains("only the last packets"), "{piped:?}");
    is_one_clear_failure(&desk.run(&["show", "refused.pcap", "--connection", "2"]), &["numbered 0 to 1"]);
    is_one_clear_failure(&desk.run(&["show", "refused.pcap", "--frame", "5"]), &["frame 5"]);
    is_one_clear_failure(&desk.run(&["show", "refused.pcap", "10.0.0.5:1"]), &["hangup list"]);
    is_one_clear_failure(&desk.run(&["show", "refused.pcap"]), &["--connection 73"]);
}

#[test]
fn exit_statuses_are_as_documented() {
    let desk = Desk::new();
    let code = |arguments: &[&str]| desk.run(arguments).code;
    assert_eq!(code(&["refused.pcap", "--fail-on", "abnormal"]), Some(3));
    assert_eq!(code(&["refused.pcap", "--fail-on", "abnormal", "--host", "10.9.9.9"]), Some(0));
    let whole = refused();
    desk.write("cut.pcap", &whole[..whole.len() - 10]);
    let cut = desk.run(&["cut.pcap"]);
    assert_eq!(cut.code, Some(1), "{cut:?}");
    assert!(cut.out.contains("connection-refused"), "what stands before the damage is reported: {}", cut.out);
    assert_eq!(code(&["cut.pcap", "--fail-on", "abnormal"]), Some(3), "3 goes before 1");
    let beside = desk.run(&["refused.pcap", "missing.pcap"]);
    assert_eq!(beside.code, Some(1), "{beside:?}");
    assert!(beside.err.starts_with("warning: missing.pcap"), "{beside:?}");
    assert_eq!(code(&["--help"]), Some(0));
    assert_eq!(code(&["--version"]), Some(0));
    assert_eq!(code(&[]), Some(2));
}

#[test]
fn bad_input_of_every_kind_is_one_clear_failure() {
    let desk = Desk::new();
    desk.write("empty.pcap", b"");
    desk.write("notes.txt", b"these are no packets, these are words\n");
    desk.write("snoop.cap", b"snoop\0\0\0\0\0\0\x02\0\0\0\x04");
    desk.write("header.pcap", &refused()[..10]);
    fs::create_dir(desk.path("hollow")).unwrap();
    is_one_clear_failure(&desk.run(&["missing.pcap"]), &["missing.pcap", "no such file"]);
    is_one_clear_failure(&desk.run(&["empty.pcap"]), &["empty"]);
    is_one_clear_failure(&desk.run(&["notes.txt"]), &["notes.txt", "not a packet capture"]);
    is_one_clear_failure(&desk.run(&["snoop.cap"]), &["snoop"]);
    is_one_clear_failure(&desk.run(&["header.pcap"]), &["header"]);
    is_one_clear_failure(&desk.run(&["hollow"]), &["hollow", "no captures"]);
    is_one_clear_failure(&desk.run_with_input(&["-"], b""), &["standard input"]);
    is_one_clear_failure(&desk.run(&["shwo", "refused.pcap"][..1]), &["hangup show FILE"]);
    is_one_clear_failure(&desk.run(&["missing\x1b[2J.pcap"]), &["missing\\u{1b}[2J.pcap"]);
}

#[test]
fn bad_usage_says_what_to_type() {
    let desk = Desk::new();
    for (option, value, word) in [
        ("--at", "noon", "11:15"),
        ("--since", "yesterday", "11:15"),
        ("--tz", "Berlin", "Europe/Berlin"),
        ("--only", "weird", "cause=ID"),
    ] {
        is_one_clear_failure(
            &desk.run(&["refused.pcap", option, value]),
            &[option.trim_start_matches('-'), word][1..],
        );
    }
    is_one_clear_failure(&desk.run(&["-", "-"]), &["only once"]);
    is_one_clear_failure(&desk.run(&["refused.pcap", "-o", "no/such/folder/x"]), &["no/such/folder/x"]);
    is_one_clear_failure(&desk.run(&["refused.pcap", "-o", "refused.pcap"]), &["also the input"]);
    let unknown = desk.run(&["refused.pcap", "--fromat", "json"]);
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.err.contains("--format"), "{unknown:?}");
    assert_eq!(fs::read(desk.path("refused.pcap")).unwrap(), refused(), "the capture is untouched");
}

#[test]
fn output_to_a_file_is_whole_or_not_there() {
    let desk = Desk::new();
    let run = desk.run(&["refused.pcap", "--format", "json", "-o", "report.json"]);
    assert_eq!((run.code, run.out.as_str()), (Some(0), ""), "{run:?}");
    let text = fs::read_to_string(desk.path("report.json")).unwrap();
    assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok());
    let failed = desk.run(&["empty.pcap", "-o", "nothing.txt"]);
    assert_eq!(failed.code, Some(2));
    let left: Vec<_> =
        fs::read_dir(desk.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[test]
fn a_closed_standard_output_is_quiet() {
    let desk = Desk::new();
    let mut child =
        desk.command(&["refused.pcap"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn a_full_disk_is_said() {
    if !Path::new("/dev/full").exists() {
        eprintln!("skipped: there is no /dev/full");
        return;
    }
    let desk = Desk::new();
    for format in ["text", "json", "ndjson", "csv"] {
        let run = desk.run(&["refused.pcap", "--format", format, "-o", "/dev/full"]);
        assert_eq!(run.code, Some(2), "{format}: {run:?}");
        assert!(run.err.contains("/dev/full cannot be written"), "{format}: {run:?}");
    }
}

#[test]
fn colours_are_only_there_where_they_are_wanted() {
    let desk = Desk::new();
    let coloured = |arguments: &[&str]| desk.run(arguments).out.contains('\x1b');
    assert!(!coloured(&["refused.pcap"]), "no terminal, no colours");
    assert!(coloured(&["refused.pcap", "--color", "always"]));
    assert!(!coloured(&["refused.pcap", "--color", "never"]));
}

#[test]
fn times_are_told_in_the_zone() {
    let desk = Desk::new();
    let out = desk.run(&["refused.pcap", "--tz", "Europe/Berlin"]).out;
    assert!(out.contains("2015-08-17 09:15:00") && out.contains("Europe/Berlin"), "{out}");
    let out = desk.run(&["list", "refused.pcap", "--tz", "+05:30"]).out;
    assert!(out.contains("2015-08-17T12:45:00.000") && out.contains("UTC+05:30"), "{out}");
}

/// The example morning, in which connection 94 is the odd one.
fn morning() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/morning.pcapng").display().to_string()
}

/// The text of a report as one line, whatever the width.
fn flat(run: &Run) -> String {
    run.out.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn explain_answers_and_lists() {
    let desk = Desk::new();
    for (asked, words) in [
        (&["explain", "keepalive-race"][..], "idle time shorter"),
        (&["explain", "what", "is", "an", "Encrypted", "Alert?"], "close_notify"),
        (&["explain", "ora-3113"], "alert log"),
        (&["explain"], "keepalive-race"),
        (&["explain"], "Who closes first?"),
        (&["explain"], "ORA-03113"),
    ] {
        let run = desk.run(asked);
        assert_eq!(run.code, Some(0), "{run:?}");
        assert!(run.out.contains(words) && run.err.is_empty(), "{asked:?}: {run:?}");
        assert!(run.out.lines().all(|line| line.chars().count() <= 80), "{asked:?}: {}", run.out);
    }
}

#[test]
fn explain_says_what_it_does_not_know() {
    let desk = Desk::new();
    is_one_clear_failure(&desk.run(&["explain", "keepalive-rase"]), &["keepalive-rase", "keepalive-race"]);
    is_one_clear_failure(&desk.run(&["explain", "bananas"]), &["bananas", "hangup explain lists"]);
    // What was typed is not let loose on the terminal.
    assert!(!desk.run(&["explain", "\x1b[31mx"]).err.contains('\x1b'));
}

#[test]
fn an_error_text_weighs_and_may_contradict() {
    let desk = Desk::new();
    let at = ["--at", "11:15", "--tz", "Europe/Berlin", "--error"];
    let told = |text: &str| {
        let morning = morning();
        let mut arguments = vec![morning.as_str()];
        arguments.extend(at);
        arguments.push(text);
        flat(&desk.run(&arguments))
    };
    let fits = told("java.net.SocketTimeoutException: Read timed out");
    assert!(
        fits.contains("Connection 94 is almost certainly what was reported")
            && fits.contains("“read timed out” fits it"),
        "{fits}"
    );
    assert!(!fits.contains("contradicts"), "{fits}");
    let against = told("ECONNRESET");
    assert!(
        against.contains("Connection 94 stands out most at that time, but the error text does not fit it"),
        "{against}"
    );
    assert!(
        against.contains("“ECONNRESET” comes of a reset (RST) from the other side, and there is none near"),
        "{against}"
    );
    let unknown = told("the cat");
    assert!(unknown.contains("Connection 94 is almost certainly what was reported"), "{unknown}");
    assert!(unknown.contains("“the cat” is no error text that hangup knows"), "{unknown}");
}

#[test]
fn the_zone_of_a_time_is_said_aloud() {
    let desk = Desk::new();
    let with_zone = |zone: &str, more: &[&str]| {
        let morning = morning();
        let arguments: Vec<&str> =
            [morning.as_str(), "--at", "11:15"].into_iter().chain(more.iter().copied()).collect();
        flat(&Run::from(desk.command(&arguments).env("TZ", zone).output().unwrap()))
    };
    let berlin = with_zone("Europe/Berlin", &[]);
    assert!(berlin.contains("Connection 94 is almost certainly what was reported"), "{berlin}");
    assert!(
        berlin.contains("11:15 was read in Europe/Berlin, the zone of this computer; --tz names another"),
        "{berlin}"
    );
    let named = with_zone("UTC", &["--tz", "Europe/Berlin"]);
    assert!(!named.contains("the zone of this computer"), "{named}");
    // In New York the capture has no 11:15; elsewhere it has.
    let elsewhere = with_zone("America/New_York", &[]);
    assert!(elsewhere.contains("The capture holds no packets of around 11:15"), "{elsewhere}");
    assert!(elsewhere.contains("only in another zone: UTC+02 to UTC+04 (--tz +02:00)"), "{elsewhere}");
}

#[test]
fn a_time_that_only_utc_explains_says_so() {
    let desk = Desk::new();
    // 09:15 in UTC is the one; 09:15 in Berlin is there too, and nothing happened then.
    let run =
        Run::from(desk.command(&[&morning(), "--at", "09:15"]).env("TZ", "Europe/Berlin").output().unwrap());
    let told = flat(&run);
    assert!(told.contains("No ending near the reported time is abnormal"), "{told}");
    assert!(told.contains("Read as UTC, connection 94 would fit: --tz UTC"), "{told}");
}

#[test]
fn every_day_that_has_the_time_is_searched() {
    let desk = Desk::new();
    // The same two refused calls, a day later.
    let day = refused_from(1_439_795_700 + 86_400);
    desk.write("later.pcap", &day);
    let run = desk.run(&["refused.pcap", "later.pcap", "--at", "07:15", "--tz", "UTC"]);
    let told = flat(&run);
    assert!(
        told.contains("more than once, and each was searched: 2015-08-17 07:15:00, 2015-08-18 07:15:00"),
        "{told}"
    );
    let run = desk.run(&["refused.pcap", "later.pcap", "--at", "2015-08-18 07:15", "--tz", "UTC"]);
    assert!(!flat(&run).contains("more than once"), "{run:?}");
}
