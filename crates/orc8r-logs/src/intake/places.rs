//! Who has how many connections, and how much all of them hold in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::Limits;

/// What each connection may hold without asking.
pub(super) const FREE_BYTES: usize = 16 * 1024;
/// In what pieces more is given.
const PIECE_BYTES: usize = 64 * 1024;

/// What is given out.
pub(super) struct Places {
    of_gateway_max: usize,
    by_gateway: Arc<Mutex<HashMap<String, usize>>>,
    pieces: Arc<Semaphore>,
    /// How long room is waited for: those who hold it are slow, or not complete either.
    room_limit: Duration,
}

/// A connection of a gateway.
pub(super) struct GatewayPlace {
    gateway: String,
    by_gateway: Arc<Mutex<HashMap<String, usize>>>,
}

/// The room that one connection has.
#[derive(Default)]
pub(super) struct Room(Option<OwnedSemaphorePermit>);

impl Places {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            of_gateway_max: limits.connections_of_gateway,
            by_gateway: Arc::default(),
            pieces: Arc::new(Semaphore::new(limits.waiting_bytes / PIECE_BYTES)),
            room_limit: limits.room,
        }
    }

    /// None: the gateway has as many as it may have.
    pub(super) fn of_gateway(&self, gateway: &str) -> Option<GatewayPlace> {
        let mut by_gateway = self.by_gateway.lock().unwrap_or_else(PoisonError::into_inner);
        let count = by_gateway.entry(gateway.to_owned()).or_default();
        if *count >= self.of_gateway_max {
            return None;
        }
        *count += 1;
        Some(GatewayPlace { gateway: gateway.to_owned(), by_gateway: self.by_gateway.clone() })
    }

    /// How many connections gateways have.
    pub(super) fn connections(&self) -> usize {
        self.by_gateway.lock().unwrap_or_else(PoisonError::into_inner).values().sum()
    }

    /// Room for so many octets in all; whether there is any.
    pub(super) async fn room_for(&self, bytes: usize, room: &mut Room) -> bool {
        let needed = bytes.saturating_sub(FREE_BYTES).div_ceil(PIECE_BYTES);
        let held = room.0.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let Ok(missing @ 1..) = u32::try_from(needed.saturating_sub(held)) else { return true };
        match timeout(self.room_limit, self.pieces.clone().acquire_many_owned(missing)).await {
            Ok(Ok(permit)) => {
                match &mut room.0 {
                    Some(held) => held.merge(permit),
                    None => room.0 = Some(permit),
                }
                true
            }
            _ => false,
        }
    }
}

impl Drop for GatewayPlace {
    fn drop(&mut self) {
        let mut by_gateway = self.by_gateway.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = by_gateway.get_mut(&self.gateway) {
            *count -= 1;
            if *count == 0 {
                by_gateway.remove(&self.gateway);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_has_so_many_connections_and_gets_places_back() {
        let places = Places::new(&Limits { connections_of_gateway: 2, ..Limits::default() });
        let first = places.of_gateway("a");
        let _second = places.of_gateway("a").unwrap();
        assert_eq!(places.connections(), 2);
        assert!(places.of_gateway("a").is_none());
        assert!(places.of_gateway("b").is_some());
        drop(first);
        assert!(places.of_gateway("a").is_some());
        assert_eq!(places.by_gateway.lock().unwrap().len(), 1, "who has none is forgotten");
    }

    #[tokio::test(start_paused = true)]
    async fn room_is_bounded_over_all_connections() {
        let places = Places::new(&Limits { waiting_bytes: 3 * PIECE_BYTES, ..Limits::default() });
        let (mut one, mut other) = (Room::default(), Room::default());
        assert!(places.room_for(FREE_BYTES, &mut one).await && one.0.is_none());
        assert!(places.room_for(FREE_BYTES + 1, &mut one).await);
        assert!(places.room_for(FREE_BYTES + 2 * PIECE_BYTES, &mut one).await);
        assert!(places.room_for(FREE_BYTES + PIECE_BYTES, &mut other).await);
        assert!(!places.room_for(FREE_BYTES + PIECE_BYTES + 1, &mut other).await);
        drop(one);
        assert!(places.room_for(FREE_BYTES + 3 * PIECE_BYTES, &mut other).await);
    }
}
