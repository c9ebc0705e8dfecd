//! Commands to the fleet: pings through SyncRPC, so many a second.
//!
//! A command's time counts from when its turn was, not from when it could be sent: when the Orchestrator stops for a
//! moment, all commands whose turn comes meanwhile have waited, and the percentiles show it.

use super::enrolment::pace;
use super::node::Node;
use super::recorder::{Kind, Recorder};
use crate::rest::Rest;
use anyhow::{Result, ensure};
use magma_identity::HardwareId;
use serde_json::json;
use std::sync::Arc;
use tokio::task::JoinSet;

/// Commands that may wait for their answer; further ones wait for these, which rate and times show.
const AT_ONCE: usize = 512;

/// How commands come to the Orchestrator.
#[derive(Clone)]
pub enum Source {
    /// By REST, in this network.
    Rest(Rest, Arc<str>),
    /// From another node.
    Node(Arc<Node>),
}

/// Who is told to ping.
#[derive(Clone)]
pub struct Target {
    /// Its id in the network.
    pub id: String,
    /// Its device.
    pub hardware_id: HardwareId,
}

/// Sends them for ever, to one gateway after the other, from these sources in turn.
pub async fn send(sources: Vec<Source>, targets: Vec<Target>, rate: u32, recorder: Arc<Recorder>) {
    let Some(mut pace) = pace(rate) else { return };
    let mut tasks = JoinSet::new();
    for (source, target) in sources.iter().cycle().zip(targets.iter().cycle()) {
        let began = pace.tick().await.into_std();
        while tasks.len() >= AT_ONCE {
            tasks.join_next().await;
        }
        while tasks.try_join_next().is_some() {}
        let (source, target, recorder) = (source.clone(), target.clone(), recorder.clone());
        tasks.spawn(async move {
            recorder.ended(Kind::Command, began, source.ping(&target).await);
        });
    }
}

impl Source {
    async fn ping(&self, target: &Target) -> Result<()> {
        let (rest, network) = match self {
            Self::Rest(rest, network) => (rest, network),
            Self::Node(node) => return node.ping(&target.hardware_id).await,
        };
        let path = format!("/networks/{network}/gateways/{}/command/ping", target.id);
        let answer = rest.call("POST", &path, Some(&json!({"hosts": ["127.0.0.1"], "packets": 1}))).await?;
        ensure!(answer["pings"][0]["packets_received"] == 1, "the answer is {answer}");
        Ok(())
    }
}
