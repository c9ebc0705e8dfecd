//! Networks, gateways, tiers and channels: the types and rules of the Orchestrator, no I/O.
//!
//! Two families live here. The *records* (`Network`, `Entity`, `Device`, `CertificateInfo`, `StoredState`, …) are
//! what the store keeps and what the southbound services decide on. The *bodies* ([`body`]) are what the REST API
//! reads and writes, with the validation of Magma's published contract. Nothing here opens a file, a socket or a clock.

mod access;
mod device;
mod entity;
mod identity;
mod ids;
mod invalid;
mod neighbourhood;
mod network;
mod state;

pub mod body;

pub use access::{AccessDenied, AccessList, AccessTarget, Permissions};
pub use device::{Device, DeviceKey, DeviceKeyError, KeyType};
pub use entity::{
    EdgeChange, Entity, EntityId, EntityUpdate, edge_is_known, entity_type, has_single_parent, is_group,
};
pub use identity::{CertificateInfo, Identity};
pub use ids::{ChannelId, GatewayId, HardwareId, NetworkId, TierId};
pub use invalid::{Checks, Invalid};
pub use neighbourhood::GatewayNeighbourhood;
pub use network::{Network, NetworkUpdate, network_config, network_type};
pub use state::{ReportedState, StateFilter, StateId, StoredState, state_type};
