//! Gateways in a line each, as `/networks/{network_id}/gateway_summaries` tells them.

use crate::rest::path;
use crate::view::status::Health;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A gateway in a line.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Summary {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) tier: String,
    pub(crate) hardware_id: String,
    pub(crate) state: Health,
    pub(crate) reasons: Vec<String>,
    /// Milliseconds since 1970; 0: never.
    pub(crate) checkin_time: i64,
    pub(crate) version: String,
    /// Seconds since 1970; 0: it has none.
    pub(crate) cert_expiration_time: i64,
}

impl Summary {
    /// What people call it.
    pub(crate) fn title(&self) -> &str {
        if self.name.is_empty() { &self.id } else { &self.name }
    }

    /// Its page.
    pub(crate) fn url(&self, network: &str) -> String {
        format!("/console{}", path(&["networks", network, "gateways", &self.id]))
    }
}

/// A page of them.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Summaries {
    pub(crate) gateways: Vec<Summary>,
    /// How many are in each state.
    pub(crate) states: BTreeMap<String, usize>,
    pub(crate) tiers: Vec<String>,
    pub(crate) versions: Vec<String>,
    pub(crate) total_count: usize,
    pub(crate) found_count: usize,
}
