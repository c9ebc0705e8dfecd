//! The configuration of a network as cards: each part in words, with where it is changed and what it was.

use super::creation::KNOWN_KEY;
use crate::edit;
use crate::navigation::Section;
use crate::rest::path;
use crate::view::status::{Health, worded, yes_or_no};
use crate::visit::MyNetwork;
use maud::{Markup, html};
use serde_json::Value;

/// A part: its title, the resource that it is, and its facts.
struct Part {
    title: &'static str,
    resource: String,
    facts: Vec<(&'static str, Markup)>,
}

/// All parts that a network of its kind has. `whole` is the network as its kind has it, `generic` as every network has it.
pub(super) fn cards(network: &MyNetwork, whole: &Value, generic: &Value) -> Markup {
    let id = network.id.as_str();
    let mut parts = Vec::new();
    if network.is_lte() {
        parts.push(Part {
            title: "RAN",
            resource: path(&["lte", id, "cellular", "ran"]),
            facts: ran(&whole["cellular"]["ran"]),
        });
        let epc = &whole["cellular"]["epc"];
        let resource = path(&["lte", id, "cellular", "epc"]);
        parts.push(Part { title: "EPC", resource: resource.clone(), facts: epc_facts(epc) });
        parts.push(Part {
            title: "IP addresses of subscribers",
            resource,
            facts: mobility(&epc["mobility"]),
        });
        parts.push(Part {
            title: "5G core",
            resource: path(&["lte", id, "cellular", "ngc"]),
            facts: core_5g(&whole["cellular"]),
        });
    }
    match network.kind.as_str() {
        "feg_lte" => parts.push(Part {
            title: "Federation",
            resource: path(&["feg_lte", id, "federation"]),
            facts: federated(&whole["federation"]),
        }),
        "feg" => parts.push(Part {
            title: "Federation",
            resource: path(&["feg", id, "federation"]),
            facts: federation(&whole["federation"]),
        }),
        "carrier_wifi_network" => parts.push(Part {
            title: "Wi-Fi",
            resource: path(&["cwf", id, "carrier_wifi"]),
            facts: wifi(whole),
        }),
        _ => {}
    }
    parts.push(Part { title: "DNS", resource: path(&["networks", id, "dns"]), facts: dns(&generic["dns"]) });
    parts.push(Part {
        title: "Features",
        resource: path(&["networks", id, "features"]),
        facts: features(&generic["features"]["features"]),
    });
    parts.push(Part {
        title: "Crash reports (Sentry)",
        resource: path(&["networks", id, "sentry"]),
        facts: sentry(&generic["sentry_config"]),
    });
    let here = Section::Network.url(id);
    html! { div.cards.parts { @for part in &parts { (part.card(&here, network.may_write)) } } }
}

impl Part {
    fn card(&self, here: &str, may_write: bool) -> Markup {
        html! {
            article.card {
                h3 { (self.title) }
                dl { @for (name, value) in &self.facts { div { dt { (name) } dd { (value) } } } }
                @if may_write {
                    p.actions {
                        a href=(edit::change(&self.resource, here)) { "Change" span.visually-hidden { " " (self.title) } }
                        " · "
                        a href=(edit::history(&self.resource, here)) { "History" span.visually-hidden { " of " (self.title) } }
                    }
                }
            }
        }
    }
}

/// A text or a number with its unit; what is not there is said to be so.
fn plain(value: &Value, unit: &str) -> Markup {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    };
    html! { @if text.is_empty() { span.quiet { "not set" } } @else { (text) @if !unit.is_empty() { " " (unit) } } }
}

/// On or off; `default` holds where nothing is said.
fn switch(value: &Value, default: bool) -> Markup {
    yes_or_no(Some(value.as_bool().unwrap_or(default)), "on", "off")
}

/// Names, or that there are none.
fn names(value: &Value) -> Markup {
    let names: Vec<&str> = value.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    html! { @if names.is_empty() { span.quiet { "none" } } @else { (names.join(", ")) } }
}

