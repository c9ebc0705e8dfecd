//! The broker: what the rest of the Orchestrator calls gateways with.

use std::collections::BTreeMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use orc8r_model::HardwareId;
use wire_orc8r::orc8r::GatewayRequest;

use super::call::GatewayCall;
use super::call_traces::CallTracer;
use super::magmad::Magmad;
use super::message_reader::framed;
use super::outcome::CallError;
use super::switchboard::Switchboard;

/// Calls services of connected gateways. Clones share everything.
#[derive(Clone, Default)]
pub struct Broker {
    switchboard: Arc<Mutex<Switchboard>>,
}

impl Broker {
    /// One whose requests are numbered from anywhere.
    ///
    /// Deviation: Magma counts from 1. After a restart, gateways still send answers to requests of the program before
    /// (Go's agent finishes them, Python's sends what it had queued), and these must not meet a new request's number.
    pub fn new() -> Self {
        // The standard library's hasher is seeded by the operating system: enough for numbers that are no secret.
        let anywhere = RandomState::new().build_hasher().finish() as u32;
        Self { switchboard: Arc::new(Mutex::new(Switchboard::numbering_after(anywhere))) }
    }

    /// Starts a call with one request message. The answer is read from what is returned; dropping that before the
    /// end tells the gateway to stop.
    ///
    /// `service` is the name in the gateway's service registry, `path` the RPC's (`/package.Service/Method`). The
    /// gateway is given `limit` to answer in all, and never more than 15 seconds without a sign of life.
    ///
    /// # Errors
    /// [`CallError::NotConnected`] and [`CallError::Busy`]; nothing was sent then.
    pub fn call(
        &self,
        gateway: &HardwareId,
        service: &str,
        path: &str,
        message: &[u8],
        limit: Option<Duration>,
    ) -> Result<GatewayCall, CallError> {
        let request = GatewayRequest {
            gw_id: gateway.to_string(),
            authority: service.to_owned(),
            path: path.to_owned(),
            headers: headers(limit),
            payload: framed(message),
        };
        let (id, changed) = self.with(|switchboard| switchboard.start(gateway, request))?;
        Ok(GatewayCall::new(self.clone(), id, changed, limit))
    }

    /// The calls of a gateway's agent.
    pub fn magmad(&self, gateway: HardwareId) -> Magmad {
        Magmad::new(self.clone(), gateway)
    }

    /// The calls of a gateway's call tracer.
    pub fn call_tracer(&self, gateway: HardwareId) -> CallTracer {
        CallTracer::new(self.clone(), gateway)
    }

    /// The gateways that can be called now.
    pub fn connected(&self) -> Vec<HardwareId> {
        self.with(|switchboard| switchboard.connected().cloned().collect())
    }

    /// Ends every gateway's stream, because this program stops.
    pub fn shut_down(&self) {
        self.with(Switchboard::close_all);
    }

    pub(crate) fn with<T>(&self, action: impl FnOnce(&mut Switchboard) -> T) -> T {
        // Every action leaves the switchboard whole, so a panic elsewhere does not spoil it.
        action(&mut self.switchboard.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Magma-compat: spelled as Go's HTTP library spells them, which is what gateways have always been sent.
fn headers(limit: Option<Duration>) -> BTreeMap<String, String> {
    let mut headers: BTreeMap<String, String> =
        [("Content-Type", "application/grpc"), ("Te", "trailers"), ("User-Agent", "orc8r")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
    if let Some(limit) = limit {
        headers.insert("Grpc-Timeout".to_owned(), format!("{}m", limit.as_millis().min(99_999_999)));
    }
    headers
}
