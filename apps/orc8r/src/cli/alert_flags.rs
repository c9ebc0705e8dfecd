//! The flags that say whom alerts may reach.

use std::path::PathBuf;

use clap::Args;
use orc8r_alerts::Prefix;

use crate::config::{AlertsConfig, PairConfig};
use crate::web_peer::{PeerFiles, engine_url};

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
    /// Have an existing Prometheus evaluate alert rules, and an existing Alertmanager tell: write rule files here
    ///
    /// Prometheus reads them with rule_files: [FOLDER/*_rules.yml].
    #[arg(long, value_name = "FOLDER", requires_all = ["alert_rules_reload", "alertmanager_file", "alertmanager"])]
    alert_rules_folder: Option<PathBuf>,
    /// What makes that Prometheus read them again, such as http://prometheus:9090/-/reload
    #[arg(long, value_name = "URL", requires = "alert_rules_folder", value_parser = engine_url)]
    alert_rules_reload: Option<String>,
    /// The file that the existing Alertmanager reads; it is written anew
    #[arg(long, value_name = "FILE", requires = "alert_rules_folder")]
    alertmanager_file: Option<PathBuf>,
    /// Where the existing Alertmanager is, such as http://alertmanager:9093
    #[arg(long, value_name = "URL", requires = "alert_rules_folder", value_parser = engine_url)]
    alertmanager: Option<String>,
    /// A file with the value of the header Authorization that both of them want
    #[arg(long, value_name = "FILE", requires = "alert_rules_folder")]
    alertmanager_authorization_file: Option<PathBuf>,
}

impl AlertFlags {
    pub(super) fn config(&self) -> AlertsConfig {
        AlertsConfig {
            may_reach: self.alerts_may_reach.clone(),
            authorities: self.alerts_ca_file.clone(),
            pair: self.pair(),
        }
    }

    fn pair(&self) -> Option<PairConfig> {
        Some(PairConfig {
            rules_folder: self.alert_rules_folder.clone()?,
            rules_reload: self.alert_rules_reload.clone()?,
            alertmanager_file: self.alertmanager_file.clone()?,
            alertmanager: self.alertmanager.clone()?,
            files: PeerFiles {
                authorization: self.alertmanager_authorization_file.clone(),
                authorities: self.alerts_ca_file.clone(),
            },
        })
    }
}
