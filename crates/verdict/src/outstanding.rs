//! Was something asked and not yet answered, or half sent, when the connection ended?
//!
//! What the protocol itself says wins. Else order and size tell: who spoke last, whether a record was left
//! half sent, whether what was said late still arrived. Where a fair expert could not know, it is none.

use crate::last_words::{
    AT_ONCE, ONE_WAY, ONWARD, SHORT, control, disconnected, logged_off, midway, notice, one_way,
    only_greeted, only_opened, overtaken, own_clocks, sealed_dismissal, server_closed_too, server_knew,
    unheard, unheard_of,
};
use crate::{
    Act, ActKind, Facts, Goodbye, GoodbyeKind, Handshake, Moment, Role, Spoken, Unanswered, holes,
    roles::Roles, silence::in_vain,
};
use hangup_wire::{PerSide, Side, Timestamp};

/// Seconds of quiet after which nothing was flowing any more.
const FLOWING: f64 = 1.0;
/// A client that asks so many seconds after its Finished asks a server that has sent its tickets, if it sends any.
const TICKETS_SENT: f64 = 0.01;

/// Whether something was outstanding, and what shows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Outstanding {
    /// None where it cannot be known.
    pub(crate) value: Option<bool>,
    /// What shows it, in words.
    pub(crate) why: &'static str,
    /// Where.
    pub(crate) at: Vec<Moment>,
    /// Seconds from the last application byte of either side to the first goodbye, or to the capture's end.
    pub(crate) idle: Option<f64>,
    /// It cannot be known because the capture lacks what would tell, or the goodbye itself did not arrive.
    pub(crate) blind: bool,
    /// The side that spoke last before the first goodbye.
    pub(crate) spoke_last: Option<Side>,
    /// Seconds of quiet before the server's last words, where those were short, nobody had asked for them, and the first goodbye
    /// followed: the notice that it will close.
    pub(crate) notice: Option<f64>,
    /// The server hung up between two pieces of what it was saying, as far as can be told.
    pub(crate) midway: bool,
    /// What the first goodbye's sender had said again and again, without an acknowledgment, when it hung up.
    pub(crate) in_vain: Option<Unanswered>,
}

/// What each side had said last when the first goodbye came.
struct Standing {
    said: [Option<Moment>; 2],
    spoke_last: Option<Side>,
    idle: Option<f64>,
}

impl Outstanding {
    /// Looks at `facts`, whose acts have `roles`, in a capture that ends at `end`.
    pub(crate) fn of(facts: &Facts, roles: &Roles, end: Timestamp) -> Self {
        let first = roles.first();
        let standing = Standing::at(facts, first, end);
        let in_vain = first.and_then(|first| said_in_vain(facts, first));
        let (value, why, at) = match in_vain {
            Some(said) => (
                Some(true),
                "what was sent last had been sent again and was not acknowledged",
                [Some(said.since), Some(said.last)],
            ),
            None => decide(facts, roles, first, &standing),
        };
        let hole = Side::BOTH.into_iter().any(|side| holes::before_goodbye(facts, side));
        let (value, why) = match roles.silence {
            None if hole && in_vain.is_none() => {
                (None, "bytes are missing from the capture between the last words and the goodbye")
            }
            _ => (value, why),
        };
        let (value, why) = match roles.unheard {
            Some(_) if value == Some(false) => {
                (None, "the goodbye did not arrive, and perhaps not what was said before it")
            }
            _ => (value, why),
        };
        let lost = facts.tls.as_ref().is_some_and(|tls| tls.lost > 0)
            || Side::BOTH.into_iter().any(|side| facts.sides[side].missing > 0);
        let midway = value != Some(true) && !hole && first.is_some_and(|first| midway(facts, first));
        let (value, why) = if midway {
            (
                None,
                "the server had paused for longer within the same answer, and gone on: whether it was done cannot be seen",
            )
        } else {
            (value, why)
        };
        Self {
            midway,
            blind: (lost || roles.unheard.is_some()) && value.is_none(),
            value,
            why,
            at: at.into_iter().flatten().collect(),
            idle: standing.idle,
            notice: first.and_then(|first| notice(facts, first)),
            spoke_last: in_vain.and(first).map_or(standing.spoke_last, |first| first.from),
            in_vain,
        }
    }

    /// The client's last words, where the server's machine took them and its program owes an answer.
    pub(crate) fn unanswered(&self, facts: &Facts) -> Option<Moment> {
        let asked = facts.talk.last[Side::Client]?;
        let taken = facts.sides[Side::Client].acked >= asked.end && facts.sides[Side::Server].missing == 0;
        (self.value == Some(true) && self.spoke_last == Some(Side::Client) && taken).then_some(asked.at)
    }
}

