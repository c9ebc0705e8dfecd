//! What a connection does with forwarders that are slow, lie, or may not be here.

use std::sync::Mutex;

use magma_fluent::msgpack;
use orc8r_store::{ArchiveFilter, ArchivePage, Order};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::DuplexStream;
use tokio::task::JoinHandle;

use super::*;
use crate::{ArchiveLimits, Archives, Counts, Limits};

/// Answers what it is told to.
struct Gatekeeper(Mutex<Result<Source, Refused>>);

impl Admission for Gatekeeper {
    async fn gateway(&self, _: Option<&PeerCertificate>) -> Result<Source, Refused> {
        self.0.lock().unwrap().clone()
    }
}

struct World {
    _folder: TempDir,
    intake: Intake,
    gatekeeper: Arc<Gatekeeper>,
    stop: watch::Sender<bool>,
}

fn source(gateway: &str) -> Source {
    Source { network: "n1".into(), gateway: gateway.into(), hardware_id: format!("hw-{gateway}") }
}

impl World {
    fn new(limits: Limits) -> Self {
        Self::with_archives(limits, ArchiveLimits::default())
    }

    fn with_archives(limits: Limits, mut bounds: ArchiveLimits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // How full the disk of the test's machine is does not matter.
        bounds.events.reserve = bounds.events.reserve.saturating_sub(ArchiveLimits::default().events.reserve);
        bounds.logs.reserve = bounds.logs.reserve.saturating_sub(ArchiveLimits::default().logs.reserve);
        let archives = Archives::open(folder.path(), bounds).unwrap();
        let gatekeeper = Arc::new(Gatekeeper(Mutex::new(Ok(source("g1")))));
        let (stop, _) = watch::channel(false);
        Self { _folder: folder, intake: Intake::new(archives, limits), gatekeeper, stop }
    }

    fn connect(&self) -> (DuplexStream, JoinHandle<()>) {
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        let connection = Connection::new(
            Box::new(theirs),
            source("g1"),
            None,
            self.gatekeeper.clone(),
            self.intake.clone(),
            self.stop.subscribe(),
        );
        (ours, tokio::spawn(connection.run()))
    }

    fn counts(&self) -> Counts {
        self.intake.counts()
    }

    async fn logs(&self) -> Vec<Value> {
        let filter = ArchiveFilter { network: "n1".into(), ..Default::default() };
        let page = ArchivePage { skip: 0, limit: 10_000 };
        let found = self.intake.archives.logs.search(filter, None, Order::OldestFirst, page).await.unwrap();
        found.iter().map(|found| serde_json::from_str(&found.record.document).unwrap()).collect()
    }
}

fn packed(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    msgpack::json(&mut out, value);
    out
}

fn message(count: usize, chunk: Option<&str>) -> Vec<u8> {
    let entries: Vec<_> =
        (0..count).map(|number| json!([number, {"message": format!("line {number}")}])).collect();
    match chunk {
        Some(chunk) => packed(&json!(["mme", entries, {"chunk": chunk}])),
        None => packed(&json!(["mme", entries])),
    }
}

async fn acknowledged(stream: &mut DuplexStream, chunk: &str) {
    let expected = acknowledgement(chunk.as_bytes());
    let mut answer = vec![0; expected.len()];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, expected);
}

/// The connection ends, and nothing was said on it.
async fn silence(mut stream: DuplexStream) {
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.unwrap();
    assert_eq!(rest, b"");
}

#[tokio::test]
async fn what_is_acknowledged_is_kept_however_it_comes() {
    let world = World::new(Limits::default());
    let (mut stream, task) = world.connect();
    let bytes = [
        message(3, Some("one")),
        vec![0xc0],
        message(0, Some("two")),
        message(1, None),
        message(1, Some("three")),
    ]
    .concat();
    for piece in bytes.chunks(7) {
        stream.write_all(piece).await.unwrap();
    }
    for chunk in ["one", "two", "three"] {
        acknowledged(&mut stream, chunk).await;
    }
    drop(stream);
    task.await.unwrap();
    assert_eq!(world.counts(), Counts { logs: 5, ..Counts::default() });
    let logs = world.logs().await;
    assert_eq!(logs.len(), 5);
    assert!(
        logs.iter().all(|log| log["gateway_id"] == "g1" && log["hw_id"] == "hw-g1" && log["tag"] == "mme")
    );
}

#[tokio::test]
async fn a_large_message_is_kept_in_parts() {
    let world = World::new(Limits::default());
    let (mut stream, _task) = world.connect();
    stream.write_all(&message(50_000, Some("large"))).await.unwrap();
    acknowledged(&mut stream, "large").await;
    assert_eq!(world.counts().logs, 50_000);
    assert_eq!(world.logs().await.len(), 10_000, "as many as a page may have");
}

#[tokio::test]
async fn bad_entries_are_counted_and_the_rest_is_acknowledged() {
    let world = World::new(Limits::default());
    let (mut stream, _task) = world.connect();
    let bytes = packed(&json!(["t", [[1, {"message": "good"}], [1, 2], "bad"], {"chunk": "c"}]));
    stream.write_all(&bytes).await.unwrap();
    acknowledged(&mut stream, "c").await;
    let no_gzip = packed(&json!(["t", "no gzip", {"chunk": "d", "compressed": "gzip"}]));
    stream.write_all(&no_gzip).await.unwrap();
    acknowledged(&mut stream, "d").await;
    assert_eq!(world.counts(), Counts { logs: 1, records_refused: 3, ..Counts::default() });
}

