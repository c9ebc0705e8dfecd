//! What the REST API asks of connected gateways, behind a trait: the connection is somebody else's.

use crate::{TracerouteRequest, TracerouteResponse};
use orc8r_model::HardwareId;
use std::pin::Pin;
use tokio_stream::Stream;
use wire_rest::types::{
    CallTraceConfig, GenericCommandParams, GenericCommandResponse, PingRequest, PingResponse,
};

/// An answer that comes later.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, CommandError>> + Send + 'a>>;

/// The lines of a log as they come; each without its line end. Dropping it ends the command on the gateway.
pub type LogLines = Pin<Box<dyn Stream<Item = Result<String, CommandError>> + Send>>;

/// The commands of `magma.orc8r.Magmad` on one gateway, which is named by its hardware id.
///
/// Every answer comes within a deadline that the implementation keeps.
pub trait GatewayCommands: Send + Sync {
    /// Reboots the gateway's machine.
    fn reboot(&self, gateway: HardwareId) -> Answer<'_, ()>;

    /// Restarts services; all of them when none is named.
    fn restart_services(&self, gateway: HardwareId, services: Vec<String>) -> Answer<'_, ()>;

    /// Pings hosts from the gateway.
    fn ping(&self, gateway: HardwareId, request: PingRequest) -> Answer<'_, PingResponse>;

    /// Traces the way from the gateway to hosts.
    fn traceroute(&self, gateway: HardwareId, request: TracerouteRequest) -> Answer<'_, TracerouteResponse>;

    /// Runs one of the commands that the gateway's configuration names.
    fn generic(
        &self,
        gateway: HardwareId,
        request: GenericCommandParams,
    ) -> Answer<'_, GenericCommandResponse>;

    /// Has the gateway begin a call trace; whether it did.
    fn start_call_trace(&self, gateway: HardwareId, config: CallTraceConfig) -> Answer<'_, bool>;

    /// Ends a call trace: what it captured, or none when the gateway knows no such trace any more.
    fn end_call_trace(&self, gateway: HardwareId, trace_id: String) -> Answer<'_, Option<Vec<u8>>>;

    /// Follows the log of a service; of the whole gateway when `service` is empty.
    fn tail_logs(&self, gateway: HardwareId, service: String) -> Answer<'_, LogLines>;
}

/// Why a command did not run, or did not end well.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// The gateway has no stream to this Orchestrator.
    #[error(
        "gateway {hardware_id} is not connected: check that it is on and that magmad reaches this Orchestrator \
         (its log names the reason), then try again"
    )]
    NotConnected {
        /// Of the gateway's device.
        hardware_id: HardwareId,
    },
    /// The gateway did not answer in time; whether the command ran is not known.
    #[error(
        "gateway {hardware_id} did not answer in time: whether the command ran is not known; look at its log"
    )]
    TimedOut {
        /// Of the gateway's device.
        hardware_id: HardwareId,
    },
    /// The gateway answered that it will not, or cannot.
    #[error("the gateway answered {code}: {message}")]
    Refused {
        /// The name of the gRPC status code.
        code: String,
        /// The gateway's own words.
        message: String,
    },
}
