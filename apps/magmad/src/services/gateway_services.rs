//! The services that belong to this gateway, and what may be done to them from outside.
//!
//! Only names from the configuration ever reach a controller: a name that comes over the network is looked up here
//! first.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use magma_service303::CounterFamily;
use serde_json::json;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::configured::OWN_NAME;
use super::controller::COMMAND_LIMIT;
use super::watch::RESTART_BUFFER;
use super::{
    Action, Embedded, LogLines, LogSource, Restart, ServiceController, ServiceError, ServiceLog,
    ServiceState, ServiceWatch,
};

use crate::event_log::{self, EventLog};

/// How many services are started or stopped at the same time.
const COMMANDS_AT_ONCE: usize = 8;

/// The names that the configuration gives.
#[derive(Clone, Debug, Default)]
pub struct ServiceNames {
    /// `magma_services`: they always belong to this gateway.
    pub fixed: Vec<String>,
    /// `embedded_services`: the agent serves these itself. Unless they are dynamic, they are fixed.
    pub embedded: BTreeSet<String>,
    /// `registered_dynamic_services`: the cloud switches them on and off.
    pub dynamic: Vec<String>,
    /// They cannot be asked how they are: see [`magma_config::GatewayConfig::unasked_services`].
    pub unasked: BTreeSet<String>,
    /// Further names whose logs may be read: the service registry's, the agent's own.
    pub logged: BTreeSet<String>,
}

/// This gateway's services.
#[derive(Debug)]
pub struct Services {
    controller: Arc<ServiceController>,
    embedded: Embedded,
    event_log: EventLog,
    names: ServiceNames,
    /// The dynamic services that are switched on.
    enabled: Mutex<BTreeSet<String>>,
    watch: Mutex<ServiceWatch>,
    unexpected_restarts: CounterFamily<1>,
}

/// What became of an operation on several services.
#[derive(Debug, Default)]
pub struct Outcome {
    /// With these it worked, in the order of names.
    pub done: Vec<String>,
    /// With these it did not, in the order of names.
    pub failed: BTreeMap<String, ServiceError>,
}

impl fmt::Display for Outcome {
    /// The failures in one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let failures: Vec<String> = self.failed.values().map(ToString::to_string).collect();
        f.write_str(&failures.join("; "))
    }
}

impl Services {
    /// The services of `names`, run by `controller`. `unexpected_restarts` counts by service name, from 0.
    pub fn new(
        controller: ServiceController,
        mut names: ServiceNames,
        watch: ServiceWatch,
        unexpected_restarts: CounterFamily<1>,
    ) -> Self {
        for service in &names.embedded {
            if !names.fixed.contains(service) && !names.dynamic.contains(service) {
                names.fixed.push(service.clone());
            }
        }
        for service in &names.fixed {
            unexpected_restarts.with([service]);
        }
        Self {
            controller: Arc::new(controller),
            embedded: Embedded::new(names.embedded.iter().cloned()),
            event_log: EventLog::nowhere(),
            names,
            enabled: Mutex::default(),
            watch: Mutex::new(watch),
            unexpected_restarts,
        }
    }

    /// Tells `event_log` of each restart that was ordered.
    pub fn telling(self, event_log: EventLog) -> Self {
        Self { event_log, ..self }
    }

    /// The services that belong to this gateway now: the fixed ones and the dynamic ones that are switched on.
    pub fn current(&self) -> BTreeSet<String> {
        self.names.fixed.iter().cloned().chain(locked(&self.enabled).iter().cloned()).collect()
    }

    /// Of the current services, those that answer `Service303`.
    pub fn asked(&self) -> BTreeSet<String> {
        self.current().difference(&self.names.unasked).cloned().collect()
    }

    /// Starts every current service.
    pub async fn start_all(&self) -> Outcome {
        self.control(Action::Start, self.current()).await
    }

    /// Stops every current service.
    pub async fn stop_all(&self) -> Outcome {
        self.control(Action::Stop, self.current()).await
    }

    /// Restarts `services`, or every current one when the list is empty. A name that is none of this gateway's
    /// services is among the failures, and the others are restarted all the same.
    pub async fn restart(&self, services: &[String]) -> Outcome {
        let (known, unknown) = self.split_known(services);
        let before: Vec<String> = known.iter().cloned().collect();
        self.expect_restart(&before, COMMAND_LIMIT + RESTART_BUFFER);
        let mut outcome = self.control(Action::Restart, known).await;
        self.expect_restart(&before, RESTART_BUFFER);
        if !outcome.done.is_empty() {
            self.event_log.log(event_log::RESTARTED_SERVICES, &json!({ "services": outcome.done }));
        }
        outcome.failed.extend(unknown.into_iter().map(|name| (name.clone(), ServiceError::Unknown(name))));
        outcome
    }

    /// Of the names in `services`, which are current services, and which are not. An empty list means all.
    pub fn split_known(&self, services: &[String]) -> (BTreeSet<String>, BTreeSet<String>) {
        let current = self.current();
        if services.is_empty() {
            return (current, BTreeSet::new());
        }
        services.iter().cloned().partition(|name| current.contains(name))
    }

