//! The cloud's configuration of this gateway: polled, checked, stored, and acted on.

mod apply;
mod poll;
mod restarts;

pub use apply::{Applier, ApplyError};
pub use poll::{Poller, Timings};
