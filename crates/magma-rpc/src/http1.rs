//! HTTP/1.1 toward a server, one request on each connection.

use crate::Body;
use crate::connect::Stream;
use crate::work;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::task::JoinHandle;

/// Begins HTTP on a stream. The task carries the connection; ending it ends that.
pub(crate) async fn begin(stream: Box<dyn Stream>) -> hyper::Result<(SendRequest<Body>, JoinHandle<()>)> {
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let connection = work::spawn(async move {
        connection.await.ok();
    });
    Ok((sender, connection))
}
