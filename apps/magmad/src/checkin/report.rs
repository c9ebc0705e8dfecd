//! The task that checks in.

use std::sync::Arc;
use std::time::Duration;

use magma_identity::HardwareId;
use magma_rpc::{Status, deadline, tonic};
use magma_service303::Gauge;
use tokio::time::Instant;
use wire_orc8r::orc8r::state_service_client::StateServiceClient;
use wire_orc8r::orc8r::{ReportStatesRequest, State};

use super::skip::SkipRule;
use super::states;
use crate::bootstrap::Bootstrapper;
use crate::cloud::Cloud;
use crate::events::{Event, Events, Step};
use crate::local_services::LocalServices;
use crate::low_bandwidth::Intervals;
use crate::managed_config::ManagedConfig;
use crate::progress::Progress;
use crate::refusal;
use crate::services::Services;
use crate::shutdown::Shutdown;
use crate::supervise::Task;

/// The cloud's service that takes states.
const SERVICE: &str = "state";
/// The type of the gateway's own state.
const GATEWAY_STATE: &str = "gw_state";

/// How much later than planned a check-in may be over before it counts as hanging: the probes of the host and the
/// local services have limits of their own.
const SLACK: Duration = Duration::from_secs(60);

/// The intervals of check-in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timings {
    /// Check in this often whatever `gateway.mconfig` says; for laboratories and tests.
    pub interval: Option<Duration>,
    /// How what `gateway.mconfig` says is stretched, in the low-bandwidth profile.
    pub stretched: Option<Intervals>,
}

/// What the gateway says of itself.
#[tonic::async_trait]
pub trait GatewayState: Send + Sync + 'static {
    /// The JSON text of `gw_state`, as it is now.
    async fn json(&self) -> String;
}

/// The task that checks in.
pub struct Reporter {
    /// The connections to the cloud.
    pub cloud: Cloud,
    /// Whom to tell of a refused certificate.
    pub bootstrapper: Bootstrapper,
    /// Who this gateway is.
    pub hardware_id: HardwareId,
    /// The interval and the deadline.
    pub managed: ManagedConfig,
    /// Who is asked for states.
    pub services: Arc<Services>,
    /// How they are reached.
    pub channels: LocalServices,
    /// The gateway's own state.
    pub gateway: Arc<dyn GatewayState>,
    /// When that one waits.
    pub skip: SkipRule,
    /// Who wants to know.
    pub events: Events,
    /// The gauge `checkin_status`: 1 after a success, 0 after a failure.
    pub status: Gauge,
    /// The intervals.
    pub timings: Timings,
    /// What the watchdog goes by.
    pub progress: Progress,
}

/// Why a check-in failed.
enum Failure {
    Unusable(String),
    Call(Status, u64),
}

impl Task for Reporter {
    async fn run(&mut self, mut shutdown: Shutdown) -> anyhow::Result<()> {
        tokio::select! {
            () = shutdown.wait() => {}
            () = self.keep_checking_in() => {}
        }
        Ok(())
    }
}

impl Reporter {
    async fn keep_checking_in(&mut self) {
        let mut generations = self.cloud.generations();
        // The certificate first; the sender lives in our own `cloud`, so this does not fail.
        generations.wait_for(|generation| *generation > 0).await.ok();
        let mut live = self.managed.subscribe();
        let mut failures = 0_u32;
        loop {
            let began = Instant::now();
            self.promise();
            generations.mark_unchanged();
            let outcome = self.check_in().await;
            failures = self.account(outcome, failures);
            loop {
                live.mark_unchanged();
                self.promise();
                tokio::select! {
                    () = tokio::time::sleep_until(began + self.interval()) => break,
                    // Another interval counts from the same beginning.
                    changed = live.changed() => drop(changed),
                    // A new certificate or another cloud: what was refused before may be granted now.
                    changed = generations.changed() => {
                        drop(changed);
                        break;
                    }
                }
            }
        }
    }

    /// Magma's watchdog gives a check-in twice its interval; ours also the time that its calls may take.
    fn promise(&self) {
        let limit = self.managed.current().magmad.checkin_timeout;
        self.progress.promise("check-in", 2 * (self.interval() + limit) + SLACK);
    }

    fn interval(&self) -> Duration {
        let Timings { interval, stretched } = &self.timings;
        let configured = interval.unwrap_or(self.managed.current().magmad.checkin_interval);
        stretched.as_ref().map_or(configured, |intervals| intervals.checkin(configured))
    }

    /// Returns how many states the cloud took.
    async fn check_in(&mut self) -> Result<usize, Failure> {
        let limit = self.managed.current().magmad.checkin_timeout;
        let mut states = states::gather(&self.channels, &self.services.asked(), limit).await;
        let having_facts = self.services.watch().with_meta();
        let missing = self.skip.waits_for(&having_facts);
        if missing.is_empty() {
            states.push(State {
                r#type: GATEWAY_STATE.to_owned(),
                device_id: self.hardware_id.as_str().to_owned(),
                value: self.gateway.json().await.into_bytes(),
                version: 0,
            });
        } else {
            tracing::warn!(
                ?missing,
                "the gateway's own state is not sent: services have not told their facts yet"
            );
        }
        let count = states.len();
        // The cloud answers an empty report with INVALID_ARGUMENT.
        if count > 0 {
            self.report(states, limit).await?;
        }
        Ok(count)
    }

    async fn report(&self, states: Vec<State>, limit: Duration) -> Result<(), Failure> {
        let cloud = self.cloud.channel(SERVICE).map_err(|error| Failure::Unusable(error.to_string()))?;
        let mut client = StateServiceClient::new(cloud.channel);
        let answer = deadline(limit, client.report_states(ReportStatesRequest { states })).await;
        let answer = answer.map_err(|status| Failure::Call(status, cloud.generation))?.into_inner();
        for refused in answer.unreported_states {
            let (kind, id, error) = (refused.r#type, refused.device_id, refused.error);
            tracing::warn!("the cloud did not take the state {kind} of {id}: {error}");
        }
        Ok(())
    }

    /// Says what came of it; returns how many check-ins in a row have failed.
    fn account(&self, outcome: Result<usize, Failure>, failures: u32) -> u32 {
        let message = match outcome {
            Ok(states) => {
                self.succeeded(states, failures);
                return 0;
            }
            Err(Failure::Unusable(reason)) => reason,
            Err(Failure::Call(status, generation)) => {
                if refusal::is_of_certificate(&status) {
                    self.bootstrapper.certificate_refused(generation);
                }
                refusal::explain(&status)
            }
        };
        let (failures, pause) = (failures.saturating_add(1), self.interval());
        let seconds = pause.as_secs();
        self.status.set(0.0);
        tracing::error!(failures, "check-in failed: {message}; next attempt in {seconds} s");
        self.events.failed(Step::CheckIn, message, Some(pause));
        failures
    }

    fn succeeded(&self, states: usize, failures: u32) {
        if failures > 0 || self.status.value() < 1.0 {
            tracing::info!(states, "checked in with the cloud");
        } else {
            tracing::debug!(states, "checked in with the cloud");
        }
        self.status.set(1.0);
        self.events.emit(Event::CheckedIn { states });
    }
}
