//! Services here are real gRPC servers on loopback sockets.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::SystemTime;

use magma_config::{ServiceAddress, ServiceRegistry};
use magma_rpc::server::{Router, serve_plain};
use magma_service303::{Application, Identity, Lifecycle, Registry, Service303};
use tokio::net::TcpListener;

use super::*;
use crate::program::testing::install;
use crate::services::{ServiceController, ServiceNames, ServiceWatch, Systemd};

struct Enodebd;

impl Application for Enodebd {
    fn meta(&self) -> BTreeMap<String, String> {
        BTreeMap::from([("enodeb_connected".to_owned(), "1".to_owned())])
    }

    fn stop(&self) {}
}

/// The port of a service that answers.
async fn answering() -> u16 {
    let (listener, port) = listen().await;
    let identity = Identity { name: "x".to_owned(), version: "1".to_owned(), started: SystemTime::now() };
    let service = Service303::new(identity, Lifecycle::new(), Registry::new(), Enodebd).into_server();
    tokio::spawn(serve_plain(listener, Router::new().add(service), std::future::pending::<()>()));
    port
}

/// A port that takes connections and never answers.
async fn silent() -> u16 {
    let (listener, port) = listen().await;
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            open.push(stream);
        }
    });
    port
}

/// A port that is closed.
async fn dead() -> u16 {
    listen().await.1
}

async fn listen() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    (listener, port)
}

fn address(port: u16) -> ServiceAddress {
    ServiceAddress { host: "127.0.0.1".to_owned(), port }
}

fn poller(folder: &Path, watchdog: &[&str], ports: Vec<(&str, u16)>, further: &[&str]) -> Poller {
    let systemctl = install(folder, "systemctl", &format!("echo \"$2 $3\" >> {}/calls", folder.display()));
    let names = ports.iter().map(|(name, _)| *name).chain(further.iter().copied());
    let names = ServiceNames { fixed: names.map(str::to_owned).collect(), ..Default::default() };
    let watchdog: Vec<String> = watchdog.iter().map(|name| (*name).to_owned()).collect();
    let services = Services::new(
        ServiceController::Systemd(Systemd::with_programs(&systemctl, Path::new("/nonexistent"))),
        names,
        ServiceWatch::new(&[], &watchdog, 2),
        Registry::new().counter_family("unexpected_service_restarts", ["service_name"]),
    );
    let registry = ports.into_iter().map(|(name, port)| (name.to_owned(), address(port))).collect();
    Poller::new(Arc::new(services), LocalServices::new(ServiceRegistry::new(registry)))
}

#[tokio::test]
async fn a_service_that_answers_tells_its_facts_and_a_dead_one_counts() {
    let folder = tempfile::tempdir().expect("a folder");
    let ports = vec![("enodebd", answering().await), ("mme", dead().await)];
    let poller = poller(folder.path(), &[], ports, &["not_in_registry"]);
    poller.poll().await;
    poller.poll().await;
    let watch = poller.services.watch();
    assert_eq!(watch.meta()["enodeb_connected"], "1");
    let failures: Vec<(String, u32)> = watch.failures().into_iter().collect();
    assert_eq!(failures, [("mme".to_owned(), 2), ("not_in_registry".to_owned(), 2)]);
}

#[tokio::test(start_paused = true)]
async fn silent_services_are_given_up_together_after_eight_seconds() {
    let folder = tempfile::tempdir().expect("a folder");
    let ports = vec![("a", silent().await), ("b", silent().await), ("c", silent().await)];
    let poller = poller(folder.path(), &[], ports, &[]);
    let started = Instant::now();
    poller.poll().await;
    assert!(started.elapsed() <= ANSWER_LIMIT + Duration::from_secs(1), "{:?}", started.elapsed());
    assert_eq!(poller.services.watch().failures().len(), 3);
}

#[tokio::test]
async fn the_watchdog_restarts_what_does_not_answer() {
    let folder = tempfile::tempdir().expect("a folder");
    let ports = vec![("pipelined", dead().await), ("mme", dead().await)];
    let poller = poller(folder.path(), &["pipelined"], ports, &[]);
    let calls = || fs::read_to_string(folder.path().join("calls")).unwrap_or_default();
    poller.poll().await;
    poller.restart_silent().await;
    assert_eq!(calls(), "");
    poller.poll().await;
    poller.restart_silent().await;
    poller.restart_silent().await;
    assert_eq!(calls(), "reload-or-restart magma@pipelined\n");
}
