//! What a gateway's configuration and a list of gateways cost, by the number of gateways in the network.
//!
//! `cargo run --release -p orc8r-rest --example network_size [SUBSCRIBERS]`: an LTE network with so many subscribers
//! (100,000 when nothing is said), all of them on one APN that every gateway has a resource of; 2 eNodeBs a gateway, all
//! gateways in one tier and one pool. The database is the tests' own: SQLite in memory, or PostgreSQL with
//! `ORC8R_TEST_DATABASE=postgres`.

use orc8r_mconfig::MconfigBuilder;
use orc8r_model::{
    Device, DeviceKey, EdgeChange, Entity, EntityId, EntityUpdate, GatewayId, HardwareId, Network, NetworkId,
    network_config, network_type,
};
use orc8r_store::{EntityWrite, Store};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::error::Error;
use std::io::Write as _;
use std::time::{Duration, Instant};

#[path = "../tests/it/cloud.rs"]
#[allow(dead_code, missing_docs, clippy::unwrap_used, clippy::panic, reason = "it is written for the tests")]
mod cloud;

type Failure = Box<dyn Error>;

const SUBSCRIBERS: usize = 100_000;
const GATEWAYS: [usize; 3] = [10, 100, 1000];
const ROUNDS: usize = 200;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Failure> {
    let subscribers = std::env::args().nth(1).map_or(Ok(SUBSCRIBERS), |text| text.parse())?;
    let cloud = cloud::Cloud::empty().await;
    let store = cloud.store.clone();
    let network = NetworkId::parse("bench")?;
    make_network(&store, &network, subscribers).await?;
    let mut out = std::io::stdout();
    writeln!(out, "{subscribers} subscribers; medians of {ROUNDS} rounds, lists of 5, in ms")?;
    writeln!(out, "gateways   stamp    read   build  GET one  GET all")?;
    let mut made = 0;
    for gateways in GATEWAYS {
        add_gateways(&store, &network, made..gateways).await?;
        made = gateways;
        let [stamp, read, build, one, all] =
            measure(&cloud, &network, gateways).await?.map(|time| time.as_secs_f64() * 1e3);
        writeln!(out, "{gateways:8}  {stamp:6.3}  {read:6.3}  {build:6.3}  {one:7.3}  {all:7.1}")?;
    }
    store.close().await;
    Ok(())
}

async fn measure(
    cloud: &cloud::Cloud,
    network: &NetworkId,
    gateways: usize,
) -> Result<[Duration; 5], Failure> {
    let store = &cloud.store;
    let builder = MconfigBuilder::new();
    let (mut stamps, mut reads, mut builds) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let place = round * 7 % gateways;
        let began = Instant::now();
        store.gateway_stamp(&format!("hw{place}")).await?;
        stamps.push(began.elapsed());
        let began = Instant::now();
        let around = store.neighbourhood(network, &GatewayId::parse(format!("gw{place}"))?).await?;
        reads.push(began.elapsed());
        let began = Instant::now();
        let built = builder.build(&around);
        builds.push(began.elapsed());
        if !built.problems.is_empty() || built.configs.len() < 10 {
            return Err(format!("not a whole configuration: {:?}", built.problems).into());
        }
    }
    let (mut ones, mut alls) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        ones.push(get(cloud, "/lte/bench/gateways/gw3", 1).await?);
        alls.push(get(cloud, "/lte/bench/gateways", gateways).await?);
    }
    Ok([stamps, reads, builds, ones, alls].map(median))
}

