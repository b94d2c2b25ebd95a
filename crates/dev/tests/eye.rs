//! The page of endings that were read by eye says what hangup says today, and its sums are right.
//!
//! The captures belong to others and are not part of this project. They are looked for beside it; where they are
//! missing, what hangup says is not checked, and the test says so.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use hangup_capture::Input;
use hangup_dev::{Seen, read_by_eye};
use hangup_engine::{Conclusion, Options, Sink, model::Connection};

const PAGE: &str = include_str!("../../../docs/read-by-eye.md");

/// The first word of a judgement is its verdict.
fn verdict(judgement: &str) -> &str {
    judgement.split(' ').next().unwrap_or_default()
}

#[test]
fn the_sums_are_those_of_the_rows() {
    let rows = read_by_eye(PAGE);
    let agreed = rows.iter().filter(|row| row.agreed).count();
    let alike = rows.iter().filter(|row| verdict(&row.own) == verdict(&row.hangup)).count();
    let sum =
        format!("{agreed} of {} agree in verdict and cause; {alike} have the same verdict.", rows.len());
    assert!(rows.len() >= 150, "{}", rows.len());
    assert!(PAGE.contains(&sum), "the page does not say: {sum}");
}

/// What hangup says of each connection.
#[derive(Default)]
struct Said(BTreeMap<u64, String>);

impl Sink for Said {
    fn connection(&mut self, connection: &Connection) -> io::Result<()> {
        let ending = &connection.ending;
        let cause = ending.cause.as_deref().unwrap_or("-");
        self.0.insert(connection.id, format!("{} {cause}", ending.verdict));
        Ok(())
    }

    fn conclude(&mut self, _: &Conclusion) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn the_rows_say_what_hangup_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/captures");
    if !folder.is_dir() {
        eprintln!("read by eye: skipped, no captures at ../shared/captures");
        return;
    }
    let mut files: BTreeMap<PathBuf, Vec<Seen>> = BTreeMap::new();
    for row in read_by_eye(PAGE) {
        files.entry(folder.join(&row.file)).or_default().push(row);
    }
    let mut stale = Vec::new();
    for (path, rows) in files {
        assert!(fs::metadata(&path).is_ok(), "{}: no such capture", path.display());
        let mut said = Said::default();
        let mut input = Input::open(&[path]).unwrap();
        hangup_engine::report(&mut input, &Options::default(), &mut said, &mut |_, _| ()).unwrap();
        for Seen { file, connection, hangup, .. } in rows {
            let now = said.0.get(&connection).map_or("no such connection", String::as_str);
            // Where no cause is named the page has a word of its own for that, or none.
            let same = now == hangup
                || now.strip_suffix(" -").is_some_and(|now| verdict(&hangup) == now && !hangup.contains('-'));
            if !same {
                stale.push(format!("{file} {connection}: the page says {hangup}, hangup {now}"));
            }
        }
    }
    assert!(stale.is_empty(), "{}", stale.join("\n"));
}
