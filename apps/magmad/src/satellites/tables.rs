//! The gateway's tables as the embedded services and the metrics use them: one connection to Redis, opened when it is
//! first needed, and the directory's own file where there is no Redis.

#[cfg(feature = "directoryd")]
use std::path::Path;
#[cfg(any(feature = "directoryd", feature = "state-replication"))]
use std::sync::Arc;

use magma_config::{GatewayConfig, Paths};
#[cfg(any(feature = "directoryd", feature = "state-replication"))]
use magma_redis::RecordStore;
use magma_redis::{Redis, RedisAddress};

use super::Context;

/// Where the directory's records are with `store: file`.
#[cfg(feature = "directoryd")]
const DIRECTORY_FILE: &str = "/var/opt/magma/directory_records";

/// The tables of one gateway.
#[derive(Clone)]
pub struct Tables {
    /// The gateway's Redis, as `redis.yml` says.
    pub redis: Redis,
    /// The directory's records, where they are not in Redis.
    #[cfg(feature = "directoryd")]
    pub directory: Option<Arc<dyn RecordStore>>,
}

impl Tables {
    /// Nothing is connected yet.
    pub fn new(context: &Context) -> Self {
        let config = context.settings.borrow().clone();
        let redis = Redis::new(address(&config, &context.paths));
        Self {
            redis,
            #[cfg(feature = "directoryd")]
            directory: directory_file(context, &config),
        }
    }

    /// The table of this type, if it is not in Redis.
    #[cfg(feature = "state-replication")]
    pub fn own_file(&self, record_type: &str) -> Option<Arc<dyn RecordStore>> {
        #[cfg(feature = "directoryd")]
        if record_type == magma_directoryd::RECORD_TYPE {
            return self.directory.clone();
        }
        let _ = record_type;
        None
    }
}

/// Where the gateway's Redis is.
pub fn address(config: &GatewayConfig, paths: &Paths) -> RedisAddress {
    let redis = config.redis.clone().unwrap_or_default();
    match redis.unixsocket {
        Some(socket) => RedisAddress::Unix(paths.resolve(&socket)),
        None => RedisAddress::Tcp { host: redis.bind, port: redis.port },
    }
}

#[cfg(feature = "directoryd")]
fn directory_file(context: &Context, config: &GatewayConfig) -> Option<Arc<dyn RecordStore>> {
    use magma_config::{DirectoryStore, EmbeddedService};
    let embedded = config.magmad.embedded_services.contains(&EmbeddedService::Directoryd);
    if !embedded || config.directoryd.store == DirectoryStore::Redis {
        return None;
    }
    let path = context.paths.resolve(Path::new(DIRECTORY_FILE));
    match magma_directoryd::FileTable::open(&path) {
        Ok(table) => Some(Arc::new(table)),
        Err(error) => {
            tracing::error!(
                "the directory's records are in redis, since {} cannot be used: {error}",
                path.display()
            );
            None
        }
    }
}
