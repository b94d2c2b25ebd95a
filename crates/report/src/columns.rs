//! Small aligned tables.

use crate::wrap::{clip, pad, pad_left, width};

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

    /// The table in lines, each at most `columns` wide: the last cell is cut to fit.
    pub(crate) fn lines(&self, columns: usize) -> Vec<String> {
        let heads: Vec<String> = self.heads.iter().map(|&head| head.to_owned()).collect();
        let mut widths: Vec<usize> = heads.iter().map(|head| width(head)).collect();
        for row in &self.rows {
            for (widest, cell) in widths.iter_mut().zip(row) {
                *widest = (*widest).max(width(cell));
            }
        }
        std::iter::once(&heads).chain(&self.rows).map(|row| self.line(row, &widths, columns)).collect()
    }

    fn line(&self, row: &[String], widths: &[usize], columns: usize) -> String {
        let mut line = String::new();
        for (index, (cell, &widest)) in row.iter().zip(widths).enumerate() {
            line.push_str("  ");
            if index < self.numbers {
                line.push_str(&pad_left(cell, widest));
            } else {
                line.push_str(&pad(cell, widest));
            }
        }
        clip(line.trim_end(), columns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_right_and_words_left() {
        let mut table = Columns::new(&["count", "verdict", "cause"], 1);
        table.row(vec!["100".into(), "normal".into(), "client-idle-pool-close".into()]);
        table.row(vec!["1".into(), "abnormal".into(), "client-gives-up".into()]);
        assert_eq!(
            table.lines(32),
            [
                "  count  verdict   cause",
                "    100  normal    client-idle..",
                "      1  abnormal  client-give..",
            ]
        );
    }
}
