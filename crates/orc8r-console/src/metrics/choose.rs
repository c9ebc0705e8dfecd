//! Choosing the gateway, eNodeB or subscriber whose metrics one wants to see.

use crate::failure::Failure;
use crate::gateways::summaries::Summaries;
use crate::metrics::{Kind, choose_url, dashboard_url, tabs};
use crate::navigation::Section;
use crate::page::Page;
use crate::rest::{escaped, path};
use crate::view::table::ListUrl;
use crate::visit::Visit;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde_json::Value;
use std::collections::BTreeMap;

/// So many are listed; one types a part of the name for others.
const LISTED_MAX: usize = 100;

pub(super) async fn show(
    visit: Visit,
    Path((id, kind)): Path<(String, String)>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    let network = visit.network(&id)?;
    let kind = Kind::of_plural(&kind).ok_or_else(|| Failure::not_found("There is no such dashboard."))?;
    let url = ListUrl::new(choose_url(&id, kind), &query);
    let text = url.value("q").trim();
    let found = match kind {
        Kind::Gateway => gateways(&visit, &id, text).await?,
        Kind::Enodeb => enodebs(&visit, &id, text).await?,
        // A hundred thousand are no list: their own page finds them.
        _ if text.is_empty() => Vec::new(),
        _ => {
            let imsi = format!("IMSI{}", text.trim_start_matches("IMSI"));
            return Ok(Redirect::to(&dashboard_url(&id, kind, &imsi)).into_response());
        }
    };
    let page = Page::new(&visit, Section::Metrics, format!("Metrics: {}", kind.title()))
        .of_network(&id)
        .below(network.title(), Section::Network.url(&id))
        .below("Metrics", Section::Metrics.url(&id));
    Ok(page.show(html! {
        (tabs(&id, network.is_lte(), Some(kind)))
        form.filter method="get" role="search" aria-label="Find" {
            label { @if kind == Kind::Subscriber { "IMSI" } @else { "Find" }
                input type="search" name="q" value=(text) required[kind == Kind::Subscriber]; }
            button type="submit" { @if kind == Kind::Subscriber { "Show" } @else { "Find" } }
        }
        @if kind != Kind::Subscriber { (list(&id, kind, &found)) }
    }))
}

fn list(network: &str, kind: Kind, found: &[(String, String)]) -> Markup {
    html! {
        @if found.is_empty() {
            div.empty { p.lead { "None was found." } }
        } @else {
            div.scroll { table.list {
                thead { tr { th scope="col" { "Name" } th scope="col" { "Id" } } }
                tbody { @for (id, name) in found.iter().take(LISTED_MAX) {
                    tr { td { a.row href=(dashboard_url(network, kind, id)) { (name) } } td { code { (id) } } }
                } }
            } }
            @if found.len() >= LISTED_MAX { p.quiet { "The first " (LISTED_MAX) " are shown: type a part of the name for others." } }
        }
    }
}

type Found = Vec<(String, String)>;

async fn gateways(visit: &Visit, network: &str, text: &str) -> Result<Found, Failure> {
    let place = path(&["networks", network, "gateway_summaries"]);
    let asked = format!("{place}?q={}&sort=name&page_size={LISTED_MAX}", escaped(text));
    let found: Summaries = visit.rest.get(&asked).await?;
    Ok(found.gateways.iter().map(|one| (one.id.clone(), one.title().to_owned())).collect())
}

async fn enodebs(visit: &Visit, network: &str, text: &str) -> Result<Found, Failure> {
    let place = path(&["lte", network, "enodebs"]);
    let found: Option<Value> = visit.rest.find(&format!("{place}?page_size={LISTED_MAX}")).await?;
    let found = found.unwrap_or_default();
    let found = found["enodebs"].as_object().into_iter().flatten();
    let found = found.map(|(serial, one)| {
        let name = one["name"].as_str().filter(|name| !name.is_empty()).unwrap_or(serial);
        (serial.clone(), name.to_owned())
    });
    let is_like = |(serial, name): &(String, String)| {
        format!("{serial} {name}").to_lowercase().contains(&text.to_lowercase())
    };
    Ok(found.filter(is_like).collect())
}
