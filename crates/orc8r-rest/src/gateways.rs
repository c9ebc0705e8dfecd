//! `/networks/{network_id}/gateways`: whole gateways.

use crate::Api;
use crate::access::MayWrite;
use crate::error::ApiError;
use crate::networks::{from_json, to_json};
use crate::page::PageRequest;
use crate::request::{GatewayPath, Ids, JsonBody, NetworkPath};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Extension, Json, Router};
use orc8r_model::body::{GatewayDevice, MagmadGateway, PaginatedGateways, RegistrationInfo, gateway_status};
use orc8r_model::{Device, EdgeChange, Entity, EntityId, EntityUpdate, GatewayId};
use orc8r_store::{EntityWrite, GatewayRecord, IssueToken, Refresh};
use std::collections::BTreeSet;
use std::time::{SystemTime, UNIX_EPOCH};

pub(crate) fn routes() -> Router<Api> {
    Router::new()
        .route("/networks/{network_id}/gateways", get(list).post(create))
        .route("/networks/{network_id}/gateways/{gateway_id}", get(read).put(update).delete(delete))
}

async fn list(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    page: PageRequest,
) -> Result<Json<PaginatedGateways>, ApiError> {
    let (records, total_count) = api.store.gateway_records(&path.network_id, page.to_read()).await?;
    let (records, page_token) = page.cut(records, |record| &record.entity.id.key);
    let gateways = records.into_iter().map(|record| Ok((record.entity.id.key.clone(), to_body(record)?)));
    Ok(Json(PaginatedGateways {
        gateways: gateways.collect::<Result<_, ApiError>>()?,
        page_token,
        total_count,
    }))
}

async fn create(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    JsonBody(body): JsonBody<MagmadGateway>,
) -> Result<StatusCode, ApiError> {
    let device = device(&body)?;
    let gateway = Entity {
        config: body.magmad.as_ref().map(to_json).transpose()?,
        physical_id: device.as_ref().map(|device| device.hardware_id.to_string()),
        parents: BTreeSet::from([EntityId::tier(body.tier)]),
        name: body.name,
        description: body.description,
        ..Entity::new(EntityId::gateway(&GatewayId::parse(body.id)?))
    };
    let writes = std::iter::once(EntityWrite::Create(gateway)).chain(device.map(EntityWrite::PutDevice));
    api.store.write_entities(&path.network_id, writes.collect()).await?;
    Ok(StatusCode::CREATED)
}

async fn read(
    State(api): State<Api>,
    Extension(MayWrite(may_write)): Extension<MayWrite>,
    Ids(path): Ids<GatewayPath>,
) -> Result<Json<MagmadGateway>, ApiError> {
    let record = api.store.gateway_record(&path.network_id, &path.gateway_id).await?;
    // Deviation: Magma shows the token to whoever may read; but with it one adds a device, so here to whoever may write.
    let registers = may_write && record.device.is_none() && record.entity.physical_id.is_none();
    let mut gateway = to_body(record)?;
    if registers {
        gateway.registration_info = Some(registration_info(&api, &path).await?);
    }
    Ok(Json(gateway))
}

/// Replaces a gateway.
///
/// Deviation: a body without a device makes Magma panic; here the gateway keeps the device that it has.
async fn update(
    State(api): State<Api>,
    Ids(path): Ids<GatewayPath>,
    JsonBody(body): JsonBody<MagmadGateway>,
) -> Result<StatusCode, ApiError> {
    if body.id != path.gateway_id.as_str() {
        return Err(ApiError::bad(format!(
            "id in body '{}' is not that of the path '{}'",
            body.id, path.gateway_id
        )));
    }
    let device = device(&body)?;
    let update = EntityUpdate {
        config: Some(body.magmad.as_ref().map(to_json).transpose()?),
        physical_id: device.as_ref().map(|device| Some(device.hardware_id.to_string())),
        parents: EdgeChange::Set(BTreeSet::from([EntityId::tier(body.tier)])),
        name: Some(body.name),
        description: Some(body.description),
        ..EntityUpdate::of(EntityId::gateway(&path.gateway_id))
    };
    let writes = std::iter::once(EntityWrite::Update(update)).chain(device.map(EntityWrite::PutDevice));
    api.store.write_entities(&path.network_id, writes.collect()).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn delete(State(api): State<Api>, Ids(path): Ids<GatewayPath>) -> Result<StatusCode, ApiError> {
    let gateway = EntityId::gateway(&path.gateway_id);
    api.store.write_entities(&path.network_id, vec![EntityWrite::Delete(gateway)]).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn device(body: &MagmadGateway) -> Result<Option<Device>, ApiError> {
    Ok(body.device.as_ref().map(GatewayDevice::to_device).transpose()?)
}

fn to_body(record: GatewayRecord) -> Result<MagmadGateway, ApiError> {
    let GatewayRecord { entity, device, status, certificate_end } = record;
    Ok(MagmadGateway {
        tier: entity.tier().unwrap_or_default().to_owned(),
        magmad: entity
            .config
            .as_ref()
            .map(|config| from_json("the configuration of a gateway", config))
            .transpose()?,
        device: device.as_ref().map(GatewayDevice::from),
        registration_info: None,
        status: status.map(|report| gateway_status(&report, certificate_end)),
        id: entity.id.key,
        name: entity.name,
        description: entity.description,
    })
}

/// Magma-compat: reading a gateway without a device issues its registration token. Deviation: while that is valid, it
/// is shown again instead of being replaced.
async fn registration_info(api: &Api, path: &GatewayPath) -> Result<RegistrationInfo, ApiError> {
    let now = SystemTime::now();
    let issue = IssueToken {
        candidate: (api.registration.new_token)(),
        now: unix_seconds(now),
        expires_at: unix_seconds(now + api.registration.token_lifetime),
        refresh: Refresh::KeepValid,
    };
    let issued = api.store.issue_registration_token(&path.network_id, &path.gateway_id, issue).await?;
    Ok(RegistrationInfo {
        registration_token: issued.token,
        root_ca: api.registration.root_ca_pem.clone(),
        domain_name: api.registration.domain_name.clone(),
    })
}

fn unix_seconds(time: SystemTime) -> i64 {
    let seconds = time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    i64::try_from(seconds).unwrap_or(i64::MAX)
}
