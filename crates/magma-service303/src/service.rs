//! Answers `magma.orc8r.Service303` for one service of ours.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use magma_rpc::{Request, Response, Status, tonic};
use wire_orc8r::orc8r::reload_config_response::ReloadConfigResult;
use wire_orc8r::orc8r::service303_server::{Service303 as Contract, Service303Server};
use wire_orc8r::orc8r::{
    GetOperationalStatesResponse, LogLevel, LogLevelMessage, LogVerbosity, MetricsContainer,
    ReloadConfigResponse, ServiceInfo, ServiceStatus, State, Void,
};

use crate::{Lifecycle, Registry, process_families};

/// What a service does when it is asked or told something. Every method has a plain answer for a service that
/// has nothing to say.
pub trait Application: Send + Sync + 'static {
    /// Facts that the service puts into the gateway's status, such as `enodeb_connected`.
    fn meta(&self) -> BTreeMap<String, String> {
        BTreeMap::new()
    }

    /// States that the agent reports to the cloud at its next check-in.
    fn operational_states(&self) -> Vec<State> {
        Vec::new()
    }

    /// Changes the level of the service's log until it restarts.
    ///
    /// # Errors
    /// A sentence for the operator, when the level stays as it is.
    fn set_log_level(&self, level: LogLevel) -> Result<(), String> {
        Err(format!("this service cannot change its log level to {} while it runs", level.as_str_name()))
    }

    /// Reads the service's configuration again.
    fn reload_config(&self) -> Reload {
        Reload::Unsupported
    }

    /// Ends the service in good order; must return at once, so that the caller gets its answer.
    fn stop(&self);
}

/// What became of the wish to read the configuration again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reload {
    /// The new configuration is in effect.
    Done,
    /// The new configuration is unusable and the old one stays in effect; the sentence says why, for the log.
    Failed(String),
    /// The service reads its configuration only when it starts.
    Unsupported,
}

/// Who a service is.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The name as it is configured, such as `magmad`.
    pub name: String,
    /// The version of the program.
    pub version: String,
    /// When the program started, by the system clock.
    pub started: SystemTime,
}

/// Magma's common service, on behalf of an [`Application`].
#[derive(Debug)]
pub struct Service303<A> {
    identity: Identity,
    lifecycle: Lifecycle,
    registry: Registry,
    application: A,
}

impl<A: Application> Service303<A> {
    /// Answers for `application` with the metrics of `registry` and of the process.
    pub fn new(identity: Identity, lifecycle: Lifecycle, registry: Registry, application: A) -> Self {
        Self { identity, lifecycle, registry, application }
    }

    /// The gRPC service, to be added to a router.
    pub fn into_server(self) -> Service303Server<Self> {
        Service303Server::new(self)
    }

    fn info(&self) -> ServiceInfo {
        ServiceInfo {
            name: self.identity.name.clone(),
            version: self.identity.version.clone(),
            state: self.lifecycle.state().into(),
            status: Some(ServiceStatus { meta: self.application.meta() }),
            health: self.lifecycle.health().into(),
            start_time_secs: since_1970(self.identity.started).as_secs(),
        }
    }

    fn metrics(&self) -> MetricsContainer {
        let timestamp_ms = i64::try_from(since_1970(SystemTime::now()).as_millis()).unwrap_or(i64::MAX);
        let mut family = self.registry.gather(timestamp_ms);
        family.extend(process_families(timestamp_ms));
        MetricsContainer { gateway_id: String::new(), family }
    }
}

#[tonic::async_trait]
impl<A: Application> Contract for Service303<A> {
    async fn get_service_info(&self, _: Request<Void>) -> Result<Response<ServiceInfo>, Status> {
        Ok(Response::new(self.info()))
    }

    async fn stop_service(&self, _: Request<Void>) -> Result<Response<Void>, Status> {
        tracing::info!(service = self.identity.name, "told to stop by a StopService call");
        self.lifecycle.stopping();
        self.application.stop();
        Ok(Response::new(Void {}))
    }

    async fn get_metrics(&self, _: Request<Void>) -> Result<Response<MetricsContainer>, Status> {
        Ok(Response::new(self.metrics()))
    }

    async fn set_log_level(&self, request: Request<LogLevelMessage>) -> Result<Response<Void>, Status> {
        let number = request.into_inner().level;
        let level = LogLevel::try_from(number).map_err(|_| {
            Status::invalid_argument(format!("no such log level: {number} (0 to 4 expected)"))
        })?;
        self.application.set_log_level(level).map_err(Status::unimplemented)?;
        tracing::info!(level = level.as_str_name(), "log level changed by a SetLogLevel call");
        Ok(Response::new(Void {}))
    }

    async fn set_log_verbosity(&self, _: Request<LogVerbosity>) -> Result<Response<Void>, Status> {
        Err(Status::unimplemented("log verbosity is for C++ and Go services; use SetLogLevel"))
    }

    async fn reload_service_config(
        &self,
        _: Request<Void>,
    ) -> Result<Response<ReloadConfigResponse>, Status> {
        let result = match self.application.reload_config() {
            Reload::Done => ReloadConfigResult::ReloadSuccess,
            Reload::Unsupported => ReloadConfigResult::ReloadUnsupported,
            Reload::Failed(why) => {
                tracing::error!(why, "the configuration was not reloaded, the old one stays in effect");
                ReloadConfigResult::ReloadFailure
            }
        };
        Ok(Response::new(ReloadConfigResponse { result: result.into() }))
    }

    async fn get_operational_states(
        &self,
        _: Request<Void>,
    ) -> Result<Response<GetOperationalStatesResponse>, Status> {
        Ok(Response::new(GetOperationalStatesResponse { states: self.application.operational_states() }))
    }
}

/// A clock before 1970 counts as 1970.
fn since_1970(time: SystemTime) -> Duration {
    time.duration_since(UNIX_EPOCH).unwrap_or_default()
}

#[cfg(test)]
mod tests;
