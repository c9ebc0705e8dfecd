//! The page that copies policies and base names to the federation network: what would be done, then each with its result.

use crate::edit::diff::diff;
use crate::failure::Failure;
use crate::navigation::Section;
use crate::page::Page;
use crate::rest::{Refusal, path};
use crate::traffic::List;
use crate::traffic::federation::{Federation, Kind, Lacking, counted, sent};
use crate::traffic::summary::TrafficSummary;
use crate::visit::{MyNetwork, Visit};
use axum::extract::{Form, Path};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;
use std::hash::{DefaultHasher, Hash, Hasher};

/// So many that are new stand open.
const OPEN_MAX: usize = 5;

/// Where it is.
pub(super) fn url(network: &str) -> String {
    format!("/console{}", path(&["networks", network, "copy-policies"]))
}

/// A federation network, and what it lacks of a network.
struct Copy<'a> {
    visit: &'a Visit,
    from: &'a MyNetwork,
    to: MyNetwork,
    lacking: Vec<Lacking>,
}

impl<'a> Copy<'a> {
    async fn of(visit: &'a Visit, id: &str) -> Result<Self, Failure> {
        let from = visit.network(id)?;
        let ours = TrafficSummary::of(visit, id).await?;
        match Federation::of(visit, from, &ours).await? {
            None => Err(Failure::not_found(
                "No federation network serves this network: there is nowhere to copy to.",
            )),
            Some(Federation::Untold(why)) => Err(Failure::bad(why)),
            Some(Federation::Told { network, lacking }) => Ok(Self { visit, from, to: network, lacking }),
        }
    }

    fn page(&self, body: Markup) -> Response {
        Page::new(self.visit, Section::Traffic, format!("Copy policies to {}", self.to.title()))
            .of_network(&self.from.id)
            .below(self.from.title(), Section::Network.url(&self.from.id))
            .below("Policies", List::Policies.url(&self.from.id))
            .show(body)
    }

    /// What is about to be done, in a number: so that nothing is done that was not shown.
    fn seal(&self) -> String {
        let mut hasher = DefaultHasher::new();
        serde_json::to_string(&self.lacking).unwrap_or_default().hash(&mut hasher);
        format!("{:x}", hasher.finish())
    }

    fn way_back(&self) -> Markup {
        html! { a.button href=(List::Policies.url(&self.from.id)) { "Back to the policies" } }
    }

    fn plan(&self, problem: Option<&str>) -> Response {
        let (new, other): (Vec<_>, Vec<_>) = self.lacking.iter().partition(|one| one.is_new());
        let all: Vec<_> = self.lacking.iter().collect();
        self.page(html! {
            @if let Some(problem) = problem { p.problem role="alert" { (problem) } }
            @if all.is_empty() {
                p.lead { (self.to.title()) " has the same policies and base names: there is nothing to copy." }
                p.buttons { (self.way_back()) }
            } @else {
                p { "Policies are copied without their QoS profile and without their subscribers, which belong to one network alone. Nothing is deleted in " (self.to.title()) "." }
                (planned("added", &new))
                (planned("changed", &other))
                @if self.to.may_write {
                    form method="post" {
                        input type="hidden" name="seal" value=(self.seal());
                        div.buttons { button.main type="submit" { "Copy " (counted(&all)) " to " (self.to.title()) } (self.way_back()) }
                    }
                } @else {
                    p { "You may not change " (self.to.title()) ": ask somebody who may to copy them." }
                    p.buttons { (self.way_back()) }
                }
            }
        })
    }

    /// Writes one of them.
    async fn write(&self, one: &Lacking) -> Result<(), Refusal> {
        let collection = match one.kind {
            Kind::Policy => "rules",
            Kind::BaseName => "base_names",
        };
        let parts = ["networks", &self.to.id, "policies", collection];
        let rest = &self.visit.rest;
        if one.is_new() {
            rest.send(Method::POST, &path(&parts), Some(&one.ours)).await?;
        } else {
            let place = path(&[&parts[..], &[&one.name]].concat());
            let there: Value = rest.get(&place).await?;
            rest.send(Method::PUT, &place, Some(&sent(&one.ours, &there))).await?;
        }
        Ok(())
    }

    /// Writes all of them, whatever becomes of the others.
    async fn carry_out(&self) -> Response {
        let mut results = Vec::new();
        for one in &self.lacking {
            results.push((one, self.write(one).await));
        }
        let failed: Vec<_> =
            results.iter().filter(|(_, result)| result.is_err()).map(|(one, _)| *one).collect();
        let worked: Vec<_> =
            results.iter().filter(|(_, result)| result.is_ok()).map(|(one, _)| *one).collect();
        let refusal = results.iter().find_map(|(_, result)| result.as_ref().err());
        let status = refusal.map_or(StatusCode::OK, |refusal| refusal.status);
        let page = self.page(html! {
            @if !failed.is_empty() {
                p.problem role="alert" { (counted(&failed)) " could not be copied. Mend what the messages name, and copy again." }
            }
            @if !worked.is_empty() { p.lead role="status" { (counted(&worked)) " copied to " (self.to.title()) "." } }
            div.scroll { table.list {
                thead { tr { th scope="col" { "What" } th scope="col" { "Name" } th scope="col" { "Result" } } }
                tbody { @for (one, result) in &results { tr {
                    td { (one.kind.noun()) } td { code { (one.name) } }
                    td { @match result {
                        Ok(()) => @if one.is_new() { "added" } @else { "changed" },
                        Err(refusal) => strong { "not copied: " (refusal.message) },
                    } }
                } } }
            } }
            p.buttons { (self.way_back()) }
        });
        (status, page).into_response()
    }
}

/// What would be added, or changed, each with its fields.
fn planned(how: &str, all: &[&Lacking]) -> Markup {
    html! {
        @if !all.is_empty() {
            h2 { "What is " (how) ": " (counted(all)) }
            @for one in all {
                details open[!one.is_new() || all.len() <= OPEN_MAX] {
                    summary { (one.kind.noun()) " " strong { (one.name) } }
                    (diff(&one.theirs, &one.ours))
                }
            }
        }
    }
}

pub(super) async fn show(visit: Visit, Path(id): Path<String>) -> Result<Response, Failure> {
    Ok(Copy::of(&visit, &id).await?.plan(None))
}

/// What was shown when somebody decided.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Shown {
    seal: String,
}

pub(super) async fn act(
    visit: Visit,
    Path(id): Path<String>,
    Form(shown): Form<Shown>,
) -> Result<Response, Failure> {
    let copy = Copy::of(&visit, &id).await?;
    if !copy.to.may_write {
        return Ok((StatusCode::FORBIDDEN, copy.plan(None)).into_response());
    }
    if copy.seal() != shown.seal {
        let problem = "Something was changed since this page was shown. Nothing is copied yet: look again.";
        return Ok((StatusCode::CONFLICT, copy.plan(Some(problem))).into_response());
    }
    Ok(copy.carry_out().await)
}
