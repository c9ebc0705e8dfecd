//! A small public-key infrastructure and a small service.

use magma_rpc::channel::{Connection, Endpoint, Transport};
use magma_rpc::server::{PeerCertificate, Router, serve_tls};
use magma_rpc::tls::{ClientAuth, ClientTls, Identity, ServerTls, TrustAnchors};
use magma_rpc::{Request, Response, Status, tonic};
use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use time::{Duration, OffsetDateTime};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use wire_orc8r::orc8r::event_service_client::EventServiceClient;
use wire_orc8r::orc8r::event_service_server::{EventService, EventServiceServer};
use wire_orc8r::orc8r::{Event, Void};

pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub pem: String,
    pub key_pem: String,
}

impl Authority {
    pub fn new(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = dated(CertificateParams::default(), Duration::hours(-1), Duration::days(1));
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap().pem();
        let key_pem = key.serialize_pem();
        Self { issuer: Issuer::new(params, key), pem, key_pem }
    }

    pub fn trust(&self) -> TrustAnchors {
        TrustAnchors::from_pem(self.pem.as_bytes()).unwrap()
    }

    pub fn server(&self, names: &[&str]) -> Identity {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let params = CertificateParams::new(names).unwrap();
        self.issue(dated(params, Duration::hours(-1), Duration::days(1)))
    }

    pub fn client(&self, name: &str) -> Identity {
        self.client_valid(name, Duration::hours(-1), Duration::days(1))
    }

    pub fn client_valid(&self, name: &str, from: Duration, to: Duration) -> Identity {
        let mut params = dated(CertificateParams::default(), from, to);
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.issue(params)
    }

    fn issue(&self, params: CertificateParams) -> Identity {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Identity::from_pem(certificate.pem().as_bytes(), key.serialize_pem().as_bytes()).unwrap()
    }
}

fn dated(mut params: CertificateParams, from: Duration, to: Duration) -> CertificateParams {
    params.not_before = OffsetDateTime::now_utc() + from;
    params.not_after = OffsetDateTime::now_utc() + to;
    params
}

/// An event service that counts its calls and answers `PermissionDenied` to callers without a certificate.
#[derive(Default)]
pub struct Counting {
    pub calls: AtomicUsize,
}

#[tonic::async_trait]
impl EventService for Counting {
    async fn log_event(&self, request: Request<Event>) -> Result<Response<Void>, Status> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        match request.extensions().get::<PeerCertificate>() {
            Some(_) => Ok(Response::new(Void {})),
            None => Err(Status::permission_denied("who are you?")),
        }
    }
}

pub struct Served {
    pub address: SocketAddr,
    pub service: Arc<Counting>,
    stop: Option<oneshot::Sender<()>>,
    task: tokio::task::JoinHandle<()>,
}

impl Served {
    pub async fn start(identity: &Identity, clients: ClientAuth<'_>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::on(listener, identity, clients)
    }

    pub fn on(listener: TcpListener, identity: &Identity, clients: ClientAuth<'_>) -> Self {
        let address = listener.local_addr().unwrap();
        let service = Arc::new(Counting::default());
        let router = Router::new().add(EventServiceServer::from_arc(service.clone()));
        let tls = ServerTls::new(identity, clients).unwrap();
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(serve_tls(listener, tls, router, stopped));
        Self { address, service, stop: Some(stop), task }
    }

    pub async fn stop(mut self) {
        self.stop.take().unwrap().send(()).unwrap();
        self.task.await.unwrap();
    }

    pub fn connection(&self, name: &str, trust: &TrustAnchors, identity: Option<&Identity>) -> Connection {
        connection(self.address, name, trust, identity)
    }
}

pub fn connection(
    address: SocketAddr,
    name: &str,
    trust: &TrustAnchors,
    identity: Option<&Identity>,
) -> Connection {
    Connection::new(Endpoint {
        host: address.ip().to_string(),
        port: address.port(),
        server_name: name.to_owned(),
        transport: Transport::Tls(ClientTls::new(trust, identity).unwrap()),
    })
}

pub async fn log_event(connection: &Connection, authority: &str) -> Result<Void, Status> {
    let event = Event { event_type: "test".into(), ..Event::default() };
    EventServiceClient::new(connection.channel(authority)).log_event(event).await.map(Response::into_inner)
}
