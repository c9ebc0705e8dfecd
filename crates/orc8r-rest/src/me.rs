//! `/about/me`: who asks, and what he sees; what a page must know to show nothing that is not his.

use crate::Api;
use crate::access::Caller;
use crate::error::ApiError;
use crate::routes::Routes;
use axum::extract::State;
use axum::{Extension, Json};
use orc8r_model::Permissions;
use serde::Serialize;
use std::sync::Arc;
use wire_rest::{Definition, Field, HasSchema, List, Schema, Text};

/// Where it is; everybody who is known may ask for himself.
pub(crate) const PATH: &str = "/magma/v1/about/me";

pub(crate) fn routes() -> Routes {
    Routes::new().get("/about/me", show)
}

/// Whoever asks.
#[derive(Serialize)]
struct Me {
    /// The user's or the operator's name.
    name: String,
    /// `user` or `operator`.
    kind: &'static str,
    /// Whether he may change everything.
    administers: bool,
    /// The networks that he may read, by id.
    networks: Vec<MyNetwork>,
}

/// A network that he may read.
#[derive(Serialize)]
struct MyNetwork {
    id: String,
    name: String,
    #[serde(rename = "type")]
    kind: String,
    may_write: bool,
}

async fn show(
    State(api): State<Api>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Result<Json<Me>, ApiError> {
    let networks = api.store.network_heads().await?.into_iter();
    let networks = networks.filter(|network| caller.may(Permissions::READ, network.id.as_str()));
    let networks = networks.map(|network| MyNetwork {
        may_write: caller.may(Permissions::WRITE, network.id.as_str()),
        id: network.id.to_string(),
        name: network.name,
        kind: network.network_type,
    });
    let (name, kind, administers) = (caller.name().to_owned(), caller.kind(), caller.administers());
    Ok(Json(Me { name, kind, administers, networks: networks.collect() }))
}

impl HasSchema for Me {
    const SCHEMA: &'static Schema = &Schema::Named(&ME);
}

static ME: Definition = Definition {
    name: "me",
    schema: Schema::Object(&[
        field("name", Schema::Text(Text::ANY)),
        field("kind", Schema::Text(Text { allowed: &["user", "operator"], ..Text::ANY })),
        field("administers", Schema::Boolean),
        field(
            "networks",
            Schema::List(List {
                item: &Schema::Named(&MY_NETWORK),
                min_items: None,
                max_items: None,
                unique: true,
            }),
        ),
    ]),
};

static MY_NETWORK: Definition = Definition {
    name: "my_network",
    schema: Schema::Object(&[
        field("id", Schema::Text(Text::ANY)),
        field("name", Schema::Text(Text::ANY)),
        field("type", Schema::Text(Text::ANY)),
        field("may_write", Schema::Boolean),
    ]),
};

const fn field(name: &'static str, schema: Schema) -> Field {
    Field { name, required: true, empty_is_absent: false, schema }
}
