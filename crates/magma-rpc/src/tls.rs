//! TLS for both sides: who is trusted, who we are, and what a peer must present.
//!
//! Values are built from PEM texts that the caller has read, and are frozen: a new certificate means a new value
//! and a new connection.

#[cfg(feature = "server-tls")]
mod client_verifier;
mod provider;
#[cfg(feature = "server-tls")]
mod server;

use magma_crypto::{Blocks, Certificate, PrivateKey};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::sign::{CertifiedKey, SigningKey, SingleCertAndKey};
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;
use thiserror::Error;

#[cfg(feature = "server-tls")]
pub use server::{ClientAuth, ServerTls};

/// What is wrong with certificates or keys that were given to us.
#[derive(Clone, Debug, Error)]
pub enum TlsError {
    /// There is no certificate in the text.
    #[error("no certificate in the PEM text ({0})")]
    NoCertificate(String),
    /// There is no private key in the text, or none that is supported.
    #[error(
        "no usable private key in the PEM text ({0}); it must be an EC key in PKCS#8 or SEC1, not encrypted"
    )]
    NoPrivateKey(String),
    /// The private key is not the certificate's.
    #[error("the private key does not belong to the certificate")]
    KeyMismatch,
    /// A trusted certificate cannot be used.
    #[error("a trusted certificate cannot be used: {0}")]
    TrustAnchor(String),
    /// The TLS library refuses the combination.
    #[error("TLS cannot be set up: {0}")]
    Setup(String),
}

/// The certificate authorities that a side trusts.
#[derive(Clone, Debug)]
pub struct TrustAnchors {
    certificates: Vec<CertificateDer<'static>>,
    /// Those of a large collection, some of which may be too odd to be used.
    collected: Vec<CertificateDer<'static>>,
}

impl TrustAnchors {
    /// Reads every certificate of a PEM text.
    ///
    /// # Errors
    /// When there is none, or one cannot be parsed.
    pub fn from_pem(pem: &[u8]) -> Result<Self, TlsError> {
        Ok(Self { certificates: certificates(pem)?, collected: Vec::new() })
    }

    /// Reads what can be used of a collection of certificates, as systems keep one of public authorities. What cannot
    /// is left out.
    pub fn usable_of_pem(pem: &[u8]) -> Self {
        let blocks = Blocks::new(pem).filter_map(Result::ok).filter(|block| block.label == "CERTIFICATE");
        let collected = blocks.map(|block| CertificateDer::from(block.contents)).collect();
        Self { certificates: Vec::new(), collected }
    }

    /// Trusts these and `others`.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        self.certificates.extend(others.certificates);
        self.collected.extend(others.collected);
        self
    }

    /// Whether nobody would be trusted.
    pub fn is_empty(&self) -> bool {
        self.certificates.is_empty() && self.collected.is_empty()
    }
}

/// A certificate chain, our own certificate first, and its private key.
#[derive(Debug)]
pub struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: Arc<dyn SigningKey>,
    /// The same key as ring has it, where it can: many times as fast, and a server signs with it for each client.
    #[cfg(feature = "server-tls")]
    serving_key: Arc<dyn SigningKey>,
}

impl Identity {
    /// Reads a certificate chain and a private key from PEM texts. The key is on P-256 or P-384; with the feature
    /// `server-tls`, it may also be one of the others that ring has.
    ///
    /// # Errors
    /// When either is missing, or the key is not that of the first certificate.
    pub fn from_pem(cert_chain_pem: &[u8], key_pem: &[u8]) -> Result<Self, TlsError> {
        let chain = certificates(cert_chain_pem)?;
        let key: Arc<dyn SigningKey> = match PrivateKey::from_pem(key_pem) {
            Ok(key) => Arc::new(provider::Key(key)),
            Err(error) => other_key(key_pem, error)?,
        };
        let identity = Self {
            chain,
            #[cfg(feature = "server-tls")]
            serving_key: server::ring_key(key_pem).unwrap_or_else(|| key.clone()),
            key,
        };
        identity.check_key()?;
        Ok(identity)
    }

    /// For rustls, without its own check of the pair: that one refuses certificates of version 1, and ours has
    /// been made.
    fn resolver_with(&self, key: &Arc<dyn SigningKey>) -> Arc<SingleCertAndKey> {
        Arc::new(SingleCertAndKey::from(CertifiedKey::new(self.chain.clone(), key.clone())))
    }

