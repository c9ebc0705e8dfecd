//! An existing engine, such as Prometheus or VictoriaMetrics, for many nodes.

mod engine;
mod sender;
mod target;
mod wire;

pub use engine::RemoteEngine;
pub(crate) use engine::{instant_values, overview};
pub use sender::{RemoteCounts, RemoteWrite};
pub use target::Target;
pub use wire::{TimeSeries, compressed_write_request};
