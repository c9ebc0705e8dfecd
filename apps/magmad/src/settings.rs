//! `control_proxy.yml` as it is in effect now: a changed file is used without a restart.
//!
//! `magmad register` writes that file while the agent may be running, and Magma's own agent would not notice before its
//! next restart. The other files are read once, at the start.

use std::sync::Arc;
use std::time::Duration;

use magma_config::{GatewayConfig, Paths, Severity};
use tokio::sync::watch;

use crate::cloud::Cloud;
use crate::events::{Event, Events, Step};
use crate::file_version::FileVersion;
use crate::problems;
use crate::shutdown::Shutdown;
use crate::supervise::Task;

const FILE: &str = "control_proxy.yml";

/// The task that looks whether the file has changed.
pub struct Watcher {
    paths: Paths,
    cloud: Cloud,
    events: Events,
    interval: Duration,
    settings: watch::Sender<Arc<GatewayConfig>>,
    seen: Vec<FileVersion>,
}

impl Task for Watcher {
    async fn run(&mut self, mut shutdown: Shutdown) -> anyhow::Result<()> {
        loop {
            tokio::select! {
                () = shutdown.wait() => return Ok(()),
                () = tokio::time::sleep(self.interval) => self.look(),
            }
        }
    }
}

impl Watcher {
    /// Looks every `interval`, beginning with what `settings` was loaded from.
    pub fn new(
        paths: Paths,
        settings: watch::Sender<Arc<GatewayConfig>>,
        cloud: Cloud,
        events: Events,
        interval: Duration,
    ) -> Self {
        let seen = versions(&paths);
        Self { paths, cloud, events, interval, settings, seen }
    }

    fn look(&mut self) {
        let versions = versions(&self.paths);
        if versions != self.seen {
            self.seen = versions;
            self.reload();
        }
        if self.cloud.renew_if_files_changed() {
            tracing::info!("the certificate, its key or the root certificate was replaced and is in use now");
        }
    }

    fn reload(&self) {
        let (config, problems) = magma_config::inspect(&self.paths);
        let own = || problems.iter().filter(|problem| problem.file.ends_with(FILE));
        problems::log(own());
        let mut usable = true;
        for problem in own().filter(|problem| problem.severity == Severity::Error) {
            usable = false;
            self.events.failed(Step::Settings, problem.to_string(), None);
        }
        if !usable {
            tracing::error!("{FILE} has changed but cannot be used; the former settings stay in effect");
        } else if config.control_proxy != self.settings.borrow().control_proxy {
            self.settings.send_modify(|settings| {
                let magma = GatewayConfig::clone(settings);
                *settings = Arc::new(GatewayConfig { control_proxy: config.control_proxy, ..magma });
            });
            tracing::info!("{FILE} has changed and is in effect now");
            self.cloud.renew_if_ready();
            self.events.emit(Event::SettingsChanged);
        }
    }
}

fn versions(paths: &Paths) -> Vec<FileVersion> {
    let dirs = paths.base_dirs().into_iter().chain([paths.override_dir()]);
    dirs.map(|dir| FileVersion::of(&dir.join(FILE))).collect()
}
