//! The ladder, parsed: what happens, and nothing yet of how it looks on the wire.

mod number;
mod step;
mod words;

use std::net::IpAddr;

use hangup_wire::{PerSide, Timestamp};

use crate::StoryError;
use crate::tls::Choice;
pub(crate) use number::Span;
pub(crate) use step::{Fate, Fields, Icmp, Item, Message, Packet, Place, Step, Trouble};

/// A parsed ladder.
#[derive(Clone, Debug)]
pub struct Script {
    /// When the capture's clock begins.
    pub(crate) start: Timestamp,
    /// What the chance of the story begins with.
    pub(crate) seed: u64,
    /// Its connections, in the order in which they are written.
    pub(crate) connections: Vec<Connection>,
}

/// One connection, or one kind of connection that is repeated.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    /// Its name; empty where the ladder has only one.
    pub(crate) name: String,
    /// Line of its first word.
    pub(crate) line: usize,
    /// Nanoseconds from the script's start to its first step.
    pub(crate) begin: Span,
    /// How often, and how.
    pub(crate) repeat: Repeat,
    /// Everything that is not a step.
    pub(crate) settings: Settings,
    /// Its steps.
    pub(crate) steps: Vec<Step>,
}

/// `repeat 99 every 86s jitter 20s`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Repeat {
    /// How many there are.
    pub(crate) times: u64,
    /// Nanoseconds from one to the next.
    pub(crate) every: u64,
    /// Nanoseconds by which each may be later.
    pub(crate) jitter: u64,
}

/// The world of a connection.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Addresses and ports.
    pub(crate) ends: PerSide<End>,
    /// By how much the client's port grows from one copy to the next.
    pub(crate) port_step: Span,
    /// Round-trip time in nanoseconds.
    pub(crate) rtt: Span,
    /// Where the capture was made.
    pub(crate) point: Point,
    /// TLS, where it is spoken.
    pub(crate) tls: Option<Choice>,
    /// Hop limits as the capture shows them.
    pub(crate) ttl: Option<PerSide<u8>>,
    /// TCP timestamps are negotiated.
    pub(crate) timestamps: bool,
    /// Largest payload of a segment, before options.
    pub(crate) mss: u16,
}

/// One end of a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct End {
    /// Its address.
    pub(crate) ip: IpAddr,
    /// Its port.
    pub(crate) port: u16,
}

/// Where a capture was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Point {
    /// On the client's host.
    Client,
    /// Halfway.
    Middle,
    /// On the server's host.
    Server,
}

impl Script {
    /// Parses the lines of a ladder; each comes with its line number.
    ///
    /// # Errors
    /// Where a line does not follow the grammar (`docs/stories.md`).
    pub fn parse(lines: &[(usize, &str)]) -> Result<Self, StoryError> {
        let mut reader = Reader::default();
        for &(line, text) in lines {
            let words = words::split(text).map_err(|what| StoryError::new(line, what))?;
            if !words.is_empty() {
                reader.line(line, &words).map_err(|what| StoryError::new(line, what))?;
            }
        }
        reader.finish()
    }

    /// The names of its connections.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.connections.iter().map(|connection| connection.name.as_str())
    }
}

impl Default for Settings {
    fn default() -> Self {
        let end = |last, port| End { ip: IpAddr::from([192, 0, 2, last]), port };
        Self {
            ends: PerSide { client: end(10, 50222), server: end(80, 443) },
            port_step: Span::of(1),
            rtt: Span::of(20_000_000),
            point: Point::Client,
            tls: None,
            ttl: None,
            timestamps: true,
            mss: 1460,
        }
    }
}

/// A ladder that is being read.
#[derive(Default)]
struct Reader {
    start: Option<Timestamp>,
    seed: u64,
    /// What later connections begin with.
    defaults: Settings,
    connections: Vec<Connection>,
}

