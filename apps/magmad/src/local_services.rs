//! gRPC channels to the services of this gateway, by the names and addresses of `service_registry.yml`.
//!
//! A connection takes some 45 kB of memory, and a gateway has twenty services that are asked now and then. So one lives
//! as long as somebody holds a channel to the service, and who asks all services asks a few at a time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use magma_config::ServiceRegistry;
use magma_rpc::channel::{Channel, Connection, Endpoint, Transport, WeakConnection};
use magma_rpc::naming::local_authority;
use thiserror::Error;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

/// How many services are asked at a time by who asks them all.
const TURNS: usize = 2;

/// How long a turn is waited for. A service that does not answer keeps its turn for seconds, and must not hold up the
/// others.
const TURN_LIMIT: Duration = Duration::from_millis(300);

/// At most one plaintext HTTP/2 connection for each service, while it is used; a clone shares them.
#[derive(Clone, Debug)]
pub struct LocalServices {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    registry: ServiceRegistry,
    connections: Mutex<BTreeMap<String, WeakConnection>>,
    turns: Semaphore,
}

/// `service_registry.yml` does not know the service.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("there is no service {0:?} in service_registry.yml of this gateway")]
pub struct UnknownService(pub String);

impl LocalServices {
    /// The services of `registry`, none of them connected yet.
    pub fn new(registry: ServiceRegistry) -> Self {
        let turns = Semaphore::new(TURNS);
        Self { shared: Arc::new(Shared { registry, connections: Mutex::default(), turns }) }
    }

    /// Waits until it is the caller's turn to ask one of many services, and a moment at most; the turn lasts until what
    /// this returns is dropped.
    pub async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        timeout(TURN_LIMIT, self.shared.turns.acquire()).await.ok()?.ok()
    }

    /// A channel to `service` with the authority that Magma's services use among themselves: `<service>.local`.
    ///
    /// # Errors
    /// When the registry does not name the service. Whether it answers shows when it is called.
    pub fn channel(&self, service: &str) -> Result<Channel, UnknownService> {
        self.channel_as(service, &local_authority(service))
    }

    /// A channel to `service` with another authority.
    ///
    /// # Errors
    /// When the registry does not name the service.
    pub fn channel_as(&self, service: &str, authority: &str) -> Result<Channel, UnknownService> {
        let address = self.shared.registry.get(service).ok_or_else(|| UnknownService(service.to_owned()))?;
        let mut connections = self.shared.connections.lock().unwrap_or_else(PoisonError::into_inner);
        let living = connections.get(service).and_then(WeakConnection::upgrade);
        let connection = living.unwrap_or_else(|| {
            let connection = Connection::new(Endpoint {
                host: address.host.clone(),
                port: address.port,
                server_name: address.host.clone(),
                transport: Transport::Plain,
            });
            connections.insert(service.to_owned(), connection.downgrade());
            connection
        });
        Ok(connection.channel(authority))
    }

    /// The addresses behind the names.
    pub fn registry(&self) -> &ServiceRegistry {
        &self.shared.registry
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use magma_config::ServiceAddress;

    #[test]
    fn only_services_of_the_registry_have_a_channel() {
        let address = ServiceAddress { host: "127.0.0.1".into(), port: 50052 };
        let services = LocalServices::new(ServiceRegistry::new([("magmad".to_owned(), address)].into()));
        assert!(services.channel("magmad").is_ok());
        let error = services.channel("mme").unwrap_err();
        assert_eq!(error.to_string(), "there is no service \"mme\" in service_registry.yml of this gateway");
    }

    #[tokio::test(start_paused = true)]
    async fn a_turn_is_waited_for_but_not_for_ever() {
        let services = LocalServices::new(ServiceRegistry::new([].into()));
        let mut turns = Vec::new();
        for _ in 0..TURNS {
            turns.push(services.turn().await.expect("one is free"));
        }
        let before = tokio::time::Instant::now();
        assert!(services.turn().await.is_none(), "the services that have them do not answer");
        assert_eq!(before.elapsed(), TURN_LIMIT);
        turns.pop();
        assert!(services.turn().await.is_some());
    }
}
