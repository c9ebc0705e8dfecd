//! What a gateway begins with, by the kind of its network: the values of the existing web UI.

use crate::rest::path;
use crate::visit::MyNetwork;
use serde_json::{Value, json};
use wire_rest::{HasSchema as _, Schema, types};

/// What somebody says of a gateway that he adds.
#[derive(Debug, Clone, Default)]
pub(super) struct New<'a> {
    pub(super) id: &'a str,
    /// Empty: its id.
    pub(super) name: &'a str,
    /// Empty: its id.
    pub(super) description: &'a str,
    pub(super) tier: &'a str,
}

/// The collection that the gateways of a network are in, with all that they have.
pub(super) fn collection(network: &MyNetwork) -> String {
    let kind = match network.kind.as_str() {
        _ if network.is_lte() => "lte",
        "feg" => "feg",
        "carrier_wifi_network" => "cwf",
        _ => "networks",
    };
    path(&[kind, &network.id, "gateways"])
}

/// What the body of a gateway of such a network must be.
pub(super) fn schema(network: &MyNetwork) -> &'static Schema {
    match network.kind.as_str() {
        _ if network.is_lte() => types::MutableLteGateway::SCHEMA,
        "feg" => types::MutableFederationGateway::SCHEMA,
        "carrier_wifi_network" => types::MutableCwfGateway::SCHEMA,
        _ => types::MagmadGateway::SCHEMA,
    }
}

/// A gateway to be added to [`collection`].
pub(super) fn body(network: &MyNetwork, new: &New<'_>) -> Value {
    let id = new.id.trim();
    let or_id = |text: &str| if text.trim().is_empty() { id.to_owned() } else { text.to_owned() };
    let mut gateway = json!({
        "id": id,
        "name": or_id(new.name),
        "description": or_id(new.description),
        "tier": new.tier.trim(),
        "magmad": {
            "autoupgrade_enabled": true,
            "autoupgrade_poll_interval": 60,
            "checkin_interval": 60,
            "checkin_timeout": 30,
            "dynamic_services": ["eventd", "td-agent-bit"],
        },
    });
    match network.kind.as_str() {
        _ if network.is_lte() => {
            gateway["cellular"] = json!({
                "epc": {"ip_block": "192.168.128.0/24", "nat_enabled": true},
                "ran": {"pci": 260, "transmit_enabled": true},
            });
            gateway["connected_enodeb_serials"] = json!([]);
        }
        "carrier_wifi_network" => gateway["carrier_wifi"] = json!({"allowed_gre_peers": []}),
        // A federation gateway without a configuration of its own has its network's.
        _ => {}
    }
    gateway
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire_rest::problems;

    #[test]
    fn what_a_gateway_begins_with_is_what_the_contract_asks_for() {
        for kind in ["lte", "feg_lte", "feg", "carrier_wifi_network", ""] {
            let network = MyNetwork { id: "n1".into(), kind: kind.into(), ..MyNetwork::default() };
            let new = New { id: "g1", tier: "default", ..New::default() };
            assert_eq!(problems(schema(&network), &body(&network, &new)), [""; 0], "{kind}");
        }
    }
}