fn ran(ran: &Value) -> Vec<(&'static str, Markup)> {
    let mut facts = vec![("Bandwidth", plain(&ran["bandwidth_mhz"], "MHz"))];
    let (tdd, fdd) = (&ran["tdd_config"], &ran["fdd_config"]);
    if tdd.is_object() {
        facts.push(("Duplex", html! { "TDD" }));
        facts.push(("EARFCN, downlink and uplink", plain(&tdd["earfcndl"], "")));
        facts.push(("Subframe assignment", plain(&tdd["subframe_assignment"], "")));
        facts.push(("Special subframe pattern", plain(&tdd["special_subframe_pattern"], "")));
    }
    if fdd.is_object() {
        facts.push(("Duplex", html! { "FDD" }));
        facts.push(("EARFCN, downlink", plain(&fdd["earfcndl"], "")));
        facts.push(("EARFCN, uplink", plain(&fdd["earfcnul"], "")));
    }
    facts
}

fn epc_facts(epc: &Value) -> Vec<(&'static str, Markup)> {
    let key = match epc["lte_auth_op"].as_str() {
        Some(KNOWN_KEY) => worded(Health::Degraded, "everybody knows this key"),
        Some(key) if !key.is_empty() => html! { "set, not shown" },
        _ => html! { span.quiet { "not shown" } },
    };
    vec![
        ("MCC (country)", plain(&epc["mcc"], "")),
        ("MNC (operator)", plain(&epc["mnc"], "")),
        ("TAC (tracking area)", plain(&epc["tac"], "")),
        ("Operator's key (OP)", key),
        ("Authentication by the operator's HSS", switch(&epc["hss_relay_enabled"], false)),
        ("Policies and charging by the operator (Gx, Gy)", switch(&epc["gx_gy_relay_enabled"], false)),
        ("Network services", names(&epc["network_services"])),
        ("Default policy", plain(&epc["default_rule_id"], "")),
        ("Congestion control", switch(&epc["congestion_control_enabled"], true)),
    ]
}

fn mobility(mobility: &Value) -> Vec<(&'static str, Markup)> {
    let mode = match mobility["ip_allocation_mode"].as_str() {
        Some("NAT") | None => "NAT: each gateway has its own block",
        Some("STATIC") => "static: blocks by tracking area",
        Some("DHCP_PASSTHROUGH") => "DHCP, passed through",
        Some("DHCP_BROADCAST") => "DHCP, by broadcast",
        Some(other) => other,
    };
    vec![
        ("Allocation", html! { (mode) }),
        ("Static addresses of subscribers", switch(&mobility["enable_static_ip_assignments"], false)),
        ("By APN", switch(&mobility["enable_multi_apn_ip_allocation"], false)),
        ("Reserved addresses", names(&mobility["reserved_addresses"])),
    ]
}

fn core_5g(cellular: &Value) -> Vec<(&'static str, Markup)> {
    let profiles = cellular["ngc"]["suci_profiles"].as_array().map_or(0, Vec::len);
    vec![
        ("5G standalone (in EPC)", switch(&cellular["epc"]["enable5g_features"], false)),
        ("Keys that conceal identities (SUCI)", html! { (profiles) }),
    ]
}

