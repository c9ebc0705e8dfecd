//! What can be asked of a gateway's call tracer (`magma.orc8r.CallTraceService`).

use std::time::Duration;

use orc8r_model::HardwareId;
use prost::Message;
use wire_orc8r::orc8r::{EndTraceRequest, EndTraceResponse, StartTraceRequest, StartTraceResponse};

use super::broker::Broker;
use super::outcome::CallError;

const SERVICE: &str = "ctraced";

/// The tool has to begin.
const START_LIMIT: Duration = Duration::from_secs(60);
/// The tool has to end, and what it captured to be filtered and carried.
const END_LIMIT: Duration = Duration::from_secs(120);

/// The call tracer of one gateway.
pub struct CallTracer {
    broker: Broker,
    gateway: HardwareId,
}

impl CallTracer {
    pub(crate) fn new(broker: Broker, gateway: HardwareId) -> Self {
        Self { broker, gateway }
    }

    /// Begins a trace; whether it did.
    ///
    /// # Errors
    /// When the order does not arrive, or is refused.
    pub async fn start(&self, request: StartTraceRequest) -> Result<bool, CallError> {
        let answer: StartTraceResponse = self.ask("StartCallTrace", &request, START_LIMIT).await?;
        Ok(answer.success)
    }

    /// Ends a trace, and returns what it captured; none when the gateway could not.
    ///
    /// # Errors
    /// When the order does not arrive, or is refused.
    pub async fn end(&self, trace_id: String) -> Result<Option<Vec<u8>>, CallError> {
        let answer: EndTraceResponse =
            self.ask("EndCallTrace", &EndTraceRequest { trace_id }, END_LIMIT).await?;
        Ok(answer.success.then_some(answer.trace_content))
    }

    async fn ask<R: Message + Default>(
        &self,
        method: &str,
        request: &impl Message,
        limit: Duration,
    ) -> Result<R, CallError> {
        let path = format!("/magma.orc8r.CallTraceService/{method}");
        let message = request.encode_to_vec();
        let call = self.broker.call(&self.gateway, SERVICE, &path, &message, Some(limit)).await?;
        call.only_message().await
    }
}
