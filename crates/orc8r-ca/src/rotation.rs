//! Rotation of the authorities, with overlap: nobody is cut off between the first step and the last.
//!
//! 1. **Begin**: a new root and a new certifier are made beside the old ones, and trusted beside them (`rootCA.pem` and
//!    `certifier.pem` name both). The old ones still sign.
//! 2. **Switch**: the new ones sign, and come first in the two files. The old ones are still trusted; their keys are gone.
//! 3. **Retire**: the old ones are not trusted any more.
//!
//! A gateway that has only the old root goes on, also after the last step: the old root has signed the new one's key
//! (`rootCA.cross.pem`), and the server presents that, too. The new authorities have the names of the old ones, so that
//! such a certificate lengthens no path (RFC 5280 §6.1, self-issued certificates).
//!
//! Each step may be done twice, and a crash within one leaves a folder that can be opened.

pub(crate) mod old_root;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rcgen::KeyPair;

use crate::authority::{self, Authority, AuthorityError};
use crate::certificate::{self, blocks};
use crate::error::FolderError;
use crate::files::{self, Access};
use crate::folder::CertificateFiles;
use crate::private_key;

/// How far a rotation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotation {
    /// There is one root and one certifier.
    None,
    /// New ones are trusted beside the old ones, which sign.
    Begun,
    /// The new ones sign; old ones are trusted beside.
    Switched,
}

/// Why a step is not taken.
#[derive(Debug, thiserror::Error)]
pub enum RotationError {
    /// The step is not the next one.
    #[error("{0}")]
    Order(&'static str),
    /// A file cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// A new authority cannot be made.
    #[error("{path}: {error}")]
    Authority {
        /// The certificate of the old one.
        path: PathBuf,
        /// Why.
        error: AuthorityError,
    },
}

/// An authority's files.
struct Place<'a> {
    certificate: &'a Path,
    key: &'a Path,
    cross: Option<PathBuf>,
}

impl Place<'_> {
    fn next_certificate(&self) -> PathBuf {
        self.certificate.with_extension("next.pem")
    }

    fn next_key(&self) -> PathBuf {
        self.certificate.with_extension("next.key")
    }

    fn text(&self) -> Result<String, FolderError> {
        let pem = files::read(self.certificate)?.unwrap_or_default();
        String::from_utf8(pem).map_err(|_| self.not_pem())
    }

    fn not_pem(&self) -> FolderError {
        FolderError::Certificate { path: self.certificate.to_owned(), error: certificate::NotACertificate }
    }

    fn failed(&self, error: AuthorityError) -> RotationError {
        RotationError::Authority { path: self.certificate.to_owned(), error }
    }
}

impl CertificateFiles {
    /// The authorities that are kept here: the root only with its key.
    fn places(&self) -> Vec<Place<'_>> {
        let root = Place {
            certificate: &self.root_certificate,
            key: &self.root_key,
            cross: Some(self.root_cross_certificate()),
        };
        let certifier =
            Place { certificate: &self.certifier_certificate, key: &self.certifier_key, cross: None };
        [root, certifier].into_iter().filter(|place| place.key.exists()).collect()
    }

    /// How far a rotation is.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn rotation(&self) -> Result<Rotation, FolderError> {
        let places = self.places();
        if places.iter().any(|place| place.next_certificate().exists()) {
            return Ok(Rotation::Begun);
        }
        for place in &places {
            if blocks(&place.text()?).len() > 1 {
                return Ok(Rotation::Switched);
            }
        }
        Ok(Rotation::None)
    }

    /// The first step: makes new authorities, and has them trusted beside the old ones.
    ///
    /// # Errors
    /// When old ones of an earlier rotation are still trusted, or a file cannot be read or written.
    pub fn begin_rotation(&self, now: SystemTime) -> Result<(), RotationError> {
        if self.rotation()? == Rotation::Switched {
            let first = "an older authority is still trusted: `orc8r cert rotate-ca retire` comes first";
            return Err(RotationError::Order(first));
        }
        self.places().iter().try_for_each(|place| begin(place, now))
    }

    /// Takes the first step back: the new authorities have signed nothing yet.
    ///
    /// # Errors
    /// When there is nothing to take back, or a file cannot be written.
    pub fn cancel_rotation(&self) -> Result<(), RotationError> {
        if self.rotation()? != Rotation::Begun {
            return Err(RotationError::Order("no rotation was begun that could be cancelled"));
        }
        for place in self.places() {
            let Some(next) = next(&place)? else { continue };
            let text = place.text()?;
            let kept = blocks(&text).into_iter().filter(|(_, der)| *der != next.1);
            write(place.certificate, kept.map(|(text, _)| text))?;
            remove(&place.next_certificate())?;
            remove(&place.next_key())?;
            if let Some(cross) = &place.cross {
                old_root::keep(cross, place.text()?.as_bytes())?;
            }
        }
        Ok(())
    }

    /// The second step: from now on the new authorities sign. The old ones' keys are gone with it.
    ///
    /// # Errors
    /// When no rotation was begun, or a file cannot be written.
    pub fn switch_rotation(&self) -> Result<(), RotationError> {
        if self.rotation()? != Rotation::Begun {
            return Err(RotationError::Order(
                "no rotation was begun: `orc8r cert rotate-ca begin` comes first",
            ));
        }
        self.places().iter().try_for_each(switch)
    }

    /// The last step: the old authorities are not trusted any more. Gateways that trust the old root go on by its word for
    /// the new one, until [`cut_off_old_root`](Self::cut_off_old_root).
    ///
    /// # Errors
    /// When the second step was not taken, or a file cannot be written.
    pub fn retire_rotation(&self) -> Result<(), RotationError> {
        match self.rotation()? {
            Rotation::Switched => {}
            Rotation::Begun => {
                return Err(RotationError::Order(
                    "the old authorities still sign: `orc8r cert rotate-ca switch` comes first",
                ));
            }
            Rotation::None => return Err(RotationError::Order("there is no old authority to retire")),
        }
        for place in self.places() {
            let text = place.text()?;
            write(place.certificate, blocks(&text).into_iter().take(1).map(|(text, _)| text))?;
        }
        Ok(())
    }

    /// Carries a second step out to its end that a crash interrupted between key and certificate.
    pub(crate) fn finish_rotation(&self) -> Result<(), FolderError> {
        for place in self.places() {
            let (certificate, key) = (place.next_certificate(), place.next_key());
            files::finish_pair(&certificate, &key)?;
            if certificate.exists() && !key.exists() {
                files::move_in_place(&certificate, place.certificate)?;
            }
        }
        Ok(())
    }
}

