//! What the Orchestrator itself knows of gateways, as metrics: whether they check in, and how many there are.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use orc8r_metrics::tsdb::Batch;
use orc8r_metrics::{Metrics, Sample, Source};
use orc8r_store::{CheckIn, Store};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

/// Magma's interval.
const INTERVAL: Duration = Duration::from_secs(60);
/// A gateway that checked in within five minutes is up (spec: Magma's state service).
const UP_WITHIN_MS: i64 = 5 * 60_000;

/// Writes them each minute, whenever this node leads, until told to stop.
pub(crate) async fn run(
    store: Store,
    metrics: Metrics,
    leads: impl Fn() -> bool,
    mut stopped: watch::Receiver<bool>,
) {
    let mut ticks = interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stopped.wait_for(|stop| *stop) => return,
        }
        if !leads() {
            continue;
        }
        match store.check_ins().await {
            Ok(gateways) => write(&metrics, &gateways, now_ms()),
            Err(error) => tracing::warn!(%error, "cannot count gateways now"),
        }
    }
}

/// `gateway_checkin_status` of each gateway; `gateway_up_count` and `gateway_total_count` of each network.
fn write(metrics: &Metrics, gateways: &[CheckIn], now_ms: i64) {
    let sample = |value: f64| Sample { value, time_ms: now_ms };
    let one = |name: &str, value: f64| {
        let mut batch = Batch::default();
        batch.push(name, std::iter::empty(), sample(value));
        batch
    };
    let mut networks: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    for gateway in gateways {
        let time_ms = gateway.time_ms.and_then(|time| i64::try_from(time).ok());
        let is_up = time_ms.is_some_and(|time| now_ms.saturating_sub(time) < UP_WITHIN_MS);
        let (up, total) = networks.entry(&gateway.network).or_default();
        *up += u32::from(is_up);
        *total += 1;
        let source = Source { network: gateway.network.clone(), gateway: gateway.gateway.clone() };
        metrics.append(&source, &one("gateway_checkin_status", f64::from(u8::from(is_up))), now_ms);
    }
    for (network, (up, total)) in networks {
        let source = Source { network: network.to_owned(), gateway: String::new() };
        for (name, count) in [("gateway_up_count", up), ("gateway_total_count", total)] {
            metrics.append(&source, &one(name, f64::from(count)), now_ms);
        }
    }
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use orc8r_metrics::promql::Limits;
    use orc8r_metrics::tsdb::{ReadLimits, Scope, Selector, Settings, Tsdb};

    use super::*;

    #[test]
    fn gateways_are_counted_by_network() {
        let now_ms = 1_700_000_000_000;
        let folder = tempfile::tempdir().unwrap();
        let store = Tsdb::open(folder.path(), Settings::default(), now_ms).unwrap();
        let metrics = Metrics::new(store.clone(), Limits::default());
        let gateway = |network: &str, gateway: &str, ago_ms: Option<i64>| CheckIn {
            network: network.into(),
            gateway: gateway.into(),
            time_ms: ago_ms.map(|ago| (now_ms - ago) as u64),
        };
        let gateways = [
            gateway("n1", "g1", Some(1000)),
            gateway("n1", "g2", Some(UP_WITHIN_MS)),
            gateway("n2", "g1", None),
        ];
        write(&metrics, &gateways, now_ms);
        let found =
            store.select(&Selector::default(), &Scope::All, (0, now_ms), ReadLimits::default()).unwrap();
        let found: Vec<String> = found
            .iter()
            .map(|series| format!("{} {}", series.labels, series.read(0, now_ms)[0].value))
            .collect();
        for want in [
            "gateway_checkin_status{gatewayID=\"g1\",networkID=\"n1\"} 1",
            "gateway_checkin_status{gatewayID=\"g2\",networkID=\"n1\"} 0",
            "gateway_checkin_status{gatewayID=\"g1\",networkID=\"n2\"} 0",
            "gateway_up_count{networkID=\"n1\"} 1",
            "gateway_total_count{networkID=\"n1\"} 2",
            "gateway_up_count{networkID=\"n2\"} 0",
        ] {
            assert!(found.iter().any(|found| found == want), "{want} in {found:?}");
        }
        assert_eq!(found.len(), 7);
    }
}
