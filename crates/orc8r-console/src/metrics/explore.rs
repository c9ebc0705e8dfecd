//! The explorer: a metric, its labels, a time and a function, or PromQL; a chart and the latest values. All of it stands
//! in the URL.

use crate::assets::Asset;
use crate::failure::Failure;
use crate::metrics::names::{self, Labelled, Metric};
use crate::metrics::promql::{FUNCTIONS, LABEL, TOGETHER, WINDOWS, Wanted};
use crate::metrics::{explore_url, tabs};
use crate::navigation::Section;
use crate::page::Page;
use crate::rest::escaped;
use crate::view::chart::{self, Chart, Line};
use crate::view::matrix::{self, Overview};
use crate::view::range::Range;
use crate::view::table::ListUrl;
use crate::view::unit::Unit;
use crate::visit::Visit;
use axum::extract::{Path, Query};
use axum::response::Response;
use maud::{Markup, html};
use std::collections::{BTreeMap, BTreeSet};

/// Metrics of the list that are shown; one narrows it for others.
const NAMES_MAX: usize = 200;
/// Values of a label that one can choose.
const VALUES_MAX: usize = 200;
/// Rows of the latest values.
const LATEST_MAX: usize = 100;

pub(crate) async fn show(
    visit: Visit,
    Path(id): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    let network = visit.network(&id)?;
    let url = ListUrl::new(explore_url(&id), &query);
    let page = Page::new(&visit, Section::Metrics, "Metrics explorer")
        .of_network(&id)
        .below(network.title(), Section::Network.url(&id))
        .below("Metrics", Section::Metrics.url(&id));
    if !url.value("promql").is_empty() {
        let wanted = html! { (promql_form(&url)) };
        return chosen(&visit, &id, page, &url, url.value("promql"), Unit::named(url.value("unit")), wanted)
            .await;
    }
    if url.value("metric").is_empty() {
        return list(&visit, &id, page, &url).await;
    }
    let metric = url.value("metric");
    let range = Range::of(&url);
    let Labelled { kind, help, labels } = names::of(&visit, &id, metric, &range).await;
    let wanted = Wanted::of(&url, &kind);
    let unit = if url.value("unit").is_empty() { wanted.unit() } else { Unit::named(url.value("unit")) };
    let builder = html! {
        p { strong { code { (metric) } } " " span.quiet { (kind) } @if !help.is_empty() { " — " (help) } }
        (builder(&url, &wanted, unit, &labels))
    };
    chosen(&visit, &id, page, &url, &wanted.promql(), unit, builder).await
}

/// What to choose from.
async fn list(visit: &Visit, network: &str, page: Page, url: &ListUrl) -> Result<Response, Failure> {
    let metrics = names::all(visit, network).await?;
    let text = url.value("q").to_lowercase();
    let is_like = |metric: &&Metric| {
        text.split_whitespace().all(|word| {
            metric.name.to_lowercase().contains(word) || metric.help.to_lowercase().contains(word)
        })
    };
    let is_lte = visit.network(network)?.is_lte();
    let found: Vec<&Metric> = metrics.iter().filter(is_like).collect();
    Ok(page.show(html! {
        (tabs(network, is_lte, None))
        form.filter method="get" role="search" aria-label="Find a metric" hx-get="" hx-target="#names" hx-select="#names"
            hx-swap="outerHTML" hx-push-url="true" hx-trigger="input delay:200ms, submit" {
            label { "Metric" input type="search" name="q" value=(url.value("q")) placeholder="name or what it means" autofocus; }
            noscript { button type="submit" { "Find" } }
        }
        div id="names" {
            @if found.is_empty() {
                div.empty {
                    @if metrics.is_empty() {
                        p.lead { "This network has sent no metrics lately." }
                        p { "Gateways send theirs every minute once they check in; older ones can be asked for with PromQL below." }
                    } @else {
                        p.lead { "None of the " (metrics.len()) " metrics is like this." }
                        p { a href=(url.cleared()) { "Show all of them" } }
                    }
                }
            } @else {
                div.scroll { table.list {
                    thead { tr { th scope="col" { "Metric" } th scope="col" { "Kind" } th scope="col" { "What it means" } th.number scope="col" { "Series" } } }
                    tbody { @for metric in found.iter().take(NAMES_MAX) {
                        tr {
                            td { a.row href={ (explore_url(network)) "?metric=" (escaped(&metric.name)) } { code { (metric.name) } } }
                            td { @if metric.kind.is_empty() { span.quiet { "not told" } } @else { (metric.kind) } }
                            td { @if metric.help.is_empty() { span.quiet { "not told" } } @else { (metric.help) } }
                            td.number { @if let Some(series) = metric.series { (series) } @else { span.quiet { "not told" } } }
                        }
                    } }
                } }
                p.quiet {
                    (found.len()) " of " (metrics.len()) " metrics"
                    @if found.len() > NAMES_MAX { "; the first " (NAMES_MAX) " are shown: narrow the list for others" }
                    "."
                }
            }
        }
        section aria-labelledby="by-promql" {
            h2 id="by-promql" { "Or ask with PromQL" }
            (promql_form(url))
        }
    }))
}

