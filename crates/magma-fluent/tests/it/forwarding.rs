//! What arrives, what is kept, and what comes again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use magma_fluent::{
    Buffer, Count, Dial, Entry, Happened, Intake, Output, Settings, Stream, Time, Timings, serve_forward,
    serve_json, serve_syslog,
};
use magma_rpc::tls::ClientTls;
use magma_rpc::tls_stream;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;

use crate::fluentd::{Authority, Fluentd, NAME, PATIENCE, available, send_to};

/// Dials wherever the test says.
#[derive(Clone)]
struct Line {
    end: Arc<Mutex<(u16, ClientTls)>>,
}

impl Dial for Line {
    async fn dial(&self) -> Result<Box<dyn Stream>, String> {
        let (port, tls) = self.end.lock().unwrap().clone();
        let stream =
            tls_stream::connect(NAME, port, &tls, None).await.map_err(|failure| failure.to_string())?;
        Ok(Box::new(stream))
    }
}

/// A gateway's forwarder.
struct Gateway {
    intake: Intake,
    buffer: Arc<Buffer>,
    count: Count,
    counted: Arc<Mutex<BTreeMap<Happened, u64>>>,
    line: Line,
    renewals: watch::Sender<u64>,
    timings: Timings,
}

impl Gateway {
    fn open(folder: &Path, bytes_max: u64, port: u16, tls: ClientTls) -> Self {
        let counted = Arc::new(Mutex::new(BTreeMap::new()));
        let counts = counted.clone();
        let count: Count =
            Arc::new(move |happened, count| *counts.lock().unwrap().entry(happened).or_default() += count);
        let buffer = Arc::new(Buffer::open(folder, bytes_max).unwrap());
        let entry = json!({"extraTags": {"network_id": "n1"}, "throttleRate": 1_000_000});
        let settings = Settings::of_entry(Some(&entry), "hw1", &[]);
        let intake = Intake::new(buffer.clone(), settings.labels, settings.limits, count.clone());
        let timings = Timings {
            gather: Duration::from_millis(10),
            answer: PATIENCE,
            idle: PATIENCE,
            retry_first: Duration::from_millis(20),
            retry_max: Duration::from_millis(200),
        };
        let line = Line { end: Arc::new(Mutex::new((port, tls))) };
        Self { intake, buffer, count, counted, line, renewals: watch::Sender::new(1), timings }
    }

    async fn log(&self, numbers: std::ops::Range<u32>) {
        for number in numbers {
            let entry = Entry::of_texts(Time::now(), &[("log", &number.to_string())]);
            self.intake.take("syslog", vec![entry]).await.unwrap();
        }
    }

    /// Forwards until `done` is ready.
    async fn forward<T>(&self, done: impl Future<Output = T>) -> T {
        let mut output = Output {
            buffer: self.buffer.clone(),
            dial: self.line.clone(),
            renewals: self.renewals.subscribe(),
            count: self.count.clone(),
            timings: self.timings.clone(),
        };
        tokio::select! {
            () = output.run() => unreachable!("it never ends"),
            done = tokio::time::timeout(PATIENCE, done) => done.expect("in time"),
        }
    }

    async fn until_empty(&self) {
        while !self.buffer.is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    fn counted(&self, happened: Happened) -> u64 {
        self.counted.lock().unwrap().get(&happened).copied().unwrap_or_default()
    }
}

fn numbers(range: std::ops::Range<u32>) -> Vec<String> {
    range.map(|number| number.to_string()).collect()
}

/// A port that nobody listens on, and which no other test gets while the socket is held.
fn closed_port() -> (TcpSocket, u16) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let port = socket.local_addr().unwrap().port();
    (socket, port)
}

async fn listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

