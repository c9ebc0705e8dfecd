//! Why a `gateway.mconfig` could not be used.

use std::io;
use std::path::PathBuf;

/// Why a `gateway.mconfig` could not be used or kept.
#[derive(Debug, thiserror::Error)]
pub enum MconfigError {
    /// It is not JSON, or not an object.
    #[error("not a gateway.mconfig: {0}")]
    Malformed(String),
    /// It has no entry for any service.
    #[error("it has no entries: neither configsByKey nor configs_by_key names a service")]
    Empty,
    /// It is larger than any real one.
    #[error("it has {bytes} bytes, more than the {limit} that are accepted")]
    TooLarge {
        /// Its size.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// The entry of a service that is needed is absent.
    #[error("it has no entry for {service}")]
    NoEntry {
        /// The service.
        service: &'static str,
    },
    /// A field of a typed entry has the wrong type.
    #[error("{service}.{field} is {found}, but must be {expected}")]
    Field {
        /// The service whose entry it is.
        service: &'static str,
        /// The field as the document spells it.
        field: String,
        /// What the document has, shortened.
        found: String,
        /// What it should have.
        expected: &'static str,
    },
    /// Neither a stored nor a shipped one could be read.
    #[error("no usable gateway.mconfig ({reasons}); put the default one that this gateway shipped with back")]
    NoneUsable {
        /// Each place that was tried, with what was wrong there.
        reasons: String,
    },
    /// The file could not be written or removed.
    #[error("cannot write {}: {source}; check the free space and permissions there", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl MconfigError {
    /// The largest document that is accepted. Real ones have some kilobytes; an access gateway with a thousand base
    /// stations would have under a megabyte.
    pub const BYTES_MAX: u64 = 16 << 20;
}
