//! Opening the folder: which files are missing, which stay, which are made anew.

use std::path::Path;
use std::time::SystemTime;

use rcgen::KeyPair;
use ring::rand::{SecureRandom, SystemRandom};
use x509_parser::certificate::X509Certificate;

use super::{CertificateFiles, FileChange, FileEvent};
use crate::authority::{self, Authority, AuthorityError};
use crate::certificate::{self, CertificateFacts};
use crate::challenge::{ChallengeSecret, SECRET_LENGTH};
use crate::domain::DomainName;
use crate::error::FolderError;
use crate::files::{self, Access};
use crate::private_key;
use crate::server_certificate::{self, Condition};
use crate::validity::unix_seconds;

/// The root: its certificate, and its key when it is here.
pub(super) struct Root {
    pub(super) pem: Vec<u8>,
    authority: Option<Authority>,
}

impl Root {
    /// Whether the root that signs now did not issue this, but one that is still trusted beside it did.
    fn supersedes_issuer(&self, certificate: &X509Certificate<'_>) -> bool {
        let Some(authority) = &self.authority else { return false };
        let text = String::from_utf8_lossy(&self.pem);
        let older = certificate::blocks(&text).into_iter().skip(1);
        !authority.has_issued(certificate)
            && older.into_iter().any(|(_, der)| {
                certificate::parse(&der).is_ok_and(|root| certificate::is_issued_by(certificate, &root))
            })
    }
}

pub(super) fn open_root(
    files: &CertificateFiles,
    domain: &DomainName,
    now: SystemTime,
    events: &mut Vec<FileEvent>,
) -> Result<Root, FolderError> {
    let (certificate, key) = (&files.root_certificate, &files.root_key);
    files::finish_pair(certificate, key)?;
    match (files::read(certificate)?, key.exists()) {
        (Some(pem), false) => {
            check_dates(certificate, &pem, now)?;
            Ok(Root { pem, authority: None })
        }
        (present, _) => {
            let name = format!("rootca.{domain}");
            let authority = open_authority(certificate, key, present, &name, now, events)?;
            Ok(Root { pem: authority.pem().to_vec(), authority: Some(authority) })
        }
    }
}

pub(super) fn open_certifier(
    files: &CertificateFiles,
    domain: &DomainName,
    now: SystemTime,
    events: &mut Vec<FileEvent>,
) -> Result<Authority, FolderError> {
    let (certificate, key) = (&files.certifier_certificate, &files.certifier_key);
    files::finish_pair(certificate, key)?;
    let present = files::read(certificate)?;
    if present.is_some() && !key.exists() {
        return Err(FolderError::HalfOfAPair { present: certificate.clone(), missing: key.clone() });
    }
    open_authority(certificate, key, present, &format!("certifier.{domain}"), now, events)
}

/// Reads an authority's pair, or makes it when both files are missing.
fn open_authority(
    certificate: &Path,
    key: &Path,
    present: Option<Vec<u8>>,
    common_name: &str,
    now: SystemTime,
    events: &mut Vec<FileEvent>,
) -> Result<Authority, FolderError> {
    let failed = |error| FolderError::Authority { path: certificate.to_owned(), error };
    let pem = match present {
        Some(pem) => pem,
        None if key.exists() => {
            return Err(FolderError::HalfOfAPair {
                present: key.to_owned(),
                missing: certificate.to_owned(),
            });
        }
        None => {
            let made = authority::create(common_name, now).map_err(failed)?;
            files::create_pair(
                (certificate, made.certificate_pem.as_bytes()),
                (key, made.key_pem.as_bytes()),
            )?;
            record(events, certificate, FileChange::Created);
            record(events, key, FileChange::Created);
            made.certificate_pem.into_bytes()
        }
    };
    check_dates(certificate, &pem, now)?;
    let (key_pair, _) = read_key(key)?;
    Authority::new(pem, key_pair).map_err(|error| match error {
        AuthorityError::KeyMismatch => mismatched(certificate, key),
        error => failed(error),
    })
}

pub(super) fn open_server(
    files: &CertificateFiles,
    root: &Root,
    domain: &DomainName,
    now: SystemTime,
    events: &mut Vec<FileEvent>,
) -> Result<(Vec<u8>, Vec<u8>), FolderError> {
    let (certificate, key) = (&files.server_certificate, &files.server_key);
    files::finish_pair(certificate, key)?;
    match (files::read(certificate)?, key.exists()) {
        (Some(pem), true) => keep_or_renew_server(files, root, domain, pem, now, events),
        (Some(_), false) => {
            Err(FolderError::HalfOfAPair { present: certificate.clone(), missing: key.clone() })
        }
        (None, true) => Err(FolderError::HalfOfAPair { present: key.clone(), missing: certificate.clone() }),
        (None, false) => create_server(files, root, domain, now, events),
    }
}

fn create_server(
    files: &CertificateFiles,
    root: &Root,
    domain: &DomainName,
    now: SystemTime,
    events: &mut Vec<FileEvent>,
) -> Result<(Vec<u8>, Vec<u8>), FolderError> {
    let Some(authority) = &root.authority else {
        return Err(FolderError::NoRootKey { root: files.root_certificate.clone() });
    };
    let failed = |error| FolderError::Authority { path: files.root_certificate.clone(), error };
    let key = KeyPair::generate().map_err(|error| failed(error.into()))?;
    let pem = server_certificate::sign(authority, &key, domain, None, now).map_err(failed)?;
    let key_pem = key.serialize_pem();
    files::create_pair((&files.server_certificate, pem.as_bytes()), (&files.server_key, key_pem.as_bytes()))?;
    record(events, &files.server_certificate, FileChange::Created);
    record(events, &files.server_key, FileChange::Created);
    Ok((pem.into_bytes(), key_pem.into_bytes()))
}

