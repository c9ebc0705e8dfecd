//! Serving over TLS, where clients may show who they are.

use super::{Peer, PeerCertificate, Protocol, accept_until, converse, part};
use crate::Body;
use crate::tls::ServerTls;
use bytes::Bytes;
use std::convert::Infallible;
use std::error::Error;
use std::future::Future;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tower_service::Service;

/// How long a client may take for its TLS handshake.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);
/// How long a connection without a client certificate takes calls, and how long these may then still go on. Strangers
/// come for a few calls; connections that they only hold would keep others out.
const STRANGER_LIFE: Duration = Duration::from_secs(60);

/// Serves HTTP/2 and HTTP/1.1 over TLS until `shutdown` is ready, then lets running calls end for a moment.
///
/// A connection without a client certificate takes calls for a minute and ends after another one.
pub async fn serve_tls<S, B>(listener: TcpListener, tls: ServerTls, service: S, shutdown: impl Future)
where
    S: Service<http::Request<Body>, Response = http::Response<B>, Error = Infallible>
        + Clone
        + Send
        + Sync
        + 'static,
    S::Future: Send + 'static,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let acceptor = TlsAcceptor::from(tls.config());
    accept_until(listener, shutdown, |tcp, peer, stop| {
        let (service, acceptor) = (service.clone(), acceptor.clone());
        async move {
            let handshake = acceptor.accept(tcp).into_fallible();
            let stream = match tokio::time::timeout(HANDSHAKE_LIMIT, handshake).await {
                Ok(Ok(stream)) => stream,
                Ok(Err((error, tcp))) => {
                    tracing::debug!(%peer, %error, "TLS handshake failed");
                    let mut tcp = tcp;
                    return part(&mut tcp).await;
                }
                Err(_) => return tracing::debug!(%peer, "TLS handshake took too long"),
            };
            let session = stream.get_ref().1;
            let certificate = session.peer_certificates().and_then(|chain| chain.first());
            let certificate = certificate.map(|der| PeerCertificate(der.to_vec()));
            let protocol =
                if session.alpn_protocol() == Some(b"h2") { Protocol::Http2 } else { Protocol::Http1 };
            let life = certificate.is_none().then_some(STRANGER_LIFE);
            converse(stream, protocol, Peer { address: peer, certificate }, service, stop, life).await;
        }
    })
    .await;
}
