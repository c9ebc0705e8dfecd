//! One subscriber: what he may and what he does.

use crate::assets::Asset;
use crate::edit;
use crate::failure::Failure;
use crate::gateways::summaries::Summaries as Gateways;
use crate::navigation::Section;
use crate::page::Page;
use crate::rest::{escaped, path};
use crate::subscribers::list::word;
use crate::subscribers::reported::{Session, enodeb, location, sessions};
use crate::subscribers::summaries::health;
use crate::subscribers::{resource, url, usage};
use crate::traffic;
use crate::view::range::Range;
use crate::view::status::worded;
use crate::view::table::ListUrl;
use crate::view::when::when;
use crate::visit::{MyNetwork, Visit};
use axum::extract::{Path, Query};
use axum::response::Response;
use maud::{Markup, html};
use serde_json::Value;
use std::collections::BTreeMap;

/// Which of his pages.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tab {
    Overview,
    Effective,
    Events,
}

/// One of his pages, with its frame.
pub(crate) fn page(visit: &Visit, network: &MyNetwork, subscriber: &Value, id: &str) -> Page {
    let digits = id.trim_start_matches("IMSI");
    let title = subscriber["name"].as_str().filter(|name| !name.is_empty()).unwrap_or(digits);
    Page::new(visit, Section::Subscribers, title)
        .of_network(&network.id)
        .below(network.title(), Section::Network.url(&network.id))
        .below("Subscribers", Section::Subscribers.url(&network.id))
}

/// The ways between his pages.
pub(crate) fn tabs(network: &str, subscriber: &str, shown: Tab) -> Markup {
    let here = url(network, subscriber);
    let all = [
        (Tab::Overview, "Overview", here.clone()),
        (Tab::Effective, "What he gets and why", format!("{here}/effective")),
        (Tab::Events, "Events", format!("{here}/events")),
    ];
    html! {
        nav.views aria-label="About this subscriber" {
            @for (tab, title, url) in all { a href=(url) aria-current=[(tab == shown).then_some("page")] { (title) } }
            a href=(edit::history(&resource(network, subscriber), &here)) { "History" }
        }
    }
}

pub(crate) async fn show(
    visit: Visit,
    Path((id, subscriber)): Path<(String, String)>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    let network = visit.network(&id)?;
    let list_url = ListUrl::new(url(&id, &subscriber), &query);
    let whole: Value = visit.rest.get(&resource(&id, &subscriber)).await?;
    let reported = &whole["state"];
    let gateway = gateway(&visit, &id, reported).await?;
    let enodeb = base_station(&visit, &id, reported).await?;
    let mut page = page(&visit, network, &whole, &subscriber);
    let now = page.live("now", &html! { (now(&whole)) (sessions_of(&id, reported, &gateway, &enodeb)) });
    let used = page.live("usage", &usage::totals(&visit, &id, &subscriber).await);
    let range = Range::of(&list_url);
    let chart = usage::chart(&visit, &id, &subscriber, &range).await;
    page.uses(Asset::Chart);
    Ok(page.show(html! {
        (tabs(&id, &subscriber, Tab::Overview))
        (now)
        section aria-labelledby="usage-title" { h2 id="usage-title" { "Usage" } (used) (range.chooser(&list_url)) (chart) }
        (facts(network, &subscriber, &whole))
        @if network.may_write { (buttons(&id, &subscriber, &whole)) }
    }))
}

/// Whether he may use the network, and where he is heard of.
fn now(whole: &Value) -> Markup {
    let state_name = whole["lte"]["state"].as_str().unwrap_or_default();
    let latency = whole["monitoring"]["icmp"]["latency_ms"].as_f64();
    let pinged = whole["monitoring"]["icmp"]["last_reported_time"].as_i64().unwrap_or_default();
    html! {
        section.now aria-label="How he is now" {
            p.lead { (worded(health(state_name), word(state_name)))
                @if state_name == "INACTIVE" { " " span.reason { "gateways refuse him" } } }
            @if let Some(latency) = latency {
                p { "Answers pings in " (format!("{latency:.1} ms")) " " span.quiet { "(" (when(pinged.saturating_mul(1000))) ")" } }
            }
        }
    }
}

