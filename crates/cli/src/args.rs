//! What may be typed.

use clap::{Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use std::ffi::{OsStr, OsString};
use std::net::IpAddr;
use std::num::NonZero;
use std::path::PathBuf;

/// Subcommands; anything else that stands first is a file to report on.
pub(crate) const COMMANDS: [&str; 7] = ["report", "show", "list", "explain", "completions", "man", "help"];

/// Reads packet captures and says who hung up, how, and why
///
/// hangup reads packet captures (pcap, pcapng, also compressed), follows every TCP connection and the TLS session on
/// it, and says for each who ended it, how, whether that is normal, and why. `hangup FILE` means `hangup report
/// FILE`.
#[derive(Debug, Parser)]
#[command(
    name = "hangup",
    version,
    arg_required_else_help = true,
    subcommand_required = true,
    disable_help_subcommand = true,
    after_help = EXAMPLES,
)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXAMPLES: &str = "\
Examples:
  hangup trace.pcapng
      who ended which connection, and which endings are not normal
  hangup trace.pcapng --at 11:15 --error \"FRM-92102\"
      which ending is the one that somebody noticed at 11:15
  hangup show trace.pcapng --connection 73
      one connection from its first packet to its last
  hangup list trace.pcapng | grep abnormal
      one line a connection
  hangup explain \"connection reset by peer\"
      what an error text, a cause or a term means
  tcpdump -w - port 443 | hangup report -
      reads standard input until it ends

Exit status:
  0  read whole
  1  read, but an input was cut, damaged or unreadable
  2  nothing could be read, bad usage, or the output could not be written
  3  with --fail-on abnormal: there was an abnormal ending
  130  interrupted";

const REPORT_EXAMPLES: &str = "\
Examples:
  hangup report trace.pcapng
  hangup report trace.pcapng --at 11:15 --tz Europe/Berlin --error \"reset\"
  hangup report ring/ --since 11:00 --until 11:30 --only abnormal
  hangup report trace.pcapng --format json -o report.json
  hangup report trace.pcapng --host 192.0.2.7 --fail-on abnormal --quiet";

const SHOW_EXAMPLES: &str = "\
Examples:
  hangup show trace.pcapng --connection 73
  hangup show trace.pcapng --frame 48102
  hangup show trace.pcapng 10.0.0.5:50222";

const LIST_EXAMPLES: &str = "\
Examples:
  hangup list trace.pcapng
  hangup list trace.pcapng --only abnormal
  hangup list trace.pcapng | awk '$8 == \"abnormal\" { print $1, $11 }'";

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  hangup explain
  hangup explain ORA-03113
  hangup explain what is an Encrypted Alert
  hangup explain keepalive-race

Exit status:
  0  explained
  2  nothing is known by that name; what looks like it is named";

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Say who ended which connection, and why: the answer first, then the evidence
    #[command(after_help = REPORT_EXAMPLES)]
    Report(ReportArgs),
    /// Show one connection from its first packet to its last
    #[command(after_help = SHOW_EXAMPLES)]
    Show(ShowArgs),
    /// List connections, one a line
    #[command(after_help = LIST_EXAMPLES)]
    List(ListArgs),
    /// Explain a cause, a term or an error text in plain words; alone: list all of them
    #[command(after_help = EXPLAIN_EXAMPLES)]
    Explain(ExplainArgs),
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page (roff)
    Man,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ReportArgs {
    /// Captures, folders of captures, or - for standard input; several are read as one, in order of time
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// When somebody noticed it: 11:15, 11:15:30, "2015-08-17 11:15" or RFC 3339
    #[arg(long, value_name = "TIME", help_heading = "What happened")]
    pub(crate) at: Option<String>,
    /// What the program or its log said, such as "ORA-03113" or "connection reset by peer"
    #[arg(long, value_name = "TEXT", help_heading = "What happened")]
    pub(crate) error: Option<String>,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    /// Form of the report
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Text, help_heading = "Output")]
    pub(crate) format: Format,
    /// Write to this file; it appears only when it is whole
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    pub(crate) output: Option<PathBuf>,
    /// Exit with 3 if a shown ending is of this kind
    #[arg(long, value_enum, value_name = "KIND", help_heading = "Output")]
    pub(crate) fail_on: Option<FailOn>,
    #[command(flatten)]
    pub(crate) look: LookArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ShowArgs {
    /// Captures, and the IP:PORT of one end unless --connection or --frame is given
    #[arg(required = true, value_name = "FILE|IP:PORT")]
    pub(crate) files: Vec<PathBuf>,
    /// The connection's number, as in the report and in Wireshark's tcp.stream
    #[arg(short, long, value_name = "N")]
    pub(crate) connection: Option<u64>,
    /// A frame of the connection; of several captures 1:17 is frame 17 of the second
    #[arg(short, long, value_name = "N", conflicts_with = "connection")]
    pub(crate) frame: Option<String>,
    #[command(flatten)]
    pub(crate) look: LookArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ListArgs {
    /// Captures, folders of captures, or - for standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    #[command(flatten)]
    pub(crate) look: LookArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ExplainArgs {
    /// A cause such as keepalive-race, a term such as RST, or an error text; several words are one
    #[arg(value_name = "CAUSE|TERM|ERROR TEXT")]
    pub(crate) what: Vec<String>,
    /// Whether to use colours
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Colour::Auto, help_heading = "Output")]
    pub(crate) color: Colour,
}

