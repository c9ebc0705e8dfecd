//! Adding a gateway: its id and a name are enough, and its page then tells what to run on the machine.

use crate::edit;
use crate::failure::Failure;
use crate::gateways::creation::{self, New};
use crate::navigation::Section;
use crate::page::Page;
use crate::rest::path;
use crate::visit::Visit;
use axum::extract::{Form, Path};
use axum::http::Method;
use axum::response::{IntoResponse, Redirect, Response};
use maud::html;
use serde::Deserialize;

/// Where it is done.
pub(crate) fn url(network: &str) -> String {
    format!("/console{}", path(&["networks", network, "add-gateway"]))
}

/// What one fills in.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct NewGateway {
    id: String,
    name: String,
    description: String,
    tier: String,
}

pub(crate) async fn show(visit: Visit, Path(id): Path<String>) -> Result<Response, Failure> {
    page(&visit, &id, &NewGateway::default(), None).await
}

pub(crate) async fn add(
    visit: Visit,
    Path(id): Path<String>,
    Form(new): Form<NewGateway>,
) -> Result<Response, Failure> {
    let network = visit.network(&id)?;
    let NewGateway { id: gateway, name, description, tier } = &new;
    let body = creation::body(network, &New { id: gateway, name, description, tier });
    match visit.rest.send(Method::POST, &creation::collection(network), Some(&body)).await {
        Ok(_) => {
            let gateway = path(&["networks", &id, "gateways", new.id.trim()]);
            Ok(Redirect::to(&format!("/console{gateway}")).into_response())
        }
        Err(refusal) => page(&visit, &id, &new, Some(&refusal.message)).await,
    }
}

async fn page(visit: &Visit, id: &str, new: &NewGateway, problem: Option<&str>) -> Result<Response, Failure> {
    let network = visit.network(id)?;
    let tiers: Vec<String> = visit.rest.find(&path(&["networks", id, "tiers"])).await?.unwrap_or_default();
    let page = Page::new(visit, Section::Gateways, "Add a gateway")
        .of_network(id)
        .below(network.title(), Section::Network.url(id))
        .below("Gateways", Section::Gateways.url(id));
    if !network.may_write {
        return Ok(page.show(html! {
            p.lead { "You may look at this network, but not change it." }
            p { "Ask an owner of your organisation for the role of an operator." }
        }));
    }
    Ok(page.show(html! {
        @if let Some(problem) = problem { p.problem role="alert" { (problem) } }
        form.fields method="post" action=(url(id)) {
            label { "Id" input name="id" required pattern="[A-Za-z0-9_\\-]+" value=(new.id) autocomplete="off" spellcheck="false"
                title="letters, digits, _ and -"; span.quiet { "Its name in configuration and metrics; it stays." } }
            label { "Name" input name="name" value=(new.name) autocomplete="off"; span.quiet { "What people call it; empty: its id." } }
            label { "Description" input name="description" value=(new.description) autocomplete="off"; }
            label { "Upgrade tier"
                select name="tier" required {
                    @for tier in &tiers { option value=(tier) selected[*tier == new.tier] { (tier) } }
                }
                @if tiers.is_empty() { span.quiet { "This network has no tier yet: " a href=(edit::add(&path(&["networks", id, "tiers"]), &url(id))) { "add one" } " first." } }
            }
            button.main type="submit" { "Add" }
        }
    }))
}
