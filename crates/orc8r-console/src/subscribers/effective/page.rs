//! The page that says what a subscriber gets and why.

use super::{Because, Effective, HasPolicy, Surroundings, effective};
use crate::failure::Failure;
use crate::rest::path;
use crate::subscribers::detail::{Tab, page, tabs};
use crate::subscribers::resource;
use crate::subscribers::summaries::health;
use crate::traffic::{
    ForEverybody, List, TrafficSummary, apn_url, flow_line, pdn_type, plans_url, policy_url, rate_of,
};
use crate::view::status::{Health, status, worded};
use crate::visit::Visit;
use axum::extract::Path;
use axum::response::Response;
use maud::{Markup, html};
use serde_json::Value;

pub(crate) async fn show(
    visit: Visit,
    Path((id, subscriber)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let network = visit.network(&id)?;
    let whole: Value = visit.rest.get(&resource(&id, &subscriber)).await?;
    let lte = |name: &str| path(&["lte", &id, name]);
    let around = Surroundings {
        traffic: TrafficSummary::of(&visit, &id).await?,
        everybody: ForEverybody::of(&visit, network).await?,
        qos_profiles: visit.rest.find(&lte("policy_qos_profiles")).await?.unwrap_or_default(),
        apns: visit.rest.find(&lte("apns")).await?.unwrap_or_default(),
        epc: visit.rest.find(&path(&["lte", &id, "cellular", "epc"])).await?.unwrap_or_default(),
    };
    let found = effective(&whole, &around);
    let state = whole["lte"]["state"].as_str().unwrap_or_default();
    let mut page = page(&visit, network, &whole, &subscriber);
    let shown = page.live("effective", &shown(&id, state, &found));
    Ok(page.show(html! { (tabs(&id, &subscriber, Tab::Effective)) (shown) }))
}

fn shown(network: &str, state: &str, found: &Effective) -> Markup {
    html! {
        p.lead { (worded(health(state), if found.is_active { "May use the network" } else { "May not use the network" })) }
        @if !found.problems.is_empty() {
            ul.steps { @for problem in &found.problems { li { (status(Health::Degraded, problem)) } } }
        }
        dl.facts {
            div { dt { "Data plan" } dd {
                a href=(plans_url(network)) { (found.plan) }
                @match &found.limits {
                    Some(limits) => { br; "↓ " (rate_of(&limits["max_dl_bit_rate"])) br; "↑ " (rate_of(&limits["max_ul_bit_rate"])) }
                    None => { br; span.quiet { "no limit over all APNs" } }
                }
            } }
            div { dt { "Forbidden networks" } dd { @if found.forbidden.is_empty() { "none" } @else { (found.forbidden.join(", ")) } } }
        }
        (apns(network, found))
        (policies_table(network, found))
    }
}

fn apns(network: &str, found: &Effective) -> Markup {
    html! {
        section aria-labelledby="apns-title" {
            h2 id="apns-title" { "APNs " span.count { (found.apns.len()) } }
            @if !found.apns.is_empty() {
                div.scroll { table.list {
                    thead { tr { th scope="col" { "APN" } th scope="col" { "Addresses" } th scope="col" { "At most down" } th scope="col" { "At most up" } th scope="col" { "Class (QCI)" } th scope="col" { "His address" } } }
                    tbody { @for apn in &found.apns { tr {
                        td { a href=(apn_url(network, &apn.name)) { (apn.name) } }
                        @if let Some(config) = &apn.config {
                            td { (pdn_type(config)) }
                            td { (rate_of(&config["ambr"]["max_bandwidth_dl"])) } td { (rate_of(&config["ambr"]["max_bandwidth_ul"])) }
                            td { (config["qos_profile"]["class_id"].as_i64().map_or("–".to_owned(), |class| class.to_string())) }
                        } @else { td colspan="4" { (status(Health::Degraded, "it does not exist")) } }
                        td { @if let Some(ip) = &apn.static_ip { code { (ip) } " " span.quiet { @if found.gives_static_ips { "always" } @else { "configured, but switched off" } } } @else { span.quiet { "any free one" } } }
                    } } }
                } }
            }
        }
    }
}

fn policies_table(network: &str, found: &Effective) -> Markup {
    html! {
        section aria-labelledby="policies-title" {
            h2 id="policies-title" { "Policies " span.count { (found.policies.len()) } }
            @if found.policies.is_empty() {
                div.empty { p { "No policy concerns him: by himself, on an APN, by a base name, or for everybody." } }
            } @else {
                div.scroll { table.list {
                    thead { tr { th scope="col" { "Priority" } th scope="col" { "Policy" } th scope="col" { "Why" } th scope="col" { "Traffic" } th scope="col" { "QoS" } } }
                    tbody { @for one in &found.policies { (policy_row(network, one)) } }
                } }
                p.quiet { "Of policies that fit, the one with the lowest number counts." }
            }
        }
    }
}

fn policy_row(network: &str, one: &HasPolicy) -> Markup {
    let none = Value::Null;
    let policy = one.policy.as_ref().unwrap_or(&none);
    let flows: Vec<&Value> = policy["flow_list"].as_array().into_iter().flatten().collect();
    html! {
        tr {
            td { (policy["priority"].as_u64().map_or("–".to_owned(), |priority| priority.to_string())) }
            td { a href=(policy_url(network, &one.name)) { (one.name) } }
            td { @for (at, why) in one.because.iter().enumerate() { @if at > 0 { br; } (because(network, why)) } }
            td { @if flows.is_empty() { span.quiet { "none" } } @for (at, flow) in flows.iter().enumerate() { @if at > 0 { br; } code { (flow_line(flow)) } } }
            td {
                @match &one.qos {
                    Some((name, qos)) => {
                        a href=(List::QosProfiles.url(network)) { (name) }
                        @if qos.is_object() { br; "↓ " (rate_of(&qos["max_req_bw_dl"])) br; "↑ " (rate_of(&qos["max_req_bw_ul"])) } @else { br; span.quiet { "which does not exist" } }
                    }
                    None => { span.quiet { "as the APN says" } }
                }
            }
        }
    }
}

fn because(network: &str, why: &Because) -> Markup {
    let bases = List::BaseNames.url(network);
    match why {
        Because::Own => html! { "he has it by himself" },
        Because::OnApn(apn) => html! { "on the APN " a href=(apn_url(network, apn)) { (apn) } },
        Because::BaseName(name) => html! { "by his base name " a href=(bases) { (name) } },
        Because::Everybody => html! { "everybody in the network has it" },
        Because::EverybodysBaseName(name) => {
            html! { "by the base name " a href=(bases) { (name) } ", which everybody has" }
        }
    }
}
