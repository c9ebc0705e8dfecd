//! The gateway's certificate and its key, which only make sense together.
//!
//! Two files cannot be replaced at once, so a journal that holds both is written first. Whoever loads the pair after
//! a crash finishes what the journal says; a key without its certificate is never taken for a pair.

mod error;

use std::fmt;
use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use magma_config::atomic_file;
use p384::pkcs8::der::pem::{LineEnding, encode_string};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
};
use x509_parser::certificate::X509Certificate;
use x509_parser::pem::Pem;
use x509_parser::prelude::{ASN1Time, FromDer};

pub use error::PairError;

use crate::GatewayKey;
use crate::private_key::PrivateKey;

/// The key is the gateway's secret, the certificate is shown to everybody.
const KEY_MODE: u32 = 0o600;
const CERT_MODE: u32 = 0o644;

/// Key and certificate have about a kilobyte each; a chain has a few.
const FILE_BYTES_MAX: u64 = 64 * 1024;

/// A certificate and the key that belongs to it.
#[derive(Clone, PartialEq, Eq)]
pub struct CertificatePair {
    cert_pem: Vec<u8>,
    key_pem: Vec<u8>,
    common_name: String,
    not_before: SystemTime,
    not_after: SystemTime,
}

/// The steps of storing a pair, in order. After the first one, the new pair is what [`CertificatePair::load`] gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    WriteJournal,
    ReplaceKey,
    ReplaceCertificate,
    RemoveJournal,
}

impl Step {
    const ALL: [Self; 4] =
        [Self::WriteJournal, Self::ReplaceKey, Self::ReplaceCertificate, Self::RemoveJournal];
}

impl CertificatePair {
    /// Reads the pair from disk, after finishing an interrupted [`CertificatePair::store`]. Dates are not judged: the
    /// caller knows the time.
    ///
    /// # Errors
    /// [`PairError`], except `Unwritable`.
    pub fn load(cert: &Path, key: &Path) -> Result<Self, PairError> {
        finish_interrupted(cert, key).map_or_else(|| Self::read(cert, key), Ok)
    }

    /// The same as [`CertificatePair::load`] without changing any file.
    ///
    /// # Errors
    /// [`PairError`], except `Unwritable`.
    pub fn peek(cert: &Path, key: &Path) -> Result<Self, PairError> {
        let interrupted = read(&journal_of(key)).ok().and_then(|both| Self::from_journal(&both).ok());
        interrupted.map_or_else(|| Self::read(cert, key), Ok)
    }

    fn read(cert: &Path, key: &Path) -> Result<Self, PairError> {
        let (cert_pem, key_pem) = (read(cert)?, read(key)?);
        Self::from_pem(cert_pem, key_pem, &cert.display().to_string(), &key.display().to_string())
    }

    /// Puts a certificate that the cloud signed together with the key that it was requested for.
    ///
    /// # Errors
    /// [`PairError::NotACertificate`] and [`PairError::Mismatched`].
    pub fn new(cert_der: &[u8], key: &GatewayKey) -> Result<Self, PairError> {
        let place = "the certificate from the cloud";
        let pem = encode_string("CERTIFICATE", LineEnding::LF, cert_der).map_err(|error| {
            PairError::NotACertificate { place: place.to_owned(), reason: error.to_string() }
        })?;
        Self::from_pem(pem.into_bytes(), key.pem().into_bytes(), place, "that was made for it")
    }

    fn from_pem(
        cert_pem: Vec<u8>,
        key_pem: Vec<u8>,
        cert_place: &str,
        key_place: &str,
    ) -> Result<Self, PairError> {
        let bad_cert = |reason: String| PairError::NotACertificate { place: cert_place.to_owned(), reason };
        let bad_key =
            |reason: &str| PairError::NotAKey { place: key_place.to_owned(), reason: reason.to_owned() };
        let der = first_certificate(&cert_pem).map_err(bad_cert)?;
        let (_, cert) = X509Certificate::from_der(&der).map_err(|error| bad_cert(error.to_string()))?;
        let secret = PrivateKey::find(&key_pem).and_then(|key| key.secret_number()).map_err(bad_key)?;
        if !belongs_together(&cert, &secret).map_err(|reason| bad_cert(reason.to_owned()))? {
            return Err(PairError::Mismatched { cert: cert_place.to_owned(), key: key_place.to_owned() });
        }
        let common_name = cert.subject().iter_common_name().next().and_then(|name| name.as_str().ok());
        let (common_name, validity) = (common_name.unwrap_or_default().to_owned(), cert.validity().clone());
        Ok(Self {
            common_name,
            not_before: time_of(validity.not_before),
            not_after: time_of(validity.not_after),
            cert_pem,
            key_pem,
        })
    }

    /// Writes both files so that after a crash at any moment [`CertificatePair::load`] gives the old pair or this one.
    /// The key can only be read by its owner, from the moment of its creation.
    ///
    /// # Errors
    /// [`PairError::Unwritable`]. The pair on disk is then the old one, unless only the certificate could not be
    /// written: then [`CertificatePair::load`] gives this one.
    pub fn store(&self, cert: &Path, key: &Path) -> Result<(), PairError> {
        for folder in [cert.parent(), key.parent()].into_iter().flatten() {
            fs::create_dir_all(folder)
                .map_err(|source| PairError::Unwritable { path: folder.to_owned(), source })?;
        }
        for step in Step::ALL {
            if let Err(error) = self.perform(step, cert, key) {
                if step == Step::ReplaceKey {
                    // Nothing has changed yet: forget the attempt. If that fails too, the next load finishes it.
                    let _ = self.perform(Step::RemoveJournal, cert, key);
                }
                return Err(error);
            }
        }
        Ok(())
    }

