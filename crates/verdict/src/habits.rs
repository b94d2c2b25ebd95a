//! What siblings usually do before their endings, counted within bounds: beside it, the one that does otherwise stands
//! out although its last packets look the same.

use crate::outstanding::later;
use crate::{ActKind, Facts};
use hangup_wire::Side;

/// Classes of size or length: each reaches twice as far as the one before.
const CLASSES: usize = 32;

/// How a crowd of connections went.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Habits {
    unanswered: u32,
    client_first: u32,
    server_first: u32,
    alerts: u32,
    client_bytes: Sizes,
    server_bytes: Sizes,
    length: Sizes,
}

/// How one connection went.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Habit {
    /// The client spoke, the server never did.
    pub(crate) unanswered: bool,
    /// Who spoke first.
    pub(crate) first_speaker: Option<Side>,
    /// Somebody said goodbye with an alert.
    pub(crate) alert: bool,
    client_bytes: u64,
    server_bytes: u64,
    /// Milliseconds.
    length: u64,
}

/// How many numbers fell into which class.
#[derive(Clone, Debug, Default, PartialEq)]
struct Sizes([u16; CLASSES]);

impl Habit {
    pub(crate) fn of(facts: &Facts) -> Self {
        let talk = &facts.talk;
        let first = |side: Side| talk.first[side].map(|spoken| spoken.at);
        let first_speaker = match (first(Side::Client), first(Side::Server)) {
            (Some(client), Some(server)) if later(client, server) => Some(Side::Server),
            (Some(_), _) => Some(Side::Client),
            (None, Some(_)) => Some(Side::Server),
            (None, None) => None,
        };
        let length = facts.last.time.seconds_since(facts.first.time).max(0.0) * 1000.0;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative; 2^53 ms")]
        let length = length as u64;
        Self {
            unanswered: talk.bytes[Side::Client] > 0 && talk.bytes[Side::Server] == 0,
            first_speaker,
            alert: facts.acts.iter().any(|act| matches!(&act.kind, ActKind::Alert(alert) if alert.ends())),
            client_bytes: talk.bytes[Side::Client],
            server_bytes: talk.bytes[Side::Server],
            length,
        }
    }
}

impl Habits {
    /// Counts one more connection.
    pub(crate) fn add(&mut self, habit: &Habit) {
        let count = |counter: &mut u32, holds: bool| *counter = counter.saturating_add(u32::from(holds));
        count(&mut self.unanswered, habit.unanswered);
        count(&mut self.client_first, habit.first_speaker == Some(Side::Client));
        count(&mut self.server_first, habit.first_speaker == Some(Side::Server));
        count(&mut self.alerts, habit.alert);
        self.client_bytes.add(habit.client_bytes);
        self.server_bytes.add(habit.server_bytes);
        self.length.add(habit.length);
    }

    /// How many were never answered.
    pub(crate) fn unanswered(&self) -> u64 {
        self.unanswered.into()
    }

    /// On how many `side` spoke first.
    pub(crate) fn begun_by(&self, side: Side) -> u64 {
        u64::from(match side {
            Side::Client => self.client_first,
            Side::Server => self.server_first,
        })
    }

    /// How many had an alert.
    pub(crate) fn alerts(&self) -> u64 {
        self.alerts.into()
    }

    /// In what `habit`, which is counted here too, is larger or smaller than nearly all the others: what, its own
    /// number, and the range of most others.
    pub(crate) fn odd_sizes(&self, habit: &Habit) -> [Option<Odd>; 3] {
        [
            self.client_bytes.odd(habit.client_bytes),
            self.server_bytes.odd(habit.server_bytes),
            self.length.odd(habit.length),
        ]
    }
}

/// A number that is far from the others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Odd {
    pub(crate) own: u64,
    /// Between these two lie at least nine in ten others.
    pub(crate) usual: (u64, u64),
}

impl Sizes {
    fn add(&mut self, value: u64) {
        if let Some(count) = self.0.get_mut(class(value)) {
            *count = count.saturating_add(1);
        }
    }

    /// `value` is one of those counted: is it two classes or more away from a narrow range that holds at least nine in
    /// ten of the others?
    fn odd(&self, value: u64) -> Option<Odd> {
        let own = class(value);
        let others = |class: usize| {
            let count = u32::from(self.0.get(class).copied().unwrap_or(0));
            count.saturating_sub(u32::from(class == own))
        };
        let all: u32 = (0..CLASSES).map(others).sum();
        let (fullest, inside) = (0..CLASSES.saturating_sub(2))
            .map(|class| (class, others(class) + others(class + 1) + others(class + 2)))
            .max_by_key(|&(class, count)| (count, core::cmp::Reverse(class)))?;
        let far = own + 1 < fullest || own > fullest + 3;
        let usual = (least(fullest), least(fullest + 3));
        (all >= 5 && inside * 10 >= all * 9 && far).then_some(Odd { own: value, usual })
    }
}

/// 0 for 0, 1 for 1, 2 up to 3, 3 up to 7, ...
fn class(value: u64) -> usize {
    value.checked_ilog2().map_or(0, |bits| bits as usize + 1).min(CLASSES - 1)
}

/// The least number of a class.
fn least(class: usize) -> u64 {
    if class == 0 { 0 } else { 1 << (class - 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_far_from_nine_in_ten_others_is_odd() {
        let mut sizes = Sizes::default();
        for value in [900, 1000, 1100, 1500, 1900, 2000, 1200, 1300, 1000, 40] {
            sizes.add(value);
        }
        assert_eq!(sizes.odd(40).map(|odd| odd.own), Some(40));
        assert!(sizes.odd(1500).is_none());
        // Twice as much is nothing strange.
        sizes.add(4000);
        assert!(sizes.odd(4000).is_none());
        assert_eq!((class(0), class(1), class(3), class(4), class(u64::MAX)), (0, 1, 2, 3, CLASSES - 1));
        assert_eq!((least(0), least(1), least(3)), (0, 1, 4));
    }

    #[test]
    fn where_all_differ_none_is_odd() {
        let mut sizes = Sizes::default();
        for power in 0..20 {
            sizes.add(1 << power);
        }
        assert!((0..20).all(|power| sizes.odd(1 << power).is_none()));
    }
}
