//! Asks the cloud's streamer for the configuration, again and again.
//!
//! Magma's own cloud sends one batch and ends the stream; ours says in a header that it keeps the stream open and pushes,
//! because the agent said in a header that it can take that. Both headers are unknown to others, who ignore them.

use std::sync::Arc;
use std::time::Duration;

use magma_config::Streamer;
use magma_identity::HardwareId;
use magma_rpc::backoff::Backoff;
use magma_rpc::metadata::MetadataValue;
use magma_rpc::{Request, Status, deadline};
use magma_service303::CounterFamily;
use prost_types::Any;
use tokio::sync::watch::Receiver;
use tokio::time::Instant;
use wire_orc8r::orc8r::streamer_client::StreamerClient;
use wire_orc8r::orc8r::{DataUpdateBatch, GatewayConfigsDigest, StreamRequest};

use super::apply::{Applier, ApplyError};
use super::known::{self, Known};
use crate::bootstrap::Bootstrapper;
use crate::cloud::Cloud;
use crate::events::{Events, Step};
use crate::refusal;
use crate::shutdown::Shutdown;
use crate::supervise::Task;

/// The cloud's service that has the streams.
const SERVICE: &str = "streamer";
/// The stream of `gateway.mconfig`.
const STREAM: &str = "configs";
/// The header by which the agent asks for pushes, and the cloud promises them.
const PUSH: &str = "magma-configs-push";
/// The first pause before a stream with pushes that ended is opened again; the longest is that between polls.
const REOPEN: Duration = Duration::from_secs(4);
/// A stream with pushes has no deadline: HTTP/2 pings notice when the connection is dead.
const NO_DEADLINE: Duration = Duration::from_secs(10 * 365 * 24 * 3600);
/// The largest batch that is taken. The largest real configurations are some hundred kilobytes.
const BATCH_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The intervals of the poller.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timings {
    /// Poll this often whatever `streamer.yml` says, and take no pushes; for laboratories and tests.
    pub pause: Option<Duration>,
}

/// The task that keeps the configuration current.
pub struct Poller {
    /// The connections to the cloud.
    pub cloud: Cloud,
    /// Whom to tell of a refused certificate.
    pub bootstrapper: Bootstrapper,
    /// Who this gateway is.
    pub hardware_id: HardwareId,
    /// `streamer.yml`.
    pub settings: Streamer,
    /// What is done with an update.
    pub applier: Applier,
    /// What need not be sent again.
    pub known: Arc<Known>,
    /// Who wants to know.
    pub events: Events,
    /// The counter `streamer_responses{result}`.
    pub responses: CounterFamily<1>,
    /// The intervals.
    pub timings: Timings,
}

/// Why a poll failed.
enum Failure {
    Unusable(String),
    Call(Status, u64),
    Update(ApplyError),
}

impl Task for Poller {
    async fn run(&mut self, mut shutdown: Shutdown) -> anyhow::Result<()> {
        tokio::select! {
            () = shutdown.wait() => {}
            () = self.keep_polling() => {}
        }
        Ok(())
    }
}

impl Poller {
    async fn keep_polling(&self) {
        let mut generations = self.cloud.generations();
        // The certificate first; the sender lives in our own `cloud`, so this does not fail.
        generations.wait_for(|generation| *generation > 0).await.ok();
        let polls = self.timings.pause.unwrap_or(self.settings.reconnect);
        let mut pushes = None;
        loop {
            generations.mark_unchanged();
            let outcome = self.poll(&mut pushes, generations.clone()).await;
            let pause = pushes.as_mut().map_or(polls, Backoff::next).min(polls);
            self.account(outcome, pause);
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                // A new certificate or another cloud: what was refused before may be granted now.
                changed = generations.changed() => drop(changed),
            }
        }
    }

    /// One stream to its end. `pushes` says how to come back to a cloud that pushes.
    async fn poll(
        &self,
        pushes: &mut Option<Backoff>,
        mut generations: Receiver<u64>,
    ) -> Result<(), Failure> {
        let cloud = self.cloud.channel(SERVICE).map_err(|error| Failure::Unusable(error.to_string()))?;
        let failed = |status| Failure::Call(status, cloud.generation);
        let mut client =
            StreamerClient::new(cloud.channel.clone()).max_decoding_message_size(BATCH_BYTES_MAX);
        let mut until = Instant::now() + self.settings.stream_timeout;
        let opened = deadline(self.settings.stream_timeout, client.get_updates(self.request())).await;
        let opened = opened.map_err(failed)?;
        let digest = known::told(opened.metadata());
        let pushed = opened.metadata().contains_key(PUSH);
        *pushes = pushed.then(|| Backoff::new(REOPEN, self.settings.reconnect));
        if pushed {
            until += NO_DEADLINE;
        }
        let left = || until.saturating_duration_since(Instant::now());
        let mut stream = opened.into_inner();
        let mut batches = 0_usize;
        loop {
            let next = tokio::select! {
                next = deadline(left(), stream.message()) => next,
                // The new certificate or the other cloud has its own connection: this one ends.
                _ = generations.changed(), if pushed => return Ok(()),
            };
            match next {
                Ok(Some(batch)) => {
                    self.take(batch).await?;
                    // Of what a cloud pushes later on, the headers say nothing.
                    self.known.note(digest.clone().filter(|_| batches == 0), &self.applier.managed);
                }
                Ok(None) => return Ok(()),
                // A stream that delivered and stays open is closed in turn, so that a dead one is noticed.
                Err(_) if batches > 0 && left().is_zero() => return Ok(()),
                Err(status) => return Err(failed(status)),
            }
            batches += 1;
        }
    }

    fn request(&self) -> Request<StreamRequest> {
        let known = self.known.digest(&self.applier.managed);
        let digest = GatewayConfigsDigest { md5_hex_digest: known.unwrap_or_else(|| self.applier.digest()) };
        let mut request = Request::new(StreamRequest {
            gateway_id: self.hardware_id.as_str().to_owned(),
            stream_name: STREAM.to_owned(),
            extra_args: Any::from_msg(&digest).ok(),
        });
        if self.timings.pause.is_none() {
            request.metadata_mut().insert(PUSH, MetadataValue::from_static("1"));
        }
        request
    }

    /// The last update of a batch is the newest.
    async fn take(&self, batch: DataUpdateBatch) -> Result<(), Failure> {
        match batch.updates.last() {
            Some(update) => self.applier.apply(&update.value).await.map_err(Failure::Update),
            None => Ok(()),
        }
    }

    fn account(&self, outcome: Result<(), Failure>, pause: Duration) {
        let (result, message) = match outcome {
            Ok(()) => ("Success", None),
            Err(Failure::Unusable(reason)) => ("RpcError", Some(reason)),
            Err(Failure::Update(error)) => ("ValueError", Some(error.to_string())),
            Err(Failure::Call(status, generation)) => {
                if refusal::is_of_certificate(&status) {
                    self.bootstrapper.certificate_refused(generation);
                }
                ("RpcError", Some(refusal::explain(&status)))
            }
        };
        self.responses.with([result]).increment();
        if let Some(message) = message {
            let seconds = pause.as_secs();
            tracing::warn!(
                "no configuration from the cloud: {message}; the present one stays, next poll in {seconds} s"
            );
            self.events.failed(Step::ConfigStream, message, Some(pause));
        }
    }
}
