//! `/networks/{network_id}/policies/base_names`: names that stand for sets of policy rules.

use crate::Api;
use crate::error::ApiError;
use crate::policy_rules::{assigned_subscribers, subscribers, subscribers_change};
use crate::request::{Ids, JsonBody, NetworkPath, require_same};
use crate::retry::while_changed;
use crate::routes::{CreatedJson, NoContent, Routes, Shown};
use crate::view::View;
use axum::Json;
use axum::extract::State;
use orc8r_model::{EdgeChange, Entity, EntityId, EntityUpdate, NetworkId, entity_type};
use orc8r_store::EntityWrite;
use serde::Deserialize;
use std::collections::BTreeSet;
use wire_rest::types::{BaseName, BaseNameRecord};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/networks/{network_id}/policies/base_names", list)
        .post("/networks/{network_id}/policies/base_names", create)
        .get("/networks/{network_id}/policies/base_names/{base_name}", read)
        .put("/networks/{network_id}/policies/base_names/{base_name}", update)
        .delete("/networks/{network_id}/policies/base_names/{base_name}", delete)
}

#[derive(Deserialize)]
struct BasePath {
    network_id: NetworkId,
    base_name: String,
}

fn id(name: &str) -> EntityId {
    EntityId::new(entity_type::BASE_NAME, name)
}

/// The names; with `view=full`, the records by name.
async fn list(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    view: View,
) -> Result<Shown<Vec<String>>, ApiError> {
    view.list(&api, &path.network_id, entity_type::BASE_NAME, shown).await
}

async fn create(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    JsonBody(body): JsonBody<BaseNameRecord>,
) -> Result<CreatedJson<BaseName>, ApiError> {
    let record = Entity {
        children: rules(&body),
        parents: subscribers(&body.assigned_subscribers),
        ..Entity::new(id(&body.name))
    };
    api.store.write_entities(&path.network_id, vec![EntityWrite::Create(record)]).await?;
    Ok(CreatedJson(BaseName(body.name)))
}

async fn read(State(api): State<Api>, Ids(path): Ids<BasePath>) -> Result<Json<BaseNameRecord>, ApiError> {
    Ok(Json(shown(&api.store.entity(&path.network_id, &id(&path.base_name)).await?)))
}

async fn update(
    State(api): State<Api>,
    Ids(path): Ids<BasePath>,
    JsonBody(body): JsonBody<BaseNameRecord>,
) -> Result<NoContent, ApiError> {
    require_same("name", &body.name, &path.base_name)?;
    while_changed(|| async {
        let former = api.store.entity(&path.network_id, &id(&path.base_name)).await?;
        let update = EntityUpdate {
            children: EdgeChange::Set(rules(&body)),
            parents: subscribers_change(&former, &body.assigned_subscribers),
            if_version: Some(former.version),
            ..EntityUpdate::of(former.id)
        };
        Ok(api.store.write_entities(&path.network_id, vec![EntityWrite::Update(update)]).await?)
    })
    .await?;
    Ok(NoContent)
}

async fn delete(State(api): State<Api>, Ids(path): Ids<BasePath>) -> Result<NoContent, ApiError> {
    api.store.write_entities(&path.network_id, vec![EntityWrite::Delete(id(&path.base_name))]).await?;
    Ok(NoContent)
}

fn rules(body: &BaseNameRecord) -> BTreeSet<EntityId> {
    body.rule_names.iter().map(|rule| EntityId::new(entity_type::POLICY, rule.as_str())).collect()
}

fn shown(record: &Entity) -> BaseNameRecord {
    BaseNameRecord {
        name: record.id.key.clone(),
        rule_names: record.children_of_type(entity_type::POLICY).map(str::to_owned).collect(),
        assigned_subscribers: assigned_subscribers(record),
    }
}