impl Reader {
    fn line(&mut self, line: usize, words: &[String]) -> Result<(), String> {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let Some((&first, rest)) = words.split_first() else { return Ok(()) };
        let arrow_next = matches!(rest.first(), Some(&(">" | "<")));
        match (first, rest) {
            ("start", [when]) => self.start = Some(moment(when)?),
            ("seed", [number]) => self.seed = number.parse().map_err(|_| format!("no number: {number}"))?,
            ("connection", [name]) => self.open(line, name)?,
            ("begin", [span]) => self.current(line).begin = Span::durations(span)?,
            ("repeat", [times, rest @ ..]) => self.current(line).repeat = repeat(times, rest)?,
            ("start" | "seed" | "connection" | "begin" | "repeat", _) => {
                return Err(format!("`{first}` has too few or too many words"));
            }
            (">" | "<" | "maybe" | "ICMP" | "lost", _) => self.step(line, &words)?,
            ("client", _) if arrow_next => self.step(line, &words)?,
            (delay, _) if delay.starts_with('+') => self.step(line, &words)?,
            _ => self.settings().set(first, rest)?,
        }
        Ok(())
    }

    fn open(&mut self, line: usize, name: &str) -> Result<(), String> {
        if self.connections.iter().any(|other| other.name == name || other.name.is_empty()) {
            return Err(format!("a second connection `{name}`, or steps before the first `connection` line"));
        }
        let settings = self.defaults.clone();
        let repeat = Repeat { times: 1, every: 0, jitter: 0 };
        let begin = Span::of(0);
        let name = name.to_owned();
        self.connections.push(Connection { name, line, begin, repeat, settings, steps: Vec::new() });
        Ok(())
    }

    /// The connection that is being written; a ladder without `connection` lines has one without a name.
    fn current(&mut self, line: usize) -> &mut Connection {
        if self.connections.is_empty() {
            // Cannot fail: there is no other connection yet.
            let _ = self.open(line, "");
        }
        let last = self.connections.len() - 1;
        #[expect(clippy::indexing_slicing, reason = "one was pushed above where there was none")]
        &mut self.connections[last]
    }

    fn step(&mut self, line: usize, words: &[&str]) -> Result<(), String> {
        let step = Step::parse(line, words)?;
        self.current(line).steps.push(step);
        Ok(())
    }

    fn settings(&mut self) -> &mut Settings {
        match self.connections.last_mut() {
            Some(connection) => &mut connection.settings,
            None => &mut self.defaults,
        }
    }

    fn finish(self) -> Result<Script, StoryError> {
        for connection in &self.connections {
            if connection.steps.is_empty() {
                return Err(StoryError::new(connection.line, "a connection without a step"));
            }
            let ends = connection.settings.ends;
            if ends.client.ip.is_ipv4() != ends.server.ip.is_ipv4() {
                return Err(StoryError::new(connection.line, "one end speaks IPv4 and the other IPv6"));
            }
        }
        if self.connections.is_empty() {
            return Err(StoryError::new(0, "a ladder without a step"));
        }
        let start = self.start.unwrap_or(Timestamp::new(1_439_794_443, 0));
        Ok(Script { start, seed: self.seed, connections: self.connections })
    }
}

impl Settings {
    fn set(&mut self, key: &str, values: &[&str]) -> Result<(), String> {
        match (key, values) {
            ("client", [end]) => self.ends.client = End::parse(end)?,
            ("client", [end, "then", step]) => {
                self.ends.client = End::parse(end)?;
                self.port_step = Span::numbers(step.trim_start_matches('+'))?;
            }
            ("server", [end]) => self.ends.server = End::parse(end)?,
            ("rtt", [span]) => self.rtt = Span::durations(span)?,
            ("at", ["client"]) => self.point = Point::Client,
            ("at", ["middle"]) => self.point = Point::Middle,
            ("at", ["server"]) => self.point = Point::Server,
            ("tls", words) => self.tls = Some(Choice::parse(words)?),
            ("ttl", ["client", client, "server", server]) => {
                let hops = |text: &str| text.parse().map_err(|_| format!("no hop limit: {text}"));
                self.ttl = Some(PerSide { client: hops(client)?, server: hops(server)? });
            }
            ("timestamps", ["on"]) => self.timestamps = true,
            ("timestamps", ["off"]) => self.timestamps = false,
            ("mss", [bytes]) => {
                self.mss = bytes
                    .parse()
                    .ok()
                    .filter(|mss| *mss >= 100)
                    .ok_or("the mss is a number from 100 to 65535")?;
            }
            _ => {
                let words = [&[key], values].concat().join(" ");
                return Err(format!("neither a setting nor a step: `{words}`"));
            }
        }
        Ok(())
    }

