//! A script, played by two careful kernels: everything that the ladder does not say is filled in as they would.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};

use hangup_wire::{PerSide, Side};

use crate::StoryError;
use crate::dice::Dice;
use crate::frame::{Frame, Played};
use crate::host::{Host, Sent, acknowledging, place};
use crate::script::{Connection, Fate, Icmp, Item, Packet, Point, Script, Step};
use crate::segment::{self, ACK, FIN, PSH, RST, SYN, Segment};
use crate::tls::Session;

/// Which internet protocol a script is played over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// The addresses of the ladder.
    AsWritten,
    /// IPv6: an IPv4 address becomes the same one inside `2001:db8::/96`.
    V6,
}

/// Window fields of a SYN and a SYN-ACK of Linux, unscaled.
const SYN_WINDOW: u16 = 64_240;
const SYN_ACK_WINDOW: u16 = 65_160;

/// Plays every connection of a script and puts the packets in the order of the capture.
///
/// # Errors
/// Where a step cannot happen, such as data behind a FIN or an encrypted record before there are keys.
pub fn play(script: &Script, family: Family) -> Result<Played, StoryError> {
    let mut frames = Vec::new();
    let mut names = Vec::new();
    for (nth, connection) in script.connections.iter().enumerate() {
        let mut ports = Dice::new(script.seed ^ (nth as u64) << 32 ^ 0x706f_7274);
        let mut port = u64::from(connection.settings.ends.client.port);
        for copy in 0..connection.repeat.times {
            let mut dice = Dice::new(script.seed ^ (nth as u64) << 32 ^ copy << 1);
            let jitter = crate::script::Span { low: 0, high: connection.repeat.jitter };
            let begin = dice.within(connection.begin) + copy * connection.repeat.every + dice.within(jitter);
            let begin = begin / 1_000 * 1_000;
            let mut scene = Scene::new(connection, family, port, dice);
            for step in &connection.steps {
                scene.step(step).map_err(|what| StoryError::new(step.line, what))?;
            }
            for mut frame in scene.frames {
                frame.connection = names.len();
                frame.time = script.start.plus(i64::try_from(begin).unwrap_or(0)).plus(frame.time.0);
                frames.push(frame);
            }
            names.push(connection.name.clone());
            // Ephemeral ports of Linux and IANA end below 61000; the next copy begins anew there.
            port += ports.within(connection.settings.port_step);
            if port > 60_999 {
                port = 32_768 + port % 1_000;
            }
        }
    }
    frames.sort_by_key(|frame| frame.time);
    Ok(Played { frames, names })
}

/// One connection while it is played.
struct Scene<'a> {
    connection: &'a Connection,
    hosts: PerSide<Host>,
    session: Option<Session>,
    dice: Dice,
    rtt: u64,
    /// Nanoseconds since the connection's first step.
    now: u64,
    /// Who sent the step before.
    before: Option<Side>,
    /// Segments of labelled steps, and who sent them.
    labels: HashMap<String, (Side, Vec<Sent>)>,
    frames: Vec<Frame>,
}

impl<'a> Scene<'a> {
    fn new(connection: &'a Connection, family: Family, port: u64, mut dice: Dice) -> Self {
        let settings = &connection.settings;
        let mut ends = settings.ends;
        ends.client.port = u16::try_from(port).unwrap_or(ends.client.port);
        if family == Family::V6 {
            ends.client.ip = sixth(ends.client.ip);
            ends.server.ip = sixth(ends.server.ip);
        }
        let says_syn = PerSide::from_fn(|side| {
            connection.steps.iter().any(|step| match &step.packet {
                Packet::Segment(from, items) => {
                    *from == side && items.iter().any(|item| matches!(item, Item::Syn | Item::SynAck))
                }
                Packet::Icmp(_) => false,
            })
        });
        // A refused or unanswered SYN leaves the server without a stream of its own.
        let hosts = PerSide::from_fn(|side| {
            let other = says_syn[side.other()] || (side == Side::Client && says_syn.client);
            let own = says_syn[side] || (side == Side::Server && says_syn.client);
            Host::new(side, settings, ends[side], own, other, &mut dice)
        });
        Self {
            connection,
            hosts,
            session: settings.tls.clone().map(Session::new),
            rtt: dice.within(settings.rtt) / 1_000 * 1_000,
            dice,
            now: 0,
            before: None,
            labels: HashMap::new(),
            frames: Vec::new(),
        }
    }

