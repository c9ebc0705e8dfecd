//! `/lte`: LTE and 5G networks, and the parts of their configuration.

use crate::error::ApiError;
use crate::network_dns::records_routes;
use crate::network_fields::{
    Config, read as read_field, read_config, remove, replace as replace_field, replace_config,
};
use crate::network_kind::{NetworkKind, create, delete, list, read, update};
use crate::network_parts::{NetworkPart, read_part, replace_part};
use crate::routes::Routes;
use crate::subscriber_config::subscriber_config_routes;
use orc8r_model::{LteChannel, network_config, network_type};
use wire_rest::types::{
    FegNetworkId, LteNetwork, NetworkCellularConfigs, NetworkDescription, NetworkDnsConfig,
    NetworkEpcConfigs, NetworkFeatures, NetworkName, NetworkNgcConfigs, NetworkRanConfigs,
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/lte", list::<LteNetwork>)
        .post("/lte", create::<LteNetwork>)
        .get("/lte/{network_id}", read::<LteNetwork>)
        .put("/lte/{network_id}", update::<LteNetwork>)
        .delete("/lte/{network_id}", delete::<LteNetwork>)
        .get("/lte/{network_id}/name", read_field::<NetworkName>)
        .put("/lte/{network_id}/name", replace_field::<NetworkName>)
        .get("/lte/{network_id}/description", read_field::<NetworkDescription>)
        .put("/lte/{network_id}/description", replace_field::<NetworkDescription>)
        .get("/lte/{network_id}/features", read_config::<NetworkFeatures>)
        .put("/lte/{network_id}/features", replace_config::<NetworkFeatures>)
        .delete("/lte/{network_id}/features", remove::<NetworkFeatures>)
        .get("/lte/{network_id}/dns", read_config::<NetworkDnsConfig>)
        .put("/lte/{network_id}/dns", replace_config::<NetworkDnsConfig>)
        .delete("/lte/{network_id}/dns", remove::<NetworkDnsConfig>)
        .merge(records_routes("/lte/{network_id}/dns/records", "/lte/{network_id}/dns/records/{domain}"))
        .get("/lte/{network_id}/cellular", read_config::<NetworkCellularConfigs>)
        .put("/lte/{network_id}/cellular", replace_config::<NetworkCellularConfigs>)
        .delete("/lte/{network_id}/cellular", remove::<NetworkCellularConfigs>)
        .get("/lte/{network_id}/cellular/epc", read_part::<NetworkEpcConfigs>)
        .put("/lte/{network_id}/cellular/epc", replace_part::<NetworkEpcConfigs>)
        .get("/lte/{network_id}/cellular/ran", read_part::<NetworkRanConfigs>)
        .put("/lte/{network_id}/cellular/ran", replace_part::<NetworkRanConfigs>)
        .get("/lte/{network_id}/cellular/ngc", read_part::<NetworkNgcConfigs>)
        .put("/lte/{network_id}/cellular/ngc", replace_part::<NetworkNgcConfigs>)
        .get("/lte/{network_id}/cellular/feg_network_id", read_part::<FegNetworkId>)
        .put("/lte/{network_id}/cellular/feg_network_id", replace_part::<FegNetworkId>)
        .merge(subscriber_config_routes!("/lte/{network_id}"))
}

impl NetworkKind for LteNetwork {
    const TYPE: &str = network_type::LTE;
    const CONFIGS: &[(&str, &str)] = &[
        ("cellular", network_config::CELLULAR),
        ("dns", network_config::DNS),
        ("features", network_config::FEATURES),
        ("subscriber_config", network_config::SUBSCRIBER),
    ];

    fn check(&self) -> Result<(), ApiError> {
        Config::check(&self.cellular)
    }
}

impl Config for NetworkCellularConfigs {
    const TYPE: &str = network_config::CELLULAR;

    fn check(&self) -> Result<(), ApiError> {
        NetworkPart::check(&self.ran)?;
        NetworkPart::check(&self.epc)
    }

    fn needs_network(&self) -> Option<&str> {
        self.feg_network_id.as_deref().filter(|id| !id.is_empty())
    }
}

impl NetworkPart for NetworkRanConfigs {
    const TYPE: &str = network_config::CELLULAR;
    const PLACE: &[&str] = &["ran"];

    /// A cell either divides time or frequency, on channels of a band that does so too.
    fn check(&self) -> Result<(), ApiError> {
        let channel = match (&self.tdd_config, &self.fdd_config) {
            (Some(_), Some(_)) => {
                return Err(ApiError::bad(
                    "fdd_config and tdd_config in body exclude each other: send one of them",
                ));
            }
            (None, None) => {
                return Err(ApiError::bad("fdd_config or tdd_config in body is required: send one of them"));
            }
            (Some(time), None) => LteChannel::TimeDivision { number: time.earfcndl },
            (None, Some(pair)) => {
                LteChannel::FrequencyDivision { downlink: pair.earfcndl, uplink: pair.earfcnul }
            }
        };
        channel.check().map_err(|error| ApiError::bad(error.to_string()))
    }
}

impl NetworkPart for NetworkEpcConfigs {
    const TYPE: &str = network_config::CELLULAR;
    const PLACE: &[&str] = &["epc"];

    fn check(&self) -> Result<(), ApiError> {
        if self.sub_profiles.contains_key("") {
            return Err(ApiError::bad("sub_profiles in body has a profile without a name"));
        }
        Ok(())
    }
}

impl NetworkPart for NetworkNgcConfigs {
    const TYPE: &str = network_config::CELLULAR;
    const PLACE: &[&str] = &["ngc"];
}

impl NetworkPart for FegNetworkId {
    const TYPE: &str = network_config::CELLULAR;
    const PLACE: &[&str] = &["feg_network_id"];
    const ABSENT_IS_EMPTY: bool = true;

    fn needs_network(&self) -> Option<&str> {
        Some(self.0.as_str()).filter(|id| !id.is_empty())
    }
}
