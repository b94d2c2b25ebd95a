//! All groups and servers of an input: filled in the first pass over its connections, asked in the second.

use crate::group::Sibling;
use crate::mark::{Mark, Tail};
use crate::outstanding::Outstanding;
use crate::roles::Roles;
use crate::{Client, Facts, Group, Instants, Server, Siblings, World};
use foldhash::fast::RandomState;
use hangup_wire::Side;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasher, Hash};

/// Groups kept by default; connections of further groups only count for their servers.
const GROUPS: usize = 65_536;

/// What all connections of an input have in common, within bounds.
#[derive(Clone, Debug)]
pub struct Baselines {
    world: World,
    groups: HashMap<Name, Kin, RandomState>,
    /// Makes numbers of server names.
    hasher: RandomState,
    servers: Servers<([u8; 16], u16)>,
    hosts: Servers<[u8; 16]>,
    clients: HashMap<[u8; 16], Box<Client>, RandomState>,
    instants: Instants,
    limit: usize,
    no_group: Group,
    no_server: Server,
    no_client: Client,
}

/// Who counts as a sibling: the ends, and the server name asked for as a number, 0 where there is none. That two names
/// of one server have one number is as good as impossible, and nobody can bring it about: the hash is seeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Name {
    client: [u8; 16],
    server: [u8; 16],
    port: u16,
    sni: u64,
}

/// The siblings of one name.
#[derive(Clone, Debug)]
enum Kin {
    One(Sibling),
    Many(Box<Group>),
}

impl Default for Baselines {
    fn default() -> Self {
        Self::with_limit(GROUPS)
    }
}

impl Baselines {
    /// Baselines that keep at most `limit` groups, and as many servers.
    pub fn with_limit(limit: usize) -> Self {
        Self {
            world: World::default(),
            groups: HashMap::default(),
            hasher: RandomState::default(),
            servers: HashMap::default(),
            hosts: HashMap::default(),
            clients: HashMap::default(),
            instants: Instants::default(),
            limit,
            no_group: Group::default(),
            no_server: Server::default(),
            no_client: Client::default(),
        }
    }

    /// Counts one more connection, in the first pass.
    pub fn add(&mut self, facts: &Facts) {
        if self.world.connections == 0 && self.world.end.0 == 0 {
            self.world.begin = facts.first.time;
            self.world.end = facts.last.time;
        }
        self.world.connections = self.world.connections.saturating_add(1);
        self.world.begin = self.world.begin.min(facts.first.time);
        self.world.end = self.world.end.max(facts.last.time);
        let roles = Roles::of(facts, facts.last.time);
        let outstanding = Outstanding::of(facts, &roles, facts.last.time);
        let sibling = Sibling::of(facts, &roles, &outstanding);
        let full = self.groups.len() >= self.limit;
        match self.groups.entry(self.name(facts)) {
            Entry::Occupied(kin) => kin.into_mut().add(sibling),
            Entry::Vacant(_) if full => {}
            Entry::Vacant(place) => {
                place.insert(Kin::One(sibling));
            }
        }
        let mark = Mark::of(facts, &roles, &outstanding);
        let key = (facts.server.address, facts.server.port);
        add(&mut self.servers, key, self.limit, facts);
        add(&mut self.hosts, key.0, self.limit, facts);
        if let Some(mark) = mark.filter(|mark| mark.tail == Tail::Lost && mark.by == Some(Side::Server))
            && let Some(host) = self.hosts.get_mut(&key.0)
        {
            host.forgot(mark.connection, mark.at);
        }
        let full = self.clients.len() >= self.limit;
        match self.clients.entry(facts.client.address) {
            Entry::Occupied(client) => client.into_mut().add(facts),
            Entry::Vacant(_) if full => {}
            Entry::Vacant(place) => place.insert(Box::default()).add(facts),
        }
        self.instants.add(facts, mark.as_ref());
    }

    /// What the others say about `facts`, in the second pass. `alone` is room for a group that has no other.
    pub fn siblings<'a>(&'a self, facts: &Facts, alone: &'a mut Group) -> Siblings<'a> {
        let group = match self.groups.get(&self.name(facts)) {
            Some(Kin::Many(group)) => &**group,
            Some(Kin::One(sibling)) => {
                *alone = Group::default();
                alone.count(sibling);
                alone
            }
            None => &self.no_group,
        };
        Siblings { group, ..self.around(facts.client.address, (facts.server.address, facts.server.port)) }
    }

