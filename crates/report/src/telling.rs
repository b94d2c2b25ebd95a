//! Chooses, in bounded memory, the endings that tell most: one of each kind, with the number of others like it.

use hangup_engine::Glance;
use hangup_engine::model::Connection;
use std::net::SocketAddr;

/// Kinds of endings that are kept; where there are more, the least telling give way.
const KINDS: usize = 64;
/// Numbers of further connections of a kind that are kept.
const OTHERS: usize = 5;

/// The most telling endings so far.
#[derive(Debug, Default)]
pub(crate) struct Telling {
    kinds: Vec<Kind>,
    /// Endings of kinds that gave way.
    pub(crate) dropped: u64,
}

/// Endings with one verdict, cause and server, or of one event, and the most telling of them.
#[derive(Debug)]
pub(crate) struct Kind {
    verdict: String,
    cause: Option<String>,
    server: SocketAddr,
    /// The event that ended them; its endings are one kind, whatever their causes.
    pub(crate) event: Option<u32>,
    best: Option<Connection>,
    score: f64,
    id: u64,
    /// How many there are, the best one included.
    pub(crate) count: u64,
    /// Some of the others.
    pub(crate) others: Vec<u64>,
}

/// A kind, and the ending that stands for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told<'a> {
    pub(crate) kind: &'a Kind,
    pub(crate) best: &'a Connection,
}

impl Telling {
    /// Counts an ending. Whether it is the most telling one of its kind so far, and [`Telling::keep`] is to have it.
    pub(crate) fn count(&mut self, glance: &Glance<'_>) -> bool {
        let score = score(glance);
        if let Some(kind) = self.kinds.iter_mut().find(|kind| kind.holds(glance)) {
            if glance.verdict == "abnormal" && kind.verdict != "abnormal" {
                glance.verdict.clone_into(&mut kind.verdict);
            }
            return kind.add(glance.id, score);
        }
        if self.kinds.len() >= KINDS {
            let worst = (0..).zip(&self.kinds).min_by(|(_, a), (_, b)| a.score.total_cmp(&b.score));
            let Some((index, worst)) = worst.map(|(index, kind): (usize, &Kind)| (index, kind)) else {
                return false;
            };
            if worst.score >= score {
                self.dropped += 1;
                return false;
            }
            self.dropped += worst.count;
            self.kinds.remove(index);
        }
        self.kinds.push(Kind {
            verdict: glance.verdict.into(),
            cause: glance.cause.map(Into::into),
            server: glance.server,
            event: glance.event,
            best: None,
            score,
            id: glance.id,
            count: 1,
            others: Vec::new(),
        });
        true
    }

    /// Keeps the connection that [`Telling::count`] asked for last.
    pub(crate) fn keep(&mut self, connection: &Connection) {
        if let Some(kind) = self.kinds.iter_mut().find(|kind| kind.id == connection.id) {
            kind.best = Some(connection.clone());
        }
    }

    /// The kinds of one verdict, most telling first: surely something was lost, rare, and sure; then by number.
    pub(crate) fn ranked(&self, verdict: &str) -> Vec<Told<'_>> {
        let kinds = self.kinds.iter().filter(|kind| kind.verdict == verdict);
        let mut told: Vec<_> =
            kinds.filter_map(|kind| Some(Told { kind, best: kind.best.as_ref()? })).collect();
        told.sort_by(|a, b| b.kind.rank().total_cmp(&a.kind.rank()).then(a.kind.id.cmp(&b.kind.id)));
        told
    }
}

impl Kind {
    fn holds(&self, glance: &Glance<'_>) -> bool {
        if self.event.is_some() || glance.event.is_some() {
            return self.event == glance.event;
        }
        self.server == glance.server
            && self.cause.as_deref() == glance.cause
            && self.verdict == glance.verdict
    }

    fn add(&mut self, id: u64, score: f64) -> bool {
        self.count += 1;
        let better = score > self.score;
        let other = if better { std::mem::replace(&mut self.id, id) } else { id };
        if better {
            self.score = score;
        }
        if self.others.len() < OTHERS {
            self.others.push(other);
        }
        better
    }

    #[expect(clippy::cast_precision_loss, reason = "only compared")]
    fn rank(&self) -> f64 {
        self.score + 0.5 / self.count as f64
    }
}

/// How much an ending tells by itself: what was outstanding is somebody's loss; what is sure is worth reading first.
fn score(glance: &Glance<'_>) -> f64 {
    let loss = match glance.outstanding {
        Some(true) => 0.5,
        None => 0.2,
        Some(false) => 0.0,
    };
    loss + glance.confidence
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn add(telling: &mut Telling, connection: &Connection) {
        if telling.count(&Glance::of(connection)) {
            telling.keep(connection);
        }
    }

    #[test]
    fn a_thousand_alike_are_one_kind() {
        let mut telling = Telling::default();
        for id in 0..1000 {
            let mut connection = sample::morning()[2].clone();
            connection.id = id;
            add(&mut telling, &connection);
        }
        let kinds = telling.ranked("abnormal");
        assert_eq!((kinds.len(), kinds[0].kind.count, kinds[0].best.id), (1, 1000, 0));
        assert_eq!(kinds[0].kind.others, [1, 2, 3, 4, 5]);
    }

    #[test]
    fn what_is_kept_is_bounded_and_the_surest_stay() {
        let mut telling = Telling::default();
        for port in 0..1000_u16 {
            let mut connection = sample::morning()[2].clone();
            connection.id = port.into();
            connection.server.port = port;
            connection.ending.confidence = f64::from(port) / 1000.0;
            add(&mut telling, &connection);
        }
        let kinds = telling.ranked("abnormal");
        assert_eq!(kinds.len(), KINDS);
        assert_eq!(kinds[0].best.server.port, 999);
        assert_eq!(telling.dropped, 1000 - KINDS as u64);
    }
}
