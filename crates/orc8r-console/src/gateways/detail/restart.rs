//! Starting services anew: asked once more before it is done.

use super::{Detail, Tab, may_not};
use crate::failure::Failure;
use crate::said;
use crate::visit::Visit;
use axum::extract::{Form, Path, Query};
use axum::http::Method;
use axum::response::Response;
use maud::html;
use serde::Deserialize;
use serde_json::json;

/// Which one; empty: all.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Which {
    service: String,
}

impl Which {
    fn title(&self) -> String {
        if self.service.is_empty() { "all services".to_owned() } else { self.service.clone() }
    }
}

pub(super) async fn ask(
    visit: Visit,
    Path((network, gateway)): Path<(String, String)>,
    Query(which): Query<Which>,
) -> Result<Response, Failure> {
    let detail = Detail::load(visit, &network, gateway).await?;
    Ok(page(&detail, &which, None))
}

pub(super) async fn act(
    visit: Visit,
    Path((network, gateway)): Path<(String, String)>,
    Form(which): Form<Which>,
) -> Result<Response, Failure> {
    let detail = Detail::load(visit, &network, gateway).await?;
    let services: Vec<&str> = [which.service.as_str()].into_iter().filter(|name| !name.is_empty()).collect();
    let place = detail.any("/command/restart_services");
    match detail.visit.rest.send(Method::POST, &place, Some(&json!(services))).await {
        Ok(_) => {
            let said = format!("{} was told to restart {}.", detail.title(), which.title());
            Ok(said::done(&detail.url(Tab::Services), &said))
        }
        Err(refusal) => Ok(page(&detail, &which, Some(&refusal.message))),
    }
}

fn page(detail: &Detail, which: &Which, problem: Option<&str>) -> Response {
    let back = detail.url(Tab::Services);
    let page = detail.page(Tab::Services).below(Tab::Services.title(), back.clone());
    page.show(html! {
        h2 { "Restart " (which.title()) "?" }
        @if let Some(problem) = problem { p.problem role="alert" { (problem) } }
        @if detail.network.may_write {
            p {
                @if which.service.is_empty() { "All services of the gateway end and begin anew; whoever uses it may be cut off for a moment." }
                @else { "It ends and begins anew; what it does stands still for a moment." }
            }
            form method="post" action={ (back) "/restart" } {
                input type="hidden" name="service" value=(which.service);
                div.buttons {
                    button.danger type="submit" { "Restart " (which.title()) }
                    a.button href=(back) { "Leave it" }
                }
            }
        } @else { (may_not("restarting is for who may.")) }
    })
}
