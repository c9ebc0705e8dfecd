//! Who is told: the receivers, by which ways, and whether these work.

use super::removal::Named;
use super::{Tab, page, tabs, url, url_with};
use crate::failure::Failure;
use crate::rest::path;
use crate::said;
use crate::visit::Visit;
use axum::extract::{Form, Path};
use axum::http::Method;
use axum::response::Response;
use maud::{Markup, html};
use serde_json::{Value, json};

/// Where the API has them.
pub(super) fn place(network: &str) -> String {
    path(&["networks", network, "prometheus", "alert_receiver"])
}

/// The ways, as the API names them, and what tells where each leads.
pub(super) const WAYS: [(&str, &str, &str); 5] = [
    ("webhook_configs", "Webhook", "url"),
    ("slack_configs", "Slack", "channel"),
    ("email_configs", "E-mail", "to"),
    ("pagerduty_configs", "PagerDuty", "severity"),
    ("pushover_configs", "Pushover", "priority"),
];

pub(super) async fn all(visit: &Visit, network: &str) -> Result<Vec<Value>, Failure> {
    Ok(visit.rest.get(&place(network)).await?)
}

pub(super) async fn show(visit: Visit, Path(id): Path<String>) -> Result<Response, Failure> {
    let network = visit.network(&id)?;
    let receivers = all(&visit, &id).await?;
    let route: Value = visit.rest.get(&format!("{}/route", place(&id))).await?;
    let page = page(&visit, network, "Alert receivers");
    Ok(page.show(html! {
        (tabs(&id, Tab::Receivers))
        @if network.may_write { div.buttons { a.button.main href=(url(&id, "receivers/edit")) { "Add a receiver" } } }
        @if receivers.is_empty() {
            div.empty {
                p.lead { "Nobody is told of alerts." }
                p { "Add a receiver (a webhook, Slack, e-mail, PagerDuty, Pushover), then a " a href=(Tab::Routes.url(&id)) { "route" } " that leads to it." }
            }
        } @else {
            div.cards { @for receiver in &receivers { (card(&id, receiver, &route, network.may_write)) } }
            p.quiet { "Addresses and keys that are secret are shown to nobody: they read ********." }
        }
    }))
}

fn card(network: &str, receiver: &Value, route: &Value, may_write: bool) -> Markup {
    let name = receiver["name"].as_str().unwrap_or_default();
    html! {
        article.card {
            h3 { (name) }
            ul { @for (field, kind, place) in WAYS {
                @for way in receiver[field].as_array().into_iter().flatten() {
                    li { (kind) @if let Some(place) = way[place].as_str().filter(|text| !text.is_empty()) { ": " code { (if may_write { place } else { without_path(place) }) } } }
                }
            } }
            @if !leads_to(route, name) { p.problem { "No route leads to it: it is told nothing. " a href=(Tab::Routes.url(network)) { "Add a route" } "." } }
            @if may_write {
                div.buttons {
                    form method="post" action=(url(network, "receivers/test")) {
                        input type="hidden" name="name" value=(name);
                        button type="submit" { "Test" span.visually-hidden { " " (name) } }
                    }
                    a.button href=(url_with(network, "receivers/edit", "name", name)) { "Change" span.visually-hidden { " " (name) } }
                    a.button.danger href=(url_with(network, "receivers/delete", "name", name)) { "Delete" span.visually-hidden { " " (name) } }
                }
            }
        }
    }
}

/// Of an address only where it is: what follows may be a secret, and who may not write need not know it.
fn without_path(place: &str) -> &str {
    let begins = place.find("://").map_or(0, |at| at + 3);
    place[begins..].find('/').map_or(place, |end| &place[..begins + end])
}

/// Whether a route names a receiver.
fn leads_to(route: &Value, name: &str) -> bool {
    route["receiver"] == name
        || route["routes"].as_array().into_iter().flatten().any(|inner| leads_to(inner, name))
}

/// Tells it something, and says what became of it.
pub(super) async fn try_out(
    visit: Visit,
    Path(id): Path<String>,
    Form(named): Form<Named>,
) -> Result<Response, Failure> {
    let place = path(&["networks", &id, "prometheus", "alert_receiver", &named.name, "test"]);
    let tried = visit.rest.send(Method::POST, &place, Some(&json!({}))).await?;
    let ways = tried["ways"].as_array().cloned().unwrap_or_default();
    let one = |way: &Value| match way["problem"].as_str().unwrap_or_default() {
        "" => format!("{}: the message was taken", way["kind"].as_str().unwrap_or_default()),
        problem => format!("{}: NOT delivered, {problem}", way["kind"].as_str().unwrap_or_default()),
    };
    let ways: Vec<String> = ways.iter().map(one).collect();
    let said = match ways.is_empty() {
        true => format!("{} has no way by which it could be told.", named.name),
        false => format!("Test of {}. {}.", named.name, ways.join("; ")),
    };
    Ok(said::done(&Tab::Receivers.url(&id), &said))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_not_write_sees_no_secret_of_an_address() {
        assert_eq!(without_path("https://a.b/secret"), "https://a.b");
        assert_eq!(without_path("#alerts"), "#alerts");
    }
}