#[tokio::test]
async fn records_of_every_input_arrive_with_the_gateways_labels() {
    if !available().await {
        return;
    }
    let (root, certifier, folder) = (Authority::new(), Authority::new(), tempfile::tempdir().unwrap());
    let mut fluentd = Fluentd::start(&root, &certifier).await;
    let gateway = Gateway::open(folder.path(), 1 << 20, fluentd.port, root.client(&certifier, "gateway"));
    let (events, events_port) = listener().await;
    let (forward, forward_port) = listener().await;
    let (syslog, syslog_port) = listener().await;
    let intake = || gateway.intake.clone();
    let inputs = async {
        tokio::join!(
            serve_json(events, "eventd", intake()),
            serve_forward(forward, intake()),
            serve_syslog(syslog, intake())
        )
    };
    let script = async {
        let mut stream = TcpStream::connect(("127.0.0.1", events_port)).await.unwrap();
        let event = json!({"stream_name": "magmad", "value": "{}", "number": -5, "nothing": null});
        stream.write_all(format!("{event}{event}\n").as_bytes()).await.unwrap();
        let mut seen = Vec::new();
        while seen.len() < 2 {
            let message = fluentd.next().await;
            assert_eq!((&message["tag"], &message["client"]), (&json!("eventd"), &json!("gateway")));
            assert_eq!(message["size"], message["records"].as_array().unwrap().len());
            assert!(message["times"][0].as_u64().unwrap() > 1_700_000_000);
            seen.extend(message["records"].as_array().unwrap().clone());
        }
        let mut expected = event.clone();
        expected["hw_id"] = json!("hw1");
        expected["network_id"] = json!("n1");
        assert_eq!(seen, [expected.clone(), expected]);

        let mut stream = TcpStream::connect(("127.0.0.1", syslog_port)).await.unwrap();
        stream.write_all(b"<30>Nov 22 03:17:10 agw1 mme[12]: attached\n").await.unwrap();
        let message = fluentd.next().await;
        let expected = json!({"pri": "30", "host": "agw1", "ident": "mme", "pid": "12", "message": "attached",
            "hw_id": "hw1", "network_id": "n1"});
        assert_eq!((&message["tag"], &message["records"][0]), (&json!("syslog"), &expected));

        send_to(forward_port).await;
        let logs = fluentd.records("log", 5).await;
        assert_eq!(logs, ["one", "two", "three", "two", "three"]);
        gateway.until_empty().await;
    };
    tokio::select! {
        _ = inputs => unreachable!("they never end"),
        () = gateway.forward(script) => {}
    }
    let counted =
        [Happened::Stored, Happened::Sent, Happened::Refused, Happened::Lost].map(|h| gateway.counted(h));
    assert_eq!(counted, [8, 8, 0, 0]);
}

