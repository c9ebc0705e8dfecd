//! Metrics that gateways send: intake, and the newest samples in memory.
//!
//! A gateway's families become plain series, named and labelled as Magma's cloud shows them to Prometheus, so that
//! existing dashboards find them. Of each series the newest sample is kept, and of all series only so many:
//! nothing that a gateway sends can make the Orchestrator grow without bound. Storage over time and queries are
//! for later; this crate has no clock and no I/O.

mod flatten;
mod newest;
mod series;

pub use flatten::{Source, flatten};
pub use newest::{Intake, Limits, NewestSamples};
pub use series::{Sample, Series};
