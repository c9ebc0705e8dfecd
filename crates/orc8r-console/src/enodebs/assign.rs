//! Which gateway has an eNodeB in its configuration.

use crate::enodebs::summaries::{find_one, url};
use crate::failure::Failure;
use crate::gateways::summaries::Summaries;
use crate::navigation::Section;
use crate::page::Page;
use crate::rest::{Refusal, escaped, path};
use crate::said::done;
use crate::view::status::status;
use crate::visit::Visit;
use axum::extract::{Form, Path, Query};
use axum::http::Method;
use axum::response::Response;
use maud::html;
use serde::Deserialize;
use serde_json::Value;

/// So many gateways are offered; one types a part of the name for others.
const OFFERED_MAX: usize = 25;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Wanted {
    q: String,
}

#[derive(Deserialize)]
pub(super) struct Choice {
    /// Empty: none.
    gateway: String,
}

pub(super) async fn show(
    visit: Visit,
    Path((id, serial)): Path<(String, String)>,
    Query(Wanted { q }): Query<Wanted>,
) -> Result<Response, Failure> {
    page(&visit, &id, &serial, &q, None).await
}

pub(super) async fn act(
    visit: Visit,
    Path((id, serial)): Path<(String, String)>,
    Form(Choice { gateway }): Form<Choice>,
) -> Result<Response, Failure> {
    visit.network(&id)?;
    let enodeb = find_one(&visit, &id, &serial).await?.unwrap_or_default();
    match assign(&visit, &id, &serial, &enodeb.attached_gateway_id, &gateway).await {
        Ok(()) if gateway.is_empty() => {
            Ok(done(&url(&id, &serial), &format!("{} is assigned to no gateway.", enodeb.title())))
        }
        Ok(()) => {
            Ok(done(&url(&id, &serial), &format!("{} is assigned to gateway {gateway}.", enodeb.title())))
        }
        Err(refusal) => page(&visit, &id, &serial, "", Some(&refusal.message)).await,
    }
}

/// To the new one first: if anything fails, it is rather in two configurations than in none.
async fn assign(visit: &Visit, network: &str, serial: &str, from: &str, to: &str) -> Result<(), Refusal> {
    let serials = |gateway: &str| path(&["lte", network, "gateways", gateway, "connected_enodeb_serials"]);
    let serial = Value::from(serial);
    if from == to {
        return Ok(());
    }
    if !to.is_empty() {
        visit.rest.send(Method::POST, &serials(to), Some(&serial)).await?;
    }
    if !from.is_empty() {
        visit.rest.send(Method::DELETE, &serials(from), Some(&serial)).await?;
    }
    Ok(())
}

async fn page(
    visit: &Visit,
    id: &str,
    serial: &str,
    q: &str,
    problem: Option<&str>,
) -> Result<Response, Failure> {
    let network = visit.network(id)?;
    let enodeb = find_one(visit, id, serial).await?;
    let enodeb = enodeb.ok_or_else(|| Failure::not_found(format!("There is no eNodeB {serial}.")))?;
    let asked = path(&["networks", id, "gateway_summaries"]);
    let asked = format!("{asked}?sort=name&page_size={OFFERED_MAX}&q={}", escaped(q));
    let found: Summaries = visit.rest.get(&asked).await?;
    let page = Page::new(visit, Section::Enodebs, format!("Gateway of {}", enodeb.title()))
        .of_network(id)
        .below("eNodeBs", Section::Enodebs.url(id))
        .below(enodeb.title(), url(id, serial));
    let attached = enodeb.attached_gateway_id.as_str();
    Ok(page.show(html! {
        @if let Some(problem) = problem { p.problem role="alert" { (problem) } }
        p.lead {
            @if attached.is_empty() { "It is assigned to no gateway." }
            @else { "It is assigned to gateway " strong { (attached) } "." }
        }
        @if !network.may_write {
            p { "You may look at this network, but not change it." }
        } @else {
            form.filter method="get" role="search" {
                label { "Find a gateway" input type="search" name="q" value=(q) placeholder="id, name or hardware id"; }
                button type="submit" { "Find" }
            }
            form method="post" {
                div.scroll { table.list {
                    thead { tr { th scope="col" { "Gateway" } th scope="col" { "Id" } th scope="col" { "State" } } }
                    tbody {
                        @for gateway in &found.gateways { tr {
                            td { label.pick { input type="radio" name="gateway" value=(gateway.id) required checked[gateway.id == attached]; (gateway.title()) } }
                            td { code { (gateway.id) } }
                            td { (status(gateway.state, &gateway.reasons.join("; "))) }
                        } }
                        tr { td colspan="3" { label.pick { input type="radio" name="gateway" value="" required checked[attached.is_empty()]; "No gateway" } } }
                    }
                } }
                @if found.found_count > found.gateways.len() {
                    p.quiet { (found.found_count - found.gateways.len()) " more: type a part of the name above." }
                }
                div.buttons { button.main type="submit" { "Assign" } a.button href=(url(id, serial)) { "Cancel" } }
            }
        }
    }))
}
