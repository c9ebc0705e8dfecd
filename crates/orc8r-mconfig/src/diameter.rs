//! Diameter peers, as federation gateways read them.

use wire_feg::mconfig::{DiamClientConfig, DiamServerConfig, VirtualApnRule};
use wire_rest::types;

/// A peer that the gateway connects to. What is absent stays empty, and the gateway takes its own value for it.
pub(crate) fn client(config: types::DiameterClientConfigs) -> DiamClientConfig {
    DiamClientConfig {
        protocol: config.protocol.unwrap_or_default(),
        address: config.address.unwrap_or_default(),
        retransmits: config.retransmits.unwrap_or_default(),
        watchdog_interval: config.watchdog_interval.unwrap_or_default(),
        retry_count: config.retry_count.unwrap_or_default(),
        local_address: config.local_address.unwrap_or_default(),
        product_name: config.product_name.unwrap_or_default(),
        realm: config.realm.unwrap_or_default(),
        host: config.host.unwrap_or_default(),
        dest_realm: config.dest_realm.unwrap_or_default(),
        dest_host: config.dest_host.unwrap_or_default(),
        disable_dest_host: config.disable_dest_host.unwrap_or_default(),
        overwrite_dest_host: config.overwrite_dest_host.unwrap_or_default(),
        request_timeout: config.request_timeout.unwrap_or_default(),
    }
}

/// The peers of an interface: `server`, the older form, before `servers`.
///
/// Magma-compat: the message's own `server` stays empty; gateways read it only when there are no `servers`.
pub(crate) fn clients(
    server: Option<types::DiameterClientConfigs>,
    servers: Vec<types::DiameterClientConfigs>,
) -> Vec<DiamClientConfig> {
    server.into_iter().chain(servers).map(client).collect()
}

/// An address that the gateway listens on.
pub(crate) fn server(config: types::DiameterServerConfigs) -> DiamServerConfig {
    DiamServerConfig {
        protocol: config.protocol.unwrap_or_default(),
        address: config.address.unwrap_or_default(),
        local_address: config.local_address.unwrap_or_default(),
        dest_host: config.dest_host.unwrap_or_default(),
        dest_realm: config.dest_realm.unwrap_or_default(),
    }
}

/// How access point names are replaced before they are sent on.
pub(crate) fn virtual_apn_rules(rules: Vec<types::VirtualApnRule>) -> Vec<VirtualApnRule> {
    let rule = |rule: types::VirtualApnRule| VirtualApnRule {
        apn_filter: rule.apn_filter.unwrap_or_default(),
        apn_overwrite: rule.apn_overwrite.unwrap_or_default(),
        charging_characteristics_filter: rule.charging_characteristics_filter.unwrap_or_default(),
    };
    rules.into_iter().map(rule).collect()
}
