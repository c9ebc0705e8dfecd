//! What subscribers use, over hours and days, as metrics of their networks: calculated from what gateways measure, as
//! Magma's analytics do it, for the dashboard "Aggregated Analyses" of the existing web UI.
//!
//! What is calculated seldom is written each minute, since a sample is shown for five.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use orc8r_metrics::promql::InstantQuery;
use orc8r_metrics::tsdb::{Batch, Scope};
use orc8r_metrics::{Labels, Metrics, Sample, Source};
use orc8r_store::Store;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

const INTERVAL: Duration = Duration::from_secs(60);
/// Series that one expression may give in a network: access points have names that are theirs.
const SERIES_MAX: usize = 1000;

/// A metric and how it is calculated.
struct Derived {
    name: &'static str,
    /// Labels that the expression does not give.
    labels: &'static [(&'static str, &'static str)],
    expression: String,
    /// After how many minutes again; Magma's analytics run every three hours.
    every: u64,
}

/// A value of a network, until it is calculated again.
struct Value {
    name: &'static str,
    labels: Labels,
    value: f64,
}

/// By the number of the metric, and by network.
type Values = BTreeMap<(usize, String), Vec<Value>>;

/// Writes them whenever this node leads, until told to stop.
pub(crate) async fn run(
    store: Store,
    metrics: Metrics,
    leads: impl Fn() -> bool,
    mut stopped: watch::Receiver<bool>,
) {
    let derived = derived();
    let mut values = Values::new();
    let mut ticks = interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut minute = 0_u64;
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stopped.wait_for(|stop| *stop) => return,
        }
        if !leads() {
            values.clear();
            minute = 0;
            continue;
        }
        tokio::select! {
            () = round(&store, &metrics, &derived, &mut values, minute) => minute += 1,
            _ = stopped.wait_for(|stop| *stop) => return,
        }
    }
}

async fn round(store: &Store, metrics: &Metrics, derived: &[Derived], values: &mut Values, minute: u64) {
    match store.network_ids().await {
        Ok(networks) => {
            let networks: Vec<String> = networks.iter().map(ToString::to_string).collect();
            values.retain(|(_, network), _| networks.contains(network));
            let due = derived.iter().enumerate().filter(|(_, metric)| minute.is_multiple_of(metric.every));
            for (number, metric) in due {
                for network in &networks {
                    let found = calculate(metrics, metric, network, now_ms()).await;
                    values.insert((number, network.clone()), found);
                }
            }
        }
        Err(error) => tracing::warn!(%error, "cannot calculate what subscribers use now"),
    }
    write(metrics, values, now_ms());
}

/// The values in one network; none where nothing is measured, or where it is too much to calculate.
async fn calculate(metrics: &Metrics, derived: &Derived, network: &str, now_ms: i64) -> Vec<Value> {
    let query = InstantQuery { text: derived.expression.clone(), time_ms: now_ms };
    let answer = match metrics.instant(query, Scope::network(network)).await {
        Ok(answer) => answer,
        Err(error) => {
            tracing::info!(network, metric = derived.name, %error, "a metric is not calculated");
            return Vec::new();
        }
    };
    let found = answer.instant_values().into_iter().filter(|(_, value)| value.is_finite()).take(SERIES_MAX);
    let found = found.map(|(mut labels, value)| {
        derived.labels.iter().for_each(|(name, text)| labels.set(name, text));
        labels.retain(|name| !["__name__", "networkID", "gatewayID"].contains(&name));
        Value { name: derived.name, labels, value }
    });
    found.collect()
}

fn write(metrics: &Metrics, values: &Values, now_ms: i64) {
    for ((_, network), values) in values {
        let mut batch = Batch::default();
        for Value { name, labels, value } in values {
            batch.push(name, labels.iter(), Sample { value: *value, time_ms: now_ms });
        }
        metrics.append(&Source { network: network.clone(), gateway: String::new() }, &batch, now_ms);
    }
}

