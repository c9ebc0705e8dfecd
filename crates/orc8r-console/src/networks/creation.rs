//! What a network begins with, by its kind: the values of the existing web UI.

use serde_json::{Value, json};
use wire_rest::{HasSchema as _, Schema, types};

/// The operator's key that every network begins with; everybody knows it.
pub(super) const KNOWN_KEY: &str = "EREREREREREREREREREREQ==";

/// The kinds that can be added: the name, what people call it, and what one should know of it.
pub(super) const KINDS: [(&str, &str, &str); 5] = [
    ("lte", "LTE", "Gateways with eNodeBs, and subscribers whose keys are here."),
    ("feg_lte", "Federated LTE", "The same, with subscribers of another operator, by a federation network."),
    ("feg", "Federation", "Gateways that speak Diameter with another operator's core."),
    ("carrier_wifi_network", "Wi-Fi", "Gateways that access points tunnel to, by a federation network."),
    ("", "Without a kind", "Gateways without radios; only what every gateway has."),
];

/// What somebody says of a network that he adds.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct New {
    pub(super) kind: String,
    pub(super) id: String,
    /// Empty: its id.
    pub(super) name: String,
    /// Empty: its id.
    pub(super) description: String,
    /// The federation network that serves it.
    pub(super) feg_network_id: String,
    /// The networks that it serves, with commas or blanks between.
    pub(super) served_network_ids: String,
}

/// The collection that networks of a kind are added to.
pub(super) fn collection(kind: &str) -> &'static str {
    match kind {
        "lte" => "/lte",
        "feg" => "/feg",
        "feg_lte" => "/feg_lte",
        "carrier_wifi_network" => "/cwf",
        _ => "/networks",
    }
}

/// What the body of such a network must be.
pub(super) fn schema(kind: &str) -> &'static Schema {
    match kind {
        "lte" => types::LteNetwork::SCHEMA,
        "feg" => types::FegNetwork::SCHEMA,
        "feg_lte" => types::FegLteNetwork::SCHEMA,
        "carrier_wifi_network" => types::CwfNetwork::SCHEMA,
        _ => types::Network::SCHEMA,
    }
}

/// A network to be added to its [`collection`].
pub(super) fn body(new: &New) -> Value {
    let id = new.id.trim();
    let or_id = |text: &str| if text.trim().is_empty() { id.to_owned() } else { text.trim().to_owned() };
    let mut network = json!({
        "id": id,
        "name": or_id(&new.name),
        "description": or_id(&new.description),
        "dns": {"enable_caching": false, "local_ttl": 0, "records": []},
        "features": {"features": {}},
    });
    let federated = json!({"feg_network_id": new.feg_network_id.trim()});
    match new.kind.as_str() {
        "lte" => network["cellular"] = cellular(),
        "feg_lte" => {
            network["cellular"] = cellular();
            network["federation"] = federated;
        }
        "feg" => network["federation"] = federation(&new.served_network_ids),
        "carrier_wifi_network" => {
            network["carrier_wifi"] = carrier_wifi();
            network["federation"] = federated;
        }
        _ => {}
    }
    network
}

fn cellular() -> Value {
    json!({
        "epc": {
            "mcc": "001",
            "mnc": "01",
            "tac": 1,
            "lte_auth_amf": "gAA=",
            "lte_auth_op": KNOWN_KEY,
            "cloud_subscriberdb_enabled": false,
            "default_rule_id": "default_rule_1",
            "gx_gy_relay_enabled": false,
            "hss_relay_enabled": false,
            "network_services": ["policy_enforcement"],
            "sub_profiles": {},
        },
        "ran": {
            "bandwidth_mhz": 20,
            "tdd_config": {"earfcndl": 44590, "special_subframe_pattern": 7, "subframe_assignment": 2},
        },
    })
}

fn federation(served: &str) -> Value {
    let served: Vec<&str> = served.split([',', ' ', '\n', '\r']).filter(|id| !id.is_empty()).collect();
    json!({
        "aaa_server": {}, "csfb": {}, "eap_aka": {}, "gx": {}, "gy": {}, "health": {}, "hss": {}, "s6a": {}, "swx": {},
        "served_network_ids": served,
    })
}

fn carrier_wifi() -> Value {
    json!({
        "default_rule_id": "default_rule_1",
        "network_services": ["policy_enforcement", "dpi"],
        "aaa_server": {
            "accounting_enabled": false, "create_session_on_auth": true, "idle_session_timeout_ms": 500_000,
        },
        "eap_aka": {},
    })
}

/// The tier that a network's gateways are of until there is another.
pub(super) fn tier() -> Value {
    json!({"id": "default", "name": "Default tier", "version": "0.0.0-0", "gateways": [], "images": []})
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire_rest::problems;

    #[test]
    fn what_a_network_begins_with_is_what_the_contract_asks_for() {
        for (kind, ..) in KINDS {
            let new = New {
                kind: kind.into(),
                id: "n1".into(),
                feg_network_id: "f1".into(),
                served_network_ids: "a, b".into(),
                ..New::default()
            };
            assert_eq!(problems(schema(kind), &body(&new)), [""; 0], "{kind}");
        }
        assert_eq!(federation("a, b\nc")["served_network_ids"], json!(["a", "b", "c"]));
        assert_eq!(problems(types::Tier::SCHEMA, &tier()), [""; 0]);
    }
}
