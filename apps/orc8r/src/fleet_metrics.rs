//! What the Orchestrator itself knows of networks and gateways, as metrics: whether they check in, how many there are, how
//! old their configurations are, how much is configured and connected, and when its own certificates end.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use orc8r_ca::{CertificateFacts, CertificateFiles};
use orc8r_metrics::tsdb::Batch;
use orc8r_metrics::{Metrics, Sample, Source};
use orc8r_store::{CheckIn, NetworkCounts, Store};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

/// Magma's interval.
const INTERVAL: Duration = Duration::from_secs(60);
/// Reading what gateways reported costs more: so many intervals lie between. A sample is shown for five minutes.
const AGES_EVERY: u32 = 4;
/// A gateway that checked in within five minutes is up (spec: Magma's state service).
const UP_WITHIN_MS: i64 = 5 * 60_000;

/// Writes them each minute, whenever this node leads, until told to stop.
pub(crate) async fn run(
    store: Store,
    metrics: Metrics,
    files: CertificateFiles,
    leads: impl Fn() -> bool,
    mut stopped: watch::Receiver<bool>,
) {
    let mut ticks = interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut round = 0_u32;
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stopped.wait_for(|stop| *stop) => return,
        }
        if !leads() {
            continue;
        }
        match store.check_ins().await {
            Ok(gateways) => {
                let networks: BTreeSet<&str> = gateways.iter().map(|one| one.network.as_str()).collect();
                write_certificates(&metrics, &networks, &certificates(&files), now_ms());
                write(&metrics, &gateways, now_ms());
            }
            Err(error) => tracing::warn!(%error, "cannot count gateways now"),
        }
        if round.is_multiple_of(AGES_EVERY) {
            match store.configuration_times().await {
                Ok(times) => write_ages(&metrics, &times, now_ms()),
                Err(error) => tracing::warn!(%error, "cannot tell how old configurations are"),
            }
            let since_ms = u64::try_from(now_ms().saturating_sub(UP_WITHIN_MS)).unwrap_or_default();
            match store.network_counts(since_ms).await {
                Ok(networks) => networks.iter().for_each(|counts| write_counts(&metrics, counts, now_ms())),
                Err(error) => tracing::warn!(%error, "cannot count subscribers and base stations now"),
            }
        }
        round = round.wrapping_add(1);
    }
}

/// The certificates that end some day, by the names of their files, with their last second.
fn certificates(files: &CertificateFiles) -> Vec<(String, i64)> {
    let files = [&files.root_certificate, &files.certifier_certificate, &files.server_certificate];
    let read = files.into_iter().filter_map(|file| {
        let facts = CertificateFacts::from_pem(&std::fs::read(file).ok()?).ok()?;
        Some((file.file_name()?.to_string_lossy().into_owned(), facts.not_after))
    });
    read.collect()
}

/// `cert_expires_in_hours{certName}` in every network with gateways, as rules of networks ask for it.
fn write_certificates(
    metrics: &Metrics,
    networks: &BTreeSet<&str>,
    certificates: &[(String, i64)],
    now_ms: i64,
) {
    for network in networks {
        let mut batch = Batch::default();
        for (name, not_after) in certificates {
            let hours = (not_after - now_ms.div_euclid(1000)).div_euclid(3600);
            let labels = [("certName", name.as_str())].into_iter();
            batch.push("cert_expires_in_hours", labels, Sample { value: hours as f64, time_ms: now_ms });
        }
        let source = Source { network: (*network).to_owned(), gateway: String::new() };
        metrics.append(&source, &batch, now_ms);
    }
}

/// `gateway_mconfig_age`, in seconds, of each gateway that says which configuration it has.
fn write_ages(metrics: &Metrics, times: &[(String, String, u64)], now_ms: i64) {
    for (network, gateway, time) in times {
        let made = i64::try_from(*time).unwrap_or(i64::MAX);
        let age = now_ms.div_euclid(1000).saturating_sub(made).max(0);
        let mut batch = Batch::default();
        let sample = Sample { value: age as f64, time_ms: now_ms };
        batch.push("gateway_mconfig_age", std::iter::empty(), sample);
        let source = Source { network: network.clone(), gateway: gateway.clone() };
        metrics.append(&source, &batch, now_ms);
    }
}

/// `network_type` of a network; how many subscribers and base stations it has, and of these are connected, where it has any.
fn write_counts(metrics: &Metrics, counts: &NetworkCounts, now_ms: i64) {
    let sample = |count: u64| Sample { value: count as f64, time_ms: now_ms };
    let mut batch = Batch::default();
    if !counts.network_type.is_empty() {
        let labels = [("networkType", counts.network_type.as_str())].into_iter();
        batch.push("network_type", labels, sample(1));
    }
    for (total_name, total, parts) in [
        (
            "subscriber_count",
            counts.subscribers,
            &[
                ("subscriber_session_count", counts.subscribers_with_sessions),
                ("subscriber_address_count", counts.addresses),
            ][..],
        ),
        ("enodeb_total_count", counts.enodebs, &[("enodeb_up_count", counts.enodebs_connected)]),
    ] {
        if total == 0 && parts.iter().all(|(_, count)| *count == 0) {
            continue;
        }
        batch.push(total_name, std::iter::empty(), sample(total));
        for (name, count) in parts {
            batch.push(name, std::iter::empty(), sample(*count));
        }
    }
    let source = Source { network: counts.network.clone(), gateway: String::new() };
    metrics.append(&source, &batch, now_ms);
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
        write_ages(&metrics, &[("n1".into(), "g1".into(), (now_ms / 1000 - 90) as u64)], now_ms);
        let ends = now_ms / 1000 + 3600 * 719 + 1;
        write_certificates(&metrics, &BTreeSet::from(["n1"]), &[("rootCA.pem".into(), ends)], now_ms);
        let counts = NetworkCounts {
            network: "n1".into(),
            network_type: "lte".into(),
            enodebs: 3,
            enodebs_connected: 2,
            ..NetworkCounts::default()
        };
        write_counts(&metrics, &counts, now_ms);
        let subscribers = NetworkCounts {
            network: "n2".into(),
            subscribers: 20,
            subscribers_with_sessions: 7,
            addresses: 8,
            ..NetworkCounts::default()
        };
        write_counts(&metrics, &subscribers, now_ms);
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
            "gateway_mconfig_age{gatewayID=\"g1\",networkID=\"n1\"} 90",
            "network_type{networkID=\"n1\",networkType=\"lte\"} 1",
            "enodeb_total_count{networkID=\"n1\"} 3",
            "enodeb_up_count{networkID=\"n1\"} 2",
            "subscriber_count{networkID=\"n2\"} 20",
            "subscriber_session_count{networkID=\"n2\"} 7",
            "subscriber_address_count{networkID=\"n2\"} 8",
            "cert_expires_in_hours{certName=\"rootCA.pem\",networkID=\"n1\"} 719",
        ] {
            assert!(found.iter().any(|found| found == want), "{want} in {found:?}");
        }
        assert_eq!(found.len(), 15, "where there is nothing of a kind there is no metric: {found:?}");
    }
}