/// All of them; docs/metrics.md says what they mean.
fn derived() -> Vec<Derived> {
    let plane = |direction: &'static [(&'static str, &'static str)], counter: &str| Derived {
        name: "user_plane_throughput",
        labels: direction,
        expression: format!("sum(rate({counter}{{service=\"pipelined\"}}[5m]))"),
        every: 1,
    };
    let mut all = vec![
        plane(&[("direction", "down")], "gtp_port_user_plane_dl_bytes"),
        plane(&[("direction", "up")], "gtp_port_user_plane_ul_bytes"),
        Derived {
            name: "user_consumption_hourly",
            labels: &[],
            expression: "sum by (direction) (increase(ue_reported_usage[1h]))".to_owned(),
            every: 10,
        },
    ];
    for (days, labels) in
        [(1, &[("days", "1")] as &'static [_]), (7, &[("days", "7")]), (30, &[("days", "30")])]
    {
        let usage = |function: &str| format!("{function}(ue_reported_usage[{days}d])");
        let (increase, rate) = (usage("increase"), usage("rate"));
        for (name, expression) in [
            ("active_users_over_time", format!("count(sum by (IMSI) ({increase}) > 0)")),
            ("user_throughput", format!("avg by (direction) (sum by (IMSI, direction) ({rate}))")),
            ("throughput_per_ap", format!("sum by (apn, direction) ({rate})")),
            ("user_consumption", format!("sum by (direction) ({increase})")),
            ("authentications_over_time", format!("sum by (code) (increase(eap_auth[{days}d]))")),
        ] {
            all.push(Derived { name, labels, expression, every: 180 });
        }
    }
    all
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use orc8r_metrics::promql::Limits;
    use orc8r_metrics::tsdb::{ReadLimits, Selector, Settings, Tsdb};

    use super::*;

    const NOW: i64 = 1_700_000_000_000;

    /// A counter that grows by `step` each minute of the last hour.
    fn grow(metrics: &Metrics, network: &str, name: &str, labels: &[(&str, &str)], step: f64) {
        let source = Source { network: network.into(), gateway: "g1".into() };
        for minute in 0..=60 {
            let mut batch = Batch::default();
            let (value, time_ms) = (step * f64::from(minute), NOW - 60_000 * i64::from(60 - minute));
            batch.push(name, labels.iter().copied(), Sample { value, time_ms });
            assert_eq!(metrics.append(&source, &batch, NOW).accepted, 1);
        }
    }

    #[tokio::test]
    async fn usage_is_calculated_network_by_network() {
        let folder = tempfile::tempdir().unwrap();
        let store = Tsdb::open(folder.path(), Settings::default(), NOW - 3_600_000).unwrap();
        let metrics = Metrics::new(store.clone(), Limits::default());
        for (imsi, direction, step) in [("1", "down", 600.0), ("1", "up", 60.0), ("2", "down", 1200.0)] {
            let labels = [("IMSI", imsi), ("apn", "ap1"), ("direction", direction)];
            grow(&metrics, "n1", "ue_reported_usage", &labels, step);
        }
        // Who used nothing is no active user.
        grow(&metrics, "n1", "ue_reported_usage", &[("IMSI", "3"), ("apn", "ap1"), ("direction", "up")], 0.0);
        grow(&metrics, "n1", "eap_auth", &[("code", "success")], 1.0);
        grow(&metrics, "n2", "gtp_port_user_plane_dl_bytes", &[("service", "pipelined")], 6000.0);
        let mut values = Values::new();
        for (number, metric) in derived().iter().enumerate() {
            for network in ["n1", "n2"] {
                let found = calculate(&metrics, metric, network, NOW).await;
                values.insert((number, network.to_owned()), found);
            }
        }
        write(&metrics, &values, NOW);
        let times = (NOW, NOW);
        let found = store.select(&Selector::default(), &Scope::All, times, ReadLimits::default()).unwrap();
        let found: BTreeMap<String, f64> = found
            .iter()
            .filter(|series| !series.labels.iter().any(|(name, _)| name == "gatewayID"))
            .map(|series| (series.labels.to_string(), series.read(NOW, NOW)[0].value))
            .collect();
        for (series, from, to) in [
            ("active_users_over_time{days=\"1\",networkID=\"n1\"}", 2.0, 2.0),
            ("active_users_over_time{days=\"30\",networkID=\"n1\"}", 2.0, 2.0),
            ("user_plane_throughput{direction=\"down\",networkID=\"n2\"}", 99.0, 101.0),
            ("user_consumption_hourly{direction=\"up\",networkID=\"n1\"}", 3500.0, 3700.0),
            ("user_consumption{days=\"1\",direction=\"down\",networkID=\"n1\"}", 106_000.0, 110_000.0),
            ("user_throughput{days=\"7\",direction=\"down\",networkID=\"n1\"}", 0.08, 0.10),
            ("throughput_per_ap{apn=\"ap1\",days=\"1\",direction=\"down\",networkID=\"n1\"}", 1.2, 1.3),
            ("authentications_over_time{code=\"success\",days=\"1\",networkID=\"n1\"}", 59.0, 62.0),
        ] {
            let value = found.get(series).unwrap_or_else(|| panic!("no {series} in {found:#?}"));
            assert!((from..=to).contains(value), "{series}: {value}");
        }
        assert!(found.keys().filter(|series| series.contains("networkID=\"n2\"")).count() == 1, "{found:#?}");
    }

    #[test]
    fn every_metric_is_the_orchestrators_alone() {
        for metric in derived() {
            assert!(metric.every > 0 && !metric.expression.contains("networkID"), "{}", metric.name);
        }
    }
}
