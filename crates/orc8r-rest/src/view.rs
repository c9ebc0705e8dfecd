//! `?view=full`: a list as objects by id instead of ids.

use crate::error::ApiError;
use crate::routes::Takes;
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use serde::Deserialize;

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
