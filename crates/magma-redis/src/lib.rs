//! The tables that the services of a gateway share: versioned records, usually in the gateway's Redis.
//!
//! Existing services keep their state there in one format ([`Record`]): each value has a version and may be marked as
//! garbage until the cloud has forgotten it too. [`RecordStore`] is that format with a compare-and-replace, so that
//! writers in several programs lose nothing; [`RedisTable`] is the one in Redis. The client speaks the second version
//! of Redis' protocol (RESP2), with bounded answers and a deadline for everything. It never blocks the server: tables
//! are scanned in pieces, not listed.

mod client;
mod connection;
mod error;
mod exit_status;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod lock;
mod record;
mod reply;
mod store;
mod table;
#[cfg(feature = "testing")]
pub mod testing;

pub use client::{Redis, RedisAddress, Session};
pub use error::{RedisError, StoreError};
pub use exit_status::{ExitStatuses, SERVICE_STATUS_TYPE, ServiceEnd};
pub use record::{Record, Stored};
pub use reply::{BULK_BYTES_MAX, Reply};
pub use store::{Batch, Pending, RecordStore, Scan, update};
pub use table::RedisTable;
