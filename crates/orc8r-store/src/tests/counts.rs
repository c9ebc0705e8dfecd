//! What the store tells of itself.

use super::*;
use crate::row::Transaction;
use crate::{COMMIT_BOUNDS, StoreCounts};

#[tokio::test]
async fn operations_and_commits_are_counted_by_kind_and_outcome() {
    let folder = tempfile::tempdir().unwrap();
    // In memory, all run on one thread, which ends each with a commit.
    let store =
        if is_on_postgres() { empty() } else { Store::open(&folder.path().join("orc8r.db")).unwrap() };
    assert_eq!(store.counts(), StoreCounts::default());
    store.create_network(Network::new(network("n1"))).await.unwrap();
    let refused = store.create_network(Network::new(network("n1"))).await;
    assert!(matches!(refused, Err(StoreError::AlreadyExists { .. })), "{refused:?}");
    store.network_ids().await.unwrap();
    let full = |_: &Transaction<'_>| Err::<(), _>(StoreError::Full { reason: "no room".into() });
    store.write(full).await.unwrap_err();
    store.write_concurrently(|_| Ok(())).await.unwrap();
    let counts = store.counts();
    // Refusals are answers: nothing is wrong with the store.
    assert_eq!((counts.writes.answered, counts.writes.failed, counts.writes.begun), (2, 1, 3));
    assert_eq!((counts.reads.answered, counts.reads.failed, counts.concurrent.answered), (1, 0, 1));
    assert_eq!(counts.failures, crate::FailureCounts { full: 1, ..Default::default() });
    assert_eq!(
        counts.commits.count, 2,
        "what was refused or failed is not committed, and a read changes nothing"
    );
    assert!(counts.commits.at_most.is_sorted() && counts.commits.at_most[COMMIT_BOUNDS.len() - 1] <= 2);
}

#[tokio::test]
async fn what_waits_for_its_turn_is_counted_and_what_is_given_up_is_not() {
    let store = empty();
    let asked = store.counters.asked(crate::job::Kind::Write);
    let given_up = store.counters.asked(crate::job::Kind::Write);
    assert_eq!((store.counts().writes.waiting, store.counts().reads.waiting), (2, 0));
    drop(given_up);
    assert_eq!(store.counts().writes.waiting, 1);
    asked.begins();
    // PostgreSQL may have it run again.
    asked.begins();
    assert_eq!((store.counts().writes.waiting, store.counts().writes.begun), (0, 1));
    drop(asked);
    assert_eq!(store.counts().writes.waiting, 0);
}
