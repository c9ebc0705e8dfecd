//! What is wrong with a document of alerts.

use orc8r_metrics::promql;
use regex::Regex;
use serde_json::Value;
use wire_rest::types::{AlertRoutingTree, PromAlertConfig};

use crate::duration::duration_ms;
use crate::machine::Rule;
use crate::receiver::Receiver;
use crate::routing::DEPTH_MAX;

/// A rule as it is evaluated.
///
/// # Errors
/// What is wrong with it, for the one who wrote it.
pub fn rule(body: &PromAlertConfig) -> Result<Rule, String> {
    if body.alert.trim().is_empty() {
        return Err("alert must not be empty".to_owned());
    }
    promql::parse(&body.expr).map_err(|error| format!("expr: {error}"))?;
    let text = body.r#for.as_deref().unwrap_or_default();
    let for_ms = duration_ms(text).ok_or_else(|| format!("for: {text:?} is no duration, such as 5m"))?;
    for name in body.labels.keys().chain(body.annotations.keys()) {
        let is_label = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
        if !is_label {
            return Err(format!("{name:?} is no name of a label or annotation"));
        }
    }
    Ok(Rule {
        name: body.alert.clone(),
        expression: body.expr.clone(),
        for_ms,
        labels: body.labels.clone(),
        annotations: body.annotations.clone(),
    })
}

/// A receiver as it is used.
///
/// # Errors
/// What is wrong with it.
pub fn receiver(body: &Value) -> Result<Receiver, String> {
    let receiver: Receiver = serde_json::from_value(body.clone()).map_err(|error| error.to_string())?;
    if receiver.name.trim().is_empty() {
        return Err("name must not be empty".to_owned());
    }
    let urls = receiver.webhook_configs.iter().map(|webhook| ("url", &webhook.url));
    let urls = urls.chain(receiver.slack_configs.iter().map(|slack| ("api_url", &slack.api_url)));
    let urls = urls.chain(receiver.pagerduty_configs.iter().filter_map(|to| Some(("url", to.url.as_ref()?))));
    for (field, url) in urls {
        if !url.starts_with("http://") && !url.starts_with("https://") {
            return Err(format!("{field} must begin with http:// or https://"));
        }
    }
    for email in &receiver.email_configs {
        crate::smtp::smarthost(&email.smarthost)?;
        for address in [&email.to, &email.from] {
            crate::smtp::addresses(address)?;
        }
    }
    Ok(receiver)
}

/// A tree of routes, of which all receivers are known.
///
/// # Errors
/// What is wrong with it.
pub fn route(tree: &AlertRoutingTree, receivers: &[String], base: &str) -> Result<(), String> {
    check_route(tree, receivers, base, 0)
}

fn check_route(
    route: &AlertRoutingTree,
    receivers: &[String],
    base: &str,
    depth: usize,
) -> Result<(), String> {
    if depth > DEPTH_MAX {
        return Err(format!("routes may be {DEPTH_MAX} levels deep"));
    }
    let name = &route.receiver;
    if !name.is_empty() && name != base && !receivers.contains(name) {
        return Err(format!("there is no receiver {name:?}: make it first"));
    }
    for time in [&route.group_wait, &route.group_interval, &route.repeat_interval].into_iter().flatten() {
        duration_ms(time).ok_or_else(|| format!("{time:?} is no duration, such as 5m"))?;
    }
    for expression in route.match_re.values() {
        Regex::new(&format!("^(?:{expression})$"))
            .map_err(|_| format!("{expression:?} is no regular expression"))?;
    }
    route.routes.iter().try_for_each(|inner| check_route(inner, receivers, base, depth + 1))
}

/// Whether a tree names a receiver.
pub fn uses(route: &AlertRoutingTree, receiver: &str) -> bool {
    route.receiver == receiver || route.routes.iter().any(|inner| uses(inner, receiver))
}
