//! Built-in dashboards: the charts of one group at a time, so that a page stays quick.

use crate::assets::Asset;
use crate::failure::Failure;
use crate::metrics::panels::{Group, Object, groups};
use crate::metrics::{Kind, choose_url, dashboard_url, tabs};
use crate::navigation::Section;
use crate::page::Page;
use crate::rest::path;
use crate::view::chart;
use crate::view::range::Range;
use crate::view::table::ListUrl;
use crate::visit::Visit;
use axum::extract::{Path, Query};
use axum::response::Response;
use maud::{Markup, html};
use serde_json::Value;
use std::collections::BTreeMap;

type Said = Query<BTreeMap<String, String>>;

pub(super) async fn network(visit: Visit, Path(id): Path<String>, said: Said) -> Result<Response, Failure> {
    let title = visit.network(&id)?.title().to_owned();
    show(&visit, &id, (Kind::Network, "", &format!("Metrics of {title}")), &Object::default(), said).await
}

pub(super) async fn gateway(
    visit: Visit,
    Path((network, id)): Path<(String, String)>,
    said: Said,
) -> Result<Response, Failure> {
    let object = Object { gateway: id.clone(), ..Object::default() };
    show(&visit, &network, (Kind::Gateway, &id, &format!("Metrics of gateway {id}")), &object, said).await
}

/// Its address, and the gateway that tells of it, are as it was reported last.
pub(super) async fn enodeb(
    visit: Visit,
    Path((network, id)): Path<(String, String)>,
    said: Said,
) -> Result<Response, Failure> {
    visit.network(&network)?;
    let state: Option<Value> = visit.rest.find(&path(&["lte", &network, "enodebs", &id, "state"])).await?;
    let state = state.unwrap_or_default();
    let text = |field: &str| state[field].as_str().unwrap_or_default().to_owned();
    let object = Object {
        gateway: text("reporting_gateway_id"),
        enodeb: id.clone(),
        ip: text("ip_address"),
        ..Object::default()
    };
    show(&visit, &network, (Kind::Enodeb, &id, &format!("Metrics of eNodeB {id}")), &object, said).await
}

pub(super) async fn subscriber(
    visit: Visit,
    Path((network, id)): Path<(String, String)>,
    said: Said,
) -> Result<Response, Failure> {
    let object = Object { imsi: id.clone(), ..Object::default() };
    show(&visit, &network, (Kind::Subscriber, &id, &format!("Metrics of {id}")), &object, said).await
}

async fn show(
    visit: &Visit,
    network_id: &str,
    (kind, id, title): (Kind, &str, &str),
    object: &Object,
    Query(query): Said,
) -> Result<Response, Failure> {
    let network = visit.network(network_id)?;
    let url = ListUrl::new(dashboard_url(network_id, kind, id), &query);
    let groups = groups(kind, network.is_lte());
    let chosen = groups.iter().find(|group| group.name == url.value("group")).or(groups.first());
    let mut page = Page::new(visit, Section::Metrics, title)
        .of_network(network_id)
        .below(network.title(), Section::Network.url(network_id));
    if kind != Kind::Network {
        page = page
            .below("Metrics", Section::Metrics.url(network_id))
            .below(kind.title(), choose_url(network_id, kind));
    }
    page.uses(Asset::Chart);
    let range = Range::of(&url);
    let charts = chosen.map(|group| group.panels.iter().map(|panel| panel.chart(object)).collect::<Vec<_>>());
    let figures = chart::load_all(visit, network_id, &charts.unwrap_or_default(), &range).await;
    let figures = page.live("charts", &html! { div.charts { @for figure in &figures { (figure) } } });
    let is_silent = kind == Kind::Enodeb && object.ip.is_empty();
    Ok(page.show(html! {
        (tabs(network_id, network.is_lte(), Some(kind)))
        (choice(&url, &groups, chosen.copied()))
        (range.chooser(&url))
        @if is_silent { p { "No gateway has told this eNodeB's address yet, by which its traffic is known." } }
        (figures)
        p.quiet { "Drag over a chart to see a part of the time; a double click goes back. The URL says what you see: share it." }
    }))
}

/// The groups of the dashboard.
fn choice(url: &ListUrl, groups: &[&'static Group], chosen: Option<&'static Group>) -> Markup {
    html! {
        nav.range aria-label="Groups of charts" {
            @for group in groups {
                a.button href=(url.with("group", group.name)) aria-current=[chosen.is_some_and(|chosen| chosen.name == group.name).then_some("page")] { (group.title) }
            }
        }
    }
}
