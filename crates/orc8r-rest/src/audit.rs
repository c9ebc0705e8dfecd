//! `/audit`: who changed what. Every request that changed something leaves an entry with what was there before and
//! afterwards, secrets masked.

use crate::access::{Actor, MayWrite};
use crate::change_events::Change;
use crate::clock::unix_milliseconds;
use crate::error::ApiError;
use crate::manager::Manager;
use crate::metrics;
use crate::request::{Ids, NetworkPath, TextQuery, Texts};
use crate::routes::{Routes, Shown};
use crate::{Api, BODY_BYTES_MAX};
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{MatchedPath, RawPathParams, Request, State};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use orc8r_store::{AuditEntry, AuditFilter};
use serde::Deserialize;
use serde_json::{Value, json};
use std::convert::Infallible;
use tower_service::Service;

/// What is longer, as JSON, is only measured.
const SHOWN_BYTES_MAX: usize = 64 << 10;

/// How many entries an answer has when nobody says, and at most.
const SIZE: u32 = 100;
const SIZE_MAX: u32 = 1000;

/// Fields whose value is not written down, wherever they stand.
const SECRETS: [&str; 23] = [
    "api_token",
    "api_url",
    "auth_identity",
    "auth_key",
    "auth_opc",
    "auth_password",
    "auth_secret",
    "bearer_token",
    "encryption_key",
    "hmac_key",
    "home_network_private_key",
    "lte_auth_amf",
    "lte_auth_op",
    "message",
    "old_password",
    "password",
    "private_key",
    "routing_key",
    "secret",
    "service_key",
    "token",
    "url",
    "user_key",
];

pub(crate) fn routes() -> Routes {
    Routes::new().get("/audit", list).get("/networks/{network_id}/audit", list_of_network)
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct List {
    actor: String,
    network_id: String,
    path: String,
    from_ms: String,
    to_ms: String,
    before: String,
    size: String,
}

impl TextQuery for List {
    const NAMES: &'static [&'static str] =
        &["actor", "network_id", "path", "from_ms", "to_ms", "before", "size"];
}

async fn list(State(api): State<Api>, Texts(query): Texts<List>) -> Result<Shown<Vec<Value>>, ApiError> {
    entries(&api, query).await
}

/// For who may see a network, and not all there is.
async fn list_of_network(
    State(api): State<Api>,
    Ids(network): Ids<NetworkPath>,
    Texts(query): Texts<List>,
) -> Result<Shown<Vec<Value>>, ApiError> {
    entries(&api, List { network_id: network.network_id.to_string(), ..query }).await
}

async fn entries(api: &Api, query: List) -> Result<Shown<Vec<Value>>, ApiError> {
    let filter = AuditFilter {
        actor: Some(query.actor).filter(|actor| !actor.is_empty()),
        network: Some(query.network_id).filter(|network| !network.is_empty()),
        path: Some(query.path).filter(|path| !path.is_empty()),
        from_ms: number("from_ms", &query.from_ms)?,
        to_ms: number("to_ms", &query.to_ms)?,
        before_number: number("before", &query.before)?,
    };
    let size = number("size", &query.size)?.and_then(|size| u32::try_from(size).ok()).unwrap_or(SIZE);
    let entries = api.store.audit_entries(filter, size.clamp(1, SIZE_MAX)).await?;
    Ok(Shown::new(entries.into_iter().map(shown).collect()))
}

fn number(name: &str, text: &str) -> Result<Option<u64>, ApiError> {
    let wrong = |_| ApiError::bad(format!("{name} in query must be of type uint64: {text:?}"));
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(wrong) }
}

fn shown((number, entry): (u64, AuditEntry)) -> Value {
    let document = |text: Option<String>| text.and_then(|text| serde_json::from_str::<Value>(&text).ok());
    json!({
        "number": number,
        "time_ms": entry.time_ms,
        "actor": entry.actor,
        "method": entry.method,
        "path": entry.path,
        "network_id": entry.network,
        "status": entry.status,
        "before": document(entry.before),
        "after": document(entry.after),
    })
}

/// What the log needs: where it is kept, and the resources themselves, to read what is there.
#[derive(Clone)]
pub(crate) struct Audit {
    pub(crate) api: Api,
    pub(crate) resources: Router,
}

/// Passes a request on, and notes what it changed.
pub(crate) async fn record(
    State(audit): State<Audit>,
    pattern: Option<MatchedPath>,
    parameters: Result<RawPathParams, RawPathParamsRejection>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let actor = request.extensions().get::<Actor>().cloned();
    let only_asks = pattern.as_ref().is_some_and(|pattern| metrics::only_asks(pattern.as_str()));
    let Some(Actor(actor)) = actor.filter(|_| !request.method().is_safe() && !only_asks) else {
        return Ok(next.run(request).await);
    };
    let (parts, body) = request.into_parts();
    let sent = to_bytes(body, BODY_BYTES_MAX).await.map_err(|_| too_large())?;
    let parameters: Vec<(String, String)> = parameters.map(|parts| owned(&parts)).unwrap_or_default();
    // Who goes away before his answer comes has made his change all the same, and it is noted all the same.
    match tokio::spawn(change(audit, actor, (pattern, parameters), (parts, sent), next)).await {
        Ok(response) => Ok(response),
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(ApiError::Defect),
        },
    }
}

