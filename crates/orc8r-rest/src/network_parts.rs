//! Parts of a network's configuration that are resources of their own, by their place in its JSON.

use crate::Api;
use crate::access::MayWrite;
use crate::error::ApiError;
use crate::json_place::{at, put_at};
use crate::network_fields::require_network;
use crate::networks::{from_json, to_json, visible};
use crate::request::{Ids, JsonBody, NetworkPath};
use crate::retry::while_changed;
use crate::routes::NoContent;
use axum::extract::State;
use axum::{Extension, Json};
use orc8r_model::NetworkUpdate;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wire_rest::HasSchema;

/// A part of one of a network's configurations.
pub(crate) trait NetworkPart:
    HasSchema + Serialize + DeserializeOwned + Default + Send + Sync
{
    /// Under which type the configuration is kept.
    const TYPE: &str;

    /// The members that lead to the part from the configuration.
    const PLACE: &[&str];

    /// Whether a part that is absent is shown as an empty one, and not as 404.
    const ABSENT_IS_EMPTY: bool = false;

    /// Refuses what the contract's rules let through and cannot be meant.
    fn check(&self) -> Result<(), ApiError> {
        Ok(())
    }

    /// A network that it names and that must be there.
    fn needs_network(&self) -> Option<&str> {
        None
    }
}

/// Reads a part.
pub(crate) async fn read_part<T: NetworkPart>(
    State(api): State<Api>,
    Extension(may_write): Extension<MayWrite>,
    Ids(path): Ids<NetworkPath>,
) -> Result<Json<T>, ApiError> {
    let network = visible(&api, &path.network_id, may_write).await?;
    let config = network.configs.get(T::TYPE).ok_or_else(|| none(T::TYPE, &[], &path))?;
    match at(Some(config), T::PLACE) {
        Some(part) => from_json(T::TYPE, part).map(Json),
        None if T::ABSENT_IS_EMPTY => Ok(Json(T::default())),
        None => Err(none(T::TYPE, T::PLACE, &path)),
    }
}

/// Replaces a part of a configuration that the network has.
pub(crate) async fn replace_part<T: NetworkPart>(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    JsonBody(body): JsonBody<T>,
) -> Result<NoContent, ApiError> {
    body.check()?;
    if let Some(needed) = body.needs_network() {
        require_network(&api, needed).await?;
    }
    let part = to_json(&body)?;
    while_changed(async || {
        let mut network = api.store.network(&path.network_id).await?;
        let mut config = network.configs.remove(T::TYPE).ok_or_else(|| none(T::TYPE, &[], &path))?;
        put_at(&mut config, T::PLACE, part.clone()).map_err(|missing| none(T::TYPE, missing, &path))?;
        let update = NetworkUpdate::config(T::TYPE, Some(config));
        let update = NetworkUpdate { if_version: Some(network.version), ..update };
        Ok(api.store.update_network(&path.network_id, update).await?)
    })
    .await?;
    Ok(NoContent)
}

fn none(config_type: &str, place: &[&str], path: &NetworkPath) -> ApiError {
    let place: String = place.iter().flat_map(|name| [".", name]).collect();
    ApiError::not_found(format_args!("{config_type}{place} of network {}", path.network_id))
}
