//! What a gateway that has nothing to do costs on the wire: every byte of TCP payload, TLS and its records included,
//! in both directions, between the real agent and the real Orchestrator.
//!
//! An hour is compressed: all of the agent's intervals are divided by the same number, so that as many events happen as
//! in an hour, each with the bytes that it has anyway. What the cloud does by itself, once a minute, is not compressed
//! and added at its known size.

use crate::cloud::{Cloud, PATIENCE};
use crate::gateway::{Gateway, Running, TICKER, magmad_yml};
use crate::relay::Wire;
use magma_config::Profile;
use magma_free_port::free_port;
use magma_rpc::channel::{Connection, Endpoint, Transport};
use magmad::events::Event;
use magmad::options::Options;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, Instant};
use wire_orc8r::orc8r::Void;
use wire_orc8r::orc8r::service303_client::Service303Client;

/// The agent collects and sends its metrics, at the shortest interval that magmad.yml takes.
const METRICS: &str = "metricsd:\n  collect_interval: 1\n  sync_interval: 1\n  services: [magmad]\n";
const HOUR: Duration = Duration::from_secs(3600);
const MINUTE: Duration = Duration::from_secs(60);

/// A TLS 1.3 record around a frame: header, type and tag (RFC 8446 §5.2).
const TLS_RECORD: usize = 22;
/// What the Orchestrator sends by itself each minute, and its answer: a heartbeat of SyncRPC (a gRPC message of 2 bytes
/// in a DATA frame) and an HTTP/2 ping (17 bytes) with its acknowledgement, for each of at most four connections.
const CLOUD_EACH_MINUTE: usize = (9 + 5 + 2 + TLS_RECORD) + 4 * 2 * (17 + TLS_RECORD);

/// The budget of the low-bandwidth profile, in bytes an hour.
const LOW_BANDWIDTH_MAX: usize = 150_000;

struct Hour {
    /// From the first connection to the first check-in with everything set up.
    start: usize,
    /// One hour of rest, with what the cloud does by itself.
    rest: usize,
    connections: usize,
}

/// How a profile is measured.
struct Measure {
    profile: Profile,
    /// How much shorter the agent's intervals are.
    compression: u32,
    /// How much of an hour is waited for: its bytes are multiplied by this.
    parts: usize,
    /// How often the agent checks in.
    checkin: Duration,
}

/// Sixty minutes in fifteen seconds.
const LOW_BANDWIDTH: Measure =
    Measure { profile: Profile::LowBandwidth, compression: 240, parts: 1, checkin: Duration::from_secs(240) };

/// A quarter of an hour in fifteen seconds, since [`METRICS`] cannot come more often than each second.
const STANDARD: Measure = Measure { profile: Profile::Standard, compression: 60, parts: 4, checkin: MINUTE };

/// The agent's intervals of either profile, as they are without any configuration, but compressed.
fn compress(options: &mut Options, measure: &Measure) {
    let profile = measure.profile;
    let compressed = |interval: Duration| interval / measure.compression;
    options.profile = Some(profile);
    let intervals = &mut options.low_bandwidth;
    for interval in [
        &mut intervals.checkin_max,
        &mut intervals.config_pause,
        &mut intervals.heartbeat_idle,
        &mut intervals.metrics,
    ] {
        *interval = compressed(*interval);
    }
    let pause = match profile {
        Profile::Standard => compressed(MINUTE),
        Profile::LowBandwidth => intervals.config_pause,
    };
    options.timings.checkin.interval = Some(compressed(MINUTE));
    options.timings.config_stream.pause = Some(pause);
    let session = &mut magmad::sync_rpc::Timings::default().session;
    options.timings.sync_rpc.session.heartbeat_idle = compressed(session.heartbeat_idle);
    options.timings.sync_rpc.session.heartbeat_max = compressed(session.heartbeat_max);
}

async fn gateway(cloud: &Cloud, wire: &Wire, magmad: &str) -> (Gateway, u16) {
    let token = cloud.make_gateway().await;
    let port = free_port();
    let registry = format!("services:\n  magmad:\n    ip_address: 127.0.0.1\n    port: {port}\n");
    let control_proxy = "local_port: 1\nproxy_cloud_connections: False\n";
    let gateway =
        Gateway::new(cloud, &format!("{magmad}{}", magmad_yml(&[TICKER])), control_proxy, &registry);
    gateway.register(cloud, &token).await.unwrap();
    gateway.reroute(cloud, wire.address.port());
    (gateway, port)
}

