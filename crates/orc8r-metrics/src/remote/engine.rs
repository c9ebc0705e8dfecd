//! Queries that an engine elsewhere answers, of what the caller may see.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use magma_rpc::http_ask::Answer;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use tokio::sync::Semaphore;

use super::target::{Call, Target};
use crate::labels::Labels;
use crate::promql::{
    ErrorKind, InstantQuery, Most, Overview, QueryError, RangeQuery, restricted_selector, restricted_text,
};
use crate::tsdb::{Scope, Selector};

/// How long an engine may take; the NMS waits no longer.
const LIMIT: Duration = Duration::from_secs(30);
/// How much of an answer is read.
const ANSWER_BYTES_MAX: usize = 32 << 20;
/// Queries that are under way at once; others wait.
const AT_ONCE: usize = 8;
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
/// Later than every sample: 2100.
const LATEST_MS: i64 = 4_102_444_800_000;

/// Prometheus, VictoriaMetrics, or another engine with Prometheus' HTTP API. A clone is the same.
#[derive(Clone, Debug)]
pub struct RemoteEngine {
    target: Arc<Target>,
    slots: Arc<Semaphore>,
}

/// What every answer of Prometheus' API is.
#[derive(Deserialize)]
struct Envelope<T> {
    status: String,
    data: Option<T>,
    #[serde(rename = "errorType")]
    error_type: Option<String>,
    error: Option<String>,
}

