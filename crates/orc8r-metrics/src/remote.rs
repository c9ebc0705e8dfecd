//! An existing engine, such as Prometheus or VictoriaMetrics, for many nodes.

mod wire;

pub use wire::{TimeSeries, compressed_write_request};
