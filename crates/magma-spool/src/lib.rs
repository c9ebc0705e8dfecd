//! A queue of records on disk, bounded by bytes and by age, for what has to reach the cloud after an outage.
//!
//! Metrics, events and log lines are appended when they come up, read from the oldest on when the cloud can be
//! reached, and committed when it took them. What was appended survives `kill -9` and a power cut: every append waits
//! for the disk. What was committed may come again after a power cut at that moment, and only then.
//!
//! The queue is a folder of segments, files that only grow, and the file `position`. When a bound is reached the
//! oldest segment (a sixteenth of the bound) is dropped, and its records counted. Nothing else ever drops a
//! record that was appended: not a full disk (the new record is lost, and counted), not a damaged file (what is whole
//! is still read), and not a clock that jumps, see `clock.rs`.
//! A disk that takes no writes at all, such as a read-only one, turns the end of the queue into one in memory, with an
//! error in the log said once.
//!
//! It blocks: an append of a few kilobytes takes as long as the disk needs to confirm it. It is for one process; the
//! caller sees to it that no second one opens the same folder.

mod clock;
mod crc32;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod ledger;
mod record;
mod segment;
mod spool;
mod tail;

pub use record::Record;
pub use spool::{Bounds, Spool};
