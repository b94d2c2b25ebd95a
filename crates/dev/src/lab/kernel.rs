//! The kernel's own words about a connection, read through tracefs: states, resets sent with their reason, resets received.

use super::LabError;
use super::network::finish;
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where tracefs lives (Documentation/trace/ftrace.rst).
const TRACING: &str = "/sys/kernel/tracing";
const EVENTS: &[&str] = &["sock/inet_sock_set_state", "tcp/tcp_send_reset", "tcp/tcp_receive_reset"];

/// A trace of our own: an instance, which others' traces do not disturb.
#[derive(Debug)]
pub(super) struct Ear {
    instance: PathBuf,
}

impl Ear {
    /// Begins to listen. The guard of the network of the same name takes the instance away.
    pub(super) fn new(name: &str) -> Result<Self, LabError> {
        if !Path::new(TRACING).join("instances").is_dir() {
            finish(Command::new("mount").args(["-t", "tracefs", "tracefs", TRACING]), "mount tracefs")?;
        }
        let instance = Path::new(TRACING).join("instances").join(name);
        fs::create_dir(&instance)?;
        fs::write(instance.join("trace_clock"), "mono")?;
        for event in EVENTS {
            fs::write(instance.join("events").join(event).join("enable"), "1")?;
        }
        Ok(Self { instance })
    }

    /// What was said of connections to this port, by the client's port, in the order of their first mention. `mark` stands
    /// in all addresses of ours, `router` is the router's on the way to the server.
    pub(super) fn heard(
        &self,
        mark: &str,
        router: &str,
        port: u16,
    ) -> Result<Vec<(u16, Vec<Word>)>, LabError> {
        Ok(words(&fs::read_to_string(self.instance.join("trace"))?, mark, router, port))
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        let _ = fs::write(self.instance.join("events/enable"), "0");
        let _ = fs::remove_dir(&self.instance);
    }
}

/// One word of the kernel.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Word {
    /// Seconds since the first word of all.
    pub(super) at: f64,
    /// Whose kernel says it: client, server, or router, where it resets by itself.
    pub(super) side: String,
    /// What it says.
    pub(super) what: Said,
}

/// What the kernel says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// A socket went from one state of RFC 9293 to another.
    State(String, String),
    /// It sends a reset, and why, where this kernel gives reasons (6.10 and later).
    SendsReset(Option<String>),
    /// A reset was accepted.
    ReceivesReset,
}

impl fmt::Display for Word {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:.6} {} ", self.at, self.side)?;
        match &self.what {
            Said::State(from, to) => write!(out, "{from}>{to}"),
            Said::SendsReset(reason) => {
                write!(out, "sends reset {}", reason.as_deref().unwrap_or("(reason not given)"))
            }
            Said::ReceivesReset => write!(out, "receives reset"),
        }
    }
}

/// Reads a trace.
fn words(trace: &str, mark: &str, router: &str, port: u16) -> Vec<(u16, Vec<Word>)> {
    let mut order = Vec::new();
    let mut heard: BTreeMap<u16, Vec<Word>> = BTreeMap::new();
    let mut begin = None;
    for line in trace.lines().filter(|line| !line.starts_with('#') && line.contains(mark)) {
        let Some((client, mut word)) = word(line, router, port) else { continue };
        word.at -= *begin.get_or_insert(word.at);
        if !heard.contains_key(&client) {
            order.push(client);
        }
        heard.entry(client).or_default().push(word);
    }
    let told = order.into_iter().map(|client| (client, heard.remove(&client).unwrap_or_default()));
    told.filter(|(_, words)| words.first().is_some_and(begins)).collect()
}

/// Whether a connection begins with this word. Where the last scenario's namespaces are taken down, their kernel may still
/// speak of connections that nobody here has made.
fn begins(word: &Word) -> bool {
    match &word.what {
        Said::State(from, _) => {
            ["CLOSE", "LISTEN", "SYN_SENT", "SYN_RECV", "NEW_SYN_RECV"].contains(&from.as_str())
        }
        Said::SendsReset(_) | Said::ReceivesReset => true,
    }
}

