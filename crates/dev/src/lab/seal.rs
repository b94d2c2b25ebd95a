//! The seal on a set: a hash of each of its files, so that nobody changes one unseen.

use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

/// What a set is made of.
const FOLDERS: &[&str] = &["scenarios", "captures", "labels", "keys"];
/// Where the seal is kept in the folder of its set; `sha256sum --check` reads it.
const SUMS: &str = "SHA256SUMS";

/// Seals a set as it is now.
///
/// # Errors
/// Where a file cannot be read or written.
pub fn seal(set: &Path) -> io::Result<()> {
    fs::write(set.join(SUMS), sums(set)?)
}

/// Whether a set is as it was when it was sealed.
///
/// # Errors
/// Where a file cannot be read, or where there is no seal.
pub fn is_sealed(set: &Path) -> io::Result<bool> {
    Ok(fs::read_to_string(set.join(SUMS))? == sums(set)?)
}

/// Hash and path of every file, in the order of their paths.
fn sums(set: &Path) -> io::Result<String> {
    let mut paths = Vec::new();
    for folder in FOLDERS {
        for entry in fs::read_dir(set.join(folder))? {
            paths.push(format!("{folder}/{}", entry?.file_name().to_string_lossy()));
        }
    }
    paths.sort();
    let mut sums = String::new();
    for path in paths {
        for byte in Sha256::digest(fs::read(set.join(&path))?) {
            let _ = write!(sums, "{byte:02x}");
        }
        let _ = writeln!(sums, "  {path}");
    }
    Ok(sums)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_an_added_and_a_missing_file_break_the_seal() {
        let set = std::env::temp_dir().join(format!("hangup-seal-{}", std::process::id()));
        for folder in FOLDERS {
            fs::create_dir_all(set.join(folder)).unwrap();
        }
        let (label, other) = (set.join("labels/a.json"), set.join("keys/a.keys"));
        fs::write(&label, "abc").unwrap();
        seal(&set).unwrap();
        // SHA-256 of "abc", from FIPS 180-4.
        let hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(fs::read_to_string(set.join(SUMS)).unwrap(), format!("{hash}  labels/a.json\n"));
        assert!(is_sealed(&set).unwrap());
        fs::write(&label, "abd").unwrap();
        assert!(!is_sealed(&set).unwrap());
        fs::write(&label, "abc").unwrap();
        fs::write(&other, "").unwrap();
        assert!(!is_sealed(&set).unwrap());
        fs::remove_file(&other).unwrap();
        assert!(is_sealed(&set).unwrap());
        fs::remove_file(&label).unwrap();
        assert!(!is_sealed(&set).unwrap());
        fs::remove_dir_all(&set).unwrap();
    }
}
