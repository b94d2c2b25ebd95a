//! What the endings beside one ending say: many in one instant are one event.
//!
//! What one ending cannot show, those beside it can. Each test here asks for more than chance explains: as many
//! endings as a busy server has in any such instant are no event, and a timer that ends two lines which were
//! equally long idle is none either.

use crate::case::Case;
use crate::event::{Event, Happening};
use crate::instants::{Crowd, Hush, Scope};
use crate::mark::{Mark, Tail};
use crate::outstanding::Outstanding;
use crate::roles::Roles;
use crate::server::Refusals;
use crate::timers::round;
use crate::{Facts, Siblings};
use hangup_wire::{Side, Timestamp};

/// Seconds around an ending in which those of the same dying process lie: its kernel closes all its sockets in a
/// row.
const INSTANT: f64 = 0.15;
/// Seconds around an ending in which those of a server that is told to stop lie.
const STOPPING: f64 = 1.0;
/// Seconds after a process died within which new connections find nobody.
const REFUSED: f64 = 60.0;
/// The same after one that was told to stop, which says less.
const REFUSED_SOON: f64 = 10.0;
/// Seconds of idleness from which on a line that is closed was kept for later, and is not closed after an answer.
const KEPT_OPEN: f64 = 1.0;
/// The same where new connections are refused soon afterwards: a server that closes behind its answer does so at once.
const KEPT_BRIEFLY: f64 = 0.1;
/// Seconds after the close of a second hop within which a proxy passes it on.
const PASSED_ON: f64 = 0.1;
/// Where so many closes of second hops fall into that time by chance, none says anything.
const NO_CHANCE: f64 = 0.05;

/// The endings beside one ending, as far as they belong to the same event.
#[derive(Clone, Debug)]
pub(crate) struct Together {
    pub(crate) event: Event,
    /// How many others ended so.
    pub(crate) others: u64,
    /// Some of them, by number.
    pub(crate) some: Vec<u64>,
    /// Among `some` are connections to another server.
    pub(crate) several_servers: bool,
    /// On one of them, or on this one, the server said that one of its processes had crashed.
    pub(crate) crashed: bool,
}

/// What the endings beside one ending say.
#[derive(Clone, Debug, Default)]
pub(crate) struct Beside {
    pub(crate) together: Option<Together>,
    /// The second hop behind this server, whose server closed it just before.
    pub(crate) relayed: Option<Mark>,
}

impl Beside {
    /// What the others say about the ending of `facts`.
    pub(crate) fn of(
        facts: &Facts,
        siblings: &Siblings<'_>,
        roles: &Roles,
        outstanding: &Outstanding,
    ) -> Self {
        if let Some(hush) = Hush::of(facts) {
            return Self { together: Self::silent(&hush, siblings), relayed: None };
        }
        Mark::of(facts, roles, outstanding).map_or_else(Self::default, |mark| Self::marked(&mark, siblings))
    }

    /// What the others say about a connection on which somebody fell silent.
    pub(crate) fn silent(hush: &Hush, siblings: &Siblings<'_>) -> Option<Together> {
        let look = Look { connection: hush.connection, client: hush.client, server: hush.server, siblings };
        look.silent(hush)
    }

    /// What the others say about an ending.
    pub(crate) fn marked(mark: &Mark, siblings: &Siblings<'_>) -> Self {
        let look = Look { connection: mark.connection, client: mark.client, server: mark.server, siblings };
        let relayed = look.relayed(mark);
        let together = match mark.by {
            Some(Side::Server) if mark.tail == Tail::Lost => look.server_forgot(mark),
            Some(Side::Server) if relayed.is_none() => {
                look.server_died(mark).or_else(|| look.server_stopped(mark))
            }
            Some(Side::Client) => look.client_died(mark),
            _ => None,
        };
        Self { together: together.or_else(|| look.many_cut(mark)), relayed }
    }
}

