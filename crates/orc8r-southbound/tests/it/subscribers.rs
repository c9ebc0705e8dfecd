//! The streams of a whole network, subscribers' sync and policy assignment, through the gate.

use std::collections::BTreeSet;

use magma_rpc::Code;
use orc8r_model::{Entity, EntityId, NetworkId};
use orc8r_store::EntityWrite;
use prost::Message;
use serde_json::{Value, json};
use wire_lte::lte::policy_assignment_controller_client::PolicyAssignmentControllerClient;
use wire_lte::lte::subscriber_db_cloud_client::SubscriberDbCloudClient;
use wire_lte::lte::{
    DisableStaticRuleRequest, EnableStaticRuleRequest, ListSubscribersRequest, PolicyRule, SubscriberData,
    SubscriberPolicySet,
};
use wire_orc8r::orc8r::streamer_client::StreamerClient;
use wire_orc8r::orc8r::{DataUpdate, StreamRequest};

use crate::world::{Door, World};

fn create(entity_type: &str, key: &str, config: Value, children: &[(&str, &str)]) -> EntityWrite {
    let children: BTreeSet<_> = children.iter().map(|(kind, key)| EntityId::new(*kind, *key)).collect();
    EntityWrite::Create(Entity {
        config: Some(config),
        children,
        ..Entity::new(EntityId::new(entity_type, key))
    })
}

async fn write(world: &World, writes: Vec<EntityWrite>) {
    world.store.write_entities(&NetworkId::parse("n1").unwrap(), writes).await.unwrap();
}

async fn stream(door: &Door, name: &str) -> Vec<DataUpdate> {
    let request = StreamRequest { stream_name: name.into(), ..StreamRequest::default() };
    let mut stream = StreamerClient::new(door.clone()).get_updates(request).await.unwrap().into_inner();
    let first = stream.message().await.unwrap().expect("a batch");
    assert!(first.resync, "{name}: it replaces everything");
    assert_eq!(stream.message().await.unwrap(), None, "{name}: then the end");
    first.updates
}

async fn with_policies() -> World {
    let world = World::new().await;
    let lte = json!({"lte": {"state": "ACTIVE", "auth_key": "AQI="}});
    let writes = vec![
        create("policy_qos_profile", "q", json!({"class_id": 5}), &[]),
        create("policy", "p", json!({"priority": 1}), &[("policy_qos_profile", "q")]),
        create("base_name", "b", json!({}), &[("policy", "p")]),
        create("rating_group", "7", json!({"limit_type": "FINITE"}), &[]),
        create("apn", "a", json!({}), &[]),
        create("apn_policy_profile", "IMSI001010000000001___a", json!({}), &[("apn", "a"), ("policy", "p")]),
        create(
            "subscriber",
            "IMSI001010000000001",
            lte,
            &[("apn", "a"), ("apn_policy_profile", "IMSI001010000000001___a")],
        ),
    ];
    write(&world, writes).await;
    world
}

#[tokio::test]
async fn each_stream_shows_the_callers_network_and_follows_it() {
    let world = with_policies().await;
    let (gateway, other) = (world.gateway("hw1").await, world.gateway("hw2").await);
    let keys = |updates: &[DataUpdate]| updates.iter().map(|update| update.key.clone()).collect::<Vec<_>>();
    let rows: [(&str, &[&str]); 6] = [
        ("policydb", &["p"]),
        ("base_names", &["b"]),
        ("rating_groups", &["7"]),
        ("apn_rule_mappings", &["IMSI001010000000001"]),
        ("network_wide_rules", &[]),
        ("subscriberdb", &["IMSI001010000000001"]),
    ];
    for (name, expect) in rows {
        assert_eq!(keys(&stream(&gateway, name).await), expect, "{name}");
        assert_eq!(keys(&stream(&other, name).await), [""; 0], "{name} of another network");
    }
    let rule = PolicyRule::decode(&stream(&gateway, "policydb").await[0].value[..]).unwrap();
    assert_eq!(rule.qos.unwrap().qci, 5);
    let data = SubscriberData::decode(&stream(&gateway, "subscriberdb").await[0].value[..]).unwrap();
    assert_eq!(data.lte.unwrap().auth_key, [1, 2], "open, for a gateway");

    write(&world, vec![EntityWrite::Delete(EntityId::new("policy_qos_profile", "q"))]).await;
    let rule = PolicyRule::decode(&stream(&gateway, "policydb").await[0].value[..]).unwrap();
    assert_eq!(rule.qos, None, "what was kept is built anew");
    write(&world, vec![EntityWrite::Delete(EntityId::new("policy", "p"))]).await;
    assert_eq!(keys(&stream(&gateway, "policydb").await), [""; 0]);
}

#[tokio::test]
async fn policies_are_given_and_taken_in_the_callers_network_only() {
    let world = with_policies().await;
    let gateway = world.gateway("hw1").await;
    let rules = async || {
        let updates = stream(&gateway, "apn_rule_mappings").await;
        let set = SubscriberPolicySet::decode(&updates[0].value[..]).unwrap();
        assert_eq!(set.rules_per_apn[0].assigned_policies, ["p"], "that of the APN stays");
        (set.global_policies, set.global_base_names)
    };
    let enable = |imsi: &str, rule: &str| EnableStaticRuleRequest {
        imsi: imsi.into(),
        rule_ids: vec![rule.into()],
        base_names: vec!["b".into()],
    };
    let mut controller = PolicyAssignmentControllerClient::new(gateway.clone());
    controller.enable_static_rules(enable("IMSI001010000000001", "p")).await.unwrap();
    assert_eq!(rules().await, (vec!["p".to_owned()], vec!["b".to_owned()]));
    for (imsi, rule, code) in
        [("IMSI001010000000009", "p", Code::NotFound), ("001010000000001", "missing", Code::InvalidArgument)]
    {
        let status = controller.enable_static_rules(enable(imsi, rule)).await.unwrap_err();
        assert_eq!(status.code(), code, "{imsi} {rule}: {}", status.message());
    }
    let mut other = PolicyAssignmentControllerClient::new(world.gateway("hw2").await);
    let status = other.enable_static_rules(enable("IMSI001010000000001", "p")).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
    let disable = DisableStaticRuleRequest {
        imsi: "001010000000001".into(),
        rule_ids: vec!["p".into()],
        base_names: vec![],
    };
    controller.disable_static_rules(disable).await.unwrap();
    assert_eq!(rules().await, (vec![], vec!["b".to_owned()]));
}

#[tokio::test]
async fn subscribers_are_for_gateways_of_their_network() {
    let world = with_policies().await;
    let list = async |door: Door| {
        let request = ListSubscribersRequest::default();
        SubscriberDbCloudClient::new(door)
            .list_subscribers(request)
            .await
            .map(|page| page.into_inner().subscribers)
    };
    assert_eq!(list(world.gateway("hw1").await).await.unwrap().len(), 1);
    assert_eq!(list(world.gateway("hw2").await).await.unwrap().len(), 0);
    let operator = world.add_operator("ann", Default::default()).await;
    assert_eq!(list(operator).await.unwrap_err().code(), Code::PermissionDenied);
    assert_eq!(list(world.open()).await.unwrap_err().code(), Code::Unauthenticated);
}
