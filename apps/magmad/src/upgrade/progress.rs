//! How upgrades go, in a few words: for the gateway's state in the cloud.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use magma_upgrade::upgrader::Upgrader;

/// The longest error in the state, in characters.
const ERROR_MAX: usize = 200;

/// What is reported; a clone is the same one.
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<Mutex<BTreeMap<String, String>>>);

impl Progress {
    /// The fields `upgrade_state`, `upgrade_target` and `upgrade_error` of `meta`; none where nothing is upgraded.
    pub fn meta(&self) -> BTreeMap<String, String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn follow(&self, upgrader: &Upgrader) {
        let journal = upgrader.journal();
        let mut meta = BTreeMap::new();
        let mut tell = |key: &str, value: &str| meta.insert(key.to_owned(), value.to_owned());
        match (&journal.active, &journal.last) {
            (Some((stage, plan)), _) => {
                tell("upgrade_state", stage.name());
                tell("upgrade_target", plan.version.as_str());
            }
            (None, Some(last)) => {
                tell("upgrade_state", last.outcome.name());
                tell("upgrade_target", last.version.as_str());
            }
            (None, None) => {
                tell("upgrade_state", "idle");
            }
        }
        let error = upgrader.error();
        if !error.is_empty() {
            tell("upgrade_error", &error.chars().take(ERROR_MAX).collect::<String>());
        }
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = meta;
    }
}
