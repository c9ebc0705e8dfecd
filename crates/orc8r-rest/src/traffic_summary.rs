//! `/networks/{network_id}/traffic_summary`: policies and base names, and how many subscribers have each of them, each APN
//! and each data plan. The lists of who has them may be long, and are not read for it.

use crate::Api;
use crate::error::ApiError;
use crate::policy_rules;
use crate::request::{Ids, NetworkPath};
use crate::routes::Routes;
use axum::Json;
use axum::extract::State;
use orc8r_model::entity_type;
use orc8r_store::{Edges, Page};
use serde::Serialize;
use std::collections::BTreeMap;
use wire_rest::types::PolicyRule;
use wire_rest::{Definition, Field, HasSchema, Integer, List, Schema, Text};

pub(crate) fn routes() -> Routes {
    Routes::new().get("/networks/{network_id}/traffic_summary", read)
}

/// What there is for traffic in a network.
#[derive(Serialize)]
struct TrafficSummary {
    /// The rules, each without the list of its subscribers.
    policies: BTreeMap<String, PolicyRule>,
    /// The rules of each base name.
    base_names: BTreeMap<String, Vec<String>>,
    /// How many subscribers have each.
    policy_subscribers: BTreeMap<String, u64>,
    base_name_subscribers: BTreeMap<String, u64>,
    apn_subscribers: BTreeMap<String, u64>,
    /// The plan that every network has is `default`.
    sub_profile_subscribers: BTreeMap<String, u64>,
}

async fn read(State(api): State<Api>, Ids(path): Ids<NetworkPath>) -> Result<Json<TrafficSummary>, ApiError> {
    let network = &path.network_id;
    let of_type = async |kind| api.store.entities_with(network, kind, Page::all(), Edges::Downwards).await;
    let policies = of_type(entity_type::POLICY).await?;
    let base_names = of_type(entity_type::BASE_NAME).await?;
    let counts = api.store.count_holders(network).await?;
    let count = |kind: &str| -> BTreeMap<String, u64> {
        let of_kind = counts.iter().filter(|((counted, _), _)| counted == kind);
        of_kind.map(|((_, key), count)| (key.clone(), *count)).collect()
    };
    let mut sub_profile_subscribers = api.store.count_plans(network).await?;
    let others: u64 = sub_profile_subscribers.values().sum();
    let total = api.store.count_subscribers(network).await?;
    sub_profile_subscribers.insert("default".to_owned(), total.saturating_sub(others));
    let rules = |name: &orc8r_model::Entity| {
        name.children_of_type(entity_type::POLICY).map(str::to_owned).collect::<Vec<_>>()
    };
    Ok(Json(TrafficSummary {
        policies: policies.iter().map(|rule| (rule.id.key.clone(), policy_rules::shown(rule))).collect(),
        base_names: base_names.iter().map(|name| (name.id.key.clone(), rules(name))).collect(),
        policy_subscribers: count(entity_type::POLICY),
        base_name_subscribers: count(entity_type::BASE_NAME),
        apn_subscribers: count(entity_type::APN),
        sub_profile_subscribers,
    }))
}

impl HasSchema for TrafficSummary {
    const SCHEMA: &'static Schema = &Schema::Named(&SUMMARY);
}

static SUMMARY: Definition = Definition {
    name: "traffic_summary",
    schema: Schema::Object(&[
        field("policies", Schema::Map(PolicyRule::SCHEMA)),
        field("base_names", Schema::Map(&Schema::List(NAMES))),
        field("policy_subscribers", COUNTS),
        field("base_name_subscribers", COUNTS),
        field("apn_subscribers", COUNTS),
        field("sub_profile_subscribers", COUNTS),
    ]),
};

const NAMES: List = List { item: &Schema::Text(Text::ANY), min_items: None, max_items: None, unique: true };

const COUNTS: Schema = Schema::Map(&Schema::Integer(Integer {
    min: 0,
    max: i64::MAX as i128,
    multiple_of: None,
    format: "int64",
    allowed: &[],
}));

const fn field(name: &'static str, schema: Schema) -> Field {
    Field { name, required: true, empty_is_absent: false, schema }
}
