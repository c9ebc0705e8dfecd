//! An existing engine, such as Prometheus or VictoriaMetrics, for many nodes.

mod sender;
mod wire;

pub use sender::RemoteWrite;
pub use wire::{TimeSeries, compressed_write_request};
