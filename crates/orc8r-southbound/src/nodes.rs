//! Several nodes of one Orchestrator: who lives, who holds which gateway's stream, and calls from one to another.
//!
//! A gateway's SyncRPC stream ends at one node, and a call for the gateway may come to any. The store says which node
//! holds the stream; the call goes there over mutual TLS, as one HTTP/2 stream of its own: so calls do not wait for each
//! other, a slow reader slows its own call down, and a caller who goes away ends the call at the gateway.
//!
//! A node says every two seconds that it lives. One that has said nothing for ten counts as dead: calls that it carried
//! end at once, and a connection that breaks ends them sooner. No call is ever sent a second time, unless the first node
//! said that it has not got the gateway.
//!
//! This is also the place for calls from gateway to gateway (Magma's feg_relay): whoever knows which federation gateway
//! serves a subscriber calls it by [`crate::Broker::call`], wherever its stream is.

mod calls;
mod errors;
mod peer;
mod upkeep;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use magma_rpc::tls::{ClientTls, Identity as TlsIdentity, TlsError, TrustAnchors};
use orc8r_ca::{CertificateAuthorities, SigningError};
use orc8r_model::{CertificateInfo, HardwareId, Identity};
use orc8r_store::{Node, Store, StoreError};
use tokio::time::timeout;
use wire_orc8r::orc8r::GatewayRequest;

use crate::clock::Clock;
use crate::sync_rpc::CallError;
pub(crate) use calls::CallsService;
use peer::Peer;
pub(crate) use peer::RemoteCall;

/// How often a node says that it lives, and asks who else does.
pub(crate) const BEAT_INTERVAL: Duration = Duration::from_secs(2);
/// How long that counts. The nodes' clocks must agree much better than this.
pub(crate) const LEASE: Duration = Duration::from_secs(10);
/// How long the opening of a stream waits for the store; after that it is noted by the next upkeep.
const OWN_LIMIT: Duration = Duration::from_secs(5);

