//! Call traces: packets that gateways capture on request, to be downloaded. This is the page of a network; that of a
//! gateway is made of the same parts.

pub(crate) mod list;
pub(crate) mod order;

use crate::Console;
use crate::failure::Failure;
use crate::gateways::summaries::Summaries;
use crate::navigation::Section;
use crate::page::Page;
use crate::rest::path;
use crate::said::done;
use crate::view::table::ListUrl;
use crate::visit::Visit;
use axum::Router;
use axum::extract::{Form, Path, Query};
use axum::response::Response;
use axum::routing::get;
use list::{STATES, Trace, find, table};
use maud::{Markup, html};
use order::{Sent, act, form};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Rows of a page.
const PAGE_SIZE: usize = 50;

/// With more gateways than these one types which one; with fewer one chooses.
const OFFERED_MAX: usize = 50;

type Filter = BTreeMap<String, String>;

pub(crate) fn routes() -> Router<Arc<Console>> {
    Router::new().route("/console/networks/{network}/traces", get(show).post(change))
}

async fn show(
    visit: Visit,
    Path(id): Path<String>,
    Query(query): Query<Filter>,
) -> Result<Response, Failure> {
    page(&visit, &id, &query, &Sent::default(), None).await
}

async fn change(
    visit: Visit,
    Path(id): Path<String>,
    Query(query): Query<Filter>,
    Form(sent): Form<Sent>,
) -> Result<Response, Failure> {
    visit.network(&id)?;
    match act(&visit, &id, &sent).await {
        Ok(said) => Ok(done(&here(&id, &query).with("page", ""), &said)),
        Err(problem) => page(&visit, &id, &query, &sent, Some(&problem)).await,
    }
}

/// The list, with what its URL says.
fn here(network: &str, query: &Filter) -> ListUrl {
    ListUrl::new(Section::Traces.url(network), query)
}

async fn page(
    visit: &Visit,
    id: &str,
    query: &Filter,
    sent: &Sent,
    problem: Option<&str>,
) -> Result<Response, Failure> {
    let network = visit.network(id)?;
    let url = here(id, query);
    let all = find(visit, id, None).await?;
    let mut page = Page::new(visit, Section::Traces, "Call traces")
        .of_network(id)
        .below(network.title(), Section::Network.url(id));
    let results = page.live("traces", &results(network.may_write, id, &url, &all));
    let begin = if network.may_write { Some(begin(visit, id, sent).await?) } else { None };
    Ok(page.show(html! {
        @if let Some(problem) = problem { p.problem role="alert" { (problem) } }
        (filter(&url))
        (results)
        @match begin {
            Some(begin) => (begin),
            None => p.quiet { "You may look at this network, but not change it: traces are begun by who may." }
        }
    }))
}

/// What the list is narrowed by; it works as a form, and as one types where there is a script.
fn filter(url: &ListUrl) -> Markup {
    html! {
        form.filter method="get" role="search" aria-label="Filter call traces" hx-get="" hx-target="#traces" hx-select="#traces"
            hx-swap="outerHTML" hx-push-url="true" hx-trigger="input delay:200ms, change, submit" {
            label { "Find" input type="search" name="q" value=(url.value("q")) placeholder="trace, gateway, who or filter"; }
            label { "State"
                select name="state" {
                    option value="" { "any" }
                    @for state in STATES { option value=(state.name()) selected[state.name() == url.value("state")] { (state.words()) } }
                }
            }
            noscript { button type="submit" { "Filter" } }
        }
    }
}

fn results(may_write: bool, network: &str, url: &ListUrl, all: &[Trace]) -> Markup {
    let found: Vec<&Trace> =
        all.iter().filter(|trace| trace.is_like(url.value("q"), url.value("state"))).collect();
    if found.is_empty() {
        return nothing(url, all.len());
    }
    let number = url.value("page").parse().unwrap_or(1).clamp(1, found.len().div_ceil(PAGE_SIZE));
    let shown = &found[(number - 1) * PAGE_SIZE..found.len().min(number * PAGE_SIZE)];
    let place = url.with("page", url.value("page"));
    html! {
        (table(network, shown, may_write.then_some(place.as_str()), true))
        (url.pages(number, PAGE_SIZE, found.len()))
    }
}

fn nothing(url: &ListUrl, total: usize) -> Markup {
    html! {
        div.empty {
            @if total == 0 {
                p.lead { "No call trace of this network." }
                p { "A trace captures the packets of a gateway's interfaces, for Wireshark." }
            } @else {
                p.lead { "None of the " (total) " call traces is like this." }
                p { a href=(url.cleared()) { "Show all of them" } }
            }
        }
    }
}

/// Where one begins a trace, with the gateway to choose.
async fn begin(visit: &Visit, network: &str, sent: &Sent) -> Result<Markup, Failure> {
    let asked = path(&["networks", network, "gateway_summaries"]);
    let asked = format!("{asked}?sort=name&page_size={OFFERED_MAX}");
    let found: Summaries = visit.rest.get(&asked).await?;
    Ok(match choice(&found, &sent.gateway_id) {
        Some(choice) => form(&Section::Traces.url(network), sent, &choice),
        None => {
            html! { p { "No device has registered for a gateway of this network yet, which could capture anything." } }
        }
    })
}

/// The field of the gateway; `None`: there is none that could capture anything.
fn choice(found: &Summaries, chosen: &str) -> Option<Markup> {
    if found.total_count > found.gateways.len() {
        return Some(html! {
            label { "Gateway" input name="gateway_id" required value=(chosen) autocomplete="off" spellcheck="false";
                span.help { "Its id, of " (found.total_count) " gateways." } }
        });
    }
    let gateways = found.gateways.iter().filter(|gateway| !gateway.hardware_id.is_empty());
    let options = gateways.map(|gateway| {
        html! {
            option value=(gateway.id) selected[gateway.id == chosen] {
                (gateway.title()) @if gateway.title() != gateway.id { " (" (gateway.id) ")" }
            }
        }
    });
    let options: Vec<Markup> = options.collect();
    let field = html! { label { "Gateway" select name="gateway_id" required { @for option in &options { (option) } } } };
    (!options.is_empty()).then_some(field)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateways::summaries::Summary;

    #[test]
    fn one_chooses_among_few_gateways_that_have_a_device_and_types_one_of_many() {
        let gateway = |id: &str, hardware_id: &str| Summary {
            id: id.into(),
            hardware_id: hardware_id.into(),
            ..Summary::default()
        };
        let found =
            |gateways: Vec<Summary>, total_count| Summaries { gateways, total_count, ..Summaries::default() };
        let few = choice(&found(vec![gateway("a", "h"), gateway("b", "h2"), gateway("c", "")], 3), "b")
            .unwrap()
            .into_string();
        assert!(
            few.contains(r#"<option value="a">a</option><option value="b" selected>b</option></select>"#),
            "{few}"
        );
        let many = choice(&found(vec![gateway("a", "h")], 51), "x").unwrap().into_string();
        assert!(
            many.contains(r#"name="gateway_id" required value="x""#) && many.contains("51 gateways"),
            "{many}"
        );
        assert!(choice(&found(vec![gateway("c", "")], 1), "").is_none());
    }
}
