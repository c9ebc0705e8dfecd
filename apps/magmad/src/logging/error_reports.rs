//! Tells errors of the log to a Sentry, while `sentry_url_python` in control_proxy.yml or the cloud's `shared_mconfig`
//! names one.
//!
//! Not told is what only says that the cloud cannot be reached, as with Magma's agents, and each place in the program
//! tells once in ten minutes. Identities are masked. A report that cannot be delivered is dropped and counted
//! (`error_reports_dropped`, and in the next report): its line stays in the log.

mod dsn;
mod exclusion;
mod order;

use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use magma_config::{ControlProxy, GatewayConfig, Paths};
use magma_rpc::http_post::{Posted, post};
use magma_rpc::tls::{ClientTls, TrustAnchors};
use magma_service303::Counter;
use serde_json::json;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use self::dsn::Dsn;
use self::order::{Order, Wanted};
use super::{LogControl, LoggedError};
use crate::http_proxies::HttpProxies;
use crate::managed_config::Live;
use crate::remote::audit::masked;
use crate::satellites::Context;
use crate::shutdown::Shutdown;
use crate::supervise::Task;
use crate::trust;

/// Errors that wait to be told; more are not told.
const WAITING_MAX: usize = 16;
/// How long a place in the program is silent after it was told of.
const SILENCE: Duration = Duration::from_secs(600);
/// The pause after a report that did not arrive, and how short or long the pause is that a Sentry may ask for.
const PAUSE: Duration = Duration::from_secs(60);
const PAUSE_MIN: Duration = Duration::from_secs(1);
const PAUSE_MAX: Duration = Duration::from_secs(3600);
const DELIVERY_LIMIT: Duration = Duration::from_secs(20);
/// What says, with an error, no more than that the cloud is away.
const OF_THE_CLOUD: [&str; 5] = [
    "magmad::bootstrap",
    "magmad::checkin",
    "magmad::config_stream::poll",
    "magmad::metrics::upload",
    "magmad::sync_rpc",
];

/// The task that tells.
pub struct ErrorReports {
    hardware_id: String,
    version: String,
    paths: Paths,
    /// Taken with `allow_http_proxy`.
    proxies: HttpProxies,
    settings: watch::Receiver<Arc<GatewayConfig>>,
    managed: watch::Receiver<Arc<Live>>,
    log: LogControl,
    /// From the first time on that a Sentry is named.
    errors: Option<mpsc::Receiver<LoggedError>>,
    /// Errors that found no room there.
    missed: Arc<AtomicU64>,
    told: BTreeMap<(&'static str, u32), Instant>,
    fails: bool,
    /// When the next may be told.
    next: Instant,
    /// Errors that were to be told and were not, since the last that was.
    untold: u64,
    dropped: Counter,
}

impl ErrorReports {
    /// The task of a gateway, if the agent has the log to itself.
    pub fn new(context: &Context, version: &str, proxies: &HttpProxies) -> Option<Self> {
        Some(Self {
            hardware_id: context.hardware_id.as_str().to_owned(),
            version: version.to_owned(),
            paths: context.paths.clone(),
            proxies: proxies.clone(),
            settings: context.settings.clone(),
            managed: context.managed.subscribe(),
            log: context.log.clone()?,
            errors: None,
            missed: Arc::default(),
            told: BTreeMap::new(),
            fails: false,
            next: Instant::now(),
            untold: 0,
            dropped: context.registry.counter("error_reports_dropped"),
        })
    }

    fn wanted(&mut self) -> Wanted {
        Wanted::of(&self.settings.borrow_and_update().control_proxy, &self.managed.borrow_and_update())
    }

    /// Tells what is wanted, until it is dropped. What is being told is told to its end, whatever is wanted by then.
    async fn work(&mut self) {
        let mut wanted = self.wanted();
        let mut order = self.begin(&wanted);
        loop {
            tokio::select! {
                biased;
                Ok(()) = self.settings.changed() => {}
                Ok(()) = self.managed.changed() => {}
                error = next(&mut self.errors, self.next) => {
                    if let Some(order) = &order {
                        self.take(order, error).await;
                    }
                    continue;
                }
            }
            // The cloud sends the same configuration again and again.
            let now = self.wanted();
            if now != wanted {
                order = self.begin(&now);
                wanted = now;
            }
        }
    }

    fn begin(&mut self, wanted: &Wanted) -> Option<Order> {
        let order = wanted.order()?;
        (self.next, self.fails) = (Instant::now(), false);
        if self.errors.is_none() {
            let (sender, errors) = mpsc::channel(WAITING_MAX);
            self.log.watch_errors(sender, self.missed.clone());
            self.errors = Some(errors);
        }
        Some(order)
    }

    async fn take(&mut self, order: &Order, error: LoggedError) {
        let missed = self.missed.swap(0, Ordering::Relaxed);
        self.drop_count(missed);
        if self.is_told(order, &error, Instant::now()) {
            let pause = self.tell(order, error).await;
            self.next = Instant::now() + pause;
        }
    }

