//! Our gateway agent with an Orchestrator on Python's gRPC stack, through everything that clouds do to gateways.

use std::time::Duration;

use magmad::registration::{Registration, register};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::cloud_program::Cloud;
use crate::gateway_folder::GatewayFolder;
use crate::gateway_program::text;
use crate::our_agent::OurAgent;
use crate::{gw_state, python};

const DOMAIN: &str = "interop.localhost";
const TOKEN: &str = "reg_abcdefghijklmnopqrstuvwxyz0123";
const MAGMAD: &str = "/magma.orc8r.Magmad/";
const SERVICE303: &str = "/magma.orc8r.Service303/";

/// As many as a dispatcher of the existing cloud lets wait for one gateway.
const CALLS_AT_ONCE: usize = 50;

/// How long a file may take to change after the cloud sent what is to be in it.
const FILE_LIMIT: Duration = Duration::from_secs(120);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn our_agent_joins_a_foreign_cloud() {
    if !python::is_here().await {
        return;
    }
    let mut cloud = Cloud::start(DOMAIN).await;
    cloud.command("token", json!(TOKEN)).await;
    cloud.command("config", configs(5, "unchanged")).await;
    let folder = GatewayFolder::install(&cloud.root_ca);
    let hardware_id = registers(&mut cloud, &folder).await;
    let agent = OurAgent::start(&folder);
    let gateway = hardware_id.as_str();

    bootstraps(&mut cloud, gateway).await;
    checks_in(&mut cloud, gateway).await;
    stores_what_is_streamed(&mut cloud, &folder, gateway).await;
    answers_calls(&mut cloud, gateway).await;
    answers_refusals(&mut cloud, gateway).await;
    answers_many_at_once(&mut cloud, gateway).await;
    follows_logs(&mut cloud, gateway).await;
    survives_dropped_streams(&mut cloud, &folder, gateway).await;
    survives_a_restart_of_the_cloud(&mut cloud, gateway).await;
    renews_a_revoked_certificate(&mut cloud, gateway).await;

    agent.stop().await;
    assert!(cloud.program.end().await.success());
    let strays: Vec<&Value> = cloud.program.unclaimed("unexpected_response").collect();
    assert!(strays.is_empty(), "answers to calls that had ended: {strays:?}");
}

async fn registers(cloud: &mut Cloud, folder: &GatewayFolder) -> String {
    let registration = Registration {
        domain: DOMAIN.to_owned(),
        token: TOKEN.to_owned(),
        ca_file: None,
        cloud_port: cloud.bootstrap_port,
        save_control_proxy: true,
    };
    let registered = register(&folder.paths(), &registration).await.expect("a fresh token");
    let seen = cloud.program.step("registered").await;
    assert_eq!(seen["hardware_id"], registered.hardware_id);
    assert_eq!(seen["kind"], "SOFTWARE_ECDSA_SHA256");
    let key = text(&seen, "key");
    // A P-384 SubjectPublicKeyInfo is 120 bytes and begins alike for all keys.
    assert!(key.len() == 160 && key.starts_with("MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE"), "{key}");
    let saved = folder.read("var/opt/magma/configs/control_proxy.yml");
    assert!(saved.contains(&format!("cloud_port: {}", cloud.cloud_port)), "{saved}");

    let again = register(&folder.paths(), &registration).await.expect_err("a used token");
    assert!(again.to_string().contains("could not get token info"), "{again}");
    assert_eq!(folder.read("var/opt/magma/configs/control_proxy.yml"), saved);
    cloud.program.step("registered").await;
    registered.hardware_id
}

async fn bootstraps(cloud: &mut Cloud, gateway: &str) {
    let asked = cloud.program.step("challenge_asked").await;
    assert_eq!(asked["hardware_id"], gateway);
    assert_eq!(asked["authority"], format!("bootstrapper-controller.{DOMAIN}"));
    let answered = cloud.program.step("challenge_answered").await;
    for (member, expected) in [
        ("fault", Value::Null),
        ("hardware_id", json!(gateway)),
        ("identity", json!(gateway)),
        ("subject", json!(format!("CN={gateway}"))),
        ("kind", json!("ecdsa_response")),
        ("minimal_integers", json!(true)),
        ("key_is_fresh", json!(true)),
        ("key_curve", json!("secp256r1")),
        ("cert_type", json!(0)),
    ] {
        assert_eq!(answered[member], expected, "{member} of {answered}");
    }
    let lifetime = answered["lifetime_seconds"].as_u64().expect("a number");
    assert!((86_400..=100 * 3600).contains(&lifetime), "{answered}");
}

