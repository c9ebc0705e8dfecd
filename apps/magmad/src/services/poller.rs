//! Asks every service how it is, each ten seconds, a few at a time (`LocalServices::turn`).
//!
//! A service that is dead, slow or unknown costs a failure in [`super::ServiceWatch`] and never delays the others.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use magma_rpc::channel::Channel;
use magma_rpc::{Status, deadline};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval};
use wire_orc8r::orc8r::service303_client::Service303Client;
use wire_orc8r::orc8r::{ServiceInfo, Void};

use super::Services;
use super::controller::COMMAND_LIMIT;
use super::watch::RESTART_BUFFER;
use crate::local_services::LocalServices;

/// How often services are asked.
pub const POLL_INTERVAL: Duration = Duration::from_secs(10);

/// How often the watchdog looks for services that do not answer.
pub const WATCHDOG_INTERVAL: Duration = Duration::from_secs(15);

/// How long a service may take for its answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(8);

/// Asks this gateway's services how they are.
#[derive(Debug)]
pub struct Poller {
    services: Arc<Services>,
    local: LocalServices,
    /// Services that are in `magma_services` and not in the service registry, as far as they were reported.
    unreachable: Mutex<BTreeSet<String>>,
}

impl Poller {
    /// Asks `services` where the service registry says that they are.
    pub fn new(services: Arc<Services>, local: LocalServices) -> Self {
        Self { services, local, unreachable: Mutex::default() }
    }

    /// Asks at once and then every [`POLL_INTERVAL`], and runs the watchdog; for ever.
    pub async fn run(&self) {
        let (mut polls, mut looks) = (interval(POLL_INTERVAL), interval(WATCHDOG_INTERVAL));
        polls.set_missed_tick_behavior(MissedTickBehavior::Delay);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let polling = async {
            loop {
                polls.tick().await;
                self.poll().await;
            }
        };
        let watching = async {
            loop {
                looks.tick().await;
                self.restart_silent().await;
            }
        };
        tokio::join!(polling, watching);
    }

    /// Asks every service once and returns when each has answered or failed: after eight seconds at most.
    pub async fn poll(&self) {
        let mut asking = JoinSet::new();
        for service in self.services.asked() {
            match self.local.channel(&service) {
                Ok(channel) => drop(asking.spawn({
                    let local = self.local.clone();
                    async move {
                        let _turn = local.turn().await;
                        let answer = ask(channel).await;
                        (service, answer)
                    }
                })),
                Err(_) => self.not_in_registry(service),
            }
        }
        while let Some(answer) = asking.join_next().await {
            if let Ok((service, answer)) = answer {
                self.note(&service, answer);
            }
        }
    }

    /// Restarts the services that did not answer for too long (`services_to_restart`).
    pub async fn restart_silent(&self) {
        let until = (Instant::now() + COMMAND_LIMIT + RESTART_BUFFER).into_std();
        let silent = self.services.watch().take_silent(until);
        if !silent.is_empty() {
            tracing::error!(services = ?silent, "services do not answer, restarting them");
            self.services.restart(&silent).await;
        }
    }

    fn note(&self, service: &str, answer: Result<ServiceInfo, Status>) {
        match answer {
            Ok(info) => {
                let restart = self.services.watch().answered(service, info, Instant::now().into_std());
                self.services.saw(service, restart);
            }
            Err(status) => {
                let failures = self.services.watch().failed(service);
                let error = status.message();
                if failures == 1 {
                    tracing::warn!(service, error, "a service does not answer");
                } else {
                    tracing::debug!(service, error, failures, "a service still does not answer");
                }
            }
        }
    }

    fn not_in_registry(&self, service: String) {
        self.services.watch().failed(&service);
        let mut reported = self.unreachable.lock().unwrap_or_else(PoisonError::into_inner);
        if reported.insert(service.clone()) {
            tracing::warn!(
                service,
                "service_registry.yml does not say where this service is; add it there, or to non_service303_services"
            );
        }
    }
}

async fn ask(channel: Channel) -> Result<ServiceInfo, Status> {
    let mut client = Service303Client::new(channel);
    deadline(ANSWER_LIMIT, async { client.get_service_info(Void {}).await })
        .await
        .map(|info| info.into_inner())
}

#[cfg(test)]
mod tests;
