//! Progress on standard error, where somebody watches and it takes long.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

/// How long to wait before anything is shown.
const PATIENCE: Duration = Duration::from_secs(1);

/// Progress of one reading; shows nothing in its first second.
#[derive(Debug)]
pub(crate) struct Progress {
    begin: Instant,
    watched: bool,
    what: &'static str,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Of a reading that is called `what`; a quiet one is never shown.
    pub(crate) fn new(what: &'static str, quiet: bool) -> Self {
        Self { begin: Instant::now(), watched: !quiet && io::stderr().is_terminal(), what, bar: None }
    }

    /// So many bytes were read, of so many where that is known.
    pub(crate) fn at(&mut self, position: u64, total: Option<u64>) {
        if !self.watched || (self.bar.is_none() && self.begin.elapsed() < PATIENCE) {
            return;
        }
        let bar = self.bar.get_or_insert_with(|| bar(self.what, total));
        if let Some(total) = total {
            bar.set_length(total);
        }
        bar.set_position(position);
    }
}

impl Drop for Progress {
    /// Takes the bar away.
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn bar(what: &'static str, total: Option<u64>) -> ProgressBar {
    let (bar, template) = match total {
        Some(total) => (ProgressBar::new(total), "{msg} {wide_bar} {bytes} of {total_bytes}, {eta} left"),
        None => (ProgressBar::new_spinner(), "{msg} {spinner} {bytes}, {bytes_per_sec}"),
    };
    bar.set_draw_target(ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.set_message(what);
    bar
}
