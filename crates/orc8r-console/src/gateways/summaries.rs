//! Gateways in a line each, as `/networks/{network_id}/gateway_summaries` tells them.

use crate::enodebs::summaries::Position;
use crate::failure::Failure;
use crate::gateways;
use crate::rest::path;
use crate::view::status::Health;
use crate::view::table::ListUrl;
use crate::visit::Visit;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Something that is wrong with a gateway.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Reason {
    pub(crate) kind: Kind,
    pub(crate) reason: String,
    /// Milliseconds since 1970; 0: it is not known.
    pub(crate) since: i64,
}

/// Of which kind it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// It does not check in any more.
    Silent,
    /// Its certificate ends soon or has ended.
    Certificate,
    /// It has not the version of its tier.
    Upgrade,
    /// It has not the configuration that it is to have.
    Configuration,
    /// It has never come, or another one.
    #[default]
    #[serde(other)]
    New,
}

/// A gateway in a line.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Summary {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) tier: String,
    pub(crate) hardware_id: String,
    pub(crate) state: Health,
    pub(crate) reasons: Vec<String>,
    /// The same with their kinds and times.
    pub(crate) problems: Vec<Reason>,
    /// Milliseconds since 1970; 0: never.
    pub(crate) checkin_time: i64,
    pub(crate) version: String,
    /// Seconds since 1970; 0: it has none.
    pub(crate) cert_expiration_time: i64,
    /// Where it says that it is.
    pub(crate) position: Option<Position>,
    /// How many subscribers have sessions, where that was asked for and told.
    pub(crate) subscribers: Option<u64>,
}

impl Summary {
    /// What people call it.
    pub(crate) fn title(&self) -> &str {
        if self.name.is_empty() { &self.id } else { &self.name }
    }

    /// Its page.
    pub(crate) fn url(&self, network: &str) -> String {
        gateways::url(network, &self.id)
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

/// So many are asked for at once; the API has no larger pages.
const PAGE_SIZE: usize = 500;

/// All that a filter lets through, in the order of their ids.
pub(crate) async fn find_all(
    visit: &Visit,
    network: &str,
    filter: &BTreeMap<String, String>,
) -> Result<Vec<Summary>, Failure> {
    let place = path(&["networks", network, "gateway_summaries"]);
    let mut query = filter.clone();
    query.insert("sort".to_owned(), "id".to_owned());
    query.insert("page_size".to_owned(), PAGE_SIZE.to_string());
    let mut all: Vec<Summary> = Vec::new();
    for page in 1.. {
        query.insert("page".to_owned(), page.to_string());
        let asked = ListUrl::new(place.as_str(), &query).query();
        let found: Summaries = visit.rest.get(&format!("{place}?{asked}")).await?;
        let is_last = found.gateways.len() < PAGE_SIZE;
        all.extend(found.gateways);
        if is_last {
            break;
        }
    }
    Ok(all)
}
