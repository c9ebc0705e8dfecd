//! Tables to replicate.

use std::path::Path;
use std::sync::Arc;

use magma_directoryd::FileTable;
use magma_redis::{Record, RecordStore, Redis, RedisTable, update};
use magma_state::{Format, Scope, Table};

pub const HARDWARE_ID: &str = "hw1";

pub fn in_file(folder: &Path) -> Arc<dyn RecordStore> {
    Arc::new(FileTable::open(&folder.join("records")).unwrap())
}

/// The tables that an access gateway has, in redis.
pub fn in_redis(redis: &Redis) -> Vec<Table> {
    let table = |record_type: &str, format, scope| Table {
        record_type: record_type.to_owned(),
        format,
        scope,
        store: Arc::new(RedisTable::new(redis.clone(), record_type)),
    };
    let message = |name: &str| Format::Message(name.to_owned());
    vec![
        table("mobilityd_ipdesc_record", message("magma.lte.IPDesc"), Scope::Network),
        table("cwf_gateway_health", Format::Json, Scope::Gateway),
        table("directory_record", Format::Json, Scope::Network),
    ]
}

pub fn json(record_type: &str, store: Arc<dyn RecordStore>) -> Table {
    Table { record_type: record_type.to_owned(), format: Format::Json, scope: Scope::Network, store }
}

/// Stores another message for `id`.
pub async fn put(store: &dyn RecordStore, id: &str, message: &[u8]) {
    let change = |before: Option<Record>| Some(Record::following(before.as_ref(), message.to_vec()));
    update(store, id, change).await.unwrap();
}

/// Marks the record of `id` as garbage.
pub async fn discard(store: &dyn RecordStore, id: &str) {
    let change = |before: Option<Record>| before.map(|record| Record { garbage: true, ..record });
    update(store, id, change).await.unwrap();
}