    /// Switches dynamic services on and off, as the managed configuration says (`dynamic_services`), and starts or
    /// stops those that changed. Names that are not registered on this gateway are ignored.
    ///
    /// Deviation: a service that is fixed and also registered as dynamic stays fixed. Magma stops it at the first
    /// change, and can then restart nothing any more.
    pub async fn switch_dynamic(&self, wanted: &[String]) -> Outcome {
        let may = |name: &&String| self.names.dynamic.contains(*name) && !self.names.fixed.contains(*name);
        let wanted: BTreeSet<String> = wanted.iter().filter(may).cloned().collect();
        let before = std::mem::replace(&mut *locked(&self.enabled), wanted.clone());
        let mut outcome = self.control(Action::Start, wanted.difference(&before).cloned().collect()).await;
        let stopped = self.control(Action::Stop, before.difference(&wanted).cloned().collect()).await;
        outcome.done.extend(stopped.done);
        outcome.failed.extend(stopped.failed);
        locked(&self.watch).keep(&self.asked());
        outcome
    }

    /// What a service is doing.
    ///
    /// # Errors
    /// When it is none of this gateway's services.
    pub async fn state(&self, service: &str) -> Result<ServiceState, ServiceError> {
        if !self.is_named(service) {
            return Err(ServiceError::Unknown(service.to_owned()));
        }
        Ok(match self.embedded.is_on(service) {
            Some(true) => ServiceState::Active,
            Some(false) => ServiceState::Inactive,
            None => self.controller.state(service).await,
        })
    }

    /// Starts, stops or restarts `services` of this gateway, whether or not the cloud has switched them on: for an
    /// operator at this machine. Names that are none of its services are among the failures.
    pub async fn order(&self, action: Action, services: &[String]) -> Outcome {
        let (known, unknown): (BTreeSet<String>, BTreeSet<String>) =
            services.iter().cloned().partition(|name| self.is_named(name));
        let mut outcome = self.control(action, known).await;
        outcome.failed.extend(unknown.into_iter().map(|name| (name.clone(), ServiceError::Unknown(name))));
        outcome
    }

    /// Restarts sctpd, which is no service of the gateway's own kind (its unit is not `magma@sctpd`): with it, all of
    /// an access gateway's data plane begins anew.
    ///
    /// # Errors
    /// When it could not be restarted.
    pub async fn restart_sctpd(&self) -> Result<(), ServiceError> {
        let current: Vec<String> = self.current().into_iter().collect();
        self.expect_restart(&current, COMMAND_LIMIT + RESTART_BUFFER);
        let restarted = self.controller.restart_other("sctpd").await;
        self.expect_restart(&current, RESTART_BUFFER);
        restarted
    }

    fn is_named(&self, service: &str) -> bool {
        self.names.fixed.iter().chain(&self.names.dynamic).any(|name| name == service)
    }

    /// Where the agent's own log is to be written too; none where an init system keeps it.
    pub fn own_log(&self) -> Option<Arc<ServiceLog>> {
        match &*self.controller {
            ServiceController::Process(supervisor) => Some(supervisor.own_log()),
            _ => None,
        }
    }

    /// The log of one service, or of the whole gateway when `service` is empty.
    ///
    /// # Errors
    /// When this gateway's configuration does not know the name.
    pub fn tail_logs(&self, service: &str) -> Result<LogLines, ServiceError> {
        if service.is_empty() {
            return Ok(self.controller.tail_logs(LogSource::System));
        }
        let names = &self.names;
        let known = names.logged.contains(service)
            || names.fixed.iter().chain(&names.dynamic).any(|name| name == service);
        if !known {
            return Err(ServiceError::Unknown(service.to_owned()));
        }
        // What the agent serves itself is in its own log.
        let log = |name: &str| self.controller.tail_logs(LogSource::Service(name.to_owned()));
        Ok(if self.embedded.contains(service) { log(OWN_NAME).only_of(service) } else { log(service) })
    }

    /// The switches of the services that the agent serves itself.
    pub fn embedded(&self) -> &Embedded {
        &self.embedded
    }

    /// What is known from asking the services, to read or to change.
    pub fn watch(&self) -> MutexGuard<'_, ServiceWatch> {
        locked(&self.watch)
    }

    /// Takes note of a restart that a poll showed.
    pub(super) fn saw(&self, service: &str, restart: Restart) {
        if restart == Restart::Unexpected {
            self.unexpected_restarts.with([service]).increment();
            tracing::warn!(service, "a service was restarted, and nobody ordered it");
        }
    }

    /// Ends what runs only as long as this program.
    pub async fn shut_down(&self) {
        self.controller.shut_down().await;
    }

    fn expect_restart(&self, services: &[String], within: Duration) {
        self.watch().expect_restart(services, (Instant::now() + within).into_std());
    }

    async fn control(&self, action: Action, services: BTreeSet<String>) -> Outcome {
        let turns = Arc::new(Semaphore::new(COMMANDS_AT_ONCE));
        let mut commands = JoinSet::new();
        let (embedded, others): (Vec<String>, Vec<String>) =
            services.into_iter().partition(|service| self.embedded.control(action, service));
        for service in others {
            let (controller, turns) = (Arc::clone(&self.controller), Arc::clone(&turns));
            commands.spawn(async move {
                let _turn = turns.acquire().await;
                let result = controller.control(action, &service).await;
                (service, result)
            });
        }
        let mut outcome = Outcome { done: embedded, failed: BTreeMap::new() };
        while let Some(ended) = commands.join_next().await {
            let Ok((service, result)) = ended else { continue };
            match result {
                Ok(()) => outcome.done.push(service),
                Err(error) => {
                    tracing::error!(%error, "a service did not do what it was told");
                    outcome.failed.insert(service, error);
                }
            }
        }
        outcome.done.sort();
        outcome
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
