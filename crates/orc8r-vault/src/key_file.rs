//! The key file: a line for each key, `<name> <base64 of 32 bytes>`, the newest last; readable by its owner only.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::vault::{KEY_BYTES, Vault};

const HEAD: &str = "# The keys that seal the secrets in orc8r's database: a name and 32 random bytes in base64 each; the last one seals.\n\
                    # Keep a copy apart from the backups of the database. Without this file, subscribers' keys are lost.\n";
/// The mode of a secret that Kubernetes mounts for the group of a pod: nobody can write it, and others cannot read it.
#[cfg(unix)]
const MOUNTED: u32 = 0o440;
/// The longest key file, in bytes: thousands of keys.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// Why there is no vault.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file is not there.
    #[error("the key file {} is not there", file.display())]
    Missing {
        /// Where it was looked for.
        file: PathBuf,
    },
    /// It cannot be read or written.
    #[error("the key file {} cannot be used: {reason}", file.display())]
    Unusable {
        /// Which file.
        file: PathBuf,
        /// What the system says, or what is wrong in which line.
        reason: String,
    },
    /// Others may read it.
    #[error("the key file {} can be read by others (mode {mode:o}): chmod 600 it, and consider its keys known", file.display())]
    Open {
        /// Which file.
        file: PathBuf,
        /// Its mode.
        mode: u32,
    },
}

impl Vault {
    /// Reads a key file.
    ///
    /// # Errors
    /// [`KeyFileError`].
    pub fn read(file: &Path) -> Result<Self, KeyFileError> {
        let unusable = |reason: String| KeyFileError::Unusable { file: file.to_owned(), reason };
        let found = fs::metadata(file).map_err(|error| match error.kind() {
            ErrorKind::NotFound => KeyFileError::Missing { file: file.to_owned() },
            _ => unusable(error.to_string()),
        })?;
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o7777;
            if mode & 0o077 != 0 && mode != MOUNTED {
                return Err(KeyFileError::Open { file: file.to_owned(), mode });
            }
        }
        if found.len() > FILE_BYTES_MAX {
            return Err(unusable(format!("it has more than {FILE_BYTES_MAX} bytes")));
        }
        let text = fs::read_to_string(file).map_err(|error| unusable(error.to_string()))?;
        Self::parse(&text).map_err(unusable)
    }

    /// Makes a key file with one new key. There must be none yet.
    ///
    /// # Errors
    /// [`KeyFileError::Unusable`].
    pub fn create(file: &Path) -> Result<Self, KeyFileError> {
        let vault = Self::generate().map_err(|error| unusable(file, &error))?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let write = || -> std::io::Result<()> {
            let mut opened = options.open(file)?;
            opened.write_all(vault.to_text().as_bytes())?;
            opened.sync_all()?;
            // The file's name has to last as well.
            match file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                Some(folder) => fs::File::open(folder)?.sync_all(),
                None => Ok(()),
            }
        };
        write().map_err(|error| unusable(file, &error))?;
        Ok(vault)
    }

    fn parse(text: &str) -> Result<Self, String> {
        let mut keys = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let key = line.split_once(' ').and_then(|(id, key)| Some((id, key_bytes(key.trim())?)));
            let (id, key) = key
                .filter(|(id, _)| id.chars().all(|letter| letter.is_ascii_alphanumeric()))
                .ok_or_else(|| format!("line {} is no name with {KEY_BYTES} bytes in base64", number + 1))?;
            if keys.iter().any(|(other, _)| other == id) {
                return Err(format!("line {}: there are two keys {id}", number + 1));
            }
            keys.push((id.to_owned(), key));
        }
        Self::of(keys).map_err(|_| "there is no key in it".to_owned())
    }

    fn to_text(&self) -> String {
        let lines = self.keys().map(|(id, key)| format!("{id} {}\n", STANDARD.encode(key)));
        lines.fold(HEAD.to_owned(), |text, line| text + &line)
    }
}

fn unusable(file: &Path, error: &dyn std::error::Error) -> KeyFileError {
    KeyFileError::Unusable { file: file.to_owned(), reason: error.to_string() }
}

fn key_bytes(text: &str) -> Option<[u8; KEY_BYTES]> {
    STANDARD.decode(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_key_file_is_private_and_read_as_it_was_made() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("subscriber.keys");
        assert!(matches!(Vault::read(&file), Err(KeyFileError::Missing { .. })));
        let sealed = Vault::create(&file).unwrap().seal("p", "s").unwrap();
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(Vault::read(&file).unwrap().open("p", &sealed).unwrap(), "s");
        assert!(Vault::create(&file).is_err(), "keys are never written over");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        let error = Vault::read(&file).unwrap_err();
        assert!(error.to_string().contains("chmod 600"), "{error}");
        fs::set_permissions(&file, fs::Permissions::from_mode(MOUNTED)).unwrap();
        assert_eq!(Vault::read(&file).unwrap().open("p", &sealed).unwrap(), "s");
    }

    #[test]
    fn what_is_wrong_in_a_key_file_is_named_without_its_keys() {
        let key = STANDARD.encode([1; KEY_BYTES]);
        let rows = [
            (String::new(), "no key"),
            ("# only a comment".to_owned(), "no key"),
            ("k1 secret".to_owned(), "line 1"),
            (format!("k1 {key}\nk1 {key}"), "two keys k1"),
            (format!("k.1 {key}"), "line 1"),
        ];
        for (text, expect) in rows {
            let error = Vault::parse(&text).unwrap_err();
            assert!(error.contains(expect) && !error.contains("secret"), "{text}: {error}");
        }
        let vault = Vault::parse(&format!("# c\nk2 {key}\n\n k1 {key} ")).unwrap();
        assert_eq!(vault.newest_key_id(), "k1", "the last one");
        assert_eq!(vault.key_ids(), ["k1", "k2"]);
    }
}
