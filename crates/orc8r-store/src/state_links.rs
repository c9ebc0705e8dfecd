//! States by what is in them: sessions, tunnels, addresses, subscribers, base stations.
//!
//! The links to a state are written with it, in one transaction, so they are never older than it is.

use crate::row::{Row, Transaction, execute, row, rows, signed, unsigned};
use crate::{Store, StoreError, states};
use orc8r_model::{
    DirectoryRecord, HardwareId, LinkKind, NetworkId, StateId, StoredState, session_id, state_type,
};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// By what a state is found.
pub(crate) type Links = BTreeSet<(LinkKind, String)>;

impl Store {
    /// The states that are found by `name`, the newest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn linked_states(
        &self,
        network: &NetworkId,
        kind: LinkKind,
        name: &str,
    ) -> Result<Vec<StoredState>, StoreError> {
        let (network, name) = (network.clone(), name.to_owned());
        self.read(move |transaction| linked(transaction, &network, kind, &name)).await
    }

    /// The subscriber to whom an address is lent, as mobilityd names the lease (`IMSI…`, mostly with `.` and the APN).
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn lease_of_ip(&self, network: &NetworkId, ip: IpAddr) -> Result<Option<String>, StoreError> {
        let found = self.linked_states(network, LinkKind::Ip, &ip.to_string()).await?;
        Ok(found.into_iter().next().map(|state| state.id.device_id))
    }

    /// The subscriber of a session, `IMSI…`; with or without the IMSI before the session's id.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn imsi_of_session(
        &self,
        network: &NetworkId,
        session: &str,
    ) -> Result<Option<String>, StoreError> {
        let found = self.linked_states(network, LinkKind::SessionId, session_id(session)).await?;
        Ok(found.into_iter().next().map(|state| state.id.device_id))
    }

    /// The gateway at the end of a tunnel.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn hardware_id_of_tunnel(
        &self,
        network: &NetworkId,
        kind: LinkKind,
        teid: &str,
    ) -> Result<Option<HardwareId>, StoreError> {
        let found = self.linked_states(network, kind, teid).await?;
        Ok(found.into_iter().next().and_then(|state| location(&state)))
    }

    /// The gateway where a subscriber is, by his `directory_record`.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn location_of(
        &self,
        network: &NetworkId,
        imsi: &str,
    ) -> Result<Option<HardwareId>, StoreError> {
        let id = StateId { state_type: state_type::DIRECTORY_RECORD.to_owned(), device_id: imsi.to_owned() };
        Ok(self.state(network, &id).await?.and_then(|state| location(&state)))
    }

    /// What gateways say of a base station, the newest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn enodeb_states(
        &self,
        network: &NetworkId,
        serial: &str,
    ) -> Result<Vec<StoredState>, StoreError> {
        let (network, serial) = (network.clone(), serial.to_owned());
        self.read(move |transaction| {
            let sql = "SELECT enodeb_serial, value, reporter, time_ms FROM enodeb_states \
                       WHERE network_id = ?1 AND enodeb_serial = ?2 ORDER BY time_ms DESC, reporter";
            rows(transaction, sql, (network.as_str(), &serial), read_enodeb)
        })
        .await
    }

    /// What one gateway says of its base stations, in the order of their serial numbers.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn enodeb_states_of(
        &self,
        network: &NetworkId,
        reporter: &HardwareId,
    ) -> Result<Vec<StoredState>, StoreError> {
        let (network, reporter) = (network.clone(), reporter.clone());
        self.read(move |transaction| {
            let sql = "SELECT enodeb_serial, value, reporter, time_ms FROM enodeb_states \
                       WHERE network_id = ?1 AND reporter = ?2 ORDER BY enodeb_serial";
            rows(transaction, sql, (network.as_str(), reporter.as_str()), read_enodeb)
        })
        .await
    }

    /// Forgets what was reported before `before_ms` by devices that stand for no gateway of that network (any more);
    /// returns how many devices that were.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn purge_orphaned_states(&self, before_ms: u64) -> Result<usize, StoreError> {
        let orphans: Vec<(String, String)> = self
            .read(|transaction| {
                let sql = "SELECT reporters.network_id, reporters.reporter FROM \
                           (SELECT DISTINCT network_id, reporter FROM states) AS reporters WHERE NOT EXISTS \
                           (SELECT 1 FROM entities WHERE entities.physical_id = reporters.reporter \
                           AND entities.network_id = reporters.network_id)";
                rows(transaction, sql, (), |row| Ok((row.get(0)?, row.get(1)?)))
            })
            .await?;
        let count = orphans.len();
        for (network, reporter) in orphans {
            self.write(move |transaction| {
                for table in ["states", "enodeb_states"] {
                    let sql = format!(
                        "DELETE FROM {table} WHERE network_id = ?1 AND reporter = ?2 AND time_ms < ?3"
                    );
                    execute(transaction, &sql, (&network, &reporter, signed(before_ms)))?;
                }
                Ok(())
            })
            .await?;
        }
        Ok(count)
    }
}

