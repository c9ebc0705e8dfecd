//! The flags that say whom alerts may reach.

use std::path::PathBuf;

use clap::Args;
use orc8r_alerts::Prefix;

use crate::config::AlertsConfig;

#[derive(Args)]
pub(super) struct AlertFlags {
    /// Addresses that are not public and may be told of alerts, such as 10.0.0.0/8 or 192.168.1.5
    ///
    /// Receivers of alerts are written by whoever may change a network, who should not reach what only the Orchestrator's
    /// machine reaches. Public addresses may always be told.
    #[arg(long, value_name = "ADDRESS[/LENGTH]")]
    alerts_may_reach: Vec<Prefix>,
    /// A file with authorities that vouch for who is told of alerts, beside the system's
    #[arg(long, value_name = "FILE")]
    alerts_ca_file: Option<PathBuf>,
}

impl AlertFlags {
    pub(super) fn config(&self) -> AlertsConfig {
        AlertsConfig { may_reach: self.alerts_may_reach.clone(), authorities: self.alerts_ca_file.clone() }
    }
}