    fn check_key(&self) -> Result<(), TlsError> {
        let ours = self.key.public_key().ok_or(TlsError::KeyMismatch)?;
        let certificate = Certificate::from_der(&self.chain[0])
            .map_err(|error| TlsError::NoCertificate(error.to_string()))?;
        if ours.as_ref() == certificate.public_key_der() { Ok(()) } else { Err(TlsError::KeyMismatch) }
    }
}

#[cfg(feature = "server-tls")]
use server::other_key;

/// A gateway's own keys are on curves only.
#[cfg(not(feature = "server-tls"))]
fn other_key(_: &[u8], error: magma_crypto::KeyError) -> Result<Arc<dyn SigningKey>, TlsError> {
    Err(TlsError::NoPrivateKey(error.to_string()))
}

/// How a client connects: whom it trusts and, where the server asks for it, who it is.
#[derive(Clone, Debug)]
pub struct ClientTls {
    config: Arc<ClientConfig>,
}

impl ClientTls {
    /// A client that trusts only `trust`, and presents `identity` if the server asks.
    ///
    /// # Errors
    /// When a trusted certificate or the identity cannot be used.
    pub fn new(trust: &TrustAnchors, identity: Option<&Identity>) -> Result<Self, TlsError> {
        Self::by(provider::client(), trust, identity)
    }

    /// One without an identity whose handshakes take a fifth of the time, by ring's larger code: for a process that is
    /// thousands of clients, each [`ClientTls::with_identity`]. What it sends is the same.
    ///
    /// # Errors
    /// When a trusted certificate cannot be used.
    #[cfg(feature = "server-tls")]
    pub fn of_many(trust: &TrustAnchors) -> Result<Self, TlsError> {
        Self::by(provider::client_of_ring(), trust, None)
    }

    fn by(
        provider: CryptoProvider,
        trust: &TrustAnchors,
        identity: Option<&Identity>,
    ) -> Result<Self, TlsError> {
        let mut roots = RootCertStore::empty();
        for certificate in &trust.certificates {
            roots.add(certificate.clone()).map_err(|e| TlsError::TrustAnchor(e.to_string()))?;
        }
        roots.add_parsable_certificates(trust.collected.iter().cloned());
        let builder = ClientConfig::builder_with_provider(Arc::new(provider))
            .with_safe_default_protocol_versions()
            .map_err(setup)?
            .with_root_certificates(roots);
        let mut config = match identity {
            Some(identity) => builder.with_client_cert_resolver(identity.resolver_with(&identity.key)),
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = vec![b"h2".to_vec()];
        // A resumed session would present the certificate of the session that it resumes.
        config.resumption = rustls::client::Resumption::disabled();
        Ok(Self { config: Arc::new(config) })
    }

    /// The same for somebody else: what is trusted and the algorithms are shared, so that one process can be thousands
    /// of clients.
    #[cfg(feature = "server-tls")]
    #[must_use]
    pub fn with_identity(&self, identity: &Identity) -> Self {
        let mut config = ClientConfig::clone(&self.config);
        config.client_auth_cert_resolver = identity.resolver_with(&identity.serving_key);
        Self { config: Arc::new(config) }
    }

    /// The same for a protocol that is not HTTP: none is offered in the handshake.
    pub(crate) fn without_http(&self) -> Self {
        let mut config = ClientConfig::clone(&self.config);
        config.alpn_protocols.clear();
        Self { config: Arc::new(config) }
    }

    /// The same for HTTP/1.1 servers.
    pub(crate) fn for_http1(&self) -> Self {
        let mut config = ClientConfig::clone(&self.config);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Self { config: Arc::new(config) }
    }

    pub(crate) fn config(&self) -> Arc<ClientConfig> {
        self.config.clone()
    }
}

/// The certificates of a PEM text.
fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let mut found = Vec::new();
    for block in Blocks::new(pem) {
        let block = block.map_err(|error| TlsError::NoCertificate(error.to_string()))?;
        if block.label == "CERTIFICATE" {
            found.push(CertificateDer::from(block.contents));
        }
    }
    if found.is_empty() { Err(TlsError::NoCertificate("it is empty".into())) } else { Ok(found) }
}

fn setup(error: rustls::Error) -> TlsError {
    TlsError::Setup(error.to_string())
}
