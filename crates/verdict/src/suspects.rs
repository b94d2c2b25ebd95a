//! Which of many endings is the reported one.
//!
//! A user's error appears after the ending that caused it: at once for a reset, after the program's own
//! time-out, or at the next use of the line up to a quarter of an hour later. Clocks differ, and people round
//! to minutes. So endings are ranked by how little they resemble their siblings and how well they fit the
//! time; none is filtered out for its colour.

use crate::case::is_alert;
use crate::group::Shape;
use crate::habits::{Habit, Odd};
use crate::heard;
use crate::reading::Weight;
use crate::words;
use crate::{
    Act, ActKind, EndedBy, Facts, GoodbyeKind, Group, Handshake, HeardSet, Moment, Outcome, Reading, Ruling,
};
use hangup_wire::{PerSide, Side, Timestamp};

/// Seconds before the reported time in which the ending may lie.
const BEFORE: f64 = 900.0;
/// Seconds after it, for clocks that differ and people who round.
const AFTER: f64 = 60.0;
/// Seconds before the reported time in which an ending is at that time, as far as people notice.
const SOON: f64 = 5.0;
/// Seconds within which a program that waits for an answer closes its end, when the other side has.
const NOTICED: f64 = 1.0;
/// Seconds that a reported time may span and still be one that was read from a clock.
const PRECISE: f64 = 1.5;
/// The longest time in seconds for which a system awaits one try (Linux; RFC 6298 §2.5 wants at least 60).
const LONGEST_TRY: f64 = 120.0;
/// Suspects kept.
const KEPT: usize = 10;
/// Score below which an ending is no suspect.
const SUSPICIOUS: f64 = 0.2;
/// Score from which an ending is a suspect that only fits an error text.
const FITS_TEXT: f64 = 0.5;
/// Score from which an ending stands out although nobody reported anything.
const STANDS_OUT: f64 = 0.7;
/// Fewest siblings against which one ending can stand out.
const CROWD: u64 = 5;

/// What was reported.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Incident<'a> {
    /// From the first to the last moment that the reported time may mean: the minute or second that was
    /// named.
    pub reported: Option<(Timestamp, Timestamp)>,
    /// The error text.
    pub text: Option<&'a Reading>,
}

/// An ending that may be the reported one.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The connection.
    pub id: u64,
    /// Whether the ending is normal.
    pub outcome: Outcome,
    /// Its cause.
    pub cause: Option<&'static str>,
    /// The first goodbye; none where there was none.
    pub goodbye: Option<Moment>,
    /// The connection's first packet.
    pub first: Moment,
    /// The connection's last packet.
    pub last: Moment,
    /// When the system that sent in vain gives up, as far as the growing gaps between its tries tell; none where nobody did.
    pub given_up: Option<Timestamp>,
    /// Seconds from the call to the ending, from the last application byte to it, and from the call to the client's own goodbye.
    pub lasted: [f64; 3],
    /// It was a call that nobody answered.
    pub calling: bool,
    /// The server hung up first, and the client's program did nothing about it for a second: it had not noticed yet.
    pub unnoticed: bool,
    /// The TLS alert that the capture shows in clear, where there is one that complains.
    pub alert: Option<u8>,
    /// Something was outstanding.
    pub outstanding: Option<bool>,
    /// How little it resembles its siblings.
    pub unlikeness: Unlikeness,
    /// How many siblings there are.
    pub siblings: u64,
    /// What the program of each side heard of it.
    pub heard: PerSide<HeardSet>,
    /// It was open and quiet when the capture ended: what the client may have said since then did not come as far as the place of the capture, unless
    /// that is the client itself.
    pub unheard: bool,
}

/// How little an ending resembles those of its siblings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Unlikeness {
    /// 0 (like all the others) to 1 (like none of them).
    pub score: f64,
    /// In what, in words, most telling first; empty where it is like them.
    pub because: Vec<String>,
}