#[tokio::test]
async fn nonsense_on_an_input_is_counted_and_stored_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let (root, (_closed, port)) = (Authority::new(), closed_port());
    let gateway = Gateway::open(folder.path(), 1 << 20, port, root.client(&root, "gateway"));
    let (events, events_port) = listener().await;
    let (forward, forward_port) = listener().await;
    let inputs = async {
        tokio::join!(
            serve_json(events, "eventd", gateway.intake.clone()),
            serve_forward(forward, gateway.intake.clone())
        )
    };
    let script = async {
        for (port, nonsense) in [
            (events_port, b"GET / HTTP/1.1\r\n\r\n".to_vec()),
            (events_port, b"{\"a\": tru}".to_vec()),
            (events_port, [b"{\"a\": \"".to_vec(), vec![b'x'; 3 << 20]].concat()),
            (forward_port, b"\xc1".to_vec()),
            (forward_port, [b"\xdb\x7f\xff\xff\xff".to_vec(), vec![b'x'; 5 << 20]].concat()),
        ] {
            let before = gateway.counted(Happened::Refused);
            let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            // The other end may close before all is written.
            stream.write_all(&nonsense).await.ok();
            while gateway.counted(Happened::Refused) == before {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    };
    tokio::select! {
        _ = inputs => unreachable!("they never end"),
        () = script => {}
        () = tokio::time::sleep(PATIENCE) => panic!("not in time"),
    }
    assert!(gateway.buffer.is_empty());
    assert_eq!((gateway.counted(Happened::Refused), gateway.counted(Happened::Stored)), (5, 0));
}

#[tokio::test]
async fn records_of_an_outage_survive_a_restart_and_come_once_and_in_order() {
    if !available().await {
        return;
    }
    let (root, certifier, folder) = (Authority::new(), Authority::new(), tempfile::tempdir().unwrap());
    let tls = || root.client(&certifier, "gateway");
    let (_closed, port) = closed_port();
    let gateway = Gateway::open(folder.path(), 1 << 20, port, tls());
    gateway.forward(gateway.log(0..50)).await;
    drop(gateway);
    let mut fluentd = Fluentd::start(&root, &certifier).await;
    let gateway = Gateway::open(folder.path(), 1 << 20, fluentd.port, tls());
    gateway.log(50..60).await;
    let arrived = async {
        let arrived = fluentd.records("log", 60).await;
        gateway.until_empty().await;
        arrived
    };
    assert_eq!(gateway.forward(arrived).await, numbers(0..60));
    assert_eq!(fluentd.behave("ack").await, [Value::Null; 0], "nothing came twice");
}

#[tokio::test]
async fn a_full_buffer_stays_within_its_bound_and_drops_the_oldest() {
    if !available().await {
        return;
    }
    let (root, certifier, folder) = (Authority::new(), Authority::new(), tempfile::tempdir().unwrap());
    let (_closed, port) = closed_port();
    let gateway = Gateway::open(folder.path(), 40_000, port, root.client(&certifier, "gateway"));
    gateway.log(0..1000).await;
    let lost = u32::try_from(gateway.counted(Happened::Lost)).unwrap();
    assert!(lost > 0 && lost < 1000, "{lost}");
    let logs = std::fs::read_dir(folder.path().join("logs")).unwrap();
    let bytes: u64 = logs.map(|file| file.unwrap().metadata().unwrap().len()).sum();
    assert!(bytes < 35_000, "{bytes} bytes on disk");
    let mut fluentd = Fluentd::start(&root, &certifier).await;
    gateway.line.end.lock().unwrap().0 = fluentd.port;
    let arrived = gateway.forward(fluentd.records("log", (1000 - lost) as usize)).await;
    assert_eq!(arrived, numbers(lost..1000));
}

#[tokio::test]
async fn what_is_not_acknowledged_is_sent_again_under_another_chunk() {
    if !available().await {
        return;
    }
    let (root, certifier, folder) = (Authority::new(), Authority::new(), tempfile::tempdir().unwrap());
    for manner in ["mute", "close"] {
        let mut fluentd = Fluentd::start(&root, &certifier).await;
        let folder = folder.path().join(manner);
        let mut gateway = Gateway::open(&folder, 1 << 20, fluentd.port, root.client(&certifier, "gateway"));
        gateway.timings.answer = Duration::from_millis(300);
        fluentd.behave(manner).await;
        gateway.log(0..3).await;
        let mut chunks = BTreeSet::new();
        let attempts = async {
            while chunks.len() < 3 {
                let message = fluentd.next().await;
                assert_eq!(message["records"].as_array().unwrap().len(), 3, "{manner}");
                chunks.insert(message["chunk"].as_str().unwrap().to_owned());
            }
        };
        gateway.forward(attempts).await;
        assert!(!gateway.buffer.is_empty(), "{manner}: nothing is forgotten");
        assert_eq!(gateway.counted(Happened::Sent), 0, "{manner}");
        gateway.timings.answer = PATIENCE;
        fluentd.behave("ack").await;
        gateway.forward(gateway.until_empty()).await;
        assert_eq!(gateway.counted(Happened::Sent), 3, "{manner}");
    }
}

#[tokio::test]
async fn nothing_goes_to_a_stranger_and_a_new_certificate_is_used_at_once() {
    if !available().await {
        return;
    }
    let (root, certifier, folder) = (Authority::new(), Authority::new(), tempfile::tempdir().unwrap());
    let (stranger, mut fluentd) = (Authority::new(), Fluentd::start(&root, &certifier).await);
    let gateway =
        Gateway::open(folder.path(), 1 << 20, fluentd.port, stranger.client(&certifier, "trusts another"));
    gateway.log(0..2).await;
    let refused = async {
        // The server hears of it in the handshake, which is before any record.
        assert!(fluentd.next().await["refused"].is_string());
        let tls = root.client(&stranger, "certified by another");
        gateway.line.end.lock().unwrap().1 = tls;
        gateway.renewals.send_modify(|generation| *generation += 1);
        while !fluentd.next().await["refused"].as_str().unwrap().contains("CERTIFICATE_VERIFY_FAILED") {}
    };
    gateway.forward(refused).await;
    assert!(!gateway.buffer.is_empty());
    gateway.line.end.lock().unwrap().1 = root.client(&certifier, "first");
    let renewed = async {
        let first = loop {
            let said = fluentd.next().await;
            if said["client"].is_string() {
                break said;
            }
        };
        assert_eq!((&first["client"], &first["records"][0]["log"]), (&json!("first"), &json!("0")));
        gateway.until_empty().await;
        gateway.line.end.lock().unwrap().1 = root.client(&certifier, "second");
        gateway.renewals.send_modify(|generation| *generation += 1);
        gateway.log(2..3).await;
        let second = fluentd.next().await;
        assert_eq!((&second["client"], &second["records"][0]["log"]), (&json!("second"), &json!("2")));
    };
    gateway.forward(renewed).await;
}
