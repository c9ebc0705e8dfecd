//! The metrics of this gateway: asked of its services and of other programs, kept on disk, sent to the cloud.
//!
//! Collecting and sending do not wait for each other, and no service or program waits for another one. A sample leaves
//! the disk when the cloud has taken it; an outage of the cloud, of this program or of power loses none that the bounds
//! of `metricsd` (`queue_max_age_hours`, `queue_max_mb`) still hold. What is collected can also be fetched on this
//! machine (`prometheus_listen`).

mod collect;
mod host_figures;
mod intake;
mod latest;
mod page_server;
mod scrape;
mod store;
mod upload;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use magma_config::{ControlProxy, Metricsd, Paths};
use magma_metrics::Bounds;
use magma_service303::Registry;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

use collect::{Collector, LocalSource, Source};
use host_figures::HostFigures;
use intake::Intake;
use latest::Latest;
use page_server::PageServer;
use scrape::Scraper;
use store::Store;
use upload::{CloudSink, Sink, Uploader};

use crate::host::HostPaths;
use crate::satellites::Context;
use crate::shutdown::Shutdown;
use crate::supervise::{Task, Tasks};

/// Where the samples wait.
const QUEUE_DIR: &str = "/var/opt/magma/queue/metrics";

/// How long the last samples may take to get to the disk, and the last message to the cloud, when the agent ends.
const LAST_WORK: Duration = Duration::from_secs(2);

/// Starts what the configuration asks for.
pub fn spawn(context: &Context, tasks: &mut Tasks) {
    let settings = context.settings.borrow().clone();
    let host =
        HostFigures::new(&settings.magmad, HostPaths::default(), context.services.clone(), &context.registry);
    tasks.spawn("figures of this machine", host);
    let Some(metricsd) = settings.magmad.metricsd.clone() else { return };
    let latest = metricsd.prometheus_listen.map(|_| Latest::new(context.registry.clone()));
    if let (Some(address), Some(latest)) = (metricsd.prometheus_listen, &latest) {
        tasks.spawn("metrics page", PageServer::new(address, latest.clone()));
    }
    if metricsd.is_on() {
        let metrics = Metrics {
            folder: context.paths.resolve(Path::new(QUEUE_DIR)),
            source: Arc::new(LocalSource::new(context.channels.clone(), context.registry.clone())),
            sink: Arc::new(CloudSink::new(context.cloud.clone(), context.hardware_id.as_str())),
            certificates: context.cloud.generations(),
            trust: Trust { control_proxy: settings.control_proxy.clone(), paths: context.paths.clone() },
            registry: context.registry.clone(),
            metricsd,
            latest,
            store: None,
        };
        tasks.spawn("metrics", metrics);
    }
}

/// Whose certificates are believed when a page is fetched by https.
#[derive(Clone)]
struct Trust {
    control_proxy: ControlProxy,
    paths: Paths,
}

/// The task that collects and sends.
struct Metrics {
    metricsd: Metricsd,
    folder: PathBuf,
    source: Arc<dyn Source>,
    sink: Arc<dyn Sink>,
    certificates: watch::Receiver<u64>,
    trust: Trust,
    registry: Registry,
    latest: Option<Latest>,
    /// Opened once, however often the task begins anew.
    store: Option<Store>,
}

impl Metrics {
    async fn store(&mut self) -> anyhow::Result<Store> {
        if let Some(store) = &self.store {
            return Ok(store.clone());
        }
        let bounds = Bounds { bytes: self.metricsd.queue_bytes_max, age: self.metricsd.queue_age_max };
        let dropped = self.registry.counter("metrics_dropped");
        let store = Store::open(self.folder.clone(), bounds, dropped).await?;
        self.store = Some(store.clone());
        Ok(store)
    }
}

impl Task for Metrics {
    async fn run(&mut self, mut shutdown: Shutdown) -> anyhow::Result<()> {
        let store = self.store().await?;
        let metricsd = &self.metricsd;
        let intake = Intake::new(store.clone(), self.latest.clone(), metricsd.post_processing.clone());
        let (mut parts, mut scrapers) = (JoinSet::new(), JoinSet::new());
        parts.spawn(Collector::new(metricsd, self.source.clone(), intake.clone()).run(shutdown.clone()));
        let certificates = self.certificates.clone();
        parts.spawn(Uploader::new(metricsd, self.sink.clone(), store, certificates).run(shutdown.clone()));
        for target in &metricsd.scrape_targets {
            let (target, limit) = (target.clone(), metricsd.grpc_timeout);
            scrapers.spawn(Scraper::new(target, limit, self.trust.clone(), intake.clone()).run());
        }
        let ended = tokio::select! {
            biased;
            () = shutdown.wait() => None,
            ended = parts.join_next() => ended,
            Some(ended) = scrapers.join_next() => Some(ended),
        };
        if let Some(ended) = ended.filter(|_| !shutdown.is_fired()) {
            ended?;
            anyhow::bail!("a part of it ended, and none should");
        }
        // What was told is kept, and what is being sent is waited for; scrapers are cut off.
        let last_work = async { while parts.join_next().await.is_some() {} };
        let _ = timeout(LAST_WORK, last_work).await;
        Ok(())
    }
}