/// One line of a trace: the client's port, and the word.
fn word(line: &str, router: &str, port: u16) -> Option<(u16, Word)> {
    let mut names = EVENTS.iter().filter_map(|event| event.split('/').nth(1));
    let (event, head, tail) = names
        .find_map(|event| line.split_once(&format!(" {event}: ")).map(|(head, tail)| (event, head, tail)))?;
    let at = head.rsplit(' ').next()?.trim_end_matches(':').parse().ok()?;
    let field = |key: &str| {
        tail.split_whitespace().find_map(|word| word.strip_prefix(key)?.strip_prefix('=')).map(str::to_owned)
    };
    let state = |key| field(key).map(|state: String| state.trim_start_matches("TCP_").to_owned());
    let (own, other, what) = match event {
        "inet_sock_set_state" => (
            number(&field("sport")?)?,
            number(&field("dport")?)?,
            Said::State(state("oldstate")?, state("newstate")?),
        ),
        "tcp_receive_reset" => (number(&field("sport")?)?, number(&field("dport")?)?, Said::ReceivesReset),
        // `10.0.0.1:443` or `[fd00::1]:443`.
        _ => {
            let of = |text: String| text.rsplit_once(':').and_then(|(_, port)| number(port));
            (of(field("src")?)?, of(field("dest")?)?, Said::SendsReset(field("reason")))
        }
    };
    let (mut side, client) = if own == port { ("server", other) } else { ("client", own) };
    let routers = |text: String| {
        text.rsplit_once(':').is_some_and(|(address, _)| address.trim_matches(['[', ']']) == router)
    };
    if field("src").is_some_and(routers) {
        side = "router";
    }
    // A socket without a port is not bound yet, or listens.
    let ours = client != 0 && (own == port || other == port);
    ours.then(|| (client, Word { at, side: side.to_owned(), what }))
}

fn number(text: &str) -> Option<u16> {
    text.parse().ok()
}

