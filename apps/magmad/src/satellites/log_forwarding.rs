//! Log forwarding in the agent's own process, in place of `td-agent-bit`: what services and files say goes to the cloud's
//! `fluentd_address`, with the gateway's certificate.

use std::collections::BTreeMap;
use std::future::Future;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use magma_config::{EmbeddedService, GatewayConfig, Profile};
use magma_fluent::{
    Buffer, Count, Dial, Follower, Happened, Intake, Output, Settings, Stream, Timings, serve_forward,
    serve_json, serve_syslog,
};
use magma_rpc::server::Router;
use magma_service303::Registry;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::Context;
use crate::agent::local_server::LocalServer;
use crate::cloud::Cloud;
use crate::shutdown::Shutdown;
use crate::supervise::Task;

/// The entry of `gateway.mconfig`, and the service's name.
const ENTRY: &str = "td-agent-bit";
/// Where records wait.
const FOLDER: &str = "/var/opt/magma/queue/td-agent-bit";
/// The tag of events, as in Magma.
const EVENTS: &str = "eventd";
/// The port when `control_proxy.yml` does not say.
const FLUENTD_PORT: u16 = 24224;
/// How long records are gathered on a link that is slow and dear: fewer, larger messages.
const GATHER_LOW_BANDWIDTH: Duration = Duration::from_secs(15);
/// The pause before a port is tried again that another program has.
const LISTEN_PAUSE: Duration = Duration::from_secs(30);

/// The task that forwards.
pub struct LogForwarding {
    forwarding: Forwarding,
    /// Its `Service303`.
    server: Option<LocalServer>,
}

struct Forwarding {
    context: Context,
    intake: Intake,
    buffer: Arc<Buffer>,
    count: Count,
}

impl LogForwarding {
    /// The forwarding of a gateway; records wait from now on.
    ///
    /// # Errors
    /// When the buffer's bound is nothing.
    pub fn new(context: &Context) -> Result<Self> {
        let bytes_max = context.settings.borrow().magmad.log_forwarding.buffer_bytes_max as u64;
        let folder = context.paths.resolve(Path::new(FOLDER));
        let buffer =
            Arc::new(Buffer::open(&folder, bytes_max).context("buffer_mb of log_forwarding in magmad.yml")?);
        let (count, settings) = (count(&context.registry), settings(context));
        let intake = Intake::new(buffer.clone(), settings.labels, settings.limits, count.clone());
        // Nobody asks td-agent-bit how it is, unless the registry has an address to ask at.
        let registered = context.settings.borrow().registry.get(ENTRY).map(|address| address.port);
        let server = registered
            .map(|port| context.server(EmbeddedService::TdAgentBit, port, Router::new(), Registry::new()));
        Ok(Self { forwarding: Forwarding { context: context.clone(), intake, buffer, count }, server })
    }

    /// Where records of this process go.
    #[cfg(feature = "eventd")]
    pub fn intake(&self) -> Intake {
        self.forwarding.intake.clone()
    }
}

impl Forwarding {
    async fn run(&self) {
        let files = watch::Sender::new(BTreeMap::new());
        let places = self.context.paths.resolve(&Path::new(FOLDER).join("places.json"));
        let mut follower = Follower { intake: self.intake.clone(), files: files.subscribe(), places };
        tokio::join!(self.inputs(), self.output(), self.settings(files), follower.run());
    }

    async fn inputs(&self) {
        let (events, forward, syslog) = {
            let settings = self.context.settings.borrow();
            let forwarding = settings.magmad.log_forwarding;
            (settings.eventd.fluent_bit_port, forwarding.forward_port, forwarding.syslog_port)
        };
        let intake = || self.intake.clone();
        tokio::join!(
            input("fluent_bit_port in eventd.yml", events, |listener| serve_json(listener, EVENTS, intake())),
            input("forward_port of log_forwarding in magmad.yml", forward, |listener| serve_forward(
                listener,
                intake()
            )),
            input("syslog_port of log_forwarding in magmad.yml", syslog, |listener| serve_syslog(
                listener,
                intake()
            )),
        );
    }

