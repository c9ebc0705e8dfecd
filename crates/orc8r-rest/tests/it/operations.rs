//! The table of what this crate serves: each operation is called and must succeed as the table says, and the table is
//! held against Magma's published contract where that is at hand.

use crate::cloud::Cloud;
use std::collections::BTreeSet;
use std::path::PathBuf;

const OPERATIONS: &str = include_str!("operations.tsv");

/// Operations of Magma's orchestrator service that need logs, which this program does not keep yet.
const NOT_YET: [&str; 2] =
    ["GET /networks/{network_id}/logs/search", "GET /networks/{network_id}/logs/count"];

struct Operation {
    method: &'static str,
    path: &'static str,
    success: &'static str,
    /// Whether the published contract has it; Magma's code serves some that it has not.
    documented: bool,
    body: &'static str,
}

impl Operation {
    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The path in the network that every [`Cloud::new`] has.
    fn concrete_path(&self) -> String {
        let domain = if self.method == "POST" { "new.test" } else { "a.test" };
        let path =
            self.path.replace("{network_id}", "n1").replace("{gateway_id}", "g1").replace("{tier_id}", "t1");
        path.replace("{channel_id}", "stable").replace("{domain}", domain).replace("{image_name}", "a")
    }
}

fn operations() -> Vec<Operation> {
    let lines = OPERATIONS.lines().skip(1);
    lines
        .map(|line| match line.split('\t').collect::<Vec<_>>()[..] {
            [method, path, success, documented, body] => {
                Operation { method, path, success, documented: documented == "yes", body }
            }
            _ => panic!("not five columns: {line}"),
        })
        .collect()
}

#[tokio::test]
async fn every_operation_succeeds_with_its_code() {
    for operation in operations() {
        let cloud = Cloud::new().await;
        let reply = cloud.send(operation.method, &operation.concrete_path(), operation.body).await;
        assert_eq!(reply.status.as_str(), operation.success, "{}: {reply:?}", operation.name());
        let silent = matches!(operation.success, "201" | "204");
        assert!(!silent || reply.text.is_empty(), "{}: no body: {reply:?}", operation.name());
    }
}

#[tokio::test]
async fn every_operation_needs_its_operator() {
    for operation in operations() {
        let cloud = Cloud::new().await;
        let path = format!("/magma/v1{}", operation.concrete_path());
        for (operator, status) in [(None, 401), (Some("stranger"), 403)] {
            let reply = cloud.ask(operator, operation.method, &path, operation.body).await;
            assert_eq!(reply.status.as_u16(), status, "{} as {operator:?}: {reply:?}", operation.name());
            assert!(!reply.message().is_empty());
        }
        assert_eq!(cloud.told.take(), [""; 0], "{}: nothing was done", operation.name());
    }
}

#[test]
fn the_table_is_the_published_contract() {
    let shared = std::env::var_os("MAGMA_SHARED").map(PathBuf::from);
    let shared = shared.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"));
    let Ok(contract) = std::fs::read_to_string(shared.join("rest/paths.tsv")) else {
        println!("skipped: no published contract at hand (set MAGMA_SHARED)");
        return;
    };
    let published: BTreeSet<String> = contract.lines().filter_map(published).collect();
    let served: BTreeSet<String> = operations()
        .iter()
        .filter(|operation| operation.documented)
        .map(|operation| format!("{} {}", operation.name(), operation.success))
        .collect();
    assert!(!published.is_empty());
    let missing: Vec<_> = published
        .difference(&served)
        .filter(|name| !NOT_YET.iter().any(|not| name.starts_with(not)))
        .collect();
    let invented: Vec<_> = served.difference(&published).collect();
    assert!(missing.is_empty() && invented.is_empty(), "missing: {missing:?}; invented: {invented:?}");
    for operation in operations().iter().filter(|operation| !operation.documented) {
        let documented = published.iter().any(|name| name.starts_with(&format!("{} ", operation.name())));
        assert!(!documented, "{} is in the contract", operation.name());
    }
}

/// `METHOD path code` of a row of the contract, if it is one of the orchestrator service.
fn published(row: &str) -> Option<String> {
    let columns: Vec<_> = row.split('\t').collect();
    let [service, method, path, _, _, responses, ..] = columns[..] else { return None };
    let success = responses.split_once('=')?.0;
    service.contains("/services/orchestrator/").then(|| format!("{method} {path} {success}"))
}