fn sessions_of(network: &str, reported: &Value, gateway: &Markup, enodeb: &Markup) -> Markup {
    let found = sessions(reported);
    html! {
        section aria-labelledby="sessions-title" {
            h2 id="sessions-title" { "Sessions" @if !found.is_empty() { " " span.count { (found.len()) } } }
            dl.facts {
                div { dt { "Gateway" } dd { (gateway) } }
                div { dt { "eNodeB" } dd { (enodeb) } }
            }
            @if found.is_empty() {
                div.empty { p { "No gateway reports a session of his." } }
            } @else {
                div.scroll { table.list {
                    thead { tr { th scope="col" { "APN" } th scope="col" { "State" } th scope="col" { "IP" } th scope="col" { "Began" }
                        th scope="col" { "Data for" } th scope="col" { "Policies" } th scope="col" { "Session id" } } }
                    tbody { @for session in &found { (session_row(network, session)) } }
                } }
            }
        }
    }
}

fn session_row(network: &str, session: &Session) -> Markup {
    let words = session.state.trim_start_matches("SESSION_").to_lowercase();
    html! {
        tr {
            td { a href=(traffic::apn_url(network, &session.apn)) { (session.apn) } }
            td { @if words.is_empty() { span.quiet { "an address is lent" } } @else { (words) } }
            td { @for (at, ip) in session.addresses.iter().enumerate() { @if at > 0 { br; } code { (ip) } } @if session.addresses.is_empty() { span.quiet { "none" } } }
            td { @if session.begun > 0 { (when(session.begun.saturating_mul(1000))) } @else { span.quiet { "not told" } } }
            td { @if let Some(seconds) = session.active_seconds { (duration(seconds)) } @else { span.quiet { "not told" } } }
            td { (links(&session.policies, |policy| traffic::policy_url(network, policy))) }
            td { @if !session.id.is_empty() { code { (session.id) } } }
        }
    }
}

/// A length of time, in its two largest units.
fn duration(seconds: i64) -> String {
    let units = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let at = units.iter().position(|(unit, _)| seconds >= *unit).unwrap_or(units.len() - 1);
    let first = format!("{} {}", seconds / units[at].0, units[at].1);
    match units.get(at + 1) {
        Some((unit, name)) if seconds % units[at].0 >= *unit => {
            format!("{first} {} {name}", seconds % units[at].0 / unit)
        }
        _ => first,
    }
}

/// Names that lead somewhere.
pub(crate) fn links(names: &[String], to: impl Fn(&str) -> String) -> Markup {
    html! {
        @if names.is_empty() { span.quiet { "none" } }
        @for (at, name) in names.iter().enumerate() { @if at > 0 { ", " } a href=(to(name)) { (name) } }
    }
}

/// The gateway where he is.
async fn gateway(visit: &Visit, network: &str, reported: &Value) -> Result<Markup, Failure> {
    let Some(hardware_id) = location(reported) else { return Ok(html! { span.quiet { "not told" } }) };
    let asked = path(&["networks", network, "gateway_summaries"]) + "?page_size=5&q=" + &escaped(hardware_id);
    let found: Gateways = visit.rest.get(&asked).await?;
    Ok(match found.gateways.iter().find(|gateway| gateway.hardware_id == hardware_id) {
        Some(gateway) => html! { a href=(gateway.url(network)) { (gateway.title()) } },
        None => {
            html! { code { (hardware_id) } " " span.quiet { "which is no gateway of this network any more" } }
        }
    })
}

/// The eNodeB where he is: one of the network's, when one has the number that is reported.
async fn base_station(visit: &Visit, network: &str, reported: &Value) -> Result<Markup, Failure> {
    let Some(number) = enodeb(reported) else { return Ok(html! { span.quiet { "not told" } }) };
    let known: Value = visit.rest.find(&path(&["lte", network, "enodebs"])).await?.unwrap_or_default();
    // The number is the first 20 bits of the 28 that name a cell.
    let of = |enodeb: &Value| {
        let fields = [
            "/config/cell_id",
            "/enodeb_config/managed_config/cell_id",
            "/enodeb_config/unmanaged_config/cell_id",
        ];
        fields.iter().find_map(|field| enodeb.pointer(field)?.as_u64()).map(|cell| cell >> 8)
    };
    let mut all = known["enodebs"].as_object().into_iter().flatten();
    let found = all.find(|(_, enodeb)| of(enodeb) == Some(number));
    Ok(match found {
        Some((serial, enodeb)) => html! {
            a href={ "/console" (path(&["networks", network, "enodebs", serial])) } { (enodeb["name"].as_str().filter(|name| !name.is_empty()).unwrap_or(serial)) }
        },
        None => html! { "number " (number) },
    })
}

