//! Charts: a figure with a table of its lines, which is read without a script; with it (`chart.js`), it is drawn above.
//!
//! A page with charts asks for the script: `page.uses(Asset::Chart)`.

use crate::rest::{Refusal, escaped};
use crate::view::matrix::{Overview, Series, overview};
use crate::view::range::Range;
use crate::view::unit::Unit;
use crate::visit::Visit;
use maud::{Markup, html};
use serde_json::{Value, json};
use tokio::task::JoinSet;

/// So many lines are drawn; one reads no more of them.
pub(crate) const LINES_MAX: usize = 12;
/// Classes `line-1` to `line-8` have a colour each; then they begin anew, dashed.
const COLOURS: usize = 8;

/// One query of a chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// How it is called; `{label}` stands for the label's value, for a query that answers several series.
    pub(crate) name: String,
    /// What is asked.
    pub(crate) promql: String,
}

impl Line {
    pub(crate) fn new(name: impl Into<String>, promql: impl Into<String>) -> Self {
        Self { name: name.into(), promql: promql.into() }
    }
}

/// What a chart shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chart {
    /// What one sees, in words.
    pub(crate) title: String,
    /// What the numbers are of.
    pub(crate) unit: Unit,
    /// Its queries.
    pub(crate) lines: Vec<Line>,
}

impl Chart {
    pub(crate) fn new(title: impl Into<String>, unit: Unit, lines: Vec<Line>) -> Self {
        Self { title: title.into(), unit, lines }
    }
}

/// A line as it is drawn.
struct Drawn {
    name: String,
    values: Vec<Option<f64>>,
}

/// One chart of a network.
pub(crate) async fn load(visit: &Visit, network: &str, chart: &Chart, range: &Range) -> Markup {
    load_all(visit, network, std::slice::from_ref(chart), range).await.remove(0)
}

/// The charts of a page; all their queries run at once.
pub(crate) async fn load_all(visit: &Visit, network: &str, charts: &[Chart], range: &Range) -> Vec<Markup> {
    let mut asked = JoinSet::new();
    for (of, chart) in charts.iter().enumerate() {
        for (at, line) in chart.lines.iter().enumerate() {
            let (rest, network) = (visit.rest.clone(), network.to_owned());
            let (promql, range) = (line.promql.clone(), range.clone());
            asked.spawn(async move {
                ((of, at), overview(&rest, &network, &promql, &range, (LINES_MAX, 0)).await)
            });
        }
    }
    let mut answers: Vec<Vec<_>> =
        charts.iter().map(|chart| vec![Ok(Overview::default()); chart.lines.len()]).collect();
    while let Some(answer) = asked.join_next().await {
        if let Ok(((of, at), answer)) = answer {
            answers[of][at] = answer;
        }
    }
    let answers = charts.iter().zip(&answers);
    answers.map(|(chart, answers)| figure(network, chart, range, answers)).collect()
}

/// What was answered to a query.
pub(crate) type Answer = Result<Overview, Refusal>;

/// A chart of what was answered to its queries.
pub(crate) fn figure(network: &str, chart: &Chart, range: &Range, answers: &[Answer]) -> Markup {
    let problem = answers.iter().find_map(|answer| answer.as_ref().err());
    let (drawn, left) = drawn(chart, answers);
    html! {
        figure.chart data-chart=[(!drawn.is_empty()).then(|| data(chart, range, &drawn))] {
            figcaption {
                (chart.title)
                @if !chart.unit.symbol().is_empty() { " " span.quiet { "(" (chart.unit.symbol()) ")" } }
                @if let Some(first) = chart.lines.first().filter(|first| !first.name.is_empty()) {
                    " " a.explore href=(explore(network, chart.unit, &first.promql, range)) { "Explore" span.visually-hidden { " " (chart.title) } }
                }
            }
            @if let Some(problem) = problem { p.problem { (problem.message) } }
            @if drawn.is_empty() {
                @if problem.is_none() { p.nothing { "No data in " (range.words()) "." } }
            } @else {
                div.plot aria-hidden="true" {}
                (table(chart, &drawn))
            }
            @if left > 0 { p.quiet { (left) " more lines are not drawn, which are lower at the end: narrow what is asked for." } }
        }
    }
}

/// Where the explorer shows a query.
fn explore(network: &str, unit: Unit, promql: &str, range: &Range) -> String {
    let place = crate::rest::path(&["networks", network, "metrics", "explore"]);
    format!("/console{place}?promql={}&unit={}&{}", escaped(promql), unit.name(), range.query())
}

/// The lines that are drawn, and how many more there are.
fn drawn(chart: &Chart, answers: &[Answer]) -> (Vec<Drawn>, usize) {
    let answers = answers.iter().map(|answer| answer.as_ref().ok());
    let found: usize = answers.clone().flatten().map(|overview| overview.found).sum();
    let lines = chart.lines.iter().zip(answers).flat_map(|(line, answer)| {
        let is_one = answer.is_some_and(|overview| overview.found == 1);
        answer
            .into_iter()
            .flat_map(|overview| &overview.lines)
            .map(move |series| Drawn { name: name(line, series, is_one), values: series.values.clone() })
    });
    let drawn: Vec<Drawn> = lines.take(LINES_MAX).collect();
    let left = found.saturating_sub(drawn.len());
    (drawn, left)
}

