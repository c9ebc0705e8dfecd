//! `mobilityd`: where subscribers' addresses come from.

use wire_lte::mconfig::MobilityD;
use wire_lte::mconfig::mobility_d::IpAllocatorType;

use super::INFO;
use super::sources::Sources;
use crate::entries::EntryError;

/// The service's entry.
pub(super) fn mobilityd(sources: &Sources<'_>) -> Result<MobilityD, EntryError> {
    let mobility = sources.network_epc()?.mobility.unwrap_or_default();
    let gateway = sources.gateway_epc()?;
    let allocator = match mobility.ip_allocation_mode.as_str() {
        "DHCP_BROADCAST" => IpAllocatorType::Dhcp,
        _ => IpAllocatorType::IpPool,
    };
    Ok(MobilityD {
        log_level: INFO,
        ip_block: gateway.ip_block,
        ip_allocator_type: allocator.into(),
        static_ip_enabled: mobility.enable_static_ip_assignments.unwrap_or_default(),
        multi_apn_ip_alloc: mobility.enable_multi_apn_ip_allocation.unwrap_or_default(),
        ipv6_block: gateway.ipv6_block.unwrap_or_default(),
        ipv6_prefix_allocation_type: gateway.ipv6_prefix_allocation_mode.unwrap_or_default(),
    })
}
