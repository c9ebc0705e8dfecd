//! What `orc8r serve` is told about events and logs.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use orc8r_logs::ArchiveLimits;
use orc8r_store::ArchiveBounds;

use crate::export::{ExportAddress, ExportConfig};
use crate::web_peer::PeerFiles;

const DAY: Duration = Duration::from_secs(24 * 3600);

#[derive(Args)]
pub(super) struct Logs {
    /// How much space logs of gateways may take
    #[arg(long, value_name = "MIB", default_value_t = 2048, value_parser = clap::value_parser!(u64).range(4..))]
    logs_mib: u64,
    /// How long logs of gateways are kept
    #[arg(long, value_name = "DAYS", default_value_t = 14, value_parser = clap::value_parser!(u32).range(1..))]
    logs_days: u32,
    /// How much space events may take
    #[arg(long, value_name = "MIB", default_value_t = 512, value_parser = clap::value_parser!(u64).range(4..))]
    events_mib: u64,
    /// How long events are kept
    #[arg(long, value_name = "DAYS", default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..))]
    events_days: u32,
    /// How much of the disk stays free: below, the oldest logs and events go, and then no more are taken
    #[arg(long, value_name = "MIB", default_value_t = 256)]
    free_mib: u64,
    /// An engine that events and logs are passed on to: opensearch+https://HOST:PORT, or loki+https://HOST:PORT
    #[arg(long, value_name = "ENGINE+URL")]
    export_to: Vec<ExportAddress>,
    /// A file with the value of the header Authorization that these engines want
    #[arg(long, value_name = "FILE", requires = "export_to")]
    export_authorization_file: Option<PathBuf>,
    /// A file with the authorities that vouch for these engines, instead of the system's
    #[arg(long, value_name = "FILE", requires = "export_to")]
    export_ca_file: Option<PathBuf>,
}

impl Logs {
    pub(super) fn exports(&self) -> Vec<ExportConfig> {
        let config = |address: &ExportAddress| ExportConfig {
            address: address.clone(),
            files: PeerFiles {
                authorization: self.export_authorization_file.clone(),
                authorities: self.export_ca_file.clone(),
            },
        };
        self.export_to.iter().map(config).collect()
    }

    pub(super) fn limits(&self) -> ArchiveLimits {
        let bounds = |mib: u64, days: u32| ArchiveBounds {
            bytes: mib.saturating_mul(1 << 20),
            age: DAY.saturating_mul(days),
            reserve: self.free_mib.saturating_mul(1 << 20),
        };
        ArchiveLimits {
            events: bounds(self.events_mib, self.events_days),
            logs: bounds(self.logs_mib, self.logs_days),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        logs: Logs,
    }

    #[test]
    fn without_options_the_limits_are_those_of_the_library() {
        assert_eq!(Line::parse_from(["x"]).logs.limits(), ArchiveLimits::default());
        let line = Line::parse_from(["x", "--events-days", "7", "--logs-mib", "8"]);
        assert_eq!((line.logs.limits().events.age, line.logs.limits().logs.bytes), (7 * DAY, 8 << 20));
        assert!(Line::try_parse_from(["x", "--logs-days", "0"]).is_err());
        assert!(line.logs.exports().is_empty());
        let line = ["x", "--export-to", "loki+http://l:1", "--export-to", "opensearch+http://o:1"];
        assert_eq!(Line::parse_from(line).logs.exports().len(), 2);
        assert!(Line::try_parse_from(["x", "--export-to", "http://l:1"]).is_err());
    }
}