/// The states of a network that are found by `name`, the newest first.
pub(crate) fn linked(
    transaction: &Transaction<'_>,
    network: &NetworkId,
    kind: LinkKind,
    name: &str,
) -> Result<Vec<StoredState>, StoreError> {
    let sql = "SELECT type, device_id FROM state_links WHERE network_id = ?1 AND kind = ?2 AND name = ?3";
    let ids = rows(transaction, sql, (network.as_str(), kind.as_str(), name), |row| {
        Ok(StateId { state_type: row.get(0)?, device_id: row.get(1)? })
    })?;
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.extend(states::load(transaction, network, &id)?);
    }
    found.sort_by(|one, other| (other.time_ms, &one.id).cmp(&(one.time_ms, &other.id)));
    Ok(found)
}

/// Writes what has changed of the links to a state that was just written, whose row nobody else can write until then.
pub(crate) fn keep(
    transaction: &Transaction<'_>,
    network: &NetworkId,
    id: &StateId,
    wanted: &Links,
) -> Result<(), StoreError> {
    let place = (network.as_str(), &id.state_type, &id.device_id);
    let sql = "SELECT kind, name FROM state_links WHERE network_id = ?1 AND type = ?2 AND device_id = ?3";
    let present: BTreeSet<(String, String)> =
        rows(transaction, sql, place, |row| Ok((row.get(0)?, row.get(1)?)))?.into_iter().collect();
    let wanted: BTreeSet<(String, String)> =
        wanted.iter().map(|(kind, name)| (kind.as_str().to_owned(), name.clone())).collect();
    for (kind, name) in present.difference(&wanted) {
        let sql = "DELETE FROM state_links WHERE network_id = ?1 AND type = ?2 AND device_id = ?3 \
                   AND kind = ?4 AND name = ?5";
        execute(transaction, sql, (place.0, place.1, place.2, kind, name))?;
    }
    for (kind, name) in wanted.difference(&present) {
        let sql = "INSERT INTO state_links (network_id, type, device_id, kind, name) \
                   VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING";
        execute(transaction, sql, (place.0, place.1, place.2, kind, name))?;
    }
    Ok(())
}

/// Keeps what a gateway says of a base station, beside what others say.
pub(crate) fn put_enodeb(
    transaction: &Transaction<'_>,
    network: &NetworkId,
    reporter: &str,
    (serial, value): (&str, &[u8]),
    now_ms: u64,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO enodeb_states (network_id, enodeb_serial, reporter, value, time_ms) \
               VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (network_id, enodeb_serial, reporter) DO UPDATE SET \
               value = excluded.value, time_ms = excluded.time_ms";
    execute(transaction, sql, (network.as_str(), serial, reporter, value, signed(now_ms))).map(drop)
}

/// Forgets what a gateway said of a base station. If another one's word stands, that is the state again.
pub(crate) fn delete_enodeb(
    transaction: &Transaction<'_>,
    network: &NetworkId,
    reporter: &str,
    serial: &str,
) -> Result<(), StoreError> {
    let place = (network.as_str(), serial, reporter);
    let sql = "DELETE FROM enodeb_states WHERE network_id = ?1 AND enodeb_serial = ?2 AND reporter = ?3";
    execute(transaction, sql, place)?;
    let sql = "SELECT enodeb_serial, value, reporter, time_ms FROM enodeb_states \
               WHERE network_id = ?1 AND enodeb_serial = ?2 ORDER BY time_ms DESC LIMIT 1";
    let Some(next) = row(transaction, sql, (network.as_str(), serial), read_enodeb)? else { return Ok(()) };
    let sql = "INSERT INTO states (network_id, type, device_id, value, version, reporter, time_ms) \
               VALUES (?1, ?2, ?3, ?4, 0, ?5, ?6) ON CONFLICT DO NOTHING";
    let fields =
        (network.as_str(), &next.id.state_type, serial, &next.value, &next.reporter, signed(next.time_ms));
    execute(transaction, sql, fields).map(drop)
}

fn read_enodeb(row: &Row<'_>) -> Result<StoredState, StoreError> {
    Ok(StoredState {
        id: StateId { state_type: state_type::ENODEB.to_owned(), device_id: row.get(0)? },
        value: row.get(1)?,
        version: 0,
        reporter: row.get(2)?,
        time_ms: unsigned(row.get(3)?),
    })
}

/// The gateway in a directory record, or that reported it.
fn location(state: &StoredState) -> Option<HardwareId> {
    let record = DirectoryRecord::parse(&state.value);
    let named = record.and_then(|record| record.location_history.into_iter().next());
    HardwareId::parse(named.unwrap_or_else(|| state.reporter.clone())).ok()
}
