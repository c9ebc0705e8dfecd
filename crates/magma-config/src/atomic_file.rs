//! Replaces a file so that a reader, a crash or a full disk finds either the old contents or the new, never a mix.

use std::io;
use std::path::Path;

/// Replaces the file at `path`. See the module.
pub fn replace(path: &Path, contents: &[u8], mode: u32) -> io::Result<()> {
    let _ = (path, contents, mode);
    unimplemented!("being written")
}

/// Creates the file at `path` unless it exists already; says whether it did.
pub fn create(path: &Path, contents: &[u8], mode: u32) -> io::Result<bool> {
    let _ = (path, contents, mode);
    unimplemented!("being written")
}
