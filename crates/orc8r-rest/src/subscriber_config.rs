//! `…/{network_id}/subscriber_config`: the policies and base names that every subscriber of a network has.

use crate::Api;
use crate::error::ApiError;
use crate::network_fields::{Config, replace_config};
use crate::networks::{config, to_json};
use crate::request::{Ids, JsonBody, NetworkPath};
use crate::retry::while_changed;
use crate::routes::{Created, NoContent, Routes};
use axum::Json;
use axum::extract::State;
use orc8r_model::{NetworkId, NetworkUpdate, network_config};
use serde::Deserialize;
use wire_rest::types::{BaseNames, NetworkSubscriberConfig, RuleNames};

/// The resource of the networks under one path, such as `/lte/{network_id}`.
macro_rules! subscriber_config_routes {
    ($network:literal) => {
        $crate::subscriber_config::routes_at([
            concat!($network, "/subscriber_config"),
            concat!($network, "/subscriber_config/rule_names"),
            concat!($network, "/subscriber_config/rule_names/{rule_id}"),
            concat!($network, "/subscriber_config/base_names"),
            concat!($network, "/subscriber_config/base_names/{base_name}"),
        ])
    };
}
pub(crate) use subscriber_config_routes;

/// The resource, at its five paths.
pub(crate) fn routes_at([whole, rules, rule, bases, base]: [&'static str; 5]) -> Routes {
    Routes::new()
        .get(whole, read)
        .put(whole, replace_config::<NetworkSubscriberConfig>)
        .get(rules, rule_names)
        .put(rules, replace_rule_names)
        .post(rule, add_rule_name)
        .delete(rule, remove_rule_name)
        .get(bases, base_names)
        .put(bases, replace_base_names)
        .post(base, add_base_name)
        .delete(base, remove_base_name)
}

impl Config for NetworkSubscriberConfig {
    const TYPE: &str = network_config::SUBSCRIBER;
}

#[derive(Deserialize)]
struct RulePath {
    network_id: NetworkId,
    rule_id: String,
}

#[derive(Deserialize)]
struct BasePath {
    network_id: NetworkId,
    base_name: String,
}

/// A network that was never given any has an empty configuration, not none.
async fn read(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
) -> Result<Json<NetworkSubscriberConfig>, ApiError> {
    Ok(Json(load(&api, &path.network_id).await?.0))
}

async fn rule_names(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
) -> Result<Json<RuleNames>, ApiError> {
    Ok(Json(RuleNames(load(&api, &path.network_id).await?.0.network_wide_rule_names)))
}

async fn base_names(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
) -> Result<Json<BaseNames>, ApiError> {
    Ok(Json(BaseNames(load(&api, &path.network_id).await?.0.network_wide_base_names)))
}

async fn replace_rule_names(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    JsonBody(RuleNames(names)): JsonBody<RuleNames>,
) -> Result<NoContent, ApiError> {
    change(&api, &path.network_id, |config| config.network_wide_rule_names.clone_from(&names)).await?;
    Ok(NoContent)
}

async fn replace_base_names(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    JsonBody(BaseNames(names)): JsonBody<BaseNames>,
) -> Result<NoContent, ApiError> {
    change(&api, &path.network_id, |config| config.network_wide_base_names.clone_from(&names)).await?;
    Ok(NoContent)
}

async fn add_rule_name(State(api): State<Api>, Ids(path): Ids<RulePath>) -> Result<Created, ApiError> {
    change(&api, &path.network_id, |config| add(&mut config.network_wide_rule_names, &path.rule_id)).await?;
    Ok(Created)
}

async fn add_base_name(State(api): State<Api>, Ids(path): Ids<BasePath>) -> Result<Created, ApiError> {
    change(&api, &path.network_id, |config| add(&mut config.network_wide_base_names, &path.base_name))
        .await?;
    Ok(Created)
}

async fn remove_rule_name(State(api): State<Api>, Ids(path): Ids<RulePath>) -> Result<NoContent, ApiError> {
    change(&api, &path.network_id, |config| {
        config.network_wide_rule_names.retain(|name| *name != path.rule_id)
    })
    .await?;
    Ok(NoContent)
}

async fn remove_base_name(State(api): State<Api>, Ids(path): Ids<BasePath>) -> Result<NoContent, ApiError> {
    change(&api, &path.network_id, |config| {
        config.network_wide_base_names.retain(|name| *name != path.base_name)
    })
    .await?;
    Ok(NoContent)
}

/// Magma-compat: adding a name that is there, and removing one that is not, are no errors.
fn add(names: &mut Vec<String>, name: &str) {
    if !names.iter().any(|present| present == name) {
        names.push(name.to_owned());
    }
}

/// The configuration of a network, empty if it has none, and the network's version.
async fn load(api: &Api, id: &NetworkId) -> Result<(NetworkSubscriberConfig, u64), ApiError> {
    let network = api.store.network(id).await?;
    Ok((config(&network, network_config::SUBSCRIBER)?.unwrap_or_default(), network.version))
}

async fn change(
    api: &Api,
    id: &NetworkId,
    edit: impl Fn(&mut NetworkSubscriberConfig),
) -> Result<(), ApiError> {
    while_changed(async || {
        let (mut config, version) = load(api, id).await?;
        edit(&mut config);
        let update = NetworkUpdate::config(network_config::SUBSCRIBER, Some(to_json(&config)?));
        Ok(api.store.update_network(id, NetworkUpdate { if_version: Some(version), ..update }).await?)
    })
    .await
}
