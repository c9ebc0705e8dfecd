//! Everything that an upgrade changes on disk goes through here, so that a test can cut the power after each change.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt, symlink};
use std::path::Path;

use magma_config::atomic_file;
use ring::digest::{Context, SHA256};

/// The changes. Each is complete and lasting when it returns, but for [`Disk::append`], which lasts after
/// [`Disk::sync`].
pub trait Disk: Send + Sync + std::fmt::Debug {
    /// Creates the folder and those above it.
    ///
    /// # Errors
    /// Those of the file system; an existing folder is none. So in all the others, as far as it makes sense.
    fn create_folder(&self, path: &Path) -> io::Result<()>;
    /// Replaces a small file whole, readable by its owner only.
    ///
    /// # Errors
    /// Those of the file system.
    fn replace(&self, path: &Path, contents: &[u8]) -> io::Result<()>;
    /// Writes at the end of the file, which is created.
    ///
    /// # Errors
    /// Those of the file system.
    fn append(&self, path: &Path, contents: &[u8]) -> io::Result<()>;
    /// Makes what was appended last.
    ///
    /// # Errors
    /// Those of the file system.
    fn sync(&self, path: &Path) -> io::Result<()>;
    /// Cuts the file to this length.
    ///
    /// # Errors
    /// Those of the file system.
    fn truncate(&self, path: &Path, length: u64) -> io::Result<()>;
    /// Makes the file a program that everybody may run.
    ///
    /// # Errors
    /// Those of the file system.
    fn make_executable(&self, path: &Path) -> io::Result<()>;
    /// Moves the file, over another one if there is one.
    ///
    /// # Errors
    /// Those of the file system.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Lets the symbolic link point to `target`, in one step.
    ///
    /// # Errors
    /// Those of the file system.
    fn point(&self, link: &Path, target: &Path) -> io::Result<()>;
    /// Removes the file, or the folder with all that is in it.
    ///
    /// # Errors
    /// Those of the file system; an absent file is none.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// How many bytes can be written below this folder.
    ///
    /// # Errors
    /// Those of the file system.
    fn free_bytes(&self, folder: &Path) -> io::Result<u64>;
}

/// The file system of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemDisk;

impl Disk for SystemDisk {
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        if path.is_dir() {
            return Ok(());
        }
        fs::create_dir_all(path)?;
        sync_folder_of(path)
    }

    fn replace(&self, path: &Path, contents: &[u8]) -> io::Result<()> {
        atomic_file::replace(path, contents, 0o600)
    }

    fn append(&self, path: &Path, contents: &[u8]) -> io::Result<()> {
        OpenOptions::new().append(true).create(true).mode(0o600).open(path)?.write_all(contents)
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()?;
        sync_folder_of(path)
    }

    fn truncate(&self, path: &Path, length: u64) -> io::Result<()> {
        let file = OpenOptions::new().write(true).open(path)?;
        file.set_len(length)?;
        file.sync_all()
    }

    fn make_executable(&self, path: &Path) -> io::Result<()> {
        let file = File::open(path)?;
        file.set_permissions(Permissions::from_mode(0o755))?;
        file.sync_all()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)?;
        sync_folder_of(to)?;
        sync_folder_of(from)
    }

    fn point(&self, link: &Path, target: &Path) -> io::Result<()> {
        let new = link.with_extension("new");
        self.remove(&new)?;
        symlink(target, &new)?;
        fs::rename(&new, link)?;
        sync_folder_of(link)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let removed = match fs::symlink_metadata(path) {
            Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
            Ok(_) => fs::remove_file(path),
            Err(error) => Err(error),
        };
        match removed {
            Ok(()) => sync_folder_of(path),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn free_bytes(&self, folder: &Path) -> io::Result<u64> {
        let statistics = rustix::fs::statvfs(folder)?;
        Ok(statistics.f_bavail.saturating_mul(statistics.f_frsize))
    }
}

fn sync_folder_of(path: &Path) -> io::Result<()> {
    File::open(path.parent().unwrap_or(Path::new("/")))?.sync_all()
}

/// The file's length; none without the file.
pub(crate) fn length(path: &Path) -> Option<u64> {
    fs::metadata(path).ok().filter(fs::Metadata::is_file).map(|metadata| metadata.len())
}

/// A small file's contents, none without the file.
///
/// # Errors
/// Those of the file system, or that it is longer than `max` bytes.
pub(crate) fn contents(path: &Path, max: u64) -> io::Result<Option<Vec<u8>>> {
    let file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    let mut contents = Vec::new();
    file.take(max + 1).read_to_end(&mut contents)?;
    if contents.len() as u64 > max {
        return Err(io::Error::other(format!("it is longer than {max} bytes")));
    }
    Ok(Some(contents))
}

/// The SHA-256 of a file in hexadecimal digits, of `max` bytes at most; none without the file or when it is longer.
///
/// # Errors
/// Those of the file system.
pub fn sha256(path: &Path, max: u64) -> io::Result<Option<String>> {
    let mut file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        opened => opened?.take(max.saturating_add(1)),
    };
    let (mut context, mut piece, mut total) = (Context::new(&SHA256), vec![0; 64 * 1024], 0);
    loop {
        match file.read(&mut piece)? {
            0 => break,
            length => {
                context.update(&piece[..length]);
                total += length as u64;
            }
        }
    }
    Ok((total <= max).then(|| hexadecimal(context.finish().as_ref())))
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from(b"0123456789abcdef"[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_that_of_the_whole_file_and_of_no_longer_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        assert_eq!(sha256(&path, 9).unwrap(), None);
        fs::write(&path, "abc").unwrap();
        // FIPS 180-2, B.1
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256(&path, 3).unwrap().as_deref(), Some(expected));
        assert_eq!(sha256(&path, 2).unwrap(), None);
        assert!(contents(&path, 2).is_err());
        assert_eq!(contents(&path, 3).unwrap().as_deref(), Some(&b"abc"[..]));
    }

    #[test]
    fn changes_can_be_done_twice() {
        let folder = tempfile::tempdir().unwrap();
        let (deep, link) = (folder.path().join("x/y"), folder.path().join("current"));
        for target in ["a", "b", "b"] {
            SystemDisk.create_folder(&deep).unwrap();
            SystemDisk.point(&link, Path::new(target)).unwrap();
            assert_eq!(fs::read_link(&link).unwrap(), Path::new(target));
        }
        for _ in 0..2 {
            SystemDisk.remove(&link).unwrap();
            SystemDisk.remove(&folder.path().join("x")).unwrap();
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        assert!(SystemDisk.free_bytes(folder.path()).unwrap() > 0);
    }
}
