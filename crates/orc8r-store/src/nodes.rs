//! The nodes that serve one fleet together, and which of them holds which gateway's SyncRPC stream.

use crate::row::{Row, Transaction, execute, row, rows, signed, unsigned};
use crate::{Store, StoreError};
use orc8r_model::HardwareId;

/// A node that lives.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Node {
    /// One of its own for each start of the program, so that nothing of an earlier start is taken for its own.
    pub id: String,
    /// Where other nodes reach it, `host:port`.
    pub address: String,
}

/// Who holds a gateway's stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamOwner {
    /// The node.
    pub node: Node,
    /// Higher than that of every earlier stream of this gateway.
    pub epoch: u64,
}

impl Store {
    /// Says that a node lives until `until_ms`, and returns all that do at `now_ms` (milliseconds since 1970).
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn beat(&self, node: Node, now_ms: u64, until_ms: u64) -> Result<Vec<Node>, StoreError> {
        self.write_concurrently(move |transaction| {
            let sql = "INSERT INTO nodes (id, address, lease_until_ms) VALUES (?1, ?2, ?3) \
                       ON CONFLICT (id) DO UPDATE SET address = excluded.address, \
                       lease_until_ms = excluded.lease_until_ms";
            execute(transaction, sql, (&node.id, &node.address, signed(until_ms)))?;
            let sql = "SELECT id, address FROM nodes WHERE lease_until_ms > ?1 ORDER BY id";
            rows(transaction, sql, (signed(now_ms),), read_node)
        })
        .await
    }

    /// Forgets a node that stops, with its certificates; the gateways whose streams it held are held by nobody.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn leave(&self, node: &str) -> Result<(), StoreError> {
        let node = node.to_owned();
        self.write(move |transaction| forget(transaction, &node)).await
    }

    /// Forgets the nodes that died before `died_before_ms`, and the streams of gateways that are no longer registered.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn purge_nodes(&self, died_before_ms: u64) -> Result<(), StoreError> {
        self.write(move |transaction| {
            let sql = "SELECT id FROM nodes WHERE lease_until_ms < ?1";
            let dead: Vec<String> = rows(transaction, sql, (signed(died_before_ms),), |row| row.get(0))?;
            dead.iter().try_for_each(|node| forget(transaction, node))?;
            let sql = "DELETE FROM stream_owners WHERE node_id = '' AND NOT EXISTS \
                       (SELECT 1 FROM entities WHERE physical_id = stream_owners.hardware_id)";
            execute(transaction, sql, ()).map(drop)
        })
        .await
    }

    /// Notes that a gateway has opened a stream to a node; returns the stream's epoch.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn own_stream(&self, gateway: &HardwareId, node: &str) -> Result<u64, StoreError> {
        let (gateway, node) = (gateway.clone(), node.to_owned());
        self.write_concurrently(move |transaction| {
            let sql = "INSERT INTO stream_owners (hardware_id, node_id, epoch) VALUES (?1, ?2, 1) \
                       ON CONFLICT (hardware_id) DO UPDATE SET node_id = excluded.node_id, \
                       epoch = stream_owners.epoch + 1 RETURNING epoch";
            let epoch = row(transaction, sql, (gateway.as_str(), &node), |row| row.get(0))?;
            epoch.map(unsigned).ok_or_else(|| StoreError::corrupt("a stream's owner", "it has no epoch"))
        })
        .await
    }

    /// Notes that a stream has ended; the end of an earlier one does nothing to a later one.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn disown_stream(
        &self,
        gateway: &HardwareId,
        node: &str,
        epoch: u64,
    ) -> Result<(), StoreError> {
        let (gateway, node) = (gateway.clone(), node.to_owned());
        self.write_concurrently(move |transaction| {
            let sql = "UPDATE stream_owners SET node_id = '' \
                       WHERE hardware_id = ?1 AND node_id = ?2 AND epoch = ?3";
            execute(transaction, sql, (gateway.as_str(), &node, signed(epoch))).map(drop)
        })
        .await
    }

    /// The node that holds a gateway's stream, if it lives at `now_ms`.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn stream_owner(
        &self,
        gateway: &HardwareId,
        now_ms: u64,
    ) -> Result<Option<StreamOwner>, StoreError> {
        let gateway = gateway.clone();
        self.read(move |transaction| {
            let sql = "SELECT nodes.id, nodes.address, stream_owners.epoch FROM stream_owners \
                       JOIN nodes ON nodes.id = stream_owners.node_id \
                       WHERE stream_owners.hardware_id = ?1 AND nodes.lease_until_ms > ?2";
            row(transaction, sql, (gateway.as_str(), signed(now_ms)), |row| {
                Ok(StreamOwner { node: read_node(row)?, epoch: unsigned(row.get(2)?) })
            })
        })
        .await
    }

    /// The gateways whose streams a node holds, with the streams' epochs.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn owned_streams(&self, node: &str) -> Result<Vec<(HardwareId, u64)>, StoreError> {
        let node = node.to_owned();
        self.read(move |transaction| {
            let sql = "SELECT hardware_id, epoch FROM stream_owners WHERE node_id = ?1";
            let found: Vec<(String, i64)> =
                rows(transaction, sql, (&node,), |row| Ok((row.get(0)?, row.get(1)?)))?;
            let read = |(id, epoch): (String, i64)| Some((HardwareId::parse(id).ok()?, unsigned(epoch)));
            Ok(found.into_iter().filter_map(read).collect())
        })
        .await
    }
}

fn read_node(row: &Row<'_>) -> Result<Node, StoreError> {
    Ok(Node { id: row.get(0)?, address: row.get(1)? })
}

fn forget(transaction: &Transaction<'_>, node: &str) -> Result<(), StoreError> {
    execute(transaction, "UPDATE stream_owners SET node_id = '' WHERE node_id = ?1", (node,))?;
    let sql = "DELETE FROM certificates WHERE identity_type = 'node' AND identity_name = ?1";
    execute(transaction, sql, (node,))?;
    execute(transaction, "DELETE FROM leases WHERE holder = ?1", (node,))?;
    execute(transaction, "DELETE FROM nodes WHERE id = ?1", (node,)).map(drop)
}
