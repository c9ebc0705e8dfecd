//! What is sent, and what is not.

use magma_redis::testing::RedisServer;
use magma_redis::{Redis, RedisAddress, Stored};
use magma_state::{CloudError, Replicator, Round};

use crate::cloud::{Cloud, Way};
use crate::tables::{HARDWARE_ID, discard, in_file, in_redis, json, put};

/// An `IPDesc` with address 10.0.0.1 that is allocated.
const IP_DESC: &[u8] = b"\x0a\x06\x12\x04\x0a\x00\x00\x01\x18\x01";

fn reported(count: usize) -> Round {
    Round { reported: count, ..Round::default() }
}

#[tokio::test]
async fn each_change_is_sent_once_and_nothing_when_nothing_changed() {
    let folder = tempfile::TempDir::new().unwrap();
    let (cloud, store) = (Cloud::start().await, in_file(folder.path()));
    let way = Way { cloud: cloud.clone(), generation: 1 };
    let mut replicator = Replicator::new(HARDWARE_ID, vec![json("directory_record", store.clone())]);
    assert_eq!(replicator.round(&way).await.unwrap(), Round::default());
    assert!(cloud.calls().is_empty(), "an empty gateway sends nothing");

    put(&*store, "IMSI1", b"{\"a\": 1}").await;
    put(&*store, "IMSI2", b"[]").await;
    assert_eq!(replicator.round(&way).await.unwrap(), reported(2));
    assert_eq!(cloud.states(), ["directory_record/IMSI1: {\"a\": 1} @1", "directory_record/IMSI2: [] @1"]);
    assert_eq!(cloud.calls(), ["Report 2"]);
    for _ in 0..3 {
        assert_eq!(replicator.round(&way).await.unwrap(), Round::default());
    }
    assert!(cloud.calls().is_empty());

    put(&*store, "IMSI2", b"[2]").await;
    assert_eq!(replicator.round(&way).await.unwrap(), reported(1));
    assert_eq!(cloud.states()[1], "directory_record/IMSI2: [2] @2");
}

#[tokio::test]
async fn after_a_restart_the_cloud_is_asked_first_and_told_only_what_it_does_not_have() {
    let folder = tempfile::TempDir::new().unwrap();
    let (cloud, store) = (Cloud::start().await, in_file(folder.path()));
    let table = || vec![json("directory_record", store.clone())];
    for id in ["a", "b", "c"] {
        put(&*store, id, b"1").await;
    }
    let mut way = Way { cloud: cloud.clone(), generation: 1 };
    Replicator::new(HARDWARE_ID, table()).round(&way).await.unwrap();
    assert_eq!(cloud.calls(), ["Sync 3", "Report 3"]);
    put(&*store, "b", b"2").await;
    let mut restarted = Replicator::new(HARDWARE_ID, table());
    assert_eq!(restarted.round(&way).await.unwrap(), reported(1));
    assert_eq!(cloud.calls(), ["Sync 3", "Report 1"]);
    way.generation = 2;
    assert_eq!(restarted.round(&way).await.unwrap(), Round::default());
    assert_eq!(cloud.calls(), ["Sync 3"], "it may be another cloud now");
}

#[tokio::test]
async fn tables_of_an_access_gateway_become_json_under_the_right_ids() {
    let Some(server) = RedisServer::start().await.unwrap() else { return };
    let (cloud, tables) = (Cloud::start().await, in_redis(&server.redis()));
    put(&*tables[0].store, "IMSI1,ipv4", IP_DESC).await;
    put(&*tables[1].store, "gateway", b"{}").await;
    put(&*tables[2].store, "IMSI1", b"{\"py/object\": \"x\"}").await;
    let mut replicator = Replicator::new(HARDWARE_ID, tables);
    let way = Way { cloud: cloud.clone(), generation: 1 };
    assert_eq!(replicator.round(&way).await.unwrap(), reported(3));
    assert_eq!(
        cloud.states(),
        [
            "cwf_gateway_health/hw1:gateway: {} @1",
            "directory_record/IMSI1: {\"py/object\": \"x\"} @1",
            "mobilityd_ipdesc_record/IMSI1,ipv4: {\"ip\":{\"address\":\"CgAAAQ==\"},\"state\":\"ALLOCATED\"} @1",
        ]
    );
}

#[tokio::test]
async fn one_that_cannot_be_read_holds_up_no_other() {
    let Some(server) = RedisServer::start().await.unwrap() else { return };
    let (cloud, tables) = (Cloud::start().await, in_redis(&server.redis()));
    put(&*tables[0].store, "broken message", b"\x0a\xff").await;
    put(&*tables[0].store, "good", IP_DESC).await;
    put(&*tables[2].store, "broken json", b"{").await;
    put(&*tables[2].store, "good", b"{}").await;
    tables[2].store.replace("broken record", None, Stored(b"\xff".to_vec())).await.unwrap();
    let huge = [b"\"".to_vec(), vec![b'x'; 5 * 1024 * 1024], b"\"".to_vec()].concat();
    put(&*tables[2].store, "too large", &huge).await;
    let mut replicator = Replicator::new(HARDWARE_ID, tables);
    let way = Way { cloud: cloud.clone(), generation: 1 };
    assert_eq!(replicator.round(&way).await.unwrap(), reported(2));
    assert_eq!(replicator.round(&way).await.unwrap(), Round::default(), "and they are not sent again");
}

