//! Data plans: how fast a subscriber may be altogether. They stand in the network's EPC configuration, of which one plan is
//! changed at a time; what others changed in it meanwhile stays.

use crate::failure::Failure;
use crate::navigation::Section;
use crate::page::Page;
use crate::rest::path;
use crate::said::done;
use crate::traffic::lists::{holders, listed, rate_of};
use crate::traffic::summary::TrafficSummary;
use crate::traffic::{List, short_rate};
use crate::visit::{MyNetwork, Visit};
use axum::extract::{Form, Path};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The plan that every network has, also where it does not say so.
const DEFAULT: &str = "default";
/// What a new plan begins with, in bit/s.
const NEW_RATE: u64 = 100_000_000;

fn place(network: &str) -> String {
    path(&["lte", network, "cellular", "epc"])
}

async fn epc(visit: &Visit, network: &str) -> Result<Value, Failure> {
    Ok(visit.rest.get(&place(network)).await?)
}

pub(crate) async fn list(visit: &Visit, network: &MyNetwork) -> Result<Markup, Failure> {
    let n = &network.id;
    let epc = epc(visit, n).await?;
    let counts = TrafficSummary::of(visit, n).await?.sub_profile_subscribers;
    let plans: Vec<(&String, &Value)> = epc["sub_profiles"].as_object().into_iter().flatten().collect();
    let is_default_set = plans.iter().any(|(name, _)| *name == DEFAULT);
    let url = |plan: &str| format!("/console{}", path(&["networks", n, "traffic", "data-plans", plan]));
    let rows = html! {
        @if !is_default_set {
            tr {
                td { code { (DEFAULT) } br; span.quiet { "every network has it" } }
                td { "no limit" } td { "no limit" }
                td { (holders(n, "sub_profile", DEFAULT, counts.get(DEFAULT))) }
                @if network.may_write { td.actions { a href=(url(DEFAULT)) { "Limit it" } } }
            }
        }
        @for (name, plan) in &plans {
            tr {
                td { code { (name) } }
                td { (rate_of(&plan["max_dl_bit_rate"])) } td { (rate_of(&plan["max_ul_bit_rate"])) }
                td { (holders(n, "sub_profile", name, counts.get(*name))) }
                @if network.may_write { td.actions { a href=(url(name)) { "Change" } " " a href={ (url(name)) "/remove" } { "Delete" } } }
            }
        }
    };
    let add = format!("/console{}", path(&["networks", n, "add-data-plan"]));
    let says = "How fast a subscriber may be over all his APNs together.";
    Ok(listed(
        network,
        ("Add a data plan", &add),
        says,
        false,
        &["Data plan", "At most down", "At most up", "Subscribers"],
        &rows,
    ))
}

/// What one fills in.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Filled {
    name: String,
    /// Mbit/s.
    down: String,
    up: String,
    /// The plan as the form began with it, in JSON.
    was: String,
}

pub(crate) async fn show(
    visit: Visit,
    Path((id, plan)): Path<(String, String)>,
) -> Result<Response, Failure> {
    visit.network(&id)?;
    let epc = epc(&visit, &id).await?;
    let now = &epc["sub_profiles"][&plan];
    if now.is_null() && plan != DEFAULT {
        return Err(Failure::not_found(format!("There is no data plan {plan} in this network.")));
    }
    page(&visit, &id, Some(&plan), &filled(&plan, now), None)
}

pub(crate) async fn show_new(visit: Visit, Path(id): Path<String>) -> Result<Response, Failure> {
    page(&visit, &id, None, &filled("", &Value::Null), None)
}

fn filled(name: &str, plan: &Value) -> Filled {
    let rate = |field: &str| megabits(plan[field].as_u64().unwrap_or(NEW_RATE));
    Filled {
        name: name.to_owned(),
        down: rate("max_dl_bit_rate"),
        up: rate("max_ul_bit_rate"),
        was: plan.to_string(),
    }
}

