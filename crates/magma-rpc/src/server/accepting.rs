//! Taking connections: so many at a time, until told to stop.

use crate::work::Work;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// How long running calls may go on after the order to stop, unless somebody says otherwise.
pub(crate) const GRACE: Duration = Duration::from_secs(3);
/// How often a log line tells of the same trouble with connections.
const TROUBLE_INTERVAL: Duration = Duration::from_secs(60);
/// The pause after an accept that failed, so that a process that has no file left does not turn in circles.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How often this process could not accept a connection.
static FAILURES: AtomicU64 = AtomicU64::new(0);

/// How often this process could not accept a connection since its start, mostly because it had no file left.
#[cfg(feature = "server-tls")]
pub fn accept_failures() -> u64 {
    FAILURES.load(Ordering::Relaxed)
}

/// Takes connections until `shutdown` is ready, `most` at a time, and closes further ones at once; `each` says what goes
/// on with one. Running calls may then go on for `grace`.
pub(crate) async fn accept_until(
    listener: TcpListener,
    most: usize,
    grace: Duration,
    shutdown: impl Future + Send,
    each: &mut (dyn FnMut(TcpStream, SocketAddr, watch::Receiver<bool>) -> Work + Send),
) {
    let shutdown = pin!(async move {
        shutdown.await;
    });
    accept(listener, most, grace, shutdown, each).await;
}

async fn accept(
    listener: TcpListener,
    most: usize,
    grace: Duration,
    mut shutdown: Pin<&mut (dyn Future<Output = ()> + Send)>,
    each: &mut (dyn FnMut(TcpStream, SocketAddr, watch::Receiver<bool>) -> Work + Send),
) {
    let (stop, stopped) = watch::channel(false);
    let mut connections = JoinSet::new();
    let (mut refusals, mut failures) = (Seldom::default(), Seldom::default());
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((_, peer)) if full(&mut connections, most) => {
                    tell_refused(&mut refusals, &listener, peer, most);
                }
                Ok((tcp, peer)) => {
                    tcp.set_nodelay(true).ok();
                    connections.spawn(each(tcp, peer, stopped.clone()));
                }
                Err(error) => {
                    // Out of file descriptors, most likely: the ones in use will come back.
                    FAILURES.fetch_add(1, Ordering::Relaxed);
                    if let Some(times) = failures.count() {
                        tracing::warn!(%error, times, "cannot accept a connection");
                    }
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            () = shutdown.as_mut() => break,
        }
    }
    drop(listener);
    stop.send_replace(true);
    let drained = async { while connections.join_next().await.is_some() {} };
    tokio::time::timeout(grace, drained).await.ok();
}

/// Whether no further connection can be taken; forgets those that have ended.
fn full(connections: &mut JoinSet<()>, most: usize) -> bool {
    while connections.try_join_next().is_some() {}
    connections.len() >= most
}

fn tell_refused(refusals: &mut Seldom, listener: &TcpListener, peer: SocketAddr, most: usize) {
    if let Some(refused) = refusals.count() {
        let address = listener.local_addr().ok();
        tracing::warn!(
            ?address, %peer, refused,
            "connections are refused: {most} are open, which is the most; does a client open one for each call?"
        );
    }
}

/// What is told of now and then: a client that tries again and again does not fill the log.
#[derive(Default)]
pub(super) struct Seldom {
    told: Option<Instant>,
    untold: u64,
}

impl Seldom {
    /// Counts one more; how many to tell of, if it is time to.
    pub(super) fn count(&mut self) -> Option<u64> {
        self.untold += 1;
        if self.told.is_some_and(|told| told.elapsed() < TROUBLE_INTERVAL) {
            return None;
        }
        self.told = Some(Instant::now());
        Some(std::mem::take(&mut self.untold))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn trouble_is_told_of_once_a_minute() {
        let mut seldom = Seldom::default();
        for (seconds, told) in [(0, Some(1)), (0, None), (59, None), (1, Some(3)), (1, None), (59, Some(2))] {
            tokio::time::advance(Duration::from_secs(seconds)).await;
            assert_eq!(seldom.count(), told);
        }
    }
}