    fn drop_count(&mut self, count: u64) {
        self.untold += count;
        self.dropped.add(count);
    }

    fn is_told(&mut self, order: &Order, error: &LoggedError, now: Instant) -> bool {
        let of_cloud = OF_THE_CLOUD.iter().any(|module| error.module.starts_with(module));
        let silent = self.told.get(&error.place).is_some_and(|told| now < *told + SILENCE);
        if of_cloud || silent || order.exclusions.iter().any(|exclusion| exclusion.covers(&error.message)) {
            return false;
        }
        self.told.insert(error.place, now);
        (random() as f64) < order.share * u64::MAX as f64
    }

    fn envelope(&self, error: &LoggedError) -> Vec<u8> {
        let id = format!("{:016x}{:016x}", random(), random());
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let mut event = json!({
            "event_id": id, "timestamp": seconds, "platform": "other", "level": "error", "logger": error.module,
            "release": self.version, "message": { "formatted": masked(&error.message) },
            "tags": {
                "orc8r_cloud_address": self.settings.borrow().control_proxy.cloud_address,
                "hwid": self.hardware_id, "service_name": "magmad",
            },
        });
        if self.untold > 0 {
            event["extra"] = json!({ "errors_not_reported_before": self.untold });
        }
        let event = event.to_string();
        let length = event.len();
        format!("{{\"event_id\":\"{id}\"}}\n{{\"type\":\"event\",\"length\":{length}}}\n{event}\n")
            .into_bytes()
    }

    async fn deliver(&self, dsn: &Dsn, envelope: Vec<u8>) -> Result<Posted, String> {
        let control_proxy = self.settings.borrow().control_proxy.clone();
        let tls = self.tls(&control_proxy, dsn)?;
        let proxy = match control_proxy.allow_http_proxy {
            true => self.proxies.toward(&dsn.host, dsn.port).map_err(|error| error.to_string())?,
            false => None,
        };
        let auth = format!("Sentry sentry_version=7, sentry_client=magmad/1.0, sentry_key={}", dsn.key);
        let headers = [("content-type", "application/x-sentry-envelope"), ("x-sentry-auth", auth.as_str())];
        let posted = post(&dsn.url, &tls, proxy.as_ref(), &headers, envelope, DELIVERY_LIMIT).await;
        posted.map_err(|error| error.to_string())
    }

    /// A Sentry on the internet has its certificate from an authority that the machine trusts; one without TLS needs none.
    fn tls(&self, control_proxy: &ControlProxy, dsn: &Dsn) -> Result<ClientTls, String> {
        let wide = ControlProxy { trust_system_cas: true, ..control_proxy.clone() };
        let anchors = match dsn.url.starts_with("https:") {
            true => {
                trust::anchors(&wide, &self.paths).or_else(|_| trust::anchors(control_proxy, &self.paths))
            }
            false => Ok(TrustAnchors::usable_of_pem(&[])),
        };
        ClientTls::new(&anchors.map_err(|error| error.to_string())?, None).map_err(|error| error.to_string())
    }

    /// Tells of one error; returns how long nothing more is to be told.
    async fn tell(&mut self, order: &Order, error: LoggedError) -> Duration {
        let (outcome, pause) = match self.deliver(&order.dsn, self.envelope(&error)).await {
            Ok(Posted { status: 200..=299, .. }) => (Ok(()), Duration::ZERO),
            Ok(Posted { status, retry_after }) => (
                Err(format!("HTTP status {status}")),
                retry_after.unwrap_or(PAUSE).clamp(PAUSE_MIN, PAUSE_MAX),
            ),
            Err(why) => (Err(why), PAUSE),
        };
        let failed_before = std::mem::replace(&mut self.fails, outcome.is_err());
        match outcome {
            Ok(()) => self.untold = 0,
            Err(why) => {
                self.drop_count(1);
                if !failed_before {
                    tracing::warn!("an error cannot be told to Sentry at {}: {why}", order.dsn.host);
                }
            }
        }
        pause
    }
}

impl Task for ErrorReports {
    async fn run(&mut self, mut shutdown: Shutdown) -> anyhow::Result<()> {
        tokio::select! {
            () = shutdown.wait() => {}
            () = self.work() => {}
        }
        Ok(())
    }
}

/// The next error that may be told, not before `from`; never while nobody watches.
async fn next(errors: &mut Option<mpsc::Receiver<LoggedError>>, from: Instant) -> LoggedError {
    tokio::time::sleep_until(from).await;
    match errors {
        Some(errors) => match errors.recv().await {
            Some(error) => error,
            // Another agent of this process has the log.
            None => std::future::pending().await,
        },
        None => std::future::pending().await,
    }
}

/// A number that nobody foresees; nothing secret depends on it.
fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests;