/// Who closed first by what the kernel said, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Closing {
    /// This side sent a FIN.
    Fin(&'static str),
    /// This side sent a reset.
    Rst(&'static str),
    /// A reset arrived that the other side's kernel did not send.
    Foreign,
    /// Nobody closed, or somebody gave up without a word.
    Silence,
}

/// The first act of closing.
pub(super) fn closing(words: &[Word]) -> Closing {
    let side = |word: &Word| if word.side == "client" { "client" } else { "server" };
    for (at, word) in words.iter().enumerate().filter(|(_, word)| word.side != "router") {
        match &word.what {
            Said::State(_, to) if to == "FIN_WAIT1" => return Closing::Fin(side(word)),
            // Its probes were not answered: the reset is for nobody, and the silence was first.
            Said::SendsReset(Some(why)) if why == "TCP_KEEPALIVE_TIMEOUT" => return Closing::Silence,
            Said::SendsReset(_) => return Closing::Rst(side(word)),
            // Two processors write into one trace: a reset may seem to arrive before it is sent.
            Said::ReceivesReset => {
                let sent = words.iter().skip(at).find(|other| {
                    other.side != word.side
                        && other.side != "router"
                        && matches!(other.what, Said::SendsReset(_))
                        && other.at - word.at < 0.001
                });
                return sent.map_or(Closing::Foreign, |other| Closing::Rst(side(other)));
            }
            Said::State(..) => {}
        }
    }
    Closing::Silence
}

/// Whether this side's FIN never reached the other: its kernel says nothing behind it.
pub(super) fn unheard(words: &[Word], side: &str) -> bool {
    let is_fin =
        |word: &&Word| word.side == side && matches!(&word.what, Said::State(_, to) if to == "FIN_WAIT1");
    words.iter().find(is_fin).is_some_and(|fin| {
        words.iter().all(|word| word.at <= fin.at || word.side == side || word.side == "router")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUTER: &str = "10.1.2.5";
    const REFUSED: &str = "\
# tracer: nop
 curl-1 [001] ..... 50.441282: inet_sock_set_state: family=AF_INET protocol=IPPROTO_TCP sport=0 dport=9 saddr=10.1.2.2 daddr=10.1.2.6 saddrv6=::ffff:10.1.2.2 daddrv6=::ffff:10.1.2.6 oldstate=TCP_CLOSE newstate=TCP_SYN_SENT
 curl-1 [001] ..s1. 50.441648: tcp_send_reset: skbaddr=00000000bb9e0990 skaddr=0000000000000000 src=10.1.2.6:9 dest=10.1.2.2:60314 state=UNKNOWN reason=NO_SOCKET
 curl-1 [001] ..... 50.441680: tcp_receive_reset: family=AF_INET sport=60314 dport=9 saddr=10.1.2.2 daddr=10.1.2.6 saddrv6=::ffff:10.1.2.2 daddrv6=::ffff:10.1.2.6 sock_cookie=1
 curl-1 [001] ..... 50.441684: inet_sock_set_state: family=AF_INET protocol=IPPROTO_TCP sport=60314 dport=9 saddr=10.1.2.2 daddr=10.1.2.6 saddrv6=::ffff:10.1.2.2 daddrv6=::ffff:10.1.2.6 oldstate=TCP_SYN_SENT newstate=TCP_CLOSE
";

    #[test]
    fn a_refusal_is_the_reset_of_a_server_without_a_socket() {
        let heard = words(REFUSED, "10.1.2.", ROUTER, 9);
        assert_eq!(heard.len(), 1);
        let (port, words) = &heard[0];
        assert_eq!(*port, 60314);
        let told: Vec<String> = words.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "0.000000 server sends reset NO_SOCKET",
                "0.000032 client receives reset",
                "0.000036 client SYN_SENT>CLOSE"
            ]
        );
        assert_eq!(closing(words), Closing::Rst("server"));
    }

    #[test]
    fn a_reset_that_nobody_sent_is_foreign() {
        let without: Vec<&str> = REFUSED.lines().filter(|line| !line.contains("send_reset")).collect();
        assert_eq!(closing(&words(&without.join("\n"), "10.1.2.", ROUTER, 9)[0].1), Closing::Foreign);
    }

    #[test]
    fn a_router_that_resets_by_itself_is_neither_end() {
        let nat = REFUSED.replace("src=10.1.2.6:9", "src=10.1.2.5:9");
        let heard = words(&nat, "10.1.2.", ROUTER, 9);
        assert_eq!(heard[0].1[0].to_string(), "0.000000 router sends reset NO_SOCKET");
        assert_eq!(closing(&heard[0].1), Closing::Foreign);
    }

    #[test]
    fn the_last_scenario_is_not_heard() {
        let late = REFUSED.replace("TCP_SYN_SENT newstate=TCP_CLOSE", "TCP_FIN_WAIT1 newstate=TCP_CLOSE");
        let late: Vec<&str> = late.lines().filter(|line| !line.contains("_reset")).collect();
        assert!(words(&late.join("\n"), "10.1.2.", ROUTER, 9).is_empty());
    }

    #[test]
    fn a_reset_behind_unanswered_probes_is_for_nobody() {
        let probed = REFUSED.replace("NO_SOCKET", "TCP_KEEPALIVE_TIMEOUT");
        assert_eq!(closing(&words(&probed, "10.1.2.", ROUTER, 9)[0].1), Closing::Silence);
    }

    #[test]
    fn others_are_not_listened_to() {
        assert!(words(REFUSED, "10.1.3.", ROUTER, 9).is_empty());
        assert!(words(REFUSED, "10.1.2.", ROUTER, 443).is_empty());
    }
}