    fn step(&mut self, step: &Step) -> Result<(), String> {
        if let Some(share) = step.chance
            && self.dice.next() % 100 >= u64::from(share)
        {
            return Ok(());
        }
        match &step.packet {
            Packet::Icmp(icmp) => self.icmp(step, icmp),
            Packet::Segment(from, items) => {
                self.wait(step, *from);
                let first = self.frames.len();
                let sent = self.segments(step, *from, items)?;
                if let Some(label) = &step.label {
                    if let Some(frame) = self.frames.get_mut(first..).and_then(<[Frame]>::last_mut) {
                        frame.label = Some(label.clone());
                    }
                    self.labels.insert(label.clone(), (*from, sent));
                }
                self.before = Some(*from);
                Ok(())
            }
        }
    }

    /// Moves the clock: by what the step says, else by what the way to the place of the capture takes.
    fn wait(&mut self, step: &Step, from: Side) {
        let turn = self.before.is_some_and(|before| before != from);
        let way = match (self.connection.settings.point, from) {
            _ if !turn || step.crossing => 0,
            (Point::Client, Side::Server) | (Point::Server, Side::Client) => self.rtt,
            (Point::Client, Side::Client) | (Point::Server, Side::Server) => 0,
            (Point::Middle, _) => self.rtt / 2,
        };
        let kernel = if self.before.is_some() { 20 + self.dice.next() % 60 } else { 0 };
        let delay = match step.delay {
            Some(delay) => self.dice.within(delay) / 1_000 * 1_000,
            None => way + kernel * 1_000,
        };
        self.now += delay;
    }

    /// Sends what a step holds, in as many segments as it needs.
    fn segments(&mut self, step: &Step, from: Side, items: &[Item]) -> Result<Vec<Sent>, String> {
        let mut flags = 0;
        let mut payload = Vec::new();
        let mut keep_alive = None;
        for item in items {
            match item {
                Item::Syn => flags |= SYN,
                Item::SynAck => flags |= SYN | ACK,
                Item::Ack => flags |= ACK,
                Item::Fin => flags |= FIN | ACK,
                Item::Data(size) => {
                    let size = self.dice.within(*size);
                    payload.extend(self.dice.bytes(usize::try_from(size).unwrap_or(0)));
                    flags |= ACK;
                }
                Item::Text(text) => {
                    payload.extend_from_slice(text);
                    flags |= ACK;
                }
                Item::Tls(messages) => {
                    let session = self.session.as_mut().ok_or("no `tls` line says which TLS this is")?;
                    for message in messages {
                        payload.extend(session.write(from, message, &mut self.dice)?);
                    }
                    flags |= ACK;
                }
                Item::KeepAlive(garbage) => {
                    keep_alive = Some(*garbage);
                    flags |= ACK;
                }
                Item::Window(window) => {
                    self.hosts[from].window = *window;
                    flags |= ACK;
                }
                Item::Rst => return self.passive_reset(step, from).map(|sent| vec![sent]),
                Item::RstAck => {
                    let asks = self.hosts[from.other()].latest.as_ref();
                    if asks.is_some_and(|asks| asks.flags & (SYN | ACK) == SYN) {
                        return self.passive_reset(step, from).map(|sent| vec![sent]);
                    }
                    flags |= RST | ACK;
                }
                Item::Again => return self.again(step, from),
            }
        }
        if let Some(garbage) = keep_alive {
            // RFC 9293 §3.8.4: one before the next place, with nothing or one byte of garbage.
            let seq = self.hosts[from].next.saturating_sub(1);
            return Ok(vec![self.transmit(step, from, flags, seq, vec![0; usize::from(garbage)])]);
        }
        let host = &self.hosts[from];
        if host.finished && step.fields.seq.is_none() && (!payload.is_empty() || flags & FIN != 0) {
            return Err(format!("the {} has already said FIN", from.name()));
        }
        let options = if self.connection.settings.timestamps { 12 } else { 0 };
        let most = usize::from(self.connection.settings.mss).saturating_sub(options).max(1);
        let mut sent = Vec::new();
        let mut pieces: Vec<Vec<u8>> = payload.chunks(most).map(<[u8]>::to_vec).collect();
        let last = pieces.pop().unwrap_or_default();
        for piece in pieces {
            let seq = self.hosts[from].next;
            sent.push(self.transmit(step, from, ACK, seq, piece));
            self.now += 12_000;
        }
        let push = if last.is_empty() { 0 } else { PSH };
        let seq = if flags & SYN != 0 { 0 } else { self.hosts[from].next };
        sent.push(self.transmit(step, from, flags | push, seq, last));
        if sent.iter().any(|sent| sent.end() > sent.seq) {
            self.hosts[from].last.clone_from(&sent);
        }
        Ok(sent)
    }

