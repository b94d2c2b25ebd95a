use super::middlebox_lost_state_rst::PAUSE;
use crate::case::Case;
use crate::finding::Finding;
use crate::foreign::Foreign;
use crate::group::Shape;
use crate::words;

/// `middlebox-policy-reset`: something between did not like what it read.
///
/// Signature: a reset that its claimed sender did not send, within a round trip behind a particular payload (a
/// `ClientHello`, a request), with no pause before it. Forms: Weaver, Sommer and Paxson (NDSS 2009). Against: a pause
/// came first (`middlebox-lost-state-rst`, `middlebox-idle-rst-both`), no payload, or one of a stream whose like had passed (`injected-rst`).
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let foreign = case.roles.foreign.filter(Foreign::proven)?;
    let first = case.first()?;
    let rst = case.rst(first)?;
    let victim = first.from?.other();
    let last = case.facts.sides[victim].last_data.filter(|at| at.time <= first.at.time);
    let content = rst.before.since.filter(|_| rst.unacked_in_flight > 1).or(last)?;
    let after = first.at.after(content);
    let paused = rst.before.last.map_or(0.0, |heard| content.after(heard));
    let within = (1.5 * case.rtt()).max(0.02);
    // In the form of an answer to what belongs to no connection, a shorter pause says that the table was lost.
    let unknown = !rst.ack_flag && rst.trigger.is_some();
    let longest = if unknown { PAUSE } else { super::LONG_PAUSE };
    // Several pieces like this one had passed.
    let stream = case.facts.talk.lull[victim].is_some_and(|lull| lull.times >= 3);
    if !(0.0..=within).contains(&after) || paused > longest || stream {
        return None;
    }
    let opening = rst.before.sent <= 1;
    let shape =
        Shape { ender: case.roles.ended_by(), kind: Some(first.kind), outstanding: case.outstanding.value };
    let alike = case.siblings.group.with_shape(shape).saturating_sub(1);
    Some(
        foreign
            .weigh(case.finding(0.3))
            .says(
                format_args!("The reset came {} after data of the {}", words::time(after), victim.name()),
                [Some(content), Some(first.at)],
            )
            .supported(opening, 0.3, "It was the first that was said on this connection", [Some(content)])
            .supported(
                alike > 0,
                0.3,
                format_args!("{} of this client to this server ended in the same way", count(alike)),
                [],
            )
            .says(
                "What the device objected to is not in the capture: the packet before the reset shows what it read",
                [Some(content)],
            )
            .or("injected-rst", 0.5, "A capture on each side of the devices on the way: where the reset appears first"),
    )
}

fn count(connections: u64) -> String {
    match connections {
        1 => "1 other connection".to_owned(),
        many => format!("{many} other connections"),
    }
}
