//! SyncRPC: the cloud's requests to this gateway's services, and every request answered.

use std::time::Duration;

use magma_free_port::free_port;
use magma_rpc::Status;
use magmad::events::{Event, Step};
use magmad::sync_rpc::Reach;
use prost::Message;
use wire_orc8r::orc8r as wire;

use crate::cloud::{Cloud, Feed, Mood};
use crate::gateway::{Gateway, MAGMAD_YML, Running, registry_yml};
use crate::kept_log::KeptLog;

const INFO: &str = "/magma.orc8r.Service303/GetServiceInfo";
const UPDATES: &str = "/magma.orc8r.Streamer/GetUpdates";

/// An empty message as gRPC frames it.
fn empty() -> Vec<u8> {
    vec![0; 5]
}

/// The texts of the framed updates in a payload.
fn updates(mut payload: &[u8]) -> Vec<String> {
    let mut texts = Vec::new();
    while let Some((head, rest)) = payload.split_at_checked(5) {
        let length = u32::from_be_bytes(head[1..].try_into().unwrap()) as usize;
        let batch = wire::DataUpdateBatch::decode(&rest[..length]).unwrap();
        texts.push(String::from_utf8(batch.updates[0].value.clone()).unwrap());
        payload = &rest[length..];
    }
    texts
}

/// A gateway that has a service `sample` with streams: the fake cloud plays it.
fn gateway(cloud: &Cloud) -> Gateway {
    let gateway = Gateway::with_certificate(cloud);
    gateway.write(
        "etc/magma/service_registry.yml",
        &registry_yml(gateway.port, &[("sample", cloud.proxy_port)]),
    );
    gateway
}

async fn connected(running: &mut Running) {
    running.until("a stream", |event| matches!(event, Event::SyncRpcConnected).then_some(())).await;
}

#[tokio::test]
async fn the_agent_itself_answers_through_the_tunnel() {
    let cloud = Cloud::start().await;
    let mut running = gateway(&cloud).start();
    running.until_serving().await;
    let mut session = cloud.session().await;
    assert!(session.next().await.heart_beat, "the cloud routes only after a heartbeat");
    session.request(1, "magmad", INFO, empty()).await;
    let answer = session.answer(1).await;
    assert_eq!((answer.status.as_str(), answer.err.as_str()), ("200", ""));
    assert_eq!(answer.headers["grpc-status"], "0", "the trailers ride in the last message");
    assert_eq!(answer.headers["content-type"], "application/grpc");
    let info = wire::ServiceInfo::decode(&answer.payload[5..]).unwrap();
    assert_eq!((info.name.as_str(), info.state), ("magmad", wire::service_info::ServiceState::Alive as i32));
    running.stop().await;
}

#[tokio::test]
async fn every_request_is_answered() {
    let cloud = Cloud::start().await;
    let gateway = gateway(&cloud);
    let closed = free_port();
    let others = [("sample", cloud.proxy_port), ("absent", closed)];
    gateway.write("etc/magma/service_registry.yml", &registry_yml(gateway.port, &others));
    let mut running = gateway.start();
    running.until_serving().await;
    let mut session = cloud.session().await;
    let failing = [
        ("unknown", INFO, "no service \"unknown\" in service_registry.yml"),
        ("absent", INFO, "absent on this gateway: cannot connect"),
        ("magmad", "no path at all", "magmad on this gateway"),
        ("", "", "no service"),
    ];
    for (req_id, (service, path, words)) in (1..).zip(failing) {
        session.request(req_id, service, path, empty()).await;
        let answer = session.answer(req_id).await;
        assert!(answer.err.contains(words), "{service}{path}: {}", answer.err);
    }
    session.request(20, "magmad", "/magma.orc8r.Magmad/NoSuchMethod", empty()).await;
    let answer = session.answer(20).await;
    assert_eq!((answer.err.as_str(), answer.headers["grpc-status"].as_str()), ("", "12"), "{answer:?}");

    cloud.behave(|b| b.streamer = Mood::Http(503));
    session.request(21, "sample", UPDATES, empty()).await;
    assert!(session.answer(21).await.err.contains("HTTP status 503"));
    session.send(wire::SyncRpcRequest { req_id: 22, ..Default::default() }).await;
    assert!(session.answer(22).await.err.contains("no body"));
    running.stop().await;
}

