//! What an operator sees of a gateway from afar: its events, its logs and captures of its traffic, across an outage.

use crate::cloud::{Cloud, GATEWAY, NETWORK, PATIENCE};
use crate::gateway::{Gateway, Running, magmad_yml};
use magma_free_port::free_port;
use serde_json::{Value, json};
use std::process::Command;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

/// Writes its arguments into its file, and captures until it is ended; or not at all, with the filter `short`.
const TOOL: &str = "#!/bin/sh\nsaid=\"$*\"\nwhile [ \"$1\" != -w ]; do shift; done\nprintf '%s' \"$said\" > \"$2\"\n\
                    case \"$said\" in *short*) exit 0 ;; esac\nexec sleep 1000\n";

const SERVICES: [&str; 4] = ["magmad", "eventd", "td-agent-bit", "ctraced"];

struct Ports {
    syslog: u16,
}

/// A gateway that has joined the network, and serves all of this itself.
async fn start(cloud: &Cloud) -> (Ports, Running) {
    let entry = |name: &&str| format!("  {name}:\n    ip_address: 127.0.0.1\n    port: {}\n", free_port());
    let registry = format!("services:\n{}", SERVICES.iter().map(entry).collect::<String>());
    let (ports, forward) = (Ports { syslog: free_port() }, free_port());
    let embedded = "[eventd, td-agent-bit, ctraced]";
    let magmad = magmad_yml(&[]).replacen("magma_services: []", &format!("magma_services: {embedded}"), 1);
    let magmad = format!(
        "{magmad}embedded_services: {embedded}\nlog_forwarding: {{forward_port: {forward}, syslog_port: {}}}\n",
        ports.syslog
    );
    let gateway = Gateway::new(cloud, &magmad, "local_port: 1\nproxy_cloud_connections: False\n", &registry);
    gateway.write("etc/magma/eventd.yml", &format!("fluent_bit_port: {}\n", free_port()));
    let tool = gateway.path("tool");
    // Another process writes the file: were it open for writing here while a test beside this one forks, it could not be
    // run ("text file busy").
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", r#"printf %s "$1" > "$0" && chmod 755 "$0""#]).arg(&tool).arg(TOOL);
    assert!(shell.status().unwrap().success());
    let ctraced =
        format!("trace_tool: {}\ntrace_directory: /var/trace\ntrace_interfaces: [any]\n", tool.display());
    gateway.write("etc/magma/ctraced.yml", &ctraced);
    gateway.register(cloud, &cloud.make_gateway().await).await.unwrap();
    let mut agent = gateway.start();
    agent.until_bootstrapped().await;
    (ports, agent)
}

/// Asks until the answer `fits`.
async fn until(cloud: &Cloud, path: &str, fits: impl Fn(&Value) -> bool) -> Value {
    let wait = async {
        loop {
            let (status, answer) = cloud.rest("GET", path, None).await;
            if status == 200 && fits(&answer) {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("never as it should be: {path}"))
}

async fn log(ports: &Ports, text: &str) {
    let wait = async {
        loop {
            if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", ports.syslog)).await {
                let line = format!("<30>Nov 22 03:17:10 agw1 mme[12]: {text}\n");
                if stream.write_all(line.as_bytes()).await.is_ok() && stream.shutdown().await.is_ok() {
                    return;
                }
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.expect("a syslog input");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_and_logs_of_a_gateway_are_found_and_an_outage_loses_none() {
    let mut cloud = Cloud::start().await;
    let (ports, mut agent) = start(&cloud).await;
    let hardware_id = std::fs::read_to_string(agent.gateway.path("etc/snowflake")).unwrap();
    let stored = "updated_stored_mconfig";
    let events = format!("/events/{NETWORK}?streams=magmad&events={stored}&hw_ids={}", hardware_id.trim());
    let found = until(&cloud, &events, |found| !found.as_array().unwrap().is_empty()).await;
    assert_eq!(found[0]["stream_name"], "magmad");
    assert!(found[0]["value"].is_object(), "{found}");

    log(&ports, "first line").await;
    let logs = format!(
        "/networks/{NETWORK}/logs/search?size=100&filters=gateway_id:{GATEWAY},ident:mme&simple_query=line"
    );
    let found = until(&cloud, &logs, |found| !found.as_array().unwrap().is_empty()).await;
    let source = &found[0]["_source"];
    assert_eq!((&source["message"], &source["tag"]), (&json!("first line"), &json!("syslog")));
    assert_eq!((&source["network_id"], &source["gateway_id"]), (&json!(NETWORK), &json!(GATEWAY)));
    assert_eq!(source["hw_id"], hardware_id.trim());

    cloud.kill();
    for number in 0..50 {
        log(&ports, &format!("line {number} of the outage")).await;
    }
    cloud.restart().await;
    agent.forget();
    let all = |found: &Value| {
        let messages: Vec<&str> =
            found.as_array().unwrap().iter().filter_map(|hit| hit["_source"]["message"].as_str()).collect();
        (0..50).all(|number| messages.contains(&format!("line {number} of the outage").as_str()))
            && messages.contains(&"first line")
    };
    until(&cloud, &logs, all).await;
    agent.stop().await;
}

/// Orders as an operator does who tries again: the gateway's first configuration restarts the service, and an order
/// that comes just then is told that there is no connection.
async fn first_order(cloud: &Cloud, tracing: &str, order: &Value) -> Value {
    let wait = async {
        loop {
            match cloud.rest("POST", tracing, Some(order.clone())).await {
                (201, made) => return made,
                (500, told) if told.to_string().contains("connect") => {}
                (status, told) => panic!("{status} {told}"),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.expect("a capture")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn traffic_of_a_gateway_is_captured_for_an_operator() {
    let cloud = Cloud::start().await;
    let (_ports, agent) = start(&cloud).await;
    cloud.until_connected().await;
    agent.until_applied().await;
    let tracing = format!("/networks/{NETWORK}/tracing");
    let order = |id: &str, filter: &str| json!({"trace_id": id, "trace_type": "GATEWAY", "gateway_id": GATEWAY, "timeout": 600, "capture_filters": filter});
    assert_eq!(first_order(&cloud, &tracing, &order("ordered", "sctp")).await, "ordered");
    let (status, second) = cloud.rest("POST", &tracing, Some(order("second", "sctp"))).await;
    assert_eq!(status, 500, "one at a time: {second}");
    cloud.do_rest("PUT", &format!("{tracing}/ordered"), Some(json!({"requested_end": true}))).await;
    let capture = cloud.open("GET", &format!("{tracing}/ordered/download"), None).await;
    assert_eq!(capture.status, 200);
    let capture = String::from_utf8(capture.bytes().await.unwrap()).unwrap();
    assert!(capture.starts_with("-n -q -i any") && capture.contains("-f sctp"), "{capture}");

    // This one ends by itself, and the gateway reports it.
    cloud.do_rest("POST", &tracing, Some(order("short", "short"))).await;
    let over =
        |trace: &Value| trace["state"] == json!({"call_trace_available": true, "call_trace_ending": true});
    until(&cloud, &format!("{tracing}/short"), over).await;
    let all = cloud.do_rest("GET", &tracing, None).await;
    assert_eq!(all.as_object().unwrap().keys().collect::<Vec<_>>(), ["ordered", "short"]);
    cloud.do_rest("DELETE", &format!("{tracing}/short"), None).await;
    assert_eq!(cloud.rest("GET", &format!("{tracing}/short/download"), None).await.0, 404);
    agent.stop().await;
}