    /// The hop limits that the capture shows: seven hops lie between the two ends unless the story says otherwise.
    pub(crate) fn hop_limits(&self) -> PerSide<u8> {
        self.ttl.unwrap_or(match self.point {
            Point::Client => PerSide { client: 64, server: 57 },
            Point::Middle => PerSide { client: 61, server: 60 },
            Point::Server => PerSide { client: 57, server: 64 },
        })
    }
}

impl End {
    fn parse(text: &str) -> Result<Self, String> {
        let socket: std::net::SocketAddr = text
            .parse()
            .map_err(|_| format!("no address and port: `{text}` (10.0.0.5:443 or [2001:db8::5]:443)"))?;
        Ok(Self { ip: socket.ip(), port: socket.port() })
    }
}

fn moment(text: &str) -> Result<Timestamp, String> {
    let moment: jiff::Timestamp =
        text.parse().map_err(|_| format!("no moment: `{text}` (2015-08-17T08:54:03+02:00)"))?;
    Ok(Timestamp::new(moment.as_second(), i64::from(moment.subsec_nanosecond())))
}

fn repeat(times: &str, rest: &[&str]) -> Result<Repeat, String> {
    let times = times.parse().ok().filter(|times| (1..=10_000).contains(times));
    let times = times.ok_or("repeat: how often? (1 to 10000)")?;
    match rest {
        ["every", every] => Ok(Repeat { times, every: number::duration(every)?, jitter: 0 }),
        ["every", every, "jitter", jitter] => {
            Ok(Repeat { times, every: number::duration(every)?, jitter: number::duration(jitter)? })
        }
        _ => Err("repeat N every DURATION [jitter DURATION]".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Script, StoryError> {
        let lines: Vec<(usize, &str)> = text.lines().enumerate().map(|(at, line)| (at + 1, line)).collect();
        Script::parse(&lines)
    }

    #[test]
    fn headers_before_the_first_connection_are_for_all() {
        let script = parse(
            "start 2015-08-17T08:54:03+02:00\nrtt 10ms\nconnection a\n> SYN\nconnection b\nrtt 30ms\n> SYN\n",
        )
        .unwrap();
        assert_eq!(script.start, Timestamp::new(1_439_794_443, 0));
        assert_eq!(script.connections[0].settings.rtt, Span::of(10_000_000));
        assert_eq!(script.connections[1].settings.rtt, Span::of(30_000_000));
        assert_eq!(script.names().collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn faults_are_named_with_their_line() {
        let fault = |text: &str| parse(text).unwrap_err();
        assert_eq!(fault("rtt 20ms\n> SNY\n").line, 2);
        assert_eq!(fault("> SYN\nconnection a\n> SYN").line, 2);
        assert_eq!(fault("# only words\n").what, "a ladder without a step");
        assert!(fault("colour blue\n> SYN").what.contains("neither a setting nor a step"));
        assert!(fault("client 10.0.0.1:1\nserver [2001:db8::1]:2\n> SYN").what.contains("IPv6"));
    }

    #[test]
    fn repeats_and_ports() {
        let script =
            parse("client 10.0.0.5:49320 then +1..9\nconnection a\nrepeat 9 every 86s jitter 20s\n> SYN")
                .unwrap();
        assert_eq!(script.connections[0].settings.port_step, Span { low: 1, high: 9 });
        assert_eq!(script.connections[0].repeat.times, 9);
        assert_eq!(script.connections[0].repeat.jitter, 20_000_000_000);
    }
}
