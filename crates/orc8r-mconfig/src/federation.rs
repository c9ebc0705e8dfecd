//! The federation builder: the services that stand between a network and an operator's own core.
//!
//! They take their configuration from the gateway if it has one of its own, else from its network: the whole of it, not
//! service by service. Only the thresholds of health come from the network first.

use orc8r_model::{GatewayNeighbourhood, entity_type, network_config};
use serde::de::DeserializeOwned;
use serde_json::Value;
use wire_feg::mconfig::hss_config::SubscriptionProfile;
use wire_feg::mconfig::{
    CsfbConfig, GatewayHealthConfig, GxConfig, GyConfig, HssConfig, S6aConfig, S8Config, SctpClientConfig,
    SessionProxyConfig, SwxConfig,
};
use wire_orc8r::orc8r::LogLevel;
use wire_rest::types;

use crate::entries::{Entries, EntryError};
use crate::stored::{base64, member};
use crate::{authentication, diameter};

const OF_GATEWAY: &str = "gateway's federation configuration";
const OF_NETWORK: &str = "network's federation configuration";

const INFO: i32 = LogLevel::Info as i32;

/// Adds the entries of a federation gateway, if the gateway or its network has a federation configuration.
pub(crate) fn build(neighbourhood: &GatewayNeighbourhood, entries: &mut Entries) {
    let Some(source) = Source::of(neighbourhood) else { return };
    entries.add_any("s6a_proxy", source.s6a_proxy());
    entries.add_any("s8_proxy", source.s8_proxy());
    entries.add_any("session_proxy", source.session_proxy());
    entries.add_any("swx_proxy", source.swx_proxy());
    entries.add_any("hss", source.hss());
    entries.add_any("csfb", source.csfb());
    entries.add_any("health", source.health().map(|found| found.map(health)));
    authentication::build(source.what, source.config, entries);
}

/// Where the services' configurations come from.
struct Source<'a> {
    what: &'static str,
    config: &'a Value,
    network: Option<&'a Value>,
}

/// From which share of failed requests a service counts as unhealthy, and from how many requests that share counts.
#[derive(Default)]
struct Thresholds {
    request_failure_threshold: f32,
    minimum_request_threshold: u32,
}

impl<'a> Source<'a> {
    fn of(neighbourhood: &'a GatewayNeighbourhood) -> Option<Self> {
        let network = neighbourhood.network.configs.get(network_config::FEDERATION);
        let gateway = neighbourhood.side(entity_type::FEDERATION_GATEWAY);
        let own = gateway.and_then(|gateway| gateway.config.as_ref());
        match own.filter(|config| !config.is_null()) {
            Some(config) => Some(Self { what: OF_GATEWAY, config, network }),
            None => network.map(|config| Self { what: OF_NETWORK, config, network }),
        }
    }

    fn part<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, EntryError> {
        member(self.what, self.config, name)
    }

    fn health(&self) -> Result<Option<types::Health>, EntryError> {
        let of_network =
            self.network.map(|config| member(OF_NETWORK, config, "health")).transpose()?.flatten();
        of_network.map_or_else(|| self.part("health"), |health| Ok(Some(health)))
    }

    fn thresholds(&self) -> Result<Thresholds, EntryError> {
        Ok(self.health()?.map_or_else(Thresholds::default, |health| Thresholds {
            request_failure_threshold: health.request_failure_threshold.unwrap_or_default() as f32,
            minimum_request_threshold: health.minimum_request_threshold.unwrap_or_default(),
        }))
    }

    fn s6a_proxy(&self) -> Result<Option<S6aConfig>, EntryError> {
        let Some(s6a) = self.part::<types::S6a>("s6a")? else { return Ok(None) };
        let thresholds = self.thresholds()?;
        Ok(Some(S6aConfig {
            log_level: INFO,
            server: s6a.server.map(diameter::client),
            request_failure_threshold: thresholds.request_failure_threshold,
            minimum_request_threshold: thresholds.minimum_request_threshold,
            plmn_ids: s6a.plmn_ids,
        }))
    }

    /// Deviation: Magma leaves both thresholds out, so that the gateway takes its own, whatever was configured.
    fn s8_proxy(&self) -> Result<Option<S8Config>, EntryError> {
        let Some(s8) = self.part::<types::S8>("s8")? else { return Ok(None) };
        let thresholds = self.thresholds()?;
        Ok(Some(S8Config {
            log_level: INFO,
            local_address: s8.local_address.unwrap_or_default(),
            pgw_address: s8.pgw_address.unwrap_or_default(),
            apn_operator_suffix: s8.apn_operator_suffix.unwrap_or_default(),
            request_failure_threshold: thresholds.request_failure_threshold,
            minimum_request_threshold: thresholds.minimum_request_threshold,
        }))
    }

