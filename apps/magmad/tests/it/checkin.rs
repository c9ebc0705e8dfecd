//! The states that reach the cloud, and what a refusal or a fault leads to.

use magma_free_port::free_port;
use magma_rpc::server::{Router, serve_plain};
use magma_rpc::{Request, Response, Status, tonic};
use magmad::events::{Event, Step};
use tokio::net::TcpListener;
use wire_orc8r::orc8r as wire;
use wire_orc8r::orc8r::service303_server::{Service303, Service303Server};

use crate::cloud::{Cloud, Mood};
use crate::gateway::{Gateway, HARDWARE_ID, MAGMAD_YML, registry_yml};

#[tokio::test]
async fn the_gateways_own_state_is_reported() {
    let cloud = Cloud::start().await;
    let mut running = Gateway::with_certificate(&cloud).start();
    running.until_checked_in().await;
    running.stop().await;
    let seen = cloud.seen();
    let state = &seen.reports[0].states[0];
    assert_eq!(
        (state.r#type.as_str(), state.device_id.as_str(), state.version),
        ("gw_state", HARDWARE_ID, 0)
    );
    let value: serde_json::Value = serde_json::from_slice(&state.value).expect("JSON");
    let config_info = &value["platform_info"]["config_info"];
    assert!(config_info["mconfig_created_at"].is_number(), "{value}");
    assert!(
        config_info["mconfig_path"].as_str().is_some_and(|path| path.ends_with("/gateway.mconfig")),
        "{value}"
    );
    assert_eq!(value["platform_info"]["packages"][0]["version"], env!("CARGO_PKG_VERSION"), "{value}");
    assert!(value["system_status"]["mem_total"].as_u64() > Some(0), "{value}");
    let left =
        value["cert_expiration_time"].as_i64().unwrap() - value["system_status"]["time"].as_i64().unwrap();
    assert!((3 * 24 * 3600..=4 * 24 * 3600).contains(&left), "{value}");
    let authority = format!("state-controller.{}", crate::cloud::DOMAIN);
    assert!(seen.authorities.contains(&authority), "{:?}", seen.authorities);
}

#[tokio::test]
async fn only_a_refused_certificate_is_replaced() {
    let http = |status| Mood::Http(status);
    let rows = [
        ("denied", Mood::Refusing(Status::permission_denied("Unknown Client Certificate")), true),
        ("HTTP 400 of an nginx edge", http(400), true),
        ("HTTP 502 of a proxy", http(502), false),
        ("a broken service", Mood::Refusing(Status::internal("database")), false),
        ("a cloud that does not answer", Mood::Silent, false),
    ];
    for (name, mood, renewed) in rows {
        let cloud = Cloud::start().await;
        cloud.behave(|behaviour| behaviour.state = mood.clone());
        let mut running = Gateway::with_certificate(&cloud).start();
        running.failure(Step::CheckIn).await;
        if renewed {
            running.until_bootstrapped().await;
        } else {
            running.failure(Step::CheckIn).await;
            assert_eq!(cloud.seen().signed.len(), 0, "{name}");
        }
        cloud.behave(|behaviour| behaviour.state = Mood::Good);
        running.until_checked_in().await;
        running.stop().await;
    }
}

#[tokio::test]
async fn a_certificate_of_another_cloud_is_replaced() {
    let (cloud, other) = (Cloud::start().await, Cloud::start().await);
    let gateway = Gateway::new(&cloud);
    gateway.give_certificate(&other, -3600, 4 * 24 * 3600);
    let mut running = gateway.start();
    let said = loop {
        let said = running.failure(Step::CheckIn).await;
        // On a busy machine, an attempt may come to nothing before the cloud has said that.
        if !said.starts_with("no answer within") {
            break said;
        }
    };
    assert!(said.contains("refused our client certificate"), "{said}");
    running.until_bootstrapped().await;
    running.until_checked_in().await;
    running.stop().await;
}

/// A service that reports one state, or nothing for ever.
struct Sample {
    state: Option<Vec<u8>>,
}

#[tonic::async_trait]
impl Service303 for Sample {
    async fn get_operational_states(
        &self,
        _: Request<wire::Void>,
    ) -> Result<Response<wire::GetOperationalStatesResponse>, Status> {
        let Some(value) = self.state.clone() else { return std::future::pending().await };
        let state = wire::State {
            r#type: "single_enodeb".into(),
            device_id: "120200002618AGP0003".into(),
            value,
            version: 0,
        };
        Ok(Response::new(wire::GetOperationalStatesResponse { states: vec![state] }))
    }

    async fn get_service_info(&self, _: Request<wire::Void>) -> Result<Response<wire::ServiceInfo>, Status> {
        let meta = [("enodeb_connected".to_owned(), "1".to_owned())].into();
        Ok(Response::new(wire::ServiceInfo {
            status: Some(wire::ServiceStatus { meta }),
            ..Default::default()
        }))
    }

    async fn stop_service(&self, _: Request<wire::Void>) -> Result<Response<wire::Void>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn get_metrics(&self, _: Request<wire::Void>) -> Result<Response<wire::MetricsContainer>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn set_log_level(&self, _: Request<wire::LogLevelMessage>) -> Result<Response<wire::Void>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn set_log_verbosity(
        &self,
        _: Request<wire::LogVerbosity>,
    ) -> Result<Response<wire::Void>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn reload_service_config(
        &self,
        _: Request<wire::Void>,
    ) -> Result<Response<wire::ReloadConfigResponse>, Status> {
        Err(Status::unimplemented(""))
    }
}

async fn serve(answers: bool) -> u16 {
    serve_state(answers.then(|| b"{}".to_vec())).await
}

async fn serve_state(state: Option<Vec<u8>>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let router = Router::new().add(Service303Server::new(Sample { state }));
    tokio::spawn(serve_plain(listener, router, std::future::pending::<()>()));
    port
}

#[tokio::test]
async fn services_report_through_the_agent_and_a_dead_one_delays_nobody_for_long() {
    let cloud = Cloud::start().await;
    let gateway = Gateway::with_certificate(&cloud);
    let services =
        "magma_services: [enodebd, mme, absent, unknown]\nskip_checkin_if_missing_meta_services: [enodebd]";
    gateway.write("etc/magma/magmad.yml", &MAGMAD_YML.replace("magma_services: []", services));
    let closed = free_port();
    let others = [("enodebd", serve(true).await), ("mme", serve(false).await), ("absent", closed)];
    gateway.write("etc/magma/service_registry.yml", &registry_yml(gateway.port, &others));
    let running = gateway.start();
    cloud.until("both states", |seen| seen.reports.iter().any(|report| report.states.len() == 2)).await;
    running.stop().await;
    let seen = cloud.seen();
    let states = &seen.reports.iter().find(|report| report.states.len() == 2).unwrap().states;
    assert_eq!([&states[0].r#type, &states[1].r#type], ["single_enodeb", "gw_state"]);
    let value: serde_json::Value = serde_json::from_slice(&states[1].value).expect("JSON");
    assert_eq!(value["meta"]["enodeb_connected"], "1");
    assert!(seen.reports.iter().all(|report| !report.states.is_empty()), "the cloud refuses an empty report");
}

#[tokio::test]
async fn states_that_are_too_large_together_do_not_keep_the_gateway_from_checking_in() {
    let cloud = Cloud::start().await;
    let gateway = Gateway::with_certificate(&cloud);
    let yml = MAGMAD_YML.replace("magma_services: []", "magma_services: [enodebd, mme, pipelined]");
    gateway.write("etc/magma/magmad.yml", &yml);
    let large = || serve_state(Some(vec![b' '; 5 << 19]));
    let services = [("enodebd", large().await), ("mme", large().await), ("pipelined", serve(true).await)];
    gateway.write("etc/magma/service_registry.yml", &registry_yml(gateway.port, &services));
    let running = gateway.start();
    let whole = |report: &wire::ReportStatesRequest| report.states.len() == 3;
    cloud.until("a report", |seen| seen.reports.iter().any(whole)).await;
    running.stop().await;
    let seen = cloud.seen();
    let report = seen.reports.iter().find(|report| whole(report)).unwrap();
    let large = report.states.iter().filter(|state| state.value.len() == 5 << 19).count();
    assert_eq!(large, 1, "one of the two that are large");
    assert_eq!(report.states.last().unwrap().r#type, "gw_state");
}

#[tokio::test]
async fn states_of_a_report_that_failed_are_in_the_next() {
    let cloud = Cloud::start().await;
    cloud.behave(|b| b.state = Mood::Refusing(Status::unavailable("no storage")));
    let gateway = Gateway::with_certificate(&cloud);
    let yml = MAGMAD_YML.replace("magma_services: []", "magma_services: [enodebd]");
    gateway.write("etc/magma/magmad.yml", &yml);
    gateway.write(
        "etc/magma/service_registry.yml",
        &registry_yml(gateway.port, &[("enodebd", serve(true).await)]),
    );
    let mut running = gateway.start();
    running.failure(Step::CheckIn).await;
    cloud.behave(|b| b.state = Mood::Good);
    running.until_checked_in().await;
    running.stop().await;
    let seen = cloud.seen();
    let last: Vec<&str> = seen.reports.last().unwrap().states.iter().map(|s| s.r#type.as_str()).collect();
    assert_eq!(last, ["single_enodeb", "gw_state"]);
}

#[tokio::test]
async fn in_proxy_mode_the_services_share_the_proxys_connection() {
    let cloud = Cloud::start().await;
    let gateway = Gateway::with_certificate(&cloud);
    gateway.write("etc/magma/control_proxy.yml", &cloud.control_proxy(true));
    let mut running = gateway.start();
    running.until_checked_in().await;
    running.until("a configuration", |event| matches!(event, Event::ConfigStored { .. }).then_some(())).await;
    cloud.session().await;
    running.stop().await;
    let seen = cloud.seen();
    for service in ["state", "streamer", "dispatcher"] {
        let authority = format!("{service}-controller.{}", crate::cloud::DOMAIN);
        assert!(seen.authorities.contains(&authority), "{authority}: {:?}", seen.authorities);
    }
}
