//! `/networks/{network_id}/tier_summaries`: upgrade tiers, each with how far its gateways have come.

use crate::Api;
use crate::error::ApiError;
use crate::gateway_report::GatewayReport;
use crate::gateway_summaries::{COUNT, TEXT, field, list_of};
use crate::request::{Ids, NetworkPath};
use crate::routes::Routes;
use crate::tiers::config;
use axum::Json;
use axum::extract::State;
use orc8r_model::entity_type;
use orc8r_store::{Edges, Page};
use serde::Serialize;
use std::collections::BTreeMap;
use wire_rest::{Definition, HasSchema, List, Schema};

pub(crate) fn routes() -> Routes {
    Routes::new().get("/networks/{network_id}/tier_summaries", list)
}

/// A tier.
#[derive(Serialize)]
struct Tier {
    id: String,
    name: String,
    /// What its gateways are brought to.
    version: String,
    /// In their order.
    images: Vec<String>,
    gateway_count: usize,
    /// How many of them report which version; those that have reported none are below the empty one.
    versions: BTreeMap<String, usize>,
}

/// All of them, in the order of their ids.
#[derive(Serialize)]
#[serde(transparent)]
struct Tiers(Vec<Tier>);

async fn list(State(api): State<Api>, Ids(path): Ids<NetworkPath>) -> Result<Json<Tiers>, ApiError> {
    let network = &path.network_id;
    let tiers = api.store.entities_with(network, entity_type::UPGRADE_TIER, Page::all(), Edges::None).await?;
    let (gateways, _) = api.store.gateway_records(network, Page::all()).await?;
    let mut versions: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
    for gateway in gateways {
        let tier = gateway.entity.tier().unwrap_or_default().to_owned();
        let report = gateway.status.as_ref().map(GatewayReport::of).unwrap_or_default();
        *versions.entry(tier).or_default().entry(report.version().to_owned()).or_default() += 1;
    }
    let shown = tiers.into_iter().map(|tier| {
        let mut config = config(&tier)?;
        config.images.sort_by_key(|image| image.order);
        let versions = versions.remove(&tier.id.key).unwrap_or_default();
        Ok(Tier {
            id: tier.id.key,
            name: tier.name,
            version: config.version,
            images: config.images.into_iter().map(|image| image.name).collect(),
            gateway_count: versions.values().sum(),
            versions,
        })
    });
    shown.collect::<Result<_, ApiError>>().map(Tiers).map(Json)
}

impl HasSchema for Tiers {
    const SCHEMA: &'static Schema =
        &Schema::List(List { item: &Schema::Named(&TIER), min_items: None, max_items: None, unique: false });
}

static TIER: Definition = Definition {
    name: "tier_summary",
    schema: Schema::Object(&[
        field("id", TEXT),
        field("name", TEXT),
        field("version", TEXT),
        field("images", list_of(&TEXT)),
        field("gateway_count", Schema::Integer(COUNT)),
        field("versions", Schema::Map(&Schema::Integer(COUNT))),
    ]),
};
