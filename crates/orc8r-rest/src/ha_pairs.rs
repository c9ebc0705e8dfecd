//! `/cwf/{network_id}/ha_pairs`: pairs of Wi-Fi gateways of which one stands by, and what is reported of them.

use crate::Api;
use crate::error::ApiError;
use crate::networks::to_json;
use crate::request::{GatewayPath, Ids, JsonBody, NetworkPath, require_same};
use crate::routes::{Created, Done, NoContent, Routes, Shown};
use axum::extract::State;
use orc8r_model::{
    EdgeChange, Entity, EntityId, EntityUpdate, GatewayId, NetworkId, StateFilter, StateId, entity_type,
    state_type,
};
use orc8r_store::{EntityWrite, Page, StoreError};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use wire_rest::types::{
    CarrierWifiGatewayHealthStatus, CarrierWifiHaPairStatus, CwfHaPair, MutableCwfHaPair,
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/cwf/{network_id}/ha_pairs", list)
        .post("/cwf/{network_id}/ha_pairs", create)
        .get("/cwf/{network_id}/ha_pairs/{ha_pair_id}", read)
        .put("/cwf/{network_id}/ha_pairs/{ha_pair_id}", update)
        .delete("/cwf/{network_id}/ha_pairs/{ha_pair_id}", delete)
        .get("/cwf/{network_id}/ha_pairs/{ha_pair_id}/status", status)
        .get("/cwf/{network_id}/gateways/{gateway_id}/health_status", health_status)
}

#[derive(Deserialize)]
struct PairPath {
    network_id: NetworkId,
    ha_pair_id: String,
}

impl PairPath {
    fn entity(&self) -> EntityId {
        EntityId::new(entity_type::CWF_HA_PAIR, self.ha_pair_id.as_str())
    }
}

async fn list(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
) -> Result<Shown<BTreeMap<String, CwfHaPair>>, ApiError> {
    let pairs = api.store.entities_of_type(&path.network_id, entity_type::CWF_HA_PAIR, Page::all()).await?;
    let reported = Reported::load(&api, &path.network_id, &BTreeSet::new()).await?;
    let pairs = pairs.into_iter().map(|pair| (pair.id.key.clone(), shown(pair, &reported)));
    Ok(Shown::new(Value::Object(pairs.collect())))
}

async fn create(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    JsonBody(body): JsonBody<MutableCwfHaPair>,
) -> Result<Created, ApiError> {
    let id = EntityId::new(entity_type::CWF_HA_PAIR, body.ha_pair_id.as_str());
    let members = check(&api, &path.network_id, &body).await?;
    let pair = Entity { config: Some(to_json(&body.config)?), children: members, ..Entity::new(id) };
    api.store.write_entities(&path.network_id, vec![EntityWrite::Create(pair)]).await?;
    Ok(Created)
}

async fn read(State(api): State<Api>, Ids(path): Ids<PairPath>) -> Result<Shown<CwfHaPair>, ApiError> {
    let pair = api.store.entity(&path.network_id, &path.entity()).await?;
    let members = pair.children.iter().map(|member| member.key.clone());
    let devices = members.chain([pair.id.key.clone()]).collect();
    let reported = Reported::load(&api, &path.network_id, &devices).await?;
    Ok(Shown::new(shown(pair, &reported)))
}

/// Here the contract says 200.
async fn update(
    State(api): State<Api>,
    Ids(path): Ids<PairPath>,
    JsonBody(body): JsonBody<MutableCwfHaPair>,
) -> Result<Done, ApiError> {
    require_same("ha_pair_id", &body.ha_pair_id, &path.ha_pair_id)?;
    let members = check(&api, &path.network_id, &body).await?;
    let update = EntityUpdate {
        config: Some(Some(to_json(&body.config)?)),
        children: EdgeChange::Set(members),
        ..EntityUpdate::of(path.entity())
    };
    api.store.write_entities(&path.network_id, vec![EntityWrite::Update(update)]).await?;
    Ok(Done)
}

async fn delete(State(api): State<Api>, Ids(path): Ids<PairPath>) -> Result<NoContent, ApiError> {
    api.store.write_entities(&path.network_id, vec![EntityWrite::Delete(path.entity())]).await?;
    Ok(NoContent)
}

async fn status(
    State(api): State<Api>,
    Ids(path): Ids<PairPath>,
) -> Result<Shown<CarrierWifiHaPairStatus>, ApiError> {
    reported(&api, &path.network_id, state_type::HA_PAIR, &path.ha_pair_id).await.map(Shown::new)
}

