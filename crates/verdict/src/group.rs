//! The siblings of one client host, summed up: how their connections end.

use crate::foreign::Foreign;
use crate::habits::{Habit, Habits};
use crate::outstanding::Outstanding;
use crate::roles::Roles;
use crate::rounds::{Rhythm, Rounds};
use crate::rules::SHORTEST_MEMORY;
use crate::samples::Samples;
use crate::waits::{Stood, age_unanswered, stood_unanswered, wait_in_vain};
use crate::{Act, ActKind, EndedBy, Facts, GoodbyeKind, Role};
use hangup_wire::{Side, Timestamp};

/// Who ended a connection, in the five classes of [`Shape`].
const ENDERS: usize = 5;
/// The classes of first goodbyes of [`Shape`].
const KINDS: usize = 4;
/// Outstanding: no, yes, not known.
const DUES: usize = 3;

/// Pauses before resets of devices between that are kept.
const BETWEEN: usize = 6;

/// Connections that lived longest and are remembered.
const LIVES: usize = 3;

/// The shape of an ending: who was first, with what, and whether something was outstanding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) ender: EndedBy,
    pub(crate) kind: Option<GoodbyeKind>,
    pub(crate) outstanding: Option<bool>,
}

/// Siblings of one client host, summed up within bounds: adding a connection is cheap and keeps no more than
/// a fixed number of samples, 1,344 bytes at most in all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Group {
    /// How many.
    pub count: u64,
    shapes: [[[u32; DUES]; KINDS]; ENDERS],
    /// Seconds between the last application byte and the client's, or the server's, first goodbye, where
    /// nothing was outstanding.
    idle_client: Samples,
    idle_server: Samples,
    /// Seconds of silence before a device between ended a connection, or something that nobody provoked did; 0 where there is none.
    idle_between: [f32; BETWEEN],
    /// Questions that were taken and never answered, where nobody had hung up.
    waiting: Waiting,
    /// The connections that the server served longest, where it served any for long enough.
    lives: Option<Box<[Life; LIVES]>>,
    /// Answers on connections that the server ended.
    answers_server: Samples<16>,
    /// Answers on connections that the client ended, nothing being outstanding for certain.
    answers_client: Samples<16>,
    /// Age in seconds of connections that the server ended.
    age_server: Samples<16>,
    /// Seconds for which the server waited in vain for the client's words before it ended the connection.
    waits: Samples<8>,
    /// Seconds of quiet before the first of what was never answered.
    forgotten: Samples<8>,
    /// Seconds between the starts of connections on which nothing was said.
    empty_gaps: Samples,
    last_empty: Option<Timestamp>,
    /// Connections on which nothing was said.
    empty: u32,
    /// A large packet of the client's arrived.
    carried: bool,
    rounds: Rounds,
    habits: Habits,
}

/// Earlier, and later, than anything in a capture.
const ALWAYS: Timestamp = Timestamp(i64::MIN);
const NEVER: Timestamp = Timestamp(i64::MAX);

/// Who waits for answers, and who got any.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Waiting {
    /// When the first question was asked that was never answered.
    since: Timestamp,
    /// The server's last words on any connection.
    spoke: Timestamp,
    /// How many questions there were that were never answered, and how many that were.
    questions: [u32; 2],
    /// Seconds of the slowest answer.
    slowest: f32,
    /// How often the client speaks: kept here, where it takes no room of its own.
    rhythm: Rhythm,
    /// Seconds for which the server let a line under TLS stand on which it had said nothing, and closed it: one on which the client had
    /// spoken, from the handshake and from its last word, and one on which nobody had; 0 where there is none.
    stood: [f32; 3],
}

impl Default for Waiting {
    fn default() -> Self {
        Self {
            since: NEVER,
            spoke: ALWAYS,
            questions: [0; 2],
            slowest: 0.0,
            rhythm: Rhythm::default(),
            stood: [0.0; 3],
        }
    }
}

