//! The machine in words.

use std::fs;
use std::process::Command;
use std::thread;

/// What figures depend on: processor, memory, system and compiler. No names.
pub(super) fn machine() -> String {
    let field = |path: &str, name: &str| {
        let text = fs::read_to_string(path).unwrap_or_default();
        let line = text.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.split_once(':')).map(|(_, value)| value.trim().to_owned())
    };
    let unknown = || "unknown".to_owned();
    let model = field("/proc/cpuinfo", "model name").unwrap_or_else(unknown);
    let virtual_one = fs::read_to_string("/proc/cpuinfo").is_ok_and(|text| text.contains(" hypervisor "));
    let kibibytes: u64 = field("/proc/meminfo", "MemTotal")
        .and_then(|value| value.trim_end_matches(" kB").parse().ok())
        .unwrap_or(0);
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let system = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_else(|_| unknown());
    format!(
        "{model}{}, {cores} {}, {} GiB of memory, {} {}, {}",
        if virtual_one { " (a virtual machine)" } else { "" },
        if cores == 1 { "core" } else { "cores" },
        (kibibytes + (1 << 19)) >> 20,
        std::env::consts::OS,
        system.trim(),
        rustc()
    )
}

/// The compiler and its version, as in `rustc 1.95.0`.
pub(crate) fn rustc() -> String {
    let done = Command::new("rustc").arg("--version").output();
    let said = done.map(|done| String::from_utf8_lossy(&done.stdout).into_owned()).unwrap_or_default();
    said.split(" (").next().unwrap_or_default().trim().to_owned()
}
