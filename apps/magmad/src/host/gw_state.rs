//! `gw_state`: what a gateway reports of itself at each check-in, as JSON.
//!
//! Keys, order and units are those of Magma's Python agent, which Orchestrators and their interfaces are made for.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;

use super::cpu::CpuInfo;
use super::disks::DiskPartition;
use super::interfaces::{NetworkInterface, vpn_ip};
use super::reader::HostFacts;
use super::routes::Route;

/// What `vpn_ip` says when there is no VPN.
const NO_VPN: &str = "N/A";

/// The name under which the version of the agent is listed.
const PACKAGE: &str = "magma";

/// What the agent knows and the machine does not.
#[derive(Clone, Debug, Default)]
pub struct AgentFacts {
    /// Who this gateway is.
    pub hardware_id: String,
    /// The version of the gateway's software.
    pub version: String,
    /// `metadata.created_at` of the managed configuration, in seconds since 1970.
    pub mconfig_created_at_secs: u64,
    /// The file that the managed configuration is read from, if there is one.
    pub mconfig_path: Option<String>,
    /// What the cloud called the managed configuration, if it told that.
    pub mconfig_digest: Option<String>,
    /// The last moment of the gateway's certificate, if it has one.
    pub certificate_not_after: Option<SystemTime>,
    /// What the services tell of themselves.
    pub meta: BTreeMap<String, String>,
}

/// The JSON text of `gw_state`.
pub fn gw_state(host: HostFacts, agent: AgentFacts, now: SystemTime) -> String {
    let state = GatewayState::new(host, agent, now);
    serde_json::to_string(&state).expect("invariant: string keys and plain values always are JSON")
}

#[derive(Serialize)]
struct GatewayState {
    machine_info: MachineInfo,
    meta: BTreeMap<String, String>,
    platform_info: PlatformInfo,
    system_status: SystemStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    cert_expiration_time: Option<u64>,
    hardware_id: String,
}

#[derive(Serialize)]
struct MachineInfo {
    cpu_info: CpuInfo,
    network_info: NetworkInfo,
}

#[derive(Serialize)]
struct NetworkInfo {
    network_interfaces: Vec<NetworkInterface>,
    routing_table: Vec<Route>,
}

#[derive(Serialize)]
struct PlatformInfo {
    vpn_ip: String,
    packages: [Package; 1],
    kernel_version: String,
    kernel_versions_installed: Vec<String>,
    config_info: ConfigInfo,
}

#[derive(Serialize)]
struct Package {
    name: &'static str,
    version: String,
}

#[derive(Serialize)]
struct ConfigInfo {
    mconfig_created_at: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    mconfig_path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mconfig_digest: Option<String>,
}

/// Times in seconds, processor times in milliseconds, sizes in bytes.
#[derive(Serialize)]
struct SystemStatus {
    time: u64,
    uptime_secs: u64,
    cpu_user: u64,
    cpu_system: u64,
    cpu_idle: u64,
    mem_total: u64,
    mem_available: u64,
    mem_used: u64,
    mem_free: u64,
    swap_total: u64,
    swap_used: u64,
    swap_free: u64,
    disk_partitions: Vec<DiskPartition>,
}

impl GatewayState {
    fn new(host: HostFacts, agent: AgentFacts, now: SystemTime) -> Self {
        Self {
            platform_info: PlatformInfo {
                vpn_ip: vpn_ip(&host.interfaces).unwrap_or_else(|| NO_VPN.to_owned()),
                packages: [Package { name: PACKAGE, version: agent.version }],
                kernel_version: host.kernel_version,
                kernel_versions_installed: host.kernels_installed,
                config_info: ConfigInfo {
                    mconfig_created_at: agent.mconfig_created_at_secs,
                    mconfig_path: agent.mconfig_path,
                    mconfig_digest: agent.mconfig_digest,
                },
            },
            system_status: SystemStatus {
                time: seconds(now),
                uptime_secs: host.uptime_secs,
                cpu_user: host.cpu_times.user_ms,
                cpu_system: host.cpu_times.system_ms,
                cpu_idle: host.cpu_times.idle_ms,
                mem_total: host.memory.total,
                mem_available: host.memory.available,
                mem_used: host.memory.used,
                mem_free: host.memory.free,
                swap_total: host.memory.swap_total,
                swap_used: host.memory.swap_used,
                swap_free: host.memory.swap_free,
                disk_partitions: host.disks,
            },
            machine_info: MachineInfo {
                cpu_info: host.cpu_info,
                network_info: NetworkInfo { network_interfaces: host.interfaces, routing_table: host.routes },
            },
            meta: agent.meta,
            cert_expiration_time: agent.certificate_not_after.map(seconds),
            hardware_id: agent.hardware_id,
        }
    }
}

