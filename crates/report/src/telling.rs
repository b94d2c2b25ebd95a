//! Chooses, in bounded memory, the endings that tell most: one of each kind, with the number of others like it.

use hangup_engine::model::Connection;

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

/// Endings with one verdict, cause and server, and the most telling of them.
#[derive(Debug)]
pub(crate) struct Kind {
    pub(crate) best: Connection,
    score: f64,
    /// How many there are, the best one included.
    pub(crate) count: u64,
    /// Some of the others.
    pub(crate) others: Vec<u64>,
}

impl Telling {
    /// Takes in one connection.
    pub(crate) fn add(&mut self, connection: &Connection) {
        let score = score(connection);
        if let Some(kind) = self.kinds.iter_mut().find(|kind| kind.holds(connection)) {
            kind.add(connection, score);
            return;
        }
        if self.kinds.len() >= KINDS {
            let worst = (0..).zip(&self.kinds).min_by(|(_, a), (_, b)| a.score.total_cmp(&b.score));
            let Some((index, worst)) = worst.map(|(index, kind): (usize, &Kind)| (index, kind)) else {
                return;
            };
            if worst.score >= score {
                self.dropped += 1;
                return;
            }
            self.dropped += worst.count;
            self.kinds.remove(index);
        }
        self.kinds.push(Kind { best: connection.clone(), score, count: 1, others: Vec::new() });
    }

    /// The kinds of one verdict, most telling first: surely something was lost, rare, and sure; then by number.
    pub(crate) fn ranked(&self, verdict: &str) -> Vec<&Kind> {
        let mut kinds: Vec<&Kind> =
            self.kinds.iter().filter(|kind| kind.best.ending.verdict == verdict).collect();
        kinds.sort_by(|a, b| b.rank().total_cmp(&a.rank()).then(a.best.id.cmp(&b.best.id)));
        kinds
    }
}

impl Kind {
    fn holds(&self, connection: &Connection) -> bool {
        let (a, b) = (&self.best, connection);
        a.ending.cause == b.ending.cause
            && a.ending.verdict == b.ending.verdict
            && a.server.port == b.server.port
            && a.server.ip == b.server.ip
    }

    fn add(&mut self, connection: &Connection, score: f64) {
        self.count += 1;
        let mut other = connection.id;
        if score > self.score {
            other = self.best.id;
            self.best = connection.clone();
            self.score = score;
        }
        if self.others.len() < OTHERS {
            self.others.push(other);
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "only compared")]
    fn rank(&self) -> f64 {
        self.score + 0.5 / self.count as f64
    }
}

/// How much an ending tells by itself: what was outstanding is somebody's loss; what is sure is worth reading first.
fn score(connection: &Connection) -> f64 {
    let ending = &connection.ending;
    let loss = match ending.outstanding {
        Some(true) => 0.5,
        None => 0.2,
        Some(false) => 0.0,
    };
    loss + ending.confidence
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_thousand_alike_are_one_kind() {
        let mut telling = Telling::default();
        for id in 0..1000 {
            let mut connection = sample::morning()[2].clone();
            connection.id = id;
            telling.add(&connection);
        }
        let kinds = telling.ranked("abnormal");
        assert_eq!((kinds.len(), kinds[0].count, kinds[0].best.id), (1, 1000, 0));
        assert_eq!(kinds[0].others, [1, 2, 3, 4, 5]);
    }

    #[test]
    fn what_is_kept_is_bounded_and_the_surest_stay() {
        let mut telling = Telling::default();
        for port in 0..1000_u16 {
            let mut connection = sample::morning()[2].clone();
            connection.server.port = port;
            connection.ending.confidence = f64::from(port) / 1000.0;
            telling.add(&connection);
        }
        let kinds = telling.ranked("abnormal");
        assert_eq!(kinds.len(), KINDS);
        assert_eq!(kinds[0].best.server.port, 999);
        assert_eq!(telling.dropped, 1000 - KINDS as u64);
    }
}
