//! The palette: finds pages and objects by what one types. The same page answers without a script.

mod objects;
mod pages;

use crate::Console;
use crate::failure::Failure;
use crate::navigation::{Section, keys};
use crate::page::Page;
use crate::visit::Visit;
use axum::Router;
use axum::extract::Query;
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;
use std::sync::Arc;

/// What one types has at most so many letters.
pub(crate) const LETTERS_MAX: usize = 100;

/// So many pages are shown, and so many objects of each kind.
const FOUND_MAX: usize = 8;

pub(crate) fn routes() -> Router<Arc<Console>> {
    Router::new().route("/console/search", get(show)).merge(keys::routes())
}

/// What is looked for.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Wanted {
    q: String,
    /// The network that somebody looks at: what is there comes first.
    network: String,
}

/// Something that was found.
struct Found {
    title: String,
    /// What it was found by, when that is not its title.
    by: String,
    /// Its kind, and the network that it is in.
    what: String,
    url: String,
}

async fn show(visit: Visit, Query(mut wanted): Query<Wanted>) -> Result<Response, Failure> {
    wanted.q = wanted.q.trim().chars().take(LETTERS_MAX).collect();
    let mut found = pages::find(&visit, &wanted);
    found.extend(objects::find(&visit, &wanted).await?);
    let page = Page::new(&visit, Section::Home, "Search");
    let page = if visit.network(&wanted.network).is_ok() { page.of_network(&wanted.network) } else { page };
    Ok(page.show(html! {
        form.filter method="get" role="search" {
            label { "Search" input type="search" name="q" maxlength=(LETTERS_MAX) value=(wanted.q); }
            @if !wanted.network.is_empty() { input type="hidden" name="network" value=(wanted.network); }
            button type="submit" { "Search" }
        }
        div id="found" { (list(&found)) }
    }))
}

fn list(found: &[Found]) -> Markup {
    html! {
        @for one in found {
            a href=(one.url) {
                span { (one.title) @if !one.by.is_empty() { " " span.quiet { (one.by) } } }
                " " span.quiet { (one.what) }
            }
        }
        @if found.is_empty() {
            p.quiet {
                "Nothing was found. Pages are found by their titles; gateways by id, name or hardware id; eNodeBs by serial or name; \
                 subscribers by the beginning of an IMSI, of a number, of an address or of a name; and networks, APNs, \
                 policies, base names, rating groups, gateway pools and upgrade tiers by id or name."
            }
        }
    }
}
