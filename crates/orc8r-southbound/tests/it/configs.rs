//! The `configs` stream, `GetMconfig`, and metrics.

use magma_rpc::{Code, Status};
use orc8r_metrics::Sample;
use orc8r_metrics::tsdb::{ReadLimits, Scope, Selector};
use orc8r_model::{EntityId, EntityUpdate, GatewayId, NetworkId};
use orc8r_store::EntityWrite;
use serde_json::{Value, json};
use wire_orc8r::orc8r::configurator::southbound_configurator_client::SouthboundConfiguratorClient;
use wire_orc8r::orc8r::metrics_controller_client::MetricsControllerClient;
use wire_orc8r::orc8r::streamer_client::StreamerClient;
use wire_orc8r::orc8r::{DataUpdateBatch, GatewayConfigsDigest, MetricsContainer, StreamRequest, Void};
use wire_orc8r::prometheus::{Gauge, Metric, MetricFamily};

use crate::world::{Door, START, World};

async fn batches(door: &Door, stream_name: &str) -> Result<Vec<DataUpdateBatch>, Status> {
    let request =
        StreamRequest { gateway_id: "hw2".into(), stream_name: stream_name.into(), extra_args: None };
    let mut stream = StreamerClient::new(door.clone()).get_updates(request).await?.into_inner();
    let mut batches = Vec::new();
    while let Some(batch) = stream.message().await? {
        batches.push(batch);
    }
    Ok(batches)
}

async fn poll(door: &Door) -> Vec<u8> {
    let batches = batches(door, "configs").await.unwrap();
    let [DataUpdateBatch { updates, resync: true }] = &batches[..] else { panic!("one batch, then the end") };
    let [update] = &updates[..] else { panic!("one update") };
    assert_eq!(update.key, "gw1", "the caller's own, whatever gatewayId says");
    update.value.clone()
}

async fn update(world: &World, change: impl FnOnce(&mut EntityUpdate)) {
    let mut update = EntityUpdate::of(EntityId::gateway(&GatewayId::parse("gw1").unwrap()));
    change(&mut update);
    let network = NetworkId::parse("n1").unwrap();
    world.store.write_entities(&network, vec![EntityWrite::Update(update)]).await.unwrap();
}

#[tokio::test]
async fn the_configuration_is_the_same_to_the_byte_until_its_content_changes() {
    let world = World::new().await;
    let gateway = world.gateway("hw1").await;
    let first = poll(&gateway).await;
    let document: Value = serde_json::from_slice(&first).unwrap();
    assert_eq!(document["metadata"]["created_at"], START);
    assert_eq!(document["configsByKey"]["magmad"]["checkinInterval"], 60);
    world.pass(60);
    assert_eq!(poll(&gateway).await, first, "nothing has changed");
    update(&world, |update| update.description = Some("for people".into())).await;
    assert_eq!(poll(&gateway).await, first, "what is not in the document does not change it");
    update(&world, |update| {
        update.config = Some(Some(json!({
            "autoupgrade_enabled": false, "autoupgrade_poll_interval": 300,
            "checkin_interval": 15, "checkin_timeout": 10,
        })));
    })
    .await;
    let document: Value = serde_json::from_slice(&poll(&gateway).await).unwrap();
    assert_eq!(document["configsByKey"]["magmad"]["checkinInterval"], 15);
    assert_eq!(document["metadata"]["created_at"], START + 60);
}

/// The digest of the answer, and how many batches came, when the request has this digest.
async fn poll_with(door: &Door, digest: &str) -> (String, usize) {
    let known = GatewayConfigsDigest { md5_hex_digest: digest.to_owned() };
    let extra_args = Some(prost_types::Any::from_msg(&known).unwrap());
    let request = StreamRequest { stream_name: "configs".into(), extra_args, ..StreamRequest::default() };
    let answer = StreamerClient::new(door.clone()).get_updates(request).await.unwrap();
    let told = answer.metadata().get("magma-configs-digest").unwrap().to_str().unwrap().to_owned();
    let mut stream = answer.into_inner();
    let mut batches = 0;
    while let Some(batch) = stream.message().await.unwrap() {
        assert_eq!(batch.updates.len(), 1);
        batches += 1;
    }
    (told, batches)
}

