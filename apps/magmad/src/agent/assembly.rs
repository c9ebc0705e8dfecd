//! Puts the parts of the agent together and starts them.

use std::sync::Arc;

use anyhow::Result;
use magma_config::mconfig::MconfigStore;
use magma_config::{GatewayConfig, Paths};
use magma_identity::{ChallengeKey, HardwareId};
use magma_rpc::server::Router;
use magma_service303::{Lifecycle, Registry};
use tokio::sync::watch;

use super::certificate_users::CertificateUsers;
use super::config_commands::ConfigCommands;
use super::gateway_state::Facts;
use super::local_life::LocalLife;
use super::local_server::LocalServer;
use super::own_services::{self, Part};

use crate::bootstrap::{self, Bootstrapper};
use crate::checkin::{self, SkipRule};
use crate::cloud::Cloud;
use crate::config_stream::{self, Applier};
use crate::event_log::{Delivery, EventLog, Undelivered};
use crate::host::{Host, HostPaths};
use crate::local_services::LocalServices;
use crate::managed_config::ManagedConfig;
use crate::options::Options;
use crate::progress::Progress;
use crate::remote::{
    self, AnswerTimes, GenericCommands, MagmadService, NetworkTests, Statelessness, SystemMachine,
};
use crate::satellites;
use crate::sd_notify::Notifier;
use crate::services::{self, Services};
use crate::settings::{self, Reloader};
use crate::shutdown::{Shutdown, Trigger};
use crate::supervise::Tasks;
use crate::sync_rpc::{self, Reach};

/// Starts everything, and returns what runs.
///
/// # Errors
/// When the gateway has no hardware id and cannot get one.
pub fn start(
    options: Options,
    config: GatewayConfig,
    shutdown: Shutdown,
    trigger: Arc<Trigger>,
) -> Result<(Tasks, Arc<Services>)> {
    let hardware_id = HardwareId::load_or_create(&options.paths.hardware_id_file())?;
    tracing::info!(version = options.version(), %hardware_id, "magmad starts");
    let (parts, undelivered) = Parts::new(options, config, hardware_id);
    let mut tasks = Tasks::new(shutdown, parts.options.events.clone());
    if let Some(settings) = parts.options.notify.clone() {
        let events = parts.options.events.subscribe();
        tasks.spawn("sd_notify", Notifier::new(settings, parts.progress.clone(), events));
    }
    let bootstrapper = parts.spawn_bootstrap(&mut tasks);
    parts.spawn_local(&mut tasks, trigger.clone());
    parts.spawn_cloud(&mut tasks, &bootstrapper);
    let destination = satellites::spawn(&parts.context(), &mut tasks);
    spawn_metrics(&parts.context(), &mut tasks);
    parts.spawn_error_reports(&mut tasks);
    parts.spawn_upgrades(&mut tasks, trigger);
    tasks.spawn("event log", Delivery { events: undelivered, destination });
    Ok((tasks, parts.services))
}

#[cfg(feature = "metrics")]
fn spawn_metrics(context: &satellites::Context, tasks: &mut Tasks) {
    crate::metrics::spawn(context, tasks);
}

#[cfg(not(feature = "metrics"))]
fn spawn_metrics(context: &satellites::Context, _: &mut Tasks) {
    if context.settings.borrow().magmad.metricsd.as_ref().is_some_and(magma_config::Metricsd::is_on) {
        tracing::error!(
            "this magmad was built without metrics: remove metricsd from magmad.yml, or install a full build"
        );
    }
}

/// What the tasks share.
struct Parts {
    options: Options,
    config: GatewayConfig,
    hardware_id: HardwareId,
    managed: ManagedConfig,
    registry: Registry,
    services: Arc<Services>,
    channels: LocalServices,
    settings: watch::Sender<Arc<GatewayConfig>>,
    reloader: Reloader,
    cloud: Cloud,
    event_log: EventLog,
    progress: Progress,
    #[cfg(feature = "upgrades")]
    upgrades: crate::upgrade::Progress,
}

