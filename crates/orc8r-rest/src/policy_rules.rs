//! `/networks/{network_id}/policies/rules`: policy rules, the profiles that they have, and who has them.

use crate::Api;
use crate::error::ApiError;
use crate::networks::to_json;
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
use wire_rest::types::{PolicyRule, PolicyRuleConfig, RuleId};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/networks/{network_id}/policies/rules", list)
        .post("/networks/{network_id}/policies/rules", create)
        .get("/networks/{network_id}/policies/rules/{rule_id}", read)
        .put("/networks/{network_id}/policies/rules/{rule_id}", update)
        .delete("/networks/{network_id}/policies/rules/{rule_id}", delete)
}

#[derive(Deserialize)]
struct RulePath {
    network_id: NetworkId,
    rule_id: String,
}

fn id(rule: &str) -> EntityId {
    EntityId::new(entity_type::POLICY, rule)
}

/// The ids; with `view=full`, the rules by id.
async fn list(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    view: View,
) -> Result<Shown<Vec<String>>, ApiError> {
    view.list(&api, &path.network_id, entity_type::POLICY, shown).await
}

async fn create(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    JsonBody(body): JsonBody<PolicyRule>,
) -> Result<CreatedJson<RuleId>, ApiError> {
    if body.id.is_empty() {
        return Err(ApiError::bad("id in body should be at least 1 chars long"));
    }
    let rule = Entity {
        config: Some(to_json(&config(&body))?),
        children: profile(&body),
        parents: subscribers(&body.assigned_subscribers),
        ..Entity::new(id(&body.id))
    };
    api.store.write_entities(&path.network_id, vec![EntityWrite::Create(rule)]).await?;
    Ok(CreatedJson(RuleId(body.id)))
}

async fn read(State(api): State<Api>, Ids(path): Ids<RulePath>) -> Result<Json<PolicyRule>, ApiError> {
    Ok(Json(shown(&api.store.entity(&path.network_id, &id(&path.rule_id)).await?)))
}

async fn update(
    State(api): State<Api>,
    Ids(path): Ids<RulePath>,
    JsonBody(body): JsonBody<PolicyRule>,
) -> Result<NoContent, ApiError> {
    require_same("id", &body.id, &path.rule_id)?;
    while_changed(|| async {
        let former = api.store.entity(&path.network_id, &id(&path.rule_id)).await?;
        let update = EntityUpdate {
            config: Some(Some(to_json(&config(&body))?)),
            children: EdgeChange::Set(profile(&body)),
            parents: subscribers_change(&former, &body.assigned_subscribers),
            if_version: Some(former.version),
            ..EntityUpdate::of(former.id)
        };
        Ok(api.store.write_entities(&path.network_id, vec![EntityWrite::Update(update)]).await?)
    })
    .await?;
    Ok(NoContent)
}

async fn delete(State(api): State<Api>, Ids(path): Ids<RulePath>) -> Result<NoContent, ApiError> {
    api.store.write_entities(&path.network_id, vec![EntityWrite::Delete(id(&path.rule_id))]).await?;
    Ok(NoContent)
}

fn profile(body: &PolicyRule) -> BTreeSet<EntityId> {
    let named = body.qos_profile.iter().filter(|name| !name.is_empty());
    named.map(|name| EntityId::new(entity_type::POLICY_QOS_PROFILE, name.as_str())).collect()
}

/// The subscribers of these ids.
pub(crate) fn subscribers(ids: &[String]) -> BTreeSet<EntityId> {
    ids.iter().map(|id| EntityId::new(entity_type::SUBSCRIBER, id.as_str())).collect()
}

/// Makes of an entity's subscribers these, and leaves what else points to it.
pub(crate) fn subscribers_change(former: &Entity, wanted: &[String]) -> EdgeChange {
    let present: BTreeSet<EntityId> =
        former.parents.iter().filter(|id| id.entity_type == entity_type::SUBSCRIBER).cloned().collect();
    let wanted = subscribers(wanted);
    EdgeChange::Change { add: &wanted - &present, remove: &present - &wanted }
}

/// The ids of the subscribers that point to an entity.
pub(crate) fn assigned_subscribers(entity: &Entity) -> Vec<String> {
    let subscribers = entity.parents.iter().filter(|id| id.entity_type == entity_type::SUBSCRIBER);
    subscribers.map(|id| id.key.clone()).collect()
}

fn config(body: &PolicyRule) -> PolicyRuleConfig {
    PolicyRuleConfig {
        flow_list: body.flow_list.clone(),
        priority: body.priority,
        rating_group: body.rating_group,
        service_identifier: body.service_identifier,
        monitoring_key: body.monitoring_key.clone(),
        tracking_type: body.tracking_type.clone(),
        app_name: body.app_name.clone(),
        app_service_type: body.app_service_type.clone(),
        redirect: body.redirect.clone(),
        header_enrichment_targets: body.header_enrichment_targets.clone(),
    }
}

/// A kept rule as it is shown.
pub(crate) fn shown(rule: &Entity) -> PolicyRule {
    let kept = rule.config.as_ref().and_then(|config| PolicyRuleConfig::deserialize(config).ok());
    let kept = kept.unwrap_or_default();
    PolicyRule {
        id: rule.id.key.clone(),
        flow_list: kept.flow_list,
        priority: kept.priority,
        service_identifier: kept.service_identifier,
        rating_group: kept.rating_group,
        monitoring_key: kept.monitoring_key,
        tracking_type: kept.tracking_type,
        app_name: kept.app_name,
        app_service_type: kept.app_service_type,
        redirect: kept.redirect,
        assigned_subscribers: assigned_subscribers(rule),
        qos_profile: rule.children_of_type(entity_type::POLICY_QOS_PROFILE).next().map(str::to_owned),
        header_enrichment_targets: kept.header_enrichment_targets,
    }
}
