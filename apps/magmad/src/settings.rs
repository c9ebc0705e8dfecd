//! The yml files as they are in effect now: a changed `control_proxy.yml` is used without a restart.
//!
//! `magmad register` writes that file while the agent may be running, and Magma's own agent would not notice before its
//! next restart. The other files are read at the start, and again when somebody orders it (`ReloadServiceConfig`).

use std::sync::Arc;
use std::time::Duration;

use magma_config::{GatewayConfig, LogLevel, Paths, Problem, Profile, Severity};
use magma_service303::Reload;
use tokio::sync::watch;

use crate::cloud::Cloud;
use crate::events::{Event, Events, Step};
use crate::file_version::FileVersion;
use crate::logging::LogControl;
use crate::low_bandwidth::{self, Intervals};
use crate::managed_config::ManagedConfig;
use crate::options::Options;
use crate::problems;
use crate::shutdown::Shutdown;
use crate::supervise::Task;

const FILE: &str = "control_proxy.yml";

/// The task that looks whether the file has changed.
pub struct Watcher {
    reloader: Reloader,
    interval: Duration,
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
    /// Looks every `interval`, beginning with what `reloader` has.
    pub fn new(reloader: Reloader, interval: Duration) -> Self {
        let seen = versions(&reloader.paths);
        Self { reloader, interval, seen }
    }

    fn look(&mut self) {
        let versions = versions(&self.reloader.paths);
        if versions != self.seen {
            self.seen = versions;
            let (config, problems) = magma_config::inspect(&self.reloader.paths);
            self.reloader.take_control_proxy(config, &problems).ok();
        }
        if self.reloader.cloud.renew_if_files_changed() {
            tracing::info!("the certificate, its key or the root certificate was replaced and is in use now");
        }
    }
}

/// Reads the files again. A clone changes the same settings.
#[derive(Clone)]
pub struct Reloader {
    paths: Paths,
    settings: watch::Sender<Arc<GatewayConfig>>,
    cloud: Cloud,
    managed: ManagedConfig,
    events: Events,
    log: Option<LogControl>,
    /// From the command line, where it counts more than any file.
    log_level: Option<LogLevel>,
    profile: (Option<Profile>, Intervals),
}

impl Reloader {
    /// Changes `settings`, which were loaded with these options.
    pub fn new(
        options: &Options,
        settings: watch::Sender<Arc<GatewayConfig>>,
        cloud: Cloud,
        managed: ManagedConfig,
    ) -> Self {
        Self {
            paths: options.paths.clone(),
            settings,
            cloud,
            managed,
            events: options.events.clone(),
            log: options.log.clone(),
            log_level: options.log_level,
            profile: (options.profile, options.low_bandwidth.clone()),
        }
    }

    /// Reads the agent's own files again: the log's level and `control_proxy.yml` are in effect at once.
    pub fn reload(&self) -> Reload {
        let (mut config, problems) = magma_config::inspect(&self.paths);
        if let Err(wrong) = usable(&problems, "") {
            return Reload::Failed(wrong);
        }
        low_bandwidth::tune_config(self.profile.0, &self.profile.1, &mut config);
        self.set_log_level(config.magmad.log_level);
        let running = self.settings.borrow().clone();
        config.magmad.log_level = running.magmad.log_level;
        let same = config.magmad == running.magmad
            && config.registry == running.registry
            && config.streamer == running.streamer;
        self.take_control_proxy(config, &problems).ok();
        match same {
            true => Reload::Done,
            false => Reload::Failed(
                "but for log_level and control_proxy.yml, which are in effect, the files are read when magmad starts; \
                 restart it"
                    .to_owned(),
            ),
        }
    }

    /// Reads the file of a service again that the agent serves itself. `take` brings what has changed into effect, and
    /// says whether it could.
    pub fn reload_service(
        &self,
        service: &str,
        take: impl FnOnce(&watch::Sender<Arc<GatewayConfig>>, GatewayConfig) -> bool,
    ) -> Reload {
        let (config, problems) = magma_config::inspect(&self.paths);
        let usable = usable(&problems, &format!("{service}.yml"));
        match usable {
            Err(wrong) => Reload::Failed(wrong),
            Ok(()) if take(&self.settings, config) => Reload::Done,
            Ok(()) => Reload::Failed("it is read when magmad starts; restart it".to_owned()),
        }
    }