#[tokio::test]
async fn a_stream_is_passed_on_as_it_comes_and_ends_when_the_caller_leaves() {
    let cloud = Cloud::start().await;
    let mut gateway = gateway(&cloud);
    gateway.options.timings.sync_rpc.session.hold = Duration::from_millis(50);
    let running = gateway.start();
    let mut session = cloud.session().await;
    cloud.behave(|b| b.feed = Feed::Several(["one", "two", "three"].map(Vec::from).to_vec()));
    session.request(1, "sample", UPDATES, empty()).await;
    let (mut texts, mut status) = (Vec::new(), None);
    while status.is_none() {
        let answer = session.answer(1).await;
        texts.extend(updates(&answer.payload));
        status = answer.headers.get("grpc-status").cloned();
    }
    assert_eq!((texts, status), (["one", "two", "three"].map(str::to_owned).to_vec(), Some("0".to_owned())));

    cloud.behave(|b| b.feed = Feed::Open(b"line".to_vec()));
    session.request(2, "sample", UPDATES, empty()).await;
    let answer = session.answer(2).await;
    assert_eq!(updates(&answer.payload), ["line"], "it does not wait for the next one");
    assert!(!answer.headers.contains_key("grpc-status"));
    session.send(wire::SyncRpcRequest { req_id: 2, conn_closed: true, ..Default::default() }).await;
    cloud.until("the local call is given up", |seen| seen.abandoned == 1).await;
    session.request(3, "magmad", INFO, empty()).await;
    assert_eq!(session.answer(3).await.err, "", "nothing more of the one that was closed");
    running.stop().await;
}

#[tokio::test]
async fn a_slow_service_is_kept_alive_and_then_given_up() {
    let cloud = Cloud::start().await;
    let mut gateway = gateway(&cloud);
    let limits = &mut gateway.options.timings.sync_rpc.session;
    (limits.keep_active, limits.local_silence) = (Duration::from_millis(50), Duration::from_secs(3));
    let running = gateway.start();
    let mut session = cloud.session().await;
    cloud.behave(|b| b.streamer = Mood::Silent);
    session.request(1, "sample", UPDATES, empty()).await;
    let mut kept = 0;
    let error = loop {
        let Some(body) = session.next().await.resp_body else { continue };
        if !body.keep_conn_active {
            break body.err;
        }
        kept += 1;
    };
    assert_eq!(error, "sample did not answer within 3 s");
    assert!(kept >= 2, "kept alive {kept} times, from the start on");
    running.stop().await;
}

#[tokio::test]
async fn the_number_of_requests_and_the_services_within_reach_are_limited() {
    let cloud = Cloud::start().await;
    let mut gateway = gateway(&cloud);
    gateway.options.timings.sync_rpc.session.requests = 2;
    gateway.options.reach = Reach::Only(["sample".to_owned()].into());
    let running = gateway.start();
    let mut session = cloud.session().await;
    session.request(1, "magmad", INFO, empty()).await;
    let denied = session.answer(1).await;
    assert_eq!((denied.err.as_str(), denied.headers["grpc-status"].as_str()), ("", "7"));
    let words = &denied.headers["grpc-message"];
    assert!(words.contains("does not let the cloud call /magma.orc8r.Service303/GetServiceInfo"), "{words}");
    cloud.behave(|b| b.streamer = Mood::Silent);
    for req_id in [2, 3] {
        session.request(req_id, "sample", UPDATES, empty()).await;
    }
    session.request(3, "sample", UPDATES, empty()).await;
    assert_eq!(session.answer(3).await.err, "request ID 3 is already being handled");
    session.request(4, "sample", UPDATES, empty()).await;
    assert!(session.answer(4).await.err.contains("already serves 2 requests"));
    running.stop().await;
}

