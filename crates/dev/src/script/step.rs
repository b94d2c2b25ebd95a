//! One step of a ladder: one line, mostly one packet.

use std::net::IpAddr;

use hangup_wire::Side;

use super::Span;

/// One line of a ladder.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// Its line in the file.
    pub(crate) line: usize,
    /// Nanoseconds since the step before; none: as long as the way takes.
    pub(crate) delay: Option<Span>,
    /// It happens in so many of a hundred copies; none: in all.
    pub(crate) chance: Option<u8>,
    /// What is sent, and by whom.
    pub(crate) packet: Packet,
    /// What becomes of it.
    pub(crate) fate: Fate,
    /// Its sender had not yet received what the other side sent since its own last packet.
    pub(crate) crossing: bool,
    /// Its name, without the `@`.
    pub(crate) label: Option<String>,
    /// The step that it repeats or answers.
    pub(crate) refers: Option<String>,
    /// Fields that are set by hand.
    pub(crate) fields: Fields,
}

/// What a step sends.
#[derive(Clone, Debug)]
pub(crate) enum Packet {
    /// A segment of one of the two sides.
    Segment(Side, Vec<Item>),
    /// An ICMP error by somebody else.
    Icmp(Icmp),
}

/// What becomes of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is captured and arrives.
    Arrives,
    /// It arrives, but the capture missed it.
    Lost,
    /// It is captured, but never arrives.
    Dropped,
}

/// One thing in a packet.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Item {
    /// SYN, with the options of a Linux host.
    Syn,
    /// SYN and ACK.
    SynAck,
    /// Nothing but the ACK.
    Ack,
    /// The end of the sender's data.
    Fin,
    /// A kernel's answer to a packet that nobody accepts (RFC 9293 §3.5.2).
    Rst,
    /// A live socket that is aborted.
    RstAck,
    /// So many bytes of no meaning.
    Data(Span),
    /// These bytes.
    Text(Vec<u8>),
    /// TLS records.
    Tls(Vec<Message>),
    /// A keep-alive probe with this many bytes of garbage, 0 or 1 (RFC 9293 §3.8.4).
    KeepAlive(u8),
    /// The window field from here on.
    Window(u16),
    /// A step once more.
    Again,
}

/// One TLS message or record.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Message {
    /// A handshake message or `ChangeCipherSpec`, by its name, with `key=value` settings.
    Handshake(String, Vec<(String, String)>),
    /// Application data: the record's length, and how much of it is sent where it is not whole.
    App(Span, Option<u32>),
    /// An alert.
    Alert {
        /// `AlertLevel`.
        level: u8,
        /// `AlertDescription`.
        description: u8,
        /// Said by the story: readable, or not. None: as the state of the session demands.
        plain: Option<bool>,
    },
}

/// An ICMP error.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Icmp {
    /// Who sends it.
    pub(crate) reporter: IpAddr,
    /// Whose last packet it quotes.
    pub(crate) about: Side,
    /// What is the trouble.
    pub(crate) trouble: Trouble,
}

/// The troubles of ICMP errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// No way to the network.
    Net,
    /// No way to the host.
    Host,
    /// Nobody listens.
    Port,
    /// Forbidden by an administrator.
    Prohibited,
    /// The hop limit ran out.
    TimeExceeded,
    /// Larger than the next hop takes.
    TooBig(u16),
}

/// Fields that are set by hand.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Fields {
    /// Sequence number.
    pub(crate) seq: Option<Place>,
    /// Acknowledgement number.
    pub(crate) ack: Option<Place>,
    /// Window field.
    pub(crate) win: Option<u16>,
    /// Hop limit.
    pub(crate) ttl: Option<u8>,
    /// IPv4 identification.
    pub(crate) id: Option<u16>,
    /// Sender's MAC address.
    pub(crate) mac: Option<[u8; 6]>,
}

/// A place in a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Counted from the SYN, which is 0, as Wireshark shows it.
    At(u32),
    /// So much more (or less) than it would be.
    Shift(i32),
}

impl Step {
    /// Parses the words of a step.
    pub(super) fn parse(line: usize, words: &[&str]) -> Result<Self, String> {
        let mut words = words;
        let mut step = Self {
            line,
            delay: None,
            chance: None,
            packet: Packet::Segment(Side::Client, Vec::new()),
            fate: Fate::Arrives,
            crossing: false,
            label: None,
            refers: None,
            fields: Fields::default(),
        };
        loop {
            match words {
                ["maybe", share, rest @ ..] => {
                    let share = share.strip_suffix('%').and_then(|share| share.parse().ok());
                    step.chance = Some(share.filter(|share| *share <= 100).ok_or("maybe N% (0 to 100)")?);
                    words = rest;
                }
                ["lost", rest @ ..] => {
                    step.fate = Fate::Lost;
                    words = rest;
                }
                [delay, rest @ ..] if delay.starts_with('+') => {
                    step.delay = Some(Span::durations(delay)?);
                    words = rest;
                }
                _ => break,
            }
        }
        words = step.modifiers(words)?;
        step.packet = match words {
            ["ICMP", rest @ ..] => Packet::Icmp(Icmp::parse(rest)?),
            ["client", ">", "server", rest @ ..] | [">", rest @ ..] => {
                Packet::Segment(Side::Client, items(rest)?)
            }
            ["client", "<", "server", rest @ ..] | ["<", rest @ ..] => {
                Packet::Segment(Side::Server, items(rest)?)
            }
            _ => return Err("a step begins with > or < or ICMP".to_owned()),
        };
        Ok(step)
    }

