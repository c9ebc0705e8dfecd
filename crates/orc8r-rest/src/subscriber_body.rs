//! A subscriber between the body of a request and the entities that are kept: himself, and one `apn_policy_profile` for
//! each APN on which he has policies of his own.

use crate::error::ApiError;
use crate::networks::to_json;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use orc8r_model::{Entity, EntityId, Network, entity_type, network_config};
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use wire_rest::types::{LteSubscription, MutableSubscriber, Subscriber, SubscriberConfig};

/// Bytes of Ki and of OPc (3GPP TS 35.206).
const KEY_BYTES: usize = 16;
/// The profile that every network has.
const DEFAULT_PROFILE: &str = "default";

/// Refuses what the contract's rules let through and gateways could not use. No message repeats a key.
pub(crate) fn check(body: &MutableSubscriber, network: &Network) -> Result<(), ApiError> {
    check_key("auth_key", &body.lte.auth_key)?;
    if let Some(opc) = body.lte.auth_opc.as_deref().filter(|opc| !opc.is_empty()) {
        check_key("auth_opc", opc)?;
    }
    check_profile(&body.lte.sub_profile, network)?;
    let is_active = |apn: &String| body.active_apns.contains(apn);
    if let Some(apn) = body.static_ips.keys().find(|apn| !is_active(apn)) {
        return Err(ApiError::bad(format!(
            "static IP assigned to APN {apn} which is not active for the subscriber"
        )));
    }
    if let Some(apn) = body.active_policies_by_apn.keys().find(|apn| !is_active(apn)) {
        return Err(ApiError::bad(format!(
            "policies assigned to APN {apn} which is not active for the subscriber"
        )));
    }
    Ok(())
}

fn check_key(name: &str, text: &str) -> Result<(), ApiError> {
    let length = STANDARD.decode(text).map(|bytes| bytes.len()).unwrap_or_default();
    if length == KEY_BYTES {
        return Ok(());
    }
    Err(ApiError::bad(format!("expected lte.{name} to be {KEY_BYTES} bytes but got {length} bytes")))
}

/// Refuses a data profile that the network does not have.
pub(crate) fn check_profile(profile: &str, network: &Network) -> Result<(), ApiError> {
    let epc = network.configs.get(network_config::CELLULAR).and_then(|config| config.get("epc"));
    let known = epc.and_then(|epc| epc.get("sub_profiles")).and_then(|profiles| profiles.get(profile));
    if profile == DEFAULT_PROFILE || known.is_some() {
        return Ok(());
    }
    Err(ApiError::bad(format!("subscriber profile '{profile}' does not exist for the network")))
}

/// The entity of a subscriber.
pub(crate) fn id(subscriber: &str) -> EntityId {
    EntityId::new(entity_type::SUBSCRIBER, subscriber)
}

/// The subscriber's own entity, and those of his policies by APN.
pub(crate) fn entities(body: MutableSubscriber) -> Result<(Entity, Vec<Entity>), ApiError> {
    let profiles: Vec<Entity> = body
        .active_policies_by_apn
        .into_iter()
        .map(|(apn, policies)| {
            let apn = EntityId::new(entity_type::APN, apn);
            let children = of_type(entity_type::POLICY, policies).chain([apn.clone()]).collect();
            let id = EntityId::new(entity_type::APN_POLICY_PROFILE, format!("{}___{}", body.id, apn.key));
            Entity { children, ..Entity::new(id) }
        })
        .collect();
    let config = SubscriberConfig {
        lte: body.lte,
        static_ips: body.static_ips,
        forbidden_network_types: body.forbidden_network_types,
    };
    let children: BTreeSet<EntityId> = of_type(entity_type::APN, body.active_apns)
        .chain(of_type(entity_type::POLICY, body.active_policies))
        .chain(of_type(entity_type::BASE_NAME, body.active_base_names))
        .chain(profiles.iter().map(|profile| profile.id.clone()))
        .collect();
    let entity = Entity {
        name: body.name.unwrap_or_default(),
        config: Some(to_json(&config)?),
        children,
        ..Entity::new(id(&body.id))
    };
    Ok((entity, profiles))
}

fn of_type(entity_type: &'static str, keys: Vec<String>) -> impl Iterator<Item = EntityId> {
    keys.into_iter().map(move |key| EntityId::new(entity_type, key))
}

/// A kept subscriber as he is shown, without states. `profiles` has what `apn_policy_profile`s point to.
pub(crate) fn shown(entity: &Entity, profiles: &BTreeMap<String, Vec<EntityId>>) -> Subscriber {
    let keys = |kind| entity.children_of_type(kind).map(str::to_owned).collect::<Vec<_>>();
    let own = entity.children_of_type(entity_type::APN_POLICY_PROFILE);
    let by_apn = own.filter_map(|key| {
        let to = profiles.get(key)?;
        let apn = to.iter().find(|id| id.entity_type == entity_type::APN)?.key.clone();
        let policies = to.iter().filter(|id| id.entity_type == entity_type::POLICY);
        Some((apn, policies.map(|id| id.key.clone()).collect()))
    });
    let config = config(entity.config.as_ref());
    Subscriber {
        id: entity.id.key.clone(),
        name: Some(entity.name.clone()).filter(|name| !name.is_empty()),
        lte: config.lte.clone(),
        active_base_names: keys(entity_type::BASE_NAME),
        active_policies: keys(entity_type::POLICY),
        active_policies_by_apn: by_apn.collect(),
        active_apns: keys(entity_type::APN),
        forbidden_network_types: config.forbidden_network_types.clone(),
        config,
        ..Subscriber::default()
    }
}

/// The kept configuration. What does not fit is left out, so that one bad record does not hide a page.
pub(crate) fn config(kept: Option<&Value>) -> SubscriberConfig {
    let mut config = kept.and_then(|value| SubscriberConfig::deserialize(value).ok()).unwrap_or_default();
    let LteSubscription { auth_opc, .. } = &mut config.lte;
    if auth_opc.as_deref() == Some("") {
        *auth_opc = None;
    }
    config
}
