//! One thing done to many gateways: first what it would do to each, then what became of it.

use crate::csv::{self, Line, Step};
use crate::failure::Failure;
use crate::gateways::creation::collection;
use crate::gateways::summaries::{Summary, find_all};
use crate::navigation::Section;
use crate::page::Page;
use crate::rest::{escaped, path};
use crate::view::status::Health;
use crate::visit::{MyNetwork, Visit};
use axum::extract::{Form, Path};
use axum::http::Method;
use axum::response::Response;
use maud::{Markup, html};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// So many gateways are asked at the same time: one that does not answer holds up no more than its part.
const AT_ONCE: usize = 16;

/// What a list is narrowed by.
const FILTERS: [&str; 4] = ["q", "state", "tier", "version"];

/// Where it is done.
pub(super) fn url(network: &str) -> String {
    format!("/console{}", path(&["networks", network, "many-gateways"]))
}

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Tier,
    Reboot,
    Restart,
    Delete,
}

impl Action {
    const ALL: [Self; 4] = [Self::Tier, Self::Reboot, Self::Restart, Self::Delete];

    fn name(self) -> &'static str {
        match self {
            Self::Tier => "tier",
            Self::Reboot => "reboot",
            Self::Restart => "restart",
            Self::Delete => "delete",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Tier => "Change the tier",
            Self::Reboot => "Reboot",
            Self::Restart => "Restart services",
            Self::Delete => "Delete",
        }
    }
}

/// What was chosen on the list.
struct Choice {
    action: Action,
    /// The tier that they are to be in.
    tier: String,
    gateways: BTreeSet<String>,
    /// Every gateway that the filter lets through.
    is_all: bool,
    filter: BTreeMap<String, String>,
    is_to_apply: bool,
    /// What was typed to confirm it.
    typed: String,
}

impl Choice {
    fn read(pairs: &[(String, String)]) -> Option<Self> {
        let value = |name: &str| {
            let found = pairs.iter().rev().find(|(known, _)| known == name);
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        let action = Action::ALL.into_iter().find(|action| action.name() == value("action"))?;
        let filter = FILTERS.into_iter().map(|name| (name.to_owned(), value(&format!("filter_{name}"))));
        let gateways = pairs.iter().filter(|(name, _)| name == "gateway").map(|(_, id)| id.clone());
        Some(Self {
            action,
            tier: value("to_tier"),
            gateways: gateways.collect(),
            is_all: value("all") == "yes",
            filter: filter.collect(),
            is_to_apply: value("apply") == "yes",
            typed: value("confirm"),
        })
    }

    /// What is sent again with the button that does it: each gateway by its name, whatever the filter lets through then.
    fn fields<'a>(&'a self, lines: &'a [Line]) -> Vec<(&'static str, &'a str)> {
        let to_do = lines.iter().filter(|line| line.step.is_to_do());
        let mut fields = vec![("action", self.action.name()), ("to_tier", self.tier.as_str())];
        fields.extend(to_do.map(|line| ("gateway", line.what.as_str())));
        fields
    }
}

pub(super) async fn act(
    visit: Visit,
    Path(id): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    let network = visit.network(&id)?;
    let back = Section::Gateways.url(&id);
    let Some(choice) = Choice::read(&pairs) else { return Err(Failure::bad("No action was chosen.")) };
    let page = Page::new(&visit, Section::Gateways, choice.action.title())
        .of_network(&id)
        .below(network.title(), Section::Network.url(&id))
        .below("Gateways", &back);
    if !network.may_write {
        return Ok(page.show(html! { p.lead { "You may look at this network, but not change it." } }));
    }
    let filter = if choice.is_all { choice.filter.clone() } else { BTreeMap::new() };
    let present = find_all(&visit, &id, &filter).await?;
    let lines = plan(&choice, &present);
    if lines.is_empty() {
        return Ok(page.show(html! {
            p.lead { "No gateway was chosen." }
            p { a.button href=(back) { "Back" } }
        }));
    }
    let confirm = (choice.action == Action::Delete).then_some(id.as_str());
    if choice.is_to_apply && confirm.is_none_or(|name| choice.typed == name) {
        let lines = carry_out(&visit, network, &choice, lines).await;
        return Ok(page.show(csv::outcome(&lines, &back)));
    }
    let wrong =
        choice.is_to_apply.then_some("What was typed is not the id of the network: nothing was deleted.");
    let fields = choice.fields(&lines);
    Ok(page.show(html! {
        @if let Some(wrong) = wrong { p.problem role="alert" { (wrong) } }
        (csv::dry_run_confirmed(&lines, &url(&id), &fields, &back, confirm))
    }))
}

