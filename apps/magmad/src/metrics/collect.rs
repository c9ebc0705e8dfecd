//! Asks the services for their metrics: a few at a time, each with a limit of its own.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use magma_config::Metricsd;
use magma_metrics::Records;
use magma_rpc::{Status, deadline, tonic};
use magma_service303::{Registry, process_families};
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout_at};
use wire_orc8r::orc8r::Void;
use wire_orc8r::orc8r::service303_client::Service303Client;
use wire_orc8r::prometheus::MetricFamily;

use super::intake::Intake;
use crate::agent::own_services;
use crate::local_services::LocalServices;
use crate::shutdown::Shutdown;

/// How long one service's answer waits for others, so that the disk is not troubled for each.
const GATHERING: Duration = Duration::from_millis(500);

/// Octets of one service's answer.
const ANSWER_BYTES_MAX: usize = 8 << 20;

/// The system clock, milliseconds since 1970.
pub(super) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// What a service told of itself, or why it did not.
type Told = (String, Result<Vec<MetricFamily>, Status>);

/// Who is asked.
#[tonic::async_trait]
pub(super) trait Source: Send + Sync + 'static {
    /// The metrics of a service, as they are now.
    async fn metrics(&self, service: &str) -> Result<Vec<MetricFamily>, Status>;
}

/// The services of this gateway; the agent itself is not asked through the network.
pub(super) struct LocalSource {
    channels: LocalServices,
    registry: Registry,
}

impl LocalSource {
    pub fn new(channels: LocalServices, registry: Registry) -> Self {
        Self { channels, registry }
    }
}

#[tonic::async_trait]
impl Source for LocalSource {
    async fn metrics(&self, service: &str) -> Result<Vec<MetricFamily>, Status> {
        if service == own_services::NAME {
            let now_ms = now_ms();
            let mut families = self.registry.gather(now_ms);
            families.extend(process_families(now_ms));
            return Ok(families);
        }
        let _turn = self.channels.turn().await;
        let channel = self.channels.channel(service).map_err(|error| Status::not_found(error.to_string()))?;
        let mut client = Service303Client::new(channel).max_decoding_message_size(ANSWER_BYTES_MAX);
        Ok(client.get_metrics(Void {}).await?.into_inner().family)
    }
}

/// Asks the services every `collect_interval`.
pub(super) struct Collector {
    services: Vec<String>,
    every: Duration,
    limit: Duration,
    source: Arc<dyn Source>,
    intake: Intake,
    /// Services that did not answer when they were asked last.
    silent: BTreeSet<String>,
}

impl Collector {
    pub fn new(metricsd: &Metricsd, source: Arc<dyn Source>, intake: Intake) -> Self {
        Self {
            services: metricsd.services.clone(),
            every: metricsd.collect_interval,
            // One that never answers must not hold up the next round of the others.
            limit: metricsd.grpc_timeout.min(metricsd.collect_interval),
            source,
            intake,
            silent: BTreeSet::new(),
        }
    }

    /// Asks at once and then until the end; what was told by then is kept.
    pub async fn run(mut self, mut shutdown: Shutdown) {
        let mut rounds = interval(self.every);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while !shutdown.is_fired() {
            tokio::select! {
                () = shutdown.wait() => {}
                _ = rounds.tick() => self.round(&mut shutdown).await,
            }
        }
    }

    /// Asks every service once, and keeps what they tell as it comes.
    async fn round(&mut self, shutdown: &mut Shutdown) {
        let mut asked = JoinSet::new();
        for service in self.services.clone() {
            let (source, limit) = (self.source.clone(), self.limit);
            asked.spawn(async move {
                let told = deadline(limit, source.metrics(&service)).await;
                (service, told)
            });
        }
        while !asked.is_empty() {
            let mut batch = Records::default();
            tokio::select! {
                () = shutdown.wait() => {}
                Some(first) = asked.join_next() => self.take(first, &mut batch),
            }
            let until = Instant::now() + GATHERING;
            loop {
                tokio::select! {
                    next = timeout_at(until, asked.join_next()) => match next {
                        Ok(Some(next)) => self.take(next, &mut batch),
                        _ => break,
                    },
                    () = shutdown.wait() => break,
                }
            }
            if shutdown.is_fired() {
                while let Some(next) = asked.try_join_next() {
                    self.take(next, &mut batch);
                }
                asked.abort_all();
            }
            self.intake.keep(batch).await;
            if shutdown.is_fired() {
                return;
            }
        }
    }

    fn take(&mut self, asked: Result<Told, JoinError>, batch: &mut Records) {
        let Ok((service, told)) = asked else { return };
        match &told {
            Ok(_) => {
                if self.silent.remove(&service) {
                    tracing::info!(service, "a service tells its metrics again");
                }
            }
            Err(status) => {
                let error = status.message();
                if self.silent.insert(service.clone()) {
                    tracing::warn!(service, error, "a service does not tell its metrics");
                } else {
                    tracing::debug!(service, error, "a service still does not tell its metrics");
                }
            }
        }
        batch.append(self.intake.of_service(service, told.ok(), now_ms()));
    }
}
