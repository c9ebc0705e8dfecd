//! What one gateway sends: values that behave as real ones do.

use wire_orc8r::prometheus::{Counter, Gauge, LabelPair, Metric, MetricFamily, MetricType};

/// The families of an upload, each with one series, made once and filled anew for each gateway.
pub struct Upload(Vec<MetricFamily>);

impl Upload {
    /// With so many series.
    pub fn of(series: usize) -> Self {
        let label = |name: &str, value: String| LabelPair { name: Some(name.to_owned()), value: Some(value) };
        let family = |number: usize| MetricFamily {
            name: Some(format!("fleet_metric_{number}")),
            help: None,
            r#type: Some(if is_counter(number) { MetricType::Counter } else { MetricType::Gauge }.into()),
            metric: vec![Metric {
                label: vec![label("service", format!("service{}", number % 10))],
                ..Metric::default()
            }],
        };
        Self((0..series).map(family).collect())
    }

    /// The values of a gateway in a minute: of four series one is a counter, one never changes, one is a small number
    /// that moves a little, and one a share with a digit behind the point.
    pub fn fill(&mut self, gateway: usize, minute: usize, now_ms: i64) {
        // No two gateways send at the same millisecond of their second, and none is quite regular.
        let time_ms = now_ms + (gateway * 7919 + minute * 13) as i64 % 1000;
        for (number, metric) in self.0.iter_mut().flat_map(|family| &mut family.metric).enumerate() {
            let chance = scatter(gateway, number, minute);
            metric.timestamp_ms = Some(time_ms);
            if is_counter(number) {
                let rate = scatter(gateway, number, 0) % 1000;
                let value = rate as f64 * minute as f64 + (chance % 50) as f64;
                metric.counter = Some(Counter { value: Some(value) });
                continue;
            }
            let value = match number % 4 {
                1 => (number * 10) as f64,
                2 => (20 + chance % 5) as f64,
                _ => (chance % 1000) as f64 / 10.0,
            };
            metric.gauge = Some(Gauge { value: Some(value) });
        }
    }

    /// All of it.
    pub fn families(&self) -> &[MetricFamily] {
        &self.0
    }
}

fn is_counter(number: usize) -> bool {
    number.is_multiple_of(4)
}

/// A number that looks like chance and is the same in each run.
fn scatter(gateway: usize, number: usize, minute: usize) -> u64 {
    let mut mixed = (gateway as u64) << 32 ^ (number as u64) << 16 ^ minute as u64;
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ mixed >> 31
}
