//! Holes in the capture where it matters: between the last words that were seen and the goodbye.

use crate::{ActKind, Facts};
use hangup_wire::Side;

/// Bytes of `side` that came after its last known application data and before its goodbye are not in the
/// capture, so that a question or an answer may be among them.
pub(crate) fn before_goodbye(facts: &Facts, side: Side) -> bool {
    let half = &facts.sides[side];
    let broken = facts.tls.as_ref().is_some_and(|tls| tls.lost > 0);
    if half.missing == 0 && !broken {
        return false;
    }
    let said = facts.talk.last[side].map_or(1, |spoken| spoken.end);
    let goodbye = facts.acts.iter().filter(|act| act.from == Some(side)).filter_map(|act| match &act.kind {
        ActKind::Alert(alert) if alert.ends() => {
            let record = u64::from(alert.record_length).saturating_add(5);
            let records = if alert.pair { record.saturating_mul(2) } else { record };
            Some(act.offset.saturating_sub(records))
        }
        ActKind::Fin { .. } => Some(act.offset),
        ActKind::Rst(rst) if rst.ack_flag => Some(act.offset),
        _ => None,
    });
    goodbye.min().unwrap_or(half.sent.max(half.acked)) > said
}
