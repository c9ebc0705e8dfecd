//! Work for a gateway: commands from the cloud, and calls of its services to the cloud, as many as it must carry.

use crate::cloud::Cloud;
use crate::gateway::Gateway;
use anyhow::{Context, Result, bail};
use magma_rpc::channel::{Channel, Connection, Endpoint, Transport};
use magma_rpc::forward;
use serde_json::json;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior, interval};

/// Commands under way at any time, each a SyncRPC request.
const COMMANDS_AT_ONCE: usize = 50;
/// Calls to the cloud through the gateway's control proxy: so many every [`PACE`].
const CALLS_PER_PACE: usize = 10;
/// A thousand calls a second.
const PACE: Duration = Duration::from_millis(10);
/// Calls that may wait for their answer: a gateway that falls behind is not buried.
const CALLS_AT_ONCE: usize = 200;
/// A call that costs the cloud little: which states has it not got, of none.
const CALL: &str = "/magma.orc8r.StateService/SyncStates";
/// One gRPC message without contents.
const EMPTY_MESSAGE: [u8; 5] = [0; 5];

/// What was carried.
pub struct Done {
    /// Commands that were answered.
    pub commands: u64,
    /// Calls through the proxy that were answered.
    pub proxied: u64,
}

/// Keeps the gateway busy for `time`.
pub async fn put_on(cloud: &Cloud, gateway: &Gateway, time: Duration) -> Result<Done> {
    let end = Instant::now() + time;
    let (commands, proxied) = (Cell::new(0), Cell::new(0));
    let commanding = join_all((0..COMMANDS_AT_ONCE).map(|_| command(cloud, &gateway.id, end, &commands)));
    let calling = call_through_proxy(cloud, gateway.proxy_port, end, &proxied);
    tokio::try_join!(commanding, calling)?;
    Ok(Done { commands: commands.get(), proxied: proxied.get() })
}

async fn command(cloud: &Cloud, gateway: &str, end: Instant, count: &Cell<u64>) -> Result<()> {
    let path = crate::story::command_path(gateway, "generic");
    let echo = json!({"command": "echo", "params": {"shell_params": ["work"]}});
    while Instant::now() < end {
        let answer = cloud.call("POST", &path, Some(&echo)).await?;
        if answer["response"]["returncode"] != 0.0 {
            bail!("a command under load answered {answer}");
        }
        count.set(count.get() + 1);
    }
    Ok(())
}

async fn call_through_proxy(cloud: &Cloud, port: u16, end: Instant, count: &Cell<u64>) -> Result<()> {
    let host = "127.0.0.1".to_owned();
    let endpoint = Endpoint { server_name: host.clone(), host, port, transport: Transport::Plain };
    let connection = Connection::new(endpoint);
    let channel = connection.channel(&format!("state-controller.{}", cloud.domain()));
    let mut calls = tokio::task::JoinSet::new();
    let mut pace = interval(PACE);
    pace.set_missed_tick_behavior(MissedTickBehavior::Burst);
    while Instant::now() < end {
        pace.tick().await;
        while calls.len() > CALLS_AT_ONCE - CALLS_PER_PACE {
            collect(calls.join_next().await, count)?;
        }
        for _ in 0..CALLS_PER_PACE {
            calls.spawn(call(channel.clone()));
        }
    }
    while let Some(ended) = calls.join_next().await {
        collect(Some(ended), count)?;
    }
    Ok(())
}

fn collect(ended: Option<Result<Result<()>, tokio::task::JoinError>>, count: &Cell<u64>) -> Result<()> {
    ended.context("no call is under way")??.context("a call through the control proxy")?;
    count.set(count.get() + 1);
    Ok(())
}

async fn call(channel: Channel) -> Result<()> {
    let headers = [("content-type", "application/grpc"), ("te", "trailers")];
    let headers: BTreeMap<_, _> = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let mut answer = forward::call(&channel, CALL, &headers, EMPTY_MESSAGE.to_vec()).await?;
    let mut status = answer.headers.get("grpc-status").cloned();
    while let Some(frame) = answer.body.frame().await {
        if let forward::ForwardFrame::Trailers(trailers) = frame? {
            status = trailers.get("grpc-status").cloned();
        }
    }
    match status.as_deref() {
        Some("0") => Ok(()),
        other => bail!("HTTP {}, gRPC status {other:?}", answer.status),
    }
}

/// Awaits all, or the first that fails.
async fn join_all(futures: impl Iterator<Item = impl Future<Output = Result<()>>>) -> Result<()> {
    let mut all: Vec<_> = futures.map(Box::pin).collect();
    std::future::poll_fn(|context| {
        let mut error = None;
        all.retain_mut(|future| match future.as_mut().poll(context) {
            std::task::Poll::Pending => true,
            std::task::Poll::Ready(Ok(())) => false,
            std::task::Poll::Ready(Err(failed)) => {
                error = Some(failed);
                false
            }
        });
        match error {
            Some(error) => std::task::Poll::Ready(Err(error)),
            None if all.is_empty() => std::task::Poll::Ready(Ok(())),
            None => std::task::Poll::Pending,
        }
    })
    .await
}
