//! The broker: what the rest of the Orchestrator calls gateways with.

use std::collections::BTreeMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use orc8r_model::HardwareId;
use tokio::time::timeout;
use wire_orc8r::orc8r::GatewayRequest;

use super::call::GatewayCall;
use super::call_traces::CallTracer;
use super::magmad::Magmad;
use super::message_reader::framed;
use super::outcome::CallError;
use super::switchboard::Switchboard;
use crate::nodes::Nodes;

/// How often some streams are ended while this program stops.
const STEP: Duration = Duration::from_millis(50);

/// Calls services of connected gateways. Clones share everything.
#[derive(Clone, Default)]
pub struct Broker {
    switchboard: Arc<Mutex<Switchboard>>,
    nodes: Arc<OnceLock<Nodes>>,
}

impl Broker {
    /// One whose requests are numbered from anywhere.
    ///
    /// Deviation: Magma counts from 1. After a restart, gateways still send answers to requests of the program before
    /// (Go's agent finishes them, Python's sends what it had queued), and these must not meet a new request's number.
    pub fn new() -> Self {
        // The standard library's hasher is seeded by the operating system: enough for numbers that are no secret.
        let anywhere = RandomState::new().build_hasher().finish() as u32;
        let switchboard = Arc::new(Mutex::new(Switchboard::numbering_after(anywhere)));
        Self { switchboard, nodes: Arc::default() }
    }

    /// Starts a call with one request message. The answer is read from what is returned; dropping that before the
    /// end tells the gateway to stop.
    ///
    /// `service` is the name in the gateway's service registry, `path` the RPC's (`/package.Service/Method`). The
    /// gateway is given `limit` to answer in all, and never more than 15 seconds without a sign of life.
    ///
    /// If another node holds the gateway's stream, the call goes there.
    ///
    /// # Errors
    /// [`CallError::NotConnected`], [`CallError::Busy`] and [`CallError::NodeUnreachable`]: nothing was sent then. And
    /// what can go wrong with a call, when the other node goes away.
    pub async fn call(
        &self,
        gateway: &HardwareId,
        service: &str,
        path: &str,
        message: &[u8],
        limit: Option<Duration>,
    ) -> Result<GatewayCall, CallError> {
        let request = request(gateway, (service, path), message, limit);
        match self.nodes.get() {
            Some(nodes) if !self.is_connected(gateway) => {
                let call = nodes.call(gateway, request);
                let call = match limit {
                    Some(limit) => timeout(limit, call).await.unwrap_or(Err(CallError::TimedOut)),
                    None => call.await,
                };
                call.map(|call| GatewayCall::elsewhere(call, limit))
            }
            _ => self.call_here(gateway, request, limit),
        }
    }

    /// Starts a call to a gateway whose stream ends here.
    pub(crate) fn call_here(
        &self,
        gateway: &HardwareId,
        request: GatewayRequest,
        limit: Option<Duration>,
    ) -> Result<GatewayCall, CallError> {
        let (id, changed) = self.with(|switchboard| switchboard.start(gateway, request))?;
        Ok(GatewayCall::here(self.clone(), id, changed, limit))
    }

    /// The calls of a gateway's agent.
    pub fn magmad(&self, gateway: HardwareId) -> Magmad {
        Magmad::new(self.clone(), gateway)
    }

    /// The calls of a gateway's call tracer.
    pub fn call_tracer(&self, gateway: HardwareId) -> CallTracer {
        CallTracer::new(self.clone(), gateway)
    }

    /// Makes this one of several nodes. Only the first time counts.
    pub(crate) fn join(&self, nodes: Nodes) {
        self.nodes.get_or_init(|| nodes);
    }

    pub(crate) fn nodes(&self) -> Option<&Nodes> {
        self.nodes.get()
    }

    /// Whether a gateway's stream ends here.
    pub fn is_connected(&self, gateway: &HardwareId) -> bool {
        self.with(|switchboard| switchboard.is_connected(gateway))
    }

    /// Ends a gateway's stream.
    pub(crate) fn close(&self, gateway: &HardwareId) {
        self.with(|switchboard| switchboard.close_any(gateway));
    }

    /// The gateways whose streams end here.
    pub fn connected(&self) -> Vec<HardwareId> {
        self.with(|switchboard| switchboard.connected().cloned().collect())
    }

    /// Ends every gateway's stream within `spread`, because this program stops: they come to other nodes one by one.
    pub async fn shut_down_over(&self, spread: Duration) {
        let gateways = if spread.is_zero() { Vec::new() } else { self.connected() };
        let steps = u32::try_from(spread.as_millis() / STEP.as_millis()).unwrap_or(u32::MAX).max(1);
        let at_once = gateways.len().div_ceil(steps as usize).max(1);
        for some in gateways.chunks(at_once) {
            some.iter().for_each(|gateway| self.close(gateway));
            tokio::time::sleep(STEP).await;
        }
        self.shut_down();
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

/// A request as it goes to the gateway.
pub(super) fn request(
    gateway: &HardwareId,
    (service, path): (&str, &str),
    message: &[u8],
    limit: Option<Duration>,
) -> GatewayRequest {
    GatewayRequest {
        gw_id: gateway.to_string(),
        authority: service.to_owned(),
        path: path.to_owned(),
        headers: headers(limit),
        payload: framed(message),
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
