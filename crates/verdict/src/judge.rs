//! From facts to a verdict: the rules in their order, then evidence, doubts and plain words.

use crate::beside::Together;
use crate::calibration::probability;
use crate::case::{Case, is_alert};
use crate::catalogue::{self, Entry};
use crate::explanation;
use crate::finding::Finding;
use crate::roles::Roles;
use crate::rules::{ORDER, Rule, tags};
use crate::signs::Signs;
use crate::words;
use crate::{
    Alternative, EndedBy, Event, Evidence, Facts, GoodbyeKind, Outcome, Responsible, Role, RolesFrom, Ruling,
    Siblings, Verdict,
};
use hangup_wire::Side;

/// The most that is said for a cause that leaves the verdict open.
const SUSPICION: f64 = 0.75;
/// Alternatives below this confidence are noise.
const WORTH_SAYING: f64 = 0.005;

/// Decides one connection: who ended it, how, whether that is normal, and why it most likely happened.
///
/// Pure: the same facts and siblings give the same ruling. What no rule covers is undecided.
pub fn decide(facts: &Facts, siblings: &Siblings<'_>) -> Ruling {
    let case = Case::new(facts, siblings, false);
    let winner = held(&case).next();
    ruling(&case, winner.as_ref()).with(case.roles)
}

/// Decides one connection and puts the ruling into words, with what speaks for it and against it. Its ruling is
/// that of [`decide`].
pub fn judge(facts: &Facts, siblings: &Siblings<'_>) -> Verdict {
    let case = Case::new(facts, siblings, true);
    let mut held = held(&case);
    let winner = held.next();
    let rest: Vec<_> = held.collect();
    let decided = ruling(&case, winner.as_ref());
    let tags = tags(&case);
    let Decided { cause, confidence, .. } = decided;
    let entry = cause.and_then(catalogue::entry);
    let finding = winner.map(|(_, finding)| finding);
    let mut also: Vec<&'static str> =
        rest.iter().filter(|(rule, _)| rule.beside).map(|(rule, _)| rule.id).collect();
    also.extend(tags.iter().map(|tag| tag.id).filter(|&id| Some(id) != cause));
    let mut evidence = evidence(&case, finding.as_ref());
    evidence.extend(tags.iter().map(|tag| Evidence {
        says: tag.says.clone(),
        frames: tag.frames.clone(),
        supports: true,
    }));
    let alternatives = alternatives(
        confidence,
        cause,
        finding.map(|finding| finding.alternatives).unwrap_or_default(),
        // A condition of the capture is no rival of a cause.
        rest.iter()
            .filter(|(rule, _)| !rule.beside && !catalogue::entry(rule.id).is_some_and(|entry| entry.tag))
            .map(|(rule, finding)| (rule.id, finding.confidence)),
    );
    let told: Vec<_> = tags.iter().map(|tag| (tag.id, tag.says.as_str())).collect();
    let explanation = explanation::of(&case, entry, &told);
    let (limits, next_steps) = (limits(&case), next_steps(&case, entry));
    Verdict {
        ruling: decided.with(case.roles),
        also,
        evidence,
        alternatives,
        limits,
        explanation,
        next_steps,
    }
}

/// The rules that hold, in their order. Those whose signs are missing are not asked, but for a check while testing.
fn held<'c>(case: &'c Case<'_>) -> impl Iterator<Item = (&'static Rule, Finding)> + 'c {
    let signs = Signs::of(case);
    ORDER.iter().filter_map(move |rule| {
        if signs.have(rule.needs) {
            return Some((rule, (rule.find)(case)?));
        }
        debug_assert!((rule.find)(case).is_none(), "{} holds without its signs: {signs:?}", rule.id);
        None
    })
}

/// A ruling but for its goodbyes, which are still on the table.
struct Decided {
    outcome: Outcome,
    ended_by: EndedBy,
    idle_before: Option<f64>,
    outstanding: Option<bool>,
    cause: Option<&'static str>,
    confidence: f64,
    responsible: Responsible,
    event: Option<Event>,
}

impl Decided {
    fn with(self, roles: Roles) -> Ruling {
        Ruling {
            outcome: self.outcome,
            ended_by: self.ended_by,
            first: roles.first,
            goodbyes: roles.goodbyes,
            idle_before: self.idle_before,
            outstanding: self.outstanding,
            cause: self.cause,
            confidence: self.confidence,
            responsible: self.responsible,
            event: self.event,
        }
    }
}

