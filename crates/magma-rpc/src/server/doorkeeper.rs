//! Who may come in: so many connections of one address, and so many handshakes at a time.
//!
//! A client that only connects costs memory for as long as it is waited for. When too many handshakes are under way, the
//! oldest is given up: an honest one takes a few round trips, so it is not the oldest for long.

use super::GRACE;
use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// How much a door takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Places {
    /// Connections at a time; further ones are closed at once.
    pub connections: usize,
    /// Connections of one address at a time; further ones are closed at once.
    pub of_one_address: usize,
    /// TLS handshakes at a time; for a further one the oldest is given up.
    pub handshakes: usize,
    /// How long running calls may go on after the order to stop.
    pub grace: Duration,
}

impl Places {
    /// As many connections as there are files for; handshakes are bounded all the same.
    pub const MANY: Self =
        Self { connections: usize::MAX, of_one_address: usize::MAX, handshakes: 2048, grace: GRACE };
}

pub(super) struct Doorkeeper {
    places: Places,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    of: BTreeMap<IpAddr, usize>,
    handshakes: VecDeque<(u64, Arc<Notify>)>,
    last: u64,
}

impl Doorkeeper {
    pub(super) fn new(places: Places) -> Arc<Self> {
        Arc::new(Self { places, state: Mutex::default() })
    }

    /// A place for a connection of this address, if there is one.
    pub(super) fn enter(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let mut state = self.state();
        let count = state.of.entry(address).or_default();
        if *count >= self.places.of_one_address {
            return None;
        }
        *count += 1;
        Some(Place { keeper: self.clone(), address })
    }

    /// A turn for a handshake; the oldest one's is over when there are too many.
    pub(super) fn turn(self: &Arc<Self>) -> Turn {
        let mut state = self.state();
        state.last += 1;
        let (number, is_over) = (state.last, Arc::new(Notify::new()));
        state.handshakes.push_back((number, is_over.clone()));
        if state.handshakes.len() > self.places.handshakes
            && let Some((_, oldest)) = state.handshakes.pop_front()
        {
            oldest.notify_one();
        }
        Turn { keeper: self.clone(), number, is_over }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every action leaves it whole, so a panic elsewhere does not spoil it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection's place, until it is dropped.
pub(super) struct Place {
    keeper: Arc<Doorkeeper>,
    address: IpAddr,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.keeper.state();
        if let Some(count) = state.of.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                state.of.remove(&self.address);
            }
        }
    }
}

/// A handshake's turn, until it is dropped.
pub(super) struct Turn {
    keeper: Arc<Doorkeeper>,
    number: u64,
    is_over: Arc<Notify>,
}

impl Turn {
    /// Waits until the turn is over, because others want theirs.
    pub(super) async fn over(&self) {
        self.is_over.notified().await;
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut state = self.keeper.state();
        // In the order of the numbers.
        if let Ok(place) = state.handshakes.binary_search_by_key(&self.number, |(number, _)| *number) {
            state.handshakes.remove(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn keeper() -> Arc<Doorkeeper> {
        Doorkeeper::new(Places { connections: 10, of_one_address: 2, handshakes: 2, grace: GRACE })
    }

    #[test]
    fn one_address_has_so_many_places() {
        let keeper = keeper();
        let [one, other] = [1, 2].map(|last| IpAddr::V4(Ipv4Addr::new(192, 0, 2, last)));
        let first = keeper.enter(one);
        let second = keeper.enter(one);
        assert!(first.is_some() && second.is_some() && keeper.enter(one).is_none());
        assert!(keeper.enter(other).is_some());
        drop(first);
        assert!(keeper.enter(one).is_some());
        drop(second);
        assert!(keeper.state().of.is_empty(), "nothing is kept of who is gone");
    }

    #[tokio::test]
    async fn the_oldest_handshake_makes_room() {
        let keeper = keeper();
        let (first, second) = (keeper.turn(), keeper.turn());
        drop(first);
        let third = keeper.turn();
        let fourth = keeper.turn();
        second.over().await;
        drop(second);
        assert_eq!(keeper.state().handshakes.len(), 2);
        drop((third, fourth));
        assert!(keeper.state().handshakes.is_empty());
    }
}
