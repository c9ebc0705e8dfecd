//! The metric `service_restart_status`: how often services ended well and badly, as the init system's hook noted it in
//! Redis. Only on a gateway that has a `redis.yml`.

use std::time::Duration;

use magma_redis::{ExitStatuses, Redis};
use magma_service303::{GaugeFamily, Registry};

use crate::shutdown::Shutdown;
use crate::supervise::Task;

/// When `magmad.yml` does not say how often figures are taken.
const PERIOD: Duration = Duration::from_secs(60);

/// The task that reads the table.
pub struct ServiceRestarts {
    statuses: ExitStatuses,
    gauges: GaugeFamily<2>,
    period: Duration,
    /// Whether the table could be read the last time, so that trouble is said once.
    readable: bool,
}

impl ServiceRestarts {
    /// Reads every `period`.
    pub fn new(redis: Redis, registry: &Registry, period: Option<Duration>) -> Self {
        let gauges = registry.gauge_family("service_restart_status", ["service_name", "status"]);
        let statuses = ExitStatuses::new(redis);
        Self { statuses, gauges, period: period.unwrap_or(PERIOD), readable: true }
    }

    async fn read(&mut self) {
        match self.statuses.all().await {
            Ok(statuses) => {
                self.readable = true;
                for (service, status) in statuses {
                    self.gauges.with([&service, "Success"]).set(status.num_clean_exits.into());
                    self.gauges.with([&service, "Failure"]).set(status.num_fail_exits.into());
                }
            }
            Err(error) if self.readable => {
                self.readable = false;
                tracing::warn!("service_restart_status is not measured: {error}");
            }
            Err(_) => {}
        }
    }
}

impl Task for ServiceRestarts {
    async fn run(&mut self, mut shutdown: Shutdown) -> anyhow::Result<()> {
        loop {
            self.read().await;
            tokio::select! {
                () = shutdown.wait() => return Ok(()),
                () = tokio::time::sleep(self.period) => {}
            }
        }
    }
}
