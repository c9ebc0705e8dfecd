//! Keeps the SyncRPC stream open: reconnects with growing pauses, and at once when the certificate is new.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use magma_rpc::backoff::Backoff;
use serde_json::json;
use tokio::sync::watch;
use tokio::time::Instant;

use super::forwarder::{Forwarder, Reach};
use super::machine::Limits;
use super::session::{self, Ended};
use crate::bootstrap::Bootstrapper;
use crate::cloud::Cloud;
use crate::event_log::{self, EventLog};
use crate::events::{Event, Events, Step};
use crate::local_services::LocalServices;
use crate::refusal;
use crate::shutdown::Shutdown;
use crate::supervise::Task;

/// The cloud's service that owns the stream.
const SERVICE: &str = "dispatcher";

/// The intervals of the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timings {
    /// Those of a session.
    pub session: Limits,
    /// The pause after the first failure; it doubles from here.
    pub retry_first: Duration,
    /// The longest pause.
    pub retry_max: Duration,
    /// A session that lasted this long counts as a success, after which the pauses begin anew.
    pub lasting: Duration,
}

impl Default for Timings {
    fn default() -> Self {
        Self {
            session: Limits::default(),
            retry_first: Duration::from_secs(1),
            retry_max: Duration::from_secs(30),
            lasting: Duration::from_secs(5),
        }
    }
}

/// The task that answers the cloud's requests.
#[derive(Clone)]
pub struct Client {
    /// The connections to the cloud.
    pub cloud: Cloud,
    /// Whom to tell of a refused certificate.
    pub bootstrapper: Bootstrapper,
    /// Who answers the requests.
    pub services: LocalServices,
    /// Which of them the cloud may call.
    pub reach: Reach,
    /// Who wants to know.
    pub events: Events,
    /// What the cloud's operators are told.
    pub event_log: EventLog,
    /// The intervals.
    pub timings: Timings,
}

impl Task for Client {
    async fn run(&mut self, mut shutdown: Shutdown) -> anyhow::Result<()> {
        tokio::select! {
            () = shutdown.wait() => {}
            () = self.keep_connected() => {}
        }
        Ok(())
    }
}

impl Client {
    async fn keep_connected(&self) {
        let mut generations = self.cloud.generations();
        // The certificate first; the sender lives in our own `cloud`, so this does not fail.
        generations.wait_for(|generation| *generation > 0).await.ok();
        let mut pauses = Backoff::new(self.timings.retry_first, self.timings.retry_max);
        loop {
            let began = Instant::now();
            generations.mark_unchanged();
            let Some(ended) = self.session(&mut generations).await else {
                pauses.reset();
                continue;
            };
            if began.elapsed() >= self.timings.lasting {
                pauses.reset();
            }
            let pause = pauses.next();
            let message = ended.explain();
            let seconds = pause.as_secs_f32();
            tracing::warn!("remote commands are not possible: {message}; reconnecting in {seconds:.1} s");
            self.events.failed(Step::SyncRpc, message, Some(pause));
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                changed = generations.changed() => drop(changed),
            }
        }
    }

    /// One session; none when it was ended for a new certificate or new settings.
    async fn session(&self, generations: &mut watch::Receiver<u64>) -> Option<Ended> {
        let (channel, generation) = match self.cloud.channel(SERVICE) {
            Ok(cloud) => (cloud.channel, cloud.generation),
            Err(error) => return Some(Ended::Dead(error.to_string())),
        };
        let forwarder = Forwarder::new(self.services.clone(), self.reach.clone());
        let was_connected = AtomicBool::new(false);
        let connected = || {
            was_connected.store(true, Ordering::Relaxed);
            tracing::info!("connected to the cloud's dispatcher: remote commands are possible");
            self.events.emit(Event::SyncRpcConnected);
            self.event_log.log(event_log::ESTABLISHED_SYNC_RPC_STREAM, &json!({}));
        };
        let ended = tokio::select! {
            ended = session::run(channel, forwarder, self.timings.session.clone(), connected) => ended,
            changed = generations.changed() => {
                tracing::debug!(?changed, "reconnecting with the new certificate or settings");
                return None;
            }
        };
        // Deviation: Magma leaves this out when it takes the cause for transient, so that a stream seems to be
        // established twice.
        if was_connected.into_inner() {
            self.event_log.log(event_log::DISCONNECTED_SYNC_RPC_STREAM, &json!({}));
        }
        if let Ended::Refused(status) = &ended
            && refusal::is_of_certificate(status)
        {
            self.bootstrapper.certificate_refused(generation);
        }
        Some(ended)
    }
}
