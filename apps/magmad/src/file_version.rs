//! What tells one version of a file from another without reading it.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// A file's inode, size and modification time; none of a file that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileVersion(Option<(u64, u64, i64, i64)>);

impl FileVersion {
    /// The version of the file that is there now.
    pub fn of(path: &Path) -> Self {
        let version = |file: fs::Metadata| (file.ino(), file.size(), file.mtime(), file.mtime_nsec());
        Self(fs::metadata(path).ok().map(version))
    }
}
