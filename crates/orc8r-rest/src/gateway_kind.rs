//! `/lte/{network_id}/gateways`, …: whole gateways of one kind, each served by its [`GatewayKind`].
//!
//! Such a gateway is the gateway of every kind (`/networks/{network_id}/gateways`) with a side of its own: an entity
//! under the gateway's key. Whatever one request changes is changed together or not at all.

use crate::Api;
use crate::access::MayWrite;
use crate::error::ApiError;
use crate::gateways::{add_problems, creation, registration_info, replacement, shown};
use crate::networks::{from_json, make_visible, to_json};
use crate::request::{GatewayPath, Ids, JsonBody, NetworkPath, require_same};
use crate::retry::while_changed;
use crate::routes::{Created, NoContent, Shown};
use axum::Extension;
use axum::extract::State;
use orc8r_model::{EdgeChange, Entity, EntityId, EntityUpdate, NetworkId};
use orc8r_store::{Edges, EntityWrite, GatewayRecord, Page};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use wire_rest::HasSchema;
use wire_rest::types::MagmadGateway;

/// One kind of gateway.
pub(crate) trait GatewayKind: Send + Sync + 'static {
    /// A gateway as it is written. It has the members of `magmad_gateway` that can be written, and [`Self::CONFIG`].
    type Body: HasSchema + Serialize + DeserializeOwned + Send + Sync;

    /// A gateway as it is shown.
    type Shown: HasSchema + Send;

    /// The types of the networks that have such gateways.
    const NETWORKS: &'static [&'static str];

    /// The entity type of the gateway's side.
    const SIDE: &'static str;

    /// The body's member that is the side's configuration.
    const CONFIG: &'static str;

    /// The types of the entities that hang below the side and belong to this gateway alone.
    const PARTS: &'static [&'static str] = &[];

    /// Refuses what the contract's rules let through and cannot be meant.
    fn check(_body: &Self::Body) -> Result<(), ApiError> {
        Ok(())
    }

    /// What, beside its configuration, makes of a side what a body says. `former` has all its edges; it is empty when
    /// the gateway is made.
    fn surroundings(_former: &Entity, _body: &Self::Body) -> Result<Surroundings, ApiError> {
        Ok(Surroundings::default())
    }

    /// Adds what is shown beside what every gateway shows and the side's configuration. `side` has its edges downwards,
    /// `parts` are its parts.
    fn show(_gateway: &Sides<'_>, _shown: &mut Map<String, Value>) -> Result<(), ApiError> {
        Ok(())
    }
}

/// What is around a gateway's side.
#[derive(Default)]
pub(crate) struct Surroundings {
    /// The side's edges downwards.
    pub(crate) children: EdgeChange,
    /// The side's edges upwards; that to the gateway is none of them.
    pub(crate) parents: EdgeChange,
    /// Changes of the parts.
    pub(crate) writes: Vec<EntityWrite>,
}

/// A gateway as it is read.
pub(crate) struct Sides<'a> {
    pub(crate) record: &'a GatewayRecord,
    pub(crate) side: &'a Entity,
    pub(crate) parts: Vec<&'a Entity>,
}

/// The gateways of this kind, by id.
pub(crate) async fn list<K: GatewayKind>(
    State(api): State<Api>,
    Extension(may_write): Extension<MayWrite>,
    Ids(path): Ids<NetworkPath>,
) -> Result<Shown<BTreeMap<String, K::Shown>>, ApiError> {
    let network = &path.network_id;
    let (records, _) = api.store.gateway_records(network, Page::all()).await?;
    let mut sides = by_id(api.store.entities_with(network, K::SIDE, Page::all(), Edges::Downwards).await?);
    let mut parts = BTreeMap::new();
    for part in K::PARTS {
        parts.extend(by_id(api.store.entities_with(network, part, Page::all(), Edges::None).await?));
    }
    let mut gateways = Map::new();
    for record in records {
        let id = record.entity.id.key.clone();
        if let Some(mut side) = sides.remove(&EntityId::new(K::SIDE, id.as_str())) {
            make_visible(&api, network, &mut side, may_write)?;
            gateways.insert(id, whole::<K>(record, &side, &parts, None)?);
        }
    }
    Ok(Shown::new(Value::Object(gateways)))
}

/// Makes a gateway of this kind.
pub(crate) async fn create<K: GatewayKind>(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    JsonBody(body): JsonBody<K::Body>,
) -> Result<Created, ApiError> {
    K::check(&body)?;
    require_network::<K>(&api, &path.network_id).await?;
    let Parts { gateway, config } = Parts::of::<K>(&body)?;
    let id = EntityId::new(K::SIDE, gateway.id.as_str());
    let parent = EntityId::new(orc8r_model::entity_type::MAGMAD_GATEWAY, gateway.id.as_str());
    let side = Entity {
        name: gateway.name.clone(),
        description: gateway.description.clone(),
        config: Some(config),
        parents: BTreeSet::from([parent]),
        ..Entity::new(id.clone())
    };
    let Surroundings { children, parents, writes } = K::surroundings(&Entity::new(id.clone()), &body)?;
    let mut all = creation(gateway)?;
    all.push(EntityWrite::Create(side));
    all.extend(writes);
    all.push(EntityWrite::Update(EntityUpdate { children, parents, ..EntityUpdate::of(id) }));
    api.store.write_entities(&path.network_id, all).await?;
    Ok(Created)
}

