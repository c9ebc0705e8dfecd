//! The files of an existing pair of Prometheus and Alertmanager, which evaluate and tell instead of us.
//!
//! One network must not be able to break another's: what either of the two would refuse to load is left out or written as
//! plain text, and each network's rules see, and its routes take, what has its `networkID` alone.

use std::collections::{BTreeMap, BTreeSet};

use orc8r_metrics::promql::{QueryError, restricted_text};
use orc8r_metrics::tsdb::Scope;
use serde_json::{Map, Value, json};
use wire_rest::types::{AlertRoutingTree, PromAlertConfig};

use crate::duration::duration_ms;
use crate::receiver::Receiver;
use crate::template;
use crate::view::base_route;
use crate::yaml;

/// What every file begins with; files without it are not ours to delete.
pub(crate) const MARK: &str =
    "# Written by orc8r: changes are overwritten. Rules and receivers are changed by its REST API.\n";
/// Told of what no network wants to know.
const NOBODY: &str = "nobody";

/// What the files are made of, for one network.
#[derive(Debug, Default)]
pub(crate) struct Documents {
    pub(crate) rules: Vec<PromAlertConfig>,
    pub(crate) receivers: Vec<Receiver>,
    pub(crate) route: Option<AlertRoutingTree>,
}

/// The rule file of a network: one group, each expression restricted to the network. A rule that cannot be is left out,
/// and told of.
pub(crate) fn rule_file(network: &str, rules: &[PromAlertConfig]) -> (String, Vec<(String, QueryError)>) {
    let (mut written, mut left_out) = (Vec::new(), Vec::new());
    for rule in rules {
        match restricted_text(&rule.expr, &Scope::network(network)) {
            Ok(expr) => written.push(rule_body(network, rule, expr)),
            Err(error) => left_out.push((rule.alert.clone(), error)),
        }
    }
    let file = json!({"groups": [{"name": network, "rules": written}]});
    (format!("{MARK}{}", yaml::written(&file)), left_out)
}

fn rule_body(network: &str, rule: &PromAlertConfig, expr: String) -> Value {
    let texts = |texts: &BTreeMap<String, String>| -> BTreeMap<String, String> {
        let texts = texts.iter().filter(|(name, _)| is_label(name));
        texts.map(|(name, text)| (name.clone(), template::for_prometheus(text))).collect()
    };
    let mut labels = texts(&rule.labels);
    labels.retain(|name, _| name != "__name__" && name != "alertname");
    labels.insert("networkID".to_owned(), network.to_owned());
    let mut body = json!({"alert": rule.alert, "expr": expr, "labels": labels});
    if let Some(time) = positive(&rule.r#for) {
        body["for"] = json!(time);
    }
    let annotations = texts(&rule.annotations);
    if !annotations.is_empty() {
        body["annotations"] = json!(annotations);
    }
    body
}

/// The file of an Alertmanager for all networks.
pub(crate) fn alertmanager_file(networks: &BTreeMap<String, Documents>) -> String {
    let (mut routes, mut receivers) = (Vec::new(), vec![json!({"name": NOBODY})]);
    for (network, documents) in networks {
        if documents.route.is_none() && documents.receivers.is_empty() {
            continue;
        }
        let names: BTreeSet<&str> =
            documents.receivers.iter().map(|receiver| receiver.name.as_str()).collect();
        let base = base_route(network);
        let mut tree = documents.route.clone().unwrap_or_else(|| base.clone());
        tree.r#match.insert("networkID".to_owned(), network.clone());
        if !names.contains(tree.receiver.as_str()) {
            base.receiver.clone_into(&mut tree.receiver);
        }
        if let Some(mut route) = route(network, &tree, &names, 0) {
            route.remove("continue");
            routes.push(Value::Object(route));
        }
        receivers.push(json!({"name": base.receiver}));
        receivers.extend(documents.receivers.iter().map(|one| receiver(network, one)));
    }
    let file = json!({"route": {"receiver": NOBODY, "routes": routes}, "receivers": receivers});
    format!("{MARK}{}", yaml::written(&file))
}

/// The name of a network's receiver among those of all: no network's name has a slash.
fn qualified(network: &str, receiver: &str) -> String {
    format!("{network}/{receiver}")
}

/// The name that a receiver has in its network.
pub(crate) fn unqualified<'a>(network: &str, name: &'a str) -> &'a str {
    name.strip_prefix(network).and_then(|rest| rest.strip_prefix('/')).unwrap_or(name)
}