/// A suspect with its score.
#[derive(Clone, Debug, PartialEq)]
pub struct Suspect {
    /// The connection.
    pub id: u64,
    /// How well it fits, 0 to 1.
    pub score: f64,
    /// The error text fits it, or speaks against it; none where it says neither.
    pub text: Option<bool>,
    /// Why, in words.
    pub because: String,
    /// Frames to look at.
    pub frames: Vec<Moment>,
}

/// The suspects, most likely first, or words about why there are none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ranking {
    /// At most ten.
    pub suspects: Vec<Suspect>,
    /// Where no ending fits: what that means, and where to look instead.
    pub if_none: Option<String>,
    /// What was searched.
    pub window: Option<(Timestamp, Timestamp)>,
}

impl Candidate {
    /// The candidate that `facts`, judged as `ruling` among `group`, makes.
    pub fn of(facts: &Facts, ruling: &Ruling, group: &Group) -> Self {
        Self {
            id: facts.id,
            outcome: ruling.outcome,
            cause: ruling.cause,
            goodbye: ruling.first_goodbye().map(|first| first.at),
            first: facts.first,
            last: facts.last,
            given_up: given_up(facts, ruling),
            lasted: [
                ruling.first_goodbye().map_or(facts.last, |first| first.at).after(facts.first),
                ruling.idle_before.unwrap_or(0.0),
                own_goodbye(facts).map_or(0.0, |at| at.after(facts.first)),
            ],
            calling: facts.handshake == Handshake::Unanswered,
            unnoticed: ruling.ended_by == EndedBy::Server
                && ruling
                    .first_goodbye()
                    .is_some_and(|first| own_goodbye(facts).is_none_or(|own| own.after(first.at) > NOTICED)),
            alert: complaint(facts),
            outstanding: ruling.outstanding,
            unlikeness: unlikeness(facts, ruling, group),
            siblings: group.others(),
            heard: heard::heard(facts, ruling),
            unheard: ruling.outcome == Outcome::Open
                && ruling.outstanding != Some(true)
                && !beside_client(facts),
        }
    }

    /// It lasted so many seconds, or so long after the last word, as a timer has it.
    pub(crate) fn took(&self, seconds: f64, reported: Option<(Timestamp, Timestamp)>) -> bool {
        // Where its end does not show, it was called so long before the report.
        let called = reported.is_some_and(|(from, to)| {
            let end = self.first.time.plus(nanos(seconds));
            self.given_up.is_some() && end >= from.plus(-nanos(0.2)) && end <= to.plus(nanos(0.2))
        });
        called || self.lasted.iter().any(|&lasted| lasted >= seconds - 0.02 && lasted <= seconds * 1.02 + 0.1)
    }

    /// It has siblings, and resembles them.
    pub(crate) fn one_of_many(&self) -> bool {
        self.siblings >= 3 && self.unlikeness.because.is_empty()
    }

    /// It may have caused what was noticed between these two moments.
    pub fn is_near(&self, reported: (Timestamp, Timestamp)) -> bool {
        fit(self, reported, false).fits > 0.0
    }
}

/// When the client last hung up by itself, by an alert or a FIN.
fn own_goodbye(facts: &Facts) -> Option<Moment> {
    let own = |act: &&Act| {
        act.from == Some(Side::Client) && matches!(act.kind, ActKind::Alert(_) | ActKind::Fin { .. })
    };
    facts.acts.iter().rfind(own).map(|act| act.at)
}

/// The first alert in clear that is no goodbye.
fn complaint(facts: &Facts) -> Option<u8> {
    facts.acts.iter().find_map(|act| match &act.kind {
        ActKind::Alert(alert) => alert.description.filter(|description| !matches!(description, 0 | 90)),
        _ => None,
    })
}

/// The capture was made at the client, as far as the parts of a round trip tell that are long enough for it.
fn beside_client(facts: &Facts) -> bool {
    facts.rtt.zip(facts.server_rtt).is_some_and(|(whole, servers)| whole > 1_000_000 && servers > whole / 2)
}

