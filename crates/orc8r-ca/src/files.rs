//! Reading and replacing the small files of the certificate folder, so that a power cut never costs one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::error::FolderError;

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Its owner alone (0600): private keys.
    Owner,
    /// Everybody (0644): certificates.
    Everybody,
}

impl Access {
    fn mode(self) -> u32 {
        match self {
            Self::Owner => 0o600,
            Self::Everybody => 0o644,
        }
    }
}

/// More than any certificate chain or key takes.
const FILE_SIZE_MAX: u64 = 1 << 20;

/// Reads a file; `None` when there is none.
pub(crate) fn read(path: &Path) -> Result<Option<Vec<u8>>, FolderError> {
    match read_bounded(path) {
        Ok(contents) => Ok(Some(contents)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(FolderError::Read { path: path.to_owned(), error }),
    }
}

fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut contents = Vec::new();
    File::open(path)?.take(FILE_SIZE_MAX + 1).read_to_end(&mut contents)?;
    if contents.len() as u64 > FILE_SIZE_MAX {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "larger than 1 MB"));
    }
    Ok(contents)
}

/// Replaces a file as a whole: after a crash it is either the old one or the new one.
pub(crate) fn replace(path: &Path, contents: &[u8], access: Access) -> Result<(), FolderError> {
    write_beside(path, contents, access)
        .and_then(|written| rename(&written, path))
        .map_err(|error| FolderError::Write { path: path.to_owned(), error })
}

/// Creates a certificate and its key as a pair.
///
/// The certificate is written aside first, then the key is put in place, then the certificate: a crash in between
/// leaves a state that [`finish_pair`] can tell from a key whose certificate somebody forgot to bring.
pub(crate) fn create_pair(certificate: (&Path, &[u8]), key: (&Path, &[u8])) -> Result<(), FolderError> {
    let (certificate_path, certificate_pem) = certificate;
    let set_aside = aside(certificate_path);
    replace(&set_aside, certificate_pem, Access::Everybody)?;
    replace(key.0, key.1, Access::Owner)?;
    move_in_place(&set_aside, certificate_path)
}

/// Finishes a [`create_pair`] that a crash interrupted; does nothing in every other state.
pub(crate) fn finish_pair(certificate: &Path, key: &Path) -> Result<(), FolderError> {
    let set_aside = aside(certificate);
    if key.exists() && !certificate.exists() && set_aside.exists() {
        move_in_place(&set_aside, certificate)?;
    }
    Ok(())
}

/// Gives a file its place.
pub(crate) fn move_in_place(from: &Path, to: &Path) -> Result<(), FolderError> {
    rename(from, to).map_err(|error| FolderError::Write { path: to.to_owned(), error })
}

fn aside(path: &Path) -> PathBuf {
    with_suffix(path, ".new")
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn write_beside(path: &Path, contents: &[u8], access: Access) -> io::Result<PathBuf> {
    let beside = with_suffix(path, ".tmp");
    // A leftover of an earlier crash may have another mode: the new file must have ours from its first byte.
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(access.mode()).open(&beside)?;
    let written = file.write_all(contents).and_then(|()| file.sync_all());
    if let Err(error) = written {
        // A full disk: the half-written file would only take more room.
        let _ = fs::remove_file(&beside);
        return Err(error);
    }
    Ok(beside)
}

fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    match to.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_key_is_readable_by_its_owner_alone_even_over_a_leftover() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.key");
        fs::write(folder.path().join("a.key.tmp"), "leftover").unwrap();
        replace(&path, b"secret", Access::Owner).unwrap();
        assert_eq!(read(&path).unwrap().as_deref(), Some(&b"secret"[..]));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left");
    }

    #[test]
    fn a_pair_is_finished_after_a_crash_between_key_and_certificate() {
        let folder = tempfile::tempdir().unwrap();
        let (certificate, key) = (folder.path().join("a.pem"), folder.path().join("a.key"));
        replace(&aside(&certificate), b"certificate", Access::Everybody).unwrap();
        finish_pair(&certificate, &key).unwrap();
        assert!(!certificate.exists(), "without the key there is nothing to finish");
        replace(&key, b"key", Access::Owner).unwrap();
        finish_pair(&certificate, &key).unwrap();
        assert_eq!(fs::read(&certificate).unwrap(), b"certificate");
    }

    #[test]
    fn an_absent_file_is_none_and_a_huge_one_an_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(read(&folder.path().join("absent")).unwrap().is_none());
        let huge = folder.path().join("huge");
        fs::write(&huge, vec![0; FILE_SIZE_MAX as usize + 1]).unwrap();
        assert!(read(&huge).unwrap_err().to_string().contains("huge"));
    }
}
