//! Words for what many resources have, and what their kinds are called.

use super::Entry;

/// What one of a collection is called, by the part of its path; and what a single resource is called.
pub(super) const NOUNS: &[(&str, &str)] = &[
    ("apns", "APN"),
    ("base_names", "base name"),
    ("carrier_wifi", "Wi-Fi configuration"),
    ("cbsds", "CBSD"),
    ("cellular", "cellular configuration"),
    ("channels", "upgrade channel"),
    ("cwf", "Wi-Fi network"),
    ("dns", "DNS configuration"),
    ("enodebs", "eNodeB"),
    ("epc", "EPC configuration"),
    ("features", "features"),
    ("federation", "federation"),
    ("feg", "federation network"),
    ("feg_lte", "federated LTE network"),
    ("gateway_pools", "gateway pool"),
    ("gateways", "gateway"),
    ("ha_pairs", "pair of gateways"),
    ("lte", "LTE network"),
    ("magmad", "agent configuration"),
    ("msisdns", "MSISDN"),
    ("networks", "network"),
    ("ngc", "5G core configuration"),
    ("policy_qos_profiles", "QoS profile"),
    ("prometheus/alert_config", "alert rule"),
    ("ran", "RAN configuration"),
    ("rating_groups", "rating group"),
    ("rules", "policy"),
    ("subscribers", "subscriber"),
    ("tenants", "organisation"),
    ("tiers", "upgrade tier"),
    ("tracing", "call trace"),
    ("user", "user"),
];

pub(super) const WORDS: &[Entry] = &[
    ("*", "description", "", "What people should know of it."),
    ("*", "id", "", "Its name in configuration and metrics; it stays."),
    ("*", "name", "", "What people call it."),
    ("*", "tier", "Upgrade tier", "Which versions it is brought to."),
];
