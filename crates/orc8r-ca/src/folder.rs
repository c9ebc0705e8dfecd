//! The folder of certificate files, and what can be done once it is open.

mod opening;

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use rcgen::{CertificateParams, KeyPair};

use crate::authority::{self, Authority, AuthorityError};
use crate::certificate::{self, CertificateFacts, NotACertificate};
use crate::challenge::ChallengeSecret;
use crate::client_certificate::{self, ClientSubject, IssuedCertificate, SigningError};
use crate::domain::DomainName;
use crate::error::FolderError;
use crate::files;
use crate::rotation::old_root;
use crate::server_certificate;
use crate::validity::unix_seconds;

/// Where each file is. The names are Magma's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFiles {
    /// What gateways install to recognise this Orchestrator.
    pub root_certificate: PathBuf,
    /// The root's key; may be absent when the server certificate comes from elsewhere.
    pub root_key: PathBuf,
    /// The authority of gateways' and operators' certificates.
    pub certifier_certificate: PathBuf,
    /// Its key.
    pub certifier_key: PathBuf,
    /// The server's certificate.
    pub server_certificate: PathBuf,
    /// Its key.
    pub server_key: PathBuf,
    /// The first operator's certificate.
    pub admin_certificate: PathBuf,
    /// Its key.
    pub admin_key: PathBuf,
    /// What challenges are protected with.
    pub challenge_secret: PathBuf,
}

/// What happened to a file when the folder was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileChange {
    /// It was missing and has been made.
    Created,
    /// It was about to end, was for another domain, or of a root that was rotated out, and has been made anew with the
    /// same key.
    Renewed,
    /// It ends within 30 days and cannot be made anew here.
    EndsSoon,
    /// It does not cover the domain and cannot be made anew here.
    OtherDomain,
}

/// A file and what happened to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEvent {
    /// The file.
    pub path: PathBuf,
    /// What happened.
    pub change: FileChange,
}

/// The opened folder, and what had to be done.
pub struct Opened {
    /// The authorities.
    pub authorities: CertificateAuthorities,
    /// What was made, renewed, or needs attention.
    pub events: Vec<FileEvent>,
}

/// The Orchestrator's authorities, server certificate and challenge secret, ready for use.
pub struct CertificateAuthorities {
    files: CertificateFiles,
    domain: DomainName,
    challenges: ChallengeSecret,
    current: RwLock<Arc<Material>>,
}

/// What may change while it is in use.
struct Material {
    root_pem: Vec<u8>,
    certifier: Authority,
    server_chain_pem: Vec<u8>,
    server_key_pem: Vec<u8>,
}

impl Material {
    fn open(
        files: &CertificateFiles,
        domain: &DomainName,
        now: SystemTime,
        events: &mut Vec<FileEvent>,
    ) -> Result<Self, FolderError> {
        files.finish_rotation()?;
        let root = opening::open_root(files, domain, now, events)?;
        let certifier = opening::open_certifier(files, domain, now, events)?;
        let (mut server_chain_pem, server_key_pem) = opening::open_server(files, &root, domain, now, events)?;
        let words = old_root::words(&files.root_cross_certificate(), &root.pem)?;
        server_chain_pem.extend(words.into_bytes());
        Ok(Self { root_pem: root.pem, certifier, server_chain_pem, server_key_pem })
    }

    fn is_same(&self, other: &Self) -> bool {
        self.root_pem == other.root_pem
            && self.certifier.pem() == other.certifier.pem()
            && self.server_chain_pem == other.server_chain_pem
            && self.server_key_pem == other.server_key_pem
    }
}

/// A new operator's certificate and key. The certificate counts for nothing until its serial is in the store.
#[derive(Clone)]
pub struct OperatorCredentials {
    /// The certificate, and what the store has to remember of it.
    pub certificate: IssuedCertificate,
    /// The key's PEM text (PKCS#8).
    pub key_pem: String,
}

/// Why a certificate from elsewhere cannot be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ForeignCertificate {
    /// It is no certificate.
    #[error(transparent)]
    NotACertificate(#[from] NotACertificate),
    /// Another authority signed it, so the TLS handshake would refuse it anyway.
    #[error(
        "this certificate was not issued by certifier.pem: put the certifier that issued it in the data folder"
    )]
    OtherIssuer,
    /// It has ended.
    #[error("this certificate has expired: issue a new one")]
    Expired,
}

