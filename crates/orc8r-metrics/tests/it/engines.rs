//! Queries to an existing engine: the answers of the embedded store, and no sample of another network.

use std::collections::BTreeSet;
use std::time::{SystemTime, UNIX_EPOCH};

use orc8r_metrics::promql::{
    Engine, ErrorKind, InstantQuery, Limits, Most, QueryError, RangeQuery, selector,
};
use orc8r_metrics::remote::{RemoteEngine, TimeSeries, compressed_write_request};
use orc8r_metrics::tsdb::{Batch, Scope, Settings, Tsdb};
use orc8r_metrics::{Labels, Metrics, Sample, Source};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::dataset::MINUTE;
use crate::differential::{has_result, json, same};
use crate::inventor::Inventor;
use crate::prometheus::{Kind, Prometheus};
use crate::remote::target;

/// Expressions of one run against each engine.
const EXPRESSIONS: u32 = 800;

fn now_ms() -> i64 {
    let now_ms = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64;
    now_ms.div_euclid(MINUTE) * MINUTE
}

/// What a gateway of each network measures: 1000 and something in n1, 2000 in n2, …, and 9,000,000 in none.
fn measured(networks: &[&str], now_ms: i64) -> Vec<TimeSeries> {
    let mut all = Vec::new();
    let mut series = |labels: &[(&str, &str)], value: &dyn Fn(i64) -> f64| {
        let minutes = (0..30).rev();
        let samples = minutes
            .map(|minute| Sample { value: value(minute), time_ms: now_ms - minute * MINUTE })
            .collect();
        let labels = labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        all.push(TimeSeries { labels: Labels::from_pairs(labels), samples });
    };
    for network in networks {
        let base = network[1..].parse::<f64>().unwrap() * 1000.0;
        let by = [("networkID", *network), ("gatewayID", "g1")];
        series(&[&[("__name__", "up")], &by[..]].concat(), &|minute| base + minute as f64 / 100.0);
        let load = [&[("__name__", "load"), ("core", "0")], &by[..]].concat();
        series(&load, &|minute| base + 0.5 + minute as f64 / 100.0);
    }
    series(&[("__name__", "own")], &|_| 9_000_000.0);
    all
}

fn embedded(measured: &[TimeSeries], now_ms: i64) -> (Engine, Tsdb, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let store = Tsdb::open(folder.path(), Settings::default(), now_ms).unwrap();
    for series in measured {
        let label = |name: &str| series.labels.get(name).to_owned();
        let source = Source { network: label("networkID"), gateway: label("gatewayID") };
        let mut batch = Batch::default();
        for sample in &series.samples {
            let labels = series.labels.iter();
            let labels = labels.filter(|(name, _)| !["__name__", "networkID", "gatewayID"].contains(name));
            batch.push(&label("__name__"), labels, *sample);
        }
        assert_eq!(store.append(&source, &batch, now_ms).accepted, batch.len());
    }
    (Engine::new(store.clone(), Limits::default()), store, folder)
}

fn started(kind: Kind, measured: &[TimeSeries]) -> Option<(RemoteEngine, Prometheus)> {
    let server = Prometheus::start_a(kind)?;
    server.remote_write(&compressed_write_request(measured).unwrap());
    // VictoriaMetrics shows what came in after a second.
    server.get("/internal/force_flush");
    Some((RemoteEngine::new(target(&server.url())), server))
}

fn instant(text: &str, time_ms: i64) -> InstantQuery {
    InstantQuery { text: text.to_owned(), time_ms }
}

fn range(text: &str, now_ms: i64) -> RangeQuery {
    RangeQuery { text: text.to_owned(), start_ms: now_ms - 10 * MINUTE, end_ms: now_ms, step_ms: 5 * MINUTE }
}