    fn session_proxy(&self) -> Result<Option<SessionProxyConfig>, EntryError> {
        let (gx, gy) = (self.part::<types::Gx>("gx")?, self.part::<types::Gy>("gy")?);
        if gx.is_none() && gy.is_none() {
            return Ok(None);
        }
        let thresholds = self.thresholds()?;
        Ok(Some(SessionProxyConfig {
            log_level: INFO,
            gx: gx.map(gx_config),
            gy: gy.map(gy_config),
            request_failure_threshold: thresholds.request_failure_threshold,
            minimum_request_threshold: thresholds.minimum_request_threshold,
        }))
    }

    /// Deviation: Magma leaves both thresholds out, as for `s8_proxy`.
    fn swx_proxy(&self) -> Result<Option<SwxConfig>, EntryError> {
        let Some(swx) = self.part::<types::Swx>("swx")? else { return Ok(None) };
        let thresholds = self.thresholds()?;
        Ok(Some(SwxConfig {
            log_level: INFO,
            server: None,
            verify_authorization: swx.verify_authorization.unwrap_or_default(),
            cache_ttl_seconds: swx.cache_ttl_seconds.unwrap_or_default(),
            request_failure_threshold: thresholds.request_failure_threshold,
            minimum_request_threshold: thresholds.minimum_request_threshold,
            register_on_auth: swx.register_on_auth.unwrap_or_default(),
            derive_unregister_realm: swx.derive_unregister_realm.unwrap_or_default(),
            hlr_plmn_ids: swx.hlr_plmn_ids,
            servers: diameter::clients(swx.server, swx.servers),
        }))
    }

    fn hss(&self) -> Result<Option<HssConfig>, EntryError> {
        let Some(hss) = self.part::<types::Hss>("hss")? else { return Ok(None) };
        let profiles =
            hss.sub_profiles.into_iter().map(|(name, profile)| (name, subscription_profile(profile)));
        Ok(Some(HssConfig {
            server: hss.server.map(diameter::server),
            lte_auth_op: base64(self.what, "hss.lte_auth_op", hss.lte_auth_op)?,
            lte_auth_amf: base64(self.what, "hss.lte_auth_amf", hss.lte_auth_amf)?,
            sub_profiles: profiles.collect(),
            default_sub_profile: hss.default_sub_profile.map(subscription_profile),
            stream_subscribers: hss.stream_subscribers.unwrap_or_default(),
        }))
    }

    fn csfb(&self) -> Result<Option<CsfbConfig>, EntryError> {
        let client = |client: types::SctpClientConfigs| SctpClientConfig {
            server_address: client.server_address.unwrap_or_default(),
            local_address: client.local_address.unwrap_or_default(),
        };
        let csfb = self.part::<types::Csfb>("csfb")?;
        Ok(csfb.map(|csfb| CsfbConfig { log_level: INFO, client: csfb.client.map(client) }))
    }
}

fn gx_config(gx: types::Gx) -> GxConfig {
    GxConfig {
        server: None,
        overwrite_apn: gx.overwrite_apn.unwrap_or_default(),
        servers: diameter::clients(gx.server, gx.servers),
        disable_gx: gx.disable_gx.unwrap_or_default(),
        virtual_apn_rules: diameter::virtual_apn_rules(gx.virtual_apn_rules),
    }
}

fn gy_config(gy: types::Gy) -> GyConfig {
    GyConfig {
        server: None,
        init_method: gy.init_method.and_then(|method| i32::try_from(method).ok()).unwrap_or_default(),
        overwrite_apn: gy.overwrite_apn.unwrap_or_default(),
        servers: diameter::clients(gy.server, gy.servers),
        disable_gy: gy.disable_gy.unwrap_or_default(),
        virtual_apn_rules: diameter::virtual_apn_rules(gy.virtual_apn_rules),
    }
}

fn subscription_profile(profile: types::SubscriptionProfile) -> SubscriptionProfile {
    SubscriptionProfile {
        max_ul_bit_rate: profile.max_ul_bit_rate.unwrap_or_default(),
        max_dl_bit_rate: profile.max_dl_bit_rate.unwrap_or_default(),
    }
}

fn health(health: types::Health) -> GatewayHealthConfig {
    GatewayHealthConfig {
        required_services: health.health_services,
        update_interval_secs: health.update_interval_secs.unwrap_or_default(),
        update_failure_threshold: health.update_failure_threshold.unwrap_or_default(),
        cloud_disconnect_period_secs: health.cloud_disable_period_secs.unwrap_or_default(),
        local_disconnect_period_secs: health.local_disable_period_secs.unwrap_or_default(),
    }
}
