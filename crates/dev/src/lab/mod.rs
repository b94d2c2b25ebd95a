//! The lab: endings made by real programs in three network namespaces, captured at both ends, with the truth about them.
//!
//! What is true comes from what the scenario does, from the kernel and from the programs; hangup is not asked. It needs
//! root and Linux. Read in this order:
//!
//! - [`Scene`]: a scenario as it is written down; [`Truth`]: what is true of a connection;
//! - `network`: the namespaces; `program`: what runs in them; `child`: how it is ended; `way`: what happens between them; `recording`: the captures;
//!   `kernel`: the kernel's words;
//! - [`play`]: a scenario from its first step to its captures and label;
//! - [`Label`]: what is kept beside the captures, and what contradicts it;
//! - [`seal()`]: the hashes of a set that nobody may change unseen.

mod child;
mod kernel;
mod label;
mod network;
mod program;
mod recording;
mod scene;
mod seal;
mod stage;
mod truth;
mod way;

pub use label::{Incident, Label, Labelled};
pub use program::Fate;
pub use scene::{Deed, Ip, Scene, Step};
pub use seal::{is_sealed, seal};
pub use stage::{Played, play};
pub use truth::Truth;

use std::path::Path;
use std::process::Command;

/// The folder of the open set: whoever writes a rule may look at it.
pub const OPEN: &str = "lab";
/// The folder of the sealed set: nobody who writes a rule may.
pub const SEALED: &str = "lab/sealed";

/// What went wrong in the lab, in words.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct LabError(String);

impl LabError {
    fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }

    fn from_any(error: impl std::fmt::Display) -> Self {
        Self(error.to_string())
    }
}

impl From<std::io::Error> for LabError {
    fn from(error: std::io::Error) -> Self {
        Self::from_any(error)
    }
}

/// Why there can be no lab here, in one sentence; none where there can.
pub fn obstacle() -> Option<String> {
    if !cfg!(target_os = "linux") {
        return Some("the lab needs Linux: it is made of network namespaces".to_owned());
    }
    let id = Command::new("id").arg("-u").output();
    if id.map_or(true, |id| id.stdout.trim_ascii() != b"0") {
        return Some(
            "the lab needs root: it makes network namespaces and reads the kernel's trace".to_owned(),
        );
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let there = |tool: &str| std::env::split_paths(&path).any(|folder| folder.join(tool).is_file());
    let missing: Vec<&str> = TOOLS.iter().copied().filter(|tool| !there(tool)).collect();
    if !missing.is_empty() {
        return Some(format!("the lab needs {}; `.ci/lab` installs it", missing.join(", ")));
    }
    // Root in a container may not be root enough.
    let may = Command::new("unshare").args(["--net", "--mount", "true"]).output();
    if !may.is_ok_and(|may| may.status.success()) {
        return Some("the lab needs network namespaces, which may not be made here".to_owned());
    }
    let traces = Path::new("/sys/kernel/tracing").is_dir();
    (!traces).then(|| "the lab needs the kernel's trace (tracefs), which is not there".to_owned())
}

/// What the lab itself calls. The programs of the scenarios come on top.
const TOOLS: &[&str] =
    &["ip", "nft", "ethtool", "tcpdump", "ss", "sysctl", "mount", "unshare", "openssl", "python3"];

/// The names of the scenarios in a folder, sorted.
///
/// # Errors
/// Where the folder cannot be read.
pub fn names(folder: &Path) -> std::io::Result<Vec<String>> {
    let files = crate::markdown_files(folder)?;
    Ok(files.iter().filter_map(|file| Some(file.file_stem()?.to_str()?.to_owned())).collect())
}
