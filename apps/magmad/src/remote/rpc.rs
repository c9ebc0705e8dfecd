//! Answers `magma.orc8r.Magmad`.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use magma_dbus::UnitError;
use magma_rpc::{BoxStream, Request, Response, Status, tonic};
use prost::Message;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_stream::Stream;
use wire_orc8r::orc8r::magmad_server::{Magmad, MagmadServer};
use wire_orc8r::orc8r::{
    CheckStatelessResponse, ConfigureStatelessRequest, GatewayConfigs, GenericCommandParams,
    GenericCommandResponse, GetGatewayIdResponse, LogLine, NetworkTestRequest, NetworkTestResponse,
    RestartServicesRequest, TailLogsRequest, Void,
};

use super::audit::{self, Action};
use super::{ConfigSource, GenericCommands, Machine, NetworkTests, Statelessness};
use crate::services::{Cause, LogLines, Outcome, ServiceError, Services};

/// How many logs are followed at the same time.
const LOGS_AT_ONCE: usize = 16;

/// The service that carries the answer to the cloud.
const CARRIER: &str = "control_proxy";

/// When orders to services are answered.
#[derive(Clone, Copy, Debug)]
pub struct AnswerTimes {
    /// How long an answer waits for the services to do what they are told; they go on without it.
    pub wait_for_services: Duration,
    /// How long an operation waits for the answer that it would cut the way of. Magma's pause.
    pub let_pass: Duration,
}

impl Default for AnswerTimes {
    fn default() -> Self {
        Self { wait_for_services: Duration::from_secs(5), let_pass: Duration::from_secs(1) }
    }
}

/// What the commands act on.
pub struct Parts {
    /// Who this gateway is.
    pub hardware_id: String,
    /// Its services.
    pub services: Arc<Services>,
    /// The configured commands.
    pub commands: GenericCommands,
    /// Pings and traces.
    pub network: NetworkTests,
    /// The managed configuration.
    pub configs: Arc<dyn ConfigSource>,
    /// What is restarted by `Reboot`.
    pub machine: Arc<dyn Machine>,
    /// Whether an access gateway keeps its state outside of its processes.
    pub stateless: Statelessness,
    /// Whether programs are run and the machine is restarted for callers (`remote_exec`, `--no-remote-exec`).
    pub exec: bool,
    /// When orders are answered.
    pub times: AnswerTimes,
}

/// The `Magmad` service.
pub struct MagmadService {
    parts: Parts,
    logs: Arc<Semaphore>,
}

/// What is done to services as a whole.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    Start,
    Stop,
    Restart,
    /// All, for a new configuration.
    Reconfigure,
}

impl MagmadService {
    /// Commands that act on `parts`.
    pub fn new(parts: Parts) -> Self {
        Self { parts, logs: Arc::new(Semaphore::new(LOGS_AT_ONCE)) }
    }

    /// The gRPC service, to be added to a router.
    pub fn into_server(self) -> MagmadServer<Self> {
        MagmadServer::new(self)
    }

    /// Orders something of services and answers what came of it, as far as that is known in time.
    /// It is carried out also when the caller goes away. What cuts the answer's own way begins after it.
    ///
    /// Deviation: Magma answers before it begins, always with success.
    async fn order(&self, order: Order, names: Vec<String>) -> Result<Response<Void>, Status> {
        let (services, times) = (Arc::clone(&self.parts.services), self.parts.times);
        let configs = Arc::clone(&self.parts.configs);
        let (known, unknown) = services.split_known(&names);
        let cuts_the_way = known.contains(CARRIER) && !matches!(order, Order::Start);
        let carrying_out = tokio::spawn(async move {
            if cuts_the_way {
                tokio::time::sleep(times.let_pass).await;
            }
            match order {
                Order::Start => services.start_all().await,
                Order::Stop => services.stop_all().await,
                Order::Restart => services.restart(&names).await,
                Order::Reconfigure => {
                    let outcome = services.restart(&[]).await;
                    configs.applied(&outcome);
                    outcome
                }
            }
        });
        let wait = if cuts_the_way { Duration::ZERO } else { times.wait_for_services };
        match tokio::time::timeout(wait, carrying_out).await {
            Ok(Ok(outcome)) => answer(outcome),
            Ok(Err(_)) => Err(Status::internal("the agent is ending")),
            Err(_) => match unknown.into_iter().next() {
                Some(name) => Err(status(&ServiceError::Unknown(name))),
                None => Ok(Response::new(Void {})),
            },
        }
    }

