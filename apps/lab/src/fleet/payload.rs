//! What gateways of the fleet say: as much as a real one, and never the same twice.

use magma_identity::HardwareId;
use serde_json::json;
use std::time::{SystemTime, UNIX_EPOCH};
use wire_orc8r::orc8r::{MetricsContainer, ReportStatesRequest, State};
use wire_orc8r::prometheus::{Gauge, LabelPair, Metric, MetricFamily, MetricType};

/// Series of one family.
const SERIES_PER_FAMILY: usize = 5;

/// A check-in: the gateway's own state, with a machine of two processors and two interfaces.
pub fn states(hardware_id: &HardwareId, round: u64) -> ReportStatesRequest {
    let interface = |name: &str, address: &str| {
        json!({
            "network_interface_id": name, "mac_address": "02:00:00:00:00:01", "status": "UP",
            "ip_addresses": [address], "ipv6_addresses": ["fe80::1"],
        })
    };
    let disk = json!({
        "device": "/dev/sda1", "mount_point": "/", "total": 31_000_000_000_u64,
        "used": 7_000_000_000 + round * 4096, "free": 24_000_000_000_u64,
    });
    let state = json!({
        "machine_info": {
            "cpu_info": {"core_count": 2, "threads_per_core": 1, "architecture": "x86_64", "model_name": "of a fleet"},
            "network_info": {
                "network_interfaces": [interface("eth0", "192.0.2.1"), interface("eth1", "198.51.100.1")],
                "routing_table": [{
                    "destination_ip": "0.0.0.0", "gateway_ip": "192.0.2.254", "genmask": "0.0.0.0",
                    "network_interface_id": "eth0",
                }],
            },
        },
        "meta": {"rpc_latency_ms": "12"},
        "platform_info": {
            "vpn_ip": "N/A", "packages": [{"name": "magma", "version": "0.0.0-0"}],
            "kernel_version": "6.1.0", "kernel_versions_installed": ["6.1.0"],
            "config_info": {"mconfig_created_at": 0},
        },
        "system_status": {
            "time": milliseconds() / 1000, "uptime_secs": 1000 + round * 60,
            "cpu_user": 100_000 + round, "cpu_system": 50_000, "cpu_idle": 9_000_000,
            "mem_total": 2_000_000_000, "mem_available": 1_500_000_000, "mem_used": 500_000_000,
            "mem_free": 1_400_000_000, "swap_total": 0, "swap_used": 0, "swap_free": 0,
            "disk_partitions": [disk],
        },
        "hardware_id": hardware_id.as_str(),
    });
    ReportStatesRequest {
        states: vec![State {
            r#type: "gw_state".to_owned(),
            device_id: hardware_id.as_str().to_owned(),
            value: state.to_string().into_bytes(),
            version: 0,
        }],
    }
}

/// An upload of so many series, each with one sample.
pub fn metrics(hardware_id: &HardwareId, series: usize, round: u64) -> MetricsContainer {
    let (time, value) = (milliseconds().try_into().ok(), Some(Gauge { value: Some(round as f64) }));
    let label = |name: &str, value: String| LabelPair { name: Some(name.to_owned()), value: Some(value) };
    let metric = |number: usize| Metric {
        label: vec![label("service", "magmad".to_owned()), label("number", number.to_string())],
        gauge: value,
        timestamp_ms: time,
        ..Metric::default()
    };
    let families = (0..series).step_by(SERIES_PER_FAMILY).map(|first| MetricFamily {
        name: Some(format!("fleet_gauge_{}", first / SERIES_PER_FAMILY)),
        help: None,
        r#type: Some(MetricType::Gauge.into()),
        metric: (first..series.min(first + SERIES_PER_FAMILY)).map(metric).collect(),
    });
    MetricsContainer { gateway_id: hardware_id.as_str().to_owned(), family: families.collect() }
}

fn milliseconds() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_series_are_sent_as_were_asked_for() {
        let id = HardwareId::random().unwrap();
        for series in [0, 1, 5, 12, 50] {
            let sent = metrics(&id, series, 1);
            assert_eq!(sent.family.iter().map(|family| family.metric.len()).sum::<usize>(), series);
        }
        let states = states(&id, 1).states;
        let value: serde_json::Value = serde_json::from_slice(&states[0].value).unwrap();
        assert_eq!(value["hardware_id"], id.as_str());
        assert!((1000..3000).contains(&states[0].value.len()), "as large as a real gateway's");
    }
}
