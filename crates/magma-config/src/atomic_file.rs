//! Replaces a file so that a reader, a crash or a full disk finds either the old contents or the new, never a mix.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

/// Replaces the file at `path`, or creates it, with exactly these permission bits (the umask does not count).
///
/// The contents are written to a new file in the same folder, synced, and renamed over `path`; then the folder is
/// synced. The new file has its permission bits before it has contents, so a secret is never readable by others. When
/// `path` is a symbolic link, the file that it points to is replaced.
///
/// # Errors
/// Those of the file system, a full disk among them. The old file is then untouched and the new one removed.
pub fn replace(path: &Path, contents: &[u8], mode: u32) -> io::Result<()> {
    let target = target_of(path);
    write_beside(&target, contents, open_new(mode), |new| fs::rename(new, &target))
}

/// Creates the file at `path` with these contents unless there is one already, and says whether it did. Of two
/// processes that do this at the same time, one succeeds, and the other can read what that one wrote.
///
/// # Errors
/// Those of the file system; no file is then left behind.
pub fn create(path: &Path, contents: &[u8], mode: u32) -> io::Result<bool> {
    let mut created = true;
    write_beside(path, contents, open_new(mode), |new| match fs::hard_link(new, path) {
        Ok(()) => fs::remove_file(new),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            created = false;
            fs::remove_file(new)
        }
        // A file system without hard links.
        Err(_) if !path.exists() => fs::rename(new, path),
        Err(error) => Err(error),
    })?;
    Ok(created)
}

/// Removes the file if it is there, and syncs its folder.
///
/// # Errors
/// Those of the file system; an absent file is none.
pub fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Ok(()) => sync_folder_of(path),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Syncs the folder that holds `path`, so that a rename in it survives a power cut.
fn sync_folder_of(path: &Path) -> io::Result<()> {
    File::open(folder_of(path))?.sync_all()
}

fn write_beside(
    path: &Path,
    contents: &[u8],
    open: impl FnOnce(&Path) -> io::Result<File>,
    put_in_place: impl FnOnce(&Path) -> io::Result<()>,
) -> io::Result<()> {
    let new = new_name(path)?;
    let written = open(&new).and_then(|mut file| {
        file.write_all(contents)?;
        file.sync_all()?;
        put_in_place(&new)
    });
    if let Err(error) = written {
        // The error that matters is the first one; a name that cannot be removed does no harm.
        let _ = fs::remove_file(&new);
        return Err(error);
    }
    sync_folder_of(path)
}

/// Opens a file that did not exist, with exactly these permission bits before there is anything in it.
fn open_new(mode: u32) -> impl FnOnce(&Path) -> io::Result<File> {
    move |path| {
        let file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
        file.set_permissions(Permissions::from_mode(mode))?;
        Ok(file)
    }
}

/// A name in the same folder that nobody else uses: processes differ by id, threads by the counter.
fn new_name(path: &Path) -> io::Result<PathBuf> {
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    let name =
        path.file_name().ok_or_else(|| io::Error::new(ErrorKind::InvalidInput, "the path names no file"))?;
    let count = COUNTER.fetch_add(1, Ordering::Relaxed);
    let new = format!(".{}.{}-{count}.tmp", name.to_string_lossy(), process::id());
    let new = folder_of(path).join(new);
    // Left by a process of the same id before a power cut.
    match fs::remove_file(&new) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(new),
    }
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn target_of(path: &Path) -> PathBuf {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_symlink() => fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()),
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn mode_of(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    fn names_in(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_created_and_replaced_with_its_mode_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gateway.key");
        for (contents, mode) in [("one", 0o600), ("two", 0o644), ("", 0o666)] {
            replace(&path, contents.as_bytes(), mode).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), contents);
            assert_eq!(mode_of(&path), mode);
        }
        assert_eq!(names_in(folder.path()), ["gateway.key"]);
    }

    #[test]
    fn a_full_disk_leaves_the_old_file_and_no_new_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gateway.mconfig");
        fs::write(&path, "old").unwrap();
        // The new file gets its name, but what is written to it meets a device that is full.
        let open_on_full_device = |new: &Path| {
            open_new(0o600)(new)?;
            OpenOptions::new().write(true).open("/dev/full")
        };
        let error = write_beside(&path, b"new", open_on_full_device, |new| fs::rename(new, &path));
        assert_eq!(error.unwrap_err().kind(), ErrorKind::StorageFull);
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(names_in(folder.path()), ["gateway.mconfig"]);
    }

    #[test]
    fn a_rename_that_fails_leaves_nothing_new() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("taken");
        fs::create_dir_all(path.join("by a folder")).unwrap();
        assert!(replace(&path, b"new", 0o600).is_err());
        assert_eq!(names_in(folder.path()), ["taken"]);
        assert!(replace(&folder.path().join("absent/file"), b"new", 0o600).is_err());
        assert!(replace(Path::new("/"), b"new", 0o600).is_err());
    }

    #[test]
    fn create_keeps_what_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("snowflake");
        assert!(create(&path, b"first", 0o644).unwrap());
        assert!(!create(&path, b"second", 0o644).unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), "first");
        assert_eq!(names_in(folder.path()), ["snowflake"]);
    }

    #[test]
    fn of_many_that_create_at_once_one_wins_and_the_file_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("snowflake");
        let winners: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8_u8)
                .map(|byte| {
                    let path = &path;
                    scope.spawn(move || usize::from(create(path, &[byte; 4096], 0o644).unwrap()))
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(winners, 1);
        let contents = fs::read(&path).unwrap();
        assert_eq!(contents, [contents[0]; 4096]);
        assert_eq!(names_in(folder.path()), ["snowflake"]);
    }

    #[test]
    fn a_symbolic_link_stays_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        fs::write(&real, "old").unwrap();
        symlink(&real, &link).unwrap();
        replace(&link, b"new", 0o644).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&real).unwrap(), "new");
    }

    #[test]
    fn remove_is_content_when_there_is_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "x").unwrap();
        remove(&path).unwrap();
        remove(&path).unwrap();
        assert!(names_in(folder.path()).is_empty());
    }
}
