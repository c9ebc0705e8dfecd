//! `/about/search`: objects of all networks that whoever asks may read, found by a text.
//!
//! What is found is shown to whom it would be shown at its own path: a network that he does not see is not searched, and
//! what a policy of his token denies is left out.

use crate::Api;
use crate::access::Caller;
use crate::error::ApiError;
use crate::gateway_summaries::{TEXT, field, number};
use crate::request::{TextQuery, Texts};
use crate::routes::Routes;
use axum::extract::State;
use axum::{Extension, Json};
use orc8r_model::Permissions;
use orc8r_store::{FoundObject, ObjectKind, Wanted};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use wire_rest::{Definition, HasSchema, Schema, Text};

/// Where it is; everybody who is known may ask for himself.
pub(crate) const PATH: &str = "/magma/v1/about/search";

/// So many of each kind are told to who does not say, and at most.
const LIMIT: usize = 8;
const LIMIT_MAX: usize = 50;
/// No id and no name is longer.
const LETTERS_MAX: usize = 256;

pub(crate) fn routes() -> Routes {
    Routes::new().get("/about/search", find)
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Query {
    /// A part of an id, of a name or of a hardware id; of a subscriber the beginning of his IMSI, of a number, of an
    /// address or of a word of his name.
    q: String,
    /// So many of each kind.
    limit: String,
    /// The network whose objects come first.
    network: String,
}

impl TextQuery for Query {
    const NAMES: &'static [&'static str] = &["q", "limit", "network"];
}

/// An object in a line.
#[derive(Serialize)]
struct SearchResult {
    kind: &'static str,
    network: String,
    id: String,
    name: String,
    /// What the text was found in, when that is neither the id nor the name.
    matched: String,
}

async fn find(
    State(api): State<Api>,
    Extension(caller): Extension<Arc<Caller>>,
    Texts(query): Texts<Query>,
) -> Result<Json<Vec<SearchResult>>, ApiError> {
    let limit = number("limit", &query.limit, LIMIT)?.min(LIMIT_MAX);
    if query.q.chars().count() > LETTERS_MAX {
        let what = format!("q in query must have at most {LETTERS_MAX} letters: no id and no name has more");
        return Err(ApiError::Bad(what));
    }
    let mut networks = api.store.network_heads().await?;
    networks.retain(|network| caller.may(Permissions::READ, network.id.as_str()));
    let limit = u32::try_from(limit).unwrap_or_default();
    let found = api.store.search(Wanted { text: query.q, networks, first: query.network, limit }).await?;
    let found = found.into_iter().filter(|object| caller.may_read(&object.network, &path(object)));
    Ok(Json(found.map(result).collect()))
}

/// Where the object itself is read.
fn path(object: &FoundObject) -> String {
    let FoundObject { kind, network, id, .. } = object;
    let (place, below) = match kind {
        ObjectKind::Network => return format!("/magma/v1/networks/{network}"),
        ObjectKind::Gateway => ("networks", "gateways"),
        ObjectKind::Enodeb => ("lte", "enodebs"),
        ObjectKind::Cbsd => ("dp", "cbsds"),
        ObjectKind::Subscriber => ("lte", "subscribers"),
        ObjectKind::Apn => ("lte", "apns"),
        ObjectKind::Policy => ("networks", "policies/rules"),
        ObjectKind::BaseName => ("networks", "policies/base_names"),
        ObjectKind::RatingGroup => ("networks", "rating_groups"),
        ObjectKind::GatewayPool => ("lte", "gateway_pools"),
        ObjectKind::Tier => ("networks", "tiers"),
    };
    let id = id.replace('%', "%25").replace('/', "%2F");
    format!("/magma/v1/{place}/{network}/{below}/{id}")
}

fn name(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Network => "network",
        ObjectKind::Gateway => "gateway",
        ObjectKind::Enodeb => "enodeb",
        ObjectKind::Cbsd => "cbsd",
        ObjectKind::Subscriber => "subscriber",
        ObjectKind::Apn => "apn",
        ObjectKind::Policy => "policy",
        ObjectKind::BaseName => "base_name",
        ObjectKind::RatingGroup => "rating_group",
        ObjectKind::GatewayPool => "gateway_pool",
        ObjectKind::Tier => "tier",
    }
}

fn result(object: FoundObject) -> SearchResult {
    let FoundObject { kind, network, id, name: title, matched, .. } = object;
    SearchResult { kind: name(kind), network, id, name: title, matched }
}

impl HasSchema for SearchResult {
    const SCHEMA: &'static Schema = &Schema::Named(&RESULT);
}

const KINDS: &[&str] = &[
    "network",
    "gateway",
    "enodeb",
    "cbsd",
    "subscriber",
    "apn",
    "policy",
    "base_name",
    "rating_group",
    "gateway_pool",
    "tier",
];

static RESULT: Definition = Definition {
    name: "search_result",
    schema: Schema::Object(&[
        field("kind", Schema::Text(Text { allowed: KINDS, ..Text::ANY })),
        field("network", TEXT),
        field("id", TEXT),
        field("name", TEXT),
        field("matched", TEXT),
    ]),
};
