//! Endings of real captures that were read by eye, as `docs/read-by-eye.md` lists them.

/// One ending that was read: a row of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The capture.
    pub file: String,
    /// hangup's number of the connection.
    pub connection: u64,
    /// The judgement from the packets alone: a verdict, and mostly a cause.
    pub own: String,
    /// What hangup says, in the same form.
    pub hangup: String,
    /// The two agree.
    pub agreed: bool,
}

impl Seen {
    /// The cause that hangup names; the verdict may stand before it.
    pub fn cause(&self) -> &str {
        let words = self.hangup.split([' ', ',']);
        words.clone().rfind(|word| word.contains('-')).unwrap_or(&self.hangup).trim_matches('`')
    }

    /// File and connection.
    pub fn place(&self) -> String {
        format!("{} #{}", self.file, self.connection)
    }
}

/// The rows of the page.
pub fn read_by_eye(markdown: &str) -> Vec<Seen> {
    let rows = markdown.lines().filter(|line| line.starts_with('|'));
    rows.filter_map(|row| {
        let cells: Vec<&str> = row.trim().trim_matches('|').split('|').map(str::trim).collect();
        let [file, connection, _, own, hangup, agreed, ..] = cells.as_slice() else { return None };
        Some(Seen {
            file: (*file).to_owned(),
            // The heading and the line below it have no number here.
            connection: connection.parse().ok()?,
            own: (*own).to_owned(),
            hangup: (*hangup).to_owned(),
            agreed: *agreed == "yes",
        })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::read_by_eye;

    #[test]
    fn rows_of_a_table() {
        let text = "# Read\n\n| file | connection | frames | own judgement | hangup | agreed |\n|---|---|---|---|---|---|\n\
                    | a.pcap | 3 | 1, 2 | gave up | abnormal client-gives-up | yes |\n| b | 0 | 4 | open | `still-open-at-end` | yes |\n";
        let rows: Vec<_> =
            read_by_eye(text).iter().map(|seen| (seen.cause().to_owned(), seen.place())).collect();
        assert_eq!(
            rows,
            [("client-gives-up".into(), "a.pcap #3".into()), ("still-open-at-end".into(), "b #0".into())]
        );
    }
}
