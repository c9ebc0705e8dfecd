//! `orc8r serve`.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use orc8r_ca::FileChange;
use orc8r_console::Tiles;
use serde_json::json;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::Level;

use super::alert_flags::AlertFlags;
use super::logs::Logs;
use super::metrics_flags::MetricsFlags;
use super::output::Output;
use super::{DataDir, open_files};
use crate::config::{Addresses, Config, Drain, NodeConfig, PublicPorts};
use crate::first_operator::FirstOperator;
use crate::running::{Running, start};
use crate::systemd::Systemd;

#[derive(Args)]
pub(super) struct Serve {
    #[command(flatten)]
    data: DataDir,
    /// The file with the keys that seal subscribers' keys in the database; made at the first start
    ///
    /// Without it, subscriber.keys in the data folder. Whoever has this file and the database has every subscriber's Ki;
    /// who loses it has none. All nodes of one database need the same file.
    #[arg(long, value_name = "FILE")]
    subscriber_keys: Option<PathBuf>,
    /// The domain under which gateways reach this Orchestrator: they call controller.DOMAIN
    #[arg(long, value_name = "DOMAIN")]
    domain: String,
    #[command(flatten)]
    listen: Listen,
    /// The port that gateways are told to call, if it is not the one listened on
    #[arg(long, value_name = "PORT")]
    public_gateways_port: Option<u16>,
    /// The same for gateways without a certificate
    #[arg(long, value_name = "PORT")]
    public_bootstrap_port: Option<u16>,
    /// The same for events and logs
    #[arg(long, value_name = "PORT")]
    public_logs_port: Option<u16>,
    /// Where the other nodes reach this one, if not where it listens for them
    #[arg(long, value_name = "HOST:PORT", requires = "listen_nodes")]
    node_address: Option<String>,
    /// When told to stop: go on taking connections for so long, while /readyz says that it is not ready
    #[arg(long, value_name = "SECONDS", default_value_t = 0, value_parser = clap::value_parser!(u64).range(..=600))]
    drain_delay: u64,
    /// And how long calls that are under way may then go on; a second signal ends them at once
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(..=600))]
    drain_seconds: u64,
    #[command(flatten)]
    logs: Logs,
    /// Want an API token besides the client certificate from whoever calls the REST API
    #[arg(long)]
    require_token: bool,
    /// Let people sign in at your own OpenID Connect provider, as this JSON file describes (docs/people.md)
    #[arg(long, value_name = "FILE")]
    oidc: Option<PathBuf>,
    /// Take the tiles of the console's map from here: a URL with {z}, {x} and {y}; browsers ask that host for them
    #[arg(long, value_name = "URL", value_parser = Tiles::parse)]
    console_tiles: Option<Tiles>,
    /// Whom the map thanks for its tiles
    #[arg(long, value_name = "TEXT", requires = "console_tiles")]
    console_tiles_attribution: Option<String>,
    #[command(flatten)]
    metrics: MetricsFlags,
    #[command(flatten)]
    alerts: AlertFlags,
    /// How much is written to the log (standard error)
    #[arg(long, value_enum, default_value_t = LogLevel::Info)]
    log_level: LogLevel,
}

/// Where it listens.
#[derive(Args)]
pub(super) struct Listen {
    /// Where gateways with a certificate call
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "0.0.0.0:8443")]
    pub(super) listen_gateways: SocketAddr,
    /// Where gateways without a certificate call, to register and to bootstrap
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "0.0.0.0:8444")]
    pub(super) listen_bootstrap: SocketAddr,
    /// Where operators call the REST API
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "0.0.0.0:9443")]
    pub(super) listen_rest: SocketAddr,
    /// Where gateways send events and logs (Fluent forward protocol over TLS)
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "0.0.0.0:24224")]
    pub(super) listen_logs: SocketAddr,
    /// Be one of several nodes that share a database, and listen here for the others
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(super) listen_nodes: Option<SocketAddr>,
    /// Say here in plain HTTP whether it is ready (/healthz, /readyz); the REST port says it in any case, over TLS
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(super) listen_health: Option<SocketAddr>,
}

