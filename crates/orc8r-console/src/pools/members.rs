//! Pools with their gateways, as `/lte/{network_id}/gateway_pool_summaries` tells them.

use crate::failure::Failure;
use crate::gateways::summaries::{Summaries, Summary};
use crate::rest::path;
use crate::view::status::Health;
use crate::visit::Visit;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A pool.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Pool {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) mme_group_id: u64,
    pub(super) gateways: Vec<Member>,
}

impl Pool {
    /// What people call it.
    pub(super) fn title(&self) -> &str {
        if self.name.is_empty() { &self.id } else { &self.name }
    }

    /// The least code that none of its gateways has.
    pub(super) fn free_code(&self) -> u64 {
        (1..).find(|code| self.gateways.iter().all(|member| member.mme_code != *code)).unwrap_or(1)
    }
}

/// A gateway of a pool.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Member {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) mme_code: u64,
    pub(super) mme_relative_capacity: u64,
}

/// The part of a gateway that serves whom it can, and of one that serves when no other does.
pub(super) const PRIMARY: u64 = 255;
pub(super) const SECONDARY: u64 = 1;

impl Member {
    /// What its part makes it.
    pub(super) fn role(&self) -> &'static str {
        match self.mme_relative_capacity {
            PRIMARY => "primary",
            SECONDARY => "secondary",
            _ => "a part",
        }
    }
}

/// All pools of a network.
pub(super) async fn find(visit: &Visit, network: &str) -> Result<Vec<Pool>, Failure> {
    Ok(visit.rest.get(&path(&["lte", network, "gateway_pool_summaries"])).await?)
}

/// How gateways are: those with which something is wrong are asked for, and the others are well.
pub(super) struct States {
    bad: BTreeMap<String, Summary>,
    is_whole: bool,
}

impl States {
    pub(super) async fn find(visit: &Visit, network: &str) -> Result<Self, Failure> {
        let place = path(&["networks", network, "gateway_summaries"]);
        let asked = format!("{place}?state=down,degraded,pending&sort=state&page_size=500");
        let found: Summaries = visit.rest.get(&asked).await?;
        let is_whole = found.found_count == found.gateways.len();
        let bad = found.gateways.into_iter().map(|gateway| (gateway.id.clone(), gateway)).collect();
        Ok(Self { bad, is_whole })
    }

    /// How one is, and why.
    pub(super) fn of(&self, gateway: &str) -> (Health, String) {
        match self.bad.get(gateway) {
            Some(summary) => (summary.state, summary.reasons.join("; ")),
            None if self.is_whole => (Health::Ok, String::new()),
            None => (Health::Unknown, String::new()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_gateway_gets_a_code_of_its_own() {
        let member = |mme_code| Member { mme_code, ..Member::default() };
        let pool = Pool { gateways: vec![member(1), member(3)], ..Pool::default() };
        assert_eq!((pool.free_code(), Pool::default().free_code()), (2, 1));
    }
}
