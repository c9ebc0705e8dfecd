//! Entities that consist of a key and a configuration, each served by its [`EntityKind`].

use crate::Api;
use crate::access::MayWrite;
use crate::error::ApiError;
use crate::networks::{from_json, make_visible, to_json};
use crate::request::{Ids, JsonBody, NetworkPath, require_same};
use crate::routes::{Created, NoContent, Shown};
use axum::extract::State;
use axum::{Extension, Json};
use orc8r_model::{Entity, EntityId, EntityUpdate, NetworkId};
use orc8r_store::{Edges, EntityWrite, Page};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use wire_rest::HasSchema;

/// The body of one kind of entity: an object of a key and a configuration.
pub(crate) trait EntityKind: HasSchema + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The entity's type.
    const TYPE: &str;

    /// The body's member that is the key; the contract requires it, and so it is never empty.
    const KEY: &str;

    /// The body's member that is the configuration.
    const CONFIG: &str;

    /// The ids of its paths.
    type Path: EntityPath;

    /// Adds to a configuration what it has although nobody says so. `former` is the one that it replaces, if it does.
    fn complete(_key: &str, _config: &mut Value, _former: Option<&Value>) -> Result<(), ApiError> {
        Ok(())
    }
}

/// The ids in a path of one entity.
pub(crate) trait EntityPath: DeserializeOwned + Send + 'static {
    /// The network.
    fn network(&self) -> &NetworkId;

    /// The entity's key.
    fn key(&self) -> &str;
}

/// The entities of this kind, by key.
pub(crate) async fn list<K: EntityKind>(
    State(api): State<Api>,
    Extension(may_write): Extension<MayWrite>,
    Ids(path): Ids<NetworkPath>,
) -> Result<Shown<BTreeMap<String, K>>, ApiError> {
    let mut found = api.store.entities_with(&path.network_id, K::TYPE, Page::all(), Edges::None).await?;
    for entity in &mut found {
        make_visible(&api, &path.network_id, entity, may_write)?;
    }
    let shown = found.into_iter().map(|entity| (entity.id.key.clone(), body::<K>(entity)));
    Ok(Shown::new(Value::Object(shown.collect())))
}

/// Makes one.
pub(crate) async fn create<K: EntityKind>(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    JsonBody(body): JsonBody<K>,
) -> Result<Created, ApiError> {
    let (key, mut config) = parts(&body)?;
    K::complete(&key, &mut config, None)?;
    let entity = Entity { config: Some(config), ..Entity::new(EntityId::new(K::TYPE, key)) };
    api.store.write_entities(&path.network_id, vec![EntityWrite::Create(entity)]).await?;
    Ok(Created)
}

/// Shows one.
pub(crate) async fn read<K: EntityKind>(
    State(api): State<Api>,
    Extension(may_write): Extension<MayWrite>,
    Ids(path): Ids<K::Path>,
) -> Result<Json<K>, ApiError> {
    let id = EntityId::new(K::TYPE, path.key());
    let mut entity = api.store.entity_with(path.network(), &id, Edges::None).await?;
    make_visible(&api, path.network(), &mut entity, may_write)?;
    from_json(K::TYPE, &body::<K>(entity)).map(Json)
}

/// Replaces one's configuration; its edges stay.
pub(crate) async fn update<K: EntityKind>(
    State(api): State<Api>,
    Ids(path): Ids<K::Path>,
    JsonBody(body): JsonBody<K>,
) -> Result<NoContent, ApiError> {
    let (key, mut config) = parts(&body)?;
    require_same(K::KEY, &key, &path.key())?;
    let former =
        api.store.entity_with(path.network(), &EntityId::new(K::TYPE, path.key()), Edges::None).await?;
    K::complete(&key, &mut config, former.config.as_ref())?;
    let update = EntityUpdate { config: Some(Some(config)), ..EntityUpdate::of(EntityId::new(K::TYPE, key)) };
    api.store.write_entities(path.network(), vec![EntityWrite::Update(update)]).await?;
    Ok(NoContent)
}

/// Deletes one.
pub(crate) async fn delete<K: EntityKind>(
    State(api): State<Api>,
    Ids(path): Ids<K::Path>,
) -> Result<NoContent, ApiError> {
    let id = EntityId::new(K::TYPE, path.key());
    api.store.write_entities(path.network(), vec![EntityWrite::Delete(id)]).await?;
    Ok(NoContent)
}

fn parts<K: EntityKind>(body: &K) -> Result<(String, Value), ApiError> {
    let mut body = to_json(body)?;
    let key = body[K::KEY].as_str().unwrap_or_default().to_owned();
    Ok((key, body[K::CONFIG].take()))
}

fn body<K: EntityKind>(entity: Entity) -> Value {
    let config = entity.config.unwrap_or_else(|| json!({}));
    let members = [(K::KEY.to_owned(), entity.id.key.into()), (K::CONFIG.to_owned(), config)];
    Value::Object(Map::from_iter(members))
}