#[derive(Clone, Copy, ValueEnum)]
enum LogLevel {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

impl From<LogLevel> for Level {
    fn from(level: LogLevel) -> Self {
        match level {
            LogLevel::Error => Self::ERROR,
            LogLevel::Warn => Self::WARN,
            LogLevel::Info => Self::INFO,
            LogLevel::Debug => Self::DEBUG,
            LogLevel::Trace => Self::TRACE,
        }
    }
}

pub(super) async fn run(serve: Serve, out: &mut Output) -> Result<()> {
    log_to_stderr(serve.log_level);
    open_files::raise_limit();
    let mut terminate = signal(SignalKind::terminate()).context("cannot wait for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot wait for SIGINT")?;
    let domain = serve.domain.clone();
    let systemd = Systemd::given(|name| std::env::var_os(name));
    let starting = start(config(serve));
    let running = tokio::select! {
        running = starting => running?,
        () = either(&mut terminate, &mut interrupt) => return Ok(()),
    };
    // Whoever started it may have stopped reading; gateways need it all the same.
    if let Err(error) = introduce(&running, &domain, out) {
        tracing::warn!(%error, "cannot say on standard output where everything is");
    }
    systemd.say("READY=1");
    tokio::select! {
        () = either(&mut terminate, &mut interrupt) => {}
        () = systemd.stay_alive() => {}
    }
    tracing::info!("stopping; a second signal ends what is under way");
    systemd.say("STOPPING=1\nSTATUS=finishing what is under way");
    tokio::select! {
        () = running.shutdown() => Ok(()),
        () = either(&mut terminate, &mut interrupt) => anyhow::bail!("a second signal: stopped at once"),
        () = systemd.stay_alive() => Ok(()),
    }
}

async fn either(one: &mut Signal, other: &mut Signal) {
    tokio::select! {
        _ = one.recv() => {}
        _ = other.recv() => {}
    }
}

pub(super) fn config(serve: Serve) -> Config {
    Config {
        data_dir: serve.data.data_dir,
        database: serve.data.database,
        subscriber_keys: serve.subscriber_keys,
        domain: serve.domain,
        listen: Addresses {
            gateways: serve.listen.listen_gateways,
            bootstrap: serve.listen.listen_bootstrap,
            rest: serve.listen.listen_rest,
            logs: serve.listen.listen_logs,
        },
        public_ports: PublicPorts {
            gateways: serve.public_gateways_port,
            bootstrap: serve.public_bootstrap_port,
            logs: serve.public_logs_port,
        },
        require_token: serve.require_token,
        oidc: serve.oidc,
        tiles: serve
            .console_tiles
            .map(|tiles| tiles.thanking(serve.console_tiles_attribution.unwrap_or_default())),
        archive: serve.logs.limits(),
        exports: serve.logs.exports(),
        metrics: serve.metrics.config(),
        alerts: serve.alerts.config(),
        health: serve.listen.listen_health,
        drain: Drain {
            delay: Duration::from_secs(serve.drain_delay),
            grace: Duration::from_secs(serve.drain_seconds),
        },
        node: serve.listen.listen_nodes.map(|listen| NodeConfig { listen, address: serve.node_address }),
    }
}

/// A second call in one process keeps the first one's log.
fn log_to_stderr(level: LogLevel) {
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(Level::from(level))
        .with_writer(std::io::stderr)
        .with_target(false)
        .finish();
    let _ = tracing::subscriber::set_global_default(subscriber);
}

/// Says where everything is.
fn introduce(running: &Running, domain: &str, out: &mut Output) -> std::io::Result<()> {
    if out.is_json() {
        let (doors, files) = (running.addresses(), running.files());
        let document = json!({
            "domain": domain, "gateways": doors.gateways, "bootstrap": doors.bootstrap, "logs": doors.logs,
            "rest": doors.rest, "health": running.health_address(), "nodes": running.node_address(),
            "root_certificate": files.root_certificate, "admin_certificate": files.admin_certificate,
            "admin_key": files.admin_key, "setup_code": running.setup_code(), "database": running.database().to_string(),
        });
        writeln!(out, "{document}")?;
        return out.flush();
    }
    let (addresses, files) = (running.addresses(), running.files());
    writeln!(out, "orc8r serves {domain}")?;
    writeln!(out, "  gateways with a certificate     {}", addresses.gateways)?;
    writeln!(out, "  gateways without a certificate  {}", addresses.bootstrap)?;
    writeln!(out, "  events and logs of gateways     {}", addresses.logs)?;
    writeln!(out, "  REST API for operators          https://{}/magma/v1", addresses.rest)?;
    if let Some(health) = running.health_address() {
        writeln!(out, "  health                          http://{health}/readyz")?;
    }
    for (what, file) in [
        ("root, for gateways to trust    ", &files.root_certificate),
        ("authority of clients           ", &files.certifier_certificate),
        ("server certificate             ", &files.server_certificate),
        ("administrator's certificate    ", &files.admin_certificate),
        ("administrator's key            ", &files.admin_key),
    ] {
        let is_new = running.events().iter().any(|event| {
            event.path == *file && matches!(event.change, FileChange::Created | FileChange::Renewed)
        });
        let remark = match running.admin_key_problem() {
            Some(_) if *file == files.admin_key => "  (NOT USABLE: see the log)",
            _ if is_new => "  (new)",
            _ => "",
        };
        writeln!(out, "  {what} {}{remark}", file.display())?;
    }
    let store = running.database();
    writeln!(
        out,
        "  store                           {store}{}",
        if running.store_is_new() { "  (new)" } else { "" }
    )?;
    match running.first_operator() {
        FirstOperator::Created => {
            writeln!(out, "  The administrator's certificate is new: keep its key safe.")?
        }
        FirstOperator::Imported => writeln!(out, "  The administrator's certificate was accepted as it is.")?,
        FirstOperator::Unusable => writeln!(out, "  NOBODY CAN USE REST YET: see the log.")?,
        FirstOperator::Kept => {}
    }
    if let Some(code) = running.setup_code() {
        writeln!(
            out,
            "  Nobody can sign in at the console yet. Make the first user, with this code, which is good once:"
        )?;
        writeln!(out, "    https://controller.{domain}:{}/console/setup", addresses.rest.port())?;
        writeln!(out, "    {code}")?;
    }
    out.flush()
}
