//! `/feg_lte`: LTE networks that use a federation network.

use crate::error::ApiError;
use crate::network_fields::{Config, read_config, remove, replace_config_with_200};
use crate::network_kind::{NetworkKind, create, delete, list, read, update};
use crate::routes::Routes;
use crate::subscriber_config::subscriber_config_routes;
use orc8r_model::{network_config, network_type};
use wire_rest::types::{FederatedNetworkConfigs, FegLteNetwork};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/feg_lte", list::<FegLteNetwork>)
        .post("/feg_lte", create::<FegLteNetwork>)
        .get("/feg_lte/{network_id}", read::<FegLteNetwork>)
        .put("/feg_lte/{network_id}", update::<FegLteNetwork>)
        .delete("/feg_lte/{network_id}", delete::<FegLteNetwork>)
        .get("/feg_lte/{network_id}/federation", read_config::<FederatedNetworkConfigs>)
        .put("/feg_lte/{network_id}/federation", replace_config_with_200::<FederatedNetworkConfigs>)
        .delete("/feg_lte/{network_id}/federation", remove::<FederatedNetworkConfigs>)
        .merge(subscriber_config_routes!("/feg_lte/{network_id}"))
}

impl NetworkKind for FegLteNetwork {
    const TYPE: &str = network_type::FEDERATED_LTE;
    const CONFIGS: &[(&str, &str)] = &[
        ("cellular", network_config::CELLULAR),
        ("federation", network_config::FEDERATED),
        ("dns", network_config::DNS),
        ("features", network_config::FEATURES),
    ];

    fn check(&self) -> Result<(), ApiError> {
        Config::check(&self.cellular)
    }
}

impl Config for FederatedNetworkConfigs {
    const TYPE: &str = network_config::FEDERATED;

    /// Magma-compat: only where the configuration is written by itself; a whole network may name one that is made later.
    fn needs_network(&self) -> Option<&str> {
        Some(self.feg_network_id.as_str()).filter(|id| !id.is_empty())
    }
}
