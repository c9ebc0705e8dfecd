//! What a request that was not served answers: a status code and `{"message": …}`.

use crate::CommandError;
use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use orc8r_alerts::AlertmanagerError;
use orc8r_logs::SearchError;
use orc8r_model::{AccessDenied, GatewayId, Invalid, NetworkId, RightLacking};
use orc8r_store::StoreError;
use serde_json::json;

/// Why a request was not served.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    /// The request makes no sense.
    #[error("{0}")]
    Bad(String),
    /// Nobody is known to ask.
    #[error("{0}")]
    Unauthenticated(String),
    /// Who asks may not.
    #[error(transparent)]
    Denied(#[from] AccessDenied),
    /// A user may not.
    #[error(transparent)]
    Lacking(#[from] RightLacking),
    /// Who asks may, but not that.
    #[error("{0}")]
    Forbidden(String),
    /// A page of another site made a browser ask.
    #[error("a page of another site may not change anything here")]
    OtherSite,
    /// What was asked for is not there.
    #[error("{0}")]
    NotFound(String),
    /// It is there already, where that is no 400.
    #[error("{0}")]
    Conflict(String),
    /// The method is none of the resource's.
    #[error("Method Not Allowed")]
    MethodNotAllowed,
    /// Somebody tries too often.
    #[error("{0}")]
    TooMany(String),
    /// The body is larger than any body may be.
    #[error("{0}")]
    TooLarge(String),
    /// The store refused or failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The gateway refused or failed.
    #[error("{error}")]
    Command {
        /// Its network.
        network: NetworkId,
        /// Its id there.
        gateway: GatewayId,
        /// Why.
        error: CommandError,
    },
    /// What is needed is not to be had now.
    #[error("{0}")]
    Unavailable(String),
    /// Metrics cannot be read.
    #[error(transparent)]
    Metrics(#[from] orc8r_metrics::promql::QueryError),
    /// A defect of this program.
    #[error("a defect stopped this request; see the Orchestrator's log")]
    Defect,
}

impl ApiError {
    pub(crate) fn bad(message: impl Into<String>) -> Self {
        Self::Bad(message.into())
    }

    pub(crate) fn not_found(what: impl std::fmt::Display) -> Self {
        Self::NotFound(format!("{what} not found"))
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Bad(_) => StatusCode::BAD_REQUEST,
            Self::Unauthenticated(_) => StatusCode::UNAUTHORIZED,
            Self::Denied(_) | Self::Lacking(_) | Self::Forbidden(_) | Self::OtherSite => {
                StatusCode::FORBIDDEN
            }
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Store(error) => store_status(error),
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            // Magma-compat: every failed command is 500 with the gateway's words; the web UI shows them.
            Self::Command { .. } | Self::Metrics(_) | Self::Defect => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

fn store_status(error: &StoreError) -> StatusCode {
    match error {
        StoreError::NotFound { .. } => StatusCode::NOT_FOUND,
        // Magma-compat: making what exists is 400, not 409.
        StoreError::AlreadyExists { .. } | StoreError::AlreadyMapped { .. } | StoreError::Invalid { .. } => {
            StatusCode::BAD_REQUEST
        }
        StoreError::Changed { .. } => StatusCode::CONFLICT,
        StoreError::Busy { .. } | StoreError::Unavailable { .. } | StoreError::Closed => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        StoreError::Full { .. }
        | StoreError::Newer { .. }
        | StoreError::Open { .. }
        | StoreError::Locked { .. }
        | StoreError::Database { .. } => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl From<Invalid> for ApiError {
    fn from(invalid: Invalid) -> Self {
        Self::Bad(invalid.to_string())
    }
}

impl From<AlertmanagerError> for ApiError {
    fn from(error: AlertmanagerError) -> Self {
        match error {
            AlertmanagerError::Unavailable(_) => Self::Unavailable(error.to_string()),
            AlertmanagerError::Refused(_) => Self::Bad(error.to_string()),
        }
    }
}

impl From<SearchError> for ApiError {
    fn from(error: SearchError) -> Self {
        match error {
            SearchError::Question(message) => Self::Bad(message),
            SearchError::Store(error) => Self::Store(error),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, message) = (self.status(), self.to_string());
        match &self {
            Self::Store(_) if status.is_server_error() => {
                tracing::error!(%message, "the store did not serve a request")
            }
            Self::Command { network, gateway, .. } => {
                tracing::info!(%network, %gateway, %message, "a gateway did not carry out a command");
            }
            _ => tracing::debug!(status = status.as_u16(), %message, "a request was refused"),
        }
        (status, Json(json!({ "message": message }))).into_response()
    }
}
