//! `/lte/{network_id}/subscriber_state`: what gateways report of subscribers, from several states of each.

use crate::Api;
use crate::error::ApiError;
use crate::request::{Ids, NetworkPath};
use crate::routes::Routes;
use crate::subscribers::{SubscriberPath, load};
use axum::Json;
use axum::extract::State;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use orc8r_model::{NetworkId, StoredState, state_type};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use wire_rest::types::{
    IcmpStatus, SubscriberDirectoryRecord, SubscriberIpAllocation, SubscriberState, SubscriberStatus,
};

const ICMP: &str = "icmp_monitoring";
const MME: &str = "MME";
const S1AP: &str = "S1AP";
const SPGW: &str = "SPGW";

/// The types of states about subscribers.
pub(crate) const TYPES: &[&str] =
    &[ICMP, MME, S1AP, SPGW, state_type::DIRECTORY_RECORD, state_type::IP_LEASE, state_type::SUBSCRIBER];

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/lte/{network_id}/subscriber_state", list)
        .get("/lte/{network_id}/subscriber_state/{subscriber_id}", read)
}

/// The states of some subscribers.
#[derive(Default)]
pub(crate) struct States {
    by_subscriber: BTreeMap<String, Reported>,
}

#[derive(Default)]
struct Reported {
    icmp: Option<IcmpStatus>,
    state: SubscriberState,
    has_state: bool,
}

impl States {
    /// The states of the subscribers from `first` to `last`, in the order of their ids.
    pub(crate) async fn between(
        api: &Api,
        network: &NetworkId,
        first: &str,
        last: &str,
    ) -> Result<Self, ApiError> {
        // The states of an APN of the last one, `IMSI….apn`, come before `IMSI…/`.
        let end = format!("{last}/");
        let mut states = Self::default();
        for found in api.store.states_between(network, TYPES, first, &end).await? {
            states.add(&found);
        }
        Ok(states)
    }

    pub(crate) fn add(&mut self, found: &StoredState) {
        let (subscriber, apn) =
            found.id.device_id.split_once('.').unwrap_or((found.id.device_id.as_str(), ""));
        let Ok(value) = serde_json::from_slice::<Value>(&found.value) else { return };
        let reported = self.by_subscriber.entry(subscriber.to_owned()).or_default();
        let state = &mut reported.state;
        match found.id.state_type.as_str() {
            ICMP => {
                reported.icmp = icmp(&value, found.time_ms);
                return;
            }
            MME => state.mme = Some(value),
            S1AP => state.s1ap = Some(value),
            SPGW => state.spgw = Some(value),
            state_type::SUBSCRIBER => state.subscriber_state = Some(value),
            state_type::DIRECTORY_RECORD => {
                state.directory = SubscriberDirectoryRecord::deserialize(&value).ok();
            }
            state_type::IP_LEASE => state.mobility.extend(lease(apn, &value)),
            _ => return,
        }
        reported.has_state = true;
    }

    /// What is reported of a subscriber.
    pub(crate) fn state(&self, subscriber: &str) -> Option<SubscriberState> {
        let reported = self.by_subscriber.get(subscriber).filter(|reported| reported.has_state)?;
        Some(reported.state.clone())
    }

    /// How a subscriber answers pings.
    pub(crate) fn monitoring(&self, subscriber: &str) -> Option<SubscriberStatus> {
        let icmp = self.by_subscriber.get(subscriber)?.icmp.clone()?;
        Some(SubscriberStatus { icmp: Some(icmp) })
    }
}

fn icmp(value: &Value, time_ms: u64) -> Option<IcmpStatus> {
    let mut icmp = IcmpStatus::deserialize(value).ok()?;
    icmp.last_reported_time = icmp.last_reported_time.or_else(|| i64::try_from(time_ms / 1000).ok());
    Some(icmp)
}

/// A lent address, unless it was given back.
fn lease(apn: &str, value: &Value) -> Option<SubscriberIpAllocation> {
    if value.get("state").and_then(Value::as_str).is_some_and(|state| state != "ALLOCATED") {
        return None;
    }
    let address = value.get("ip")?.get("address")?.as_str()?;
    let ip = match STANDARD.decode(address).ok()?.as_slice() {
        bytes if bytes.len() == 4 => IpAddr::from(Ipv4Addr::from(<[u8; 4]>::try_from(bytes).ok()?)),
        bytes => IpAddr::from(Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?)),
    };
    // `<apn>,ipv4` is how some releases name the second address of an APN.
    let apn = apn.split(',').next().unwrap_or_default().to_owned();
    Some(SubscriberIpAllocation { apn, ip: ip.to_string() })
}

async fn list(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
) -> Result<Json<BTreeMap<String, SubscriberState>>, ApiError> {
    api.store.network(&path.network_id).await?;
    let mut states = States::default();
    for found in api.store.states_between(&path.network_id, TYPES, "IMSI", "IMSJ").await? {
        states.add(&found);
    }
    let known = states.by_subscriber.into_iter().filter(|(_, reported)| reported.has_state);
    Ok(Json(known.map(|(id, reported)| (id, reported.state)).collect()))
}

/// A subscriber of whom nothing is reported has an empty state.
async fn read(
    State(api): State<Api>,
    Ids(path): Ids<SubscriberPath>,
) -> Result<Json<SubscriberState>, ApiError> {
    let id = &path.subscriber_id;
    let states = States::between(&api, &path.network_id, id, id).await?;
    match states.state(id) {
        Some(state) => Ok(Json(state)),
        None => load(&api, &path).await.map(|_| Json(SubscriberState::default())),
    }
}
