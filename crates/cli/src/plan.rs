//! What is to be done, once everything that was typed is understood.

use crate::args::{Colour, FailOn, FilterArgs, Format, ListArgs, LookArgs, ReportArgs, ShowArgs};
use crate::failure::Failure;
use crate::{printer, size, when, zone};
use hangup_engine::{Limits, Options};
use hangup_report::{Filter, Only, Style, Zone};
use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, SocketAddr};
use std::num::NonZero;
use std::path::{Path, PathBuf};

/// What is to be done. Nothing in it is left to be parsed.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) files: Vec<PathBuf>,
    pub(crate) options: Options,
    pub(crate) filter: Filter,
    pub(crate) format: Format,
    pub(crate) output: Option<PathBuf>,
    pub(crate) fail_on: Option<FailOn>,
    pub(crate) style: Style,
    pub(crate) quiet: bool,
}

/// Which connection is to be shown.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// The one of this number.
    Number(u64),
    /// The one of this frame.
    Frame {
        /// Index of the capture.
        capture: u32,
        /// Its number there.
        frame: u64,
    },
    /// One of this address and port.
    End(IpAddr, u16),
}

impl Plan {
    /// The plan of a report.
    pub(crate) fn report(args: ReportArgs) -> Result<Self, Failure> {
        let mut plan = Self::new(args.files, &args.look, args.output.is_some())?;
        plan.options.reported = args.at.as_deref().map(|text| when::reported(text, "--at")).transpose()?;
        plan.options.error = args.error;
        plan.filter = filter(args.filter, &plan.style.zone)?;
        plan.format = args.format;
        plan.output = args.output;
        plan.fail_on = args.fail_on;
        Ok(plan)
    }

    /// The plan of a list.
    pub(crate) fn list(args: ListArgs) -> Result<Self, Failure> {
        let mut plan = Self::new(args.files, &args.look, false)?;
        plan.filter = filter(args.filter, &plan.style.zone)?;
        Ok(plan)
    }

    /// The plan of showing one connection.
    pub(crate) fn show(args: ShowArgs) -> Result<(Self, Wanted), Failure> {
        let mut files = args.files;
        let wanted = match (args.connection, args.frame) {
            (Some(number), _) => Wanted::Number(number),
            (None, Some(frame)) => self::frame(&frame)?,
            (None, None) => {
                let end = files.iter().position(|file| end(file).is_some());
                let (ip, port) = end.and_then(|index| self::end(&files.remove(index))).ok_or_else(|| {
                    Failure::usage("which connection is to be shown?")
                        .hinted("add --connection 73, --frame 48102 or 10.0.0.5:50222")
                        .hinted("hangup list FILE names all connections")
                })?;
                Wanted::End(ip, port)
            }
        };
        if files.is_empty() {
            return Err(Failure::usage("no capture was named").hinted("hangup show FILE 10.0.0.5:50222"));
        }
        Ok((Self::new(files, &args.look, false)?, wanted))
    }

    fn new(files: Vec<PathBuf>, look: &LookArgs, to_file: bool) -> Result<Self, Failure> {
        let inputs = files.iter().filter(|file| file.as_os_str() == "-").count();
        if inputs > 1 {
            return Err(Failure::usage("standard input can be read only once").hinted("give - only once"));
        }
        let zone = zone::zone(look.tz.as_deref())?;
        let limits = look.max_memory.as_deref().map(|text| size::memory(text, "--max-memory")).transpose()?;
        let options = Options {
            limits: limits.map(Limits::within).unwrap_or_default(),
            zone: zone.zone.clone(),
            zone_name: zone.name.clone(),
            zone_assumed: look.tz.is_none(),
            threads: look.threads.map_or_else(processors, NonZero::get),
            // Nobody who makes packets can know it.
            seed: RandomState::new().hash_one(0),
            ..Options::default()
        };
        let colour = coloured(look.color, to_file);
        Ok(Self {
            files,
            options,
            filter: Filter { zone: zone.clone(), ..Filter::default() },
            format: Format::Text,
            output: None,
            fail_on: None,
            style: Style { width: printer::width(to_file), colour, zone },
            quiet: look.quiet,
        })
    }
}

/// Processors that this program may use.
fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}

/// Whether colours are used.
pub(crate) fn coloured(colour: Colour, to_file: bool) -> bool {
    match colour {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => !to_file && printer::wants_colour(),
    }
}

fn filter(args: FilterArgs, zone: &Zone) -> Result<Filter, Failure> {
    Ok(Filter {
        hosts: args.host,
        ports: args.port,
        since: args.since.as_deref().map(|text| when::edge(text, "--since")).transpose()?,
        until: args.until.as_deref().map(|text| when::edge(text, "--until")).transpose()?,
        only: args.only.iter().map(|text| only(text)).collect::<Result<_, _>>()?,
        zone: zone.clone(),
    })
}

fn only(text: &str) -> Result<Only, Failure> {
    match text.split_once('=') {
        Some(("cause", cause)) if !cause.is_empty() => Ok(Only::Cause(cause.into())),
        None if ["normal", "abnormal", "undecided", "open"].contains(&text) => Ok(Only::Verdict(text.into())),
        _ => Err(Failure::usage(format!("--only {text}: this is neither a verdict nor a cause"))
            .hinted("type normal, abnormal, undecided, open, or cause=ID such as cause=client-gives-up")),
    }
}

/// `17`, or `1:17` for frame 17 of the second capture.
fn frame(text: &str) -> Result<Wanted, Failure> {
    let (capture, frame) = text.split_once(':').unwrap_or(("0", text));
    match (capture.parse(), frame.parse()) {
        (Ok(capture), Ok(frame)) if frame > 0 => Ok(Wanted::Frame { capture, frame }),
        _ => Err(Failure::usage(format!("--frame {text}: this is no frame number"))
            .hinted("frames count from 1; of several captures 1:17 is frame 17 of the second")),
    }
}

/// An address and a port, unless there is a file of that name.
fn end(path: &Path) -> Option<(IpAddr, u16)> {
    let end: SocketAddr = path.to_str()?.parse().ok()?;
    (!path.exists()).then(|| (end.ip(), end.port()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_takes_verdicts_and_causes() {
        assert_eq!(only("abnormal").unwrap(), Only::Verdict("abnormal".into()));
        assert_eq!(only("cause=x").unwrap(), Only::Cause("x".into()));
        for text in ["", "cause=", "cause", "weird", "verdict=normal"] {
            assert!(only(text).is_err(), "{text}");
        }
    }

    #[test]
    fn frames_count_from_one() {
        assert_eq!(frame("17").unwrap(), Wanted::Frame { capture: 0, frame: 17 });
        assert_eq!(frame("1:17").unwrap(), Wanted::Frame { capture: 1, frame: 17 });
        for text in ["0", "x", "1:", ":1", "1:2:3", "-1"] {
            assert!(frame(text).is_err(), "{text}");
        }
    }

    #[test]
    fn ends_are_addresses_with_ports() {
        assert_eq!(end(Path::new("10.0.0.5:50222")), Some(("10.0.0.5".parse().unwrap(), 50222)));
        assert_eq!(end(Path::new("[2001:db8::1]:443")), Some(("2001:db8::1".parse().unwrap(), 443)));
        assert_eq!(end(Path::new("trace.pcap")), None);
    }
}
