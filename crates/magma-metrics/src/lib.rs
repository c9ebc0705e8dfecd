//! Metric families on their way through a gateway: read from text pages, labelled, kept on disk, written as a page.
//!
//! Nothing here waits for the network or knows the agent; the collector in `magmad` does. [`host`] reads what the
//! kernel tells about this machine and its services.

pub mod exposition;
pub mod family;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
pub mod host;
mod queue;
pub mod text;

pub use magma_spool::Bounds;
pub use queue::{Chunk, MetricsQueue, Records};
