//! Accepts connections of an input, a bounded number at once.

use std::future::Future;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// Connections of one input at the same time; a gateway has some dozen services.
const CONNECTIONS_MAX: usize = 64;
/// The pause after an accept that failed: the process may be out of descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_secs(1);

/// Serves each connection in a task of its own. Never returns; dropping it ends them all.
pub(crate) async fn serve<F>(listener: TcpListener, mut each: impl FnMut(TcpStream) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let mut open = JoinSet::new();
    loop {
        while open.len() >= CONNECTIONS_MAX {
            open.join_next().await;
        }
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => drop(open.spawn(each(stream))),
                Err(error) => {
                    tracing::debug!(%error, "a connection was not accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
            Some(_) = open.join_next() => {}
        }
    }
}
