//! The state replication in the agent's own process.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use magma_config::mconfig::GatewayMconfig;
use magma_config::{EmbeddedService, GatewayConfig, Profile, ReplicatedTable, StateScope};
use magma_redis::{RecordStore, RedisTable};
use magma_rpc::channel::Channel;
use magma_rpc::server::Router;
use magma_service303::Registry;
use magma_state::{Format, Replicator, Scope, StateCloud, Table, sync_interval};
use serde_json::Value;
use tokio::sync::watch;

use super::Context;
use super::tables::Tables;
use crate::agent::local_server::LocalServer;
use crate::cloud::Cloud;
use crate::managed_config::ManagedConfig;
use crate::shutdown::Shutdown;
use crate::supervise::Task;

/// The port when the registry does not say. Magma's own.
const DEFAULT_PORT: u16 = 50074;
/// The entry of `gateway.mconfig`, and the service of the cloud.
const NAME: &str = "state";
/// The shortest pause between two rounds with the low-bandwidth profile, unless `state.yml` has its own.
const LOW_BANDWIDTH_INTERVAL: Duration = Duration::from_secs(600);

/// The task that replicates, and answers `Service303`.
pub struct State {
    server: LocalServer,
    replication: Replication,
}

struct Replication {
    replicator: Replicator,
    cloud: Cloud,
    managed: ManagedConfig,
    settings: watch::Receiver<Arc<GatewayConfig>>,
    /// What went wrong in the round before, so that it is said once.
    trouble: Option<String>,
}

impl State {
    /// The replication of a gateway's tables, as `state.yml` names them.
    pub fn new(context: &Context, tables: &Tables) -> Self {
        let config = context.settings.borrow().clone();
        if config.state.tables.is_empty() {
            tracing::warn!(
                "state.yml names no table, so nothing is replicated; list state_protos or json_state"
            );
        }
        let replicated =
            config.state.tables.iter().filter_map(|table| replicated(table, &config, tables)).collect();
        let replication = Replication {
            replicator: Replicator::new(context.hardware_id.as_str(), replicated),
            cloud: context.cloud.clone(),
            managed: context.managed.clone(),
            settings: context.settings.clone(),
            trouble: None,
        };
        let server = context.server(EmbeddedService::State, DEFAULT_PORT, Router::new(), Registry::new());
        Self { server, replication }
    }
}

impl Task for State {
    async fn run(&mut self, shutdown: Shutdown) -> Result<()> {
        let Self { server, replication } = self;
        tokio::select! {
            ended = server.run(shutdown) => ended,
            never = replication.run() => match never {},
        }
    }
}

impl Replication {
    async fn run(&mut self) -> std::convert::Infallible {
        let mut generations = self.cloud.generations();
        // An error means that the agent is ending.
        generations.wait_for(|generation| *generation > 0).await.ok();
        loop {
            self.round().await;
            tokio::time::sleep(self.interval()).await;
        }
    }

    async fn round(&mut self) {
        let trouble = match self.replicator.round(&Way(self.cloud.clone())).await {
            Ok(round) => {
                tracing::debug!(?round, "state replication");
                None
            }
            Err(error) => Some(error.to_string()),
        };
        if let Some(trouble) = trouble.as_ref().filter(|now| self.trouble.as_ref() != Some(*now)) {
            tracing::warn!("state replication: {trouble}; it is tried again");
        }
        self.trouble = trouble;
    }

    fn interval(&self) -> Duration {
        let settings = self.settings.borrow();
        let configured = settings.state.sync_interval;
        let interval = sync_interval(managed_interval_s(&self.managed.current().mconfig), configured);
        match settings.magmad.profile {
            Profile::LowBandwidth if configured.is_none() => interval.max(LOW_BANDWIDTH_INTERVAL),
            _ => interval,
        }
    }
}

/// `sync_interval` of the managed configuration in seconds; 0 when it does not say.
fn managed_interval_s(mconfig: &GatewayMconfig) -> u32 {
    let entry = mconfig.get(NAME);
    let field = entry.and_then(|entry| entry.get("syncInterval").or_else(|| entry.get("sync_interval")));
    let seconds = match field {
        Some(Value::String(text)) => text.parse().ok(),
        Some(number) => number.as_u64(),
        None => None,
    };
    seconds.and_then(|seconds| u32::try_from(seconds).ok()).unwrap_or_default()
}

/// The table as it is replicated; none, with a warning, when it cannot be.
fn replicated(table: &ReplicatedTable, config: &GatewayConfig, tables: &Tables) -> Option<Table> {
    let ReplicatedTable { redis_key, scope, message } = table;
    let format = match message {
        None => Ok(Format::Json),
        Some(message) => Format::of_python(&message.proto_file, &message.proto_msg),
    };
    let store: Result<Arc<dyn RecordStore>, _> = match tables.own_file(redis_key) {
        Some(file) => Ok(file),
        None if config.redis.is_some() => Ok(Arc::new(RedisTable::new(tables.redis.clone(), redis_key))),
        None => Err("this gateway has no redis.yml".to_owned()),
    };
    let (format, store) = match (format, store) {
        (Ok(format), Ok(store)) => (format, store),
        (Err(why), _) | (_, Err(why)) => {
            tracing::warn!(redis_key, "a table of state.yml is not replicated: {why}");
            return None;
        }
    };
    let scope = match scope {
        StateScope::Network => Scope::Network,
        StateScope::Gateway => Scope::Gateway,
    };
    Some(Table { record_type: redis_key.clone(), format, scope, store })
}

struct Way(Cloud);

impl StateCloud for Way {
    fn channel(&self) -> Result<(Channel, u64), String> {
        let cloud = self.0.channel(NAME).map_err(|error| error.to_string())?;
        Ok((cloud.channel, cloud.generation))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cloud_says_how_often_in_either_spelling() {
        for (entry, expected) in [
            (r#"{"syncInterval": 90}"#, 90),
            (r#"{"sync_interval": "30"}"#, 30),
            (r#"{"syncInterval": -1}"#, 0),
            ("{}", 0),
        ] {
            let document = format!(r#"{{"configsByKey": {{"state": {entry}, "magmad": {{}}}}}}"#);
            let mconfig = GatewayMconfig::parse(document.as_bytes()).expect(entry);
            assert_eq!(managed_interval_s(&mconfig), expected, "{entry}");
        }
        assert_eq!(managed_interval_s(&GatewayMconfig::default()), 0);
    }
}