impl Standing {
    fn at(facts: &Facts, first: Option<&Goodbye>, end: Timestamp) -> Self {
        let said = Side::BOTH.map(|side| {
            let candidates = [facts.talk.last[side], facts.talk.run[side], facts.talk.first[side]];
            candidates.into_iter().flatten().map(|spoken| spoken.at).find(|&at| match first {
                Some(goodbye) if goodbye.kind == GoodbyeKind::Silence => at.time < goodbye.at.time,
                Some(goodbye) => !later(at, goodbye.at),
                None => true,
            })
        });
        let [client, server] = said;
        let spoke_last = match (client, server) {
            // What the server knew shows in its last words only: not where those came behind the goodbye.
            (Some(client), Some(server))
                if later(client, server) && !(said_last(facts, server) && server_knew(&facts.talk)) =>
            {
                Some(Side::Client)
            }
            (Some(_), Some(_)) if only_greeted(facts) => Some(Side::Client),
            (_, Some(_)) => Some(Side::Server),
            (Some(_), None) => Some(Side::Client),
            (None, None) => None,
        };
        let until = first.map_or(end.max(facts.last.time), |goodbye| goodbye.at.time);
        // Of a message that was begun and not finished the last part counts, wherever it belongs.
        let parts = Side::BOTH.map(|side| {
            let begun = facts.talk.half_sent[side].is_some_and(|missing| missing > 0);
            facts.sides[side].last_data.filter(|last| begun && last.time <= until)
        });
        let spoken = [client, server].into_iter().chain(parts).flatten();
        let idle = spoken.map(|at| at.until(until)).min_by(f64::total_cmp);
        Self { said, spoke_last, idle: idle.map(|idle| idle.max(0.0)) }
    }
}

/// `at` is when the server spoke last of all.
fn said_last(facts: &Facts, at: Moment) -> bool {
    facts.talk.last[Side::Server].is_some_and(|spoken| spoken.at == at)
}

/// What the side of the `first` goodbye had said in vain before it.
fn said_in_vain(facts: &Facts, first: &Goodbye) -> Option<Unanswered> {
    if first.kind == GoodbyeKind::Silence {
        return None;
    }
    let fin = facts
        .acts
        .iter()
        .find(|act| act.from == first.from && matches!(act.kind, ActKind::Fin { .. }) && !act.repeat)?;
    in_vain(facts, fin).filter(|said| later(first.at, said.since))
}

