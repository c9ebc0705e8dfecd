//! The hardware id: the one name by which a cloud knows a gateway, kept in `/etc/snowflake`.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, Write};
use std::path::Path;

use magma_config::atomic_file;
use ring::rand::{SecureRandom, SystemRandom};

use crate::IdentityError;

const WHAT: &str = "the hardware id in";

/// Where the hyphens of a UUID are (RFC 9562 §4).
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

/// A UUID with a line end and some white space; a longer file is something else.
const FILE_BYTES_MAX: u64 = 256;

/// A gateway's hardware id: text in the shape of a UUID.
///
/// Magma-compat: version and variant bits do not matter, since the Go agent writes wrong ones, and the case of the
/// letters is kept, since clouds compare the text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HardwareId(String);

impl HardwareId {
    /// Accepts any text in the shape of a UUID, with or without white space around it.
    ///
    /// # Errors
    /// [`IdentityError::NotAHardwareId`].
    pub fn parse(text: &str) -> Result<Self, IdentityError> {
        let id = text.trim();
        let has_shape = id.len() == 36
            && id.bytes().enumerate().all(|(position, byte)| match HYPHENS.contains(&position) {
                true => byte == b'-',
                false => byte.is_ascii_hexdigit(),
            });
        if has_shape {
            return Ok(Self(id.to_owned()));
        }
        Err(IdentityError::NotAHardwareId(id.chars().take(60).collect()))
    }

    /// A new random id, version 4.
    ///
    /// # Errors
    /// [`IdentityError::Generation`] when the operating system has no random numbers.
    pub fn random() -> Result<Self, IdentityError> {
        let mut bytes = [0_u8; 16];
        SystemRandom::new()
            .fill(&mut bytes)
            .map_err(|_| IdentityError::Generation("the system gave no random numbers"))?;
        bytes[6] = (bytes[6] & 0x0f) | 0x40;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let groups = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
        Ok(Self(groups.join("-")))
    }

    /// Reads the id of this gateway. An empty file counts as absent.
    ///
    /// # Errors
    /// [`IdentityError::Missing`], [`IdentityError::Unreadable`], [`IdentityError::Malformed`].
    pub fn load(file: &Path) -> Result<Self, IdentityError> {
        let missing = || IdentityError::Missing { what: WHAT, path: file.to_owned() };
        let opened = File::open(file).map_err(|error| match error.kind() {
            ErrorKind::NotFound => missing(),
            _ => unreadable(file, error),
        })?;
        read_from(&opened, file)?.ok_or_else(missing)
    }

