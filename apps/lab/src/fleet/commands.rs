//! Commands to the fleet: pings by REST, which go through SyncRPC, so many a second.

use super::enrolment::pace;
use super::recorder::{Kind, Recorder};
use crate::rest::Rest;
use anyhow::{Result, ensure};
use serde_json::json;
use std::sync::Arc;
use std::time::Instant;
use tokio::task::JoinSet;

/// Commands that may wait for their answer; further ones wait for these, which the rate shows.
const AT_ONCE: usize = 512;

/// Sends them for ever, to one gateway after the other, over these connections in turn.
pub async fn send(
    rests: Vec<Rest>,
    network: String,
    gateways: Vec<String>,
    rate: u32,
    recorder: Arc<Recorder>,
) {
    let Some(mut pace) = pace(rate) else { return };
    let mut tasks = JoinSet::new();
    for (rest, gateway) in rests.iter().cycle().zip(gateways.iter().cycle()) {
        pace.tick().await;
        while tasks.len() >= AT_ONCE {
            tasks.join_next().await;
        }
        while tasks.try_join_next().is_some() {}
        let path = format!("/networks/{network}/gateways/{gateway}/command/ping");
        let (rest, recorder) = (rest.clone(), recorder.clone());
        tasks.spawn(async move {
            let began = Instant::now();
            recorder.ended(Kind::Command, began, ping(&rest, &path).await);
        });
    }
}

async fn ping(rest: &Rest, path: &str) -> Result<()> {
    let answer = rest.call("POST", path, Some(&json!({"hosts": ["127.0.0.1"], "packets": 1}))).await?;
    ensure!(answer["pings"][0]["packets_received"] == 1, "the answer is {answer}");
    Ok(())
}
