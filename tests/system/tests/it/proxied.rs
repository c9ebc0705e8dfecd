//! The same through a gateway's control proxy: all services over one HTTP/2 connection to the cloud, whose TLS
//! server name is the controller's plain name.

use crate::cloud::{Cloud, DOMAIN, gateway_path, magmad_config};
use crate::flow::commands_come_back;
use crate::gateway::{Gateway, TICKER, magmad_yml};
use crate::relay::{ControlProxy, ProxySettings, Wire, installed, nghttpx_arguments};
use magma_free_port::free_port;
use magma_rpc::channel::{Connection, Endpoint, Transport};
use magma_rpc::{Code, Status};
use serde_json::json;
use std::time::Duration;
use wire_orc8r::orc8r::service303_client::Service303Client;
use wire_orc8r::orc8r::streamer_client::StreamerClient;
use wire_orc8r::orc8r::{StreamRequest, Void};

fn registry(proxy_port: u16) -> String {
    format!(
        "services:\n  magmad:\n    ip_address: 127.0.0.1\n    port: {}\n  \
         control_proxy:\n    ip_address: 127.0.0.1\n    port: {proxy_port}\n",
        free_port()
    )
}

fn control_proxy_yml(port: u16) -> String {
    format!("local_port: {port}\nproxy_cloud_connections: True\n")
}

fn settings(gateway: &Gateway, wire: &Wire) -> ProxySettings {
    ProxySettings {
        cloud: wire.address,
        server_name: format!("controller.{DOMAIN}"),
        certificates: gateway.certificates(),
    }
}

