//! The rules: what is looked at, and what each has found.

use super::severity::{Severity, severity};
use super::{Tab, page, tabs, url, url_with};
use crate::failure::Failure;
use crate::metrics::now_s;
use crate::rest::path;
use crate::said;
use crate::view::matrix;
use crate::view::status::{Health, status, worded};
use crate::view::table::ListUrl;
use crate::visit::Visit;
use axum::extract::{Path, Query};
use axum::http::Method;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A rule as the API has it.
#[derive(Debug, Clone, Default, Deserialize, PartialEq, Eq)]
#[serde(default)]
pub(super) struct Rule {
    pub(super) alert: String,
    pub(super) expr: String,
    #[serde(rename = "for")]
    pub(super) lasts: Option<String>,
    pub(super) labels: BTreeMap<String, String>,
    pub(super) annotations: BTreeMap<String, String>,
}

impl Rule {
    pub(super) fn severity(&self) -> &str {
        self.labels.get("severity").map(String::as_str).unwrap_or_default()
    }
}

/// Where the API has them.
pub(super) fn place(network: &str) -> String {
    path(&["networks", network, "prometheus", "alert_config"])
}

/// How many alerts of a rule are in each state.
type States = BTreeMap<(String, String), f64>;

pub(super) async fn show(
    visit: Visit,
    Path(id): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    let network = visit.network(&id)?;
    let url_here = ListUrl::new(url(&id, "rules"), &query);
    let place = place(&id);
    let states = matrix::at(&visit.rest, &id, "count by (alertname, alertstate) (ALERTS)", now_s());
    let (rules, states) = tokio::join!(visit.rest.get::<Vec<Rule>>(&place), states);
    let mut rules = rules?;
    let text = url_here.value("q").to_lowercase();
    let total = rules.len();
    rules.retain(|rule| {
        format!("{} {} {}", rule.alert, rule.expr, rule.severity()).to_lowercase().contains(&text)
    });
    rules.sort_by(|one, other| {
        (Severity::of(one.severity()), &one.alert).cmp(&(Severity::of(other.severity()), &other.alert))
    });
    let states: Option<States> = states.ok().map(|series| {
        let label = |name: &str, of: &matrix::Series| of.labels.get(name).cloned().unwrap_or_default();
        series
            .iter()
            .map(|one| ((label("alertname", one), label("alertstate", one)), one.known().sum()))
            .collect()
    });
    let mut page = page(&visit, network, "Alert rules");
    let list = page.live("rules", &list(&id, (&rules, total), states.as_ref()));
    Ok(page.show(html! {
        (tabs(&id, Tab::Rules))
        @if network.may_write {
            div.buttons {
                a.button.main href=(url(&id, "rules/edit")) { "Add a rule" }
                form method="post" action=(url(&id, "rules/predefined")) { button type="submit" { "Bring predefined rules back" } }
            }
        }
        form.filter method="get" role="search" aria-label="Filter rules" hx-get="" hx-target="#rules" hx-select="#rules"
            hx-swap="outerHTML" hx-push-url="true" hx-trigger="input delay:200ms, submit" {
            label { "Find" input type="search" name="q" value=(url_here.value("q")) placeholder="name, condition or severity"; }
            noscript { button type="submit" { "Filter" } }
        }
        (list)
    }))
}

fn list(network: &str, (rules, total): (&[Rule], usize), states: Option<&States>) -> Markup {
    if rules.is_empty() {
        return html! {
            div.empty {
                @if total == 0 {
                    p.lead { "This network has no rules: nothing is looked at." }
                    p { "Add one, or bring the predefined rules back." }
                } @else { p.lead { "None of the " (total) " rules is like this." } }
            }
        };
    }
    html! {
        div.scroll { table.list {
            thead { tr { @for title in ["State", "Severity", "Rule", "Condition", "For"] { th scope="col" { (title) } } } }
            tbody { @for rule in rules {
                tr {
                    td { (state(&rule.alert, states)) }
                    td { (severity(rule.severity())) }
                    td { a.row href=(url_with(network, "rules/edit", "name", &rule.alert)) { (rule.alert) } }
                    td { code { (rule.expr) } }
                    td { (rule.lasts.as_deref().filter(|text| !text.is_empty()).unwrap_or("at once")) }
                }
            } }
        } }
        p.quiet { (rules.len()) " of " (total) " rules." }
    }
}

/// What a rule has found; without an answer nobody knows.
fn state(name: &str, states: Option<&States>) -> Markup {
    let Some(states) = states else { return status(Health::Unknown, "metrics do not answer") };
    let count = |state: &str| states.get(&(name.to_owned(), state.to_owned())).copied().unwrap_or_default();
    match (count("firing"), count("pending")) {
        (firing, _) if firing > 0.0 => worded(Health::Down, &format!("Firing {firing}")),
        (_, pending) if pending > 0.0 => worded(Health::Pending, &format!("Pending {pending}")),
        _ => worded(Health::Ok, "Quiet"),
    }
}

/// Brings those back that were changed or deleted.
pub(super) async fn put_predefined(visit: Visit, Path(id): Path<String>) -> Result<Response, Failure> {
    let place = format!("{}/predefined", place(&id));
    let done = visit.rest.send(Method::POST, &place, Some(&serde_json::json!({}))).await?;
    let count = |state: &str| {
        done["statuses"]
            .as_object()
            .map_or(0, |statuses| statuses.values().filter(|one| *one == state).count())
    };
    let said = format!(
        "{} predefined rules were added, {} are as they were at first.",
        count("created"),
        count("updated")
    );
    Ok(said::done(&Tab::Rules.url(&id), &said))
}