    /// The answer goes out first, the machine after it.
    fn begin_reboot(&self) -> Result<Response<Void>, Status> {
        self.may_exec()?;
        tracing::warn!("told to restart the machine");
        let (machine, pause) = (Arc::clone(&self.parts.machine), self.parts.times.let_pass);
        if let Some(refusal) = machine.refusal() {
            return Err(Status::failed_precondition(refusal));
        }
        tokio::spawn(async move {
            tokio::time::sleep(pause).await;
            if let Err(error) = machine.reboot().await {
                tracing::error!(error, "the machine does not restart");
            }
        });
        Ok(Response::new(Void {}))
    }

    /// A log, if there is a place for one more reader.
    fn follow(&self, service: &str) -> Result<FollowedLog, Status> {
        let turn = Arc::clone(&self.logs).try_acquire_owned().map_err(|_| {
            Status::resource_exhausted(format!("{LOGS_AT_ONCE} logs are followed already; close one"))
        })?;
        let lines = self.parts.services.tail_logs(service).map_err(|error| status(&error))?;
        tracing::info!(service, "a log is followed from afar");
        Ok(FollowedLog { lines, _turn: turn })
    }

    /// Whether programs may be run for callers.
    fn may_exec(&self) -> Result<(), Status> {
        let words = "this gateway runs no programs for callers: remote_exec is False in its magmad.yml, or magmad was \
                     started with --no-remote-exec";
        if self.parts.exec { Ok(()) } else { Err(Status::permission_denied(words)) }
    }
}

fn answer(outcome: Outcome) -> Result<Response<Void>, Status> {
    let Some(first) = outcome.failed.values().next() else { return Ok(Response::new(Void {})) };
    let words = match outcome.done.as_slice() {
        [] => outcome.to_string(),
        done => format!("{outcome}; done: {}", done.join(", ")),
    };
    let all_unknown = outcome.failed.values().all(|error| matches!(error, ServiceError::Unknown(_)));
    Err(if all_unknown { Status::not_found(words) } else { Status::new(status(first).code(), words) })
}

fn status(error: &ServiceError) -> Status {
    let words = error.to_string();
    match error {
        ServiceError::Unknown(_) => Status::not_found(words),
        ServiceError::Failed { cause, .. } => match cause {
            Cause::NoLog | Cause::DockerRefused { status: 404, .. } => Status::not_found(words),
            Cause::Program(_) | Cause::NotStarted { .. } => Status::failed_precondition(words),
            Cause::DockerUnreachable { .. } => Status::unavailable(words),
            Cause::Systemd(error) => match **error {
                UnitError::Unreachable(_) => Status::unavailable(words),
                UnitError::TimedOut { .. } => Status::deadline_exceeded(words),
                _ => Status::internal(words),
            },
            Cause::Refused { .. } | Cause::DockerRefused { .. } => Status::internal(words),
        },
    }
}

#[tonic::async_trait]
impl Magmad for MagmadService {
    async fn start_services(&self, request: Request<Void>) -> Result<Response<Void>, Status> {
        tracing::info!("told to start all services");
        let action = Action::of_caller(&request, "StartServices", 0);
        let started = self.order(Order::Start, Vec::new()).await;
        audit::ended(action, &started);
        started
    }

    async fn stop_services(&self, request: Request<Void>) -> Result<Response<Void>, Status> {
        tracing::warn!("told to stop all services");
        let action = Action::of_caller(&request, "StopServices", 0);
        let stopped = self.order(Order::Stop, Vec::new()).await;
        audit::ended(action, &stopped);
        stopped
    }

