//! Who may come in: so many connections, of one address, of one certificate, and so many handshakes at a time.
//!
//! A client that only connects costs memory for as long as it is waited for. When too many handshakes are under way, the
//! oldest is given up: an honest one takes a few round trips, so it is not the oldest for long. It is the oldest of the
//! same address that is given up when that address has more than its part, so it pushes nobody else out.

use super::accepting::Seldom;
use super::{Descriptors, GRACE, PeerCertificate};
use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// How long a client may take for its TLS handshake.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);

/// How much a door takes. Of IPv6, a network of 64 bits counts as one address: a client has all of its addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Places {
    /// Connections at a time; further ones are closed at once.
    pub connections: usize,
    /// Connections of one address at a time; further ones are closed at once.
    pub of_one_address: usize,
    /// Connections with one client certificate at a time; further ones are closed after their handshake.
    pub of_one_certificate: usize,
    /// TLS handshakes at a time; for a further one the oldest is given up.
    pub handshakes: usize,
    /// TLS handshakes of one address at a time; for a further one its oldest is given up.
    pub handshakes_of_one_address: usize,
    /// Of the process's [`Descriptors`], so many are left for other doors.
    pub descriptors_left: usize,
    /// How long running calls may go on after the order to stop.
    pub grace: Duration,
}

impl Places {
    /// As many connections as there are files for, of any address, since many gateways may have the same; what one
    /// certificate has is bounded, and handshakes are.
    pub const MANY: Self = Self {
        connections: usize::MAX,
        of_one_address: usize::MAX,
        of_one_certificate: 64,
        handshakes: 2048,
        handshakes_of_one_address: 1536,
        descriptors_left: 0,
        grace: GRACE,
    };
}

/// What has happened at a door.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DoorCounts {
    /// Connections that are open, handshakes among them.
    pub open: u64,
    /// Handshakes that are under way.
    pub handshakes: u64,
    /// Connections that were refused because the door had as many as it takes.
    pub refused_full: u64,
    /// Because their address had.
    pub refused_address: u64,
    /// Because their certificate had.
    pub refused_certificate: u64,
    /// Because the process has no more files for connections.
    pub refused_descriptors: u64,
    /// Handshakes that were given up, because others wanted their turn.
    pub given_up: u64,
}

/// Keeps one door; clones keep the same.
#[derive(Clone)]
pub struct Doorkeeper(Arc<Shared>);

struct Shared {
    door: &'static str,
    places: Places,
    descriptors: Descriptors,
    state: Mutex<State>,
    /// So that certificates are told apart by numbers that nobody can aim at.
    numbers: RandomState,
}

#[derive(Default)]
struct State {
    of_address: BTreeMap<IpAddr, OfAddress>,
    of_certificate: BTreeMap<u64, usize>,
    handshakes: VecDeque<Handshake>,
    last: u64,
    counts: DoorCounts,
    refusals: Seldom,
}

#[derive(Default)]
struct OfAddress {
    connections: usize,
    handshakes: usize,
}

struct Handshake {
    number: u64,
    address: IpAddr,
    is_over: Arc<Notify>,
}

impl Doorkeeper {
    /// Keeps the door of this name, for the log, of a process with these descriptors.
    pub fn new(door: &'static str, places: Places, descriptors: Descriptors) -> Self {
        let (state, numbers) = (Mutex::default(), RandomState::new());
        Self(Arc::new(Shared { door, places, descriptors, state, numbers }))
    }

