//! Sends the samples that wait to the cloud, oldest first, in chunks; each is forgotten when the cloud has taken it.

use std::sync::Arc;
use std::time::Duration;

use magma_config::Metricsd;
use magma_rpc::backoff::Backoff;
use magma_rpc::tonic::codegen::http::uri::PathAndQuery;
use magma_rpc::{Code, ProstCodec, Request, Status, deadline, tonic};
use prost::Message;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use wire_orc8r::orc8r::Void;
use wire_orc8r::prometheus::MetricFamily;

use super::store::Store;
use crate::cloud::Cloud;
use crate::shutdown::Shutdown;

/// The cloud's service that takes metrics.
const SERVICE: &str = "metricsd";

/// Its method.
const COLLECT: &str = "/magma.orc8r.MetricsController/Collect";

/// How long after the services were first asked the first upload follows, at most.
const FIRST_AFTER: Duration = Duration::from_secs(5);

/// Octets of a message that are not for families: the gateway's id, and what Magma leaves free.
const MESSAGE_RESERVE: usize = 1000;

/// Octets of families in the first message, in the largest, and in the smallest. A slow link gets smaller ones until
/// one of them arrives within the deadline. Magma's limit of 4 MiB is for the receiver's sake; ours is smaller for the sake
/// of this program's memory.
const CHUNK_BYTES_FIRST: usize = 16 << 10;
const CHUNK_BYTES_MAX: usize = 32 << 10;
const CHUNK_BYTES_MIN: usize = 4 << 10;

/// Families that may be dropped in one round because the cloud refuses each for what it is. A cloud that refuses
/// everything must not empty the queue.
const REFUSED_MAX: usize = 3;

/// The longest pause after a failure, unless the sync interval is longer.
const RETRY_MAX: Duration = Duration::from_secs(300);

/// `MetricsContainer`, whose families are encoded already.
#[derive(Clone, PartialEq, prost::Message)]
struct EncodedContainer {
    #[prost(string, tag = "1")]
    gateway_id: String,
    #[prost(bytes = "vec", repeated, tag = "2")]
    family: Vec<Vec<u8>>,
}

/// Who takes metrics.
#[tonic::async_trait]
pub(super) trait Sink: Send + Sync + 'static {
    /// Returns when these encoded families are taken.
    async fn collect(&self, families: Vec<Vec<u8>>) -> Result<(), Status>;
}

/// The cloud's `MetricsController`.
pub(super) struct CloudSink {
    cloud: Cloud,
    hardware_id: String,
}

impl CloudSink {
    pub fn new(cloud: Cloud, hardware_id: &str) -> Self {
        Self { cloud, hardware_id: hardware_id.to_owned() }
    }
}

#[tonic::async_trait]
impl Sink for CloudSink {
    async fn collect(&self, family: Vec<Vec<u8>>) -> Result<(), Status> {
        let cloud = self.cloud.channel(SERVICE).map_err(|error| Status::unavailable(error.to_string()))?;
        let container = EncodedContainer { gateway_id: self.hardware_id.clone(), family };
        let mut client = tonic::client::Grpc::new(cloud.channel);
        client.ready().await?;
        let codec = ProstCodec::<EncodedContainer, Void>::default();
        client.unary(Request::new(container), PathAndQuery::from_static(COLLECT), codec).await.map(drop)
    }
}

/// Sends every `sync_interval`.
pub(super) struct Uploader {
    every: Duration,
    limit: Duration,
    first: Duration,
    chunk_bytes: usize,
    chunk_bytes_max: usize,
    retry: Backoff,
    sink: Arc<dyn Sink>,
    store: Store,
    certificates: watch::Receiver<u64>,
    fails: bool,
}

impl Uploader {
    pub fn new(
        metricsd: &Metricsd,
        sink: Arc<dyn Sink>,
        store: Store,
        certificates: watch::Receiver<u64>,
    ) -> Self {
        let every = metricsd.sync_interval;
        let chunk_bytes_max =
            metricsd.message_bytes_max.saturating_sub(MESSAGE_RESERVE).clamp(1, CHUNK_BYTES_MAX);
        Self {
            every,
            limit: metricsd.grpc_timeout,
            first: FIRST_AFTER.min(metricsd.collect_interval / 2),
            chunk_bytes: CHUNK_BYTES_FIRST.min(chunk_bytes_max),
            chunk_bytes_max,
            retry: Backoff::new(every / 2, RETRY_MAX.max(every)),
            sink,
            store,
            certificates,
            fails: false,
        }
    }

