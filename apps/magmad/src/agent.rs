//! The whole agent: what it is made of, in which order it starts, and how it ends.
//!
//! Invariant: after the configuration could be read, nothing that goes wrong ends the agent; it is said, and tried again.

mod assembly;
mod certificate_users;
mod config_commands;
mod gateway_state;
mod local_life;
pub mod local_server;
mod only_one;
pub mod own_services;

use anyhow::{Result, bail};
use magma_config::{GatewayConfig, Severity};
#[cfg(feature = "resources")]
pub use only_one::process;

use crate::events::Event;
use crate::low_bandwidth;
use crate::options::Options;
use crate::problems;
use crate::shutdown::Shutdown;

/// The version of this program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Runs the agent until `shutdown` is ready, or until it is told to stop through its own gRPC service.
///
/// # Errors
/// Only at the start: when the configuration or the hardware id cannot be used, or another agent runs with them.
pub async fn run(mut options: Options, shutdown: impl Future<Output = ()>) -> Result<()> {
    let mut config = configuration(&options)?;
    low_bandwidth::tune(&mut options, &mut config);
    let _lock = only_one::lock(&options.paths)?;
    let (trigger, signal) = Shutdown::new();
    let trigger = std::sync::Arc::new(trigger);
    let (grace, events) = (options.timings.shutdown_grace, options.events.clone());
    let (tasks, services) = assembly::start(options, config, signal.clone(), trigger.clone())?;
    let mut stopped = signal;
    tokio::select! {
        () = shutdown => {}
        () = stopped.wait() => {}
    }
    tracing::info!("stopping");
    events.emit(Event::Stopping);
    trigger.fire();
    tasks.finish(grace).await;
    services.shut_down().await;
    Ok(())
}

fn configuration(options: &Options) -> Result<GatewayConfig> {
    let (config, problems) = magma_config::load(&options.paths);
    problems::log(&problems);
    match config {
        Some(config) => Ok(config),
        None => {
            let first = problems.iter().find(|problem| problem.severity == Severity::Error);
            let first = first.map(ToString::to_string).unwrap_or_default();
            bail!("the configuration cannot be used (magmad check-config shows all that is wrong): {first}")
        }
    }
}
