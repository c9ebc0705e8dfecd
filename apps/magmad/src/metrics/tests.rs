//! Collecting and sending as a whole, with services and a cloud of the tests, in virtual time.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

use magma_config::{PostProcessing, PostProcessingRule};
use magma_rpc::{Status, tonic};
use prost::Message;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio::time::sleep;
use wire_orc8r::prometheus::{Metric, MetricFamily};

use super::*;
use crate::shutdown::Trigger;

mod host;
mod page;
mod scraping;

const MINUTE: Duration = Duration::from_secs(60);

/// What a service does when it is asked.
#[derive(Clone, Copy, PartialEq)]
enum Manner {
    Answers,
    Hangs,
    IsDown,
}

/// Services that count how often they were asked, and tell that number.
#[derive(Default)]
struct Services(Mutex<BTreeMap<String, (u64, Option<Manner>)>>);

#[tonic::async_trait]
impl Source for Services {
    async fn metrics(&self, service: &str) -> Result<Vec<MetricFamily>, Status> {
        let (count, manner) = {
            let mut services = self.0.lock().unwrap();
            let (count, manner) = services.entry(service.to_owned()).or_default();
            *count += 1;
            (*count, manner.unwrap_or(Manner::Answers))
        };
        match manner {
            Manner::Answers => {
                Ok(magma_metrics::text::parse(&format!("# TYPE asked counter\nasked {count}\n"), 7).families)
            }
            Manner::Hangs => std::future::pending().await,
            Manner::IsDown => Err(Status::unavailable("connection refused")),
        }
    }
}

/// How the cloud takes a message.
type Judge = Box<dyn Fn(&[MetricFamily]) -> Result<(), Status> + Send>;

/// A cloud that keeps what it took.
#[derive(Default)]
struct Cloud {
    judge: Mutex<Option<Judge>>,
    /// How long it takes for its answer, once it has taken a message.
    delay: Mutex<Duration>,
    taken: Mutex<Vec<Vec<MetricFamily>>>,
    refused: Mutex<u64>,
}

#[tonic::async_trait]
impl Sink for Cloud {
    async fn collect(&self, families: Vec<Vec<u8>>) -> Result<(), Status> {
        let families = decoded(&families);
        let verdict = self.judge.lock().unwrap().as_ref().map_or(Ok(()), |judge| judge(&families));
        match &verdict {
            Ok(()) => self.taken.lock().unwrap().push(families),
            Err(_) => *self.refused.lock().unwrap() += 1,
        }
        let delay = *self.delay.lock().unwrap();
        sleep(delay).await;
        verdict
    }
}

fn decoded(families: &[Vec<u8>]) -> Vec<MetricFamily> {
    families.iter().map(|family| MetricFamily::decode(family.as_slice()).unwrap()).collect()
}

impl Cloud {
    fn judges(&self, judge: impl Fn(&[MetricFamily]) -> Result<(), Status> + Send + 'static) {
        *self.judge.lock().unwrap() = Some(Box::new(judge));
    }

    fn is_down(&self) {
        self.judges(|_| Err(Status::unavailable("no route to host")));
    }

    fn is_up(&self) {
        *self.judge.lock().unwrap() = None;
    }

    fn families(&self) -> Vec<MetricFamily> {
        self.taken.lock().unwrap().concat()
    }

    /// The values of this family's samples of this service, in the order of their arrival.
    fn values(&self, name: &str, service: &str) -> Vec<u64> {
        let families = self.families();
        let metrics =
            families.iter().filter(|family| family.name() == name).flat_map(|family| &family.metric);
        let of_service =
            |metric: &&Metric| metric.label.iter().any(|l| l.name() == "service" && l.value() == service);
        let value =
            |metric: &Metric| metric.counter.map_or_else(|| metric.gauge.unwrap().value(), |c| c.value());
        metrics.filter(of_service).map(|metric| value(metric) as u64).collect()
    }
}

/// A gateway that asks these services and sends to this cloud.
struct Gateway {
    folder: TempDir,
    metricsd: Metricsd,
    services: Arc<Services>,
    cloud: Arc<Cloud>,
    registry: Registry,
}

/// Its running task.
struct Running {
    trigger: Trigger,
    store: Store,
    task: JoinHandle<anyhow::Result<()>>,
}

impl Gateway {
    fn new(services: &[&str]) -> Self {
        let metricsd = Metricsd {
            collect_interval: MINUTE,
            sync_interval: MINUTE,
            grpc_timeout: Duration::from_secs(30),
            message_bytes_max: 4 << 20,
            services: services.iter().map(|service| (*service).to_owned()).collect(),
            scrape_targets: Vec::new(),
            queue_length: 1000,
            queue_age_max: Duration::from_secs(24 * 3600),
            queue_bytes_max: 16 << 20,
            prometheus_listen: None,
            post_processing: Vec::new(),
        };
        Self {
            folder: tempfile::tempdir().unwrap(),
            metricsd,
            services: Arc::default(),
            cloud: Arc::default(),
            registry: Registry::new(),
        }
    }

