//! What can be wrong with the hardware id or the challenge key, told to the person who has to mend it.

use std::io;
use std::path::PathBuf;

/// Why an identity file could not be used.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The file is not there.
    #[error("{what} {} does not exist yet; start magmad once, which creates it", path.display())]
    Missing {
        /// What the file is.
        what: &'static str,
        /// The file.
        path: PathBuf,
    },
    /// The file is there but cannot be read.
    #[error("cannot read {what} {}: {source}; {}", path.display(), unreadable(source))]
    Unreadable {
        /// What the file is.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file cannot be created.
    #[error("cannot write {what} {}: {source}; check free space and permissions of its folder", path.display())]
    Unwritable {
        /// What the file is.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file has something else in it.
    #[error("{} is not {what}: {reason}", path.display())]
    Malformed {
        /// What the file should be.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong and what to do.
        reason: String,
    },
    /// A text is not a hardware id.
    #[error("{0:?} is not a hardware id: it must look like 1b4e28ba-2fa1-11d2-883f-0016d3cca427")]
    NotAHardwareId(String),
    /// The operating system gave no random numbers, or the key library failed.
    #[error("cannot make a key or id: {0}")]
    Generation(&'static str),
}

/// What to do about a file that is there but cannot be read.
fn unreadable(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::IsADirectory => {
            "remove that folder (docker makes one where a volume's file is absent), and touch the file instead"
        }
        _ => "check its permissions",
    }
}