impl Parts {
    fn new(options: Options, config: GatewayConfig, hardware_id: HardwareId) -> (Self, Undelivered) {
        make_challenge_key(&options.paths, &config);
        let managed = ManagedConfig::load(MconfigStore::new(&options.paths, &config.magmad));
        let registry = Registry::new();
        if let Some(log) = &options.log {
            registry.adopt("service_errors", log.errors());
        }
        let restarts = registry.counter_family("unexpected_service_restarts", ["service_name"]);
        let launcher = options.launcher.clone();
        let services = Services::configured(&config, &options.paths, launcher, restarts);
        if let Some((log, copy)) = options.log.as_ref().zip(services.own_log()) {
            log.copy_to(copy);
        }
        let dropped = registry.counter_family("events_dropped", ["stage"]).with([own_services::NAME]);
        let (event_log, undelivered) = EventLog::new(hardware_id.as_str(), managed.subscribe(), dropped);
        let services = Arc::new(services.telling(event_log.clone()));
        let settings = watch::Sender::new(Arc::new(config.clone()));
        let cloud = Cloud::new(options.paths.clone(), settings.subscribe(), options.http_proxies.clone());
        let channels = LocalServices::new(config.registry.clone());
        let reloader = Reloader::new(&options, settings.clone(), cloud.clone(), managed.clone());
        reloader.set_log_level(config.magmad.log_level);
        let parts = Self {
            options,
            config,
            hardware_id,
            managed,
            registry,
            services,
            channels,
            settings,
            reloader,
            cloud,
            event_log,
            progress: Progress::default(),
            #[cfg(feature = "upgrades")]
            upgrades: crate::upgrade::Progress::default(),
        };
        (parts, undelivered)
    }

    /// The certificate, and who has to know when it is new.
    fn spawn_bootstrap(&self, tasks: &mut Tasks) -> Bootstrapper {
        let (driver, bootstrapper, renewals) = bootstrap::Driver::new(bootstrap::Context {
            paths: self.options.paths.clone(),
            settings: self.settings.subscribe(),
            hardware_id: self.hardware_id.clone(),
            timings: self.options.timings.bootstrap.clone(),
            network: bootstrap::Network {
                http_proxies: self.options.http_proxies.clone(),
                last_resort_port: self.options.last_resort_port,
            },
            cloud: self.cloud.clone(),
            events: self.options.events.clone(),
            exceptions: self.registry.counter_family("bootstrap_exception", ["cause"]),
            progress: self.progress.clone(),
        });
        tasks.spawn("bootstrap", driver);
        tasks.spawn(
            "services that use the certificate",
            CertificateUsers {
                renewals,
                settings: self.settings.subscribe(),
                services: self.services.clone(),
            },
        );
        tasks.spawn("settings", settings::Watcher::new(self.reloader.clone(), self.options.timings.settings));
        bootstrapper
    }

    /// Errors of the log to Sentry, while one is named.
    #[cfg(feature = "sentry")]
    fn spawn_error_reports(&self, tasks: &mut Tasks) {
        let (context, options) = (self.context(), &self.options);
        let reports = crate::logging::error_reports::ErrorReports::new(
            &context,
            options.version(),
            &options.http_proxies,
        );
        if let Some(reports) = reports {
            tasks.spawn("error reports", reports);
        }
    }

    #[cfg(not(feature = "sentry"))]
    fn spawn_error_reports(&self, _: &mut Tasks) {
        if self.config.control_proxy.sentry_url.is_some() {
            tracing::warn!(
                "this magmad was built without sentry: sentry_url_python in control_proxy.yml has no effect"
            );
        }
    }

    /// What concerns this machine.
    fn spawn_local(&self, tasks: &mut Tasks, trigger: Arc<Trigger>) {
        let lifecycle = Lifecycle::new();
        let reloader = self.reloader.clone();
        let agent = Part {
            stop: Box::new(move || trigger.fire()),
            reload: Box::new(move || reloader.reload()),
            log: self.options.log.clone(),
            recent: Some(self.options.events.recent().clone()),
        };
        let common = agent.service303(own_services::NAME, lifecycle.clone(), self.registry.clone());
        let router = Router::new().add(common.into_server()).add(self.commands().into_server());
        let (registry, port) = (&self.config.registry, own_services::DEFAULT_PORT);
        let server = LocalServer::new(own_services::NAME, registry, port, router, lifecycle);
        tasks.spawn("own services", server.telling(self.options.events.clone()));
        let poller = services::Poller::new(self.services.clone(), self.channels.clone());
        tasks.spawn(
            "services",
            LocalLife { managed: self.managed.clone(), services: self.services.clone(), poller },
        );
    }

    /// What operators can order.
    fn commands(&self) -> MagmadService {
        MagmadService::new(remote::Parts {
            hardware_id: self.hardware_id.as_str().to_owned(),
            services: self.services.clone(),
            commands: GenericCommands::new(&self.config.magmad.generic_command),
            network: NetworkTests::default(),
            configs: Arc::new(ConfigCommands {
                managed: self.managed.clone(),
                services: self.services.clone(),
                events: self.options.events.clone(),
                event_log: self.event_log.clone(),
            }),
            machine: Arc::new(SystemMachine::of(&self.options.paths)),
            stateless: Statelessness::new(self.options.paths.clone(), self.services.clone()),
            exec: self.options.remote_exec && self.config.magmad.remote_access.exec,
            times: AnswerTimes::default(),
        })
    }

