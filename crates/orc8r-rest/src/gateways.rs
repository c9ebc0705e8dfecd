//! `/networks/{network_id}/gateways`: whole gateways.

use crate::Api;
use crate::access::MayWrite;
use crate::clock::unix_seconds;
use crate::error::ApiError;
use crate::networks::{from_json, to_json};
use crate::page::PageRequest;
use crate::request::{GatewayPath, Ids, JsonBody, NetworkPath, require_same};
use crate::routes::{Created, NoContent, Routes, Shown};
use axum::Extension;
use axum::extract::State;
use orc8r_mconfig::MconfigBuilder;
use orc8r_model::{
    Device, EdgeChange, Entity, EntityId, EntityUpdate, GatewayId, GatewayNeighbourhood, entity_type,
    gateway_status,
};
use orc8r_store::{EntityWrite, GatewayRecord, IssueToken, Refresh};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use wire_rest::types::{GatewayDevice, MagmadGateway, PaginatedGateways, RegistrationInfo};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/networks/{network_id}/gateways", list)
        .post("/networks/{network_id}/gateways", create)
        .get("/networks/{network_id}/gateways/{gateway_id}", read)
        .put("/networks/{network_id}/gateways/{gateway_id}", update)
        .delete("/networks/{network_id}/gateways/{gateway_id}", delete)
}

async fn list(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    page: PageRequest,
) -> Result<Shown<PaginatedGateways>, ApiError> {
    let (records, total_count) = api.store.gateway_records(&path.network_id, page.to_read()).await?;
    let (records, page_token) = page.cut(records, |record| &record.entity.id.key);
    let gateways = records.into_iter().map(|record| Ok((record.entity.id.key.clone(), shown(record, None)?)));
    let gateways: Map<String, Value> = gateways.collect::<Result<_, ApiError>>()?;
    Ok(Shown::new(json!({ "gateways": gateways, "page_token": page_token, "total_count": total_count })))
}

async fn create(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    JsonBody(body): JsonBody<MagmadGateway>,
) -> Result<Created, ApiError> {
    api.store.write_entities(&path.network_id, creation(body)?).await?;
    Ok(Created)
}

async fn read(
    State(api): State<Api>,
    Extension(MayWrite(may_write)): Extension<MayWrite>,
    Ids(path): Ids<GatewayPath>,
) -> Result<Shown<MagmadGateway>, ApiError> {
    let record = api.store.gateway_record(&path.network_id, &path.gateway_id).await?;
    let around = api.store.neighbourhood(&path.network_id, &path.gateway_id).await?;
    let registration = registration_info(&api, &path, &record, may_write).await?;
    let mut gateway = shown(record, registration)?;
    add_problems(&mut gateway, &around);
    Ok(Shown::new(gateway))
}

/// Adds what is wrong with a gateway's configuration, as `configuration_problems`: it is not in the contract, and only
/// there when something is.
pub(crate) fn add_problems(gateway: &mut Value, around: &GatewayNeighbourhood) {
    let problems = MconfigBuilder::new().build(around).problems;
    if !problems.is_empty() {
        gateway["configuration_problems"] = problems.iter().map(ToString::to_string).collect();
    }
}

/// Replaces a gateway.
///
/// Deviation: a body without a device makes Magma panic; here the gateway keeps the device that it has.
async fn update(
    State(api): State<Api>,
    Ids(path): Ids<GatewayPath>,
    JsonBody(body): JsonBody<MagmadGateway>,
) -> Result<NoContent, ApiError> {
    require_same("id", &body.id, &path.gateway_id)?;
    api.store.write_entities(&path.network_id, replacement(body)?).await?;
    Ok(NoContent)
}

/// Deletes a gateway of any kind, with what belongs to it alone.
///
/// Deviation: Magma leaves its LTE, federation or Wi-Fi side behind, after which no such gateway can be made again
/// under its id.
async fn delete(State(api): State<Api>, Ids(path): Ids<GatewayPath>) -> Result<NoContent, ApiError> {
    let around = api.store.neighbourhood(&path.network_id, &path.gateway_id).await?;
    require_unpaired(&path.gateway_id, around.groups.iter().map(|group| &group.id))?;
    let sides = SIDES.iter().filter_map(|side| around.side(side));
    let resources = around.related_of_type(entity_type::APN_RESOURCE);
    let ids = sides.chain(resources).chain([&around.gateway]).map(|entity| entity.id.clone());
    api.store.write_entities(&path.network_id, ids.map(EntityWrite::Delete).collect()).await?;
    Ok(NoContent)
}