    /// The door's name.
    pub fn door(&self) -> &'static str {
        self.0.door
    }

    /// What has happened so far.
    pub fn counts(&self) -> DoorCounts {
        self.state().counts
    }

    /// How much the door takes.
    pub fn places(&self) -> &Places {
        &self.0.places
    }

    /// A place for a connection of this address, if there is one.
    pub(super) fn enter(&self, address: IpAddr) -> Option<Place> {
        let address = counted_as(address);
        let places = &self.0.places;
        let mut state = self.state();
        let of_address = state.of_address.get(&address).map_or(0, |of| of.connections);
        if of_address >= places.of_one_address {
            state.counts.refused_address += 1;
            self.refuse(&mut state, "its address has as many as it may have");
        } else if state.counts.open >= places.connections as u64 {
            state.counts.refused_full += 1;
            self.refuse(&mut state, "as many are open as this port takes");
        } else if !self.0.descriptors.take(places.descriptors_left) {
            state.counts.refused_descriptors += 1;
            self.refuse(&mut state, "the limit of open files is reached: raise it (LimitNOFILE, ulimit -n)");
        } else {
            state.counts.open += 1;
            state.of_address.entry(address).or_default().connections += 1;
            return Some(Place { keeper: self.clone(), address, certificate: None });
        }
        None
    }

    /// Tells of refused connections now and then: who tries again and again does not fill the log.
    fn refuse(&self, state: &mut State, reason: &str) {
        if let Some(refused) = state.refusals.count() {
            tracing::warn!(door = self.0.door, refused, reason, "connections are refused");
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every action leaves it whole, so a panic elsewhere does not spoil it.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection's place, until it is dropped.
pub struct Place {
    keeper: Doorkeeper,
    address: IpAddr,
    certificate: Option<u64>,
}

impl Place {
    /// What comes of a handshake; nothing if it took too long, or the door has too many.
    pub async fn shake_hands<T>(&self, handshake: impl Future<Output = T>) -> Option<T> {
        let turn = self.turn();
        let door = self.keeper.0.door;
        tokio::select! {
            outcome = tokio::time::timeout(HANDSHAKE_LIMIT, handshake) => {
                outcome.inspect_err(|_| tracing::debug!(door, "TLS handshake took too long")).ok()
            }
            () = turn.over() => {
                tracing::debug!(door, "a slow TLS handshake made room for others");
                None
            }
        }
    }

    /// Notes with which certificate the connection came. Whether it may stay: one certificate has so many.
    pub fn is_of(&mut self, certificate: &PeerCertificate) -> bool {
        let most = self.keeper.0.places.of_one_certificate;
        let number = self.keeper.0.numbers.hash_one(&certificate.0);
        let mut state = self.keeper.state();
        let count = state.of_certificate.entry(number).or_default();
        if *count >= most {
            state.counts.refused_certificate += 1;
            self.keeper.refuse(&mut state, "its certificate has as many as it may have");
            return false;
        }
        *count += 1;
        self.certificate = Some(number);
        true
    }

    /// A turn for a handshake; the oldest one's is over when there are too many.
    fn turn(&self) -> Turn<'_> {
        let (places, address) = (&self.keeper.0.places, self.address);
        let mut state = self.keeper.state();
        state.last += 1;
        let (number, is_over) = (state.last, Arc::new(Notify::new()));
        state.handshakes.push_back(Handshake { number, address, is_over: is_over.clone() });
        let of_address = state.of_address.entry(address).or_default();
        of_address.handshakes += 1;
        if of_address.handshakes > places.handshakes_of_one_address {
            let oldest = state.handshakes.iter().position(|handshake| handshake.address == address);
            state.give_up(oldest);
        }
        if state.handshakes.len() > places.handshakes {
            state.give_up(Some(0));
        }
        state.counts.handshakes = state.handshakes.len() as u64;
        Turn { place: self, number, is_over }
    }
}

impl State {
    fn give_up(&mut self, place: Option<usize>) {
        if let Some(handshake) = self.end_handshake(place) {
            self.counts.given_up += 1;
            handshake.is_over.notify_one();
        }
    }

    fn end_handshake(&mut self, place: Option<usize>) -> Option<Handshake> {
        let handshake = self.handshakes.remove(place?)?;
        if let Some(of) = self.of_address.get_mut(&handshake.address) {
            of.handshakes = of.handshakes.saturating_sub(1);
        }
        self.counts.handshakes = self.handshakes.len() as u64;
        Some(handshake)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.keeper.0.descriptors.give_back();
        let mut state = self.keeper.state();
        state.counts.open = state.counts.open.saturating_sub(1);
        if let Some(of) = state.of_address.get_mut(&self.address) {
            of.connections = of.connections.saturating_sub(1);
            if of.connections == 0 {
                state.of_address.remove(&self.address);
            }
        }
        let Some(number) = self.certificate else { return };
        if let Some(count) = state.of_certificate.get_mut(&number) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                state.of_certificate.remove(&number);
            }
        }
    }
}

/// A handshake's turn, until it is dropped.
struct Turn<'a> {
    place: &'a Place,
    number: u64,
    is_over: Arc<Notify>,
}

impl Turn<'_> {
    /// Waits until the turn is over, because others want theirs.
    async fn over(&self) {
        self.is_over.notified().await;
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut state = self.place.keeper.state();
        // In the order of the numbers.
        let place = state.handshakes.binary_search_by_key(&self.number, |handshake| handshake.number);
        state.end_handshake(place.ok());
    }
}