async fn checkins(agent: &mut Running, count: usize) {
    for _ in 0..count {
        agent.forget();
        agent.until_checked_in().await;
    }
}

/// An hour of a gateway of this profile.
async fn hour_of(measure: &Measure) -> Hour {
    let cloud = Cloud::start().await;
    let wire = Wire::to(cloud.addresses().gateways).await;
    let (gateway, _) = gateway(&cloud, &wire, METRICS).await;
    let mut agent = gateway.start_with(|options| compress(options, measure));
    agent.until_commanded().await;
    agent.until("configuration", |event| matches!(event, Event::ConfigStored { .. })).await;
    checkins(&mut agent, 1).await;
    let bytes = || wire.seen().bytes.iter().sum::<usize>();
    let start = bytes();
    let in_an_hour = usize::try_from(HOUR.as_secs() / measure.checkin.as_secs()).unwrap();
    checkins(&mut agent, in_an_hour / measure.parts).await;
    let rest = (bytes() - start) * measure.parts + 60 * CLOUD_EACH_MINUTE;
    let connections = wire.seen().hellos.len();
    agent.stop().await;
    Hour { start, rest, connections }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_hour_of_rest_in_the_low_bandwidth_profile_fits_its_budget() {
    let low = hour_of(&LOW_BANDWIDTH).await;
    assert!(low.start + low.rest < LOW_BANDWIDTH_MAX, "{} + {} bytes", low.start, low.rest);
    assert_eq!(low.connections, 1, "one for all services, never made anew");
    let standard = hour_of(&STANDARD).await;
    for (name, hour) in [("low-bandwidth", &low), ("standard", &standard)] {
        let Hour { start, rest, connections } = hour;
        println!("{name}: {start} bytes to start, {rest} bytes an hour, {connections} connections");
    }
    assert!(standard.rest > 2 * low.rest, "{} bytes: the profile saves nothing", standard.rest);
}

/// How often the cloud has answered a poll.
async fn polls(port: u16) -> u64 {
    let (host, server_name) = ("127.0.0.1".to_owned(), String::new());
    let endpoint = Endpoint { host, port, server_name, transport: Transport::Plain };
    let channel = Connection::new(endpoint).channel("magmad.local");
    let metrics = Service303Client::new(channel).get_metrics(Void {}).await.unwrap().into_inner();
    let families = metrics.family.iter().filter(|family| family.name() == "streamer_responses");
    let values = families.flat_map(|family| &family.metric).map(|metric| metric.counter.unwrap_or_default());
    values.map(|counter| counter.value() as u64).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn polls_that_bring_nothing_new_touch_no_disk_raise_no_event_and_carry_no_configuration() {
    let cloud = Cloud::start().await;
    let wire = Wire::to(cloud.addresses().gateways).await;
    let (gateway, port) = gateway(&cloud, &wire, "").await;
    let mut agent = gateway.start_with(|options| {
        // Nothing but polls, on a connection of their own.
        options.timings.config_stream.pause = Some(Duration::from_millis(10));
        options.timings.checkin.interval = Some(HOUR);
    });
    agent.until("configuration", |event| matches!(event, Event::ConfigStored { .. })).await;
    agent.until_checked_in().await;
    agent.until_commanded().await;
    let stored = agent.gateway.path("var/opt/magma/configs/gateway.mconfig");
    let version =
        || std::fs::metadata(&stored).map(|file| (file.ino(), file.mtime_nsec(), file.len())).unwrap();
    let (before, polls_before, bytes_before) = (version(), polls(port).await, wire.seen().bytes[1]);
    agent.forget();
    const POLLS: u64 = 100;
    let begun = Instant::now();
    while polls(port).await < polls_before + POLLS {
        assert!(begun.elapsed() < PATIENCE, "there are no polls");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let (after, polled) = (polls(port).await, wire.seen().bytes[1] - bytes_before);
    assert_eq!(version(), before, "the file is the same, not an equal one");
    agent.catch_up();
    assert!(!agent.has(|_| true), "{:#?}", agent.past());
    let each = polled / usize::try_from(after - polls_before).unwrap();
    assert!(each < 400, "{each} bytes of answer for each poll; the document alone has {}", before.2);
    agent.stop().await;
}
