//! Remote write to an existing engine.

use std::time::{SystemTime, UNIX_EPOCH};

use magma_rpc::tls::{ClientTls, TrustAnchors};
use orc8r_metrics::promql::Limits;
use orc8r_metrics::remote::{RemoteWrite, Target};
use orc8r_metrics::tsdb::{Batch, Settings, Tsdb};
use orc8r_metrics::{Metrics, Sample, Source};
use tokio::sync::watch;

use crate::prometheus::Prometheus;

pub fn target(url: &str) -> Target {
    let tls = ClientTls::new(&TrustAnchors::usable_of_pem(&[]), None).unwrap();
    Target { url: url.to_owned(), tls, authorization: None }
}

#[tokio::test]
async fn what_comes_in_reaches_prometheus() {
    let Some(prometheus) = Prometheus::start() else { return };
    let now_ms = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64;
    let folder = tempfile::tempdir().unwrap();
    let store = Tsdb::open(folder.path(), Settings::default(), now_ms).unwrap();
    let remote = RemoteWrite::new(target(&prometheus.write_url()));
    let metrics = Metrics::new(store, Limits::default()).with_remote_write(remote.clone());
    let source = Source { network: "n1".into(), gateway: "g1".into() };
    let count = 12_000_u32;
    for number in 0..count {
        let mut batch = Batch::default();
        let kind = number.to_string();
        let sample = Sample { value: f64::from(number), time_ms: now_ms };
        batch.push("load", [("kind", kind.as_str())].into_iter(), sample);
        metrics.append(&source, &batch, now_ms);
    }
    let (stop, stopped) = watch::channel(false);
    let sender = tokio::spawn(remote.clone().run(stopped));
    while remote.counts().taken < u64::from(count) {
        assert_eq!(remote.counts().dropped, 0, "nothing is dropped");
        tokio::task::yield_now().await;
    }
    stop.send_replace(true);
    sender.await.unwrap();
    let counts = metrics.remote_counts().unwrap();
    assert_eq!((counts.taken, counts.dropped, counts.waiting), (u64::from(count), 0, 0));
    let time = format!("{}.{:03}", now_ms / 1000, now_ms % 1000);
    let answer = prometheus
        .api("query", &[("query", "sum(load{networkID=\"n1\",gatewayID=\"g1\"})"), ("time", &time)]);
    let want = (f64::from(count) * f64::from(count - 1) / 2.0).to_string();
    assert_eq!(answer["data"]["result"][0]["value"][1], want.as_str(), "{answer}");
}

#[tokio::test]
async fn a_full_queue_drops_and_counts() {
    let remote = RemoteWrite::new(target("http://127.0.0.1:9/api/v1/write"));
    let mut batch = Batch::default();
    for number in 0..500_000_i64 {
        batch.push("x", std::iter::empty(), Sample { value: 1.0, time_ms: number });
    }
    for _ in 0..5 {
        remote.push(&Source::default(), &batch);
    }
    let counts = remote.counts();
    assert_eq!((counts.taken, counts.dropped, counts.waiting), (0, 500_000, 2_000_000), "four fit");
}
