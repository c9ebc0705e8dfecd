//! The first page: what needs attention now, and how each network is.

use crate::Console;
use crate::failure::Failure;
use crate::gateways::summaries::{Summaries, Summary};
use crate::navigation::{Section, kind_of};
use crate::page::Page;
use crate::rest::path;
use crate::view::status::{Health, status};
use crate::view::when::when;
use crate::visit::{MyNetwork, Visit};
use axum::Router;
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};
use std::sync::Arc;

/// So many problems are shown; behind each network's number are the others.
const PROBLEMS_MAX: usize = 50;

pub(crate) fn routes() -> Router<Arc<Console>> {
    Router::new().route("/console/", get(show))
}

async fn show(visit: Visit) -> Result<Response, Failure> {
    let mut looks = Vec::new();
    for network in &visit.me.networks {
        looks.push((network, look(&visit, network).await?));
    }
    let mut page = Page::new(&visit, Section::Home, "Overview");
    let attention = page.live("attention", &attention(&looks));
    let networks = page.live("networks", &networks(&looks));
    Ok(page.show(html! { (attention) (networks) }))
}

/// The gateways that need attention, and how many are how.
async fn look(visit: &Visit, network: &MyNetwork) -> Result<Summaries, Failure> {
    let query = format!("?state=down,degraded,pending&sort=state&page_size={PROBLEMS_MAX}");
    let path = path(&["networks", &network.id, "gateway_summaries"]);
    Ok(visit.rest.find(&(path + &query)).await?.unwrap_or_default())
}

fn attention(looks: &[(&MyNetwork, Summaries)]) -> Markup {
    let mut problems: Vec<(&MyNetwork, &Summary)> =
        looks.iter().flat_map(|(network, found)| found.gateways.iter().map(|one| (*network, one))).collect();
    problems.sort_by_key(|(network, gateway)| (gateway.state, network.id.clone(), gateway.id.clone()));
    let gateways: usize = looks.iter().map(|(_, found)| found.total_count).sum();
    let left = looks.iter().map(|(_, found)| found.found_count).sum::<usize>();
    html! {
        section aria-labelledby="attention-title" {
            h2 id="attention-title" { "Needs attention" @if left > 0 { " " span.count { (left) } } }
            @if problems.is_empty() {
                (nothing(looks.len(), gateways))
            } @else {
                ul.problems {
                    @for (network, gateway) in problems.iter().take(PROBLEMS_MAX) {
                        li { (problem(network, gateway)) }
                    }
                }
                @if left > PROBLEMS_MAX {
                    p.quiet { (left - PROBLEMS_MAX) " more: follow a number of the networks below." }
                }
            }
        }
    }
}

/// One line: what, where, why, since when.
fn problem(network: &MyNetwork, gateway: &Summary) -> Markup {
    html! {
        (status(gateway.state, ""))
        div {
            a href=(gateway.url(&network.id)) { (gateway.title()) }
            " " span.quiet { "gateway in " (network.title()) }
            p.reason { (gateway.reasons.join("; ")) }
        }
        div.age {
            @if gateway.checkin_time > 0 { span.quiet { "last check-in " } (when(gateway.checkin_time)) }
        }
    }
}

fn nothing(networks: usize, gateways: usize) -> Markup {
    html! {
        div.empty {
            @if networks == 0 {
                p.lead { "There is no network yet that you may see." }
                p { "Make one through the REST API, or ask an owner of your organisation to give you one." }
            } @else if gateways == 0 {
                p.lead { "No gateway has been added yet." }
                p { "Choose a network below and add its first gateway." }
            } @else {
                p.lead { (status(Health::Ok, "")) " " @if gateways == 1 { "The gateway is checking in." } @else { "All " (gateways) " gateways are checking in." } }
            }
        }
    }
}

fn networks(looks: &[(&MyNetwork, Summaries)]) -> Markup {
    html! {
        section aria-labelledby="networks-title" {
            h2 id="networks-title" { "Networks" }
            div.cards {
                @for (network, found) in looks {
                    article.card {
                        h3 { a href=(Section::Network.url(&network.id)) { (network.title()) } }
                        p.quiet { (kind_of(&network.kind)) " · " code { (network.id) } }
                        ul.states {
                            @for health in Health::ALL {
                                @let count = found.states.get(health.name()).copied().unwrap_or_default();
                                @if count > 0 {
                                    li { a href={ (Section::Gateways.url(&network.id)) "?state=" (health.name()) } {
                                        (status(health, "")) " " strong { (count) }
                                    } }
                                }
                            }
                            @if found.total_count == 0 { li.quiet { "No gateways" } }
                        }
                    }
                }
            }
        }
    }
}