/// An address as it is counted.
fn counted_as(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn keeper(places: Places) -> Doorkeeper {
        Doorkeeper::new("door", places, Descriptors::new(4))
    }

    fn address(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    #[test]
    fn one_address_has_so_many_places() {
        let keeper = keeper(Places { of_one_address: 2, ..Places::MANY });
        let [one, other] = [1, 2].map(address);
        let first = keeper.enter(one);
        let second = keeper.enter(one);
        assert!(first.is_some() && second.is_some() && keeper.enter(one).is_none());
        assert!(keeper.enter(other).is_some());
        drop(first);
        assert!(keeper.enter(one).is_some());
        drop(second);
        assert!(keeper.state().of_address.is_empty(), "nothing is kept of who is gone");
        assert_eq!(keeper.counts(), DoorCounts { refused_address: 1, ..DoorCounts::default() });
    }

    #[test]
    fn what_belongs_to_one_client_counts_as_one_address() {
        for (one, other, same) in [
            ("192.0.2.1", "::ffff:192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false),
            ("2001:db8:0:1::1", "2001:db8:0:1:ffff::", true),
            ("2001:db8:0:1::1", "2001:db8:0:2::1", false),
        ] {
            let [one, other] = [one, other].map(|text| counted_as(text.parse().unwrap()));
            assert_eq!(one == other, same, "{one} {other}");
        }
    }

    #[test]
    fn a_door_and_a_process_have_so_many_places() {
        let descriptors = Descriptors::new(4);
        let places = Places { connections: 3, descriptors_left: 2, ..Places::MANY };
        let gateways = Doorkeeper::new("gateways", places, descriptors.clone());
        let operators = Doorkeeper::new("rest", Places { descriptors_left: 0, ..places }, descriptors);
        let held: Vec<_> = (0..2).map(|last| gateways.enter(address(last)).unwrap()).collect();
        assert!(gateways.enter(address(9)).is_none(), "two are left for others");
        let others: Vec<_> = (0..2).map(|last| operators.enter(address(last)).unwrap()).collect();
        assert!(operators.enter(address(9)).is_none(), "there are no more");
        drop(held);
        let _third = operators.enter(address(1)).unwrap();
        assert!(operators.enter(address(9)).is_none(), "the door takes three");
        assert!(gateways.enter(address(1)).is_none(), "one is left, which is not for it");
        drop(others);
        assert!(gateways.enter(address(1)).is_some());
        let [gateways, operators] = [gateways, operators].map(|keeper| keeper.counts());
        assert_eq!(gateways, DoorCounts { refused_descriptors: 2, ..DoorCounts::default() });
        let want = DoorCounts { open: 1, refused_descriptors: 1, refused_full: 1, ..DoorCounts::default() };
        assert_eq!(operators, want);
    }

    #[test]
    fn one_certificate_has_so_many_places() {
        let keeper = keeper(Places { of_one_certificate: 1, ..Places::MANY });
        let [one, other] = ["one", "other"].map(|text| PeerCertificate(Bytes::from(text)));
        let mut places: Vec<_> = (0..3).map(|_| keeper.enter(address(1)).unwrap()).collect();
        assert!(places[0].is_of(&one) && !places[1].is_of(&one) && places[2].is_of(&other));
        drop(places.remove(1));
        assert!(!keeper.enter(address(1)).unwrap().is_of(&one), "who was refused had no place to give back");
        drop(places.remove(0));
        assert!(keeper.enter(address(1)).unwrap().is_of(&one));
        drop(places);
        assert!(keeper.state().of_certificate.is_empty(), "nothing is kept of who is gone");
    }

    #[tokio::test]
    async fn the_oldest_handshake_makes_room() {
        let keeper = keeper(Places { handshakes: 2, ..Places::MANY });
        let place = keeper.enter(address(1)).unwrap();
        let (first, second) = (place.turn(), place.turn());
        drop(first);
        let third = place.turn();
        let fourth = place.turn();
        second.over().await;
        drop(second);
        assert_eq!(keeper.counts().handshakes, 2);
        drop((third, fourth));
        assert_eq!(keeper.counts(), DoorCounts { open: 1, given_up: 1, ..DoorCounts::default() });
    }

    #[tokio::test]
    async fn an_address_with_too_many_handshakes_pushes_out_its_own() {
        let keeper = keeper(Places { handshakes: 4, handshakes_of_one_address: 2, ..Places::MANY });
        let [honest, flood] = [1, 2].map(|last| keeper.enter(address(last)).unwrap());
        let waiting = honest.turn();
        let turns: Vec<_> = (0..9).map(|_| flood.turn()).collect();
        for turn in &turns[..7] {
            turn.over().await;
        }
        assert_eq!((keeper.counts().handshakes, keeper.counts().given_up), (3, 7));
        let still = |turn: &Turn<'_>| {
            keeper.state().handshakes.iter().any(|handshake| handshake.number == turn.number)
        };
        assert!(still(&waiting) && still(&turns[7]) && still(&turns[8]));
        drop(turns);
        assert_eq!(keeper.counts().handshakes, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_handshake_has_its_time() {
        let keeper = keeper(Places::MANY);
        let place = keeper.enter(address(1)).unwrap();
        assert_eq!(place.shake_hands(async { 1 }).await, Some(1));
        assert_eq!(place.shake_hands(std::future::pending::<()>()).await, None);
        assert_eq!(keeper.counts(), DoorCounts { open: 1, ..DoorCounts::default() });
    }
}
