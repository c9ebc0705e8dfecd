//! One network: how many of what it has, and its configuration part by part.

use super::parts;
use crate::edit;
use crate::failure::Failure;
use crate::gateways::summaries::Summaries;
use crate::navigation::{Section, kind_of};
use crate::page::Page;
use crate::rest::path;
use crate::traffic::List;
use crate::view::status::{Health, status};
use crate::visit::{MyNetwork, Visit};
use axum::extract::Path;
use axum::response::Response;
use maud::{Markup, html};
use serde_json::Value;
use std::collections::BTreeMap;

pub(super) async fn show(visit: Visit, Path(id): Path<String>) -> Result<Response, Failure> {
    let network = visit.network(&id)?;
    let whole: Value = visit.rest.get(&whole_path(network)).await?;
    let generic: Value = match whole_path(network) == path(&["networks", &id]) {
        true => whole.clone(),
        false => visit.rest.find(&path(&["networks", &id])).await?.unwrap_or_default(),
    };
    let counts = Counts::of(&visit, network).await?;
    let mut page = Page::new(&visit, Section::Network, network.title())
        .of_network(&id)
        .below("Networks", Section::Networks.url(""));
    let counts = page.live("counts", &counts.show(network));
    Ok(page.show(html! {
        dl.facts {
            div { dt { "Id" } dd { code { (id) } } }
            div { dt { "Kind" } dd { (kind_of(&network.kind)) } }
            div { dt { "Description" } dd { (whole["description"].as_str().filter(|text| !text.is_empty()).unwrap_or("–")) } }
        }
        (counts)
        section aria-labelledby="configuration-title" {
            h2 id="configuration-title" { "Configuration" }
            @if !network.may_write { p.quiet { "You may look at this network, but not change it." } }
            (parts::cards(network, &whole, &generic))
        }
        @if network.may_write {
            @let here = Section::Network.url(&id);
            div.buttons {
                a.button href=(edit::change(&whole_path(network), &here)) { "Change as a whole" }
                a.button href=(edit::history(&whole_path(network), &here)) { "History" }
                a.button.danger href=(edit::delete(&whole_path(network), Section::Networks.url("").as_str())) { "Delete" }
            }
        }
    }))
}

/// The resource of a whole network, with what its kind has.
fn whole_path(network: &MyNetwork) -> String {
    let collection = match network.kind.as_str() {
        "lte" | "feg" | "feg_lte" => network.kind.as_str(),
        "carrier_wifi_network" => "cwf",
        _ => "networks",
    };
    path(&[collection, &network.id])
}

/// How many of what there are; `None`: a network of this kind has none, or it is not told.
#[derive(Default)]
struct Counts {
    gateways: Summaries,
    enodebs: Option<(usize, BTreeMap<String, usize>)>,
    subscribers: Option<u64>,
    policies: Option<usize>,
    apns: Option<usize>,
}

impl Counts {
    async fn of(visit: &Visit, network: &MyNetwork) -> Result<Self, Failure> {
        let (id, rest) = (network.id.as_str(), &visit.rest);
        let gateways = path(&["networks", id, "gateway_summaries"]) + "?page_size=1";
        let policies = path(&["networks", id, "policies", "rules"]);
        let (gateways, policies) =
            tokio::join!(rest.get::<Summaries>(&gateways), rest.find::<Vec<String>>(&policies));
        let mut counts = Self {
            gateways: gateways?,
            policies: policies.ok().flatten().map(|names| names.len()),
            ..Self::default()
        };
        if network.kind == "feg" || network.kind.is_empty() {
            counts.policies = None;
        }
        if network.is_lte() {
            let enodebs = path(&["lte", id, "enodeb_summaries"]) + "?page_size=1";
            let subscribers = path(&["lte", id, "subscriber_summaries"]) + "?page_size=1";
            let apns = path(&["lte", id, "apns"]);
            let (enodebs, subscribers, apns) = tokio::join!(
                rest.find::<Value>(&enodebs),
                rest.find::<Value>(&subscribers),
                rest.find::<Value>(&apns)
            );
            let number = |value: &Value| value.as_u64().and_then(|count| usize::try_from(count).ok());
            counts.enodebs = enodebs.ok().flatten().and_then(|found| {
                let states = found["states"].as_object().into_iter().flatten();
                let states = states.filter_map(|(state, count)| Some((state.clone(), number(count)?)));
                Some((number(&found["total_count"])?, states.collect()))
            });
            counts.subscribers = subscribers.ok().flatten().and_then(|found| found["total_count"].as_u64());
            counts.apns = apns.ok().flatten().and_then(|found| found.as_object().map(serde_json::Map::len));
        }
        Ok(counts)
    }

    fn show(&self, network: &MyNetwork) -> Markup {
        let id = network.id.as_str();
        let card = |title: &str, url: &str, count: Option<String>, below: &Markup| {
            html! {
                article.card {
                    h3 { a href=(url) { (title) } " " @if let Some(count) = &count { span.count { (count) } } @else { span.quiet { "not told" } } }
                    (below)
                }
            }
        };
        let none = html! {};
        html! {
            div.cards.counts {
                (card("Gateways", &Section::Gateways.url(id), Some(self.gateways.total_count.to_string()), &states(&Section::Gateways.url(id), &self.gateways.states)))
                @if network.is_lte() {
                    @let url = Section::Enodebs.url(id);
                    @let by_state = self.enodebs.as_ref().map(|(_, by_state)| states(&url, by_state)).unwrap_or_default();
                    (card("eNodeBs", &url, self.enodebs.as_ref().map(|(count, _)| count.to_string()), &by_state))
                    (card("Subscribers", &Section::Subscribers.url(id), self.subscribers.map(|count| count.to_string()), &none))
                }
                @if network.is_lte() || network.kind == "carrier_wifi_network" {
                    (card("Policies", &List::Policies.url(id), self.policies.map(|count| count.to_string()), &none))
                }
                @if network.is_lte() { (card("APNs", &List::Apns.url(id), self.apns.map(|count| count.to_string()), &none)) }
            }
        }
    }
}

fn states(all: &str, states: &BTreeMap<String, usize>) -> Markup {
    html! {
        ul.states {
            @for health in Health::ALL {
                @let count = states.get(health.name()).copied().unwrap_or_default();
                @if count > 0 {
                    li { a href={ (all) "?state=" (health.name()) } { (status(health, "")) " " strong { (count) } } }
                }
            }
        }
    }
}