impl Waiting {
    fn count(&mut self, sibling: &Sibling) {
        self.since = self.since.min(sibling.since);
        self.spoke = self.spoke.max(sibling.spoke);
        let [waiting, answered] = &mut self.questions;
        *waiting = waiting.saturating_add(u32::from(sibling.since < NEVER));
        *answered = answered.saturating_add(sibling.answers);
        self.slowest = self.slowest.max(sibling.slowest);
        self.rhythm.add(sibling.beat);
        for (kept, stood) in self.stood.iter_mut().zip(sibling.stood) {
            if stood > 0.0 {
                *kept = stood;
            }
        }
    }
}

/// For how long a server served one connection.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Life {
    begin: Timestamp,
    /// Seconds until the last packet of the server that shows that it knew the connection.
    served: f32,
    /// The last pause of a second and longer, in seconds.
    pause: f32,
}

/// What a group counts of one connection. Most groups of a busy server have one: until a second comes it is kept like
/// this, and takes a tenth of the room.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sibling {
    habit: Habit,
    shape: Shape,
    begin: Timestamp,
    /// When the first goodbye came.
    end: Timestamp,
    /// Nothing was said on it.
    empty: bool,
    wait: Option<f32>,
    forgotten: Option<f32>,
    /// Seconds without application data before the first goodbye, unless something was outstanding for certain.
    idle: Option<f32>,
    /// Seconds without application data before the server announced that it would close, where it did.
    notice: Option<f32>,
    answers: u32,
    age: f64,
    /// How long the server served it, and the last pause of a second and longer, in seconds.
    served: f32,
    pause: f32,
    /// When the question was asked that waits for an answer, and when the server last spoke.
    since: Timestamp,
    spoke: Timestamp,
    /// Seconds of the slowest answer.
    slowest: f32,
    /// Seconds between the client's turns, where they have a rhythm; else 0.
    beat: f32,
    /// See [`Waiting`].
    stood: [f32; 3],
    /// A large packet of the client's arrived.
    carried: bool,
    /// A reset ended it that looks like nobody's of the two, and that nothing provoked.
    shot: bool,
}

impl Sibling {
    /// What counts of `facts`, whose acts have `roles`.
    pub(crate) fn of(facts: &Facts, roles: &Roles, outstanding: &Outstanding) -> Self {
        let (ender, first) = (roles.ended_by(), roles.first());
        let waiting = first.is_none().then(|| outstanding.unanswered(facts)).flatten();
        let has_data = facts.talk.bytes[Side::Client] > 0 || facts.talk.bytes[Side::Server] > 0;
        Self {
            habit: Habit::of(facts),
            shape: Shape { ender, kind: first.map(|first| first.kind), outstanding: outstanding.value },
            begin: facts.first.time,
            end: first.map_or(facts.last, |first| first.at).time,
            empty: !has_data && first.is_some_and(|first| first.role == Role::First),
            wait: first
                .filter(|_| ender == EndedBy::Server)
                .and_then(|first| wait_in_vain(facts, first.at).or_else(|| age_unanswered(facts, first.at)))
                .map(short),
            forgotten: roles.silence.and_then(|silence| silence.quiet_before(facts)).map(short),
            idle: outstanding.idle.filter(|_| outstanding.value != Some(true)).map(short),
            notice: outstanding.notice.map(short),
            answers: facts.talk.answers,
            age: facts.duration(),
            served: served(facts),
            pause: short(facts.talk.pause.map_or(0.0, |pause| f64::from(pause.milliseconds) / 1000.0)),
            since: waiting.map_or(NEVER, |asked| asked.time),
            spoke: facts.talk.last[Side::Server].map_or(ALWAYS, |spoken| spoken.at.time),
            beat: facts.talk.beat[Side::Client]
                .filter(|beat| beat.steady >= 1)
                .map(|beat| beat.milliseconds)
                // Who is not answered speaks in one turn: its pauses are its rhythm.
                .or_else(|| {
                    facts.talk.lull[Side::Client].filter(|lull| lull.times >= 2).map(|lull| lull.milliseconds)
                })
                .map_or(0.0, |milliseconds| short(f64::from(milliseconds) / 1e3)),
            slowest: short(
                facts.talk.replies[Side::Server].map_or(0.0, |replies| f64::from(replies.slowest) / 1e6),
            ),
            stood: first
                .filter(|_| ender == EndedBy::Server)
                .and_then(|first| stood_unanswered(facts, first.at))
                .map_or([0.0; 3], |Stood { since_handshake, since_word }| match since_word {
                    Some(word) => [short(since_handshake), short(word), 0.0],
                    None => [0.0, 0.0, short(since_handshake)],
                }),
            carried: carried(facts),
            shot: roles.foreign.as_ref().is_some_and(Foreign::suspected),
        }
    }
}

