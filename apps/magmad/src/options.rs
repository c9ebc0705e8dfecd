//! What the agent is started with.

use std::net::Ipv4Addr;
use std::time::Duration;

use magma_config::{LogLevel, Paths, Profile};

use crate::events::Events;
use crate::http_proxies::HttpProxies;
use crate::logging::LogControl;
use crate::low_bandwidth;
use crate::sd_notify;
use crate::sync_rpc::Reach;
use crate::{bootstrap, checkin, config_stream, sync_rpc};

/// What the agent is started with. `Options::new` is what a gateway has.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the gateway's files are.
    pub paths: Paths,
    /// All intervals.
    pub timings: Timings,
    /// Where the agent tells what it does.
    pub events: Events,
    /// The process's log, if its level is the agent's to change.
    pub log: Option<LogControl>,
    /// The log level from the command line; without it, `magmad.yml` and then `gateway.mconfig` decide.
    pub log_level: Option<LogLevel>,
    /// Which local services the cloud may call.
    pub reach: Reach,
    /// Whether programs may be run and the machine restarted for callers; `remote_exec` in magmad.yml may forbid it too.
    pub remote_exec: bool,
    /// Where systemd wants to hear how the agent is.
    pub notify: Option<sd_notify::Settings>,
    /// The HTTP proxies that the environment names, which count when `allow_http_proxy` is set.
    pub http_proxies: HttpProxies,
    /// Where the bootstrapper is asked for if nothing takes the connection at the configured port.
    pub last_resort_port: u16,
    /// Where the embedded control proxy listens: loopback, unless its callers are in containers.
    pub front_end_address: Ipv4Addr,
    /// What traffic is tuned for, whatever `magmad.yml` says.
    pub profile: Option<Profile>,
    /// The intervals of the low-bandwidth profile.
    pub low_bandwidth: low_bandwidth::Intervals,
    /// With `init_system: process`, what is put in front of each service's command; see
    /// [`crate::services::launcher`].
    pub launcher: Vec<String>,
    /// How this program was started, for upgrades of itself.
    #[cfg(feature = "upgrades")]
    pub process: crate::upgrade::Process,
}

impl Options {
    /// A gateway with its files in `paths`, Magma's intervals, and a log that is not the agent's to change.
    pub fn new(paths: Paths) -> Self {
        Self {
            paths,
            timings: Timings::default(),
            events: Events::new(),
            log: None,
            log_level: None,
            reach: Reach::default(),
            remote_exec: true,
            notify: None,
            http_proxies: HttpProxies::default(),
            last_resort_port: bootstrap::LAST_RESORT_PORT,
            front_end_address: Ipv4Addr::LOCALHOST,
            profile: None,
            low_bandwidth: low_bandwidth::Intervals::default(),
            launcher: Vec::new(),
            #[cfg(feature = "upgrades")]
            process: crate::upgrade::Process::default(),
        }
    }

    /// The version of the agent that runs.
    pub fn version(&self) -> &str {
        #[cfg(feature = "upgrades")]
        return self.process.version();
        #[cfg(not(feature = "upgrades"))]
        crate::agent::VERSION
    }
}

/// All intervals of the agent, so that a laboratory or a test can shorten them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timings {
    /// Of the bootstrapper.
    pub bootstrap: bootstrap::Timings,
    /// Of check-in.
    pub checkin: checkin::Timings,
    /// Of the configuration stream.
    pub config_stream: config_stream::Timings,
    /// Of remote commands.
    pub sync_rpc: sync_rpc::Timings,
    /// How often `control_proxy.yml` is looked at.
    pub settings: Duration,
    /// How long the tasks have to end.
    pub shutdown_grace: Duration,
}

impl Default for Timings {
    fn default() -> Self {
        Self {
            bootstrap: bootstrap::Timings::default(),
            checkin: checkin::Timings::default(),
            config_stream: config_stream::Timings::default(),
            sync_rpc: sync_rpc::Timings::default(),
            settings: Duration::from_secs(10),
            shutdown_grace: Duration::from_secs(5),
        }
    }
}
