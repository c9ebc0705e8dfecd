//! The gateway's directory: for each subscriber, which gateways he was seen at, and the ids of his session.
//!
//! [`Directory`] answers `magma.orc8r.GatewayDirectoryService` for the services of one gateway. Its records are
//! [`DirectoryRecord`]s in a [`magma_redis::RecordStore`]: the gateway's Redis, where existing services look for them,
//! or a [`FileTable`] on a gateway without one. What becomes of the records in the cloud is the state replication's.

mod checksum;
mod directory;
mod file_table;
mod journal;
mod record;

pub use directory::{Deletion, Directory};
pub use file_table::{FileTable, RECORD_BYTES_MAX, RECORDS_MAX};
pub use record::{DirectoryRecord, LOCATIONS_MAX, RECORD_CLASS};

/// The type of these records in the gateway's tables and in the cloud.
pub const RECORD_TYPE: &str = "directory_record";