/// The connection behind this server on which a request was lost just before `answer`: its server had closed the
/// line, and the two crossed. A request that the server had taken is no such case.
pub(crate) fn stale_hop(case: &Case<'_>, answer: Timestamp) -> Option<Mark> {
    let proxy = case.facts.server.address;
    let siblings = case.siblings;
    if siblings.behind.count == 0 || case.facts.client.address == proxy {
        return None;
    }
    let crowd =
        siblings.instants.between(Scope::Client(proxy), answer.plus(-nanos(PASSED_ON)), answer, |other| {
            other.unheard && other.owed != Some(false) && other.connection != case.facts.id
        });
    crowd.marks.into_iter().max_by_key(|mark| mark.at)
}

struct Look<'a> {
    connection: u64,
    client: [u8; 16],
    server: ([u8; 16], u16),
    siblings: &'a Siblings<'a>,
}

impl Look<'_> {
    fn server_died(&self, mark: &Mark) -> Option<Together> {
        if !mark.abrupt() {
            return None;
        }
        let crowd = self.crowd(self.port(), mark.at, INSTANT, |other| {
            other.by == Some(Side::Server) && other.abrupt() && other.stood_with(mark)
        });
        let refused = self.siblings.server.refused_after(mark.at, REFUSED);
        let owed = mark.cut();
        // A timer that ends several lines at once does not end the calls.
        let many = self.more_than_chance(&crowd, self.siblings.server.count, INSTANT, 1)
            && (crowd.pauses_differ(mark.idle) || refused.is_some())
            && (owed || crowd.owed() > 0)
            // A FIN is all the goodbye that there is without TLS: one answer that was due does not make it a death.
            && (crowd.impolite(mark) || usize::from(owed) + crowd.owed() > 1);
        let crashed = crowd.crashed(mark);
        (many || (refused.is_some() && owed) || crashed)
            .then(|| Together { crashed, ..self.together(Happening::ServerDied, mark.at, &crowd, refused) })
    }

    fn server_stopped(&self, mark: &Mark) -> Option<Together> {
        let refused = self.siblings.server.refused_after(mark.at, REFUSED_SOON);
        let least = if refused.is_some() { KEPT_BRIEFLY } else { KEPT_OPEN };
        let kept = |other: &Mark| {
            other.by == Some(Side::Server)
                && other.tail != Tail::Lost
                && other.owed != Some(true)
                && f64::from(other.idle) >= least
        };
        if !kept(mark) {
            return None;
        }
        let crowd = self.crowd(self.port(), mark.at, STOPPING, kept);
        let many = self.more_than_chance(&crowd, self.siblings.server.count, STOPPING, 2)
            && crowd.pauses_differ(mark.idle);
        // One line alone that was closed soon after its answer says nothing, whatever came later.
        let shut = refused.is_some() && (crowd.count > 0 || f64::from(mark.idle) >= KEPT_OPEN);
        (many || shut).then(|| self.together(Happening::ServerStopped, mark.at, &crowd, refused))
    }

    fn server_forgot(&self, mark: &Mark) -> Option<Together> {
        let spread = Happening::ServerForgot.spread();
        let server = self.server.0;
        let crowd = self.crowd(Scope::All, mark.at, spread, |other| {
            other.by == Some(Side::Server) && other.tail == Tail::Lost && other.server.0 == server
        });
        (crowd.count > 0).then(|| self.together(Happening::ServerForgot, mark.at, &crowd, None))
    }

    fn client_died(&self, mark: &Mark) -> Option<Together> {
        if !mark.abrupt() {
            return None;
        }
        let crowd = self.crowd(Scope::Client(self.client), mark.at, INSTANT, |other| {
            other.by == Some(Side::Client) && other.abrupt() && other.stood_with(mark)
        });
        // Who waits for answers on all of them, and gives up at no round number of seconds, follows no timer.
        let no_timer = crowd.pauses_differ(mark.idle)
            || (crowd.all_owed(mark)
                && !round(mark.idle.into())
                && !round(mark.at.seconds_since(mark.begin)));
        let many = self.more_than_chance(&crowd, self.siblings.client.count, INSTANT, 1)
            && no_timer
            && (crowd.impolite(mark) || crowd.torn_down(mark))
            && (mark.cut() || crowd.owed() > 0);
        many.then(|| self.together(Happening::ClientDied, mark.at, &crowd, None))
    }

    fn many_cut(&self, mark: &Mark) -> Option<Together> {
        let cut = |other: &Mark| matches!(other.tail, Tail::Bare | Tail::Abort | Tail::Lost);
        if !cut(mark) {
            return None;
        }
        let crowd = self.crowd(Scope::All, mark.at, INSTANT, cut);
        let several = crowd.other_servers(self.server) > 0 && crowd.other_clients(self.client) > 0;
        let many = several
            && self.more_than_chance(&crowd, self.siblings.world.connections, INSTANT, 3)
            && crowd.pauses_differ(mark.idle);
        many.then(|| self.together(Happening::ManyCut, mark.at, &crowd, None))
    }

    fn silent(&self, own: &Hush) -> Option<Together> {
        let (from, to, client, server) = (own.from, own.to, own.client, own.server.0);
        let others: Vec<&Hush> = self
            .siblings
            .instants
            .silences(self.connection, from, to)
            .filter(|hush| hush.silent == own.silent)
            .collect();
        let together = |happening, belongs: &dyn Fn(&Hush) -> bool| {
            let some: Vec<&Hush> = others.iter().copied().filter(|hush| belongs(hush)).collect();
            (!some.is_empty()).then(|| Together {
                event: self.event(happening, from, None),
                others: some.len() as u64,
                several_servers: some.iter().any(|hush| hush.server.0 != server),
                some: some.iter().map(|hush| hush.connection).collect(),
                crashed: false,
            })
        };
        let same_client = |hush: &Hush| hush.client == client;
        let spoke = |from, to| self.siblings.client.spoke_between(from, to);
        let (mut since, mut until) = (from, to);
        for hush in others.iter().filter(|hush| same_client(hush)) {
            (since, until) = (since.min(hush.from), until.max(hush.to));
        }
        let same_server = |hush: &Hush| hush.server.0 == server;
        match own.silent {
            // It may be heard on another line less often than one of these was tried.
            Side::Client if spoke(from, to) == Some(false) && spoke(since, until) != Some(true) => {
                together(Happening::ClientSilent, &same_client)
            }
            Side::Client => None,
            Side::Server => {
                let deaf = self.siblings.client.heard_between(from, to) == Some(false);
                let elsewhere = |hush: &&Hush| !same_server(hush) && !same_client(hush);
                let own_elsewhere = |hush: &&Hush| !same_server(hush) && same_client(hush);
                let end = self.siblings.world.end;
                if deaf && others.iter().any(elsewhere) {
                    together(Happening::LineDown, &|_| true)
                } else if deaf && others.iter().any(own_elsewhere) {
                    together(Happening::ClientSilent, &same_client)
                } else if self.siblings.host.answered_between(from, end) == Some(true) {
                    None
                } else {
                    together(Happening::ServerSilent, &same_server)
                }
            }
        }
    }

    /// The connection from this server on to another one, whose server closed it just before this one was closed.
    fn relayed(&self, mark: &Mark) -> Option<Mark> {
        let proxy = self.server.0;
        // Where all happens on one machine, its address does not tell one program from the other.
        let one_machine = self.client == proxy;
        if mark.by != Some(Side::Server) || self.siblings.behind.count == 0 || one_machine {
            return None;
        }
        let before = mark.at.plus(-nanos(PASSED_ON));
        let crowd = self.siblings.instants.between(Scope::Client(proxy), before, mark.at, |other| {
            other.by == Some(Side::Server) && other.connection != self.connection
        });
        let usual = self.per_second(self.siblings.behind.count) * PASSED_ON;
        // Opened for this one, while it stood: the proxy made it to pass on what it was told.
        let hop =
            crowd.marks.iter().filter(|other| other.begin >= mark.begin).min_by_key(|other| other.begin)?;
        (usual <= NO_CHANCE).then_some(*hop)
    }

    fn port(&self) -> Scope {
        Scope::Server(self.server.0, self.server.1)
    }

    fn crowd(&self, scope: Scope, at: Timestamp, around: f64, like: impl Fn(&Mark) -> bool) -> Crowd {
        let around = nanos(around);
        let crowd = self.siblings.instants.between(scope, at.plus(-around), at.plus(around), like);
        crowd.without(self.connection)
    }

    /// At least `least` others, and clearly more than a scope with `all` connections has in any such instant.
    fn more_than_chance(&self, crowd: &Crowd, all: u64, around: f64, least: u64) -> bool {
        let rest = all.saturating_sub(crowd.count + 1);
        let usual = self.per_second(rest) * 2.0 * around;
        #[expect(clippy::cast_precision_loss, reason = "counts of connections are far below 2^52")]
        let others = crowd.count as f64;
        crowd.count >= least && others > 4.0 * usual
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of connections are far below 2^52")]
    fn per_second(&self, count: u64) -> f64 {
        let world = self.siblings.world;
        count as f64 / world.end.seconds_since(world.begin).max(1.0)
    }

    fn together(
        &self,
        happening: Happening,
        at: Timestamp,
        crowd: &Crowd,
        refused: Option<Refusals>,
    ) -> Together {
        Together {
            event: self.event(happening, at, refused),
            others: crowd.count,
            several_servers: crowd.other_servers(self.server) > 0,
            some: crowd.marks.iter().map(|mark| mark.connection).collect(),
            crashed: false,
        }
    }

    fn event(&self, happening: Happening, at: Timestamp, refused: Option<Refusals>) -> Event {
        let (address, port) = match happening {
            Happening::ServerDied | Happening::ServerStopped => (Some(self.server.0), Some(self.server.1)),
            Happening::ServerForgot | Happening::ServerSilent => (Some(self.server.0), None),
            Happening::ClientDied | Happening::ClientSilent => (Some(self.client), None),
            Happening::LineDown | Happening::ManyCut => (None, None),
        };
        let refused = refused.map(|refused| (refused.first, refused.last, refused.count));
        Event { happening, at, address, port, refused }
    }
}