#[tokio::test(start_paused = true)]
async fn who_speaks_something_else_too_much_or_too_slowly_is_sent_away() {
    let too_large =
        [&[0x92, 0xa1, b't', 0xc6, 0x7f, 0xff, 0xff, 0xff][..], &vec![0; MESSAGE_BYTES_MAX]].concat();
    for (name, bytes) in [
        ("HTTP", b"GET / HTTP/1.1\r\n\r\n".to_vec()),
        ("no message", packed(&json!({"a": 1}))),
        ("no MessagePack", vec![0x92, 0xc1]),
        ("too large", too_large),
        ("a beginning without an end", vec![0x92, 0xa1, b't']),
    ] {
        let world = World::new(Limits::default());
        let (mut stream, task) = world.connect();
        stream.write_all(&bytes).await.ok();
        silence(stream).await;
        task.await.unwrap();
        assert_eq!(world.counts(), Counts { connections_ended: 1, ..Counts::default() }, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_octet_a_second_does_not_hold_a_connection_for_ever() {
    let world = World::new(Limits { message: Duration::from_secs(60), ..Limits::default() });
    let (mut stream, task) = world.connect();
    let mut sent = 0;
    for octet in message(100, Some("slow")) {
        if stream.write_all(&[octet]).await.is_err() {
            break;
        }
        sent += 1;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert!((59..=62).contains(&sent), "{sent}");
    task.await.unwrap();
    assert_eq!(world.counts(), Counts { connections_ended: 1, ..Counts::default() });
}

#[tokio::test(start_paused = true)]
async fn silence_between_messages_ends_a_connection_in_good_order() {
    let world = World::new(Limits::default());
    let (stream, task) = world.connect();
    silence(stream).await;
    task.await.unwrap();
    assert_eq!(world.counts(), Counts::default());
}

#[tokio::test(start_paused = true)]
async fn a_revoked_gateway_is_sent_away_and_its_message_is_not_kept() {
    let world = World::new(Limits::default());
    let (mut stream, task) = world.connect();
    stream.write_all(&message(1, Some("one"))).await.unwrap();
    acknowledged(&mut stream, "one").await;
    tokio::time::advance(Limits::default().identity).await;
    *world.gatekeeper.0.lock().unwrap() = Err(Refused::NotNow("busy".into()));
    stream.write_all(&message(1, Some("two"))).await.unwrap();
    acknowledged(&mut stream, "two").await;
    *world.gatekeeper.0.lock().unwrap() = Err(Refused::Denied("revoked".into()));
    stream.write_all(&message(1, Some("three"))).await.unwrap();
    silence(stream).await;
    task.await.unwrap();
    assert_eq!(world.counts(), Counts { logs: 2, peers_denied: 1, ..Counts::default() });
}

#[tokio::test(start_paused = true)]
async fn a_gateway_that_moved_writes_where_it_is_now() {
    let world = World::new(Limits::default());
    let (mut stream, _task) = world.connect();
    tokio::time::advance(Limits::default().identity).await;
    *world.gatekeeper.0.lock().unwrap() = Ok(source("g2"));
    stream.write_all(&message(1, Some("one"))).await.unwrap();
    acknowledged(&mut stream, "one").await;
    assert_eq!(world.logs().await[0]["gateway_id"], "g2");
}

#[tokio::test]
async fn without_room_on_the_disk_nothing_is_acknowledged() {
    let mut bounds = ArchiveLimits::default();
    bounds.logs.reserve = u64::MAX;
    let world = World::with_archives(Limits::default(), bounds);
    let (mut stream, task) = world.connect();
    stream.write_all(&message(2, None)).await.unwrap();
    stream.write_all(&message(1, Some("one"))).await.unwrap();
    silence(stream).await;
    task.await.unwrap();
    assert_eq!(world.counts(), Counts { records_lost: 2, ..Counts::default() });
}

#[tokio::test]
async fn memory_for_incomplete_messages_is_shared() {
    let limits = Limits { waiting_bytes: 192 * 1024, room: Duration::from_millis(50), ..Limits::default() };
    let world = World::new(limits);
    let large = message(20_000, Some("large"));
    let (mut slow, slow_task) = world.connect();
    slow.write_all(&large[..120_000]).await.unwrap();
    let (mut other, other_task) = world.connect();
    other.write_all(&message(100, Some("small"))).await.unwrap();
    acknowledged(&mut other, "small").await;
    other.write_all(&large).await.ok();
    silence(other).await;
    other_task.await.unwrap();
    drop(slow);
    slow_task.await.unwrap();
    assert_eq!(world.counts().connections_ended, 1);
}

#[tokio::test]
async fn a_program_that_stops_finishes_no_half_message_and_loses_no_acknowledged_one() {
    let world = World::new(Limits::default());
    let (mut stream, task) = world.connect();
    stream.write_all(&message(1, Some("one"))).await.unwrap();
    acknowledged(&mut stream, "one").await;
    stream.write_all(&message(1, Some("two"))[..5]).await.unwrap();
    world.stop.send_replace(true);
    silence(stream).await;
    task.await.unwrap();
    assert_eq!(world.counts(), Counts { logs: 1, ..Counts::default() });
}
