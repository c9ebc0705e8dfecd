//! The base builder: what every gateway gets, whatever it is used for (spec: Magma's orchestrator builder).

use std::collections::BTreeMap;

use orc8r_model::{Entity, GatewayNeighbourhood, TierConfig, network_config};
use serde_json::{Map, Value};
use wire_orc8r::mconfig::{
    ControlProxy, EventD, FluentBit, ImageSpec, MagmaD, MetricsD, OpenVpn, SharedMconfig, SharedSentryConfig,
    State,
};
use wire_orc8r::orc8r::LogLevel;
use wire_rest::types::{
    GatewayLoggingConfigs, GatewayVpnConfigs, MagmadGatewayConfigs, NetworkSentryConfig, StateConfig,
    TierImage,
};

use crate::entries::{Entries, EntryError};
use crate::jitter;
use crate::stored::{member, network_config, parse, unusable};

/// The version of a gateway without a tier: stay as you are.
const NO_VERSION: &str = "0.0.0-0";

/// td-agent-bit: lines per interval, intervals in the window, and the interval.
const THROTTLE: (u32, u32, &str) = (1000, 5, "1m");

/// Every event is sent.
const EVERY_EVENT: i32 = -1;

/// Seconds between two reports of the `state` service.
const SYNC_INTERVAL: u32 = 60;
const SYNC_INTERVAL_SPREAD: f32 = 0.25;

const INFO: i32 = LogLevel::Info as i32;

/// Adds the entries that every gateway gets.
pub(crate) fn build(neighbourhood: &GatewayNeighbourhood, entries: &mut Entries) {
    if let Some(config) = &neighbourhood.gateway.config {
        entries.add("magmad", magmad(config, neighbourhood.tier.as_ref()));
        entries.add("td-agent-bit", td_agent_bit(config, neighbourhood));
        entries.add("eventd", eventd(config));
        entries.add("ovpn", ovpn(config));
    }
    entries.add("control_proxy", Ok(ControlProxy { log_level: INFO }));
    entries.add("metricsd", Ok(MetricsD { log_level: INFO }));
    entries.add("state", state(neighbourhood));
    entries.add("shared_mconfig", shared(neighbourhood));
}

fn magmad(config: &Value, tier: Option<&Entity>) -> Result<MagmaD, EntryError> {
    const WHAT: &str = "gateway's magmad configuration";
    let config: MagmadGatewayConfigs = parse(WHAT, &without(config, &["logging", "vpn"]))?;
    let tier = tier.map(tier_config).transpose()?;
    let seconds = |value: u32| {
        i32::try_from(value).map_err(|_| unusable(WHAT, format!("{value} seconds is more than 2^31")))
    };
    Ok(MagmaD {
        log_level: INFO,
        checkin_interval: seconds(config.checkin_interval)?,
        checkin_timeout: seconds(config.checkin_timeout)?,
        autoupgrade_enabled: config.autoupgrade_enabled,
        autoupgrade_poll_interval: config.autoupgrade_poll_interval,
        package_version: tier.as_ref().map_or_else(|| NO_VERSION.to_owned(), |tier| tier.version.clone()),
        images: tier.map(images).unwrap_or_default(),
        dynamic_services: config.dynamic_services,
        feature_flags: config.feature_flags,
        // Magma-compat: Magma never fills these two, and gateways warn about a version that they cannot read.
        tier_id: String::new(),
        orc8r_version: String::new(),
    })
}

fn tier_config(tier: &Entity) -> Result<TierConfig, EntryError> {
    tier.config
        .as_ref()
        .map_or_else(|| Ok(TierConfig::default()), |config| parse("tier's configuration", config))
}

fn images(tier: TierConfig) -> Vec<ImageSpec> {
    let image = |image: TierImage| ImageSpec { name: image.name, order: image.order };
    tier.images.into_iter().map(image).collect()
}

fn td_agent_bit(config: &Value, neighbourhood: &GatewayNeighbourhood) -> Result<FluentBit, EntryError> {
    let aggregation = logging(config)?.and_then(|logging| logging.aggregation).unwrap_or_default();
    let (rate, window, interval) = THROTTLE;
    Ok(FluentBit {
        extra_tags: BTreeMap::from([
            ("network_id".to_owned(), neighbourhood.network.id.to_string()),
            ("gateway_id".to_owned(), neighbourhood.gateway.id.key.clone()),
        ]),
        throttle_rate: aggregation.throttle_rate.unwrap_or(rate),
        throttle_window: aggregation.throttle_window.unwrap_or(window),
        throttle_interval: aggregation.throttle_interval.unwrap_or_else(|| interval.to_owned()),
        files_by_tag: aggregation.target_files_by_tag,
    })
}

fn eventd(config: &Value) -> Result<EventD, EntryError> {
    let verbosity = logging(config)?.and_then(|logging| logging.event_verbosity);
    Ok(EventD { log_level: INFO, event_verbosity: verbosity.unwrap_or(EVERY_EVENT) })
}

fn ovpn(config: &Value) -> Result<OpenVpn, EntryError> {
    let vpn: Option<GatewayVpnConfigs> = member("gateway's vpn configuration", config, "vpn")?;
    Ok(OpenVpn { enable_shell_access: vpn.is_some_and(|vpn| vpn.enable_shell) })
}

fn state(neighbourhood: &GatewayNeighbourhood) -> Result<State, EntryError> {
    let config: Option<StateConfig> =
        network_config(neighbourhood, "network's state configuration", network_config::STATE)?;
    let interval = config.and_then(|config| config.sync_interval).filter(|seconds| *seconds > 0);
    let gateway = &neighbourhood.gateway.id.key;
    let sync_interval = jitter::lengthened(interval.unwrap_or(SYNC_INTERVAL), gateway, SYNC_INTERVAL_SPREAD);
    Ok(State { log_level: INFO, sync_interval })
}

fn shared(neighbourhood: &GatewayNeighbourhood) -> Result<SharedMconfig, EntryError> {
    let sentry: Option<NetworkSentryConfig> =
        network_config(neighbourhood, "network's sentry configuration", network_config::SENTRY)?;
    let sentry_config = sentry.map(|sentry| SharedSentryConfig {
        dsn_python: sentry.url_python.unwrap_or_default(),
        dsn_native: sentry.url_native.unwrap_or_default(),
        upload_mme_log: sentry.upload_mme_log.unwrap_or_default(),
        sample_rate: sentry.sample_rate.unwrap_or_default() as f32,
        exclusion_patterns: sentry.exclusion_patterns,
        number_of_lines_in_log: sentry.number_of_lines_in_log.unwrap_or_default(),
    });
    Ok(SharedMconfig { sentry_config })
}

fn logging(config: &Value) -> Result<Option<GatewayLoggingConfigs>, EntryError> {
    member("gateway's logging configuration", config, "logging")
}

fn without(config: &Value, names: &[&str]) -> Value {
    let Value::Object(members) = config else { return config.clone() };
    let kept = members.iter().filter(|(name, _)| !names.contains(&name.as_str()));
    Value::Object(kept.map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>())
}
