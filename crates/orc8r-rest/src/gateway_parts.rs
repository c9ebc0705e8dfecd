//! Parts of the configuration of a gateway's side that are resources of their own, by their place in its JSON.

use crate::Api;
use crate::access::MayWrite;
use crate::error::ApiError;
use crate::gateway_kind::side_of;
use crate::json_place::{at, put_at};
use crate::networks::{from_json, make_visible, to_json};
use crate::request::{GatewayPath, Ids, JsonBody};
use crate::retry::while_changed;
use crate::routes::{Created, NoContent};
use axum::extract::State;
use axum::{Extension, Json};
use orc8r_model::{EdgeChange, Entity, EntityId, EntityUpdate};
use orc8r_store::{Edges, EntityWrite};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use wire_rest::HasSchema;

/// A part of the configuration of a gateway's side.
pub(crate) trait GatewayPart:
    HasSchema + Serialize + DeserializeOwned + Default + Send + Sync
{
    /// The entity type of the side.
    const SIDE: &str;

    /// The members that lead to it from the side's configuration; none for the whole.
    const PLACE: &[&str] = &[];

    /// Whether a part that is absent is shown as an empty one, and not as 404.
    const ABSENT_IS_EMPTY: bool = false;

    /// Refuses what the contract's rules let through and cannot be meant.
    fn check(&self) -> Result<(), ApiError> {
        Ok(())
    }

    /// What becomes of the side's edges upwards when its configuration becomes `config`.
    fn parents(_side: &Entity, _config: &Value) -> Result<EdgeChange, ApiError> {
        Ok(EdgeChange::Keep)
    }
}

/// Reads a part.
pub(crate) async fn read_part<T: GatewayPart>(
    State(api): State<Api>,
    Extension(may_write): Extension<MayWrite>,
    Ids(path): Ids<GatewayPath>,
) -> Result<Json<T>, ApiError> {
    let id = EntityId::new(T::SIDE, path.gateway_id.as_str());
    let mut side = api.store.entity_with(&path.network_id, &id, Edges::None).await?;
    make_visible(&api, &path.network_id, &mut side, may_write)?;
    match at(side.config.as_ref(), T::PLACE) {
        Some(part) => from_json(T::SIDE, part).map(Json),
        None if T::ABSENT_IS_EMPTY => Ok(Json(T::default())),
        None => Err(none(T::PLACE, &path)),
    }
}

/// Replaces a part.
pub(crate) async fn replace_part<T: GatewayPart>(
    State(api): State<Api>,
    Ids(path): Ids<GatewayPath>,
    JsonBody(body): JsonBody<T>,
) -> Result<NoContent, ApiError> {
    body.check()?;
    let part = to_json(&body)?;
    while_changed(async || {
        let side = side_of(&api, &path.network_id, T::SIDE, &path).await?;
        let mut config = side.config.clone().unwrap_or_default();
        put_at(&mut config, T::PLACE, part.clone()).map_err(|missing| none(missing, &path))?;
        let update = EntityUpdate {
            parents: T::parents(&side, &config)?,
            config: Some(Some(config)),
            if_version: Some(side.version),
            ..EntityUpdate::of(side.id)
        };
        Ok(api.store.write_entities(&path.network_id, vec![EntityWrite::Update(update)]).await?)
    })
    .await?;
    Ok(NoContent)
}

/// The same where the contract says 201.
pub(crate) async fn replace_part_with_201<T: GatewayPart>(
    api: State<Api>,
    path: Ids<GatewayPath>,
    body: JsonBody<T>,
) -> Result<Created, ApiError> {
    replace_part(api, path, body).await.map(|NoContent| Created)
}

fn none(place: &[&str], path: &GatewayPath) -> ApiError {
    let part = if place.is_empty() { "configuration".to_owned() } else { place.join(".") };
    ApiError::not_found(format_args!("{part} of gateway {}", path.gateway_id))
}
