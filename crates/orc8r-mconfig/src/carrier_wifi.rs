//! The carrier Wi-Fi builder: a gateway between Wi-Fi access points and an operator's own core.

use orc8r_model::{GatewayNeighbourhood, entity_type, network_config};
use serde_json::Value;
use wire_cwf::mconfig::CwfGatewayHealthConfig;
use wire_cwf::mconfig::cwf_gateway_health_config::GrePeer;
use wire_lte::mconfig::pipeline_d::{AllowedGrePeer, IpdrExportDst, LiUes, NetworkServices};
use wire_lte::mconfig::wallet_exhaust_detection::Method;
use wire_lte::mconfig::{PipelineD, RedirectD, SessionD, WalletExhaustDetection};
use wire_orc8r::mconfig::DirectoryD;
use wire_orc8r::orc8r::LogLevel;
use wire_rest::types;

use crate::authentication;
use crate::entries::{Entries, EntryError};
use crate::stored::{member, parse};

const OF_GATEWAY: &str = "gateway's carrier Wi-Fi configuration";
const OF_NETWORK: &str = "network's carrier Wi-Fi configuration";
const OF_PAIR: &str = "high-availability pair's configuration";

/// Wi-Fi gateways hand out no addresses, but read the block.
const UE_IP_BLOCK: &str = "192.168.128.0/24";

const INFO: i32 = LogLevel::Info as i32;

/// Adds the entries of a carrier Wi-Fi gateway, if both the network and the gateway have such a configuration.
pub(crate) fn build(neighbourhood: &GatewayNeighbourhood, entries: &mut Entries) {
    let network = neighbourhood.network.configs.get(network_config::CARRIER_WIFI);
    let gateway = neighbourhood.side(entity_type::CARRIER_WIFI_GATEWAY);
    let (Some(network), Some(gateway)) = (network, gateway.and_then(|gateway| gateway.config.as_ref()))
    else {
        return;
    };
    authentication::build(OF_NETWORK, network, entries);
    entries.add("pipelined", pipelined(network, gateway));
    entries.add("sessiond", Ok(sessiond()));
    entries.add("redirectd", Ok(RedirectD { log_level: INFO }));
    entries.add("directoryd", Ok(DirectoryD { log_level: INFO }));
    entries.add("health", health(gateway, neighbourhood));
}

fn pipelined(network: &Value, gateway: &Value) -> Result<PipelineD, EntryError> {
    let export_to = |to: types::IpdrExportDst| IpdrExportDst { ip: to.ip, port: to.port };
    let peer =
        |peer: types::AllowedGrePeer| AllowedGrePeer { ip: peer.ip, key: peer.key.unwrap_or_default() };
    Ok(PipelineD {
        log_level: INFO,
        ue_ip_block: UE_IP_BLOCK.to_owned(),
        nat_enabled: false,
        default_rule_id: member(OF_NETWORK, network, "default_rule_id")?.unwrap_or_default(),
        services: services(
            &member::<Vec<String>>(OF_NETWORK, network, "network_services")?.unwrap_or_default(),
        ),
        allowed_gre_peers: gre_peers(gateway)?.into_iter().map(peer).collect(),
        ipdr_export_dst: member(OF_GATEWAY, gateway, "ipdr_export_dst")?.map(export_to),
        li_ues: member(OF_NETWORK, network, "li_ues")?.map(li_ues),
        ..PipelineD::default()
    })
}

/// Magma-compat: names that nobody knows are left out, and without any, policies are enforced.
fn services(names: &[String]) -> Vec<i32> {
    if names.is_empty() {
        return vec![NetworkServices::Enforcement.into()];
    }
    let service = |name: &String| match name.as_str() {
        "metering" => Some(NetworkServices::Metering.into()),
        "dpi" => Some(NetworkServices::Dpi.into()),
        "policy_enforcement" => Some(NetworkServices::Enforcement.into()),
        _ => None,
    };
    names.iter().filter_map(service).collect()
}

fn li_ues(config: types::LiUes) -> LiUes {
    let types::LiUes { imsis, msisdns, macs, ips } = config;
    LiUes { imsis, msisdns, macs, ips, imeis: Vec::new() }
}

fn sessiond() -> SessionD {
    SessionD {
        log_level: INFO,
        wallet_exhaust_detection: Some(WalletExhaustDetection {
            terminate_on_exhaust: true,
            method: Method::GxTrackedRules.into(),
            timeout_ms: 0,
        }),
        gx_gy_relay_enabled: true,
        ..SessionD::default()
    }
}

fn health(
    gateway: &Value,
    neighbourhood: &GatewayNeighbourhood,
) -> Result<CwfGatewayHealthConfig, EntryError> {
    let config: types::GatewayHealthConfigs =
        member(OF_GATEWAY, gateway, "gateway_health_configs")?.unwrap_or_default();
    Ok(CwfGatewayHealthConfig {
        cpu_util_threshold_pct: config.cpu_util_threshold_pct.unwrap_or_default() as f32,
        mem_util_threshold_pct: config.mem_util_threshold_pct.unwrap_or_default() as f32,
        // Deviation: in Magma this one never reaches the gateway, since its two names differ.
        gre_probe_interval: config.gre_probe_interval_secs.unwrap_or_default(),
        icmp_probe_pkt_count: config.icmp_probe_pkt_count.unwrap_or_default(),
        gre_peers: gre_peers(gateway)?.into_iter().map(|peer| GrePeer { ip: peer.ip }).collect(),
        cluster_virtual_ip: virtual_ip(neighbourhood)?,
    })
}

/// The address that a pair's active gateway has; empty without a pair.
fn virtual_ip(neighbourhood: &GatewayNeighbourhood) -> Result<String, EntryError> {
    let mut pairs =
        neighbourhood.groups.iter().filter(|group| group.id.entity_type == entity_type::CWF_HA_PAIR);
    let config = pairs.next().and_then(|pair| pair.config.as_ref());
    let config: Option<types::CwfHaPairConfigs> = config.map(|config| parse(OF_PAIR, config)).transpose()?;
    Ok(config.map(|config| config.transport_virtual_ip).unwrap_or_default())
}

fn gre_peers(gateway: &Value) -> Result<Vec<types::AllowedGrePeer>, EntryError> {
    Ok(member(OF_GATEWAY, gateway, "allowed_gre_peers")?.unwrap_or_default())
}
