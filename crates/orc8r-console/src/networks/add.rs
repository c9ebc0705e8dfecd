//! Adding a network: its kind and its id are enough; it comes with the tier `default`.

use super::creation::{self, KINDS, New};
use crate::failure::Failure;
use crate::navigation::Section;
use crate::page::Page;
use crate::rest::{Refusal, path};
use crate::said::done;
use crate::visit::Visit;
use axum::extract::{Form, Query};
use axum::http::Method;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use wire_rest::problems;

/// Where it is done.
pub(crate) const URL: &str = "/console/new-network";

pub(super) async fn show(visit: Visit, Query(new): Query<New>) -> Response {
    let kind = if new.kind.is_empty() && new.id.is_empty() { "lte".to_owned() } else { new.kind.clone() };
    page(&visit, &New { kind, ..new }, &[])
}

pub(super) async fn add(visit: Visit, Form(new): Form<New>) -> Result<Response, Failure> {
    let id = new.id.trim();
    let body = creation::body(&new);
    let mut wrong = problems(creation::schema(&new.kind), &body);
    let needs_federation = matches!(new.kind.as_str(), "feg_lte" | "carrier_wifi_network");
    if needs_federation && new.feg_network_id.trim().is_empty() {
        wrong.push("Name the federation network that serves it.".to_owned());
    }
    if !wrong.is_empty() {
        return Ok(refused(&visit, &new, &wrong));
    }
    let collection = creation::collection(&new.kind);
    if let Err(refusal) = visit.rest.send(Method::POST, collection, Some(&body)).await {
        return Ok(refused(&visit, &new, &[refusal.message]));
    }
    let tiers = path(&["networks", id, "tiers"]);
    if let Err(refusal) = visit.rest.send(Method::POST, &tiers, Some(&creation::tier())).await {
        let problem = take_back(&visit, id, &refusal).await;
        return Ok(refused(&visit, &new, &[problem]));
    }
    Ok(done(
        &Section::Network.url(id),
        &format!("The network {id} is added, with the upgrade tier “default”."),
    ))
}

/// A network without a tier takes no gateway: then there is none.
async fn take_back(visit: &Visit, id: &str, refusal: &Refusal) -> String {
    let why = &refusal.message;
    match visit.rest.send(Method::DELETE, &path(&["networks", id]), None).await {
        Ok(_) => format!("The network could not get its upgrade tier, so it was not added: {why}"),
        Err(second) => format!(
            "The network {id} is there, but without an upgrade tier ({why}), and it could not be taken back: {}",
            second.message
        ),
    }
}

fn refused(visit: &Visit, new: &New, problems: &[String]) -> Response {
    let mut response = page(visit, new, problems).into_response();
    *response.status_mut() = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
    response
}

fn page(visit: &Visit, new: &New, problems: &[String]) -> Response {
    let page =
        Page::new(visit, Section::Networks, "Add a network").below("Networks", Section::Networks.url(""));
    if !visit.me.administers {
        return page.show(may_not());
    }
    page.show(html! {
        @if !problems.is_empty() {
            div.problem role="alert" { @for problem in problems { p { (problem) } } }
        }
        form.fields method="post" action=(URL) {
            fieldset.kinds {
                legend { "Kind" }
                @for (kind, title, help) in KINDS {
                    label.kind {
                        input type="radio" name="kind" value=(kind) checked[kind == new.kind];
                        span { strong { (title) } br; span.quiet { (help) } }
                    }
                }
            }
            label { "Id" input name="id" required pattern="[a-z][a-z0-9_]*" maxlength="100" value=(new.id) autocomplete="off" spellcheck="false"
                title="small letters, digits and _, a letter first"; span.quiet { "Its name in configuration and metrics; it stays." } }
            label { "Name" input name="name" value=(new.name) autocomplete="off"; span.quiet { "What people call it; empty: its id." } }
            label { "Description" input name="description" value=(new.description) autocomplete="off"; }
            label { "Federation network" input name="feg_network_id" list="feg-networks" value=(new.feg_network_id) autocomplete="off" spellcheck="false";
                span.quiet { "For federated LTE and Wi-Fi: the id of the network whose gateways speak with the other operator." } }
            datalist id="feg-networks" { @for network in visit.me.networks.iter().filter(|known| known.kind == "feg") { option value=(network.id) { (network.title()) } } }
            label { "Served networks" input name="served_network_ids" value=(new.served_network_ids) autocomplete="off" spellcheck="false";
                span.quiet { "For a federation network: the ids of the federated LTE networks that it serves, with commas between." } }
            p.quiet { "An LTE network begins with MCC 001, MNC 01, TAC 1, 20 MHz TDD and an operator's key that everybody knows: change them on its page before it carries subscribers." }
            button.main type="submit" { "Add" }
        }
    })
}

fn may_not() -> Markup {
    html! {
        p.lead { "You may not add networks." }
        p { "Who administers the whole Orchestrator may: ask an owner who is in no organisation." }
    }
}
