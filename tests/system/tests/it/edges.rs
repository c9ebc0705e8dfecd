//! Edges and firewalls between a gateway and its cloud: nginx that does not like a certificate, proxies that cannot
//! reach anybody, ports that are closed, and a network that one leaves only through an HTTP proxy.

use crate::cloud::{Cloud, DOMAIN};
use crate::gateway::{Gateway, Running, TICKER, magmad_yml};
use crate::relay::{ControlProxy, Wire};
use magma_free_port::free_port;
use magmad::events::{Event, Step};
use magmad::http_proxies::HttpProxies;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

fn registry() -> String {
    format!("services:\n  magmad:\n    ip_address: 127.0.0.1\n    port: {}\n", free_port())
}

async fn registered(cloud: &Cloud, control_proxy_yml: &str) -> Gateway {
    let token = cloud.make_gateway().await;
    let gateway = Gateway::new(cloud, &magmad_yml(&[TICKER]), control_proxy_yml, &registry());
    gateway.register(cloud, &token).await.unwrap();
    gateway
}

async fn until_failed(agent: &mut Running, step: Step, words: &'static str) {
    let fits = |event: &Event| matches!(event, Event::Failed { step: failed, message, .. } if *failed == step && message.contains(words));
    agent.until(words, fits).await;
}

/// An nginx edge answers a certificate that it does not accept with HTTP 400: a new one is asked for. Its 502 and 503
/// say nothing about the certificate.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn http_400_of_an_edge_leads_to_a_new_certificate_and_502_and_503_do_not() {
    let cloud = Cloud::start().await;
    let port = free_port();
    let gateway = registered(&cloud, &format!("local_port: {port}\nproxy_cloud_connections: True\n")).await;
    let settings = gateway.proxy_settings(&cloud);
    let mut agent = gateway.start();
    agent.until_bootstrapped().await;

    for (status, words) in [(502, "a proxy on the way cannot reach the cloud"), (503, "HTTP status 503")] {
        agent.forget();
        let edge = ControlProxy::refusing(port, status).await;
        for step in [Step::CheckIn, Step::ConfigStream, Step::SyncRpc] {
            until_failed(&mut agent, step, words).await;
        }
        edge.stop().await;
        assert!(
            !agent.has(|event| matches!(event, Event::Bootstrapped { .. })),
            "HTTP {status} is no refusal"
        );
    }

    agent.forget();
    let edge = ControlProxy::refusing(port, 400).await;
    until_failed(&mut agent, Step::CheckIn, "when it refuses the client certificate").await;
    until_failed(&mut agent, Step::ConfigStream, "when it refuses the client certificate").await;
    agent.until_bootstrapped().await;
    edge.stop().await;
    let _proxy = ControlProxy::start(port, &settings).await;
    agent.forget();
    agent.until_checked_in().await;
    agent.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_bootstrap_port_leads_to_the_last_resort_and_one_that_is_not_trusted_does_not() {
    let cloud = Cloud::start().await;
    let (direct, closed) = ("local_port: 1\nproxy_cloud_connections: False\n", free_port());
    let gateway = registered(&cloud, direct).await;
    let last_resort = cloud.addresses().bootstrap.port();
    gateway.rebootstrap(&cloud, closed);
    let mut agent = gateway.start_with(|options| options.last_resort_port = last_resort);
    agent.until_bootstrapped().await;
    agent.until_checked_in().await;
    let gateway = agent.stop().await;

    // Both closed: the error names both.
    for file in ["gateway.crt", "gateway.key"] {
        std::fs::remove_file(gateway.certificates().join(file)).unwrap();
    }
    let mut agent = gateway.start_with(|options| options.last_resort_port = free_port());
    until_failed(&mut agent, Step::Bootstrap, "nor is there another way: ").await;
    let gateway = agent.stop().await;

    // Somebody is there who has another certificate: that is said, and nobody else is asked.
    let stranger = Wire::to(cloud.addresses().bootstrap).await;
    let other = Cloud::start().await;
    gateway.rebootstrap_from(closed, other.addresses().bootstrap.port());
    let port = stranger.address.port();
    let mut agent = gateway.start_with(|options| options.last_resort_port = port);
    until_failed(&mut agent, Step::Bootstrap, "is rootCA.pem the one of this cloud?").await;
    assert!(stranger.seen().hellos.is_empty(), "no way around a certificate that is not trusted");
    agent.stop().await;
}

