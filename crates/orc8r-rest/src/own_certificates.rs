//! `/about/certificates`: when the Orchestrator's own certificates end, those of its operators and nodes with them, and
//! what to do before; for who administers everything.

use crate::Api;
use crate::access::MayWrite;
use crate::clock::unix_seconds;
use crate::error::ApiError;
use crate::gateway_summaries::{COUNT, TEXT, field};
use crate::routes::Routes;
use axum::extract::State;
use axum::{Extension, Json};
use orc8r_model::Identity;
use serde::Serialize;
use std::sync::Arc;
use wire_rest::{Definition, HasSchema, List, Schema, Text};

/// Operators and nodes are told of so many seconds before the end.
const SOON_SECONDS: i64 = 29 * 24 * 3600;

/// Tells the certificates that an Orchestrator serves with and signs by.
pub type OwnCertificates = Arc<dyn Fn() -> Vec<OwnCertificate> + Send + Sync>;

/// A certificate of the Orchestrator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnCertificate {
    /// What it is for, such as `server certificate`.
    pub what: String,
    /// When it ends, in seconds since 1970.
    pub not_after: i64,
    /// So many seconds before, something is to be done.
    pub soon: i64,
    /// What.
    pub next: String,
}

pub(crate) fn routes() -> Routes {
    Routes::new().get("/about/certificates", list)
}

/// How a certificate is.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Lasts {
    /// Long enough.
    Ok,
    /// Something is to be done.
    Soon,
    /// It has ended.
    Ended,
}

/// A certificate and what to do.
#[derive(Serialize)]
struct Shown {
    what: String,
    state: Lasts,
    /// Seconds since 1970.
    not_after: i64,
    /// What makes it last longer.
    next: String,
}

/// All of them: first those of the Orchestrator.
#[derive(Serialize)]
#[serde(transparent)]
struct Certificates(Vec<Shown>);

async fn list(
    State(api): State<Api>,
    Extension(MayWrite(administers)): Extension<MayWrite>,
) -> Result<Json<Certificates>, ApiError> {
    if !administers {
        let why = "only who may change everything is told of the Orchestrator's certificates";
        return Err(ApiError::Forbidden(why.to_owned()));
    }
    let tell = api.own_certificates.clone();
    // It may read files.
    let own = tokio::task::spawn_blocking(move || tell()).await.map_err(|_| ApiError::Defect)?;
    let now = unix_seconds();
    let others = api.store.operators_and_nodes().await?.into_iter();
    // Nobody is told for ever of those who are gone.
    let others = others.filter(|(_, not_after)| *not_after > now).filter_map(of_other);
    let all = own.into_iter().chain(others).map(|certificate| shown(certificate, now));
    Ok(Json(Certificates(all.collect())))
}

fn of_other((identity, not_after): (Identity, i64)) -> Option<OwnCertificate> {
    let (what, next) = match identity {
        Identity::Operator { name } => (format!("operator {name}"), format!("orc8r admin issue {name}")),
        Identity::Node { name } => (format!("node {name}"), "restart this node".to_owned()),
        Identity::Gateway { .. } => return None,
    };
    Some(OwnCertificate { what, not_after, soon: SOON_SECONDS, next })
}

fn shown(certificate: OwnCertificate, now: i64) -> Shown {
    let OwnCertificate { what, not_after, soon, next } = certificate;
    let state = match not_after - now {
        ..=0 => Lasts::Ended,
        left if left < soon => Lasts::Soon,
        _ => Lasts::Ok,
    };
    Shown { what, state, not_after, next }
}

impl HasSchema for Certificates {
    const SCHEMA: &'static Schema = &Schema::List(List {
        item: &Schema::Named(&CERTIFICATE),
        min_items: None,
        max_items: None,
        unique: false,
    });
}

static CERTIFICATE: Definition = Definition {
    name: "own_certificate",
    schema: Schema::Object(&[
        field("what", TEXT),
        field("state", Schema::Text(Text { allowed: &["ok", "soon", "ended"], ..Text::ANY })),
        field("not_after", Schema::Integer(COUNT)),
        field("next", TEXT),
    ]),
};