    /// What others than the siblings of one client say about a connection of `client` to `server`.
    pub(crate) fn around(&self, client: [u8; 16], server: ([u8; 16], u16)) -> Siblings<'_> {
        Siblings {
            group: &self.no_group,
            server: self.servers.get(&server).map_or(&self.no_server, |server| server),
            host: self.hosts.get(&server.0).map_or(&self.no_server, |host| host),
            client: self.client(client),
            behind: self.client(server.0),
            instants: &self.instants,
            world: &self.world,
        }
    }

    fn client(&self, address: [u8; 16]) -> &Client {
        self.clients.get(&address).map_or(&self.no_client, |client| client)
    }

    pub(crate) fn instants(&self) -> &Instants {
        &self.instants
    }

    /// What holds for the whole input. Begin and end grow with the connections that are added; who knows of
    /// packets beside them widens the two with [`Baselines::span`].
    pub fn world(&self) -> &World {
        &self.world
    }

    /// The input reaches at least from `begin` to `end`.
    pub fn span(&mut self, begin: hangup_wire::Timestamp, end: hangup_wire::Timestamp) {
        if self.world.connections == 0 {
            self.world.begin = begin;
            self.world.end = end;
        }
        self.world.begin = self.world.begin.min(begin);
        self.world.end = self.world.end.max(end);
    }

    fn name(&self, facts: &Facts) -> Name {
        let sni = facts.tls.as_ref().and_then(|tls| tls.sni.as_deref());
        Name {
            client: facts.client.address,
            server: facts.server.address,
            port: facts.server.port,
            sni: sni.map_or(0, |name| self.hasher.hash_one(name) | 1),
        }
    }
}

impl Kin {
    fn add(&mut self, sibling: Sibling) {
        if let Self::One(first) = self {
            let mut group = Box::<Group>::default();
            group.count(first);
            *self = Self::Many(group);
        }
        if let Self::Many(group) = self {
            group.count(&sibling);
        }
    }
}

type Servers<K> = HashMap<K, Box<Server>, RandomState>;

/// Counts one more connection to the server of `key`, unless that is one too many.
fn add<K: Eq + Hash>(servers: &mut Servers<K>, key: K, limit: usize, facts: &Facts) {
    let full = servers.len() >= limit;
    match servers.entry(key) {
        Entry::Occupied(server) => server.into_mut().add(facts),
        Entry::Vacant(_) if full => {}
        Entry::Vacant(place) => place.insert(Box::default()).add(facts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hangup_wire::{Moment, Timestamp};

    #[test]
    fn no_more_is_kept_than_the_limit() {
        let mut baselines = Baselines::with_limit(2);
        let at = |seconds: i64| Moment::new(0, 1, Timestamp(seconds * 1_000_000_000));
        for id in 0..5_u8 {
            for _ in 0..2 {
                let mut facts = Facts { id: id.into(), first: at(9), last: at(12), ..Facts::default() };
                facts.client.address = [id; 16];
                facts.server.address = [100 + id; 16];
                baselines.add(&facts);
            }
        }
        assert_eq!((baselines.groups.len(), baselines.clients.len()), (2, 2));
        assert_eq!((baselines.servers.len(), baselines.hosts.len()), (2, 2));
        let count = |id| baselines.around([id; 16], ([100 + id; 16], 0)).server.count;
        assert_eq!((count(0), count(1), count(2)), (2, 2, 0));
        assert_eq!(baselines.world().connections, 10);
        // The input begins with its first connection, not with the beginning of time.
        assert_eq!((baselines.world().begin, baselines.world().end), (at(9).time, at(12).time));
        baselines.span(at(3).time, at(10).time);
        assert_eq!((baselines.world().begin, baselines.world().end), (at(3).time, at(12).time));
    }

    #[test]
    fn what_is_known_before_the_first_connection_holds() {
        let mut baselines = Baselines::default();
        let time = |seconds: i64| Timestamp(seconds * 1_000_000_000);
        baselines.span(time(50), time(60));
        let at = |seconds: i64| Moment::new(0, 1, time(seconds));
        baselines.add(&Facts { first: at(52), last: at(55), ..Facts::default() });
        assert_eq!((baselines.world().begin, baselines.world().end), (time(50), time(60)));
    }
}
