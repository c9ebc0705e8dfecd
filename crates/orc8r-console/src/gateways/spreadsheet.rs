//! Gateways as a table: the list that one sees as a file, and such a file back again.

use crate::csv::{self, Column, Line, Row, Step, Table, one_kind_of_line_breaks};
use crate::failure::Failure;
use crate::gateways::creation::{self, New};
use crate::gateways::summaries::{Summary, find_all};
use crate::navigation::Section;
use crate::page::Page;
use crate::rest::{Refusal, path};
use crate::visit::{MyNetwork, Visit};
use axum::extract::{Form, Path, Query};
use axum::http::Method;
use axum::response::Response;
use maud::html;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use wire_rest::{HasSchema as _, problems, types};

const COLUMNS: &[Column] = &[
    Column { name: "id", is_required: true, help: "Which gateway; one that is not there yet is added." },
    Column { name: "name", is_required: false, help: "What people call it. A new one without it: its id." },
    Column { name: "description", is_required: false, help: "A new one without it: its id." },
    Column {
        name: "tier",
        is_required: false,
        help: "The id of its upgrade tier. A new one without it: default.",
    },
];

/// The tier of a new gateway whose row says none.
const TIER: &str = "default";

/// Where a table is taken in.
pub(super) fn url(network: &str) -> String {
    format!("/console{}", path(&["networks", network, "import-gateways"]))
}

/// Where the list is to be had as a file.
pub(super) fn export_url(network: &str) -> String {
    format!("/console{}", path(&["networks", network, "gateways.csv"]))
}

