//! An Orchestrator's REST API as an operator uses it.

use anyhow::{Context, Result, bail};
use magma_rpc::channel::{Channel, Connection, Endpoint};
use magma_rpc::http_call::{self, HttpAnswer};
use serde_json::Value;
use std::time::Duration;

/// The limit for one call; a command's answer comes from the gateway.
const CALL_LIMIT: Duration = Duration::from_secs(30);

/// The API, over one connection that its clones share.
#[derive(Clone)]
pub struct Rest {
    channel: Channel,
}

impl Rest {
    /// The API at an endpoint, whose TLS has the operator's certificate.
    pub fn at(endpoint: Endpoint) -> Self {
        let authority = endpoint.server_name.clone();
        Self { channel: Connection::new(endpoint).channel(&authority) }
    }

    /// One call with its JSON answer; `Null` when the answer is empty.
    pub async fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value> {
        let whole = async {
            let answer = self.open(method, path, body).await?;
            Ok::<_, anyhow::Error>((answer.status, answer.bytes().await?))
        };
        let (status, bytes) = tokio::time::timeout(CALL_LIMIT, whole)
            .await
            .with_context(|| format!("{method} {path} got no answer within {} s", CALL_LIMIT.as_secs()))??;
        if !(200..300).contains(&status) {
            bail!("{method} {path} answered {status}: {}", String::from_utf8_lossy(&bytes));
        }
        if bytes.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&bytes).with_context(|| format!("{method} {path}: the answer is no JSON"))
    }

    /// A page of the console, which the administrator sees by his certificate.
    pub async fn page(&self, path: &str) -> Result<String> {
        let whole = async {
            let answer = http_call::request(&self.channel, "GET", path, None).await?;
            Ok::<_, anyhow::Error>((answer.status, answer.bytes().await?))
        };
        let (status, bytes) = tokio::time::timeout(CALL_LIMIT, whole)
            .await
            .with_context(|| format!("{path} came not within {} s", CALL_LIMIT.as_secs()))??;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if !(200..400).contains(&status) {
            bail!("{path} answered {status}: {text}");
        }
        Ok(text)
    }

    /// One call whose answer is read piece by piece.
    pub async fn open(&self, method: &str, path: &str, body: Option<&Value>) -> Result<HttpAnswer> {
        let body = body.map(|value| value.to_string().into_bytes());
        Ok(http_call::request(&self.channel, method, &format!("/magma/v1{path}"), body).await?)
    }
}
