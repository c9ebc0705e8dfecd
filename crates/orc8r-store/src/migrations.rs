//! Brings a database to the schema of this program, in one transaction, and refuses a newer one.

use crate::StoreError;
use crate::postgres::WRITE;
use crate::row::{Transaction, execute, row};
use crate::subscriber_terms;

/// In order; a migration that was released is never edited. The first has number 1.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_initial.sql"),
    include_str!("migrations/0002_edges_upwards.sql"),
    include_str!("migrations/0003_revoked_certificates.sql"),
    include_str!("migrations/0004_changes.sql"),
    include_str!("migrations/0005_nodes.sql"),
    include_str!("migrations/0006_federation_health.sql"),
    include_str!("migrations/0007_subscribers.sql"),
    include_str!("migrations/0008_tenants.sql"),
    include_str!("migrations/0009_state_links.sql"),
    include_str!("migrations/0010_users.sql"),
    include_str!("migrations/0011_call_traces.sql"),
    include_str!("migrations/0012_cbsds.sql"),
    include_str!("migrations/0013_alerts.sql"),
    include_str!("migrations/0014_short_messages.sql"),
    include_str!("migrations/0015_audit_by_path.sql"),
    include_str!("migrations/0016_subscriber_terms.sql"),
];

/// The version from which on subscribers are written with what they are found by.
const SUBSCRIBER_TERMS: usize = 16;

/// What a database held before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Contents {
    Nothing,
    Schema,
}

/// The newest version that this program knows.
pub(crate) fn known() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// The version of a database that has one.
pub(crate) fn version(transaction: &Transaction<'_>) -> Result<i64, StoreError> {
    let found = row(transaction, "SELECT MAX(version) FROM schema_version", (), |row| row.get(0))?;
    Ok(found.unwrap_or_default())
}

/// The text of the migration at `index`, from 0.
#[cfg(test)]
pub(crate) fn text(index: usize) -> &'static str {
    MIGRATIONS[index]
}

/// Makes the schema of an earlier version.
#[cfg(test)]
pub(crate) fn migrate_to(transaction: &Transaction<'_>, version: usize) -> Result<Contents, StoreError> {
    apply(transaction, &MIGRATIONS[..version])
}

/// Runs what is missing.
///
/// # Errors
/// [`StoreError::Newer`] for a schema of a later release; the database stays as it was on every error.
pub(crate) fn migrate(transaction: &Transaction<'_>) -> Result<Contents, StoreError> {
    apply(transaction, MIGRATIONS)
}

fn apply(transaction: &Transaction<'_>, migrations: &[&str]) -> Result<Contents, StoreError> {
    transaction.control(match transaction {
        Transaction::Sqlite(_) => "BEGIN IMMEDIATE",
        // One node at a time: the lock is held to the end of the transaction.
        Transaction::Postgres(_) => WRITE,
    })?;
    match apply_in_transaction(transaction, migrations) {
        Ok(found) => transaction.control("COMMIT").map(|()| found),
        Err(error) => {
            let _ = transaction.control("ROLLBACK");
            Err(error)
        }
    }
}

fn apply_in_transaction(transaction: &Transaction<'_>, migrations: &[&str]) -> Result<Contents, StoreError> {
    transaction.batch("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)")?;
    let found: i64 =
        row(transaction, "SELECT COALESCE(MAX(version), 0) FROM schema_version", (), |row| row.get(0))?
            .unwrap_or_default();
    let known = i64::try_from(migrations.len()).unwrap_or(i64::MAX);
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    let done = usize::try_from(found).map_err(|_| StoreError::corrupt("the schema version", found))?;
    for migration in migrations.iter().skip(done) {
        transaction.batch(migration)?;
    }
    if done > 0 && done < SUBSCRIBER_TERMS && migrations.len() >= SUBSCRIBER_TERMS {
        subscriber_terms::fill(transaction)?;
    }
    if found < known {
        execute(transaction, "DELETE FROM schema_version", ())?;
        execute(transaction, "INSERT INTO schema_version (version) VALUES (?1)", [known])?;
    }
    Ok(if found == 0 { Contents::Nothing } else { Contents::Schema })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::Connection;

    fn apply(connection: &mut Connection, migrations: &[&str]) -> Result<Contents, StoreError> {
        super::apply(&Transaction::Sqlite(connection), migrations)
    }

    fn version(connection: &Connection) -> i64 {
        connection.query_row("SELECT version FROM schema_version", (), |row| row.get(0)).unwrap()
    }

    #[test]
    fn migrations_run_once_and_in_order() {
        let mut connection = Connection::open_in_memory().unwrap();
        let first = "CREATE TABLE a (x BIGINT)";
        let second = "INSERT INTO a (x) VALUES (1)";
        apply(&mut connection, &[first]).unwrap();
        assert_eq!(version(&connection), 1);
        apply(&mut connection, &[first, second]).unwrap();
        apply(&mut connection, &[first, second]).unwrap();
        assert_eq!(version(&connection), 2);
        let rows: i64 = connection.query_row("SELECT COUNT(*) FROM a", (), |row| row.get(0)).unwrap();
        assert_eq!(rows, 1, "the second migration ran once");
    }

    #[test]
    fn a_migration_that_fails_leaves_nothing_behind() {
        let mut connection = Connection::open_in_memory().unwrap();
        assert!(apply(&mut connection, &["CREATE TABLE a (x BIGINT)", "CREATE TABLE a (x BIGINT)"]).is_err());
        let tables: i64 =
            connection.query_row("SELECT COUNT(*) FROM sqlite_schema", (), |row| row.get(0)).unwrap();
        assert_eq!(tables, 0);
    }

    #[test]
    fn a_newer_schema_is_refused_and_stays() {
        let mut connection = Connection::open_in_memory().unwrap();
        apply(&mut connection, &["CREATE TABLE a (x BIGINT)", "CREATE TABLE b (x BIGINT)"]).unwrap();
        let error = apply(&mut connection, &["CREATE TABLE a (x BIGINT)"]).unwrap_err();
        assert!(matches!(error, StoreError::Newer { found: 2, known: 1 }), "{error}");
        assert!(error.to_string().contains("use the newer program"), "{error}");
        assert_eq!(version(&connection), 2);
    }
}