    /// Takes the modifiers off the end of a step; gives what stands before them.
    fn modifiers<'a>(&mut self, mut words: &'a [&'a str]) -> Result<&'a [&'a str], String> {
        loop {
            words = match words {
                [rest @ .., "to", label] if label.starts_with('@') => {
                    self.refers = Some(label.trim_start_matches('@').to_owned());
                    rest
                }
                [rest @ .., label] if label.starts_with('@') => {
                    self.label = Some(label.trim_start_matches('@').to_owned());
                    rest
                }
                [rest @ .., "lost"] => {
                    self.fate = Fate::Lost;
                    rest
                }
                [rest @ .., "dropped"] => {
                    self.fate = Fate::Dropped;
                    rest
                }
                [rest @ .., "crossing"] => {
                    self.crossing = true;
                    rest
                }
                [rest @ .., field] if !field.starts_with('"') && self.fields.set(field)? => rest,
                _ => return Ok(words),
            };
        }
    }
}

impl Fields {
    /// Takes `key=value`; false where the key is none of ours.
    fn set(&mut self, field: &str) -> Result<bool, String> {
        let Some((key, value)) = field.split_once('=') else { return Ok(false) };
        let wrong = || format!("no value for {key}: `{value}`");
        match key {
            "seq" => self.seq = Some(Place::parse(value).ok_or_else(wrong)?),
            "ack" => self.ack = Some(Place::parse(value).ok_or_else(wrong)?),
            "win" => self.win = Some(value.parse().map_err(|_| wrong())?),
            "ttl" => self.ttl = Some(value.parse().map_err(|_| wrong())?),
            "id" => self.id = Some(value.parse().map_err(|_| wrong())?),
            "mac" => {
                let parts: Result<Vec<u8>, _> =
                    value.split(':').map(|part| u8::from_str_radix(part, 16)).collect();
                let parts = parts.map_err(|_| wrong())?;
                self.mac = Some(parts.try_into().map_err(|_| wrong())?);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

impl Place {
    fn parse(text: &str) -> Option<Self> {
        if text.starts_with(['+', '-']) {
            text.parse().ok().map(Self::Shift)
        } else {
            text.parse().ok().map(Self::At)
        }
    }
}

impl Icmp {
    fn parse(words: &[&str]) -> Result<Self, String> {
        let [reporter, trouble @ .., "about", about] = words else {
            return Err("ICMP ADDRESS TROUBLE about client|server".to_owned());
        };
        let reporter = reporter.parse().map_err(|_| format!("no address: `{reporter}`"))?;
        let trouble = match trouble {
            ["unreachable", "net"] => Trouble::Net,
            ["unreachable", "host"] => Trouble::Host,
            ["unreachable", "port"] => Trouble::Port,
            ["unreachable", "prohibited"] => Trouble::Prohibited,
            ["time-exceeded"] => Trouble::TimeExceeded,
            ["too-big", mtu] => Trouble::TooBig(mtu.parse().map_err(|_| format!("no MTU: `{mtu}`"))?),
            _ => return Err(format!("no trouble that ICMP knows: `{}`", trouble.join(" "))),
        };
        let about = match *about {
            "client" => Side::Client,
            "server" => Side::Server,
            other => return Err(format!("about client or server, not `{other}`")),
        };
        Ok(Self { reporter, about, trouble })
    }
}

/// Everything in one packet: items joined by `+`.
fn items(words: &[&str]) -> Result<Vec<Item>, String> {
    words.split(|word| *word == "+").map(item).collect()
}

fn item(words: &[&str]) -> Result<Item, String> {
    Ok(match words {
        ["SYN"] => Item::Syn,
        ["SYN", "ACK"] => Item::SynAck,
        ["ACK"] => Item::Ack,
        ["FIN"] => Item::Fin,
        ["RST"] => Item::Rst,
        ["RST", "ACK"] => Item::RstAck,
        ["data", text] if text.starts_with('"') => {
            // The word holds bytes as Latin-1 letters; see `words`.
            Item::Text(
                text.chars().skip(1).filter_map(|letter| u8::try_from(u32::from(letter)).ok()).collect(),
            )
        }
        ["data", size] => Item::Data(Span::numbers(size)?),
        ["TLS", rest @ ..] => {
            Item::Tls(rest.split(|word| *word == ",").map(message).collect::<Result<_, _>>()?)
        }
        ["keep-alive"] => Item::KeepAlive(0),
        ["keep-alive", "1"] => Item::KeepAlive(1),
        ["window", size] => Item::Window(size.parse().map_err(|_| format!("no window: `{size}`"))?),
        ["again"] => Item::Again,
        _ => return Err(format!("nothing that a packet can hold: `{}`", words.join(" "))),
    })
}

fn message(words: &[&str]) -> Result<Message, String> {
    let number = |text: &str| text.parse::<u32>().map_err(|_| format!("no number: `{text}`"));
    match words {
        ["app", size] => Ok(Message::App(Span::numbers(size)?, None)),
        ["app", part, "of", size] => Ok(Message::App(Span::numbers(size)?, Some(number(part)?))),
        ["alert", rest @ ..] => alert(rest),
        [name, rest @ ..] => {
            if !crate::tls::is_message(name) {
                return Err(format!("no TLS message: `{name}`"));
            }
            let settings = rest.iter().map(|word| {
                if name == &"Certificate" && *word == "none" {
                    return Ok(("certificate".to_owned(), (*word).to_owned()));
                }
                let (key, value) = word.split_once('=').ok_or_else(|| format!("not key=value: `{word}`"))?;
                match key {
                    "sni" | "alpn" | "cn" | "issuer" | "share" => Ok((key.to_owned(), value.to_owned())),
                    _ => Err(format!("no setting of a TLS message: `{key}`")),
                }
            });
            Ok(Message::Handshake((*name).to_owned(), settings.collect::<Result<_, String>>()?))
        }
        [] => Err("TLS what?".to_owned()),
    }
}

fn alert(words: &[&str]) -> Result<Message, String> {
    let (plain, words) = match words {
        [rest @ .., "plain"] => (Some(true), rest),
        [rest @ .., "encrypted"] => (Some(false), rest),
        rest => (None, rest),
    };
    let (level, name) = match words {
        ["warning", name] => (Some(1), name),
        ["fatal", name] => (Some(2), name),
        [name] => (None, name),
        _ => return Err("TLS alert [warning|fatal] NAME [plain|encrypted]".to_owned()),
    };
    let description = crate::tls::alert_number(name).ok_or_else(|| format!("no TLS alert: `{name}`"))?;
    // close_notify, user_canceled and no_renegotiation are warnings, all others end the session (RFC 5246 §7.2).
    let level = level.unwrap_or(if matches!(description, 0 | 90 | 100) { 1 } else { 2 });
    Ok(Message::Alert { level, description, plain })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(text: &str) -> Result<Step, String> {
        let words = super::super::words::split(text).unwrap();
        Step::parse(1, &words.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn items_of(text: &str) -> Vec<Item> {
        match step(text).unwrap().packet {
            Packet::Segment(_, items) => items,
            Packet::Icmp(_) => Vec::new(),
        }
    }

    #[test]
    fn a_full_step() {
        let step =
            step("maybe 30% +5s..5.3s client > server TLS alert close_notify + FIN crossing ttl=63 @bye")
                .unwrap();
        assert_eq!(step.delay, Some(Span { low: 5_000_000_000, high: 5_300_000_000 }));
        assert_eq!(step.chance, Some(30));
        assert!(step.crossing);
        assert_eq!(step.label.as_deref(), Some("bye"));
        assert_eq!(step.fields.ttl, Some(63));
        let Packet::Segment(from, items) = step.packet else { panic!("a segment") };
        assert_eq!(from, Side::Client);
        let alert = Message::Alert { level: 1, description: 0, plain: None };
        assert_eq!(items, [Item::Tls(vec![alert]), Item::Fin]);
    }

    #[test]
    fn what_packets_hold() {
        assert_eq!(items_of("< SYN ACK"), [Item::SynAck]);
        assert_eq!(items_of(r#"> data "a\x00""#), [Item::Text(vec![b'a', 0])]);
        assert_eq!(items_of("> keep-alive 1"), [Item::KeepAlive(1)]);
        assert_eq!(items_of("< data 40 + window 0"), [Item::Data(Span::of(40)), Item::Window(0)]);
        assert_eq!(
            items_of("< TLS app 300 of 1000"),
            [Item::Tls(vec![Message::App(Span::of(1000), Some(300))])]
        );
        assert!(step("> TLS Hello").is_err());
        assert!(step("> TLS alert nonsense").is_err());
        assert!(step("> data").is_err());
        assert!(step("> again to @request").unwrap().refers.is_some());
    }

    #[test]
    fn icmp_and_fates() {
        let icmp = step("ICMP 192.0.2.1 unreachable host about client").unwrap();
        let Packet::Icmp(icmp) = icmp.packet else { panic!("ICMP") };
        assert_eq!((icmp.about, icmp.trouble), (Side::Client, Trouble::Host));
        assert_eq!(step("lost > FIN").unwrap().fate, Fate::Lost);
        assert_eq!(step("> FIN dropped").unwrap().fate, Fate::Dropped);
        assert_eq!(step("> RST seq=+1").unwrap().fields.seq, Some(Place::Shift(1)));
        assert_eq!(step("> RST seq=1 mac=02:00:00:00:00:01").unwrap().fields.seq, Some(Place::At(1)));
        assert!(step("> RST ttl=900").is_err());
    }
}
