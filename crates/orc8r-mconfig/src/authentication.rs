//! The services that let Wi-Fi subscribers in, on federation gateways and on carrier Wi-Fi gateways alike.

use serde_json::Value;
use wire_feg::mconfig::eap_aka_config::Timeouts;
use wire_feg::mconfig::{AaaConfig, EapAkaConfig, EapProviderTimeouts, EapSimConfig, RadiusConfig};
use wire_orc8r::orc8r::LogLevel;
use wire_rest::types;

use crate::entries::{Entries, EntryError};
use crate::stored::{base64, member};

const INFO: i32 = LogLevel::Info as i32;

/// Adds `eap_aka`, `eap_sim` and `aaa_server`, each if `config` has it.
pub(crate) fn build(what: &'static str, config: &Value, entries: &mut Entries) {
    entries.add_any("eap_aka", member(what, config, "eap_aka").map(|found| found.map(eap_aka)));
    entries.add_any("eap_sim", member(what, config, "eap_sim").map(|found| found.map(eap_sim)));
    let aaa_server = member(what, config, "aaa_server")
        .and_then(|found| found.map(|config| aaa_server(what, config)).transpose());
    entries.add_any("aaa_server", aaa_server);
}

fn eap_aka(config: types::EapAka) -> EapAkaConfig {
    let timeouts = |timeout: types::EapAkaTimeouts| Timeouts {
        challenge_ms: timeout.challenge_ms.unwrap_or_default(),
        error_notification_ms: timeout.error_notification_ms.unwrap_or_default(),
        session_ms: timeout.session_ms.unwrap_or_default(),
        session_authenticated_ms: timeout.session_authenticated_ms.unwrap_or_default(),
    };
    EapAkaConfig {
        log_level: INFO,
        timeout: config.timeout.map(timeouts),
        plmn_ids: config.plmn_ids,
        use_s6a: config.use_s6a.unwrap_or_default(),
        mnc_len: config.mnc_len.unwrap_or_default(),
    }
}

fn eap_sim(config: types::EapSim) -> EapSimConfig {
    let timeouts = |timeout: types::EapSimTimeouts| EapProviderTimeouts {
        challenge_ms: timeout.challenge_ms.unwrap_or_default(),
        error_notification_ms: timeout.error_notification_ms.unwrap_or_default(),
        session_ms: timeout.session_ms.unwrap_or_default(),
        session_authenticated_ms: timeout.session_authenticated_ms.unwrap_or_default(),
    };
    EapSimConfig {
        log_level: INFO,
        timeout: config.timeout.map(timeouts),
        plmn_ids: config.plmn_ids,
        use_s6a: config.use_s6a.unwrap_or_default(),
        mnc_len: config.mnc_len.unwrap_or_default(),
    }
}

/// Magma-compat: what is absent is off or 0, although the contract's document gives other values for some; a gateway
/// that moves over keeps its behaviour.
fn aaa_server(what: &'static str, config: types::AaaServer) -> Result<AaaConfig, EntryError> {
    Ok(AaaConfig {
        log_level: INFO,
        idle_session_timeout_ms: config.idle_session_timeout_ms.unwrap_or_default(),
        accounting_enabled: config.accounting_enabled.unwrap_or_default(),
        create_session_on_auth: config.create_session_on_auth.unwrap_or_default(),
        event_logging_enabled: config.event_logging_enabled.unwrap_or_default(),
        radius_config: config.radius_config.map(|config| radius(what, config)).transpose()?,
        acct_reporting_enabled: config.acct_reporting_enabled.unwrap_or_default(),
    })
}

fn radius(what: &'static str, config: types::RadiusConfig) -> Result<RadiusConfig, EntryError> {
    Ok(RadiusConfig {
        secret: base64(what, "radius_config.secret", config.secret)?,
        network: config.network.unwrap_or_default(),
        auth_addr: config.auth_addr.unwrap_or_default(),
        acct_addr: config.acct_addr.unwrap_or_default(),
        dae_addr: config.dae_addr.unwrap_or_default(),
    })
}
