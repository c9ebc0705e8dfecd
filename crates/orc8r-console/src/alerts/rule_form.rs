//! The form of a rule, the rule that is made of it, and what it would have found in the last day.

use super::firing::about;
use super::rules::Rule;
use super::severity::Severity;
use super::spans::{length, seconds, spans};
use crate::metrics::names::Metric;
use crate::metrics::promql::{FUNCTIONS, WINDOWS, selector};
use crate::view::chart::{self, Chart, Line};
use crate::view::matrix;
use crate::view::range::Range;
use crate::view::unit::Unit;
use crate::view::when::when;
use crate::visit::Visit;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How far back one looks.
const DAY_S: i64 = 86_400;
/// So many metrics are offered.
const METRICS_MAX: usize = 500;
/// So many findings are listed.
const LISTED_MAX: usize = 50;

const COMPARISONS: [(&str, &str); 6] = [
    (">", "is above"),
    (">=", "is at least"),
    ("<", "is below"),
    ("<=", "is at most"),
    ("==", "is"),
    ("!=", "is not"),
];

/// A rule as one writes it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Draft {
    /// The rule that it is already; empty: it is new.
    pub(super) was: String,
    pub(super) name: String,
    metric: String,
    matchers: String,
    function: String,
    window: String,
    comparison: String,
    threshold: String,
    pub(super) promql: String,
    pub(super) lasts: String,
    pub(super) severity: String,
    labels: String,
    pub(super) description: String,
    annotations: String,
    #[serde(rename = "_step")]
    pub(super) step: String,
}

impl Draft {
    pub(super) fn new() -> Self {
        let text = str::to_owned;
        Self {
            function: text("raw"),
            window: text("5m"),
            comparison: text(">"),
            lasts: text("5m"),
            severity: text("major"),
            ..Self::default()
        }
    }

    /// A new one with a query.
    pub(super) fn asking(promql: &str) -> Self {
        Self { promql: promql.to_owned(), ..Self::new() }
    }

    pub(super) fn of(rule: &Rule) -> Self {
        let others = |map: &BTreeMap<String, String>, but: &str| {
            let lines =
                map.iter().filter(|(name, _)| *name != but).map(|(name, value)| format!("{name}={value}"));
            lines.collect::<Vec<_>>().join("\n")
        };
        Self {
            was: rule.alert.clone(),
            name: rule.alert.clone(),
            promql: rule.expr.clone(),
            lasts: rule.lasts.clone().unwrap_or_default(),
            severity: rule.severity().to_owned(),
            labels: others(&rule.labels, "severity"),
            description: rule.annotations.get("description").cloned().unwrap_or_default(),
            annotations: others(&rule.annotations, "description"),
            ..Self::new()
        }
    }

    /// What is compared; `None`: it is written as PromQL.
    fn compared(&self) -> Result<Option<String>, String> {
        if !self.promql.trim().is_empty() {
            return Ok(None);
        }
        if self.metric.trim().is_empty() {
            return Err("Choose a metric, or write PromQL.".to_owned());
        }
        let labels: Vec<_> = lines(&self.matchers)?.into_iter().collect();
        let selector = selector(self.metric.trim(), &labels);
        let known = |name: &&str| WINDOWS.contains(name);
        let window = Some(self.window.as_str()).filter(known).unwrap_or(WINDOWS[0]);
        let function = self.function.as_str();
        Ok(Some(match function {
            "raw" | "" => selector,
            "rate" | "increase" | "avg_over_time" | "max_over_time" | "min_over_time" => {
                format!("{function}({selector}[{window}])")
            }
            other => return Err(format!("{other} cannot be compared with a threshold: write it as PromQL.")),
        }))
    }

    /// The condition.
    pub(super) fn expression(&self) -> Result<String, String> {
        let Some(compared) = self.compared()? else { return Ok(self.promql.trim().to_owned()) };
        let threshold: f64 =
            self.threshold.trim().parse().map_err(|_| "The threshold must be a number.".to_owned())?;
        let known = COMPARISONS.iter().find(|(sign, _)| *sign == self.comparison).unwrap_or(&COMPARISONS[0]);
        Ok(format!("{compared} {} {threshold}", known.0))
    }

