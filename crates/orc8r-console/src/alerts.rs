//! Alerts of a network: what fires, what has fired, the rules, and who is told of what.

pub(crate) mod firing;
mod history;
mod receiver;
mod receivers;
mod removal;
mod routing;
mod rule;
mod rule_form;
mod rules;
pub(crate) mod severity;
mod silences;
mod spans;

use crate::Console;
use crate::navigation::Section;
use crate::page::Page;
use crate::rest::{escaped, path};
use crate::visit::{MyNetwork, Visit};
use axum::Router;
use axum::routing::{get, post};
use maud::{Markup, html};
use std::sync::Arc;

pub(crate) fn routes() -> Router<Arc<Console>> {
    Router::new()
        .route("/console/networks/{network}/alerts", get(firing::show))
        .route("/console/networks/{network}/alerts/history", get(history::show))
        .route("/console/networks/{network}/alerts/rules", get(rules::show))
        .route("/console/networks/{network}/alerts/rules/predefined", post(rules::put_predefined))
        .route("/console/networks/{network}/alerts/rules/edit", get(rule::show).post(rule::save))
        .route("/console/networks/{network}/alerts/rules/delete", get(rule::ask).post(rule::delete))
        .route("/console/networks/{network}/alerts/receivers", get(receivers::show))
        .route("/console/networks/{network}/alerts/receivers/test", post(receivers::try_out))
        .route("/console/networks/{network}/alerts/receivers/edit", get(receiver::show).post(receiver::save))
        .route(
            "/console/networks/{network}/alerts/receivers/delete",
            get(receiver::ask).post(receiver::delete),
        )
        .route("/console/networks/{network}/alerts/routes", get(routing::show).post(routing::save))
        .route("/console/networks/{network}/alerts/routes/add", post(routing::add))
        .route("/console/networks/{network}/alerts/silences", get(silences::show).post(silences::add))
        .route("/console/networks/{network}/alerts/silences/add", get(silences::ask))
        .route("/console/networks/{network}/alerts/silences/end", post(silences::end))
}

/// The pages about alerts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tab {
    Firing,
    History,
    Rules,
    Receivers,
    Routes,
    Silences,
}

impl Tab {
    const ALL: [(Self, &'static str, &'static str); 6] = [
        (Self::Firing, "Firing now", ""),
        (Self::History, "History", "history"),
        (Self::Rules, "Rules", "rules"),
        (Self::Receivers, "Receivers", "receivers"),
        (Self::Routes, "Routes", "routes"),
        (Self::Silences, "Silences", "silences"),
    ];

    /// Its title, and its place below the first one.
    fn words(self) -> (&'static str, &'static str) {
        let found = Self::ALL.into_iter().find(|(tab, ..)| *tab == self);
        found.map(|(_, title, place)| (title, place)).unwrap_or_default()
    }

    fn title(self) -> &'static str {
        self.words().0
    }

    fn url(self, network: &str) -> String {
        url(network, self.words().1)
    }
}

/// A page about alerts, by the rest of its path.
fn url(network: &str, place: &str) -> String {
    let alerts = path(&["networks", network, "alerts"]);
    if place.is_empty() { format!("/console{alerts}") } else { format!("/console{alerts}/{place}") }
}

/// The same with a value in its query.
fn url_with(network: &str, place: &str, name: &str, value: &str) -> String {
    format!("{}?{name}={}", url(network, place), escaped(value))
}

fn tabs(network: &str, shown: Tab) -> Markup {
    html! {
        nav.views aria-label="Alerts" {
            @for (tab, title, _) in Tab::ALL { a href=(tab.url(network)) aria-current=[(tab == shown).then_some("page")] { (title) } }
        }
    }
}

/// A page of the section.
fn page(visit: &Visit, network: &MyNetwork, title: &str) -> Page {
    Page::new(visit, Section::Alerts, title)
        .of_network(&network.id)
        .below(network.title(), Section::Network.url(&network.id))
        .below("Alerts", Section::Alerts.url(&network.id))
}

/// What stands in place of a form for who may not write.
fn may_not() -> Markup {
    html! { p { "You may look at this network, but not change it. Ask an owner of your organisation for the role of an operator." } }
}
