//! The map of a network: gateways and eNodeBs by where they say that they are, and the same as a list.

use crate::Console;
use crate::assets::Asset;
use crate::enodebs::summaries::{Enodebs, Position, find};
use crate::failure::Failure;
use crate::gateways::summaries::Summaries;
use crate::navigation::Section;
use crate::page::Page;
use crate::rest::path;
use crate::view::status::{Health, shape, status};
use crate::view::table::ListUrl;
use crate::visit::Visit;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// So many gateways and so many eNodeBs are looked at, those first with which something is wrong.
const LOOKED_AT_MAX: usize = 500;

/// Rows of a page of the list.
const PAGE_SIZE: usize = 50;

pub(crate) fn routes() -> Router<Arc<Console>> {
    Router::new().route("/console/networks/{network}/map", get(show))
}

/// Something that has a place, as the script reads it.
#[derive(Debug, Clone, Serialize)]
struct Place {
    kind: &'static str,
    noun: &'static str,
    id: String,
    name: String,
    url: String,
    #[serde(skip)]
    health: Health,
    state: &'static str,
    word: &'static str,
    reason: String,
    latitude: f64,
    longitude: f64,
    /// Whose it is.
    #[serde(skip_serializing_if = "String::is_empty")]
    gateway: String,
    /// Where it is, is known from its eNodeBs only.
    #[serde(skip)]
    is_guessed: bool,
}

/// What has a place, and what has not.
struct Found {
    places: Vec<Place>,
    without: usize,
    /// How many are not looked at.
    left: usize,
}

async fn show(
    visit: Visit,
    State(console): State<Arc<Console>>,
    Path(id): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    let network = visit.network(&id)?;
    let url = ListUrl::new(Section::Map.url(&id), &query);
    let asked = ListUrl::new("", &{
        let mut asked = query.clone();
        asked.retain(|name, _| matches!(name.as_str(), "q" | "state"));
        asked.insert("sort".to_owned(), "state".to_owned());
        asked.insert("page_size".to_owned(), LOOKED_AT_MAX.to_string());
        asked
    });
    let gateways = path(&["networks", &id, "gateway_summaries"]);
    let gateways: Summaries = visit.rest.get(&format!("{gateways}?{}", asked.query())).await?;
    let enodebs = match network.is_lte() {
        true => find(&visit, &id, &asked.query()).await?,
        false => Enodebs::default(),
    };
    let found = places(&id, gateways, enodebs);
    let mut page = Page::new(&visit, Section::Map, "Map")
        .of_network(&id)
        .below(network.title(), Section::Network.url(&id));
    page.uses(Asset::Map);
    page.uses(Asset::MapStyle);
    if let Some(tiles) = &console.tiles {
        page.images_from(tiles.origin());
    }
    let results = page.live("results", &results(&url, &found));
    let tiles = console.tiles.as_ref();
    Ok(page.show(html! {
        (filter(&url))
        div.map-page {
            div id="map" role="region" aria-label="Map" hidden data-coast=(Asset::Coast.url())
                data-tiles=[tiles.map(|tiles| tiles.url())] data-attribution=[tiles.map(|tiles| tiles.attribution())] {}
            (results)
        }
        div id="shapes" hidden { @for health in Health::ALL { span data-shape=(health.name()) { (shape(health)) } } }
    }))
}

fn places(network: &str, gateways: Summaries, enodebs: Enodebs) -> Found {
    let count = gateways.gateways.len() + enodebs.enodebs.len();
    let left = gateways.found_count + enodebs.found_count - count;
    let mut by_gateway: BTreeMap<String, Position> = BTreeMap::new();
    let mut places = Vec::new();
    for enodeb in enodebs.enodebs {
        let Some(Position { latitude, longitude }) = enodeb.position else { continue };
        by_gateway.entry(enodeb.gateway().to_owned()).or_insert(Position { latitude, longitude });
        places.push(Place {
            kind: "enodeb",
            noun: "eNodeB",
            name: enodeb.title().to_owned(),
            url: enodeb.url(network),
            health: enodeb.state,
            state: enodeb.state.name(),
            word: enodeb.state.word(),
            reason: enodeb.reasons.join("; "),
            gateway: enodeb.gateway().to_owned(),
            id: enodeb.serial,
            latitude,
            longitude,
            is_guessed: false,
        });
    }
    for gateway in gateways.gateways {
        let own = gateway.position;
        let Some(position) = own.or_else(|| by_gateway.get(&gateway.id).copied()) else { continue };
        places.push(Place {
            kind: "gateway",
            noun: "Gateway",
            name: gateway.title().to_owned(),
            url: gateway.url(network),
            health: gateway.state,
            state: gateway.state.name(),
            word: gateway.state.word(),
            reason: gateway.reasons.join("; "),
            gateway: String::new(),
            id: gateway.id,
            latitude: position.latitude,
            longitude: position.longitude,
            is_guessed: own.is_none(),
        });
    }
    places.sort_by(|one, other| {
        (one.health, one.kind, &one.name).cmp(&(other.health, other.kind, &other.name))
    });
    Found { without: count - places.len(), left, places }
}

