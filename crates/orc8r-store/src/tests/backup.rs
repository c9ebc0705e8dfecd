//! Backups: what comes back is what was there, on either engine, and a damaged one is refused.

use super::*;
use crate::row::{Transaction, execute};
use crate::{Backup, BackupFile, Database, Replace};
use orc8r_model::{AccessList, ReportedState, StateFilter, StateId};
use std::path::Path;

fn key() -> BackupFile {
    BackupFile { path: "certs/rootCA.key".into(), mode: 0o600, contents: b"a key\0\xff".to_vec() }
}

/// A store with something in many tables, and more rows than are copied at once.
async fn filled() -> Store {
    let store = store().await;
    let reports = (0..130).map(|number| ReportedState {
        id: StateId { state_type: "t".into(), device_id: format!("d{number}") },
        value: vec![0, 255, u8::try_from(number).unwrap()],
        version: number,
    });
    store.put_states(&network("n1"), "h1", reports.collect(), i64::MAX as u64).await.unwrap();
    store.put_operator("ä 'quoted'", AccessList::administrator()).await.unwrap();
    store
}

async fn backup(store: &Store, file: &Path) -> String {
    store.backup(file, vec![key()], "1.2.3", 1_700_000_000).await.unwrap().digest
}

#[tokio::test]
async fn a_backup_comes_back_into_either_engine_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("first");
    let store = filled().await;
    let digest = backup(&store, &file).await;
    store.put_operator("later", AccessList::administrator()).await.unwrap();

    let opened = Backup::open(&file).unwrap();
    let facts = opened.facts().clone();
    assert_eq!(
        (facts.digest.as_str(), facts.program.as_str(), facts.created_at),
        (&*digest, "1.2.3", 1_700_000_000)
    );
    assert!(facts.records > 130, "{facts:?}");
    assert_eq!(opened.files(), [key()]);

    let target = folder.path().join("orc8r.db");
    opened.into_file(&target).unwrap();
    assert_eq!(mode(&target), 0o600);
    let mut restored = vec![Store::open(&target).unwrap()];
    if let Some(url) = crate::testing::postgres_database().unwrap() {
        Backup::open(&file).unwrap().into_server(&url, Replace::Nothing).await.unwrap();
        restored.push(Store::connect(&url).unwrap());
        let again = Backup::open(&file).unwrap().into_server(&url, Replace::Nothing).await.unwrap_err();
        assert!(matches!(again, StoreError::AlreadyExists { .. }), "{again}");
        Backup::open(&file).unwrap().into_server(&url, Replace::Everything).await.unwrap();
    }
    for (number, store) in restored.into_iter().enumerate() {
        assert!(!store.is_new());
        let states = store.states(&network("n1"), StateFilter::default()).await.unwrap();
        assert_eq!((states.len(), states[0].value.as_slice()), (130, &[0, 255, 0][..]));
        assert_eq!(
            store.operator_acl("later").await.unwrap(),
            None,
            "what came after the backup is not in it"
        );
        let second = folder.path().join(format!("second{number}"));
        assert_eq!(backup(&store, &second).await, digest, "a backup of what was restored is the same");
        write(&store, EntityWrite::Create(Entity::new(EntityId::new("apn", "a")))).await.unwrap();
    }
    let left: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("partial") || name.contains("restoring"))
        .collect();
    assert_eq!(left, [""; 0]);
}

#[tokio::test]
async fn a_backup_is_for_its_owner_only_and_never_replaces_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("b");
    let store = store().await;
    backup(&store, &file).await;
    assert_eq!(mode(&file), 0o600);
    let before = std::fs::read(&file).unwrap();
    let error = store.backup(&file, vec![], "1", 2).await.unwrap_err();
    assert!(matches!(error, StoreError::Open { .. }) && error.to_string().contains("exists"), "{error}");
    assert_eq!(std::fs::read(&file).unwrap(), before);
    let error = store.backup(&folder.path().join("no/folder"), vec![], "1", 2).await.unwrap_err();
    assert!(error.to_string().contains("no/folder"), "{error}");
    assert!(Backup::open(&file).unwrap().into_file(&file).is_err(), "a restore replaces no file either");
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

