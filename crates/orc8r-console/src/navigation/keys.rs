//! The keys that pages listen to: in a small window over any page, and on a page of their own without a script.

use crate::Console;
use crate::navigation::Section;
use crate::page::Page;
use crate::visit::Visit;
use axum::Router;
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};
use std::sync::Arc;

/// Where they are told.
pub(crate) const PLACE: &str = "/console/keys";

/// Each with what it does; several keys that do the same have a space between them.
const KEYS: [(&str, &str); 6] = [
    ("/ Ctrl-K", "Search, or go to a page"),
    ("↑ ↓", "Choose among what was found"),
    ("Enter", "Go there"),
    ("j k", "The next row of a list, the one before"),
    ("Esc", "Close what is open"),
    ("?", "Show these keys"),
];

pub(crate) fn routes() -> Router<Arc<Console>> {
    Router::new().route(PLACE, get(show))
}

async fn show(visit: Visit) -> Response {
    Page::new(&visit, Section::Home, "Keys").show(list())
}

/// The window, which the script opens.
pub(crate) fn dialog() -> Markup {
    html! {
        dialog id="keys" aria-labelledby="keys-title" {
            h2 id="keys-title" { "Keys" }
            (list())
            form method="dialog" { button type="submit" { "Close" } }
        }
    }
}

fn list() -> Markup {
    html! {
        dl.keys {
            @for (keys, what) in KEYS {
                div { dt { @for key in keys.split(' ') { kbd { (key) } " " } } dd { (what) } }
            }
        }
    }
}
