//! `magmad.yml`: what the agent itself is told to do.

mod embedded;
mod log_forwarding;
mod metricsd;
mod profile;
mod read;
mod remote_access;
mod service_lists;
mod upgrades;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

pub use embedded::EmbeddedService;
pub(crate) use embedded::read_log_level;
pub use log_forwarding::LogForwarding;
pub use metricsd::{Metricsd, PostProcessing, PostProcessingRule, ScrapeTarget};
pub use profile::Profile;
pub(crate) use read::read;
pub use remote_access::{CallPattern, RemoteAccess};
pub use upgrades::{UpgradeKind, Upgrader};

/// Every key of `magmad.yml`, with Magma's defaults filled in. Where Magma's two agents differ, the Python agent's
/// default is taken, since it is the one on access and federation gateways.
#[derive(Clone, Debug, PartialEq)]
pub struct Magmad {
    /// `log_level`; `None` lets the managed configuration's level decide.
    pub log_level: Option<LogLevel>,
    /// `print_grpc_payload`.
    pub print_grpc_payload: bool,
    /// `magma_services`: the services that this agent starts, polls and restarts, in file order, without repetitions.
    pub magma_services: Vec<String>,
    /// `non_service303_services`: services that do not answer `Service303` and are not polled.
    pub non_service303_services: BTreeSet<String>,
    /// `registered_dynamic_services`: services that the cloud may switch on and off.
    pub registered_dynamic_services: Vec<String>,
    /// `embedded_services` (none): services that the agent serves itself.
    pub embedded_services: Vec<EmbeddedService>,
    /// `log_forwarding`.
    pub log_forwarding: LogForwarding,
    /// `profile` (standard): what the agent's traffic is tuned for.
    pub profile: Profile,
    /// `linked_services`: groups that restart together; only members that are in `magma_services`.
    pub linked_services: Vec<Vec<String>>,
    /// `skip_checkin_if_missing_meta_services`: a check-in waits for the status of these.
    pub skip_checkin_if_missing_meta_services: BTreeSet<String>,
    /// `max_skipped_checkins`: check-ins in a row that may be skipped for them (3).
    pub max_skipped_checkins: u32,
    /// `init_system` (systemd).
    pub init_system: InitSystem,
    /// `service_commands`: for [`InitSystem::Process`], each service's program and arguments.
    pub service_commands: BTreeMap<String, Vec<String>>,
    /// `bootstrap_config.challenge_key` (`/var/opt/magma/certs/gw_challenge.key`), without the root.
    pub challenge_key: PathBuf,
    /// `enable_config_streamer` (false).
    pub enable_config_streamer: bool,
    /// `enable_upgrade_manager` (false).
    pub enable_upgrade_manager: bool,
    /// `enable_network_monitor` (false).
    pub enable_network_monitor: bool,
    /// `enable_sync_rpc` (false).
    pub enable_sync_rpc: bool,
    /// `enable_kernel_version_checking` (false).
    pub enable_kernel_version_checking: bool,
    /// `network_monitor_config`.
    pub network_monitor: Option<NetworkMonitor>,
    /// `upgrader_factory`.
    pub upgrader: Option<Upgrader>,
    /// `mconfig_modules`.
    pub mconfig_modules: Vec<String>,
    /// `metricsd`; `None` when the block is absent: then no metrics are collected.
    pub metricsd: Option<Metricsd>,
    /// `generic_command_config`; an absent block has no commands.
    pub generic_command: GenericCommand,
    /// `sync_rpc_allow` and `remote_exec`.
    pub remote_access: RemoteAccess,
    /// `services_to_restart`: services that the health watchdog restarts.
    pub services_to_restart: Vec<String>,
    /// `restart_timeout_threshold`: failed polls in a row before the watchdog restarts a service (15).
    pub restart_timeout_threshold: u32,
    /// `grpc_workers` (10).
    pub grpc_workers: u32,
    /// `static_mconfig_dir`: the folder of the shipped default `gateway.mconfig`, without the root.
    pub static_mconfig_dir: Option<PathBuf>,
    /// `dynamic_mconfig_dir` (`/var/opt/magma/configs`), without the root.
    pub dynamic_mconfig_dir: Option<PathBuf>,
    /// `static_mconfig_update_interval_minutes`; `None` for 0 or absent: never.
    pub static_mconfig_update_interval: Option<Duration>,
    /// `config_stream_error_retry_interval` (60 s).
    pub config_stream_error_retry_interval: Duration,
}

/// Severity from which lines are logged. Same order as `magma.orc8r.LogLevel`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LogLevel {
    /// 0
    Debug,
    /// 1
    Info,
    /// 2
    Warning,
    /// 3
    Error,
    /// 4
    Fatal,
}

/// What starts and stops the services of this gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InitSystem {
    /// Units `magma@<service>`.
    Systemd,
    /// `sv`.
    Runit,
    /// Containers named like the services.
    Docker,
    /// `/etc/init.d/<service>`.
    Initd,
    /// `/etc/init.d/<service>` on OpenWrt.
    Procd,
    /// Child processes of the agent, from `service_commands`; for machines that have none of the others.
    Process,
}

/// `network_monitor_config`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkMonitor {
    /// `sampling_period` in seconds (60).
    pub sampling_period: Duration,
    /// `ping_config`.
    pub ping: Option<Ping>,
}

/// `network_monitor_config.ping_config`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ping {
    /// `hosts`.
    pub hosts: Vec<String>,
    /// `num_packets` (1).
    pub packets: u32,
    /// `timeout_secs` (20).
    pub timeout: Duration,
}

/// `generic_command_config`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GenericCommand {
    /// `timeout_secs` (15).
    pub timeout: Duration,
    /// `shell_commands`, by name.
    pub shell_commands: BTreeMap<String, ShellCommand>,
}

/// One of `generic_command_config.shell_commands`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShellCommand {
    /// `command`, with `{}` where each parameter goes.
    pub command: String,
    /// `allow_params` (false).
    pub allow_params: bool,
}

impl LogLevel {
    /// The level of that name, as `magma.orc8r.LogLevel` spells it.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name() == name)
    }

    /// The level of that number in `magma.orc8r.LogLevel`.
    pub fn from_number(number: i64) -> Option<Self> {
        usize::try_from(number).ok().and_then(|index| Self::ALL.get(index)).copied()
    }

    /// Its name in `magma.orc8r.LogLevel`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warning => "WARNING",
            Self::Error => "ERROR",
            Self::Fatal => "FATAL",
        }
    }

    const ALL: [Self; 5] = [Self::Debug, Self::Info, Self::Warning, Self::Error, Self::Fatal];
}

impl InitSystem {
    /// The init system of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|init| init.name() == name)
    }

    /// Its name in `magmad.yml`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Systemd => "systemd",
            Self::Runit => "runit",
            Self::Docker => "docker",
            Self::Initd => "initd",
            Self::Procd => "procd",
            Self::Process => "process",
        }
    }

    const ALL: [Self; 6] =
        [Self::Systemd, Self::Runit, Self::Docker, Self::Initd, Self::Procd, Self::Process];
}
