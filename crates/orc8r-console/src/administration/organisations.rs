//! Organisations, and the networks that they own.

use super::{page, views};
use crate::edit;
use crate::failure::Failure;
use crate::navigation::Section;
use crate::rest::path;
use crate::visit::Visit;
use axum::response::Response;
use maud::html;
use serde::Deserialize;

const PLACE: &str = "/console/admin/organisations";

/// An organisation.
#[derive(Debug, Clone, Deserialize)]
struct Organisation {
    id: i64,
    #[serde(default)]
    name: String,
    #[serde(default)]
    networks: Vec<String>,
}

pub(super) async fn list(visit: Visit) -> Result<Response, Failure> {
    let all: Vec<Organisation> = visit.rest.get("/tenants").await?;
    Ok(page(&visit, "Organisations").show(html! {
        (views("Organisations"))
        p { a.button.main href=(edit::add("/tenants", PLACE)) { "Add an organisation" } }
        @if all.is_empty() {
            div.empty {
                p.lead { "There is no organisation." }
                p { "One needs them only to give networks to several parties: each sees its own." }
            }
        } @else {
            div.scroll { table.list {
                thead { tr { th scope="col" { "Organisation" } th scope="col" { "Id" } th scope="col" { "Networks" } th scope="col" { span.visually-hidden { "Actions" } } } }
                tbody { @for one in &all {
                    @let resource = path(&["tenants", &one.id.to_string()]);
                    tr {
                        td { (one.name) }
                        td { (one.id) }
                        td { @for network in &one.networks { a href=(Section::Network.url(network)) { (network) } " " } }
                        td { div.buttons {
                            a.button href=(edit::change(&resource, PLACE)) aria-label={ "Change " (one.name) } { "Change" }
                            a.button href=(edit::delete(&resource, PLACE)) aria-label={ "Delete " (one.name) } { "Delete" }
                        } }
                    }
                } }
            } }
        }
    }))
}
