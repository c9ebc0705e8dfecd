//! What runs here: versions, backups, licences.

use super::{page, views};
use crate::failure::Failure;
use crate::home::{OwnBackup, OwnCertificate};
use crate::view::status::{Health, status};
use crate::view::when::when;
use crate::visit::Visit;
use axum::response::Response;
use maud::{Markup, html};
use serde_json::Value;

/// What is in the pages and is somebody else's: name, version, licence.
const SCRIPTS: [(&str, &str, &str); 5] = [
    ("htmx", "2.0.11", "0BSD"),
    ("idiomorph", "0.8.0", "0BSD"),
    ("uPlot", "1.6.32", "MIT"),
    ("Leaflet", "1.9.4", "BSD-2-Clause"),
    ("Natural Earth coastlines", "", "public domain"),
];

/// What the program is built from and somebody else wrote: name, version and licence, as `cargo xtask tidy` holds it.
const CRATES: &str = include_str!("licences.tsv");

pub(super) async fn show(visit: Visit) -> Result<Response, Failure> {
    let version: Value = visit.rest.find("/about/version").await?.unwrap_or_default();
    let version = version["container_image_version"].as_str().unwrap_or("not told");
    let own = visit.rest.get("/about/certificates").await.unwrap_or_default();
    let backup: Option<OwnBackup> = visit.rest.get("/about/backup").await.ok();
    let mut page = page(&visit, "This Orchestrator");
    let certificates = page.live("certificates", &certificates(own));
    Ok(page.show(html! {
        (views("This Orchestrator"))
        dl.facts {
            div { dt { "Version" } dd { (version) } }
            div { dt { "Licence" } dd { "BSD-3-Clause" } }
            div { dt { "Figures of its own" } dd { a href="/metrics" { "/metrics" } } }
            div { dt { "API" } dd { a href="/swagger/v1/ui/" { "documentation" } } }
        }
        (certificates)
        section aria-labelledby="backup-title" {
            h2 id="backup-title" { "Backups" }
            @if let Some(backup) = backup {
                p { (status(backup.health(), "")) " " @if backup.time > 0 { "The last one was made " (when(backup.time.saturating_mul(1000))) "." } @else { "None is known that was made on this server." } }
            }
            p { "A backup is made on the server while it runs, and holds keys: keep it elsewhere, and like a key." }
            div.command { pre tabindex="0" id="backup" { "orc8r backup FILE" } button type="button" data-copy="backup" hidden { "Copy" } }
            p { code { "orc8r doctor" } " tells how old the last one is, and " code { "orc8r restore FILE" } " brings it back." }
        }
        section aria-labelledby="licences-title" {
            h2 id="licences-title" { "In these pages" }
            (table(SCRIPTS.map(|(name, version, licence)| [name, version, licence])))
        }
        section aria-labelledby="crates-title" {
            h2 id="crates-title" { "In this program" }
            details {
                summary { (CRATES.lines().count()) " libraries that others wrote, with their licences" }
                (table(CRATES.lines().map(parts)))
            }
        }
    }))
}

/// When its own end, and what to do before; nothing for who may not know.
fn certificates(mut all: Vec<OwnCertificate>) -> Markup {
    all.sort_by_key(|certificate| certificate.not_after);
    html! {
        @if !all.is_empty() {
            section aria-labelledby="certificates-title" {
                h2 id="certificates-title" { "Certificates" }
                div.scroll { table.list {
                    thead { tr { th scope="col" { "State" } th scope="col" { "What" } th scope="col" { "Ends" } th scope="col" { "What to do, on the server" } } }
                    tbody { @for certificate in &all { tr {
                        td { (status(certificate.health(), "")) }
                        td { (certificate.what) }
                        td { (when(certificate.not_after.saturating_mul(1000))) }
                        td { @if certificate.health() == Health::Ok { span.quiet { "nothing" } } @else { (certificate.next) } }
                    } } }
                } }
            }
        }
    }
}

/// Name, version and licence.
fn parts(line: &str) -> [&str; 3] {
    let mut parts = line.split('\t');
    std::array::from_fn(|_| parts.next().unwrap_or_default())
}

fn table<'a>(rows: impl IntoIterator<Item = [&'a str; 3]>) -> Markup {
    html! {
        div.scroll { table.list {
            thead { tr { th scope="col" { "What" } th scope="col" { "Version" } th scope="col" { "Licence" } } }
            tbody { @for row in rows { tr { @for cell in row { td { (cell) } } } } }
        } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_library_has_a_licence() {
        assert!(CRATES.lines().count() > 100);
        for line in CRATES.lines() {
            assert!(parts(line).iter().all(|part| !part.is_empty()), "{line}");
        }
    }
}
