//! The routes: which alerts are told to whom, as a tree that one reads; a route is added by a form, all else as JSON.

use super::receivers::{all, place};
use super::severity::Severity;
use super::{Tab, may_not, page, tabs, url};
use crate::failure::Failure;
use crate::said;
use crate::visit::Visit;
use axum::extract::{Form, Path};
use axum::http::Method;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    receiver: String,
    severity: String,
    json: String,
}

async fn tree(visit: &Visit, network: &str) -> Result<Value, Failure> {
    Ok(visit.rest.get(&format!("{}/route", place(network))).await?)
}

pub(super) async fn show(visit: Visit, Path(id): Path<String>) -> Result<Response, Failure> {
    visit.network(&id)?;
    let tree = tree(&visit, &id).await?;
    let text = serde_json::to_string_pretty(&tree).unwrap_or_default();
    show_with(&visit, &id, &tree, &text, None).await
}

async fn show_with(
    visit: &Visit,
    id: &str,
    tree: &Value,
    text: &str,
    problem: Option<&str>,
) -> Result<Response, Failure> {
    let network = visit.network(id)?;
    let receivers = all(visit, id).await?;
    let names: Vec<&str> = receivers.iter().filter_map(|receiver| receiver["name"].as_str()).collect();
    let page = page(visit, network, "Alert routes");
    Ok(page.show(html! {
        (tabs(id, Tab::Routes))
        @if let Some(problem) = problem { p.problem role="alert" { (problem) } }
        p { "An alert goes down the tree: of the routes of a level, the first that it matches takes it." }
        div.tree { (route(tree, true)) }
        @if !network.may_write { (may_not()) } @else {
            section aria-labelledby="add-title" {
                h2 id="add-title" { "Add a route" }
                @if names.is_empty() { p { "There is no receiver yet: " a href=(url(id, "receivers/edit")) { "add one" } " first." } } @else {
                    form.filter method="post" action=(url(id, "routes/add")) {
                        label { "Alerts" select name="severity" {
                            option value="" { "all" }
                            @for name in Severity::NAMES { option value=(name) { "of severity " (name) } }
                        } }
                        label { "are told to" select name="receiver" { @for name in &names { option value=(name) { (name) } } } }
                        button.main type="submit" { "Add" }
                    }
                }
            }
            section aria-labelledby="json-title" {
                h2 id="json-title" { "All of it, as JSON" }
                form.sheet method="post" action=(url(id, "routes")) {
                    label { span.visually-hidden { "Routes" } textarea.json name="json" rows="16" spellcheck="false" { (text) } }
                    div.buttons { button.main type="submit" { "Save" } }
                }
            }
        }
    }))
}

/// A route and what lies below it, in words.
fn route(tree: &Value, is_first: bool) -> Markup {
    let receiver =
        tree["receiver"].as_str().filter(|name| !name.is_empty() && !name.ends_with("_tenant_base_route"));
    let pairs = |field: &str, sign: &str| -> Vec<String> {
        let fields = tree[field].as_object().into_iter().flatten();
        fields
            .filter(|(name, _)| *name != "networkID")
            .map(|(name, value)| format!("{name}{sign}{}", value.as_str().unwrap_or_default()))
            .collect()
    };
    let conditions = [pairs("match", "="), pairs("match_re", "=~")].concat();
    let inner = tree["routes"].as_array().filter(|routes| !routes.is_empty());
    let times = [
        ("group_wait", "first told after"),
        ("group_interval", "news every"),
        ("repeat_interval", "again every"),
    ];
    html! {
        ul { li {
            @if is_first { "Alerts of this network" } @else if conditions.is_empty() { "All others" } @else { "Alerts with " code { (conditions.join(", ")) } }
            " → " @if let Some(receiver) = receiver { strong { (receiver) } } @else if is_first { span.quiet { "nobody" } } @else { span.quiet { "as above" } }
            @if let Some(groups) = tree["group_by"].as_array().filter(|groups| !groups.is_empty()) {
                span.quiet { ", together by " (groups.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")) }
            }
            @for (field, words) in times { @if let Some(time) = tree[field].as_str().filter(|time| !time.is_empty()) { span.quiet { ", " (words) " " (time) } } }
            @if tree["continue"] == true { span.quiet { ", and further down" } }
            @for inner in inner.into_iter().flatten() { (route(inner, false)) }
        } }
    }
}

/// A route more, before those that are there: the first that matches takes an alert.
pub(super) async fn add(
    visit: Visit,
    Path(id): Path<String>,
    Form(wanted): Form<Wanted>,
) -> Result<Response, Failure> {
    visit.network(&id)?;
    let mut tree = tree(&visit, &id).await?;
    let mut route = json!({"receiver": wanted.receiver});
    if !wanted.severity.is_empty() {
        route["match"] = json!({"severity": wanted.severity});
    }
    let mut routes = tree["routes"].as_array().cloned().unwrap_or_default();
    // One for all comes last, so that it takes nothing away from the others.
    let at = if wanted.severity.is_empty() { routes.len() } else { 0 };
    routes.insert(at, route);
    tree["routes"] = Value::Array(routes);
    write(&visit, &id, &tree, None).await
}

pub(super) async fn save(
    visit: Visit,
    Path(id): Path<String>,
    Form(wanted): Form<Wanted>,
) -> Result<Response, Failure> {
    visit.network(&id)?;
    match serde_json::from_str(&wanted.json) {
        Ok(tree) => write(&visit, &id, &tree, Some(&wanted.json)).await,
        Err(error) => {
            let now = tree(&visit, &id).await?;
            show_with(&visit, &id, &now, &wanted.json, Some(&format!("This is no JSON: {error}."))).await
        }
    }
}

async fn write(visit: &Visit, id: &str, wanted: &Value, text: Option<&str>) -> Result<Response, Failure> {
    match visit.rest.send(Method::POST, &format!("{}/route", place(id)), Some(wanted)).await {
        Ok(_) => Ok(said::done(&Tab::Routes.url(id), "The routes are saved.")),
        Err(refusal) => {
            let now = tree(visit, id).await?;
            let own = serde_json::to_string_pretty(wanted).unwrap_or_default();
            show_with(visit, id, &now, text.unwrap_or(&own), Some(&refusal.message)).await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_read_as_sentences() {
        let tree = json!({"receiver": "n1_tenant_base_route", "match": {"networkID": "n1"}, "routes": [
            {"receiver": "ops", "match": {"severity": "critical"}, "group_by": ["alertname"], "repeat_interval": "1h"},
            {"receiver": "mail"},
        ]});
        let text = route(&tree, true).into_string();
        for wanted in [
            "Alerts of this network",
            "nobody",
            "severity=critical",
            "ops",
            "together by alertname",
            "again every 1h",
            "All others",
        ] {
            assert!(text.contains(wanted), "{wanted}: {text}");
        }
    }
}