    /// A kernel's answer to a packet that nobody accepts (RFC 9293 §3.5.2).
    fn passive_reset(&mut self, step: &Step, from: Side) -> Result<Sent, String> {
        let trigger = match &step.refers {
            Some(label) => self.labelled(label)?.1.last().cloned(),
            None => self.hosts[from.other()].latest.clone(),
        };
        let trigger = trigger.ok_or("a RST answers a packet, and there is none of the other side")?;
        if trigger.flags & RST != 0 {
            return Err("no kernel answers a RST".to_owned());
        }
        if acknowledging(trigger.flags) {
            Ok(self.transmit(step, from, RST, trigger.ack, Vec::new()))
        } else {
            // It acknowledges the SYN, which its host did not take in.
            let host = &mut self.hosts[from];
            host.received = trigger.end();
            Ok(self.transmit(step, from, RST | ACK, 0, Vec::new()))
        }
    }

    /// The last step of this side that took up room in its stream, or the labelled one, once more.
    fn again(&mut self, step: &Step, from: Side) -> Result<Vec<Sent>, String> {
        let before = match &step.refers {
            Some(label) => {
                let (side, sent) = self.labelled(label)?;
                if *side != from {
                    return Err(format!("@{label} was sent by the other side"));
                }
                sent.clone()
            }
            None => self.hosts[from].last.clone(),
        };
        if before.is_empty() {
            return Err(format!("the {} has sent nothing that could be sent again", from.name()));
        }
        Ok(before.into_iter().map(|old| self.transmit(step, from, old.flags, old.seq, old.payload)).collect())
    }

    fn labelled(&self, label: &str) -> Result<&(Side, Vec<Sent>), String> {
        self.labels.get(label).ok_or_else(|| format!("no step @{label} before this one"))
    }

    /// Builds one segment, captures it, and delivers it, unless the story says otherwise.
    fn transmit(&mut self, step: &Step, from: Side, flags: u8, seq: u64, payload: Vec<u8>) -> Sent {
        let settings = &self.connection.settings;
        let fields = step.fields;
        let passive = flags & RST != 0 && (flags & ACK == 0 || self.hosts[from].latest.is_none());
        let other = &self.hosts[from.other()];
        let (to, mac, other_isn) = (other.end, other.mac, other.isn);
        let host = &mut self.hosts[from];
        let (ack, echo) = host.acknowledges(step.crossing, fields);
        let seq = place(fields.seq, seq);
        let timestamps = settings.timestamps && !passive;
        let clock = host.clock(self.now);
        let options = options(flags, timestamps.then_some((clock, echo)), settings.mss);
        let window = match flags & (SYN | ACK) {
            _ if passive => 0,
            SYN => SYN_WINDOW,
            flags if flags == SYN | ACK => SYN_ACK_WINDOW,
            _ => host.window,
        };
        // A refusal has no stream: its sequence number is 0, not the first of one.
        let isn = if passive && flags & ACK != 0 { 0 } else { host.isn };
        let segment = Segment {
            from: host.end,
            to,
            seq: wrap(isn, seq),
            ack: if acknowledging(flags) { wrap(other_isn, ack) } else { 0 },
            flags,
            window: fields.win.unwrap_or(window),
            options: &options,
            payload: &payload,
            hop_limit: fields.ttl.unwrap_or(host.hop_limit),
            id: fields.id.unwrap_or_else(|| if passive { 0 } else { host.identification() }),
        };
        let packet = segment.packet();
        let sent = Sent { flags, seq, ack, payload, packet };
        if !passive {
            host.remember(&sent);
        } else if flags & ACK == 0 {
            host.latest = Some(sent.clone());
        }
        let source = fields.mac.unwrap_or(host.mac);
        if step.fate != Fate::Dropped {
            self.hosts[from.other()].receive(&sent, timestamps.then_some(clock));
        }
        if step.fate != Fate::Lost {
            self.capture(Some(from), source, mac, sent.packet.clone());
        }
        sent
    }

