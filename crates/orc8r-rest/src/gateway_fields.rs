//! `/networks/{network_id}/gateways/{gateway_id}/{name,description,device,magmad,tier}`: single fields of a gateway.

use crate::Api;
use crate::error::ApiError;
use crate::networks::{from_json, to_json};
use crate::request::{GatewayPath, Ids, JsonBody};
use crate::routes::{NoContent, Routes};
use axum::Json;
use axum::extract::State;
use orc8r_model::{Device, EdgeChange, EntityId, EntityUpdate};
use orc8r_store::{EntityWrite, GatewayRecord};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use wire_rest::HasSchema;
use wire_rest::types::{GatewayDescription, GatewayDevice, GatewayName, MagmadGatewayConfigs, TierId};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/networks/{network_id}/gateways/{gateway_id}/name", read::<GatewayName>)
        .put("/networks/{network_id}/gateways/{gateway_id}/name", replace::<GatewayName>)
        .get("/networks/{network_id}/gateways/{gateway_id}/description", read::<GatewayDescription>)
        .put("/networks/{network_id}/gateways/{gateway_id}/description", replace::<GatewayDescription>)
        .get("/networks/{network_id}/gateways/{gateway_id}/device", read::<GatewayDevice>)
        .put("/networks/{network_id}/gateways/{gateway_id}/device", replace::<GatewayDevice>)
        .get("/networks/{network_id}/gateways/{gateway_id}/magmad", read::<MagmadGatewayConfigs>)
        .put("/networks/{network_id}/gateways/{gateway_id}/magmad", replace::<MagmadGatewayConfigs>)
        .get("/networks/{network_id}/gateways/{gateway_id}/tier", read::<TierId>)
        .put("/networks/{network_id}/gateways/{gateway_id}/tier", replace::<TierId>)
}

/// A field of a gateway that is a resource of its own.
pub(crate) trait Field: HasSchema + Serialize + DeserializeOwned + Send {
    /// What people call it.
    const NAME: &str;

    /// `None`: the gateway has none, and the resource is 404.
    fn of(record: GatewayRecord) -> Result<Option<Self>, ApiError>;

    /// What to write, given an update that changes nothing yet.
    fn writes(self, nothing: EntityUpdate) -> Result<Vec<EntityWrite>, ApiError>;
}

impl Field for GatewayName {
    const NAME: &str = "name";
    fn of(record: GatewayRecord) -> Result<Option<Self>, ApiError> {
        Ok(Some(Self(record.entity.name)))
    }
    fn writes(self, nothing: EntityUpdate) -> Result<Vec<EntityWrite>, ApiError> {
        Ok(vec![EntityWrite::Update(EntityUpdate { name: Some(self.0), ..nothing })])
    }
}

impl Field for GatewayDescription {
    const NAME: &str = "description";
    fn of(record: GatewayRecord) -> Result<Option<Self>, ApiError> {
        Ok(Some(Self(record.entity.description)))
    }
    fn writes(self, nothing: EntityUpdate) -> Result<Vec<EntityWrite>, ApiError> {
        Ok(vec![EntityWrite::Update(EntityUpdate { description: Some(self.0), ..nothing })])
    }
}

impl Field for GatewayDevice {
    const NAME: &str = "device";
    fn of(record: GatewayRecord) -> Result<Option<Self>, ApiError> {
        Ok(record.device.as_ref().map(Self::from))
    }
    fn writes(self, nothing: EntityUpdate) -> Result<Vec<EntityWrite>, ApiError> {
        let device = Device::try_from(&self)?;
        let physical_id = Some(Some(device.hardware_id.to_string()));
        Ok(vec![EntityWrite::Update(EntityUpdate { physical_id, ..nothing }), EntityWrite::PutDevice(device)])
    }
}

impl Field for MagmadGatewayConfigs {
    const NAME: &str = "magmad configuration";
    fn of(record: GatewayRecord) -> Result<Option<Self>, ApiError> {
        record.entity.config.map(|config| from_json("the configuration of a gateway", &config)).transpose()
    }
    fn writes(self, nothing: EntityUpdate) -> Result<Vec<EntityWrite>, ApiError> {
        let config = Some(Some(to_json(&self)?));
        Ok(vec![EntityWrite::Update(EntityUpdate { config, ..nothing })])
    }
}

impl Field for TierId {
    const NAME: &str = "tier";
    fn of(record: GatewayRecord) -> Result<Option<Self>, ApiError> {
        Ok(record.entity.tier().map(|tier| Self(tier.to_owned())))
    }
    fn writes(self, nothing: EntityUpdate) -> Result<Vec<EntityWrite>, ApiError> {
        let parents = EdgeChange::Set(BTreeSet::from([EntityId::tier(self.0)]));
        Ok(vec![EntityWrite::Update(EntityUpdate { parents, ..nothing })])
    }
}

/// Reads a field.
pub(crate) async fn read<T: Field>(
    State(api): State<Api>,
    Ids(path): Ids<GatewayPath>,
) -> Result<Json<T>, ApiError> {
    let record = api.store.gateway_record(&path.network_id, &path.gateway_id).await?;
    let none = || ApiError::not_found(format_args!("{} of gateway {}", T::NAME, path.gateway_id));
    T::of(record)?.map(Json).ok_or_else(none)
}

/// Replaces a field.
pub(crate) async fn replace<T: Field>(
    State(api): State<Api>,
    Ids(path): Ids<GatewayPath>,
    JsonBody(body): JsonBody<T>,
) -> Result<NoContent, ApiError> {
    let writes = body.writes(EntityUpdate::of(EntityId::gateway(&path.gateway_id)))?;
    api.store.write_entities(&path.network_id, writes).await?;
    Ok(NoContent)
}
