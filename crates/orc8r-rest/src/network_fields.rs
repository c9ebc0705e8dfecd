//! `/networks/{network_id}/{type,name,description,features,sentry,state}`: single fields of a network.

use crate::Api;
use crate::error::ApiError;
use crate::networks::{config, to_json};
use crate::request::{Ids, JsonBody, NetworkPath};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{MethodRouter, get};
use axum::{Json, Router};
use orc8r_model::body::{
    Body, NetworkDescription, NetworkFeatures, NetworkName, NetworkSentryConfig, NetworkType, StateConfig,
};
use orc8r_model::{Network, NetworkUpdate, network_config};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub(crate) fn routes() -> Router<Api> {
    Router::new()
        .route("/networks/{network_id}/type", field::<NetworkType>())
        .route("/networks/{network_id}/name", field::<NetworkName>())
        .route("/networks/{network_id}/description", field::<NetworkDescription>())
        .route(
            "/networks/{network_id}/features",
            config_field::<NetworkFeatures>().delete(remove::<NetworkFeatures>),
        )
        .route("/networks/{network_id}/sentry", config_field::<NetworkSentryConfig>())
        .route("/networks/{network_id}/state", config_field::<StateConfig>())
}

/// A field of a network that is a resource of its own.
trait Field: Body + Serialize {
    fn of(network: Network) -> Self;
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

fn field<T: Field>() -> MethodRouter<Api> {
    get(read::<T>).put(replace::<T>)
}

async fn read<T: Field>(State(api): State<Api>, Ids(path): Ids<NetworkPath>) -> Result<Json<T>, ApiError> {
    Ok(Json(T::of(api.store.network(&path.network_id).await?)))
}

async fn replace<T: Field>(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    JsonBody(body): JsonBody<T>,
) -> Result<StatusCode, ApiError> {
    api.store.update_network(&path.network_id, body.update()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A configuration of a network that is a resource of its own; 404 while the network has none.
pub(crate) trait Config: Body + Serialize + DeserializeOwned {
    /// Under which type it is kept.
    const TYPE: &str;
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

/// Reads and replaces one configuration.
pub(crate) fn config_field<T: Config>() -> MethodRouter<Api> {
    get(read_config::<T>).put(replace_config::<T>)
}

async fn read_config<T: Config>(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
) -> Result<Json<T>, ApiError> {
    let network = api.store.network(&path.network_id).await?;
    let found: Option<T> = config(&network, T::TYPE)?;
    found.map(Json).ok_or_else(|| none::<T>(&path))
}

async fn replace_config<T: Config>(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    JsonBody(body): JsonBody<T>,
) -> Result<StatusCode, ApiError> {
    api.store.update_network(&path.network_id, NetworkUpdate::config(T::TYPE, Some(to_json(&body)?))).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes one configuration away; that there is none is no error.
pub(crate) async fn remove<T: Config>(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
) -> Result<StatusCode, ApiError> {
    api.store.update_network(&path.network_id, NetworkUpdate::config(T::TYPE, None)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn none<T: Config>(path: &NetworkPath) -> ApiError {
    ApiError::not_found(format_args!("{} of network {}", T::TYPE, path.network_id))
}
