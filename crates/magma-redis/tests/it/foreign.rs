//! Python's clients as readers and writers of the same tables.

use std::time::Duration;

use magma_redis::testing::RedisServer;
use magma_redis::{Record, RecordStore, RedisTable, Stored, update};

/// `RedisState` as Python's protobuf library writes it, without needing that library here: fields 1, 2 and 3.
const STATE: &str = "
def state(message, version, garbage=False):
    return b'\\x0a' + bytes([len(message)]) + message + b'\\x10' + bytes([version]) + (b'\\x18\\x01' if garbage else b'')
r = redis.Redis(unix_socket_path=sys.argv[1])
";

#[tokio::test]
async fn records_of_python_are_read_and_ours_are_the_same_bytes() {
    let Some(server) = RedisServer::start().await.unwrap() else { return };
    let program = format!("{STATE}r.set('a:t', state(b'{{}}', 7)); r.set('b:t', state(b'x', 1, True))");
    if server.python(&["redis"], &program).await.unwrap().is_none() {
        return;
    }
    let table = RedisTable::new(server.redis(), "t");
    for (id, message, version, garbage) in [("a", &b"{}"[..], 7, false), ("b", b"x", 1, true)] {
        let stored = table.get(id).await.unwrap().unwrap();
        let record = Record { message: message.to_vec(), version, garbage };
        assert_eq!(stored.record().unwrap(), record);
        assert_eq!(stored, Stored::from(record));
    }
}

#[tokio::test]
async fn pythons_lock_keeps_us_out_and_ours_keeps_python_out() {
    let Some(server) = RedisServer::start().await.unwrap() else { return };
    // Each adds one under the lock, without comparing: without our taking part in the lock, updates would be lost.
    let program = "
r = redis.Redis(unix_socket_path=sys.argv[1])
for _ in range(50):
    with redis_lock.Lock(r, name='id:t:lock', expire=60, auto_renewal=True, strict=False):
        value = r.get('id:t') or b'\\x0a\\x00\\x10\\x00'
        assert value[0] == 0x0a and value[1] < 0x7f, value
        message, version = value[2:2 + value[1]], value[3 + value[1]]
        r.set('id:t', b'\\x0a' + bytes([len(message) + 1]) + message + b'p' + b'\\x10' + bytes([version + 1]))
";
    let table = RedisTable::new(server.redis(), "t").locked(Duration::from_secs(600));
    let ours = async {
        for _ in 0..50 {
            let add = |before: Option<Record>| {
                let mut message = before.as_ref().map(|record| record.message.clone()).unwrap_or_default();
                message.push(b'm');
                Some(Record::following(before.as_ref(), message))
            };
            while update(&table, "id", add).await.is_err() {}
        }
    };
    let (python, ()) = tokio::join!(server.python(&["redis", "redis_lock"], program), ours);
    if python.unwrap().is_none() {
        return;
    }
    let record = table.get("id").await.unwrap().unwrap().record().unwrap();
    assert_eq!((record.version, record.message.len()), (100, 100));
    assert_eq!(record.message.iter().filter(|byte| **byte == b'p').count(), 50);
}
