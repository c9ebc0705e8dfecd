//! The LTE builder: a gateway with a radio network of its own, and a core for it.
//!
//! Each part of the two configurations is read by itself, so that a mistake costs the services that cannot do without
//! that part. A part that only adds to a service (an eNodeB, a pool, header enrichment, …) is left out when it is not
//! usable: the service is configured all the same, and the mistake is reported beside it.

mod dnsd;
mod enodebd;
mod federated_modes;
mod interception;
mod mme;
mod mobilityd;
mod pipelined;
mod sources;
mod subscriberdb;

use orc8r_model::GatewayNeighbourhood;
use wire_lte::mconfig::{PolicyDb, SctpD, SentryConfig, SessionD, WalletExhaustDetection};
use wire_orc8r::orc8r::LogLevel;
use wire_rest::types::NetworkSentryConfig;

use crate::entries::{Entries, EntryError};
use sources::Sources;

const INFO: i32 = LogLevel::Info as i32;

/// Adds the entries of an LTE gateway, if both the network and the gateway have such a configuration.
pub(crate) fn build(neighbourhood: &GatewayNeighbourhood, entries: &mut Entries) {
    let Some(sources) = Sources::find(neighbourhood) else { return };
    let enodebs = enodebd::enodebs(&sources, entries);
    let tasks = interception::tasks(&sources, entries);
    let tacs = enodebs.values().map(|enodeb| enodeb.tac).collect();
    let mme = mme::mme(&sources, tacs, entries);
    entries.add("mme", mme);
    let pipelined = pipelined::pipelined(&sources, &tasks, entries);
    entries.add("pipelined", pipelined);
    entries.add("enodebd", enodebd::enodebd(&sources, enodebs));
    entries.add("mobilityd", mobilityd::mobilityd(&sources));
    entries.add("subscriberdb", subscriberdb::subscriberdb(&sources));
    entries.add("policydb", Ok(PolicyDb { log_level: INFO }));
    entries.add("sctpd", Ok(SctpD { log_level: INFO }));
    entries.add("sessiond", sessiond(&sources));
    entries.add("dnsd", dnsd::dnsd(&sources));
    entries.add("liagentd", Ok(interception::liagentd(tasks)));
}

#[expect(deprecated, reason = "gateways of earlier releases read `sentry_config` here")]
fn sessiond(sources: &Sources<'_>) -> Result<SessionD, EntryError> {
    let network = sources.network_epc()?;
    Ok(SessionD {
        log_level: INFO,
        wallet_exhaust_detection: Some(WalletExhaustDetection::default()),
        gx_gy_relay_enabled: network.gx_gy_relay_enabled,
        sentry_config: sentry(sources),
        enable5g_features: network.enable5g_features.unwrap_or_default(),
        ..SessionD::default()
    })
}

/// Where crashes are reported to; gateways of today read it from `shared_mconfig`, with which a mistake in it is
/// reported.
///
/// Deviation: Magma leaves the patterns and the number of lines out here, and sends them there only.
fn sentry(sources: &Sources<'_>) -> Option<SentryConfig> {
    sources.sentry().map(|sentry: NetworkSentryConfig| SentryConfig {
        dsn_python: sentry.url_python.unwrap_or_default(),
        dsn_native: sentry.url_native.unwrap_or_default(),
        upload_mme_log: sentry.upload_mme_log.unwrap_or_default(),
        sample_rate: sentry.sample_rate.unwrap_or_default() as f32,
        exclusion_patterns: sentry.exclusion_patterns,
        number_of_lines_in_log: sentry.number_of_lines_in_log.unwrap_or_default(),
    })
}

/// A number of the REST contract where the gateway's contract has a signed one. What is too large becomes the largest.
fn signed(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
