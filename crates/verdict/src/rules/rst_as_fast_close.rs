use crate::case::Case;
use crate::finding::Finding;
use crate::foreign::Foreign;
use crate::group::Shape;
use crate::{EndedBy, GoodbyeKind, Outcome, Responsible, Role};
use hangup_wire::Side;

/// `rst-as-fast-close`: a reset instead of a FIN, after everything was delivered.
///
/// Signature: all data acknowledged both ways, nothing outstanding, then a RST with ACK flag as (part of) the
/// first goodbye (RFC 9293 §3.9.1.6, ABORT; `SO_LINGER` 0). Against: data in flight (`client-abort`), an
/// answer due (`server-abort-linger`). Where the reset is unlike its sender's other packets the verdict stays open.
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let side = match case.roles.ended_by() {
        EndedBy::Client => Side::Client,
        EndedBy::Server => Side::Server,
        _ => return None,
    };
    let (goodbye, act, reset) =
        case.resets(side).find(|(goodbye, _, rst)| goodbye.role == Role::First && rst.ack_flag)?;
    if case.owed() || !case.has_data() {
        return None;
    }
    let delivered = Side::BOTH.into_iter().all(|of| {
        let said = case.facts.talk.last[of].map_or(0, |spoken| spoken.end);
        // Of the other side's data only what the reset's sender acknowledged, with the reset at the latest: later there is
        // nobody.
        let with_it = act.ack.unwrap_or(0).max(reset.acked_before);
        let acked = if of == side { case.facts.sides[of].acked } else { with_it };
        acked >= said
    });
    if !delivered {
        return None;
    }
    let first = case.first()?;
    let usual = case.siblings.group.with_shape(Shape {
        ender: case.roles.ended_by(),
        kind: Some(first.kind),
        outstanding: case.outstanding.value,
    });
    let doubtful = case.roles.foreign.as_ref().is_some_and(Foreign::doubtful);
    let known = case.outstanding.value == Some(false);
    let finding = case
        .finding(0.6)
        .says(format_args!("The {} ended the connection with a reset", side.name()), [Some(goodbye.at)])
        .supported(
            known,
            0.4,
            format_args!("Nothing was outstanding: {}", case.outstanding.why),
            case.outstanding.at.iter().copied().map(Some),
        )
        .supported(true, 0.1, "All data had been acknowledged both ways", [])
        .supported(
            usual >= 4 && first.kind == GoodbyeKind::Rst,
            0.4,
            format_args!("{usual} connections of this client to this server end in this way"),
            [],
        )
        .doubted(
            doubtful,
            0.3,
            format_args!(
                "The reset is not like the other packets of the {}: something between may have sent it",
                side.name()
            ),
            [Some(goodbye.at)],
        )
        .or_if(
            doubtful,
            "middlebox-idle-rst-both",
            0.6,
            "A capture at the other end; or other connections: whether the pause before is always the same",
        )
        .doubted(!known, 0.3, case.outstanding.why, case.outstanding.at.iter().copied().map(Some))
        .responsible(Responsible::app(side));
    Some(match (known, side) {
        (true, _) if doubtful => finding.outcome(Outcome::Undecided),
        (true, _) => finding,
        // It leaves so as a rule, right behind the server's words, and nothing more of those came.
        (false, Side::Client) if !doubtful && usual >= 3 && case.had_spoken() => finding,
        (false, Side::Client) => finding
            .or("client-abort", 0.6, "The client program's log: whether it had all that it wanted")
            .outcome(Outcome::Undecided),
        (false, Side::Server) => finding.outcome(Outcome::Undecided),
    })
}
