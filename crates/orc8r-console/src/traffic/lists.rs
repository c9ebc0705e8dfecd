//! The lists, with the facts by which one tells one from another.

use crate::edit;
use crate::failure::Failure;
use crate::navigation::Section;
use crate::page::Page;
use crate::rest::{escaped, path};
use crate::subscribers::links;
use crate::traffic::federation::notice;
use crate::traffic::summary::{ForEverybody, TrafficSummary};
use crate::traffic::{List, plans, policy_url, rate};
use crate::visit::{MyNetwork, Visit};
use axum::extract::Path;
use axum::response::Response;
use maud::{Markup, html};
use serde_json::{Map, Value};

/// A resource's objects by their keys, as most lists of the API are.
type ByKey = Map<String, Value>;

pub(crate) async fn show(
    visit: Visit,
    Path((id, name)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let network = visit.network(&id)?;
    let list = List::ALL.into_iter().find(|list| list.name() == name);
    let Some(list) = list else {
        return Err(Failure::not_found("There is no such list of a network's traffic."));
    };
    let page = Page::new(&visit, Section::Traffic, list.title())
        .of_network(&id)
        .below(network.title(), Section::Network.url(&id));
    if list.is_lte_only() && !network.is_lte() {
        return Ok(page.show(html! {
            (tabs(&id, list))
            div.empty { p.lead { "This kind of network has none." } }
        }));
    }
    let body = match list {
        List::Policies => policies(&visit, network).await?,
        List::QosProfiles => qos_profiles(&visit, network).await?,
        List::RatingGroups => rating_groups(&visit, network).await?,
        List::BaseNames => base_names(&visit, network).await?,
        List::Apns => apns(&visit, network).await?,
        List::DataPlans => plans::list(&visit, network).await?,
    };
    Ok(page.show(html! { (tabs(&id, list)) (body) }))
}

pub(crate) fn tabs(network: &str, shown: List) -> Markup {
    html! {
        nav.views aria-label="Kinds of traffic configuration" {
            @for list in List::ALL { a href=(list.url(network)) aria-current=[(list == shown).then_some("page")] { (list.title()) } }
        }
    }
}

/// What stands above a list, and the list or why there is none.
pub(crate) fn listed(
    network: &MyNetwork,
    add: (&str, &str),
    says: &str,
    is_empty: bool,
    headings: &[&str],
    rows: &Markup,
) -> Markup {
    let (label, url) = add;
    html! {
        p { (says) }
        @if network.may_write { p.buttons { a.button.main href=(url) { (label) } } }
        @if is_empty {
            div.empty { p.lead { "There are none yet." } }
        } @else {
            div.scroll { table.list {
                thead { tr { @for heading in headings { th scope="col" { (heading) } } @if network.may_write { th scope="col" { span.visually-hidden { "What to do" } } } } }
                tbody { (rows) }
            } }
        }
    }
}

/// The links at the end of a row.
fn actions(network: &MyNetwork, resource: &str, back: &str) -> Markup {
    html! {
        @if network.may_write {
            td.actions {
                a href=(edit::change(resource, back)) { "Change" } " "
                a href=(edit::history(resource, back)) { "History" } " "
                a href=(edit::delete(resource, back)) { "Delete" }
            }
        }
    }
}

/// How many have something, which leads to who.
pub(crate) fn holders(network: &str, filter: &str, key: &str, count: Option<&u64>) -> Markup {
    let count = count.copied().unwrap_or_default();
    html! {
        @if count == 0 { "0" } @else {
            a href={ (Section::Subscribers.url(network)) "?" (filter) "=" (escaped(key)) } { (count) }
        }
    }
}

async fn policies(visit: &Visit, network: &MyNetwork) -> Result<Markup, Failure> {
    let n = &network.id;
    let found = TrafficSummary::of(visit, n).await?;
    let all = ForEverybody::of(visit, network).await?;
    let back = List::Policies.url(n);
    let text = |policy: &Value, name: &str| policy[name].as_str().unwrap_or_default().to_owned();
    let rows = html! {
        @for (id, policy) in &found.policies {
            @let bases: Vec<String> = found.base_names.iter().filter(|(_, rules)| rules.contains(id)).map(|(name, _)| name.clone()).collect();
            tr {
                td { a.row href=(policy_url(n, id)) { (id) } }
                td { (policy["priority"].as_u64().map_or("–".to_owned(), |priority| priority.to_string())) }
                td { (policy["flow_list"].as_array().map_or(0, Vec::len)) }
                td { @let qos = text(policy, "qos_profile"); @if qos.is_empty() { span.quiet { "none" } } @else { a href=(List::QosProfiles.url(n)) { (qos) } } }
                td { (tracking(policy)) }
                td { @if bases.is_empty() { span.quiet { "none" } } @else { (links(&bases, |_| List::BaseNames.url(n))) } }
                td { @if all.policies.contains(id) { strong { "everybody" } } @else { "no" } }
                td { (holders(n, "policy", id, found.policy_subscribers.get(id))) }
                (actions(network, &path(&["networks", n, "policies", "rules", id]), &back))
            }
        }
    };
    let add = edit::add(&path(&["networks", n, "policies", "rules"]), &back);
    let says = "What subscribers' traffic may do: each policy is a set of flows that are permitted or denied. Of policies that fit, the one with the lowest priority number counts.";
    let headings = [
        "Policy",
        "Priority",
        "Flows",
        "QoS profile",
        "Tracking",
        "In base names",
        "Network-wide",
        "Subscribers",
    ];
    let list = listed(network, ("Add a policy", &add), says, found.policies.is_empty(), &headings, &rows);
    Ok(html! { (notice(visit, network, &found).await?) (list) })
}

/// Who counts the traffic of a policy.
pub(crate) fn tracking(policy: &Value) -> Markup {
    let words = match policy["tracking_type"].as_str().unwrap_or_default() {
        "ONLY_OCS" => "online charging",
        "ONLY_PCRF" => "policy server",
        "OCS_AND_PCRF" => "online charging and policy server",
        _ => "none",
    };
    html! {
        (words)
        @if let Some(group) = policy["rating_group"].as_u64() { br; span.quiet { "rating group " (group) } }
    }
}

async fn qos_profiles(visit: &Visit, network: &MyNetwork) -> Result<Markup, Failure> {
    let n = &network.id;
    let collection = path(&["lte", n, "policy_qos_profiles"]);
    let found: ByKey = visit.rest.get(&collection).await?;
    let policies = TrafficSummary::of(visit, n).await?.policies;
    let back = List::QosProfiles.url(n);
    let rows = html! {
        @for (id, profile) in &found {
            @let used: Vec<String> = policies.iter().filter(|(_, policy)| policy["qos_profile"] == id.as_str()).map(|(id, _)| id.clone()).collect();
            tr id=(id) {
                td { code { (id) } }
                td { (profile["class_id"].as_i64().map_or("–".to_owned(), |class| class.to_string())) }
                td { (rate_of(&profile["max_req_bw_dl"])) } td { (rate_of(&profile["max_req_bw_ul"])) }
                td { @if profile["gbr"].is_object() { "↓ " (rate_of(&profile["gbr"]["downlink"])) br; "↑ " (rate_of(&profile["gbr"]["uplink"])) } @else { span.quiet { "none" } } }
                td { (priority(&profile["arp"])) }
                td { (links(&used, |policy| policy_url(n, policy))) }
                (actions(network, &path(&["lte", n, "policy_qos_profiles", id]), &back))
            }
        }
    };
    let add = edit::add(&collection, &back);
    let says = "How well a policy's traffic is treated: its class (QCI) and the most that it may use.";
    let headings = [
        "Profile",
        "Class (QCI)",
        "At most down",
        "At most up",
        "Guaranteed",
        "Allocation priority",
        "Policies with it",
    ];
    Ok(listed(network, ("Add a QoS profile", &add), says, found.is_empty(), &headings, &rows))
}

/// A rate that may not be told.
pub(crate) fn rate_of(value: &Value) -> Markup {
    html! { @if let Some(bits) = value.as_u64() { (rate(bits)) } @else { span.quiet { "not set" } } }
}

/// Priority and preemption of who gets a bearer when there is no room for all.
fn priority(arp: &Value) -> Markup {
    let says = |name: &str| arp[name].as_bool();
    html! {
        @if let Some(level) = arp["priority_level"].as_u64() { (level) } @else { span.quiet { "not set" } }
        @if says("preemption_capability") == Some(true) { br; span.quiet { "may push out others" } }
        @if says("preemption_vulnerability") == Some(true) { br; span.quiet { "may be pushed out" } }
    }
}

async fn rating_groups(visit: &Visit, network: &MyNetwork) -> Result<Markup, Failure> {
    let n = &network.id;
    let collection = path(&["networks", n, "rating_groups"]);
    let found: ByKey = visit.rest.get(&collection).await?;
    let policies = TrafficSummary::of(visit, n).await?.policies;
    let back = List::RatingGroups.url(n);
    let limit = |group: &Value| match group["limit_type"].as_str().unwrap_or_default() {
        "FINITE" => "limited, as online charging grants it".to_owned(),
        "INFINITE_UNMETERED" => "without limit, not counted".to_owned(),
        "INFINITE_METERED" => "without limit, counted".to_owned(),
        other => other.to_owned(),
    };
    let rows = html! {
        @for (id, group) in &found {
            @let used: Vec<String> = policies.iter().filter(|(_, policy)| policy["rating_group"].as_u64().map(|group| group.to_string()).as_deref() == Some(id)).map(|(id, _)| id.clone()).collect();
            tr id=(id) {
                td { (id) } td { (limit(group)) } td { (links(&used, |policy| policy_url(n, policy))) }
                (actions(network, &path(&["networks", n, "rating_groups", id]), &back))
            }
        }
    };
    let add = edit::add(&collection, &back);
    let says = "Traffic that is charged alike. A policy names its rating group by this number.";
    Ok(listed(
        network,
        ("Add a rating group", &add),
        says,
        found.is_empty(),
        &["Number", "Limit", "Policies with it"],
        &rows,
    ))
}

async fn base_names(visit: &Visit, network: &MyNetwork) -> Result<Markup, Failure> {
    let n = &network.id;
    let found = TrafficSummary::of(visit, n).await?;
    let all = ForEverybody::of(visit, network).await?;
    let back = List::BaseNames.url(n);
    let rows = html! {
        @for (name, policies) in &found.base_names {
            @let is_for_all = all.base_names.contains(name);
            tr id=(name) {
                td { code { (name) } }
                td { (links(policies, |policy| policy_url(n, policy))) }
                td {
                    @if is_for_all { strong { "everybody" } } @else { "no" }
                    @if network.may_write {
                        form method="post" action={ (back) "/" (escaped(name)) "/everybody" } {
                            button type="submit" name="everybody" value=(if is_for_all { "no" } else { "yes" }) { @if is_for_all { "Not for everybody" } @else { "For everybody" } }
                        }
                    }
                }
                td { (holders(n, "base_name", name, found.base_name_subscribers.get(name))) }
                (actions(network, &path(&["networks", n, "policies", "base_names", name]), &back))
            }
        }
    };
    let add = edit::add(&path(&["networks", n, "policies", "base_names"]), &back);
    let says = "A name for a set of policies, so that a subscriber gets all of them at once.";
    let headings = ["Base name", "Policies", "Network-wide", "Subscribers"];
    let list =
        listed(network, ("Add a base name", &add), says, found.base_names.is_empty(), &headings, &rows);
    Ok(html! { (notice(visit, network, &found).await?) (list) })
}

async fn apns(visit: &Visit, network: &MyNetwork) -> Result<Markup, Failure> {
    let n = &network.id;
    let collection = path(&["lte", n, "apns"]);
    let found: ByKey = visit.rest.get(&collection).await?;
    let counts = TrafficSummary::of(visit, n).await?.apn_subscribers;
    let back = List::Apns.url(n);
    let rows = html! {
        @for (name, apn) in &found {
            @let config = &apn["apn_configuration"];
            tr id=(escaped(name)) {
                td { code { (name) } @if config["is_default"] == true { br; span.quiet { "the default" } } }
                td { (pdn_type(config)) }
                td { (rate_of(&config["ambr"]["max_bandwidth_dl"])) } td { (rate_of(&config["ambr"]["max_bandwidth_ul"])) }
                td { (config["qos_profile"]["class_id"].as_i64().map_or("–".to_owned(), |class| class.to_string())) }
                td { (priority(&config["qos_profile"])) }
                td { (holders(n, "apn", name, counts.get(name))) }
                (actions(network, &path(&["lte", n, "apns", name]), &back))
            }
        }
    };
    let add = edit::add(&collection, &back);
    let says =
        "Access points: which networks a subscriber can reach, and the most that he may use there (AMBR).";
    let headings =
        ["APN", "Addresses", "AMBR down", "AMBR up", "Class (QCI)", "Allocation priority", "Subscribers"];
    Ok(listed(network, ("Add an APN", &add), says, found.is_empty(), &headings, &rows))
}

/// Which addresses an APN gives.
pub(crate) fn pdn_type(config: &Value) -> &'static str {
    match config["pdn_type"].as_u64() {
        None | Some(0) => "IPv4",
        Some(1) => "IPv6",
        Some(2) => "IPv4 and IPv6",
        Some(3) => "IPv4 or IPv6",
        Some(_) => "unknown",
    }
}
