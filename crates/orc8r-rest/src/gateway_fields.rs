//! `/networks/{network_id}/gateways/{gateway_id}/{name,description,device,magmad,tier}`: single fields of a gateway.

use crate::Api;
use crate::error::ApiError;
use crate::networks::{from_json, to_json};
use crate::request::{GatewayPath, Ids, JsonBody};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{MethodRouter, get};
use axum::{Json, Router};
use orc8r_model::body::{
    Body, GatewayDescription, GatewayDevice, GatewayName, MagmadGatewayConfigs, TierIdText,
};
use orc8r_model::{EdgeChange, EntityId, EntityUpdate};
use orc8r_store::{EntityWrite, GatewayRecord};
use serde::Serialize;
use std::collections::BTreeSet;

pub(crate) fn routes() -> Router<Api> {
    Router::new()
        .route("/networks/{network_id}/gateways/{gateway_id}/name", field::<GatewayName>())
        .route("/networks/{network_id}/gateways/{gateway_id}/description", field::<GatewayDescription>())
        .route("/networks/{network_id}/gateways/{gateway_id}/device", field::<GatewayDevice>())
        .route("/networks/{network_id}/gateways/{gateway_id}/magmad", field::<MagmadGatewayConfigs>())
        .route("/networks/{network_id}/gateways/{gateway_id}/tier", field::<TierIdText>())
}

/// A field of a gateway that is a resource of its own.
trait Field: Body + Serialize {
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
        let device = self.to_device()?;
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

impl Field for TierIdText {
    const NAME: &str = "tier";
    fn of(record: GatewayRecord) -> Result<Option<Self>, ApiError> {
        Ok(record.entity.tier().map(|tier| Self(tier.to_owned())))
    }
    fn writes(self, nothing: EntityUpdate) -> Result<Vec<EntityWrite>, ApiError> {
        let parents = EdgeChange::Set(BTreeSet::from([EntityId::tier(self.0)]));
        Ok(vec![EntityWrite::Update(EntityUpdate { parents, ..nothing })])
    }
}

fn field<T: Field>() -> MethodRouter<Api> {
    get(read::<T>).put(replace::<T>)
}

async fn read<T: Field>(State(api): State<Api>, Ids(path): Ids<GatewayPath>) -> Result<Json<T>, ApiError> {
    let record = api.store.gateway_record(&path.network_id, &path.gateway_id).await?;
    let none = || ApiError::not_found(format_args!("{} of gateway {}", T::NAME, path.gateway_id));
    T::of(record)?.map(Json).ok_or_else(none)
}

async fn replace<T: Field>(
    State(api): State<Api>,
    Ids(path): Ids<GatewayPath>,
    JsonBody(body): JsonBody<T>,
) -> Result<StatusCode, ApiError> {
    let writes = body.writes(EntityUpdate::of(EntityId::gateway(&path.gateway_id)))?;
    api.store.write_entities(&path.network_id, writes).await?;
    Ok(StatusCode::NO_CONTENT)
}
