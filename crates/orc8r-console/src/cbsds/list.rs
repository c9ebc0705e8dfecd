//! The radios of a network: narrowed to a serial number and paged by what stands in the URL.

use crate::cbsds::{collection, grants, nobody_asks, url};
use crate::edit;
use crate::failure::Failure;
use crate::navigation::Section;
use crate::page::Page;
use crate::rest::escaped;
use crate::view::status::yes_or_no;
use crate::view::table::ListUrl;
use crate::visit::Visit;
use axum::extract::{Path, Query};
use axum::response::Response;
use maud::{Markup, html};
use std::collections::BTreeMap;
use wire_rest::types::{Cbsd, PaginatedCbsds};

/// Rows of a page.
const PAGE_SIZE: usize = 50;

pub(super) async fn show(
    visit: Visit,
    Path(id): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    let network = visit.network(&id)?;
    let here = Section::Cbsds.url(&id);
    let mut page = Page::new(&visit, Section::Cbsds, "CBSDs")
        .of_network(&id)
        .below(network.title(), Section::Network.url(&id));
    if !network.is_lte() {
        return Ok(page.show(html! { div.empty { p.lead { "This kind of network has no CBSDs." } } }));
    }
    let url = ListUrl::new(here.clone(), &query);
    let found: PaginatedCbsds = visit.rest.get(&asked(&id, &url)).await?;
    let results = page.live("results", &results(&id, &url, &found));
    Ok(page.show(html! {
        @if network.may_write {
            p { a.button.main href=(edit::add(&collection(&id), &here)) { "Add a CBSD" } }
        }
        (nobody_asks())
        (filter(&url))
        (results)
    }))
}

/// The part of the list that the URL means, as the API is asked for it.
fn asked(network: &str, url: &ListUrl) -> String {
    let offset = (page_number(url) - 1).saturating_mul(PAGE_SIZE);
    let serial = escaped(url.value("serial_number").trim());
    format!("{}?offset={offset}&limit={PAGE_SIZE}&serial_number={serial}", collection(network))
}

/// The page of the list; the first is 1.
fn page_number(url: &ListUrl) -> usize {
    url.value("page").parse().unwrap_or(1).max(1)
}

/// What the list is narrowed by; it works as a form, and as one types where there is a script.
fn filter(url: &ListUrl) -> Markup {
    html! {
        form.filter method="get" role="search" aria-label="Filter CBSDs" hx-get=(url.cleared()) hx-target="#results" hx-select="#results"
            hx-swap="outerHTML" hx-push-url="true" hx-trigger="input delay:200ms, change, submit" {
            label { "Serial number" input type="search" name="serial_number" value=(url.value("serial_number"))
                placeholder="the whole of it" autocomplete="off" spellcheck="false"; }
            noscript { button type="submit" { "Filter" } }
        }
    }
}

fn results(network: &str, url: &ListUrl, found: &PaginatedCbsds) -> Markup {
    if found.cbsds.is_empty() {
        return nothing(url, found.total_count);
    }
    let count = usize::try_from(found.total_count).unwrap_or_default();
    html! {
        div.scroll {
            table.list {
                thead { tr {
                    th scope="col" { "Serial number" } th scope="col" { "State" } th scope="col" { "State wanted" }
                    th scope="col" { "Active" } th scope="col" { "User id" } th scope="col" { "FCC id" }
                    th scope="col" { "CBSD id" } th scope="col" { "Frequencies, MHz" } th scope="col" { "Grants" }
                } }
                tbody { @for cbsd in &found.cbsds { (row(network, cbsd)) } }
            }
        }
        (url.pages(page_number(url), PAGE_SIZE, count))
    }
}

fn row(network: &str, cbsd: &Cbsd) -> Markup {
    let preferred = &cbsd.frequency_preferences;
    html! {
        tr {
            td { a.row href=(url(network, &cbsd.id.to_string())) { (cbsd.serial_number) } }
            td { (cbsd.state) }
            td { (cbsd.desired_state) }
            td { (yes_or_no(Some(cbsd.is_active), "yes", "no")) }
            td { (cbsd.user_id) }
            td { (cbsd.fcc_id) }
            td { @if let Some(id) = &cbsd.cbsd_id { code { (id) } } @else { span.quiet { "none" } } }
            td { (frequencies(&preferred.frequencies_mhz)) br; span.quiet { (preferred.bandwidth_mhz) " MHz wide" } }
            td { (grants::lines(&cbsd.grants)) }
        }
    }
}

/// Those that a radio is to ask for.
pub(super) fn frequencies(frequencies_mhz: &[i64]) -> String {
    match frequencies_mhz {
        [] => "any".to_owned(),
        some => some.iter().map(i64::to_string).collect::<Vec<_>>().join(", "),
    }
}

fn nothing(url: &ListUrl, total: i64) -> Markup {
    let serial = url.value("serial_number").trim();
    html! {
        div.empty {
            @if total > 0 {
                p.lead { "The list does not go on so far." }
                p { a href=(url.with("page", "")) { "Show its beginning" } }
            } @else if serial.is_empty() {
                p.lead { "This network has no CBSDs yet." }
                p { "Add one by its serial number, with what it can do and where it is to transmit." }
            } @else {
                p.lead { "No CBSD of this network has the serial number " code { (serial) } "." }
                p { a href=(url.cleared()) { "Show all of them" } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_api_is_asked_for_the_part_that_the_url_means() {
        let check = |query: &[(&str, &str)], expected: &str| {
            let query = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            assert_eq!(asked("n1", &ListUrl::new("/l", &query)), format!("/dp/n1/cbsds?{expected}"));
        };
        check(&[], "offset=0&limit=50&serial_number=");
        check(&[("page", "3"), ("serial_number", " a b ")], "offset=100&limit=50&serial_number=a%20b");
        check(&[("page", "0")], "offset=0&limit=50&serial_number=");
        check(&[("page", "x")], "offset=0&limit=50&serial_number=");
    }
}
