//! Whether this Orchestrator lives and is ready: what balancers, Kubernetes and people ask, in plain words.
//!
//! It *lives* when it answers at all: a database that is down is no reason to start a program anew. It is *ready* from the
//! moment on when every door is open until it is told to stop, while its store answers.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use orc8r_store::Store;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, Semaphore};
use tokio::time::{Instant, timeout};

use crate::running::{StartError, bind};

/// How long the store may take to answer.
const STORE_LIMIT: Duration = Duration::from_secs(2);
/// For how long an answer of the store counts: whoever asks often does not burden it.
const REMEMBERED: Duration = Duration::from_secs(1);
/// Connections at a time; further ones wait.
const CONNECTIONS_MAX: usize = 64;
/// How long a client may take for its request, and for reading the answer.
const REQUEST_LIMIT: Duration = Duration::from_secs(5);
const REQUEST_BYTES_MAX: usize = 8 * 1024;

/// What is asked; clones tell the same.
#[derive(Clone, Default)]
pub(crate) struct Health(Arc<Shared>);

#[derive(Default)]
struct Shared {
    store: OnceLock<Store>,
    is_draining: AtomicBool,
    asked: Mutex<Option<(Instant, Result<(), String>)>>,
}

impl Health {
    /// Every door is open.
    pub(crate) fn serves(&self, store: Store) {
        let _ = self.0.store.set(store);
    }

    /// It has been told to stop.
    pub(crate) fn drains(&self) {
        self.0.is_draining.store(true, Ordering::Relaxed);
    }

    /// Why it is not ready; nothing: it is.
    pub(crate) async fn readiness(&self) -> Result<(), String> {
        if self.0.is_draining.load(Ordering::Relaxed) {
            return Err("it is stopping".to_owned());
        }
        let Some(store) = self.0.store.get() else { return Err("it is starting".to_owned()) };
        let mut asked = self.0.asked.lock().await;
        if let Some((when, answer)) = asked.as_ref()
            && when.elapsed() < REMEMBERED
        {
            return answer.clone();
        }
        let answer = match timeout(STORE_LIMIT, store.revision()).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => {
                tracing::warn!(%error, "not ready: the database fails");
                Err("the database fails: see the log".to_owned())
            }
            Err(_) => Err(format!("the database did not answer within {} s", STORE_LIMIT.as_secs())),
        };
        *asked = Some((Instant::now(), answer.clone()));
        answer
    }

    /// The answer to `GET path`, as status and text; `None`: that is not for here.
    pub(crate) async fn answer(&self, path: &str) -> Option<(u16, String)> {
        match path {
            "/healthz" | "/livez" => Some((200, "ok\n".to_owned())),
            "/readyz" => Some(match self.readiness().await {
                Ok(()) => (200, "ok\n".to_owned()),
                Err(reason) => (503, format!("not ready: {reason}\n")),
            }),
            _ => None,
        }
    }
}

/// A door for these questions alone, in plain HTTP: bound, and not serving yet.
pub(crate) struct HealthDoor {
    listener: TcpListener,
    /// Where it is, with the real port.
    pub(crate) address: SocketAddr,
}

impl HealthDoor {
    pub(crate) async fn open(listen: SocketAddr) -> Result<Self, StartError> {
        let (listener, address) = bind(listen, "health").await?;
        Ok(Self { listener, address })
    }

    /// Answers until it is dropped.
    pub(crate) async fn serve(self, health: Health) {
        let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        loop {
            let Ok(place) = places.clone().acquire_owned().await else { return };
            match self.listener.accept().await {
                Ok((tcp, _)) => {
                    let health = health.clone();
                    tokio::spawn(async move {
                        let _ = timeout(REQUEST_LIMIT, converse(tcp, &health)).await;
                        drop(place);
                    });
                }
                // Out of file descriptors, most likely: the ones in use will come back.
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
    }
}

/// One request, its answer, and the end.
async fn converse(mut tcp: TcpStream, health: &Health) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let room = REQUEST_BYTES_MAX.saturating_sub(head.len());
        if room == 0 || (&mut tcp).take(room as u64).read_buf(&mut head).await? == 0 {
            return Ok(());
        }
    }
    let line = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    let mut words = line.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let path = target.split('?').next().unwrap_or_default();
    let (status, text) = match method {
        "GET" | "HEAD" => {
            health.answer(path).await.unwrap_or_else(|| (404, "there are /healthz and /readyz\n".to_owned()))
        }
        _ => (405, "only GET and HEAD\n".to_owned()),
    };
    let reason = match status {
        200 => "OK",
        404 => "Not Found",
        405 => "Method Not Allowed",
        _ => "Service Unavailable",
    };
    let mut answer = format!(
        "HTTP/1.1 {status} {reason}\r\ncontent-type: text/plain\r\ncontent-length: {}\r\ncache-control: no-store\r\nconnection: close\r\n\r\n",
        text.len()
    );
    if method != "HEAD" {
        answer += &text;
    }
    tcp.write_all(answer.as_bytes()).await?;
    tcp.shutdown().await
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn said(health: &Health, request: &str) -> String {
        let door = HealthDoor::open(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let address = door.address;
        let serving = tokio::spawn(door.serve(health.clone()));
        let mut tcp = TcpStream::connect(address).await.unwrap();
        tcp.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        tcp.read_to_string(&mut answer).await.unwrap();
        serving.abort();
        answer
    }

    #[tokio::test]
    async fn it_is_ready_from_serving_to_draining_while_the_store_answers() {
        let health = Health::default();
        let store = Store::in_memory().unwrap();
        assert_eq!(health.readiness().await.unwrap_err(), "it is starting");
        health.serves(store.clone());
        assert_eq!(health.readiness().await, Ok(()));
        store.close().await;
        // What was asked a moment ago still counts, but not for long.
        *health.0.asked.lock().await = None;
        assert!(health.readiness().await.unwrap_err().contains("the database"));
        health.drains();
        assert_eq!(health.answer("/readyz").await, Some((503, "not ready: it is stopping\n".to_owned())));
        assert_eq!(health.answer("/healthz").await, Some((200, "ok\n".to_owned())), "it lives all the same");
        assert_eq!(health.answer("/magma/v1/networks").await, None);
    }

    #[tokio::test]
    async fn the_door_answers_what_it_knows_and_nothing_else() {
        let health = Health::default();
        for (request, status, text) in [
            ("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 OK", "ok\n"),
            ("GET /readyz?verbose HTTP/1.0\r\n\r\n", "HTTP/1.1 503 ", "not ready: it is starting\n"),
            ("HEAD /healthz HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK", "\r\n\r\n"),
            ("GET /magma/v1/networks HTTP/1.1\r\n\r\n", "HTTP/1.1 404 ", "there are /healthz and /readyz\n"),
            ("POST /healthz HTTP/1.1\r\n\r\n", "HTTP/1.1 405 ", "only GET and HEAD\n"),
        ] {
            let answer = said(&health, request).await;
            assert!(answer.starts_with(status) && answer.ends_with(text), "{request}: {answer}");
        }
        let endless = format!("GET /healthz HTTP/1.1\r\nx: {}", "y".repeat(REQUEST_BYTES_MAX));
        assert_eq!(said(&health, &endless[..REQUEST_BYTES_MAX]).await, "", "no end, no answer");
    }
}
