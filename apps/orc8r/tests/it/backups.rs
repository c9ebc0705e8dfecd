//! Backup and restore by the program's commands, from either database into either.

use std::path::Path;
use std::process::Command;

use orc8r::DataFolder;
use orc8r_store::testing;
use serde_json::json;
use tempfile::TempDir;

use crate::edge::{Edge, echo_device};

const ORC8R: &str = env!("CARGO_BIN_EXE_orc8r");

fn orc8r(data: &Path, command: &str, arguments: &[&str]) -> (bool, String) {
    let output =
        Command::new(ORC8R).arg(command).arg("--data-dir").arg(data).args(arguments).output().unwrap();
    (output.status.success(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
}

/// A data folder for one kind of database; `None` when there is no such kind here.
fn folder(on_server: bool) -> Option<TempDir> {
    let folder = tempfile::tempdir().unwrap();
    if on_server {
        std::fs::write(folder.path().join("database.url"), testing::postgres_database().unwrap()?).unwrap();
    }
    Some(folder)
}

#[tokio::test]
async fn an_orchestrator_comes_back_from_a_backup_on_either_kind_of_database() {
    for (from_server, to_server) in [(false, false), (false, true), (true, false), (true, true)] {
        let name = format!("{from_server} {to_server}");
        let (Some(from), Some(to)) = (folder(from_server), folder(to_server)) else { continue };
        let edge = Edge::start_again_in(from).await;
        edge.make_gateways(&[("g1", echo_device("hw1"))]).await;
        let file = edge.data.path().join("backup.orc8r");
        let file = file.to_str().unwrap();
        let (done, text) = orc8r(edge.data.path(), "backup", &[file]);
        assert!(done && text.contains("keep it like a key"), "{name}: {text}");
        let (done, text) = orc8r(edge.data.path(), "backup", &[file]);
        assert!(!done && text.contains("exists"), "{name}: {text}");
        edge.rest("DELETE", "/networks/n1/gateways/g1", None).await;
        let former = edge.admin();
        let (done, text) = orc8r(edge.data.path(), "restore", &["--overwrite", file]);
        assert!(!done && text.contains("stop the Orchestrator first"), "{name}: {text}");
        edge.running.shutdown().await;

        let (done, text) = orc8r(to.path(), "restore", &[file]);
        assert!(done && text.contains("restored"), "{name}: {text}");
        let (done, text) = orc8r(to.path(), "restore", &[file]);
        assert!(!done && text.contains("--overwrite"), "{name}: {text}");
        let restored = Edge::start_again_in(to).await;
        let (status, gateways) = restored.rest_as(&former, "GET", "/networks/n1/gateways", None).await;
        assert_eq!(status, 200, "{name}: the administrator's certificate is accepted: {gateways}");
        assert!(gateways.to_string().contains("hw1"), "{name}: what was deleted after the backup is back");
        restored.rest("DELETE", "/networks/n1/gateways/g1", None).await;
        let to = restored.data;
        restored.running.shutdown().await;
        let (done, text) = orc8r(to.path(), "restore", &["--overwrite", file]);
        assert!(done, "{name}: {text}");
        let again = Edge::start_again_in(to).await;
        let gateways = again.rest("GET", "/networks/n1/gateways", None).await;
        assert!(gateways.to_string().contains("hw1"), "{name}: {gateways}");
        again.running.shutdown().await;
    }
}

#[test]
fn what_is_no_backup_leaves_nothing_behind() {
    let place = tempfile::tempdir().unwrap();
    std::fs::write(place.path().join("words"), "no backup").unwrap();
    for file in ["none", "words"] {
        let data = place.path().join("data");
        let (done, text) = orc8r(&data, "restore", &[place.path().join(file).to_str().unwrap()]);
        assert!(!done && text.contains("cannot read this backup"), "{file}: {text}");
        assert!(!data.exists(), "{file}: no folder is made for it");
    }
}

#[tokio::test]
async fn a_restore_that_was_cut_short_is_carried_out_at_the_next_start() {
    let data = folder(false).unwrap();
    let edge = Edge::start_again_in(data).await;
    let network = json!({
        "id": "kept", "name": "kept", "description": "of a test",
        "dns": {"enable_caching": false, "local_ttl": 0},
    });
    edge.rest("POST", "/networks", Some(network)).await;
    let (_, data) = (edge.running.shutdown().await, edge.data);
    // As a restore leaves it that the power ended right after it was decided.
    let database = DataFolder::at(data.path()).database();
    let staged = data.path().join("orc8r.db.restoring");
    std::fs::rename(&database, &staged).unwrap();
    std::fs::write(&database, "another database, which is to be replaced").unwrap();
    let journal = format!("{}\t{}\n", staged.display(), database.display());
    std::fs::write(data.path().join("restore.journal"), journal).unwrap();
    let output = Command::new(ORC8R).args(["certs", "list", "--data-dir"]).arg(data.path()).output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && text.contains("a restore was interrupted"), "{text}");
    let edge = Edge::start_again_in(data).await;
    assert_eq!(edge.rest("GET", "/networks", None).await, json!(["kept"]));
    edge.running.shutdown().await;
}
