//! Taking connections: so many at a time, until told to stop.

use crate::work::Work;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// How long running calls may go on after the order to stop, unless somebody says otherwise.
pub(crate) const GRACE: Duration = Duration::from_secs(3);
/// How often a log line tells of refused connections.
const REFUSALS_INTERVAL: Duration = Duration::from_secs(60);

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
    let mut refusals = Refusals::default();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((_, peer)) if full(&mut connections, most) => refusals.add(&listener, peer, most),
                Ok((tcp, peer)) => {
                    tcp.set_nodelay(true).ok();
                    connections.spawn(each(tcp, peer, stopped.clone()));
                }
                Err(error) => {
                    // Out of file descriptors, most likely: the ones in use will come back.
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(Duration::from_millis(100)).await;
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

/// Connections that were refused, told of now and then: a client that tries again and again does not fill the log.
#[derive(Default)]
struct Refusals {
    told: Option<Instant>,
    untold: u64,
}

impl Refusals {
    fn add(&mut self, listener: &TcpListener, peer: SocketAddr, most: usize) {
        self.untold += 1;
        if self.told.is_some_and(|told| told.elapsed() < REFUSALS_INTERVAL) {
            return;
        }
        let address = listener.local_addr().ok();
        tracing::warn!(
            ?address, %peer, refused = self.untold,
            "connections are refused: {most} are open, which is the most; does a client open one for each call?"
        );
        *self = Self { told: Some(Instant::now()), untold: 0 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn refusals_are_told_of_once_a_minute() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let (mut refusals, peer) = (Refusals::default(), SocketAddr::from(([127, 0, 0, 1], 1)));
        for (seconds, untold) in [(0, 0), (0, 1), (59, 2), (1, 0), (1, 1), (59, 0)] {
            tokio::time::advance(Duration::from_secs(seconds)).await;
            refusals.add(&listener, peer, 2);
            assert_eq!(refusals.untold, untold);
        }
    }
}