fn filter(url: &ListUrl) -> Markup {
    html! {
        form.filter method="get" role="search" aria-label="Filter the map" hx-get="" hx-target="#results" hx-select="#results"
            hx-swap="outerHTML" hx-push-url="true" hx-trigger="input delay:200ms, change, submit" {
            label { "Find" input type="search" name="q" value=(url.value("q")) placeholder="id, name or serial"; }
            label { "State"
                select name="state" {
                    option value="" { "any" }
                    @for health in Health::ALL {
                        option value=(health.name()) selected[url.value("state") == health.name()] { (health.word()) }
                    }
                }
            }
            noscript { button type="submit" { "Filter" } }
        }
    }
}

fn results(url: &ListUrl, found: &Found) -> Markup {
    let page: usize = url.value("page").parse().unwrap_or(1).max(1);
    let shown = found.places.iter().skip((page - 1).saturating_mul(PAGE_SIZE)).take(PAGE_SIZE);
    let json = serde_json::to_string(&found.places).unwrap_or_default();
    html! {
        @if found.places.is_empty() {
            div.empty {
                p.lead { "Nothing here has said where it is." }
                p { "A place is what an eNodeB's or a gateway's satellite receiver reports, once it has a fix." }
            }
        } @else {
            ul.places { @for place in shown { li {
                (status(place.health, "")) " " a.row href=(place.url) { (place.name) } " " span.quiet { (place.noun) }
                @if !place.reason.is_empty() { br; span.reason { (place.reason) } }
                br; span.quiet { (degrees(place.latitude, "N", "S")) " " (degrees(place.longitude, "E", "W")) @if place.is_guessed { " (by its eNodeBs)" } }
                " " button.quiet type="button" data-show={ (place.kind) " " (place.id) } hidden aria-label={ "Show " (place.name) " on the map" } { "Show" }
            } } }
            (url.pages(page, PAGE_SIZE, found.places.len()))
        }
        @if found.without > 0 { p.quiet { (found.without) " more have not said where they are." } }
        @if found.left > 0 { p.quiet { (found.left) " more are not looked at: narrow the filter." } }
        pre id="places" hidden { (json) }
    }
}

/// An angle as people write it.
fn degrees(angle: f64, positive: &str, negative: &str) -> String {
    format!("{:.4}° {}", angle.abs(), if angle < 0.0 { negative } else { positive })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_gateway_without_a_place_is_where_its_enodebs_are() {
        let enodebs = json!({"found_count": 2, "enodebs": [
            {"serial": "e1", "attached_gateway_id": "g1", "state": "ok", "position": {"latitude": 1.5, "longitude": -2.0}},
            {"serial": "e2", "attached_gateway_id": "g1", "state": "ok"},
        ]});
        let gateways = json!({"found_count": 3, "gateways": [{"id": "g1", "state": "down"}, {"id": "g2"}]});
        let found =
            places("n1", serde_json::from_value(gateways).unwrap(), serde_json::from_value(enodebs).unwrap());
        let shown: Vec<_> =
            found.places.iter().map(|place| (place.id.as_str(), place.latitude, place.is_guessed)).collect();
        assert_eq!(shown, [("g1", 1.5, true), ("e1", 1.5, false)], "the worst first");
        assert_eq!((found.without, found.left), (2, 1));
        assert_eq!(degrees(-2.0, "E", "W"), "2.0000° W");
    }
}