    async fn start(&mut self) -> Running {
        let (_, certificates) = watch::channel(1);
        self.registry = Registry::new();
        let mut metrics = Metrics {
            metricsd: self.metricsd.clone(),
            folder: self.folder.path().join("queue"),
            source: self.services.clone(),
            sink: self.cloud.clone(),
            certificates,
            trust: trust(self.folder.path()),
            registry: self.registry.clone(),
            latest: None,
            store: None,
        };
        let store = metrics.store().await.unwrap();
        let (trigger, shutdown) = Shutdown::new();
        let task = tokio::spawn(async move { metrics.run(shutdown).await });
        Running { trigger, store, task }
    }

    fn behaves(&self, service: &str, manner: Manner) {
        self.services.0.lock().unwrap().entry(service.to_owned()).or_default().1 = Some(manner);
    }

    fn dropped(&self) -> u64 {
        self.registry.counter("metrics_dropped").value()
    }
}

impl Running {
    async fn stop(self) {
        self.trigger.fire();
        self.task.await.unwrap().unwrap();
    }
}

/// Files of a gateway without any certificate.
fn trust(root: &Path) -> Trust {
    let paths = Paths::under(root);
    Trust { control_proxy: magma_config::inspect(&paths).0.control_proxy, paths }
}

/// 1, 2, … in order, each once.
fn is_complete(values: &[u64]) -> bool {
    values.iter().copied().eq(1..=values.len() as u64)
}

