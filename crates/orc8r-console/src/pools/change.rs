//! Putting a gateway into a pool, giving it another part, and taking it out; its other pools stay as they are.

use crate::failure::Failure;
use crate::pools::list::one;
use crate::pools::url;
use crate::rest::{Refusal, path};
use crate::said::done;
use crate::visit::Visit;
use axum::extract::{Form, Path};
use axum::http::Method;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Change {
    action: String,
    gateway: String,
    mme_relative_capacity: u64,
    mme_code: u64,
}

pub(super) async fn act(
    visit: Visit,
    Path((id, pool)): Path<(String, String)>,
    Form(change): Form<Change>,
) -> Result<Response, Failure> {
    visit.network(&id)?;
    let gateway = change.gateway.trim();
    let said = match change.action.as_str() {
        "remove" => format!("Gateway {gateway} is not in the pool any more."),
        _ => format!("Gateway {gateway} is in the pool."),
    };
    match write(&visit, &id, &pool, &change).await {
        Ok(()) => Ok(done(&url(&id, &pool), &said)),
        Err(refusal) => one(&visit, &id, &pool, Some(&refusal.message)).await,
    }
}

async fn write(visit: &Visit, network: &str, pool: &str, change: &Change) -> Result<(), Refusal> {
    let place = path(&["lte", network, "gateways", change.gateway.trim(), "cellular", "pooling"]);
    let records: Vec<Value> = visit.rest.get(&place).await?;
    let records = changed(records, pool, change);
    visit.rest.send(Method::PUT, &place, Some(&records.into())).await.map(drop)
}

/// The pools of a gateway after the change.
fn changed(mut records: Vec<Value>, pool: &str, change: &Change) -> Vec<Value> {
    records.retain(|record| record["gateway_pool_id"] != pool);
    if change.action != "remove" {
        records.push(json!({
            "gateway_pool_id": pool,
            "mme_code": change.mme_code,
            "mme_relative_capacity": change.mme_relative_capacity,
        }));
    }
    records
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_pools_of_a_gateway_stay() {
        let record = |pool: &str, capacity: u64| json!({"gateway_pool_id": pool, "mme_code": 1, "mme_relative_capacity": capacity});
        let put =
            Change { action: "put".into(), mme_code: 1, mme_relative_capacity: 255, ..Change::default() };
        let there = vec![record("a", 1), record("b", 1)];
        assert_eq!(changed(there.clone(), "a", &put), [record("b", 1), record("a", 255)]);
        let remove = Change { action: "remove".into(), ..Change::default() };
        assert_eq!(changed(there, "a", &remove), [record("b", 1)]);
    }
}
