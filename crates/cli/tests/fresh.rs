//! What is generated and checked in is what would be generated now; help is read before it changes.

use std::path::PathBuf;
use std::process::Command;

fn printed(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_hangup"))
        .args(arguments)
        .env("COLUMNS", "80")
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn is_fresh(file: &str, arguments: &[&str]) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(file);
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(there == printed(arguments), "{file} is stale: hangup {} > {file}", arguments.join(" "));
}

#[test]
fn the_manual_page_is_fresh() {
    is_fresh("docs/man/hangup.1", &["man"]);
}

#[test]
fn completions_are_fresh() {
    for (file, shell) in [
        ("completions/hangup.bash", "bash"),
        ("completions/_hangup", "zsh"),
        ("completions/hangup.fish", "fish"),
        ("completions/hangup.elv", "elvish"),
        ("completions/_hangup.ps1", "powershell"),
    ] {
        is_fresh(file, &["completions", shell]);
    }
}

#[test]
fn help_teaches() {
    insta::assert_snapshot!("help", printed(&["--help"]));
    insta::assert_snapshot!("help_report", printed(&["report", "--help"]));
    insta::assert_snapshot!("help_show", printed(&["show", "--help"]));
    insta::assert_snapshot!("help_list", printed(&["list", "--help"]));
    insta::assert_snapshot!("help_explain", printed(&["explain", "--help"]));
}
