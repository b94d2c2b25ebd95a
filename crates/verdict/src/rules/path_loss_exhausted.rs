use crate::case::Case;
use crate::finding::Finding;
use crate::{UnansweredKind, words};
use hangup_wire::Side;

/// So many packets must have been lost before the last.
const LOSSES: u64 = 4;
/// And such a share of all.
const SHARE: f64 = 0.05;

/// `path-loss-exhausted`: the line was too bad, and at last nothing got through.
///
/// Signature: packets are lost and sent again all along (RFC 6298, RFC 6675), then one that is never answered, sent again
/// with growing gaps until its sender gives up. Against: the line had been clean before (`flow-blackholed`), or the
/// capture itself lacks packets.
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let silence = case.roles.silence.filter(|silence| {
        matches!(silence.kind, UnansweredKind::Data | UnansweredKind::Fin) && silence.tries >= 3
    })?;
    let sides = &case.facts.sides;
    let vain = u64::from(silence.tries.saturating_sub(1));
    let lost: u64 = Side::BOTH.into_iter().map(|side| u64::from(sides[side].retransmitted)).sum::<u64>();
    let lost = lost.saturating_sub(vain);
    let packets: u64 = sides.client.packets.saturating_add(sides.server.packets).saturating_sub(vain);
    #[expect(clippy::cast_precision_loss, reason = "a share of packets")]
    let share = lost as f64 / packets.max(1) as f64;
    if lost < LOSSES || share < SHARE || case.facts.captured_twice {
        return None;
    }
    let reset = case.resets(silence.silent.other()).next().map(|(goodbye, _, _)| goodbye.at);
    Some(
        case.finding(0.5)
            .says(
                format_args!(
                    "{lost} of {packets} packets had been sent again before: the line lost about one in {:.0}",
                    (1.0 / share).round()
                ),
                [],
            )
            .says(
                format_args!(
                    "Then one was sent {} within {} and never answered",
                    words::times(silence.tries.into()),
                    words::time(silence.last.after(silence.since))
                ),
                [Some(silence.since), Some(silence.last)],
            )
            .supported(share >= 0.1, 0.3, "One in ten or more", [])
            .supported(
                sides.client.retransmitted > 0 && sides.server.retransmitted > 0,
                0.2,
                "Both directions lost packets",
                [],
            )
            .supported(reset.is_some(), 0.2, "Its sender gave up with a reset", [reset])
            .doubted(
                Side::BOTH.into_iter().any(|side| sides[side].missing > sides[side].never_came),
                0.3,
                "The capture itself lacks packets: some may have arrived",
                [],
            )
            .or("flow-blackholed", 0.5, "Loss on the path measured by other means, for example `mtr` or the counters of the switches"),
    )
}