/// The next authority's text and DER form, if there is one.
fn next(place: &Place<'_>) -> Result<Option<(String, Vec<u8>)>, FolderError> {
    let Some(pem) = files::read(&place.next_certificate())? else { return Ok(None) };
    let text = String::from_utf8(pem).map_err(|_| place.not_pem())?;
    let first = blocks(&text).into_iter().next();
    Ok(first.map(|(text, der)| (text.to_owned(), der)))
}

fn begin(place: &Place<'_>, now: SystemTime) -> Result<(), RotationError> {
    let text = place.text()?;
    if blocks(&text).is_empty() {
        return Err(place.not_pem().into());
    }
    let (certificate, key) = (place.next_certificate(), place.next_key());
    files::finish_pair(&certificate, &key)?;
    if !certificate.exists() {
        let old = old_authority(place, &text)?;
        let new = authority::successor(&old, now).map_err(|error| place.failed(error))?;
        if let Some(cross) = &place.cross {
            old_root::add(cross, &new.cross_pem, text.as_bytes())?;
        }
        files::create_pair(
            (&certificate, new.authority.certificate_pem.as_bytes()),
            (&key, new.authority.key_pem.as_bytes()),
        )?;
    }
    let Some((next_text, next_der)) = next(place)? else { return Err(place.not_pem().into()) };
    if blocks(&text).iter().any(|(_, der)| *der == next_der) {
        return Ok(());
    }
    let present = blocks(&text).into_iter().map(|(text, _)| text);
    Ok(write(place.certificate, present.chain([next_text.as_str()]))?)
}

fn old_authority(place: &Place<'_>, text: &str) -> Result<Authority, RotationError> {
    let key: Option<KeyPair> = private_key::from_pem(&files::read(place.key)?.unwrap_or_default());
    let key = key.ok_or_else(|| FolderError::PrivateKey { path: place.key.to_owned() })?;
    Authority::new(text.as_bytes().to_vec(), key).map_err(|error| place.failed(error))
}

fn switch(place: &Place<'_>) -> Result<(), RotationError> {
    let Some((next_text, next_der)) = next(place)? else { return Ok(()) };
    let text = place.text()?;
    let others = blocks(&text).into_iter().filter(|(_, der)| *der != next_der).map(|(text, _)| text);
    write(&place.next_certificate(), [next_text.as_str()].into_iter().chain(others))?;
    // From here on it is decided: see finish_rotation.
    files::move_in_place(&place.next_key(), place.key)?;
    Ok(files::move_in_place(&place.next_certificate(), place.certificate)?)
}

/// Replaces a file by some certificates.
fn write<'a>(path: &Path, texts: impl Iterator<Item = &'a str>) -> Result<(), FolderError> {
    let text: String = texts.map(|text| format!("{}\n", text.trim_end())).collect();
    files::replace(path, text.as_bytes(), Access::Everybody)
}

fn remove(path: &Path) -> Result<(), FolderError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(FolderError::Write { path: path.to_owned(), error })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
