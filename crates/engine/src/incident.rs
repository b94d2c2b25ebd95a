//! Which of the endings may be the one that somebody asked about.

use crate::model::{Connection, Incident, Suspect};
use crate::options::{Options, Reported, When};
use crate::present::Presenter;
use crate::when::{self, EARLY, LATE, Named};
use foldhash::fast::RandomState;
use hangup_verdict::{Candidate, Facts, HeardSet, Outcome, Ranking, Reading, Ruling, World, rank};
use hangup_wire::{Addr, PerSide, Timestamp};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// Suspects named at the most.
const SUSPECTS: usize = 10;
/// Suspects whose scores differ by no more fit as well.
const AS_WELL: f64 = 0.005;

/// Moments listed at the most, where a time of day is one on many days.
const MOMENTS: usize = 10;

/// Looks at every ending as it is judged, and keeps the suspects.
pub(crate) struct Search<'a> {
    options: &'a Options,
    /// Every minute or second that the report may mean; empty where none was reported, or none fits.
    named: Vec<Named>,
    asked_in_vain: bool,
    /// What the time would mean in UTC, where nobody named a zone.
    in_utc: Vec<Named>,
    /// The likeliest ending then: score and number.
    best_in_utc: Option<(f64, u64)>,
    /// What the error text says.
    text: Reading,
    /// What was heard of all that ended near the reported time; of everything where none was reported.
    heard: PerSide<HeardSet>,
    /// From the first packet to the last.
    span: (Timestamp, Timestamp),
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
        let assumed = options.reported.as_ref().filter(|_| options.zone_assumed);
        let in_utc = assumed.map(|reported| {
            let in_utc = Options { zone: jiff::tz::TimeZone::UTC, ..options.clone() };
            let mut moments = when::resolve(reported, &in_utc, world.begin, world.end);
            moments.retain(|moment| named.as_ref().is_some_and(|named| !named.contains(moment)));
            moments
        });
        Self {
            options,
            in_utc: in_utc.unwrap_or_default(),
            best_in_utc: None,
            asked_in_vain: named.as_ref().is_some_and(Vec::is_empty),
            named: named.unwrap_or_default(),
            text: options.error.as_deref().map(Reading::of).unwrap_or_default(),
            heard: PerSide::default(),
            span: (world.begin, world.end),
            best: Vec::new(),
            causes: HashMap::default(),
        }
    }

    /// Whether an ending is to be compared with what was reported: where nothing was, only an abnormal one can stand out.
    pub(crate) fn compares(options: &Options, ruling: &Ruling) -> bool {
        options.reported.is_some() || options.error.is_some() || ruling.outcome == Outcome::Abnormal
    }

    /// Looks at one ending, which is a candidate where [`Search::compares`] says so; where it is among the suspects so
    /// far, [`Search::keep`] is to have it with its words.
    pub(crate) fn consider(
        &mut self,
        facts: &Facts,
        ruling: &Ruling,
        candidate: Option<Candidate>,
    ) -> Option<Found> {
        let siblinghood = (facts.client.address, facts.server.address, facts.server.port);
        let full = self.causes.len() >= self.options.limits.groups;
        match self.causes.entry(siblinghood) {
            Entry::Vacant(_) if full => {}
            causes => causes.or_default().add(ruling.cause),
        }
        if self.asked_in_vain && self.in_utc.is_empty() {
            return None;
        }
        let candidate = candidate?;
        let near = |named: &Named| candidate.is_near(*named);
        if self.options.reported.is_none() || self.named.iter().any(near) {
            self.heard.client = self.heard.client.union(candidate.heard.client);
            self.heard.server = self.heard.server.union(candidate.heard.server);
        }
        let asked = |named: Option<Named>| {
            let incident = hangup_verdict::Incident { reported: named, text: Some(&self.text) };
            let Ranking { suspects, .. } = rank([candidate.clone()], &incident);
            suspects.into_iter().next().map(|suspect| (suspect, named))
        };
        for &moment in &self.in_utc {
            let better = |score: f64| self.best_in_utc.is_none_or(|(best, _)| score > best);
            if let Some((suspect, _)) = asked(Some(moment)).filter(|(suspect, _)| better(suspect.score)) {
                self.best_in_utc = Some((suspect.score, suspect.id));
            }
        }
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
        if reported.is_none() && !self.text.known() && self.best.len() != 1 {
            // Nobody asked anything that could be answered: one ending is named only if it stands out alone.
            self.best.clear();
        }
        if reported.is_none() && self.options.error.is_none() && self.best.is_empty() {
            return (None, Vec::new());
        }
        let named = self.best.first().map_or_else(|| self.named.first().copied(), |(found, _)| found.named);
        let baseline = self.best.first().and_then(|(found, _)| self.baseline(found));
        let if_none = self.best.is_empty().then(|| self.if_none());
        let several = self.named.len() > 1;
        let incident = Incident {
            reported_at: named.map(|(from, _)| presenter.time(from, 0)),
            moments: self.named.iter().map(|(from, _)| presenter.time(*from, 0)).collect(),
            remarks: self.remarks(named),
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
                    text_fits: found.suspect.text,
                    reported_at: found.named.filter(|_| several).map(|(from, _)| presenter.time(from, 0)),
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

    /// What has to be said about the report itself: who fits it as well, how its time was read, what its text is worth.
    fn remarks(&self, named: Option<Named>) -> Vec<String> {
        let mut remarks = Vec::new();
        remarks.extend(self.about_twins());
        if let Some(reported) = self.options.reported.as_ref() {
            remarks.extend(self.about_zone(reported));
            remarks.extend(self.about_days(reported, named));
        }
        if let Some(error) = self.options.error.as_deref() {
            if self.text.known() {
                remarks.extend(self.text.meaning(error));
                let timed = self.options.reported.is_some();
                let contradiction = self.text.contradiction(error, self.heard, timed);
                remarks.extend(contradiction.filter(|_| !self.asked_in_vain));
            } else {
                remarks.push(format!("“{error}” is no error text that hangup knows: it was left aside"));
            }
        }
        remarks
    }

    /// Others that ended by the same cause and fit as well as the first suspect.
    fn about_twins(&self) -> Option<String> {
        let (first, _) = self.best.first()?;
        let twins = self.best.iter().skip(1).filter(|(found, _)| {
            found.cause == first.cause && first.suspect.score - found.suspect.score <= AS_WELL
        });
        let ids: Vec<u64> = twins.map(|(found, _)| found.suspect.id).collect();
        let which = match ids.as_slice() {
            [] => return None,
            [one] => format!("Connection {one} fits as well"),
            many => format!("{} other connections fit as well", many.len()),
        };
        Some(format!(
            "{which}: {} ended in the same way at about that time; more of the error's text, or its very second, would tell them apart",
            if ids.len() == 1 { "it" } else { "they" }
        ))
    }

    /// In which zone the time was read, where nobody named one, and whether only another would do.
    fn about_zone(&self, reported: &Reported) -> Option<String> {
        if matches!(reported.when, When::Instant(_)) {
            return None;
        }
        let zone = &self.options.zone_name;
        let mut words = String::new();
        if self.options.zone_assumed {
            words = format!(
                "{} was read in {zone}, the zone of this computer; --tz names another",
                reported.text
            );
        }
        if self.asked_in_vain {
            let (begin, end) = self.span;
            if let Some(others) = when::elsewhere(reported, self.options, begin, end) {
                if words.is_empty() {
                    words = format!("{} was read in {zone}", reported.text);
                }
                words.extend([". The capture has it only in another zone: ", &others]);
            }
        }
        if let Some((_, id)) = self.best_in_utc.filter(|_| self.best.is_empty()) {
            words.extend([". Read as UTC, connection ", &id.to_string(), " would fit: --tz UTC"]);
        }
        (!words.is_empty()).then_some(words)
    }

    /// On which days the time was searched.
    fn about_days(&self, reported: &Reported, best: Option<Named>) -> Option<String> {
        if self.named.len() < 2 {
            return None;
        }
        let told = |named: &Named| when::told(named.0, self.options);
        let mut days: Vec<String> = self.named.iter().take(MOMENTS).map(told).collect();
        if self.named.len() > MOMENTS {
            days.push(format!("{} more", self.named.len() - MOMENTS));
        }
        let mut words = format!(
            "The capture has {} more than once, and each was searched: {}",
            reported.text,
            days.join(", ")
        );
        if let Some(best) = best.filter(|_| !self.best.is_empty()) {
            words.extend(["; the likeliest ending is of ", &told(&best)]);
        }
        Some(words)
    }

    /// Why no ending is named although somebody asked.
    fn if_none(&self) -> String {
        if self.asked_in_vain {
            let text = self.options.reported.as_ref().map_or("", |reported| reported.text.as_str());
            let (begin, end) = self.span;
            return format!(
                "The capture holds no packets of around {text}: it goes from {} to {} ({}). Check the date and the time zone, or \
                 capture again while it happens",
                when::told(begin, self.options),
                when::told(end, self.options),
                self.options.zone_name
            );
        }
        if self.options.reported.is_none() {
            if self.text.known() {
                return "No ending in this capture is abnormal and shows what the error text takes: what the program complained of is \
                        not in these endings. Say when it was noticed (--at), or look behind the server (its application log, its \
                        database) and at connections that this capture does not hold"
                    .into();
            }
            return "No single ending stands out from the others. Say when it was noticed (--at), or look behind the server: its \
                    application log, its database"
                .into();
        }
        rank(
            std::iter::empty(),
            &hangup_verdict::Incident {
                reported: Some(self.named.first().copied().unwrap_or_default()),
                text: None,
            },
        )
        .if_none
        .unwrap_or_default()
    }
}
