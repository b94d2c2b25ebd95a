use crate::case::Case;
use crate::finding::Finding;
use crate::{ActKind, GoodbyeKind, Handshake, Responsible, words};
use hangup_wire::{IcmpMessage, Side};

/// `connection-refused`: nobody listens, or somebody says so.
///
/// Signature: the SYN is answered by a RST with ACK flag, sequence number 0 (RFC 9293 §3.10.7.1), or by an
/// ICMP error (RFC 1122 §4.2.3.9); there never was a SYN-ACK. Against: the RST does not answer the SYN. The
/// same bytes come from a firewall that rejects; an ICMP error is always somebody else's word.
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    let facts = case.facts;
    let spoke = Side::BOTH.into_iter().any(|side| facts.sides[side].bytes > 0);
    if facts.sides[Side::Server].syns > 0
        || spoke
        || matches!(facts.handshake, Handshake::Complete | Handshake::Unseen)
    {
        return None;
    }
    let first = case.first()?;
    let syn = Some(facts.first);
    if first.kind == GoodbyeKind::Icmp {
        let from_server = first.address == Some(facts.server.address);
        let who = core::fmt::from_fn(|f| match first.address {
            Some(address) => write!(f, "{}", words::address(address)),
            None => f.write_str("a machine on the way"),
        });
        let why = case.act(first).and_then(|act| match &act.kind {
            ActKind::Icmp(icmp) => IcmpMessage { v6: icmp.v6, kind: icmp.kind, code: icmp.code }.name(),
            _ => None,
        });
        let why = core::fmt::from_fn(|f| why.map_or(Ok(()), |why| write!(f, ": “{why}”")));
        let finding = case
            .finding(0.9)
            .says(
                format_args!(
                    "An ICMP error from {who} says that the request to connect could not be delivered{why}"
                ),
                [syn, Some(first.at)],
            )
            .responsible(if from_server { Responsible::ServerHost } else { Responsible::Middlebox });
        return Some(finding);
    }
    let reset = case.first_reset(Side::Server)?;
    let answers_syn = reset.trigger.is_none_or(|trigger| trigger.syn);
    if facts.handshake != Handshake::Refused && !answers_syn {
        return None;
    }
    Some(
        case.finding(0.9)
            .says("The request to connect (SYN) was answered by a reset", [syn, Some(first.at)])
            .supported(
                reset.trigger.is_some_and(|trigger| trigger.syn),
                0.5,
                "The reset answers exactly that SYN",
                [Some(first.at)],
            )
            .says("A firewall that rejects sends the same bytes as a host on which no program listens", []),
    )
}
