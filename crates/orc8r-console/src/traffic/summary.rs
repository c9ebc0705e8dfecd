//! What there is for traffic, as `/networks/{network_id}/traffic_summary` tells it.

use crate::failure::Failure;
use crate::rest::{Refusal, path};
use crate::subscribers::Known;
use crate::visit::{MyNetwork, Visit};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Policies and base names, and how many subscribers have what.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct TrafficSummary {
    /// Each policy as the contract has it, without the list of its subscribers.
    pub(crate) policies: BTreeMap<String, Value>,
    /// The policies of each base name.
    pub(crate) base_names: BTreeMap<String, Vec<String>>,
    pub(crate) policy_subscribers: BTreeMap<String, u64>,
    pub(crate) base_name_subscribers: BTreeMap<String, u64>,
    pub(crate) apn_subscribers: BTreeMap<String, u64>,
    pub(crate) sub_profile_subscribers: BTreeMap<String, u64>,
}

impl TrafficSummary {
    pub(crate) async fn of(visit: &Visit, network: &str) -> Result<Self, Failure> {
        Ok(Self::refusable(visit, network).await?)
    }

    /// The same where a page is shown without it.
    pub(crate) async fn refusable(visit: &Visit, network: &str) -> Result<Self, Refusal> {
        visit.rest.get(&path(&["networks", network, "traffic_summary"])).await
    }
}

/// What every subscriber of a network has.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ForEverybody {
    #[serde(rename = "network_wide_rule_names")]
    pub(crate) policies: Vec<String>,
    #[serde(rename = "network_wide_base_names")]
    pub(crate) base_names: Vec<String>,
}

impl ForEverybody {
    pub(crate) async fn of(visit: &Visit, network: &MyNetwork) -> Result<Self, Failure> {
        Ok(visit.rest.find(&Self::place(network, &[])).await?.unwrap_or_default())
    }

    /// The resource, or a part of it.
    pub(crate) fn place(network: &MyNetwork, parts: &[&str]) -> String {
        let kind = if network.is_lte() { "lte" } else { "cwf" };
        path(&[&[kind, &network.id, "subscriber_config"], parts].concat())
    }
}

/// What there is in a network that subscribers can have.
pub(crate) async fn known(visit: &Visit, network: &str) -> Result<Known, Failure> {
    let traffic = TrafficSummary::of(visit, network).await?;
    let apns: Map<String, Value> =
        visit.rest.find(&path(&["lte", network, "apns"])).await?.unwrap_or_default();
    let epc: Value = visit.rest.find(&path(&["lte", network, "cellular", "epc"])).await?.unwrap_or_default();
    let plans = epc["sub_profiles"].as_object().into_iter().flatten().map(|(name, _)| name.clone());
    Ok(Known {
        plans: plans.chain(["default".to_owned()]).collect(),
        apns: apns.into_iter().map(|(name, _)| name).collect(),
        policies: traffic.policies.into_keys().collect(),
        base_names: traffic.base_names.into_keys().collect(),
    })
}
