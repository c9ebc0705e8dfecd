//! Networks, gateways, tiers and channels: the types and rules of the Orchestrator, no I/O.
//!
//! The *records* (`Network`, `Entity`, `Device`, `CertificateInfo`, `StoredState`, …) are
//! what the store keeps and what the southbound services decide on. What they keep of a REST body is its JSON, whose
//! types are those of `wire-rest`. Nothing here opens a file, a socket or a clock.

mod access;
mod device;
mod directory;
mod entity;
mod federation_health;
mod gateway_device;
mod gateway_status;
mod identity;
mod ids;
mod invalid;
mod lte_bands;
mod neighbourhood;
mod network;
mod state;
mod tenant;
mod upgrade;
mod user;

pub use access::{AccessDenied, AccessList, AccessTarget, Permissions};
pub use device::{Device, DeviceKey, DeviceKeyError, KeyType};
pub use directory::{DirectoryRecord, LinkKind, checked_in_recently, lease_address, links, session_id};
pub use entity::{
    EdgeChange, Entity, EntityId, EntityUpdate, edge_is_known, entity_type, has_single_parent, is_group,
    is_network_wide,
};
pub use federation_health::{HealthReport, HealthRules, ServiceHealth, SystemLoad, Verdict, choose_active};
pub use gateway_status::gateway_status;
pub use identity::{CertificateInfo, Identity};
pub use ids::{ChannelId, GatewayId, HardwareId, NetworkId, TierId};
pub use invalid::Invalid;
pub use lte_bands::{LteChannel, LteChannelError};
pub use neighbourhood::GatewayNeighbourhood;
pub use network::{Network, NetworkUpdate, network_config, network_type};
pub use state::{ReportedState, StateFilter, StateId, StoredState, state_type};
pub use tenant::Tenant;
pub use upgrade::{ChannelConfig, TierConfig};
pub use user::{
    Action, Effect, Place, Policy, PolicyResource, RightLacking, Rights, Role, RoleGrant, Visible,
};
