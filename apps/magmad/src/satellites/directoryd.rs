//! The directory of subscribers in the agent's own process.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use magma_config::EmbeddedService;
use magma_directoryd::{Deletion, Directory, RECORD_TYPE};
use magma_redis::{RecordStore, RedisTable};
use magma_rpc::server::Router;
use magma_service303::Registry;

use super::Context;
use super::tables::Tables;
use crate::agent::local_server::LocalServer;
use crate::shutdown::Shutdown;
use crate::supervise::Task;

/// The port when the registry does not say. Magma's own.
const DEFAULT_PORT: u16 = 50067;
/// How long a lock of a program in Python is waited for: much longer than a change takes, and much shorter than the
/// lock of one that crashed lives.
const LOCK_PATIENCE: Duration = Duration::from_secs(2);

/// The task that serves it.
pub struct Directoryd {
    server: LocalServer,
}

impl Directoryd {
    /// The directory of a gateway.
    pub fn new(context: &Context, tables: &Tables) -> Self {
        let (store, deletion): (Arc<dyn RecordStore>, _) = match &tables.directory {
            Some(file) => (file.clone(), deletion_in_file(context)),
            // Whatever replicates the table, here or in another program, also removes the garbage.
            None => (
                Arc::new(RedisTable::new(tables.redis.clone(), RECORD_TYPE).locked(LOCK_PATIENCE)),
                Deletion::Mark,
            ),
        };
        let directory = Directory::new(store, context.hardware_id.as_str(), deletion);
        let router = Router::new().add(directory.into_server());
        let server = context.server(EmbeddedService::Directoryd, DEFAULT_PORT, router, Registry::new());
        Self { server }
    }
}

/// Only the state replication in this process reads the file.
fn deletion_in_file(context: &Context) -> Deletion {
    let config = context.settings.borrow();
    let listed = config.state.tables.iter().any(|table| table.redis_key == RECORD_TYPE);
    let embedded = config.magmad.embedded_services.contains(&EmbeddedService::State);
    match cfg!(feature = "state-replication") && embedded && listed {
        true => Deletion::Mark,
        false => Deletion::Remove,
    }
}

impl Task for Directoryd {
    async fn run(&mut self, shutdown: Shutdown) -> Result<()> {
        self.server.run(shutdown).await
    }
}
