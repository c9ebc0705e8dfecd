//! The door for the other nodes of this Orchestrator. There is none unless it was asked for.

use std::net::SocketAddr;

use magma_rpc::server::{Doorkeeper, serve_tls_within};
use magma_rpc::tls::ServerTls;
use orc8r_southbound::{Nodes, Southbound};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::config::NodeConfig;
use crate::running::{StartError, bind};

/// A door that is bound and does not serve yet.
pub(crate) struct NodeDoor {
    listener: TcpListener,
    address: String,
}

impl NodeDoor {
    pub(crate) async fn open(config: &NodeConfig) -> Result<Self, StartError> {
        let (listener, bound) = bind(config.listen, "nodes").await?;
        let address = match &config.address {
            Some(address) => address.clone(),
            None => reachable(bound)?,
        };
        Ok(Self { listener, address })
    }

    /// Serves until `stopped`, and tells the other nodes of this one until it has `left`.
    pub(crate) async fn serve(
        self,
        southbound: &Southbound,
        tls: ServerTls,
        (stopped, left): (&watch::Receiver<bool>, &watch::Receiver<bool>),
        keeper: Doorkeeper,
        (tasks, callers): (&mut JoinSet<()>, &mut JoinSet<()>),
    ) -> Result<Nodes, StartError> {
        let mut stop = stopped.clone();
        let wait = async move { stop.wait_for(|stop| *stop).await.map(drop).ok() };
        callers.spawn(serve_tls_within(self.listener, tls, keeper, southbound.node_door(), wait));
        let nodes = southbound.join(self.address.clone()).await?;
        tasks.spawn(nodes.clone().keep_up(southbound.broker().clone(), left.clone()));
        tracing::info!(node = nodes.id(), address = self.address, "this is one of several nodes");
        Ok(nodes)
    }
}

/// The address listened on, if others can use it.
fn reachable(bound: SocketAddr) -> Result<String, StartError> {
    if bound.ip().is_unspecified() {
        return Err(StartError::NodeAddress { listen: bound });
    }
    Ok(bound.to_string())
}
