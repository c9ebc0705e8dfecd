//! The listener for gateways' forwarders: who they are, how many, and for how long.

mod connection;
mod counts;
mod document;
mod gzip;
mod json;
mod message;
mod places;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use magma_rpc::server::{Doorkeeper, PeerCertificate, Place, accept_within};
use magma_rpc::tls::ServerTls;
use orc8r_store::Source;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::Archives;
use connection::Connection;
use counts::Counters;
pub use counts::{Counts, Load};
use places::Places;

pub(crate) use document::timestamp;
pub(crate) use message::now_ms;
#[cfg(any(test, fuzzing))]
pub(crate) use {document::Document, message::Message};

/// How long a message that is being stored may take when the program stops.
pub const GRACE: Duration = Duration::from_secs(5);

/// What the intake bears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections of one gateway at a time; a forwarder has one, and for a moment two.
    pub connections_of_gateway: usize,
    /// Octets of messages that are not complete, of all connections together.
    pub waiting_bytes: usize,
    /// How long a connection waits for its part of them.
    pub room: Duration,
    /// How long a connection may be silent between two messages.
    pub idle: Duration,
    /// How long a message may take from its first octet to its last.
    pub message: Duration,
    /// How long a peer may take to read an acknowledgement.
    pub answer: Duration,
    /// How long the answer about who somebody is counts.
    pub identity: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_of_gateway: 8,
            waiting_bytes: 64 << 20,
            room: Duration::from_secs(30),
            idle: Duration::from_secs(900),
            message: Duration::from_secs(300),
            answer: Duration::from_secs(60),
            identity: Duration::from_secs(30),
        }
    }
}

/// Why a peer is not served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// It has no right to be here; the words are for the log.
    Denied(String),
    /// That cannot be found out now.
    NotNow(String),
}

/// Says whose a certificate is.
pub trait Admission: Send + Sync + 'static {
    /// The gateway that the certificate names, if it is registered and the certificate is good at this moment.
    ///
    /// # Errors
    /// [`Refused`].
    fn gateway(
        &self,
        certificate: Option<&PeerCertificate>,
    ) -> impl Future<Output = Result<Source, Refused>> + Send;
}

/// Takes what gateways send; a clone is the same.
#[derive(Clone)]
pub struct Intake {
    archives: Archives,
    limits: Limits,
    places: Arc<Places>,
    counters: Arc<Counters>,
}

impl Intake {
    /// Keeps what it takes in `archives`.
    pub fn new(archives: Archives, limits: Limits) -> Self {
        Self { archives, limits, places: Arc::new(Places::new(&limits)), counters: Arc::default() }
    }

    /// What has happened so far.
    pub fn counts(&self) -> Counts {
        self.counters.read()
    }

    /// How much came, and how many are connected.
    pub fn load(&self) -> Load {
        self.counters.load(self.places.connections() as u64)
    }
}

/// Serves forwarders until `shutdown` is ready; then each finishes the message that it has.
pub async fn serve(
    listener: TcpListener,
    tls: ServerTls,
    keeper: Doorkeeper,
    (admission, intake): (impl Admission, Intake),
    shutdown: impl Future + Send,
) {
    let admission = Arc::new(admission);
    let mut each = |tcp, _, place, stopped| -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(visit(tcp, place, tls.clone(), admission.clone(), intake.clone(), stopped))
    };
    accept_within(listener, keeper, shutdown, &mut each).await;
}

/// One connection from its handshake to its end.
async fn visit<A: Admission>(
    tcp: TcpStream,
    place: Place,
    tls: ServerTls,
    admission: Arc<A>,
    intake: Intake,
    stopped: watch::Receiver<bool>,
) {
    // In memory of its own, which is free again when the connection's long life begins.
    let handshake = Box::pin(place.shake_hands(tls.accept_known(tcp)));
    let Some(Ok((stream, certificate))) = handshake.await else {
        return tracing::debug!("TLS with a log forwarder failed");
    };
    let source = match admission.gateway(certificate.as_ref()).await {
        Ok(source) => source,
        Err(refused) => return intake.counters.denied(&refused),
    };
    let Some(of_gateway) = intake.places.of_gateway(&source.hardware_id) else {
        return intake.counters.connection_refused();
    };
    Connection::new(stream, source, certificate, admission, intake, stopped).run().await;
    drop((of_gateway, place));
}
