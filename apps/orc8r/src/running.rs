//! Starting an Orchestrator, and stopping it.

use std::fs::File;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use magma_rpc::tls::TlsError;
use orc8r_alerts::{Alertmanager, Outbox};
use orc8r_ca::{
    CertificateAuthorities, CertificateFiles, DomainName, FileEvent, FolderError, NotADomainName, Opened,
    RegistrationToken, SigningError,
};
use orc8r_console::{Console, Tiles};
use orc8r_logs::{Archives, CloudEvents};
use orc8r_metrics::Metrics;
use orc8r_metrics::promql::Limits;
use orc8r_metrics::remote::{RemoteEngine, RemoteWrite, Target};
use orc8r_metrics::tsdb::{self, Tsdb, Upkeep};
use orc8r_rest::{Api, ExpectedConfigurations, Measured, OwnBackup, Provider, Registration, Setup};
use orc8r_southbound::{
    Broker, Clock, GatewayAddress, JoinError, Nodes, Pushes, REGISTRATION_TOKEN_VALIDITY, Southbound,
};
use orc8r_store::{Database, Store, StoreError};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use wire_rest::types::VersionInfo;

use crate::alerts;
use crate::config::{Addresses, Config, Drain};
use crate::data_folder::DataFolder;
use crate::door_tls::DoorTls;
use crate::doors::{Doors, Keepers, SPREAD};
use crate::examination::{last_backup, own_certificates};
use crate::export::{self, ExportError};
use crate::first_operator::{self, FirstOperator};
use crate::fleet_metrics;
use crate::gateway_commands::BrokerCommands;
use crate::health::{Health, HealthDoor};
use crate::housekeeping;
use crate::leader::Leader;
use crate::log_door;
use crate::node_door::NodeDoor;
use crate::operator_door::OperatorDoor;
use crate::restore;
use crate::sign_in::{self, SignInError};
use crate::start_log::{authorities_are_new, log_event, warn_of_lost_store};
use crate::subscriber_keys::{self, SubscriberKeysError};
use crate::usage_metrics;
use crate::web_peer::{PeerError, WebPeer};

