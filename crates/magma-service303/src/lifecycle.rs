//! Where a service stands in its life, as `GetServiceInfo` tells it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use wire_orc8r::orc8r::service_info::{ApplicationHealth, ServiceState};

/// What a service is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Phase {
    /// It has not begun to serve.
    Starting = 1,
    /// It serves.
    Alive = 2,
    /// It was told to stop.
    Stopping = 3,
}

/// The phase and health of one service, shared by the service and by what answers for it.
///
/// It starts as [`Phase::Starting`] and unhealthy; the program says when it is alive.
#[derive(Clone, Debug)]
pub struct Lifecycle {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    phase: AtomicU8,
    healthy: AtomicBool,
}

impl Default for Lifecycle {
    fn default() -> Self {
        Self::new()
    }
}

impl Lifecycle {
    /// A service that is starting.
    pub fn new() -> Self {
        let shared = Shared { phase: AtomicU8::new(Phase::Starting as u8), healthy: AtomicBool::new(false) };
        Self { shared: Arc::new(shared) }
    }

    /// The service serves and is well.
    pub fn alive(&self) {
        self.shared.healthy.store(true, Ordering::Relaxed);
        self.shared.phase.store(Phase::Alive as u8, Ordering::Relaxed);
    }

    /// The service is about to end.
    pub fn stopping(&self) {
        self.shared.phase.store(Phase::Stopping as u8, Ordering::Relaxed);
    }

    /// Says whether the service can do its work, which is another question than whether it runs.
    pub fn set_healthy(&self, healthy: bool) {
        self.shared.healthy.store(healthy, Ordering::Relaxed);
    }

    pub(crate) fn state(&self) -> ServiceState {
        match self.shared.phase.load(Ordering::Relaxed) {
            phase if phase == Phase::Alive as u8 => ServiceState::Alive,
            phase if phase == Phase::Stopping as u8 => ServiceState::Stopping,
            _ => ServiceState::Starting,
        }
    }

    pub(crate) fn health(&self) -> ApplicationHealth {
        if self.shared.healthy.load(Ordering::Relaxed) {
            ApplicationHealth::AppHealthy
        } else {
            ApplicationHealth::AppUnhealthy
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_goes_from_starting_to_alive_to_stopping() {
        let lifecycle = Lifecycle::new();
        let seen = |l: &Lifecycle| (l.state(), l.health());
        assert_eq!(seen(&lifecycle), (ServiceState::Starting, ApplicationHealth::AppUnhealthy));
        lifecycle.alive();
        assert_eq!(seen(&lifecycle), (ServiceState::Alive, ApplicationHealth::AppHealthy));
        lifecycle.clone().set_healthy(false);
        assert_eq!(seen(&lifecycle), (ServiceState::Alive, ApplicationHealth::AppUnhealthy));
        lifecycle.stopping();
        assert_eq!(lifecycle.state(), ServiceState::Stopping);
    }
}
