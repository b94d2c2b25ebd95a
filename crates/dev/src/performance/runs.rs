//! Several runs of calls that are compared with each other.

use super::{Call, Run};
use std::io;
use std::time::Duration;

/// The runs of one call.
#[derive(Clone, Debug, Default)]
pub(super) struct Runs(Vec<Run>);

/// Which time of a run is meant.
pub(super) type Time = fn(&Run) -> Duration;

/// Time on a processor: on one core, of a file in memory, it is the time on the clock but for what others do meanwhile.
pub(super) const CPU: Time = |run| run.cpu;
/// Time on the clock.
pub(super) const WALL: Time = |run| run.wall;

impl Runs {
    /// Runs all calls in turn, so many times: what disturbs one of them disturbs the others as well.
    pub(super) fn alternating(calls: &[&Call], times: usize) -> io::Result<Vec<Self>> {
        let mut all = vec![Self::default(); calls.len()];
        for _ in 0..times {
            for (call, runs) in calls.iter().zip(&mut all) {
                runs.0.push(call.run()?);
            }
        }
        Ok(all)
    }

    /// Seconds of the shortest run.
    pub(super) fn best(&self, time: Time) -> f64 {
        self.sorted(time).first().copied().unwrap_or(f64::NAN)
    }

    /// Seconds of the run in the middle.
    pub(super) fn median(&self, time: Time) -> f64 {
        let sorted = self.sorted(time);
        sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
    }

    fn sorted(&self, time: Time) -> Vec<f64> {
        let mut seconds: Vec<f64> = self.0.iter().map(|run| time(run).as_secs_f64()).collect();
        seconds.sort_by(f64::total_cmp);
        seconds
    }
}
