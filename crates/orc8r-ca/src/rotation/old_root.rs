//! The old root's word for the present root's key, which the server shows beside its certificate: gateways that have only
//! the old root go on by it, since no message of Magma's brings them a new one.
//!
//! It outlives the rotation, until the old root ends or the operator takes it away. The newest stands first; a gateway that
//! has the root before the last one follows them back.

use std::path::{Path, PathBuf};

use super::{RotationError, remove};
use crate::certificate::{self, blocks};
use crate::error::FolderError;
use crate::files::{self, Access};
use crate::folder::CertificateFiles;

impl CertificateFiles {
    pub(crate) fn root_cross_certificate(&self) -> PathBuf {
        self.root_certificate.with_extension("cross.pem")
    }

    /// Until when gateways that have only the old root are served, in seconds since 1970; `None` when there is no old root
    /// that vouches for the present one.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn old_root_ends(&self) -> Result<Option<i64>, FolderError> {
        let Some(root) = files::read(&self.root_certificate)? else { return Ok(None) };
        let words = words(&self.root_cross_certificate(), &root)?;
        let first = blocks(&words).into_iter().next();
        Ok(first.and_then(|(_, der)| Some(certificate::parse(&der).ok()?.validity().not_after.timestamp())))
    }

    /// After the last step: gateways that have only the old root are served no more.
    ///
    /// # Errors
    /// When a rotation is under way or there is nothing to take away, and when a file cannot be written.
    pub fn cut_off_old_root(&self) -> Result<(), RotationError> {
        if self.rotation()? != super::Rotation::None {
            let first = "a rotation is under way: `orc8r cert rotate-ca retire` comes first";
            return Err(RotationError::Order(first));
        }
        if self.old_root_ends()?.is_none() {
            return Err(RotationError::Order("no old root vouches for the present one"));
        }
        Ok(remove(&self.root_cross_certificate())?)
    }
}

/// The words in a file that lead back from this root's key, the newest first.
pub(crate) fn words(file: &Path, root_pem: &[u8]) -> Result<String, FolderError> {
    let Some(pem) = files::read(file)? else { return Ok(String::new()) };
    let failed = |error| FolderError::Certificate { path: file.to_owned(), error };
    let text = String::from_utf8(pem).map_err(|_| failed(certificate::NotACertificate))?;
    let root = certificate::first_der(root_pem).map_err(failed)?;
    let root = certificate::parse(&root).map_err(failed)?;
    let is_its_key =
        |der: &[u8]| certificate::parse(der).is_ok_and(|word| word.public_key().raw == root.public_key().raw);
    let words = blocks(&text).into_iter().skip_while(|(_, der)| !is_its_key(der));
    Ok(words.map(|(text, _)| text).collect())
}

/// Sets a new word before those that lead back from `root_pem`.
pub(super) fn add(file: &Path, word: &str, root_pem: &[u8]) -> Result<(), FolderError> {
    let text = word.to_owned() + &words(file, root_pem)?;
    files::replace(file, text.as_bytes(), Access::Everybody)
}

/// Leaves only the words that lead back from `root_pem`.
pub(super) fn keep(file: &Path, root_pem: &[u8]) -> Result<(), FolderError> {
    let kept = words(file, root_pem)?;
    if kept.is_empty() { remove(file) } else { files::replace(file, kept.as_bytes(), Access::Everybody) }
}
