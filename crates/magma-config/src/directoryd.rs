//! `directoryd.yml`: where the embedded directory keeps its records.

use crate::block::Block;
use crate::magmad::read_log_level;
use crate::value::word;

/// `directoryd.yml`, which may be absent. It is read only where `embedded_services` has `directoryd`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Directoryd {
    /// `store` (redis), our own.
    pub store: DirectoryStore,
}

/// Where records are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DirectoryStore {
    /// In the gateway's Redis, where existing services look for them.
    #[default]
    Redis,
    /// In a file of their own, for a gateway without Redis.
    File,
}

pub(crate) fn read(mut block: Block<'_>) -> Directoryd {
    read_log_level(&mut block);
    let store = block.read("store", |node| match word(node)?.as_str() {
        "redis" => Ok(DirectoryStore::Redis),
        "file" => Ok(DirectoryStore::File),
        other => Err(format!("is {other}, but must be redis, or file for a gateway without redis")),
    });
    block.finish();
    Directoryd { store: store.unwrap_or_default() }
}