#[tokio::test]
async fn a_lost_stream_is_opened_again() {
    let cloud = Cloud::start().await;
    let mut running = gateway(&cloud).start();
    let session = cloud.session().await;
    connected(&mut running).await;
    session.break_off(Status::unavailable("the dispatcher restarts")).await;
    let said = running.failure(Step::SyncRpc).await;
    assert!(said.contains("the dispatcher restarts"), "{said}");
    let session = cloud.session().await;
    connected(&mut running).await;
    drop(session);
    assert_eq!(running.failure(Step::SyncRpc).await, "the cloud closed the stream");
    let mut session = cloud.session().await;
    session.request(1, "magmad", INFO, empty()).await;
    assert_eq!(session.answer(1).await.err, "", "the new one works as the first");
    running.stop().await;
}

#[tokio::test]
async fn a_request_of_60_megabytes_is_refused_and_the_next_one_served() {
    let cloud = Cloud::start().await;
    let mut running = gateway(&cloud).start();
    running.until_serving().await;
    let session = cloud.session().await;
    session.request(1, "magmad", INFO, vec![0; 60 * 1024 * 1024]).await;
    let said = running.failure(Step::SyncRpc).await;
    assert!(said.contains("too large"), "{said}");
    let mut session = cloud.session().await;
    session.request(2, "magmad", INFO, empty()).await;
    assert_eq!(session.answer(2).await.err, "");
    running.stop().await;
}

#[tokio::test]
async fn a_new_certificate_is_presented_on_a_new_stream() {
    let cloud = Cloud::start().await;
    let mut running = gateway(&cloud).start();
    let _old = cloud.session().await;
    cloud.behave(|b| b.state = Mood::Refusing(Status::permission_denied("revoked")));
    running.until_bootstrapped().await;
    cloud.behave(|b| b.state = Mood::Good);
    let mut new = cloud.session().await;
    assert!(new.next().await.heart_beat);
    running.stop().await;
}

#[tokio::test]
async fn a_refused_stream_asks_for_a_new_certificate() {
    let cloud = Cloud::start().await;
    cloud.behave(|b| b.dispatcher = Mood::Refusing(Status::permission_denied("Gateway hardware ID is nil")));
    let mut running = gateway(&cloud).start();
    let said = running.failure(Step::SyncRpc).await;
    assert!(said.contains("does not accept this gateway"), "{said}");
    running.until_bootstrapped().await;
    running.stop().await;
}

#[tokio::test]
async fn a_cloud_that_goes_away_leaves_the_agent_running() {
    let cloud = Cloud::start().await;
    let mut running = gateway(&cloud).start();
    cloud.session().await;
    running.until_checked_in().await;
    cloud.stop().await;
    for step in [Step::SyncRpc, Step::CheckIn, Step::ConfigStream] {
        running.failure(step).await;
    }
    running.stop().await;
}

#[tokio::test]
async fn the_configured_list_says_what_the_cloud_may_call() {
    let cloud = Cloud::start().await;
    let gateway = gateway(&cloud);
    let allow = "sync_rpc_allow: ['magmad:/magma.orc8r.Service303/Get*', sample]\n";
    gateway.write("etc/magma/magmad.yml", &format!("{MAGMAD_YML}{allow}"));
    let mut running = gateway.start();
    running.until_serving().await;
    let mut session = cloud.session().await;
    let rows = [
        ("magmad", INFO, "0"),
        ("magmad", "/magma.orc8r.Service303/StopService", "7"),
        ("magmad", "/magma.orc8r.Magmad/Reboot", "7"),
        ("sample", "/magma.orc8r.Streamer/NoSuchMethod", "12"),
        ("unknown", INFO, "7"),
    ];
    for (req_id, (service, path, status)) in (1..).zip(rows) {
        session.request(req_id, service, path, empty()).await;
        let answer = session.answer(req_id).await;
        assert_eq!(
            (answer.err.as_str(), answer.headers["grpc-status"].as_str()),
            ("", status),
            "{service}{path}"
        );
    }
    running.stop().await;
}

