//! `subscriberdb`: the copy of subscribers, and how often it is brought up to date.

use wire_lte::mconfig::SubscriberDb;
use wire_lte::mconfig::subscriber_db::SubscriptionProfile;
use wire_rest::types::{GatewayEpcConfigs, NetworkEpcConfigs, NetworkEpcConfigsSubProfiles};

use super::INFO;
use super::sources::Sources;
use crate::entries::EntryError;
use crate::jitter;
use crate::stored::base64;

/// Seconds between two rounds when nothing is configured.
const SYNC_INTERVAL: u32 = 300;

/// The least that is taken; less counts as not configured.
const SYNC_INTERVAL_MIN: u32 = 60;

const SYNC_INTERVAL_SPREAD: f32 = 0.2;

/// The service's entry.
pub(super) fn subscriberdb(sources: &Sources<'_>) -> Result<SubscriberDb, EntryError> {
    const WHAT: &str = "network's cellular configuration";
    let (network, gateway) = (sources.network_epc()?, sources.gateway_epc()?);
    let interval =
        jitter::lengthened(interval(&network, &gateway), sources.gateway_id(), SYNC_INTERVAL_SPREAD);
    let profile = |profile: NetworkEpcConfigsSubProfiles| SubscriptionProfile {
        max_ul_bit_rate: profile.max_ul_bit_rate,
        max_dl_bit_rate: profile.max_dl_bit_rate,
    };
    Ok(SubscriberDb {
        log_level: INFO,
        lte_auth_op: base64(WHAT, "lte_auth_op", Some(network.lte_auth_op))?,
        lte_auth_amf: base64(WHAT, "lte_auth_amf", Some(network.lte_auth_amf))?,
        sub_profiles: network.sub_profiles.into_iter().map(|(name, of)| (name, profile(of))).collect(),
        hss_relay_enabled: network.hss_relay_enabled,
        sync_interval: interval,
        enable5g_features: network.enable5g_features.unwrap_or_default(),
        ..SubscriberDb::default()
    })
}

fn interval(network: &NetworkEpcConfigs, gateway: &GatewayEpcConfigs) -> u32 {
    let configured = [gateway.subscriberdb_sync_interval, network.subscriberdb_sync_interval];
    let usable = configured.into_iter().flatten().find(|seconds| *seconds >= SYNC_INTERVAL_MIN);
    usable.unwrap_or(SYNC_INTERVAL)
}
