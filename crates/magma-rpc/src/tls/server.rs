//! The server's side of TLS, and the keys that only servers and operators have.

use super::client_verifier::ClientVerifier;
use super::{Identity, TlsError, TrustAnchors, setup};
use crate::server::PeerCertificate;
use crate::tls_stream::ByteStream;
use bytes::Bytes;
use magma_crypto::KeyError;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use rustls::server::NoServerSessionStorage;
use rustls::sign::SigningKey;
use std::io;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

/// Whether a server asks its clients for a certificate.
#[derive(Clone, Copy, Debug)]
pub enum ClientAuth<'a> {
    /// It does not ask.
    None,
    /// Only clients whose certificate one of these authorities issued, and that is valid now, get through.
    Required(&'a TrustAnchors),
    /// Those do, and clients without a certificate do too: something else says who they are.
    Optional(&'a TrustAnchors),
}

/// How a server presents itself, and what it asks of clients. Clones share it, also what it becomes by
/// [`ServerTls::replace`].
#[derive(Clone, Debug)]
pub struct ServerTls {
    config: Arc<RwLock<Arc<ServerConfig>>>,
}

impl ServerTls {
    /// A server with `identity`, speaking HTTP/2 and HTTP/1.1.
    ///
    /// Client certificates may be of X.509 version 1: the administrators' certificates of existing
    /// Orchestrators are.
    ///
    /// # Errors
    /// When a trusted certificate or the identity cannot be used.
    pub fn new(identity: &Identity, clients: ClientAuth<'_>) -> Result<Self, TlsError> {
        let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(setup)?;
        let builder = match clients {
            ClientAuth::None => builder.with_no_client_auth(),
            ClientAuth::Required(trust) => {
                builder.with_client_cert_verifier(ClientVerifier::required(&trust.certificates)?)
            }
            ClientAuth::Optional(trust) => {
                builder.with_client_cert_verifier(ClientVerifier::optional(&trust.certificates)?)
            }
        };
        let mut config = builder.with_cert_resolver(identity.resolver_with(&identity.serving_key));
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        // Nothing is resumed: a session would keep the certificate that it began with, and tickets are bytes on every
        // gateway's line.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(Self { config: Arc::new(RwLock::new(Arc::new(config))) })
    }

    /// The server's side of a stream for a protocol that the caller speaks.
    ///
    /// # Errors
    /// When the handshake does not succeed. It has no limit of its own.
    pub async fn accept(&self, tcp: TcpStream) -> io::Result<Box<dyn ByteStream>> {
        Ok(Box::new(TlsAcceptor::from(self.config()).accept(tcp).await?))
    }

    /// The same, with the certificate that the client showed, if it did.
    ///
    /// # Errors
    /// As [`ServerTls::accept`].
    pub async fn accept_known(
        &self,
        tcp: TcpStream,
    ) -> io::Result<(Box<dyn ByteStream>, Option<PeerCertificate>)> {
        let stream = TlsAcceptor::from(self.config()).accept(tcp).await?;
        let chain = stream.get_ref().1.peer_certificates();
        let certificate =
            chain.and_then(|chain| chain.first()).map(|der| PeerCertificate(Bytes::copy_from_slice(der)));
        Ok((Box::new(stream), certificate))
    }

    /// Presents itself, and asks of clients, as `other` does from the next connection on. Those that are open stay.
    pub fn replace(&self, other: &Self) {
        let config = other.config();
        *self.config.write().unwrap_or_else(PoisonError::into_inner) = config;
    }

    pub(crate) fn config(&self) -> Arc<ServerConfig> {
        // One pointer is written at a time, so a panic elsewhere does not spoil it.
        self.config.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A key that is not on P-256 or P-384: operators and servers of existing clouds have RSA ones.
pub(super) fn other_key(pem: &[u8], why: KeyError) -> Result<Arc<dyn SigningKey>, TlsError> {
    ring_key(pem).ok_or_else(|| TlsError::NoPrivateKey(why.to_string()))
}

/// A key as ring has it.
pub(super) fn ring_key(pem: &[u8]) -> Option<Arc<dyn SigningKey>> {
    ring::sign::any_supported_type(&PrivateKeyDer::from_pem_slice(pem).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::super::ClientTls;
    use super::*;
    use rustls::client::Resumption;
    use rustls::server::ServerSessionMemoryCache;
    use rustls::{ClientConfig, ClientConnection, HandshakeKind, ServerConnection};

    fn identity() -> (Identity, TrustAnchors) {
        let rcgen::CertifiedKey { cert, signing_key } =
            rcgen::generate_simple_self_signed(["controller.magma.test".to_owned()]).unwrap();
        let pem = cert.pem();
        let identity = Identity::from_pem(pem.as_bytes(), signing_key.serialize_pem().as_bytes()).unwrap();
        (identity, TrustAnchors::from_pem(pem.as_bytes()).unwrap())
    }

    /// A whole handshake in memory, and what came behind it.
    fn handshake(client: &Arc<ClientConfig>, server: &Arc<ServerConfig>) -> Option<HandshakeKind> {
        let name = "controller.magma.test".try_into().unwrap();
        let mut client = ClientConnection::new(client.clone(), name).unwrap();
        let mut server = ServerConnection::new(server.clone()).unwrap();
        while client.wants_write() || server.wants_write() {
            let mut bytes = Vec::new();
            while client.wants_write() {
                client.write_tls(&mut bytes).unwrap();
            }
            let mut sent = bytes.as_slice();
            while !sent.is_empty() {
                server.read_tls(&mut sent).unwrap();
                server.process_new_packets().unwrap();
            }
            let mut bytes = Vec::new();
            while server.wants_write() {
                server.write_tls(&mut bytes).unwrap();
            }
            let mut sent = bytes.as_slice();
            while !sent.is_empty() {
                client.read_tls(&mut sent).unwrap();
                client.process_new_packets().unwrap();
            }
        }
        client.handshake_kind()
    }

    #[test]
    fn no_session_is_resumed() {
        let (identity, trust) = identity();
        let ours = ServerTls::new(&identity, ClientAuth::None).unwrap().config();
        let mut other = ServerConfig::clone(&ours);
        other.session_storage = ServerSessionMemoryCache::new(8);
        other.send_tls13_tickets = 1;
        for (server, second) in [(ours, HandshakeKind::Full), (Arc::new(other), HandshakeKind::Resumed)] {
            let mut client = ClientConfig::clone(&ClientTls::new(&trust, None).unwrap().config());
            client.resumption = Resumption::in_memory_sessions(8);
            let client = Arc::new(client);
            assert_eq!(handshake(&client, &server), Some(HandshakeKind::Full));
            assert_eq!(handshake(&client, &server), Some(second));
        }
    }
}