impl RemoteEngine {
    /// Below whose URL `/api/v1/query` is, such as `http://prometheus:9090`.
    pub fn new(target: Target) -> Self {
        Self { target: Arc::new(target), slots: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// The answer at one moment, in Prometheus' JSON.
    ///
    /// # Errors
    /// When the query is wrong, or the engine gives no answer.
    pub async fn instant(&self, query: &InstantQuery, scope: &Scope) -> Result<String, QueryError> {
        let parameters = [("query", restricted_text(&query.text, scope)?), ("time", seconds(query.time_ms))];
        self.whole("query", &parameters).await
    }

    /// The answer at each step, in Prometheus' JSON.
    ///
    /// # Errors
    /// As [`RemoteEngine::instant`].
    pub async fn range(&self, query: &RangeQuery, scope: &Scope) -> Result<String, QueryError> {
        let parameters = [
            ("query", restricted_text(&query.text, scope)?),
            ("start", seconds(query.start_ms)),
            ("end", seconds(query.end_ms)),
            ("step", seconds(query.step_ms)),
        ];
        self.whole("query_range", &parameters).await
    }

    /// The labels of the series that one of the selectors finds.
    ///
    /// # Errors
    /// As [`RemoteEngine::instant`].
    pub async fn series(
        &self,
        selectors: &[Selector],
        times: (i64, i64),
        scope: &Scope,
    ) -> Result<BTreeSet<Labels>, QueryError> {
        let found: Vec<BTreeMap<String, String>> =
            self.data("POST", "series", &found_by(selectors, times, scope)).await?;
        Ok(found.into_iter().map(Labels::from_pairs).collect())
    }

    /// The names of the labels of these series.
    ///
    /// # Errors
    /// As [`RemoteEngine::instant`].
    pub async fn label_names(
        &self,
        selectors: &[Selector],
        times: (i64, i64),
        scope: &Scope,
    ) -> Result<BTreeSet<String>, QueryError> {
        self.data("POST", "labels", &found_by(selectors, times, scope)).await
    }

    /// The values of one label of these series.
    ///
    /// # Errors
    /// As [`RemoteEngine::instant`], and when the label's name is none.
    pub async fn label_values(
        &self,
        label: &str,
        selectors: &[Selector],
        times: (i64, i64),
        scope: &Scope,
    ) -> Result<BTreeSet<String>, QueryError> {
        let is_name = !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !is_name {
            return Err(QueryError::bad_data(format!("invalid label name: {label:?}")));
        }
        let path = format!("label/{label}/values");
        self.data("GET", &path, &found_by(selectors, times, scope)).await
    }

    /// The engine's answer as it stands, when it is a success.
    async fn whole(&self, path: &str, parameters: &[(&str, String)]) -> Result<String, QueryError> {
        let body = self.ask("POST", path, parameters).await?;
        self.opened::<IgnoredAny>(&body)?;
        String::from_utf8(body).map_err(|_| self.failed("answers what is no text"))
    }

    async fn data<T: DeserializeOwned>(
        &self,
        method: &str,
        path: &str,
        parameters: &[(&str, String)],
    ) -> Result<T, QueryError> {
        let body = self.ask(method, path, parameters).await?;
        self.opened(&body)?.ok_or_else(|| self.failed("answers without data"))
    }

    async fn ask(
        &self,
        method: &str,
        path: &str,
        parameters: &[(&str, String)],
    ) -> Result<Vec<u8>, QueryError> {
        let _slot = self.slots.acquire().await;
        let form = parameters.iter().map(|(name, value)| format!("{name}={}", escaped(value)));
        let form = form.collect::<Vec<_>>().join("&");
        let (path, body) = match method {
            "GET" => (format!("/api/v1/{path}?{form}"), String::new()),
            _ => (format!("/api/v1/{path}"), form),
        };
        let headers = [FORM];
        let call = Call {
            method,
            path: &path,
            headers: if body.is_empty() { &[] } else { &headers },
            body: body.as_bytes(),
            limit: LIMIT,
            answer_max: ANSWER_BYTES_MAX,
        };
        let answer = self.target.call(call).await;
        let Answer { status, body, .. } = answer
            .map_err(|reason| self.problem(ErrorKind::Unavailable, &format!("does not answer: {reason}")))?;
        let Some(body) = body else {
            let most = ANSWER_BYTES_MAX >> 20;
            let message = format!("answers more than {most} MiB: ask for less");
            return Err(self.problem(ErrorKind::Execution, &message));
        };
        match status {
            200 => Ok(body),
            401 | 403 => {
                Err(self.failed(&format!("refuses the Orchestrator ({status}): check its authorization")))
            }
            _ => Err(self.error_in(&body).unwrap_or_else(|| {
                let kind = if status >= 429 { ErrorKind::Unavailable } else { ErrorKind::Internal };
                self.problem(kind, &format!("answers {status}: check its URL"))
            })),
        }
    }

    /// What stands in an answer that says success.
    fn opened<T: DeserializeOwned>(&self, body: &[u8]) -> Result<Option<T>, QueryError> {
        match serde_json::from_slice::<Envelope<T>>(body) {
            Ok(envelope) if envelope.status == "success" => Ok(envelope.data),
            _ => Err(self
                .error_in(body)
                .unwrap_or_else(|| self.failed("answers what is not Prometheus' JSON: check its URL"))),
        }
    }

    /// The engine's error as one of ours, which says that it is the engine's.
    fn error_in(&self, body: &[u8]) -> Option<QueryError> {
        let envelope: Envelope<IgnoredAny> = serde_json::from_slice(body).ok()?;
        let kind = match envelope.error_type.as_deref() {
            // VictoriaMetrics says the HTTP status.
            Some("bad_data" | "400") => ErrorKind::BadData,
            Some("timeout" | "canceled" | "503") => ErrorKind::Timeout,
            Some("internal" | "500") => ErrorKind::Internal,
            _ => ErrorKind::Execution,
        };
        let said = envelope.error.filter(|_| envelope.status == "error")?;
        Some(self.problem(kind, &format!("says: {said}")))
    }

    fn failed(&self, what: &str) -> QueryError {
        self.problem(ErrorKind::Internal, what)
    }

    fn problem(&self, kind: ErrorKind, what: &str) -> QueryError {
        QueryError { kind, message: format!("the metrics engine {} {what}", self.target.name()) }
    }
}

/// The values of an instant query's answer with their labels; a number is one without labels.
pub(crate) fn instant_values(json: &str) -> Vec<(Labels, f64)> {
    #[derive(Deserialize)]
    struct Data {
        #[serde(rename = "resultType")]
        kind: String,
        result: serde_json::Value,
    }
    #[derive(Deserialize)]
    struct Series {
        metric: BTreeMap<String, String>,
        value: (f64, String),
    }
    let Ok(Envelope { data: Some(Data { kind, result }), .. }) = serde_json::from_str(json) else {
        return Vec::new();
    };
    let number = |text: &str| text.parse().unwrap_or(f64::NAN);
    match kind.as_str() {
        "vector" => {
            let series: Vec<Series> = serde_json::from_value(result).unwrap_or_default();
            series.into_iter().map(|one| (Labels::from_pairs(one.metric), number(&one.value.1))).collect()
        }
        "scalar" => {
            let value: Option<(f64, String)> = serde_json::from_value(result).ok();
            value.into_iter().map(|(_, text)| (Labels::default(), number(&text))).collect()
        }
        _ => Vec::new(),
    }
}

/// What is shown of a range query's answer.
pub(crate) fn overview(json: &str, query: &RangeQuery, most: Most) -> Overview {
    #[derive(Deserialize)]
    struct Data {
        result: Vec<Series>,
    }
    #[derive(Deserialize)]
    struct Series {
        metric: BTreeMap<String, String>,
        values: Vec<(f64, String)>,
    }
    let Ok(Envelope { data: Some(Data { result }), .. }) = serde_json::from_str(json) else {
        return Overview::default();
    };
    let step = |time_s: f64| {
        let steps = ((time_s * 1000.0).round() as i64).saturating_sub(query.start_ms) / query.step_ms.max(1);
        usize::try_from(steps).ok()
    };
    let count = step(query.end_ms as f64 / 1000.0).map_or(0, |last| last + 1);
    let read = |one: Series| {
        let mut values = vec![f64::NAN; count];
        for (time_s, text) in &one.values {
            if let Some(slot) = step(*time_s).and_then(|step| values.get_mut(step)) {
                *slot = text.parse().unwrap_or(f64::NAN);
            }
        }
        (Labels::from_pairs(one.metric), values)
    };
    let mut series: Vec<(Labels, Vec<f64>)> = result.into_iter().map(read).collect();
    series.sort_by(|(one, _), (other, _)| one.cmp(other));
    Overview::of(series.iter().map(|(labels, values)| (labels, values.as_slice())), most)
}

/// The parameters that say which series.
fn found_by(
    selectors: &[Selector],
    (min_ms, max_ms): (i64, i64),
    scope: &Scope,
) -> Vec<(&'static str, String)> {
    let mut parameters: Vec<_> =
        selectors.iter().map(|selector| ("match[]", restricted_selector(selector, scope))).collect();
    parameters.push(("start", seconds(min_ms.max(0))));
    parameters.push(("end", seconds(max_ms.min(LATEST_MS))));
    parameters
}

fn seconds(ms: i64) -> String {
    let sign = if ms < 0 { "-" } else { "" };
    format!("{sign}{}.{:03}", ms.unsigned_abs() / 1000, ms.unsigned_abs() % 1000)
}

/// As forms and URLs have it (RFC 3986 §2.1).
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            byte => {
                out.push('%');
                out.push(char::from(b"0123456789ABCDEF"[usize::from(byte >> 4)]));
                out.push(char::from(b"0123456789ABCDEF"[usize::from(byte & 15)]));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_from_elsewhere_is_shown_like_one_of_ours() {
        let query = RangeQuery { text: String::new(), start_ms: 100_000, end_ms: 160_000, step_ms: 30_000 };
        let json = r#"{"status": "success", "data": {"resultType": "matrix", "result": [
            {"metric": {"a": "z"}, "values": [[100, "1"], [130.000, "NaN"], [160, "2.5"]]},
            {"metric": {"a": "b"}, "values": [[160, "+Inf"], [130, "4"], [1000, "9"]]}]}}"#;
        let found = overview(json, &query, Most { lines: 9, rows: 9 });
        assert_eq!((found.found, found.current), (2, 1));
        assert_eq!(found.lines[0], (Labels::from([("a", "b")]), vec![None, Some(4.0), None]));
        assert_eq!(found.lines[1].1, [Some(1.0), None, Some(2.5)]);
        assert_eq!(found.latest, [(Labels::from([("a", "z")]), 2.5)]);
        assert_eq!(overview("[]", &query, Most { lines: 9, rows: 9 }), Overview::default());
    }
}
