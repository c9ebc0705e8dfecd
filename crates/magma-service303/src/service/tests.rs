//! Tests of Service303 through a generated client.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use magma_rpc::Code;
use wire_orc8r::orc8r::service_info::{ApplicationHealth, ServiceState};

use super::*;

#[derive(Clone, Default)]
struct Enodebd {
    stopped: Arc<AtomicBool>,
    broken_config: bool,
}

impl Application for Enodebd {
    fn meta(&self) -> BTreeMap<String, String> {
        BTreeMap::from([("enodeb_connected".to_owned(), "1".to_owned())])
    }

    fn operational_states(&self) -> Vec<State> {
        vec![State { r#type: "single_enodeb".to_owned(), ..Default::default() }]
    }

    fn set_log_level(&self, level: LogLevel) -> Result<(), String> {
        if level == LogLevel::Fatal { Err("no such level here".to_owned()) } else { Ok(()) }
    }

    fn reload_config(&self) -> Reload {
        if self.broken_config { Reload::Failed("enodebd.yml: line 3".to_owned()) } else { Reload::Done }
    }

    fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }
}

/// A service that says nothing beyond what it must.
struct Quiet;

impl Application for Quiet {
    fn stop(&self) {}
}

fn identity() -> Identity {
    Identity {
        name: "enodebd".to_owned(),
        version: "1.9.0".to_owned(),
        started: UNIX_EPOCH + Duration::from_millis(1_700_000_000_900),
    }
}

fn service<A: Application>(application: A) -> (Lifecycle, Service303<A>) {
    let lifecycle = Lifecycle::new();
    let registry = Registry::new();
    registry.gauge("checkin_status").set(1.0);
    (lifecycle.clone(), Service303::new(identity(), lifecycle, registry, application))
}

fn void() -> Request<Void> {
    Request::new(Void {})
}

#[tokio::test]
async fn info_tells_who_the_service_is_and_follows_its_life() {
    let (lifecycle, service) = service(Enodebd::default());
    let starting = service.get_service_info(void()).await.expect("info").into_inner();
    assert_eq!(starting.state(), ServiceState::Starting);
    lifecycle.alive();
    let info = service.get_service_info(void()).await.expect("info").into_inner();
    assert_eq!((info.name.as_str(), info.version.as_str()), ("enodebd", "1.9.0"));
    assert_eq!(info.start_time_secs, 1_700_000_000);
    assert_eq!((info.state(), info.health()), (ServiceState::Alive, ApplicationHealth::AppHealthy));
    assert_eq!(info.status.expect("status").meta["enodeb_connected"], "1");
}

#[tokio::test]
async fn stop_is_answered_and_tells_the_application() {
    let application = Enodebd::default();
    let (_, service) = service(application.clone());
    service.stop_service(void()).await.expect("answered");
    assert!(application.stopped.load(Ordering::Relaxed));
    let info = service.get_service_info(void()).await.expect("info").into_inner();
    assert_eq!(info.state(), ServiceState::Stopping);
}

#[tokio::test]
async fn metrics_are_the_registrys_and_the_processs() {
    let (_, service) = service(Quiet);
    let container = service.get_metrics(void()).await.expect("metrics").into_inner();
    let names: Vec<&str> = container.family.iter().map(|family| family.name()).collect();
    assert!(names.contains(&"checkin_status") && names.contains(&"process_open_fds"), "{names:?}");
    let stamp = container.family[0].metric[0].timestamp_ms.expect("time");
    assert!(container.family.iter().all(|family| family.metric[0].timestamp_ms == Some(stamp)));
}

#[tokio::test]
async fn log_levels_are_passed_on_or_refused_in_words() {
    let (_, service) = service(Enodebd::default());
    for (level, expected) in [
        (0, Ok(())),
        (3, Ok(())),
        (4, Err(Code::Unimplemented)),
        (5, Err(Code::InvalidArgument)),
        (-1, Err(Code::InvalidArgument)),
    ] {
        let answer = service.set_log_level(Request::new(LogLevelMessage { level })).await;
        assert_eq!(answer.map(|_| ()).map_err(|status| status.code()), expected, "level {level}");
    }
    let verbosity = service.set_log_verbosity(Request::new(LogVerbosity { verbosity: 1 })).await;
    assert_eq!(verbosity.expect_err("refused").code(), Code::Unimplemented);
}

#[tokio::test]
async fn a_reload_reports_what_became_of_it() {
    let result = async |answer: Result<Response<ReloadConfigResponse>, Status>| {
        answer.expect("answered").into_inner().result()
    };
    let (_, good) = service(Enodebd::default());
    assert_eq!(result(good.reload_service_config(void()).await).await, ReloadConfigResult::ReloadSuccess);
    let (_, broken) = service(Enodebd { broken_config: true, ..Default::default() });
    assert_eq!(result(broken.reload_service_config(void()).await).await, ReloadConfigResult::ReloadFailure);
    let (_, quiet) = service(Quiet);
    assert_eq!(
        result(quiet.reload_service_config(void()).await).await,
        ReloadConfigResult::ReloadUnsupported
    );
}

#[tokio::test]
async fn operational_states_are_the_applications() {
    let (_, service) = service(Enodebd::default());
    let states = service.get_operational_states(void()).await.expect("states").into_inner().states;
    assert_eq!(states.len(), 1);
    assert_eq!(states[0].r#type, "single_enodeb");
}
