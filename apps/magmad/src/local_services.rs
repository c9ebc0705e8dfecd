//! gRPC channels to the services of this gateway, by the names and addresses of `service_registry.yml`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use magma_config::ServiceRegistry;
use magma_rpc::channel::{Channel, Connection, Endpoint, Transport};
use magma_rpc::naming::local_authority;
use thiserror::Error;

/// One plaintext HTTP/2 connection for each service that has been called; a clone shares them.
#[derive(Clone, Debug)]
pub struct LocalServices {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    registry: ServiceRegistry,
    connections: Mutex<BTreeMap<String, Connection>>,
}

/// `service_registry.yml` does not know the service.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("there is no service {0:?} in service_registry.yml of this gateway")]
pub struct UnknownService(pub String);

impl LocalServices {
    /// The services of `registry`, none of them connected yet.
    pub fn new(registry: ServiceRegistry) -> Self {
        Self { shared: Arc::new(Shared { registry, connections: Mutex::default() }) }
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
        let connection = connections.entry(service.to_owned()).or_insert_with(|| {
            Connection::new(Endpoint {
                host: address.host.clone(),
                port: address.port,
                server_name: address.host.clone(),
                transport: Transport::Plain,
            })
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
}
