//! The whole story of one connection, from its first packet to its last.

use crate::detail::detail;
use crate::ladder::ladder;
use crate::page::Page;
use crate::style::Style;
use hangup_engine::Ladder;
use hangup_engine::model::Connection;
use std::io::{self, Write};

/// Writes how `connection` ended and why, then all of `packets` as a ladder.
///
/// # Errors
/// Whatever writing gives.
pub fn story(
    out: &mut dyn Write,
    connection: &Connection,
    packets: &Ladder,
    style: &Style,
) -> io::Result<()> {
    let mut page = Page::new(style);
    detail(&mut page, "", connection, None, &[], None);
    page.heading("packets");
    page.wrapped("  ", &format!("Seconds count from the connection's first packet. Acts of closing are drawn with = signs. Clock times are {}.", style.zone.name));
    page.blank();
    page.lines(ladder(connection, packets, 2, style));
    out.write_all(page.into_text().trim_start_matches('\n').as_bytes())?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_story_from_start_to_end() {
        let mut out = Vec::new();
        story(&mut out, &sample::morning()[2], &sample::ladder(), &Style::default()).unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap());
    }
}
