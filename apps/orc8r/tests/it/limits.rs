//! Size, and many services on one connection.

use magma_rpc::{Code, failure_of};
use wire_orc8r::orc8r::metrics_controller_client::MetricsControllerClient;
use wire_orc8r::orc8r::state_service_client::StateServiceClient;
use wire_orc8r::orc8r::streamer_client::StreamerClient;
use wire_orc8r::orc8r::{MetricsContainer, ReportStatesRequest, State, StreamRequest};

use crate::bootstrap::{bootstrap, poll};
use crate::edge::{DOMAIN, Door, Edge, echo_device};

const MEGABYTE: usize = 1 << 20;

fn report(bytes: usize) -> ReportStatesRequest {
    let state = State {
        r#type: "string_map".into(),
        device_id: "d".into(),
        value: vec![b'x'; bytes],
        ..Default::default()
    };
    ReportStatesRequest { states: vec![state] }
}

#[tokio::test]
async fn a_message_of_60_mb_is_refused_and_the_server_goes_on() {
    let edge = Edge::start().await;
    edge.make_gateways(&[("gw1", echo_device("hw1"))]).await;
    let gateway = bootstrap(&edge, "hw1").await;
    let channel = edge.channel(Door::Gateways, Some(&gateway), "state");
    let mut state = StateServiceClient::new(channel);
    let status = state.report_states(report(60 * MEGABYTE)).await.unwrap_err();
    assert_eq!(status.code(), Code::OutOfRange, "{status:?}");
    assert!(failure_of(&status).is_none(), "an answer, not a broken connection: {status:?}");
    assert!(status.message().contains("message length"), "{}", status.message());
    state.report_states(report(100)).await.unwrap();
    assert_eq!(poll(&edge, &gateway).await.unwrap(), "gw1");
    edge.running.shutdown().await;
}

#[tokio::test]
async fn a_message_of_40_mb_is_taken() {
    let edge = Edge::start().await;
    edge.make_gateways(&[("gw1", echo_device("hw1"))]).await;
    let gateway = bootstrap(&edge, "hw1").await;
    let channel = edge.channel(Door::Gateways, Some(&gateway), "state");
    StateServiceClient::new(channel).report_states(report(40 * MEGABYTE)).await.unwrap();
    edge.running.shutdown().await;
}

#[tokio::test]
async fn one_connection_carries_all_services_whatever_their_authority() {
    let edge = Edge::start().await;
    edge.make_gateways(&[("gw1", echo_device("hw1"))]).await;
    let gateway = bootstrap(&edge, "hw1").await;
    let connection = edge.connection(Door::Gateways, Some(&gateway));
    for authority in ["state", "streamer", "metricsd", "n7_n40_proxy", "nonsense"] {
        let channel = connection.channel(&format!("{authority}-controller.{DOMAIN}"));
        StateServiceClient::new(channel.clone()).report_states(report(1)).await.unwrap();
        let request = StreamRequest { stream_name: "configs".into(), ..Default::default() };
        StreamerClient::new(channel.clone()).get_updates(request).await.unwrap();
        MetricsControllerClient::new(channel).collect(MetricsContainer::default()).await.unwrap();
    }
    edge.running.shutdown().await;
}