/// The only way out of this network; it knows the cloud's names and asks for a password.
struct WayOut {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl WayOut {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let noted = asked.clone();
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                tokio::spawn(let_out(tcp, noted.clone()));
            }
        });
        Self { port, asked }
    }

    fn proxies(&self, user: &str) -> HttpProxies {
        HttpProxies::new(Some(&format!("http://{user}127.0.0.1:{}", self.port)), None, Some("example.test"))
    }
}

async fn let_out(mut tcp: TcpStream, asked: Arc<Mutex<Vec<String>>>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = tcp.read_u8().await else { return };
        head.push(byte);
    }
    let head = String::from_utf8(head).unwrap();
    let target = head.strip_prefix("CONNECT ").unwrap().split(' ').next().unwrap().to_owned();
    if !head.contains("\r\nProxy-Authorization: Basic dXNlcjpwYXNz\r\n") {
        tcp.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n").await.ok();
        return;
    }
    let port = target.rsplit(':').next().unwrap().parse::<u16>().unwrap();
    asked.lock().unwrap().push(target);
    let mut outbound = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    tcp.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
    copy_bidirectional(&mut tcp, &mut outbound).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_http_proxy_carries_bootstrap_and_the_cloud_directly_and_through_our_own_control_proxy() {
    let cloud = Cloud::start().await;
    let tokens = [cloud.make_gateway().await, cloud.make_another_gateway("gw2").await];
    let modes =
        [("[]", "proxy_cloud_connections: False"), ("[control_proxy]", "proxy_cloud_connections: True")];
    for (token, (embedded, mode)) in tokens.iter().zip(modes) {
        let magmad = format!("embedded_services: {embedded}\n{}", magmad_yml(&[TICKER]));
        let control_proxy = format!("local_port: {}\nallow_http_proxy: True\n{mode}\n", free_port());
        let gateway = Gateway::new(&cloud, &magmad, &control_proxy, &registry());
        let way_out = WayOut::start().await;
        let (without, with) = (way_out.proxies(""), way_out.proxies("user:pass@"));
        let refused = gateway.register_through(&cloud, token, &without).await.unwrap_err();
        assert!(refused.contains("it wants a user and a password"), "{refused}");
        gateway.register_through(&cloud, token, &with).await.unwrap();
        let bootstrapper = format!("bootstrapper-controller.{DOMAIN}:{}", cloud.addresses().bootstrap.port());
        let asked = std::mem::take(&mut *way_out.asked.lock().unwrap());
        assert_eq!(asked, std::slice::from_ref(&bootstrapper));
        let mut agent = gateway.start_with(|options| options.http_proxies = without);
        until_failed(&mut agent, Step::Bootstrap, "it wants a user and a password").await;
        let gateway = agent.stop().await;
        assert!(way_out.asked.lock().unwrap().is_empty());

        let mut agent = gateway.start_with(|options| options.http_proxies = with);
        agent.until_bootstrapped().await;
        agent.until_checked_in().await;
        agent.until_commanded().await;
        let asked = way_out.asked.lock().unwrap().clone();
        let controller = format!("controller.{DOMAIN}:{}", cloud.addresses().gateways.port());
        assert!(asked.contains(&bootstrapper), "{asked:?}");
        let to_cloud = asked.iter().filter(|target| **target == controller).count();
        assert!(to_cloud >= 1 && (embedded == "[]" || to_cloud == 1), "{asked:?}");
        agent.stop().await;
    }
}