#[tokio::test(flavor = "multi_thread")]
async fn prometheus_answers_what_the_embedded_store_answers_to_who_sees_one_network() {
    let now_ms = now_ms();
    let measured = measured(&["n1", "n2", "n3"], now_ms);
    let Some((remote, _server)) = started(Kind::Prometheus, &measured) else { return };
    let (engine, _store, _folder) = embedded(&measured, now_ms);
    let scopes = [Scope::network("n1"), Scope::Networks(["n1".into(), "n3".into()].into())];
    let mut inventor = Inventor::new(0x0dd_ba11);
    let (mut found, mut wrong) = (0, Vec::new());
    for number in 0..EXPRESSIONS {
        let text = inventor.vector(1 + number % 4);
        let scope = &scopes[usize::from(number % 5 == 4)];
        let query = instant(&text, now_ms);
        let ours = json(engine.instant(&query, scope).map(|answer| answer.to_json()));
        let theirs = remote.instant(&query, scope).await;
        let theirs = json(theirs.map_err(without_place));
        found += usize::from(has_result(&theirs));
        wrong.extend(same(&ours, &theirs, false).err().map(|difference| format!("{text}: {difference}")));
        let query = range(&text, now_ms);
        let ours = json(engine.range(&query, scope).map(|answer| answer.to_json()));
        let theirs = json(remote.range(&query, scope).await.map_err(without_place));
        wrong.extend(same(&ours, &theirs, false).err().map(|difference| format!("{text}: {difference}")));
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong[..wrong.len().min(20)].join("\n"));
    assert!(found > 100, "many find something: {found}");
}

/// Only the kind of an error is compared.
fn without_place(error: QueryError) -> QueryError {
    QueryError { message: String::new(), ..error }
}

/// VictoriaMetrics calculates some things in its own way: what an expression gives must be the same whether other
/// networks have samples or not.
#[tokio::test(flavor = "multi_thread")]
async fn victoria_metrics_shows_no_sample_of_another_network() {
    let now_ms = now_ms();
    let (all, own) = (measured(&["n1", "n2", "n3"], now_ms), measured(&["n1"], now_ms));
    let Some((with_others, server)) = started(Kind::VictoriaMetrics, &all) else { return };
    let Some((alone, _alone_server)) = started(Kind::VictoriaMetrics, &own[..2]) else { return };
    let everything = server.api("query", &[("query", "count({__name__=~\"up|load|own\"})")]);
    assert_eq!(
        everything["data"]["result"][0]["value"][1], "7",
        "the others' samples are there: {everything}"
    );
    let scope = Scope::network("n1");
    let mut inventor = Inventor::new(0x0dd_ba11);
    let mut found = 0;
    for number in 0..EXPRESSIONS {
        let text = inventor.vector(1 + number % 4);
        let query = instant(&text, now_ms);
        let here = json(with_others.instant(&query, &scope).await.map_err(without_place));
        let there = json(alone.instant(&query, &scope).await.map_err(without_place));
        found += usize::from(has_result(&here));
        same(&here, &there, false).unwrap_or_else(|difference| panic!("{text}: {difference}"));
    }
    assert!(found > 100, "many find something: {found}");
}