/// A renewed certificate keeps its key, so that only one file changes and no crash can separate the pair.
fn keep_or_renew_server(
    files: &CertificateFiles,
    root: &Root,
    domain: &DomainName,
    pem: Vec<u8>,
    now: SystemTime,
    events: &mut Vec<FileEvent>,
) -> Result<(Vec<u8>, Vec<u8>), FolderError> {
    let path = &files.server_certificate;
    let not_a_certificate = |error| FolderError::Certificate { path: path.clone(), error };
    let (key, key_pem) = read_key(&files.server_key)?;
    let der = certificate::first_der(&pem).map_err(not_a_certificate)?;
    let parsed = certificate::parse(&der).map_err(not_a_certificate)?;
    if !certificate::is_key_of(&parsed, &key) {
        return Err(mismatched(path, &files.server_key));
    }
    let mut condition = server_certificate::condition(&parsed, domain, now);
    let is_superseded = root.supersedes_issuer(&parsed);
    if is_superseded {
        condition = Condition::Superseded;
    }
    let issuer = root.authority.as_ref().filter(|authority| is_superseded || authority.has_issued(&parsed));
    match (condition, issuer) {
        (Condition::Good, _) => {}
        (_, Some(authority)) => {
            let renewed = server_certificate::sign(authority, &key, domain, Some(&parsed), now)
                .map_err(|error| FolderError::Authority { path: files.root_certificate.clone(), error })?;
            files::replace(path, renewed.as_bytes(), Access::Everybody)?;
            record(events, path, FileChange::Renewed);
            return Ok((renewed.into_bytes(), key_pem));
        }
        (Condition::EndsSoon | Condition::Superseded, None) => record(events, path, FileChange::EndsSoon),
        (Condition::OtherDomain, None) => record(events, path, FileChange::OtherDomain),
    }
    check_dates(path, &pem, now)?;
    Ok((pem, key_pem))
}

/// Makes the server certificate anew with the same key.
pub(super) fn renew_server(
    files: &CertificateFiles,
    domain: &DomainName,
    now: SystemTime,
) -> Result<(), FolderError> {
    let root = open_root(files, domain, now, &mut Vec::new())?;
    let path = &files.server_certificate;
    let not_a_certificate = |error| FolderError::Certificate { path: path.clone(), error };
    let der = certificate::first_der(&present(path)?).map_err(not_a_certificate)?;
    let parsed = certificate::parse(&der).map_err(not_a_certificate)?;
    let authority = root
        .authority
        .as_ref()
        .filter(|authority| authority.has_issued(&parsed) || root.supersedes_issuer(&parsed))
        .ok_or_else(|| FolderError::NotOurs { path: path.clone() })?;
    let (key, _) = read_key(&files.server_key)?;
    let renewed = server_certificate::sign(authority, &key, domain, Some(&parsed), now)
        .map_err(|error| FolderError::Authority { path: files.root_certificate.clone(), error })?;
    files::replace(path, renewed.as_bytes(), Access::Everybody)
}

/// A file that has to be there.
pub(super) fn present(path: &Path) -> Result<Vec<u8>, FolderError> {
    files::read(path)?.ok_or_else(|| FolderError::Read {
        path: path.to_owned(),
        error: std::io::Error::from(std::io::ErrorKind::NotFound),
    })
}

pub(super) fn open_challenge_secret(
    path: &Path,
    events: &mut Vec<FileEvent>,
) -> Result<ChallengeSecret, FolderError> {
    let bytes = match files::read(path)? {
        Some(bytes) => bytes,
        None => {
            let mut secret = [0; SECRET_LENGTH];
            SystemRandom::new().fill(&mut secret).map_err(|_| FolderError::Random)?;
            files::replace(path, &secret, Access::Owner)?;
            record(events, path, FileChange::Created);
            secret.to_vec()
        }
    };
    match bytes.first_chunk() {
        Some(secret) if bytes.len() == SECRET_LENGTH => Ok(ChallengeSecret::new(secret)),
        _ => Err(FolderError::ChallengeSecret { path: path.to_owned() }),
    }
}

fn read_key(path: &Path) -> Result<(KeyPair, Vec<u8>), FolderError> {
    let pem = files::read(path)?.unwrap_or_default();
    match private_key::from_pem(&pem) {
        Some(key) => Ok((key, pem)),
        None => Err(FolderError::PrivateKey { path: path.to_owned() }),
    }
}

fn check_dates(path: &Path, pem: &[u8], now: SystemTime) -> Result<(), FolderError> {
    let facts = certificate::first_der(pem)
        .and_then(|der| CertificateFacts::from_der(&der))
        .map_err(|error| FolderError::Certificate { path: path.to_owned(), error })?;
    let now = i64::try_from(unix_seconds(now)).unwrap_or(i64::MAX);
    if now < facts.not_before || now > facts.not_after {
        let CertificateFacts { not_before, not_after, .. } = facts;
        return Err(FolderError::NotValidNow { path: path.to_owned(), not_before, not_after });
    }
    Ok(())
}

fn mismatched(certificate: &Path, key: &Path) -> FolderError {
    FolderError::Mismatched { certificate: certificate.to_owned(), key: key.to_owned() }
}

fn record(events: &mut Vec<FileEvent>, path: &Path, change: FileChange) {
    events.push(FileEvent { path: path.to_owned(), change });
}