/// Refuses a network of another type, which would never configure such a gateway.
async fn require_network<K: GatewayKind>(api: &Api, id: &NetworkId) -> Result<(), ApiError> {
    let network = api.store.network(id).await?;
    if K::NETWORKS.contains(&network.network_type.as_str()) {
        return Ok(());
    }
    Err(ApiError::bad(format!("network {id} is not a <{}> network", K::NETWORKS.join("> or <"))))
}

/// Shows a gateway of this kind, with what is wrong with its configuration.
pub(crate) async fn read<K: GatewayKind>(
    State(api): State<Api>,
    Extension(may_write): Extension<MayWrite>,
    Ids(path): Ids<GatewayPath>,
) -> Result<Shown<K::Shown>, ApiError> {
    let record = api.store.gateway_record(&path.network_id, &path.gateway_id).await?;
    let around = api.store.neighbourhood(&path.network_id, &path.gateway_id).await?;
    let mut side = around.side(K::SIDE).cloned().ok_or_else(|| no_side::<K>(&path))?;
    make_visible(&api, &path.network_id, &mut side, may_write)?;
    let registration = registration_info(&api, &path, &record, may_write.0).await?;
    let parts = around.related.iter().map(|entity| (entity.id.clone(), entity.clone())).collect();
    let registration = registration.map(|info| to_json(&info)).transpose()?;
    let mut gateway = whole::<K>(record, &side, &parts, registration)?;
    add_problems(&mut gateway, &around);
    Ok(Shown::new(gateway))
}

/// Replaces a gateway of this kind. Without a device in the body, it keeps the one that it has.
pub(crate) async fn update<K: GatewayKind>(
    State(api): State<Api>,
    Ids(path): Ids<GatewayPath>,
    JsonBody(body): JsonBody<K::Body>,
) -> Result<NoContent, ApiError> {
    K::check(&body)?;
    let Parts { gateway, config } = Parts::of::<K>(&body)?;
    require_same("id", &gateway.id, &path.gateway_id)?;
    while_changed(async || {
        let former = side::<K>(&api, &path).await?;
        let Surroundings { children, parents, writes } = K::surroundings(&former, &body)?;
        let mut all = replacement(gateway.clone())?;
        all.push(EntityWrite::Update(EntityUpdate {
            name: Some(gateway.name.clone()),
            description: Some(gateway.description.clone()),
            config: Some(Some(config.clone())),
            children,
            parents,
            if_version: Some(former.version),
            ..EntityUpdate::of(former.id)
        }));
        all.extend(writes);
        Ok(api.store.write_entities(&path.network_id, all).await?)
    })
    .await?;
    Ok(NoContent)
}

/// Deletes a gateway of this kind, with what belongs to it alone.
pub(crate) async fn delete<K: GatewayKind>(
    State(api): State<Api>,
    Ids(path): Ids<GatewayPath>,
) -> Result<NoContent, ApiError> {
    let side = side::<K>(&api, &path).await?;
    let parts = side.children.iter().filter(|child| K::PARTS.contains(&child.entity_type.as_str()));
    let ids = [EntityId::gateway(&path.gateway_id), side.id.clone()].into_iter().chain(parts.cloned());
    api.store.write_entities(&path.network_id, ids.map(EntityWrite::Delete).collect()).await?;
    Ok(NoContent)
}

async fn side<K: GatewayKind>(api: &Api, path: &GatewayPath) -> Result<Entity, ApiError> {
    side_of(api, &path.network_id, K::SIDE, path).await
}

/// A gateway's side with all its edges.
pub(crate) async fn side_of(
    api: &Api,
    network: &NetworkId,
    entity_type: &str,
    path: &GatewayPath,
) -> Result<Entity, ApiError> {
    let id = EntityId::new(entity_type, path.gateway_id.as_str());
    Ok(api.store.entity(network, &id).await?)
}

fn no_side<K: GatewayKind>(path: &GatewayPath) -> ApiError {
    ApiError::not_found(format_args!("{} {}", K::SIDE, path.gateway_id))
}

/// What a body consists of.
struct Parts {
    gateway: MagmadGateway,
    config: Value,
}

impl Parts {
    fn of<K: GatewayKind>(body: &K::Body) -> Result<Self, ApiError> {
        let mut body = to_json(body)?;
        let config = body.get_mut(K::CONFIG).map(Value::take).unwrap_or_default();
        Ok(Self { gateway: from_json("the body of a gateway", &body)?, config })
    }
}

fn whole<K: GatewayKind>(
    record: GatewayRecord,
    side: &Entity,
    entities: &BTreeMap<EntityId, Entity>,
    registration: Option<Value>,
) -> Result<Value, ApiError> {
    let mut more = Map::new();
    let parts = side.children.iter().filter(|child| K::PARTS.contains(&child.entity_type.as_str()));
    let parts = parts.filter_map(|child| entities.get(child)).collect();
    K::show(&Sides { record: &record, side, parts }, &mut more)?;
    more.insert(K::CONFIG.to_owned(), side.config.clone().unwrap_or_default());
    let mut gateway = shown(record, None)?;
    if let Some(members) = gateway.as_object_mut() {
        members.append(&mut more);
        members.extend(registration.map(|info| ("registration_info".to_owned(), info)));
    }
    Ok(gateway)
}

fn by_id(entities: Vec<Entity>) -> BTreeMap<EntityId, Entity> {
    entities.into_iter().map(|entity| (entity.id.clone(), entity)).collect()
}
