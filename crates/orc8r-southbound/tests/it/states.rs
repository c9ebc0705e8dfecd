//! The state service: everything in the caller's own network.

use magma_rpc::Code;
use orc8r_model::{NetworkId, StateFilter};
use wire_orc8r::orc8r::state_service_client::StateServiceClient;
use wire_orc8r::orc8r::{
    DeleteStatesRequest, IdAndVersion, ReportStatesRequest, State, StateId, SyncStatesRequest,
};

use crate::world::{Door, START, World, echo};

fn state(state_type: &str, device_id: &str, value: &str, version: u64) -> State {
    State { r#type: state_type.into(), device_id: device_id.into(), value: value.into(), version }
}

fn id(state_type: &str, device_id: &str) -> StateId {
    StateId { r#type: state_type.into(), device_id: device_id.into() }
}

/// What was not reported, with the reasons.
async fn report(door: &Door, states: Vec<State>) -> Vec<(String, String)> {
    let request = ReportStatesRequest { states };
    let response = StateServiceClient::new(door.clone()).report_states(request).await.unwrap();
    let unreported = response.into_inner().unreported_states;
    unreported.into_iter().map(|state| (state.device_id, state.error)).collect()
}

async fn devices(world: &World, network: &str) -> Vec<String> {
    let network = NetworkId::parse(network).unwrap();
    let states = world.store.states(&network, StateFilter::default()).await.unwrap();
    states.into_iter().map(|state| state.id.device_id).collect()
}

#[tokio::test]
async fn a_check_in_is_kept_with_its_reporter_and_the_clouds_time() {
    let world = World::new().await;
    let gateway = world.gateway("hw1").await;
    assert_eq!(report(&gateway, vec![state("gw_state", "hw1", "{}", 0)]).await, []);
    assert_eq!(report(&gateway, vec![state("gw_state", "hw1", "{\"a\":1}", 0)]).await, []);
    let network = NetworkId::parse("n1").unwrap();
    let states = world.store.states(&network, StateFilter::of_type("gw_state")).await.unwrap();
    let [kept] = &states[..] else { panic!("one state, not {states:?}") };
    assert_eq!((kept.reporter.as_str(), kept.time_ms), ("hw1", START * 1000));
    assert_eq!(kept.value, b"{\"a\":1}");
    assert_eq!(devices(&world, "n2").await, [""; 0]);
}

#[tokio::test]
async fn an_empty_report_is_refused_and_bad_states_do_not_stop_good_ones() {
    let world = World::new().await;
    let gateway = world.gateway("hw1").await;
    let request = ReportStatesRequest { states: vec![] };
    let status = StateServiceClient::new(gateway.clone()).report_states(request).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    let long = "x".repeat(600);
    let unreported = report(
        &gateway,
        vec![
            state("gw_state", "hw2", "{}", 0),
            state("string_map", "", "{}", 0),
            state("string_map", &long, "{}", 0),
            state("directory_record", "IMSI001010000000001", "{}", 0),
        ],
    )
    .await;
    let refused: Vec<_> = unreported.iter().map(|(device, _)| device.as_str()).collect();
    assert_eq!(refused, ["hw2", "", &long]);
    assert_eq!(devices(&world, "n1").await, ["IMSI001010000000001"]);
}

#[tokio::test]
async fn sync_names_what_differs_with_the_version_here() {
    let world = World::new().await;
    let gateway = world.gateway("hw1").await;
    report(&gateway, vec![state("MME", "a", "1", 3), state("MME", "b", "1", 4)]).await;
    let version = |device: &str, version| IdAndVersion { id: Some(id("MME", device)), version };
    let request = SyncStatesRequest {
        states: vec![version("a", 3), version("b", 9), version("c", 1), version("d", 0)],
    };
    let response = StateServiceClient::new(gateway).sync_states(request).await.unwrap().into_inner();
    assert_eq!(response.unsynced_states, [version("b", 4), version("c", 0)]);
}

#[tokio::test]
async fn a_gateway_deletes_in_its_own_network_only() {
    let world = World::new().await;
    let (one, two) = (world.gateway("hw1").await, world.gateway("hw2").await);
    report(&one, vec![state("MME", "a", "1", 1)]).await;
    report(&two, vec![state("MME", "a", "1", 1)]).await;
    let delete =
        |network: &str| DeleteStatesRequest { network_id: network.into(), ids: vec![id("MME", "a")] };
    let status = StateServiceClient::new(one.clone()).delete_states(delete("n2")).await.unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
    assert_eq!(devices(&world, "n2").await, ["a"]);
    for network in ["", "n1"] {
        report(&one, vec![state("MME", "a", "1", 1)]).await;
        StateServiceClient::new(one.clone()).delete_states(delete(network)).await.unwrap();
        assert_eq!(devices(&world, "n1").await, [""; 0]);
        assert_eq!(devices(&world, "n2").await, ["a"]);
    }
}

#[tokio::test]
async fn a_gateway_deletes_its_own_status_and_no_other() {
    let world = World::new().await;
    world.add_gateway("n1", "gw3", Some(echo("hw3"))).await;
    let (one, three) = (world.gateway("hw1").await, world.gateway("hw3").await);
    report(&one, vec![state("gw_state", "hw1", "{}", 0), state("MME", "a", "1", 1)]).await;
    let delete = |door: &Door, ids: Vec<StateId>| {
        let mut client = StateServiceClient::new(door.clone());
        async move { client.delete_states(DeleteStatesRequest { network_id: String::new(), ids }).await }
    };
    let both = vec![id("MME", "a"), id("gw_state", "hw1")];
    let status = delete(&three, both.clone()).await.unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
    assert_eq!(devices(&world, "n1").await, ["a", "hw1"], "nothing of it was done");
    delete(&one, both).await.unwrap();
    assert_eq!(devices(&world, "n1").await, [""; 0]);
}
