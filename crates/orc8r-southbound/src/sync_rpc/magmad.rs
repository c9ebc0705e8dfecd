//! What can be asked of a gateway's agent (`magma.orc8r.Magmad`).

use std::time::Duration;

use orc8r_model::HardwareId;
use prost::Message;
use wire_orc8r::orc8r::{
    GenericCommandParams, GenericCommandResponse, LogLine, NetworkTestRequest, NetworkTestResponse,
    PingParams, PingResult, RestartServicesRequest, TailLogsRequest, Void,
};

use super::broker::Broker;
use super::call::GatewayCall;
use super::outcome::CallError;

const SERVICE: &str = "magmad";

/// What only starts something.
const ORDER_LIMIT: Duration = Duration::from_secs(30);
/// Agents written in Go answer after the last service is up again.
const RESTART_LIMIT: Duration = Duration::from_secs(120);
/// Agents end a ping after 20 s, a whole test after 60 s.
const NETWORK_TEST_LIMIT: Duration = Duration::from_secs(90);
/// Agents end a command after 15 s or 60 s.
const COMMAND_LIMIT: Duration = Duration::from_secs(75);

/// The agent of one gateway.
pub struct Magmad {
    broker: Broker,
    gateway: HardwareId,
}

/// The lines of a log, as they come. Dropping it ends the command on the gateway.
pub struct LogStream(GatewayCall);

impl Magmad {
    pub(crate) fn new(broker: Broker, gateway: HardwareId) -> Self {
        Self { broker, gateway }
    }

    /// Reboots the machine.
    ///
    /// # Errors
    /// When the order does not arrive, or is refused.
    pub async fn reboot(&self) -> Result<(), CallError> {
        self.unary::<Void>("Reboot", &Void {}, ORDER_LIMIT).await.map(drop)
    }

    /// Restarts services; all of them when none is named.
    ///
    /// # Errors
    /// When the order does not arrive, or is refused.
    pub async fn restart_services(&self, services: Vec<String>) -> Result<(), CallError> {
        let request = RestartServicesRequest { services };
        self.unary::<Void>("RestartServices", &request, RESTART_LIMIT).await.map(drop)
    }

    /// Pings hosts from the gateway; what went wrong with one host stands in its result.
    ///
    /// # Errors
    /// When the gateway does not answer.
    pub async fn ping(&self, pings: Vec<PingParams>) -> Result<Vec<PingResult>, CallError> {
        let request = NetworkTestRequest { pings, traceroutes: vec![] };
        self.run_network_tests(request).await.map(|response| response.pings)
    }

    /// Runs pings and traceroutes on the gateway.
    ///
    /// # Errors
    /// When the gateway does not answer.
    pub async fn run_network_tests(
        &self,
        request: NetworkTestRequest,
    ) -> Result<NetworkTestResponse, CallError> {
        self.unary("RunNetworkTests", &request, NETWORK_TEST_LIMIT).await
    }

    /// Runs one of the commands that the gateway's configuration names.
    ///
    /// # Errors
    /// When the gateway does not answer, or has no such command.
    pub async fn generic_command(
        &self,
        request: GenericCommandParams,
    ) -> Result<GenericCommandResponse, CallError> {
        self.unary("GenericCommand", &request, COMMAND_LIMIT).await
    }

    /// Follows the log of a service; of the whole gateway when `service` is empty.
    ///
    /// # Errors
    /// When the gateway is not connected. What it refuses comes with the first line.
    pub async fn tail_logs(&self, service: String) -> Result<LogStream, CallError> {
        self.start("TailLogs", &TailLogsRequest { service }, None).await.map(LogStream)
    }

    async fn unary<R: Message + Default>(
        &self,
        method: &str,
        request: &impl Message,
        limit: Duration,
    ) -> Result<R, CallError> {
        self.start(method, request, Some(limit)).await?.only_message().await
    }

    async fn start(
        &self,
        method: &str,
        request: &impl Message,
        limit: Option<Duration>,
    ) -> Result<GatewayCall, CallError> {
        let path = format!("/magma.orc8r.Magmad/{method}");
        self.broker.call(&self.gateway, SERVICE, &path, &request.encode_to_vec(), limit).await
    }
}

impl LogStream {
    /// The next line as the gateway sends it, with its line end; `None` when the log has ended.
    ///
    /// # Errors
    /// When the gateway refuses, is silent for 15 seconds without a sign of life, or goes away.
    pub async fn line(&mut self) -> Result<Option<String>, CallError> {
        let Some(message) = self.0.message().await? else { return Ok(None) };
        let line = LogLine::decode(message).map_err(|error| CallError::Malformed(error.to_string()))?;
        Ok(Some(line.line))
    }
}
