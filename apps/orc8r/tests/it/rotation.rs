//! Certificates that are replaced while the Orchestrator serves: nobody is cut off who is not meant to be.

use std::time::Duration;

use magma_rpc::http_call;
use orc8r_accounts::ApiToken;
use orc8r_ca::{certificates_of, recognise};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use crate::bootstrap::{bootstrap, poll, poll_by};
use crate::certificates::{ORC8R, orc8r};
use crate::commands::{Gateway, OK, command};
use crate::edge::{Client, DOMAIN, Edge, LIMIT, connection, echo_device};

/// Whether somebody who trusts `root` alone gets through to the REST port.
async fn trusts(edge: &Edge, root: &str) -> bool {
    let address = edge.running.addresses().rest;
    let channel = connection(root, address, None).channel(&format!("controller.{DOMAIN}"));
    let answer = http_call::request(&channel, "GET", "/readyz", None).await;
    answer.is_ok_and(|answer| answer.status == 200)
}

/// Waits until what a command wrote is served.
async fn until(mut holds: impl AsyncFnMut() -> bool) {
    let wait = async {
        while !holds().await {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(LIMIT, wait).await.expect("the running Orchestrator takes up what changed");
}

/// The certificates of a file in the data folder, each as a PEM text.
fn blocks(edge: &Edge, name: &str) -> Vec<String> {
    const END: &str = "-----END CERTIFICATE-----\n";
    edge.certificate_file(name).split_inclusive(END).map(str::to_owned).collect()
}

fn step(edge: &Edge, step: &str) -> String {
    let (done, text) = orc8r(edge, &["cert", "rotate-ca", step]);
    assert!(done, "{step}: {text}");
    text
}

fn now() -> std::time::SystemTime {
    std::time::SystemTime::now()
}

#[tokio::test]
async fn authorities_are_rotated_while_old_and_new_certificates_are_served() {
    let edge = Edge::start().await;
    edge.make_gateways(&[("gw1", echo_device("hw1")), ("gw2", echo_device("hw2")), ("gw3", None)]).await;
    let old = bootstrap(&edge, "hw1").await;
    let mut stream = Gateway::connect(&edge, &old).await;
    let (old_root, old_admin) = (edge.certificate_file("rootCA.pem"), edge.admin());
    let (done, text) = orc8r(&edge, &["cert", "rotate-ca", "switch"]);
    assert!(!done && text.contains("`orc8r cert rotate-ca begin` comes first"), "{text}");

    step(&edge, "begin");
    let new_root = blocks(&edge, "rootCA.pem").remove(1);
    assert!(!trusts(&edge, &new_root).await, "the new root has signed nothing yet");
    assert_eq!(poll(&edge, &old).await.unwrap(), "gw1");
    let hands_out = async || {
        let gateway = edge.rest("GET", "/networks/n1/gateways/gw3", None).await;
        gateway["registration_info"]["root_ca"].as_str().unwrap_or_default().to_owned()
    };
    until(async || hands_out().await.contains(new_root.trim_end())).await;
    assert!(hands_out().await.starts_with(old_root.trim_end()), "both roots go to gateways");

    step(&edge, "switch");
    until(async || trusts(&edge, &new_root).await).await;
    assert!(trusts(&edge, &old_root).await, "the old root vouches for the new one");
    let new = bootstrap(&edge, "hw2").await;
    let new_certifier = blocks(&edge, "certifier.pem").remove(0);
    recognise(new_certifier.as_bytes(), new.certificate.as_bytes(), now()).expect("the new one issues");
    for (client, gateway) in [(&old, "gw1"), (&new, "gw2")] {
        for root in [&old_root, &new_root] {
            let address = edge.running.addresses().gateways;
            let channel = connection(root, address, Some(client));
            let polled = poll_by(channel.channel(&format!("streamer-controller.{DOMAIN}"))).await;
            assert_eq!(polled.unwrap(), gateway, "every certificate fits with every root");
        }
    }

    let (done, text) = orc8r(&edge, &["cert", "rotate-ca", "retire"]);
    assert!(!done && text.contains("admin_operator (") && text.contains("--force"), "{text}");
    let folder = edge.data.path().to_str().unwrap();
    let (done, text) = orc8r(&edge, &["admin", "issue", "admin_operator", "--out-dir", folder]);
    assert!(done, "{text}");
    let read = |name: &str| std::fs::read_to_string(edge.data.path().join(name)).unwrap();
    let admin = Client { certificate: read("admin_operator.pem"), key: read("admin_operator.key.pem") };
    let serial = certificates_of(old_admin.certificate.as_bytes()).remove(0).serial;
    let (done, text) = orc8r(&edge, &["cert", "revoke", &serial]);
    assert!(done, "{text}");
    step(&edge, "retire");
    until(async || poll(&edge, &old).await.is_err()).await;
    assert!(trusts(&edge, &old_root).await, "no message brings a gateway another root: it goes on");
    assert!(trusts(&edge, &new_root).await);
    let (done, text) = orc8r(&edge, &["cert", "status"]);
    assert!(done && text.contains("gateways that have only the old root are served until "), "{text}");
    assert_eq!(poll(&edge, &new).await.unwrap(), "gw2");
    let again = bootstrap(&edge, "hw1").await;
    assert_eq!(poll(&edge, &again).await.unwrap(), "gw1", "a gateway that was refused comes back by its key");
    let (status, entries) = edge.rest_as(&admin, "GET", "/audit?actor=command%20line", None).await;
    assert_eq!(status, 200, "{entries}");
    let did: Vec<&str> =
        entries.as_array().unwrap().iter().map(|entry| entry["path"].as_str().unwrap()).collect();
    let revoked = format!("orc8r cert revoke {serial}");
    let expected = [
        "orc8r cert rotate-ca retire",
        revoked.as_str(),
        "orc8r admin issue admin_operator",
        "orc8r cert rotate-ca switch",
        "orc8r cert rotate-ca begin",
    ];
    assert_eq!(did, expected, "the newest first, and nothing that was refused");
    assert!(timeout(Duration::from_millis(10), stream.next()).await.is_err(), "the open stream went on");
    again_and_cut_off(&edge, &old_root, &new_root).await;
    edge.running.shutdown().await;
}

/// A second rotation before the first root ends, and the end of both.
async fn again_and_cut_off(edge: &Edge, first: &str, second: &str) {
    for name in ["begin", "switch"] {
        step(edge, name);
    }
    let third = blocks(edge, "rootCA.pem").remove(0);
    until(async || trusts(edge, &third).await).await;
    let (done, text) = orc8r(edge, &["cert", "rotate-ca", "retire", "--force"]);
    assert!(done, "{text}");
    let newest = async |root: &str| {
        let (address, name) =
            (edge.running.addresses().bootstrap, format!("bootstrapper-controller.{DOMAIN}"));
        let channel = connection(root, address, None).channel(&name);
        http_call::request(&channel, "GET", "/", None).await.is_ok()
    };
    for root in [first, second, &third] {
        assert!(newest(root).await, "each root leads to the server's certificate");
    }
    step(edge, "cut-off");
    until(async || !newest(first).await).await;
    assert!(!newest(second).await && newest(&third).await, "only the last one is left");
}

#[tokio::test]
async fn the_server_certificate_is_renewed_under_open_connections() {
    let edge = Edge::start().await;
    edge.make_gateways(&[("gw1", echo_device("hw1"))]).await;
    let client = bootstrap(&edge, "hw1").await;
    let mut stream = Gateway::connect(&edge, &client).await;
    let first = certificates_of(edge.certificate_file("controller.crt").as_bytes()).remove(0).serial;
    let (done, text) = orc8r(&edge, &["cert", "renew"]);
    assert!(done && text.contains("is valid until"), "{text}");
    let second = certificates_of(edge.certificate_file("controller.crt").as_bytes()).remove(0).serial;
    assert_ne!(first, second);
    let address = edge.running.addresses().rest;
    let served = async || {
        let arguments =
            ["s_client", "-connect", &address.to_string(), "-servername", "controller.magma.localhost"];
        let output = tokio::process::Command::new("openssl")
            .args(arguments)
            .stdin(std::process::Stdio::null())
            .output()
            .await
            .ok()?;
        Some(certificates_of(&output.stdout).first()?.serial.clone())
    };
    if served().await.is_none() {
        println!("skipped: openssl cannot be run");
        edge.running.shutdown().await;
        return;
    }
    until(async || served().await.as_deref() == Some(second.as_str())).await;
    assert!(timeout(Duration::from_millis(10), stream.next()).await.is_err(), "the open stream went on");
    // What does not fit is not served, and what was served stays.
    std::fs::write(edge.certificates().join("controller.key"), "nonsense").unwrap();
    sleep(Duration::from_millis(2500)).await;
    assert_eq!(served().await.as_deref(), Some(second.as_str()));
    edge.running.shutdown().await;
}

#[tokio::test]
async fn commands_answer_in_json_and_stand_in_the_audit_log() {
    let edge = Edge::start().await;
    edge.make_gateways(&[]).await;
    let run = |arguments: &[&str]| -> (Option<i32>, Value) {
        let (group, rest) = arguments.split_at(2);
        let output = std::process::Command::new(ORC8R)
            .arg("--json")
            .args(group)
            .arg("--data-dir")
            .arg(edge.data.path())
            .args(rest)
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        (output.status.code(), serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")))
    };
    let (code, said) = run(&["token", "create", "--network", "n1:R", "robot"]);
    assert!(code == Some(1) && said["error"].as_str().unwrap().contains("--new-user"), "{said}");
    let (code, said) = run(&["token", "create", "--new-user", "--network", "n1:R", "robot"]);
    assert_eq!(code, Some(0), "{said}");
    let token = said["token"].as_str().unwrap().to_owned();
    let (_, everything) = run(&["token", "create", "--everything", "robot"]);
    let everything = everything["token"].as_str().unwrap().to_owned();
    let store = edge.store();
    let policies = async |token: &str| {
        let digest = ApiToken::parse(token).unwrap().digest().0;
        let session = store.session(&digest, 0).await.unwrap()?;
        Some(serde_json::to_value(session.rights.policies).unwrap())
    };
    let expected = json!([{"effect": "ALLOW", "action": "READ", "resource": {"networks": ["n1"]}}]);
    assert_eq!(policies(&token).await, Some(expected));
    let expected = json!([{"effect": "ALLOW", "action": "WRITE", "resource": {"path": "/**"}}]);
    assert_eq!(policies(&everything).await, Some(expected));
    let (_, said) = run(&["token", "list", "robot"]);
    let shown = said["tokens"].as_array().unwrap().clone();
    assert!(shown.len() == 2 && !said.to_string().contains(&token), "{said}");
    let (code, _) = run(&["token", "revoke", "robot", &token]);
    assert_eq!((code, policies(&token).await), (Some(0), None));
    assert!(policies(&everything).await.is_some(), "the other one stays");
    for (arguments, field) in [
        (&["admin", "list"][..], "operators"),
        (&["cert", "list"], "certificates"),
        (&["cert", "status"], "rotation"),
        (&["admin", "issue", "bob", "--admin", "--out-dir", edge.data.path().to_str().unwrap()], "serial"),
        (&["admin", "remove", "bob"], "removed"),
    ] {
        let (code, said) = run(arguments);
        assert!(code == Some(0) && !said[field].is_null(), "{arguments:?}: {said}");
    }
    let entries = edge.rest("GET", "/audit?actor=command%20line", None).await;
    let did: Vec<&str> =
        entries.as_array().unwrap().iter().map(|entry| entry["path"].as_str().unwrap()).collect();
    let expected = [
        "orc8r admin remove bob",
        "orc8r admin issue bob",
        "orc8r token revoke robot",
        "orc8r token create robot",
        "orc8r token create robot",
        "orc8r token create --new-user robot",
    ];
    assert_eq!(did, expected);
    assert!(!entries.to_string().contains(&token), "no secret is in the log");
    edge.running.shutdown().await;
}

/// As an operator does it: one node takes the step, and the other one is given the folder.
async fn step_of_both(one: &Edge, two: &Edge, words: &[&str]) {
    let (done, text) = orc8r(one, &[&["cert", "rotate-ca"], words].concat());
    assert!(done, "{words:?}: {text}");
    one.copy_secrets(two.data.path());
    let newest = blocks(one, "rootCA.pem").remove(0);
    let is_taken_up = async |edge: &Edge| match words[0] {
        "begin" => true,
        _ => trusts(edge, &newest).await,
    };
    until(async || is_taken_up(one).await && is_taken_up(two).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_go_through_a_rotation_and_reach_each_others_gateways() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shared.db").to_str().unwrap().to_owned();
    let database = orc8r_store::testing::database().unwrap().unwrap_or(file);
    let one = Edge::start_node(&database, None).await;
    let two = Edge::start_node(&database, Some(&one)).await;
    one.make_gateways(&[("gw1", echo_device("hw1"))]).await;
    let old_root = one.certificate_file("rootCA.pem");
    let (first, admin) = (bootstrap(&one, "hw1").await, one.admin());
    for (words, is_last) in [(&["begin"][..], false), (&["switch"], false), (&["retire", "--force"], true)] {
        step_of_both(&one, &two, words).await;
        if is_last {
            until(async || poll(&one, &first).await.is_err() && poll(&two, &first).await.is_err()).await;
            break;
        }
        for node in [&one, &two] {
            assert_eq!(poll(node, &first).await.unwrap(), "gw1", "{words:?}");
            assert!(trusts(node, &old_root).await, "{words:?}");
        }
        let mut gateway = Gateway::connect(&one, &first).await;
        let play = async {
            let (id, _) = gateway.called("Reboot").await;
            gateway.answer(id, &[Vec::new()], OK).await;
        };
        // Until the second node has seen at which one it is.
        let ask = async || two.rest_as(&admin, "POST", &command("reboot"), None).await.0 == 200;
        tokio::join!(play, until(ask));
    }
    let again = bootstrap(&two, "hw1").await;
    for node in [&one, &two] {
        assert_eq!(poll(node, &again).await.unwrap(), "gw1");
        assert!(trusts(node, &old_root).await, "the old root vouches for the new one");
    }
    one.running.shutdown().await;
    two.running.shutdown().await;
}