#[tokio::test]
async fn each_action_leaves_one_line_that_says_who_and_what() {
    let kept = KeptLog::begin();
    let cloud = Cloud::start().await;
    let mut running = gateway(&cloud).start();
    running.until_serving().await;
    let mut session = cloud.session().await;
    session.request(1, "magmad", "/magma.orc8r.Magmad/RestartServices", empty()).await;
    session.answer(1).await;
    session.request(2, "absent", "/IMSI001010000000001", empty()).await;
    session.answer(2).await;
    cloud.behave(|b| b.streamer = Mood::Silent);
    session.request(3, "sample", UPDATES, empty()).await;
    session.send(wire::SyncRpcRequest { req_id: 3, conn_closed: true, ..Default::default() }).await;
    session.request(4, "magmad", INFO, empty()).await;
    session.answer(4).await;
    let endpoint = magma_rpc::channel::Endpoint {
        host: "127.0.0.1".to_owned(),
        port: running.gateway.port,
        server_name: "magmad".to_owned(),
        transport: magma_rpc::channel::Transport::Plain,
    };
    let channel = magma_rpc::channel::Connection::new(endpoint).channel("magmad.local");
    let mut local = wire::magmad_client::MagmadClient::new(channel);
    local.start_services(wire::Void {}).await.expect("started");
    let unusable = [("mme".to_owned(), prost_types::Any::default())].into();
    let unusable = wire::GatewayConfigs { configs_by_key: unusable, ..Default::default() };
    local.set_configs(unusable).await.expect_err("there is no entry for the agent");
    let lines = kept.lines_with("audit: ");
    let line = |words: &[&str]| {
        let found: Vec<&String> =
            lines.iter().filter(|line| words.iter().all(|word| line.contains(word))).collect();
        assert_eq!(found.len(), 1, "{words:?} in {lines:#?}");
    };
    line(&[
        "from=\"cloud\"",
        "service=\"magmad\"",
        "RestartServices",
        "bytes=5",
        "result=\"done\"",
        "took_ms=",
    ]);
    line(&["from=\"cloud\"", "service=\"absent\"", "/IMSI…0001", "no service"]);
    line(&["service=\"sample\"", "given up before its end"]);
    line(&["from=\"local\"", "StartServices", "result=\"done\""]);
    line(&["from=\"local\"", "SetConfigs", "result=\"InvalidArgument: "]);
    assert_eq!(lines.len(), 6, "{lines:#?}");
    running.stop().await;
}

/// Set in the process that has the machine's counters for itself.
const ALONE: &str = "MAGMAD_TEST_ALONE";

/// Open descriptors and resident memory in kB of this process.
fn held() -> (usize, usize) {
    let descriptors = std::fs::read_dir("/proc/self/fd").unwrap().count();
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    (descriptors, resident.trim().trim_end_matches(" kB").parse().unwrap())
}

#[tokio::test]
async fn ten_thousand_requests_leave_nothing_behind() {
    const WAVE: u32 = 50;
    const WAVES: u32 = 200;
    if std::env::var_os(ALONE).is_none() {
        // Tests beside this one open descriptors too, so it is run again in a process of its own.
        let name = "remote_commands::ten_thousand_requests_leave_nothing_behind";
        let mut own = std::process::Command::new(std::env::current_exe().unwrap());
        let output = own.args(["--exact", name, "--nocapture"]).env(ALONE, "1").output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
        assert!(said.contains("1 passed"), "{said}");
        return;
    }
    let cloud = Cloud::start().await;
    let mut running = gateway(&cloud).start();
    running.until_serving().await;
    let mut session = cloud.session().await;
    let mut before = (0, 0);
    for wave in 0..WAVES {
        let ids: Vec<u32> = (1..=WAVE).map(|number| wave * WAVE + number).collect();
        for req_id in &ids {
            session.request(*req_id, "magmad", INFO, empty()).await;
        }
        let mut open: std::collections::BTreeSet<u32> = ids.iter().copied().collect();
        while !open.is_empty() {
            let message = session.next().await;
            let Some(body) = message.resp_body.filter(|body| !body.keep_conn_active) else { continue };
            assert_eq!((body.err.as_str(), body.headers["grpc-status"].as_str()), ("", "0"));
            assert!(open.remove(&message.req_id), "one answer each");
        }
        // As the dispatcher does after each one.
        for req_id in ids {
            session.send(wire::SyncRpcRequest { req_id, conn_closed: true, ..Default::default() }).await;
        }
        if wave == WAVES / 10 {
            before = held();
        }
    }
    let after = held();
    assert!(after.0 <= before.0 + 5, "descriptors: {} became {}", before.0, after.0);
    assert!(after.1 <= before.1 + 16 * 1024, "resident kB: {} became {}", before.1, after.1);
    running.stop().await;
}