    fn icmp(&mut self, step: &Step, icmp: &Icmp) -> Result<(), String> {
        let about = &self.hosts[icmp.about];
        let quoted =
            about.latest.as_ref().ok_or("an ICMP error quotes a packet, and there is none")?.packet.clone();
        let (to, mac) = (about.end.ip, about.mac);
        let reporter = if to.is_ipv6() { sixth(icmp.reporter) } else { icmp.reporter };
        if reporter.is_ipv6() != to.is_ipv6() {
            return Err("the ICMP error and the connection speak different internet protocols".to_owned());
        }
        self.wait(step, icmp.about.other());
        let id = self.dice.half();
        let packet = segment::icmp(icmp, reporter, to, &quoted, id);
        if step.fate != Fate::Lost {
            self.capture(None, [2, 0, 0, 0, 0, 1], mac, packet);
            if let (Some(label), Some(frame)) = (&step.label, self.frames.last_mut()) {
                frame.label = Some(label.clone());
            }
        }
        Ok(())
    }

    fn capture(&mut self, from: Option<Side>, source: [u8; 6], destination: [u8; 6], packet: Vec<u8>) {
        let time = hangup_wire::Timestamp(i64::try_from(self.now).unwrap_or(i64::MAX));
        self.frames.push(Frame { time, connection: 0, from, source, destination, packet, label: None });
    }
}

/// The options of a Linux host: on a SYN MSS, SACK, timestamps and a window scale of 7; later timestamps only.
fn options(flags: u8, timestamps: Option<(u32, u32)>, mss: u16) -> Vec<u8> {
    let stamp = |(clock, echo): (u32, u32)| {
        let mut option = vec![8, 10];
        option.extend_from_slice(&clock.to_be_bytes());
        option.extend_from_slice(&echo.to_be_bytes());
        option
    };
    let mut options = Vec::new();
    if flags & SYN != 0 {
        options.extend_from_slice(&[2, 4]);
        options.extend_from_slice(&mss.to_be_bytes());
        match timestamps {
            Some(times) => {
                options.extend_from_slice(&[4, 2]);
                options.extend(stamp(times));
            }
            None => options.extend_from_slice(&[1, 1, 4, 2]),
        }
        options.extend_from_slice(&[1, 3, 3, 7]);
    } else if let Some(times) = timestamps {
        options.extend_from_slice(&[1, 1]);
        options.extend(stamp(times));
    }
    options
}

/// A place in a stream as it stands on the wire.
#[expect(clippy::cast_possible_truncation, reason = "sequence numbers wrap around")]
const fn wrap(isn: u32, place: u64) -> u32 {
    isn.wrapping_add(place as u32)
}

/// The IPv6 address that stands for an address.
fn sixth(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V6(_) => ip,
        IpAddr::V4(ip) => {
            let low = u128::from(u32::from(ip));
            IpAddr::V6(Ipv6Addr::from(0x2001_0db8_u128 << 96 | low))
        }
    }
}
