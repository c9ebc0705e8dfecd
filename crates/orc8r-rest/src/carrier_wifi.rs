//! `/cwf`: carrier Wi-Fi networks.

use crate::network_fields::{self, Config, read_config, remove, replace_config, replace_config_with_200};
use crate::network_kind::{NetworkKind, create, delete, list, read, update};
use crate::network_parts::{NetworkPart, read_part, replace_part};
use crate::routes::Routes;
use crate::subscriber_config::subscriber_config_routes;
use orc8r_model::{network_config, network_type};
use wire_rest::types::{
    CwfNetwork, FederatedNetworkConfigs, LiUes, NetworkCarrierWifiConfigs, NetworkDescription,
    NetworkDnsConfig, NetworkFeatures, NetworkName,
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/cwf", list::<CwfNetwork>)
        .post("/cwf", create::<CwfNetwork>)
        .get("/cwf/{network_id}", read::<CwfNetwork>)
        .put("/cwf/{network_id}", update::<CwfNetwork>)
        .delete("/cwf/{network_id}", delete::<CwfNetwork>)
        .get("/cwf/{network_id}/name", network_fields::read::<NetworkName>)
        .put("/cwf/{network_id}/name", network_fields::replace::<NetworkName>)
        .get("/cwf/{network_id}/description", network_fields::read::<NetworkDescription>)
        .put("/cwf/{network_id}/description", network_fields::replace::<NetworkDescription>)
        .get("/cwf/{network_id}/carrier_wifi", read_config::<NetworkCarrierWifiConfigs>)
        .put("/cwf/{network_id}/carrier_wifi", replace_config_with_200::<NetworkCarrierWifiConfigs>)
        .delete("/cwf/{network_id}/carrier_wifi", remove::<NetworkCarrierWifiConfigs>)
        .get("/cwf/{network_id}/li_ues", read_part::<LiUes>)
        .put("/cwf/{network_id}/li_ues", replace_part::<LiUes>)
        .merge(undocumented())
        .merge(subscriber_config_routes!("/cwf/{network_id}"))
}

/// What Magma's code serves and its published contract does not have.
///
/// Deviation: in Magma the federation's DELETE takes the Wi-Fi configuration away.
fn undocumented() -> Routes {
    Routes::new()
        .get("/cwf/{network_id}/dns", read_config::<NetworkDnsConfig>)
        .put("/cwf/{network_id}/dns", replace_config::<NetworkDnsConfig>)
        .delete("/cwf/{network_id}/dns", remove::<NetworkDnsConfig>)
        .get("/cwf/{network_id}/features", read_config::<NetworkFeatures>)
        .put("/cwf/{network_id}/features", replace_config::<NetworkFeatures>)
        .delete("/cwf/{network_id}/features", remove::<NetworkFeatures>)
        .get("/cwf/{network_id}/federation", read_config::<FederatedNetworkConfigs>)
        .put("/cwf/{network_id}/federation", replace_config::<FederatedNetworkConfigs>)
        .delete("/cwf/{network_id}/federation", remove::<FederatedNetworkConfigs>)
}

impl NetworkKind for CwfNetwork {
    const TYPE: &str = network_type::CARRIER_WIFI;
    const CONFIGS: &[(&str, &str)] = &[
        ("carrier_wifi", network_config::CARRIER_WIFI),
        ("federation", network_config::FEDERATED),
        ("dns", network_config::DNS),
        ("features", network_config::FEATURES),
        ("subscriber_config", network_config::SUBSCRIBER),
    ];
}

impl Config for NetworkCarrierWifiConfigs {
    const TYPE: &str = network_config::CARRIER_WIFI;
}

/// Whose traffic is mirrored for lawful interception; nobody's until it is written.
impl NetworkPart for LiUes {
    const TYPE: &str = network_config::CARRIER_WIFI;
    const PLACE: &[&str] = &["li_ues"];
    const ABSENT_IS_EMPTY: bool = true;
}