    async fn output(&self) {
        let mut renewals = self.context.cloud.generations();
        // The certificate first; the sender lives in our own `cloud`, so this does not fail.
        renewals.wait_for(|generation| *generation > 0).await.ok();
        let dial = Fluentd { cloud: self.context.cloud.clone(), settings: self.context.settings.clone() };
        let (buffer, count) = (self.buffer.clone(), self.count.clone());
        let timings = match self.context.settings.borrow().magmad.profile {
            Profile::Standard => Timings::default(),
            Profile::LowBandwidth => Timings { gather: GATHER_LOW_BANDWIDTH, ..Timings::default() },
        };
        Output { buffer, dial, renewals, count, timings }.run().await;
    }

    /// Brings labels, limits and files in line with the configuration from the cloud.
    async fn settings(&self, files: watch::Sender<BTreeMap<PathBuf, String>>) {
        let mut managed = self.context.managed.subscribe();
        loop {
            let settings = settings(&self.context);
            self.intake.change(settings.labels, settings.limits);
            let resolved =
                settings.files.into_iter().map(|(path, tag)| (self.context.paths.resolve(&path), tag));
            let resolved: BTreeMap<PathBuf, String> = resolved.collect();
            files.send_if_modified(|files| {
                let changed = *files != resolved;
                *files = resolved;
                changed
            });
            if managed.changed().await.is_err() {
                return std::future::pending().await;
            }
        }
    }
}

impl Task for LogForwarding {
    async fn run(&mut self, mut shutdown: Shutdown) -> Result<()> {
        let forwarding = &self.forwarding;
        let (server, until) = (&mut self.server, shutdown.clone());
        let serving = async {
            match server {
                Some(server) => server.run(until).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = forwarding.run() => Ok(()),
            ended = serving => ended,
            () = shutdown.wait() => Ok(()),
        }
    }
}

/// Listens on loopback as soon as the port is free, and serves for ever. Port 0 is no input.
async fn input<F: Future<Output = ()>>(key: &str, port: u16, serve: impl FnOnce(TcpListener) -> F) {
    if port == 0 {
        return;
    }
    loop {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
            Ok(listener) => return serve(listener).await,
            Err(error) => {
                tracing::error!(
                    "cannot listen on {port} ({error}); does another td-agent-bit run there? see {key}"
                );
                tokio::time::sleep(LISTEN_PAUSE).await;
            }
        }
    }
}

/// What the cloud says of this gateway's forwarding now.
fn settings(context: &Context) -> Settings {
    let live = context.managed.current();
    let settings = context.settings.borrow();
    let (proxy, magmad) = (&settings.control_proxy, &settings.magmad);
    let keys = [&proxy.gateway_key, &proxy.gateway_cert, &magmad.challenge_key];
    let mut private: Vec<PathBuf> = keys.iter().filter_map(|key| Some(key.parent()?.to_owned())).collect();
    // Where a link leads to, too: on many boxes, /var/opt is one.
    private.extend(private.clone().into_iter().filter_map(|folder| folder.canonicalize().ok()));
    Settings::of_entry(live.mconfig.get(ENTRY), context.hardware_id.as_str(), &private)
}

/// The counters of what happens to records. They are the agent's own: nobody asks td-agent-bit for metrics.
fn count(registry: &Registry) -> Count {
    let [stored, sent, refused, throttled, lost] = [
        "log_records_received",
        "log_records_sent",
        "log_records_refused",
        "log_records_throttled",
        "log_records_dropped",
    ]
    .map(|name| registry.counter(name));
    Arc::new(move |happened, count| match happened {
        Happened::Stored => stored.add(count),
        Happened::Sent => sent.add(count),
        Happened::Refused => refused.add(count),
        Happened::Throttled => throttled.add(count),
        Happened::Lost => lost.add(count),
    })
}

/// The cloud's end, as `control_proxy.yml` says at the time of each connection.
struct Fluentd {
    cloud: Cloud,
    settings: watch::Receiver<Arc<GatewayConfig>>,
}

impl Dial for Fluentd {
    async fn dial(&self) -> Result<Box<dyn Stream>, String> {
        let (address, port) = {
            let settings = self.settings.borrow();
            (settings.control_proxy.fluentd_address.clone(), settings.control_proxy.fluentd_port)
        };
        let Some(address) = address else {
            return Err("control_proxy.yml has no fluentd_address; add `fluentd_address: fluentd.<domain>`"
                .to_owned());
        };
        Ok(Box::new(self.cloud.stream(&address, port.unwrap_or(FLUENTD_PORT)).await?))
    }
}
