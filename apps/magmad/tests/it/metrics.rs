//! Metrics of services of this gateway reach the cloud's `MetricsController`, through outages and restarts.

use std::net::TcpListener as StdListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use magma_free_port::free_port;
use magma_rpc::server::{Router, serve_plain};
use magma_rpc::{Request, Response, Status, tonic};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use wire_orc8r::orc8r::service303_server::{Service303, Service303Server};
use wire_orc8r::orc8r::{
    GetOperationalStatesResponse, LogLevelMessage, LogVerbosity, MetricsContainer, ReloadConfigResponse,
    ServiceInfo, Void,
};
use wire_orc8r::prometheus as wire;

use crate::cloud::{Cloud, Mood, Seen};
use crate::gateway::{Gateway, HARDWARE_ID, MAGMAD_YML, registry_yml};
use crate::kept_log::KeptLog;

/// How long anything may take: much longer than it does.
const PATIENCE: Duration = Duration::from_secs(120);

/// A service that tells how often it was asked.
#[derive(Clone, Default)]
struct Counting(Arc<AtomicU64>);

impl Counting {
    /// Waits until it was asked so many times more.
    async fn until_asked(&self, times: u64) {
        let wanted = self.0.load(Ordering::Relaxed) + times;
        let waiting = async {
            while self.0.load(Ordering::Relaxed) < wanted {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.expect("the service is asked");
    }
}

#[tonic::async_trait]
impl Service303 for Counting {
    async fn get_service_info(&self, _: Request<Void>) -> Result<Response<ServiceInfo>, Status> {
        Err(Status::unimplemented("not asked for"))
    }

    async fn stop_service(&self, _: Request<Void>) -> Result<Response<Void>, Status> {
        Err(Status::unimplemented("not asked for"))
    }

    async fn get_metrics(&self, _: Request<Void>) -> Result<Response<MetricsContainer>, Status> {
        let value = Some(self.0.fetch_add(1, Ordering::Relaxed) as f64 + 1.0);
        let metric = wire::Metric { counter: Some(wire::Counter { value }), ..wire::Metric::default() };
        let family = vec![wire::MetricFamily {
            name: Some("asked".into()),
            r#type: Some(wire::MetricType::Counter.into()),
            metric: vec![metric],
            help: None,
        }];
        Ok(Response::new(MetricsContainer { gateway_id: String::new(), family }))
    }

    async fn set_log_level(&self, _: Request<LogLevelMessage>) -> Result<Response<Void>, Status> {
        Err(Status::unimplemented("not asked for"))
    }

    async fn set_log_verbosity(&self, _: Request<LogVerbosity>) -> Result<Response<Void>, Status> {
        Err(Status::unimplemented("not asked for"))
    }

    async fn reload_service_config(
        &self,
        _: Request<Void>,
    ) -> Result<Response<ReloadConfigResponse>, Status> {
        Err(Status::unimplemented("not asked for"))
    }

    async fn get_operational_states(
        &self,
        _: Request<Void>,
    ) -> Result<Response<GetOperationalStatesResponse>, Status> {
        Err(Status::unimplemented("not asked for"))
    }
}

/// A counting service on a port of its own, and one that takes connections and never says a word.
async fn services(counting: &Counting) -> ([(&'static str, u16); 2], JoinHandle<()>, StdListener) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mute = StdListener::bind("127.0.0.1:0").unwrap();
    let ports = [("mme", listener.local_addr().unwrap().port()), ("mute", mute.local_addr().unwrap().port())];
    let router = Router::new().add(Service303Server::new(counting.clone()));
    let serving = tokio::spawn(serve_plain(listener, router, std::future::pending::<()>()));
    (ports, serving, mute)
}

fn gateway(cloud: &Cloud, services: &[(&str, u16)], further: &str) -> Gateway {
    let gateway = Gateway::with_certificate(cloud);
    let metricsd = "metricsd:\n  collect_interval: 1\n  sync_interval: 1\n  grpc_timeout: 20\n  \
                    services: [magmad, mme, mute, unknown]\n";
    gateway.write("etc/magma/magmad.yml", &format!("{MAGMAD_YML}{metricsd}{further}"));
    gateway.write("etc/magma/service_registry.yml", &registry_yml(gateway.port, services));
    gateway
}

/// The values of this family's samples of this service, in the order of their arrival.
fn values(seen: &Seen, name: &str, service: &str) -> Vec<u64> {
    let families = seen.metrics.iter().flat_map(|container| &container.family);
    let metrics = families.filter(|family| family.name() == name).flat_map(|family| &family.metric);
    let wanted = |metric: &&wire::Metric| {
        metric.timestamp_ms() > 1_600_000_000_000
            && metric.label.iter().any(|label| label.name() == "service" && label.value() == service)
    };
    let value = |metric: &wire::Metric| {
        metric.counter.map(|counter| counter.value()).or(metric.gauge.map(|gauge| gauge.value())).unwrap()
    };
    metrics.filter(wanted).map(|metric| value(metric) as u64).collect()
}

#[tokio::test]
async fn metrics_of_services_and_of_the_agent_reach_the_cloud() {
    let cloud = Cloud::start().await;
    let (ports, serving, _mute) = services(&Counting::default()).await;
    let running = gateway(&cloud, &ports, "").start();
    cloud
        .until("metrics of everybody", |seen| {
            values(seen, "asked", "mme").len() > 2
                && values(seen, "process_open_fds", "magmad").iter().any(|fds| *fds > 0)
                && values(seen, "checkin_status", "magmad").contains(&1)
                && values(seen, "60", "mute").contains(&0)
                && values(seen, "60", "unknown").contains(&0)
                && values(seen, "60", "mme").contains(&1)
                && values(seen, "service_metrics_collected", "magmad").contains(&1)
        })
        .await;
    assert!(cloud.seen().metrics.iter().all(|container| container.gateway_id == HARDWARE_ID));
    assert!(cloud.seen().authorities.iter().any(|authority| authority.starts_with("metricsd-controller.")));
    running.stop().await;
    serving.abort();
}

#[tokio::test]
async fn an_outage_and_a_restart_of_the_agent_in_it_lose_no_sample() {
    let cloud = Cloud::start().await;
    let counting = Counting::default();
    let (ports, serving, _mute) = services(&counting).await;
    let running = gateway(&cloud, &ports, "").start();
    cloud.until("metrics", |seen| values(seen, "asked", "mme").len() > 1).await;
    cloud.behave(|behaviour| behaviour.metricsd = Mood::Refusing(Status::unavailable("maintenance")));
    let taken = cloud.seen().metrics.len();
    let mut stopped = running;
    for _ in 0..2 {
        counting.until_asked(3).await;
        stopped = stopped.stop().await.start();
    }
    assert!(cloud.seen().metrics.len() <= taken + 1, "nothing was taken in the outage");
    cloud.behave(|behaviour| behaviour.metricsd = Mood::Good);
    let before = values(&cloud.seen(), "asked", "mme").len();
    cloud.until("what waited", |seen| values(seen, "asked", "mme").len() > before + 4).await;
    let asked = values(&cloud.seen(), "asked", "mme");
    assert!(asked.windows(2).all(|pair| pair[0] < pair[1]), "each once and in order: {asked:?}");
    // An answer that is on its way while the agent ends was never here.
    let missing = asked.last().unwrap() - asked.len() as u64;
    assert!(missing <= 2, "{missing} are missing: {asked:?}");
    stopped.stop().await;
    serving.abort();
}

#[tokio::test]
async fn the_newest_metrics_can_be_fetched_on_this_machine() {
    let cloud = Cloud::start().await;
    cloud.behave(|behaviour| behaviour.metricsd = Mood::Silent);
    let (ports, serving, _mute) = services(&Counting::default()).await;
    let port = free_port();
    let running = gateway(&cloud, &ports, &format!("  prometheus_listen: {port}\n")).start();
    let fetched = async {
        loop {
            let page = fetch(port).await.unwrap_or_default();
            if page.contains("\nasked{service=\"mme\"} ") && page.contains("\n_60{service=\"mme\"} 1\n") {
                return page;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let page = tokio::time::timeout(PATIENCE, fetched).await.expect("a page");
    assert!(page.starts_with("HTTP/1.1 200 OK\r\n") && page.contains("# TYPE asked counter\n"), "{page}");
    running.stop().await;
    assert!(fetch(port).await.is_none(), "it ends with the agent");
    serving.abort();
}

async fn fetch(port: u16) -> Option<String> {
    let mut tcp = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
    tcp.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n").await.ok()?;
    let mut answer = String::new();
    tcp.read_to_string(&mut answer).await.ok()?;
    Some(answer)
}

#[tokio::test]
async fn the_log_names_a_service_that_does_not_tell_its_metrics_and_why() {
    let kept = KeptLog::begin();
    let cloud = Cloud::start().await;
    let gateway = Gateway::with_certificate(&cloud);
    let block = "metricsd: {collect_interval: 1, sync_interval: 1, services: [mobilityd]}\n";
    gateway.write("etc/magma/magmad.yml", &format!("{MAGMAD_YML}{block}"));
    let closed = free_port();
    gateway.write("etc/magma/service_registry.yml", &registry_yml(gateway.port, &[("mobilityd", closed)]));
    let running = gateway.start();
    let told = async {
        while kept.lines_with("does not tell its metrics").is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, told).await.expect("a line");
    running.stop().await;
    let lines = kept.lines_with("a service does not tell its metrics");
    assert_eq!(lines.len(), 1, "once, not in each round: {lines:?}");
    assert!(lines[0].contains("service=\"mobilityd\"") && lines[0].contains("refused"), "{lines:?}");
}