    /// Sets the log's level to what counts most: the command line, `magmad.yml`, the cloud, INFO.
    pub fn set_log_level(&self, configured: Option<LogLevel>) {
        let level = self.log_level.or(configured).or(self.managed.current().magmad.log_level);
        if let Some(log) = &self.log {
            log.set(level.unwrap_or(LogLevel::Info));
        }
    }

    /// Takes `control_proxy.yml` into effect, if it has changed.
    ///
    /// # Errors
    /// What is wrong with it; then the former one stays in effect.
    pub fn take_control_proxy(&self, config: GatewayConfig, problems: &[Problem]) -> Result<(), String> {
        let own = || problems.iter().filter(|problem| problem.file.ends_with(FILE));
        problems::log(own());
        for problem in own().filter(|problem| problem.severity == Severity::Error) {
            self.events.failed(Step::Settings, problem.to_string(), None);
        }
        usable(problems, FILE).inspect_err(|_| {
            tracing::error!("{FILE} has changed but cannot be used; the former settings stay in effect");
        })?;
        if config.control_proxy != self.settings.borrow().control_proxy {
            self.settings.send_modify(|settings| {
                let magma = GatewayConfig::clone(settings);
                *settings = Arc::new(GatewayConfig { control_proxy: config.control_proxy, ..magma });
            });
            tracing::info!("{FILE} has changed and is in effect now");
            self.cloud.renew_if_ready();
            self.events.emit(Event::SettingsChanged);
        }
        Ok(())
    }
}

/// The first error in a file of that name; of any file for an empty one.
fn usable(problems: &[Problem], file: &str) -> Result<(), String> {
    let concerns = |problem: &&Problem| file.is_empty() || problem.file.ends_with(file);
    let mut errors = problems.iter().filter(concerns).filter(|problem| problem.severity == Severity::Error);
    errors.next().map_or(Ok(()), |problem| Err(problem.to_string()))
}

fn versions(paths: &Paths) -> Vec<FileVersion> {
    let dirs = paths.base_dirs().into_iter().chain([paths.override_dir()]);
    dirs.map(|dir| FileVersion::of(&dir.join(FILE))).collect()
}

#[cfg(test)]
mod tests {
    use magma_config::mconfig::MconfigStore;
    use tracing::level_filters::LevelFilter;

    use super::*;
    use crate::http_proxies::HttpProxies;

    #[test]
    fn the_level_of_the_log_is_the_one_that_counts_most() {
        let root = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(root.path().join(name), text).unwrap();
        write("control_proxy.yml", "cloud_address: a.test\nbootstrap_address: b.test\n");
        write("gateway.mconfig", r#"{"configsByKey": {"magmad": {"logLevel": "ERROR"}}}"#);
        for (line, ordered, expected) in [
            ("log_level: DEBUG", None, LevelFilter::DEBUG),
            ("log_level: LOUD", None, LevelFilter::INFO),
            ("log_level: [", None, LevelFilter::OFF),
            ("", None, LevelFilter::ERROR),
            ("log_level: DEBUG", Some(LogLevel::Warning), LevelFilter::WARN),
        ] {
            write("magmad.yml", "magma_services: []\ninit_system: process\n");
            let paths = Paths::under(root.path());
            let (config, _) = magma_config::inspect(&paths);
            let managed = ManagedConfig::load(MconfigStore::new(&paths, &config.magmad));
            let mut options = Options::new(paths.clone());
            let log = LogControl::unused();
            (options.log, options.log_level) = (Some(log.clone()), ordered);
            let settings = watch::Sender::new(Arc::new(config));
            let cloud = Cloud::new(paths, settings.subscribe(), HttpProxies::default());
            let reloader = Reloader::new(&options, settings, cloud, managed);
            write("magmad.yml", &format!("magma_services: []\ninit_system: process\n{line}\n"));
            let done = reloader.reload() == Reload::Done;
            assert_eq!((log.level(), done), (expected, !line.ends_with('[')), "{line:?} {ordered:?}");
        }
    }
}
