//! Connections through an HTTP proxy: what it is asked, what it sees, and what its refusals are told as.

use crate::fixture::{Authority, Served, log_event};
use magma_rpc::channel::{Connection, Endpoint, Manner, Transport};
use magma_rpc::http_proxy::HttpProxy;
use magma_rpc::tls::{ClientAuth, ClientTls};
use magma_rpc::{Code, Failure, failure_of};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

const NAME: &str = "controller.magma.test";

/// A proxy that answers every request with `answer`, and connects to `target` if that is a success.
struct SmallProxy {
    address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
}

impl SmallProxy {
    async fn start(answer: &'static str, target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let heads: Arc<Mutex<Vec<String>>> = Arc::default();
        let noted = heads.clone();
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                tokio::spawn(converse(tcp, answer, target, noted.clone()));
            }
        });
        Self { address, heads }
    }

    /// To a name that nobody here can resolve: that is the proxy's affair.
    fn connection(&self, credentials: &str, trusted: &Authority, gateway: &Authority) -> Connection {
        self.connection_to("cloud.invalid", credentials, trusted, gateway)
    }

    fn connection_to(
        &self,
        host: &str,
        credentials: &str,
        trusted: &Authority,
        gateway: &Authority,
    ) -> Connection {
        let proxy = HttpProxy::from_url(&format!("http://{credentials}{}", self.address)).unwrap();
        let tls = ClientTls::new(&trusted.trust(), Some(&gateway.client("gw"))).unwrap();
        let endpoint = Endpoint {
            host: host.into(),
            port: 8443,
            server_name: NAME.into(),
            transport: Transport::Tls(tls),
        };
        Connection::with(endpoint, Manner { proxy: Some(proxy), ..Manner::default() })
    }
}

async fn converse(
    mut tcp: TcpStream,
    answer: &'static str,
    target: SocketAddr,
    noted: Arc<Mutex<Vec<String>>>,
) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = tcp.read_u8().await else { return };
        head.push(byte);
    }
    noted.lock().unwrap().push(String::from_utf8(head).unwrap());
    tcp.write_all(answer.as_bytes()).await.unwrap();
    if answer.starts_with("HTTP/1.1 200") {
        let mut outbound = TcpStream::connect(target).await.unwrap();
        copy_bidirectional(&mut tcp, &mut outbound).await.ok();
    }
}

#[tokio::test]
async fn tls_runs_inside_a_tunnel_that_the_proxy_is_asked_for() {
    let (root, certifier) = (Authority::new("root"), Authority::new("certifier"));
    let served = Served::start(&root.server(&[NAME]), ClientAuth::Required(&certifier.trust())).await;
    for (credentials, expected) in [("", None), ("user:s%40cret@", Some("Basic dXNlcjpzQGNyZXQ="))] {
        let established = "HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n";
        let proxy = SmallProxy::start(established, served.address).await;
        let connection = proxy.connection(credentials, &root, &certifier);
        log_event(&connection, NAME).await.unwrap();
        log_event(&connection, "state-controller.magma.test").await.unwrap();
        let heads = proxy.heads.lock().unwrap().clone();
        let [head] = &heads[..] else { panic!("one connection for both calls: {heads:?}") };
        assert!(
            head.starts_with("CONNECT cloud.invalid:8443 HTTP/1.1\r\nHost: cloud.invalid:8443\r\n"),
            "{head}"
        );
        let authorization = head.lines().find_map(|line| line.strip_prefix("Proxy-Authorization: "));
        assert_eq!(authorization, expected);
    }
    served.stop().await;
}

#[tokio::test]
async fn an_ipv6_address_is_asked_for_in_brackets() {
    let (root, certifier) = (Authority::new("root"), Authority::new("certifier"));
    let served = Served::start(&root.server(&[NAME]), ClientAuth::Required(&certifier.trust())).await;
    let proxy = SmallProxy::start("HTTP/1.1 200 OK\r\n\r\n", served.address).await;
    log_event(&proxy.connection_to("2001:db8::1", "", &root, &certifier), NAME).await.unwrap();
    let head = proxy.heads.lock().unwrap().concat();
    assert!(
        head.starts_with("CONNECT [2001:db8::1]:8443 HTTP/1.1\r\nHost: [2001:db8::1]:8443\r\n"),
        "{head}"
    );
    served.stop().await;
}

#[tokio::test]
async fn a_refusal_names_the_proxy_and_what_to_do_and_never_the_password() {
    let (root, certifier) = (Authority::new("root"), Authority::new("certifier"));
    let nobody = SocketAddr::from(([127, 0, 0, 1], 9));
    let rows = [
        ("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "", "it wants a user and a password"),
        (
            "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
            "u:secret@",
            "does not accept the user and password",
        ),
        ("HTTP/1.0 403 Forbidden\r\nServer: x\r\n\r\n", "u:secret@", "does not allow this"),
        ("HTTP/1.1 502 Bad Gateway\r\n\r\n", "u:secret@", "it cannot reach the cloud"),
        ("HTTP/1.1 501 Not Implemented\r\n\r\n", "", "does not offer CONNECT"),
        ("SSH-2.0-OpenSSH_9.2\r\n\r\n", "u:secret@", "its answer is no HTTP"),
    ];
    for (answer, credentials, words) in rows {
        let proxy = SmallProxy::start(answer, nobody).await;
        let connection = proxy.connection(credentials, &root, &certifier);
        let status = log_event(&connection, NAME).await.unwrap_err();
        assert_eq!(status.code(), Code::Unavailable, "{status}");
        let Some(failure @ Failure::Proxy { .. }) = failure_of(&status) else { panic!("{status:?}") };
        assert!(!failure.is_certificate_rejected(), "a proxy says nothing about our certificate");
        let text = failure.to_string();
        assert!(text.contains(words) && text.contains(&proxy.address.to_string()), "{text}");
        assert!(text.contains("cloud.invalid:8443") && !text.contains("secret"), "{text}");
    }
}

#[tokio::test]
async fn a_proxy_that_is_not_there_or_never_ends_its_answer_is_an_error_and_no_hang() {
    let (root, certifier) = (Authority::new("root"), Authority::new("certifier"));
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let gone = SmallProxy { address: free, heads: Arc::default() };
    let status = log_event(&gone.connection("", &root, &certifier), NAME).await.unwrap_err();
    assert!(status.message().contains("is it the one in https_proxy or http_proxy?"), "{status}");

    let endless = "x".repeat(64 << 10).leak();
    let proxy = SmallProxy::start(endless, free).await;
    let status = log_event(&proxy.connection("", &root, &certifier), NAME).await.unwrap_err();
    assert!(status.message().contains("its answer is no HTTP"), "{status}");
}
