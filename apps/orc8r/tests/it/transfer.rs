//! `orc8r export` and `orc8r import`, as programs, between Orchestrators over TLS.

mod existing;

use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};
use tokio::process::Command;
use tokio::time::timeout;

use crate::edge::{Edge, LIMIT};

const ORC8R: &str = env!("CARGO_BIN_EXE_orc8r");
/// Calls that configure something of each kind.
const CONFIGURED: &str = include_str!("transfer/configured.tsv");

/// An Orchestrator in which everything is configured that can be.
async fn configured() -> Edge {
    let edge = Edge::start().await;
    for line in CONFIGURED.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let body = fields.get(2).map(|body| serde_json::from_str(body).unwrap());
        edge.rest(fields[0], fields[1], body).await;
    }
    edge
}

/// Runs the program; the answer is whether it succeeded, its output, and what it says besides.
async fn run(arguments: &[&str]) -> (bool, String, String) {
    let child = Command::new(ORC8R).args(arguments).kill_on_drop(true).output();
    let Output { status, stdout, stderr } = timeout(LIMIT, child).await.unwrap().unwrap();
    (status.success(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

fn url(edge: &Edge) -> String {
    format!("https://localhost:{}", edge.running.addresses().rest.port())
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

async fn export(edge: &Edge, flags: &[&str]) -> String {
    let (url, folder) = (url(edge), edge.data.path());
    let arguments = [&["export", "--url", &url, "--data-dir", text(folder)], flags].concat();
    let (done, file, said) = run(&arguments).await;
    assert!(done, "{said}");
    file
}

async fn import(edge: &Edge, file: &Path, flags: &[&str]) -> (bool, String) {
    let (url, folder) = (url(edge), edge.data.path());
    let arguments = [&["import", text(file), "--to", &url, "--data-dir", text(folder)], flags].concat();
    let (done, report, said) = run(&arguments).await;
    (done, if report.is_empty() { said } else { report })
}

/// The last line of a report: created, changed, as it was, refused.
fn totals(report: &str) -> Vec<usize> {
    let line = report.lines().find(|line| line.starts_with("together")).unwrap_or_else(|| panic!("{report}"));
    line.split_whitespace().skip(1).map(|count| count.parse().unwrap()).collect()
}

#[tokio::test]
async fn what_is_exported_and_imported_is_the_same_again() {
    let (source, target) = (configured().await, Edge::start().await);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("export.json");
    let (url, data) = (url(&source), source.data.path());
    let (done, _, said) =
        run(&["export", "--url", &url, "--data-dir", text(data), "--with-keys", "-o", text(&file)]).await;
    assert!(done, "{said}");
    let exported = std::fs::read_to_string(&file).unwrap();
    let count = serde_json::from_str::<Value>(&exported).unwrap()["objects"].as_array().unwrap().len();
    let each_kind = CONFIGURED.lines().filter(|line| !line.contains("/subscriber_config\t")).count();
    assert!(count >= each_kind, "{count} of {each_kind}: {exported}");

    let (done, report) = import(&target, &file, &["--dry-run"]).await;
    assert!(done && totals(&report)[0] == count, "{report}");
    assert!(report.contains("would create   /lte/n1/subscribers/IMSI001010000000001\n"), "{report}");
    assert_eq!(target.rest("GET", "/networks", None).await, json!([]), "a dry run writes nothing");

    let (done, report) = import(&target, &file, &[]).await;
    assert!(done && !report.contains("kept otherwise"), "{report}");
    // Alert rules that came with the networks are there already.
    let [created, changed, unchanged, refused] = totals(&report)[..] else { panic!("{report}") };
    assert_eq!((created + unchanged, changed, refused), (count, 0, 0), "{report}");
    assert!(created >= each_kind, "{report}");
    assert_eq!(export(&target, &["--with-keys"]).await, exported, "{report}");

    let (done, report) = import(&target, &file, &[]).await;
    assert!(done, "{report}");
    assert_eq!(totals(&report), [0, 0, count, 0], "{report}");

    // What somebody changed since comes back, and nothing else is touched.
    target.rest("PUT", "/lte/n1/name", Some(json!("Another"))).await;
    target.rest("PUT", "/networks/n1/tiers/t1/version", Some(json!("9.9.9-9"))).await;
    target.rest("DELETE", "/lte/n1/subscribers/IMSI001010000000003", None).await;
    target
        .rest(
            "PUT",
            "/networks/n1/policies/rules/r1",
            Some(json!({"id": "r1", "priority": 99, "flow_list": [],
        "assigned_subscribers": ["IMSI001010000000001"]})),
        )
        .await;
    let (done, report) = import(&target, &file, &["--dry-run"]).await;
    assert!(done && report.contains("would change   /lte/n1 (name is different)"), "{report}");
    let (done, report) = import(&target, &file, &[]).await;
    assert!(done, "{report}");
    assert_eq!(totals(&report), [1, 3, count - 4, 0], "{report}");
    assert_eq!(export(&target, &["--with-keys"]).await, exported);
    let tier = target.rest("GET", "/networks/n1/tiers/t1", None).await;
    assert_eq!(tier["gateways"], json!(["bare", "g1", "g2"]), "what a tier's gateways say stays");
    source.running.shutdown().await;
    target.running.shutdown().await;
}

#[tokio::test]
async fn without_keys_a_file_has_none_and_changes_none() {
    let (source, target) = (configured().await, Edge::start().await);
    let folder = tempfile::tempdir().unwrap();
    let (bare, full) = (folder.path().join("bare.json"), folder.path().join("full.json"));
    std::fs::write(&bare, export(&source, &[]).await).unwrap();
    std::fs::write(&full, export(&source, &["--with-keys"]).await).unwrap();
    let text = std::fs::read_to_string(&bare).unwrap();
    assert!(!text.contains("AAECAwQFBgcICQoLDA0ODw=="), "{text}");
    assert!(text.contains("\"password\":\"not one\""), "an annotation of that name is no secret: {text}");

    let (done, report) = import(&target, &bare, &[]).await;
    assert!(
        !done && report.contains("its network n1 was refused") || report.contains("--with-keys"),
        "{report}"
    );
    assert!(
        report.contains("/lte/n1: its home_network_private_key was left out: export it with --with-keys"),
        "{report}"
    );
    let (done, report) = import(&target, &full, &[]).await;
    assert!(done, "{report}");
    // Now everything is there, and keys that are left out count as what is there.
    let (done, report) = import(&target, &bare, &[]).await;
    assert!(done && totals(&report)[..2] == [0, 0], "{report}");
    let edited = text.replace("\"name\":\"S1\"", "\"name\":\"Renamed\"");
    std::fs::write(&bare, edited).unwrap();
    let (done, report) = import(&target, &bare, &[]).await;
    assert!(done && totals(&report)[1] == 1, "{report}");
    let subscriber = target.rest("GET", "/lte/n1/subscribers/IMSI001010000000001", None).await;
    assert_eq!(subscriber["name"], "Renamed");
    assert_eq!(subscriber["lte"]["auth_key"], "AAECAwQFBgcICQoLDA0ODw==");
    source.running.shutdown().await;
    target.running.shutdown().await;
}

#[tokio::test]
async fn what_a_file_has_and_our_rules_refuse_is_told_by_path_and_reason() {
    let target = Edge::start().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("edited.json");
    let object = |path: &str, body: Value| json!({"path": path, "body": body});
    let subscriber = |id: &str, apns: Value| {
        let lte = json!({"state": "ACTIVE", "auth_algo": "MILENAGE", "auth_key": "AAECAwQFBgcICQoLDA0ODw==",
            "sub_profile": "default"});
        object(
            &format!("/lte/n1/subscribers/{id}"),
            json!({"id": id, "lte": lte, "active_apns": apns, "of_a_fork": 1}),
        )
    };
    let network: Value = CONFIGURED
        .lines()
        .find_map(|line| line.strip_prefix("POST\t/lte\t"))
        .map(|body| serde_json::from_str(body).unwrap())
        .unwrap();
    let objects = json!([
        object("/lte/n1", network),
        object("/lte/n2", json!({"id": "n2"})),
        object("/lte/n2/apns/a", json!({"apn_name": "a"})),
        object("/unheard/of", json!({})),
        subscriber("IMSI001010000000001", json!([])),
        subscriber("IMSI001010000000002", json!(["none"])),
        subscriber("IMSI001010000000003", json!([])),
        subscriber("IMSI4", json!([])),
    ]);
    let text = json!({"format": "magma-orchestrator", "version": 1, "keys": "included", "objects": objects,
        "unread": [{"path": "/tenants", "reason": "500: no"}]});
    std::fs::write(&file, text.to_string()).unwrap();
    let (done, report) = import(&target, &file, &[]).await;
    assert!(!done);
    for expected in [
        "refused        /unheard/of: this orc8r knows nothing at such a path\n",
        "refused        /lte/n2: name in body is required; description in body is required; cellular in body",
        "refused        /lte/n2/apns/a: ",
        "refused        /lte/n1/subscribers/IMSI001010000000002: 4",
        "refused        /lte/n1/subscribers/IMSI4: id in body should match",
        "not read       /tenants: 500: no\n",
        "note           of_a_fork of a subscriber is not in this Orchestrator's contract and is not kept (4 of them",
    ] {
        assert!(report.contains(expected), "{expected} in {report}");
    }
    assert_eq!(totals(&report), [3, 0, 0, 5], "those that are right are there: {report}");
    let (done, document) = import(&target, &file, &["--json"]).await;
    let document: Value = serde_json::from_str(&document).unwrap();
    let kept = json!({"created": 0, "changed": 0, "unchanged": 3, "refused": 5});
    assert!(!done && document["total"] == kept && document["complete"] == false, "{document}");
    assert_eq!(document["refused"].as_array().unwrap().len(), 5, "{document}");
    target.running.shutdown().await;
}

#[tokio::test]
async fn who_may_not_or_cannot_is_told_why() {
    let edge = Edge::start().await;
    let folder = tempfile::tempdir().unwrap();
    let (address, data) = (url(&edge), text(edge.data.path()));
    let certs = edge.certificates();
    let file = |name: &str| certs.join(name).to_str().unwrap().to_owned();
    let (root, admin, admin_key) =
        (file("rootCA.pem"), file("admin_operator.pem"), file("admin_operator.key.pem"));
    let empty = text(folder.path());
    let token = folder.path().join("token");
    std::fs::write(&token, "ann:op_0000\n").unwrap();
    let rows: &[(&[&str], &str)] = &[
        (&["export", "--url", &address, "--data-dir", empty], "Give --cert and --key, or --token-file"),
        (
            &["export", "--url", &address, "--data-dir", empty, "--cert", &admin, "--key", &admin_key],
            "the certificate of localhost is not accepted",
        ),
        (&["export", "--url", "http://localhost:1", "--data-dir", data], "begins with https://"),
        (
            &["export", "--url", &address, "--data-dir", empty, "--ca", &root, "--token-file", text(&token)],
            "401: GET /networks",
        ),
        (&["export", "--url", &address, "--data-dir", data, "-o", &root], "File exists"),
        (&["import", &root, "--to", &address, "--data-dir", data], "no file that `orc8r export` wrote"),
        (&["import", "--from", &address, "--to", &address, "--data-dir", data], "who calls"),
        (&["import"], "required arguments were not provided"),
    ];
    for (arguments, expected) in rows {
        let (done, out, said) = run(arguments).await;
        assert!(!done && out.is_empty() && said.contains(expected), "{arguments:?}: {said}");
    }
    edge.running.shutdown().await;
}