#[tokio::test(start_paused = true)]
async fn samples_arrive_once_with_service_and_success() {
    let mut gateway = Gateway::new(&["mme", "state"]);
    let running = gateway.start().await;
    // Not at the very moment of a round.
    sleep(10 * MINUTE + MINUTE / 2).await;
    for service in ["mme", "state"] {
        let values = gateway.cloud.values("asked", service);
        assert!((10..=11).contains(&values.len()) && is_complete(&values), "{values:?}");
        for success in ["60", "service_metrics_collected"] {
            assert_eq!(gateway.cloud.values(success, service), vec![1; values.len()]);
        }
    }
    let families = gateway.cloud.families();
    assert!(families.iter().flat_map(|family| &family.metric).all(|metric| metric.timestamp_ms() > 0));
    assert_eq!((running.store.len().await, gateway.dropped()), (0, 0));
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn an_outage_of_the_cloud_loses_nothing_and_nothing_comes_twice() {
    let mut gateway = Gateway::new(&["mme", "state"]);
    let running = gateway.start().await;
    sleep(5 * MINUTE).await;
    gateway.cloud.is_down();
    sleep(90 * MINUTE).await;
    let attempts = *gateway.cloud.refused.lock().unwrap();
    assert!((10..=40).contains(&attempts), "{attempts} attempts: neither stubborn nor lazy");
    gateway.cloud.is_up();
    sleep(10 * MINUTE).await;
    for service in ["mme", "state"] {
        let values = gateway.cloud.values("asked", service);
        assert!(values.len() >= 104 && is_complete(&values), "{values:?}");
    }
    assert_eq!((running.store.len().await, gateway.dropped()), (0, 0));
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_restart_of_the_agent_during_an_outage_loses_nothing() {
    let mut gateway = Gateway::new(&["mme"]);
    gateway.cloud.is_down();
    for _ in 0..3 {
        let running = gateway.start().await;
        sleep(10 * MINUTE).await;
        running.stop().await;
    }
    assert!(gateway.cloud.families().is_empty());
    gateway.cloud.is_up();
    let running = gateway.start().await;
    sleep(2 * MINUTE).await;
    let values = gateway.cloud.values("asked", "mme");
    assert!(values.len() >= 30 && is_complete(&values), "{values:?}");
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_on_its_way_when_the_agent_ends_does_not_come_again() {
    let mut gateway = Gateway::new(&["mme"]);
    *gateway.cloud.delay.lock().unwrap() = Duration::from_secs(1);
    for _ in 0..3 {
        let running = gateway.start().await;
        sleep(Duration::from_millis(5500)).await;
        running.stop().await;
    }
    let values = gateway.cloud.values("asked", "mme");
    assert!(values.len() == 3 && is_complete(&values), "{values:?}");
}

#[tokio::test(start_paused = true)]
async fn at_the_bound_the_oldest_samples_go_and_are_counted() {
    let mut gateway = Gateway::new(&["mme"]);
    gateway.metricsd.queue_bytes_max = 8 << 10;
    gateway.cloud.is_down();
    let running = gateway.start().await;
    sleep(120 * MINUTE).await;
    let dropped = gateway.dropped();
    assert!(dropped > 100, "{dropped}");
    running.stop().await;
    gateway.cloud.is_up();
    let running = gateway.start().await;
    assert_eq!(gateway.dropped(), dropped, "a restart does not forget them");
    sleep(5 * MINUTE).await;
    let values = gateway.cloud.values("asked", "mme");
    let first = values[0];
    assert!(
        values.iter().copied().eq(first..first + values.len() as u64),
        "no gap among the newest: {values:?}"
    );
    // Each time it was asked there were three families, of which the oldest were dropped.
    let asked = first + values.len() as u64 - 1;
    assert_eq!(gateway.cloud.families().len() as u64 + gateway.dropped(), 3 * asked);
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_service_that_hangs_or_is_down_concerns_no_other() {
    let mut gateway = Gateway::new(&["hung", "mme", "down"]);
    gateway.behaves("hung", Manner::Hangs);
    gateway.behaves("down", Manner::IsDown);
    let running = gateway.start().await;
    sleep(20 * MINUTE).await;
    let values = gateway.cloud.values("asked", "mme");
    assert!(values.len() >= 20 && is_complete(&values), "{values:?}");
    for service in ["hung", "down"] {
        let success = gateway.cloud.values("60", service);
        assert!(success.len() >= 19 && success.iter().all(|success| *success == 0), "{service}: {success:?}");
        assert!(gateway.cloud.values("asked", service).is_empty());
        gateway.behaves(service, Manner::Answers);
    }
    sleep(5 * MINUTE).await;
    assert_eq!(gateway.cloud.values("60", "hung").last(), Some(&1));
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_family_that_the_cloud_refuses_stops_no_other() {
    let mut gateway = Gateway::new(&["bad", "good"]);
    gateway.cloud.judges(|families| {
        let bad = families.iter().any(|family| {
            let labels = family.metric.iter().flat_map(|metric| &metric.label);
            family.name() == "asked" && labels.clone().any(|label| label.value() == "bad")
        });
        if bad { Err(Status::invalid_argument("bad")) } else { Ok(()) }
    });
    let running = gateway.start().await;
    sleep(10 * MINUTE).await;
    let values = gateway.cloud.values("asked", "good");
    assert!(values.len() >= 10 && is_complete(&values), "{values:?}");
    assert!(gateway.cloud.values("asked", "bad").is_empty());
    assert_eq!(gateway.dropped(), values.len() as u64);
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_cloud_that_refuses_everything_does_not_empty_the_queue() {
    let mut gateway = Gateway::new(&["mme"]);
    gateway.cloud.is_down();
    let running = gateway.start().await;
    sleep(60 * MINUTE).await;
    gateway.cloud.judges(|_| Err(Status::invalid_argument("no")));
    sleep(10 * MINUTE).await;
    assert!((3..=90).contains(&gateway.dropped()) && running.store.len().await > 90, "{}", gateway.dropped());
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn messages_are_bounded_and_get_smaller_until_they_arrive() {
    let mut gateway = Gateway::new(&["mme"]);
    gateway.cloud.is_down();
    let running = gateway.start().await;
    sleep(20 * 60 * MINUTE).await;
    let size =
        |families: &[MetricFamily]| families.iter().map(|family| family.encoded_len() + 6).sum::<usize>();
    gateway.cloud.judges(move |families| match size(families) {
        0..20_000 => Ok(()),
        _ => Err(Status::deadline_exceeded("a slow link")),
    });
    sleep(180 * MINUTE).await;
    let values = gateway.cloud.values("asked", "mme");
    assert!(values.len() >= 1370 && is_complete(&values), "{}", values.len());
    let sizes: Vec<usize> =
        gateway.cloud.taken.lock().unwrap().iter().map(|families| size(families)).collect();
    assert!(sizes.len() > 10 && sizes.iter().all(|size| *size < 20_000), "{sizes:?}");
    running.stop().await;

    gateway.cloud = Arc::default();
    gateway.cloud.is_down();
    gateway.metricsd.message_bytes_max = 3000;
    let running = gateway.start().await;
    sleep(60 * MINUTE).await;
    gateway.cloud.is_up();
    sleep(10 * MINUTE).await;
    let sizes: Vec<usize> =
        gateway.cloud.taken.lock().unwrap().iter().map(|families| size(families)).collect();
    assert!(sizes.len() > 3 && sizes.iter().all(|size| *size <= 2000), "max_grpc_msg_size_mb: {sizes:?}");
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn the_operators_rules_apply_before_anything_is_kept() {
    let mut gateway = Gateway::new(&["mme"]);
    let rule = |metric: &str, action| PostProcessingRule { metric: metric.into(), action };
    let site = PostProcessing::AddLabel { label: "site".into(), value: "north".into() };
    gateway.metricsd.post_processing = vec![
        rule("service_metrics_collected", PostProcessing::Drop),
        rule("asked", PostProcessing::Rename("told".into())),
        rule("*", site),
    ];
    let running = gateway.start().await;
    sleep(2 * MINUTE).await;
    let families = gateway.cloud.families();
    let names: std::collections::BTreeSet<&str> = families.iter().map(|family| family.name()).collect();
    assert_eq!(names.into_iter().collect::<Vec<_>>(), ["60", "told"]);
    let labels = &families[0].metric[0].label;
    let labels: Vec<_> = labels.iter().map(|label| (label.name(), label.value())).collect();
    assert_eq!(labels, [("service", "mme"), ("site", "north")]);
    running.stop().await;
}
