//! `?view=full`: a list as objects by id instead of ids.

use crate::Api;
use crate::error::ApiError;
use crate::networks::to_json;
use crate::routes::{Shown, Takes};
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use orc8r_model::{Entity, NetworkId};
use orc8r_store::{Edges, Page};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// How much of a list is asked for. The contract has it as a path of its own, with the query in its name; so it is no
/// parameter there.
pub(crate) struct View {
    /// Whether whole objects are asked for.
    pub(crate) is_full: bool,
}

#[derive(Deserialize)]
struct ViewQuery {
    view: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for View {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let query = Query::<ViewQuery>::from_request_parts(parts, state).await;
        let Query(query) = query.map_err(|rejection| ApiError::bad(rejection.body_text()))?;
        Ok(Self { is_full: query.view.is_some_and(|view| view.eq_ignore_ascii_case("full")) })
    }
}

impl Takes for View {}

impl View {
    /// The entities of one type: their keys, or each as `shown` by its key.
    pub(crate) async fn list<T: Serialize>(
        &self,
        api: &Api,
        network: &NetworkId,
        entity_type: &str,
        shown: impl Fn(&Entity) -> T,
    ) -> Result<Shown<Vec<String>>, ApiError> {
        if !self.is_full {
            return Ok(Shown::new(api.store.entity_keys(network, entity_type).await?.into()));
        }
        let found = api.store.entities_with(network, entity_type, Page::all(), Edges::Both).await?;
        let by_key = found.iter().map(|entity| Ok((entity.id.key.clone(), to_json(&shown(entity))?)));
        Ok(Shown::new(Value::Object(by_key.collect::<Result<Map<_, _>, ApiError>>()?)))
    }
}
