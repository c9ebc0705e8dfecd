//! Tells errors of the log to a Sentry, if `sentry_url_python` in control_proxy.yml or the cloud's `shared_mconfig` names
//! one when the agent starts.
//!
//! Not told is what only says that the cloud cannot be reached, as with Magma's agents, and each place in the program
//! tells once in ten minutes. Identities are masked. A report that cannot be delivered is dropped: its line stays in the
//! log.

mod dsn;
mod exclusion;

use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use magma_config::{ControlProxy, Paths};
use magma_rpc::http_post::post;
use magma_rpc::tls::ClientTls;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::Instant;

use self::dsn::Dsn;
use self::exclusion::Exclusion;
use super::{LogControl, LoggedError};
use crate::http_proxies::HttpProxies;
use crate::managed_config::Live;
use crate::remote::audit::masked;
use crate::shutdown::Shutdown;
use crate::supervise::Task;
use crate::trust;

/// Errors that wait to be told; more are not told.
const WAITING_MAX: usize = 16;
/// How long a place in the program is silent after it was told of.
const SILENCE: Duration = Duration::from_secs(600);
/// The longest pause after a Sentry that has enough of us.
const PAUSE: Duration = Duration::from_secs(60);
const DELIVERY_LIMIT: Duration = Duration::from_secs(20);
/// What says, with an error, no more than that the cloud is away.
const OF_THE_CLOUD: [&str; 5] = [
    "magmad::bootstrap",
    "magmad::checkin",
    "magmad::config_stream::poll",
    "magmad::metrics::upload",
    "magmad::sync_rpc",
];

/// What reports say of the gateway, and how they get out of it.
pub struct Gateway {
    /// Its hardware id.
    pub hardware_id: String,
    /// The version that runs.
    pub version: String,
    /// Where its cloud and its Sentry are.
    pub control_proxy: ControlProxy,
    /// Where its files are.
    pub paths: Paths,
    /// Taken with `allow_http_proxy`.
    pub proxies: HttpProxies,
}

/// The task that tells.
pub struct ErrorReports {
    gateway: Gateway,
    dsn: Dsn,
    /// Which part of the errors is told.
    share: f64,
    exclusions: Vec<Exclusion>,
    errors: mpsc::Receiver<LoggedError>,
    told: BTreeMap<(&'static str, u32), Instant>,
    fails: bool,
}

impl ErrorReports {
    /// The task for the errors of `log`, if a Sentry is named.
    pub fn new(gateway: Gateway, live: &Live, log: &LogControl) -> Option<Self> {
        let shared = live.mconfig.get("shared_mconfig");
        let setting = |camel: &str, snake: &str| {
            let sentry = shared.and_then(|entry| entry.get("sentryConfig").or(entry.get("sentry_config")))?;
            sentry.get(camel).or(sentry.get(snake)).cloned()
        };
        let of_cloud = || setting("dsnPython", "dsn_python").and_then(|dsn| Some(dsn.as_str()?.to_owned()));
        let text =
            gateway.control_proxy.sentry_url.clone().or_else(of_cloud).filter(|dsn| !dsn.is_empty())?;
        let dsn = Dsn::parse(&text)
            .inspect_err(|why| {
                tracing::warn!("errors are not told to Sentry: its address cannot be used: {why}")
            })
            .ok()?;
        let shared_rate = setting("sampleRate", "sample_rate").and_then(|rate| rate.as_f64());
        let share = gateway.control_proxy.sentry_sample_rate.or(shared_rate).unwrap_or(1.0);
        let patterns = setting("exclusionPatterns", "exclusion_patterns").unwrap_or_default();
        let exclusions = patterns.as_array().into_iter().flatten().filter_map(Value::as_str);
        let exclusions = exclusions.filter_map(|pattern| {
            let read = Exclusion::parse(pattern);
            if read.is_none() {
                tracing::warn!(
                    pattern,
                    "a pattern of errors that Sentry is not told is of a kind that is not understood"
                );
            }
            read
        });
        let exclusions = exclusions.collect();
        let (sender, errors) = mpsc::channel(WAITING_MAX);
        log.watch_errors(sender);
        Some(Self { gateway, dsn, share, exclusions, errors, told: BTreeMap::new(), fails: false })
    }