async fn checks_in(cloud: &mut Cloud, gateway: &str) -> Value {
    let reported = cloud.program.step("states").await;
    assert_eq!(reported["gateway"], gateway);
    assert_eq!(reported["authority"], format!("state-controller.{DOMAIN}"));
    let states = reported["states"].as_array().expect("a list");
    let own: Vec<&Value> = states.iter().filter(|state| state["type"] == "gw_state").collect();
    let [own] = own[..] else { panic!("one gw_state is expected: {reported:#}") };
    assert_eq!(own["device_id"], gateway);
    assert_eq!(own["version"], 0);
    gw_state::is_complete(&own["value"], gateway);
    own["value"].clone()
}

async fn stores_what_is_streamed(cloud: &mut Cloud, folder: &GatewayFolder, gateway: &str) {
    let asked = cloud.program.step("stream_asked").await;
    assert_eq!(asked["gateway"], gateway);
    assert_eq!(asked["authority"], format!("streamer-controller.{DOMAIN}"));
    assert_eq!(asked["stream"], "configs");
    assert_eq!(asked["extra_args"]["@type"], "type.googleapis.com/magma.orc8r.GatewayConfigsDigest");
    stored(folder, &configs(5, "unchanged")).await;

    // Polled again, from a cloud that now keeps its streams open, as their name says …
    cloud.command("hold", json!(true)).await;
    cloud.command("config", configs(6, "polled")).await;
    stored(folder, &configs(6, "polled")).await;
    // … and pushed on that stream.
    cloud.command("config", configs(5, "pushed")).await;
    stored(folder, &configs(5, "pushed")).await;
}

/// Waits until the stored configuration has these entries: all of them as they came, also those of no service here.
async fn stored(folder: &GatewayFolder, expected: &Value) {
    let begun = Instant::now();
    loop {
        let mconfig = folder.mconfig();
        if mconfig.as_ref().is_some_and(|mconfig| &mconfig["configsByKey"] == expected) {
            return;
        }
        assert!(begun.elapsed() < FILE_LIMIT, "not stored: {expected:#}, but {mconfig:#?}");
        sleep(Duration::from_millis(20)).await;
    }
}

async fn answers_calls(cloud: &mut Cloud, gateway: &str) {
    let opened = cloud.program.step("sync_rpc_opened").await;
    assert_eq!(opened["gateway"], gateway);
    assert_eq!(opened["authority"], format!("dispatcher-controller.{DOMAIN}"));
    cloud.program.step("sync_rpc_heartbeat").await;

    let called = cloud.call(gateway, "magmad", &path(MAGMAD, "GetGatewayId"), json!({})).await;
    assert_eq!(called.answer(), &json!({"gateway_id": gateway}));
    assert_eq!(called.end["status"], "200");
    assert_eq!(called.end["bytes_left"], 0);
    assert_eq!(called.end["headers"]["content-type"], "application/grpc");

    let echo = json!({"command": "echo", "params": {"shell_params": ["to and fro"]}});
    let called = cloud.call(gateway, "magmad", &path(MAGMAD, "GenericCommand"), echo).await;
    let response = &called.answer()["response"];
    assert_eq!(response["stdout"], "to and fro\n");
    assert_eq!(response["returncode"], 0.0);
    assert_eq!(response["stderr"], "");

    let called = cloud.call(gateway, "magmad", &path(SERVICE303, "GetServiceInfo"), json!({})).await;
    assert_eq!(called.answer()["name"], "magmad");
    assert_eq!(called.answer()["state"], "ALIVE", "{}", called.answer());

    cloud.program.command("heartbeat").await;
    let pings = json!({"pings": [{"host_or_ip": "127.0.0.1", "num_packets": 1}]});
    let called = cloud.call(gateway, "magmad", &path(MAGMAD, "RunNetworkTests"), pings).await;
    let ping = &called.answer()["pings"][0];
    assert_eq!(ping["host_or_ip"], "127.0.0.1");
    // Where nobody may send a ping, the answer says so.
    assert!(ping["packets_received"] == 1 || ping["error"].is_string(), "{ping}");
}