/// None for one that Alertmanager would refuse.
fn route(
    network: &str,
    tree: &AlertRoutingTree,
    names: &BTreeSet<&str>,
    depth: usize,
) -> Option<Map<String, Value>> {
    let conditions = tree.r#match.keys().chain(tree.match_re.keys());
    if depth > crate::routing::DEPTH_MAX || conditions.into_iter().any(|name| !is_label(name)) {
        return None;
    }
    let mut route = Map::new();
    let mut put = |name: &str, value: Value| drop(route.insert(name.to_owned(), value));
    if names.contains(tree.receiver.as_str()) {
        put("receiver", json!(qualified(network, &tree.receiver)));
    } else if depth == 0 {
        put("receiver", json!(tree.receiver));
    }
    for (name, conditions) in [("match", &tree.r#match), ("match_re", &tree.match_re)] {
        if !conditions.is_empty() {
            put(name, json!(conditions));
        }
    }
    let by: BTreeSet<&String> = tree.group_by.iter().filter(|name| is_label(name)).collect();
    if tree.group_by.iter().any(|name| name == "...") {
        put("group_by", json!(["..."]));
    } else if !by.is_empty() {
        put("group_by", json!(by));
    }
    let times = [
        ("group_wait", &tree.group_wait),
        ("group_interval", &tree.group_interval),
        ("repeat_interval", &tree.repeat_interval),
    ];
    for (name, time) in times {
        if let Some(time) = positive(time) {
            put(name, json!(time));
        }
    }
    if tree.r#continue == Some(true) {
        put("continue", json!(true));
    }
    let inner = tree.routes.iter().filter_map(|inner| route_value(network, inner, names, depth + 1));
    let inner: Vec<Value> = inner.collect();
    if !inner.is_empty() {
        put("routes", json!(inner));
    }
    Some(route)
}

fn route_value(
    network: &str,
    tree: &AlertRoutingTree,
    names: &BTreeSet<&str>,
    depth: usize,
) -> Option<Value> {
    route(network, tree, names, depth).map(Value::Object)
}

/// A receiver with the fields that both of us know.
fn receiver(network: &str, receiver: &Receiver) -> Value {
    const SLACK: [&str; 15] = [
        "api_url",
        "channel",
        "username",
        "color",
        "title",
        "title_link",
        "pretext",
        "text",
        "fallback",
        "icon_emoji",
        "icon_url",
        "footer",
        "image_url",
        "thumb_url",
        "callback_id",
    ];
    let list = |list: Vec<Value>| Value::Array(list.into_iter().map(without_empty).collect());
    let all = |one: Value, known: &[&str]| {
        let mut one = one;
        if let Value::Object(fields) = &mut one {
            fields.retain(|name, value| known.contains(&name.as_str()) && value.is_string());
        }
        one
    };
    let slack = receiver.slack_configs.iter().map(|one| all(json!(one), &SLACK)).collect();
    let webhooks = receiver.webhook_configs.iter().map(|one| {
        let mut one = json!(one);
        let config = &mut one["http_config"];
        if config["bearer_token"].as_str().is_some_and(|token| !token.is_empty())
            && let Value::Object(config) = config
        {
            config.remove("basic_auth");
        }
        one
    });
    let pagerduty = receiver.pagerduty_configs.iter().filter_map(|one| {
        let mut one = one.clone();
        if one.routing_key.is_empty() {
            std::mem::swap(&mut one.routing_key, &mut one.service_key);
        }
        one.service_key.clear();
        (!one.routing_key.is_empty()).then(|| json!(one))
    });
    let pushover = receiver.pushover_configs.iter();
    let pushover = pushover.filter(|one| !one.user_key.is_empty() && !one.token.is_empty());
    without_empty(json!({
        "name": qualified(network, &receiver.name),
        "slack_configs": list(slack),
        "webhook_configs": list(webhooks.collect()),
        "email_configs": list(receiver.email_configs.iter().map(|one| json!(one)).collect()),
        "pagerduty_configs": list(pagerduty.collect()),
        "pushover_configs": list(pushover.map(|one| json!(one)).collect()),
    }))
}

/// Without members that say nothing.
fn without_empty(value: Value) -> Value {
    let is_empty = |value: &Value| match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    };
    match value {
        Value::Object(fields) => {
            let fields = fields.into_iter().map(|(name, value)| (name, without_empty(value)));
            Value::Object(fields.filter(|(_, value)| !is_empty(value)).collect())
        }
        other => other,
    }
}

/// A time that is more than nothing.
fn positive(text: &Option<String>) -> Option<&str> {
    text.as_deref().filter(|text| duration_ms(text).is_some_and(|ms| ms > 0))
}

fn is_label(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}
