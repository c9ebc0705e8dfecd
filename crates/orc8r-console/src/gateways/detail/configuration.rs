//! What a gateway is configured to be, part by part, and whether it has that already.

use super::{Detail, Tab, may_not};
use crate::edit;
use crate::edit::words;
use crate::failure::Failure;
use crate::form::is_secret;
use crate::view::status::{Health, status};
use crate::view::when::when_or;
use crate::visit::Visit;
use axum::extract::{Path, Query};
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// Whether the gateway has its configuration, as `…/configuration_state` tells.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Applied {
    state: String,
    /// Seconds since 1970; 0: it has not said.
    reported_created_at: i64,
    /// Milliseconds since 1970; 0: never.
    report_time: i64,
    /// Milliseconds since 1970; 0: no change is known.
    changed_time: i64,
    /// The services that get a configuration.
    pub(super) services: Vec<String>,
    /// What is wrong with it.
    pub(super) problems: Vec<String>,
}

impl Applied {
    pub(super) async fn load(detail: &Detail) -> Result<Self, Failure> {
        Ok(detail.visit.rest.get(&detail.any("/configuration_state")).await?)
    }
}

/// Whether it has it, in a line.
pub(super) fn applied(applied: &Applied) -> Markup {
    match applied.state.as_str() {
        "applied" => status(Health::Ok, "applied"),
        "waiting" => status(Health::Pending, "saved; the gateway has not reported it yet"),
        _ if applied.reported_created_at == 0 => {
            status(Health::Unknown, "the gateway has not said which it has")
        }
        _ => status(Health::Unknown, "the gateway's report is older than the last change"),
    }
}

pub(super) async fn show(
    visit: Visit,
    Path((network, gateway)): Path<(String, String)>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    let detail = Detail::load(visit, &network, gateway).await?;
    let is_applied = Applied::load(&detail).await?;
    let mut page = detail.page(Tab::Configuration);
    let state = page.live("state", &state(&is_applied));
    let here = detail.url(Tab::Configuration);
    let as_json = query.get("json").is_some_and(|json| json == "1");
    let body = if as_json { json(&detail.whole) } else { cards(&detail, &here) };
    Ok(page.show(html! {
        (detail.tabs(Tab::Configuration))
        (state)
        div.buttons {
            @if as_json { a.button href=(here) { "Show as cards" } } @else { a.button href={ (here) "?json=1" } { "Show as JSON" } }
            a.button href=(edit::history(&detail.resource, &here)) { "History of the whole" }
            @if detail.network.may_write { a.button href=(edit::change(&detail.resource, &here)) { "Change the whole" } }
        }
        @if !detail.network.may_write { (may_not("its configuration is shown as it is.")) }
        (body)
    }))
}

fn state(is_applied: &Applied) -> Markup {
    html! {
        section aria-label="Whether it is applied" {
            p.lead { (applied(is_applied)) }
            dl.facts {
                div { dt { "Last change that could concern it" } dd { (when_or(is_applied.changed_time, "none is known")) } }
                div { dt { "The one that it has was made" } dd { (when_or(is_applied.reported_created_at.saturating_mul(1000), "not told")) } }
                div { dt { "It told so" } dd { (when_or(is_applied.report_time, "not reported")) } }
            }
            @for problem in &is_applied.problems { p { (status(Health::Degraded, problem)) } }
        }
    }
}

/// The whole without what was reported.
fn json(whole: &Value) -> Markup {
    let mut whole = whole.clone();
    if let Some(whole) = whole.as_object_mut() {
        for name in ["status", "registration_info", "checked_in_recently", "configuration_problems"] {
            whole.remove(name);
        }
    }
    let text = serde_json::to_string_pretty(&edit::hidden(&whole)).unwrap_or_default();
    html! { pre.json tabindex="0" aria-label="Configuration as JSON" { (text) } }
}

/// A part of a configuration.
struct Part {
    /// Below the gateway in the API.
    place: &'static str,
    /// Below the gateway's JSON.
    pointer: &'static str,
    title: &'static str,
    help: &'static str,
    /// The contract's name of what it is, for its words.
    definition: &'static str,
}

const fn part(
    place: &'static str,
    pointer: &'static str,
    title: &'static str,
    help: &'static str,
    definition: &'static str,
) -> Part {
    Part { place, pointer, title, help, definition }
}

/// What every gateway has.
const ANY: [Part; 2] = [
    part(
        "magmad",
        "/magmad",
        "Agent",
        "How often it checks in, what it runs, what it logs.",
        "magmad_gateway_configs",
    ),
    part(
        "device",
        "/device",
        "Device",
        "The machine that it is, and the key that it shows.",
        "gateway_device",
    ),
];

const LTE: [Part; 8] = [
    part(
        "cellular/epc",
        "/cellular/epc",
        "Core (EPC)",
        "Addresses of subscribers, and how their traffic leaves.",
        "gateway_epc_configs",
    ),
    part("cellular/ran", "/cellular/ran", "Radio", "What eNodeBs are told.", "gateway_ran_configs"),
    part(
        "cellular/dns",
        "/cellular/dns",
        "Names and addresses",
        "DNS and DHCP for eNodeBs.",
        "gateway_dns_configs",
    ),
    part("cellular/ngc", "/cellular/ngc", "5G core", "The AMF and its slices.", "gateway_ngc_configs"),
    part(
        "cellular/non_eps",
        "/cellular/non_eps_service",
        "Calls and messages of 2G and 3G",
        "CSFB and SMS.",
        "gateway_non_eps_configs",
    ),
    part(
        "cellular/pooling",
        "/cellular/pooling",
        "Gateway pools",
        "The pools that it is in.",
        "cellular_gateway_pool_record",
    ),
    part(
        "connected_enodeb_serials",
        "/connected_enodeb_serials",
        "eNodeBs",
        "Those that belong to it.",
        "enodeb_serials",
    ),
    part("vpn", "/magmad/vpn", "VPN", "Its way to the operator.", "gateway_vpn_configs"),
];