fn ruling(case: &Case<'_>, winner: Option<&(&'static Rule, Finding)>) -> Decided {
    let cause = winner.map(|(rule, _)| rule.id);
    let entry = cause.and_then(catalogue::entry);
    let finding = winner.map(|(_, finding)| finding);
    let confidence = finding.map_or(0.0, |finding| {
        let likely = probability(finding.confidence) * quality(case);
        // A suspicion that leaves the verdict open is not called very likely.
        round(if finding.outcome == Some(Outcome::Undecided) { likely.min(SUSPICION) } else { likely })
    });
    let outcome = finding
        .and_then(|finding| finding.outcome)
        .or(entry.map(|entry| entry.outcome))
        .unwrap_or(Outcome::Undecided);
    // What decides between a normal and an abnormal ending is not in the capture.
    let blind = case.outstanding.blind && entry.is_none_or(|entry| entry.family != "tls");
    let outcome = if blind && outcome != Outcome::Open { Outcome::Undecided } else { outcome };
    let responsible = finding
        .and_then(|finding| finding.responsible)
        .or(entry.map(|entry| entry.responsible))
        .unwrap_or(Responsible::Unknown);
    let ended_by = match case.roles.ended_by() {
        EndedBy::Nobody if case.one_sided().is_some() => EndedBy::Unknown,
        known => known,
    };
    Decided {
        outcome,
        ended_by,
        idle_before: case.outstanding.idle,
        outstanding: case.outstanding.value,
        cause,
        confidence,
        responsible,
        event: case.beside.together.as_ref().and_then(Together::event),
    }
}

/// What is seen of the ending, then what the rule found.
fn evidence(case: &Case<'_>, finding: Option<&Finding>) -> Vec<Evidence> {
    let mut evidence = Vec::new();
    if let Some(first) = case.first() {
        let first_of_all = match first.kind {
            // A silence says nothing.
            GoodbyeKind::Silence => "Nobody had said goodbye before",
            _ => "This was the first goodbye",
        };
        let says = format!("{}. {first_of_all}", words::sentence(case, first));
        evidence.push(Evidence { says, frames: vec![first.at], supports: true });
    }
    evidence.extend(farewells(case));
    evidence.extend(finding.into_iter().flat_map(|finding| finding.evidence.iter().cloned()));
    let mut add = |says: String, at: crate::Moment| {
        let told = evidence.iter().any(|told: &Evidence| told.frames.contains(&at));
        if !told {
            evidence.push(Evidence { says, frames: vec![at], supports: true });
        }
    };
    for side in Side::BOTH {
        if let Some(at) = case.last_words(side) {
            add(format!("The last application data of the {}", side.name()), at);
        }
    }
    for goodbye in &case.roles.goodbyes {
        let sentence = words::sentence(case, goodbye);
        match goodbye.role {
            Role::First => add(format!("{sentence}, as part of the same move"), goodbye.at),
            Role::Reply => add(format!("{sentence}, in answer"), goodbye.at),
            Role::Echo => add(format!("{sentence}, a kernel's answer to what came too late"), goodbye.at),
            Role::Crossing => add(format!("{sentence}, before it could know of the other's"), goodbye.at),
            Role::Ignored => add(format!("{sentence}, but the connection went on"), goodbye.at),
            Role::Repeat => {}
        }
    }
    if finding.is_none() && case.first().is_some() {
        let at = case.outstanding.at.clone();
        let due = match case.outstanding.value {
            Some(true) => "Something was outstanding",
            Some(false) => "Nothing was outstanding",
            None => "Whether something was outstanding is not known",
        };
        evidence.push(Evidence {
            says: format!("{due}: {}", case.outstanding.why),
            frames: at,
            supports: true,
        });
    }
    evidence
}

/// Who took leave in the protocol's own words.
fn farewells<'c>(case: &'c Case<'_>) -> impl Iterator<Item = Evidence> + 'c {
    Side::BOTH.into_iter().filter_map(|side| {
        let farewell = case.facts.talk.farewell[side].as_deref()?;
        let (name, protocol, word) = (side.name(), &farewell.protocol, &farewell.word);
        let says = if farewell.unanswered {
            format!("The last message of the {name} was {protocol}'s {word}, which gets no answer")
        } else {
            format!("The {name} said goodbye in {protocol}'s own words ({word})")
        };
        Some(Evidence { says, frames: vec![farewell.at], supports: true })
    })
}