    fn perform(&self, step: Step, cert: &Path, key: &Path) -> Result<(), PairError> {
        let journal = journal_of(key);
        let (path, result) = match step {
            Step::WriteJournal => {
                let both = [&self.key_pem[..], b"\n", &self.cert_pem].concat();
                (journal.as_path(), atomic_file::replace(&journal, &both, KEY_MODE))
            }
            Step::ReplaceKey => (key, atomic_file::replace(key, &self.key_pem, KEY_MODE)),
            Step::ReplaceCertificate => (cert, atomic_file::replace(cert, &self.cert_pem, CERT_MODE)),
            Step::RemoveJournal => (journal.as_path(), atomic_file::remove(&journal)),
        };
        result.map_err(|source| PairError::Unwritable { path: path.to_owned(), source })
    }

    /// The certificate is not valid before this time.
    pub fn not_before(&self) -> SystemTime {
        self.not_before
    }

    /// The certificate is not valid after this time.
    pub fn not_after(&self) -> SystemTime {
        self.not_after
    }

    /// The common name in the certificate's subject, which is the gateway's hardware id; empty when there is none.
    pub fn common_name(&self) -> &str {
        &self.common_name
    }

    /// The certificate as PEM, with its chain if the file has one.
    pub fn cert_pem(&self) -> &[u8] {
        &self.cert_pem
    }

    /// The key as PEM.
    pub fn key_pem(&self) -> &[u8] {
        &self.key_pem
    }
}

impl fmt::Debug for CertificatePair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CertificatePair")
            .field("common_name", &self.common_name)
            .field("not_before", &self.not_before)
            .field("not_after", &self.not_after)
            .finish_non_exhaustive()
    }
}

/// The journal lies beside the key, where secrets may lie.
fn journal_of(key: &Path) -> PathBuf {
    let mut name = key.as_os_str().to_owned();
    name.push(".pair.new");
    PathBuf::from(name)
}

/// The pair of a journal that a crash left, put in place as far as that is possible; `None` when there is none.
fn finish_interrupted(cert: &Path, key: &Path) -> Option<CertificatePair> {
    let both = read(&journal_of(key)).ok()?;
    let Ok(pair) = CertificatePair::from_journal(&both) else {
        // The disk lost it: the files that are there have to do.
        let _ = atomic_file::remove(&journal_of(key));
        return None;
    };
    // When the disk is full, the pair can be used all the same, and the next load tries again.
    let _ = Step::ALL[1..].iter().try_for_each(|step| pair.perform(*step, cert, key));
    Some(pair)
}

impl CertificatePair {
    fn from_journal(both: &[u8]) -> Result<Self, PairError> {
        let start = both.windows(27).position(|window| window == b"-----BEGIN CERTIFICATE-----");
        let (key_pem, cert_pem) = both.split_at(start.unwrap_or(both.len()));
        let key_pem = key_pem.strip_suffix(b"\n").unwrap_or(key_pem);
        Self::from_pem(cert_pem.to_vec(), key_pem.to_vec(), "the journal", "the journal")
    }
}

fn read(path: &Path) -> Result<Vec<u8>, PairError> {
    let mut bytes = Vec::new();
    match File::open(path).and_then(|file| file.take(FILE_BYTES_MAX).read_to_end(&mut bytes)) {
        Ok(_) => Ok(bytes),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Err(PairError::Missing { path: path.to_owned() })
        }
        Err(source) => Err(PairError::Unreadable { path: path.to_owned(), source }),
    }
}

fn first_certificate(text: &[u8]) -> Result<Vec<u8>, String> {
    for block in Pem::iter_from_buffer(text) {
        let block = block.map_err(|error| error.to_string())?;
        if block.label == "CERTIFICATE" {
            return Ok(block.contents);
        }
    }
    Err("there is no certificate in it".to_owned())
}

/// Whether the certificate's public key is that of the secret number.
fn belongs_together(cert: &X509Certificate<'_>, secret: &[u8]) -> Result<bool, &'static str> {
    let spki = cert.public_key();
    let curve = spki.algorithm.parameters.as_ref().and_then(|parameters| parameters.as_oid().ok());
    let (algorithm, length) = match curve.map(|oid| oid.to_id_string()).as_deref() {
        Some("1.2.840.10045.3.1.7") => (&ECDSA_P256_SHA256_ASN1_SIGNING, 32),
        Some("1.3.132.0.34") => (&ECDSA_P384_SHA384_ASN1_SIGNING, 48),
        _ => return Err("its key is on neither P-256 nor P-384"),
    };
    Ok(same_key(algorithm, secret, length, spki.subject_public_key.data.as_ref()))
}

/// ring refuses to make a pair of halves that are not of the same key.
fn same_key(algorithm: &'static EcdsaSigningAlgorithm, secret: &[u8], length: usize, public: &[u8]) -> bool {
    let zeros = secret.len().saturating_sub(length);
    if secret[..zeros].iter().any(|byte| *byte != 0) {
        return false;
    }
    let secret = &secret[zeros..];
    let padded = [&vec![0; length - secret.len()], secret].concat();
    EcdsaKeyPair::from_private_key_and_public_key(algorithm, &padded, public, &SystemRandom::new()).is_ok()
}

/// X.509 time counts whole seconds; before 1970 is as good as 1970.
fn time_of(time: ASN1Time) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(u64::try_from(time.timestamp()).unwrap_or(0))
}

#[cfg(test)]
mod tests;
