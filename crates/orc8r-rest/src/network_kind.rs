//! `/lte`, `/feg`, `/feg_lte`, `/cwf`: whole networks of one kind, each served by its [`NetworkKind`].

use crate::Api;
use crate::access::MayWrite;
use crate::error::ApiError;
use crate::networks::{from_json, to_json, visible};
use crate::predefined_alerts::begin_with;
use crate::request::{Ids, JsonBody, NetworkPath, require_same};
use crate::routes::{Created, NoContent};
use axum::extract::State;
use axum::{Extension, Json};
use orc8r_model::{Network, NetworkId, NetworkUpdate};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use wire_rest::HasSchema;

/// The body of a whole network of one kind. Beside `id`, `name` and `description` it has a member for each of the kind's
/// configurations.
pub(crate) trait NetworkKind: HasSchema + Serialize + DeserializeOwned + Send + 'static {
    /// The network's type, as it is kept.
    const TYPE: &str;

    /// The body's members that are configurations, each with the type under which it is kept. One that is absent in a
    /// body that replaces the network is taken away.
    const CONFIGS: &[(&str, &str)];

    /// Refuses what the contract's rules let through and cannot be meant.
    fn check(&self) -> Result<(), ApiError> {
        Ok(())
    }
}

/// The ids of the networks of this kind.
pub(crate) async fn list<K: NetworkKind>(State(api): State<Api>) -> Result<Json<Vec<String>>, ApiError> {
    let ids = api.store.network_ids_of_type(K::TYPE).await?;
    Ok(Json(ids.into_iter().map(String::from).collect()))
}

/// Makes a network of this kind.
pub(crate) async fn create<K: NetworkKind>(
    State(api): State<Api>,
    JsonBody(body): JsonBody<K>,
) -> Result<Created, ApiError> {
    let parts = Parts::of(&body)?;
    let configs = parts.configs.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    let network = Network {
        network_type: K::TYPE.to_owned(),
        name: parts.name,
        description: parts.description,
        configs,
        ..Network::new(NetworkId::parse(parts.id)?)
    };
    let (id, network_type) = (network.id.clone(), network.network_type.clone());
    api.store.create_network(network).await?;
    begin_with(&api, &id, &network_type).await;
    Ok(Created)
}

/// Shows a network of this kind.
pub(crate) async fn read<K: NetworkKind>(
    State(api): State<Api>,
    Extension(may_write): Extension<MayWrite>,
    Ids(path): Ids<NetworkPath>,
) -> Result<Json<K>, ApiError> {
    let mut network = of_kind::<K>(visible(&api, &path.network_id, may_write).await?)?;
    let configs = K::CONFIGS.iter().filter_map(|(member, config_type)| {
        Some(((*member).to_owned(), network.configs.remove(*config_type)?))
    });
    let mut body: Map<String, Value> = configs.collect();
    body.insert("id".to_owned(), network.id.as_str().into());
    body.insert("name".to_owned(), network.name.into());
    body.insert("description".to_owned(), network.description.into());
    from_json(K::TYPE, &Value::Object(body)).map(Json)
}

/// Replaces what a network of this kind consists of; configurations of other kinds stay.
///
/// Deviation: Magma takes the network's id from the body, whatever the path says and was authorised for.
pub(crate) async fn update<K: NetworkKind>(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    JsonBody(body): JsonBody<K>,
) -> Result<NoContent, ApiError> {
    let parts = Parts::of(&body)?;
    require_same("id", &parts.id, &path.network_id)?;
    load::<K>(&api, &path.network_id).await?;
    let update = NetworkUpdate {
        configs: parts.configs,
        name: Some(parts.name),
        description: Some(parts.description),
        ..NetworkUpdate::default()
    };
    api.store.update_network(&path.network_id, update).await?;
    Ok(NoContent)
}

/// Deletes a network of this kind with everything in it.
pub(crate) async fn delete<K: NetworkKind>(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
) -> Result<NoContent, ApiError> {
    load::<K>(&api, &path.network_id).await?;
    api.store.delete_network(&path.network_id).await?;
    Ok(NoContent)
}

/// A network, which must be of this kind.
pub(crate) async fn load<K: NetworkKind>(api: &Api, id: &NetworkId) -> Result<Network, ApiError> {
    of_kind::<K>(api.store.network(id).await?)
}

fn of_kind<K: NetworkKind>(network: Network) -> Result<Network, ApiError> {
    if network.network_type == K::TYPE {
        Ok(network)
    } else {
        Err(ApiError::bad(format!("network {} is not a <{}> network", network.id, K::TYPE)))
    }
}

/// What a body consists of.
struct Parts {
    id: String,
    name: String,
    description: String,
    configs: BTreeMap<String, Option<Value>>,
}

impl Parts {
    fn of<K: NetworkKind>(body: &K) -> Result<Self, ApiError> {
        body.check()?;
        let mut body = to_json(body)?;
        let mut member = |name: &str| body.get_mut(name).map(Value::take).filter(|value| !value.is_null());
        let configs = K::CONFIGS.iter().map(|(name, config_type)| ((*config_type).to_owned(), member(name)));
        let configs = configs.collect();
        let mut text =
            |name| member(name).and_then(|text| text.as_str().map(str::to_owned)).unwrap_or_default();
        Ok(Self { id: text("id"), name: text("name"), description: text("description"), configs })
    }
}
