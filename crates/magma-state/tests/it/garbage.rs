//! What is removed, and above all what is not.

use magma_redis::testing::RedisServer;
use magma_state::Replicator;
use tokio::sync::oneshot;

use crate::cloud::{Cloud, Way};
use crate::tables::{HARDWARE_ID, discard, in_redis, put};

#[tokio::test]
async fn garbage_goes_from_the_cloud_first_and_then_from_here() {
    let Some(server) = RedisServer::start().await.unwrap() else { return };
    let (cloud, tables) = (Cloud::start().await, in_redis(&server.redis()));
    let store = tables[2].store.clone();
    let mut replicator = Replicator::new(HARDWARE_ID, tables);
    let way = Way { cloud: cloud.clone(), generation: 1 };
    for id in ["a", "b"] {
        put(&*store, id, b"1").await;
    }
    replicator.round(&way).await.unwrap();
    discard(&*store, "a").await;
    cloud.contents.lock().unwrap().down = true;
    cloud.calls();
    replicator.round(&way).await.unwrap_err();
    assert!(store.get("a").await.unwrap().is_some(), "the cloud did not confirm");
    cloud.contents.lock().unwrap().down = false;
    assert_eq!(replicator.round(&way).await.unwrap().deleted, 0, "every second round");
    assert_eq!(replicator.round(&way).await.unwrap().deleted, 1);
    assert_eq!(cloud.calls(), ["Delete 1", "Delete 1"]);
    assert!(store.get("a").await.unwrap().is_none());
    assert_eq!(cloud.states(), ["directory_record/b: 1 @1"]);
}

#[tokio::test]
async fn what_is_written_or_discarded_while_the_cloud_deletes_is_not_lost() {
    let Some(server) = RedisServer::start().await.unwrap() else { return };
    let (cloud, tables) = (Cloud::start().await, in_redis(&server.redis()));
    let store = tables[2].store.clone();
    let mut replicator = Replicator::new(HARDWARE_ID, tables);
    let way = Way { cloud: cloud.clone(), generation: 1 };
    for id in ["comes back", "goes", "is discarded meanwhile"] {
        put(&*store, id, b"1").await;
    }
    replicator.round(&way).await.unwrap();
    discard(&*store, "comes back").await;
    discard(&*store, "goes").await;

    let (meanwhile, deleting) = oneshot::channel::<oneshot::Sender<()>>();
    cloud.contents.lock().unwrap().meanwhile = Some(meanwhile);
    let others = async {
        let done = deleting.await.unwrap();
        put(&*store, "comes back", b"2").await;
        discard(&*store, "is discarded meanwhile").await;
        done.send(()).unwrap();
    };
    let (round, ()) = tokio::join!(replicator.round(&way), others);
    assert_eq!(round.unwrap().deleted, 1, "exactly what the cloud confirmed and nobody changed");
    assert!(store.get("goes").await.unwrap().is_none());
    assert!(store.get("is discarded meanwhile").await.unwrap().is_some(), "the cloud does not know yet");
    assert_eq!(
        cloud.states(),
        ["directory_record/is discarded meanwhile: 1 @1"],
        "the cloud has deleted what came back"
    );

    assert_eq!(replicator.round(&way).await.unwrap().reported, 1);
    assert_eq!(replicator.round(&way).await.unwrap().deleted, 1);
    assert_eq!(cloud.states(), ["directory_record/comes back: 2 @2"]);
    assert!(store.get("is discarded meanwhile").await.unwrap().is_none());
}