fn one_connection_by_the_plain_name(wire: &Wire) {
    let seen = wire.seen();
    assert_eq!(seen.open_at_once, 1, "one connection for all services");
    for hello in &seen.hellos {
        let hello = String::from_utf8_lossy(hello);
        assert!(hello.contains(&format!("controller.{DOMAIN}")));
        assert!(!hello.contains("-controller"), "the server name is not that of a service");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_services_share_one_connection_through_a_proxy() {
    let cloud = Cloud::start().await;
    let token = cloud.make_gateway().await;
    let port = free_port();
    let gateway = Gateway::new(&cloud, &magmad_yml(&[TICKER]), &control_proxy_yml(port), &registry(port));
    gateway.register(&cloud, &token).await.unwrap();
    let wire = Wire::to(cloud.addresses().gateways).await;
    let settings = settings(&gateway, &wire);

    let mut agent = gateway.start();
    agent.until_bootstrapped().await;
    let proxy = ControlProxy::start(port, &settings).await;
    agent.until_checked_in().await;
    cloud.do_rest("PUT", &gateway_path("/magmad"), Some(magmad_config(77))).await;
    agent.until_configured("checkinInterval", &json!(77)).await;
    agent.until_commanded().await;
    commands_come_back(&cloud).await;
    one_connection_by_the_plain_name(&wire);
    assert_eq!(wire.seen().hellos.len(), 1, "it was never made anew");

    agent.stop().await;
    drop(proxy);
}

/// The existing proxy as one of the agent's services: it starts only once there is a certificate.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nghttpx_is_started_again_with_the_certificate_and_carries_everything() {
    if !installed("nghttpx") {
        println!("skipped: nghttpx is not installed");
        return;
    }
    let cloud = Cloud::start().await;
    let token = cloud.make_gateway().await;
    let port = free_port();
    let wire = Wire::to(cloud.addresses().gateways).await;
    let gateway = Gateway::new(&cloud, "", &control_proxy_yml(port), &registry(port));
    let arguments = nghttpx_arguments(port, &settings(&gateway, &wire));
    let command: Vec<&str> = std::iter::once("nghttpx").chain(arguments.iter().map(String::as_str)).collect();
    gateway.write("etc/magma/magmad.yml", &magmad_yml(&[TICKER, ("control_proxy", &command)]));
    gateway.register(&cloud, &token).await.unwrap();

    let mut agent = gateway.start();
    agent.until_bootstrapped().await;
    agent.until_checked_in().await;
    agent.until_configured("checkinInterval", &json!(60)).await;
    // The agent starts nghttpx once more with the new certificate, which it may have had already.
    let started_twice = || wire.seen().hellos.len() > 1;
    let quiet = tokio::time::timeout(Duration::from_secs(2), async {
        while !started_twice() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    quiet.await.ok();
    cloud.until_connected().await;
    commands_come_back(&cloud).await;
    one_connection_by_the_plain_name(&wire);

    agent.stop().await;
}

/// The same with the agent's own proxy, which never starts again. The agent's own calls share its connection.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn our_own_proxy_carries_everything_over_one_connection_and_takes_a_new_certificate_while_it_runs() {
    let cloud = Cloud::start().await;
    let token = cloud.make_gateway().await;
    let port = free_port();
    let wire = Wire::to(cloud.addresses().gateways).await;
    let magmad = format!("embedded_services: [control_proxy]\n{}", magmad_yml(&[TICKER]));
    let gateway = Gateway::new(&cloud, &magmad, &control_proxy_yml(port), &registry(free_port()));
    gateway.register(&cloud, &token).await.unwrap();
    gateway.reroute(&cloud, wire.address.port());

    let mut agent = gateway.start();
    agent.until_bootstrapped().await;
    agent.until_checked_in().await;
    cloud.do_rest("PUT", &gateway_path("/magmad"), Some(magmad_config(77))).await;
    agent.until_configured("checkinInterval", &json!(77)).await;
    agent.until_commanded().await;
    commands_come_back(&cloud).await;

    // A service of the gateway calls its neighbour and the cloud.
    let neighbour = Neighbour::of(port);
    assert_eq!(neighbour.name_when_it_serves("magmad").await, "magmad");
    assert_eq!(neighbour.name_when_it_serves("control_proxy").await, "control_proxy");
    assert!(neighbour.configuration().await.contains("checkinInterval"));
    one_connection_by_the_plain_name(&wire);
    assert_eq!(wire.seen().hellos.len(), 1, "it was never made anew");

    // The certificate is replaced under its feet, by one with the same content. It is one file, so that no look finds
    // half of a change, after which there would be two new connections.
    agent.forget();
    let certificate = agent.gateway.certificates().join("gateway.crt");
    let copy = certificate.with_extension("copy");
    std::fs::copy(&certificate, &copy).unwrap();
    std::fs::rename(&copy, &certificate).unwrap();
    let begun = std::time::Instant::now();
    while wire.seen().hellos.len() < 2 {
        assert!(begun.elapsed() < crate::cloud::PATIENCE, "the new certificate is not used");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    agent.until_commanded().await;
    commands_come_back(&cloud).await;
    assert_eq!(neighbour.name_of("magmad").await, "magmad", "the port was never closed");

    agent.stop().await;
}

/// Another service of the gateway, with one connection to its control proxy.
struct Neighbour(Connection);

impl Neighbour {
    fn of(port: u16) -> Self {
        let (host, server_name) = ("127.0.0.1".to_owned(), String::new());
        Self(Connection::new(Endpoint { host, port, server_name, transport: Transport::Plain }))
    }

    async fn name_of(&self, service: &str) -> String {
        self.ask_name(service).await.unwrap()
    }

    /// The same of a service that may just be starting.
    async fn name_when_it_serves(&self, service: &str) -> String {
        let wait = async {
            loop {
                match self.ask_name(service).await {
                    Ok(name) => return name,
                    Err(status) => assert_eq!(status.code(), Code::Unavailable, "{status}"),
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(crate::cloud::PATIENCE, wait).await.expect("a service that serves")
    }

    async fn ask_name(&self, service: &str) -> Result<String, Status> {
        let channel = self.0.channel(&format!("{service}.local"));
        Ok(Service303Client::new(channel).get_service_info(Void {}).await?.into_inner().name)
    }

    /// What the cloud's streamer has for this gateway, of which only the proxy's certificate speaks.
    async fn configuration(&self) -> String {
        let channel = self.0.channel(&format!("streamer-controller.{DOMAIN}"));
        let request = StreamRequest { stream_name: "configs".into(), ..StreamRequest::default() };
        let mut stream = StreamerClient::new(channel).get_updates(request).await.unwrap().into_inner();
        let batch = stream.message().await.unwrap().unwrap();
        assert!(stream.message().await.unwrap().is_none());
        String::from_utf8(batch.updates[0].value.clone()).unwrap()
    }
}
