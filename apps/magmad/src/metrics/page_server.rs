//! Serves the newest metrics as a page for Prometheus: `GET /metrics`, one answer for each connection.
//!
//! HTTP/1.1 in its smallest form, bounded in everything that a client may send or hold.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use magma_metrics::exposition::CONTENT_TYPE;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::latest::Latest;
use crate::shutdown::Shutdown;
use crate::supervise::Task;

/// Connections at a time; further ones wait.
const CONNECTIONS_MAX: usize = 4;

/// Octets of a request's head.
const HEAD_BYTES_MAX: usize = 8 << 10;

/// How long a client may take for its request, and for the answer.
const CLIENT_LIMIT: Duration = Duration::from_secs(10);

/// The pause after a connection that could not be accepted: for want of file descriptors, most likely.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// The task that serves the page.
pub(super) struct PageServer {
    address: SocketAddr,
    latest: Latest,
}

impl PageServer {
    pub fn new(address: SocketAddr, latest: Latest) -> Self {
        Self { address, latest }
    }

    pub(super) async fn serve(&self, listener: TcpListener) {
        let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        let mut clients = JoinSet::new();
        loop {
            let Ok(place) = places.clone().acquire_owned().await else { return };
            while clients.try_join_next().is_some() {}
            match listener.accept().await {
                Ok((tcp, _)) => {
                    let latest = self.latest.clone();
                    clients.spawn(async move {
                        // A client that takes too long, or goes away, gets no answer.
                        let _ = timeout(CLIENT_LIMIT, answer(tcp, &latest)).await;
                        drop(place);
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "the metrics page cannot accept a connection");
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }
}

impl Task for PageServer {
    async fn run(&mut self, mut shutdown: Shutdown) -> anyhow::Result<()> {
        let listener = TcpListener::bind(self.address).await.map_err(|error| {
            let address = self.address;
            anyhow::anyhow!(
                "cannot listen at metricsd.prometheus_listen {address}: {error}; write another address"
            )
        })?;
        tokio::select! {
            () = shutdown.wait() => {}
            () = self.serve(listener) => {}
        }
        Ok(())
    }
}

async fn answer(mut tcp: TcpStream, latest: &Latest) -> std::io::Result<()> {
    let head = head(&mut tcp).await?;
    let (status, kind, body) = match requested(&head) {
        Some(Request::Page) => ("200 OK", CONTENT_TYPE, latest.page()),
        Some(Request::Other) => ("404 Not Found", "text/plain", "the page is /metrics\n".to_owned()),
        None => ("400 Bad Request", "text/plain", "GET /metrics is served here\n".to_owned()),
    };
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    tcp.write_all(head.as_bytes()).await?;
    tcp.write_all(body.as_bytes()).await?;
    tcp.shutdown().await
}

/// What a request is for.
enum Request {
    Page,
    Other,
}

/// Reads up to the empty line that ends a request's head, or as much as is allowed.
async fn head(tcp: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::new();
    let mut piece = [0; 1024];
    while head.len() < HEAD_BYTES_MAX && !head.windows(4).any(|end| end == b"\r\n\r\n") {
        match tcp.read(&mut piece).await? {
            0 => break,
            length => head.extend_from_slice(&piece[..length]),
        }
    }
    Ok(head)
}

fn requested(head: &[u8]) -> Option<Request> {
    if !head.windows(4).any(|end| end == b"\r\n\r\n") {
        return None;
    }
    let line = head.split(|byte| *byte == b'\r').next()?;
    let target = std::str::from_utf8(line).ok()?.strip_prefix("GET ")?.split(' ').next()?;
    let path = target.split('?').next()?;
    Some(if path == "/metrics" { Request::Page } else { Request::Other })
}