    /// Reads the id of this gateway, and makes one when the file is absent or empty. When several processes do so at
    /// once, all of them get the same id.
    ///
    /// # Errors
    /// Those of [`HardwareId::load`] except `Missing`, [`IdentityError::Unwritable`] and
    /// [`IdentityError::Generation`]. A file that holds something else is never overwritten.
    pub fn load_or_create(file: &Path) -> Result<Self, IdentityError> {
        match Self::load(file) {
            Err(IdentityError::Missing { .. }) => {}
            result => return result,
        }
        let new = format!("{}\n", Self::random()?);
        let folder = file.parent().unwrap_or(Path::new("/"));
        fs::create_dir_all(folder)
            .and_then(|()| atomic_file::create(file, new.as_bytes(), 0o644))
            .and_then(|created| if created { Ok(()) } else { fill_empty(file, &new) })
            .map_err(|source| IdentityError::Unwritable { what: WHAT, path: file.to_owned(), source })?;
        Self::load(file)
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Writes into an empty file in place. Docker installations `touch` the file and mount it by itself into the
/// container, where nothing can be renamed over it.
fn fill_empty(path: &Path, contents: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().read(true).write(true).open(path)?;
    file.lock()?;
    let mut present = Vec::new();
    Read::by_ref(&mut file).take(FILE_BYTES_MAX).read_to_end(&mut present)?;
    if !present.trim_ascii().is_empty() {
        return Ok(());
    }
    file.rewind()?;
    file.write_all(contents.as_bytes())?;
    file.set_len(contents.len() as u64)?;
    file.sync_all()
}

fn read_from(file: &File, path: &Path) -> Result<Option<HardwareId>, IdentityError> {
    let mut bytes = Vec::new();
    file.take(FILE_BYTES_MAX).read_to_end(&mut bytes).map_err(|error| unreadable(path, error))?;
    let text = String::from_utf8_lossy(&bytes);
    if text.trim().is_empty() {
        return Ok(None);
    }
    HardwareId::parse(&text).map(Some).map_err(|_| IdentityError::Malformed {
        what: "a hardware id",
        path: path.to_owned(),
        reason:
            "it must hold one line like 1b4e28ba-2fa1-11d2-883f-0016d3cca427; put the gateway's id back, or \
                 empty the file for a new id, with which the gateway must be registered again"
                .to_owned(),
    })
}

fn unreadable(path: &Path, source: io::Error) -> IdentityError {
    IdentityError::Unreadable { what: WHAT, path: path.to_owned(), source }
}

impl fmt::Display for HardwareId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "1b4e28ba-2fa1-11d2-883f-0016d3cca427";

    #[test]
    fn any_text_in_the_shape_of_a_uuid_is_accepted() {
        for (text, expected) in [
            (ID.to_owned(), Some(ID)),
            (format!("{ID}\n"), Some(ID)),
            (format!("{ID}\r\n\n     "), Some(ID)),
            ("1B4E28BA-2FA1-11D2-883F-0016D3CCA427".to_owned(), Some("1B4E28BA-2FA1-11D2-883F-0016D3CCA427")),
            ("00000000-0000-4000-4000-000000000000".to_owned(), Some("00000000-0000-4000-4000-000000000000")),
            (ID.replace('-', ""), None),
            (format!("{{{ID}}}"), None),
            (ID.replace('b', "g"), None),
            (format!("{ID}\n{ID}\n"), None),
            ("1b4e28ba-2fa1-11d2-883f-0016d3cca4é".to_owned(), None),
            (String::new(), None),
        ] {
            assert_eq!(HardwareId::parse(&text).ok().as_ref().map(HardwareId::as_str), expected, "{text:?}");
        }
    }

    #[test]
    fn an_absent_and_an_empty_file_are_filled_once() {
        for contents in [None, Some(""), Some("\n"), Some("  \n\n")] {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("etc/snowflake");
            if let Some(contents) = contents {
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                fs::write(&file, contents).unwrap();
            }
            assert!(matches!(HardwareId::load(&file), Err(IdentityError::Missing { .. })));
            let id = HardwareId::load_or_create(&file).unwrap();
            assert_eq!(fs::read_to_string(&file).unwrap(), format!("{id}\n"));
            assert_eq!(HardwareId::load_or_create(&file).unwrap(), id);
            assert_eq!((&id.as_str()[14..15], id.as_str().to_lowercase()), ("4", id.to_string()));
        }
    }

    #[test]
    fn a_file_with_something_else_is_named_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("snowflake");
        for contents in ["not an id", "{\"a\": 1}", "\u{fffd}", &"x".repeat(10_000)] {
            fs::write(&file, contents).unwrap();
            let error = HardwareId::load_or_create(&file).unwrap_err().to_string();
            assert!(error.contains("snowflake is not a hardware id"), "{error}");
            assert_eq!(fs::read_to_string(&file).unwrap(), contents);
        }
    }

    #[test]
    fn processes_that_start_together_agree() {
        for touched in [false, true] {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("snowflake");
            if touched {
                fs::write(&file, "").unwrap();
            }
            let ids: std::collections::BTreeSet<_> = std::thread::scope(|scope| {
                let threads: Vec<_> =
                    (0..8).map(|_| scope.spawn(|| HardwareId::load_or_create(&file).unwrap())).collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).collect()
            });
            assert_eq!(ids.len(), 1, "touched: {touched}");
        }
    }

    #[test]
    fn two_gateways_differ() {
        assert_ne!(HardwareId::random().unwrap(), HardwareId::random().unwrap());
    }
}
