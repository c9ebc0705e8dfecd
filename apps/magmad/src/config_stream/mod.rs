//! The cloud's configuration of this gateway: polled, checked, stored, and acted on.

mod apply;
mod known;
mod poll;
mod restarts;

pub use apply::{Applier, ApplyError};
pub use known::Known;
pub use poll::{Poller, Timings};
pub use restarts::catch_up;
