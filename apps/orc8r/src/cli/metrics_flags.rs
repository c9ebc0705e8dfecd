//! The flags that say how much of metrics is kept, and where they go.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use orc8r_metrics::tsdb::Settings;

use crate::config::MetricsConfig;
use crate::web_peer::{PeerFiles, engine_url};

const DAY: u64 = 24 * 3600;

#[derive(Args)]
pub(super) struct MetricsFlags {
    /// For how many days metrics are kept
    #[arg(long, value_name = "DAYS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3650))]
    metrics_days: u32,
    /// How many megabytes of metrics are kept; the oldest go
    #[arg(long, value_name = "MEGABYTES", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(100..))]
    metrics_megabytes: u32,
    /// Send metrics to an existing engine, too, by Prometheus remote write, such as http://prometheus:9090/api/v1/write
    #[arg(long, value_name = "URL", value_parser = engine_url)]
    metrics_remote_write: Option<String>,
    /// Have an existing engine answer queries and alert rules, such as http://prometheus:9090; it must get the metrics
    /// of all nodes
    ///
    /// Prometheus, VictoriaMetrics, or another with Prometheus' HTTP API below this URL. Whoever asks sees his networks
    /// only: every selector of a query gets them.
    #[arg(long, value_name = "URL", value_parser = engine_url)]
    metrics_engine: Option<String>,
    /// A file with the value of the header Authorization that these engines want
    #[arg(long, value_name = "FILE")]
    metrics_authorization_file: Option<PathBuf>,
    /// A file with the authorities that vouch for these engines, instead of the system's
    #[arg(long, value_name = "FILE")]
    metrics_ca_file: Option<PathBuf>,
}

impl MetricsFlags {
    pub(super) fn config(&self) -> MetricsConfig {
        let settings = Settings {
            retention: Duration::from_secs(u64::from(self.metrics_days) * DAY),
            disk_bytes_max: u64::from(self.metrics_megabytes) * 1_000_000,
            ..Settings::default()
        };
        MetricsConfig {
            settings,
            remote_write: self.metrics_remote_write.clone(),
            engine: self.metrics_engine.clone(),
            files: PeerFiles {
                authorization: self.metrics_authorization_file.clone(),
                authorities: self.metrics_ca_file.clone(),
            },
        }
    }
}