pub(super) async fn export(
    visit: Visit,
    Path(id): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    visit.network(&id)?;
    let found = find_all(&visit, &id, &query).await?;
    let row = |one: Summary| vec![one.id, one.name, one.description, one.tier];
    Ok(csv::download(&format!("{id}-gateways"), csv::write(COLUMNS, found.into_iter().map(row))))
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Sent {
    table: String,
    apply: String,
}

pub(super) async fn show(visit: Visit, Path(id): Path<String>) -> Result<Response, Failure> {
    form(&visit, &id, "", None)
}

pub(super) async fn act(
    visit: Visit,
    Path(id): Path<String>,
    Form(sent): Form<Sent>,
) -> Result<Response, Failure> {
    let network = visit.network(&id)?;
    if !network.may_write {
        return form(&visit, &id, "", None);
    }
    let table = match csv::parse(&sent.table, COLUMNS) {
        Ok(table) => table,
        Err(problem) => return form(&visit, &id, &sent.table, Some(&problem)),
    };
    let present = find_all(&visit, &id, &BTreeMap::new()).await?;
    let tiers: Vec<String> = visit.rest.find(&path(&["networks", &id, "tiers"])).await?.unwrap_or_default();
    let (plans, bad) = plan(network, table, &present, &tiers);
    let back = Section::Gateways.url(&id);
    let page = page(&visit, &id)?;
    if sent.apply.is_empty() {
        let mut lines = bad;
        lines.extend(plans.iter().map(Plan::line));
        lines.sort_by_key(|line| line.row);
        let fields = [("table", sent.table.as_str())];
        return Ok(page.show(csv::dry_run(&lines, &url(&id), &fields, &url(&id))));
    }
    let mut lines = bad;
    for plan in plans {
        lines.push(plan.carry_out(&visit, network).await);
    }
    Ok(page.show(csv::outcome(&lines, &back)))
}

fn page(visit: &Visit, id: &str) -> Result<Page, Failure> {
    let network = visit.network(id)?;
    Ok(Page::new(visit, Section::Gateways, "Gateways from a table")
        .of_network(id)
        .below(network.title(), Section::Network.url(id))
        .below("Gateways", Section::Gateways.url(id)))
}

fn form(visit: &Visit, id: &str, text: &str, problem: Option<&str>) -> Result<Response, Failure> {
    if !visit.network(id)?.may_write {
        return Ok(page(visit, id)?.show(html! {
            p.lead { "You may look at this network, but not change it." }
        }));
    }
    Ok(page(visit, id)?.show(html! {
        p.lead { "Adds gateways and changes their names, descriptions and tiers. It first shows what it would do." }
        p { a href=(export_url(id)) { "All gateways as such a table" } " is a good beginning." }
        (csv::form(&url(id), COLUMNS, text, problem))
    }))
}

/// What a row would do.
struct Plan {
    row: usize,
    id: String,
    what: What,
}

enum What {
    /// A gateway is added.
    Add(Value),
    /// Fields get other values: their names, what they are, and what they will be.
    Change(Vec<(&'static str, String, String)>),
}

impl Plan {
    fn line(&self) -> Line {
        let line = |step, says| Line { row: self.row, what: self.id.clone(), step, says };
        match &self.what {
            What::Add(body) => {
                line(Step::Add, format!("in tier {}", body["tier"].as_str().unwrap_or_default()))
            }
            What::Change(changes) if changes.is_empty() => line(Step::Same, String::new()),
            What::Change(changes) => {
                let change =
                    |(field, was, new): &(&str, String, String)| format!("{field}: “{was}” → “{new}”");
                line(Step::Change, changes.iter().map(change).collect::<Vec<_>>().join("; "))
            }
        }
    }

    async fn carry_out(self, visit: &Visit, network: &MyNetwork) -> Line {
        let (step, says) = match &self.what {
            What::Change(changes) if changes.is_empty() => return self.line(),
            what => match carry_out(visit, network, &self.id, what).await {
                Ok(()) if matches!(what, What::Add(_)) => (Step::Done, "added".to_owned()),
                Ok(()) => (Step::Done, "changed".to_owned()),
                Err(refusal) => (Step::Failed, refusal.message),
            },
        };
        Line { row: self.row, what: self.id, step, says }
    }
}

async fn carry_out(visit: &Visit, network: &MyNetwork, id: &str, what: &What) -> Result<(), Refusal> {
    match what {
        What::Add(body) => {
            visit.rest.send(Method::POST, &creation::collection(network), Some(body)).await?;
        }
        What::Change(changes) => {
            for (field, _, new) in changes {
                let place = path(&["networks", &network.id, "gateways", id, field]);
                visit.rest.send(Method::PUT, &place, Some(&Value::from(new.as_str()))).await?;
            }
        }
    }
    Ok(())
}

/// What the rows of a table would do, and those that are bad.
fn plan(network: &MyNetwork, table: Table, present: &[Summary], tiers: &[String]) -> (Vec<Plan>, Vec<Line>) {
    let present: BTreeMap<&str, &Summary> = present.iter().map(|one| (one.id.as_str(), one)).collect();
    let (mut seen, mut plans, mut bad) = (BTreeMap::new(), Vec::new(), table.bad);
    for row in table.rows {
        let id = row.word("id").to_owned();
        let what = match seen.insert(id.clone(), row.number) {
            Some(before) => Err(format!("this gateway is in line {before}, too")),
            None => plan_row(network, &row, present.get(id.as_str()).copied(), tiers),
        };
        match what {
            Ok(what) => plans.push(Plan { row: row.number, id, what }),
            Err(says) => bad.push(Line { row: row.number, what: id, step: Step::Bad, says }),
        }
    }
    (plans, bad)
}

fn plan_row(
    network: &MyNetwork,
    row: &Row,
    present: Option<&Summary>,
    tiers: &[String],
) -> Result<What, String> {
    let tier_exists = |tier: &str| match tiers.iter().any(|known| known == tier) {
        true => Ok(()),
        false => Err(format!("there is no tier {tier:?}; there are: {}", tiers.join(", "))),
    };
    let Some(present) = present else {
        let tier = Some(row.word("tier")).filter(|tier| !tier.is_empty()).unwrap_or(TIER);
        let (name, description) = (row.cell("name"), row.cell("description"));
        let (name, description) = (name.unwrap_or_default(), description.unwrap_or_default());
        let body = creation::body(network, &New { id: row.word("id"), name, description, tier });
        first(problems(creation::schema(network), &body))?;
        tier_exists(tier)?;
        return Ok(What::Add(body));
    };
    let mut changes = Vec::new();
    for (field, was) in
        [("name", &present.name), ("description", &present.description), ("tier", &present.tier)]
    {
        let Some(new) = row.cell(field) else { continue };
        let new = if field == "tier" { new.trim() } else { new };
        if one_kind_of_line_breaks(was) == new {
            continue;
        }
        match field {
            "tier" => tier_exists(new)?,
            "name" => first(problems(types::GatewayName::SCHEMA, &new.into()))?,
            _ => first(problems(types::GatewayDescription::SCHEMA, &new.into()))?,
        }
        changes.push((field, was.clone(), new.to_owned()));
    }
    Ok(What::Change(changes))
}

fn first(problems: Vec<String>) -> Result<(), String> {
    problems.into_iter().next().map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn present(id: &str, description: &str) -> Summary {
        let (id, name, tier) = (id.to_owned(), "Old".to_owned(), "default".to_owned());
        Summary { id, name, tier, description: description.to_owned(), ..Summary::default() }
    }

    fn lines(text: &str) -> Vec<(usize, Step, String)> {
        let network = MyNetwork { id: "n1".into(), kind: "lte".into(), ..MyNetwork::default() };
        let present = [present("g1", "two\r\nlines"), present("g2", "=1+1")];
        let (plans, bad) = plan(&network, csv::parse(text, COLUMNS).unwrap(), &present, &["default".into()]);
        let mut lines: Vec<_> = bad.into_iter().chain(plans.iter().map(Plan::line)).collect();
        lines.sort_by_key(|line| line.row);
        lines.into_iter().map(|line| (line.row, line.step, line.says)).collect()
    }

    #[test]
    fn what_was_exported_changes_nothing() {
        let rows = [present("g1", "two\r\nlines"), present("g2", "=1+1")];
        let text = csv::write(
            COLUMNS,
            rows.into_iter().map(|one| vec![one.id, one.name, one.description, one.tier]),
        );
        for (row, step, says) in lines(&text) {
            assert_eq!(step, Step::Same, "{row}: {says}");
        }
    }

    #[test]
    fn each_row_says_what_it_would_do_or_why_it_is_bad() {
        let found = lines(
            "id,name,tier\ng1,New,default\ng2,Old,nowhere\ng1,Old,default\nG 1,X,\ng3,,\ng2,,default\n",
        );
        let expect = [
            (2, Step::Change, "name: “Old” → “New”"),
            (3, Step::Bad, "there is no tier \"nowhere\"; there are: default"),
            (4, Step::Bad, "this gateway is in line 2, too"),
            (5, Step::Bad, "id in body should match"),
            (6, Step::Add, "in tier default"),
            (7, Step::Bad, "this gateway is in line 3, too"),
        ];
        assert_eq!(found.len(), expect.len(), "{found:?}");
        for ((row, step, says), (expect_row, expect_step, part)) in found.iter().zip(expect) {
            assert_eq!((*row, *step), (expect_row, expect_step), "{says}");
            assert!(says.starts_with(part), "{says}");
        }
    }
}