/// Lets a change happen, and notes it before it is answered.
async fn change(
    audit: Audit,
    actor: String,
    (pattern, parameters): (Option<MatchedPath>, Vec<(String, String)>),
    (parts, sent): (Parts, Bytes),
    next: Next,
) -> Response {
    let (method, path) = (parts.method.clone(), parts.uri.clone());
    let before = if method == Method::POST { None } else { audit.present(path.path()).await };
    let response = next.run(Request::from_parts(parts, Body::from(sent.clone()))).await;
    if response.status().is_success() {
        let after = match method {
            Method::PUT => audit.present(path.path()).await.or_else(|| masked(&sent)),
            Method::POST => masked(&sent),
            _ => None,
        };
        let pattern = pattern.as_ref().and_then(|pattern| pattern.as_str().strip_prefix("/magma/v1"));
        let (method_name, pattern) = (method.as_str(), pattern.unwrap_or_default());
        let change = Change {
            method: method_name,
            pattern,
            path: path.path(),
            parameters: &parameters,
            actor: &actor,
            body: &sent,
        };
        change.event().into_iter().for_each(|event| audit.api.events.tell(event));
        let network = parameters.into_iter().find(|(name, _)| name == "network_id").map(|(_, id)| id);
        // With HTTP/2 the URI has the authority too, which is whatever the caller says.
        let path = path.path_and_query().map_or_else(String::new, ToString::to_string);
        let method = method.to_string();
        let (time_ms, status) = (unix_milliseconds(), response.status().as_u16());
        audit.write(AuditEntry { time_ms, actor, method, path, network, status, before, after }).await;
    }
    response
}

impl Audit {
    /// What a path shows now, masked. `None`: nothing, or nothing that is JSON.
    async fn present(&self, path: &str) -> Option<String> {
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = path.parse().ok()?;
        request.extensions_mut().insert(MayWrite(false));
        request.extensions_mut().insert(Manager::Administrator);
        let response: Result<Response, Infallible> = self.resources.clone().call(request).await;
        let response = response.ok().filter(|response| response.status() == StatusCode::OK)?;
        let is_json = response.headers().get("content-type").is_some_and(|kind| kind == "application/json");
        let bytes =
            if is_json { to_bytes(response.into_body(), BODY_BYTES_MAX).await.ok()? } else { Bytes::new() };
        masked(&bytes)
    }

    async fn write(&self, entry: AuditEntry) {
        let (actor, method, path) = (entry.actor.clone(), entry.method.clone(), entry.path.clone());
        if let Err(error) = self.api.store.add_audit_entry(entry).await {
            tracing::error!(%error, actor, method, path, "a change is not in the audit log");
        }
    }
}

fn too_large() -> ApiError {
    let megabytes = BODY_BYTES_MAX >> 20;
    ApiError::TooLarge(format!("the body is larger than {megabytes} MiB: send less at once"))
}

fn owned(parameters: &RawPathParams) -> Vec<(String, String)> {
    parameters.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// JSON without its secrets; only its length when it is long.
fn masked(bytes: &[u8]) -> Option<String> {
    if bytes.len() > SHOWN_BYTES_MAX {
        return Some(json!({ "bytes": bytes.len() }).to_string());
    }
    let mut value: Value = serde_json::from_slice(bytes).ok()?;
    mask(&mut value);
    Some(value.to_string())
}

fn mask(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(mask),
        Value::Object(fields) => fields.iter_mut().for_each(|(name, field)| {
            let is_secret = SECRETS.contains(&name.as_str()) && !field.is_null();
            if is_secret {
                *field = json!("***");
            } else {
                mask(field);
            }
        }),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_wherever_they_stand() {
        let body = br#"[{"lte": {"auth_key": "AAAA", "state": "ACTIVE"}, "password": 7, "x": {"token": {"a": 1}, "secret": null}}]"#;
        let expect = json!([{"lte": {"auth_key": "***", "state": "ACTIVE"}, "password": "***", "x": {"token": "***", "secret": null}}]);
        assert_eq!(masked(body), Some(expect.to_string()));
        assert_eq!(masked(b"no JSON"), None);
        let long = format!("\"{}\"", "x".repeat(SHOWN_BYTES_MAX));
        assert_eq!(masked(long.as_bytes()), Some(json!({"bytes": SHOWN_BYTES_MAX + 2}).to_string()));
    }
}
