//! The `gw_state` that a gateway reports: the members that existing clouds and their web pages read, with their
//! units.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

/// Members that are numbers: seconds for times, milliseconds for processor time, bytes for memory.
const NUMBERS: &[&str] = &[
    "/machine_info/cpu_info/core_count",
    "/machine_info/cpu_info/threads_per_core",
    "/platform_info/config_info/mconfig_created_at",
    "/system_status/time",
    "/system_status/uptime_secs",
    "/system_status/cpu_user",
    "/system_status/cpu_system",
    "/system_status/cpu_idle",
    "/system_status/mem_total",
    "/system_status/mem_available",
    "/system_status/mem_used",
    "/system_status/mem_free",
    "/system_status/swap_total",
    "/system_status/swap_used",
    "/system_status/swap_free",
    "/cert_expiration_time",
];

const TEXTS: &[&str] = &[
    "/machine_info/cpu_info/architecture",
    "/machine_info/cpu_info/model_name",
    "/platform_info/vpn_ip",
    "/platform_info/kernel_version",
    "/platform_info/packages/0/name",
    "/platform_info/packages/0/version",
    "/platform_info/config_info/mconfig_path",
    "/hardware_id",
];

const LISTS: &[&str] = &[
    "/machine_info/network_info/network_interfaces",
    "/machine_info/network_info/routing_table",
    "/platform_info/kernel_versions_installed",
    "/system_status/disk_partitions",
];

/// Four days, the longest life of the certificate that the gateway asks for, and an hour.
const CERTIFICATE_LIFE_MAX: i64 = 101 * 3600;

/// Holds a value of type `gw_state` against what clouds expect of it.
pub fn is_complete(state: &Value, hardware_id: &str) {
    let at = |pointer: &str| state.pointer(pointer).unwrap_or_else(|| panic!("no {pointer} in {state:#}"));
    for pointer in NUMBERS {
        assert!(at(pointer).is_u64(), "{pointer} is a natural number: {state:#}");
    }
    for pointer in TEXTS {
        assert!(at(pointer).is_string(), "{pointer} is text: {state:#}");
    }
    for pointer in LISTS {
        assert!(at(pointer).is_array(), "{pointer} is a list: {state:#}");
    }
    assert!(at("/meta").is_object());
    assert_eq!(at("/hardware_id"), hardware_id);
    assert_eq!(at("/platform_info/packages/0/name"), "magma");
    assert_eq!(at("/platform_info/vpn_ip"), "N/A", "there is no tun0");
    has_loopback(at("/machine_info/network_info/network_interfaces"));
    let seconds = |pointer: &str| at(pointer).as_i64().expect("checked above");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    let now = i64::try_from(now).expect("a time of our days");
    assert!((now - seconds("/system_status/time")).abs() < 120, "seconds: {state:#}");
    let left = seconds("/cert_expiration_time") - now;
    assert!((0..CERTIFICATE_LIFE_MAX).contains(&left), "seconds: {state:#}");
    assert!(seconds("/system_status/mem_total") > 64 << 20, "bytes: {state:#}");
    assert!(seconds("/system_status/mem_total") > seconds("/system_status/mem_free"));
}

fn has_loopback(interfaces: &Value) {
    let interfaces = interfaces.as_array().expect("a list");
    let loopback = interfaces.iter().find(|interface| interface["network_interface_id"] == "lo");
    let loopback = loopback.unwrap_or_else(|| panic!("no lo in {interfaces:?}"));
    let addresses = loopback["ip_addresses"].as_array().expect("a list");
    assert!(addresses.iter().any(|address| address == "127.0.0.1/8"), "with prefix length: {loopback}");
    assert_eq!(loopback["status"], "UP");
    assert!(loopback["ipv6_addresses"].is_array());
}
