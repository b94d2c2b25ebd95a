//! Which of the endings may be the one that somebody asked about.

use crate::model::{Connection, Incident, Suspect};
use crate::options::Options;
use crate::present::Presenter;
use crate::when::{self, EARLY, LATE, Named};
use foldhash::fast::RandomState;
use hangup_verdict::{Candidate, Facts, Ranking, Ruling, Siblings, World, rank};
use hangup_wire::Addr;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// Suspects named at the most.
const SUSPECTS: usize = 10;

/// Looks at every ending as it is judged, and keeps the suspects.
pub(crate) struct Search<'a> {
    options: &'a Options,
    /// Every minute or second that the report may mean; empty where none was reported, or none fits.
    named: Vec<Named>,
    asked_in_vain: bool,
    best: Vec<(Found, Connection)>,
    causes: HashMap<Siblinghood, Causes, RandomState>,
}

/// Connections of one client host to one server address and port.
type Siblinghood = ([u8; 16], [u8; 16], u16);

/// How many connections ended by which cause.
#[derive(Default)]
struct Causes(Vec<(Option<&'static str>, u64)>);

impl Causes {
    fn add(&mut self, cause: Option<&'static str>) {
        match self.0.iter_mut().find(|(known, _)| *known == cause) {
            Some((_, count)) => *count += 1,
            None => self.0.push((cause, 1)),
        }
    }
}

/// An ending that is among the suspects so far.
pub(crate) struct Found {
    suspect: hangup_verdict::Suspect,
    named: Option<Named>,
    siblinghood: Siblinghood,
    cause: Option<&'static str>,
}

impl<'a> Search<'a> {
    pub(crate) fn new(options: &'a Options, world: &World) -> Self {
        let named = options.reported.as_ref().map(|reported| {
            let mut named = when::resolve(reported, options, world.begin, world.end);
            named.retain(|&named| when::touches(named, world.begin, world.end));
            named
        });
        Self {
            options,
            asked_in_vain: named.as_ref().is_some_and(Vec::is_empty),
            named: named.unwrap_or_default(),
            best: Vec::new(),
            causes: HashMap::default(),
        }
    }

    /// Looks at one ending; where it is among the suspects so far, [`Search::keep`] is to have it with its words.
    pub(crate) fn consider(
        &mut self,
        facts: &Facts,
        ruling: &Ruling,
        siblings: &Siblings<'_>,
    ) -> Option<Found> {
        let siblinghood = (facts.client.address, facts.server.address, facts.server.port);
        let full = self.causes.len() >= self.options.limits.groups;
        match self.causes.entry(siblinghood) {
            Entry::Vacant(_) if full => {}
            causes => causes.or_default().add(ruling.cause),
        }
        if self.asked_in_vain {
            return None;
        }
        let candidate = Candidate::of(facts, ruling, siblings.group);
        let asked = |named: Option<Named>| {
            let incident = hangup_verdict::Incident { reported: named };
            let Ranking { suspects, .. } = rank([candidate.clone()], &incident);
            suspects.into_iter().next().map(|suspect| (suspect, named))
        };
        let found = if self.options.reported.is_some() {
            let each = self.named.iter().filter_map(|&named| asked(Some(named)));
            each.max_by(|one, other| one.0.score.total_cmp(&other.0.score))
        } else {
            asked(None)
        };
        let (suspect, named) = found?;
        (self.place(suspect.score) < SUSPECTS).then_some(Found {
            suspect,
            named,
            siblinghood,
            cause: ruling.cause,
        })
    }

    /// Keeps a suspect.
    pub(crate) fn keep(&mut self, found: Found, connection: Connection) {
        let place = self.place(found.suspect.score);
        self.best.insert(place, (found, connection));
        self.best.truncate(SUSPECTS);
    }

    /// Behind those that are as likely.
    fn place(&self, score: f64) -> usize {
        self.best.partition_point(|(known, _)| known.suspect.score >= score)
    }

    /// The incident, and the connections of its suspects.
    pub(crate) fn conclude(mut self, presenter: &Presenter) -> (Option<Incident>, Vec<Connection>) {
        let reported = self.options.reported.as_ref();
        if reported.is_none() && self.options.error.is_none() && self.best.len() != 1 {
            // Nobody asked: one ending is named only if it stands out alone.
            self.best.clear();
        }
        if reported.is_none() && self.options.error.is_none() && self.best.is_empty() {
            return (None, Vec::new());
        }
        let named = self.best.first().map_or_else(|| self.named.first().copied(), |(found, _)| found.named);
        let baseline = self.best.first().and_then(|(found, _)| self.baseline(found));
        let if_none = self.best.is_empty().then(|| self.if_none());
        let incident = Incident {
            reported_at: named.map(|(from, _)| presenter.time(from, 0)),
            error: self.options.error.clone(),
            time_zone: reported.map(|_| self.options.zone_name.clone()),
            window: named
                .map(|(from, to)| [presenter.time(from.plus(-LATE), 0), presenter.time(to.plus(EARLY), 0)]),
            suspects: self
                .best
                .iter()
                .map(|(found, _)| Suspect {
                    connection: found.suspect.id,
                    score: found.suspect.score,
                    because: found.suspect.because.clone(),
                    frames: found.suspect.frames.iter().map(|at| at.frame()).collect(),
                })
                .collect(),
            baseline,
            if_none,
        };
        (Some(incident), self.best.into_iter().map(|(_, connection)| connection).collect())
    }

    /// What the other connections of the first suspect's client to the same server do.
    fn baseline(&self, found: &Found) -> Option<String> {
        let causes = self.causes.get(&found.siblinghood)?;
        let mut others: Vec<(u64, &'static str)> = causes
            .0
            .iter()
            .map(|(cause, count)| {
                (count - u64::from(*cause == found.cause), cause.unwrap_or("no known cause"))
            })
            .filter(|(count, _)| *count > 0)
            .collect();
        others.sort_by(|one, other| other.cmp(one));
        let (count, cause) = others.first()?;
        let all: u64 = others.iter().map(|(count, _)| count).sum();
        let (client, server, port) = found.siblinghood;
        let (client, server) = (Addr(client).to_ip(), Addr(server).to_ip());
        let server = std::net::SocketAddr::new(server, port);
        Some(if *count == all {
            format!("{all} other connections of {client} to {server} ended by {cause}")
        } else {
            format!("{count} of {all} other connections of {client} to {server} ended by {cause}")
        })
    }

    /// Why no ending is named although somebody asked.
    fn if_none(&self) -> String {
        if self.asked_in_vain {
            let text = self.options.reported.as_ref().map_or("", |reported| reported.text.as_str());
            return format!(
                "The capture holds no packets of around {text} ({}). Check the date and the time zone, or capture again \
                 while it happens",
                self.options.zone_name
            );
        }
        if self.options.reported.is_none() {
            return "No single ending stands out from its siblings. Say when it was noticed (--at), or look behind the server: its \
                    application log, its database"
                .into();
        }
        rank(
            std::iter::empty(),
            &hangup_verdict::Incident { reported: Some(self.named.first().copied().unwrap_or_default()) },
        )
        .if_none
        .unwrap_or_default()
    }
}
