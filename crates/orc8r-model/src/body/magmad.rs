//! How a gateway's agent behaves: the configuration of a `magmad_gateway` entity.

use super::{Body, null_is_absent};
use crate::Checks;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The configuration of the agent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct MagmadGatewayConfigs {
    /// Whether it installs its tier's version by itself.
    pub autoupgrade_enabled: Option<bool>,
    /// How often it looks for one, in seconds; at least 30.
    #[serde(default, deserialize_with = "null_is_absent")]
    pub autoupgrade_poll_interval: i32,
    /// How often it checks in, in seconds; at least 15.
    #[serde(default, deserialize_with = "null_is_absent")]
    pub checkin_interval: u32,
    /// How long a check-in may take, in seconds; at least 5.
    #[serde(default, deserialize_with = "null_is_absent")]
    pub checkin_timeout: u32,
    /// Services to run besides those of its own configuration.
    #[serde(default, deserialize_with = "null_is_absent")]
    pub dynamic_services: Vec<String>,
    /// What it logs and sends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logging: Option<GatewayLoggingConfigs>,
    /// Switches by name.
    #[serde(default, deserialize_with = "null_is_absent", skip_serializing_if = "BTreeMap::is_empty")]
    pub feature_flags: BTreeMap<String, bool>,
    /// Its tunnel for support.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vpn: Option<GatewayVpnConfigs>,
}

impl Body for MagmadGatewayConfigs {
    fn check(&self, checks: &mut Checks) {
        checks.required("autoupgrade_enabled", &self.autoupgrade_enabled);
        interval(checks, "autoupgrade_poll_interval", i64::from(self.autoupgrade_poll_interval), 30);
        interval(checks, "checkin_interval", i64::from(self.checkin_interval), 15);
        interval(checks, "checkin_timeout", i64::from(self.checkin_timeout), 5);
        checks.items("dynamic_services", &self.dynamic_services, |checks, place, name| {
            checks.not_empty(place, name)
        });
        checks.inside("logging", |checks| self.logging.iter().for_each(|logging| logging.check(checks)));
        checks.inside("vpn", |checks| self.vpn.iter().for_each(|vpn| vpn.check(checks)));
    }
}

/// A required number of seconds; 0 counts as missing, as it does in Magma.
fn interval(checks: &mut Checks, field: &str, seconds: i64, minimum: i64) {
    if seconds == 0 {
        checks.fail(field, "is required");
    } else {
        checks.at_least(field, seconds, minimum);
    }
}

/// What a gateway logs and sends.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct GatewayLoggingConfigs {
    /// `DEBUG`, `INFO`, `WARNING`, `ERROR` or `FATAL`.
    #[serde(default, deserialize_with = "null_is_absent")]
    pub log_level: String,
    /// Events above this verbosity are not sent; absent: every event is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_verbosity: Option<i32>,
    /// How log files are sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aggregation: Option<AggregationLoggingConfigs>,
}

impl Body for GatewayLoggingConfigs {
    fn check(&self, checks: &mut Checks) {
        if checks.required_text("log_level", &self.log_level) {
            checks.one_of("log_level", &self.log_level, &["DEBUG", "INFO", "WARNING", "ERROR", "FATAL"]);
        }
        checks.inside("aggregation", |checks| {
            self.aggregation.iter().for_each(|aggregation| aggregation.check(checks))
        });
    }
}

/// How log files are sent (td-agent-bit).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct AggregationLoggingConfigs {
    /// File by tag.
    #[serde(default, deserialize_with = "null_is_absent", skip_serializing_if = "BTreeMap::is_empty")]
    pub target_files_by_tag: BTreeMap<String, String>,
    /// How many lines per interval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub throttle_rate: Option<u32>,
    /// Over how many intervals that is averaged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub throttle_window: Option<u32>,
    /// The interval: a number and `s`, `m` or `h`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub throttle_interval: Option<String>,
}

/// The contract's pattern of `throttle_interval`; its dot stands for any character.
const THROTTLE_INTERVAL: &str = r"^\d+(.\d+)?(s|m|h)$";

impl Body for AggregationLoggingConfigs {
    fn check(&self, checks: &mut Checks) {
        if self.throttle_interval.as_deref().is_some_and(|interval| !is_throttle_interval(interval)) {
            checks.fail("throttle_interval", format_args!("should match '{THROTTLE_INTERVAL}'"));
        }
    }
}

fn is_throttle_interval(text: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    let Some(number) = text.strip_suffix(['s', 'm', 'h']) else { return false };
    let fraction = number.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let mut rest = fraction.chars();
    number.len() > fraction.len()
        && (fraction.is_empty() || rest.next().is_some_and(|dot| dot != '\n') && is_number(rest.as_str()))
}

/// A gateway's tunnel for support.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct GatewayVpnConfigs {
    /// Whether a shell can be opened through it.
    pub enable_shell: Option<bool>,
}

impl Body for GatewayVpnConfigs {
    fn check(&self, checks: &mut Checks) {
        checks.required("enable_shell", &self.enable_shell);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn problems(body: Value) -> String {
        let body: MagmadGatewayConfigs = serde_json::from_value(body).unwrap();
        body.validate().map_or_else(|invalid| invalid.problems().join("; "), |()| String::new())
    }

    #[test]
    fn the_configuration_of_an_agent_names_what_is_wrong() {
        let with = |extra: Value| {
            let mut body = json!({"autoupgrade_enabled": true, "autoupgrade_poll_interval": 30, "checkin_interval": 15, "checkin_timeout": 5});
            body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
            body
        };
        let rows = [
            ("the least", with(json!({})), ""),
            (
                "nulls are absent",
                with(json!({"dynamic_services": null, "logging": null, "feature_flags": null})),
                "",
            ),
            (
                "under the minimum",
                with(json!({"autoupgrade_poll_interval": 29, "checkin_interval": 14, "checkin_timeout": 4})),
                "autoupgrade_poll_interval in body should be greater than or equal to 30; \
                 checkin_interval in body should be greater than or equal to 15; \
                 checkin_timeout in body should be greater than or equal to 5",
            ),
            ("zero is missing", with(json!({"checkin_interval": 0})), "checkin_interval in body is required"),
            (
                "no switch",
                with(json!({"autoupgrade_enabled": null})),
                "autoupgrade_enabled in body is required",
            ),
            (
                "an empty service",
                with(json!({"dynamic_services": ["a", ""]})),
                "dynamic_services.1 in body should be at least 1 chars long",
            ),
            (
                "a log level",
                with(json!({"logging": {"log_level": "LOUD"}})),
                "logging.log_level in body should be one of [DEBUG INFO WARNING ERROR FATAL]",
            ),
            (
                "an interval",
                with(
                    json!({"logging": {"log_level": "INFO", "aggregation": {"throttle_interval": "1 week"}}}),
                ),
                r"logging.aggregation.throttle_interval in body should match '^\d+(.\d+)?(s|m|h)$'",
            ),
            ("a vpn", with(json!({"vpn": {}})), "vpn.enable_shell in body is required"),
        ];
        for (name, body, expect) in rows {
            assert_eq!(problems(body), expect, "{name}");
        }
    }

    #[test]
    fn a_throttle_interval_is_a_number_and_a_unit() {
        for good in ["1m", "10s", "1.5h", "1,5h"] {
            assert!(is_throttle_interval(good), "{good}");
        }
        for bad in ["", "m", "1", "1.m", ".5m", "1.5d", "1..5m", "1.5", "1m "] {
            assert!(!is_throttle_interval(bad), "{bad}");
        }
    }
}
