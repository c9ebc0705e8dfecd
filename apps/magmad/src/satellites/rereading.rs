//! Reads the file of an embedded service again: when somebody orders it (`ReloadServiceConfig`), and where the service can
//! begin anew, at each of its starts, as a program of its own would.

use std::sync::Arc;
use std::time::Duration;

use magma_config::{EmbeddedService, GatewayConfig};
use magma_service303::Reload;

#[cfg(any(feature = "ctraced", feature = "state-replication"))]
use super::Context;
use crate::services::Services;
use crate::settings::Reloader;
#[cfg(any(feature = "ctraced", feature = "state-replication"))]
use crate::shutdown::Shutdown;
#[cfg(any(feature = "ctraced", feature = "state-replication"))]
use crate::supervise::Task;

/// How long the answer to an order has, before the service that gives it is restarted.
const ANSWER_TIME: Duration = Duration::from_millis(200);

#[cfg(any(feature = "ctraced", feature = "state-replication"))]
/// Makes its task anew at each start.
pub struct Anew<F>(pub F);

#[cfg(any(feature = "ctraced", feature = "state-replication"))]
impl<T: Task, F: FnMut() -> T + Send + 'static> Task for Anew<F> {
    async fn run(&mut self, shutdown: Shutdown) -> anyhow::Result<()> {
        self.0().run(shutdown).await
    }
}

#[cfg(any(feature = "ctraced", feature = "state-replication"))]
impl Context {
    /// The same, with the service's file as it is now, unless there is a mistake in it.
    pub fn rereading(&self, service: EmbeddedService) -> Self {
        let taken = self.reloader.reload_service(service.name(), |settings, fresh| {
            settings.send_if_modified(|settings| {
                let changed = differs(service, settings, &fresh);
                if changed {
                    *settings = Arc::new(with(service, settings, fresh));
                }
                changed
            });
            true
        });
        if let Reload::Failed(why) = taken {
            tracing::error!("{} begins with its former settings: {why}", service.name());
        }
        self.clone()
    }
}

/// Brings the service's file into effect, as far as that can be done while the agent runs.
pub fn reload(reloader: &Reloader, services: &Arc<Services>, service: EmbeddedService) -> Reload {
    reloader.reload_service(service.name(), |settings, fresh| {
        let running = settings.borrow().clone();
        match service {
            EmbeddedService::ControlProxy => reloader.take_control_proxy(fresh, &[]).is_ok(),
            _ if !differs(service, &running, &fresh) => true,
            EmbeddedService::Ctraced | EmbeddedService::State => {
                restart(services.clone(), service);
                true
            }
            EmbeddedService::Eventd => {
                // Who takes events looks at the types; the rest is of queues and ports that are in use.
                settings.send_modify(|settings| *settings = Arc::new(with(service, settings, fresh)));
                let now = settings.borrow();
                now.eventd.buffer_bytes_max == running.eventd.buffer_bytes_max
                    && now.eventd.fluent_bit_port == running.eventd.fluent_bit_port
                    && now.eventd.tcp_timeout == running.eventd.tcp_timeout
            }
            EmbeddedService::Directoryd | EmbeddedService::TdAgentBit => false,
        }
    })
}

/// Whether anything that the service is told has changed.
fn differs(service: EmbeddedService, running: &GatewayConfig, fresh: &GatewayConfig) -> bool {
    match service {
        EmbeddedService::ControlProxy => running.control_proxy != fresh.control_proxy,
        EmbeddedService::Eventd => running.eventd != fresh.eventd,
        EmbeddedService::Directoryd => running.directoryd != fresh.directoryd,
        EmbeddedService::State => running.state != fresh.state,
        EmbeddedService::Ctraced => running.ctraced != fresh.ctraced,
        EmbeddedService::TdAgentBit => {
            running.magmad.log_forwarding != fresh.magmad.log_forwarding
                || running.eventd.fluent_bit_port != fresh.eventd.fluent_bit_port
        }
    }
}

/// What runs, with the service's part as it is in the files now.
fn with(service: EmbeddedService, running: &GatewayConfig, fresh: GatewayConfig) -> GatewayConfig {
    let running = running.clone();
    match service {
        EmbeddedService::Eventd => GatewayConfig { eventd: fresh.eventd, ..running },
        EmbeddedService::State => GatewayConfig { state: fresh.state, ..running },
        EmbeddedService::Ctraced => GatewayConfig { ctraced: fresh.ctraced, ..running },
        _ => running,
    }
}

/// Restarts a service that runs, after its answer.
fn restart(services: Arc<Services>, service: EmbeddedService) {
    let name = service.name().to_owned();
    if services.embedded().is_on(&name) == Some(true) {
        tokio::spawn(async move {
            tokio::time::sleep(ANSWER_TIME).await;
            services.restart(&[name]).await;
        });
    }
}
