//! All networks, and one network at a glance.

use crate::Console;
use crate::failure::Failure;
use crate::gateways::summaries::Summaries;
use crate::navigation::{Section, kind_of};
use crate::page::Page;
use crate::rest::path;
use crate::view::status::{Health, status};
use crate::visit::Visit;
use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};
use serde_json::Value;
use std::sync::Arc;

pub(crate) fn routes() -> Router<Arc<Console>> {
    Router::new().route("/console/networks", get(list)).route("/console/networks/{network}", get(show))
}

async fn list(visit: Visit) -> Response {
    let page = Page::new(&visit, Section::Networks, "Networks");
    let body = html! {
        table {
            thead { tr { th scope="col" { "Network" } th scope="col" { "Id" } th scope="col" { "Kind" } th scope="col" { "You may" } } }
            tbody {
                @for network in &visit.me.networks {
                    tr {
                        td { a href=(Section::Network.url(&network.id)) { (network.title()) } }
                        td { code { (network.id) } }
                        td { (kind_of(&network.kind)) }
                        td { @if network.may_write { "change it" } @else { "look at it" } }
                    }
                }
                @if visit.me.networks.is_empty() { tr { td colspan="4" { "There is no network that you may see." } } }
            }
        }
    };
    page.show(body)
}

async fn show(visit: Visit, Path(id): Path<String>) -> Result<Response, Failure> {
    let network = visit.network(&id)?;
    let whole: Value = visit.rest.get(&path(&["networks", &id])).await?;
    let summaries = path(&["networks", &id, "gateway_summaries"]) + "?page_size=1";
    let found: Summaries = visit.rest.get(&summaries).await?;
    let mut page = Page::new(&visit, Section::Network, network.title()).of_network(&id);
    let gateways = page.live("gateways", &gateways(&id, &found));
    Ok(page.show(html! {
        dl.facts {
            div { dt { "Id" } dd { code { (id) } } }
            div { dt { "Kind" } dd { (kind_of(&network.kind)) } }
            div { dt { "Description" } dd { (whole["description"].as_str().filter(|text| !text.is_empty()).unwrap_or("–")) } }
        }
        (gateways)
    }))
}

fn gateways(network: &str, found: &Summaries) -> Markup {
    let all = Section::Gateways.url(network);
    html! {
        section aria-labelledby="gateways-title" {
            h2 id="gateways-title" { a href=(all) { "Gateways" } " " span.count { (found.total_count) } }
            ul.states {
                @for health in Health::ALL {
                    @let count = found.states.get(health.name()).copied().unwrap_or_default();
                    @if count > 0 {
                        li { a href={ (all) "?state=" (health.name()) } { (status(health, "")) " " strong { (count) } } }
                    }
                }
            }
        }
    }
}