/// What a gateway may have beside itself, under its own id.
const SIDES: [&str; 3] =
    [entity_type::CELLULAR_GATEWAY, entity_type::FEDERATION_GATEWAY, entity_type::CARRIER_WIFI_GATEWAY];

/// Refuses to delete a gateway that one of its `groups` cannot be without.
///
/// Deviation: in Magma a pair may lose a gateway, after which no pair of the network can be listed any more.
pub(crate) fn require_unpaired<'a>(
    gateway: &GatewayId,
    mut groups: impl Iterator<Item = &'a EntityId>,
) -> Result<(), ApiError> {
    match groups.find(|group| group.entity_type == entity_type::CWF_HA_PAIR) {
        None => Ok(()),
        Some(EntityId { key, .. }) => Err(ApiError::bad(format!(
            "gateway {gateway} is in the high-availability pair {key}: delete the pair, or put another gateway into it"
        ))),
    }
}

/// What makes a gateway of any kind.
pub(crate) fn creation(body: MagmadGateway) -> Result<Vec<EntityWrite>, ApiError> {
    let device = device(&body)?;
    let gateway = Entity {
        config: Some(to_json(&body.magmad)?),
        physical_id: device.as_ref().map(|device| device.hardware_id.to_string()),
        parents: BTreeSet::from([EntityId::tier(body.tier)]),
        name: body.name,
        description: body.description,
        ..Entity::new(EntityId::gateway(&GatewayId::parse(body.id)?))
    };
    Ok(std::iter::once(EntityWrite::Create(gateway)).chain(device.map(EntityWrite::PutDevice)).collect())
}

/// What makes of a gateway of any kind what a body says.
pub(crate) fn replacement(body: MagmadGateway) -> Result<Vec<EntityWrite>, ApiError> {
    let device = device(&body)?;
    let update = EntityUpdate {
        config: Some(Some(to_json(&body.magmad)?)),
        physical_id: device.as_ref().map(|device| Some(device.hardware_id.to_string())),
        parents: EdgeChange::Set(BTreeSet::from([EntityId::tier(body.tier)])),
        name: Some(body.name),
        description: Some(body.description),
        ..EntityUpdate::of(EntityId::gateway(&GatewayId::parse(body.id)?))
    };
    Ok(std::iter::once(EntityWrite::Update(update)).chain(device.map(EntityWrite::PutDevice)).collect())
}

fn device(body: &MagmadGateway) -> Result<Option<Device>, ApiError> {
    Ok(body.device.as_ref().map(Device::try_from).transpose()?)
}

/// What a gateway of any kind shows: what it reported is passed on as it is.
pub(crate) fn shown(
    record: GatewayRecord,
    registration_info: Option<RegistrationInfo>,
) -> Result<Value, ApiError> {
    let GatewayRecord { entity, device, status, certificate_end } = record;
    let magmad = entity
        .config
        .as_ref()
        .map(|config| from_json("the configuration of a gateway", config))
        .transpose()?;
    let mut gateway = to_json(&MagmadGateway {
        tier: entity.tier().unwrap_or_default().to_owned(),
        magmad: magmad.unwrap_or_default(),
        device: device.as_ref().map(GatewayDevice::from),
        registration_info,
        status: None,
        id: entity.id.key,
        name: entity.name,
        description: entity.description,
    })?;
    if let Some(report) = status {
        gateway["status"] = gateway_status(&report, certificate_end);
    }
    Ok(gateway)
}

/// What a device needs to register itself for a gateway that has none.
///
/// Magma-compat: reading a gateway without a device issues its registration token. Deviation: while that is valid, it
/// is shown again instead of being replaced. And Magma shows it to whoever may read; but with it one adds a device, so
/// here to whoever may write.
pub(crate) async fn registration_info(
    api: &Api,
    path: &GatewayPath,
    record: &GatewayRecord,
    may_write: bool,
) -> Result<Option<RegistrationInfo>, ApiError> {
    if !may_write || record.device.is_some() || record.entity.physical_id.is_some() {
        return Ok(None);
    }
    let now = unix_seconds();
    let issue = IssueToken {
        candidate: (api.registration.new_token)(),
        now,
        expires_at: now.saturating_add_unsigned(api.registration.token_lifetime.as_secs()),
        refresh: Refresh::KeepValid,
    };
    let issued = api.store.issue_registration_token(&path.network_id, &path.gateway_id, issue).await?;
    Ok(Some(RegistrationInfo {
        registration_token: issued.token,
        root_ca: (api.registration.root_ca_pem)(),
        domain_name: api.registration.domain_name.clone(),
    }))
}
