//! Files, full disks, defects, and the end.

use super::*;
use crate::row::{Transaction, execute};
use orc8r_model::{ReportedState, StateId};

fn big_report(number: usize) -> ReportedState {
    let id = StateId { state_type: "t".into(), device_id: number.to_string() };
    ReportedState { id, value: vec![7; 50_000], version: 0 }
}

/// Lets the database grow by so many pages, as a disk with so much space would.
async fn set_free_pages(store: &Store, free: i64) {
    let limit = move |transaction: &Transaction<'_>| {
        let Transaction::Sqlite(transaction) = transaction else { return Ok(()) };
        let pages: i64 = transaction.pragma_query_value(None, "page_count", |row| row.get(0))?;
        Ok(transaction.pragma_update_and_check(None, "max_page_count", pages + free, |_| Ok(()))?)
    };
    store.write(limit).await.unwrap();
}

#[tokio::test]
async fn a_full_disk_is_told_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("orc8r.db");
    let store = Store::open(&file).unwrap();
    fill(&store).await;
    store.put_states(&network("n1"), "h1", vec![big_report(0)], 1).await.unwrap();
    set_free_pages(&store, 20).await;

    let all = (1..10).map(big_report).collect();
    let error = store.put_states(&network("n1"), "h1", all, 2).await.unwrap_err();
    assert!(matches!(error, StoreError::Full { .. }), "{error}");
    assert!(error.to_string().contains("free space"), "{error}");

    let states = store.states(&network("n1"), orc8r_model::StateFilter::default()).await.unwrap();
    assert_eq!(states.len(), 1, "the states that would have fitted are undone with the rest");
    assert!(store.gateway_by_hardware_id("h1").await.unwrap().is_some(), "reading goes on");
    store.put_states(&network("n1"), "h1", vec![big_report(1)], 3).await.expect("what fits is still written");

    store.close().await;
    let store = Store::open(&file).unwrap();
    let states = store.states(&network("n1"), orc8r_model::StateFilter::default()).await.unwrap();
    assert_eq!(states.len(), 2, "what was told to be written is there");
}

#[tokio::test]
async fn what_was_written_is_there_after_a_restart_even_without_a_close() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("orc8r.db");
    let first = Store::open(&file).unwrap();
    fill(&first).await;
    // The first is not closed: its write-ahead log is all that there is.
    let second = Store::open(&file).unwrap();
    assert_eq!(second.network_ids().await.unwrap(), first.network_ids().await.unwrap());
    assert!(second.gateway_by_hardware_id("h1").await.unwrap().is_some());
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_and_its_journals_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("orc8r.db")).unwrap();
    fill(&store).await;
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{entry:?}");
        names.push(entry.file_name());
    }
    assert!(names.len() >= 2, "there is a write-ahead log: {names:?}");
}

#[test]
fn a_file_that_cannot_be_opened_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("text");
    std::fs::write(
        &text,
        "this is not a database, but long enough to have been one, if anybody looks at it. ".repeat(20),
    )
    .unwrap();
    for file in [folder.path().join("no/such/folder/orc8r.db"), folder.path().to_owned(), text] {
        let Err(error) = Store::open(&file) else { panic!("{} was opened", file.display()) };
        assert!(matches!(error, StoreError::Open { .. }), "{error}");
        assert!(error.to_string().contains(&file.display().to_string()), "{error}");
    }
}

#[tokio::test]
async fn a_defect_undoes_its_operation_and_the_store_goes_on() {
    let store = store().await;
    let defect = |transaction: &Transaction<'_>| -> Result<(), StoreError> {
        execute(transaction, "DELETE FROM networks", ())?;
        panic!("a defect for the test");
    };
    let error = store.write(defect).await.unwrap_err();
    assert!(matches!(error, StoreError::Database { .. }), "{error}");
    assert_eq!(store.network_ids().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_closed_store_says_so() {
    let store = store().await;
    let other = store.clone();
    store.close().await;
    store.close().await;
    assert!(matches!(other.network_ids().await, Err(StoreError::Closed)));
}

#[tokio::test]
async fn a_configuration_that_is_not_json_is_told_and_does_not_panic() {
    let store = store().await;
    let corrupt = |transaction: &Transaction<'_>| {
        execute(transaction, "UPDATE entities SET config = '{' WHERE entity_key = 'g1'", ())
    };
    store.write(corrupt).await.unwrap();
    let error = store.entity(&network("n1"), &gateway("g1")).await.unwrap_err();
    assert!(error.to_string().contains("the config of gateway g1 is not readable"), "{error}");
}

#[tokio::test]
async fn a_text_with_a_nul_is_refused_and_bytes_are_kept() {
    let store = store().await;
    let report = |device: &str| {
        let id = StateId { state_type: "t".into(), device_id: device.into() };
        vec![ReportedState { id, value: vec![0, 255, 0], version: 0 }]
    };
    let error = store.put_states(&network("n1"), "h1", report("a\0"), 1).await.unwrap_err();
    assert!(matches!(error, StoreError::Invalid { .. }), "{error}");
    store.put_states(&network("n1"), "h1", report("a"), 1).await.unwrap();
    let states = store.states(&network("n1"), orc8r_model::StateFilter::default()).await.unwrap();
    assert_eq!(states.iter().map(|state| state.value.clone()).collect::<Vec<_>>(), [vec![0, 255, 0]]);
}
