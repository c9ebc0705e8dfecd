//! What fired when, from the series `ALERTS`: these are kept as long as other metrics, here or in an engine elsewhere.

use super::firing::about;
use super::severity::severity;
use super::spans::{Span, length, spans};
use super::{Tab, page, tabs, url, url_with};
use crate::assets::Asset;
use crate::failure::Failure;
use crate::view::chart::{self, Chart, Line};
use crate::view::matrix;
use crate::view::range::Range;
use crate::view::status::{Health, worded};
use crate::view::table::ListUrl;
use crate::view::unit::Unit;
use crate::view::when::when;
use crate::visit::Visit;
use axum::extract::{Path, Query};
use axum::response::Response;
use maud::{Markup, html};
use std::collections::BTreeMap;

/// So many are shown, the newest.
const SHOWN_MAX: usize = 200;

pub(super) async fn show(
    visit: Visit,
    Path(id): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    let network = visit.network(&id)?;
    let url = ListUrl::new(url(&id, "history"), &query);
    let range = Range::of(&url);
    // Of each step, whatever fired within it.
    let promql = match range.step_s {
        ..60 => "ALERTS{alertstate=\"firing\"}".to_owned(),
        step_s => format!("max_over_time(ALERTS{{alertstate=\"firing\"}}[{step_s}s])"),
    };
    let chart = Chart::new(
        "Alerts that fired",
        Unit::Count,
        vec![Line::new("{severity}", "sum by (severity) (ALERTS{alertstate=\"firing\"})")],
    );
    let (series, figure) = tokio::join!(
        matrix::over(&visit.rest, &id, &promql, &range),
        chart::load(&visit, &id, &chart, &range)
    );
    let found = spans(&series?, &range, 0);
    let mut page = page(&visit, network, "Alert history");
    page.uses(Asset::Chart);
    let list = page.live("history", &html! { (figure) (list(&id, &found, &range)) });
    Ok(page.show(html! { (tabs(&id, Tab::History)) (range.chooser(&url)) (list) }))
}

fn list(network: &str, found: &[Span], range: &Range) -> Markup {
    let label = |span: &Span, name: &str| span.labels.get(name).cloned().unwrap_or_default();
    html! {
        section aria-labelledby="fired-title" {
            h2 id="fired-title" { "What fired " span.count { (found.len()) } }
            @if found.is_empty() {
                div.empty { p.lead { "No alert fired in " (range.words()) "." } }
            } @else {
                div.scroll { table.list {
                    thead { tr { @for title in ["Severity", "Alert", "About", "From", "Until", "For about"] { th scope="col" { (title) } } } }
                    tbody { @for span in found.iter().take(SHOWN_MAX) {
                        tr {
                            td { (severity(&label(span, "severity"))) }
                            td { a.row href=(url_with(network, "rules/edit", "name", &label(span, "alertname"))) { (label(span, "alertname")) } }
                            td { (about(network, &span.labels)) }
                            td { (when(span.from_s * 1000)) }
                            td { @if span.is_open { (worded(Health::Down, "Still firing")) } @else { (when((span.to_s + range.step_s) * 1000)) } }
                            td.number { (length(span.to_s - span.from_s + range.step_s)) }
                        }
                    } }
                } }
                @if found.len() > SHOWN_MAX { p.quiet { "The newest " (SHOWN_MAX) " are shown: choose a shorter time for others." } }
                p.quiet { "Moments are exact to " (length(range.step_s)) "; a shorter time is more exact." }
            }
        }
    }
}
