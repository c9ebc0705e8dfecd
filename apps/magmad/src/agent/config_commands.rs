//! `GetConfigs` and `SetConfigs`: the managed configuration for an operator who reads or replaces it from afar.
//!
//! On the wire an entry is a typed message; on disk it is JSON.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use magma_config::mconfig::GatewayMconfig;
use magma_rpc::{Status, tonic};
use serde_json::{Value, json};
use wire_json::MconfigTypes;
use wire_orc8r::orc8r::{GatewayConfigs, GatewayConfigsDigest, GatewayConfigsMetadata};

use super::own_services;
use crate::event_log::{self, EventLog};
use crate::events::{Event, Events};
use crate::managed_config::{Live, ManagedConfig};
use crate::remote::ConfigSource;
use crate::services::{Outcome, Services};

/// The entry that every service reads.
const SHARED: &str = "shared_mconfig";

/// The managed configuration, for the commands.
pub struct ConfigCommands {
    /// The document in effect.
    pub managed: ManagedConfig,
    /// The services that it concerns.
    pub services: Arc<Services>,
    /// Who wants to know.
    pub events: Events,
    /// What the cloud's operators are told.
    pub event_log: EventLog,
}

#[tonic::async_trait]
impl ConfigSource for ConfigCommands {
    async fn current(&self) -> Result<GatewayConfigs, Status> {
        let mut kept: BTreeSet<String> = self.services.current();
        kept.extend([own_services::NAME, SHARED].map(str::to_owned));
        let mconfig = self.managed.current().mconfig.filtered(&kept);
        let types = MconfigTypes::load();
        let decode = |service: &str| {
            let entry = mconfig.get(service)?;
            // Entries of a kind that this version does not know are left out: they have no form on the wire.
            let decoded = types.decode_any(entry);
            let unknown = |error| tracing::warn!(service, "GetConfigs leaves an entry out: {error}");
            Some((service.to_owned(), decoded.map_err(unknown).ok()?))
        };
        let digest = GatewayConfigsDigest { md5_hex_digest: mconfig.digest().to_owned() };
        Ok(GatewayConfigs {
            configs_by_key: mconfig.keys().filter_map(decode).collect(),
            metadata: Some(GatewayConfigsMetadata { created_at: mconfig.created_at(), digest: Some(digest) }),
        })
    }

    async fn replace(&self, configs: GatewayConfigs) -> Result<(), Status> {
        let stored = |error| Status::internal(format!("the configuration cannot be stored: {error}"));
        let (changed, what_happened) = if configs.configs_by_key.is_empty() {
            (self.managed.forget().map_err(stored)?, event_log::DELETED_STORED_MCONFIG)
        } else {
            (self.managed.replace(document(configs)?).map_err(stored)?, event_log::UPDATED_STORED_MCONFIG)
        };
        if !changed.is_empty() {
            self.event_log.log(what_happened, &json!({}));
            self.events.emit(Event::ConfigStored { changed });
        }
        self.services.switch_dynamic(&self.managed.current().magmad.dynamic_services).await;
        Ok(())
    }

    fn applied(&self, outcome: &Outcome) {
        let live = self.managed.current();
        let restarted = live.mconfig.keys().filter(|entry| !outcome.failed.contains_key(*entry));
        self.managed.note_applied(&live, &restarted.map(str::to_owned).collect());
    }
}

/// The document that says the same as `configs`.
fn document(configs: GatewayConfigs) -> Result<Live, Status> {
    let types = MconfigTypes::load();
    let mut entries: BTreeMap<String, Value> = BTreeMap::new();
    for (service, entry) in &configs.configs_by_key {
        let entry = types.encode_any(entry);
        let unusable = |error| Status::invalid_argument(format!("the entry of {service}: {error}"));
        entries.insert(service.clone(), entry.map_err(unusable)?);
    }
    let created_at = configs.metadata.map(|metadata| metadata.created_at).unwrap_or_default();
    let text = json!({ "configsByKey": entries, "metadata": { "created_at": created_at } }).to_string();
    GatewayMconfig::parse(text.as_bytes())
        .and_then(Live::new)
        .map_err(|error| Status::invalid_argument(format!("the configuration cannot be used: {error}")))
}