/// What dashboards ask most is calculated alike everywhere.
#[tokio::test(flavor = "multi_thread")]
async fn plain_queries_and_lists_are_the_same_on_every_engine() {
    let now_ms = now_ms();
    let measured = measured(&["n1", "n2"], now_ms);
    let (_engine, store, _folder) = embedded(&measured, now_ms);
    let here = Metrics::new(store.clone(), Limits::default());
    for kind in [Kind::Prometheus, Kind::VictoriaMetrics] {
        let Some((remote, _server)) = started(kind, &measured) else { continue };
        let there = Metrics::new(store.clone(), Limits::default()).with_engine(remote);
        for (text, scope) in [
            ("up", Scope::network("n1")),
            ("load{core=\"0\"} > 1000", Scope::network("n1")),
            ("sum(up)", Scope::Networks(["n1".into(), "n2".into()].into())),
            ("count(load) by (gatewayID)", Scope::network("n2")),
            ("max_over_time(up[290s]) + 1", Scope::network("n1")),
            ("up{networkID=\"n2\"}", Scope::network("n1")),
            ("own", Scope::network("n1")),
            ("up", Scope::Networks(BTreeSet::new())),
        ] {
            let query = instant(text, now_ms);
            let ours = here.instant(query.clone(), scope.clone()).await.unwrap();
            let theirs = there.instant(query, scope).await.unwrap();
            assert_eq!(ours.instant_values(), theirs.instant_values(), "{text}");
            same(&json(Ok(ours.to_json())), &json(Ok(theirs.to_json())), false).unwrap();
        }
        for (text, lines, rows) in [("load", 1, 10), ("sum(up) by (gatewayID)", 12, 100), ("nothing", 3, 3)] {
            let query = range(text, now_ms);
            let (most, scope) = (Most { lines, rows }, Scope::Networks(["n1".into(), "n2".into()].into()));
            let ours = here.overview(query.clone(), scope.clone(), most).await.unwrap();
            let theirs = there.overview(query, scope, most).await.unwrap();
            assert_eq!(format!("{theirs:?}"), format!("{ours:?}"), "{text}");
        }
        let times = (now_ms - 30 * MINUTE, now_ms);
        let (all, scope) = (vec![selector("{__name__=~\".+\"}").unwrap()], Scope::network("n1"));
        let ours = here.series(all.clone(), times, scope.clone()).await.unwrap();
        assert_eq!(there.series(all.clone(), times, scope.clone()).await.unwrap(), ours);
        assert_eq!(ours.len(), 2);
        let ours = here.label_names(all.clone(), times, scope.clone()).await.unwrap();
        assert_eq!(there.label_names(all.clone(), times, scope.clone()).await.unwrap(), ours);
        for label in ["__name__", "networkID", "core", "nothing"] {
            let ours = here.label_values(label, all.clone(), times, scope.clone()).await.unwrap();
            let theirs = there.label_values(label, all.clone(), times, scope.clone()).await.unwrap();
            assert_eq!(theirs, ours, "{label}");
        }
        let wrong = there.label_values("../../admin", all, times, scope).await.unwrap_err();
        assert_eq!(wrong.kind, ErrorKind::BadData);
    }
}

/// Answers each connection with one text.
async fn fake(answer: String) -> RemoteEngine {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://user:secret@{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = vec![0; 4096];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    RemoteEngine::new(target(&url))
}

#[tokio::test]
async fn what_is_wrong_with_the_engine_is_told_with_its_name() {
    let http = |status: &str, body: &str| {
        format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
    };
    let error = "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"too fine\"}";
    let large = "x".repeat(33 << 20);
    for (answer, kind, said) in [
        (http("400 Bad Request", error), ErrorKind::BadData, "says: too fine"),
        (http("401 Unauthorized", ""), ErrorKind::Internal, "check its authorization"),
        (http("404 Not Found", "nothing"), ErrorKind::Internal, "answers 404: check its URL"),
        (http("502 Bad Gateway", ""), ErrorKind::Unavailable, "answers 502"),
        (http("200 OK", "<html>"), ErrorKind::Internal, "not Prometheus' JSON"),
        (http("200 OK", &large), ErrorKind::Execution, "more than 32 MiB"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{".to_owned(),
            ErrorKind::Unavailable,
            "does not answer",
        ),
    ] {
        let remote = fake(answer).await;
        let error = remote.instant(&instant("up", 0), &Scope::network("n1")).await.unwrap_err();
        assert_eq!(error.kind, kind, "{error}");
        assert!(error.message.contains(said) && error.message.contains("engine 127.0.0.1:"), "{error}");
        assert!(!error.message.contains("secret") && !format!("{remote:?}").contains("secret"), "{error}");
    }
    let error = RemoteEngine::new(target("http://127.0.0.1:1"));
    let error = error.instant(&instant("up", 0), &Scope::network("n1")).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unavailable, "{error}");
}