    /// Sends until the end, once there is a certificate to do it with. A message that is on its way at the end is waited
    /// for, so that it does not come again after a restart.
    pub async fn run(mut self, mut shutdown: Shutdown) {
        let mut next = Instant::now() + self.first;
        tokio::select! {
            () = shutdown.wait() => return,
            // The sender lives in the agent, so this does not fail while it runs.
            certificate = self.certificates.wait_for(|generation| *generation > 0) => drop(certificate),
        }
        loop {
            tokio::select! {
                () = shutdown.wait() => return,
                () = sleep_until(next) => {}
                // What was refused before may be granted now; when all is well there is no hurry.
                Ok(()) = self.certificates.changed(), if self.fails => {}
            }
            let began = Instant::now();
            self.certificates.mark_unchanged();
            next = match self.send_all(&shutdown).await {
                Ok(()) => {
                    self.succeeded();
                    began + self.every
                }
                Err(status) => Instant::now() + self.failed(&status),
            };
        }
    }

    /// Sends until nothing waits, or something fails.
    async fn send_all(&mut self, shutdown: &Shutdown) -> Result<(), Status> {
        let mut refused = 0;
        while !shutdown.is_fired() {
            let chunk = self.store.oldest(self.chunk_bytes).await;
            let mut chunk = chunk
                .map_err(|error| Status::internal(format!("the queue of metrics cannot be read: {error}")))?;
            if chunk.records == 0 {
                return Ok(());
            }
            let families = std::mem::take(&mut chunk.families);
            let first =
                families.first().and_then(|family| MetricFamily::decode(family.as_slice()).ok()?.name);
            match self.send(families).await {
                Ok(()) => self.store.commit(chunk).await,
                Err(status) if is_about_the_message(&status) && chunk.records > 1 => {
                    self.shrink_to_find_it();
                }
                Err(status) if is_about_the_message(&status) && refused < REFUSED_MAX => {
                    refused += 1;
                    let error = status.message();
                    tracing::error!(
                        error,
                        metric = first,
                        "the cloud refuses a metric; its samples are dropped"
                    );
                    self.store.discard(chunk).await;
                }
                Err(status) => return Err(status),
            }
        }
        Ok(())
    }

    /// Sends one message, and learns from it how long the next one may be.
    async fn send(&mut self, families: Vec<Vec<u8>>) -> Result<(), Status> {
        // Nothing of a chunk could be read: there is nothing to send.
        if families.is_empty() {
            return Ok(());
        }
        let sent = deadline(self.limit, self.sink.collect(families)).await;
        match &sent {
            Ok(()) => self.chunk_bytes = (2 * self.chunk_bytes).min(self.chunk_bytes_max),
            Err(status) if is_about_the_size(status) => {
                self.chunk_bytes = (self.chunk_bytes / 2).max(self.chunk_bytes_min());
            }
            Err(_) => {}
        }
        sent
    }

    /// Halves the messages until the family that the cloud refuses is alone in one.
    fn shrink_to_find_it(&mut self) {
        let halved = self.chunk_bytes / 2;
        self.chunk_bytes = if halved > self.chunk_bytes_min() { halved } else { 1 };
    }

    fn chunk_bytes_min(&self) -> usize {
        CHUNK_BYTES_MIN.min(self.chunk_bytes_max)
    }

    fn succeeded(&mut self) {
        self.retry.reset();
        if std::mem::take(&mut self.fails) {
            tracing::info!("the cloud takes metrics again; what waited has been sent");
        }
    }

    /// Returns the pause that follows.
    fn failed(&mut self, status: &Status) -> Duration {
        let pause = self.retry.next();
        let (error, retry_in_s) = (status.message(), pause.as_secs());
        if std::mem::replace(&mut self.fails, true) {
            tracing::debug!(error, retry_in_s, "metrics still cannot be sent");
        } else {
            tracing::warn!(error, retry_in_s, "metrics cannot be sent; they wait on disk");
        }
        pause
    }
}

/// Whether the cloud will refuse the same message again.
fn is_about_the_message(status: &Status) -> bool {
    matches!(status.code(), Code::InvalidArgument | Code::OutOfRange)
}

/// Whether a smaller message may arrive where this one did not.
fn is_about_the_size(status: &Status) -> bool {
    matches!(status.code(), Code::DeadlineExceeded | Code::ResourceExhausted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire_orc8r::orc8r::MetricsContainer;

    #[test]
    fn the_container_is_what_the_cloud_reads() {
        let family = MetricFamily { name: Some("up".into()), ..MetricFamily::default() };
        let sent =
            EncodedContainer { gateway_id: "hw".into(), family: vec![family.encode_to_vec(), Vec::new()] };
        let read = MetricsContainer::decode(sent.encode_to_vec().as_slice()).expect("a container");
        assert_eq!(read.gateway_id, "hw");
        assert_eq!(read.family, [family, MetricFamily::default()]);
    }
}
