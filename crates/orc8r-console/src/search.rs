//! The palette: finds pages and objects by what one types. The same page answers without a script.

use crate::Console;
use crate::failure::Failure;
use crate::gateways::summaries::Summaries;
use crate::navigation::{Section, kind_of};
use crate::page::Page;
use crate::rest::{escaped, path};
use crate::visit::Visit;
use axum::Router;
use axum::extract::Query;
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;
use std::sync::Arc;

/// So many of one kind are shown.
const FOUND_MAX: usize = 8;

pub(crate) fn routes() -> Router<Arc<Console>> {
    Router::new().route("/console/search", get(show))
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    q: String,
}

/// Something that was found.
struct Found {
    title: String,
    what: String,
    url: String,
}

async fn show(visit: Visit, Query(Wanted { q }): Query<Wanted>) -> Result<Response, Failure> {
    let wanted = q.trim().to_lowercase();
    let mut found = pages(&visit, &wanted);
    if !wanted.is_empty() {
        found.extend(gateways(&visit, &wanted).await?);
    }
    let page = Page::new(&visit, Section::Home, "Search");
    Ok(page.show(html! {
        form.filter method="get" role="search" { label { "Search" input type="search" name="q" value=(q); } button type="submit" { "Search" } }
        div id="found" { (list(&found)) }
    }))
}

fn list(found: &[Found]) -> Markup {
    html! {
        @for one in found {
            a role="option" tabindex="-1" href=(one.url) { (one.title) " " span.quiet { (one.what) } }
        }
        @if found.is_empty() { p.quiet { "Nothing was found." } }
    }
}

fn pages(visit: &Visit, wanted: &str) -> Vec<Found> {
    let general = [("Overview", Section::Home), ("Networks", Section::Networks)];
    let general = general.map(|(title, section)| Found {
        title: title.to_owned(),
        what: "page".to_owned(),
        url: section.url(""),
    });
    let networks = visit.me.networks.iter().flat_map(|network| {
        let what = format!("{} network {}", kind_of(&network.kind), network.id);
        let title = network.title().to_owned();
        let gateways = format!("Gateways of {title}");
        [
            Found { title, what: what.clone(), url: Section::Network.url(&network.id) },
            Found { title: gateways, what, url: Section::Gateways.url(&network.id) },
        ]
    });
    let is_like = |one: &Found| {
        let text = format!("{} {}", one.title, one.what).to_lowercase();
        wanted.split_whitespace().all(|word| text.contains(word))
    };
    general.into_iter().chain(networks).filter(is_like).take(FOUND_MAX).collect()
}

async fn gateways(visit: &Visit, wanted: &str) -> Result<Vec<Found>, Failure> {
    let mut found = Vec::new();
    for network in &visit.me.networks {
        let path = path(&["networks", &network.id, "gateway_summaries"]);
        let asked = format!("{path}?q={}&page_size={FOUND_MAX}&sort=id", escaped(wanted));
        let summaries: Summaries = visit.rest.find(&asked).await?.unwrap_or_default();
        found.extend(summaries.gateways.iter().map(|gateway| Found {
            title: gateway.title().to_owned(),
            what: format!("gateway in {}", network.title()),
            url: gateway.url(&network.id),
        }));
        if found.len() >= FOUND_MAX {
            break;
        }
    }
    found.truncate(FOUND_MAX);
    Ok(found)
}
