//! The living HTTP/2 connections behind a [`crate::channel::Connection`]: made when needed, made again when lost.

use crate::channel::{Endpoint, Manner, Names};
use crate::connect::{Ending, connect};
use crate::passing::Passed;
use crate::{Body, Failure, work};
use hyper::body::Incoming;
use hyper::client::conn::TrySendError;
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Mutex, watch};

/// How long the answer to an HTTP/2 ping may take.
const KEEPALIVE_LIMIT: Duration = Duration::from_secs(20);
/// Connections by name at most; a gateway's services call some ten services of the cloud.
const NAMES_MAX: usize = 32;

pub(crate) struct Shared {
    pub(crate) endpoint: Endpoint,
    manner: Manner,
    slots: Mutex<Slots>,
    /// Failed attempts so far: who waited while another one tried does not try the same again.
    failed: AtomicU64,
}

#[derive(Default)]
struct Slots {
    /// By server name.
    live: BTreeMap<String, Live>,
    /// The server has no certificate for the endpoint's own name, so each authority has a connection by its name.
    by_authority: bool,
    last_failure: Option<(String, Failure)>,
}

#[derive(Clone)]
struct Live {
    sender: Arc<Sender>,
    ending: Ending,
    ended: watch::Receiver<bool>,
}

/// What takes the requests of a connection. There is one of it, which goes when the connection ends: a request that is
/// handed over in that very moment stays in the channel in between (tokio's issue 7714), and comes back only when nobody
/// can send there any more.
struct Sender(std::sync::Mutex<Option<SendRequest<Body>>>);

impl Sender {
    /// Hands a request over, or back if the connection has ended. The answer that one awaits holds no sender.
    fn hand_over(
        &self,
        request: http::Request<Body>,
    ) -> Result<impl Future<Output = Answered> + use<>, Box<http::Request<Body>>> {
        match self.lock().as_mut() {
            Some(sender) => Ok(sender.try_send_request(request)),
            None => Err(Box::new(request)),
        }
    }

    fn is_closed(&self) -> bool {
        self.lock().as_ref().is_none_or(SendRequest::is_closed)
    }

    fn end(&self) {
        let sender = self.lock().take();
        drop(sender);
    }

    fn lock(&self) -> MutexGuard<'_, Option<SendRequest<Body>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type Answered = Result<http::Response<Incoming>, TrySendError<http::Request<Body>>>;

/// Why there is no answer, and the request, if the connection ended before it saw it.
struct Unanswered {
    unsent: Option<Box<http::Request<Body>>>,
    failure: Failure,
}

impl Shared {
    pub(crate) fn new(endpoint: Endpoint, manner: Manner) -> Self {
        Self { endpoint, manner, slots: Mutex::default(), failed: AtomicU64::new(0) }
    }

    pub(crate) async fn close(&self) {
        self.slots.lock().await.live.clear();
    }

    /// Makes the connection that a call to `authority` needs, unless it is there.
    pub(crate) async fn ready(&self, authority: &str) -> Result<(), Failure> {
        self.live(authority).await.map(drop)
    }

    /// Sends a request; once more on a new connection if the first was going away and never saw it.
    pub(crate) async fn send(
        &self,
        authority: &str,
        request: http::Request<Body>,
    ) -> Result<http::Response<Passed>, Failure> {
        let mut live = self.live(authority).await?;
        let request = match live.send(request).await {
            Ok(response) => return Ok(response),
            // A certificate that was refused is refused again.
            Err(Unanswered { unsent: Some(request), .. }) if noted(&live.ending).is_none() => *request,
            Err(Unanswered { failure, .. }) => return Err(failure),
        };
        let answer = self.live(authority).await?.send(request).await;
        answer.map_err(|unanswered| unanswered.failure)
    }

    async fn live(&self, authority: &str) -> Result<Live, Failure> {
        let failed = self.failed.load(Ordering::Acquire);
        let mut slots = self.slots.lock().await;
        loop {
            let name = slots.server_name(&self.endpoint, authority);
            if let Some(live) = slots.living(&name) {
                return Ok(live);
            }
            if failed != self.failed.load(Ordering::Acquire)
                && let Some((_, failure)) = slots.last_failure.as_ref().filter(|(failed, _)| *failed == name)
            {
                return Err(failure.clone());
            }
            match self.establish(&name).await {
                Ok(live) => {
                    slots.keep(name, live.clone());
                    return Ok(live);
                }
                Err(Failure::ServerName { reason, .. })
                    if self.manner.names == Names::OrEachAuthority && !slots.by_authority =>
                {
                    tracing::info!(
                        "{name}: {reason}; each service gets a connection by its own name instead"
                    );
                    slots.by_authority = true;
                }
                Err(failure) => {
                    slots.last_failure = Some((name, failure.clone()));
                    self.failed.fetch_add(1, Ordering::AcqRel);
                    return Err(failure);
                }
            }
        }
    }

