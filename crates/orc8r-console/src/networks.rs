//! All networks, adding one, and one network at a glance with its configuration.

pub(crate) mod add;
mod creation;
mod parts;
mod show;

pub(crate) use add::URL as ADD;

use crate::Console;
use crate::navigation::{Section, kind_of};
use crate::page::Page;
use crate::visit::Visit;
use axum::Router;
use axum::response::Response;
use axum::routing::get;
use maud::html;
use std::sync::Arc;

pub(crate) fn routes() -> Router<Arc<Console>> {
    Router::new()
        .route("/console/networks", get(list))
        .route("/console/networks/{network}", get(show::show))
        .route(add::URL, get(add::show).post(add::add))
}

async fn list(visit: Visit) -> Response {
    let page = Page::new(&visit, Section::Networks, "Networks");
    let body = html! {
        @if visit.me.administers { div.buttons { a.button.main href=(add::URL) { "Add a network" } } }
        div.scroll { table.list {
            thead { tr { th scope="col" { "Network" } th scope="col" { "Id" } th scope="col" { "Kind" } th scope="col" { "You may" } } }
            tbody {
                @for network in &visit.me.networks {
                    tr {
                        td { a.row href=(Section::Network.url(&network.id)) { (network.title()) } }
                        td { code { (network.id) } }
                        td { (kind_of(&network.kind)) }
                        td { @if network.may_write { "change it" } @else { "look at it" } }
                    }
                }
                @if visit.me.networks.is_empty() { tr { td colspan="4" { "There is no network that you may see." } } }
            }
        } }
    };
    page.show(body)
}
