//! `service_registry.yml`: at which address each local service answers gRPC.

use std::collections::BTreeMap;

/// The registry's `services`, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceRegistry {
    services: BTreeMap<String, ServiceAddress>,
}

/// Where one service listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceAddress {
    /// `host`, else `ip_address`: an IP address or a name.
    pub host: String,
    /// `port`, 1 to 65535.
    pub port: u16,
}

impl ServiceRegistry {
    /// A registry of these entries.
    pub fn new(services: BTreeMap<String, ServiceAddress>) -> Self {
        Self { services }
    }

    /// The address of `service`, if the registry names it.
    pub fn get(&self, service: &str) -> Option<&ServiceAddress> {
        self.services.get(service)
    }

    /// All entries, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &ServiceAddress)> {
        self.services.iter().map(|(name, address)| (name.as_str(), address))
    }
}
