//! `ReloadServiceConfig`: the files of the agent and of the services that it serves itself are read again.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use magma_free_port::free_port;
use magma_rpc::channel::{Channel, Connection, Endpoint, Transport};
use magmad::events::Event;
use wire_orc8r::orc8r as wire;
use wire_orc8r::orc8r::call_trace_service_client::CallTraceServiceClient;
use wire_orc8r::orc8r::event_service_client::EventServiceClient;
use wire_orc8r::orc8r::reload_config_response::ReloadConfigResult;
use wire_orc8r::orc8r::service303_client::Service303Client;

use crate::cloud::Cloud;
use crate::gateway::{Gateway, MAGMAD_YML, registry_yml};

/// How long anything may take: much longer than it does.
const PATIENCE: Duration = Duration::from_secs(120);

const SUCCESS: ReloadConfigResult = ReloadConfigResult::ReloadSuccess;
const FAILURE: ReloadConfigResult = ReloadConfigResult::ReloadFailure;

fn channel(port: u16) -> Channel {
    let host = "127.0.0.1".to_owned();
    let endpoint = Endpoint { server_name: host.clone(), host, port, transport: Transport::Plain };
    Connection::new(endpoint).channel("service.local")
}

/// What the service at `port` says when it is told to read its files again, as soon as it serves.
async fn reload(port: u16) -> ReloadConfigResult {
    let asking = async {
        loop {
            match Service303Client::new(channel(port)).reload_service_config(wire::Void {}).await {
                Ok(answer) => return answer.into_inner().result(),
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    };
    tokio::time::timeout(PATIENCE, asking).await.expect("it serves")
}

#[tokio::test]
async fn the_agents_files_are_read_again_and_what_needs_a_restart_is_told() {
    let cloud = Cloud::start().await;
    let mut gateway = Gateway::with_certificate(&cloud);
    // Only the order can bring the change into effect.
    gateway.options.timings.settings = Duration::from_secs(3600);
    let mut running = gateway.start();
    running.until_serving().await;
    let port = running.gateway.port;
    let magmad_yml = |change: &str| format!("{MAGMAD_YML}{change}");
    for (magmad, expected) in [
        (magmad_yml(""), SUCCESS),
        (MAGMAD_YML.replace("INFO", "DEBUG"), SUCCESS),
        (MAGMAD_YML.replace("INFO", "LOUD"), SUCCESS),
        (magmad_yml("max_skipped_checkins: many\n"), FAILURE),
        (magmad_yml("max_skipped_checkins: 7\n"), FAILURE),
        (magmad_yml(""), SUCCESS),
    ] {
        running.gateway.write("etc/magma/magmad.yml", &magmad);
        assert_eq!(reload(port).await, expected, "{magmad}");
    }
    let control_proxy = cloud.control_proxy(false);
    for (text, expected) in [
        (control_proxy.replace("cloud_port", "local_port: 1\ncloud_port"), SUCCESS),
        ("cloud_port: many\n".to_owned(), FAILURE),
    ] {
        running.gateway.write("etc/magma/control_proxy.yml", &text);
        assert_eq!(reload(port).await, expected, "{text}");
        let changed = running.backlog().iter().any(|event| matches!(event, Event::SettingsChanged));
        assert_eq!(changed, expected == SUCCESS, "{text}");
    }
    running.stop().await;
}

#[cfg(feature = "eventd")]
#[tokio::test]
async fn eventd_takes_the_events_that_its_file_has_now() {
    let (cloud, eventd, forwarder) = (Cloud::start().await, free_port(), free_port());
    let gateway = Gateway::with_certificate(&cloud);
    gateway.write("etc/magma/magmad.yml", &format!("{MAGMAD_YML}embedded_services: [eventd]\n"));
    gateway.write("etc/magma/service_registry.yml", &registry_yml(gateway.port, &[("eventd", eventd)]));
    let write = |gateway: &Gateway, port: u16, registry: &str| {
        gateway
            .write("etc/magma/eventd.yml", &format!("fluent_bit_port: {port}\nevent_registry: {registry}\n"));
    };
    write(&gateway, forwarder, "{}");
    let running = gateway.start();
    let event = wire::Event { event_type: "attach".to_owned(), value: "{}".to_owned(), ..Default::default() };
    let taken = async || EventServiceClient::new(channel(eventd)).log_event(event.clone()).await.is_ok();
    assert_eq!(reload(eventd).await, SUCCESS, "nothing has changed");
    assert!(!taken().await);
    write(&running.gateway, forwarder, "{attach: {module: lte}}");
    assert!(!taken().await, "nobody ordered it");
    assert_eq!(reload(eventd).await, SUCCESS);
    let taking = async {
        while !taken().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, taking).await.expect("it is taken");
    write(&running.gateway, forwarder, "[attach]");
    assert_eq!(reload(eventd).await, FAILURE);
    assert!(taken().await, "a mistake changes nothing");
    write(&running.gateway, 1, "{attach: {module: lte}}");
    assert_eq!(reload(eventd).await, FAILURE, "the port is in use");
    running.stop().await;
}

#[cfg(feature = "ctraced")]
#[tokio::test]
async fn ctraced_begins_anew_with_the_tool_that_its_file_has_now() {
    let (cloud, ctraced) = (Cloud::start().await, free_port());
    let gateway = Gateway::with_certificate(&cloud);
    gateway.write("etc/magma/magmad.yml", &format!("{MAGMAD_YML}embedded_services: [ctraced]\n"));
    gateway.write("etc/magma/service_registry.yml", &registry_yml(gateway.port, &[("ctraced", ctraced)]));
    gateway.write("etc/magma/ctraced.yml", "trace_tool: /nonexistent/tshark\n");
    gateway.write(
        "tool",
        "#!/bin/sh\nwhile [ $# -gt 0 ]; do [ $1 = -w ] && echo packets > $2; shift; done\nexec sleep 600\n",
    );
    let tool = gateway.path("tool");
    std::fs::set_permissions(&tool, std::fs::Permissions::from_mode(0o755)).unwrap();
    let running = gateway.start();
    let start = async || {
        let request =
            wire::StartTraceRequest { trace_id: "t".to_owned(), timeout: 600, ..Default::default() };
        let started = CallTraceServiceClient::new(channel(ctraced)).start_call_trace(request).await;
        started.is_ok_and(|started| started.into_inner().success)
    };
    assert_eq!(reload(ctraced).await, SUCCESS, "nothing has changed");
    assert!(!start().await, "there is no such program");
    running.gateway.write("etc/magma/ctraced.yml", &format!("trace_tool: {}\n", tool.display()));
    assert_eq!(reload(ctraced).await, SUCCESS);
    let starting = async {
        while !start().await {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, starting).await.expect("it starts");
    running.gateway.write("etc/magma/ctraced.yml", "trace_tool: 7\n");
    assert_eq!(reload(ctraced).await, FAILURE);
    running.stop().await;
}
