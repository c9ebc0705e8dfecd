//! How federation gateways are, and which one of a network is active: decided as they report, one report at a time.

use crate::row::{Transaction, execute, row, rows, signed, unsigned};
use crate::{Store, StoreError, networks};
use orc8r_model::{
    GatewayId, HealthReport, HealthRules, NetworkId, Verdict, choose_active, entity_type, network_config,
    network_type,
};
use std::collections::BTreeMap;

/// What a report led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterDecision {
    /// The gateway that is active now.
    pub active: String,
    /// The one that was active before, if it is another one.
    pub former: Option<String>,
    /// How the gateway that reported was judged.
    pub verdict: Verdict,
}

/// A gateway's last report, judged now.
#[derive(Debug, Clone, PartialEq)]
pub struct GatewayHealth {
    /// What it reported.
    pub report: HealthReport,
    /// Whether it is fit to be active.
    pub verdict: Verdict,
}

/// Whether the network ?1 still has the gateway of a report, which is an entity of type ?2.
const EXISTS: &str = "gateway_id IN (SELECT entity_key FROM entities WHERE network_id = ?1 AND type = ?2)";

/// A gateway's last report, and when it came.
struct Kept {
    report: HealthReport,
    time_ms: u64,
}

impl Store {
    /// Keeps a gateway's report and decides which gateway of its network is active; `now_ms` is milliseconds since 1970.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without that network, [`StoreError::Invalid`] if it is no federation network.
    pub async fn report_federation_health(
        &self,
        network: &NetworkId,
        gateway: &GatewayId,
        report: HealthReport,
        now_ms: u64,
    ) -> Result<ClusterDecision, StoreError> {
        let (network, gateway) = (network.clone(), gateway.clone());
        self.write(move |transaction| decide(transaction, &network, gateway.as_str(), &report, now_ms)).await
    }

    /// How a gateway is; `None` when it has never reported.
    ///
    /// # Errors
    /// As for [`Store::report_federation_health`].
    pub async fn federation_health(
        &self,
        network: &NetworkId,
        gateway: &GatewayId,
        now_ms: u64,
    ) -> Result<Option<GatewayHealth>, StoreError> {
        let (network, gateway) = (network.clone(), gateway.clone());
        self.read(move |transaction| {
            let rules = rules(transaction, &network)?;
            let kept = reports(transaction, &network)?.remove(gateway.as_str());
            Ok(kept.map(|Kept { report, time_ms }| GatewayHealth {
                verdict: rules.judge(&report, time_ms, now_ms),
                report,
            }))
        })
        .await
    }

    /// How the gateways are that have ever reported, by their ids.
    ///
    /// # Errors
    /// As for [`Store::report_federation_health`].
    pub async fn federation_healths(
        &self,
        network: &NetworkId,
        now_ms: u64,
    ) -> Result<BTreeMap<String, GatewayHealth>, StoreError> {
        let network = network.clone();
        self.read(move |transaction| {
            let rules = rules(transaction, &network)?;
            let judged = |Kept { report, time_ms }: Kept| GatewayHealth {
                verdict: rules.judge(&report, time_ms, now_ms),
                report,
            };
            Ok(reports(transaction, &network)?.into_iter().map(|(id, kept)| (id, judged(kept))).collect())
        })
        .await
    }

    /// The active gateway of a federation network; `None` when none has reported yet.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn active_federation_gateway(&self, network: &NetworkId) -> Result<Option<String>, StoreError> {
        let network = network.clone();
        self.read(move |transaction| active(transaction, &network)).await
    }
}

fn decide(
    transaction: &Transaction<'_>,
    network: &NetworkId,
    gateway: &str,
    report: &HealthReport,
    now_ms: u64,
) -> Result<ClusterDecision, StoreError> {
    let rules = rules(transaction, network)?;
    let sql = format!("DELETE FROM federation_health WHERE network_id = ?1 AND NOT {EXISTS}");
    execute(transaction, &sql, (network.as_str(), entity_type::MAGMAD_GATEWAY))?;
    put(transaction, network, gateway, report, now_ms)?;
    let reports = reports(transaction, network)?;
    let health =
        |id: &String| reports.get(id).map(|kept| rules.judge(&kept.report, kept.time_ms, now_ms).healthy);
    let gateways: BTreeMap<String, Option<bool>> =
        gateways(transaction, network)?.into_iter().map(|id| (id.clone(), health(&id))).collect();
    let former = active(transaction, network)?;
    let active = choose_active(former.as_deref(), &gateways, gateway);
    if former.as_ref() != Some(&active) {
        put_active(transaction, network, &active, now_ms)?;
    }
    let former = former.filter(|former| *former != active);
    Ok(ClusterDecision { active, former, verdict: rules.judge(report, now_ms, now_ms) })
}

fn rules(transaction: &Transaction<'_>, network: &NetworkId) -> Result<HealthRules, StoreError> {
    let network = networks::load(transaction, network)?;
    if network.network_type != network_type::FEDERATION {
        return Err(StoreError::invalid(format_args!("network {} is not a feg network", network.id)));
    }
    Ok(HealthRules::of_config(network.configs.get(network_config::FEDERATION)))
}

fn gateways(transaction: &Transaction<'_>, network: &NetworkId) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT entity_key FROM entities WHERE network_id = ?1 AND type = ?2";
    rows(transaction, sql, (network.as_str(), entity_type::MAGMAD_GATEWAY), |row| row.get(0))
}

/// The last reports of the gateways that the network still has.
fn reports(transaction: &Transaction<'_>, network: &NetworkId) -> Result<BTreeMap<String, Kept>, StoreError> {
    let sql = format!(
        "SELECT gateway_id, report, time_ms FROM federation_health WHERE network_id = ?1 AND {EXISTS}"
    );
    let found: Vec<(String, String, i64)> =
        rows(transaction, &sql, (network.as_str(), entity_type::MAGMAD_GATEWAY), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
    let read = |(gateway, text, time_ms): (String, String, i64)| {
        let report = serde_json::from_str(&text)
            .map_err(|error| StoreError::corrupt(format_args!("the health of gateway {gateway}"), error))?;
        Ok((gateway, Kept { report, time_ms: unsigned(time_ms) }))
    };
    found.into_iter().map(read).collect()
}

fn put(
    transaction: &Transaction<'_>,
    network: &NetworkId,
    gateway: &str,
    report: &HealthReport,
    now_ms: u64,
) -> Result<(), StoreError> {
    let text = serde_json::to_string(report).map_err(StoreError::invalid)?;
    let sql = "INSERT INTO federation_health (network_id, gateway_id, report, time_ms) VALUES (?1, ?2, ?3, ?4) \
               ON CONFLICT (network_id, gateway_id) DO UPDATE SET report = excluded.report, time_ms = excluded.time_ms";
    execute(transaction, sql, (network.as_str(), gateway, text, signed(now_ms))).map(drop)
}

fn active(transaction: &Transaction<'_>, network: &NetworkId) -> Result<Option<String>, StoreError> {
    let sql = "SELECT active_gateway FROM federation_clusters WHERE network_id = ?1";
    row(transaction, sql, [network.as_str()], |row| row.get(0))
}

fn put_active(
    transaction: &Transaction<'_>,
    network: &NetworkId,
    gateway: &str,
    now_ms: u64,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO federation_clusters (network_id, active_gateway, since_ms) VALUES (?1, ?2, ?3) \
               ON CONFLICT (network_id) DO UPDATE SET active_gateway = excluded.active_gateway, \
               since_ms = excluded.since_ms";
    execute(transaction, sql, (network.as_str(), gateway, signed(now_ms))).map(drop)
}
