//! The configuration that the cloud manages, as it is in effect now: `gateway.mconfig` and the agent's own entry.
//!
//! One object owns the file on disk and the live copy, so that the configuration stream and the `SetConfigs` command
//! cannot disagree.

use std::collections::BTreeSet;
use std::sync::Arc;

use magma_config::mconfig::{GatewayMconfig, MagmadMconfig, MconfigError, MconfigStore};
use tokio::sync::watch;

/// The configuration in effect; a clone is the same one.
#[derive(Clone, Debug)]
pub struct ManagedConfig {
    store: MconfigStore,
    live: watch::Sender<Arc<Live>>,
}

/// A `gateway.mconfig` and what it says to the agent.
#[derive(Clone, Debug, PartialEq)]
pub struct Live {
    /// The whole document.
    pub mconfig: GatewayMconfig,
    /// The agent's own entry.
    pub magmad: MagmadMconfig,
}

impl Live {
    /// Reads the agent's entry of `mconfig`.
    ///
    /// # Errors
    /// When the entry is missing or has a field of the wrong type: such a document must not take effect.
    pub fn new(mconfig: GatewayMconfig) -> Result<Self, MconfigError> {
        let magmad = mconfig.magmad()?;
        Ok(Self { mconfig, magmad })
    }
}

impl ManagedConfig {
    /// What is on disk. A gateway without any usable document runs with defaults until the cloud sends one.
    pub fn load(store: MconfigStore) -> Self {
        let live = match store.load().and_then(|loaded| {
            if let Some(reason) = &loaded.fell_back {
                tracing::error!("{reason}");
            }
            Live::new(loaded.mconfig)
        }) {
            Ok(live) => live,
            Err(error) => {
                tracing::error!("{error}; running with defaults until the cloud sends one");
                Live { mconfig: GatewayMconfig::default(), magmad: MagmadMconfig::default() }
            }
        };
        Self { store, live: watch::Sender::new(Arc::new(live)) }
    }

    /// What is in effect.
    pub fn current(&self) -> Arc<Live> {
        self.live.borrow().clone()
    }

    /// Sees each change.
    pub fn subscribe(&self) -> watch::Receiver<Arc<Live>> {
        self.live.subscribe()
    }

    /// Puts `newer` into effect, and stores it if any entry differs. `metadata.created_at` alone is not stored: clouds
    /// set it at every poll, and flash memory wears out. Returns the services whose entries differ.
    ///
    /// # Errors
    /// When it cannot be stored; the one that was in effect remains then.
    pub fn replace(&self, newer: Live) -> Result<BTreeSet<String>, MconfigError> {
        let changed = self.current().mconfig.changed_keys(&newer.mconfig);
        if !changed.is_empty() {
            self.store.save(&newer.mconfig)?;
        }
        self.live.send_replace(Arc::new(newer));
        Ok(changed)
    }

    /// Forgets what the cloud sent, and goes back to the shipped default.
    ///
    /// # Errors
    /// When the file cannot be removed, or the shipped default cannot be used.
    pub fn forget(&self) -> Result<BTreeSet<String>, MconfigError> {
        self.store.delete()?;
        let default = Live::new(self.store.load()?.mconfig)?;
        let changed = self.current().mconfig.changed_keys(&default.mconfig);
        self.live.send_replace(Arc::new(default));
        Ok(changed)
    }
}
