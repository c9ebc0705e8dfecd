//! Every operation is called, by a table: it must succeed with its code, and refuse whom it must.

use crate::cloud::Cloud;
use std::collections::BTreeSet;

const OPERATIONS: &str = include_str!("operations.tsv");

struct Operation {
    method: &'static str,
    path: &'static str,
    success: &'static str,
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
        path.replace("{channel_id}", "stable")
            .replace("{domain}", domain)
            .replace("{image_name}", "a")
            .replace("{tenant_id}", "1")
    }
}

fn operations() -> Vec<Operation> {
    let lines = OPERATIONS.lines().skip(1);
    lines
        .map(|line| match line.split('\t').collect::<Vec<_>>()[..] {
            [method, path, success, body] => Operation { method, path, success, body },
            _ => panic!("not four columns: {line}"),
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
fn every_operation_that_is_served_is_in_the_table() {
    let called: BTreeSet<String> = operations().iter().map(Operation::name).collect();
    let served = orc8r_rest::operations();
    let served = served.iter().map(|operation| format!("{} {}", operation.method, operation.path)).collect();
    assert_eq!(called, served);
}