impl Together {
    /// The event, where it ended others too.
    pub(crate) fn event(&self) -> Option<Event> {
        (self.others > 0).then_some(self.event)
    }

    /// Some of the others, in words: `connections 3, 4 and 7`.
    pub(crate) fn names(&self) -> impl core::fmt::Display + '_ {
        core::fmt::from_fn(move |f| {
            let more = self.others.saturating_sub(self.some.len() as u64);
            f.write_str(if self.others == 1 { "connection " } else { "connections " })?;
            for (index, id) in self.some.iter().enumerate() {
                let last = index + 1 == self.some.len() && more == 0;
                f.write_str(match index {
                    0 => "",
                    _ if last => " and ",
                    _ => ", ",
                })?;
                write!(f, "{id}")?;
            }
            if more > 0 { write!(f, " and {more} more") } else { Ok(()) }
        })
    }
}

#[expect(clippy::cast_possible_truncation, reason = "constants of at most a minute")]
fn nanos(seconds: f64) -> i64 {
    (seconds * 1e9) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_others_are_named_as_people_would() {
        let named = |some: &[u64], others| {
            let event = Event {
                happening: Happening::ServerDied,
                at: Timestamp(0),
                address: None,
                port: None,
                refused: None,
            };
            let together =
                Together { event, others, some: some.to_vec(), several_servers: false, crashed: false };
            (together.names().to_string(), together.event().is_some())
        };
        assert_eq!(named(&[4], 1), ("connection 4".into(), true));
        assert_eq!(named(&[4, 7], 2), ("connections 4 and 7".into(), true));
        assert_eq!(named(&[3, 4, 7], 3), ("connections 3, 4 and 7".into(), true));
        assert_eq!(named(&[3, 4], 9), ("connections 3, 4 and 7 more".into(), true));
        assert!(!named(&[], 0).1);
    }
}
