//! eNodeBs in a line each, as `/lte/{network_id}/enodeb_summaries` tells them.

use crate::failure::Failure;
use crate::rest::{escaped, path};
use crate::view::status::Health;
use crate::visit::Visit;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A place on the earth, in degrees.
#[derive(Debug, Clone, Copy, Default, Deserialize, PartialEq)]
pub(crate) struct Position {
    pub(crate) latitude: f64,
    pub(crate) longitude: f64,
}

/// An eNodeB in a line. `None`: nobody has told.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Enodeb {
    pub(crate) serial: String,
    pub(crate) name: String,
    pub(crate) config_type: String,
    pub(crate) state: Health,
    pub(crate) reasons: Vec<String>,
    pub(crate) session_state: String,
    pub(crate) ip_address: String,
    pub(crate) ues_connected: Option<u64>,
    pub(crate) mme_connected: Option<bool>,
    pub(crate) rf_tx_on: Option<bool>,
    pub(crate) position: Option<Position>,
    /// Milliseconds since 1970; 0: never.
    pub(crate) time_reported: i64,
    pub(crate) reporting_gateway_id: String,
    pub(crate) attached_gateway_id: String,
}

impl Enodeb {
    /// What people call it.
    pub(crate) fn title(&self) -> &str {
        if self.name.is_empty() { &self.serial } else { &self.name }
    }

    /// Its page.
    pub(crate) fn url(&self, network: &str) -> String {
        url(network, &self.serial)
    }

    /// Who reports it, or else who is to; may be empty.
    pub(crate) fn gateway(&self) -> &str {
        let reporting = self.reporting_gateway_id.as_str();
        if reporting.is_empty() { &self.attached_gateway_id } else { reporting }
    }

    /// Who manages it, in a word.
    pub(crate) fn kind(&self) -> &'static str {
        if self.config_type == "UNMANAGED" { "unmanaged" } else { "managed" }
    }
}

/// The page of an eNodeB.
pub(crate) fn url(network: &str, serial: &str) -> String {
    format!("/console{}", path(&["networks", network, "enodebs", serial]))
}

/// The resource of an eNodeB.
pub(crate) fn resource(network: &str, serial: &str) -> String {
    path(&["lte", network, "enodebs", serial])
}

/// A page of them.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Enodebs {
    pub(crate) enodebs: Vec<Enodeb>,
    /// How many are in each state.
    pub(crate) states: BTreeMap<String, usize>,
    pub(crate) total_count: usize,
    pub(crate) found_count: usize,
}

/// What a query finds.
pub(crate) async fn find(visit: &Visit, network: &str, query: &str) -> Result<Enodebs, Failure> {
    let place = path(&["lte", network, "enodeb_summaries"]);
    Ok(visit.rest.get(&format!("{place}?{query}")).await?)
}

/// One of them, if it is there.
pub(crate) async fn find_one(visit: &Visit, network: &str, serial: &str) -> Result<Option<Enodeb>, Failure> {
    let query = format!("page_size=500&q={}", escaped(serial));
    let found = find(visit, network, &query).await?;
    Ok(found.enodebs.into_iter().find(|enodeb| enodeb.serial == serial))
}
