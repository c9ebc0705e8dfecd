//! Every operation is called, by a table: it must succeed with its code, and refuse whom it must.

use crate::cloud::Cloud;
use std::collections::{BTreeMap, BTreeSet};

/// Tables of method, path, status of success, and body.
const OPERATIONS: &[&str] = &[
    include_str!("operations.tsv"),
    include_str!("operations/federation.tsv"),
    include_str!("operations/lte.tsv"),
    include_str!("operations/carrier_wifi.tsv"),
    include_str!("operations/dp.tsv"),
    include_str!("operations/subscribers.tsv"),
    include_str!("operations/metrics.tsv"),
    include_str!("operations/alerts.tsv"),
];

/// What stands for the parts of paths.
const NAMES: &[(&str, &str)] = &[
    ("{tier_id}", "t1"),
    ("{channel_id}", "stable"),
    ("{image_name}", "a"),
    ("{tenant_id}", "1"),
    ("{username}", "ann"),
    ("{token}", "op_shown00"),
    ("{rule_id}", "r1"),
    ("{enodeb_serial}", "e1"),
    ("{apn_name}", "internet"),
    ("{gateway_pool_id}", "pool2"),
    ("{task_id}", "task1"),
    ("{destination_id}", "dest1"),
    ("{base_name}", "b1"),
    ("{ha_pair_id}", "p1"),
    ("{cbsd_id}", "1"),
    ("{sms_pk}", "1"),
    ("{subscriber_id}", "IMSI001010000000001"),
    ("{profile_id}", "q1"),
    ("{rating_group_id}", "7"),
    ("{label_name}", "service"),
    ("{metric}", "load"),
    ("{alert_name}", "have"),
    ("{receiver}", "have"),
];

/// What everybody may try.
const FOR_EVERYBODY: [&str; 3] = ["POST /user/login", "GET /about/setup", "POST /about/setup"];
/// What everybody may ask who is known, about himself.
const OWN: [&str; 3] = ["GET /about/me", "GET /about/me/account", "GET /about/search"];

pub struct Operation {
    pub method: &'static str,
    pub path: &'static str,
    success: &'static str,
    pub body: &'static str,
}

impl Operation {
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// A cloud that has what the path names.
    pub async fn cloud(&self) -> Cloud {
        let cloud = Cloud::new().await;
        if self.path.contains("alert") {
            cloud.add_alerts().await;
        }
        match self.kind() {
            "feg" | "feg_lte" => cloud.add_federation().await,
            "lte" => cloud.add_lte().await,
            "cwf" => cloud.add_carrier_wifi().await,
            "dp" => cloud.add_cbsd().await,
            _ => {}
        }
        if self.has_subscribers() {
            cloud.add_subscribers().await;
        }
        cloud
    }

    fn has_subscribers(&self) -> bool {
        ["/subscriber", "msisdns", "polic", "rating_groups"].iter().any(|part| self.path.contains(part))
    }

    /// Differs from that of an operation whose cloud has something else.
    pub fn fixture(&self) -> (&'static str, bool) {
        (self.kind(), self.has_subscribers())
    }

    /// The first part of the path.
    pub fn kind(&self) -> &'static str {
        self.path.split('/').nth(1).unwrap_or_default()
    }

    /// The path in the network that every [`Cloud::new`] has, or that [`Operation::cloud`] adds.
    pub fn concrete_path(&self) -> String {
        let domain = if self.method == "POST" { "new.test" } else { "a.test" };
        let is_new = self.method == "POST" && self.path.ends_with("/federation");
        let (network, gateway) = match self.kind() {
            "feg" => ("f1", if is_new { "fg2" } else { "fg1" }),
            "feg_lte" => ("fl1", "g1"),
            "cwf" => ("w1", "wg1"),
            _ => ("n1", "g1"),
        };
        let trace = if self.path.ends_with("download") { "tr2" } else { "tr1" };
        let msisdn = if self.method == "POST" { "2" } else { "1" };
        let names = [
            ("{network_id}", network),
            ("{gateway_id}", gateway),
            ("{domain}", domain),
            ("{trace_id}", trace),
            ("{msisdn}", msisdn),
        ];
        let replace = |path: String, (part, name): &(&str, &str)| path.replace(part, name);
        names.iter().chain(NAMES).fold(self.path.to_owned(), replace) + self.query()
    }

    /// The parameters that must be there.
    fn query(&self) -> &'static str {
        match self.path.rsplit('/').next() {
            Some("alert_config") if self.method == "DELETE" => "?alert_name=have",
            Some("alert_receiver") if self.method == "DELETE" => "?receiver=have",
            Some("silence") if self.method == "DELETE" => "?silence_id=have",
            Some("query") => "?query=up",
            Some("search") => "?q=1",
            Some("query_range" | "query_overview") => "?query=up&start=1700000000&end=1700000060",
            _ => "",
        }
    }
}

