//! The health of federation gateways: who is told to be active.

use std::collections::BTreeMap;

use magma_rpc::{Code, Status};
use orc8r_model::{NetworkId, NetworkUpdate};
use wire_feg::feg::health_client::HealthClient;
use wire_feg::feg::health_response::RequestedAction;
use wire_feg::feg::health_status::HealthState;
use wire_feg::feg::{HealthRequest, HealthStats, HealthStatus, ServiceHealthStats, SystemHealthStats};

use crate::world::{Door, START, World, echo};

/// Network `n1` is a federation network with the gateways `gw1` and `gw3`; `n2` is none.
async fn world() -> World {
    let world = World::new().await;
    world.add_gateway("n1", "gw3", Some(echo("hw3"))).await;
    let update = NetworkUpdate { network_type: Some("feg".into()), ..NetworkUpdate::default() };
    world.store.update_network(&NetworkId::parse("n1").unwrap(), update).await.unwrap();
    world
}

fn stats(health: HealthState) -> HealthStats {
    let service = ServiceHealthStats {
        service_state: 0,
        service_health_status: Some(HealthStatus { health: health.into(), health_message: "m".into() }),
    };
    HealthStats {
        system_status: Some(SystemHealthStats { cpu_util_pct: 0.1, ..SystemHealthStats::default() }),
        service_status: ["SWX_PROXY", "SESSION_PROXY"].map(|name| (name.to_owned(), service.clone())).into(),
        ..HealthStats::default()
    }
}

async fn report(door: &Door, stats: Option<HealthStats>) -> Result<RequestedAction, Status> {
    let request = HealthRequest { health_stats: stats };
    let response = HealthClient::new(door.clone()).update_health(request).await?.into_inner();
    assert!(response.time >= START * 1000);
    Ok(response.action())
}

#[tokio::test]
async fn the_active_gateway_is_told_so_each_time_and_so_is_the_one_that_stands_by() {
    let world = world().await;
    let (one, two) = (world.gateway("hw1").await, world.gateway("hw3").await);
    let (well, ill) = (HealthState::Healthy, HealthState::Unhealthy);
    let (up, down) = (RequestedAction::SystemUp, RequestedAction::SystemDown);
    for (name, door, health, expected) in [
        ("the first", &one, well, up),
        ("the second stands by", &two, well, down),
        ("the first again", &one, well, up),
        ("the first is ill", &one, ill, down),
        ("the second takes over", &two, well, up),
        ("the first is well again", &one, well, down),
        ("the second is ill", &two, ill, down),
        ("the first takes over", &one, well, up),
        ("both are ill, nothing changes", &one, ill, up),
        ("both are ill, nothing changes", &two, ill, down),
    ] {
        assert_eq!(report(door, Some(stats(health))).await.unwrap(), expected, "{name}");
    }
    world.pass(31);
    assert_eq!(
        report(&two, Some(stats(ill))).await.unwrap(),
        down,
        "the first is late, but the second is ill"
    );
    assert_eq!(report(&two, Some(stats(well))).await.unwrap(), up, "the first is late");
}

#[tokio::test]
async fn reports_that_cannot_be_meant_are_refused_and_nothing_crashes() {
    let world = world().await;
    let gateway = world.gateway("hw1").await;
    let many = (0..65).map(|number| (number.to_string(), ServiceHealthStats::default()));
    let with_services = |services: BTreeMap<String, ServiceHealthStats>| {
        Some(HealthStats { service_status: services, ..HealthStats::default() })
    };
    for (name, stats, expected) in [
        ("no report", None, Code::InvalidArgument),
        ("too many services", with_services(many.collect()), Code::InvalidArgument),
        (
            "a long name",
            with_services([("x".repeat(65), ServiceHealthStats::default())].into()),
            Code::InvalidArgument,
        ),
        ("nothing of the machine", Some(HealthStats::default()), Code::Ok),
        (
            "no number",
            Some(HealthStats {
                system_status: Some(SystemHealthStats { cpu_util_pct: f32::NAN, ..Default::default() }),
                ..HealthStats::default()
            }),
            Code::Ok,
        ),
    ] {
        let code = report(&gateway, stats).await.map_or_else(|status| status.code(), |_| Code::Ok);
        assert_eq!(code, expected, "{name}");
    }
}

#[tokio::test]
async fn only_a_gateway_of_a_federation_network_reports() {
    let world = world().await;
    let well = || Some(stats(HealthState::Healthy));
    let other = report(&world.gateway("hw2").await, well()).await.unwrap_err();
    assert_eq!(other.code(), Code::InvalidArgument, "{other:?}");
    assert!(other.message().contains("n2 is not a feg network"), "{other:?}");
    assert_eq!(report(&world.open(), well()).await.unwrap_err().code(), Code::Unauthenticated);
    let network = NetworkId::parse("n1").unwrap();
    assert_eq!(world.store.active_federation_gateway(&network).await.unwrap(), None);
}
