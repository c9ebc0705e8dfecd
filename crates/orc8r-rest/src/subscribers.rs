//! `/lte/{network_id}/subscribers`: whole subscribers.
//!
//! Keys (Ki, OPc) are shown to who may change them; to who may only read, `auth_key` is empty and `auth_opc` absent.

use crate::Api;
use crate::access::MayWrite;
use crate::error::ApiError;
use crate::networks::{make_visible, to_json};
use crate::page::PageRequest;
use crate::request::{Ids, JsonBody, NetworkPath, TextQuery, Texts, require_same};
use crate::routes::{Created, NoContent, Routes, Shown};
use crate::subscriber_body as body;
use crate::subscriber_states::States;
use axum::Extension;
use axum::extract::State;
use orc8r_model::{EdgeChange, Entity, EntityId, EntityUpdate, NetworkId, entity_type};
use orc8r_store::{EntityWrite, Page};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use wire_rest::types::{MutableSubscriber, MutableSubscribers, PaginatedSubscribers, Subscriber};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/lte/{network_id}/subscribers", list)
        .post("/lte/{network_id}/subscribers", create)
        .get("/lte/{network_id}/subscribers/{subscriber_id}", read)
        .put("/lte/{network_id}/subscribers/{subscriber_id}", update)
        .delete("/lte/{network_id}/subscribers/{subscriber_id}", delete)
}

/// The ids in `/lte/{network_id}/subscribers/{subscriber_id}…`.
#[derive(Deserialize)]
pub(crate) struct SubscriberPath {
    pub(crate) network_id: NetworkId,
    pub(crate) subscriber_id: String,
}

/// Which subscribers are listed, and how much of them.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Filter {
    msisdn: String,
    ip: String,
    /// `false`: ids only. It is in no table of the contract but in a path's query there.
    verbose: String,
}

impl TextQuery for Filter {
    const NAMES: &'static [&'static str] = &["msisdn", "ip"];
}

async fn list(
    State(api): State<Api>,
    Extension(may_write): Extension<MayWrite>,
    Ids(path): Ids<NetworkPath>,
    Texts(filter): Texts<Filter>,
    page: PageRequest,
) -> Result<Shown<PaginatedSubscribers>, ApiError> {
    let network = &path.network_id;
    let (found, next_page_token, total_count) = match named(&api, network, &filter).await? {
        Some(ids) => {
            let found = api.store.subscribers(network, ids).await?;
            let total = found.len() as u64;
            (found, String::new(), total)
        }
        None => {
            let total = api.store.count_subscribers(network).await?;
            let read: Page = page.to_read();
            let found = api.store.subscriber_page(network, None, read).await?.subscribers;
            let (found, token) = page.cut(found, |subscriber| &subscriber.id.key);
            (found, token, total)
        }
    };
    let subscribers = if filter.verbose == "false" {
        found.into_iter().map(|subscriber| Value::String(subscriber.id.key)).collect()
    } else {
        Value::Object(shown(&api, network, found, may_write).await?)
    };
    Ok(Shown::new(json!({
        "subscribers": subscribers, "next_page_token": next_page_token, "total_count": total_count,
    })))
}

/// The ids that a filter names; `None`: there is no filter.
async fn named(api: &Api, network: &NetworkId, filter: &Filter) -> Result<Option<Vec<String>>, ApiError> {
    if !filter.msisdn.is_empty() {
        return Ok(Some(vec![api.store.subscriber_of_msisdn(network, &filter.msisdn).await?]));
    }
    if filter.ip.is_empty() {
        return Ok(None);
    }
    let ip = filter.ip.parse().map_err(|_| ApiError::bad("ip in query must be an IP address"))?;
    let lease = api.store.lease_of_ip(network, ip).await?;
    Ok(Some(lease.iter().map(|lease| lease.split('.').next().unwrap_or_default().to_owned()).collect()))
}

/// Makes all subscribers of the body, or none.
async fn create(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    JsonBody(MutableSubscribers(bodies)): JsonBody<MutableSubscribers>,
) -> Result<Created, ApiError> {
    let network = api.store.network(&path.network_id).await?;
    let mut seen = BTreeSet::new();
    let twice: Vec<&str> =
        bodies.iter().map(|body| body.id.as_str()).filter(|id| !seen.insert(*id)).collect();
    if !twice.is_empty() {
        return Err(ApiError::bad(format!("found multiple subscriber models for IDs: {}", listed(&twice))));
    }
    bodies.iter().try_for_each(|body| body::check(body, &network))?;
    let ids: Vec<String> = bodies.iter().map(|body| body.id.clone()).collect();
    let present = api.store.subscribers(&path.network_id, ids).await?;
    if !present.is_empty() {
        let present: Vec<&str> = present.iter().map(|subscriber| subscriber.id.key.as_str()).collect();
        return Err(ApiError::bad(format!(
            "found {} existing subscribers which would have been overwritten: {}",
            present.len(),
            listed(&present)
        )));
    }
    let mut writes = Vec::with_capacity(bodies.len());
    for body in bodies {
        let (subscriber, profiles) = body::entities(body)?;
        writes.push(EntityWrite::Create(subscriber));
        writes.extend(profiles.into_iter().map(EntityWrite::Create));
    }
    api.store.write_entities(&path.network_id, writes).await?;
    Ok(Created)
}

