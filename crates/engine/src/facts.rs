//! From a finished connection to its facts.

use crate::content::Content;
use hangup_track::{Connection, Half, Pending, Roles, Waiting};
use hangup_verdict::{
    Act, ActKind, Before, Endpoint, Facts, Handshake, IcmpAct, RolesFrom, RstAct, RstFit, SideFacts, Trigger,
    Unanswered, UnansweredKind,
};
use hangup_wire::{PerSide, Side};

/// Sums up a finished connection, whose conversation is used up.
pub(crate) fn of(mut connection: Connection<Content>) -> Facts {
    let content = std::mem::take(&mut connection.content);
    let connection = &connection;
    let sides = PerSide::from_fn(|side| side_facts(connection, side));
    // Those of the table, and the alerts of both sides.
    let mut acts = Vec::with_capacity(connection.acts().count() + 2);
    acts.extend(connection.acts().map(act));
    let caller = content.conversation.client_hello_from().filter(|_| {
        // Who began the connection is known better from its handshake.
        !matches!(connection.roles(), Roles::Syn | Roles::SynAck)
    });
    let reversed = caller == Some(Side::Server);
    let mut session = content.sum_up(connection, reversed, &mut acts);
    if Side::BOTH.into_iter().all(|side| sides[side].missing == 0)
        && Side::BOTH.into_iter().any(|side| sides[side].never_came > 0)
        && let Some(tls) = session.tls.as_deref_mut()
    {
        // The chain of records broke because the rest never came, not because the capture lacks it.
        tls.lost = 0;
    }
    put_in_order(&mut acts);
    let mut facts = Facts {
        id: connection.id,
        client: endpoint(connection.endpoint(Side::Client)),
        server: endpoint(connection.endpoint(Side::Server)),
        roles_from: match connection.roles() {
            Roles::Syn => RolesFrom::Syn,
            Roles::SynAck => RolesFrom::SynAck,
            Roles::Port => RolesFrom::Port,
            Roles::Guess => RolesFrom::Guess,
        },
        first: connection.first(),
        last: connection.last(),
        handshake: handshake(connection, &acts),
        rtt: connection.rtt(),
        server_rtt: connection.server_rtt(),
        sides,
        acts,
        acts_left_out: connection.acts_left_out(),
        talk: session.talk,
        tls: session.tls,
        protocol: session.protocol,
        opening: session.opening,
        at_odds: session.at_odds,
        captured_twice: captured_twice(connection),
        evicted: connection.evicted(),
        history: connection.history().letters(),
        reused: connection.reused(),
    };
    if caller.is_some() {
        facts.roles_from = RolesFrom::ClientHello;
    }
    if reversed {
        facts.history = connection.history().flipped();
        exchange_roles(&mut facts);
    }
    facts
}

fn endpoint(end: hangup_track::Endpoint) -> Endpoint {
    Endpoint { address: end.address.0, port: end.port }
}

/// A connection is called captured twice where a good part of its packets came as a second copy.
fn captured_twice(connection: &Connection<Content>) -> bool {
    let duplicates = |half: &Half| half.oddities().map_or(0, |odd| u64::from(odd.duplicates));
    let [client, server] = Side::BOTH.map(|side| connection.half(side));
    let (copies, packets) = (duplicates(client) + duplicates(server), client.packets() + server.packets());
    copies > 0 && copies * 10 >= packets * 3
}

fn handshake(connection: &Connection<Content>, acts: &[Act]) -> Handshake {
    let called = connection.sent_syn(Side::Client);
    let answered = connection.sent_syn_ack(Side::Server);
    let rejected = connection.half(Side::Server).has_rst()
        || acts.iter().any(|act| matches!(act.kind, ActKind::Icmp(icmp) if icmp.about == Side::Client));
    match (called, answered) {
        (true, true) if connection.sent_ack(Side::Client) => Handshake::Complete,
        // A client that goes on behind its SYN was answered, whether or not the capture has the answer.
        (true, false) if connection.sent_ack(Side::Client) => Handshake::Partial,
        (true, false) if connection.half(Side::Server).packets() == 0 && !rejected => Handshake::Unanswered,
        (true, false) if rejected && connection.half(Side::Server).sent() <= 1 => Handshake::Refused,
        (false, false) => Handshake::Unseen,
        _ => Handshake::Partial,
    }
}

fn side_facts(connection: &Connection<Content>, side: Side) -> SideFacts {
    let half = connection.half(side);
    let odd = half.oddities();
    let count = |of: fn(&hangup_track::Oddities) -> u32| odd.map_or(0, of);
    let count_bytes = |of: fn(&hangup_track::Oddities) -> u64| odd.map_or(0, of);
    SideFacts {
        packets: half.packets(),
        bytes: half.bytes(),
        retransmitted: count(|odd| odd.retransmitted),
        out_of_order: count(|odd| odd.out_of_order),
        keep_alives: count(|odd| odd.keep_alives),
        keep_alives_unanswered: count(|odd| odd.keep_alives_unanswered),
        zero_windows: count(|odd| odd.zero_windows),
        window_probes: count(|odd| odd.window_probes),
        window_closed: half.window_closed(),
        first: connection.first_of(side),
        last: half.last(),
        last_data: half.last_data(),
        sent: half.sent(),
        acked: half.acked(),
        // What never came was not acknowledged either: the capture lacks nothing there.
        missing: count_bytes(|odd| odd.missing.saturating_sub(odd.never_came)),
        never_came: count_bytes(|odd| odd.never_came),
        resent_acknowledged: count(|odd| odd.resent_acknowledged),
        resent_length: count(|odd| odd.resent_length),
        fin_unseen: connection.fin_unseen(side),
        challenged: half.challenged(),
        unanswered: half.pending(connection.half(side.other()).window_closed()).map(unanswered),
        hop_limit: half.hop_limit(),
        mac: half.mac(),
        timestamps: half.timestamps(),
        syns: if connection.sent_syn(side) || connection.sent_syn_ack(side) {
            count(|odd| odd.syns).max(1)
        } else {
            0
        },
    }
}

