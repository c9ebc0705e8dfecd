//! `GET /metrics`: what the Orchestrator measures about itself, for a Prometheus with an administrator's certificate.
//!
//! docs/metrics.md lists the families; a test holds the list against this page. Labels have a few fixed values each:
//! nothing that a gateway or an operator writes makes a series.

mod alerts;
mod doors;
mod logs;
mod page;
mod samples;
mod store;

use crate::Api;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use orc8r_alerts::{Evaluations, PairSteps};
use orc8r_logs::{Exporter, Intake};
use page::Page;
use std::sync::Arc;

pub use doors::{DoorFigures, DoorsFigures};

/// What is measured about itself by parts that the API has nothing else to do with.
#[derive(Clone, Default)]
pub struct Measured {
    /// What takes events and logs.
    pub intake: Option<Intake>,
    /// What passes them on.
    pub exporters: Vec<Exporter>,
    /// What evaluates alert rules.
    pub evaluations: Option<Evaluations>,
    /// What writes the files of an existing Prometheus and Alertmanager.
    pub pair: Option<PairSteps>,
    /// Tells what has happened at the doors.
    pub doors: Option<Arc<dyn Fn() -> DoorsFigures + Send + Sync>>,
}

/// In Prometheus' text format.
pub(crate) async fn show(State(api): State<Api>) -> Response {
    let mut page = Page::default();
    store::show(&mut page, &api.store.counts());
    samples::show(&mut page, &api.metrics);
    logs::show(&mut page, &api);
    alerts::show(&mut page, &api);
    if let Some(figures) = &api.measured.doors {
        doors::show(&mut page, &figures());
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], page.text()).into_response()
}