/// A rate in Mbit/s, exactly.
fn megabits(bits: u64) -> String {
    let text = format!("{}.{:06}", bits / 1_000_000, bits % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A rate in bit/s from its text in Mbit/s.
fn bits(what: &str, text: &str) -> Result<u64, String> {
    let wrong =
        || format!("{what} must be a number of Mbit/s above 0, with at most six digits after the point");
    let (whole, part) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || part.len() > 6 || !is_number(whole) || !is_number(part) {
        return Err(wrong());
    }
    let part: u64 = format!("{part:0<6}").parse().map_err(|_| wrong())?;
    let whole: u64 = whole.parse().map_err(|_| wrong())?;
    let bits = whole.checked_mul(1_000_000).and_then(|bits| bits.checked_add(part)).ok_or_else(wrong)?;
    if bits == 0 { Err(wrong()) } else { Ok(bits) }
}

pub(crate) async fn save(
    visit: Visit,
    Path((id, plan)): Path<(String, String)>,
    Form(filled): Form<Filled>,
) -> Result<Response, Failure> {
    let limits = limits(&filled);
    let changed = match limits {
        Ok(limits) => put(&visit, &id, &plan, Some(limits), Some(&filled.was)).await,
        Err(problem) => Err((problem, StatusCode::UNPROCESSABLE_ENTITY)),
    };
    match changed {
        Ok(()) => Ok(done(&List::DataPlans.url(&id), &format!("Data plan {plan} is changed."))),
        Err(problem) => page(&visit, &id, Some(&plan), &filled, Some(problem)),
    }
}

pub(crate) async fn add(
    visit: Visit,
    Path(id): Path<String>,
    Form(filled): Form<Filled>,
) -> Result<Response, Failure> {
    let name = filled.name.trim().to_owned();
    let limits = match limits(&filled) {
        Ok(_) if name.is_empty() => Err("A data plan needs a name.".to_owned()),
        limits => limits,
    };
    let added = match limits {
        Ok(limits) => put(&visit, &id, &name, Some(limits), Some("null")).await,
        Err(problem) => Err((problem, StatusCode::UNPROCESSABLE_ENTITY)),
    };
    match added {
        Ok(()) => Ok(done(&List::DataPlans.url(&id), &format!("Data plan {name} is added."))),
        Err(problem) => page(&visit, &id, None, &filled, Some(problem)),
    }
}

fn limits(filled: &Filled) -> Result<Value, String> {
    let (down, up) = (bits("Down", &filled.down)?, bits("Up", &filled.up)?);
    Ok(json!({"max_dl_bit_rate": down, "max_ul_bit_rate": up}))
}

/// Changes one plan of what is there now, if it is still what it was.
async fn put(
    visit: &Visit,
    network: &str,
    plan: &str,
    limits: Option<Value>,
    was: Option<&str>,
) -> Result<(), (String, StatusCode)> {
    let refused = |refusal: crate::rest::Refusal| (refusal.message, refusal.status);
    let mut epc: Value = visit.rest.get(&place(network)).await.map_err(refused)?;
    if !epc["sub_profiles"].is_object() {
        epc["sub_profiles"] = Value::Object(Map::new());
    }
    let now = &epc["sub_profiles"][plan];
    if was.is_some_and(|was| serde_json::from_str::<Value>(was).unwrap_or_default() != *now) {
        let says = match (now["max_dl_bit_rate"].as_u64(), now["max_ul_bit_rate"].as_u64()) {
            (Some(down), Some(up)) if was == Some("null") => {
                format!(
                    "There is a data plan {plan} already: {} down, {} up.",
                    short_rate(down),
                    short_rate(up)
                )
            }
            (Some(down), Some(up)) => {
                let now = format!("{} down, {} up", short_rate(down), short_rate(up));
                format!(
                    "Somebody has changed it since you opened it: it is {now} now. Open it again to change that."
                )
            }
            _ => "Somebody has deleted it since you opened it.".to_owned(),
        };
        return Err((says, StatusCode::CONFLICT));
    }
    let plans = epc["sub_profiles"].as_object_mut();
    plans.map(|plans| match limits {
        Some(limits) => plans.insert(plan.to_owned(), limits),
        None => plans.remove(plan),
    });
    visit.rest.send(Method::PUT, &place(network), Some(&epc)).await.map(drop).map_err(refused)
}

fn frame(visit: &Visit, id: &str, title: String) -> Result<Page, Failure> {
    let network = visit.network(id)?;
    Ok(Page::new(visit, Section::Traffic, title)
        .of_network(id)
        .below(network.title(), Section::Network.url(id))
        .below("Data plans", List::DataPlans.url(id)))
}

fn page(
    visit: &Visit,
    id: &str,
    plan: Option<&str>,
    filled: &Filled,
    problem: Option<(String, StatusCode)>,
) -> Result<Response, Failure> {
    let title = plan.map_or("Add a data plan".to_owned(), |plan| format!("Data plan {plan}"));
    let page = frame(visit, id, title)?;
    let status = problem.as_ref().map_or(StatusCode::OK, |(_, status)| *status);
    let markup = html! {
        @if let Some((problem, _)) = &problem { p.problem role="alert" { (problem) } }
        @if visit.network(id)?.may_write {
            form.fields method="post" {
                @if plan.is_none() { label { "Name" input name="name" required value=(filled.name) autocomplete="off"; span.quiet { "It stays." } } }
                label { "At most down, in Mbit/s" input name="down" required inputmode="decimal" value=(filled.down); }
                label { "At most up, in Mbit/s" input name="up" required inputmode="decimal" value=(filled.up); }
                input type="hidden" name="was" value=(filled.was);
                div.buttons {
                    button.main type="submit" { @if plan.is_some() { "Save" } @else { "Add" } }
                    a.button href=(List::DataPlans.url(id)) { "Cancel" }
                }
            }
        } @else {
            p.lead { "You may look at this network, but not change it." }
        }
    };
    let mut response = page.show(markup);
    *response.status_mut() = status;
    Ok(response)
}

pub(crate) async fn ask(visit: Visit, Path((id, plan)): Path<(String, String)>) -> Result<Response, Failure> {
    remove_page(&visit, &id, &plan, None).await
}

async fn remove_page(
    visit: &Visit,
    id: &str,
    plan: &str,
    problem: Option<(String, StatusCode)>,
) -> Result<Response, Failure> {
    visit.network(id)?;
    let counts = TrafficSummary::of(visit, id).await?.sub_profile_subscribers;
    let count = counts.get(plan).copied().unwrap_or_default();
    let page = frame(visit, id, format!("Delete data plan {plan}"))?;
    let may_write = visit.network(id)?.may_write;
    let status = problem.as_ref().map_or(StatusCode::OK, |(_, status)| *status);
    let mut response = page.show(html! {
        @if let Some((problem, _)) = &problem { p.problem role="alert" { (problem) } }
        @if !may_write {
            p.lead { "You may look at this network, but not change it." }
        } @else if count > 0 && plan != DEFAULT {
            p.lead { "It is in use: " (holders(id, "sub_profile", plan, Some(&count))) " subscribers have it." }
            p { "Give them another data plan first; a table does so for all of them at once." }
        } @else {
            p.lead { @if plan == DEFAULT { "Without limits of its own, the plan “default” limits nobody." } @else { "No subscriber has it." } }
            form.fields method="post" {
                label { "Type its name to delete it" input name="name" required autocomplete="off"; }
                div.buttons { button.danger type="submit" { "Delete" } a.button href=(List::DataPlans.url(id)) { "Cancel" } }
            }
        }
    });
    *response.status_mut() = status;
    Ok(response)
}

pub(crate) async fn remove(
    visit: Visit,
    Path((id, plan)): Path<(String, String)>,
    Form(filled): Form<Filled>,
) -> Result<Response, Failure> {
    if filled.name.trim() != plan {
        let problem = (format!("Type {plan} to delete it."), StatusCode::UNPROCESSABLE_ENTITY);
        return remove_page(&visit, &id, &plan, Some(problem)).await;
    }
    visit.network(&id)?;
    let counts = TrafficSummary::of(&visit, &id).await?.sub_profile_subscribers;
    if plan != DEFAULT && counts.get(&plan).is_some_and(|count| *count > 0) {
        return remove_page(&visit, &id, &plan, Some(("It is in use.".to_owned(), StatusCode::CONFLICT)))
            .await;
    }
    match put(&visit, &id, &plan, None, None).await {
        Ok(()) => Ok(done(&List::DataPlans.url(&id), &format!("Data plan {plan} is deleted."))),
        Err(problem) => remove_page(&visit, &id, &plan, Some(problem)).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_written_and_read_exactly() {
        for (number, text) in [(1, "0.000001"), (1_000_000, "1"), (1_500_000, "1.5"), (4_000_000_000, "4000")]
        {
            assert_eq!((megabits(number).as_str(), bits("Up", text)), (text, Ok(number)));
        }
        for wrong in ["", "0", "-1", "1e3", "1.0000001", "x", "99999999999999999999"] {
            assert!(bits("Up", wrong).is_err(), "{wrong}");
        }
    }
}