fn unanswered(pending: Pending) -> Unanswered {
    Unanswered {
        kind: match pending.kind {
            Waiting::Syn => UnansweredKind::Syn,
            Waiting::Data => UnansweredKind::Data,
            Waiting::Fin => UnansweredKind::Fin,
            Waiting::KeepAlive => UnansweredKind::KeepAlive,
            Waiting::WindowProbe => UnansweredKind::WindowProbe,
        },
        since: pending.since,
        tries: pending.tries,
        last: pending.last,
        offset: pending.offset,
    }
}

fn act(act: &hangup_track::Act) -> Act {
    use hangup_track::ActKind as Seen;
    let kind = match &act.kind {
        Seen::Fin { acked, data, in_vain } => {
            ActKind::Fin { acked: *acked, data: *data, in_vain: in_vain.map(unanswered) }
        }
        Seen::Rst(rst) => ActKind::Rst(RstAct {
            ack_flag: rst.ack_flag,
            window: rst.window,
            fit: match rst.fit {
                hangup_track::RstFit::Exact => RstFit::Exact,
                hangup_track::RstFit::Window => RstFit::Window,
                hangup_track::RstFit::Outside => RstFit::Outside,
                hangup_track::RstFit::Unknown => RstFit::Unknown,
            },
            trigger: rst.trigger.map(|trigger| Trigger {
                at: trigger.at,
                data: trigger.data,
                fin: trigger.fin,
                syn: trigger.syn,
                ack: trigger.ack,
            }),
            ignored: rst.ignored,
            sender_carried_on: rst.sender_carried_on,
            hop_limit: rst.hop_limit,
            ip_id: rst.ip_id,
            timestamps: rst.timestamps,
            mac: rst.mac,
            payload: rst.payload,
            acked_before: rst.acked_before,
            unacked_in_flight: rst.unacked_in_flight,
            unread: rst.unread,
            before: Before {
                hop_limits: rst.before.hop_limits,
                ip_ids: rst.before.ip_ids,
                mac: rst.before.mac,
                last: rst.before.last,
                sent: rst.before.sent,
                since: rst.before.since,
            },
            text: text(&rst.before.text),
        }),
        Seen::Icmp(error) => ActKind::Icmp(IcmpAct {
            reporter: error.reporter.0,
            about: error.about,
            v6: error.v6,
            kind: error.kind,
            code: error.code,
            mtu: error.mtu,
        }),
    };
    Act { from: act.from, at: act.at, offset: act.offset, ack: act.ack, repeat: act.repeat, kind }
}

/// Bytes that are readable, as text.
fn text(bytes: &[u8]) -> Option<String> {
    let readable = !bytes.is_empty() && bytes.iter().all(|byte| matches!(byte, b' '..=b'~'));
    readable.then(|| String::from_utf8_lossy(bytes).into_owned())
}

/// Acts in the order in which they were said: by packet, an alert before the FIN or RST in the same packet; and
/// an alert that stands in front of its sender's FIN in the stream before that FIN, though it was sent again or
/// overtaken and came later.
fn put_in_order(acts: &mut [Act]) {
    let rank = |act: &Act| match act.kind {
        ActKind::Alert(_) | ActKind::Application(_) => 0,
        ActKind::Fin { .. } => 1,
        ActKind::Rst(_) | ActKind::Icmp(_) => 2,
    };
    // Frame numbers order one file even where its clock runs back; several files are ordered by time.
    let one_file =
        acts.windows(2).all(|pair| matches!(pair, [one, other] if one.at.capture() == other.at.capture()));
    if one_file {
        acts.sort_by_key(|act| (act.at.frame(), rank(act)));
    } else {
        acts.sort_by_key(|act| (act.at.time, act.at.capture(), act.at.frame(), rank(act)));
    }
    let mut at = 0;
    while at < acts.len() {
        let earlier = acts.get(at).filter(|act| rank(act) == 0).and_then(|late| {
            acts.iter().take(at).position(|act| {
                act.from == late.from && matches!(act.kind, ActKind::Fin { .. }) && late.offset <= act.offset
            })
        });
        if let Some(range) = earlier.and_then(|first| acts.get_mut(first..=at)) {
            range.rotate_right(1);
        }
        at += 1;
    }
}

/// What the first guess called the client is the server, as its `ClientHello` shows. What the session says has the
/// right names already.
fn exchange_roles(facts: &mut Facts) {
    std::mem::swap(&mut facts.client, &mut facts.server);
    facts.sides = std::mem::take(&mut facts.sides).swapped();
    let alerts = facts.tls.iter_mut().flat_map(|tls| tls.alerts.iter_mut());
    for act in facts.acts.iter_mut().chain(alerts) {
        act.from = act.from.map(Side::other);
        if let ActKind::Icmp(icmp) = &mut act.kind {
            icmp.about = icmp.about.other();
        }
    }
}