const FEDERATION: [Part; 1] = [part(
    "federation",
    "/federation",
    "Federation",
    "The operator's core that it speaks to.",
    "gateway_federation_configs",
)];

const WIFI: [Part; 1] =
    [part("carrier_wifi", "/carrier_wifi", "Wi-Fi", "Its peers and its health.", "gateway_cwf_configs")];

/// The parts of a gateway of this kind.
fn parts(kind: &str) -> impl Iterator<Item = &'static Part> {
    let of_kind: &'static [Part] = match kind {
        "lte" => &LTE,
        "feg" => &FEDERATION,
        "cwf" => &WIFI,
        _ => &[],
    };
    of_kind.iter().chain(&ANY)
}

fn cards(detail: &Detail, here: &str) -> Markup {
    let kind = detail.resource.split('/').nth(1).unwrap_or_default();
    html! {
        div.cards.wide {
            @for part in parts(kind) { (card(detail, kind, part, here)) }
            @if let Some(resources) = detail.whole["apn_resources"].as_object().filter(|resources| !resources.is_empty()) {
                article.card {
                    h2 { "APN resources" }
                    p.quiet { "VLANs and gateways of APNs; they are changed with the whole." }
                    (values("apn_resource", &Value::Object(resources.clone())))
                }
            }
        }
    }
}

fn card(detail: &Detail, kind: &str, part: &Part, here: &str) -> Markup {
    let value = detail.whole.pointer(part.pointer).cloned().unwrap_or_default();
    // The federation of a gateway has no other place than its network's kind; the device is one of every kind.
    let has_own_place = kind != "feg" || part.place == "federation";
    let resource = match has_own_place {
        true => format!("{}/{}", detail.resource, part.place),
        false => detail.any(&format!("/{}", part.place)),
    };
    html! {
        article.card {
            h2 { (part.title) }
            p.quiet { (part.help) }
            @if is_empty(&value) { p { "Nothing is configured." } } @else { (values(part.definition, &value)) }
            div.buttons {
                @if detail.network.may_write {
                    a.button href=(edit::change(&resource, here)) { "Change" span.visually-hidden { " " (part.title) } }
                }
                a.button href=(edit::history(&resource, here)) { "History" span.visually-hidden { " of " (part.title) } }
            }
        }
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

/// So many values of a part are listed; the JSON has all.
const VALUES_MAX: usize = 80;

/// The values of a part by their names, those inside others behind them.
fn values(definition: &str, value: &Value) -> Markup {
    let mut rows = Vec::new();
    collect(definition, "", value, &mut rows);
    html! {
        dl.values {
            @for (name, value) in rows.iter().take(VALUES_MAX) { div { dt { (name) } dd { (value) } } }
        }
        @if rows.len() > VALUES_MAX { p.quiet { (rows.len() - VALUES_MAX) " more are in the JSON." } }
    }
}

/// What is shown of a secret.
const HIDDEN: &str = "is set, and not shown";

fn collect(definition: &str, before: &str, value: &Value, rows: &mut Vec<(String, String)>) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                let word = words::of(definition, name);
                if word.is_hidden() {
                    continue;
                }
                let label = word.label(name);
                let label = if before.is_empty() { label } else { format!("{before} › {label}") };
                match value {
                    Value::Null => {}
                    _ if is_secret(name) => rows.push((label, HIDDEN.to_owned())),
                    value => collect(definition, &label, value, rows),
                }
            }
        }
        Value::Array(list) if list.iter().any(Value::is_object) => {
            for (at, value) in list.iter().enumerate() {
                let label =
                    if before.is_empty() { format!("{}", at + 1) } else { format!("{before} {}", at + 1) };
                collect(definition, &label, value, rows);
            }
        }
        other => {
            rows.push((if before.is_empty() { "Value".to_owned() } else { before.to_owned() }, shown(other)))
        }
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::String(text) if text.is_empty() => "–".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(list) if list.is_empty() => "none".to_owned(),
        Value::Array(list) => list.iter().map(shown).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_read_by_name_and_in_words() {
        let value = json!({"epc": {"nat_enabled": true, "dns": ["a", "b"]}, "pools": [{"id": 1}, {"id": 2}], "x": []});
        let mut rows = Vec::new();
        collect("any", "", &value, &mut rows);
        let rows: Vec<(&str, &str)> =
            rows.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert!(rows.contains(&("EPC › NAT enabled", "yes")), "{rows:?}");
        assert!(rows.contains(&("EPC › DNS", "a, b")), "{rows:?}");
        assert!(rows.contains(&("Pools 2 › ID", "2")), "{rows:?}");
        assert!(rows.contains(&("X", "none")), "{rows:?}");
    }

    #[test]
    fn what_was_reported_is_no_configuration() {
        let text =
            json(&json!({"id": "g1", "status": {"a": 1}, "registration_info": {"registration_token": "t"}}));
        assert!(!text.into_string().contains("registration"));
        let secret = json!({"he_config": {"hmac_key": "s3cret", "encryption_key": "s3cret"}});
        assert!(!json(&secret).into_string().contains("s3cret"));
        assert!(!values("gateway_he_config", &secret).into_string().contains("s3cret"));
    }
}
