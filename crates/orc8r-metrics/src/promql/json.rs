//! Answers in Prometheus' own JSON.

use std::fmt::Write;

use super::error::QueryError;
use super::value::{Grid, Series, Value, is_absent};
use crate::labels::Labels;
use crate::series::Sample;

/// The answer to a query.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub(super) value: Value,
    pub(super) grid: Grid,
    pub(super) is_range: bool,
}

/// A number as Prometheus writes it.
pub(super) fn number(value: f64) -> String {
    if value == f64::INFINITY {
        "+Inf".to_owned()
    } else if value == f64::NEG_INFINITY {
        "-Inf".to_owned()
    } else {
        // Without an exponent, and NaN as "NaN".
        value.to_string()
    }
}

impl Answer {
    /// `{"status":"success","data":{"resultType":…,"result":…}}`
    pub fn to_json(&self) -> String {
        let mut out = String::from("{\"status\":\"success\",\"data\":");
        self.write_data(&mut out);
        out.push('}');
        out
    }

    /// What stands under `data`.
    pub fn write_data(&self, out: &mut String) {
        let kind = match (&self.value, self.is_range) {
            (_, true) => "matrix",
            (Value::Scalar(_), _) => "scalar",
            (Value::Vector(_), _) => "vector",
            (Value::Text(_), _) => "string",
            (Value::Ranges(_), _) => "matrix",
        };
        let _ = write!(out, "{{\"resultType\":\"{kind}\",\"result\":");
        match &self.value {
            Value::Text(text) => {
                let _ = write!(out, "[{},", time(self.grid.start_ms));
                write_text(out, text);
                out.push(']');
            }
            Value::Scalar(values) if !self.is_range => point(out, self.grid.start_ms, values[0]),
            Value::Scalar(values) => {
                let series = Series { labels: Labels::default(), values: values.clone() };
                self.write_series(out, &[series]);
            }
            Value::Vector(series) => self.write_series(out, series),
            Value::Ranges(ranges) => write_ranges(out, ranges),
        }
        out.push('}');
    }

    /// The values of an instant query with their labels; a number is one without labels.
    pub fn instant_values(&self) -> Vec<(Labels, f64)> {
        match &self.value {
            Value::Vector(series) => series
                .iter()
                .filter(|series| !is_absent(series.values[0]))
                .map(|series| (series.labels.clone(), series.values[0]))
                .collect(),
            Value::Scalar(values) => vec![(Labels::default(), values[0])],
            Value::Text(_) | Value::Ranges(_) => Vec::new(),
        }
    }

    fn write_series(&self, out: &mut String, series: &[Series]) {
        out.push('[');
        for (at, series) in series.iter().enumerate() {
            if at > 0 {
                out.push(',');
            }
            out.push_str("{\"metric\":");
            write_labels(out, &series.labels);
            if self.is_range {
                out.push_str(",\"values\":[");
                let mut is_first = true;
                for (step, value) in series.values.iter().enumerate().filter(|(_, value)| !is_absent(**value))
                {
                    if !std::mem::take(&mut is_first) {
                        out.push(',');
                    }
                    point(out, self.grid.time(step), *value);
                }
                out.push_str("]}");
            } else {
                out.push_str(",\"value\":");
                point(out, self.grid.start_ms, series.values[0]);
                out.push('}');
            }
        }
        out.push(']');
    }
}

/// The answer to `series`.
pub fn series_json<'a>(series: impl Iterator<Item = &'a Labels>) -> String {
    let mut out = String::from("[");
    for (at, labels) in series.enumerate() {
        if at > 0 {
            out.push(',');
        }
        write_labels(&mut out, labels);
    }
    out.push(']');
    out
}

/// A list of texts, as `labels` and `label/…/values` answer.
pub fn strings_json<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let mut out = String::from("[");
    for (at, text) in texts.enumerate() {
        if at > 0 {
            out.push(',');
        }
        write_text(&mut out, text);
    }
    out.push(']');
    out
}

/// `{"status":"error","errorType":…,"error":…}`
pub fn error_json(error: &QueryError) -> String {
    let mut out = format!("{{\"status\":\"error\",\"errorType\":\"{}\",\"error\":", error.kind.name());
    write_text(&mut out, &error.message);
    out.push('}');
    out
}

fn write_ranges(out: &mut String, ranges: &[(Labels, Vec<Sample>)]) {
    out.push('[');
    for (at, (labels, samples)) in ranges.iter().enumerate() {
        out.push_str(if at > 0 { ",{\"metric\":" } else { "{\"metric\":" });
        write_labels(out, labels);
        out.push_str(",\"values\":[");
        for (at, sample) in samples.iter().enumerate() {
            if at > 0 {
                out.push(',');
            }
            point(out, sample.time_ms, sample.value);
        }
        out.push_str("]}");
    }
    out.push(']');
}

fn write_labels(out: &mut String, labels: &Labels) {
    out.push('{');
    for (at, (name, value)) in labels.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        write_text(out, name);
        out.push(':');
        write_text(out, value);
    }
    out.push('}');
}

fn point(out: &mut String, time_ms: i64, value: f64) {
    let _ = write!(out, "[{},\"{}\"]", time(time_ms), number(value));
}

/// Seconds, with milliseconds where there are any.
fn time(ms: i64) -> String {
    let (sign, ms) = (if ms < 0 { "-" } else { "" }, ms.unsigned_abs());
    match ms % 1000 {
        0 => format!("{sign}{}", ms / 1000),
        rest => format!("{sign}{}.{rest:03}", ms / 1000),
    }
}

fn write_text(out: &mut String, text: &str) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            control if control < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            letter => out.push(letter),
        }
    }
    out.push('"');
}
