//! The embedded time-series store: samples of many gateways, on disk, within bounds.
//!
//! A series is a *shape* (a metric's name and its labels) of a *source* (a network and a gateway). All gateways of
//! a kind have the same shapes, so a shape is held once, however many gateways have it: what a series costs in
//! memory is a place in two lists and its newest samples, compressed.
//!
//! What arrives goes to the *head* in memory and to a *log* on disk, which is written and synced every second. When
//! the head spans two hours or is full, it becomes a *block*: one file, never changed, sorted by metric name, then
//! by shape, then by source, so that the series of one metric lie together. Blocks may overlap in time: samples that
//! come late go where the others go, and reading puts them in order.

mod batch;
mod block;
mod block_writer;
mod bytes;
mod chunk;
mod head;
mod intake;
mod log;
mod matching;
mod merge;
mod samples;
mod settings;
mod shapes;
mod store;
mod upkeep;

#[cfg(test)]
mod tests;

pub use batch::Batch;
pub use chunk::STALE;
pub use matching::{Matcher, Operator, Scope, Selector};
pub use samples::{ReadError, ReadLimits, SeriesSamples};
pub use settings::{Counters, Intake, Settings};
pub use store::{OpenError, Tsdb};
pub use upkeep::Upkeep;

/// Reads octets as each table and record in turn, past their checksums: for `fuzzing.rs`.
#[cfg(any(test, fuzzing))]
pub(crate) fn read_anything(bytes: &[u8]) {
    log::read_anything(bytes);
    block::read_anything(bytes);
    let count = chunk::ChunkReader::new(bytes, 480).count();
    assert!(count <= 480 && count <= bytes.len());
}