pub(crate) type Answer = (Option<bool>, &'static str, [Option<Moment>; 2]);

fn decide(facts: &Facts, roles: &Roles, first: Option<&Goodbye>, standing: &Standing) -> Answer {
    let talk = &facts.talk;
    let client = talk.last[Side::Client];
    let server = talk.last[Side::Server];
    let at = [client.map(|spoken| spoken.at), server.map(|spoken| spoken.at)];
    if client.is_none() && server.is_none() {
        if facts.handshake == Handshake::Unseen {
            return (None, "the capture begins in the middle, and no application data follows", [None, None]);
        }
        let why = match facts.tls {
            Some(_) => "nothing but the handshake of TLS had been exchanged",
            None => "no application data was sent",
        };
        return (Some(false), why, [None, None]);
    }
    if let Some(silence) = roles.silence
        && silence.kind == crate::UnansweredKind::Data
    {
        return (Some(true), "what was sent last never arrived", [Some(silence.since), None]);
    }
    if let Some(answer) = took_leave(facts, first) {
        return answer;
    }
    if let Some(said) = first.and_then(|first| sealed_dismissal(facts, first)) {
        return (
            None,
            "the server ended the session with words that TLS hides, most likely an error",
            [Some(said.at), None],
        );
    }
    if only_opened(facts) {
        return (
            Some(false),
            "by its sizes, all that the client said is HTTP/2's opening: nothing was asked",
            at,
        );
    }
    if talk.outstanding.is_none() && only_greeted(facts) {
        return (
            Some(true),
            "by its sizes, all that the server said is HTTP/2's opening: the client's question is unanswered",
            [at[0], None],
        );
    }
    let by_client = first.is_some_and(|goodbye| goodbye.from == Some(Side::Client));
    let late_answer = match (first, talk.run[Side::Server]) {
        (Some(goodbye), Some(run)) => by_client && later(run.at, goodbye.at),
        _ => false,
    };
    // What comes late and is short need be no answer.
    if late_answer
        && unheard_of(facts, first) <= 2 * SHORT
        && let Some(control) = control(facts, standing.said[1], at)
    {
        return control;
    }
    if late_answer && standing.spoke_last == Some(Side::Client) && logged_off(facts, first) {
        return (
            Some(false),
            "the client's last words are short and part of its goodbye, and so is the answer",
            at,
        );
    }
    if late_answer && standing.spoke_last == Some(Side::Client) {
        return if facts.sides[Side::Server].missing > 0 {
            (None, "bytes of the server's answer are missing from the capture", at)
        } else if arrived(facts, roles) {
            (Some(false), "the answer came after the client had stopped sending, and was accepted", at)
        } else {
            (Some(true), "the answer came after the client had hung up", at)
        };
    }
    let unasked = talk.pause.is_some_and(|pause| pause.after == Side::Server);
    if unasked && first.is_some_and(|first| notice(facts, first).is_some()) {
        return (
            Some(false),
            "nothing had been asked before the pause, and what the server said after it is short",
            [at[1], None],
        );
    }
    match talk.outstanding {
        // Whole it was only behind the goodbye, when nobody took it any more.
        Some(false) if late_end(facts, first) => {
            return (
                Some(true),
                "the end of the answer came only after the client had hung up, and was refused",
                at,
            );
        }
        Some(true) => return (Some(true), "the protocol says that an answer was still due", at),
        Some(false) => return (Some(false), "the protocol says that every request was answered in full", at),
        None => {}
    }
    if talk.half_sent[Side::Server].is_some_and(|missing| missing > 0) {
        return (Some(true), "the server had begun a message and not finished it", [at[1], None]);
    }
    if talk.half_sent[Side::Client].is_some_and(|missing| missing > 0) {
        return (Some(true), "the client had begun a message and not finished it", [at[0], None]);
    }
    match talk.last_speaker {
        Some(Side::Client) if server_knew(talk) => server_last(facts, roles, standing, at),
        Some(Side::Client) => client_last(facts, first, client, at),
        Some(Side::Server) => server_last(facts, roles, standing, at),
        None => (None, "the order of the conversation is not known", [None, None]),
    }
}

/// The client's last message is its protocol's own farewell: behind it nothing is owed. Whether an answer was due to what
/// the client had said before in the same turn, the farewell does not tell.
fn took_leave(facts: &Facts, first: Option<&Goodbye>) -> Option<Answer> {
    let talk = &facts.talk;
    let farewell = talk.farewell[Side::Client].as_deref()?;
    let at = [Some(farewell.at), talk.farewell[Side::Server].as_deref().map(|farewell| farewell.at)];
    if at[1].is_some() {
        return Some((Some(false), "both sides said goodbye in their protocol's own words", at));
    }
    if talk.run_bytes[Side::Client] <= farewell.length.into() {
        let why = if farewell.unanswered {
            "the client's last message is one that gets no answer"
        } else {
            "the client had said goodbye in its protocol's own words"
        };
        return Some((Some(false), why, at));
    }
    let by_client = first.is_none_or(|goodbye| goodbye.from == Some(Side::Client));
    let quick = facts.rtt_seconds().unwrap_or(0.0).max(AT_ONCE);
    let one_breath = talk.run[Side::Client].is_some_and(|run| farewell.at.after(run.at) <= quick);
    if first.is_some_and(|goodbye| later(farewell.at, goodbye.at)) {
        return None;
    }
    // Who had gone on several times without an answer waited for none.
    let went_on = talk.lull[Side::Client]
        .is_some_and(|lull| lull.times >= 2 && f64::from(lull.milliseconds) / 1e3 >= 2.0 * quick);
    if by_client && went_on {
        return Some((
            Some(false),
            "the client had gone on without an answer before its protocol's goodbye",
            at,
        ));
    }
    Some(if by_client && one_breath {
        (
            Some(false),
            "the client said its last words and its protocol's goodbye in one breath, and waited for nothing",
            at,
        )
    } else {
        (
            None,
            "the client said goodbye in its protocol's own words: whether an answer to what it had said before was still due does not show",
            at,
        )
    })
}

/// The client spoke last of all.
fn client_last(
    facts: &Facts,
    first: Option<&Goodbye>,
    client: Option<Spoken>,
    at: [Option<Moment>; 2],
) -> Answer {
    let talk = &facts.talk;
    let short = talk.run_bytes[Side::Client] <= SHORT;
    let quick = facts.rtt_seconds().unwrap_or(0.0).max(AT_ONCE);
    if let (Some(goodbye), Some(client)) = (first, client)
        && goodbye.from == Some(Side::Client)
        && !later(client.at, goodbye.at)
        && goodbye.at.after(client.at) <= quick
    {
        if goodbye.kind == GoodbyeKind::Application || (short && talk.answers > 0) {
            return (Some(false), "the client's last words are short and part of its goodbye", [at[0], None]);
        }
        return (None, "the client sent, and closed at once without waiting for an answer", [at[0], None]);
    }
    if first
        .is_some_and(|goodbye| goodbye.kind == GoodbyeKind::Application && goodbye.from == Some(Side::Client))
    {
        return (Some(false), "the client said goodbye in its protocol's own words", [at[0], None]);
    }
    if let Some(control) = control(facts, talk.last[Side::Server].map(|server| server.at), at) {
        return control;
    }
    if first.is_some_and(|goodbye| disconnected(facts, goodbye)) {
        return (
            Some(false),
            "on MQTT's port the client said two bytes and its TLS goodbye: its DISCONNECT, by its size",
            [at[0], None],
        );
    }
    if talk.last[Side::Server].is_none() && ONE_WAY.contains(&facts.server.port) {
        return (Some(false), "what comes to this port gets no answer, as a rule", [at[0], None]);
    }
    if one_way(facts) {
        let onward = talk.lull[Side::Client].is_some_and(|lull| lull.times >= ONWARD);
        return if onward && took_all(facts, first) {
            (Some(false), "only the client ever spoke, again and again: it waited for nothing", [at[0], None])
        } else {
            (None, "only the client ever spoke: an answer may never have been meant to come", [at[0], None])
        };
    }
    if own_clocks(talk) {
        return (
            Some(false),
            "both sides speak at regular times of their own: neither waits for the other",
            at,
        );
    }
    if facts.sides[Side::Server].missing > 0 || facts.tls.as_ref().is_some_and(|tls| tls.lost > 0) {
        return (None, "bytes are missing from the capture: an answer may be among them", [at[0], None]);
    }
    if let Some(ticket) =
        perhaps_answer(facts, first).filter(|&ticket| client.is_some_and(|client| later(ticket, client.at)))
    {
        return (
            None,
            "the server's last record is as long as a session ticket, and may as well be the answer",
            [at[0], Some(ticket)],
        );
    }
    if first.is_some_and(|goodbye| goodbye.from == Some(Side::Client)) && unheard(facts, client) {
        return (
            None,
            "the client's last words crossed the server's: they may be the rest of what those already answer",
            at,
        );
    }
    (Some(true), "the client had spoken last and got no answer", [at[0], None])
}

/// The server's machine took all that the client said, and its program closed in answer to the client's goodbye.
fn took_all(facts: &Facts, first: Option<&Goodbye>) -> bool {
    let all = facts.talk.last[Side::Client].is_some_and(|last| facts.sides[Side::Client].acked >= last.end);
    let closed = facts
        .acts
        .iter()
        .any(|act| act.from == Some(Side::Server) && matches!(act.kind, ActKind::Fin { .. }));
    all && closed
        && first.is_some_and(|first| first.from == Some(Side::Client) && first.kind != GoodbyeKind::Rst)
}

/// The server's only record behind the client's question is as long as a session ticket, and may as well be the answer: the question
/// came so late that a ticket would have been sent before it, or the server closed right behind the record, as behind an answer.
fn perhaps_answer(facts: &Facts, first: Option<&Goodbye>) -> Option<Moment> {
    let tls = facts.tls.as_deref()?;
    let ticket = tls.perhaps_answer?;
    let finished = tls.last_handshake[Side::Client];
    let asked = facts.talk.first[Side::Client];
    let late = finished.zip(asked).is_some_and(|(finished, asked)| asked.at.after(finished) > TICKETS_SENT);
    let quick = facts.rtt_seconds().unwrap_or(0.0).max(AT_ONCE);
    let closed_behind = first.is_some_and(|goodbye| {
        goodbye.from == Some(Side::Server)
            && goodbye.kind != GoodbyeKind::Rst
            && goodbye.at.after(ticket) <= quick
    });
    (late || closed_behind).then_some(ticket)
}

/// The server spoke last of all.
fn server_last(facts: &Facts, roles: &Roles, standing: &Standing, at: [Option<Moment>; 2]) -> Answer {
    let PerSide { client, server } = facts.talk.last;
    let first = roles.first();
    let (Some(goodbye), Some(server)) = (first, server) else {
        let quiet = standing.idle.is_some_and(|idle| idle > 4.0 * facts.rtt_seconds().unwrap_or(AT_ONCE));
        return if quiet {
            (Some(false), "the server had answered and was done", [at[1], None])
        } else {
            (None, "the server was still speaking when the capture ended", [at[1], None])
        };
    };
    let by = goodbye.from;
    if later(server.at, goodbye.at) && by == Some(Side::Client) {
        let began = standing.said[1].is_some();
        let quiet =
            standing.idle.is_some_and(|idle| idle > FLOWING.max(4.0 * facts.rtt_seconds().unwrap_or(0.0)));
        if quiet && unheard_of(facts, first) <= 2 * SHORT {
            return (
                Some(false),
                "nothing was being said when the client hung up, and what came of the server afterwards is short",
                at,
            );
        }
        if server_closed_too(facts, roles) {
            return (
                Some(false),
                "the server ended its answer and closed too, with all the client's words heard",
                at,
            );
        }
        return if facts.sides[Side::Server].acked >= server.end && !client_reset(facts) {
            (Some(false), "what the server still sent was accepted", [at[1], None])
        } else if began {
            (Some(true), "the server was still sending when the client hung up", [at[1], None])
        } else {
            (None, "the server spoke after the client had hung up", [at[1], None])
        };
    }
    let quick = facts.rtt_seconds().unwrap_or(AT_ONCE);
    if goodbye.at.after(server.at) > quick {
        return (Some(false), "the server had spoken last and was done", [at[1], None]);
    }
    if by == Some(Side::Client) && server_closed_too(facts, roles) {
        return (
            Some(false),
            "the server ended its answer and closed too, with all the client's words heard",
            at,
        );
    }
    let polite = matches!(
        goodbye.kind,
        GoodbyeKind::PlainAlert
            | GoodbyeKind::EncryptedAlert
            | GoodbyeKind::InferredAlert
            | GoodbyeKind::DecryptedAlert
            | GoodbyeKind::Application
    );
    match by {
        Some(Side::Server) if facts.tls.is_none() && facts.sides[Side::Server].missing > 0 => {
            (None, "bytes of the server's answer are missing from the capture", [at[1], None])
        }
        Some(Side::Server) if overtaken(facts, first, client) => {
            (None, "the server's close does not acknowledge what the client had said before it", at)
        }
        Some(Side::Server) if polite || (facts.tls.is_none() && goodbye.kind == GoodbyeKind::Fin) => {
            (Some(false), "the server ended its answer and closed properly", [at[1], None])
        }
        _ => (
            None,
            "the server had spoken within the last round trip: whether it was done cannot be seen",
            [at[1], None],
        ),
    }
}

/// All that the server still said after the client's goodbye got through.
fn arrived(facts: &Facts, roles: &Roles) -> bool {
    let Some(server) = facts.talk.last[Side::Server] else { return false };
    let shut = roles.goodbyes.iter().any(|goodbye| {
        goodbye.kind == GoodbyeKind::Rst
            && goodbye.from == Some(Side::Client)
            && goodbye.role != Role::Ignored
    });
    facts.sides[Side::Server].acked >= server.end && !shut
}

fn client_reset(facts: &Facts) -> bool {
    facts
        .acts
        .iter()
        .any(|act| act.from == Some(Side::Client) && matches!(&act.kind, ActKind::Rst(rst) if !rst.ignored))
}

/// The server's last words, in clear, came behind the client's goodbye, and the client's machine answered them by a reset.
fn late_end(facts: &Facts, first: Option<&Goodbye>) -> bool {
    let Some(first) = first.filter(|first| first.from == Some(Side::Client)) else { return false };
    let Some(said) = facts.talk.last[Side::Server].filter(|said| later(said.at, first.at)) else {
        return false;
    };
    let shut = |act: &Act| {
        act.from == Some(Side::Client) && matches!(act.kind, ActKind::Rst(_)) && act.at.time >= said.at.time
    };
    facts.tls.is_none() && facts.acts.iter().any(shut)
}

/// `moment` is later than `than`: by time, and in one capture by frame where the clock did not move.
pub(crate) fn later(moment: Moment, than: Moment) -> bool {
    match moment.time.cmp(&than.time) {
        core::cmp::Ordering::Equal => moment.capture() == than.capture() && moment.frame() > than.frame(),
        order => order.is_gt(),
    }
}
