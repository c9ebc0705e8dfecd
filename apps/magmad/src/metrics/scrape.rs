//! Fetches the Prometheus text pages of other programs (`metric_scrape_targets`), each at an interval of its own.

use std::time::Duration;

use magma_config::ScrapeTarget;
use magma_metrics::text;
use magma_rpc::download;
use magma_rpc::tls::{ClientTls, TrustAnchors};
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::Trust;
use super::collect::now_ms;
use super::intake::Intake;
use crate::trust;

/// Octets of a page.
const PAGE_BYTES_MAX: usize = 4 << 20;

/// Fetches one page again and again.
pub(super) struct Scraper {
    target: ScrapeTarget,
    limit: Duration,
    trust: Trust,
    intake: Intake,
    fails: bool,
}

impl Scraper {
    pub fn new(target: ScrapeTarget, limit: Duration, trust: Trust, intake: Intake) -> Self {
        let limit = limit.min(target.interval);
        Self { target, limit, trust, intake, fails: false }
    }

    /// Fetches at once and then for ever.
    pub async fn run(mut self) {
        let mut rounds = interval(self.target.interval);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            rounds.tick().await;
            self.round().await;
        }
    }

    /// Fetches once, and keeps what is there.
    pub(super) async fn round(&mut self) {
        let fetched = timeout(self.limit, self.fetch()).await;
        let late = || Err(format!("the whole page did not come within {} s", self.limit.as_secs()));
        match fetched.unwrap_or_else(|_| late()) {
            Ok(body) => self.take(&body).await,
            Err(error) => self.failed(&error).await,
        }
    }

    async fn fetch(&self) -> Result<Vec<u8>, String> {
        let url = &self.target.url;
        let tls = self.tls()?;
        let page = download::get(url, &tls, None, 0, self.limit).await.map_err(|error| error.to_string())?;
        if page.status != 200 {
            return Err(format!("the answer is HTTP status {}", page.status));
        }
        let body = page.whole(PAGE_BYTES_MAX, self.limit).await.map_err(|error| error.to_string())?;
        body.ok_or_else(|| format!("the page is longer than {PAGE_BYTES_MAX} bytes"))
    }

    /// For https, what `control_proxy.yml` trusts; read each time, since it may be replaced.
    fn tls(&self) -> Result<ClientTls, String> {
        let anchors = match self.target.url.starts_with("https:") {
            true => trust::anchors(&self.trust.control_proxy, &self.trust.paths)
                .map_err(|error| error.to_string())?,
            false => TrustAnchors::usable_of_pem(&[]),
        };
        ClientTls::new(&anchors, None).map_err(|error| error.to_string())
    }

    async fn take(&mut self, body: &[u8]) {
        let page = text::parse(&String::from_utf8_lossy(body), now_ms());
        let (target, skipped) = (self.target.name.as_str(), page.skipped);
        if page.families.is_empty() && skipped > 0 {
            return self.failed("it is no page of metrics in the Prometheus text format").await;
        }
        if skipped > 0 {
            tracing::debug!(target, skipped, "lines of a metrics page are no samples");
        }
        if std::mem::take(&mut self.fails) {
            tracing::info!(target, "the metrics of a program can be fetched again");
        }
        let collected = self.intake.of_page(&self.target.name, page.families);
        self.intake.keep(collected).await;
    }

    async fn failed(&mut self, error: &str) {
        let ScrapeTarget { name, url, .. } = &self.target;
        if std::mem::replace(&mut self.fails, true) {
            tracing::debug!(target = name, url, error, "the metrics of a program still cannot be fetched");
        } else {
            tracing::warn!(target = name, url, error, "the metrics of a program cannot be fetched");
        }
        // What was true before is not shown as if it were true now.
        let nothing = self.intake.of_page(name, Vec::new());
        self.intake.keep(nothing).await;
    }
}
