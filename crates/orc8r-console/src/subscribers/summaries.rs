//! Subscribers in a line each, as `/lte/{network_id}/subscriber_summaries` tells them.

use crate::failure::Failure;
use crate::rest::path;
use crate::view::status::Health;
use crate::view::table::ListUrl;
use crate::visit::Visit;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A subscriber in a line.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Summary {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) state: String,
    pub(crate) sub_profile: String,
    pub(crate) msisdn: String,
    pub(crate) active_apns: Vec<String>,
    pub(crate) active_policies: Vec<String>,
    pub(crate) active_base_names: Vec<String>,
    pub(crate) forbidden_network_types: Vec<String>,
    pub(crate) static_ips: BTreeMap<String, String>,
    pub(crate) sessions: Vec<Session>,
    pub(crate) hardware_id: String,
    /// Milliseconds since 1970; 0: never.
    pub(crate) reported_time: i64,
}

/// One of his sessions.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Session {
    pub(crate) apn: String,
    pub(crate) session_id: String,
    pub(crate) state: String,
    pub(crate) ip: String,
}

/// A page of them.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Summaries {
    pub(crate) subscribers: Vec<Summary>,
    pub(crate) total_count: usize,
    pub(crate) found_count: usize,
    /// There are more than were counted.
    pub(crate) is_cut: bool,
}

/// Rows of the largest page.
const PAGE_MAX: usize = 500;

/// All that a query of the list finds.
pub(crate) async fn find_all(visit: &Visit, network: &str, url: &ListUrl) -> Result<Vec<Summary>, Failure> {
    let mut found = Vec::new();
    for page in 1.. {
        let query = url.with("page", "");
        let query = query.split_once('?').map(|(_, query)| format!("{query}&")).unwrap_or_default();
        let asked = format!(
            "{}?{query}page={page}&page_size={PAGE_MAX}",
            path(&["lte", network, "subscriber_summaries"])
        );
        let some: Summaries = visit.rest.get(&asked).await?;
        let is_last = some.subscribers.len() < PAGE_MAX;
        found.extend(some.subscribers);
        if is_last {
            break;
        }
    }
    Ok(found)
}

/// How somebody is who may use the network, or may not.
pub(crate) fn health(state: &str) -> Health {
    match state {
        "ACTIVE" => Health::Ok,
        "INACTIVE" => Health::Disabled,
        _ => Health::Unknown,
    }
}
