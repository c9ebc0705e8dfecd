//! Prometheus' remote write, version 1: protobuf under snappy.

use prost::Message;

use crate::labels::Labels;
use crate::series::Sample;

/// Samples of one series on their way out.
#[derive(Debug, Clone, PartialEq)]
pub struct TimeSeries {
    /// All its labels, the name among them.
    pub labels: Labels,
    /// In the order of their times.
    pub samples: Vec<Sample>,
}

#[derive(Clone, PartialEq, Message)]
struct WriteRequest {
    #[prost(message, repeated, tag = "1")]
    timeseries: Vec<WireSeries>,
}

#[derive(Clone, PartialEq, Message)]
struct WireSeries {
    #[prost(message, repeated, tag = "1")]
    labels: Vec<WireLabel>,
    #[prost(message, repeated, tag = "2")]
    samples: Vec<WireSample>,
}

#[derive(Clone, PartialEq, Message)]
struct WireLabel {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    value: String,
}

#[derive(Clone, Copy, PartialEq, Message)]
struct WireSample {
    #[prost(double, tag = "1")]
    value: f64,
    #[prost(int64, tag = "2")]
    timestamp: i64,
}

/// The body of a `POST` to an engine's remote-write path.
///
/// # Errors
/// When there is more than snappy can hold, 4 GB.
pub fn compressed_write_request(series: &[TimeSeries]) -> Result<Vec<u8>, snap::Error> {
    let timeseries = series.iter().map(|series| WireSeries {
        labels: series.labels.iter().map(|(name, value)| wire_label(name, value)).collect(),
        samples: series.samples.iter().map(wire_sample).collect(),
    });
    let request = WriteRequest { timeseries: timeseries.collect() };
    snap::raw::Encoder::new().compress_vec(&request.encode_to_vec())
}

fn wire_label(name: &str, value: &str) -> WireLabel {
    WireLabel { name: name.to_owned(), value: value.to_owned() }
}

fn wire_sample(sample: &Sample) -> WireSample {
    WireSample { value: sample.value, timestamp: sample.time_ms }
}
