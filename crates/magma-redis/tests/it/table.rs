//! Records with versions, changed by several writers at once.

use std::collections::BTreeSet;
use std::time::Duration;

use magma_redis::testing::RedisServer;
use magma_redis::{
    Batch, ExitStatuses, Pending, Record, RecordStore, RedisTable, Reply, Scan, ServiceEnd, StoreError,
    Stored, update,
};

async fn all(table: &RedisTable) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut ids, mut too_large, mut scan) = (BTreeSet::new(), BTreeSet::new(), Scan::new(table));
    while let Some((id, stored)) = scan.next().await.unwrap() {
        if stored.is_some() {
            ids.insert(id)
        } else {
            too_large.insert(id)
        };
    }
    (ids, too_large)
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
async fn a_batch_of_a_scan_is_bounded_and_the_scan_finds_them_all() {
    let Some(server) = RedisServer::start().await.unwrap() else { return };
    let (redis, value) = (server.redis(), vec![b'x'; 100_000]);
    for id in 0..80 {
        redis.command(&[b"SET", format!("{id}:t").as_bytes(), &value]).await.unwrap();
    }
    let table = RedisTable::new(redis, "t");
    let batch = table.scan(0).await.unwrap();
    let bytes: usize = batch.records.iter().map(|(_, stored)| stored.0.len()).sum();
    assert!((900_000..1_100_000).contains(&bytes), "{bytes}");
    assert!(batch.later.len() >= 60 && batch.too_large.is_empty(), "{}", batch.later.len());
    let (ids, too_large) = all(&table).await;
    assert_eq!((ids.len(), too_large.len()), (80, 0));
}

/// A table in which every batch names another one after it.
struct Endless(Vec<(String, Stored)>);

impl RecordStore for Endless {
    fn get<'a>(&'a self, _: &'a str) -> Pending<'a, Option<Stored>> {
        Box::pin(async { Ok(None) })
    }

    fn replace<'a>(&'a self, _: &'a str, _: Option<&'a Stored>, _: Stored) -> Pending<'a, bool> {
        Box::pin(async { Ok(false) })
    }

    fn remove<'a>(&'a self, _: &'a str, _: &'a Stored) -> Pending<'a, bool> {
        Box::pin(async { Ok(false) })
    }

    fn scan(&self, _: u64) -> Pending<'_, Batch> {
        let later = vec!["gone meanwhile".to_owned()];
        Box::pin(async { Ok(Batch { records: self.0.clone(), later, next: 1, ..Batch::default() }) })
    }
}

#[tokio::test]
async fn a_scan_that_never_ends_is_ended() {
    for (batch, most) in [(0, 0), (64, 100_000)] {
        let table = Endless(vec![("id".to_owned(), Stored(Vec::new())); batch]);
        let (mut scan, mut seen) = (Scan::new(&table), 0);
        let error = loop {
            match scan.next().await {
                Ok(found) => seen += usize::from(found.is_some()),
                Err(error) => break error,
            }
        };
        assert!(matches!(error, StoreError::Endless { .. }), "{error}");
        assert_eq!(seen, most);
    }
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
