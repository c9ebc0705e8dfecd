//! What an export does with engines that are slow, lie, answer nonsense or go away.

use std::collections::VecDeque;
use std::sync::Mutex;

use magma_rpc::tls::TrustAnchors;
use orc8r_store::{NewRecord, Source};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::*;
use crate::ArchiveLimits;

/// What an engine does with its next request.
#[derive(Clone)]
enum Behaviour {
    /// A status with a body.
    Says(u16, Value),
    /// A status with a pause.
    Wait(u16, u64),
    /// Closes without a word.
    HangsUp,
    /// What is no HTTP.
    Lies,
}

/// An engine that behaves as it is told, and then takes everything.
struct FakeEngine {
    url: String,
    /// The path, the header `authorization` and the body of each request.
    asked: Arc<Mutex<Vec<(String, String, String)>>>,
    behaviour: Arc<Mutex<VecDeque<Behaviour>>>,
    task: JoinHandle<()>,
}

impl Drop for FakeEngine {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl FakeEngine {
    async fn start(behaviour: &[Behaviour]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<(String, String, String)>>> = Arc::default();
        let behaviour = Arc::new(Mutex::new(behaviour.iter().cloned().collect::<VecDeque<_>>()));
        let (noted, next) = (asked.clone(), behaviour.clone());
        let task = tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let Some(request) = read(&mut stream).await else { continue };
                let records = request.2.lines().count() / 2;
                noted.lock().unwrap().push(request);
                let behaviour = next.lock().unwrap().pop_front();
                answer(&mut stream, behaviour, records).await;
            }
        });
        Self { url, asked, behaviour, task }
    }

    fn asked(&self) -> Vec<(String, String, String)> {
        self.asked.lock().unwrap().clone()
    }

    async fn until_asked(&self, times: usize) {
        while self.asked().len() < times || !self.behaviour.lock().unwrap().is_empty() {
            sleep(Duration::from_millis(1)).await;
        }
    }
}

async fn read(stream: &mut TcpStream) -> Option<(String, String, String)> {
    let mut octets = Vec::new();
    loop {
        let head_end = octets.windows(4).position(|window| window == b"\r\n\r\n");
        if let Some(end) = head_end {
            let head = String::from_utf8_lossy(&octets[..end]).to_lowercase();
            let header = |name: &str| {
                let line = head.lines().find_map(|line| line.strip_prefix(name));
                line.map(|value| value.trim().to_owned()).unwrap_or_default()
            };
            let length: usize = header("content-length:").parse().ok()?;
            if octets.len() >= end + 4 + length {
                let path = head.split(' ').nth(1)?.to_owned();
                let body = String::from_utf8_lossy(&octets[end + 4..]).into_owned();
                return Some((path, header("authorization:"), body));
            }
        }
        if stream.read_buf(&mut octets).await.ok()? == 0 {
            return None;
        }
    }
}

async fn answer(stream: &mut TcpStream, behaviour: Option<Behaviour>, records: usize) {
    let taken = json!({"errors": false, "items": vec![json!({"index": {"status": 201}}); records]});
    let (status, pause, body) = match behaviour {
        None => (200, None, taken),
        Some(Behaviour::Says(status, body)) => (status, None, body),
        Some(Behaviour::Wait(status, seconds)) => (status, Some(seconds), json!({})),
        Some(Behaviour::HangsUp) => return,
        Some(Behaviour::Lies) => {
            stream.write_all(b"220 ESMTP\r\n").await.ok();
            return;
        }
    };
    let pause = pause.map(|seconds| format!("retry-after: {seconds}\r\n")).unwrap_or_default();
    let body = body.to_string();
    let text = format!("HTTP/1.1 {status} X\r\n{pause}content-length: {}\r\n\r\n{body}", body.len());
    stream.write_all(text.as_bytes()).await.ok();
    stream.shutdown().await.ok();
}

struct World {
    folder: TempDir,
    archives: Archives,
    stop: watch::Sender<bool>,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut limits = ArchiveLimits::default();
        (limits.events.reserve, limits.logs.reserve) = (0, 0);
        let archives = Archives::open(folder.path(), limits).unwrap();
        Self { folder, archives, stop: watch::channel(false).0 }
    }

    async fn log(&self, numbers: std::ops::Range<i64>) {
        let record = |number: i64| NewRecord {
            time_ms: 1_700_000_000_000 + number,
            stream: "mme".into(),
            event_type: String::new(),
            event_tag: String::new(),
            document: json!({"message": format!("line {number}")}).to_string(),
        };
        let source = Source { network: "n1".into(), gateway: "g1".into(), hardware_id: "hw1".into() };
        self.archives.logs.append(source, numbers.map(record).collect()).await.unwrap();
    }

    fn export(&self, engine: Engine, fake: &FakeEngine) -> (Exporter, JoinHandle<()>) {
        let target = ExportTarget {
            engine,
            url: format!("{}/", fake.url),
            authorization: Some("Basic abc".into()),
            tls: ClientTls::new(&TrustAnchors::usable_of_pem(b""), None).unwrap(),
        };
        let mut exporter = Exporter::new(target, &self.folder.path().join("export"));
        exporter.pause_first = Duration::from_millis(1);
        let task = tokio::spawn(exporter.clone().run(self.archives.clone(), self.stop.subscribe()));
        (exporter, task)
    }
}

async fn until(exporter: &Exporter, done: impl Fn(ExportCounts) -> bool) -> ExportCounts {
    while !done(exporter.counts()) {
        sleep(Duration::from_millis(1)).await;
    }
    exporter.counts()
}

