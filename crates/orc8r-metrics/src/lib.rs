//! Metrics: what gateways measured, kept over time, and asked for in Prometheus' language.
//!
//! [`flatten`] turns a gateway's families into plain series, named and labelled as Magma's cloud shows them to
//! Prometheus, so that existing dashboards find them. [`tsdb`] keeps their samples on disk, within bounds of age, bytes
//! and series: nothing that a gateway sends can make the Orchestrator grow without bound. [`promql`] answers queries.

mod flatten;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
pub mod labels;
mod metrics;
pub mod promql;
mod push;
mod query_counts;
pub mod remote;
mod series;
pub mod tsdb;

pub use flatten::flatten;
pub use labels::Labels;
pub use metrics::{Description, Metrics, Reply};
pub use push::{Pushed, pushed};
pub use query_counts::{KindCounts, QueryCounts};
pub use series::{Sample, Source};