    /// What the cloud may call: what the laboratory or a test says, else the configuration.
    fn reach(&self) -> Reach {
        match &self.options.reach {
            Reach::Registry => Reach::Configured(self.config.magmad.remote_access.clone()),
            given => given.clone(),
        }
    }

    /// What the embedded services share with the agent.
    fn context(&self) -> satellites::Context {
        satellites::Context {
            paths: self.options.paths.clone(),
            hardware_id: self.hardware_id.clone(),
            settings: self.settings.subscribe(),
            reloader: self.reloader.clone(),
            managed: self.managed.clone(),
            registry: self.registry.clone(),
            services: self.services.clone(),
            channels: self.channels.clone(),
            cloud: self.cloud.clone(),
            events: self.options.events.clone(),
            event_log: self.event_log.clone(),
            log: self.options.log.clone(),
            front_end_address: self.options.front_end_address,
        }
    }

    #[cfg(feature = "upgrades")]
    fn spawn_upgrades(&self, tasks: &mut Tasks, trigger: Arc<Trigger>) {
        let parts = crate::upgrade::Parts {
            process: self.options.process.clone(),
            progress: self.upgrades.clone(),
            trigger,
            http_proxies: self.options.http_proxies.clone(),
        };
        crate::upgrade::spawn(&self.context(), parts, tasks);
    }

    #[cfg(not(feature = "upgrades"))]
    fn spawn_upgrades(&self, _: &mut Tasks, _: Arc<Trigger>) {
        if self.config.magmad.enable_upgrade_manager {
            tracing::error!(
                "this magmad was built without upgrades: set enable_upgrade_manager: False in magmad.yml, or install a \
                 full build"
            );
        }
    }

    /// What concerns the cloud.
    fn spawn_cloud(&self, tasks: &mut Tasks, bootstrapper: &Bootstrapper) {
        let (magmad, events) = (&self.config.magmad, &self.options.events);
        let required = magmad.skip_checkin_if_missing_meta_services.clone();
        let known = Arc::new(config_stream::Known::default());
        tasks.spawn(
            "check-in",
            checkin::Reporter {
                cloud: self.cloud.clone(),
                bootstrapper: bootstrapper.clone(),
                hardware_id: self.hardware_id.clone(),
                managed: self.managed.clone(),
                services: self.services.clone(),
                channels: self.channels.clone(),
                gateway: Arc::new(Facts {
                    host: Host::new(HostPaths::default(), magmad.enable_kernel_version_checking),
                    bootstrapper: bootstrapper.clone(),
                    hardware_id: self.hardware_id.clone(),
                    managed: self.managed.clone(),
                    known: Arc::clone(&known),
                    services: self.services.clone(),
                    #[cfg(feature = "upgrades")]
                    upgrades: self.upgrades.clone(),
                    version: self.options.version().to_owned(),
                }),
                skip: SkipRule::new(required, magmad.max_skipped_checkins),
                events: events.clone(),
                status: self.registry.gauge("checkin_status"),
                timings: self.options.timings.checkin.clone(),
                progress: self.progress.clone(),
            },
        );
        if magmad.enable_config_streamer {
            tasks.spawn(
                "configuration stream",
                config_stream::Poller {
                    cloud: self.cloud.clone(),
                    bootstrapper: bootstrapper.clone(),
                    hardware_id: self.hardware_id.clone(),
                    settings: self.config.streamer,
                    applier: Applier {
                        managed: self.managed.clone(),
                        services: self.services.clone(),
                        events: events.clone(),
                        event_log: self.event_log.clone(),
                    },
                    known,
                    events: events.clone(),
                    responses: self.registry.counter_family("streamer_responses", ["result"]),
                    timings: self.options.timings.config_stream.clone(),
                },
            );
        }
        if magmad.enable_sync_rpc {
            tasks.spawn(
                "remote commands",
                sync_rpc::Client {
                    cloud: self.cloud.clone(),
                    bootstrapper: bootstrapper.clone(),
                    services: self.channels.clone(),
                    reach: self.reach(),
                    events: events.clone(),
                    event_log: self.event_log.clone(),
                    timings: self.options.timings.sync_rpc.clone(),
                },
            );
        }
    }
}

/// The key is needed when it is shown or when a challenge is answered; without it, an ECHO gateway works all the same.
fn make_challenge_key(paths: &Paths, config: &GatewayConfig) {
    if let Err(error) = ChallengeKey::load_or_create(&paths.resolve(&config.magmad.challenge_key)) {
        tracing::error!("{error}");
    }
}
