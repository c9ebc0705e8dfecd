//! A query that is put together from what one chooses: a metric, labels, a function, and how series are brought together.

use crate::view::table::ListUrl;
use crate::view::unit::Unit;

/// What is done with each series: its name in the URL, and how it is called.
pub(crate) const FUNCTIONS: [(&str, &str); 8] = [
    ("raw", "the value as it is"),
    ("rate", "rate each second"),
    ("increase", "increase"),
    ("avg_over_time", "average"),
    ("max_over_time", "highest"),
    ("min_over_time", "lowest"),
    ("quantile_over_time", "95 % are below (over time)"),
    ("histogram", "95 % are below (of a histogram's buckets)"),
];

/// Over how long.
pub(crate) const WINDOWS: [&str; 6] = ["5m", "15m", "1h", "3h", "1d", "7d"];

/// How series are brought together.
pub(crate) const TOGETHER: [(&str, &str); 7] = [
    ("", "each series by itself"),
    ("sum", "sum"),
    ("avg", "average"),
    ("max", "highest"),
    ("min", "lowest"),
    ("count", "how many"),
    ("quantile", "95 % are below"),
];

/// What one has chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) metric: String,
    pub(crate) function: String,
    pub(crate) window: String,
    pub(crate) together: String,
    pub(crate) by: String,
    pub(crate) labels: Vec<(String, String)>,
}

/// What stands before a label's name in the URL.
pub(crate) const LABEL: &str = "l.";

impl Wanted {
    /// What a URL says; a counter is shown as its rate where it says nothing.
    pub(crate) fn of(url: &ListUrl, kind: &str) -> Self {
        let known = |name: &str, values: &[&str], default: &str| {
            let value = url.value(name);
            if values.contains(&value) { value.to_owned() } else { default.to_owned() }
        };
        let functions = FUNCTIONS.map(|(name, _)| name);
        let default = if kind == "counter" { "rate" } else { "raw" };
        Self {
            metric: url.value("metric").trim().to_owned(),
            function: known("function", &functions, default),
            window: known("window", &WINDOWS, WINDOWS[0]),
            together: known("together", &TOGETHER.map(|(name, _)| name), ""),
            by: url.value("by").to_owned(),
            labels: url.beginning_with(LABEL),
        }
    }

    /// The query.
    pub(crate) fn promql(&self) -> String {
        let selector = selector(&self.metric, &self.labels);
        let (window, by) = (&self.window, self.by.as_str());
        let of_each = match self.function.as_str() {
            "rate" | "increase" | "avg_over_time" | "max_over_time" | "min_over_time" => {
                format!("{}({selector}[{window}])", self.function)
            }
            "quantile_over_time" => format!("quantile_over_time(0.95, {selector}[{window}])"),
            "histogram" => {
                let labels = if by.is_empty() { "le".to_owned() } else { format!("le, {by}") };
                return format!("histogram_quantile(0.95, sum by ({labels}) (rate({selector}[{window}])))");
            }
            _ => selector,
        };
        let by = if by.is_empty() { String::new() } else { format!("by ({by}) ") };
        match self.together.as_str() {
            "" => of_each,
            "quantile" => format!("quantile {by}(0.95, {of_each})"),
            together => format!("{together} {by}({of_each})"),
        }
    }

    /// What its numbers are of, as its name and function say.
    pub(crate) fn unit(&self) -> Unit {
        let is = |part: &str| self.metric.contains(part);
        match (self.function.as_str(), self.together.as_str()) {
            (_, "count") => Unit::Count,
            ("rate", _) => Unit::PerSecond,
            _ if is("percent") => Unit::Percent,
            _ if is("_bytes") || self.metric.starts_with("mem_") => Unit::Bytes,
            _ if is("_seconds") && !is("_seconds_count") => Unit::Seconds,
            _ if is("temperature") => Unit::Celsius,
            _ => Unit::Count,
        }
    }
}

/// A metric with these labels, as PromQL writes it; also one whose name no bare word can be.
pub(crate) fn selector(metric: &str, labels: &[(String, String)]) -> String {
    let is_word = |text: &str| {
        text.starts_with(|first: char| first.is_ascii_alphabetic() || "_:".contains(first))
            && text.chars().all(|letter| letter.is_ascii_alphanumeric() || "_:".contains(letter))
    };
    let mut matchers = Vec::new();
    let name = if is_word(metric) {
        metric
    } else {
        matchers.push(format!("__name__={}", quoted(metric)));
        ""
    };
    matchers.extend(labels.iter().map(|(label, value)| format!("{label}={}", quoted(value))));
    match matchers.is_empty() {
        true => name.to_owned(),
        false => format!("{name}{{{}}}", matchers.join(", ")),
    }
}

/// A text of PromQL.
pub(crate) fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', r"\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\"{escaped}\"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn wanted(pairs: &[(&str, &str)], kind: &str) -> Wanted {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Wanted::of(&ListUrl::new("/p", &pairs.collect::<BTreeMap<_, _>>()), kind)
    }

    #[test]
    fn what_one_chooses_becomes_a_query() {
        type Row<'a> = (&'a [(&'a str, &'a str)], &'a str, &'a str, Unit);
        let rows: [Row<'_>; 8] = [
            (&[("metric", "cpu_percent")], "gauge", "cpu_percent", Unit::Percent),
            (&[("metric", "ue_attach")], "counter", "rate(ue_attach[5m])", Unit::PerSecond),
            (
                &[("metric", "ue_attach"), ("function", "raw"), ("l.gatewayID", "a\"b")],
                "counter",
                r#"ue_attach{gatewayID="a\"b"}"#,
                Unit::Count,
            ),
            (
                &[
                    ("metric", "x"),
                    ("function", "increase"),
                    ("window", "1h"),
                    ("together", "sum"),
                    ("by", "gatewayID"),
                ],
                "",
                "sum by (gatewayID) (increase(x[1h]))",
                Unit::Count,
            ),
            (&[("metric", "x"), ("together", "quantile")], "", "quantile (0.95, x)", Unit::Count),
            (
                &[("metric", "x_bucket"), ("function", "histogram"), ("by", "a")],
                "",
                "histogram_quantile(0.95, sum by (le, a) (rate(x_bucket[5m])))",
                Unit::Count,
            ),
            (&[("metric", "60")], "", r#"{__name__="60"}"#, Unit::Count),
            (&[("metric", "x"), ("function", "drop"), ("window", "9y")], "", "x", Unit::Count),
        ];
        for (pairs, kind, promql, unit) in rows {
            let wanted = wanted(pairs, kind);
            assert_eq!((wanted.promql().as_str(), wanted.unit()), (promql, unit), "{pairs:?}");
        }
    }
}
