//! What a new object begins with, by the collection that it is added to.

use serde_json::{Value, json};

/// The values that a form for a new object shows first: those of the existing web UI where it has some.
pub(super) fn beginning(pattern: &str) -> Value {
    match pattern {
        "/dp/{network_id}/cbsds" => json!({
            "cbsd_category": "b", "desired_state": "unregistered", "grant_redundancy": true,
            "carrier_aggregation_enabled": false, "single_step_enabled": false,
            "capabilities": {"max_ibw_mhz": 150, "number_of_antennas": 1},
            "frequency_preferences": {"bandwidth_mhz": 20, "frequencies_mhz": []},
        }),
        "/lte/{network_id}/apns" => json!({
            "apn_configuration": {
                "ambr": {"max_bandwidth_dl": 1_000_000, "max_bandwidth_ul": 1_000_000},
                "qos_profile": {
                    "class_id": 9, "priority_level": 15,
                    "preemption_capability": false, "preemption_vulnerability": false,
                },
            },
        }),
        "/lte/{network_id}/enodebs" => {
            let config = json!({
                "device_class": "Baicells Nova-233 G2 OD FDD", "bandwidth_mhz": 20, "transmit_enabled": true,
            });
            json!({
                "config": config,
                "enodeb_config": {"config_type": "MANAGED", "managed_config": config},
            })
        }
        "/lte/{network_id}/gateway_pools" => json!({"config": {"mme_group_id": 1}}),
        "/networks/{network_id}/policies/rules" => json!({
            "priority": 10, "flow_list": [], "tracking_type": "NO_TRACKING",
        }),
        "/networks/{network_id}/policies/base_names" => json!({"rule_names": []}),
        "/networks/{network_id}/rating_groups" => json!({"limit_type": "FINITE"}),
        "/lte/{network_id}/policy_qos_profiles" => json!({
            "class_id": 9, "max_req_bw_dl": 1_000_000, "max_req_bw_ul": 1_000_000,
        }),
        "/networks/{network_id}/tiers" => {
            json!({"version": "0.0.0-0", "gateways": [], "images": []})
        }
        _ => json!({}),
    }
}