pub fn operations() -> Vec<Operation> {
    let lines = OPERATIONS.iter().flat_map(|table| table.lines().skip(1));
    lines
        .map(|line| match line.split('\t').collect::<Vec<_>>()[..] {
            [method, path, success, body] => Operation { method, path, success, body },
            _ => panic!("not four columns: {line}"),
        })
        .collect()
}

#[tokio::test]
async fn every_operation_succeeds_with_its_code() {
    let answering: BTreeSet<String> = orc8r_rest::operations()
        .iter()
        .filter(|served| served.answer.is_some())
        .map(|served| format!("{} {}", served.method, served.path))
        .collect();
    // What only looks is asked of one cloud, what changes something of a new one.
    let mut clouds = BTreeMap::new();
    for operation in operations() {
        let place = (operation.fixture(), operation.method);
        if operation.method != "GET" || !clouds.contains_key(&place) {
            clouds.insert(place, operation.cloud().await);
        }
        let cloud = &clouds[&place];
        let reply = cloud.send(operation.method, &operation.concrete_path(), operation.body).await;
        assert_eq!(reply.status.as_str(), operation.success, "{}: {reply:?}", operation.name());
        // What the caller could not know otherwise is told.
        let silent = matches!(operation.success, "201" | "204") && !answering.contains(&operation.name());
        assert!(!silent || reply.text.is_empty(), "{}: no body: {reply:?}", operation.name());
    }
}

#[tokio::test]
async fn every_operation_needs_its_operator() {
    let cloud = Cloud::new().await;
    for operation in
        operations().iter().filter(|operation| !FOR_EVERYBODY.contains(&operation.name().as_str()))
    {
        let path = format!("/magma/v1{}", operation.concrete_path());
        let refusal = if OWN.contains(&operation.name().as_str()) { 200 } else { 403 };
        for (operator, status) in [(None, 401), (Some("stranger"), refusal)] {
            let reply = cloud.ask(operator, operation.method, &path, operation.body).await;
            assert_eq!(reply.status.as_u16(), status, "{} as {operator:?}: {reply:?}", operation.name());
            match status {
                200 if operation.path == "/about/search" => assert_eq!(reply.json(), serde_json::json!([])),
                200 => {
                    let shown = reply.json();
                    assert_eq!(shown["name"], "stranger");
                    assert!(
                        ["networks", "roles", "tokens"].iter().all(|list| is_none_or_empty(&shown[*list]))
                    );
                }
                _ => assert!(!reply.message().is_empty()),
            }
        }
        assert_eq!(cloud.told.take(), [""; 0], "{}: nothing was done", operation.name());
    }
}

/// A stranger is told that he sees nothing.
fn is_none_or_empty(list: &serde_json::Value) -> bool {
    list.is_null() || list.as_array().is_some_and(Vec::is_empty)
}

#[test]
fn every_operation_that_is_served_is_in_the_table() {
    let called: BTreeSet<String> = operations().iter().map(Operation::name).collect();
    let served = orc8r_rest::operations();
    let served = served.iter().map(|operation| format!("{} {}", operation.method, operation.path)).collect();
    assert_eq!(called, served);
}
