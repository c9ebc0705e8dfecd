//! `/lte/{network_id}/gateway_pool_summaries`: gateway pools, each with its gateways and their parts of its work.

use crate::Api;
use crate::error::ApiError;
use crate::gateway_summaries::{COUNT, TEXT, field, list_of};
use crate::request::{Ids, NetworkPath};
use crate::routes::Routes;
use axum::Json;
use axum::extract::State;
use orc8r_model::{Entity, entity_type};
use orc8r_store::{Edges, Page};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use wire_rest::{Definition, HasSchema, List, Schema};

pub(crate) fn routes() -> Routes {
    Routes::new().get("/lte/{network_id}/gateway_pool_summaries", list)
}

/// A pool.
#[derive(Serialize)]
struct Pool {
    id: String,
    name: String,
    mme_group_id: u64,
    gateways: Vec<Member>,
}

/// A gateway of a pool.
#[derive(Serialize)]
struct Member {
    id: String,
    name: String,
    mme_code: u64,
    mme_relative_capacity: u64,
}

/// All of them, in the order of their ids.
#[derive(Serialize)]
#[serde(transparent)]
struct Pools(Vec<Pool>);

async fn list(State(api): State<Api>, Ids(path): Ids<NetworkPath>) -> Result<Json<Pools>, ApiError> {
    let network = &path.network_id;
    let of_type = async |kind, edges| api.store.entities_with(network, kind, Page::all(), edges).await;
    let pools = of_type(entity_type::CELLULAR_GATEWAY_POOL, Edges::Downwards).await?;
    if pools.is_empty() {
        return Ok(Json(Pools(Vec::new())));
    }
    let sides = of_type(entity_type::CELLULAR_GATEWAY, Edges::None).await?;
    let sides: BTreeMap<_, _> = sides.into_iter().map(|side| (side.id.key, side.config)).collect();
    let gateways = of_type(entity_type::MAGMAD_GATEWAY, Edges::None).await?;
    let names: BTreeMap<_, _> = gateways.into_iter().map(|gateway| (gateway.id.key, gateway.name)).collect();
    let member = |pool: &str, id: &str| {
        let none = Value::Null;
        let config = sides.get(id).and_then(Option::as_ref).unwrap_or(&none);
        let records = config["pooling"].as_array();
        let record = records.into_iter().flatten().find(|record| record["gateway_pool_id"] == pool);
        let number = |name: &str| record.and_then(|record| record[name].as_u64()).unwrap_or_default();
        Member {
            id: id.to_owned(),
            name: names.get(id).cloned().unwrap_or_default(),
            mme_code: number("mme_code"),
            mme_relative_capacity: number("mme_relative_capacity"),
        }
    };
    let shown = |pool: Entity| Pool {
        mme_group_id: pool
            .config
            .as_ref()
            .and_then(|config| config["mme_group_id"].as_u64())
            .unwrap_or_default(),
        gateways: {
            let keys = pool.children_of_type(entity_type::CELLULAR_GATEWAY);
            keys.map(|key| member(&pool.id.key, key)).collect()
        },
        id: pool.id.key,
        name: pool.name,
    };
    Ok(Json(Pools(pools.into_iter().map(shown).collect())))
}

impl HasSchema for Pools {
    const SCHEMA: &'static Schema =
        &Schema::List(List { item: &Schema::Named(&POOL), min_items: None, max_items: None, unique: false });
}

static POOL: Definition = Definition {
    name: "gateway_pool_summary",
    schema: Schema::Object(&[
        field("id", TEXT),
        field("name", TEXT),
        field("mme_group_id", Schema::Integer(COUNT)),
        field("gateways", list_of(&Schema::Named(&MEMBER))),
    ]),
};

static MEMBER: Definition = Definition {
    name: "gateway_pool_member",
    schema: Schema::Object(&[
        field("id", TEXT),
        field("name", TEXT),
        field("mme_code", Schema::Integer(COUNT)),
        field("mme_relative_capacity", Schema::Integer(COUNT)),
    ]),
};
