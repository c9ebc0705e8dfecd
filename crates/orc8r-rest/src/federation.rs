//! `/feg`: federation networks, whose gateways stand between other networks and an operator's own core.

use crate::error::ApiError;
use crate::network_fields::{Config, read_config, remove, replace_config_with_200};
use crate::network_kind::{NetworkKind, create, delete, list, read, update};
use crate::routes::Routes;
use crate::subscriber_config::subscriber_config_routes;
use orc8r_model::{network_config, network_type};
use wire_rest::types::{FegNetwork, NetworkFederationConfigs};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/feg", list::<FegNetwork>)
        .post("/feg", create::<FegNetwork>)
        .get("/feg/{network_id}", read::<FegNetwork>)
        .put("/feg/{network_id}", update::<FegNetwork>)
        .delete("/feg/{network_id}", delete::<FegNetwork>)
        .get("/feg/{network_id}/federation", read_config::<NetworkFederationConfigs>)
        .put("/feg/{network_id}/federation", replace_config_with_200::<NetworkFederationConfigs>)
        .delete("/feg/{network_id}/federation", remove::<NetworkFederationConfigs>)
        .merge(subscriber_config_routes!("/feg/{network_id}"))
}

impl NetworkKind for FegNetwork {
    const TYPE: &str = network_type::FEDERATION;
    const CONFIGS: &[(&str, &str)] = &[
        ("federation", network_config::FEDERATION),
        ("dns", network_config::DNS),
        ("features", network_config::FEATURES),
        ("subscriber_config", network_config::SUBSCRIBER),
    ];

    fn check(&self) -> Result<(), ApiError> {
        self.federation.check()
    }
}

impl Config for NetworkFederationConfigs {
    const TYPE: &str = network_config::FEDERATION;

    /// A route to a neutral host goes by the country and network code of a subscriber.
    fn check(&self) -> Result<(), ApiError> {
        let is_plmn = |id: &str| matches!(id.len(), 5 | 6) && id.bytes().all(|digit| digit.is_ascii_digit());
        match self.nh_routes.iter().find(|(plmn, _)| !is_plmn(plmn)) {
            None => Ok(()),
            Some((plmn, network)) => Err(ApiError::bad(format!(
                "nh_routes in body: {plmn:?}, which leads to {network}, is no PLMN id: write 5 or 6 digits"
            ))),
        }
    }
}
