//! `mme`: mobility management for 4G, and the AMF for 5G.

use orc8r_model::Entity;
use wire_lte::mconfig::Mme;
use wire_lte::mconfig::mme::{ImeiConfig, NonEpsServiceControl, PlmnConfig, TacList};
use wire_rest::types::{
    CellularGatewayPoolConfigs, CellularGatewayPoolRecord, GatewayDnsConfigs, GatewayEpcConfigs,
    GatewayNgcConfigs, GatewayNonEpsConfigs, NetworkEpcConfigs,
};

use super::sources::Sources;
use super::{INFO, federated_modes, sentry, signed};
use crate::entries::{Entries, EntryError};
use crate::stored::{parse_one, unusable};

/// Group, code and relative capacity of a gateway that is in no pool.
const OUTSIDE_POOLS: Pool = Pool { group: 1, code: 1, relative_capacity: 10 };

/// The location area of a gateway that says none; 0 is reserved (3GPP TS 24.008 §10.5.1.3).
///
/// Deviation: Magma takes 1 for a gateway without any circuit-switched fallback, and 0 for one that only leaves its
/// location area out.
const LAC: u32 = 1;

const SERVICE: &str = "mme";
const OF_POOL: &str = "configuration of the gateway's pool";

struct Pool {
    group: u32,
    code: u32,
    relative_capacity: u32,
}

/// The service's entry; `tacs` are the tracking areas of the eNodeBs.
#[expect(deprecated, reason = "gateways of earlier releases read `sentry_config` here")]
pub(super) fn mme(
    sources: &Sources<'_>,
    mut tacs: Vec<i32>,
    entries: &mut Entries,
) -> Result<Mme, EntryError> {
    let (network, gateway) = (sources.network_epc()?, sources.gateway_epc()?);
    tacs.sort_unstable();
    let pool = pool(sources, entries);
    // A mistake in it is reported with `dnsd`.
    let dns: Option<GatewayDnsConfigs> = sources.gateway_part("dns").unwrap_or_default();
    let mme = Mme {
        log_level: INFO,
        mme_gid: signed(pool.group),
        mme_code: signed(pool.code),
        mme_relative_capacity: signed(pool.relative_capacity),
        enable_dns_caching: dns.is_some_and(|dns| dns.enable_caching),
        attached_enodeb_tacs: tacs,
        congestion_control_enabled: congestion_control(&network, &gateway),
        federated_mode_map: federated_modes::federated_mode_map(sources, entries),
        sentry_config: sentry(sources),
        ..Mme::default()
    };
    let mme = with_network(mme, network);
    let mme = with_gateway(mme, gateway);
    let mme = with_non_eps(mme, sources.gateway_extra("non_eps_service", SERVICE, entries));
    Ok(with_ngc(mme, sources.gateway_extra("ngc", SERVICE, entries).unwrap_or_default()))
}

/// Deviation: with neither said, it is on, as the REST contract has it and as gateways do by themselves; Magma turns it
/// off.
fn congestion_control(network: &NetworkEpcConfigs, gateway: &GatewayEpcConfigs) -> bool {
    gateway.congestion_control_enabled.or(network.congestion_control_enabled).unwrap_or(true)
}

fn with_network(mme: Mme, network: NetworkEpcConfigs) -> Mme {
    let plmn = |plmn: wire_rest::types::PlmnConfig| PlmnConfig { mcc: plmn.mcc, mnc: plmn.mnc };
    let imei = |imei: wire_rest::types::Imei| ImeiConfig { tac: imei.tac, snr: imei.snr.unwrap_or_default() };
    let areas = network.service_area_maps.into_iter().map(|(zone, tac)| (zone, TacList { tac }));
    Mme {
        mcc: network.mcc,
        mnc: network.mnc,
        tac: signed(network.tac),
        hss_relay_enabled: network.hss_relay_enabled,
        cloud_subscriberdb_enabled: network.cloud_subscriberdb_enabled.unwrap_or_default(),
        restricted_plmns: network.restricted_plmns.into_iter().map(plmn).collect(),
        restricted_imeis: network.restricted_imeis.into_iter().map(imei).collect(),
        service_area_maps: areas.collect(),
        enable5g_features: network.enable5g_features.unwrap_or_default(),
        ..mme
    }
}

fn with_gateway(mme: Mme, gateway: GatewayEpcConfigs) -> Mme {
    Mme {
        dns_primary: gateway.dns_primary.unwrap_or_default(),
        dns_secondary: gateway.dns_secondary.unwrap_or_default(),
        ipv4_p_cscf_address: gateway.ipv4_p_cscf_addr.unwrap_or_default(),
        ipv6_dns_address: gateway.ipv6_dns_addr.unwrap_or_default(),
        ipv6_p_cscf_address: gateway.ipv6_p_cscf_addr.unwrap_or_default(),
        nat_enabled: gateway.nat_enabled,
        ipv4_sgw_s1u_addr: gateway.ipv4_sgw_s1u_addr.unwrap_or_default(),
        ..mme
    }
}

fn with_non_eps(mme: Mme, non_eps: Option<GatewayNonEpsConfigs>) -> Mme {
    let non_eps = non_eps.unwrap_or_default();
    let control = NonEpsServiceControl::try_from(signed(non_eps.non_eps_service_control));
    Mme {
        non_eps_service_control: control.unwrap_or_default().into(),
        csfb_mcc: non_eps.csfb_mcc.unwrap_or_default(),
        csfb_mnc: non_eps.csfb_mnc.unwrap_or_default(),
        lac: signed(non_eps.lac.unwrap_or(LAC)),
        ..mme
    }
}

fn with_ngc(mme: Mme, ngc: GatewayNgcConfigs) -> Mme {
    Mme {
        amf_name: ngc.amf_name.unwrap_or_default(),
        amf_set_id: ngc.amf_set_id.unwrap_or_default(),
        amf_region_id: ngc.amf_region_id.unwrap_or_default(),
        amf_pointer: ngc.amf_pointer.unwrap_or_default(),
        amf_default_slice_service_type: ngc.amf_default_sst.unwrap_or_default(),
        amf_default_slice_differentiator: ngc.amf_default_sd.unwrap_or_default(),
        ..mme
    }
}

/// A gateway may be in several pools, but an MME has one group: that of the gateway's first record.
fn pool(sources: &Sources<'_>, entries: &mut Entries) -> Pool {
    let records: Option<Vec<CellularGatewayPoolRecord>> = sources.gateway_extra("pooling", SERVICE, entries);
    let Some(record) = records.unwrap_or_default().into_iter().next() else { return OUTSIDE_POOLS };
    let group = group(sources, &record.gateway_pool_id).unwrap_or_else(|error| {
        entries.note(SERVICE, error);
        OUTSIDE_POOLS.group
    });
    Pool { group, code: record.mme_code, relative_capacity: record.mme_relative_capacity }
}

fn group(sources: &Sources<'_>, pool_id: &str) -> Result<u32, EntryError> {
    let pool: Option<&Entity> = sources.pools().find(|pool| pool.id.key == pool_id);
    let pool = pool
        .ok_or_else(|| unusable(OF_POOL, format!("the gateway is not in pool {pool_id}, which it names")))?;
    parse_one(OF_POOL, pool_id, pool.config.as_ref())
        .map(|config: CellularGatewayPoolConfigs| config.mme_group_id)
}