async fn health_status(
    State(api): State<Api>,
    Ids(path): Ids<GatewayPath>,
) -> Result<Shown<CarrierWifiGatewayHealthStatus>, ApiError> {
    let gateway = path.gateway_id.as_str();
    reported(&api, &path.network_id, state_type::CARRIER_WIFI_HEALTH, gateway).await.map(Shown::new)
}

/// The members of a pair, each of which is a Wi-Fi gateway and in no other pair.
///
/// Deviation: Magma lets a gateway be in several pairs, and then its virtual address is either's.
async fn check(
    api: &Api,
    network: &NetworkId,
    body: &MutableCwfHaPair,
) -> Result<BTreeSet<EntityId>, ApiError> {
    if body.ha_pair_id.is_empty() {
        return Err(ApiError::bad("ha_pair_id in body should be at least 1 chars long"));
    }
    if body.gateway_id_1 == body.gateway_id_2 {
        return Err(ApiError::bad("GatewayID1 and GatewayID2 cannot be the same"));
    }
    if !is_cidr(&body.config.transport_virtual_ip) {
        return Err(ApiError::bad(
            "Transport virtual IP must be specified in CIDR format (e.g. '10.10.10.11/24')",
        ));
    }
    let mut members = BTreeSet::new();
    for gateway in [&body.gateway_id_1, &body.gateway_id_2] {
        let id =
            EntityId::new(entity_type::CARRIER_WIFI_GATEWAY, GatewayId::parse(gateway.as_str())?.as_str());
        let member = match api.store.entity(network, &id).await {
            Err(StoreError::NotFound { .. }) => {
                return Err(ApiError::bad(format!(
                    "{gateway} is no carrier Wi-Fi gateway of network {network}"
                )));
            }
            found => found?,
        };
        let is_other = |parent: &&EntityId| {
            parent.entity_type == entity_type::CWF_HA_PAIR && parent.key != body.ha_pair_id
        };
        if let Some(other) = member.parents.iter().find(is_other) {
            return Err(ApiError::bad(format!(
                "gateway {gateway} is in the high-availability pair {} already",
                other.key
            )));
        }
        members.insert(id);
    }
    Ok(members)
}

fn is_cidr(text: &str) -> bool {
    wire_rest::problems(&CIDR, &json!(text)).is_empty()
}

const CIDR: wire_rest::Schema =
    wire_rest::Schema::Text(wire_rest::Text { format: Some("cidr"), ..wire_rest::Text::ANY });

/// What a network's gateways and the watchers of its pairs have reported, by pair and by gateway.
struct Reported {
    pairs: BTreeMap<String, Value>,
    gateways: BTreeMap<String, Value>,
}

impl Reported {
    /// What was reported of these pairs and gateways; of all if none is named.
    async fn load(api: &Api, network: &NetworkId, devices: &BTreeSet<String>) -> Result<Self, ApiError> {
        let of_type = async |state_type| -> Result<BTreeMap<String, Value>, ApiError> {
            let filter = StateFilter { device_ids: devices.clone(), ..StateFilter::of_type(state_type) };
            let states = api.store.states(network, filter).await?;
            let read = |value: &[u8]| serde_json::from_slice(value).ok();
            Ok(states
                .into_iter()
                .filter_map(|state| Some((state.id.device_id, read(&state.value)?)))
                .collect())
        };
        Ok(Self {
            pairs: of_type(state_type::HA_PAIR).await?,
            gateways: of_type(state_type::CARRIER_WIFI_HEALTH).await?,
        })
    }
}

/// A pair as it is shown; the lower gateway id comes first, whichever was written first.
fn shown(pair: Entity, reported: &Reported) -> Value {
    let mut members = pair.children_of_type(entity_type::CARRIER_WIFI_GATEWAY);
    let (first, second) = (members.next().unwrap_or_default(), members.next().unwrap_or_default());
    let state = [
        ("ha_pair_status", reported.pairs.get(&pair.id.key)),
        ("gateway1_health", reported.gateways.get(first)),
        ("gateway2_health", reported.gateways.get(second)),
    ];
    let state = state.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.clone())));
    json!({
        "ha_pair_id": pair.id.key,
        "gateway_id_1": first,
        "gateway_id_2": second,
        "config": pair.config,
        "state": state.collect::<Map<String, Value>>(),
    })
}

/// The JSON of one state.
async fn reported(
    api: &Api,
    network: &NetworkId,
    state_type: &str,
    device_id: &str,
) -> Result<Value, ApiError> {
    let id = StateId { state_type: state_type.to_owned(), device_id: device_id.to_owned() };
    let state = api.store.state(network, &id).await?;
    let none = || ApiError::not_found(format_args!("state {state_type} of {device_id}"));
    let state = state.ok_or_else(none)?;
    serde_json::from_slice(&state.value).map_err(|_| none())
}
