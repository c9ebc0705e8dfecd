//! What the API answers to a PromQL query: series with their labels, over a range or at one moment.

use crate::rest::{Refusal, Rest, escaped, path};
use crate::view::range::Range;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// A series at the points of a range, or with one value; where there is none, it has a gap.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct Series {
    /// Its labels; the network's is the page's.
    #[serde(rename = "metric")]
    pub(crate) labels: BTreeMap<String, String>,
    /// A value for each point.
    pub(crate) values: Vec<Option<f64>>,
}

impl Series {
    /// Its labels as PromQL writes them.
    pub(crate) fn text(&self) -> String {
        text(&self.labels)
    }

    /// The values that are there.
    pub(crate) fn known(&self) -> impl DoubleEndedIterator<Item = f64> {
        self.values.iter().filter_map(|value| *value)
    }
}

fn text(labels: &BTreeMap<String, String>) -> String {
    let name = labels.get("__name__").map(String::as_str).unwrap_or_default();
    let labels = labels.iter().filter(|(label, _)| !matches!(label.as_str(), "__name__" | "networkID"));
    let labels: Vec<_> = labels.map(|(label, value)| format!("{label}=\"{value}\"")).collect();
    match labels.is_empty() {
        true if name.is_empty() => "all".to_owned(),
        true => name.to_owned(),
        false => format!("{name}{{{}}}", labels.join(", ")),
    }
}

/// What is shown of a query over a range, however many series it finds.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct Overview {
    /// So many series have a value.
    pub(crate) found: usize,
    /// So many have one at the end.
    pub(crate) current: usize,
    /// The series that are highest at the end, in the order of their labels.
    pub(crate) lines: Vec<Series>,
    /// The highest values at the end, the highest first.
    pub(crate) latest: Vec<Latest>,
}

/// The value of a series at the end of a range.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct Latest {
    #[serde(rename = "metric")]
    labels: BTreeMap<String, String>,
    pub(crate) value: f64,
}

impl Latest {
    /// Its labels as PromQL writes them.
    pub(crate) fn text(&self) -> String {
        text(&self.labels)
    }
}

/// The overview of a query: so many lines, and so many of the latest values.
pub(crate) async fn overview(
    rest: &Rest,
    network: &str,
    promql: &str,
    range: &Range,
    (lines, rows): (usize, usize),
) -> Result<Overview, Refusal> {
    let place = path(&["networks", network, "prometheus", "query_overview"]);
    let (from_s, to_s, step_s) = (range.from_s, range.to_s, range.step_s);
    let query = escaped(promql);
    let query = format!("?query={query}&start={from_s}&end={to_s}&step={step_s}&lines={lines}&rows={rows}");
    rest.get(&(place + &query)).await
}

/// A query at each point of a range.
pub(crate) async fn over(
    rest: &Rest,
    network: &str,
    promql: &str,
    range: &Range,
) -> Result<Vec<Series>, Refusal> {
    let place = path(&["networks", network, "prometheus", "query_range"]);
    let (from_s, to_s, step_s) = (range.from_s, range.to_s, range.step_s);
    let query = format!("?query={}&start={from_s}&end={to_s}&step={step_s}", escaped(promql));
    let answer: Value = rest.get(&(place + &query)).await?;
    Ok(series(&answer, |at| usize::try_from((at - from_s) / step_s).ok(), range.points()))
}

/// A query at one moment, in seconds since 1970.
pub(crate) async fn at(
    rest: &Rest,
    network: &str,
    promql: &str,
    time_s: i64,
) -> Result<Vec<Series>, Refusal> {
    let place = path(&["networks", network, "prometheus", "query"]);
    let answer: Value = rest.get(&format!("{place}?query={}&time={time_s}", escaped(promql))).await?;
    Ok(series(&answer, |_| Some(0), 1))
}

fn series(answer: &Value, place: impl Fn(i64) -> Option<usize>, points: usize) -> Vec<Series> {
    let data = &answer["data"];
    let result = match data["resultType"].as_str() {
        Some("scalar" | "string") => vec![serde_json::json!({"value": data["result"]})],
        _ => data["result"].as_array().cloned().unwrap_or_default(),
    };
    result.iter().map(|one| read(one, &place, points)).collect()
}

fn read(one: &Value, place: &impl Fn(i64) -> Option<usize>, points: usize) -> Series {
    let labels = one["metric"].as_object().into_iter().flatten();
    let labels = labels.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
    let mut series = Series { labels: labels.collect(), values: vec![None; points] };
    let single = one.get("value").into_iter();
    for pair in one["values"].as_array().into_iter().flatten().chain(single) {
        let value = pair[1].as_str().and_then(|text| text.parse::<f64>().ok());
        let at = pair[0].as_f64().and_then(|seconds| place(seconds as i64));
        if let Some(slot) = at.and_then(|at| series.values.get_mut(at)) {
            *slot = value.filter(|value| value.is_finite());
        }
    }
    series
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_gap_stays_a_gap() {
        let answer = json!({"status": "success", "data": {"resultType": "matrix", "result": [
            {"metric": {"__name__": "up", "networkID": "n1", "gatewayID": "gw1"},
                "values": [[100, "1"], [130.0, "NaN"], [160, "2.5"], [1000, "9"]]},
        ]}});
        let found = series(&answer, |at| usize::try_from((at - 100) / 30).ok(), 4);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].values, [Some(1.0), None, Some(2.5), None]);
        assert_eq!(found[0].text(), r#"up{gatewayID="gw1"}"#);
    }

    #[test]
    fn what_is_missing_is_nothing() {
        assert!(series(&json!(null), |_| Some(0), 1).is_empty());
        let scalar = json!({"data": {"resultType": "scalar", "result": [1.5, "3"]}});
        assert_eq!(series(&scalar, |_| Some(0), 1)[0].values, [Some(3.0)]);
        let broken = json!({"data": {"resultType": "vector", "result": [{"metric": {}, "value": ["x"]}]}});
        assert_eq!(series(&broken, |_| Some(0), 1)[0], Series { values: vec![None], ..Series::default() });
    }
}
