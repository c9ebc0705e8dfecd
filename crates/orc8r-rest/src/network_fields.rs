//! `/networks/{network_id}/{type,name,description,features,sentry,state}`: single fields of a network.

use crate::Api;
use crate::access::MayWrite;
use crate::error::ApiError;
use crate::networks::{config, to_json, visible};
use crate::request::{Ids, JsonBody, NetworkPath};
use crate::routes::{Done, NoContent, Routes};
use axum::Extension;
use axum::Json;
use axum::extract::State;
use orc8r_model::{Network, NetworkId, NetworkUpdate, network_config};
use orc8r_store::StoreError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wire_rest::HasSchema;
use wire_rest::types::{
    NetworkDescription, NetworkFeatures, NetworkName, NetworkSentryConfig, NetworkType, StateConfig,
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/networks/{network_id}/type", read::<NetworkType>)
        .put("/networks/{network_id}/type", replace::<NetworkType>)
        .get("/networks/{network_id}/name", read::<NetworkName>)
        .put("/networks/{network_id}/name", replace::<NetworkName>)
        .get("/networks/{network_id}/description", read::<NetworkDescription>)
        .put("/networks/{network_id}/description", replace::<NetworkDescription>)
        .get("/networks/{network_id}/features", read_config::<NetworkFeatures>)
        .put("/networks/{network_id}/features", replace_config::<NetworkFeatures>)
        .delete("/networks/{network_id}/features", remove::<NetworkFeatures>)
        .get("/networks/{network_id}/sentry", read_config::<NetworkSentryConfig>)
        .put("/networks/{network_id}/sentry", replace_config::<NetworkSentryConfig>)
        .get("/networks/{network_id}/state", read_config::<StateConfig>)
        .put("/networks/{network_id}/state", replace_config::<StateConfig>)
}

/// A field of a network that is a resource of its own.
pub(crate) trait Field: HasSchema + Serialize + DeserializeOwned + Send {
    /// The field of a network.
    fn of(network: Network) -> Self;

    /// What to change to make it this.
    fn update(self) -> NetworkUpdate;
}

impl Field for NetworkType {
    fn of(network: Network) -> Self {
        Self(network.network_type)
    }
    fn update(self) -> NetworkUpdate {
        NetworkUpdate { network_type: Some(self.0), ..NetworkUpdate::default() }
    }
}

impl Field for NetworkName {
    fn of(network: Network) -> Self {
        Self(network.name)
    }
    fn update(self) -> NetworkUpdate {
        NetworkUpdate { name: Some(self.0), ..NetworkUpdate::default() }
    }
}

impl Field for NetworkDescription {
    fn of(network: Network) -> Self {
        Self(network.description)
    }
    fn update(self) -> NetworkUpdate {
        NetworkUpdate { description: Some(self.0), ..NetworkUpdate::default() }
    }
}

/// Reads a field.
pub(crate) async fn read<T: Field>(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
) -> Result<Json<T>, ApiError> {
    Ok(Json(T::of(api.store.network(&path.network_id).await?)))
}

/// Replaces a field.
pub(crate) async fn replace<T: Field>(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    JsonBody(body): JsonBody<T>,
) -> Result<NoContent, ApiError> {
    api.store.update_network(&path.network_id, body.update()).await?;
    Ok(NoContent)
}

/// A configuration of a network that is a resource of its own; 404 while the network has none.
pub(crate) trait Config: HasSchema + Serialize + DeserializeOwned + Send {
    /// Under which type it is kept.
    const TYPE: &str;

    /// Refuses what the contract's rules let through and cannot be meant.
    fn check(&self) -> Result<(), ApiError> {
        Ok(())
    }

    /// A network that it names and that must be there.
    fn needs_network(&self) -> Option<&str> {
        None
    }
}

impl Config for NetworkFeatures {
    const TYPE: &str = network_config::FEATURES;
}

impl Config for NetworkSentryConfig {
    const TYPE: &str = network_config::SENTRY;
}

impl Config for StateConfig {
    const TYPE: &str = network_config::STATE;
}

/// Reads one configuration.
pub(crate) async fn read_config<T: Config>(
    State(api): State<Api>,
    Extension(may_write): Extension<MayWrite>,
    Ids(path): Ids<NetworkPath>,
) -> Result<Json<T>, ApiError> {
    let network = visible(&api, &path.network_id, may_write).await?;
    let found: Option<T> = config(&network, T::TYPE)?;
    found.map(Json).ok_or_else(|| none::<T>(&path))
}

/// Replaces one configuration.
pub(crate) async fn replace_config<T: Config>(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    JsonBody(body): JsonBody<T>,
) -> Result<NoContent, ApiError> {
    body.check()?;
    if let Some(needed) = body.needs_network() {
        require_network(&api, needed).await?;
    }
    api.store.update_network(&path.network_id, NetworkUpdate::config(T::TYPE, Some(to_json(&body)?))).await?;
    Ok(NoContent)
}

/// The same where the contract says 200.
pub(crate) async fn replace_config_with_200<T: Config>(
    api: State<Api>,
    path: Ids<NetworkPath>,
    body: JsonBody<T>,
) -> Result<Done, ApiError> {
    replace_config(api, path, body).await.map(|NoContent| Done)
}

/// Refuses the id of a network that is not there.
pub(crate) async fn require_network(api: &Api, id: &str) -> Result<(), ApiError> {
    match api.store.network(&NetworkId::parse(id)?).await {
        Err(StoreError::NotFound { .. }) => Err(ApiError::bad(format!("Network: {id} does not exist"))),
        found => Ok(found.map(drop)?),
    }
}

/// Takes one configuration away; that there is none is no error.
pub(crate) async fn remove<T: Config>(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
) -> Result<NoContent, ApiError> {
    api.store.update_network(&path.network_id, NetworkUpdate::config(T::TYPE, None)).await?;
    Ok(NoContent)
}

fn none<T: Config>(path: &NetworkPath) -> ApiError {
    ApiError::not_found(format_args!("{} of network {}", T::TYPE, path.network_id))
}