impl CertificateFiles {
    /// The files of a folder.
    pub fn under(folder: &Path) -> Self {
        Self {
            root_certificate: folder.join("rootCA.pem"),
            root_key: folder.join("rootCA.key"),
            certifier_certificate: folder.join("certifier.pem"),
            certifier_key: folder.join("certifier.key"),
            server_certificate: folder.join("controller.crt"),
            server_key: folder.join("controller.key"),
            admin_certificate: folder.join("admin_operator.pem"),
            admin_key: folder.join("admin_operator.key.pem"),
            challenge_secret: folder.join("challenge_secret"),
        }
    }

    /// The domain that the server certificate was made for.
    ///
    /// # Errors
    /// When there is no such certificate, or it names no domain.
    pub fn domain(&self) -> Result<DomainName, FolderError> {
        let path = &self.server_certificate;
        let pem = opening::present(path)?;
        let error = |error| FolderError::Certificate { path: path.clone(), error };
        let der = certificate::first_der(&pem).map_err(error)?;
        let domain = server_certificate::domain(&certificate::parse(&der).map_err(error)?);
        domain.ok_or_else(|| FolderError::NoDomain { path: path.clone() })
    }
}

impl CertificateAuthorities {
    /// Opens a folder: takes what is there untouched, and makes what is missing.
    ///
    /// The server certificate is made anew when it ends within 30 days or does not cover the domain, provided
    /// that the root that signed it is here with its key.
    ///
    /// # Errors
    /// When a file is unreadable, damaged, expired, or does not fit the one beside it; the text says what to do.
    pub fn open(folder: &Path, domain: &DomainName, now: SystemTime) -> Result<Opened, FolderError> {
        let files = CertificateFiles::under(folder);
        let mut events = Vec::new();
        let material = Material::open(&files, domain, now, &mut events)?;
        let challenges = opening::open_challenge_secret(&files.challenge_secret, &mut events)?;
        let current = RwLock::new(Arc::new(material));
        Ok(Opened { authorities: Self { files, domain: domain.clone(), challenges, current }, events })
    }

    /// Opens a folder for the domain that its server certificate was made for.
    ///
    /// # Errors
    /// As [`CertificateAuthorities::open`], or when there is no such certificate.
    pub fn open_known(folder: &Path, now: SystemTime) -> Result<Opened, FolderError> {
        Self::open(folder, &CertificateFiles::under(folder).domain()?, now)
    }

    /// Takes up what has changed in the folder since it was opened, and makes the server certificate anew when it is
    /// time. Nothing that is missing is made; when something does not fit, everything stays as it was.
    ///
    /// Returns whether anything changed, and what had to be done.
    ///
    /// # Errors
    /// As [`CertificateAuthorities::open`].
    pub fn reload(&self, now: SystemTime) -> Result<(bool, Vec<FileEvent>), FolderError> {
        let CertificateFiles { root_certificate, certifier_certificate, certifier_key, .. } = &self.files;
        let CertificateFiles { server_certificate, server_key, .. } = &self.files;
        for file in [root_certificate, certifier_certificate, certifier_key, server_certificate, server_key] {
            opening::present(file)?;
        }
        let mut events = Vec::new();
        let material = Material::open(&self.files, &self.domain, now, &mut events)?;
        let is_same = material.is_same(&self.current());
        if !is_same {
            *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(material);
        }
        Ok((!is_same, events))
    }

    /// Makes the server certificate anew with the same key, however long the present one would still do.
    ///
    /// # Errors
    /// When the root that issued the present one is not here with its key, or a file cannot be written.
    pub fn renew_server(&self, now: SystemTime) -> Result<(), FolderError> {
        opening::renew_server(&self.files, &self.domain, now)?;
        self.reload(now).map(drop)
    }