impl Group {
    /// Counts one more sibling.
    pub fn add(&mut self, facts: &Facts) {
        let end = facts.last.time;
        let roles = Roles::of(facts, end);
        let outstanding = Outstanding::of(facts, &roles, end);
        self.count(&Sibling::of(facts, &roles, &outstanding));
    }

    /// Counts one more sibling.
    pub(crate) fn count(&mut self, sibling: &Sibling) {
        self.count = self.count.saturating_add(1);
        self.habits.add(&sibling.habit);
        if let Some(cell) = self.cell_mut(sibling.shape) {
            *cell = cell.saturating_add(1);
        }
        if sibling.empty {
            self.empty = self.empty.saturating_add(1);
            if let Some(last) = self.last_empty {
                self.empty_gaps.add(sibling.begin.seconds_since(last).abs());
            }
            self.last_empty = Some(sibling.begin);
        }
        if let Some(wait) = sibling.wait {
            self.waits.add(wait.into());
        }
        if let Some(quiet) = sibling.forgotten {
            self.forgotten.add(quiet.into());
        }
        self.outlive(Life { begin: sibling.begin, served: sibling.served, pause: sibling.pause });
        self.waiting.count(sibling);
        self.carried |= sibling.carried;
        let Some(idle) = sibling.idle.map(f64::from) else { return };
        if sibling.shot || sibling.shape.ender == EndedBy::Middlebox {
            self.shot_after(idle);
        }
        match sibling.shape.ender {
            EndedBy::Client => {
                if idle >= crate::pauses::SHORTEST {
                    self.rounds.add(sibling.end);
                }
                self.idle_client.add(idle);
                self.answers_client.add(f64::from(sibling.answers));
            }
            EndedBy::Server => {
                self.idle_server.add(sibling.notice.map_or(idle, f64::from));
                self.answers_server.add(f64::from(sibling.answers));
                self.age_server.add(sibling.age);
            }
            _ => {}
        }
    }

    /// Since when the server has answered on no connection although its machine had taken a question; none where it did answer.
    pub(crate) fn mute_since(&self) -> Option<Timestamp> {
        let Waiting { since, spoke, .. } = self.waiting;
        (since < NEVER && spoke < since).then_some(since)
    }

    /// On one of them at least the client had not spoken in vain.
    pub(crate) fn heard(&self) -> bool {
        self.habits.unanswered() < self.count
    }

    /// Seconds between the client's turns on two of these connections and more.
    pub(crate) fn beat(&self) -> Option<f64> {
        self.waiting.rhythm.shared()
    }

    /// Seconds that the slowest answer took, where there was any.
    pub(crate) fn slowest(&self) -> Option<f64> {
        let Waiting { questions: [_, answered], slowest, .. } = self.waiting;
        (answered > 0).then_some(slowest.into())
    }

    /// The server let a line on which the client had spoken, and one on which nobody had, stand for the same time and closed both: it waits for so long for a
    /// whole question. In seconds, as the line shows it that `stood` so long.
    pub(crate) fn stood(&self, stood: &Stood) -> Option<f64> {
        let [handshake, word, mute] = self.waiting.stood.map(f64::from);
        let alike = |one: f64, other: f64| one > 0.0 && other > 0.0 && (one - other).abs() <= 0.05;
        match stood.since_word {
            Some(own) => [stood.since_handshake, own].into_iter().find(|&own| alike(own, mute)),
            None => Some(stood.since_handshake).filter(|&own| alike(own, handshake) || alike(own, word)),
        }
    }

