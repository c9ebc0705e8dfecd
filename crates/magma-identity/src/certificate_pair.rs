//! The gateway's certificate and its key, which only make sense together.
//!
//! Two files cannot be replaced at once, so a journal that holds both is written first. Whoever loads the pair after
//! a crash finishes what the journal says; a key without its certificate is never taken for a pair.

mod error;

use std::fmt;
use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use magma_config::atomic_file;
use magma_crypto::{Certificate, PrivateKey, to_pem};

pub use error::PairError;

use crate::GatewayKey;

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
        Self::from_pem(
            to_pem("CERTIFICATE", cert_der).into_bytes(),
            key.pem().into_bytes(),
            place,
            "that was made for it",
        )
    }

    fn from_pem(
        cert_pem: Vec<u8>,
        key_pem: Vec<u8>,
        cert_place: &str,
        key_place: &str,
    ) -> Result<Self, PairError> {
        let bad_cert = |reason: String| PairError::NotACertificate { place: cert_place.to_owned(), reason };
        let der = Certificate::first_in(&cert_pem).map_err(|error| bad_cert(error.to_string()))?;
        let cert = Certificate::from_der(&der).map_err(|error| bad_cert(error.to_string()))?;
        let key = PrivateKey::from_pem(&key_pem)
            .map_err(|error| PairError::NotAKey { place: key_place.to_owned(), reason: error.to_string() })?;
        let public =
            cert.ec_key().ok_or_else(|| bad_cert("its key is on neither P-256 nor P-384".to_owned()))?;
        if public != (key.curve(), key.point()) {
            return Err(PairError::Mismatched { cert: cert_place.to_owned(), key: key_place.to_owned() });
        }
        Ok(Self {
            common_name: cert.common_name().unwrap_or_default().to_owned(),
            not_before: cert.not_before(),
            not_after: cert.not_after(),
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

#[cfg(test)]
mod tests;
