//! `dnsd`: names for the gateway and its eNodeBs, and their addresses.

use wire_lte::mconfig::{DnsD, GatewayDnsConfigRecordsItems};
use wire_rest::types::{DnsConfigRecord, GatewayDnsConfigs};

use super::INFO;
use super::sources::Sources;
use crate::entries::EntryError;

/// The service's entry. eNodeBs get addresses where nothing is configured.
pub(super) fn dnsd(sources: &Sources<'_>) -> Result<DnsD, EntryError> {
    let config: Option<GatewayDnsConfigs> = sources.gateway_part("dns")?;
    let config =
        config.unwrap_or_else(|| GatewayDnsConfigs { dhcp_server_enabled: true, ..Default::default() });
    let record = |record: DnsConfigRecord| GatewayDnsConfigRecordsItems {
        a_record: record.a_record,
        aaaa_record: record.aaaa_record,
        cname_record: record.cname_record,
        domain: record.domain,
    };
    Ok(DnsD {
        log_level: INFO,
        enable_caching: config.enable_caching,
        local_ttl: config.local_ttl,
        records: config.records.into_iter().map(record).collect(),
        dhcp_server_enabled: config.dhcp_server_enabled,
    })
}