    /// The rule as the API takes it.
    pub(super) fn rule(&self) -> Result<Value, String> {
        let mut labels = lines(&self.labels)?;
        if !self.severity.trim().is_empty() {
            labels.insert("severity".to_owned(), self.severity.trim().to_owned());
        }
        let mut annotations = lines(&self.annotations)?;
        if !self.description.trim().is_empty() {
            annotations.insert("description".to_owned(), self.description.trim().to_owned());
        }
        if seconds(&self.lasts).is_none() {
            return Err(format!("{:?} is no duration: write 5m, 1h30m or 90s.", self.lasts));
        }
        let name = if self.was.is_empty() { self.name.trim() } else { &self.was };
        let mut rule =
            json!({"alert": name, "expr": self.expression()?, "labels": labels, "annotations": annotations});
        if !self.lasts.trim().is_empty() {
            rule["for"] = json!(self.lasts.trim());
        }
        Ok(rule)
    }
}

/// `name=value`, one a line.
pub(super) fn lines(text: &str) -> Result<BTreeMap<String, String>, String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let (name, value) =
                line.split_once('=').ok_or_else(|| format!("{line:?} has no “=”: write name=value."))?;
            Ok((name.trim().to_owned(), value.trim().trim_matches('"').to_owned()))
        })
        .collect()
}

/// The form; `metrics` are those that one can choose.
pub(super) fn form(action: &str, draft: &Draft, metrics: &[Metric]) -> Markup {
    let choice = |name: &str, label: &str, value: &str, choices: &[(&str, &str)]| {
        html! {
            label { (label) select name=(name) { @for (key, words) in choices { option value=(key) selected[*key == value] { (words) } } } }
        }
    };
    let windows = WINDOWS.map(|window| (window, window));
    let severities = Severity::NAMES.map(|name| (name, name));
    let is_own = !draft.severity.is_empty() && !Severity::NAMES.contains(&draft.severity.as_str());
    html! {
            form.sheet method="post" action=(action) {
                input type="hidden" name="was" value=(draft.was);
                @if draft.was.is_empty() {
                    label { span.name { "Name" } input name="name" value=(draft.name) required autocomplete="off"; }
                } @else { input type="hidden" name="name" value=(draft.name); }
                @if draft.was.is_empty() {
                    fieldset {
                        legend { "It fires when" }
                        label { "Metric" input name="metric" value=(draft.metric) autocomplete="off" spellcheck="false" placeholder="cpu_percent" list="metrics"; }
                    datalist id="metrics" { @for metric in metrics.iter().take(METRICS_MAX) { option value=(metric.name) {} } }
                        label { "with these labels" textarea name="matchers" rows="2" spellcheck="false" placeholder="gatewayID=gw1" { (draft.matchers) }
                            span.help { "name=value, one a line; none: any series of the metric" } }
                        div.columns {
    (choice("function", "taken as", &draft.function, &FUNCTIONS[..6]))
                        (choice("window", "over", &draft.window, &windows))
                        (choice("comparison", "compared", &draft.comparison, &COMPARISONS))
                        label { "Threshold" input name="threshold" inputmode="decimal" value=(draft.threshold) autocomplete="off"; }
    }
                    }
                }
                label { span.name { @if draft.was.is_empty() { "Or a condition in PromQL" } @else { "Condition, in PromQL" } }
                    textarea name="promql" rows="3" spellcheck="false" required[!draft.was.is_empty()] { (draft.promql) }
                    span.help { "Each series that it answers is an alert. It sees this network only." } }
                label { span.name { "For" } input name="lasts" value=(draft.lasts) autocomplete="off" pattern="([0-9]+[smhdw])*" title="such as 5m or 1h30m";
                    span.help { "So long it must be so before it fires; empty: at once." } }
                label { span.name { "Severity" }
                    select name="severity" {
                        @for (key, words) in severities { option value=(key) selected[key == draft.severity] { (words) } }
                        option value="" selected[draft.severity.is_empty()] { "none" }
                        @if is_own { option value=(draft.severity) selected { (draft.severity) } }
                    } }
                label { span.name { "What it says" } input name="description" value=(draft.description) autocomplete="off";
                    span.help { "For who is told; {{ $labels.gatewayID }} and {{ $value }} are filled in." } }
                details open[!draft.labels.is_empty() || !draft.annotations.is_empty()] {
                    summary { "More labels and texts" }
                    label { "Labels" textarea name="labels" rows="2" spellcheck="false" { (draft.labels) } span.help { "name=value, one a line" } }
                    label { "Texts (annotations)" textarea name="annotations" rows="2" { (draft.annotations) } span.help { "name=text, one a line" } }
                }
                div.buttons {
                    button type="submit" name="_step" value="preview" { "Look at the last 24 hours" }
                    button.main type="submit" name="_step" value="save" { "Save" }
                }
            }
        }
}

