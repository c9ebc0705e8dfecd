//! A cloud in this process: the services that a gateway calls, over TLS on loopback, and every way to misbehave.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use magma_rpc::server::{Router, serve_plain, serve_tls};
use magma_rpc::tls::{ClientAuth, Identity, ServerTls, TrustAnchors};
use magma_rpc::tonic::codegen::{Service, http};
use magma_rpc::{Body, BoxStream, Request, Response, Status, Streaming, tonic};
use tokio::net::TcpListener;
use tokio::sync::{Notify, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use wire_orc8r::orc8r::bootstrapper_server::{Bootstrapper, BootstrapperServer};
use wire_orc8r::orc8r::challenge_key::KeyType;
use wire_orc8r::orc8r::metrics_controller_server::{MetricsController, MetricsControllerServer};
use wire_orc8r::orc8r::registration_server::{Registration, RegistrationServer};
use wire_orc8r::orc8r::state_service_server::{StateService, StateServiceServer};
use wire_orc8r::orc8r::streamer_server::{Streamer, StreamerServer};
use wire_orc8r::orc8r::sync_rpc_service_server::{SyncRpcService, SyncRpcServiceServer};
use wire_orc8r::orc8r::{self as wire, register_response};

use crate::certificates::{Authority, Twist};

/// The cloud's domain; names under `.localhost` are this machine (RFC 6761).
pub const DOMAIN: &str = "magma.localhost";

/// How long anything may take: much longer than it does, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(120);

/// What a service does with a call.
#[derive(Clone, Debug)]
pub enum Mood {
    /// What it should.
    Good,
    /// It never answers.
    Silent,
    /// It answers with this error.
    Refusing(Status),
    /// What stands before it answers with this HTTP status.
    Http(u16),
}

/// What the configuration stream sends on one call.
#[derive(Clone, Debug)]
pub enum Feed {
    /// One document, then the end.
    Once(Vec<u8>),
    /// One document, then nothing, with the stream left open.
    Open(Vec<u8>),
    /// The documents one after the other in one stream.
    Several(Vec<Vec<u8>>),
    /// The stream breaks off before anything came.
    Broken,
}

/// How the cloud behaves now.
pub struct Behaviour {
    pub challenge_key: i32,
    pub bootstrapper: Mood,
    pub signer: Mood,
    pub twist: Twist,
    pub state: Mood,
    pub metricsd: Mood,
    pub streamer: Mood,
    pub feed: Feed,
    pub dispatcher: Mood,
    pub registration: register_response::Response,
}

/// What the cloud has seen.
#[derive(Default)]
pub struct Seen {
    /// The authority of every request that reached the services behind the client certificate.
    pub authorities: Vec<String>,
    pub signed: Vec<wire::Response>,
    pub reports: Vec<wire::ReportStatesRequest>,
    /// Metrics that were taken.
    pub metrics: Vec<wire::MetricsContainer>,
    pub polls: Vec<wire::StreamRequest>,
    pub registrations: Vec<wire::RegisterRequest>,
    /// How many open streams their reader has left.
    pub abandoned: usize,
}

struct Inner {
    certifier: Authority,
    behaviour: Mutex<Behaviour>,
    seen: Mutex<Seen>,
    changed: Notify,
    sessions: Mutex<VecDeque<Session>>,
}

/// The other end of a SyncRPC stream.
pub struct Session {
    requests: mpsc::Sender<Result<wire::SyncRpcRequest, Status>>,
    responses: Streaming<wire::SyncRpcResponse>,
}

/// The cloud.
pub struct Cloud {
    inner: Arc<Inner>,
    root: Authority,
    pub bootstrap_port: u16,
    pub cloud_port: u16,
    pub proxy_port: u16,
    servers: tokio::task::JoinSet<()>,
}

impl Cloud {
    /// A cloud that behaves well.
    pub async fn start() -> Self {
        let root = Authority::new("root of the tests");
        let certifier = Authority::new("certifier of the tests");
        let (cert, key) = root.server(&[&format!("*.{DOMAIN}"), DOMAIN]);
        let identity = Identity::from_pem(cert.as_bytes(), key.as_bytes()).unwrap();
        let clients = TrustAnchors::from_pem(certifier.pem().as_bytes()).unwrap();
        let open = ServerTls::new(&identity, ClientAuth::None).unwrap();
        let closed = ServerTls::new(&identity, ClientAuth::Required(&clients)).unwrap();
        let inner = Arc::new(Inner {
            certifier,
            behaviour: Mutex::new(Behaviour::good()),
            seen: Mutex::default(),
            changed: Notify::new(),
            sessions: Mutex::default(),
        });
        let (bootstrap, services, proxy) = (listen().await, listen().await, listen().await);
        let ports = [&bootstrap, &services, &proxy].map(|listener| listener.local_addr().unwrap().port());
        let fake = Fake(inner.clone());
        let open_edge = Router::new()
            .add(BootstrapperServer::new(fake.clone()))
            .add(RegistrationServer::new(fake.clone()));
        let edge = Edge {
            router: Router::new()
                .add(StateServiceServer::new(fake.clone()))
                .add(MetricsControllerServer::new(fake.clone()))
                .add(StreamerServer::new(fake.clone()))
                .add(SyncRpcServiceServer::new(fake.clone())),
            inner: inner.clone(),
        };
        let mut servers = tokio::task::JoinSet::new();
        servers.spawn(serve_tls(bootstrap, open, open_edge, std::future::pending::<()>()));
        servers.spawn(serve_tls(services, closed, edge.clone(), std::future::pending::<()>()));
        servers.spawn(serve_plain(proxy, edge, std::future::pending::<()>()));
        let [bootstrap_port, cloud_port, proxy_port] = ports;
        Self { inner, root, bootstrap_port, cloud_port, proxy_port, servers }
    }

    /// Goes away, and all its connections with it.
    pub async fn stop(mut self) {
        self.servers.shutdown().await;
    }

    pub fn root_pem(&self) -> String {
        self.root.pem()
    }

    /// Who signs the gateways' certificates.
    pub fn certifier(&self) -> &Authority {
        &self.inner.certifier
    }

    /// `control_proxy.yml` of a gateway of this cloud.
    pub fn control_proxy(&self, proxied: bool) -> String {
        let Self { bootstrap_port, cloud_port, proxy_port, .. } = self;
        format!(
            "rootca_cert: /var/opt/magma/certs/rootCA.pem\n\
             gateway_cert: /var/opt/magma/certs/gateway.crt\n\
             gateway_key: /var/opt/magma/certs/gateway.key\n\
             local_port: {proxy_port}\n\
             cloud_address: controller.{DOMAIN}\n\
             cloud_port: {cloud_port}\n\
             bootstrap_address: bootstrapper-controller.{DOMAIN}\n\
             bootstrap_port: {bootstrap_port}\n\
             proxy_cloud_connections: {proxied}\n"
        )
    }

    /// Changes how the cloud behaves.
    pub fn behave(&self, change: impl FnOnce(&mut Behaviour)) {
        change(&mut self.inner.behaviour.lock().unwrap());
    }

    /// What the cloud has seen so far.
    pub fn seen(&self) -> MutexGuard<'_, Seen> {
        self.inner.seen.lock().unwrap()
    }

    /// Waits until what the cloud has seen is as wanted.
    pub async fn until(&self, what: &str, wanted: impl Fn(&Seen) -> bool) {
        let waiting = async {
            loop {
                let changed = self.inner.changed.notified();
                if wanted(&self.seen()) {
                    return;
                }
                changed.await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("never: {what}"));
    }

    /// The SyncRPC streams that gateways have opened and nobody took yet.
    pub fn sessions(&self) -> Vec<Session> {
        self.inner.sessions.lock().unwrap().drain(..).collect()
    }

    /// The next SyncRPC stream that a gateway opens.
    pub async fn session(&self) -> Session {
        let waiting = async {
            loop {
                let changed = self.inner.changed.notified();
                if let Some(session) = self.inner.sessions.lock().unwrap().pop_front() {
                    return session;
                }
                changed.await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.expect("a SyncRPC stream")
    }
}

impl Session {
    /// Sends a message to the gateway.
    pub async fn send(&self, message: wire::SyncRpcRequest) {
        self.requests.send(Ok(message)).await.unwrap();
    }

    /// Breaks the stream off with an error.
    pub async fn break_off(self, status: Status) {
        self.requests.send(Err(status)).await.unwrap();
    }

    /// Sends a request to one of the gateway's services.
    pub async fn request(&self, req_id: u32, service: &str, path: &str, payload: Vec<u8>) {
        let headers =
            [("Content-Type", "application/grpc"), ("Te", "trailers"), ("User-Agent", "grpc-go/1.60")];
        let body = wire::GatewayRequest {
            gw_id: String::new(),
            authority: service.to_owned(),
            path: path.to_owned(),
            headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            payload,
        };
        self.send(wire::SyncRpcRequest { req_id, req_body: Some(body), ..Default::default() }).await;
    }

    /// Reads what the gateway sends until the stream ends.
    pub async fn drain(mut self) {
        while let Ok(Some(_)) = self.responses.message().await {}
    }

    /// The next message of the gateway.
    pub async fn next(&mut self) -> wire::SyncRpcResponse {
        let next = tokio::time::timeout(PATIENCE, self.responses.message());
        next.await.expect("a message in time").unwrap().expect("no end")
    }

    /// The next message about this request that says more than that it goes on.
    pub async fn answer(&mut self, req_id: u32) -> wire::GatewayResponse {
        loop {
            let message = self.next().await;
            if let Some(body) = message.resp_body.filter(|body| !body.keep_conn_active) {
                assert_eq!(message.req_id, req_id, "{body:?}");
                return body;
            }
            assert!(message.heart_beat || message.req_id == req_id);
        }
    }
}

impl Behaviour {
    pub fn good() -> Self {
        Self {
            challenge_key: KeyType::SoftwareEcdsaSha256.into(),
            bootstrapper: Mood::Good,
            signer: Mood::Good,
            twist: Twist::default(),
            state: Mood::Good,
            metricsd: Mood::Good,
            streamer: Mood::Good,
            feed: Feed::Once(mconfig(&[("magmad", r#"{"checkinInterval": 5}"#)])),
            dispatcher: Mood::Good,
            registration: register_response::Response::Error("nothing is registered here".into()),
        }
    }
}

/// A document of these entries, as the cloud writes it.
pub fn mconfig(entries: &[(&str, &str)]) -> Vec<u8> {
    let entries: Vec<String> =
        entries.iter().map(|(service, entry)| format!("\"{service}\":{entry}")).collect();
    let now = UNIX_EPOCH.elapsed().unwrap().as_nanos() as u64;
    format!("{{\"configsByKey\":{{{}}},\"metadata\":{{\"created_at\":{now}}}}}", entries.join(","))
        .into_bytes()
}

async fn listen() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

/// What stands before the services: sees every request, and may answer in their stead.
#[derive(Clone)]
struct Edge {
    router: Router,
    inner: Arc<Inner>,
}

impl Service<http::Request<Body>> for Edge {
    type Response = http::Response<Body>;
    type Error = std::convert::Infallible;
    type Future = <Router as Service<http::Request<Body>>>::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.router.poll_ready(cx)
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let authority = request.uri().authority().map(ToString::to_string).unwrap_or_default();
        self.inner.seen.lock().unwrap().authorities.push(authority);
        self.inner.changed.notify_waiters();
        let behaviour = self.inner.behaviour.lock().unwrap();
        let mood = match request.uri().path().split('/').nth(1) {
            Some("magma.orc8r.StateService") => &behaviour.state,
            Some("magma.orc8r.MetricsController") => &behaviour.metricsd,
            Some("magma.orc8r.Streamer") => &behaviour.streamer,
            _ => &behaviour.dispatcher,
        };
        if let Mood::Http(status) = mood {
            let answer = http::Response::builder().status(*status).body(Body::empty()).unwrap();
            return Box::pin(async move { Ok(answer) });
        }
        drop(behaviour);
        self.router.call(request)
    }
}

#[derive(Clone)]
struct Fake(Arc<Inner>);

impl Fake {
    async fn in_mood(&self, mood: impl Fn(&Behaviour) -> Mood) -> Result<(), Status> {
        let mood = mood(&self.0.behaviour.lock().unwrap());
        match mood {
            Mood::Good | Mood::Http(_) => Ok(()),
            Mood::Silent => std::future::pending().await,
            Mood::Refusing(status) => Err(status),
        }
    }

    fn saw(&self, note: impl FnOnce(&mut Seen)) {
        note(&mut self.0.seen.lock().unwrap());
        self.0.changed.notify_waiters();
    }
}

#[tonic::async_trait]
impl Bootstrapper for Fake {
    async fn get_challenge(
        &self,
        _: Request<wire::AccessGatewayId>,
    ) -> Result<Response<wire::Challenge>, Status> {
        self.in_mood(|behaviour| behaviour.bootstrapper.clone()).await?;
        let mut challenge = vec![7; 512];
        let now = UNIX_EPOCH.elapsed().unwrap_or_default().as_secs();
        challenge[248..256].copy_from_slice(&now.to_be_bytes());
        let key_type = self.0.behaviour.lock().unwrap().challenge_key;
        Ok(Response::new(wire::Challenge { key_type, challenge }))
    }

    async fn request_sign(
        &self,
        request: Request<wire::Response>,
    ) -> Result<Response<wire::Certificate>, Status> {
        let request = request.into_inner();
        let csr = request.csr.clone().unwrap().csr_der;
        self.saw(|seen| seen.signed.push(request));
        self.in_mood(|behaviour| behaviour.signer.clone()).await?;
        let twist = self.0.behaviour.lock().unwrap().twist.clone();
        let cert_der = self.0.certifier.sign(&csr, &twist);
        let now = SystemTime::now();
        Ok(Response::new(wire::Certificate {
            cert_der,
            sn: None,
            not_before: Some(now.into()),
            not_after: Some(now.into()),
        }))
    }
}

#[tonic::async_trait]
impl Registration for Fake {
    async fn register(
        &self,
        request: Request<wire::RegisterRequest>,
    ) -> Result<Response<wire::RegisterResponse>, Status> {
        self.saw(|seen| seen.registrations.push(request.into_inner()));
        let response = Some(self.0.behaviour.lock().unwrap().registration.clone());
        Ok(Response::new(wire::RegisterResponse { response }))
    }
}

#[tonic::async_trait]
impl StateService for Fake {
    async fn report_states(
        &self,
        request: Request<wire::ReportStatesRequest>,
    ) -> Result<Response<wire::ReportStatesResponse>, Status> {
        self.saw(|seen| seen.reports.push(request.into_inner()));
        self.in_mood(|behaviour| behaviour.state.clone()).await?;
        Ok(Response::new(wire::ReportStatesResponse::default()))
    }

    async fn delete_states(
        &self,
        _: Request<wire::DeleteStatesRequest>,
    ) -> Result<Response<wire::Void>, Status> {
        Err(Status::unimplemented("no gateway agent calls this"))
    }

    async fn sync_states(
        &self,
        _: Request<wire::SyncStatesRequest>,
    ) -> Result<Response<wire::SyncStatesResponse>, Status> {
        Err(Status::unimplemented("no gateway agent calls this"))
    }
}

#[tonic::async_trait]
impl MetricsController for Fake {
    async fn collect(
        &self,
        request: Request<wire::MetricsContainer>,
    ) -> Result<Response<wire::Void>, Status> {
        self.in_mood(|behaviour| behaviour.metricsd.clone()).await?;
        self.saw(|seen| seen.metrics.push(request.into_inner()));
        Ok(Response::new(wire::Void {}))
    }
}

#[tonic::async_trait]
impl Streamer for Fake {
    type GetUpdatesStream = BoxStream<wire::DataUpdateBatch>;

    async fn get_updates(
        &self,
        request: Request<wire::StreamRequest>,
    ) -> Result<Response<Self::GetUpdatesStream>, Status> {
        self.saw(|seen| seen.polls.push(request.into_inner()));
        self.in_mood(|behaviour| behaviour.streamer.clone()).await?;
        let (sender, stream) = mpsc::channel(8);
        let feed = self.0.behaviour.lock().unwrap().feed.clone();
        let fake = self.clone();
        tokio::spawn(async move {
            let batch = |value| {
                let update = wire::DataUpdate { key: "gateway".into(), value };
                Ok(wire::DataUpdateBatch { updates: vec![update], resync: true })
            };
            match feed {
                Feed::Once(document) => drop(sender.send(batch(document)).await),
                Feed::Broken => drop(sender.send(Err(Status::unavailable("the cloud goes away"))).await),
                Feed::Open(document) => {
                    sender.send(batch(document)).await.ok();
                    sender.closed().await;
                    fake.saw(|seen| seen.abandoned += 1);
                }
                Feed::Several(documents) => {
                    for document in documents {
                        sender.send(batch(document)).await.ok();
                    }
                }
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(stream))))
    }
}

#[tonic::async_trait]
impl SyncRpcService for Fake {
    type EstablishSyncRPCStreamStream = BoxStream<wire::SyncRpcRequest>;
    type SyncRPCStream = BoxStream<wire::SyncRpcRequest>;

    async fn establish_sync_rpc_stream(
        &self,
        request: Request<Streaming<wire::SyncRpcResponse>>,
    ) -> Result<Response<Self::EstablishSyncRPCStreamStream>, Status> {
        self.in_mood(|behaviour| behaviour.dispatcher.clone()).await?;
        let (requests, stream) = mpsc::channel(64);
        self.0.sessions.lock().unwrap().push_back(Session { requests, responses: request.into_inner() });
        self.0.changed.notify_waiters();
        Ok(Response::new(Box::pin(ReceiverStream::new(stream))))
    }

    async fn sync_rpc(
        &self,
        _: Request<Streaming<wire::SyncRpcResponse>>,
    ) -> Result<Response<Self::SyncRPCStream>, Status> {
        Err(Status::unimplemented("the old name"))
    }
}
