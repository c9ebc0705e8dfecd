//! `/cwf/{network_id}/gateways`: gateways between Wi-Fi access points and an operator's own core.

use crate::Api;
use crate::error::ApiError;
use crate::gateway_fields::{read as read_field, replace as replace_field};
use crate::gateway_kind::{GatewayKind, create, delete, list, read, side_of, update};
use crate::gateway_parts::{GatewayPart, read_part, replace_part};
use crate::gateway_status;
use crate::gateways::require_unpaired;
use crate::request::{GatewayPath, Ids};
use crate::routes::{NoContent, Routes};
use axum::extract::State;
use orc8r_model::{entity_type, network_type};
use std::collections::BTreeSet;
use wire_rest::types::{
    AllowedGrePeer, CwfGateway, GatewayCwfConfigs, GatewayDescription, GatewayDevice, GatewayName,
    MagmadGatewayConfigs, MutableCwfGateway, TierId,
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/cwf/{network_id}/gateways", list::<CarrierWifi>)
        .post("/cwf/{network_id}/gateways", create::<CarrierWifi>)
        .get("/cwf/{network_id}/gateways/{gateway_id}", read::<CarrierWifi>)
        .put("/cwf/{network_id}/gateways/{gateway_id}", update::<CarrierWifi>)
        .delete("/cwf/{network_id}/gateways/{gateway_id}", delete_unpaired)
        .get("/cwf/{network_id}/gateways/{gateway_id}/status", gateway_status::read)
        .get("/cwf/{network_id}/gateways/{gateway_id}/name", read_field::<GatewayName>)
        .put("/cwf/{network_id}/gateways/{gateway_id}/name", replace_field::<GatewayName>)
        .get("/cwf/{network_id}/gateways/{gateway_id}/description", read_field::<GatewayDescription>)
        .put("/cwf/{network_id}/gateways/{gateway_id}/description", replace_field::<GatewayDescription>)
        .get("/cwf/{network_id}/gateways/{gateway_id}/device", read_field::<GatewayDevice>)
        .put("/cwf/{network_id}/gateways/{gateway_id}/device", replace_field::<GatewayDevice>)
        .get("/cwf/{network_id}/gateways/{gateway_id}/magmad", read_field::<MagmadGatewayConfigs>)
        .put("/cwf/{network_id}/gateways/{gateway_id}/magmad", replace_field::<MagmadGatewayConfigs>)
        .get("/cwf/{network_id}/gateways/{gateway_id}/tier", read_field::<TierId>)
        .put("/cwf/{network_id}/gateways/{gateway_id}/tier", replace_field::<TierId>)
        .get("/cwf/{network_id}/gateways/{gateway_id}/carrier_wifi", read_part::<GatewayCwfConfigs>)
        .put("/cwf/{network_id}/gateways/{gateway_id}/carrier_wifi", replace_part::<GatewayCwfConfigs>)
}

/// Gateways of carrier Wi-Fi networks.
pub(crate) struct CarrierWifi;

impl GatewayKind for CarrierWifi {
    type Body = MutableCwfGateway;
    type Shown = CwfGateway;
    const NETWORKS: &'static [&'static str] = &[network_type::CARRIER_WIFI];
    const SIDE: &'static str = entity_type::CARRIER_WIFI_GATEWAY;
    const CONFIG: &'static str = "carrier_wifi";

    fn check(body: &MutableCwfGateway) -> Result<(), ApiError> {
        body.carrier_wifi.check()
    }
}

impl GatewayPart for GatewayCwfConfigs {
    const SIDE: &str = entity_type::CARRIER_WIFI_GATEWAY;

    /// A peer is known by its address and its key.
    fn check(&self) -> Result<(), ApiError> {
        let mut seen = BTreeSet::new();
        for AllowedGrePeer { ip, key } in &self.allowed_gre_peers {
            let key = key.unwrap_or_default();
            if !seen.insert((ip, key)) {
                return Err(ApiError::bad(format!("Found duplicate peer {ip} with key {key}")));
            }
        }
        Ok(())
    }
}

/// Deletes a gateway that is in no pair.
async fn delete_unpaired(State(api): State<Api>, Ids(path): Ids<GatewayPath>) -> Result<NoContent, ApiError> {
    let side = side_of(&api, &path.network_id, entity_type::CARRIER_WIFI_GATEWAY, &path).await?;
    require_unpaired(&path.gateway_id, side.parents.iter())?;
    delete::<CarrierWifi>(State(api), Ids(path)).await
}
