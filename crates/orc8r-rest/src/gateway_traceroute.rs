//! `/networks/{network_id}/gateways/{gateway_id}/command/traceroute`: the way from a gateway to a host.
//!
//! Agents have traced since Magma's first version; its contract never had a path for it.

use crate::Api;
use crate::error::ApiError;
use crate::gateway_commands::{device_of, failed_on};
use crate::request::{GatewayPath, Ids, JsonBody};
use crate::routes::Routes;
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use wire_rest::{Definition, Field, HasSchema, Integer, List, Number, Schema, Text};

/// Hosts that are traced at once.
const HOSTS_MAX: usize = 8;

pub(crate) fn routes() -> Routes {
    Routes::new().post("/networks/{network_id}/gateways/{gateway_id}/command/traceroute", traceroute)
}

/// The ways that are asked for.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TracerouteRequest {
    /// Where they lead.
    pub hosts: Vec<String>,
    /// Routers on a way at most; 0: as many as the agent thinks right.
    pub max_hops: i32,
}

/// The ways, in the order of the request.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TracerouteResponse {
    /// One for each host.
    pub traceroutes: Vec<TracerouteResult>,
}

/// The way to one host.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TracerouteResult {
    /// Where it leads.
    pub host_or_ip: String,
    /// What went wrong; empty: nothing.
    pub error: String,
    /// Its routers, the nearest first.
    pub hops: Vec<TracerouteHop>,
}

/// A router on a way.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TracerouteHop {
    /// From 1.
    pub number: i32,
    /// What answered to each probe.
    pub probes: Vec<TracerouteProbe>,
}

/// An answer of a router, or none.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TracerouteProbe {
    /// Its name; empty: none is known, or nothing answered.
    pub hostname: String,
    /// Its address.
    pub ip: String,
    /// After so many milliseconds; 0: nothing answered.
    pub rtt_ms: f64,
}

async fn traceroute(
    State(api): State<Api>,
    Ids(path): Ids<GatewayPath>,
    JsonBody(request): JsonBody<TracerouteRequest>,
) -> Result<Json<TracerouteResponse>, ApiError> {
    let gateway = device_of(&api, &path).await?;
    Ok(Json(api.commands.traceroute(gateway, request).await.map_err(failed_on(&path))?))
}

impl HasSchema for TracerouteRequest {
    const SCHEMA: &'static Schema = &Schema::Named(&REQUEST);
}

impl HasSchema for TracerouteResponse {
    const SCHEMA: &'static Schema = &Schema::Named(&RESPONSE);
}

static REQUEST: Definition = Definition {
    name: "traceroute_request",
    schema: Schema::Object(&[
        field(
            "hosts",
            true,
            Schema::List(List { item: &TEXT, min_items: Some(1), max_items: Some(HOSTS_MAX), unique: false }),
        ),
        field("max_hops", false, Schema::Integer(HOPS)),
    ]),
};

static RESPONSE: Definition = Definition {
    name: "traceroute_response",
    schema: Schema::Object(&[field("traceroutes", true, list_of(&Schema::Named(&RESULT)))]),
};

static RESULT: Definition = Definition {
    name: "traceroute_result",
    schema: Schema::Object(&[
        field("host_or_ip", true, TEXT),
        field("error", true, TEXT),
        field("hops", true, list_of(&Schema::Named(&HOP))),
    ]),
};

static HOP: Definition = Definition {
    name: "traceroute_hop",
    schema: Schema::Object(&[
        field("number", true, Schema::Integer(HOPS)),
        field("probes", true, list_of(&Schema::Named(&PROBE))),
    ]),
};

static PROBE: Definition = Definition {
    name: "traceroute_probe",
    schema: Schema::Object(&[
        field("hostname", true, TEXT),
        field("ip", true, TEXT),
        field("rtt_ms", true, Schema::Number(Number { min: Some(0.0), max: None })),
    ]),
};

const TEXT: Schema = Schema::Text(Text::ANY);

const HOPS: Integer = Integer { min: 0, max: 255, multiple_of: None, format: "int32", allowed: &[] };

const fn list_of(item: &'static Schema) -> Schema {
    Schema::List(List { item, min_items: None, max_items: None, unique: false })
}

const fn field(name: &'static str, required: bool, schema: Schema) -> Field {
    Field { name, required, empty_is_absent: false, schema }
}
