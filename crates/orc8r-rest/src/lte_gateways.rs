//! `/lte/{network_id}/gateways`: gateways with a radio network.

use crate::clock::unix_milliseconds;
use crate::error::ApiError;
use crate::gateway_fields::{read as read_field, replace as replace_field};
use crate::gateway_kind::{GatewayKind, Sides, Surroundings, create, delete, list, read, update};
use crate::gateway_pools::pool_edges;
use crate::gateway_status;
use crate::networks::{from_json, to_json};
use crate::routes::Routes;
use orc8r_model::{
    EdgeChange, Entity, EntityId, EntityUpdate, checked_in_recently, entity_type, network_type,
};
use orc8r_store::EntityWrite;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use wire_rest::types::{
    ApnResource, GatewayDescription, GatewayDevice, GatewayName, LteGateway, MagmadGatewayConfigs,
    MutableLteGateway, TierId,
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/lte/{network_id}/gateways", list::<Lte>)
        .post("/lte/{network_id}/gateways", create::<Lte>)
        .get("/lte/{network_id}/gateways/{gateway_id}", read::<Lte>)
        .put("/lte/{network_id}/gateways/{gateway_id}", update::<Lte>)
        .delete("/lte/{network_id}/gateways/{gateway_id}", delete::<Lte>)
        .get("/lte/{network_id}/gateways/{gateway_id}/status", gateway_status::read)
        .get("/lte/{network_id}/gateways/{gateway_id}/name", read_field::<GatewayName>)
        .put("/lte/{network_id}/gateways/{gateway_id}/name", replace_field::<GatewayName>)
        .get("/lte/{network_id}/gateways/{gateway_id}/description", read_field::<GatewayDescription>)
        .put("/lte/{network_id}/gateways/{gateway_id}/description", replace_field::<GatewayDescription>)
        .get("/lte/{network_id}/gateways/{gateway_id}/device", read_field::<GatewayDevice>)
        .put("/lte/{network_id}/gateways/{gateway_id}/device", replace_field::<GatewayDevice>)
        .get("/lte/{network_id}/gateways/{gateway_id}/magmad", read_field::<MagmadGatewayConfigs>)
        .put("/lte/{network_id}/gateways/{gateway_id}/magmad", replace_field::<MagmadGatewayConfigs>)
        .get("/lte/{network_id}/gateways/{gateway_id}/tier", read_field::<TierId>)
        .put("/lte/{network_id}/gateways/{gateway_id}/tier", replace_field::<TierId>)
}

/// Gateways of LTE networks.
pub(crate) struct Lte;

impl GatewayKind for Lte {
    type Body = MutableLteGateway;
    type Shown = LteGateway;
    const NETWORKS: &'static [&'static str] = &[network_type::LTE, network_type::FEDERATED_LTE];
    const SIDE: &'static str = entity_type::CELLULAR_GATEWAY;
    const CONFIG: &'static str = "cellular";
    const PARTS: &'static [&'static str] = &[entity_type::APN_RESOURCE];

    fn check(body: &MutableLteGateway) -> Result<(), ApiError> {
        let mut ids = BTreeSet::new();
        for (key, ApnResource { id, apn_name, .. }) in &body.apn_resources {
            if key != apn_name {
                return Err(ApiError::bad(format!(
                    "apn_resources.{key} in body is for apn_name '{apn_name}': its key is the name of the APN"
                )));
            }
            if !ids.insert(id) {
                return Err(ApiError::bad(format!("apn_resources in body has the id '{id}' twice")));
            }
        }
        Ok(())
    }

    fn surroundings(former: &Entity, body: &MutableLteGateway) -> Result<Surroundings, ApiError> {
        let resources = &body.apn_resources;
        let enodebs = body.connected_enodeb_serials.iter();
        let enodebs = enodebs.map(|serial| EntityId::new(entity_type::CELLULAR_ENODEB, serial.as_str()));
        let children: BTreeSet<_> = enodebs.chain(resources.values().map(resource_id)).collect();
        Ok(Surroundings {
            children: EdgeChange::Set(children),
            parents: pool_edges(former, &body.cellular.pooling),
            writes: resource_writes(former, resources)?,
        })
    }

    fn show(gateway: &Sides<'_>, shown: &mut Map<String, Value>) -> Result<(), ApiError> {
        let serials: Vec<&str> = gateway.side.children_of_type(entity_type::CELLULAR_ENODEB).collect();
        let mut resources = Map::new();
        for part in &gateway.parts {
            let config = part.config.clone().unwrap_or_default();
            let resource: ApnResource = from_json("the configuration of an APN resource", &config)?;
            resources.insert(resource.apn_name, config);
        }
        shown.insert("connected_enodeb_serials".to_owned(), json!(serials));
        shown.insert("apn_resources".to_owned(), Value::Object(resources));
        shown.insert("checked_in_recently".to_owned(), json!(is_reporting(gateway)));
        Ok(())
    }
}

/// Whether its agent still reports as often as it is told to.
fn is_reporting(gateway: &Sides<'_>) -> bool {
    let config = gateway.record.entity.config.as_ref();
    let interval_s = config.and_then(|config| u32::try_from(config["checkin_interval"].as_u64()?).ok());
    let report = gateway.record.status.as_ref();
    report.zip(interval_s).is_some_and(|(report, interval_s)| {
        checked_in_recently(report.time_ms, interval_s, unix_milliseconds())
    })
}

fn resource_id(resource: &ApnResource) -> EntityId {
    EntityId::new(entity_type::APN_RESOURCE, resource.id.as_str())
}

/// What makes of a gateway's APN resources what a body says: some come, some change, the others go.
fn resource_writes(
    former: &Entity,
    resources: &BTreeMap<String, ApnResource>,
) -> Result<Vec<EntityWrite>, ApiError> {
    let mut writes = Vec::new();
    for resource in resources.values() {
        let (id, config) = (resource_id(resource), to_json(resource)?);
        let apn = BTreeSet::from([EntityId::new(entity_type::APN, resource.apn_name.as_str())]);
        writes.push(if former.children.contains(&id) {
            let children = EdgeChange::Set(apn);
            EntityWrite::Update(EntityUpdate { config: Some(Some(config)), children, ..EntityUpdate::of(id) })
        } else {
            EntityWrite::Create(Entity { config: Some(config), children: apn, ..Entity::new(id) })
        });
    }
    let kept: BTreeSet<EntityId> = resources.values().map(resource_id).collect();
    let gone = former.children.iter().filter(|id| id.entity_type == entity_type::APN_RESOURCE);
    writes.extend(gone.filter(|id| !kept.contains(id)).cloned().map(EntityWrite::Delete));
    Ok(writes)
}