/// Each try is awaited twice as long as the one before (RFC 6298 §5.5): the last one for about as long as all before it took together, and a
/// system that does not try again then has given up.
fn given_up(facts: &Facts, ruling: &Ruling) -> Option<Timestamp> {
    let first = ruling.first_goodbye().filter(|first| first.kind == GoodbyeKind::Silence)?;
    let vain = facts.sides[first.from?.other()].unanswered.filter(|vain| vain.tries >= 3)?;
    let awaited = vain.last.after(vain.since).min(LONGEST_TRY);
    Some(vain.last.time.plus(nanos(awaited)))
}

/// How little the ending of `facts` resembles those of `group`, and in what. The group holds the connection
/// itself; with fewer than three others there is nothing to compare with, and the score is 0.
pub fn unlikeness(facts: &Facts, ruling: &Ruling, group: &Group) -> Unlikeness {
    let mut unlike = Unlikeness::default();
    let others = group.others();
    if others < 3 {
        return unlike;
    }
    // The share of the others that do not have what this one has; this one itself is counted in the group.
    let rare = |with: u64| 1.0 - share(with.saturating_sub(1), others);
    let mut add = |weight: f64, says: String| {
        unlike.score = 1.0 - (1.0 - unlike.score) * (1.0 - weight.clamp(0.0, 1.0));
        unlike.because.push(says);
    };
    let first = ruling.first_goodbye();
    if ruling.outstanding == Some(true) {
        let rarity = rare(group.outstanding());
        if rarity > 0.5 {
            add(
                0.75 * rarity,
                format!(
                    "something was left unanswered or unfinished here but on {}",
                    words::of_others(group.outstanding().saturating_sub(1), others)
                ),
            );
        }
    }
    let by_same = group.ended_by(ruling.ended_by);
    if rare(by_same) > 0.8 {
        add(
            0.5 * rare(by_same),
            format!(
                "{} ended it here but on {}",
                ender(ruling.ended_by),
                words::of_others(by_same.saturating_sub(1), others)
            ),
        );
    }
    if let Some(first) = first {
        let same_kind = group.begun_with(first.kind);
        if rare(same_kind) > 0.8 {
            let how = if is_alert(first.kind) {
                "with an alert"
            } else {
                "without the alert or other goodbye of the others"
            };
            add(0.35 * rare(same_kind), format!("its ending began {how}"));
        }
        let shape = Shape { ender: ruling.ended_by, kind: Some(first.kind), outstanding: ruling.outstanding };
        if unlike_idle(ruling, group) && rare(group.with_shape(shape)) < 0.8 {
            add(
                0.4,
                format!(
                    "the pause before its goodbye ({}) is not that of the others",
                    words::time(ruling.idle_before.unwrap_or(0.0))
                ),
            );
        }
    }
    for (weight, says) in odd_habits(facts, group) {
        add(weight, says);
    }
    if facts.sides[Side::Client].retransmitted.saturating_add(facts.sides[Side::Server].retransmitted) > 8
        && unlike.score > 0.0
    {
        unlike.because.push("many packets had to be sent again".to_owned());
    }
    unlike
}