#[tokio::test]
async fn what_is_no_backup_or_damaged_is_refused_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("good");
    let digest = backup(&filled().await, &file).await;
    let good = std::fs::read(&file).unwrap();
    let bad = folder.path().join("bad");
    let refused = |name: &str, bytes: &[u8]| {
        std::fs::write(&bad, bytes).unwrap();
        let Err(error) = Backup::open(&bad) else { panic!("{name} was taken") };
        assert!(error.to_string().contains(&bad.display().to_string()), "{name}: {error}");
    };
    refused("nothing", b"");
    refused("a text", &b"this is no database. ".repeat(100));
    refused("the first half", &good[..good.len() / 2]);
    // Somewhere in the values of states, which no structure of the file depends on.
    let place = good.windows(4).rposition(|part| part == b"d129").unwrap();
    let mut changed = good.clone();
    changed[place + 3] = b'8';
    refused("one character changed", &changed);
    for place in (0..good.len()).step_by(good.len() / 50) {
        let mut changed = good.clone();
        changed[place] ^= 0x10;
        std::fs::write(&bad, &changed).unwrap();
        if let Ok(opened) = Backup::open(&bad) {
            assert_eq!(opened.facts().digest, digest, "{place}: only what is unused may differ");
        }
    }
    let database = folder.path().join("orc8r.db");
    Store::open(&database).unwrap();
    let Err(error) = Backup::open(&database) else { panic!("a plain database was taken") };
    assert!(error.to_string().contains("no backup"), "{error}");
}

#[tokio::test]
async fn a_backup_of_a_later_release_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("b");
    backup(&store().await, &file).await;
    let connection = rusqlite::Connection::open(&file).unwrap();
    connection.execute("UPDATE schema_version SET version = 1000000", ()).unwrap();
    drop(connection);
    let Err(error) = Backup::open(&file) else { panic!("it was taken") };
    assert!(matches!(error, StoreError::Newer { found: 1_000_000, .. }), "{error}");
}

/// A restore into a server is one transaction: what fails in the middle leaves what was there.
#[tokio::test]
async fn a_restore_that_fails_leaves_the_server_as_it_was() {
    let Some(url) = crate::testing::postgres_database().unwrap() else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("b");
    backup(&filled().await, &file).await;
    let there = Store::connect(&url).unwrap();
    fill(&there).await;
    let refuse = |transaction: &Transaction<'_>| {
        execute(transaction, "ALTER TABLE states ADD CONSTRAINT small CHECK (version < 100)", ()).map(drop)
    };
    there.write(refuse).await.unwrap();
    let failed = Backup::open(&file).unwrap().into_server(&url, Replace::Everything).await;
    assert!(failed.is_err());
    assert_eq!(there.network_ids().await.unwrap(), [network("n1"), network("n2")]);
    assert_eq!(there.operator_acl("ä 'quoted'").await.unwrap(), None);
}

#[tokio::test]
async fn a_backup_is_of_one_moment_while_others_write() {
    let folder = tempfile::tempdir().unwrap();
    let database = if is_on_postgres() {
        crate::testing::postgres_database().unwrap().map(Database::Server)
    } else {
        None
    };
    let store =
        Store::at(&database.unwrap_or_else(|| Database::File(folder.path().join("orc8r.db")))).unwrap();
    fill(&store).await;
    let writer = store.clone();
    let writes = tokio::spawn(async move {
        for number in 0..100 {
            let entity =
                |kind: &str| EntityWrite::Create(Entity::new(EntityId::new(kind, format!("e{number}"))));
            writer.write_entities(&network("n1"), vec![entity("apn"), entity("policy")]).await.unwrap();
        }
    });
    for number in 0..3 {
        let file = folder.path().join(format!("b{number}"));
        backup(&store, &file).await;
        let copy = folder.path().join(format!("c{number}"));
        Backup::open(&file).unwrap().into_file(&copy).unwrap();
        let copy = Store::open(&copy).unwrap();
        let count = async |kind| copy.count_entities(&network("n1"), kind).await.unwrap();
        assert_eq!(count("apn").await, count("policy").await, "what is made together is there together");
    }
    writes.await.unwrap();
}

fn mode(file: &Path) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(file).unwrap().permissions()) & 0o777
}
