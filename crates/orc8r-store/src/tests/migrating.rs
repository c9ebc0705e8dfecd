//! Databases of every released schema come forward, with everything in them, on both engines.
//!
//! `released/NNNN.sql` is what a database of that schema held. A release that adds migrations adds such a file, and a
//! line in [`RELEASED`].

use super::*;
use crate::row::{Transaction, row, rows};
use crate::{Backup, migrations, postgres, sqlite};
use rusqlite::Connection;
use sha2::{Digest as _, Sha256};

/// Of each released schema, what its database held more than that of the one before, and the beginning of its
/// migration's digest.
const RELEASED: [(&str, &str); 3] = [
    (include_str!("released/0001.sql"), "06c363c9316bd0e5"),
    ("", "19e2360ba39519d0"),
    (include_str!("released/0003.sql"), "a7ed95c3fe964ce8"),
];

#[test]
fn a_released_migration_is_never_edited() {
    // It has run at operators' already: edited, it would make another database than theirs.
    for (number, (_, expect)) in RELEASED.iter().enumerate() {
        let digest: String = Sha256::digest(migrations::text(number))
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(digest, *expect, "migration {}: make a new one instead", number + 1);
    }
}

/// Makes what a database of schema `version` held.
fn make(transaction: &Transaction<'_>, version: usize) {
    migrations::migrate_to(transaction, version).unwrap();
    for (held, _) in &RELEASED[..version] {
        // SQLite has no such cast; there, the text of a state is what PostgreSQL makes of it.
        let held = match transaction {
            Transaction::Sqlite(_) => held.replace("AS BYTEA", "AS BLOB"),
            Transaction::Postgres(_) => (*held).to_owned(),
        };
        transaction.batch(&held).unwrap();
    }
}

#[tokio::test]
async fn databases_of_every_released_schema_come_forward_and_are_the_same_on_both_engines() {
    let folder = tempfile::tempdir().unwrap();
    for version in 1..=RELEASED.len() {
        let file = folder.path().join(format!("{version}.db"));
        make(&Transaction::Sqlite(&Connection::open(&file).unwrap()), version);
        let store = Store::open(&file).unwrap();
        assert!(!store.is_new());
        holds_what_was_there(&store, version).await;
        let kept =
            store.backup(&folder.path().join(format!("{version}.backup")), vec![], "1", 1).await.unwrap();
        assert_eq!(schema_of_file(&file), schema_of_file_that_is_new(&folder), "schema {version}");

        let Some(url) = crate::testing::postgres_database().unwrap() else { continue };
        postgres::on_connection(&url, move |transaction| make(transaction, version));
        let store = Store::connect(&url).unwrap();
        assert!(!store.is_new());
        holds_what_was_there(&store, version).await;
        let same =
            store.backup(&folder.path().join(format!("{version}.second")), vec![], "1", 1).await.unwrap();
        assert_eq!(same.digest, kept.digest, "schema {version}: both engines hold the same");
        let new = crate::testing::postgres_database().unwrap().unwrap();
        Store::connect(&new).unwrap();
        assert_eq!(schema_of_server(&url), schema_of_server(&new), "schema {version}");
    }
}

async fn holds_what_was_there(store: &Store, version: usize) {
    let n1 = network("n1");
    assert_eq!(store.network_ids().await.unwrap(), [network("n1"), network("n2")]);
    let found = store.network(&n1).await.unwrap();
    assert_eq!(
        (found.name.as_str(), found.description.as_str(), found.version),
        ("Nördlich", "it's \"one\"", 3)
    );
    assert_eq!(found.configs.len(), 2);
    let (_, g1) = store.gateway_by_hardware_id("h1").await.unwrap().unwrap();
    assert_eq!(
        (g1.id, g1.version, g1.config),
        (gateway("g1"), 7, Some(serde_json::json!({"checkin_interval": 60})))
    );
    assert_eq!(store.gateway_stamp("h1").await.unwrap().unwrap(), "41");
    let record = store.gateway_record(&n1, &gateway_id("g1")).await.unwrap();
    assert_eq!(
        (record.entity.tier(), record.device, record.certificate_end),
        (Some("t1"), Some(device("h1")), 4_102_444_800)
    );
    let status = record.status.unwrap();
    assert_eq!(
        (status.value.as_slice(), status.version, status.time_ms),
        (&b"{\"time\":1}"[..], i64::MAX as u64, 1_700_000_000_000)
    );
    assert!(store.operator_acl("admin_operator").await.unwrap().is_some());
    assert!(store.certificate("B2").await.unwrap().is_some());
    let used = store.check_registration_token("reg_old", 1).await.unwrap();
    assert_eq!(used, crate::TokenUse::Refused(crate::TokenRefusal::AlreadyUsed));
    assert_eq!(store.was_revoked("DEAD").await.unwrap(), version >= 3);
    // And it goes on from there: the next change has a number that never was.
    write(
        store,
        EntityWrite::Update(EntityUpdate { name: Some("N".into()), ..EntityUpdate::of(gateway("g2")) }),
    )
    .await
    .unwrap();
    assert_eq!(store.revision().await.unwrap(), 42);
}

