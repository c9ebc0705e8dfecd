//! Check-in: the states of this gateway and of its services, reported to the cloud at intervals.
//!
//! A gateway that checks in counts as alive, so this comes before completeness: a service that does not answer costs its
//! own states and nobody else's, and every failure is followed by the next attempt at the usual time.

mod report;
mod skip;
mod states;

pub use report::{GatewayState, Reporter, Timings};
pub use skip::SkipRule;
