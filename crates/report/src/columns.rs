//! Small aligned tables.

use crate::wrap::{clip, pad, pad_left, width, wrap};

/// Columns that the last cell needs to stand beside the others.
const BESIDE: usize = 20;

/// A small table: the first columns are numbers and stand right, the last are words and stand left.
#[derive(Debug)]
pub(crate) struct Columns {
    heads: Vec<&'static str>,
    /// How many of the columns are numbers.
    numbers: usize,
    rows: Vec<Vec<String>>,
}

impl Columns {
    pub(crate) fn new(heads: &[&'static str], numbers: usize) -> Self {
        Self { heads: heads.to_vec(), numbers, rows: Vec::new() }
    }

    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// The table in lines, each at most `columns` wide: what does not fit of the last cell stands below, and is left
    /// out where it says nothing (`-`).
    pub(crate) fn lines(&self, columns: usize) -> Vec<String> {
        let mut heads: Vec<String> = self.heads.iter().map(|&head| head.to_owned()).collect();
        let mut widths: Vec<usize> = heads.iter().map(|head| width(head)).collect();
        for row in &self.rows {
            for (widest, cell) in widths.iter_mut().zip(row) {
                *widest = (*widest).max(width(cell));
            }
        }
        let before: usize = widths.iter().rev().skip(1).map(|widest| widest + 2).sum();
        let narrow = before + 2 + heads.last().map_or(0, |head| width(head)) > columns;
        if let [.., above, below] = &mut *heads
            && narrow
        {
            // It would stand alone on a second line.
            above.extend([" / ", &std::mem::take(below)]);
        }
        std::iter::once(&heads)
            .chain(&self.rows)
            .flat_map(|row| self.row_lines(row, &widths, columns, narrow))
            .collect()
    }

    /// `narrow`: not even the head of the last column has room beside the others.
    fn row_lines(&self, row: &[String], widths: &[usize], columns: usize, narrow: bool) -> Vec<String> {
        let Some((last, cells)) = row.split_last() else { return Vec::new() };
        let mut line = String::new();
        for (index, (cell, &widest)) in cells.iter().zip(widths).enumerate() {
            line.push_str("  ");
            if index < self.numbers {
                line.push_str(&pad_left(cell, widest));
            } else {
                line.push_str(&pad(cell, widest));
            }
        }
        if narrow && matches!(&**last, "" | "-") {
            return vec![clip(line.trim_end(), columns)];
        }
        line.push_str("  ");
        let room = columns.saturating_sub(width(&line));
        if width(last) <= room || (room >= BESIDE && last.contains(' ')) {
            return wrap(&line, last, columns).iter().map(|line| line.trim_end().to_owned()).collect();
        }
        // Too narrow for words, or one word that is too long: a line of its own.
        let mut lines = vec![clip(line.trim_end(), columns)];
        lines.extend(wrap("      ", last, columns).iter().map(|line| clip(line, columns)));
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_right_and_words_left() {
        let mut table = Columns::new(&["count", "verdict", "cause"], 1);
        table.row(vec!["100".into(), "normal".into(), "client-idle-pool-close".into()]);
        table.row(vec!["1".into(), "abnormal".into(), "the client gave up".into()]);
        assert_eq!(
            table.lines(44),
            [
                "  count  verdict   cause",
                "    100  normal    client-idle-pool-close",
                "      1  abnormal  the client gave up",
            ]
        );
        assert_eq!(
            table.lines(32),
            [
                "  count  verdict   cause",
                "    100  normal",
                "      client-idle-pool-close",
                "      1  abnormal",
                "      the client gave up",
            ]
        );
        table.row(vec!["1".into(), "open".into(), "the capture stopped before it had ended".into()]);
        assert_eq!(
            table.lines(44).split_off(3),
            ["      1  open      the capture stopped", "                   before it had ended"]
        );
    }
    #[test]
    fn where_the_last_column_has_no_room_its_head_stands_with_the_one_before() {
        let mut table = Columns::new(&["connections", "server", "name"], 1);
        table.row(vec!["2".into(), "[2001:db8:ad:1a1::eed]:443".into(), "www.example.org".into()]);
        table.row(vec!["1".into(), "[2001:db8::7]:443".into(), "-".into()]);
        assert_eq!(
            table.lines(44),
            [
                "  connections  server / name",
                "            2  [2001:db8:ad:1a1::eed]:443",
                "      www.example.org",
                "            1  [2001:db8::7]:443",
            ]
        );
    }
}
