//! `/lte/{network_id}/msisdns`: telephone numbers of subscribers.

use crate::Api;
use crate::error::ApiError;
use crate::request::{Ids, JsonBody, NetworkPath};
use crate::routes::{Created, NoContent, Routes};
use axum::Json;
use axum::extract::State;
use orc8r_model::NetworkId;
use serde::Deserialize;
use std::collections::BTreeMap;
use wire_rest::types::{MsisdnAssignment, SubscriberId};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/lte/{network_id}/msisdns", list)
        .post("/lte/{network_id}/msisdns", create)
        .get("/lte/{network_id}/msisdns/{msisdn}", read)
        .delete("/lte/{network_id}/msisdns/{msisdn}", delete)
}

#[derive(Deserialize)]
struct MsisdnPath {
    network_id: NetworkId,
    msisdn: String,
}

async fn list(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
) -> Result<Json<BTreeMap<String, SubscriberId>>, ApiError> {
    let found = api.store.msisdns(&path.network_id).await?;
    Ok(Json(found.into_iter().map(|(msisdn, id)| (msisdn, SubscriberId(id))).collect()))
}

async fn create(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    JsonBody(body): JsonBody<MsisdnAssignment>,
) -> Result<Created, ApiError> {
    api.store.add_msisdn(&path.network_id, &body.msisdn, &body.id).await?;
    Ok(Created)
}

async fn read(State(api): State<Api>, Ids(path): Ids<MsisdnPath>) -> Result<Json<SubscriberId>, ApiError> {
    Ok(Json(SubscriberId(api.store.subscriber_of_msisdn(&path.network_id, &path.msisdn).await?)))
}

async fn delete(State(api): State<Api>, Ids(path): Ids<MsisdnPath>) -> Result<NoContent, ApiError> {
    api.store.delete_msisdn(&path.network_id, &path.msisdn).await?;
    Ok(NoContent)
}
