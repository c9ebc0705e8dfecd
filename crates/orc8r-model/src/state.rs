//! What gateways report about themselves and about what they see.

use std::collections::BTreeSet;

/// The types of states that this Orchestrator itself reads; any other type is stored all the same.
pub mod state_type {
    /// A gateway's status; the device id is its hardware id.
    pub const GATEWAY_STATUS: &str = "gw_state";
    /// Where a subscriber is; the device id is his IMSI, with `IMSI` before it.
    pub const DIRECTORY_RECORD: &str = "directory_record";
    /// A base station's status; the device id is its serial number.
    pub const ENODEB: &str = "single_enodeb";
    /// An address that mobilityd has lent; the device id is the IMSI with `.` and the APN.
    pub const IP_LEASE: &str = "mobilityd_ipdesc_record";
    /// The sessions of all subscribers of a gateway; the device id is its hardware id.
    pub const GATEWAY_SUBSCRIBERS: &str = "gateway_subscriber_state";
    /// The sessions of one subscriber; the device id is his IMSI.
    pub const SUBSCRIBER: &str = "subscriber_state";
    /// Where a subscriber of a carrier Wi-Fi network is; the device id is his IMSI, with `IMSI` before it.
    pub const CARRIER_WIFI_DIRECTORY: &str = "cwf_subscriber_directory_record";
    /// How a carrier Wi-Fi gateway is; the device id is its id in the network.
    pub const CARRIER_WIFI_HEALTH: &str = "cwf_gateway_health";
    /// Which gateway of a high-availability pair is active; the device id is the pair's id.
    pub const HA_PAIR: &str = "cwf_ha_pair_status";
}

/// The name of a state inside its network.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct StateId {
    /// For example `gw_state` or `directory_record`.
    pub state_type: String,
    /// Whom the state is about: a hardware id, an IMSI, a serial number.
    pub device_id: String,
}

/// A state as a gateway reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedState {
    /// Its name.
    pub id: StateId,
    /// Its value: bytes that the reporter chose, JSON for every type known so far.
    pub value: Vec<u8>,
    /// The reporter's version; 0 means one more than the last.
    pub version: u64,
}

/// A state as the store keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredState {
    /// Its name.
    pub id: StateId,
    /// The reported bytes.
    pub value: Vec<u8>,
    /// The reporter's version, or a count of reports.
    pub version: u64,
    /// The hardware id of the gateway that reported it last.
    pub reporter: String,
    /// When that was, in milliseconds since 1970.
    pub time_ms: u64,
}

/// Which states of a network; an empty set or `None` does not restrict.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StateFilter {
    /// Only of these types.
    pub state_types: BTreeSet<String>,
    /// Only about these devices.
    pub device_ids: BTreeSet<String>,
    /// Only about devices whose id starts so.
    pub device_id_prefix: Option<String>,
}

impl StateFilter {
    /// Every state of one type.
    pub fn of_type(state_type: &str) -> Self {
        Self { state_types: BTreeSet::from([state_type.to_owned()]), ..Self::default() }
    }
}
