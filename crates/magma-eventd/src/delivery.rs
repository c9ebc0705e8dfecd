//! Brings events to the local `td-agent-bit`: JSON objects, one a line, over one TCP connection that is kept.
//!
//! That protocol acknowledges nothing. So a batch counts as delivered only when the connection is still sound a moment
//! after it was written; a `td-agent-bit` that ends in between gets the batch again.
//! Deviation: Magma connects anew for each event, and writes no line end.

use std::time::Duration;

use magma_rpc::backoff::Backoff;
use magma_service303::Counter;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::queue::{Batch, DiskQueue};

const BATCH_BYTES: usize = 64 * 1024;

/// The intervals of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timings {
    /// The limit for connecting, and for writing: `tcp_timeout`.
    pub limit: Duration,
    /// How long a connection must stay sound after a batch.
    pub confirm: Duration,
    /// The pause after the first failure; it doubles from here.
    pub retry_first: Duration,
    /// The longest pause.
    pub retry_max: Duration,
}

impl Timings {
    /// The usual ones, with this `tcp_timeout`.
    pub fn with_limit(limit: Duration) -> Self {
        Self {
            limit,
            confirm: Duration::from_millis(500),
            retry_first: Duration::from_secs(1),
            retry_max: Duration::from_secs(60),
        }
    }
}

/// The way from the queue to `td-agent-bit`.
#[derive(Debug)]
pub struct Delivery {
    /// What is to be delivered.
    pub queue: DiskQueue,
    /// `fluent_bit_port`, on loopback.
    pub port: u16,
    /// Counts what was delivered.
    pub delivered: Counter,
    /// The intervals.
    pub timings: Timings,
}

impl Delivery {
    /// Delivers for ever.
    pub async fn run(&self) {
        let mut pauses = Backoff::new(self.timings.retry_first, self.timings.retry_max);
        let mut told = false;
        loop {
            self.queue.filled().await;
            let mut delivered = 0;
            let Err(reason) = self.session(&mut delivered).await else { continue };
            if delivered > 0 {
                pauses.reset();
                told = false;
            }
            let (pause, port) = (pauses.next(), self.port);
            let seconds = pause.as_secs_f32();
            if told {
                tracing::debug!("td-agent-bit takes no events: {reason}; next attempt in {seconds:.0} s");
            } else {
                told = true;
                tracing::warn!(
                    "events are kept here until td-agent-bit takes them on port {port}: {reason}; is it running?"
                );
            }
            tokio::time::sleep(pause).await;
        }
    }

    /// One connection; well when it was closed with nothing under way.
    async fn session(&self, delivered: &mut u64) -> Result<(), String> {
        let limit = self.timings.limit;
        let connecting = tokio::time::timeout(limit, TcpStream::connect(("127.0.0.1", self.port))).await;
        let mut stream = match connecting {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return Err(format!("cannot connect: {error}")),
            Err(_) => return Err(format!("no connection within {} s", limit.as_secs_f32())),
        };
        loop {
            let batch = self.queue.oldest(BATCH_BYTES).await;
            let batch = batch.map_err(|error| format!("the queue on disk: {error}"))?;
            if batch.events.is_empty() {
                tokio::select! {
                    () = self.queue.filled() => continue,
                    () = closed(&mut stream) => return Ok(()),
                }
            }
            self.write(&mut stream, &batch).await?;
            self.delivered.add(batch.events.len() as u64);
            *delivered += batch.events.len() as u64;
            self.queue.done(&batch).await;
        }
    }

    async fn write(&self, stream: &mut TcpStream, batch: &Batch) -> Result<(), String> {
        let mut lines = Vec::new();
        for event in &batch.events {
            lines.extend(event);
            lines.push(b'\n');
        }
        match tokio::time::timeout(self.timings.limit, stream.write_all(&lines)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Err(format!("the connection broke: {error}")),
            Err(_) => return Err(format!("it took nothing for {} s", self.timings.limit.as_secs_f32())),
        }
        match tokio::time::timeout(self.timings.confirm, closed(stream)).await {
            Ok(()) => Err("it closed the connection".to_owned()),
            Err(_) => Ok(()),
        }
    }
}

/// Ready when the other end has closed. It has nothing to say otherwise; what it says all the same is passed over.
async fn closed(stream: &mut TcpStream) {
    let mut nothing = [0; 256];
    while let Ok(1..) = stream.read(&mut nothing).await {}
}