/// What becomes of each.
fn plan(choice: &Choice, present: &[Summary]) -> Vec<Line> {
    let is_chosen = |one: &&Summary| choice.is_all || choice.gateways.contains(&one.id);
    let mut lines: Vec<_> =
        present.iter().filter(is_chosen).map(|gateway| plan_one(choice, gateway)).collect();
    if !choice.is_all {
        let is_gone = |id: &&String| !present.iter().any(|one| one.id == **id);
        let gone = choice.gateways.iter().filter(is_gone);
        let line = |id: &String| Line {
            what: id.clone(),
            says: "it is not there any more".into(),
            ..Line::default()
        };
        lines.extend(gone.map(line));
    }
    lines
}

fn plan_one(choice: &Choice, gateway: &Summary) -> Line {
    let line = |step, says: String| Line { row: 0, what: gateway.id.clone(), step, says };
    let doubt =
        if gateway.state == Health::Down { "; it has stopped checking in, so this may fail" } else { "" };
    match choice.action {
        Action::Tier if choice.tier.is_empty() => line(Step::Bad, "no tier was chosen".to_owned()),
        Action::Tier if gateway.tier == choice.tier => {
            line(Step::Same, format!("it is in tier {} already", choice.tier))
        }
        Action::Tier => line(Step::Change, format!("tier: {} → {}", gateway.tier, choice.tier)),
        Action::Reboot | Action::Restart if gateway.hardware_id.is_empty() || gateway.checkin_time == 0 => {
            line(Step::Bad, "it has never checked in, so nobody can tell it anything".to_owned())
        }
        Action::Reboot => line(
            Step::Change,
            format!("{} will restart, and whom it serves is cut off until then{doubt}", gateway.title()),
        ),
        Action::Restart => {
            line(Step::Change, format!("all services of {} will restart{doubt}", gateway.title()))
        }
        Action::Delete => line(Step::Delete, format!("{}, with its configuration", gateway.title())),
    }
}

/// Does it, to several at the same time; the answer is in the order of the plan.
async fn carry_out(visit: &Visit, network: &MyNetwork, choice: &Choice, lines: Vec<Line>) -> Vec<Line> {
    let (mut doing, turn) = (JoinSet::new(), Arc::new(Semaphore::new(AT_ONCE)));
    let mut done: Vec<Option<Line>> = Vec::new();
    for (at, line) in lines.into_iter().enumerate() {
        if !line.step.is_to_do() {
            done.push(Some(line));
            continue;
        }
        done.push(None);
        let (method, place, body) = request(network, choice, &line.what);
        let (rest, turn) = (visit.rest.clone(), turn.clone());
        doing.spawn(async move {
            // It is never closed.
            let _turn = turn.acquire_owned().await;
            let sent = rest.send(method, &place, body.as_ref()).await;
            let (step, says) = match sent {
                Ok(_) => (Step::Done, String::new()),
                Err(refusal) => (Step::Failed, refusal.message),
            };
            (at, Line { step, says, ..line })
        });
    }
    while let Some(ended) = doing.join_next().await {
        if let Ok((at, line)) = ended {
            done[at] = Some(line);
        }
    }
    done.into_iter().flatten().collect()
}

fn request(network: &MyNetwork, choice: &Choice, gateway: &str) -> (Method, String, Option<Value>) {
    let below = |parts: &[&str]| path(&[&["networks", &network.id, "gateways", gateway], parts].concat());
    match choice.action {
        Action::Tier => (Method::PUT, below(&["tier"]), Some(json!(choice.tier))),
        Action::Reboot => (Method::POST, below(&["command", "reboot"]), None),
        Action::Restart => (Method::POST, below(&["command", "restart_services"]), Some(json!([]))),
        Action::Delete => (Method::DELETE, format!("{}/{}", collection(network), escaped(gateway)), None),
    }
}

/// What stands below the list, within its form: what is to be done with those that are ticked.
pub(super) fn controls(
    tiers: &[String],
    found: usize,
    shown: usize,
    filter: &dyn Fn(&str) -> String,
) -> Markup {
    html! {
        fieldset.many {
            legend { "With the gateways that are ticked" }
            @for name in FILTERS { input type="hidden" name={ "filter_" (name) } value=(filter(name)); }
            @if found > shown {
                label.pick { input type="checkbox" name="all" value="yes" data-keep; "all " (found) " that are found, not only those that are ticked" }
            }
            div.buttons {
                label.pick { "Tier"
                    select name="to_tier" aria-label="Tier" {
                        @for tier in tiers { option value=(tier) { (tier) } }
                    }
                }
                @for action in Action::ALL {
                    button type="submit" name="action" value=(action.name()) class=[(action == Action::Delete).then_some("danger")] {
                        (action.title()) "…"
                    }
                }
            }
        }
    }
}
