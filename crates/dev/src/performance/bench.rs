//! What is measured, with what, and where.

use super::Call;
use std::fs;
use std::path::{Path, PathBuf};

/// What is measured, with what, and where.
#[derive(Clone, Debug)]
pub struct Bench {
    /// The binary that is measured.
    pub hangup: PathBuf,
    /// This program, which generates captures and walks over them.
    pub own: PathBuf,
    /// Where captures are written.
    pub folder: PathBuf,
    /// They stay there.
    pub keep: bool,
    /// Also the largest loads.
    pub all: bool,
    /// The processors of this process, by number.
    cores: Vec<u32>,
}

/// Runs of what is compared, of which the best counts.
pub(super) const TIMES: usize = 5;
/// The same for what takes long.
pub(super) const FEW_TIMES: usize = 3;

impl Bench {
    /// A bench in `folder`, with all processors that this process may use.
    pub fn new(hangup: PathBuf, own: PathBuf, folder: PathBuf) -> Self {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
        Self { hangup, own, folder, keep: false, all: false, cores: cores(list.unwrap_or("0")) }
    }

    /// hangup, on one core.
    pub(super) fn hangup(&self, arguments: &[&str], files: &[&Path]) -> Call {
        Call::new(&self.hangup).with(["report", "--quiet"]).with(arguments).with(files).on(&self.one())
    }

    /// The walk over a capture's record headers, on one core.
    pub(super) fn walk(&self, file: &Path) -> Call {
        Call::new(&self.own).with(["walk".as_ref(), file.as_os_str()]).on(&self.one())
    }

    /// The core on which all runs that may use only one: the last, as the first serves most interrupts.
    pub(super) fn one(&self) -> String {
        self.cores.last().copied().unwrap_or(0).to_string()
    }

    /// Two cores, where there are as many.
    pub(super) fn two(&self) -> Option<String> {
        let [.., other, one] = self.cores.as_slice() else { return None };
        Some(format!("{other},{one}"))
    }
}

/// Reads a list of processors such as `0-3,8`.
fn cores(list: &str) -> Vec<u32> {
    let mut cores = Vec::new();
    for part in list.trim().split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        if let (Ok(first), Ok(last)) = (first.parse::<u32>(), last.parse()) {
            cores.extend(first..=last);
        }
    }
    cores
}

#[cfg(test)]
mod tests {
    #[test]
    fn processors_stand_in_ranges() {
        assert_eq!(super::cores("\t0-2,8\n"), [0, 1, 2, 8]);
    }
}
