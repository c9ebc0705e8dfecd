//! `pipelined`: the data path.

use wire_lte::mconfig::PipelineD;
use wire_lte::mconfig::pipeline_d::he_config::{EncodingType, EncryptionAlgorithm, HashFunction};
use wire_lte::mconfig::pipeline_d::{HeConfig, NetworkServices};
use wire_rest::types::{GatewayHeConfig, NetworkProbeTask};

use super::sources::Sources;
use super::{INFO, interception};
use crate::entries::{Entries, EntryError};
use crate::stored::unusable;

const SERVICE: &str = "pipelined";

/// The service's entry.
pub(super) fn pipelined(
    sources: &Sources<'_>,
    tasks: &[NetworkProbeTask],
    entries: &mut Entries,
) -> Result<PipelineD, EntryError> {
    let (network, gateway) = (sources.network_epc()?, sources.gateway_epc()?);
    let he: Option<GatewayHeConfig> = sources.gateway_extra("he_config", SERVICE, entries);
    Ok(PipelineD {
        log_level: INFO,
        ue_ip_block: gateway.ip_block,
        nat_enabled: gateway.nat_enabled,
        default_rule_id: network.default_rule_id.unwrap_or_default(),
        services: services(&network.network_services, entries),
        li_ues: Some(interception::intercepted(tasks)),
        sgi_management_iface_vlan: gateway.sgi_management_iface_vlan.unwrap_or_default(),
        sgi_management_iface_ip_addr: gateway.sgi_management_iface_static_ip.unwrap_or_default(),
        sgi_management_iface_gw: gateway.sgi_management_iface_gw.unwrap_or_default(),
        sgi_management_iface_ipv6_addr: gateway.sgi_management_iface_ipv6_addr.unwrap_or_default(),
        sgi_management_iface_ipv6_gw: gateway.sgi_management_iface_ipv6_gw.unwrap_or_default(),
        he_config: Some(he.map(header_enrichment).unwrap_or_default()),
        enable5g_features: network.enable5g_features.unwrap_or_default(),
        upf_node_identifier: gateway.node_identifier.unwrap_or_default(),
        ..PipelineD::default()
    })
}

/// Policies are enforced when nothing else is named. A name that nobody knows is reported and left out; in Magma, it
/// withholds everything.
fn services(names: &[String], entries: &mut Entries) -> Vec<i32> {
    let mut services = Vec::new();
    for name in names {
        match name.as_str() {
            "metering" => services.push(NetworkServices::Metering.into()),
            "dpi" => services.push(NetworkServices::Dpi.into()),
            "policy_enforcement" => services.push(NetworkServices::Enforcement.into()),
            other => {
                let reason = format!("`network_services` has {other:?}, which is none");
                entries.note(SERVICE, unusable("network's cellular configuration", reason));
            }
        }
    }
    if services.is_empty() { vec![NetworkServices::Enforcement.into()] } else { services }
}

fn header_enrichment(config: GatewayHeConfig) -> HeConfig {
    let algorithm = EncryptionAlgorithm::from_str_name(&config.he_encryption_algorithm);
    let hash = HashFunction::from_str_name(&config.he_hash_function);
    let encoding = EncodingType::from_str_name(&config.he_encoding_type);
    HeConfig {
        enable_header_enrichment: config.enable_header_enrichment,
        enable_encryption: config.enable_encryption,
        encryption_algorithm: algorithm.unwrap_or_default().into(),
        hash_function: hash.unwrap_or_default().into(),
        encoding_type: encoding.unwrap_or_default().into(),
        encryption_key: config.encryption_key.unwrap_or_default(),
        hmac_key: config.hmac_key.unwrap_or_default(),
    }
}
