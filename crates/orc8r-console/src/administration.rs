//! Administration: who may sign in and do what, what was changed by whom, and what runs here.

mod audit;
mod organisations;
mod system;
pub(crate) mod users;

use crate::Console;
use crate::navigation::Section;
use crate::page::Page;
use crate::visit::Visit;
use axum::Router;
use axum::routing::{get, post};
use maud::{Markup, html};
use std::sync::Arc;

/// Where it begins.
pub(crate) const PLACE: &str = "/console/admin";

/// Its parts, and where they are.
pub(crate) const PARTS: [(&str, &str); 4] = [
    ("Users", PLACE),
    ("Organisations", "/console/admin/organisations"),
    ("Audit log", "/console/admin/audit"),
    ("This Orchestrator", SYSTEM),
];

/// What runs here, and its certificates.
pub(crate) const SYSTEM: &str = "/console/admin/system";

pub(crate) fn routes() -> Router<Arc<Console>> {
    Router::new()
        .route(PLACE, get(users::list))
        .route("/console/admin/users/{user}", get(users::show))
        .route("/console/admin/users/{user}/token", post(users::add_token))
        .route("/console/admin/users/{user}/revoke", post(users::revoke))
        .route("/console/admin/organisations", get(organisations::list))
        .route("/console/admin/audit", get(audit::list))
        .route(SYSTEM, get(system::show))
}

/// A page of the section.
fn page(visit: &Visit, title: impl Into<String>) -> Page {
    Page::new(visit, Section::Administration, title)
}

/// The parts of the section, of which one is shown.
fn views(shown: &str) -> Markup {
    html! {
        nav.views aria-label="Administration" {
            @for (title, url) in PARTS { a href=(url) aria-current=[(title == shown).then_some("page")] { (title) } }
        }
    }
}