/// Seconds since 1970; a time before that counts as 1970.
fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::cpu::CpuTimes;
    use crate::host::memory::Memory;
    use std::time::Duration;

    fn host() -> HostFacts {
        HostFacts {
            cpu_info: CpuInfo {
                core_count: Some(2),
                threads_per_core: None,
                architecture: Some("x86_64".to_owned()),
                model_name: None,
            },
            cpu_times: CpuTimes { user_ms: 2500, system_ms: 750, idle_ms: 10_000 },
            memory: Memory {
                total: 7,
                available: 6,
                used: 5,
                free: 4,
                swap_total: 3,
                swap_used: 2,
                swap_free: 1,
            },
            uptime_secs: 99,
            disks: vec![DiskPartition {
                device: "/dev/sda1".to_owned(),
                mount_point: "/".to_owned(),
                total: 30,
                used: 20,
                free: 9,
                used_percent: 69.0,
            }],
            interfaces: vec![NetworkInterface {
                network_interface_id: "tun0".to_owned(),
                status: "UP",
                mac_address: None,
                ip_addresses: vec!["10.8.0.2/24".to_owned()],
                ipv6_addresses: Vec::new(),
            }],
            routes: vec![Route {
                destination_ip: "0.0.0.0".to_owned(),
                gateway_ip: "192.0.2.1".to_owned(),
                genmask: "0.0.0.0".to_owned(),
                network_interface_id: "eth0".to_owned(),
            }],
            kernel_version: "6.1.0".to_owned(),
            kernels_installed: vec!["linux-image-6.1.0".to_owned()],
        }
    }

    fn at(secs: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(secs * 1000 + 999)
    }

    #[test]
    fn every_fact_has_its_place_order_and_unit() {
        let agent = AgentFacts {
            hardware_id: "22ffea10-7fc4-4427-975a-b9e4ce8f6f4d".to_owned(),
            version: "1.9.0".to_owned(),
            mconfig_created_at_secs: 1_700_000_000,
            mconfig_path: Some("/m/gateway.mconfig".to_owned()),
            mconfig_digest: Some("d1".to_owned()),
            certificate_not_after: Some(at(1_700_100_000)),
            meta: BTreeMap::from([("enodeb_connected".to_owned(), "1".to_owned())]),
        };
        let expected = concat!(
            r#"{"machine_info":{"cpu_info":{"core_count":2,"threads_per_core":null,"architecture":"x86_64","model_name":null},"#,
            r#""network_info":{"network_interfaces":[{"network_interface_id":"tun0","status":"UP","mac_address":null,"#,
            r#""ip_addresses":["10.8.0.2/24"],"ipv6_addresses":[]}],"routing_table":[{"destination_ip":"0.0.0.0","#,
            r#""gateway_ip":"192.0.2.1","genmask":"0.0.0.0","network_interface_id":"eth0"}]}},"#,
            r#""meta":{"enodeb_connected":"1"},"#,
            r#""platform_info":{"vpn_ip":"10.8.0.2","packages":[{"name":"magma","version":"1.9.0"}],"kernel_version":"6.1.0","#,
            r#""kernel_versions_installed":["linux-image-6.1.0"],"config_info":{"mconfig_created_at":1700000000,"mconfig_path":"/m/gateway.mconfig","mconfig_digest":"d1"}},"#,
            r#""system_status":{"time":1700000050,"uptime_secs":99,"cpu_user":2500,"cpu_system":750,"cpu_idle":10000,"#,
            r#""mem_total":7,"mem_available":6,"mem_used":5,"mem_free":4,"swap_total":3,"swap_used":2,"swap_free":1,"#,
            r#""disk_partitions":[{"device":"/dev/sda1","mount_point":"/","total":30,"used":20,"free":9,"used_percent":69.0}]},"#,
            r#""cert_expiration_time":1700100000,"hardware_id":"22ffea10-7fc4-4427-975a-b9e4ce8f6f4d"}"#,
        );
        assert_eq!(gw_state(host(), agent, at(1_700_000_050)), expected);
    }

    #[test]
    fn a_machine_that_tells_nothing_is_still_reported() {
        let text = gw_state(HostFacts::default(), AgentFacts::default(), at(1_700_000_000));
        let state: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(state["platform_info"]["vpn_ip"], "N/A");
        assert_eq!(state["system_status"]["disk_partitions"], serde_json::json!([]));
        assert!(state["machine_info"]["cpu_info"]["core_count"].is_null());
        assert!(state.get("cert_expiration_time").is_none());
        for name in ["mconfig_path", "mconfig_digest"] {
            assert!(state["platform_info"]["config_info"].get(name).is_none(), "{name}");
        }
    }
}
