//! One rule: made of a metric and a threshold or of PromQL, looked at before it is saved, saved and deleted.

use super::removal::{Named, Removal};
use super::rule_form::{Draft, form, preview};
use super::rules::{Rule, place};
use super::{Tab, may_not, page, tabs, url, url_with};
use crate::assets::Asset;
use crate::failure::Failure;
use crate::metrics::names;
use crate::rest::{escaped, path};
use crate::said;
use crate::visit::Visit;
use axum::extract::{Form, Path, Query};
use axum::http::Method;
use axum::response::Response;
use maud::{Markup, html};
use std::collections::BTreeMap;

const REMOVAL: Removal = Removal {
    noun: "rule",
    tab: Tab::Rules,
    page: "rules/delete",
    place: |network| format!("{}?alert_name=", place(network)),
    warning: "What it has found stays in the history; nobody is told of it any more.",
};

/// A new one, or the one of a name; a query may come along, from the explorer.
pub(super) async fn show(
    visit: Visit,
    Path(id): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    visit.network(&id)?;
    let text = |name: &str| query.get(name).cloned().unwrap_or_default();
    let draft = match text("name").as_str() {
        "" => Draft::asking(&text("promql")),
        name => {
            let found: Option<Vec<Rule>> =
                visit.rest.find(&format!("{}?alert_name={}", place(&id), escaped(name))).await?;
            let rule = found.and_then(|rules| rules.into_iter().next());
            Draft::of(&rule.ok_or_else(|| Failure::not_found(format!("There is no rule {name}.")))?)
        }
    };
    // An existing rule shows at once what it found.
    let found = if draft.was.is_empty() {
        html! {}
    } else {
        preview(&visit, &id, &draft).await
    };
    show_form(&visit, &id, &draft, None, &found).await
}

/// Shows what it would have found, or saves it.
pub(super) async fn save(
    visit: Visit,
    Path(id): Path<String>,
    Form(draft): Form<Draft>,
) -> Result<Response, Failure> {
    visit.network(&id)?;
    if draft.step == "preview" {
        let found = preview(&visit, &id, &draft).await;
        return show_form(&visit, &id, &draft, None, &found).await;
    }
    let rule = match draft.rule() {
        Ok(rule) => rule,
        Err(problem) => return show_form(&visit, &id, &draft, Some(&problem), &html! {}).await,
    };
    let (method, place) = match draft.was.as_str() {
        "" => (Method::POST, place(&id)),
        was => (Method::PUT, path(&["networks", &id, "prometheus", "alert_config", was])),
    };
    match visit.rest.send(method, &place, Some(&rule)).await {
        Ok(_) => Ok(said::done(&Tab::Rules.url(&id), &format!("Rule {} is saved.", draft.name.trim()))),
        Err(refusal) => show_form(&visit, &id, &draft, Some(&refusal.message), &html! {}).await,
    }
}

async fn show_form(
    visit: &Visit,
    id: &str,
    draft: &Draft,
    problem: Option<&str>,
    found: &Markup,
) -> Result<Response, Failure> {
    let network = visit.network(id)?;
    let title =
        if draft.was.is_empty() { "Add an alert rule".to_owned() } else { format!("Rule {}", draft.was) };
    // Only a new rule is made of a metric; without their names one types it.
    let metrics =
        if draft.was.is_empty() { names::all(visit, id).await.unwrap_or_default() } else { Vec::new() };
    let mut page = page(visit, network, &title).below("Rules", Tab::Rules.url(id));
    page.uses(Asset::Chart);
    Ok(page.show(html! {
        (tabs(id, Tab::Rules))
        @if let Some(problem) = problem { p.problem role="alert" { (problem) } }
        @if draft.step == "preview" { (found) }
        @if network.may_write {
            (form(&url(id, "rules/edit"), draft, &metrics))
            @if !draft.was.is_empty() { p { a.button.danger href=(url_with(id, "rules/delete", "name", &draft.was)) { "Delete this rule" } } }
        } @else if draft.was.is_empty() { (may_not()) } @else {
            dl.facts {
                div { dt { "Condition" } dd { code { (draft.promql) } } }
                div { dt { "For" } dd { @if draft.lasts.is_empty() { "at once" } @else { (draft.lasts) } } }
                div { dt { "Severity" } dd { (draft.severity) } }
                div { dt { "Says" } dd { (draft.description) } }
            }
        }
        @if draft.step != "preview" { (found) }
    }))
}

/// Asks for its name.
pub(super) async fn ask(
    visit: Visit,
    Path(id): Path<String>,
    Query(named): Query<Named>,
) -> Result<Response, Failure> {
    REMOVAL.ask(&visit, &id, &named)
}

/// Deletes it when its name was typed.
pub(super) async fn delete(
    visit: Visit,
    Path(id): Path<String>,
    Form(named): Form<Named>,
) -> Result<Response, Failure> {
    REMOVAL.delete(&visit, &id, &named).await
}