fn federated(federation: &Value) -> Vec<(&'static str, Markup)> {
    let map = &federation["federated_modes_mapping"];
    let rules: Vec<&Value> = map["mapping"].as_array().into_iter().flatten().collect();
    let text =
        |rule: &Value, name: &str| rule[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let line = |rule: &Value| {
        let mode = match rule["mode"].as_str() {
            Some("local_subscriber") => "our own subscriber",
            Some("s8_subscriber") => "by S8 to his operator",
            _ => "no mode",
        };
        let of = [("APN", "apn"), ("IMSIs", "imsi_range"), ("PLMN", "plmn")];
        let of: Vec<_> =
            of.iter().filter_map(|(title, name)| Some(format!("{title} {}", text(rule, name)?))).collect();
        format!("{}: {mode}", if of.is_empty() { "everybody".to_owned() } else { of.join(", ") })
    };
    vec![
        ("Federation network", plain(&federation["feg_network_id"], "")),
        ("Who is served how, by a mapping", switch(&map["enabled"], false)),
        (
            "Mapping",
            html! { @if rules.is_empty() { span.quiet { "none" } } @else { ol { @for rule in &rules { li { (line(rule)) } } } } },
        ),
    ]
}

fn federation(federation: &Value) -> Vec<(&'static str, Markup)> {
    let peer = |name: &str| {
        let servers = federation[name]["servers"].as_array().into_iter().flatten();
        let all = std::iter::once(&federation[name]["server"]).chain(servers);
        let mut peers: Vec<&str> = all.filter_map(|server| server["address"].as_str()).collect();
        peers.retain(|address| !address.is_empty());
        peers.dedup();
        html! { @if peers.is_empty() { span.quiet { "not set" } } @else { (peers.join(", ")) } }
    };
    vec![
        ("Serves networks", names(&federation["served_network_ids"])),
        ("Serves neutral hosts", names(&federation["served_nh_ids"])),
        ("S6a", peer("s6a")),
        ("Gx", peer("gx")),
        ("Gy", peer("gy")),
        ("SWx", peer("swx")),
        ("S8", plain(&federation["s8"]["pgw_address"], "")),
        ("CSFB", plain(&federation["csfb"]["client"]["server_address"], "")),
    ]
}

fn wifi(whole: &Value) -> Vec<(&'static str, Markup)> {
    let wifi = &whole["carrier_wifi"];
    vec![
        ("Federation network", plain(&whole["federation"]["feg_network_id"], "")),
        ("Network services", names(&wifi["network_services"])),
        ("Default policy", plain(&wifi["default_rule_id"], "")),
        ("Accounting", switch(&wifi["aaa_server"]["accounting_enabled"], true)),
        ("Session ends when idle for", plain(&wifi["aaa_server"]["idle_session_timeout_ms"], "ms")),
    ]
}

fn dns(dns: &Value) -> Vec<(&'static str, Markup)> {
    let records: Vec<&str> = dns["records"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|record| record["domain"].as_str())
        .collect();
    vec![
        ("Caching", switch(&dns["enable_caching"], false)),
        ("Kept for", plain(&dns["local_ttl"], "s")),
        (
            "DHCP server",
            dns["dhcp_server_enabled"].as_bool().map_or_else(
                || html! { span.quiet { "not set" } },
                |is_on| yes_or_no(Some(is_on), "on", "off"),
            ),
        ),
        (
            "Records",
            html! { @if records.is_empty() { span.quiet { "none" } } @else { (records.join(", ")) } },
        ),
    ]
}

fn features(features: &Value) -> Vec<(&'static str, Markup)> {
    let all: Vec<(&String, &Value)> = features.as_object().into_iter().flatten().collect();
    let list = html! {
        @if all.is_empty() { span.quiet { "none" } } @else { ul { @for (name, value) in &all { li { code { (name) } " = " (plain(value, "")) } } } }
    };
    vec![("Set", list)]
}

fn sentry(sentry: &Value) -> Vec<(&'static str, Markup)> {
    vec![
        ("Of programs in Python", plain(&sentry["url_python"], "")),
        ("Of programs in C", plain(&sentry["url_native"], "")),
        ("The MME's log with them", switch(&sentry["upload_mme_log"], false)),
        ("Part that is sent", plain(&sentry["sample_rate"], "of 1")),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::networks::creation::{KINDS, New, body};

    #[test]
    fn every_kind_has_its_parts_and_nothing_blanks() {
        for (kind, ..) in KINDS {
            let network =
                MyNetwork { id: "n1".into(), kind: kind.into(), may_write: true, ..MyNetwork::default() };
            let whole = body(&New {
                kind: kind.into(),
                id: "n1".into(),
                feg_network_id: "f1".into(),
                ..New::default()
            });
            let text = cards(&network, &whole, &whole).into_string();
            assert_eq!(text.contains("20 MHz"), network.is_lte(), "{kind}");
            assert_eq!(text.contains("everybody knows this key"), network.is_lte(), "{kind}");
            assert_eq!(text.contains("f1"), matches!(kind, "feg_lte" | "carrier_wifi_network"), "{kind}");
            assert!(text.contains("DNS") && text.contains("Change"), "{kind}");
            assert!(cards(&network, &Value::Null, &Value::Null).into_string().contains("not set"), "{kind}");
        }
    }
}
