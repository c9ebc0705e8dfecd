//! Streams of a whole network that are pushed to who asked for it, and to nobody else.

use std::time::Duration;

use magma_rpc::{Code, Request, Status, Streaming};
use orc8r_model::{Entity, EntityId, EntityUpdate, NetworkId, NetworkUpdate};
use orc8r_store::EntityWrite;
use serde_json::{Value, json};
use tokio::time::timeout;
use wire_orc8r::orc8r::streamer_client::StreamerClient;
use wire_orc8r::orc8r::{DataUpdateBatch, StreamRequest};

use crate::world::{Door, World, echo};

/// Generous, for a slow machine.
const LIMIT: Duration = Duration::from_secs(60);

struct Stream {
    batches: Streaming<DataUpdateBatch>,
    is_pushed: bool,
}

impl Stream {
    async fn open(door: &Door, name: &str, asks: bool) -> Self {
        let mut request =
            Request::new(StreamRequest { stream_name: name.into(), ..StreamRequest::default() });
        if asks {
            request.metadata_mut().insert("magma-configs-push", "1".parse().unwrap());
        }
        let answer = StreamerClient::new(door.clone()).get_updates(request).await.unwrap();
        let is_pushed = answer.metadata().get("magma-configs-push").is_some();
        Self { batches: answer.into_inner(), is_pushed }
    }

    /// One that is pushed to, after its first content.
    async fn pushed(door: &Door, name: &str, first: &[&str]) -> Self {
        let mut stream = Self::open(door, name, true).await;
        assert!(stream.is_pushed, "{name}");
        assert_eq!(stream.keys().await, first, "{name}");
        stream
    }

    async fn next(&mut self) -> Result<Option<DataUpdateBatch>, Status> {
        timeout(LIMIT, self.batches.message()).await.expect("something comes, or the end")
    }

    /// The keys of the next content.
    async fn keys(&mut self) -> Vec<String> {
        let batch = self.next().await.unwrap().unwrap();
        assert!(batch.resync, "a full snapshot");
        batch.updates.into_iter().map(|update| update.key).collect()
    }
}

fn network(id: &str) -> NetworkId {
    NetworkId::parse(id).unwrap()
}

async fn add(world: &World, in_network: &str, entity_type: &str, key: &str, config: Value) {
    let entity = Entity { config: Some(config), ..Entity::new(EntityId::new(entity_type, key)) };
    world.store.write_entities(&network(in_network), vec![EntityWrite::Create(entity)]).await.unwrap();
}

async fn add_rule(world: &World, in_network: &str, key: &str) {
    add(world, in_network, "policy", key, json!({"id": key, "priority": 1, "flow_list": []})).await;
}

#[tokio::test]
async fn a_change_reaches_every_gateway_of_the_network_that_asked_and_no_other() {
    let world = World::new().await;
    let mut streams = Vec::new();
    for number in 3..13 {
        let (id, hardware_id) = (format!("gw{number}"), format!("hw{number}"));
        world.add_gateway("n1", &id, Some(echo(&hardware_id))).await;
        streams.push(Stream::pushed(&world.gateway(&hardware_id).await, "policydb", &[]).await);
    }
    let elsewhere = world.gateway("hw2").await;
    let mut other = Stream::pushed(&elsewhere, "policydb", &[]).await;
    let mut groups = Stream::pushed(&world.gateway("hw1").await, "rating_groups", &[]).await;
    add_rule(&world, "n1", "r1").await;
    for stream in &mut streams {
        assert_eq!(stream.keys().await, ["r1"]);
    }
    // What is not shown is no news, nor what shows the same as before.
    add(&world, "n1", "rating_group", "7", json!({"id": 7, "limit_type": "FINITE"})).await;
    assert_eq!(groups.keys().await, ["7"]);
    let described = EntityUpdate {
        description: Some("for people".into()),
        ..EntityUpdate::of(EntityId::new("policy", "r1"))
    };
    world.store.write_entities(&network("n1"), vec![EntityWrite::Update(described)]).await.unwrap();
    let sync = NetworkUpdate::config("state_config", Some(json!({"sync_interval": 77})));
    world.store.update_network(&network("n1"), sync).await.unwrap();
    add_rule(&world, "n1", "r2").await;
    for stream in &mut streams {
        assert_eq!(stream.keys().await, ["r1", "r2"], "and nothing before");
    }
    add_rule(&world, "n2", "elsewhere").await;
    assert_eq!(other.keys().await, ["elsewhere"], "and nothing before");
}

#[tokio::test]
async fn who_does_not_ask_gets_the_end_and_subscribers_are_not_pushed() {
    let world = World::new().await;
    let gateway = world.gateway("hw1").await;
    for (name, asks) in [("policydb", false), ("base_names", false), ("subscriberdb", true)] {
        let mut stream = Stream::open(&gateway, name, asks).await;
        assert!(!stream.is_pushed, "{name}");
        assert_eq!(stream.keys().await.len(), 0, "{name}");
        assert_eq!(stream.next().await.unwrap(), None, "{name}");
    }
}

#[tokio::test]
async fn a_stream_ends_with_a_newer_one_with_the_right_to_it_and_with_the_program() {
    let world = World::new().await;
    let (gateway, other) = (world.gateway("hw1").await, world.gateway("hw2").await);
    let mut first = Stream::pushed(&gateway, "policydb", &[]).await;
    // Each name is a stream of its own.
    let mut names = Stream::pushed(&gateway, "base_names", &[]).await;
    let mut second = Stream::pushed(&gateway, "policydb", &[]).await;
    assert_eq!(first.next().await.unwrap(), None);
    let mut kept = Stream::pushed(&other, "policydb", &[]).await;
    for (serial, info) in world.store.certificates().await.unwrap() {
        if format!("{:?}", info.identity).contains("hw1") {
            world.store.revoke_certificate(&serial).await.unwrap();
        }
    }
    for stream in [&mut names, &mut second] {
        assert_eq!(stream.next().await.unwrap_err().code(), Code::PermissionDenied);
    }
    world.southbound.pushes().shut_down();
    assert_eq!(kept.next().await.unwrap(), None);
    assert!(!Stream::open(&other, "policydb", true).await.is_pushed, "it finds another Orchestrator");
}
