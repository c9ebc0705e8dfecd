//! Subscribers as a table: the list that one sees as a file, without keys, and such a file back again.

use crate::csv::{self, Line, Step};
use crate::failure::Failure;
use crate::navigation::Section;
use crate::page::Page;
use crate::rest::{Refusal, path};
use crate::subscribers::body::body;
use crate::subscribers::plan::{COLUMNS, EXPORTED, Known, Plan, id, plan, row};
use crate::subscribers::resource;
use crate::subscribers::summaries::{Summaries, Summary, find_all};
use crate::traffic::known;
use crate::view::table::ListUrl;
use crate::visit::Visit;
use axum::extract::{Form, Path, Query};
use axum::http::Method;
use axum::response::Response;
use maud::html;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tokio::task::JoinSet;

/// So many are added at once.
const BATCH: usize = 500;
/// So many are changed at a time.
const AT_ONCE: usize = 16;
/// For so few, each is asked for by himself instead of reading the whole list.
const FEW: usize = 50;

/// Where a table is taken in.
pub(crate) fn url(network: &str) -> String {
    format!("/console{}", path(&["networks", network, "import-subscribers"]))
}

/// Where what a list shows is to be had as a file.
pub(crate) fn export_url(network: &str, list: &ListUrl) -> String {
    let file = format!("/console{}", path(&["networks", network, "subscribers.csv"]));
    let narrowed = list.with("page", "");
    narrowed.split_once('?').map_or(file.clone(), |(_, query)| format!("{file}?{query}"))
}

pub(crate) async fn export(
    visit: Visit,
    Path(id): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    visit.network(&id)?;
    let found = find_all(&visit, &id, &ListUrl::new("", &query)).await?;
    Ok(csv::download(&format!("{id}-subscribers"), csv::write(EXPORTED, found.iter().map(row))))
}

/// A table to begin with: keys of a SIM that nobody has.
const EXAMPLE: [[&str; 12]; 2] = [
    [
        "001010000000101",
        "Ann Example",
        "000102030405060708090a0b0c0d0e0f",
        "0f0e0d0c0b0a09080706050403020100",
        "ACTIVE",
        "",
        "default",
        "internet",
        "",
        "",
        "491700000101",
        "",
    ],
    [
        "001010000000102",
        "Bob Example",
        "101112131415161718191a1b1c1d1e1f",
        "",
        "INACTIVE",
        "5GC",
        "default",
        "internet|ims",
        "",
        "",
        "",
        "internet=192.168.128.200",
    ],
];

pub(crate) async fn example(visit: Visit, Path(id): Path<String>) -> Result<Response, Failure> {
    visit.network(&id)?;
    let rows = EXAMPLE.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect());
    Ok(csv::download("subscribers-example", csv::write(COLUMNS, rows)))
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Sent {
    table: String,
    apply: String,
}

pub(crate) async fn show(visit: Visit, Path(id): Path<String>) -> Result<Response, Failure> {
    form(&visit, &id, "", None)
}

pub(crate) async fn act(
    visit: Visit,
    Path(id): Path<String>,
    Form(sent): Form<Sent>,
) -> Result<Response, Failure> {
    if !visit.network(&id)?.may_write {
        return form(&visit, &id, "", None);
    }
    let table = match csv::parse(&sent.table, COLUMNS) {
        Ok(table) => table,
        Err(problem) => return form(&visit, &id, &sent.table, Some(&problem)),
    };
    let present = present(&visit, &id, &table).await?;
    let known: Known = known(&visit, &id).await?;
    let (plans, mut lines) = plan(table, &present, &known);
    let page = page(&visit, &id)?;
    if sent.apply.is_empty() {
        lines.extend(plans.iter().map(Plan::line));
        lines.sort_by_key(|line| line.row);
        let fields = [("table", sent.table.as_str())];
        return Ok(page.show(csv::dry_run(&lines, &url(&id), &fields, &url(&id))));
    }
    let (new, others): (Vec<Plan>, Vec<Plan>) = plans.into_iter().partition(|plan| plan.is_new);
    lines.extend(add(&visit, &id, new).await);
    lines.extend(change(&visit, &id, others).await);
    lines.sort_by_key(|line| line.row);
    Ok(page.show(csv::outcome(&lines, &Section::Subscribers.url(&id))))
}

/// Those of a table's subscribers who are there.
async fn present(
    visit: &Visit,
    network: &str,
    table: &csv::Table,
) -> Result<BTreeMap<String, Summary>, Failure> {
    let ids: Vec<String> = table.rows.iter().map(|row| id(row.word("imsi"))).collect();
    let mut found = BTreeMap::new();
    if ids.len() > FEW {
        let wanted: std::collections::BTreeSet<&String> = ids.iter().collect();
        let all = find_all(visit, network, &ListUrl::default()).await?;
        found.extend(all.into_iter().filter(|one| wanted.contains(&one.id)).map(|one| (one.id.clone(), one)));
        return Ok(found);
    }
    for id in ids {
        let asked = format!(
            "{}?page_size=1&q={}",
            path(&["lte", network, "subscriber_summaries"]),
            crate::rest::escaped(&id)
        );
        // Of who begins alike, the shortest comes first.
        let some: Summaries = visit.rest.get(&asked).await?;
        found.extend(some.subscribers.into_iter().filter(|one| one.id == id).map(|one| (id.clone(), one)));
    }
    Ok(found)
}