/// The line's name with the values of labels in it; what only labels tell apart has them behind its name.
fn name(line: &Line, series: &Series, is_one: bool) -> String {
    let mut name = line.name.clone();
    if name.contains('{') {
        for (label, value) in &series.labels {
            name = name.replace(&format!("{{{label}}}"), value);
        }
        return name;
    }
    match (name.is_empty(), is_one) {
        (true, _) => series.text(),
        (false, true) => name,
        (false, false) => format!("{name} {}", series.text()),
    }
}

/// Each line with its numbers.
fn table(chart: &Chart, drawn: &[Drawn]) -> Markup {
    let show = |value: f64| chart.unit.show(value);
    html! {
        div.scroll tabindex="0" role="region" aria-label={ "Numbers of " (chart.title) } {
            table.lines {
                thead { tr {
                    th scope="col" { "Line" }
                    @for title in ["Last", "Min", "Average", "Max"] { th.number scope="col" { (title) } }
                } }
                tbody { @for (at, line) in drawn.iter().enumerate() {
                    @let known: Vec<f64> = line.values.iter().filter_map(|value| *value).collect();
                    @let average = known.iter().sum::<f64>() / known.len().max(1) as f64;
                    tr {
                        th scope="row" { (swatch(at)) (line.name) }
                        td.number { (show(known.last().copied().unwrap_or_default())) }
                        td.number { (show(known.iter().copied().fold(f64::INFINITY, f64::min))) }
                        td.number { (show(average)) }
                        td.number { (show(known.iter().copied().fold(f64::NEG_INFINITY, f64::max))) }
                    }
                } }
            }
        }
    }
}

/// The colour of a line, from which the script takes it; dashed when the colours begin anew.
fn swatch(at: usize) -> Markup {
    let is_dashed = at >= COLOURS;
    html! {
        svg.swatch.{"line-" (at % COLOURS + 1)}.dashed[is_dashed] viewBox="0 0 16 6" aria-hidden="true" { path d="M0 3h16" {} }
    }
}

/// What the script draws.
fn data(chart: &Chart, range: &Range, drawn: &[Drawn]) -> String {
    let lines = drawn.iter().map(|line| {
        let values: Vec<Value> = line.values.iter().map(|value| value.map_or(Value::Null, short)).collect();
        json!({ "name": line.name, "values": values })
    });
    let lines: Vec<Value> = lines.collect();
    json!({ "unit": chart.unit.name(), "start": range.from_s, "step": range.step_s, "lines": lines })
        .to_string()
}

/// Five digits that count are finer than any screen.
fn short(value: f64) -> Value {
    if value == 0.0 || value.fract() == 0.0 && value.abs() < 1e15 {
        return json!(value as i64);
    }
    format!("{value:.4e}").parse::<f64>().map_or(Value::Null, |value| json!(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::table::ListUrl;
    use axum::http::StatusCode;
    use std::collections::BTreeMap;

    fn range() -> Range {
        let query =
            [("from", "1000"), ("to", "1045")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        Range::of(&ListUrl::new("/p", &query.into_iter().collect()))
    }

    fn series(gateway: &str, values: &[Option<f64>]) -> Series {
        let labels = BTreeMap::from([("gatewayID".to_owned(), gateway.to_owned())]);
        Series { labels, values: values.to_vec() }
    }

    fn shown(name: &str, answer: Result<Vec<Series>, Refusal>) -> String {
        let answer = answer.map(|mut lines| {
            let found = lines.len();
            lines.truncate(LINES_MAX);
            Overview { found, lines, ..Overview::default() }
        });
        let chart = Chart::new("Traffic", Unit::BitsPerSecond, vec![Line::new(name, "x")]);
        figure("n1", &chart, &range(), &[answer]).into_string()
    }

    #[test]
    fn a_figure_says_its_numbers_without_a_script() {
        let gap = [Some(1000.0), None, Some(3000.0), Some(2000.5)];
        let text = shown("down {gatewayID}", Ok(vec![series("gw1", &gap), series("gw2", &[Some(7.0); 4])]));
        for wanted in
            ["down gw1", "down gw2", ">2 kbit/s<", ">1 kbit/s<", ">3 kbit/s<", ">7 bit/s<", "(bit/s)"]
        {
            assert!(text.contains(wanted), "{wanted}: {text}");
        }
        assert!(text.contains("[1000,null,3000,2000.5]"), "{text}");
        assert!(text.contains("explore?promql=x&amp;unit=bit-per-second&amp;from="), "{text}");
    }

    #[test]
    fn nothing_and_mistakes_are_said() {
        assert!(shown("a", Ok(Vec::new())).contains("No data in 1970-01-01 00:16:40 to"));
        let refusal = Refusal { status: StatusCode::BAD_REQUEST, message: "parse error: <x>".to_owned() };
        let text = shown("a", Err(refusal));
        assert!(text.contains("parse error: &lt;x&gt;") && !text.contains("No data"), "{text}");
        let many = (0..20).map(|at| series(&format!("gw{at}"), &[Some(1.0); 4])).collect();
        assert!(shown("{gatewayID}", Ok(many)).contains("8 more lines are not drawn"));
    }
}
