//! Operations that wait together are committed together, and each is still its own.

use super::*;
use crate::Database;
use crate::row::{Transaction, execute};
use orc8r_model::{ReportedState, StateFilter, StateId};
use std::sync::mpsc::{Sender, channel};
use tokio::task::JoinHandle;

/// A database whose commits are seen by other connections: a file, or PostgreSQL.
fn database(folder: &tempfile::TempDir) -> Database {
    let url = if is_on_postgres() { crate::testing::postgres_database().unwrap() } else { None };
    url.map_or_else(|| Database::File(folder.path().join("orc8r.db")), Database::Server)
}

async fn shared(folder: &tempfile::TempDir) -> Store {
    let store = Store::at(&database(folder)).unwrap();
    fill(&store).await;
    store
}

/// Holds the thread that writes until the sender is used or dropped.
fn hold(store: &Store) -> (Sender<()>, JoinHandle<Result<(), StoreError>>) {
    let (release, held) = channel();
    let (begun, has_begun) = channel();
    let store = store.clone();
    let task = tokio::spawn(async move {
        let wait = move |_: &Transaction<'_>| {
            let _ = begun.send(());
            let _ = held.recv();
            Ok(())
        };
        store.write(wait).await
    });
    // The runtime of the test has one thread.
    let release = std::thread::spawn(move || has_begun.recv().map(|()| release));
    let release = tokio::task::block_in_place(|| release.join().unwrap().unwrap());
    (release, task)
}

fn operator(number: usize) -> impl FnOnce(&Transaction<'_>) -> Result<(), StoreError> + Send + 'static {
    move |transaction| {
        let sql = "INSERT INTO operators (name, access_list) VALUES (?1, '{}')";
        execute(transaction, sql, [format!("o{number}")]).map(drop)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_fails_among_many_undoes_only_itself() {
    let folder = tempfile::tempdir().unwrap();
    let store = shared(&folder).await;
    let (release, held) = hold(&store);
    let tasks: Vec<_> = (0..40)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move {
                store
                    .write(move |transaction| {
                        operator(number)(transaction)?;
                        match number % 4 {
                            1 => Err(StoreError::invalid("a refusal")),
                            2 => panic!("a defect for the test"),
                            // A statement that the database refuses, after one that it took.
                            3 => operator(number)(transaction),
                            _ => Ok(()),
                        }
                    })
                    .await
            })
        })
        .collect();
    release.send(()).unwrap();
    held.await.unwrap().unwrap();
    let mut done = 0;
    for (number, task) in tasks.into_iter().enumerate() {
        let result = task.await.unwrap();
        assert_eq!(result.is_ok(), number % 4 == 0, "{number}: {result:?}");
        done += usize::from(result.is_ok());
    }
    let names: Vec<String> = store
        .read(|transaction| crate::row::rows(transaction, "SELECT name FROM operators", (), |row| row.get(0)))
        .await
        .unwrap();
    assert_eq!(names.len(), done, "{names:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_waits_for_no_writer_and_sees_nothing_that_is_not_committed() {
    let folder = tempfile::tempdir().unwrap();
    let store = shared(&folder).await;
    let (release, held) = channel::<()>();
    let (begun, has_begun) = channel();
    let writer = store.clone();
    let task = tokio::spawn(async move {
        let change = move |transaction: &Transaction<'_>| {
            execute(transaction, "DELETE FROM networks", ())?;
            let _ = begun.send(());
            let _ = held.recv();
            Ok(())
        };
        writer.write(change).await
    });
    tokio::task::spawn_blocking(move || has_begun.recv()).await.unwrap().unwrap();
    assert_eq!(store.network_ids().await.unwrap().len(), 2, "while it is being written");
    drop(release);
    task.await.unwrap().unwrap();
    assert_eq!(store.network_ids().await.unwrap().len(), 0, "after it was answered");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_is_of_one_moment() {
    let folder = tempfile::tempdir().unwrap();
    let store = shared(&folder).await;
    let (release, held) = channel::<()>();
    let (begun, has_begun) = channel();
    let reader = store.clone();
    let task = tokio::spawn(async move {
        let twice = move |transaction: &Transaction<'_>| {
            let count =
                || crate::row::row(transaction, "SELECT COUNT(*) FROM networks", (), |row| row.get(0));
            let before: Option<i64> = count()?;
            let _ = begun.send(());
            let _ = held.recv();
            Ok((before, count()?))
        };
        reader.read(twice).await
    });
    tokio::task::spawn_blocking(move || has_begun.recv()).await.unwrap().unwrap();
    store.create_network(Network::new(network("n3"))).await.unwrap();
    drop(release);
    assert_eq!(task.await.unwrap().unwrap(), (Some(2), Some(2)));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_reports_at_once_are_all_counted() {
    let folder = tempfile::tempdir().unwrap();
    let store = shared(&folder).await;
    let report = |device: &str| {
        let id = StateId { state_type: "t".into(), device_id: device.into() };
        ReportedState { id, value: vec![1], version: 0 }
    };
    // Each names the same states, in another order: whoever waited for the other while holding what he wants would
    // wait for ever.
    let tasks: Vec<_> = (0..50)
        .map(|number| {
            let store = store.clone();
            let reports =
                if number % 2 == 0 { vec![report("a"), report("b")] } else { vec![report("b"), report("a")] };
            tokio::spawn(async move { store.put_states(&network("n1"), "h1", reports, 1).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    let states = store.states(&network("n1"), StateFilter::default()).await.unwrap();
    assert_eq!(states.iter().map(|state| state.version).collect::<Vec<_>>(), [49, 49]);
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_from_two_nodes_at_once_follow_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let database = database(&folder);
    let (first, second) = (Store::at(&database).unwrap(), Store::at(&database).unwrap());
    fill(&first).await;
    let before = first.revision().await.unwrap();
    let tasks: Vec<_> = (0..40)
        .map(|number| {
            let store = if number % 2 == 0 { first.clone() } else { second.clone() };
            let change = EntityWrite::Create(Entity::new(EntityId::new("apn", format!("a{number}"))));
            tokio::spawn(async move { store.write_entities(&network("n1"), vec![change]).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(first.revision().await.unwrap(), before + 40);
    assert_eq!(second.count_entities(&network("n1"), "apn").await.unwrap(), 40);
}