fn facts(network: &MyNetwork, id: &str, whole: &Value) -> Markup {
    let n = &network.id;
    let list = |pointer: &str| -> Vec<String> {
        let items = whole.pointer(pointer).and_then(Value::as_array).into_iter().flatten();
        items.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let plan = whole["lte"]["sub_profile"].as_str().unwrap_or_default();
    let by_apn: Vec<_> = whole["active_policies_by_apn"].as_object().into_iter().flatten().collect();
    let static_ips: Vec<_> = whole["config"]["static_ips"].as_object().into_iter().flatten().collect();
    let forbidden = list("/forbidden_network_types");
    let has_opc = whole["lte"]["auth_opc"].as_str().is_some_and(|opc| !opc.is_empty());
    let number = whole["msisdn"].as_str().unwrap_or_default();
    html! {
        section aria-labelledby="facts-title" {
            h2 id="facts-title" { "What is configured" }
            dl.facts {
                div { dt { "IMSI" } dd { code { (id.trim_start_matches("IMSI")) } } }
                div { dt { "MSISDN" } dd { @if number.is_empty() { span.quiet { "none" } } @else { (number) } } }
                div { dt { "Data plan" } dd { a href=(traffic::plans_url(n)) { (plan) } } }
                div { dt { "APNs" } dd { (links(&list("/active_apns"), |apn| traffic::apn_url(n, apn))) } }
                div { dt { "Policies" } dd { (links(&list("/active_policies"), |policy| traffic::policy_url(n, policy))) } }
                div { dt { "Base names" } dd { (links(&list("/active_base_names"), |_| traffic::base_names_url(n))) } }
                @for (apn, policies) in by_apn {
                    div { dt { "Policies on " (apn) } dd {
                        @let names: Vec<String> = policies.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
                        (links(&names, |policy| traffic::policy_url(n, policy)))
                    } }
                }
                div { dt { "Static IPs" } dd {
                    @if static_ips.is_empty() { span.quiet { "none" } }
                    @for (at, (apn, ip)) in static_ips.iter().enumerate() { @if at > 0 { br; } code { (ip.as_str().unwrap_or_default()) } " on " (apn) }
                } }
                div { dt { "Forbidden networks" } dd { @if forbidden.is_empty() { "none" } @else { (forbidden.join(", ")) } } }
                div { dt { "Keys" } dd {
                    @if network.may_write { @if has_opc { "Ki and OPc, hidden" } @else { "Ki, hidden; no OPc" } } @else { "hidden" }
                } }
            }
        }
    }
}

fn buttons(network: &str, id: &str, whole: &Value) -> Markup {
    let (here, resource) = (url(network, id), resource(network, id));
    let is_active = whole["lte"]["state"] == "ACTIVE";
    let number = whole["msisdn"].as_str().unwrap_or_default();
    html! {
        div.buttons {
            form method="post" action={ (here) "/state" } {
                @if is_active { button type="submit" name="state" value="INACTIVE" { "Deactivate" } }
                @else { button.main type="submit" name="state" value="ACTIVE" { "Activate" } }
            }
            a.button href=(edit::change(&resource, &here)) { "Change" }
            a.button href={ (here) "/keys" } { "Replace the keys" }
            a.button.danger href=(edit::delete(&resource, &Section::Subscribers.url(network))) { "Delete" }
        }
        form.filter method="post" action={ (here) "/numbers" } {
            @if number.is_empty() {
                label { "MSISDN" input name="add" required inputmode="tel" pattern="\\+?[0-9]{1,20}" title="digits" autocomplete="off"; }
                button type="submit" { "Give him this number" }
            } @else {
                input type="hidden" name="remove" value=(number);
                button type="submit" { "Take the number " (number) " away" }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_have_two_units() {
        for (seconds, expect) in
            [(0, "0 s"), (59, "59 s"), (61, "1 min 1 s"), (7_200, "2 h"), (90_061, "1 d 1 h")]
        {
            assert_eq!(duration(seconds), expect);
        }
    }
}
