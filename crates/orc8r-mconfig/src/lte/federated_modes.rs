//! Which subscribers of a federated network are served by whose core.

use wire_lte::mconfig::mode_map_item::FederatedMode;
use wire_lte::mconfig::{FederatedModeMap, ModeMapItem};
use wire_rest::types::{self, FederatedNetworkConfigs};

use super::sources::Sources;
use crate::entries::Entries;

/// The map of a network that uses a federation network; empty when it has none, absent for other networks.
///
/// Deviation: Magma sends it only if the cellular configuration, too, names the federation network.
pub(super) fn federated_mode_map(sources: &Sources<'_>, entries: &mut Entries) -> Option<FederatedModeMap> {
    let config: Option<FederatedNetworkConfigs> = sources.federated().unwrap_or_else(|error| {
        entries.note("mme", error);
        None
    });
    let map = config?.federated_modes_mapping.unwrap_or_default();
    Some(FederatedModeMap {
        enabled: map.enabled.unwrap_or_default(),
        mapping: map.mapping.into_iter().map(item).collect(),
    })
}

fn item(item: types::ModeMapItem) -> ModeMapItem {
    let mode = match item.mode.as_deref() {
        Some("local_subscriber") => FederatedMode::LocalSubscriber,
        Some("s8_subscriber") => FederatedMode::S8Subscriber,
        _ => FederatedMode::SpgwSubscriber,
    };
    ModeMapItem {
        mode: mode.into(),
        plmn: item.plmn.unwrap_or_default(),
        imsi_range: item.imsi_range.unwrap_or_default(),
        apn: item.apn.unwrap_or_default(),
    }
}