/// Why a node cannot take part.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// Its certificate cannot be made.
    #[error("cannot make this node's certificate: {0}")]
    Certificate(#[from] SigningError),
    /// TLS refuses what it should use.
    #[error("cannot use this node's certificate: {0}")]
    Tls(#[from] TlsError),
    /// It cannot be written down.
    #[error("cannot tell the other nodes of this one: {0}")]
    Store(#[from] StoreError),
}

/// This node among the others. Clones share everything.
#[derive(Clone)]
pub struct Nodes {
    shared: Arc<Shared>,
}

struct Shared {
    this: Node,
    server_name: String,
    tls: ClientTls,
    store: Store,
    clock: Clock,
    peers: Mutex<BTreeMap<Node, Arc<Peer>>>,
}

impl Nodes {
    /// Makes this node's certificate and tells the others where it is: `address` is `host:port` of its node door.
    /// `server_name` is the name in every node's server certificate.
    ///
    /// # Errors
    /// When one of these cannot be done.
    pub(crate) async fn join(
        store: Store,
        authorities: &CertificateAuthorities,
        clock: Clock,
        (address, server_name): (String, String),
    ) -> Result<Self, JoinError> {
        let this = Node { id: new_id(&clock), address };
        let issued = authorities.issue_node(&this.id, clock.now())?;
        let facts = &issued.certificate.facts;
        let identity = Identity::Node { name: this.id.clone() };
        let info = CertificateInfo { identity, not_before: facts.not_before, not_after: facts.not_after };
        let trust = TrustAnchors::from_pem(&authorities.root_pem())?;
        let identity = TlsIdentity::from_pem(issued.certificate.pem.as_bytes(), issued.key_pem.as_bytes())?;
        let tls = ClientTls::new(&trust, Some(&identity))?;
        let peers = Mutex::default();
        let shared = Shared { this, server_name, tls, store, clock, peers };
        let nodes = Self { shared: Arc::new(shared) };
        nodes.beat().await?;
        nodes.shared.store.add_certificate(&facts.serial, info).await?;
        Ok(nodes)
    }

    /// This node's id: another one at each start.
    pub fn id(&self) -> &str {
        &self.shared.this.id
    }

    /// Where the others reach it, `host:port`.
    pub fn address(&self) -> &str {
        &self.shared.this.address
    }

    /// Tells the others that this node stops: whose stream it held can be called elsewhere as soon as he is there.
    pub async fn leave(&self) {
        if let Err(error) = self.shared.store.leave(self.id()).await {
            tracing::warn!(%error, "the other nodes are not told that this one stops; they notice within seconds");
        }
    }

    /// Notes that a gateway's stream ends here; returns its epoch, unless the store does not say in time.
    pub(crate) async fn own(&self, gateway: &HardwareId) -> Option<u64> {
        match timeout(OWN_LIMIT, self.shared.store.own_stream(gateway, self.id())).await {
            Ok(Ok(epoch)) => Some(epoch),
            Ok(Err(error)) => {
                tracing::warn!(%gateway, %error, "other nodes cannot call this gateway yet");
                None
            }
            Err(_) => None,
        }
    }

    /// Notes that the stream with this epoch has ended.
    pub(crate) async fn disown(&self, gateway: &HardwareId, epoch: u64) {
        let disowned = timeout(OWN_LIMIT, self.shared.store.disown_stream(gateway, self.id(), epoch)).await;
        if !matches!(disowned, Ok(Ok(()))) {
            tracing::debug!(%gateway, "the end of a stream is noted later");
        }
    }

    /// Calls a gateway whose stream another node holds.
    pub(crate) async fn call(
        &self,
        gateway: &HardwareId,
        request: GatewayRequest,
    ) -> Result<RemoteCall, CallError> {
        let owner = self.owner(gateway).await?;
        match self.peer(&owner).call(request.clone()).await {
            // Nothing was sent to the gateway, so it may be tried elsewhere, once.
            Err(CallError::NotConnected) => {
                let now = self.owner(gateway).await?;
                if now == owner { Err(CallError::NotConnected) } else { self.peer(&now).call(request).await }
            }
            outcome => outcome,
        }
    }

    /// The other node that holds a gateway's stream.
    async fn owner(&self, gateway: &HardwareId) -> Result<Node, CallError> {
        let found = self.shared.store.stream_owner(gateway, self.shared.clock.unix_ms()).await;
        let owner = found.map_err(|error| CallError::NodeUnreachable(format!("the store fails: {error}")))?;
        let owner = owner.map(|owner| owner.node).filter(|node| node.id != self.shared.this.id);
        owner.ok_or(CallError::NotConnected)
    }

    fn peer(&self, node: &Node) -> Arc<Peer> {
        let mut peers = self.shared.peers();
        let Shared { server_name, tls, .. } = &*self.shared;
        peers.entry(node.clone()).or_insert_with(|| Arc::new(Peer::new(node, server_name, tls))).clone()
    }

    /// Says that this node lives, and ends what dead ones carried.
    async fn beat(&self) -> Result<(), StoreError> {
        let now = self.shared.clock.unix_ms();
        let until = now + u64::try_from(LEASE.as_millis()).unwrap_or_default();
        let living = self.shared.store.beat(self.shared.this.clone(), now, until).await?;
        self.shared.peers().retain(|node, peer| {
            let lives = living.contains(node);
            if !lives {
                tracing::warn!(node = node.id, address = node.address, "another node is gone");
                peer.give_up();
            }
            lives
        });
        Ok(())
    }
}

impl Shared {
    fn peers(&self) -> std::sync::MutexGuard<'_, BTreeMap<Node, Arc<Peer>>> {
        // Every action leaves the map whole, so a panic elsewhere does not spoil it.
        self.peers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An id that no other start of any node has.
fn new_id(clock: &Clock) -> String {
    use std::hash::{BuildHasher, Hasher};
    // The standard library's hasher is seeded by the operating system: enough for an id that is no secret.
    let random = std::collections::hash_map::RandomState::new().build_hasher().finish();
    format!("node-{:x}-{random:016x}", clock.unix_ms())
}