async fn get(cloud: &cloud::Cloud, path: &str, gateways: usize) -> Result<Duration, Failure> {
    let began = Instant::now();
    let answer = cloud.get(path).await;
    let took = began.elapsed();
    let answer: Value = serde_json::from_str(&answer.text)?;
    let found = if answer["id"].is_string() { 1 } else { answer.as_object().map_or(0, |all| all.len()) };
    if found == gateways { Ok(took) } else { Err(format!("{path}: {found} gateways").into()) }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

async fn make_network(store: &Store, network: &NetworkId, subscribers: usize) -> Result<(), Failure> {
    let cellular = json!({
        "ran": {"bandwidth_mhz": 20, "fdd_config": {"earfcndl": 1, "earfcnul": 18001}},
        "epc": {"mcc": "001", "mnc": "01", "tac": 1, "lte_auth_op": "EREREREREREREREREREREQ==",
                "lte_auth_amf": "gAA=", "hss_relay_enabled": false, "gx_gy_relay_enabled": false},
    });
    let configs = [(network_config::CELLULAR.to_owned(), cellular)].into();
    let network_type = network_type::LTE.to_owned();
    store.create_network(Network { network_type, configs, ..Network::new(network.clone()) }).await?;
    let pool = json!({"mme_group_id": 1});
    let first = vec![
        EntityWrite::Create(Entity::new(EntityId::tier("tier1"))),
        EntityWrite::Create(Entity::new(EntityId::new("apn", "internet"))),
        EntityWrite::Create(Entity { config: Some(pool), ..Entity::new(pool_id()) }),
    ];
    store.write_entities(network, first).await?;
    let apn = BTreeSet::from([EntityId::new("apn", "internet")]);
    for chunk in (0..subscribers).collect::<Vec<_>>().chunks(5000) {
        let subscriber = |number: &usize| {
            let id = EntityId::new("subscriber", format!("IMSI{number:015}"));
            let config = Some(json!({"lte": {"state": "ACTIVE"}}));
            EntityWrite::Create(Entity { config, children: apn.clone(), ..Entity::new(id) })
        };
        store.write_entities(network, chunk.iter().map(subscriber).collect()).await?;
    }
    Ok(())
}

fn pool_id() -> EntityId {
    EntityId::new("cellular_gateway_pool", "pool1")
}

async fn add_gateways(
    store: &Store,
    network: &NetworkId,
    numbers: std::ops::Range<usize>,
) -> Result<(), Failure> {
    for number in numbers {
        store.write_entities(network, gateway(number)?).await?;
    }
    Ok(())
}

fn gateway(number: usize) -> Result<Vec<EntityWrite>, Failure> {
    let key = format!("gw{number}");
    let hardware_id = HardwareId::parse(format!("hw{number}"))?;
    let side = EntityId::new("cellular_gateway", key.as_str());
    let resource = EntityId::new("apn_resource", format!("resource{number}"));
    let serials = [format!("enb{number}a"), format!("enb{number}b")];
    let enodebs = serials.map(|serial| EntityId::new("cellular_enodeb", serial));
    let managed = json!({"transmit_enabled": true, "cell_id": 1, "device_class": "FreedomFi One"});
    let enodeb = json!({"config_type": "MANAGED", "managed_config": managed});
    let create = |id: &EntityId, config: Value| Entity { config: Some(config), ..Entity::new(id.clone()) };
    let mut writes: Vec<EntityWrite> =
        enodebs.iter().map(|id| EntityWrite::Create(create(id, enodeb.clone()))).collect();
    let magmad = json!({"autoupgrade_enabled": false, "autoupgrade_poll_interval": 300, "checkin_interval": 60,
                        "checkin_timeout": 10});
    let cellular = json!({
        "ran": {"pci": 260, "transmit_enabled": true},
        "epc": {"nat_enabled": true, "ip_block": "192.168.128.0/24"},
        "pooling": [{"gateway_pool_id": "pool1", "mme_code": 1, "mme_relative_capacity": 10}],
    });
    let config = json!({"id": format!("resource{number}"), "apn_name": "internet", "vlan_id": 4});
    writes.extend([
        EntityWrite::Create(Entity {
            physical_id: Some(hardware_id.to_string()),
            parents: BTreeSet::from([EntityId::tier("tier1")]),
            ..create(&EntityId::gateway(&GatewayId::parse(key.as_str())?), magmad)
        }),
        EntityWrite::PutDevice(Device { hardware_id, key: DeviceKey::Echo }),
        EntityWrite::Create(Entity {
            children: BTreeSet::from([EntityId::new("apn", "internet")]),
            ..create(&resource, config)
        }),
        EntityWrite::Create(Entity {
            parents: BTreeSet::from([EntityId::new("magmad_gateway", key)]),
            children: enodebs.into_iter().chain([resource]).collect(),
            ..create(&side, cellular)
        }),
        EntityWrite::Update(EntityUpdate { children: EdgeChange::add(side), ..EntityUpdate::of(pool_id()) }),
    ]);
    Ok(writes)
}
