//! Configurations that are pushed to who asked for it, and to nobody else.

use std::time::Duration;

use magma_rpc::{Code, Request, Status, Streaming};
use orc8r_model::{EntityId, EntityUpdate, GatewayId, NetworkId, NetworkUpdate};
use orc8r_store::EntityWrite;
use serde_json::{Value, json};
use tokio::time::timeout;
use wire_orc8r::orc8r::streamer_client::StreamerClient;
use wire_orc8r::orc8r::{DataUpdateBatch, GatewayConfigsDigest, StreamRequest};

use crate::world::{Door, World, echo};

/// Generous, for a slow machine.
const LIMIT: Duration = Duration::from_secs(60);

struct Stream {
    batches: Streaming<DataUpdateBatch>,
    digest: String,
    is_pushed: bool,
}

impl Stream {
    async fn open(door: &Door, digest: &str, push: Option<&'static str>) -> Self {
        let known = GatewayConfigsDigest { md5_hex_digest: digest.to_owned() };
        let extra_args = Some(prost_types::Any::from_msg(&known).unwrap());
        let mut request =
            Request::new(StreamRequest { stream_name: "configs".into(), extra_args, ..Default::default() });
        if let Some(value) = push {
            request.metadata_mut().insert("magma-configs-push", value.parse().unwrap());
        }
        let answer = StreamerClient::new(door.clone()).get_updates(request).await.unwrap();
        let digest = answer.metadata().get("magma-configs-digest").unwrap().to_str().unwrap().to_owned();
        let is_pushed = answer.metadata().get("magma-configs-push").is_some();
        Self { batches: answer.into_inner(), digest, is_pushed }
    }

    async fn pushed(door: &Door) -> Self {
        let stream = Self::open(door, "", Some("1")).await;
        assert!(stream.is_pushed);
        stream
    }

    async fn next(&mut self) -> Result<Option<DataUpdateBatch>, Status> {
        timeout(LIMIT, self.batches.message()).await.expect("something comes, or the end")
    }

    /// The check-in interval of the next configuration.
    async fn interval(&mut self) -> Value {
        let batch = self.next().await.unwrap().unwrap();
        assert!(batch.resync, "a full snapshot");
        let [update] = &batch.updates[..] else { panic!("one update, not {batch:?}") };
        let document: Value = serde_json::from_slice(&update.value).unwrap();
        document["configsByKey"]["magmad"]["checkinInterval"].clone()
    }
}

async fn set_interval(world: &World, network: &str, gateway: &str, interval: u32) {
    let config = json!({
        "autoupgrade_enabled": false, "autoupgrade_poll_interval": 300,
        "checkin_interval": interval, "checkin_timeout": 10,
    });
    let id = EntityId::gateway(&GatewayId::parse(gateway).unwrap());
    let update = EntityUpdate { config: Some(Some(config)), ..EntityUpdate::of(id) };
    let network = NetworkId::parse(network).unwrap();
    world.store.write_entities(&network, vec![EntityWrite::Update(update)]).await.unwrap();
}

#[tokio::test]
async fn who_asks_for_it_is_told_each_change_and_who_does_not_gets_the_end() {
    let world = World::new().await;
    let gateway = world.gateway("hw1").await;
    let mut polling = Stream::open(&gateway, "", None).await;
    assert!(!polling.is_pushed);
    assert_eq!(polling.interval().await, 60);
    assert_eq!(polling.next().await.unwrap(), None, "existing agents expect the end");

    let mut stream = Stream::pushed(&gateway).await;
    assert_eq!(stream.interval().await, 60);
    for interval in [15, 20] {
        set_interval(&world, "n1", "gw1", interval).await;
        assert_eq!(stream.interval().await, interval);
    }
    // Neither what concerns others nor what is not in the document is news.
    set_interval(&world, "n2", "gw2", 33).await;
    let mut update = EntityUpdate::of(EntityId::gateway(&GatewayId::parse("gw1").unwrap()));
    update.description = Some("for people".into());
    world
        .store
        .write_entities(&NetworkId::parse("n1").unwrap(), vec![EntityWrite::Update(update)])
        .await
        .unwrap();
    set_interval(&world, "n1", "gw1", 25).await;
    assert_eq!(stream.interval().await, 25);
}

#[tokio::test]
async fn who_knows_the_present_one_is_told_the_next_one_only() {
    let world = World::new().await;
    let gateway = world.gateway("hw1").await;
    let digest = Stream::open(&gateway, "", None).await.digest;
    let mut stream = Stream::open(&gateway, &digest, Some("1")).await;
    assert!(stream.is_pushed);
    set_interval(&world, "n1", "gw1", 15).await;
    assert_eq!(stream.interval().await, 15);
}

#[tokio::test]
async fn a_change_of_the_network_reaches_all_its_gateways() {
    let world = World::new().await;
    let mut streams = Vec::new();
    for number in 3..23 {
        let (id, hardware_id) = (format!("gw{number}"), format!("hw{number}"));
        world.add_gateway("n1", &id, Some(echo(&hardware_id))).await;
        let mut stream = Stream::pushed(&world.gateway(&hardware_id).await).await;
        stream.interval().await;
        streams.push(stream);
    }
    let mut other = Stream::pushed(&world.gateway("hw2").await).await;
    other.interval().await;
    let sync = json!({"sync_interval": 77});
    let network = NetworkId::parse("n1").unwrap();
    world.store.update_network(&network, NetworkUpdate::config("state_config", Some(sync))).await.unwrap();
    for stream in &mut streams {
        assert_eq!(stream.interval().await, 60, "what changed is another entry");
    }
    set_interval(&world, "n2", "gw2", 15).await;
    assert_eq!(other.interval().await, 15, "and nothing before");
}

#[tokio::test]
async fn a_second_stream_of_a_gateway_replaces_the_first() {
    let world = World::new().await;
    let gateway = world.gateway("hw1").await;
    let mut first = Stream::pushed(&gateway).await;
    let mut second = Stream::pushed(&gateway).await;
    first.interval().await;
    assert_eq!(first.next().await.unwrap(), None);
    second.interval().await;
    set_interval(&world, "n1", "gw1", 15).await;
    assert_eq!(second.interval().await, 15);
}

#[tokio::test]
async fn a_stream_ends_with_the_right_to_it_and_with_the_program() {
    let world = World::new().await;
    let (revoked, kept) = (world.gateway("hw1").await, world.gateway("hw2").await);
    let (mut revoked, mut kept) = (Stream::pushed(&revoked).await, Stream::pushed(&kept).await);
    revoked.interval().await;
    kept.interval().await;
    for (serial, info) in world.store.certificates().await.unwrap() {
        if format!("{:?}", info.identity).contains("hw1") {
            world.store.revoke_certificate(&serial).await.unwrap();
        }
    }
    assert_eq!(revoked.next().await.unwrap_err().code(), Code::PermissionDenied);
    world.southbound.pushes().shut_down();
    assert_eq!(kept.next().await.unwrap(), None);
    let late = Stream::open(&world.gateway("hw2").await, "", Some("1")).await;
    assert!(!late.is_pushed, "it polls, until it finds another Orchestrator");
}
