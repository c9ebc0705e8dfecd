//! The edge of an existing Orchestrator: nginx, which picks its server by a pattern of names and wants a certificate.

use crate::certificates::Authority;
use crate::peers::{CLOUD, PATIENCE, Proxy, Roads, Serving, pass, request, status, to_cloud};
use http_body_util::BodyExt;
use magma_rpc::channel::{Connection, Endpoint, Transport};
use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::Instant;

/// A running nginx with the server block of an Orchestrator for its gateways.
struct Edge {
    address: SocketAddr,
    _folder: TempDir,
    _nginx: Child,
}

impl Edge {
    /// None, with the reason said, where nginx is not installed.
    async fn start(authority: &Authority, backend: SocketAddr) -> Option<Self> {
        let nginx = ["nginx", "/usr/sbin/nginx"].into_iter().find(|program| {
            std::process::Command::new(program).arg("-v").stderr(Stdio::null()).status().is_ok()
        })?;
        let folder = tempfile::tempdir().unwrap();
        let server = authority.server(&[CLOUD, "*.magma.test"]);
        let address = SocketAddr::from(([127, 0, 0, 1], magma_free_port::free_port()));
        let configuration = configuration(address, backend);
        let files = [
            ("root.pem", &authority.pem),
            ("server.crt", &server.cert),
            ("server.key", &server.key),
            ("nginx.conf", &configuration),
        ];
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let mut command = Command::new(nginx);
        command.arg("-p").arg(folder.path()).args(["-e", "stderr", "-c", "nginx.conf"]);
        let child = command.stdin(Stdio::null()).kill_on_drop(true).spawn().unwrap();
        let begun = Instant::now();
        while TcpStream::connect(address).await.is_err() {
            assert!(begun.elapsed() < PATIENCE, "nginx does not listen");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Some(Self { address, _folder: folder, _nginx: child })
    }
}

fn configuration(address: SocketAddr, backend: SocketAddr) -> String {
    let folders: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("{name}_temp_path {name};\n"))
        .concat();
    format!(
        "daemon off;\nmaster_process off;\npid nginx.pid;\nevents {{ worker_connections 64; }}\n\
         http {{\naccess_log off;\n{folders}server {{\n\
         listen {address} ssl http2;\nserver_name ~^(?<srv>.+)-controller\\.magma\\.test$;\n\
         ssl_certificate server.crt;\nssl_certificate_key server.key;\n\
         ssl_client_certificate root.pem;\nssl_verify_client on;\n\
         location / {{ grpc_pass grpc://{backend}; }}\n}}\n}}\n"
    )
}

const SKIPPED: &str = "skipped: nginx is not installed";

fn roads(cloud: Connection) -> Roads {
    Roads { local: None, cloud: Arc::new(Mutex::new(Some(cloud))) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nginx_takes_every_service_over_one_connection_with_the_plain_name_and_not_with_a_services_name() {
    let authority = Authority::new();
    let backend = Serving::start("backend", None);
    let Some(edge) = Edge::start(&authority, backend.address).await else {
        println!("{SKIPPED}");
        return;
    };
    let tls = authority.client_tls("gw");
    let proxy = Proxy::start(roads(to_cloud(edge.address, tls.clone()))).await;
    for authority in ["state-controller.magma.test", "streamer-controller.magma.test:8443"] {
        let response = pass(&proxy.caller(authority), request("/echo", b"piece")).await.unwrap();
        assert_eq!(response.headers()["x-peer"], "backend", "{authority}");
        let collected = response.into_body().collect().await.unwrap();
        assert_eq!(collected.trailers().unwrap()["grpc-status"], "0");
    }
    // What would be the alternative is refused: 421, Misdirected Request.
    let (host, port) = (edge.address.ip().to_string(), edge.address.port());
    let server_name = "state-controller.magma.test".to_owned();
    let of_state = Connection::new(Endpoint { host, port, server_name, transport: Transport::Tls(tls) });
    let own = pass(&of_state.channel("state-controller.magma.test"), request("/echo", b"")).await.unwrap();
    assert_eq!(own.status(), 200);
    let other =
        pass(&of_state.channel("streamer-controller.magma.test"), request("/echo", b"")).await.unwrap();
    assert_eq!(other.status(), 421);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nginx_refuses_a_certificate_with_400_and_the_caller_reads_that() {
    let authority = Authority::new();
    let backend = Serving::start("backend", None);
    let Some(edge) = Edge::start(&authority, backend.address).await else {
        println!("{SKIPPED}");
        return;
    };
    let stranger = Authority::new().client("gw").identity();
    let tls = magma_rpc::tls::ClientTls::new(&authority.trust(), Some(&stranger)).unwrap();
    let proxy = Proxy::start(roads(to_cloud(edge.address, tls))).await;
    let caller = proxy.caller("state-controller.magma.test");
    let response = pass(&caller, request("/echo", b"")).await.unwrap();
    assert_eq!(response.status(), 400);
    assert_eq!(status(response).await.0, "", "no gRPC status is made up");
    assert!(backend.notes.authorities.lock().unwrap().is_empty(), "nothing gets through");
}