    async fn establish(&self, server_name: &str) -> Result<Live, Failure> {
        let ending = Ending::default();
        let Manner { keepalive, buffers, .. } = &self.manner;
        let endpoint = Endpoint { server_name: server_name.to_owned(), ..self.endpoint.clone() };
        let stream = connect(&endpoint, &self.manner, ending.clone()).await?;
        let mut builder = http2::Builder::new(work::Executor);
        builder
            .timer(TokioTimer::new())
            .keep_alive_interval(keepalive.interval)
            .keep_alive_while_idle(keepalive.while_idle)
            .keep_alive_timeout(KEEPALIVE_LIMIT);
        if let Some(buffers) = buffers {
            builder
                .initial_stream_window_size(buffers.stream)
                .initial_connection_window_size(buffers.connection)
                .max_send_buf_size(buffers.sending);
        }
        let handshake = builder.handshake(TokioIo::new(stream)).await;
        let (sender, driver) = handshake.map_err(|error| closed(&ending, &error))?;
        let (end, ended) = watch::channel(false);
        let sender = Arc::new(Sender(Some(sender).into()));
        // The connection ends when nobody has the sender any more, too.
        let own = Arc::downgrade(&sender);
        work::spawn(async move {
            if let Err(error) = driver.await {
                tracing::debug!(%error, "connection ended");
            }
            if let Some(sender) = own.upgrade() {
                sender.end();
            }
            end.send_replace(true);
        });
        Ok(Live { sender, ending, ended })
    }
}

impl Slots {
    fn server_name(&self, endpoint: &Endpoint, authority: &str) -> String {
        if !self.by_authority {
            return endpoint.server_name.clone();
        }
        authority.split(':').next().unwrap_or_default().to_owned()
    }

    fn living(&self, name: &str) -> Option<Live> {
        self.live.get(name).filter(|live| !live.sender.is_closed()).cloned()
    }

    fn keep(&mut self, name: String, live: Live) {
        self.live.retain(|_, live| !live.sender.is_closed());
        if self.live.len() >= NAMES_MAX {
            self.live.pop_first();
        }
        self.live.insert(name, live);
    }
}

impl Live {
    async fn send(&mut self, request: http::Request<Body>) -> Result<http::Response<Passed>, Unanswered> {
        let answer = match self.sender.hand_over(request) {
            Ok(answer) => answer,
            Err(request) => {
                let reason = "the connection ended before the request was sent".to_owned();
                let failure = noted(&self.ending).unwrap_or(Failure::Closed { reason });
                return Err(Unanswered { unsent: Some(request), failure });
            }
        };
        match answer.await {
            Ok(response) => Ok(self.passed(response)),
            Err(mut error) => {
                let unsent = error.take_message().map(Box::new);
                let failure = self.failure(&error.into_error()).await;
                Err(Unanswered { unsent, failure })
            }
        }
    }

    fn passed(&self, response: http::Response<Incoming>) -> http::Response<Passed> {
        response.map(|body| Passed::new(body, self.ending.clone()))
    }

    /// Why a call failed. The connection's task learns the TLS reason, perhaps a moment after the call failed.
    async fn failure(&mut self, error: &hyper::Error) -> Failure {
        if !is_reset(error) {
            let ended = self.ended.wait_for(|ended| *ended);
            tokio::time::timeout(Duration::from_millis(200), ended).await.ok();
        }
        closed(&self.ending, error)
    }
}

/// Whether the peer ended one stream, rather than the connection having ended.
pub(crate) fn is_reset(error: &hyper::Error) -> bool {
    let source = std::error::Error::source(error).and_then(|source| source.downcast_ref::<h2::Error>());
    source.is_some_and(h2::Error::is_reset)
}

pub(crate) fn closed(ending: &Ending, error: &hyper::Error) -> Failure {
    noted(ending).unwrap_or_else(|| Failure::Closed { reason: full_text(error) })
}

fn noted(ending: &Ending) -> Option<Failure> {
    ending.lock().ok().and_then(|ending| ending.clone())
}

/// An error with its causes: hyper's own text names only the first.
fn full_text(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