    fn current(&self) -> Arc<Material> {
        // One pointer is written at a time, so a panic elsewhere does not spoil it.
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Signs a gateway's or operator's certificate request; the identity is the caller's word alone.
    ///
    /// # Errors
    /// When the request is damaged, proves no possession of its key, or names somebody else.
    pub fn sign_client_certificate(
        &self,
        csr_der: &[u8],
        subject: ClientSubject<'_>,
        valid_for: Option<Duration>,
        now: SystemTime,
    ) -> Result<IssuedCertificate, SigningError> {
        client_certificate::sign(&self.current().certifier, csr_der, subject, valid_for, now)
    }

    /// Makes a key and certificate for an operator, valid for two years.
    ///
    /// # Errors
    /// When the authority cannot sign.
    pub fn issue_operator(&self, name: &str, now: SystemTime) -> Result<OperatorCredentials, SigningError> {
        self.issue(ClientSubject::Operator { name }, name, now)
    }

    /// Makes a key and a certificate for a node of this Orchestrator, with which it calls the others.
    ///
    /// # Errors
    /// When the authority cannot sign.
    pub fn issue_node(&self, name: &str, now: SystemTime) -> Result<OperatorCredentials, SigningError> {
        self.issue(ClientSubject::Node { name }, name, now)
    }

    fn issue(
        &self,
        subject: ClientSubject<'_>,
        name: &str,
        now: SystemTime,
    ) -> Result<OperatorCredentials, SigningError> {
        let key = KeyPair::generate().map_err(AuthorityError::from)?;
        let mut params = CertificateParams::default();
        params.distinguished_name = authority::named(name);
        let request = params.serialize_request(&key).map_err(AuthorityError::from)?;
        let certificate = self.sign_client_certificate(request.der(), subject, None, now)?;
        Ok(OperatorCredentials { certificate, key_pem: key.serialize_pem() })
    }

    /// Reads a certificate of our certifier, see [`recognise`].
    ///
    /// # Errors
    /// When it is none, was issued by another authority, or has expired.
    pub fn recognise(
        &self,
        pem_or_der: &[u8],
        now: SystemTime,
    ) -> Result<CertificateFacts, ForeignCertificate> {
        recognise(&self.certifier_pem(), pem_or_der, now)
    }

    /// Whether the first operator's files are there.
    pub fn has_admin(&self) -> bool {
        self.files.admin_certificate.exists() || self.files.admin_key.exists()
    }

    /// Writes the first operator's files, as a pair, the key for the owner alone.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn write_admin(&self, credentials: &OperatorCredentials) -> Result<(), FolderError> {
        files::create_pair(
            (&self.files.admin_certificate, credentials.certificate.pem.as_bytes()),
            (&self.files.admin_key, credentials.key_pem.as_bytes()),
        )
    }

    /// Where the files are.
    pub fn files(&self) -> &CertificateFiles {
        &self.files
    }

    /// What makes and recognises challenges.
    pub fn challenges(&self) -> &ChallengeSecret {
        &self.challenges
    }

    /// The text of `rootCA.pem`, for gateways: while the root is rotated, both.
    pub fn root_pem(&self) -> Vec<u8> {
        self.current().root_pem.clone()
    }

    /// The text of `certifier.pem`: the trust anchors of client certificates. The first one issues.
    pub fn certifier_pem(&self) -> Vec<u8> {
        self.current().certifier.pem().to_vec()
    }

    /// The server's certificate chain and key.
    pub fn server_pems(&self) -> (Vec<u8>, Vec<u8>) {
        let current = self.current();
        (current.server_chain_pem.clone(), current.server_key_pem.clone())
    }
}

/// What is in the certificates of a PEM text, or in one that is DER.
pub fn certificates_of(pem_or_der: &[u8]) -> Vec<CertificateFacts> {
    let text = String::from_utf8_lossy(pem_or_der);
    let found: Vec<CertificateFacts> = certificate::blocks(&text)
        .into_iter()
        .filter_map(|(_, der)| CertificateFacts::from_der(&der).ok())
        .collect();
    if found.is_empty() { CertificateFacts::from_der(pem_or_der).into_iter().collect() } else { found }
}

/// Reads a certificate that was issued elsewhere by the certifier, so that its serial can be imported.
///
/// # Errors
/// When it is none, was issued by another authority, or has expired.
pub fn recognise(
    certifier_pem: &[u8],
    pem_or_der: &[u8],
    now: SystemTime,
) -> Result<CertificateFacts, ForeignCertificate> {
    let (first, der) = (certificate::first_der(certifier_pem)?, certificate::first_der(pem_or_der)?);
    let parsed = certificate::parse(&der)?;
    let text = String::from_utf8_lossy(certifier_pem);
    let beside = certificate::blocks(&text).into_iter().map(|(_, der)| der);
    let has_issued = |certifier: &Vec<u8>| {
        certificate::parse(certifier).is_ok_and(|certifier| certificate::is_issued_by(&parsed, &certifier))
    };
    if !beside.chain([first]).any(|certifier| has_issued(&certifier)) {
        return Err(ForeignCertificate::OtherIssuer);
    }
    let facts = CertificateFacts::of(&parsed);
    let has_ended = u64::try_from(facts.not_after).map_or(true, |end| end < unix_seconds(now));
    if has_ended { Err(ForeignCertificate::Expired) } else { Ok(facts) }
}

#[cfg(test)]
mod tests;
