//! The names that a network resolves by itself.

use super::{Body, null_is_absent};
use crate::Checks;
use serde::{Deserialize, Serialize};
use std::net::{Ipv4Addr, Ipv6Addr};

/// How a network's gateways answer DNS.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct NetworkDnsConfig {
    /// Whether they keep answers.
    pub enable_caching: Option<bool>,
    /// How long they keep them, in seconds.
    pub local_ttl: Option<u32>,
    /// Whether they hand out addresses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dhcp_server_enabled: Option<bool>,
    /// The names that they know themselves.
    #[serde(default, deserialize_with = "null_is_absent")]
    pub records: Vec<DnsConfigRecord>,
}

/// One name and what it stands for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct DnsConfigRecord {
    /// The name; not empty.
    #[serde(default, deserialize_with = "null_is_absent")]
    pub domain: String,
    /// IPv4 addresses.
    #[serde(default, deserialize_with = "null_is_absent")]
    pub a_record: Vec<String>,
    /// IPv6 addresses.
    #[serde(default, deserialize_with = "null_is_absent")]
    pub aaaa_record: Vec<String>,
    /// Other names.
    #[serde(default, deserialize_with = "null_is_absent")]
    pub cname_record: Vec<String>,
}

impl Body for NetworkDnsConfig {
    fn check(&self, checks: &mut Checks) {
        checks.required("enable_caching", &self.enable_caching);
        checks.required("local_ttl", &self.local_ttl);
        checks.inside("records", |checks| self.records.check(checks));
    }
}

impl Body for Vec<DnsConfigRecord> {
    fn check(&self, checks: &mut Checks) {
        checks.items("", self, |checks, place, record| checks.inside(place, |checks| record.check(checks)));
    }
}

impl Body for DnsConfigRecord {
    fn check(&self, checks: &mut Checks) {
        checks.required_text("domain", &self.domain);
        checks.items("a_record", &self.a_record, |checks, place, address| {
            if address.parse::<Ipv4Addr>().is_err() {
                checks.fail(place, format_args!("must be of type ipv4: {address:?}"));
            }
        });
        checks.items("aaaa_record", &self.aaaa_record, |checks, place, address| {
            if address.parse::<Ipv6Addr>().is_err() {
                checks.fail(place, format_args!("must be of type ipv6: {address:?}"));
            }
        });
        checks.items("cname_record", &self.cname_record, |checks, place, name| checks.not_empty(place, name));
    }
}