/// Adds many at once; where that is refused, each by himself, so that each is told why.
async fn add(visit: &Visit, network: &str, plans: Vec<Plan>) -> Vec<Line> {
    let place = path(&["lte", network, "subscribers"]);
    let post = async |plans: &[Plan]| {
        let bodies: Vec<Value> = plans.iter().map(Plan::creation).collect();
        visit.rest.send(Method::POST, &place, Some(&bodies.into())).await
    };
    let mut lines = Vec::new();
    for batch in plans.chunks(BATCH) {
        let is_done = post(batch).await.is_ok();
        for plan in batch {
            let done = if is_done { Ok(()) } else { post(std::slice::from_ref(plan)).await.map(drop) };
            let done = match done {
                Ok(()) => set_number(visit, network, plan).await,
                refused => refused,
            };
            lines.push(told(plan, "added", done));
        }
    }
    lines
}

/// Changes several at a time; each is read anew, so that what the table does not say stays.
async fn change(visit: &Visit, network: &str, plans: Vec<Plan>) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut running = JoinSet::new();
    for plan in plans {
        if plan.is_nothing() {
            lines.push(plan.line());
            continue;
        }
        if running.len() == AT_ONCE {
            lines.extend(running.join_next().await.and_then(Result::ok));
        }
        let (visit, network) = (visit.clone(), network.to_owned());
        running.spawn(async move {
            let done = change_one(&visit, &network, &plan).await;
            told(&plan, "changed", done)
        });
    }
    while let Some(line) = running.join_next().await {
        lines.extend(line.ok());
    }
    lines
}

async fn change_one(visit: &Visit, network: &str, plan: &Plan) -> Result<(), Refusal> {
    if !plan.fields.is_empty() {
        let place = resource(network, &plan.id);
        let mut new = body(&visit.rest.get::<Value>(&place).await?);
        plan.put_into(&mut new);
        visit.rest.send(Method::PUT, &place, Some(&new)).await?;
    }
    set_number(visit, network, plan).await
}

async fn set_number(visit: &Visit, network: &str, plan: &Plan) -> Result<(), Refusal> {
    let Some((new, was)) = &plan.number else { return Ok(()) };
    if !was.is_empty() {
        visit.rest.send(Method::DELETE, &path(&["lte", network, "msisdns", was]), None).await?;
    }
    if !new.is_empty() {
        let body = json!({"id": plan.id, "msisdn": new});
        visit.rest.send(Method::POST, &path(&["lte", network, "msisdns"]), Some(&body)).await?;
    }
    Ok(())
}

fn told(plan: &Plan, what: &str, done: Result<(), Refusal>) -> Line {
    let (step, says) = match done {
        Ok(()) => (Step::Done, what.to_owned()),
        Err(refusal) => (Step::Failed, refusal.message),
    };
    Line { row: plan.row, what: plan.id.clone(), step, says }
}

fn page(visit: &Visit, id: &str) -> Result<Page, Failure> {
    let network = visit.network(id)?;
    Ok(Page::new(visit, Section::Subscribers, "Subscribers from a table")
        .of_network(id)
        .below(network.title(), Section::Network.url(id))
        .below("Subscribers", Section::Subscribers.url(id)))
}

fn form(visit: &Visit, id: &str, text: &str, problem: Option<&str>) -> Result<Response, Failure> {
    if !visit.network(id)?.may_write {
        return Ok(
            page(visit, id)?.show(html! { p.lead { "You may look at this network, but not change it." } })
        );
    }
    let example = format!("/console{}", path(&["networks", id, "subscribers-example.csv"]));
    Ok(page(visit, id)?.show(html! {
        p.lead { "Adds subscribers and changes those that are there. It first shows what it would do." }
        p {
            a href=(example) { "An example" } " has all columns. "
            a href=(export_url(id, &ListUrl::default())) { "All subscribers as such a table" }
            " has no keys; brought back, it changes nothing but what you changed in it."
        }
        (csv::form(&url(id), COLUMNS, text, problem))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_can_be_brought_in() {
        let rows = EXAMPLE.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect());
        let table = csv::parse(&csv::write(COLUMNS, rows), COLUMNS).unwrap();
        let known = Known {
            plans: ["default".to_owned()].into(),
            apns: ["internet".to_owned(), "ims".to_owned()].into(),
            ..Known::default()
        };
        let (plans, bad) = plan(table, &BTreeMap::new(), &known);
        assert_eq!((plans.len(), bad), (2, Vec::new()));
    }
}
