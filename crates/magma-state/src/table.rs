//! A table that is replicated, and under which name the cloud knows its records.

use std::fmt;
use std::sync::Arc;

use magma_redis::RecordStore;

use crate::Format;

/// Which names of records are unique.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// An id means the same at each gateway of the network.
    Network,
    /// An id means something at its gateway only.
    Gateway,
}

/// One table.
#[derive(Clone)]
pub struct Table {
    /// Its type, here and in the cloud.
    pub record_type: String,
    /// What its messages are.
    pub format: Format,
    /// What its ids mean.
    pub scope: Scope,
    /// Its records.
    pub store: Arc<dyn RecordStore>,
}

impl Table {
    /// The device id under which the cloud keeps the record of `id`.
    pub(crate) fn device_id(&self, hardware_id: &str, id: &str) -> String {
        match self.scope {
            Scope::Network => id.to_owned(),
            Scope::Gateway => format!("{hardware_id}:{id}"),
        }
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { record_type, format, scope, .. } = self;
        let mut table = f.debug_struct("Table");
        table.field("record_type", record_type).field("format", format).field("scope", scope);
        table.finish_non_exhaustive()
    }
}
