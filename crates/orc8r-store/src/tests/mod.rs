//! What the store promises, each promise by its rows.

mod alerts;
mod backup;
mod call_traces;
mod cbsds;
mod certificates;
mod changes;
mod check_ins;
mod configuration;
mod counts;
mod durability;
mod encrypted;
mod federation_health;
mod gateways;
mod groups;
mod holders;
mod migrating;
mod network_counts;
mod nodes;
mod operators;
mod plans;
mod registration;
mod search;
mod short_messages;
mod stamps;
mod state_links;
mod states;
mod subscriber_search;
mod subscribers;
mod tenants;
mod users;

use crate::{EntityWrite, Store, StoreError};
use orc8r_model::{
    Device, DeviceKey, Entity, EntityId, EntityUpdate, GatewayId, HardwareId, Network, NetworkId,
};
use std::collections::BTreeSet;

/// Networks `n1` and `n2`; in `n1` the tiers `t1` and `t2`, gateway `g1` with device `h1` in `t1`, and gateway `g2`
/// without either.
async fn store() -> Store {
    let store = empty();
    fill(&store).await;
    store
}

/// This file is compiled twice: as `tests` for SQLite, and as `tests_on_postgres`. Without PostgreSQL, the second says
/// that it is skipped.
fn is_on_postgres() -> bool {
    module_path!().ends_with("tests_on_postgres")
}

/// A store without anything.
fn empty() -> Store {
    let url = if is_on_postgres() { crate::testing::postgres_database().unwrap() } else { None };
    url.map_or_else(Store::in_memory, |url| Store::connect(&url)).unwrap()
}

async fn fill(store: &Store) {
    store.create_network(Network::new(network("n1"))).await.unwrap();
    store.create_network(Network::new(network("n2"))).await.unwrap();
    let g1 = Entity {
        physical_id: Some("h1".into()),
        parents: BTreeSet::from([EntityId::tier("t1")]),
        ..Entity::new(gateway("g1"))
    };
    let writes = vec![
        EntityWrite::Create(Entity::new(EntityId::tier("t1"))),
        EntityWrite::Create(Entity::new(EntityId::tier("t2"))),
        EntityWrite::Create(g1),
        EntityWrite::PutDevice(device("h1")),
        EntityWrite::Create(Entity::new(gateway("g2"))),
    ];
    store.write_entities(&network("n1"), writes).await.unwrap();
}

fn network(id: &str) -> NetworkId {
    NetworkId::parse(id).unwrap()
}

fn gateway(id: &str) -> EntityId {
    EntityId::gateway(&gateway_id(id))
}

fn gateway_id(id: &str) -> GatewayId {
    GatewayId::parse(id).unwrap()
}

fn device(hardware_id: &str) -> Device {
    Device { hardware_id: HardwareId::parse(hardware_id).unwrap(), key: DeviceKey::Echo }
}

fn new_device_of(id: &str, hardware_id: Option<&str>) -> EntityWrite {
    let physical_id = Some(hardware_id.map(str::to_owned));
    EntityWrite::Update(EntityUpdate { physical_id, ..EntityUpdate::of(gateway(id)) })
}

async fn write(store: &Store, write: EntityWrite) -> Result<(), StoreError> {
    store.write_entities(&network("n1"), vec![write]).await
}
