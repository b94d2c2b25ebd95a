//! Times that come again: the rounds in which a pool is looked after, and the rhythm in which a client speaks.

use hangup_wire::Timestamp;

/// Times at which the client hung up idle lines that are kept, beside the first one.
const ROUNDS: usize = 7;

/// When the client hung up idle lines: the first time, and the milliseconds from it to some later ones.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Rounds {
    first: Option<Timestamp>,
    later: [u32; ROUNDS],
    kept: u8,
}

impl Rounds {
    /// One more idle line was hung up.
    pub(crate) fn add(&mut self, at: Timestamp) {
        let Some(first) = self.first else {
            self.first = Some(at);
            return;
        };
        let milliseconds = at.0.saturating_sub(first.0) / 1_000_000;
        if let (Ok(milliseconds), Some(free)) =
            (u32::try_from(milliseconds), self.later.get_mut(usize::from(self.kept)))
        {
            *free = milliseconds;
            self.kept += 1;
        }
    }

    /// Milliseconds between the rounds of somebody who looks after idle lines now and then, where `at` and all the others, three and more, lie on them.
    pub(crate) fn period(&self, at: Timestamp) -> Option<u32> {
        const SHORTEST: u32 = 900;
        let begin = self.first?;
        let mut times = self.later;
        let times = times.get_mut(..usize::from(self.kept))?;
        times.sort_unstable();
        let gaps = || [0].iter().chain(times.iter()).zip(times.iter()).map(|(one, next)| next - one);
        // Lines that end in one round are milliseconds apart.
        let period = gaps().filter(|&gap| gap >= SHORTEST).min()?;
        let near = 10 + period / 300;
        let on_a_round = |after: u32| after.saturating_add(near) % period <= 2 * near;
        let own = u32::try_from(at.0.saturating_sub(begin.0) / 1_000_000).ok()?;
        let rounds = gaps().filter(|&gap| gap >= SHORTEST).count() + 1;
        (rounds >= 4 && times.iter().all(|&after| on_a_round(after)) && on_a_round(own)).then_some(period)
    }
}

/// Seconds between the client's turns on the first connection that had a rhythm: below zero until a second one has the same.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Rhythm(f32);

impl Rhythm {
    /// One more connection has turns so many seconds apart; 0 where it has no rhythm.
    pub(crate) fn add(&mut self, beat: f32) {
        if self.0 == 0.0 {
            self.0 = -beat;
        } else if beat > 0.0 && (beat - self.0.abs()).abs() <= self.0.abs() / 16.0 {
            self.0 = self.0.abs();
        } else if beat > 0.0 && self.0 < 0.0 {
            // The one before may have had a packet that the capture lacks.
            self.0 = -beat;
        }
    }

    /// In seconds, where two connections and more have the same.
    pub(crate) fn shared(self) -> Option<f64> {
        Some(self.0).filter(|&beat| beat > 0.0).map(f64::from)
    }
}
