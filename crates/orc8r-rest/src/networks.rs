//! `/networks`: whole networks.

use crate::Api;
use crate::access::MayWrite;
use crate::error::ApiError;
use crate::predefined_alerts::begin_with;
use crate::request::{Ids, JsonBody, NetworkPath, require_same};
use crate::routes::{Created, NoContent, Routes};
use axum::Json;
use axum::extract::State;
use orc8r_model::{Entity, Network, NetworkId, NetworkUpdate, network_config};
use orc8r_vault::{entity_secrets, mask, network_secrets};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeMap;
use wire_rest::types;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/networks", list)
        .post("/networks", create)
        .get("/networks/{network_id}", read)
        .put("/networks/{network_id}", update)
        .delete("/networks/{network_id}", delete)
}

async fn list(State(api): State<Api>) -> Result<Json<Vec<String>>, ApiError> {
    let ids = api.store.network_ids().await?;
    Ok(Json(ids.into_iter().map(String::from).collect()))
}

async fn create(
    State(api): State<Api>,
    JsonBody(body): JsonBody<types::Network>,
) -> Result<Created, ApiError> {
    let configs = configs(&body)?.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    let network = Network {
        network_type: body.r#type.unwrap_or_default(),
        name: body.name,
        description: body.description,
        configs,
        ..Network::new(NetworkId::parse(body.id)?)
    };
    let (id, network_type) = (network.id.clone(), network.network_type.clone());
    api.store.create_network(network).await?;
    begin_with(&api, &id, &network_type).await;
    Ok(Created)
}

async fn read(State(api): State<Api>, Ids(path): Ids<NetworkPath>) -> Result<Json<types::Network>, ApiError> {
    let network = api.store.network(&path.network_id).await?;
    Ok(Json(types::Network {
        // A network that another program made may have none.
        dns: config(&network, network_config::DNS)?.unwrap_or_default(),
        features: config(&network, network_config::FEATURES)?,
        sentry_config: config(&network, network_config::SENTRY)?,
        state_config: config(&network, network_config::STATE)?,
        id: network.id.into(),
        name: network.name,
        description: network.description,
        r#type: Some(network.network_type).filter(|network_type| !network_type.is_empty()),
    }))
}

/// Replaces what a generic network consists of; configurations of other kinds (cellular, …) stay.
///
/// Deviation: Magma takes the network's id from the body, whatever the path says and was authorised for. A body without
/// a type would there empty the network's type, and with it make the network unreadable to its own kind; here it stays.
async fn update(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    JsonBody(body): JsonBody<types::Network>,
) -> Result<NoContent, ApiError> {
    require_same("id", &body.id, &path.network_id)?;
    let update = NetworkUpdate {
        configs: configs(&body)?,
        network_type: body.r#type,
        name: Some(body.name),
        description: Some(body.description),
        if_version: None,
    };
    api.store.update_network(&path.network_id, update).await?;
    Ok(NoContent)
}

async fn delete(State(api): State<Api>, Ids(path): Ids<NetworkPath>) -> Result<NoContent, ApiError> {
    api.store.delete_network(&path.network_id).await?;
    Ok(NoContent)
}

fn configs(body: &types::Network) -> Result<BTreeMap<String, Option<Value>>, ApiError> {
    Ok(BTreeMap::from([
        (network_config::DNS.to_owned(), Some(to_json(&body.dns)?)),
        (network_config::FEATURES.to_owned(), body.features.as_ref().map(to_json).transpose()?),
        (network_config::SENTRY.to_owned(), body.sentry_config.as_ref().map(to_json).transpose()?),
        (network_config::STATE.to_owned(), body.state_config.as_ref().map(to_json).transpose()?),
    ]))
}

/// A network as who asks may see it: its private keys open, or empty for who may only read.
pub(crate) async fn visible(api: &Api, id: &NetworkId, may_write: MayWrite) -> Result<Network, ApiError> {
    let mut network = api.store.network(id).await?;
    for (config_type, config) in &mut network.configs {
        if may_write.0 {
            api.store.open_network_config(id, config_type, config)?;
        } else {
            mask(network_secrets(id.as_str(), config_type, config));
        }
    }
    Ok(network)
}

/// Makes of an entity what who asks may see: its secrets open, or empty for who may only read.
pub(crate) fn make_visible(
    api: &Api,
    network: &NetworkId,
    entity: &mut Entity,
    may_write: MayWrite,
) -> Result<(), ApiError> {
    if may_write.0 {
        api.store.open_entity(network, entity)?;
    } else if let Some(config) = &mut entity.config {
        let id = (entity.id.entity_type.as_str(), entity.id.key.as_str());
        mask(entity_secrets(network.as_str(), id, config));
    }
    Ok(())
}

/// A body as it is kept.
pub(crate) fn to_json(body: &impl Serialize) -> Result<Value, ApiError> {
    serde_json::to_value(body).map_err(|error| ApiError::bad(format!("the body cannot be kept: {error}")))
}

/// One configuration of a network, if it has that one.
pub(crate) fn config<T: DeserializeOwned>(
    network: &Network,
    config_type: &str,
) -> Result<Option<T>, ApiError> {
    network.configs.get(config_type).map(|value| from_json(config_type, value)).transpose()
}

/// What was kept as a body again.
pub(crate) fn from_json<T: DeserializeOwned>(what: &str, value: &Value) -> Result<T, ApiError> {
    T::deserialize(value).map_err(|error| {
        tracing::error!(what, %error, "a configuration in the store does not fit its model");
        ApiError::Defect
    })
}
