//! What an existing Alertmanager knows of one network: alerts that fire, and silences (its API, version 2).

use std::time::Duration;

use magma_rpc::http_ask::{Answer, Ask};
use orc8r_metrics::remote::Target;
use serde_json::{Value, json};
use wire_rest::types::{AlertSilencer, GettableAlertSilencer, PromFiringAlert};

use crate::files::unqualified;

const LIMIT: Duration = Duration::from_secs(20);
const ANSWER_BYTES_MAX: usize = 16 << 20;

/// An existing Alertmanager, below whose URL `/api/v2` is. A clone is the same.
#[derive(Debug, Clone)]
pub struct Alertmanager {
    target: Target,
}

/// Why it says nothing of use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AlertmanagerError {
    /// It is not to be had now.
    #[error("the Alertmanager {0}")]
    Unavailable(String),
    /// It refuses what was asked.
    #[error("the Alertmanager says: {0}")]
    Refused(String),
}

impl Alertmanager {
    /// At this address, such as `http://alertmanager:9093`.
    pub const fn new(target: Target) -> Self {
        Self { target }
    }

    /// The alerts of a network that fire.
    ///
    /// # Errors
    /// [`AlertmanagerError`].
    pub async fn firing(&self, network: &str) -> Result<Vec<PromFiringAlert>, AlertmanagerError> {
        let path = format!("/api/v2/alerts?filter=networkID%3D%22{network}%22");
        let alerts = self.list(&path).await?.into_iter();
        let own = alerts.filter(|alert| alert["labels"]["networkID"] == network);
        let shown = own.filter_map(|mut alert| {
            let name = alert["receivers"][0]["name"].as_str().unwrap_or_default();
            alert["receivers"] = json!({"name": unqualified(network, name)});
            serde_json::from_value(alert).ok()
        });
        Ok(shown.collect())
    }

    /// The silences of a network.
    ///
    /// # Errors
    /// [`AlertmanagerError`].
    pub async fn silences(&self, network: &str) -> Result<Vec<GettableAlertSilencer>, AlertmanagerError> {
        let silences = self.list("/api/v2/silences").await?.into_iter();
        let own = silences.filter(|silence| is_of(network, silence));
        Ok(own.filter_map(|silence| serde_json::from_value(silence).ok()).collect())
    }

    /// Makes a silence, for one network whatever it matches, and returns its id.
    ///
    /// # Errors
    /// [`AlertmanagerError`].
    pub async fn silence(&self, network: &str, body: &AlertSilencer) -> Result<String, AlertmanagerError> {
        let mut body = json!(body);
        if let Value::Array(matchers) = &mut body["matchers"] {
            matchers.push(json!({"name": "networkID", "value": network, "isRegex": false}));
        }
        let made = self.ask("POST", "/api/v2/silences", body.to_string().as_bytes()).await?;
        let id = made.as_ref().and_then(|made| made["silenceID"].as_str());
        id.map(str::to_owned).ok_or_else(|| self.unavailable("gives no id of a silence"))
    }

    /// Ends a silence of a network; returns whether it has it.
    ///
    /// # Errors
    /// [`AlertmanagerError`].
    pub async fn end(&self, network: &str, id: &str) -> Result<bool, AlertmanagerError> {
        let is_id = !id.is_empty() && id.chars().all(|letter| letter.is_ascii_hexdigit() || letter == '-');
        let path = format!("/api/v2/silence/{id}");
        let known = if is_id { self.ask("GET", &path, &[]).await? } else { None };
        if !known.is_some_and(|silence| is_of(network, &silence)) {
            return Ok(false);
        }
        self.ask("DELETE", &path, &[]).await.map(|_| true)
    }

    async fn list(&self, path: &str) -> Result<Vec<Value>, AlertmanagerError> {
        match self.ask("GET", path, &[]).await? {
            Some(Value::Array(list)) => Ok(list),
            _ => Err(self.unavailable("answers no list: check its URL")),
        }
    }

    /// None for what it does not know.
    async fn ask(&self, method: &str, path: &str, body: &[u8]) -> Result<Option<Value>, AlertmanagerError> {
        let url = format!("{}{path}", self.target.url.trim_end_matches('/'));
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(self.target.authorization.as_deref().map(|value| ("authorization", value)));
        let ask = Ask {
            method,
            url: &url,
            tls: &self.target.tls,
            proxy: None,
            address: None,
            headers: &headers,
            body,
            limit: LIMIT,
            answer_max: ANSWER_BYTES_MAX,
        };
        let answer = ask.send().await;
        let Answer { status, body, .. } =
            answer.map_err(|error| self.unavailable(&format!("does not answer: {error}")))?;
        let Some(body) = body else { return Err(self.unavailable("answers more than 16 MiB")) };
        match status {
            200..=299 if body.is_empty() => Ok(Some(Value::Null)),
            200..=299 => serde_json::from_slice(&body)
                .map(Some)
                .map_err(|_| self.unavailable("answers what is not JSON: check its URL")),
            404 => Ok(None),
            400 | 422 => Err(AlertmanagerError::Refused(String::from_utf8_lossy(&body).trim().to_owned())),
            status => Err(self.unavailable(&format!("answers {status}"))),
        }
    }

    fn unavailable(&self, what: &str) -> AlertmanagerError {
        AlertmanagerError::Unavailable(format!("{} {what}", self.target.name()))
    }
}

/// Whether a silence is about this network alone.
fn is_of(network: &str, silence: &Value) -> bool {
    silence["matchers"].as_array().into_iter().flatten().any(|matcher| {
        matcher["name"] == "networkID"
            && matcher["value"] == network
            && matcher["isRegex"] == false
            && matcher["isEqual"] != false
    })
}
