//! The states that gateways report.

use crate::row::{Row, Transaction, execute, row, rows, signed, unsigned};
use crate::state_links::{self, Links};
use crate::{Store, StoreError, networks};
use orc8r_model::{NetworkId, ReportedState, StateFilter, StateId, StoredState, links, state_type};
use std::collections::BTreeMap;

impl Store {
    /// Keeps what a gateway reports, all of it or nothing; `now_ms` is milliseconds since 1970.
    ///
    /// By what the reports can be found ([`links`]) is written with them. A state's version is the reported one, or one more
    /// than the last when that is 0; after the largest comes 1.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without that network; [`StoreError::Invalid`] when the gateway would have more states than
    /// any may (100,000).
    pub async fn put_states(
        &self,
        network: &NetworkId,
        reporter: &str,
        mut reports: Vec<ReportedState>,
        now_ms: u64,
    ) -> Result<(), StoreError> {
        let (network, reporter) = (network.clone(), reporter.to_owned());
        // Two reports at once that share states touch them in one order, and so do not wait for each other in a circle.
        reports.sort_by(|one, other| one.id.cmp(&other.id));
        let reports: Vec<(ReportedState, Links)> = reports
            .into_iter()
            .map(|report| {
                let links = links(&report);
                (report, links)
            })
            .collect();
        let bound = self.state_bound.clone();
        self.write_concurrently(move |transaction| {
            networks::require(transaction, &network)?;
            bound.check(transaction, &network, &reporter, reports.iter().map(|(report, _)| &report.id))?;
            reports.iter().try_for_each(|(report, links)| {
                put(transaction, &network, &reporter, report, now_ms)?;
                let ReportedState { id, value, .. } = report;
                match id.state_type.as_str() {
                    state_type::DIRECTORY_RECORD | state_type::IP_LEASE | state_type::GATEWAY_SUBSCRIBERS => {
                        state_links::keep(transaction, &network, id, links)
                    }
                    state_type::ENODEB => {
                        let report = (id.device_id.as_str(), value.as_slice());
                        state_links::put_enodeb(transaction, &network, &reporter, report, now_ms)
                    }
                    _ => Ok(()),
                }
            })
        })
        .await
    }

    /// One state.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn state(&self, network: &NetworkId, id: &StateId) -> Result<Option<StoredState>, StoreError> {
        let (network, id) = (network.clone(), id.clone());
        self.read(move |transaction| load(transaction, &network, &id)).await
    }

    /// The states of a network that a filter lets through, in the order of their names.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn states(
        &self,
        network: &NetworkId,
        filter: StateFilter,
    ) -> Result<Vec<StoredState>, StoreError> {
        let network = network.clone();
        self.read(move |transaction| {
            let (sql, parameters) = select(&network, &filter);
            rows(transaction, &sql, parameters, read_row)
        })
        .await
    }

    /// The states of some types about devices from `from` up to, but without, `to`, in the order of types and ids.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn states_between(
        &self,
        network: &NetworkId,
        types: &'static [&'static str],
        from: &str,
        to: &str,
    ) -> Result<Vec<StoredState>, StoreError> {
        let (network, from, to) = (network.clone(), from.to_owned(), to.to_owned());
        self.read(move |transaction| {
            let sql = "SELECT type, device_id, value, version, reporter, time_ms FROM states WHERE network_id = ?1 \
                       AND type = ?2 AND device_id >= ?3 AND device_id < ?4 ORDER BY device_id";
            let mut found = Vec::new();
            for state_type in types {
                found.extend(rows(transaction, sql, (network.as_str(), *state_type, &from, &to), read_row)?);
            }
            Ok(found)
        })
        .await
    }

    /// The versions of the named states; one that is not there is left out.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn state_versions(
        &self,
        network: &NetworkId,
        ids: Vec<StateId>,
    ) -> Result<BTreeMap<StateId, u64>, StoreError> {
        let network = network.clone();
        self.read(move |transaction| {
            let mut versions = BTreeMap::new();
            for id in ids {
                if let Some(version) = version(transaction, &network, &id)? {
                    versions.insert(id, version);
                }
            }
            Ok(versions)
        })
        .await
    }

    /// Deletes the named states that `reporter` reported last; those that are not there, or that another gateway has
    /// reported since, are no error and stay.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn delete_states(
        &self,
        network: &NetworkId,
        reporter: &str,
        ids: Vec<StateId>,
    ) -> Result<(), StoreError> {
        let (network, reporter) = (network.clone(), reporter.to_owned());
        self.write(move |transaction| {
            let sql =
                "DELETE FROM states WHERE network_id = ?1 AND type = ?2 AND device_id = ?3 AND reporter = ?4";
            ids.iter().try_for_each(|id| {
                let place = (network.as_str(), &id.state_type, &id.device_id, &reporter);
                execute(transaction, sql, place)?;
                match id.state_type.as_str() {
                    state_type::ENODEB => {
                        state_links::delete_enodeb(transaction, &network, &reporter, &id.device_id)
                    }
                    _ => Ok(()),
                }
            })
        })
        .await
    }
}

