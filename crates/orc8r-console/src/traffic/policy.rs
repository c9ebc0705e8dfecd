//! One policy: its flows as lines, what it comes with, and who has it.

use crate::edit;
use crate::failure::Failure;
use crate::navigation::Section;
use crate::page::Page;
use crate::rest::path;
use crate::said::done;
use crate::subscribers::links;
use crate::traffic::federation::notice;
use crate::traffic::lists::{holders, tracking};
use crate::traffic::summary::{ForEverybody, TrafficSummary};
use crate::traffic::{List, flow_line, policy_url};
use crate::visit::Visit;
use axum::extract::{Form, Path};
use axum::http::Method;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;

pub(crate) async fn show(
    visit: Visit,
    Path((id, name)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let network = visit.network(&id)?;
    let found = TrafficSummary::of(&visit, &id).await?;
    let all = ForEverybody::of(&visit, network).await?;
    let Some(policy) = found.policies.get(&name) else {
        return Err(Failure::not_found(format!("There is no policy {name} in this network.")));
    };
    let bases: Vec<String> = found
        .base_names
        .iter()
        .filter(|(_, rules)| rules.contains(&name))
        .map(|(base, _)| base.clone())
        .collect();
    let is_for_all = all.policies.contains(&name);
    let (here, resource) = (policy_url(&id, &name), path(&["networks", &id, "policies", "rules", &name]));
    let notice = notice(&visit, network, &found).await?;
    let page = Page::new(&visit, Section::Traffic, format!("Policy {name}"))
        .of_network(&id)
        .below(network.title(), Section::Network.url(&id))
        .below("Policies", List::Policies.url(&id));
    Ok(page.show(html! {
        (notice)
        (flows(policy))
        section aria-labelledby="facts-title" {
            h2 id="facts-title" { "What it comes with" }
            dl.facts {
                div { dt { "Priority" } dd { (policy["priority"].as_u64().map_or("–".to_owned(), |priority| priority.to_string())) " " span.quiet { "a lower number counts more" } } }
                div { dt { "QoS profile" } dd { @if let Some(qos) = text(policy, "qos_profile") { a href=(List::QosProfiles.url(&id)) { (qos) } } @else { span.quiet { "none" } } } }
                div { dt { "Tracking" } dd { (tracking(policy)) } }
                @if let Some(key) = text(policy, "monitoring_key") { div { dt { "Monitoring key" } dd { code { (key) } } } }
                @if policy["redirect"].is_object() { div { dt { "Redirect" } dd { (redirect(&policy["redirect"])) } } }
                @if let Some(app) = text(policy, "app_name").filter(|app| *app != "NO_APP_NAME") { div { dt { "Application" } dd { (app) } } }
                div { dt { "Header enrichment" } dd {
                    @let targets: Vec<&str> = policy["header_enrichment_targets"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
                    @if targets.is_empty() { span.quiet { "none" } } @else { (targets.join(", ")) }
                } }
            }
        }
        section aria-labelledby="who-title" {
            h2 id="who-title" { "Who has it" }
            dl.facts {
                div { dt { "Network-wide" } dd { @if is_for_all { "yes: every subscriber" } @else { "no" } } }
                div { dt { "By base names" } dd { (links(&bases, |_| List::BaseNames.url(&id))) } }
                div { dt { "Subscribers who have it by themselves" } dd { (holders(&id, "policy", &name, found.policy_subscribers.get(&name))) } }
            }
        }
        @if network.may_write {
            div.buttons {
                a.button href=(edit::change(&resource, &here)) { "Change" }
                form method="post" action={ (here) "/everybody" } {
                    button type="submit" name="everybody" value=(if is_for_all { "no" } else { "yes" }) { @if is_for_all { "Not for everybody" } @else { "For everybody" } }
                }
                a.button href=(edit::history(&resource, &here)) { "History" }
                a.button.danger href=(edit::delete(&resource, &List::Policies.url(&id))) { "Delete" }
            }
        }
    }))
}

fn text<'a>(policy: &'a Value, name: &str) -> Option<&'a str> {
    policy[name].as_str().filter(|text| !text.is_empty())
}

fn flows(policy: &Value) -> Markup {
    let flows: Vec<&Value> = policy["flow_list"].as_array().into_iter().flatten().collect();
    html! {
        section aria-labelledby="flows-title" {
            h2 id="flows-title" { "Flows " span.count { (flows.len()) } }
            @if flows.is_empty() {
                div.empty { p { "It has no flows, and so concerns no traffic." } }
            } @else {
                ol.flows { @for flow in flows { li { code { (flow_line(flow)) } } } }
            }
        }
    }
}

fn redirect(redirect: &Value) -> Markup {
    let address = redirect["server_address"].as_str().unwrap_or_default();
    html! { @if redirect["support"] == "ENABLED" { "to " code { (address) } } @else { "off" } }
}

/// Whether everybody is to have it.
#[derive(Deserialize)]
pub(crate) struct Everybody {
    everybody: String,
}

impl Everybody {
    async fn set(&self, visit: &Visit, network: &str, kind: &str, name: &str) -> Result<String, Failure> {
        let network = visit.network(network)?;
        let is_wanted = self.everybody == "yes";
        let method = if is_wanted { Method::POST } else { Method::DELETE };
        visit.rest.send(method, &ForEverybody::place(network, &[kind, name]), None).await?;
        let says = if is_wanted { "Every subscriber has" } else { "Not every subscriber has" };
        Ok(format!("{says} {name} now."))
    }
}

pub(crate) async fn set_for_everybody(
    visit: Visit,
    Path((id, name)): Path<(String, String)>,
    Form(wanted): Form<Everybody>,
) -> Result<Response, Failure> {
    let said = wanted.set(&visit, &id, "rule_names", &name).await?;
    Ok(done(&policy_url(&id, &name), &said))
}

pub(crate) async fn set_base_name_for_everybody(
    visit: Visit,
    Path((id, name)): Path<(String, String)>,
    Form(wanted): Form<Everybody>,
) -> Result<Response, Failure> {
    let said = wanted.set(&visit, &id, "base_names", &name).await?;
    Ok(done(&List::BaseNames.url(&id), &said))
}
