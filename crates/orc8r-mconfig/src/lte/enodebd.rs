//! `enodebd`: the radio network, and the eNodeBs that are connected to the gateway.

use std::collections::BTreeMap;

use orc8r_model::Entity;
use wire_lte::mconfig::EnodebD;
use wire_lte::mconfig::enodeb_d::{CsfbRat, EnodebConfig, FddConfig, TddConfig};
use wire_rest::types::{self, EnodebConfiguration, GatewayNonEpsConfigs, NetworkRanConfigs};

use super::sources::Sources;
use super::{INFO, signed};
use crate::entries::{Entries, EntryError};
use crate::stored::{parse_one, unusable};

const OF_ENODEB: &str = "configuration of an eNodeB";

/// The eNodeBs by serial number.
pub(super) type Enodebs = BTreeMap<String, EnodebConfig>;

/// The service's entry.
pub(super) fn enodebd(sources: &Sources<'_>, enodebs: Enodebs) -> Result<EnodebD, EntryError> {
    let (network, epc, gateway) = (sources.network_ran()?, sources.network_epc()?, sources.gateway_ran()?);
    // A mistake in it is reported with `mme`.
    let non_eps: Option<GatewayNonEpsConfigs> = sources.gateway_part("non_eps_service").unwrap_or_default();
    let non_eps = non_eps.unwrap_or_default();
    Ok(EnodebD {
        log_level: INFO,
        pci: signed(gateway.pci),
        bandwidth_mhz: signed(network.bandwidth_mhz),
        plmnid_list: format!("{}{}", epc.mcc, epc.mnc),
        allow_enodeb_transmit: gateway.transmit_enabled,
        tac: signed(epc.tac),
        csfb_rat: CsfbRat::try_from(signed(non_eps.csfb_rat.unwrap_or_default())).unwrap_or_default().into(),
        arfcn_2g: non_eps.arfcn_2g.into_iter().map(signed).collect(),
        fdd_config: fdd(&network),
        tdd_config: tdd(&network),
        enb_configs_by_serial: enodebs,
        ..EnodebD::default()
    })
}

fn fdd(network: &NetworkRanConfigs) -> Option<FddConfig> {
    let fdd = network.fdd_config.as_ref()?;
    Some(FddConfig { earfcndl: signed(fdd.earfcndl), earfcnul: signed(fdd.earfcnul) })
}

fn tdd(network: &NetworkRanConfigs) -> Option<TddConfig> {
    let tdd = network.tdd_config.as_ref()?;
    Some(TddConfig {
        earfcndl: signed(tdd.earfcndl),
        subframe_assignment: signed(tdd.subframe_assignment),
        special_subframe_pattern: signed(tdd.special_subframe_pattern),
    })
}

/// The eNodeBs that are usable; the others are reported. In Magma, one of these withholds everything.
pub(super) fn enodebs(sources: &Sources<'_>, entries: &mut Entries) -> Enodebs {
    let mut enodebs = Enodebs::new();
    let defaults = Defaults::of(sources);
    for entity in sources.enodebs() {
        match enodeb(entity, &defaults) {
            Ok(config) => drop(enodebs.insert(entity.id.key.clone(), config)),
            Err(error) => entries.note("enodebd", error),
        }
    }
    enodebs
}

/// What an eNodeB takes where its own configuration says nothing, or 0.
#[derive(Default)]
struct Defaults {
    earfcndl: i32,
    subframe_assignment: i32,
    special_subframe_pattern: i32,
    pci: i32,
    bandwidth_mhz: i32,
    tac: i32,
}

impl Defaults {
    /// A part that is not usable is reported with the services that need it.
    fn of(sources: &Sources<'_>) -> Self {
        let network = sources.network_ran().unwrap_or_default();
        let tdd = tdd(&network).unwrap_or_default();
        let fdd = fdd(&network);
        Self {
            earfcndl: fdd.map_or(tdd.earfcndl, |fdd| fdd.earfcndl),
            subframe_assignment: tdd.subframe_assignment,
            special_subframe_pattern: tdd.special_subframe_pattern,
            pci: sources.gateway_ran().map(|gateway| signed(gateway.pci)).unwrap_or_default(),
            bandwidth_mhz: signed(network.bandwidth_mhz),
            tac: sources.network_epc().map(|epc| signed(epc.tac)).unwrap_or_default(),
        }
    }
}

fn enodeb(entity: &Entity, defaults: &Defaults) -> Result<EnodebConfig, EntryError> {
    let serial = &entity.id.key;
    let unusable = |what: String| unusable(OF_ENODEB, format!("{serial} {what}"));
    let config: types::EnodebConfig = parse_one(OF_ENODEB, serial, entity.config.as_ref())?;
    match config.config_type.as_str() {
        "MANAGED" => {
            let config =
                config.managed_config.ok_or_else(|| unusable("has no `managed_config`".to_owned()))?;
            Ok(managed(config, defaults))
        }
        "UNMANAGED" => {
            let config =
                config.unmanaged_config.ok_or_else(|| unusable("has no `unmanaged_config`".to_owned()))?;
            Ok(EnodebConfig {
                tac: or(Some(config.tac), defaults.tac),
                cell_id: signed(config.cell_id),
                ip_address: config.ip_address,
                ..EnodebConfig::default()
            })
        }
        other => Err(unusable(format!("is neither MANAGED nor UNMANAGED but {other:?}"))),
    }
}

fn managed(config: EnodebConfiguration, defaults: &Defaults) -> EnodebConfig {
    EnodebConfig {
        earfcndl: or(config.earfcndl, defaults.earfcndl),
        subframe_assignment: or(config.subframe_assignment, defaults.subframe_assignment),
        special_subframe_pattern: or(config.special_subframe_pattern, defaults.special_subframe_pattern),
        pci: or(config.pci, defaults.pci),
        transmit_enabled: config.transmit_enabled,
        device_class: config.device_class,
        bandwidth_mhz: or(config.bandwidth_mhz, defaults.bandwidth_mhz),
        tac: or(config.tac, defaults.tac),
        cell_id: signed(config.cell_id),
        ip_address: String::new(),
    }
}

/// Magma-compat: a 0 counts as nothing, also where it would be a value.
fn or(number: Option<u32>, default: i32) -> i32 {
    number.filter(|number| *number != 0).map_or(default, signed)
}