/// The numbers of the lines in a request's body.
fn lines(body: &str) -> Vec<i64> {
    body.split("line ")
        .skip(1)
        .map(|rest| rest.split(|sign: char| !sign.is_ascii_digit()).next().unwrap().parse().unwrap())
        .collect()
}

#[tokio::test]
async fn opensearch_gets_each_record_in_its_days_index_and_again_what_it_could_not_take() {
    let world = World::new();
    world.log(0..3).await;
    let status = |status: u16| json!({"index": {"status": status, "error": {"type": "x"}}});
    let fake = FakeEngine::start(&[Behaviour::Says(
        200,
        json!({"errors": true, "items": [status(201), status(429), status(400)]}),
    )])
    .await;
    let (exporter, task) = world.export(Engine::OpenSearch, &fake);
    let counts = until(&exporter, |counts| counts.exported + counts.refused == 3).await;
    assert_eq!(counts, ExportCounts { exported: 2, refused: 1, lost_segments: 0, failures: 1 });
    fake.until_asked(2).await;
    let asked = fake.asked();
    assert_eq!((asked[0].0.as_str(), asked[0].1.as_str()), ("/_bulk", "basic abc"));
    let order: Value = serde_json::from_str(asked[0].2.lines().next().unwrap()).unwrap();
    assert_eq!(order, json!({"index": {"_index": "fluentd-2023.11.14", "_id": "hw1-1700000000000-1-1"}}));
    assert_eq!((lines(&asked[0].2), lines(&asked[1].2)), (vec![0, 1, 2], vec![1]));
    world.stop.send_replace(true);
    task.await.unwrap();
}

#[tokio::test]
async fn an_engine_that_is_slow_lies_or_goes_away_gets_everything_in_the_end() {
    for behaviour in [
        Behaviour::Wait(429, 0),
        Behaviour::Says(503, json!("busy")),
        Behaviour::Says(200, json!({"errors": false, "items": []})),
        Behaviour::Says(200, json!("yes")),
        Behaviour::Says(401, json!({})),
        Behaviour::HangsUp,
        Behaviour::Lies,
    ] {
        let world = World::new();
        world.log(0..2).await;
        let fake = FakeEngine::start(&[behaviour]).await;
        let (exporter, _task) = world.export(Engine::OpenSearch, &fake);
        let counts = until(&exporter, |counts| counts.exported == 2).await;
        assert_eq!(counts, ExportCounts { exported: 2, refused: 0, lost_segments: 0, failures: 1 });
        let asked = fake.asked();
        assert_eq!(asked.len(), 2);
        assert_eq!(asked[0].2, asked[1].2, "the same, with the same ids");
    }
}

#[tokio::test]
async fn what_is_too_large_is_sent_in_parts_and_one_record_that_is_too_large_is_given_up() {
    let world = World::new();
    world.log(0..4).await;
    let too_large = Behaviour::Says(413, json!({}));
    let fake = FakeEngine::start(&[too_large.clone(), too_large.clone(), too_large]).await;
    let (exporter, _task) = world.export(Engine::OpenSearch, &fake);
    let counts = until(&exporter, |counts| counts.exported + counts.refused == 4).await;
    assert_eq!((counts.exported, counts.refused), (3, 1));
    let sizes: Vec<usize> = fake.asked().iter().map(|asked| lines(&asked.2).len()).collect();
    assert_eq!(sizes, [4, 2, 1, 3]);
}

#[tokio::test]
async fn loki_gets_streams_with_few_labels() {
    let world = World::new();
    world.log(0..2).await;
    let fake =
        FakeEngine::start(&[Behaviour::Says(204, json!(null)), Behaviour::Says(400, json!("too old"))]).await;
    let (exporter, _task) = world.export(Engine::Loki, &fake);
    until(&exporter, |counts| counts.exported == 2).await;
    world.log(2..5).await;
    let counts = until(&exporter, |counts| counts.refused > 0).await;
    assert_eq!(counts, ExportCounts { exported: 2, refused: 3, lost_segments: 0, failures: 0 });
    let asked = fake.asked();
    assert_eq!(asked[0].0, "/loki/api/v1/push");
    let body: Value = serde_json::from_str(&asked[0].2).unwrap();
    let labels =
        json!({"job": "magma", "kind": "log", "network_id": "n1", "gateway_id": "g1", "stream_name": "mme"});
    assert_eq!(body["streams"][0]["stream"], labels);
    assert_eq!(body["streams"][0]["values"][1][0], "1700000000001000000");
}

#[tokio::test]
async fn after_a_restart_an_export_goes_on_where_it_was() {
    let world = World::new();
    world.log(0..2).await;
    let fake = FakeEngine::start(&[]).await;
    let (exporter, task) = world.export(Engine::OpenSearch, &fake);
    until(&exporter, |counts| counts.exported == 2).await;
    let file = world.folder.path().join("export/opensearch-logs.place");
    while std::fs::read_to_string(&file).ok().as_deref() != Some("1-2") {
        sleep(Duration::from_millis(1)).await;
    }
    world.stop.send_replace(true);
    task.await.unwrap();
    world.log(2..3).await;
    world.stop.send_replace(false);
    let (exporter, _task) = world.export(Engine::OpenSearch, &fake);
    until(&exporter, |counts| counts.exported == 1).await;
    let asked = fake.asked();
    assert_eq!(lines(&asked[1].2), [2]);
}
