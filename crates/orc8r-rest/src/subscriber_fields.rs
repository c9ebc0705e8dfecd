//! `/lte/{network_id}/subscribers/{subscriber_id}/…`: single fields of a subscriber.

use crate::Api;
use crate::error::ApiError;
use crate::request::{Ids, JsonBody};
use crate::retry::while_changed;
use crate::routes::{Done, NoContent, Routes};
use crate::subscriber_body::check_profile;
use crate::subscribers::{SubscriberPath, load};
use axum::extract::State;
use orc8r_model::EntityUpdate;
use orc8r_store::EntityWrite;
use serde_json::Value;
use wire_rest::types::SubProfile;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .put("/lte/{network_id}/subscribers/{subscriber_id}/lte/sub_profile", set_profile)
        .post("/lte/{network_id}/subscribers/{subscriber_id}/activate", activate)
        .post("/lte/{network_id}/subscribers/{subscriber_id}/deactivate", deactivate)
}

async fn set_profile(
    State(api): State<Api>,
    Ids(path): Ids<SubscriberPath>,
    JsonBody(SubProfile(profile)): JsonBody<SubProfile>,
) -> Result<NoContent, ApiError> {
    check_profile(&profile, &api.store.network(&path.network_id).await?)?;
    set(&api, &path, "sub_profile", &profile).await?;
    Ok(NoContent)
}

async fn activate(State(api): State<Api>, Ids(path): Ids<SubscriberPath>) -> Result<Done, ApiError> {
    set(&api, &path, "state", "ACTIVE").await?;
    Ok(Done)
}

async fn deactivate(State(api): State<Api>, Ids(path): Ids<SubscriberPath>) -> Result<Done, ApiError> {
    set(&api, &path, "state", "INACTIVE").await?;
    Ok(Done)
}

/// Sets one field of `lte`; the keys beside it stay sealed.
async fn set(api: &Api, path: &SubscriberPath, field: &str, value: &str) -> Result<(), ApiError> {
    while_changed(|| async {
        let former = load(api, path).await?;
        let mut config = former.config.unwrap_or_else(|| Value::Object(Default::default()));
        config["lte"][field] = value.into();
        let update = EntityUpdate {
            config: Some(Some(config)),
            if_version: Some(former.version),
            ..EntityUpdate::of(former.id)
        };
        Ok(api.store.write_entities(&path.network_id, vec![EntityWrite::Update(update)]).await?)
    })
    .await
}
