//! Events and logs of gateways: taken in the Fluent forward protocol, kept for a time, searched.
//!
//! A record is its gateway's by the certificate of the connection on which it came; what the record says about that is
//! not believed. A message is acknowledged when the disk has its records, so that a gateway keeps what was not taken. What is kept can be passed on to
//! an engine that the operator has.

mod archives;
mod cloud_events;
mod export;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod intake;
mod search;

pub use archives::{ArchiveLimits, Archives};
pub use cloud_events::{CloudEvent, CloudEvents};
pub use export::{Engine, ExportCounts, ExportTarget, Exporter};
pub use intake::{Admission, Counts, GRACE, Intake, Limits, Load, Refused, serve};
pub use search::{EventQuery, FoundEvent, LogQuery, SearchError, page};
