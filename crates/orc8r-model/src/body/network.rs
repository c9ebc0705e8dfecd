//! The bodies of a network and of its generic configurations.

use super::{Body, NetworkDnsConfig, null_is_absent};
use crate::{Checks, NetworkId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A whole network.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Network {
    /// Its id.
    #[serde(default, deserialize_with = "null_is_absent")]
    pub id: String,
    /// A name for people.
    #[serde(default, deserialize_with = "null_is_absent")]
    pub name: String,
    /// A description for people.
    #[serde(default, deserialize_with = "null_is_absent")]
    pub description: String,
    /// `lte`, `feg`, `feg_lte`, `carrier_wifi_network`, or any text for a generic network.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub network_type: Option<String>,
    /// How its gateways answer DNS.
    pub dns: Option<NetworkDnsConfig>,
    /// Its feature flags.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub features: Option<NetworkFeatures>,
    /// Where its gateways send crash reports.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sentry_config: Option<NetworkSentryConfig>,
    /// How its gateways report state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state_config: Option<StateConfig>,
}

impl Body for Network {
    fn check(&self, checks: &mut Checks) {
        checks.required_id("id", &self.id, NetworkId::matches, NetworkId::PATTERN);
        checks.required_text("name", &self.name);
        checks.required_text("description", &self.description);
        if checks.required("dns", &self.dns) {
            checks.inside("dns", |checks| self.dns.iter().for_each(|dns| dns.check(checks)));
        }
        checks.inside("sentry_config", |checks| {
            self.sentry_config.iter().for_each(|sentry| sentry.check(checks))
        });
        checks
            .inside("state_config", |checks| self.state_config.iter().for_each(|state| state.check(checks)));
    }
}

/// Feature flags of a network, read by the web UI.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct NetworkFeatures {
    /// Value by name.
    #[serde(default, deserialize_with = "null_is_absent", skip_serializing_if = "BTreeMap::is_empty")]
    pub features: BTreeMap<String, String>,
}

impl Body for NetworkFeatures {
    fn check(&self, _checks: &mut Checks) {}
}

/// Where gateways send crash reports (Sentry.io), and what of.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct NetworkSentryConfig {
    /// For services written in Python.
    #[serde(default, deserialize_with = "null_is_absent", skip_serializing_if = "String::is_empty")]
    pub url_python: String,
    /// For services written in C and C++.
    #[serde(default, deserialize_with = "null_is_absent", skip_serializing_if = "String::is_empty")]
    pub url_native: String,
    /// Whether the log of the MME goes with a report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upload_mme_log: Option<bool>,
    /// How many lines of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number_of_lines_in_log: Option<u32>,
    /// The share of reports that are sent, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample_rate: Option<f64>,
    /// Reports that match one of these are not sent.
    #[serde(default, deserialize_with = "null_is_absent")]
    pub exclusion_patterns: Vec<String>,
}

impl Body for NetworkSentryConfig {
    fn check(&self, checks: &mut Checks) {
        for (field, url) in [("url_python", &self.url_python), ("url_native", &self.url_native)] {
            if !url.is_empty() && !is_uri(url) {
                checks.fail(field, format_args!("must be of type uri: {url:?}"));
            }
        }
        if let Some(rate) = self.sample_rate {
            checks.at_least("sample_rate", rate, 0.0);
            checks.at_most("sample_rate", rate, 1.0);
        }
    }
}

/// `scheme ":" rest` (RFC 3986 §3), or an absolute path, with nothing that a URI may not contain.
fn is_uri(text: &str) -> bool {
    let clean = text.chars().all(|letter| !letter.is_whitespace() && !letter.is_control());
    let absolute = text.split_once(':').is_some_and(|(scheme, rest)| {
        !rest.is_empty()
            && scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.chars().all(|letter| letter.is_ascii_alphanumeric() || "+-.".contains(letter))
    });
    clean && (absolute || text.starts_with('/'))
}

/// How gateways report state.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct StateConfig {
    /// Every how many seconds; at least 3.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sync_interval: Option<u32>,
}

impl Body for StateConfig {
    fn check(&self, checks: &mut Checks) {
        if let Some(seconds) = self.sync_interval {
            checks.at_least("sync_interval", seconds, 3);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn problems(body: serde_json::Value) -> String {
        let body: Network = serde_json::from_value(body).unwrap();
        body.validate().map_or_else(|invalid| invalid.problems().join("; "), |()| String::new())
    }

    #[test]
    fn a_network_names_what_is_wrong() {
        let good = || json!({"id": "n1", "name": "N", "description": "D", "dns": {"enable_caching": false, "local_ttl": 0}});
        let with = |key: &str, value| {
            let mut body = good();
            body[key] = value;
            body
        };
        let rows = [
            ("the least", good(), ""),
            ("unknown fields are ignored", with("colour", json!("red")), ""),
            ("null is absent", with("type", json!(null)), ""),
            ("an empty name is missing", with("name", json!("")), "name in body is required"),
            ("a null name is missing", with("name", json!(null)), "name in body is required"),
            ("an id has a pattern", with("id", json!("N 1")), r"id in body should match '^[\da-z_-]+$'"),
            ("no dns", with("dns", json!(null)), "dns in body is required"),
            (
                "half a dns",
                with("dns", json!({"records": [{"domain": "", "a_record": ["1.2.3"]}]})),
                "dns.enable_caching in body is required; dns.local_ttl in body is required; \
                 dns.records.0.domain in body is required; dns.records.0.a_record.0 in body must be of type ipv4: \"1.2.3\"",
            ),
            (
                "a sync interval has a minimum",
                with("state_config", json!({"sync_interval": 2})),
                "state_config.sync_interval in body should be greater than or equal to 3",
            ),
            (
                "a rate is at most 1",
                with("sentry_config", json!({"sample_rate": 1.5, "url_python": ""})),
                "sentry_config.sample_rate in body should be less than or equal to 1",
            ),
            (
                "a uri is one",
                with("sentry_config", json!({"url_native": "not a uri"})),
                "sentry_config.url_native in body must be of type uri: \"not a uri\"",
            ),
        ];
        for (name, body, expect) in rows {
            assert_eq!(problems(body), expect, "{name}");
        }
    }

    #[test]
    fn a_body_that_was_read_is_written_as_it_was() {
        let body = json!({
            "id": "n1", "name": "N", "description": "D", "type": "lte",
            "dns": {"enable_caching": true, "local_ttl": 60, "dhcp_server_enabled": false,
                    "records": [{"domain": "a.b", "a_record": ["1.2.3.4"], "aaaa_record": ["::1"], "cname_record": ["c.d"]}]},
            "features": {"features": {"x": "y"}},
            "sentry_config": {"url_python": "https://a@b/1", "sample_rate": 0.1, "exclusion_patterns": [], "upload_mme_log": true},
            "state_config": {"sync_interval": 60},
        });
        let read: Network = serde_json::from_value(body.clone()).unwrap();
        assert_eq!(serde_json::to_value(read).unwrap(), body);
    }
}
