//! A gateway at a glance: how it is and why, whether it has its configuration, what it is, and its resources over time.

use super::machine::{fact, machine};
use super::{Detail, Tab, tier};
use crate::assets::Asset;
use crate::edit;
use crate::failure::Failure;
use crate::gateways::adoption::adoption;
use crate::gateways::detail::configuration::{Applied, applied};
use crate::gateways::detail::events::{Alerts, alerts};
use crate::navigation::Section;
use crate::rest::path;
use crate::view::chart::{self, Chart, Line};
use crate::view::range::Range;
use crate::view::status::{Health, status};
use crate::view::table::ListUrl;
use crate::view::unit::Unit;
use crate::view::when::{when, when_or};
use crate::visit::Visit;
use axum::extract::{Path, Query};
use axum::response::Response;
use maud::{Markup, html};
use serde_json::Value;
use std::collections::BTreeMap;

/// So many eNodeBs are named; the others are in the list.
const ENODEBS_MAX: usize = 12;

pub(super) async fn show(
    visit: Visit,
    Path((network, gateway)): Path<(String, String)>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    let detail = Detail::load(visit, &network, gateway).await?;
    let url = ListUrl::new(detail.url(Tab::Overview), &query);
    let range = Range::of(&url);
    let charts = charts(&detail.id);
    let (tier, is_applied, firing, charts) = tokio::join!(
        tier::form(&detail),
        Applied::load(&detail),
        Alerts::load(&detail),
        chart::load_all(&detail.visit, &network, &charts, &range),
    );
    let (tier, is_applied) = (tier?, is_applied?);
    let mut page = detail.page(Tab::Overview);
    let has_arrived = detail.summary.state != Health::Pending;
    let now = page.live(
        "now",
        &html! {
            (now(&detail, &is_applied))
            (adoption(&detail.summary, &detail.whole))
            @if has_arrived { (alerts(&network, &firing)) }
        },
    );
    let facts =
        page.live("facts", &html! { (facts(&detail)) (certificate(&detail)) (machine(detail.status())) });
    let charts = html! {
        @if has_arrived {
            section aria-labelledby="resources-title" {
                h2 id="resources-title" { "Resources over time" }
                p { a href={ "/console" (path(&["networks", &network, "metrics", "gateways", &detail.id])) } { "All that it measures" } }
                (range.chooser(&url))
                (page.live("charts", &html! { div.charts { @for chart in &charts { (chart) } } }))
            }
        }
    };
    if has_arrived {
        page.uses(Asset::Chart);
    }
    let back = detail.url(Tab::Overview);
    Ok(page.show(html! {
        (detail.tabs(Tab::Overview))
        (now)
        (tier)
        (charts)
        (facts)
        @if detail.network.may_write {
            section.end {
                a.button href=(edit::change(&detail.resource, &back)) { "Change" }
                " " a.button href=(edit::delete(&detail.resource, &Section::Gateways.url(&network))) { "Delete this gateway" }
            }
        }
    }))
}

/// How it is, why, and since when.
fn now(detail: &Detail, is_applied: &Applied) -> Markup {
    let summary = &detail.summary;
    let not_told = || html! { span.quiet { "not told" } };
    html! {
        section.now aria-label="How it is now" {
            p.lead { (status(summary.state, &summary.reasons.join("; "))) }
            dl.facts {
                div { dt { "Last check-in" } dd { (when(summary.checkin_time)) } }
                div { dt { "Version" } dd { @if summary.version.is_empty() { (not_told()) } @else { (summary.version) } } }
                div { dt { "Configuration" } dd { (applied(is_applied)) } }
                div { dt { "Certificate ends" } dd { (when_or(summary.cert_expiration_time.saturating_mul(1000), "none yet")) } }
                @if detail.network.is_lte() { (enodebs(detail)) }
            }
            @if !is_applied.problems.is_empty() {
                h2 { "Its configuration is incomplete" }
                ul { @for problem in &is_applied.problems { li { (status(Health::Degraded, problem)) } } }
            }
        }
    }
}

/// The eNodeBs that are configured at it, and where its sessions are.
fn enodebs(detail: &Detail) -> Markup {
    let serials = detail.whole["connected_enodeb_serials"].as_array().map(Vec::as_slice).unwrap_or_default();
    let network = &detail.network.id;
    let all = |section: &str| format!("/console{}", path(&["networks", network, section]));
    html! {
        div { dt { "eNodeBs" } dd {
            @if serials.is_empty() { span.quiet { "none is assigned" } }
            @for (at, serial) in serials.iter().filter_map(Value::as_str).take(ENODEBS_MAX).enumerate() {
                @if at > 0 { ", " }
                a href={ (all("enodebs")) (path(&[serial])) } { code { (serial) } }
            }
            @if serials.len() > ENODEBS_MAX { ", " a href=(all("enodebs")) { (serials.len() - ENODEBS_MAX) " more" } }
        } }
        div { dt { "Subscribers with sessions" } dd {
            @if let Some(subscribers) = detail.summary.subscribers { (subscribers) } @else { span.quiet { "not told" } }
            ", of " a href=(all("subscribers")) { "all of the network" }
        } }
    }
}

/// What was configured.
fn facts(detail: &Detail) -> Markup {
    let whole = &detail.whole;
    let text = |name: &str| whole[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    html! {
        section aria-labelledby="facts-title" {
            h2 id="facts-title" { "What it is" }
            dl.facts {
                div { dt { "Id" } dd { code { (detail.id) } } }
                div { dt { "Hardware id" } dd {
                    @if detail.hardware_id().is_empty() { "no device has registered" } @else { code { (detail.hardware_id()) } }
                } }
                (fact("Upgrade tier", text("tier")))
                (fact("Description", text("description")))
            }
        }
    }
}

/// Its certificate, and what happens before its end.
fn certificate(detail: &Detail) -> Markup {
    let end = detail.summary.cert_expiration_time;
    html! {
        @if end > 0 {
            section aria-labelledby="certificate-title" {
                h2 id="certificate-title" { "Its certificate" }
                p { "It ends " (when(end.saturating_mul(1000))) "." }
                p.quiet {
                    "The gateway asks for a new one by itself, from 20 hours before the end of the one that it has; nothing is to be done here. "
                    "One that does not is cut off from the network, or its clock is wrong: its own command " code { "magmad doctor" } " says which."
                }
            }
        }
    }
}

/// Its resources: what magmad measures on any machine.
fn charts(gateway: &str) -> Vec<Chart> {
    let of = |metric: &str| format!("{metric}{{gatewayID=\"{}\"}}", quoted(gateway));
    let one = |title: &str, unit: Unit, name: &str, promql: String| {
        Chart::new(title, unit, vec![Line::new(name, promql)])
    };
    let rate = |metric: &str| format!("8 * rate({}[5m])", of(metric));
    vec![
        one("Processor", Unit::Percent, "busy", of("cpu_percent")),
        Chart::new(
            "Memory",
            Unit::Bytes,
            vec![Line::new("used", of("mem_used")), Line::new("available", of("mem_available"))],
        ),
        one("Disk", Unit::Percent, "full", of("disk_percent")),
        one("Temperature", Unit::Celsius, "{sensor}", of("temperature")),
        Chart::new(
            "Traffic of its interfaces",
            Unit::BitsPerSecond,
            vec![Line::new("received", rate("bytes_received")), Line::new("sent", rate("bytes_sent"))],
        ),
        one("Check-in (1: it does)", Unit::Count, "checks in", of("checkin_status")),
    ]
}

/// A text in the quotes of PromQL.
pub(super) fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