fn listed(ids: &[&str]) -> String {
    const SHOWN_MAX: usize = 10;
    let shown = ids.iter().take(SHOWN_MAX).copied().collect::<Vec<_>>().join(" ");
    if ids.len() > SHOWN_MAX { format!("[{shown} …]") } else { format!("[{shown}]") }
}

async fn read(
    State(api): State<Api>,
    Extension(may_write): Extension<MayWrite>,
    Ids(path): Ids<SubscriberPath>,
) -> Result<Shown<Subscriber>, ApiError> {
    let found = load(&api, &path).await?;
    let mut shown = shown(&api, &path.network_id, vec![found], may_write).await?;
    Ok(Shown::new(shown.remove(&path.subscriber_id).unwrap_or_default()))
}

/// The kept subscriber, with his keys sealed.
pub(crate) async fn load(api: &Api, path: &SubscriberPath) -> Result<Entity, ApiError> {
    let found = api.store.subscribers(&path.network_id, vec![path.subscriber_id.clone()]).await?;
    match found.into_iter().next() {
        Some(found) => Ok(found),
        None => {
            api.store.network(&path.network_id).await?;
            Err(ApiError::not_found(body::id(&path.subscriber_id)))
        }
    }
}

async fn update(
    State(api): State<Api>,
    Ids(path): Ids<SubscriberPath>,
    JsonBody(body): JsonBody<MutableSubscriber>,
) -> Result<NoContent, ApiError> {
    require_same("id", &body.id, &path.subscriber_id)?;
    let network = api.store.network(&path.network_id).await?;
    body::check(&body, &network)?;
    crate::retry::while_changed(|| replace(&api, &path, body.clone())).await?;
    Ok(NoContent)
}

async fn replace(api: &Api, path: &SubscriberPath, body: MutableSubscriber) -> Result<(), ApiError> {
    let former = load(api, path).await?;
    let (subscriber, profiles) = body::entities(body)?;
    let mut writes: Vec<EntityWrite> = profiles
        .into_iter()
        .map(|profile| {
            if former.children.contains(&profile.id) {
                let children = EdgeChange::Set(profile.children);
                EntityWrite::Update(EntityUpdate { children, ..EntityUpdate::of(profile.id) })
            } else {
                EntityWrite::Create(profile)
            }
        })
        .collect();
    let surplus: Vec<EntityId> =
        profiles_of(&former).filter(|id| !subscriber.children.contains(*id)).cloned().collect();
    writes.push(EntityWrite::Update(EntityUpdate {
        name: Some(subscriber.name),
        config: Some(subscriber.config),
        children: EdgeChange::Set(subscriber.children),
        if_version: Some(former.version),
        ..EntityUpdate::of(subscriber.id)
    }));
    writes.extend(surplus.into_iter().map(EntityWrite::Delete));
    Ok(api.store.write_entities(&path.network_id, writes).await?)
}

async fn delete(State(api): State<Api>, Ids(path): Ids<SubscriberPath>) -> Result<NoContent, ApiError> {
    let former = load(&api, &path).await?;
    let profiles = profiles_of(&former).cloned().map(EntityWrite::Delete);
    let writes = profiles.chain([EntityWrite::Delete(former.id.clone())]).collect();
    api.store.write_entities(&path.network_id, writes).await?;
    Ok(NoContent)
}

fn profiles_of(subscriber: &Entity) -> impl Iterator<Item = &EntityId> {
    subscriber.children.iter().filter(|id| id.entity_type == entity_type::APN_POLICY_PROFILE)
}

/// Subscribers, in the order of their ids, with what gateways report of them.
async fn shown(
    api: &Api,
    network: &NetworkId,
    mut found: Vec<Entity>,
    may_write: MayWrite,
) -> Result<Map<String, Value>, ApiError> {
    let (Some(first), Some(last)) = (found.first(), found.last()) else { return Ok(Map::new()) };
    let (first, last) = (first.id.key.clone(), last.id.key.clone());
    let states = States::between(api, network, &first, &last).await?;
    let has_profiles = found.iter().any(|subscriber| profiles_of(subscriber).next().is_some());
    // `_` is followed by '`'.
    let profiles = if has_profiles {
        api.store.profile_edges(network, &first, &format!("{last}`")).await?
    } else {
        Default::default()
    };
    let ids = found.iter().map(|subscriber| subscriber.id.key.clone()).collect();
    let mut msisdns = api.store.msisdns_of(network, ids).await?;
    let mut shown = Map::new();
    for subscriber in &mut found {
        make_visible(api, network, subscriber, may_write)?;
        let id = &subscriber.id.key;
        let model = Subscriber {
            monitoring: states.monitoring(id),
            state: states.state(id),
            msisdn: msisdns.remove(id),
            ..body::shown(subscriber, &profiles)
        };
        shown.insert(id.clone(), to_json(&model)?);
    }
    Ok(shown)
}
