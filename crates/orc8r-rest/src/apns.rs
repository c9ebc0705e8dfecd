//! `/lte/{network_id}/apns`: the access point names of a network.

use crate::Api;
use crate::entity_kind::{EntityKind, EntityPath, create, list, read, update};
use crate::error::ApiError;
use crate::request::Ids;
use crate::routes::{NoContent, Routes};
use axum::extract::State;
use orc8r_model::{EntityId, NetworkId, entity_type};
use orc8r_store::EntityWrite;
use serde::Deserialize;
use wire_rest::types::Apn;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/lte/{network_id}/apns", list::<Apn>)
        .post("/lte/{network_id}/apns", create::<Apn>)
        .get("/lte/{network_id}/apns/{apn_name}", read::<Apn>)
        .put("/lte/{network_id}/apns/{apn_name}", update::<Apn>)
        .delete("/lte/{network_id}/apns/{apn_name}", delete)
}

#[derive(Deserialize)]
pub(crate) struct ApnPath {
    network_id: NetworkId,
    apn_name: String,
}

impl EntityPath for ApnPath {
    fn network(&self) -> &NetworkId {
        &self.network_id
    }

    fn key(&self) -> &str {
        &self.apn_name
    }
}

impl EntityKind for Apn {
    const TYPE: &str = entity_type::APN;
    const KEY: &str = "apn_name";
    const CONFIG: &str = "apn_configuration";
    type Path = ApnPath;
}

/// Deletes an APN, and with it what gateways add to it, which would be left without any meaning. Subscribers who have it
/// lose it.
async fn delete(State(api): State<Api>, Ids(path): Ids<ApnPath>) -> Result<NoContent, ApiError> {
    let apn = api.store.entity(&path.network_id, &EntityId::new(entity_type::APN, path.key())).await?;
    let resources = apn.parents.into_iter().filter(|id| id.entity_type == entity_type::APN_RESOURCE);
    let writes = std::iter::once(apn.id).chain(resources).map(EntityWrite::Delete).collect();
    api.store.write_entities(&path.network_id, writes).await?;
    Ok(NoContent)
}