pub(crate) fn load(
    transaction: &Transaction<'_>,
    network: &NetworkId,
    id: &StateId,
) -> Result<Option<StoredState>, StoreError> {
    let sql = "SELECT type, device_id, value, version, reporter, time_ms FROM states \
               WHERE network_id = ?1 AND type = ?2 AND device_id = ?3";
    row(transaction, sql, (network.as_str(), &id.state_type, &id.device_id), read_row)
}

pub(crate) fn version(
    transaction: &Transaction<'_>,
    network: &NetworkId,
    id: &StateId,
) -> Result<Option<u64>, StoreError> {
    let sql = "SELECT version FROM states WHERE network_id = ?1 AND type = ?2 AND device_id = ?3";
    let place = (network.as_str(), &id.state_type, &id.device_id);
    Ok(row(transaction, sql, place, |row| row.get(0))?.map(unsigned))
}

fn put(
    transaction: &Transaction<'_>,
    network: &NetworkId,
    reporter: &str,
    report: &ReportedState,
    now_ms: u64,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO states (network_id, type, device_id, value, version, reporter, time_ms) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (network_id, type, device_id) DO UPDATE SET \
               value = excluded.value, reporter = excluded.reporter, time_ms = excluded.time_ms, \
               version = CASE WHEN excluded.version <> 0 THEN excluded.version \
               WHEN states.version < 9223372036854775807 THEN states.version + 1 ELSE 1 END";
    let (id, version) = (&report.id, signed(report.version));
    let place =
        (network.as_str(), &id.state_type, &id.device_id, &report.value, version, reporter, signed(now_ms));
    execute(transaction, sql, place).map(drop)
}

/// The query of a filter with its parameters.
fn select(network: &NetworkId, filter: &StateFilter) -> (String, Vec<String>) {
    let mut sql =
        "SELECT type, device_id, value, version, reporter, time_ms FROM states WHERE network_id = ?1"
            .to_owned();
    let mut parameters = vec![network.to_string()];
    let mut place = |text: &str| {
        parameters.push(text.to_owned());
        format!("?{}", parameters.len())
    };
    for (column, wanted) in [("type", &filter.state_types), ("device_id", &filter.device_ids)] {
        if !wanted.is_empty() {
            let places: Vec<_> = wanted.iter().map(|text| place(text)).collect();
            sql += &format!(" AND {column} IN ({})", places.join(", "));
        }
    }
    if let Some(prefix) = &filter.device_id_prefix {
        let prefix = place(prefix);
        sql += &format!(" AND SUBSTR(device_id, 1, LENGTH({prefix})) = {prefix}");
    }
    (sql + " ORDER BY type, device_id", parameters)
}

pub(crate) fn read_row(row: &Row<'_>) -> Result<StoredState, StoreError> {
    Ok(StoredState {
        id: StateId { state_type: row.get(0)?, device_id: row.get(1)? },
        value: row.get(2)?,
        version: unsigned(row.get(3)?),
        reporter: row.get(4)?,
        time_ms: unsigned(row.get(5)?),
    })
}
