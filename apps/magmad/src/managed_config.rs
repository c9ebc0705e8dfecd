//! The configuration that the cloud manages, as it is in effect now: `gateway.mconfig` and the agent's own entry.
//!
//! One object owns the file on disk and the live copy, so that the configuration stream and the `SetConfigs` command
//! cannot disagree.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use magma_config::mconfig::{GatewayMconfig, MagmadMconfig, MconfigError, MconfigStore};
use tokio::sync::watch;

/// The configuration in effect; a clone is the same one.
#[derive(Clone, Debug)]
pub struct ManagedConfig {
    store: MconfigStore,
    live: watch::Sender<Arc<Live>>,
    /// Whether the shipped default does not follow yet what is stored.
    static_copy_due: Arc<AtomicBool>,
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
        Self { store, live: watch::Sender::new(Arc::new(live)), static_copy_due: Arc::default() }
    }

    /// What is in effect.
    pub fn current(&self) -> Arc<Live> {
        self.live.borrow().clone()
    }

    /// The file that has it, if there is one.
    pub fn path(&self) -> Option<&Path> {
        self.store.path()
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
            self.static_copy_due.store(true, Ordering::Relaxed);
        }
        self.refresh_static_copy(&newer);
        self.live.send_replace(Arc::new(newer));
        Ok(changed)
    }

    /// Entries that were stored and whose services were not restarted for them, because the agent ended in between.
    /// Where nothing is noted yet, nothing is known to be missing, and all is noted as applied.
    pub fn unapplied(&self) -> BTreeSet<String> {
        let live = self.current();
        match self.store.applied() {
            Some(applied) => live.mconfig.changed_since(&applied),
            None => {
                self.note_applied(&live, &live.mconfig.keys().map(str::to_owned).collect());
                BTreeSet::new()
            }
        }
    }

    /// Notes that the services run with these entries of `live`, or without those that it does not have.
    pub fn note_applied(&self, live: &Live, entries: &BTreeSet<String>) {
        if entries.is_empty() {
            return;
        }
        let (mut applied, digests) = (self.store.applied().unwrap_or_default(), live.mconfig.digests());
        for entry in entries {
            match digests.get(entry) {
                Some(digest) => applied.insert(entry.clone(), digest.clone()),
                None => applied.remove(entry),
            };
        }
        if let Err(error) = self.store.note_applied(&applied) {
            tracing::warn!("which entries of gateway.mconfig the services run with is not noted: {error}");
        }
    }

    /// A folder of the system that cannot be written is said each time that something new is not copied.
    fn refresh_static_copy(&self, live: &Live) {
        if !self.static_copy_due.load(Ordering::Relaxed) {
            return;
        }
        let done = self.store.refresh_static_copy(&live.mconfig, SystemTime::now());
        let done = done.unwrap_or_else(|error| {
            tracing::warn!("the shipped gateway.mconfig does not follow (static_mconfig_update_interval_minutes): {error}");
            true
        });
        self.static_copy_due.store(!done, Ordering::Relaxed);
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
