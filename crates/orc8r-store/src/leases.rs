//! Leases: who of several nodes does what only one may do at a time.

use crate::row::{execute, signed};
use crate::{Store, StoreError};

impl Store {
    /// Takes a lease, or keeps it, until `until_ms`; returns whether `holder` has it now. It is free when nobody had it,
    /// or its end has come. Times are milliseconds since 1970 by the holder's clock, so the nodes' clocks must agree much
    /// better than a lease is long; whoever fails to renew his has to stop before its end.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails; whoever held it holds it until its end.
    pub async fn take_lease(
        &self,
        name: &str,
        holder: &str,
        now_ms: u64,
        until_ms: u64,
    ) -> Result<bool, StoreError> {
        let (name, holder) = (name.to_owned(), holder.to_owned());
        self.write_concurrently(move |transaction| {
            let sql = "INSERT INTO leases (name, holder, until_ms) VALUES (?1, ?2, ?4) \
                       ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until_ms = excluded.until_ms \
                       WHERE leases.holder = excluded.holder OR leases.until_ms <= ?3";
            Ok(execute(transaction, sql, (&name, &holder, signed(now_ms), signed(until_ms)))? == 1)
        })
        .await
    }

    /// Gives a lease back before its end, if `holder` has it.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn give_lease_back(&self, name: &str, holder: &str) -> Result<(), StoreError> {
        let (name, holder) = (name.to_owned(), holder.to_owned());
        self.write_concurrently(move |transaction| {
            let sql = "DELETE FROM leases WHERE name = ?1 AND holder = ?2";
            execute(transaction, sql, (&name, &holder)).map(drop)
        })
        .await
    }
}
