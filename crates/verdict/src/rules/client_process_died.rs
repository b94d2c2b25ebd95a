use crate::case::Case;
use crate::event::Happening;
use crate::finding::Finding;
use crate::{GoodbyeKind, Outcome};
use hangup_wire::Side;

/// Confidence from which on it is called abnormal.
const CLEAR: f64 = 0.55;

/// `client-process-died`: the client's program crashed or was killed.
///
/// Signature: two or more connections of one client host end in one instant, by a FIN without a goodbye or a
/// RST with ACK flag (RFC 1122 §4.2.2.13), something outstanding on at least one, and on one at least without the
/// goodbye that TLS owes. Against: plain FINs only, as of any program that closes its lines (`client-gives-up`); a library that
/// never says goodbye and one connection only (`bare-fin-no-close-notify`); one server and its answers
/// flowing: somebody may have cancelled (`client-abort`); equal waits before, of a round number of seconds or with a line among them on which
/// nothing was due: a time-out (`client-gives-up`).
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let first = case.first_of(Side::Client)?;
    let together = case.together(Happening::ClientDied)?;
    let group = case.siblings.group;
    // Those that ended with this one show no habit.
    let here = together.others + 1;
    let (rest, so) = (group.count.saturating_sub(here), group.begun_with(first.kind).saturating_sub(here));
    let usual = rest >= 3 && so * 2 > rest;
    let finding = case
        .finding(0.45)
        .says("The client closed the connection and said no goodbye", [Some(first.at)])
        .supported(
            true,
            0.2,
            format_args!("In the same instant its machine closed others: {}", together.names()),
            [],
        )
        .supported(
            together.several_servers,
            0.5,
            "They went to more than one server: no single server can be the reason",
            [],
        )
        .supported(together.others > 1, 0.2, "There are several of them", [])
        .supported(case.owed(), 0.2, "An answer was still due", case.outstanding.at.iter().copied().map(Some))
        .doubted(
            usual && first.kind == GoodbyeKind::Fin,
            0.3,
            "Most of its connections to this server end in this way: its program may never say goodbye",
            [],
        )
        .or(
            "client-abort",
            if together.several_servers { 0.3 } else { 0.6 },
            "The client program's log, or its user: whether somebody cancelled",
        );
    // Something was owed on one of them at least: a line on which nothing was ended for the same reason. Without TLS its FIN is a proper goodbye, though.
    let proper = case.facts.tls.is_none() && first.kind == GoodbyeKind::Fin && !case.owed();
    Some(if finding.confidence >= CLEAR && !proper { finding } else { finding.outcome(Outcome::Undecided) })
}
