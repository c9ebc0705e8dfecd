//! Commands to gateways.

use crate::cloud::{Cloud, gateway};
use serde_json::{Value, json};

fn command(gateway: &str, command: &str) -> String {
    format!("/networks/n1/gateways/{gateway}/command/{command}")
}

#[tokio::test]
async fn each_command_reaches_the_device_of_its_gateway() {
    let cloud = Cloud::new().await;
    let rows = [
        ("reboot", json!(null), "h1: reboot", ""),
        ("restart_services", json!(["mme", "sessiond"]), "h1: restart [\"mme\", \"sessiond\"]", ""),
        ("restart_services", json!([]), "h1: restart []", ""),
        ("restart_services", json!(null), "h1: restart []", ""),
        (
            "ping",
            json!({"hosts": ["a.test"]}),
            "h1: ping 4",
            r#"{"pings":[{"host_or_ip":"a.test","num_packets":4}]}"#,
        ),
        ("ping", json!({"hosts": [], "packets": 2}), "h1: ping 2", r#"{"pings":[]}"#),
        (
            "traceroute",
            json!({"hosts": ["a.test"], "max_hops": 5}),
            "h1: trace 5",
            r#"{"traceroutes":[{"host_or_ip":"a.test","error":"","hops":[{"number":1,"probes":[{"hostname":"r1","ip":"192.0.2.1","rtt_ms":1.5}]}]}]}"#,
        ),
        (
            "generic",
            json!({"command": "bash", "params": {"shell_params": ["ls"], "n": null}}),
            "h1: generic bash",
            r#"{"response":{"n":null,"shell_params":["ls"]}}"#,
        ),
        ("tail_logs", json!({"service": "mme"}), "h1: tail \"mme\"", "first\n\nthird ä\n"),
        ("tail_logs", json!({}), "h1: tail \"\"", "first\n\nthird ä\n"),
        ("tail_logs", json!(null), "h1: tail \"\"", "first\n\nthird ä\n"),
    ];
    for (name, body, told, answer) in rows {
        let body_text = if body.is_null() { String::new() } else { body.to_string() };
        let reply = cloud.send("POST", &command("g1", name), body_text).await;
        assert_eq!((reply.status.as_u16(), reply.text.as_str()), (200, answer), "{name} {body}");
        assert_eq!(cloud.told.take(), [told], "{name} {body}");
    }
}

#[tokio::test]
async fn what_fails_tells_the_operator_what_to_do() {
    let cloud = Cloud::new().await;
    for device in ["offline", "slow", "refusing"] {
        cloud.post("/networks/n1/gateways", gateway(&format!("g-{device}"), Some(device))).await;
    }
    let rows = [
        ("g-offline", 500, "is not connected: check that it is on and that magmad reaches this Orchestrator"),
        ("g-slow", 500, "did not answer in time: whether the command ran is not known"),
        ("g-refusing", 500, "the gateway answered Internal: no such service"),
        ("g2", 404, "gateway g2 has no device yet: register one, then try again"),
        ("none", 404, "gateway none not found"),
    ];
    let bodies = [
        ("reboot", json!(null)),
        ("restart_services", json!([])),
        ("ping", json!({"hosts": []})),
        ("traceroute", json!({"hosts": ["a.test"]})),
        ("generic", json!({"command": "x"})),
        ("tail_logs", json!({})),
    ];
    for (gateway, status, expect) in rows {
        for (name, body) in &bodies {
            let reply = cloud.post(&command(gateway, name), body.clone()).await;
            assert_eq!(reply.status.as_u16(), status, "{gateway} {name}");
            assert!(reply.message().contains(expect), "{gateway} {name}: {}", reply.message());
        }
    }
    assert_eq!(cloud.told.take(), [""; 0]);
}

#[tokio::test]
async fn a_log_that_breaks_off_says_why_in_its_last_line() {
    let cloud = Cloud::new().await;
    cloud.post("/networks/n1/gateways", gateway("g3", Some("breaking"))).await;
    let reply = cloud.send("POST", &command("g3", "tail_logs"), "").await;
    let expect = "first\n# the log breaks off: gateway breaking did not answer in time: \
                  whether the command ran is not known; look at its log\n";
    assert_eq!((reply.status.as_u16(), reply.text.as_str()), (200, expect));
}

#[tokio::test]
async fn what_makes_no_sense_is_not_sent() {
    let cloud = Cloud::new().await;
    let (ping, generic, restart) =
        (command("g1", "ping"), command("g1", "generic"), command("g1", "restart_services"));
    let traceroute = command("g1", "traceroute");
    cloud
        .check(&[
            ("no hosts", "POST", &ping, json!({}), 400, "hosts in body is required"),
            (
                "less than one packet",
                "POST",
                &ping,
                json!({"hosts": [], "packets": -1}),
                400,
                "packets in body should be greater than or equal to 1",
            ),
            ("no body", "POST", &ping, Value::Null, 400, "the request has no body: send JSON"),
            (
                "no way",
                "POST",
                &traceroute,
                json!({"hosts": []}),
                400,
                "hosts in body should have at least 1 items",
            ),
            ("no command", "POST", &generic, json!({"params": {}}), 400, "command in body is required"),
            (
                "no list",
                "POST",
                &restart,
                json!({"a": 1}),
                400,
                "the value in body must be of type array: an object",
            ),
        ])
        .await;
    assert_eq!(cloud.told.take(), [""; 0]);
}
