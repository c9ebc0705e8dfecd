//! One eNodeB: how it is, all that its gateway says of it, and how it is configured.

use crate::edit;
use crate::edit::words;
use crate::enodebs::summaries::{Enodeb, find_one, resource, url};
use crate::failure::Failure;
use crate::gateways;
use crate::navigation::Section;
use crate::page::Page;
use crate::view::status::{status, yes_or_no};
use crate::view::when::when_or;
use crate::visit::Visit;
use axum::extract::Path;
use axum::response::Response;
use maud::{Markup, html};
use serde_json::Value;

pub(super) async fn show(
    visit: Visit,
    Path((id, serial)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let network = visit.network(&id)?;
    let place = resource(&id, &serial);
    let whole: Value = visit.rest.get(&place).await?;
    let state: Value = visit.rest.find(&format!("{place}/state")).await?.unwrap_or_default();
    let summary = find_one(&visit, &id, &serial).await?.unwrap_or_default();
    let title = whole["name"].as_str().filter(|name| !name.is_empty()).unwrap_or(&serial);
    let mut page = Page::new(&visit, Section::Enodebs, title)
        .of_network(&id)
        .below(network.title(), Section::Network.url(&id))
        .below("eNodeBs", Section::Enodebs.url(&id));
    let now = page.live("now", &now(&id, &summary, &state));
    let configuration = page.live("configuration", &configuration(&whole));
    let here = url(&id, &serial);
    Ok(page.show(html! {
        @if network.may_write {
            div.buttons {
                @if !summary.reporting_gateway_id.is_empty() { a.button href={ (here) "/reboot" } { "Reboot…" } }
                a.button href={ (here) "/gateway" } { "Assign to a gateway…" }
                a.button href=(edit::change(&place, &here)) { "Change" }
                a.button href=(edit::history(&place, &here)) { "History" }
                a.button href=(edit::delete(&place, &Section::Enodebs.url(&id))) { "Delete" }
            }
        }
        (now)
        (configuration)
    }))
}

fn now(network: &str, enodeb: &Enodeb, state: &Value) -> Markup {
    let gateway = |id: &str, none: &str| {
        html! { @if id.is_empty() { span.quiet { (none) } } @else { a href=(gateways::url(network, id)) { (id) } } }
    };
    html! {
        section.now aria-label="How it is now" {
            p.lead { (status(enodeb.state, &enodeb.reasons.join("; "))) }
            dl.facts {
                div { dt { "Reported" } dd { (when_or(enodeb.time_reported, "not reported")) } }
                div { dt { "By gateway" } dd { (gateway(&enodeb.reporting_gateway_id, "none")) } }
                div { dt { "Assigned to gateway" } dd { (gateway(&enodeb.attached_gateway_id, "none yet")) } }
                div { dt { "Subscribers connected" } dd { @if let Some(count) = enodeb.ues_connected { (count) } @else { span.quiet { "not told" } } } }
            }
        }
        section aria-labelledby="state-title" {
            h2 id="state-title" { "What its gateway says" }
            @if state.is_object() { (reported(state)) }
            @else { div.empty { p { "No gateway has said anything of it yet." } } }
        }
    }
}

/// What is said as yes or no: a field, and what it means.
const SWITCHES: [(&str, &str, &str, &str); 8] = [
    ("enodeb_connected", "Connected to the gateway", "yes", "no"),
    ("enodeb_configured", "Has taken its configuration", "yes", "no"),
    ("opstate_enabled", "Operational", "yes", "no"),
    ("mme_connected", "Connected to the MME", "yes", "no"),
    ("rf_tx_on", "Transmits", "on", "off"),
    ("rf_tx_desired", "Is to transmit", "on", "off"),
    ("gps_connected", "Receives GPS", "yes", "no"),
    ("ptp_connected", "Receives PTP time", "yes", "no"),
];

/// What is said as a text or a number.
const TEXTS: [(&str, &str); 5] = [
    ("fsm_state", "Session"),
    ("ip_address", "IP address"),
    ("ues_connected", "Subscribers connected"),
    ("gps_latitude", "Latitude, degrees"),
    ("gps_longitude", "Longitude, degrees"),
];

fn reported(state: &Value) -> Markup {
    let is_shown = |name: &str| {
        SWITCHES.iter().any(|(known, ..)| *known == name)
            || TEXTS.iter().any(|(known, _)| *known == name)
            || matches!(name, "time_reported" | "reporting_gateway_id")
    };
    let others = state.as_object().into_iter().flatten().filter(|(name, _)| !is_shown(name));
    html! {
        dl.facts {
            @for (field, title, yes, no) in SWITCHES {
                div { dt { (title) } dd { (yes_or_no(state[field].as_bool(), yes, no)) } }
            }
            @for (field, title) in TEXTS { div { dt { (title) } dd { (value(&state[field])) } } }
            @for (field, other) in others { div { dt { code { (field) } } dd { (value(other)) } } }
        }
    }
}

fn value(value: &Value) -> Markup {
    html! {
        @match value {
            Value::Null => span.quiet { "not told" },
            Value::String(text) if text.is_empty() => span.quiet { "not told" },
            Value::String(text) => (text),
            Value::Bool(is_so) => (if *is_so { "yes" } else { "no" }),
            other => (other),
        }
    }
}

fn configuration(whole: &Value) -> Markup {
    let config = &whole["enodeb_config"];
    let is_unmanaged = config["config_type"] == "UNMANAGED";
    let (definition, fields) = match is_unmanaged {
        true => ("unmanaged_enodeb_configuration", &config["unmanaged_config"]),
        false => ("enodeb_configuration", &whole["config"]),
    };
    let text = |name: &str| whole[name].as_str().filter(|text| !text.is_empty());
    html! {
        section aria-labelledby="configuration-title" {
            h2 id="configuration-title" { "How it is configured" }
            dl.facts {
                div { dt { "Serial number" } dd { code { (text("serial").unwrap_or_default()) } } }
                div { dt { "Description" } dd { (text("description").unwrap_or("–")) } }
                div { dt { "Managed" } dd { @if is_unmanaged { "no: something else configures it" } @else { "yes, by its gateway" } } }
                @for (field, shown) in fields.as_object().into_iter().flatten() {
                    div { dt { (words::of(definition, field).label(field)) } dd { (value(shown)) } }
                }
            }
        }
    }
}
