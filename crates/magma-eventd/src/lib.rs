//! Takes the events of a gateway's services (`EventService/LogEvent`), holds each against its schema, and passes it on
//! toward the cloud: what the `eventd` of existing gateways does.
//!
//! An event that was taken is on disk, so that it survives an outage of whatever is behind: the local `td-agent-bit`,
//! to which [`Delivery`] brings it, or the log forwarder in the same process, which is a [`Sink`] itself.
//! Deviation: Magma's `eventd` keeps nothing and answers `UNAVAILABLE` while `td-agent-bit` is down.

mod delivery;
mod event_types;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod queue;
mod schema;
mod service;

pub use delivery::{Delivery, Timings};
pub use event_types::EventTypes;
pub use queue::DiskQueue;
pub use service::{EventTaker, Metrics, Sink, Stored};
