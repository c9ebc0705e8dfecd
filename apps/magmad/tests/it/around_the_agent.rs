//! The agent among its neighbours on the machine: systemd that listens, services that use its certificate, and what is
//! switched off.

use std::ffi::OsString;
use std::time::Duration;

use magma_rpc::Status;
use magmad::sd_notify;
use tokio::net::UnixDatagram;

use crate::cloud::{Cloud, Mood};
use crate::gateway::{Gateway, MAGMAD_YML};
use crate::kept_log::KeptLog;

/// How long anything may take: much longer than it does.
const PATIENCE: Duration = Duration::from_secs(120);

#[tokio::test]
async fn systemd_is_told_that_the_agent_is_ready_alive_and_stopping() {
    let cloud = Cloud::start().await;
    let mut gateway = Gateway::with_certificate(&cloud);
    let path = gateway.path("notify");
    let systemd = UnixDatagram::bind(&path).unwrap();
    gateway.options.notify = sd_notify::Settings::given(|name| match name {
        "NOTIFY_SOCKET" => Some(path.clone().into_os_string()),
        "WATCHDOG_USEC" => Some(OsString::from("200000")),
        _ => None,
    });
    let mut running = gateway.start();
    running.until_checked_in().await;
    let hear = async |wanted: &str| {
        let mut heard = Vec::new();
        let hearing = async {
            while !heard.iter().any(|words: &String| words.contains(wanted)) {
                let mut words = [0; 512];
                let length = systemd.recv(&mut words).await.unwrap();
                heard.push(String::from_utf8(words[..length].to_vec()).unwrap());
            }
        };
        let heard_it = tokio::time::timeout(PATIENCE, hearing).await.is_ok();
        assert!(heard_it, "never {wanted}, but {heard:?}");
    };
    hear("READY=1").await;
    hear("STATUS=checked in with the cloud").await;
    hear("WATCHDOG=1").await;
    running.stop().await;
    hear("STOPPING=1").await;
}

#[tokio::test]
async fn services_that_use_the_certificate_restart_when_it_is_new_and_others_do_not() {
    let log = KeptLog::begin();
    let cloud = Cloud::start().await;
    let gateway = Gateway::with_certificate(&cloud);
    let names = ["td-agent-bit", "control_proxy", "mme"];
    let commands: String =
        names.iter().map(|name| format!("  {name}: [/bin/sh, -c, 'exec sleep 1000']\n")).collect();
    let services = format!("magma_services: [{}]\nservice_commands:\n{commands}", names.join(", "));
    let yml = MAGMAD_YML
        .replace("magma_services: []", &services)
        .replace("non_service303_services: []", &format!("non_service303_services: [{}]", names.join(", ")));
    gateway.write("etc/magma/magmad.yml", &yml);
    let words = "restarting the services that use the new certificate";
    let mut running = gateway.start();
    running.until_checked_in().await;
    assert!(log.lines_with(words).is_empty(), "the certificate is the one from before");
    cloud.behave(|b| b.state = Mood::Refusing(Status::permission_denied("revoked")));
    running.until_bootstrapped().await;
    cloud.behave(|b| b.state = Mood::Good);
    let told = async {
        while log.lines_with(words).is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, told).await.expect("services restart");
    // Without proxy_cloud_connections, nobody uses the proxy.
    assert!(log.lines_with(words)[0].contains(r#"["td-agent-bit"]"#), "{:?}", log.lines_with(words));
    running.stop().await;
}

#[tokio::test]
async fn what_is_switched_off_asks_the_cloud_for_nothing() {
    let cloud = Cloud::start().await;
    let gateway = Gateway::with_certificate(&cloud);
    let yml = MAGMAD_YML
        .replace("enable_config_streamer: True", "enable_config_streamer: False")
        .replace("enable_sync_rpc: True", "enable_sync_rpc: False");
    gateway.write("etc/magma/magmad.yml", &yml);
    let mut running = gateway.start();
    for _ in 0..5 {
        running.until_checked_in().await;
    }
    let polls = cloud.seen().polls.len();
    assert_eq!(polls, 0);
    let authorities = cloud.seen().authorities.clone();
    let asked = |service: &str| authorities.iter().any(|authority| authority.starts_with(service));
    assert!(asked("state") && !asked("dispatcher") && !asked("streamer"), "{authorities:?}");
    running.stop().await;
}

#[tokio::test]
async fn the_agents_services_listen_at_the_registrys_address_alone() {
    let cloud = Cloud::start().await;
    let mut running = Gateway::with_certificate(&cloud).start();
    running.until_serving().await;
    let port = running.gateway.port;
    for (host, listens) in [("127.0.0.1", true), ("127.0.0.2", false), ("::1", false)] {
        let connected = tokio::net::TcpStream::connect((host, port)).await;
        assert_eq!(connected.is_ok(), listens, "{host}: {connected:?}");
    }
    running.stop().await;
}