#[tokio::test]
async fn who_repeats_the_digest_gets_nothing_until_the_content_changes() {
    let world = World::new().await;
    let gateway = world.gateway("hw1").await;
    let (digest, batches) = poll_with(&gateway, "").await;
    assert_eq!((digest.len(), batches), (64, 1), "the Python agent: its stored document has no digest");
    let md5 = "9e107d9d372bb6826bd81d3542a419d6";
    assert_eq!(poll_with(&gateway, md5).await.1, 1, "the Go agent: an MD5 of its own");
    assert_eq!(poll_with(&gateway, &digest[..63]).await.1, 1);
    for _ in 0..3 {
        assert_eq!(poll_with(&gateway, &digest).await, (digest.clone(), 0), "ours");
    }
    assert!(
        !String::from_utf8(poll(&gateway).await).unwrap().contains(&digest),
        "no existing agent can learn it"
    );
    update(&world, |update| {
        update.config = Some(Some(json!({
            "autoupgrade_enabled": false, "autoupgrade_poll_interval": 300,
            "checkin_interval": 15, "checkin_timeout": 10,
        })));
    })
    .await;
    let (changed, batches) = poll_with(&gateway, &digest).await;
    assert_eq!(batches, 1);
    assert_ne!(changed, digest);
    assert_eq!(poll_with(&gateway, &changed).await.1, 0);
}

#[tokio::test]
async fn an_unknown_stream_is_unavailable() {
    let world = World::new().await;
    let gateway = world.gateway("hw1").await;
    for name in ["subscribers", "", "Configs"] {
        let status = batches(&gateway, name).await.unwrap_err();
        assert_eq!(status.code(), Code::Unavailable);
        assert_eq!(status.message(), format!("stream {name} does not exist"));
    }
}

#[tokio::test]
async fn get_mconfig_gives_the_entries_as_bytes_values() {
    let world = World::new().await;
    let gateway = world.gateway("hw1").await;
    let configs = SouthboundConfiguratorClient::new(gateway).get_mconfig(Void {}).await.unwrap().into_inner();
    assert_eq!(configs.metadata.unwrap().created_at, START);
    let magmad = &configs.configs_by_key["magmad"];
    assert_eq!(magmad.type_url, "type.googleapis.com/google.protobuf.BytesValue");
    let json: Vec<u8> = prost::Message::decode(&magmad.value[..]).unwrap();
    let json: Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json["@type"], "type.googleapis.com/magma.mconfig.MagmaD");
}

#[tokio::test]
async fn metrics_are_kept_under_the_callers_own_name() {
    let world = World::new().await;
    let gateway = world.gateway("hw1").await;
    let metric = Metric { gauge: Some(Gauge { value: Some(7.0) }), ..Default::default() };
    let family = MetricFamily { name: Some("load".into()), metric: vec![metric], ..Default::default() };
    let container = MetricsContainer { gateway_id: "hw2".into(), family: vec![family] };
    MetricsControllerClient::new(gateway).collect(container).await.unwrap();
    let select = |network| {
        let times = (0, i64::MAX);
        world.metrics.select(&Selector::default(), &Scope::network(network), times, ReadLimits::default())
    };
    let found = select("n1").unwrap();
    let [series] = &found[..] else { panic!("one series, not {found:?}") };
    assert_eq!(series.labels.to_string(), "load{gatewayID=\"gw1\",networkID=\"n1\"}");
    let sample = Sample { value: 7.0, time_ms: START as i64 * 1000 };
    assert_eq!(series.read(0, i64::MAX), [sample]);
    assert_eq!(select("n2").unwrap().len(), 0);
}
