//! Takes a configuration from the cloud: checks it, stores it, and brings the services in line with it.

use std::collections::BTreeSet;
use std::sync::Arc;

use magma_config::mconfig::{GatewayMconfig, MconfigError};
use serde_json::{Map, Value};
use thiserror::Error;

use super::restarts::{OWN, SHARED, applied, restart, restarts};
use crate::event_log::{self, EventLog};
use crate::events::{Event, Events, Step};
use crate::managed_config::{Live, ManagedConfig};
use crate::services::{Outcome, Services};

/// Why an update was not taken. What was in effect before stays so.
#[derive(Debug, Error)]
pub enum ApplyError {
    /// The document cannot be used.
    #[error("the document from the cloud ({size} bytes) cannot be used: {source}")]
    Unusable {
        /// Its size.
        size: usize,
        /// Why.
        source: MconfigError,
    },
    /// The document is good, but cannot be stored.
    #[error("the document from the cloud cannot be stored: {0}")]
    Unstored(MconfigError),
}

/// What an update changes on this gateway.
pub struct Applier {
    /// The document in effect.
    pub managed: ManagedConfig,
    /// The services that run with it.
    pub services: Arc<Services>,
    /// Who wants to know.
    pub events: Events,
    /// What the cloud's operators are told.
    pub event_log: EventLog,
}

impl Applier {
    /// The digest of the document in effect, for the cloud; mostly empty.
    pub fn digest(&self) -> String {
        self.managed.current().mconfig.digest().to_owned()
    }

    /// Takes the document of an update, and returns when the services run with it.
    ///
    /// Entries of services that are not on this gateway, and entries of a kind that nobody here knows, are stored as
    /// they are and stand in nobody's way.
    ///
    /// # Errors
    /// When it cannot be used or stored; a service that does not restart is logged and no error.
    pub async fn apply(&self, document: &[u8]) -> Result<(), ApplyError> {
        let unusable = |source| ApplyError::Unusable { size: document.len(), source };
        let live = Live::new(GatewayMconfig::parse(document).map_err(unusable)?).map_err(unusable)?;
        let changed = self.managed.replace(live).map_err(ApplyError::Unstored)?;
        if !changed.is_empty() {
            tracing::info!(?changed, "a new gateway.mconfig is stored and in effect");
            self.events.emit(Event::ConfigStored { changed: changed.clone() });
            self.event_log.log(event_log::UPDATED_STORED_MCONFIG, &Value::Object(Map::new()));
            self.bring_in_line(&changed).await;
            self.event_log.log(event_log::PROCESSED_UPDATES, &self.entries());
        }
        Ok(())
    }

    async fn bring_in_line(&self, changed: &BTreeSet<String>) {
        let before = self.services.current();
        self.tell(self.services.switch_dynamic(&self.managed.current().magmad.dynamic_services).await);
        let services = restarts(changed, &before, &self.services.current());
        let live = self.managed.current();
        let outcome = restart(&self.services, services).await;
        self.managed.note_applied(&live, &applied(changed, &outcome));
        self.tell(outcome);
    }

    /// What each service of this gateway runs with now.
    fn entries(&self) -> Value {
        let live = self.managed.current();
        let services = self.services.current();
        let named = services.iter().map(String::as_str).chain([OWN, SHARED]);
        let entry = |name: &str| Some((name.to_owned(), live.mconfig.get(name)?.clone()));
        Value::Object(named.filter_map(entry).collect())
    }

    fn tell(&self, outcome: Outcome) {
        if !outcome.failed.is_empty() {
            self.events.failed(Step::Services, outcome.to_string(), None);
        }
    }
}