/// What the rule would have found in the last day.
pub(super) async fn preview(visit: &Visit, network: &str, draft: &Draft) -> Markup {
    let (expression, lasts_s) = match (draft.expression(), seconds(&draft.lasts)) {
        (Ok(expression), Some(lasts_s)) => (expression, lasts_s),
        (Err(problem), _) => return html! { p.problem role="alert" { (problem) } },
        (_, None) => {
            return html! { p.problem role="alert" { "“For” is no duration: write 5m, 1h30m or 90s." } };
        }
    };
    let range = Range::last(DAY_S);
    let threshold = Line::new("threshold", format!("vector({})", draft.threshold.trim()));
    let compared = draft.compared().ok().flatten().map(|compared| vec![Line::new("", compared), threshold]);
    let lines = compared.unwrap_or_else(|| vec![Line::new("", expression.clone())]);
    let chart = Chart::new("What it looks at", Unit::Count, lines);
    let (found, figure) = tokio::join!(
        matrix::over(&visit.rest, network, &expression, &range),
        chart::load(visit, network, &chart, &range)
    );
    let found = match found {
        Ok(found) => spans(&found, &range, lasts_s),
        Err(refusal) => return html! { p.problem role="alert" { (refusal.message) } },
    };
    html! {
        section id="preview" aria-labelledby="preview-title" {
            h2 id="preview-title" { "In the last 24 hours " span.count { (found.len()) } }
            div.command { pre tabindex="0" { (expression) } }
            @if found.is_empty() {
                p.lead { "It would not have fired." }
            } @else {
                p.lead { "It would have fired " @if found.len() == 1 { "once." } @else { (found.len()) " times." } }
                div.scroll { table.list {
                    thead { tr { @for title in ["About", "From", "For about"] { th scope="col" { (title) } } } }
                    tbody { @for span in found.iter().take(LISTED_MAX) {
                        tr {
                            td { (about(network, &span.labels)) }
                            td { (when((span.from_s + lasts_s) * 1000)) }
                            td.number { (length(span.to_s - span.from_s - lasts_s + range.step_s)) @if span.is_open { ", still" } }
                        }
                    } }
                } }
                @if found.len() > LISTED_MAX { p.quiet { "The newest " (LISTED_MAX) " are shown." } }
            }
            (figure)
            p.quiet { "Looked at every " (length(range.step_s)) "; rules are evaluated every 15 seconds." }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_fills_in_becomes_a_rule() {
        let text = str::to_owned;
        let draft = Draft {
            name: text(" Hot "),
            metric: text("temperature"),
            matchers: text("gatewayID=gw1\n"),
            function: text("avg_over_time"),
            threshold: text("70"),
            labels: text("team=radio"),
            description: text("It is hot"),
            ..Draft::new()
        };
        let rule = draft.rule().unwrap();
        let expected = json!({
            "alert": "Hot", "for": "5m", "expr": r#"avg_over_time(temperature{gatewayID="gw1"}[5m]) > 70"#,
            "labels": {"severity": "major", "team": "radio"}, "annotations": {"description": "It is hot"},
        });
        assert_eq!(rule, expected);
        // What was saved is shown as it is, and stays so.
        let saved: Rule = serde_json::from_value(rule.clone()).unwrap();
        assert_eq!(Draft::of(&saved).rule().unwrap(), rule);
    }

    #[test]
    fn mistakes_are_named() {
        let text = str::to_owned;
        let rows = [
            (Draft::new(), "Choose a metric"),
            (Draft { metric: text("x"), threshold: text("much"), ..Draft::new() }, "must be a number"),
            (Draft { promql: text("x > 1"), lasts: text("soon"), ..Draft::new() }, "no duration"),
            (Draft { promql: text("x > 1"), labels: text("team"), ..Draft::new() }, "name=value"),
        ];
        for (draft, problem) in rows {
            assert!(draft.rule().unwrap_err().contains(problem), "{draft:?}");
        }
    }
}
