//! Records with versions, changed by several writers at once.

use std::collections::BTreeSet;
use std::time::Duration;

use magma_redis::testing::RedisServer;
use magma_redis::{ExitStatuses, Record, RecordStore, RedisTable, Reply, ServiceEnd, Stored, update};

async fn all(table: &RedisTable) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut ids, mut too_large, mut cursor) = (BTreeSet::new(), BTreeSet::new(), 0);
    loop {
        let batch = table.scan(cursor).await.unwrap();
        ids.extend(batch.records.into_iter().map(|(id, _)| id));
        too_large.extend(batch.too_large);
        cursor = batch.next;
        if cursor == 0 {
            return (ids, too_large);
        }
    }
}

fn append(byte: u8) -> impl FnMut(Option<Record>) -> Option<Record> {
    move |before| {
        let mut message = before.as_ref().map(|record| record.message.clone()).unwrap_or_default();
        message.push(byte);
        Some(Record::following(before.as_ref(), message))
    }
}

#[tokio::test]
async fn versions_count_from_1_and_what_is_not_a_record_is_replaced() {
    let Some(server) = RedisServer::start().await.unwrap() else { return };
    let table = RedisTable::new(server.redis(), "t");
    for version in 1..=3 {
        let stored = update(&table, "id", append(b'x')).await.unwrap().unwrap();
        assert_eq!(stored.version, version);
    }
    server.redis().command(&[b"SET", b"id:t", b"\xff\xff"]).await.unwrap();
    let stored = update(&table, "id", append(b'y')).await.unwrap();
    assert_eq!(stored, Some(Record { message: b"y".to_vec(), version: 1, garbage: false }));
    assert_eq!(update(&table, "id", |_| None).await.unwrap(), None);
    assert_eq!(table.get("id").await.unwrap().unwrap().record().unwrap().version, 1, "nothing was changed");
}

#[tokio::test]
async fn writers_in_several_programs_lose_nothing() {
    let Some(server) = RedisServer::start().await.unwrap() else { return };
    for locking in [false, true] {
        let mut writers = tokio::task::JoinSet::new();
        for writer in 0..4_u8 {
            let table = RedisTable::new(server.redis(), if locking { "locked" } else { "free" });
            let table = if locking { table.locked(Duration::from_secs(600)) } else { table };
            writers.spawn(async move {
                let mut written = 0;
                while written < 8 {
                    // Too many losses in a row are told, and the writer tries again.
                    written += u8::from(update(&table, "id", append(b'a' + writer)).await.is_ok());
                }
            });
        }
        writers.join_all().await;
        let table = RedisTable::new(server.redis(), if locking { "locked" } else { "free" });
        let record = table.get("id").await.unwrap().unwrap().record().unwrap();
        assert_eq!(record.version, 32);
        for writer in b"abcd" {
            assert_eq!(record.message.iter().filter(|byte| *byte == writer).count(), 8);
        }
    }
    let locks = server.redis().command(&[b"KEYS", b"lock:*"]).await.unwrap();
    assert_eq!(locks, Reply::List(Vec::new()), "every lock was freed");
}

#[tokio::test]
async fn only_what_was_seen_is_replaced_or_removed() {
    let Some(server) = RedisServer::start().await.unwrap() else { return };
    let table = RedisTable::new(server.redis(), "t");
    let [first, second, third] =
        [1, 2, 3].map(|version| Stored::from(Record { version, ..Record::default() }));
    for (name, done, expected) in [
        ("made where there was none", table.replace("id", None, first.clone()).await, true),
        ("not made twice", table.replace("id", None, second.clone()).await, false),
        ("replaced as seen", table.replace("id", Some(&first), second.clone()).await, true),
        ("not replaced by an old reader", table.replace("id", Some(&first), third).await, false),
        ("not removed by an old reader", table.remove("id", &first).await, false),
        ("removed as seen", table.remove("id", &second).await, true),
        ("not removed twice", table.remove("id", &second).await, false),
    ] {
        assert_eq!(done.unwrap(), expected, "{name}");
    }
}

#[tokio::test]
async fn a_scan_finds_every_record_of_its_type_and_no_other() {
    let Some(server) = RedisServer::start().await.unwrap() else { return };
    let redis = server.redis();
    let mut session = redis.session().await.unwrap();
    let value = Stored::from(Record { version: 1, ..Record::default() });
    for id in 0..1000 {
        let (key, other) = (format!("IMSI{id}:with:colon:t"), format!("IMSI{id}:other"));
        session
            .exchange(&[&[b"SET", key.as_bytes(), &value.0], &[b"SET", other.as_bytes(), b"x"]])
            .await
            .unwrap();
    }
    session.exchange(&[&[b"LPUSH", b"list:t", b"x"], &[b"SET", b"\xff:t", b"x"]]).await.unwrap();
    session.end();
    let (ids, too_large) = all(&RedisTable::new(redis, "t")).await;
    assert_eq!(ids.len(), 1000);
    assert!(ids.contains("IMSI999:with:colon"));
    assert!(too_large.is_empty());
}

#[tokio::test]
async fn a_record_that_is_too_large_is_named_and_hides_no_other() {
    let Some(server) = RedisServer::start().await.unwrap() else { return };
    let long = vec![b'x'; magma_redis::BULK_BYTES_MAX + 1];
    server.redis().command(&[b"MSET", b"a:t", b"", b"b:t", &long, b"c:t", b""]).await.unwrap();
    let table = RedisTable::new(server.redis(), "t");
    let (ids, too_large) = all(&table).await;
    assert_eq!((ids, too_large), (["a", "c"].map(String::from).into(), ["b".to_owned()].into()));
    let error = table.get("b").await.unwrap_err().to_string();
    assert!(error.starts_with("the record is larger than"), "{error}");
}

#[tokio::test]
async fn the_lock_of_a_program_that_crashed_holds_nobody_up_for_long() {
    let Some(server) = RedisServer::start().await.unwrap() else { return };
    server.redis().command(&[b"SET", b"lock:id:t:lock", b"gone"]).await.unwrap();
    let table = RedisTable::new(server.redis(), "t").locked(Duration::from_millis(200));
    update(&table, "id", append(b'x')).await.unwrap().unwrap();
    let lock = server.redis().command(&[b"GET", b"lock:id:t:lock"]).await.unwrap();
    assert_eq!(lock, Reply::Bulk(b"gone".to_vec()), "it was not ours to free");
}

#[tokio::test]
async fn exit_statuses_are_counted_and_read_back() {
    let Some(server) = RedisServer::start().await.unwrap() else { return };
    let statuses = ExitStatuses::new(server.redis());
    let clean = ServiceEnd { service_result: "success", exit_code: "exited", exit_status: "0" };
    let failed = ServiceEnd { service_result: "exit-code", exit_code: "exited", exit_status: "2" };
    for (service, end) in [("mme", clean), ("mme", failed), ("mme", failed), ("magmad", clean)] {
        statuses.note(service, end).await.unwrap();
    }
    server.redis().command(&[b"SET", b"broken:systemd_status", b"\xff"]).await.unwrap();
    let mut seen: Vec<_> = statuses.all().await.unwrap();
    seen.sort_by(|a, b| a.0.cmp(&b.0));
    let counts: Vec<_> = seen
        .iter()
        .map(|(name, s)| (name.as_str(), s.num_clean_exits, s.num_fail_exits, s.latest_rc))
        .collect();
    assert_eq!(counts, [("magmad", 1, 0, 0), ("mme", 1, 2, 2)]);
}
