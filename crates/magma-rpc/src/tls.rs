//! TLS for both sides: who is trusted, who we are, and what a peer must present.
//!
//! Values are built from PEM texts that the caller has read, and are frozen: a new certificate means a new value
//! and a new connection.

mod client_verifier;

use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use std::sync::Arc;
use thiserror::Error;

/// What is wrong with certificates or keys that were given to us.
#[derive(Clone, Debug, Error)]
pub enum TlsError {
    /// There is no certificate in the text.
    #[error("no certificate in the PEM text ({0})")]
    NoCertificate(String),
    /// There is no private key in the text, or none that is supported.
    #[error("no usable private key in the PEM text ({0}); it must be PKCS#8, SEC1 or PKCS#1, not encrypted")]
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
        let collected = CertificateDer::pem_slice_iter(pem).filter_map(Result::ok).collect();
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
    key: PrivateKeyDer<'static>,
}

impl Identity {
    /// Reads a certificate chain and a private key from PEM texts.
    ///
    /// # Errors
    /// When either is missing, or the key is not that of the first certificate.
    pub fn from_pem(cert_chain_pem: &[u8], key_pem: &[u8]) -> Result<Self, TlsError> {
        let chain = certificates(cert_chain_pem)?;
        let key =
            PrivateKeyDer::from_pem_slice(key_pem).map_err(|e| TlsError::NoPrivateKey(e.to_string()))?;
        let identity = Self { chain, key };
        identity.check_key()?;
        Ok(identity)
    }

    /// For rustls, without its own check of the pair: that one refuses certificates of version 1, and ours has
    /// been made.
    fn resolver(&self) -> Result<Arc<SingleCertAndKey>, TlsError> {
        let signer = ring::sign::any_supported_type(&self.key).map_err(setup)?;
        Ok(Arc::new(SingleCertAndKey::from(CertifiedKey::new(self.chain.clone(), signer))))
    }

    fn check_key(&self) -> Result<(), TlsError> {
        let signer =
            ring::sign::any_supported_type(&self.key).map_err(|e| TlsError::NoPrivateKey(e.to_string()))?;
        let ours = signer.public_key().ok_or(TlsError::KeyMismatch)?;
        let (_, certificate) = x509_parser::parse_x509_certificate(&self.chain[0])
            .map_err(|e| TlsError::NoCertificate(e.to_string()))?;
        if ours.as_ref() == certificate.public_key().raw { Ok(()) } else { Err(TlsError::KeyMismatch) }
    }
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
        let mut roots = RootCertStore::empty();
        for certificate in &trust.certificates {
            roots.add(certificate.clone()).map_err(|e| TlsError::TrustAnchor(e.to_string()))?;
        }
        roots.add_parsable_certificates(trust.collected.iter().cloned());
        let builder = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(setup)?
            .with_root_certificates(roots);
        let mut config = match identity {
            Some(identity) => builder.with_client_cert_resolver(identity.resolver()?),
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = vec![b"h2".to_vec()];
        // A resumed session would present the certificate of the session that it resumes.
        config.resumption = rustls::client::Resumption::disabled();
        Ok(Self { config: Arc::new(config) })
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

/// Whether a server asks its clients for a certificate.
#[derive(Clone, Copy, Debug)]
pub enum ClientAuth<'a> {
    /// It does not ask.
    None,
    /// Only clients whose certificate one of these authorities issued, and that is valid now, get through.
    Required(&'a TrustAnchors),
}

/// How a server presents itself, and what it asks of clients.
#[derive(Clone, Debug)]
pub struct ServerTls {
    config: Arc<ServerConfig>,
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
        let builder = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(setup)?;
        let builder = match clients {
            ClientAuth::None => builder.with_no_client_auth(),
            ClientAuth::Required(trust) => {
                builder.with_client_cert_verifier(client_verifier::ClientVerifier::new(&trust.certificates)?)
            }
        };
        let mut config = builder.with_cert_resolver(identity.resolver()?);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self { config: Arc::new(config) })
    }

    pub(crate) fn config(&self) -> Arc<ServerConfig> {
        self.config.clone()
    }
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let found: Vec<_> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|e| TlsError::NoCertificate(e.to_string()))?;
    if found.is_empty() { Err(TlsError::NoCertificate("it is empty".into())) } else { Ok(found) }
}

fn setup(error: rustls::Error) -> TlsError {
    TlsError::Setup(error.to_string())
}

/// The cryptography in use; the one place to swap it.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}