    /// Several questions wait, and all the others, three and more, were answered in a hundredth of `seconds` at most.
    pub(crate) fn quick_until(&self, seconds: f64) -> bool {
        let Waiting { questions: [waiting, answered], slowest, .. } = self.waiting;
        waiting >= 2 && answered >= 3 && f64::from(slowest) * 100.0 <= seconds
    }

    fn shot_after(&mut self, idle: f64) {
        if let Some(free) = self.idle_between.iter_mut().find(|kept| **kept == 0.0) {
            *free = short(idle);
        }
    }

    /// Remembers `life`, if it is longer than the shortest that is remembered.
    fn outlive(&mut self, life: Life) {
        if f64::from(life.served) < SHORTEST_MEMORY {
            return;
        }
        let lives = self.lives.get_or_insert_default();
        if let Some(shortest) = lives.iter_mut().min_by(|a, b| a.served.total_cmp(&b.served))
            && shortest.served < life.served
        {
            *shortest = life;
        }
    }

    /// The server still served a connection at `until` that had begun before `from`, and that had not been quiet for as long as `quiet`
    /// seconds, as far as its last pause tells.
    pub(crate) fn outlived(&self, from: Timestamp, until: Timestamp, quiet: f64) -> bool {
        let outlived = |life: &Life| {
            life.begin < from
                && until.seconds_since(life.begin) < f64::from(life.served)
                && f64::from(life.pause) < quiet
        };
        self.lives.iter().flat_map(|lives| lives.iter()).any(outlived)
    }

    /// Seconds between the rounds of a client that looks after its idle lines now and then, where the goodbye at `at` falls on one.
    pub(crate) fn round(&self, at: Timestamp) -> Option<f64> {
        self.rounds.period(at).map(|period| f64::from(period) / 1e3)
    }

    /// How many of the first connections that a device between ended, or a reset that nobody provoked, had been silent for about `idle`
    /// seconds.
    pub(crate) fn idle_between(&self, idle: f64) -> usize {
        let near = |kept: &&f32| **kept > 0.0 && (f64::from(**kept) - idle).abs() <= (0.02 * idle).max(0.5);
        self.idle_between.iter().filter(near).count()
    }

    /// What they usually do before their endings.
    pub(crate) fn habits(&self) -> &Habits {
        &self.habits
    }

    /// Idle gaps before `side`'s first goodbyes, where nothing was outstanding.
    pub(crate) fn idle(&self, side: Side) -> &Samples {
        match side {
            Side::Client => &self.idle_client,
            Side::Server => &self.idle_server,
        }
    }

    /// Numbers of answers on connections that the server ended.
    pub(crate) fn answers_server(&self) -> &Samples<16> {
        &self.answers_server
    }

    /// Numbers of answers on connections that the client ended.
    pub(crate) fn answers_client(&self) -> &Samples<16> {
        &self.answers_client
    }

    /// Seconds for which the server waited in vain for the client's words, see [`wait_in_vain`] and [`age_unanswered`].
    pub(crate) fn waits(&self) -> &Samples<8> {
        &self.waits
    }

    /// Seconds of quiet before the first of what was never answered.
    pub(crate) fn forgotten(&self) -> &Samples<8> {
        &self.forgotten
    }

    /// Ages in seconds of connections that the server ended.
    pub(crate) fn age_server(&self) -> &Samples<16> {
        &self.age_server
    }

    /// Seconds between the starts of connections on which nothing was said.
    pub(crate) fn empty_gaps(&self) -> &Samples {
        &self.empty_gaps
    }

    /// On one of these connections a large packet of the client's arrived.
    pub(crate) fn carried_large(&self) -> bool {
        self.carried
    }

    /// Connections on which nothing was said.
    pub(crate) fn empty(&self) -> u32 {
        self.empty
    }

    /// The group has siblings beside the connection in question, which is in it too.
    pub(crate) fn others(&self) -> u64 {
        self.count.saturating_sub(1)
    }

    /// How many of the group ended in this shape.
    pub(crate) fn with_shape(&self, shape: Shape) -> u64 {
        self.cells().filter(|(cell, _)| *cell == place(shape)).map(|(_, count)| u64::from(count)).sum()
    }

