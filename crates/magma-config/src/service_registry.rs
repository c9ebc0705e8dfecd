//! `service_registry.yml`: at which address each local service answers gRPC.

use std::collections::{BTreeMap, BTreeSet};

use crate::block::{Block, Place, Report};
use crate::value::{host, port, service_name};
use crate::yaml::{Node, Value};
use crate::{EmbeddedService, Magmad};

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

pub(crate) fn read(mut block: Block<'_>, magmad: &Magmad) -> ServiceRegistry {
    let mut registry = ServiceRegistry::default();
    let (mut place, mut named) = (block.place_of("services"), Vec::new());
    if let Some(mut entries) = block.block("services") {
        (place, named) = (entries.place().clone(), entries.remaining_keys());
        for (name, entry) in entries.remaining_blocks() {
            if let Some(address) = read_entry(&name, entry) {
                registry.services.insert(name, address);
            }
        }
        entries.finish();
    }
    warn_of_unreachable(&named, magmad, &place, block.report());
    block.finish();
    registry
}

/// One service's entry; `None`, with a problem, when it has no usable address.
fn read_entry(name: &str, mut entry: Block<'_>) -> Option<ServiceAddress> {
    let (place, report) = (entry.place().clone(), entry.report());
    if let Err(message) = service_name(&Node { line: 0, value: Value::text(name) }) {
        report.error(&place, message);
    }
    for (key, example) in [("port", "`port: 50052`"), ("ip_address", "`ip_address: 127.0.0.1`")] {
        let given = entry.has(key) || (key == "ip_address" && entry.has("host"));
        if !given {
            report.error(&place, format!("has no {key}; add {example} below it"));
        }
    }
    let ip_address = entry.read("ip_address", host);
    let host = entry.read("host", host).or(ip_address);
    let port = entry.read("port", port);
    entry.finish();
    Some(ServiceAddress { host: host?, port: port? })
}

/// Tells of services that this gateway asks for their state or metrics, without an address to ask at.
fn warn_of_unreachable(named: &[String], magmad: &Magmad, place: &Place, report: &Report) {
    // Existing gateways have no address for it, and nobody calls it.
    let forwarder = EmbeddedService::TdAgentBit;
    let embedded = |name: &str| name == forwarder.name() && magmad.embedded_services.contains(&forwarder);
    let polled = magmad
        .magma_services
        .iter()
        .filter(|name| !magmad.non_service303_services.contains(*name) && !embedded(name));
    let measured = magmad.metricsd.iter().flat_map(|metricsd| &metricsd.services);
    let asked: BTreeSet<&str> = polled.chain(measured).map(String::as_str).chain(["magmad"]).collect();
    for name in asked.into_iter().filter(|name| !named.iter().any(|entry| entry == name)) {
        let advice = match name {
            "magmad" => "so magmad itself cannot be called; add one",
            _ => "so its state cannot be asked; add one, or list it in non_service303_services in magmad.yml",
        };
        report.warning(place, format!("has no entry for {name}, {advice}"));
    }
}