#[tokio::test]
async fn a_backup_of_every_released_schema_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    for version in 1..=RELEASED.len() {
        let file = folder.path().join(format!("{version}.backup"));
        let made = Connection::open(&file).unwrap();
        make(&Transaction::Sqlite(&made), version);
        crate::backup::finish_for_tests(&made).unwrap();
        drop(made);
        let target = folder.path().join(format!("{version}.db"));
        Backup::open(&file).unwrap().into_file(&target).unwrap();
        holds_what_was_there(&Store::open(&target).unwrap(), version).await;
        if let Some(url) = crate::testing::postgres_database().unwrap() {
            Backup::open(&file).unwrap().into_server(&url, crate::Replace::Nothing).await.unwrap();
            holds_what_was_there(&Store::connect(&url).unwrap(), version).await;
        }
    }
}

#[tokio::test]
async fn a_server_of_a_later_release_is_refused_and_stays() {
    let Some(url) = crate::testing::postgres_database().unwrap() else { return };
    Store::connect(&url).unwrap();
    let change =
        |transaction: &Transaction<'_>| transaction.batch("UPDATE schema_version SET version = 1000000");
    postgres::on_connection(&url, change).unwrap();
    let Err(error) = Store::connect(&url) else { panic!("it was taken") };
    assert!(matches!(error, StoreError::Newer { found: 1_000_000, .. }), "{error}");
    let version = postgres::on_connection(&url, migrations::version).unwrap();
    assert_eq!(version, 1_000_000);
}

#[tokio::test]
async fn of_nodes_that_start_at_once_one_migrates() {
    let Some(url) = crate::testing::postgres_database().unwrap() else { return };
    let starts: Vec<_> = (0..4)
        .map(|_| {
            let url = url.clone();
            tokio::task::spawn_blocking(move || Store::connect(&url).unwrap().is_new())
        })
        .collect();
    let mut new = 0;
    for start in starts {
        new += usize::from(start.await.unwrap());
    }
    assert_eq!(new, 1, "the others found it done");
}

fn schema_of_file(file: &std::path::Path) -> Vec<(String, String)> {
    let (connection, _) = sqlite::open(&sqlite::Place::File(file)).unwrap();
    let sql = "SELECT name, COALESCE(sql, '') FROM sqlite_schema ORDER BY name";
    rows(&Transaction::Sqlite(&connection), sql, (), |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
}

fn schema_of_file_that_is_new(folder: &tempfile::TempDir) -> Vec<(String, String)> {
    schema_of_file(&folder.path().join("new.db"))
}

/// Every column and index, as PostgreSQL tells them.
fn schema_of_server(url: &str) -> Vec<String> {
    postgres::on_connection(url, |transaction| {
        let columns = "SELECT CAST(table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable \
                       || ' ' || COALESCE(collation_name, '') AS TEXT) FROM information_schema.columns \
                       WHERE table_schema = 'public' ORDER BY 1";
        let indexes = "SELECT CAST(indexdef AS TEXT) FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1";
        let read = |sql| rows(transaction, sql, (), |row| row.get::<String>(0)).unwrap();
        let text_without_collation = row(
            transaction,
            "SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = 'public' \
                AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'",
            (),
            |row| row.get::<i64>(0),
        );
        assert_eq!(text_without_collation.unwrap(), Some(0), "text is compared byte by byte in every table");
        [read(columns), read(indexes)].concat()
    })
}