/// The chart of a query, and its latest values.
async fn chosen(
    visit: &Visit,
    network: &str,
    mut page: Page,
    url: &ListUrl,
    promql: &str,
    unit: Unit,
    above: Markup,
) -> Result<Response, Failure> {
    let range = Range::of(url);
    let chart = Chart::new("Over time", unit, vec![Line::new("", promql)]);
    let found = matrix::overview(&visit.rest, network, promql, &range, (chart::LINES_MAX, LATEST_MAX)).await;
    let is_lte = visit.network(network)?.is_lte();
    page.uses(Asset::Chart);
    let latest = found.as_ref().map(|found| table(unit, found)).unwrap_or_default();
    let asked = page.live("asked", &html! { (chart::figure(network, &chart, &range, &[found])) (latest) });
    let alert = format!("{}/rules/edit?promql={}", Section::Alerts.url(network), escaped(promql));
    let may_write = visit.network(network)?.may_write;
    let by_promql =
        format!("{}?promql={}&unit={}&{}", url.cleared(), escaped(promql), unit.name(), range.query());
    Ok(page.show(html! {
        (tabs(network, is_lte, None))
        p { a href=(url.cleared()) { "All metrics" } }
        (above)
        @if url.value("promql").is_empty() {
            div.command { pre tabindex="0" id="promql" { (promql) } button type="button" data-copy="promql" hidden { "Copy" } }
            p { a href=(by_promql) { "Change it as PromQL" } }
        }
        @if may_write { p { a href=(alert) { "Make an alert rule of it" } } }
        (range.chooser(url))
        p.quiet { "Drag over the chart to see a part of it; a double click goes back. The URL says what you see: share it." }
        (asked)
    }))
}

/// The latest values, the highest first.
fn table(unit: Unit, found: &Overview) -> Markup {
    html! {
        section aria-labelledby="latest-title" {
            h2 id="latest-title" { "Latest values " span.count { (found.current) } }
            @if found.latest.is_empty() {
                div.empty { p.lead { "No series has a value at the end of this time." } }
            } @else {
                div.scroll { table.list {
                    thead { tr { th scope="col" { "Series" } th.number scope="col" { "Value" } } }
                    tbody { @for series in &found.latest {
                        tr {
                            td { code { (series.text()) } }
                            td.number { span title=(series.value) { (unit.show(series.value)) } }
                        }
                    } }
                } }
                @if found.current > found.latest.len() { p.quiet { "The highest " (found.latest.len()) " are shown." } }
            }
        }
    }
}

fn builder(
    url: &ListUrl,
    wanted: &Wanted,
    unit: Unit,
    labels: &BTreeMap<String, BTreeSet<String>>,
) -> Markup {
    let choice = |name: &str, label: &str, value: &str, choices: &[(&str, &str)]| {
        html! {
            label { (label)
                select name=(name) { @for (key, words) in choices { option value=(key) selected[*key == value] { (words) } } }
            }
        }
    };
    let windows = WINDOWS.map(|window| (window, window));
    let units = Unit::ALL.map(|unit| (unit.name(), words(unit)));
    let by: Vec<(&str, &str)> = std::iter::once(("", "nothing"))
        .chain(labels.keys().map(|label| (label.as_str(), label.as_str())))
        .collect();
    html! {
        form.filter method="get" aria-label="What to show" {
            input type="hidden" name="metric" value=(wanted.metric);
            @for name in ["range", "from", "to"] {
                @if !url.value(name).is_empty() { input type="hidden" name=(name) value=(url.value(name)); }
            }
            (choice("function", "Show", &wanted.function, &FUNCTIONS))
            (choice("window", "over", &wanted.window, &windows))
            (choice("together", "Bring together", &wanted.together, &TOGETHER))
            (choice("by", "by", &wanted.by, &by))
            (choice("unit", "Unit", unit.name(), &units))
            @for (label, values) in labels {
                @let chosen = url.value(&format!("{LABEL}{label}")).to_owned();
                label { (label)
                    select name={ (LABEL) (label) } {
                        option value="" { "any" }
                        @if !chosen.is_empty() && !values.contains(&chosen) { option value=(chosen) selected { (chosen) } }
                        @for value in values.iter().take(VALUES_MAX) { option value=(value) selected[*value == chosen] { (value) } }
                    }
                }
            }
            button.main type="submit" { "Show" }
        }
    }
}

fn promql_form(url: &ListUrl) -> Markup {
    html! {
        form.promql method="get" action=(url.cleared()) {
            label { "PromQL" textarea name="promql" rows="3" spellcheck="false" autocomplete="off" required { (url.value("promql")) } }
            label { "Unit"
                select name="unit" { @for unit in Unit::ALL { option value=(unit.name()) selected[unit.name() == url.value("unit")] { (words(unit)) } } }
            }
            @for name in ["range", "from", "to"] {
                @if !url.value(name).is_empty() { input type="hidden" name=(name) value=(url.value(name)); }
            }
            button.main type="submit" { "Show" }
        }
    }
}

fn words(unit: Unit) -> &'static str {
    match unit.symbol() {
        "" => "a number",
        symbol => symbol,
    }
}