async fn answers_refusals(cloud: &mut Cloud, gateway: &str) {
    let elsewhere = "/magma.orc8r.StateService/SyncStates";
    let called = cloud.call(gateway, "magmad", elsewhere, json!({})).await;
    assert_eq!(called.grpc_status(), "12", "UNIMPLEMENTED: {}", called.end);
    let nothing = json!({"command": "no such command"});
    let called = cloud.call(gateway, "magmad", &path(MAGMAD, "GenericCommand"), nothing).await;
    assert_eq!(called.grpc_status(), "3", "INVALID_ARGUMENT: {}", called.end);
    assert_eq!(called.end["error"], "", "the service answered, only not as hoped");
    let message = called.end["headers"]["grpc-message"].as_str().expect("text");
    assert!(
        !message.is_empty() && !message.contains(','),
        "existing clouds cut headers at commas: {message}"
    );

    let called = cloud.call(gateway, "nowhere", &path(SERVICE303, "GetServiceInfo"), json!({})).await;
    assert!(called.answers.is_empty());
    let error = called.end["error"].as_str().expect("text");
    assert!(error.contains("nowhere"), "an empty one would count as none: {}", called.end);
}

/// Calls that run at the same time do not get into each other's way.
async fn answers_many_at_once(cloud: &mut Cloud, gateway: &str) {
    let mut requests = Vec::new();
    for number in 0..CALLS_AT_ONCE {
        let echo = json!({"command": "echo", "params": {"shell_params": [number.to_string()]}});
        requests.push(cloud.begin(gateway, "magmad", &path(MAGMAD, "GenericCommand"), echo).await);
    }
    for (number, request) in requests.iter().enumerate() {
        let called = cloud.ended(request).await;
        assert_eq!(called.answer()["response"]["stdout"], format!("{number}\n"));
    }
}

/// A stream that does not end by itself is passed on line by line, until the caller is gone.
async fn follows_logs(cloud: &mut Cloud, gateway: &str) {
    let tail = path(MAGMAD, "TailLogs");
    let request = cloud.begin(gateway, "magmad", &tail, json!({"service": "clock"})).await;
    for _ in 0..2 {
        let line = cloud.program.step_where("call_answer", |line| line["request"] == request).await;
        assert_eq!(line["answer"]["line"], "tick\n");
    }
    cloud.command("give_up", request.clone()).await;
    // What it runs into now is answered, so the stream is alive; the given-up call says nothing more.
    let called = cloud.call(gateway, "magmad", &path(MAGMAD, "GetGatewayId"), json!({})).await;
    assert_eq!(called.grpc_status(), "0");
    let late = |line: &&Value| line["request"] == request;
    assert_eq!(cloud.program.unclaimed("call_ended").filter(late).count(), 0);
}

async fn survives_dropped_streams(cloud: &mut Cloud, folder: &GatewayFolder, gateway: &str) {
    cloud.program.command("drop").await;
    cloud.program.step("dropped").await;
    cloud.program.step("sync_rpc_closed").await;
    answers_again(cloud, gateway).await;
    cloud.command("config", configs(5, "after the drop")).await;
    stored(folder, &configs(5, "after the drop")).await;
}

async fn survives_a_restart_of_the_cloud(cloud: &mut Cloud, gateway: &str) {
    cloud.program.command("stop").await;
    cloud.program.step("stopped").await;
    cloud.program.step("sync_rpc_closed").await;
    cloud.program.command("start").await;
    cloud.program.step("listening").await;
    answers_again(cloud, gateway).await;
    cloud.program.forget("states");
    checks_in(cloud, gateway).await;
}

/// A certificate that the cloud does not know any more is a reason to get another, without anybody's help.
async fn renews_a_revoked_certificate(cloud: &mut Cloud, gateway: &str) {
    cloud.program.forget("challenge_asked");
    cloud.program.command("revoke").await;
    bootstraps(cloud, gateway).await;
    cloud.program.forget("states");
    checks_in(cloud, gateway).await;
    answers_again(cloud, gateway).await;
}

async fn answers_again(cloud: &mut Cloud, gateway: &str) {
    cloud.program.step("sync_rpc_opened").await;
    cloud.program.step("sync_rpc_heartbeat").await;
    let called = cloud.call(gateway, "magmad", &path(MAGMAD, "GetGatewayId"), json!({})).await;
    assert_eq!(called.answer(), &json!({"gateway_id": gateway}));
}

/// Entries as a cloud makes them, with one of a type that nobody knows, which must not stand in the way of others.
fn configs(checkin_interval: u32, note: &str) -> Value {
    json!({
        "magmad": {
            "@type": "type.googleapis.com/magma.mconfig.MagmaD",
            "logLevel": "INFO",
            "checkinInterval": checkin_interval,
            "checkinTimeout": 10,
            "autoupgradePollInterval": 300,
            "packageVersion": "0.0.0-0",
        },
        "of_the_future": {"@type": "type.googleapis.com/magma.mconfig.NotInventedYet", "note": note},
    })
}

fn path(service: &str, method: &str) -> String {
    format!("{service}{method}")
}
