//! Replicates the records of a gateway's tables to the cloud: what changed, no more, and the deletions.
//!
//! The services of a gateway keep state in tables ([`magma_redis::RecordStore`]); `state.yml` names those that the cloud
//! wants to know. A [`Replicator`] first asks the cloud which versions it has (`SyncStates`), then reports each record
//! whose version changed (`ReportStates`), and removes records that are garbage once the cloud has forgotten them
//! (`DeleteStates`). One round follows another at the caller's pace. Nothing is sent when nothing changed; no record
//! that cannot be read holds up others; requests stay far below gRPC's limit of 4 MiB.

mod cloud;
mod format;
mod interval;
mod known;
mod outgoing;
mod replicator;
mod table;

pub use cloud::{CloudError, StateCloud};
pub use format::Format;
pub use interval::{SYNC_INTERVAL_DEFAULT, sync_interval};
pub use replicator::{Replicator, Round};
pub use table::{Scope, Table};
