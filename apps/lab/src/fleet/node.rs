//! The lab as a further node of its own Orchestrator: it calls gateways as a node does that has not got their streams,
//! without REST before it.

use crate::cloud::DOMAIN;
use anyhow::{Context, Result};
use magma_identity::HardwareId;
use orc8r_ca::{CertificateAuthorities, DomainName};
use orc8r_metrics::Metrics;
use orc8r_metrics::promql::Limits;
use orc8r_metrics::tsdb::{Settings, Tsdb};
use orc8r_southbound::{Clock, GatewayAddress, Southbound};
use orc8r_store::Store;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use wire_orc8r::orc8r::PingParams;

/// No other node calls here: no gateway's stream ends in the lab.
const NOWHERE: &str = "127.0.0.1:1";

/// The lab among the nodes, until it is dropped.
pub struct Node {
    southbound: Southbound,
    /// It ends with its sender.
    _upkeep: (watch::Sender<bool>, JoinHandle<()>),
    /// What a node needs a folder for, and this one leaves empty.
    _metrics: TempDir,
}

impl Node {
    /// Joins the Orchestrator whose data is in `folder`.
    pub async fn join(folder: &Path) -> Result<Self> {
        let store = Store::open(&folder.join("orc8r.db"))?;
        let domain = DomainName::parse(DOMAIN)?;
        let opened = CertificateAuthorities::open(&folder.join("certs"), &domain, SystemTime::now())?;
        let empty = tempfile::Builder::new().prefix("magma-fleet-node-").tempdir()?;
        let metrics = Metrics::new(Tsdb::open(empty.path(), Settings::default(), 0)?, Limits::default());
        let address = GatewayAddress { domain, cloud_port: 0, bootstrap_port: 0, logs_port: 0 };
        let authorities = Arc::new(opened.authorities);
        let southbound = Southbound::new(store, metrics, authorities, address, Clock::system());
        let nodes = southbound.join(NOWHERE.to_owned()).await?;
        let (stop, stopped) = watch::channel(false);
        let upkeep = tokio::spawn(nodes.keep_up(southbound.broker().clone(), stopped));
        Ok(Self { southbound, _upkeep: (stop, upkeep), _metrics: empty })
    }

    /// Has a gateway ping a host.
    pub async fn ping(&self, gateway: &HardwareId) -> Result<()> {
        let gateway = orc8r_model::HardwareId::parse(gateway.as_str())?;
        let host = PingParams { host_or_ip: "127.0.0.1".to_owned(), num_packets: 1 };
        let pings = self.southbound.broker().magmad(gateway).ping(vec![host]).await?;
        let ping = pings.first().context("there is no result in the answer")?;
        anyhow::ensure!(ping.packets_received == 1, "the answer is {ping:?}");
        Ok(())
    }
}
