//! What an Orchestrator has to be told.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use orc8r_alerts::Prefix;
use orc8r_console::Tiles;
use orc8r_logs::ArchiveLimits;
use orc8r_metrics::tsdb::Settings;
use orc8r_store::Database;

use crate::export::ExportConfig;
use crate::web_peer::PeerFiles;

/// How an Orchestrator runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Where it keeps its certificates and, unless `database` says otherwise, everything else. Made when it is missing.
    pub data_dir: PathBuf,
    /// Its database; `None`: what the file `database.url` in the data folder names, or else `orc8r.db` there.
    pub database: Option<Database>,
    /// The file with the keys that seal subscribers' keys in the database; `None`: `subscriber.keys` in the data folder.
    pub subscriber_keys: Option<PathBuf>,
    /// The domain under which gateways reach it: they call `controller.<domain>`, and
    /// `<service>-controller.<domain>`.
    pub domain: String,
    /// Where it listens. Port 0: any that is free.
    pub listen: Addresses,
    /// The ports that gateways are told to call, where they differ from those it listens on (behind a port
    /// mapping or a balancer).
    pub public_ports: PublicPorts,
    /// Whether an operator needs an API token besides his certificate: Magma's `useToken`.
    pub require_token: bool,
    /// The file that describes where people sign in by OpenID Connect; `None`: nowhere.
    pub oidc: Option<PathBuf>,
    /// Where the tiles of the console's map come from; `None`: it shows coastlines of its own.
    pub tiles: Option<Tiles>,
    /// How much of gateways' events and logs is kept.
    pub archive: ArchiveLimits,
    /// Where they are passed on to.
    pub exports: Vec<ExportConfig>,
    /// How much of metrics is kept, and where they go beside.
    pub metrics: MetricsConfig,
    /// Whom alerts may reach.
    pub alerts: AlertsConfig,
    /// How it takes part among several nodes that share a database; `None`: it is the only one.
    pub node: Option<NodeConfig>,
    /// Where it says in plain HTTP whether it is ready (`/healthz`, `/readyz`); `None`: only at the door of operators.
    pub health: Option<SocketAddr>,
    /// How it stops.
    pub drain: Drain,
}

/// How an Orchestrator stops: what is under way is brought to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drain {
    /// How long it still takes connections while it says that it is not ready: what a balancer needs to notice.
    pub delay: Duration,
    /// How long calls that are under way may then go on.
    pub grace: Duration,
}

impl Default for Drain {
    fn default() -> Self {
        Self { delay: Duration::ZERO, grace: Duration::from_secs(3) }
    }
}

/// What becomes of metrics.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MetricsConfig {
    /// The embedded store's bounds.
    pub settings: Settings,
    /// The remote-write URL of an existing engine that gets them, too.
    pub remote_write: Option<String>,
    /// Below whose URL `/api/v1/query` is: an existing engine that answers queries, instead of the embedded store.
    pub engine: Option<String>,
    /// How both are called.
    pub files: PeerFiles,
}

/// Whom alerts may reach.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlertsConfig {
    /// Addresses that are not public and may be told.
    pub may_reach: Vec<Prefix>,
    /// A file with authorities that vouch for who is told, beside the system's.
    pub authorities: Option<PathBuf>,
    /// An existing Prometheus and Alertmanager that evaluate and tell, instead of the Orchestrator.
    pub pair: Option<PairConfig>,
}

/// An existing Prometheus and Alertmanager.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairConfig {
    /// Where Prometheus reads rule files.
    pub rules_folder: PathBuf,
    /// The URL that makes Prometheus read them again.
    pub rules_reload: String,
    /// The file of Alertmanager.
    pub alertmanager_file: PathBuf,
    /// Where Alertmanager is.
    pub alertmanager: String,
    /// How both are called.
    pub files: PeerFiles,
}

/// One of several nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeConfig {
    /// Where it listens for the other nodes.
    pub listen: SocketAddr,
    /// Where the others reach it, `host:port`; `None`: where it listens.
    pub address: Option<String>,
}

/// The doors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Addresses {
    /// For gateways with a certificate.
    pub gateways: SocketAddr,
    /// For gateways without a certificate: bootstrap and registration.
    pub bootstrap: SocketAddr,
    /// For operators: the REST API.
    pub rest: SocketAddr,
    /// For gateways' log forwarders: events and logs in the Fluent forward protocol.
    pub logs: SocketAddr,
}

/// The ports that gateways are told to call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PublicPorts {
    /// For gateways with a certificate.
    pub gateways: Option<u16>,
    /// For gateways without one.
    pub bootstrap: Option<u16>,
    /// For gateways' log forwarders.
    pub logs: Option<u16>,
}

impl Config {
    /// An Orchestrator for this machine alone, on ports that are free.
    pub fn on_loopback(data_dir: &Path, domain: &str) -> Self {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self {
            data_dir: data_dir.to_owned(),
            database: None,
            subscriber_keys: None,
            domain: domain.to_owned(),
            listen: Addresses { gateways: any, bootstrap: any, rest: any, logs: any },
            public_ports: PublicPorts::default(),
            require_token: false,
            oidc: None,
            tiles: None,
            archive: ArchiveLimits::default(),
            exports: Vec::new(),
            metrics: MetricsConfig::default(),
            alerts: AlertsConfig::default(),
            node: None,
            health: None,
            drain: Drain::default(),
        }
    }
}
