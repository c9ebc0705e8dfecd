//! Deleting a resource, for who types its name.

use crate::edit::About;
use crate::edit::change::capital;
use crate::edit::operations::Place;
use crate::edit::secrets::hidden;
use crate::edit::sheet;
use crate::failure::Failure;
use crate::said::done;
use crate::session::local;
use crate::visit::Visit;
use axum::extract::{Form, Query};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use maud::html;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Confirmation {
    name: String,
}

pub(super) async fn show(visit: Visit, Query(about): Query<About>) -> Result<Response, Failure> {
    page(&visit, &about, None).await
}

pub(super) async fn act(
    visit: Visit,
    Query(about): Query<About>,
    Form(confirmation): Form<Confirmation>,
) -> Result<Response, Failure> {
    let (place, _) = Place::find(&Method::DELETE, &about.resource)?;
    place.network(&visit)?;
    let asked = asked(&place, &visit.rest.get(&place.path).await?);
    if confirmation.name.trim() != asked {
        let problem = format!("Nothing is deleted: type {asked} to confirm.");
        let page = page(&visit, &about, Some(&problem)).await?;
        return Ok(sheet::refused(page, StatusCode::UNPROCESSABLE_ENTITY));
    }
    match visit.rest.send(Method::DELETE, &place.path, None).await {
        Ok(_) => Ok(done(local(&about.back), &format!("{} is deleted.", capital(&place.title())))),
        Err(refusal) => {
            let page = page(&visit, &about, Some(&refusal.message)).await?;
            Ok(sheet::refused(page, refusal.status))
        }
    }
}

/// What has to be typed: what people know it by, which of a CBSD is its serial number and not the number in its path.
fn asked(place: &Place, there: &Value) -> String {
    let name = there["serial_number"].as_str().map_or_else(|| place.name(), str::to_owned);
    if name.is_empty() { place.noun() } else { name }
}

async fn page(visit: &Visit, about: &About, problem: Option<&str>) -> Result<Response, Failure> {
    let (place, _) = Place::find(&Method::DELETE, &about.resource)?;
    let back = local(&about.back);
    let page = sheet::page(visit, &place, format!("Delete {}", place.title()), back)?;
    if !sheet::may_write(visit, &place)? {
        return Ok(page.show(sheet::may_not()));
    }
    let there: Value = visit.rest.get(&place.path).await?;
    let json = serde_json::to_string_pretty(&hidden(&there)).unwrap_or_default();
    Ok(page.show(html! {
        @if let Some(problem) = problem { p.problem role="alert" { (problem) } }
        p.lead { "This cannot be undone; what it was stays in the audit log." }
        form.fields method="post" {
            label { span.name { "Type " strong { (asked(&place, &there)) } " to confirm" }
                input name="name" required autocomplete="off" spellcheck="false";
            }
            div.buttons {
                button.danger type="submit" { "Delete" }
                a.button href=(back) { "Cancel" }
            }
        }
        details { summary { "What is deleted" } pre.json tabindex="0" { (json) } }
    }))
}
