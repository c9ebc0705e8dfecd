//! `GET /metrics`: what docs/metrics.md promises is there, and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Arc;

use magma_rpc::tls::{ClientTls, TrustAnchors};
use orc8r_alerts::{Evaluations, Outbox, PairSteps, Targets};
use orc8r_logs::{Engine, ExportTarget, Exporter, Intake, Limits};
use orc8r_metrics::remote::{RemoteWrite, Target};
use orc8r_rest::{DoorFigures, DoorsFigures, Measured};

use crate::cloud::Cloud;

/// The names of a family's labels, each with its values.
type Labels = BTreeMap<String, BTreeSet<String>>;

/// A cloud with all that measures itself.
async fn cloud() -> Cloud {
    let cloud = Cloud::new().await;
    let tls = ClientTls::new(&TrustAnchors::usable_of_pem(b""), None).unwrap();
    let target = Target { url: "http://127.0.0.1:1/".into(), tls: tls.clone(), authorization: None };
    let metrics = cloud.metrics().with_remote_write(RemoteWrite::new(target));
    let folder = tempfile::tempdir().unwrap();
    let url = "http://127.0.0.1:1".to_owned();
    let engine = ExportTarget { engine: Engine::Loki, url, authorization: None, tls: tls.clone() };
    let doors = ["gateways", "bootstrap", "rest", "logs", "nodes"].map(|door| DoorFigures {
        door,
        open: 3,
        handshakes: 1,
        given_up: 0,
        refused: [("full", 0), ("address", 0), ("certificate", 0), ("files", 2)],
    });
    let figures = DoorsFigures { doors: doors.to_vec(), accept_failures: 0 };
    let measured = Measured {
        intake: Some(Intake::new(cloud.archives.clone(), Limits::default())),
        exporters: vec![Exporter::new(engine, folder.path())],
        evaluations: Some(Evaluations::default()),
        pair: Some(PairSteps::default()),
        doors: Some(Arc::new(move || figures.clone())),
    };
    cloud.measured(metrics, Outbox::new(tls, Targets::public_and(Vec::new())), measured)
}

async fn page(cloud: &Cloud) -> String {
    let reply = cloud.ask(Some("admin"), "GET", "/metrics", "").await;
    assert_eq!(reply.status, 200);
    reply.text
}

/// The families of a page with their labels; what a histogram or a summary adds to its name is left out.
fn served(page: &str) -> BTreeMap<String, Labels> {
    let mut families: BTreeMap<String, Labels> = BTreeMap::new();
    let mut family = String::new();
    for line in page.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            family = rest.split_once(' ').unwrap().0.to_owned();
            assert!(families.insert(family.clone(), Labels::new()).is_none(), "{family} twice");
        } else if !line.starts_with('#') {
            let (series, value) = line.rsplit_once(' ').unwrap();
            assert!(value.parse::<f64>().is_ok_and(f64::is_finite), "{line}");
            let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
            assert!(name.starts_with(&family), "{line}");
            for label in labels.trim_end_matches('}').split(',').filter(|label| !label.is_empty()) {
                let (name, value) = label.split_once('=').unwrap();
                let of_family = families.get_mut(&family).unwrap();
                of_family.entry(name.to_owned()).or_default().insert(value.trim_matches('"').to_owned());
            }
        }
    }
    families.values_mut().for_each(|labels| drop(labels.remove("le")));
    families
}

/// The families of the document, each with its line and the names of its labels.
fn documented() -> BTreeMap<String, (String, BTreeSet<String>)> {
    let text = include_str!("../../../../docs/metrics.md");
    let rows = text.lines().filter(|line| line.starts_with("| `orc8r_"));
    let families = rows.flat_map(|line| {
        let names = line.split('|').nth(1).unwrap().split('`').filter(|name| name.starts_with("orc8r_"));
        names.map(move |name| {
            let (name, labels) = name.split_once('{').unwrap_or((name, ""));
            let labels = labels.trim_end_matches('}').split(',').filter(|label| !label.is_empty());
            (name.to_owned(), (line.to_owned(), labels.map(str::to_owned).collect()))
        })
    });
    families.collect()
}

#[tokio::test]
async fn the_document_lists_what_is_served_with_its_labels_and_their_values() {
    let cloud = cloud().await;
    let (served, documented) = (served(&page(&cloud).await), documented());
    let names = |names: Vec<&String>| names.into_iter().cloned().collect::<Vec<_>>();
    assert_eq!(names(served.keys().collect()), names(documented.keys().collect()));
    for (name, labels) in served {
        let (line, named) = &documented[&name];
        assert_eq!(&labels.keys().cloned().collect::<BTreeSet<_>>(), named, "{name}");
        for value in labels.values().flatten() {
            assert!(line.contains(&format!("`{value}`")), "{name} has {value}, which its row does not say");
        }
    }
}

#[tokio::test]
async fn prometheus_finds_nothing_wrong_with_the_page() {
    let page = page(&cloud().await).await;
    let mut command = Command::new("promtool");
    command.args(["check", "metrics"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let Ok(mut promtool) = command.spawn() else {
        println!("skipped: promtool is not installed");
        return;
    };
    promtool.stdin.take().unwrap().write_all(page.as_bytes()).unwrap();
    let output = promtool.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success() && said.is_empty(), "{}\n{page}", String::from_utf8_lossy(&said));
}

#[tokio::test]
async fn what_is_asked_of_the_orchestrator_shows_in_its_metrics() {
    let cloud = cloud().await;
    let value = |page: &str, series: &str| -> f64 {
        let line = page.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("no {series} in {page}")).parse().unwrap()
    };
    let before = page(&cloud).await;
    assert_eq!(cloud.get("/networks/n1/prometheus/query?query=up").await.status, 200);
    assert_eq!(cloud.get("/networks/n1/prometheus/query?query=sum(").await.status, 400);
    let after = page(&cloud).await;
    for (series, more) in [
        ("orc8r_metrics_queries_total{kind=\"instant\",outcome=\"answered\"}", 1.0),
        ("orc8r_metrics_queries_total{kind=\"instant\",outcome=\"refused\"}", 1.0),
        ("orc8r_metrics_queries_total{kind=\"range\",outcome=\"answered\"}", 0.0),
        ("orc8r_metrics_query_seconds_count{kind=\"instant\"}", 2.0),
        ("orc8r_store_operations_total{kind=\"write\",outcome=\"failed\"}", 0.0),
    ] {
        assert_eq!(value(&after, series) - value(&before, series), more, "{series}");
    }
    assert!(value(&after, "orc8r_store_operations_total{kind=\"write\",outcome=\"answered\"}") > 0.0);
    assert!(value(&after, "orc8r_store_commit_seconds_count") > 0.0);
    assert!(value(&after, "orc8r_store_commit_seconds_bucket{le=\"+Inf\"}") > 0.0);
}

#[tokio::test]
async fn what_is_not_there_is_not_shown() {
    let page = page(&Cloud::new().await.silent()).await;
    for part in ["orc8r_export_", "orc8r_remote_write_", "orc8r_alert", "orc8r_log_", "orc8r_connections"] {
        assert!(!page.contains(part), "{part}");
    }
    assert!(page.contains("orc8r_store_") && page.contains("orc8r_archive_bytes"), "{page}");
}