/// Why an Orchestrator does not start; each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The domain is none.
    #[error(transparent)]
    Domain(#[from] NotADomainName),
    /// The data folder cannot be made, or is in use.
    #[error("cannot use the data folder {folder}: {error}")]
    DataFolder {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// Something is wrong with a certificate or key.
    #[error(transparent)]
    Certificates(#[from] FolderError),
    /// The first operator's certificate cannot be made.
    #[error("cannot make the first operator's certificate: {0}")]
    FirstOperator(#[from] SigningError),
    /// Something is wrong with the database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// People cannot sign in at their organisation.
    #[error(transparent)]
    SignIn(#[from] SignInError),
    /// Subscribers' keys stay locked.
    #[error(transparent)]
    SubscriberKeys(#[from] SubscriberKeysError),
    /// The folder of metrics cannot be used.
    #[error(transparent)]
    Metrics(#[from] tsdb::OpenError),
    /// The system gives no thread.
    #[error("cannot start the thread that keeps metrics: {0}")]
    Thread(io::Error),
    /// The other nodes cannot be told of this one.
    #[error("cannot be one of several nodes: {0}")]
    Join(#[from] JoinError),
    /// The other nodes would not find this one.
    #[error("the other nodes cannot reach this one at {listen}: say where they can with --node-address")]
    NodeAddress {
        /// Where it listens for them.
        listen: SocketAddr,
    },
    /// Events and logs cannot be passed on.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// An engine of metrics cannot be called.
    #[error(transparent)]
    Engine(#[from] PeerError),
    /// A port cannot be listened on.
    #[error("cannot listen on {address} for {door}: {error}; choose another with --listen-{door}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// `gateways`, `bootstrap`, `rest`, `logs`, `nodes` or `health`.
        door: &'static str,
        /// What the system says.
        error: io::Error,
    },
    /// TLS refuses the certificates.
    #[error("TLS cannot use the certificates in {folder}: {error}")]
    Tls {
        /// The folder.
        folder: PathBuf,
        /// Why.
        error: TlsError,
    },
}

/// An Orchestrator that serves. It stops with [`Running::shutdown`], or when its runtime ends.
pub struct Running {
    addresses: Addresses,
    files: CertificateFiles,
    events: Vec<FileEvent>,
    first_operator: FirstOperator,
    setup_code: Option<String>,
    admin_key_problem: Option<String>,
    broker: Broker,
    pushes: Pushes,
    nodes: Option<Nodes>,
    archives: Archives,
    store: Store,
    database: Database,
    health: Health,
    health_address: Option<SocketAddr>,
    drain: Drain,
    stop: watch::Sender<bool>,
    left: watch::Sender<bool>,
    /// The doors through which calls to gateways come.
    callers: JoinSet<()>,
    tasks: JoinSet<()>,
    /// Answers to the last.
    _health_door: JoinSet<()>,
    metrics_upkeep: Upkeep,
    _lock: File,
}

/// Opens the data folder and serves. On the first start it makes the authorities, the certificates, the first
/// operator and the database; [`Running::events`] says what was made.
///
/// # Errors
/// When any of that fails. Nothing serves then.
pub async fn start(config: Config) -> Result<Running, StartError> {
    let domain = DomainName::parse(&config.domain)?;
    let folder = DataFolder::at(&config.data_dir);
    let unusable = |error| StartError::DataFolder { folder: config.data_dir.clone(), error };
    folder.create().map_err(unusable)?;
    let lock = folder.lock().await.map_err(unusable)?;
    if restore::finish(&folder).map_err(unusable)? {
        tracing::warn!("a restore was interrupted: it has been carried out to its end");
    }
    let health = Health::default();
    let (mut health_door, mut health_address) = (JoinSet::new(), None);
    if let Some(listen) = config.health {
        let door = HealthDoor::open(listen).await?;
        health_address = Some(door.address);
        health_door.spawn(door.serve(health.clone()));
    }
    let Opened { authorities, events } =
        CertificateAuthorities::open(&folder.certificates(), &domain, SystemTime::now())?;
    let database = folder.database_or(config.database.as_ref()).map_err(unusable)?;
    let keys = config.subscriber_keys.clone().unwrap_or_else(|| folder.subscriber_keys());
    let store = subscriber_keys::unlock(open_store(&database).await?, &keys).await?;
    if store.is_new() && !authorities_are_new(&authorities, &events) {
        warn_of_lost_store(&database);
    }
    let first_operator = first_operator::ensure(&store, &authorities, SystemTime::now()).await?;
    let admin_key_problem = first_operator::key_problem(authorities.files());
    if let Some(reason) = &admin_key_problem {
        tracing::warn!(
            reason,
            "the administrator's key in the data folder cannot be used: put it back, or use the place where it is kept, or import another operator's certificate"
        );
    }
    let exporters: Result<Vec<_>, _> =
        config.exports.iter().map(|export| export::open(export, &config.data_dir)).collect();
    let exporters = exporters?;
    let (archives, intake) = log_door::open(&config.data_dir, config.archive)?;
    let cloud_events = CloudEvents::start(archives.clone());
    let doors = Doors::open(config.listen).await?;
    let keepers = Keepers::new(config.drain.grace);
    let node_door = match &config.node {
        Some(node) => Some(NodeDoor::open(node).await?),
        None => None,
    };
    let (addresses, files) = (doors.addresses, authorities.files().clone());
    let address = GatewayAddress {
        domain,
        cloud_port: config.public_ports.gateways.unwrap_or(addresses.gateways.port()),
        bootstrap_port: config.public_ports.bootstrap.unwrap_or(addresses.bootstrap.port()),
        logs_port: config.public_ports.logs.unwrap_or(addresses.logs.port()),
    };
    let authorities = Arc::new(authorities);
    let tls_error = |error| StartError::Tls { folder: folder.certificates(), error };
    let samples = Tsdb::open(&folder.metrics(), config.metrics.settings, unix_ms(SystemTime::now()))?;
    let metrics_upkeep = samples.keep_up().map_err(StartError::Thread)?;
    let mut metrics = Metrics::new(samples, Limits::default());
    let remote = config.metrics.remote_write.as_deref().map(|url| engine_at(&config, url)).transpose()?;
    let remote = remote.map(RemoteWrite::new);
    if let Some(remote) = &remote {
        metrics = metrics.with_remote_write(remote.clone());
    }
    if let Some(url) = &config.metrics.engine {
        metrics = metrics.with_engine(RemoteEngine::new(engine_at(&config, url)?));
    }
    let southbound = Southbound::new(
        store.clone(),
        metrics.clone(),
        authorities.clone(),
        address.clone(),
        Clock::system(),
    )
    .telling(cloud_events.clone());
    let tls = DoorTls::new(&authorities).map_err(tls_error)?;
    let provider = config.oidc.as_deref().map(sign_in::provider).transpose()?;
    let (pair, alertmanager) = alerts::pair(&config.alerts)?.unzip();
    let rules = match pair {
        Some(_) => None,
        None => Some(alerts::alerts(&store, &metrics, &config.alerts, cloud_events.clone())?),
    };
    let telling = Telling { outbox: rules.as_ref().map(|rules| rules.outbox.clone()), alertmanager };
    let measured = Measured {
        intake: Some(intake.clone()),
        exporters: exporters.clone(),
        evaluations: rules.as_ref().map(|rules| rules.evaluations.clone()),
        pair: pair.as_ref().map(|pair| pair.steps.clone()),
        doors: Some(keepers.clone().telling()),
    };
    let (setup, setup_code) = first_user(&store).await?;
    let backed_up = database.clone();
    let rest = rest_api(
        &store,
        (&archives, &cloud_events),
        (metrics.clone(), telling, measured),
        (&authorities, Arc::new(move || last_backup(&folder, &backed_up))),
        &address,
        southbound.broker(),
        (config.require_token, setup, provider, config.tiles.clone()),
    );
    let (stop, stopped) = watch::channel(false);
    let node_tls = tls.certified.clone();
    let (left, has_left) = watch::channel(false);
    let kept_up = tls.clone().keep_up(authorities.clone(), stopped.clone());
    let operators =
        OperatorDoor::new(rest, southbound.identification().clone(), Clock::system(), health.clone());
    let (mut tasks, mut callers) = doors.serve(&southbound, operators, intake, tls, &stopped, &keepers);
    let nodes = match node_door {
        Some(door) => {
            let tasks = (&mut tasks, &mut callers);
            let signals = (&stopped, &has_left);
            Some(door.serve(&southbound, node_tls, signals, keepers.nodes, tasks).await?)
        }
        None => None,
    };
    tasks.spawn(kept_up);
    for exporter in exporters {
        tasks.spawn(exporter.run(archives.clone(), stopped.clone()));
    }
    let leader = Leader::default();
    let lead = |leader: &Leader| {
        let leader = leader.clone();
        move || leader.leads()
    };
    tasks.spawn(leader.clone().hold(store.clone(), "alerts", new_token(), stopped.clone()));
    if let Some(pair) = pair {
        tasks.spawn(pair.run(store.clone(), stopped.clone()));
    }
    if let Some(rules) = rules {
        tasks.spawn(orc8r_alerts::run(rules, lead(&leader), stopped.clone()));
    }
    tasks.spawn(usage_metrics::run(store.clone(), metrics.clone(), lead(&leader), stopped.clone()));
    tasks.spawn(fleet_metrics::run(store.clone(), metrics, files.clone(), lead(&leader), stopped.clone()));
    if let Some(remote) = remote {
        tasks.spawn(remote.run(stopped.clone()));
    }
    tasks.spawn(housekeeping::run(store.clone(), stopped));
    events.iter().for_each(log_event);
    let (broker, pushes) = (southbound.broker().clone(), southbound.pushes().clone());
    health.serves(store.clone());
    Ok(Running {
        addresses,
        files,
        events,
        first_operator,
        setup_code,
        admin_key_problem,
        broker,
        pushes,
        nodes,
        archives,
        store,
        database,
        health,
        health_address,
        drain: config.drain,
        stop,
        left,
        callers,
        tasks,
        _health_door: health_door,
        metrics_upkeep,
        _lock: lock,
    })
}

/// An engine of metrics at this URL.
fn engine_at(config: &Config, url: &str) -> Result<Target, PeerError> {
    let WebPeer { tls, authorization } = config.metrics.files.read("the metrics engine", url)?;
    Ok(Target { url: url.to_owned(), tls, authorization })
}

impl Running {
    /// Where it listens, with the real ports.
    pub fn addresses(&self) -> Addresses {
        self.addresses
    }

    /// Where it says in plain HTTP whether it is ready, if it was told to.
    pub fn health_address(&self) -> Option<SocketAddr> {
        self.health_address
    }

    /// Where other nodes reach it, `host:port`, if it is one of several.
    pub fn node_address(&self) -> Option<&str> {
        self.nodes.as_ref().map(Nodes::address)
    }

    /// Where its certificates are.
    pub fn files(&self) -> &CertificateFiles {
        &self.files
    }

    /// What was made or renewed at this start, or needs attention.
    pub fn events(&self) -> &[FileEvent] {
        &self.events
    }

    /// The database; it is named without its password.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Whether there was nothing in the database at this start.
    pub fn store_is_new(&self) -> bool {
        self.store.is_new()
    }

    /// The code with which the first user is made at `/console/setup`; `None`: there is one already.
    pub fn setup_code(&self) -> Option<&str> {
        self.setup_code.as_deref()
    }

    /// What became of the first operator at this start.
    pub fn first_operator(&self) -> FirstOperator {
        self.first_operator
    }

    /// Why the administrator's key in the data folder cannot be used; `None`: it can.
    pub fn admin_key_problem(&self) -> Option<&str> {
        self.admin_key_problem.as_deref()
    }

    /// Stops in good order: says that it is not ready, takes no more connections, lets people's calls finish, then
    /// ends gateways' streams, leaves the other nodes, and closes the database.
    pub async fn shutdown(mut self) {
        self.health.drains();
        tokio::time::sleep(self.drain.delay).await;
        self.stop.send_replace(true);
        // Their calls may go through gateways' streams, so these end later.
        while self.callers.join_next().await.is_some() {}
        self.pushes.shut_down();
        let spread = if self.nodes.is_some() { SPREAD.min(self.drain.grace) } else { Duration::ZERO };
        self.broker.shut_down_over(spread).await;
        if let Some(nodes) = &self.nodes {
            nodes.leave().await;
        }
        self.left.send_replace(true);
        while self.tasks.join_next().await.is_some() {}
        let upkeep = self.metrics_upkeep;
        // Writes what is left, and waits for the disk.
        let _ = tokio::task::spawn_blocking(|| drop(upkeep)).await;
        self.archives.close().await;
        self.store.close().await;
    }
}

/// Connecting to a server may take seconds, in which other tasks go on.
async fn open_store(database: &Database) -> Result<Store, StoreError> {
    let database = database.clone();
    tokio::task::spawn_blocking(move || Store::at(&database)).await.unwrap_or(Err(StoreError::Closed))
}

fn unix_ms(time: SystemTime) -> i64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

pub(crate) async fn bind(
    address: SocketAddr,
    door: &'static str,
) -> Result<(TcpListener, SocketAddr), StartError> {
    let failed = |error| StartError::Listen { address, door, error };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

/// Where nobody can sign in yet, the code for who is to be the first.
async fn first_user(store: &Store) -> Result<(Setup, Option<String>), StartError> {
    if !store.users().await?.is_empty() {
        return Ok((Setup::default(), None));
    }
    Ok(match Setup::open() {
        Ok((setup, code)) => (setup, Some(code)),
        Err(error) => {
            tracing::error!(%error, "there is no code for the first user; an operator's certificate can make him");
            (Setup::default(), None)
        }
    })
}

/// Who tells of alerts.
struct Telling {
    outbox: Option<Outbox>,
    alertmanager: Option<Alertmanager>,
}

fn rest_api(
    store: &Store,
    (archives, events): (&Archives, &CloudEvents),
    (metrics, Telling { outbox, alertmanager }, measured): (Metrics, Telling, Measured),
    (authorities, own_backup): (&Arc<CertificateAuthorities>, OwnBackup),
    address: &GatewayAddress,
    broker: &Broker,
    (require_token, setup, provider, tiles): (bool, Setup, Option<Provider>, Option<Tiles>),
) -> axum::Router {
    let (trusted, files) = (authorities.clone(), authorities.files().clone());
    let registration = Registration {
        root_ca_pem: Arc::new(move || String::from_utf8_lossy(&trusted.root_pem()).into_owned()),
        domain_name: address.domain.to_string(),
        token_lifetime: REGISTRATION_TOKEN_VALIDITY,
        new_token: Arc::new(new_token),
    };
    let versions = VersionInfo {
        container_image_version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        helm_chart_version: None,
    };
    let commands = Arc::new(BrokerCommands::new(broker.clone()));
    let signs_in_elsewhere = provider.is_some();
    let rest = orc8r_rest::router(Api {
        store: store.clone(),
        archives: archives.clone(),
        events: events.clone(),
        metrics,
        outbox,
        measured,
        alertmanager,
        commands,
        registration,
        versions,
        require_token,
        setup,
        provider,
        configurations: ExpectedConfigurations::default(),
        own_backup,
        own_certificates: Arc::new(move || own_certificates(&files)),
    });
    orc8r_console::router(Console { rest, signs_in_elsewhere, tiles })
}

fn new_token() -> String {
    // An empty or a guessable token would be worse than the end of this request, which is all that a panic costs.
    let token = RegistrationToken::generate();
    token
        .expect("invariant: a system without random numbers could not have made TLS work")
        .as_str()
        .to_owned()
}