/// Filters change what is shown, never numbers, verdicts or baselines.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "What is shown")]
pub(crate) struct FilterArgs {
    /// Only connections of this address; may be given several times
    #[arg(long, value_name = "IP")]
    pub(crate) host: Vec<IpAddr>,
    /// Only connections of this port; may be given several times
    #[arg(long, value_name = "N")]
    pub(crate) port: Vec<u16>,
    /// Only connections that were there at or after this time
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<String>,
    /// Only connections that were there at or before this time
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<String>,
    /// Only these endings: normal, abnormal, undecided, open or cause=ID; may be given several times
    #[arg(long, value_name = "WHICH")]
    pub(crate) only: Vec<String>,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct LookArgs {
    /// Time zone of times read and told, such as Europe/Berlin or +02:00; else the local one
    #[arg(long, value_name = "ZONE")]
    pub(crate) tz: Option<String>,
    /// Memory to stay below, such as 512M or 4G; near it the oldest idle connections are judged early, and that is said
    #[arg(long, value_name = "SIZE", help_heading = "Reading")]
    pub(crate) max_memory: Option<String>,
    /// Threads to work with at most; else as many as there are processors. It changes nothing but the time
    #[arg(short = 'j', long, value_name = "N", help_heading = "Reading")]
    pub(crate) threads: Option<NonZero<usize>>,
    /// Whether to use colours
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Colour::Auto)]
    pub(crate) color: Colour,
    /// No progress and no remarks, only errors
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

/// Forms of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// One document of the schema hangup/1
    Json,
    /// One object a line
    Ndjson,
    /// One line a connection, for spreadsheets
    Csv,
}

/// Kinds of endings that make the exit status 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Abnormal endings
    Abnormal,
}

/// Whether to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Colour {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Reads the command line. `hangup FILE` and `hangup --at 11:15 FILE` are reports.
pub(crate) fn parse(typed: impl IntoIterator<Item = OsString>) -> Result<Args, clap::Error> {
    Args::try_parse_from(with_command(typed.into_iter().collect()))
}

fn with_command(mut typed: Vec<OsString>) -> Vec<OsString> {
    let first = typed.get(1).and_then(|first| first.to_str());
    let known = |word: &str| COMMANDS.contains(&word) || ["-h", "--help", "-V", "--version"].contains(&word);
    if first == Some("help") {
        // `hangup help show` and `hangup show --help` are the same.
        typed.remove(1);
        typed.push(OsStr::new("--help").to_owned());
    } else if typed.len() > 1 && !first.is_some_and(known) {
        typed.insert(1, "report".into());
    }
    typed
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn parsed(typed: &[&str]) -> Result<Args, clap::Error> {
        parse(std::iter::once("hangup").chain(typed.iter().copied()).map(OsString::from))
    }

    #[test]
    fn the_definition_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn a_file_alone_is_a_report() {
        for typed in
            [&["trace.pcap"][..], &["--at", "11:15", "trace.pcap"], &["-"], &["--quiet", "trace.pcap"]]
        {
            let Ok(Args { command: Command::Report(report) }) = parsed(typed) else { panic!("{typed:?}") };
            assert_eq!(report.files.len(), 1, "{typed:?}");
        }
        assert!(matches!(parsed(&["show", "a.pcap", "-c", "3"]), Ok(Args { command: Command::Show(_) })));
        assert!(matches!(parsed(&["list", "a.pcap"]), Ok(Args { command: Command::List(_) })));
    }

    #[test]
    fn help_is_help_wherever_it_stands() {
        for typed in [&["help", "show"][..], &["show", "--help"], &["--help"], &["help"]] {
            let kind = parsed(typed).map(|_| ()).unwrap_err().kind();
            assert_eq!(kind, clap::error::ErrorKind::DisplayHelp, "{typed:?}");
        }
    }
}