/// The doubt that is left, shared out among what could not be excluded.
fn alternatives(
    confidence: f64,
    cause: Option<&'static str>,
    named: Vec<Alternative>,
    held: impl Iterator<Item = (&'static str, f64)>,
) -> Vec<Alternative> {
    let mut all = named;
    for (id, sure) in held {
        if !all.iter().any(|known| known.cause == id) {
            let would_decide =
                catalogue::entry(id).map_or_else(String::new, |entry| entry.would_decide.clone());
            all.push(Alternative { cause: id, confidence: 0.5 * sure, would_decide });
        }
    }
    all.retain(|alternative| Some(alternative.cause) != cause);
    let weight: f64 = all.iter().map(|alternative| alternative.confidence).sum();
    for alternative in &mut all {
        alternative.confidence = round((1.0 - confidence) * alternative.confidence / weight.max(1.0));
    }
    all.retain(|alternative| alternative.confidence >= WORTH_SAYING);
    all.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    all
}

/// How far the capture lets one be sure of anything, 0 to 1.
fn quality(case: &Case<'_>) -> f64 {
    let facts = case.facts;
    let roles = match facts.roles_from {
        RolesFrom::Syn | RolesFrom::SynAck | RolesFrom::ClientHello => 1.0,
        RolesFrom::Port => 0.95,
        RolesFrom::Guess => 0.8,
    };
    let whole = match case.one_sided() {
        Some(_) => 0.7,
        None if case.lossy() => 0.75,
        None => 1.0,
    };
    let kept = if facts.evicted { 0.8 } else { 1.0 };
    let alert =
        case.first().filter(|first| is_alert(first.kind)).map_or(1.0, |first| 0.5 + 0.5 * first.certainty);
    roles * whole * kept * alert
}

fn limits(case: &Case<'_>) -> Vec<String> {
    let facts = case.facts;
    let mut limits = Vec::new();
    let mut limit = |holds: bool, words: &str| {
        if holds {
            limits.push(words.to_owned());
        }
    };
    limit(
        facts.handshake == crate::Handshake::Unseen,
        "The capture begins in the middle of this connection: what came before is not known",
    );
    limit(
        matches!(facts.roles_from, RolesFrom::Guess),
        "Which side is the client is a guess: the beginning is missing and the ports do not tell",
    );
    limit(
        matches!(facts.roles_from, RolesFrom::Port),
        "Which side is the client was told from the ports alone",
    );
    limit(case.one_sided().is_some(), "Only one direction of this connection was captured");
    limit(
        Side::BOTH.into_iter().any(|side| facts.sides[side].missing > 0),
        "The capture lacks bytes that were sent and acknowledged",
    );
    limit(
        facts.tls.as_ref().is_some_and(|tls| tls.lost > 0),
        "A gap in the capture broke the chain of TLS records: an alert may be missing",
    );
    limit(facts.captured_twice, "Packets of this connection were captured twice; the copies were set aside");
    limit(facts.evicted, "Too many connections were open at once: this one was let go before its end");
    limit(facts.acts_left_out > 0, "There were more acts of closing than are listed");
    limit(
        case.first().is_some_and(|first| first.kind == GoodbyeKind::Fin && case.act(first).is_none()),
        "The first goodbye is not in the capture: that it was said shows in the packet that acknowledges it",
    );
    limit(
        case.first().is_some_and(|first| first.certainty < 0.9),
        "That the first goodbye is one at all is inferred from its length and position",
    );
    limits
}

fn next_steps(case: &Case<'_>, entry: Option<&Entry>) -> Vec<String> {
    match entry {
        Some(entry) => entry.next.iter().map(|step| explanation::fill(case, step)).collect(),
        None => vec![
            "Read the log of the side that ended the connection, at the second of its goodbye".to_owned(),
            "Compare with a connection of the same client and server that worked".to_owned(),
            "Capture at the other end at the same time: it settles who sent what".to_owned(),
        ],
    }
}

/// Three decimals: more would pretend.
fn round(share: f64) -> f64 {
    (share.clamp(0.0, 1.0) * 1000.0).round() / 1000.0
}