    async fn restart_services(
        &self,
        request: Request<RestartServicesRequest>,
    ) -> Result<Response<Void>, Status> {
        let action = Action::of_caller(&request, "RestartServices", request.get_ref().encoded_len());
        let services = request.into_inner().services;
        tracing::info!(?services, "told to restart services (none named means all)");
        let restarted = self.order(Order::Restart, services).await;
        audit::ended(action, &restarted);
        restarted
    }

    async fn reboot(&self, request: Request<Void>) -> Result<Response<Void>, Status> {
        let action = Action::of_caller(&request, "Reboot", 0);
        let rebooting = self.begin_reboot();
        audit::ended(action, &rebooting);
        rebooting
    }

    async fn set_configs(&self, request: Request<GatewayConfigs>) -> Result<Response<Void>, Status> {
        let action = Action::of_caller(&request, "SetConfigs", request.get_ref().encoded_len());
        let configs = request.into_inner();
        tracing::warn!(entries = configs.configs_by_key.len(), "told to replace the managed configuration");
        let reconfigured = match self.parts.configs.replace(configs).await {
            Ok(()) => self.order(Order::Reconfigure, Vec::new()).await,
            Err(refusal) => Err(refusal),
        };
        audit::ended(action, &reconfigured);
        reconfigured
    }

    async fn get_configs(&self, _: Request<Void>) -> Result<Response<GatewayConfigs>, Status> {
        self.parts.configs.current().await.map(Response::new)
    }

    async fn run_network_tests(
        &self,
        request: Request<NetworkTestRequest>,
    ) -> Result<Response<NetworkTestResponse>, Status> {
        let action = Action::of_caller(&request, "RunNetworkTests", request.get_ref().encoded_len());
        let tested = self.parts.network.run(request.into_inner()).await;
        audit::ended(action, &tested);
        tested.map(Response::new)
    }

    async fn get_gateway_id(&self, _: Request<Void>) -> Result<Response<GetGatewayIdResponse>, Status> {
        Ok(Response::new(GetGatewayIdResponse { gateway_id: self.parts.hardware_id.clone() }))
    }

    async fn generic_command(
        &self,
        request: Request<GenericCommandParams>,
    ) -> Result<Response<GenericCommandResponse>, Status> {
        let action = Action::of_caller(&request, "GenericCommand", request.get_ref().encoded_len());
        let GenericCommandParams { command, params } = request.into_inner();
        let response = match self.may_exec() {
            Ok(()) => self.parts.commands.run(&command, params).await,
            Err(refusal) => Err(refusal),
        };
        audit::ended(action, &response);
        Ok(Response::new(GenericCommandResponse { response: Some(response?) }))
    }

    type TailLogsStream = BoxStream<LogLine>;

    async fn tail_logs(
        &self,
        request: Request<TailLogsRequest>,
    ) -> Result<Response<Self::TailLogsStream>, Status> {
        let action = Action::of_caller(&request, "TailLogs", request.get_ref().encoded_len());
        let service = request.into_inner().service;
        let log = self.follow(&service);
        audit::ended(action, &log);
        Ok(Response::new(Box::pin(log?)))
    }

    async fn check_stateless(&self, _: Request<Void>) -> Result<Response<CheckStatelessResponse>, Status> {
        self.parts.stateless.check().map(Response::new)
    }

    async fn configure_stateless(
        &self,
        request: Request<ConfigureStatelessRequest>,
    ) -> Result<Response<Void>, Status> {
        let action = Action::of_caller(&request, "ConfigureStateless", request.get_ref().encoded_len());
        let configured = match self.may_exec() {
            Ok(()) => self.parts.stateless.configure(request.get_ref()).await,
            Err(refusal) => Err(refusal),
        };
        audit::ended(action, &configured);
        configured.map(|()| Response::new(Void {}))
    }
}

/// A log on its way; its turn is over when the caller goes away.
struct FollowedLog {
    lines: LogLines,
    _turn: OwnedSemaphorePermit,
}

impl Stream for FollowedLog {
    type Item = Result<LogLine, Status>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let line = std::task::ready!(Pin::new(&mut self.lines).poll_next(context));
        Poll::Ready(line.map(|line| match line {
            Ok(line) => Ok(LogLine { line }),
            Err(error) => Err(status(&error)),
        }))
    }
}

#[cfg(test)]
mod tests;