    /// How many of the group were ended by `ender`.
    pub(crate) fn ended_by(&self, ender: EndedBy) -> u64 {
        self.cells()
            .filter(|((place, _, _), _)| *place == ender_place(ender))
            .map(|(_, count)| u64::from(count))
            .sum()
    }

    /// How many of the group ended with something outstanding.
    pub(crate) fn outstanding(&self) -> u64 {
        self.cells().filter(|((_, _, due), _)| *due == 1).map(|(_, count)| u64::from(count)).sum()
    }

    /// How many of the group began their ending with `kind`'s class of goodbye.
    pub(crate) fn begun_with(&self, kind: GoodbyeKind) -> u64 {
        self.cells()
            .filter(|((_, place, _), _)| *place == kind_place(Some(kind)))
            .map(|(_, count)| u64::from(count))
            .sum()
    }

    fn cells(&self) -> impl Iterator<Item = ((usize, usize, usize), u32)> + '_ {
        self.shapes.iter().enumerate().flat_map(|(ender, kinds)| {
            kinds.iter().enumerate().flat_map(move |(kind, dues)| {
                dues.iter().enumerate().map(move |(due, &count)| ((ender, kind, due), count))
            })
        })
    }

    fn cell_mut(&mut self, shape: Shape) -> Option<&mut u32> {
        let (ender, kind, due) = place(shape);
        self.shapes.get_mut(ender)?.get_mut(kind)?.get_mut(due)
    }
}

/// Seconds from the first packet to the last one by which the server shows that it knows the connection.
fn served(facts: &Facts) -> f32 {
    let server = &facts.sides[Side::Server];
    // Who resets may know nothing of it any more; every other packet shows that he does.
    let reset = |act: &Act| act.from == Some(Side::Server) && matches!(act.kind, ActKind::Rst(_));
    let last = if facts.acts.iter().any(reset) { server.last_data } else { server.last };
    short(last.map_or(0.0, |last| last.after(facts.first)))
}

/// The client said something that takes a large packet, and the server acknowledged it: a segment of that size, or a record of TLS
/// that does not fit two smaller ones.
fn carried(facts: &Facts) -> bool {
    const SEGMENT: u32 = 1200;
    const RECORD: u32 = 2 * 1460;
    let least = if facts.tls.is_some() { RECORD } else { SEGMENT };
    let said = [facts.talk.first, facts.talk.last, facts.talk.run].map(|spoken| spoken[Side::Client]);
    said.into_iter()
        .flatten()
        .any(|spoken| spoken.length >= least && facts.sides[Side::Client].acked >= spoken.end)
}

#[expect(clippy::cast_possible_truncation, reason = "seven digits are plenty for seconds")]
const fn short(seconds: f64) -> f32 {
    seconds as f32
}

fn place(shape: Shape) -> (usize, usize, usize) {
    let due = match shape.outstanding {
        Some(false) => 0,
        Some(true) => 1,
        None => 2,
    };
    (ender_place(shape.ender), kind_place(shape.kind), due)
}

fn ender_place(ender: EndedBy) -> usize {
    match ender {
        EndedBy::Client => 0,
        EndedBy::Server => 1,
        EndedBy::Network => 2,
        EndedBy::Crossing => 3,
        EndedBy::Middlebox | EndedBy::Nobody | EndedBy::Unknown => 4,
    }
}

fn kind_place(kind: Option<GoodbyeKind>) -> usize {
    match kind {
        Some(
            GoodbyeKind::PlainAlert
            | GoodbyeKind::EncryptedAlert
            | GoodbyeKind::InferredAlert
            | GoodbyeKind::DecryptedAlert
            | GoodbyeKind::Application,
        ) => 0,
        Some(GoodbyeKind::Fin) => 1,
        Some(GoodbyeKind::Rst) => 2,
        Some(GoodbyeKind::Icmp | GoodbyeKind::Silence) | None => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_within_its_bound() {
        assert!(size_of::<Group>() <= 1344, "{}", size_of::<Group>());
        assert!(size_of::<Sibling>() <= 152, "{}", size_of::<Sibling>());
    }
}