#[tokio::test]
async fn a_table_that_cannot_be_reached_holds_up_no_other() {
    let folder = tempfile::TempDir::new().unwrap();
    let (cloud, store) = (Cloud::start().await, in_file(folder.path()));
    let redis = Redis::new(RedisAddress::Unix("/nonexistent/redis.sock".into()));
    let mut tables = in_redis(&redis);
    tables.push(json("in a file", store.clone()));
    put(&*store, "a", b"1").await;
    let mut replicator = Replicator::new(HARDWARE_ID, tables);
    let way = Way { cloud: cloud.clone(), generation: 1 };
    assert_eq!(replicator.round(&way).await.unwrap(), reported(1));
}

#[tokio::test]
async fn large_tables_go_in_requests_of_moderate_size() {
    let folder = tempfile::TempDir::new().unwrap();
    let (cloud, store) = (Cloud::start().await, in_file(folder.path()));
    let value = [b"\"".to_vec(), vec![b'x'; 10_000], b"\"".to_vec()].concat();
    for id in 0..200 {
        put(&*store, &id.to_string(), &value).await;
    }
    let mut replicator = Replicator::new(HARDWARE_ID, vec![json("t", store.clone())]);
    let way = Way { cloud: cloud.clone(), generation: 1 };
    assert_eq!(replicator.round(&way).await.unwrap(), reported(200));
    assert!(cloud.contents.lock().unwrap().largest <= 256 * 1024);
    assert!(cloud.calls().len() > 8);
}

#[tokio::test]
async fn an_outage_loses_nothing_and_what_was_taken_is_not_sent_again() {
    let folder = tempfile::TempDir::new().unwrap();
    let (cloud, store) = (Cloud::start().await, in_file(folder.path()));
    let mut replicator = Replicator::new(HARDWARE_ID, vec![json("t", store.clone())]);
    let way = Way { cloud: cloud.clone(), generation: 1 };
    put(&*store, "a", b"1").await;
    cloud.contents.lock().unwrap().down = true;
    for _ in 0..2 {
        let error = replicator.round(&way).await.unwrap_err();
        assert!(matches!(error, CloudError::Call { method: "SyncStates", .. }), "{error}");
    }
    cloud.contents.lock().unwrap().down = false;
    assert_eq!(replicator.round(&way).await.unwrap(), reported(1));
    cloud.contents.lock().unwrap().down = true;
    put(&*store, "b", b"1").await;
    replicator.round(&way).await.unwrap_err();
    cloud.contents.lock().unwrap().down = false;
    cloud.calls();
    assert_eq!(replicator.round(&way).await.unwrap(), reported(1));
    assert_eq!(cloud.calls(), ["Report 1"]);
}

#[tokio::test]
async fn what_the_cloud_refuses_is_not_offered_in_each_round() {
    let folder = tempfile::TempDir::new().unwrap();
    let (cloud, store) = (Cloud::start().await, in_file(folder.path()));
    cloud.contents.lock().unwrap().refused.push("a".to_owned());
    put(&*store, "a", b"1").await;
    put(&*store, "b", b"1").await;
    let mut replicator = Replicator::new(HARDWARE_ID, vec![json("t", store.clone())]);
    let way = Way { cloud: cloud.clone(), generation: 1 };
    assert_eq!(replicator.round(&way).await.unwrap(), Round { reported: 1, refused: 1, deleted: 0 });
    cloud.calls();
    for _ in 0..5 {
        assert_eq!(replicator.round(&way).await.unwrap(), Round::default());
    }
    assert!(cloud.calls().is_empty());
    put(&*store, "a", b"2").await;
    cloud.contents.lock().unwrap().refused.clear();
    assert_eq!(replicator.round(&way).await.unwrap(), reported(1));
}

#[tokio::test]
async fn a_table_that_was_emptied_and_filled_again_is_news_though_its_versions_are_the_same() {
    let Some(server) = RedisServer::start().await.unwrap() else { return };
    let (cloud, tables) = (Cloud::start().await, in_redis(&server.redis()));
    let store = tables[2].store.clone();
    let mut replicator = Replicator::new(HARDWARE_ID, tables);
    let way = Way { cloud: cloud.clone(), generation: 1 };
    put(&*store, "a", b"1").await;
    replicator.round(&way).await.unwrap();
    server.redis().command(&[b"FLUSHALL"]).await.unwrap();
    put(&*store, "a", b"2").await;
    assert_eq!(replicator.round(&way).await.unwrap(), reported(1));
    assert_eq!(cloud.states(), ["directory_record/a: 2 @1"]);
}

#[tokio::test]
async fn garbage_is_never_reported() {
    let folder = tempfile::TempDir::new().unwrap();
    let (cloud, store) = (Cloud::start().await, in_file(folder.path()));
    put(&*store, "a", b"1").await;
    discard(&*store, "a").await;
    let mut replicator = Replicator::new(HARDWARE_ID, vec![json("t", store.clone())]);
    let way = Way { cloud: cloud.clone(), generation: 1 };
    assert_eq!(replicator.round(&way).await.unwrap(), Round::default());
    assert!(cloud.calls().is_empty());
}
