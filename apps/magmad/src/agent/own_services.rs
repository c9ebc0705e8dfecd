//! What this program's gRPC services, the agent's own and the embedded ones, answer on `Service303`.

use std::collections::BTreeMap;
use std::time::SystemTime;

use magma_config::LogLevel;
use magma_service303::{Application, Identity, Lifecycle, Registry, Reload, Service303};
use serde_json::Value;
use wire_orc8r::orc8r::LogLevel as WireLevel;

use crate::logging::LogControl;
use crate::recent::{self, Recent};

/// The agent's name among the services.
pub const NAME: &str = "magmad";

/// The agent's port when the registry does not say. Magma's own.
pub const DEFAULT_PORT: u16 = 50052;

/// A part of this program as an application of the common service.
pub struct Part {
    /// Ends it.
    pub stop: Box<dyn Fn() + Send + Sync>,
    /// The log, if its level is this program's to change.
    pub log: Option<LogControl>,
    /// Reads its configuration again.
    pub reload: Box<dyn Fn() -> Reload + Send + Sync>,
    /// What happened last, if this part tells it.
    pub recent: Option<Recent>,
}

impl Part {
    /// `Service303` of the service `name`, which is this part.
    pub fn service303(self, name: &str, lifecycle: Lifecycle, registry: Registry) -> Service303<Self> {
        let identity = Identity {
            name: name.to_owned(),
            version: super::VERSION.to_owned(),
            started: SystemTime::now(),
        };
        Service303::new(identity, lifecycle, registry, self)
    }
}

/// Adds how many tasks this program has, which nobody sees from outside.
#[cfg(feature = "resources")]
fn with_tasks(mut recent: Value) -> Value {
    let runtime = tokio::runtime::Handle::try_current();
    recent["tasks"] = runtime.map_or(Value::Null, |runtime| runtime.metrics().num_alive_tasks().into());
    recent
}

#[cfg(not(feature = "resources"))]
fn with_tasks(recent: Value) -> Value {
    recent
}

impl Application for Part {
    fn meta(&self) -> BTreeMap<String, String> {
        let recent = self.recent.iter();
        recent.map(|recent| (recent::META_KEY.to_owned(), with_tasks(recent.to_json()).to_string())).collect()
    }

    fn set_log_level(&self, level: WireLevel) -> Result<(), String> {
        let Some(log) = &self.log else {
            return Err("the log of this process is not this program's to change".into());
        };
        log.set(match level {
            WireLevel::Debug => LogLevel::Debug,
            WireLevel::Info => LogLevel::Info,
            WireLevel::Warning => LogLevel::Warning,
            WireLevel::Error => LogLevel::Error,
            WireLevel::Fatal => LogLevel::Fatal,
        });
        Ok(())
    }

    fn reload_config(&self) -> Reload {
        (self.reload)()
    }

    fn stop(&self) {
        (self.stop)();
    }
}