    fn is_told(&mut self, error: &LoggedError, now: Instant) -> bool {
        let of_cloud = OF_THE_CLOUD.iter().any(|module| error.module.starts_with(module));
        let silent = self.told.get(&error.place).is_some_and(|told| now < *told + SILENCE);
        if of_cloud || silent || self.exclusions.iter().any(|exclusion| exclusion.covers(&error.message)) {
            return false;
        }
        self.told.insert(error.place, now);
        (random() as f64) < self.share * u64::MAX as f64
    }

    fn envelope(&self, error: &LoggedError) -> Vec<u8> {
        let Gateway { hardware_id, version, control_proxy, .. } = &self.gateway;
        let id = format!("{:016x}{:016x}", random(), random());
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let event = json!({
            "event_id": id, "timestamp": seconds, "platform": "other", "level": "error", "logger": error.module,
            "release": version, "message": { "formatted": masked(&error.message) },
            "tags": {
                "orc8r_cloud_address": control_proxy.cloud_address, "hwid": hardware_id, "service_name": "magmad",
            },
        })
        .to_string();
        let length = event.len();
        format!("{{\"event_id\":\"{id}\"}}\n{{\"type\":\"event\",\"length\":{length}}}\n{event}\n")
            .into_bytes()
    }

    async fn deliver(&self, envelope: Vec<u8>) -> Result<u16, String> {
        let Gateway { control_proxy, paths, proxies, .. } = &self.gateway;
        // A Sentry on the internet has its certificate from an authority that the machine trusts.
        let wide = ControlProxy { trust_system_cas: true, ..control_proxy.clone() };
        let anchors = trust::anchors(&wide, paths).or_else(|_| trust::anchors(control_proxy, paths));
        let tls =
            ClientTls::new(&anchors.map_err(|error| error.to_string())?, None).map_err(|e| e.to_string())?;
        let proxy = match control_proxy.allow_http_proxy {
            true => proxies.toward(&self.dsn.host, self.dsn.port).map_err(|error| error.to_string())?,
            false => None,
        };
        let auth = format!("Sentry sentry_version=7, sentry_client=magmad/1.0, sentry_key={}", self.dsn.key);
        let headers = [("content-type", "application/x-sentry-envelope"), ("x-sentry-auth", auth.as_str())];
        let posted = post(&self.dsn.url, &tls, proxy.as_ref(), &headers, envelope, DELIVERY_LIMIT).await;
        posted.map_err(|error| error.to_string())
    }

    /// Tells of one error; returns how long nothing more is to be told.
    async fn tell(&mut self, error: LoggedError) -> Duration {
        let outcome = match self.deliver(self.envelope(&error)).await {
            Ok(200..=299) => Ok(()),
            Ok(status) => Err(format!("HTTP status {status}")),
            Err(why) => Err(why),
        };
        let failed_before = std::mem::replace(&mut self.fails, outcome.is_err());
        if let (Err(why), false) = (&outcome, failed_before) {
            tracing::warn!("an error cannot be told to Sentry at {}: {why}", self.dsn.host);
        }
        if outcome.is_ok() { Duration::ZERO } else { PAUSE }
    }
}

impl Task for ErrorReports {
    async fn run(&mut self, mut shutdown: Shutdown) -> anyhow::Result<()> {
        let telling = async {
            while let Some(error) = self.errors.recv().await {
                if self.is_told(&error, Instant::now()) {
                    let pause = self.tell(error).await;
                    tokio::time::sleep(pause).await;
                }
            }
        };
        tokio::select! {
            () = shutdown.wait() => {}
            () = telling => {}
        }
        Ok(())
    }
}

/// A number that nobody foresees; nothing secret depends on it.
fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests;
