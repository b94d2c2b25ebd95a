//! Any bytes from capture to every format: the same capture gives the same text whatever the seed, and no byte of
//! it can control a terminal.
#![no_main]

use hangup_capture::{Input, Reader};
use hangup_engine::model::Connection;
use hangup_engine::{Conclusion, Options, Sink, ladders, report};
use hangup_report::{Csv, Json, List, Ndjson, Style, TextReport, story};
use libfuzzer_sys::fuzz_target;
use std::io;

fuzz_target!(|bytes: &[u8]| {
    let Some(one) = read(bytes, 0) else { return };
    let other = read(bytes, 0x9e37_79b9_7f4a_7c15);
    assert!(Some(&one) == other.as_ref(), "the seed changes the report");
    let harmful = one.pages.iter().flat_map(|page| page.chars()).find(|c| c.is_control() && *c != '\n');
    assert_eq!(harmful, None, "a control character reaches the terminal");
});

/// What every format makes of a capture.
#[derive(Default, PartialEq)]
struct Output {
    json: Vec<u8>,
    ndjson: Vec<u8>,
    csv: Vec<u8>,
    pages: Vec<String>,
}

fn read(bytes: &[u8], seed: u64) -> Option<Output> {
    let open =
        || Reader::from_bytes("fuzz", bytes.to_vec()).ok().map(|reader| Input::from_readers(vec![reader]));
    let options = Options { seed, ..Options::default() };
    let style = Style::default();
    let mut output = Output::default();
    let mut list = Vec::new();
    let (text, first, conclusion) = {
        let mut formats = Formats {
            json: Json::new(&mut output.json),
            ndjson: Ndjson::new(&mut output.ndjson),
            csv: Csv::new(&mut output.csv),
            list: List::new(&mut list, style.clone()),
            text: TextReport::new(),
            first: Vec::new(),
        };
        let conclusion =
            report(&mut open()?, &options, &mut formats, &mut |_, _| ()).expect("memory can be written");
        (formats.text, formats.first, conclusion)
    };

    let first: Vec<&Connection> = first.iter().collect();
    let drawn = ladders(&mut open()?, &options, &first, 64, &conclusion.marks, &mut |_, _| ());
    let mut page = Vec::new();
    text.render(&mut page, &drawn, &style).expect("memory can be written");
    output.pages = vec![utf8(list), utf8(page)];
    for (connection, ladder) in first.iter().zip(&drawn) {
        let mut page = Vec::new();
        story(&mut page, connection, ladder, &style).expect("memory can be written");
        output.pages.push(utf8(page));
    }
    Some(output)
}

fn utf8(page: Vec<u8>) -> String {
    String::from_utf8(page).expect("pages are UTF-8")
}

/// Every format at once, and the first connections for their stories.
struct Formats<'a> {
    json: Json<&'a mut Vec<u8>>,
    ndjson: Ndjson<&'a mut Vec<u8>>,
    csv: Csv<&'a mut Vec<u8>>,
    list: List<&'a mut Vec<u8>>,
    text: TextReport,
    first: Vec<Connection>,
}

impl Sink for Formats<'_> {
    fn connection(&mut self, connection: &Connection) -> io::Result<()> {
        if self.first.len() < 8 {
            self.first.push(connection.clone());
        }
        self.json.connection(connection)?;
        self.ndjson.connection(connection)?;
        self.csv.connection(connection)?;
        self.list.connection(connection)?;
        self.text.connection(connection)
    }

    fn conclude(&mut self, conclusion: &Conclusion) -> io::Result<()> {
        self.json.conclude(conclusion)?;
        self.ndjson.conclude(conclusion)?;
        self.csv.conclude(conclusion)?;
        self.list.conclude(conclusion)?;
        self.text.conclude(conclusion)
    }
}