/// In what a connection went otherwise than nearly all of its siblings before it ended, in words, each with the
/// weight that it has.
fn odd_habits(facts: &Facts, group: &Group) -> Vec<(f64, String)> {
    let (others, habits, habit) = (group.others(), group.habits(), Habit::of(facts));
    if others < CROWD {
        return Vec::new();
    }
    let mut odd = Vec::new();
    let rare = |with: u64| 1.0 - share(with.saturating_sub(1), others);
    if habit.unanswered && rare(habits.unanswered()) > 0.8 {
        let weight = 0.6 * rare(habits.unanswered());
        odd.push((
            weight,
            format!(
                "the server gave no answer here but on {}",
                words::of_others(habits.unanswered().saturating_sub(1), others)
            ),
        ));
    }
    if let Some(side) = habit.first_speaker
        && rare(habits.begun_by(side)) > 0.8
        && !habit.unanswered
    {
        let weight = 0.5 * rare(habits.begun_by(side));
        odd.push((
            weight,
            format!("the {} spoke first, on the others the {} did", side.name(), side.other().name()),
        ));
    }
    if !habit.alert && share(habits.alerts(), others) > 0.8 {
        let weight = 0.4 * share(habits.alerts(), others);
        odd.push((
            weight,
            format!(
                "nobody said a TLS goodbye here but on {}",
                words::of_others(others.saturating_sub(habits.alerts()), others)
            ),
        ));
    }
    let [client, server, length] = habits.odd_sizes(&habit);
    for (side, bytes) in [(Side::Client, client), (Side::Server, server)] {
        if let Some(Odd { own, usual: (low, high) }) = bytes {
            let [own, low, high] = [own, low, high].map(words::bytes);
            let what = if side == Side::Client { "the client's requests" } else { "the server's answers" };
            odd.push((0.35, format!("{what} came to {own}, on most others to {low} to {high}")));
        }
    }
    if let Some(Odd { own, usual: (low, high) }) = length {
        let [own, low, high] = [own, low, high].map(seconds);
        odd.push((
            0.25,
            format!(
                "it lasted {}, most others {} to {}",
                words::time(own),
                words::time(low),
                words::time(high)
            ),
        ));
    }
    odd
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52 ms")]
fn seconds(millis: u64) -> f64 {
    millis as f64 / 1000.0
}

fn unlike_idle(ruling: &Ruling, group: &Group) -> bool {
    let side = match ruling.ended_by {
        EndedBy::Client => Side::Client,
        EndedBy::Server => Side::Server,
        _ => return false,
    };
    let samples = group.idle(side);
    let (Some(idle), Some(usual)) = (ruling.idle_before, samples.median()) else { return false };
    let slack = (usual * 0.05).max(1.0);
    samples.seen() >= 5
        && (idle - usual).abs() > slack
        && samples.share_within(usual - slack, usual + slack) >= 0.8
}

/// Ranks `candidates` for `incident`, most likely first, ten at most. Without a reported time at most one
/// ending is named: the one that is abnormal and unlike all its siblings; with an error text that is known, those
/// that show what it takes.
pub fn rank(candidates: impl IntoIterator<Item = Candidate>, incident: &Incident<'_>) -> Ranking {
    let reading = incident.text.filter(|text| text.known());
    let by_system = reading.is_some_and(Reading::of_giving_up);
    let mut best: Vec<(Suspect, f64)> = Vec::new();
    let mut standing_out = 0_u32;
    for candidate in candidates {
        let time = incident.reported.map(|reported| fit(&candidate, reported, by_system));
        let early = time.as_ref().map(|time| time.early);
        let weight = reading.map(|text| text.weigh(&candidate, early, incident.reported));
        // Who saw an error at the very moment at which an ending shows what its text takes has seen that ending.
        let then = time.as_ref().is_some_and(|time| time.fits >= 1.0 - 0.01 * SOON);
        let seen = |weight: &Weight| weight.hidden || weight.fits && !weight.against && then;
        let strange = strangeness(&candidate, weight.as_ref().is_some_and(seen));
        // Of two that were cut alike, whose program noticed comes first.
        let strange = if candidate.unnoticed { 0.99 * strange } else { strange };
        let score = match &time {
            // Both count; neither alone decides. What cannot have caused the report at all is out.
            Some(time) if time.fits <= 0.0 => 0.0,
            Some(time) => strange * (0.25 + 0.75 * time.fits),
            None => strange,
        };
        let score = weight.as_ref().map_or(score, |weight| at_odds(score, weight.factor));
        let fits_text = weight.as_ref().is_some_and(|weight| weight.fits);
        let wanted = match incident.reported {
            Some(_) => SUSPICIOUS,
            None if fits_text => FITS_TEXT,
            None => STANDS_OUT,
        };
        if score < wanted || (incident.reported.is_none() && !fits_text && !alone(&candidate)) {
            continue;
        }
        standing_out += 1;
        let text = weight.as_ref().filter(|weight| weight.because.is_some()).map(|weight| !weight.against);
        let suspect = Suspect {
            id: candidate.id,
            text,
            score: (score.clamp(0.0, 1.0) * 1000.0).round() / 1000.0,
            because: because(
                &candidate,
                weight.and_then(|weight| weight.because),
                time.map(|time| time.words),
            ),
            frames: frames(&candidate),
        };
        let place = best.partition_point(|(known, known_score)| {
            *known_score > score || (known_score.total_cmp(&score).is_eq() && known.id < suspect.id)
        });
        if place < KEPT {
            best.insert(place, (suspect, score));
            best.truncate(KEPT);
        }
    }
    if incident.reported.is_none() && reading.is_none() && standing_out != 1 {
        best.clear();
    }
    let suspects: Vec<Suspect> = best.into_iter().map(|(suspect, _)| suspect).collect();
    let window = incident.reported.map(|(from, to)| (from.plus(-nanos(BEFORE)), to.plus(nanos(AFTER))));
    let if_none = (suspects.is_empty() && incident.reported.is_some()).then(|| {
        "No ending near the reported time is abnormal or unlike the other connections of its client to its server: the cause is not in these endings. Look \
         behind the server (its application log, its database), at other clients and connections that this capture does not hold, \
         and check that the clocks and time zones agree"
            .to_owned()
    });
    Ranking { suspects, if_none, window }
}

/// How much an ending looks like trouble, whenever it was, 0 to 1. `doubtful`: what was reported does not show in such an ending, or
/// shows in this one just then, so that nobody can say that it is in order.
fn strangeness(candidate: &Candidate, doubtful: bool) -> f64 {
    let abnormal: f64 = match candidate.outcome {
        Outcome::Normal | Outcome::Open if doubtful => 0.25,
        Outcome::Abnormal => 0.6,
        Outcome::Undecided => 0.25,
        Outcome::Normal => 0.02,
        Outcome::Open => 0.05,
    };
    let owed = if candidate.outstanding == Some(true) { 0.2 } else { 0.0 };
    1.0 - (1.0 - abnormal) * (1.0 - owed) * (1.0 - candidate.unlikeness.score)
}

/// Abnormal, and unlike a crowd of siblings.
fn alone(candidate: &Candidate) -> bool {
    candidate.outcome == Outcome::Abnormal && candidate.siblings >= CROWD && candidate.unlikeness.score >= 0.5
}

/// How the time of an ending fits the reported one.
struct Fit {
    /// 0 (it cannot have been) to 1.
    fits: f64,
    /// Seconds by which it was over before the report; 0 where it was not.
    early: f64,
    words: String,
}

/// How well the time of an ending fits the reported one. `by_system`: what was reported comes when a system gives up sending again.
fn fit(candidate: &Candidate, (from, to): (Timestamp, Timestamp), by_system: bool) -> Fit {
    // Trouble begins with the goodbye and ends with the last packet: a silence that lasts until then fits any
    // time in between.
    let begin = candidate.goodbye.unwrap_or(candidate.last).time;
    // Who gives up knows it when it hangs up; what comes later is no news to it.
    let over = candidate.cause == Some("client-gives-up") && candidate.goodbye.is_some();
    let given_up = candidate.given_up.filter(|_| by_system);
    let end = if over { begin } else { given_up.unwrap_or(candidate.last.time).max(begin) };
    let (early, late) = (from.seconds_since(end), begin.seconds_since(to));
    // Who names a second has read it from a clock, or from a log; a minute is what people say.
    let precise = to.seconds_since(from) <= PRECISE && given_up.is_none() && !candidate.unheard;
    if late > 0.0 {
        let most = if precise { 0.5 } else { 0.6 };
        let fits = if late <= AFTER { most * (1.0 - late / AFTER) } else { 0.0 };
        let words =
            format!("{} after the reported time, within what clocks and rounding explain", words::time(late));
        return Fit { fits, early: 0.0, words };
    }
    if early <= 0.0 {
        // Who goes on calling has not given up.
        if candidate.calling && candidate.last.time.seconds_since(to) > 0.2 {
            return Fit {
                fits: 0.5,
                early: 0.0,
                words: "at the reported time, and went on calling".to_owned(),
            };
        }
        // Its system still had patience; but it may have been a program's own that ended.
        let ahead = given_up.map_or(0.0, |given_up| given_up.seconds_since(to));
        return Fit { fits: near(ahead, true), early: 0.0, words: "at the reported time".to_owned() };
    }
    let fits = match early {
        early if early > BEFORE => 0.0,
        early if precise && early <= 60.0 => {
            1.0 - 0.01 * early.min(1.0)
                - 0.14 * (early.clamp(1.0, SOON) - 1.0) / 4.0
                - 0.15 * (early.max(SOON) - SOON) / 55.0
        }
        // Time-outs of programs, then those of operating systems: 21 s on Windows, a quarter of an hour on
        // Linux.
        // Of two that are alike the nearer one is the likelier.
        early if early <= SOON => near(early, given_up.is_some()),
        early if early <= 60.0 => 0.94 - 0.24 * (early - SOON) / 55.0,
        early => 0.7 - 0.6 * (early - 60.0) / (BEFORE - 60.0),
    };
    Fit { fits, early, words: format!("{} before the reported time", words::time(early)) }
}

/// How well what is so many seconds away from the reported time fits: nearly as well as what is not, for clocks and rounding take a second; of two
/// that are alike the nearer one is a little the likelier. Not where the time is only `estimated`, as that of giving up is.
fn near(away: f64, estimated: bool) -> f64 {
    let away = away.clamp(0.0, SOON);
    if estimated { 1.0 - 0.01 * away.floor() } else { 1.0 - 0.01 * (away + away.min(1.0)) }
}

/// `score` after its odds were multiplied.
fn at_odds(score: f64, factor: f64) -> f64 {
    // Nothing is certain, whatever is said about it.
    let score = score.clamp(0.0, 0.995);
    let odds = score / (1.0 - score) * factor;
    odds / (1.0 + odds)
}

/// Why, the most telling first: what sets it apart, then what the error text says to it, then that it is abnormal, then
/// the time.
fn because(candidate: &Candidate, text: Option<String>, time: Option<String>) -> String {
    let mut parts = candidate.unlikeness.because.clone();
    if parts.is_empty() && candidate.outstanding == Some(true) {
        parts.push("something was left unanswered or unfinished".to_owned());
    }
    parts.extend(text);
    match (candidate.outcome, candidate.cause) {
        (Outcome::Abnormal, Some(cause)) => parts.push(format!("its ending is abnormal ({cause})")),
        (Outcome::Abnormal, None) => parts.push("its ending is abnormal".to_owned()),
        (Outcome::Undecided, _) => parts.push("whether its ending is normal cannot be told".to_owned()),
        (Outcome::Normal | Outcome::Open, _) => {}
    }
    if let Some(time) = time {
        parts.push(format!("it ended {time}"));
    }
    parts.join("; ")
}

fn frames(candidate: &Candidate) -> Vec<Moment> {
    let mut frames: Vec<Moment> = candidate.goodbye.into_iter().collect();
    if !frames.contains(&candidate.last) {
        frames.push(candidate.last);
    }
    frames
}

fn ender(by: EndedBy) -> &'static str {
    match by {
        EndedBy::Client => "the client",
        EndedBy::Server => "the server",
        EndedBy::Middlebox => "something between",
        EndedBy::Network => "the network",
        EndedBy::Crossing => "both at once",
        EndedBy::Nobody | EndedBy::Unknown => "nobody that was seen",
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of connections are far below 2^52")]
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { (part as f64 / whole as f64).min(1.0) }
}

#[expect(clippy::cast_possible_truncation, reason = "constants of at most 900 seconds")]
fn nanos(seconds: f64) -> i64 {
    (seconds * 1e9) as i64
}
