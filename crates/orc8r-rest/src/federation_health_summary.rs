//! `/feg/{network_id}/health_summary`: how the gateways of a federation network are, and which of them is active.

use crate::Api;
use crate::clock::unix_milliseconds;
use crate::error::ApiError;
use crate::gateway_summaries::{TEXT, field};
use crate::request::{Ids, NetworkPath};
use crate::routes::Routes;
use axum::Json;
use axum::extract::State;
use orc8r_store::GatewayHealth;
use serde::Serialize;
use std::collections::BTreeMap;
use wire_rest::{Definition, HasSchema, Schema};

pub(crate) fn routes() -> Routes {
    Routes::new().get("/feg/{network_id}/health_summary", read)
}

/// All gateways that have ever reported.
#[derive(Serialize)]
struct HealthSummary {
    /// Empty: none has reported yet.
    active_gateway: String,
    gateways: BTreeMap<String, Health>,
}

/// How a gateway is.
#[derive(Serialize)]
struct Health {
    healthy: bool,
    description: String,
    services: BTreeMap<String, Service>,
}

/// How one of its services is.
#[derive(Serialize)]
struct Service {
    available: bool,
    healthy: bool,
    message: String,
}

async fn read(State(api): State<Api>, Ids(path): Ids<NetworkPath>) -> Result<Json<HealthSummary>, ApiError> {
    let found = api.store.federation_healths(&path.network_id, unix_milliseconds()).await?;
    let active = api.store.active_federation_gateway(&path.network_id).await?;
    let gateways = found.into_iter().map(|(id, health)| (id, shown(health))).collect();
    Ok(Json(HealthSummary { active_gateway: active.unwrap_or_default(), gateways }))
}

fn shown(health: GatewayHealth) -> Health {
    let services = health.report.services.into_iter().map(|(name, service)| {
        let shown =
            Service { available: service.available, healthy: service.healthy, message: service.message };
        (name, shown)
    });
    Health {
        services: services.collect(),
        healthy: health.verdict.healthy,
        description: health.verdict.description,
    }
}

impl HasSchema for HealthSummary {
    const SCHEMA: &'static Schema = &Schema::Named(&SUMMARY);
}

static SUMMARY: Definition = Definition {
    name: "federation_health_summary",
    schema: Schema::Object(&[
        field("active_gateway", TEXT),
        field("gateways", Schema::Map(&Schema::Named(&HEALTH))),
    ]),
};

static HEALTH: Definition = Definition {
    name: "federation_gateway_health",
    schema: Schema::Object(&[
        field("healthy", Schema::Boolean),
        field("description", TEXT),
        field("services", Schema::Map(&Schema::Named(&SERVICE))),
    ]),
};

static SERVICE: Definition = Definition {
    name: "federation_service_health",
    schema: Schema::Object(&[
        field("available", Schema::Boolean),
        field("healthy", Schema::Boolean),
        field("message", TEXT),
    ]),
};
