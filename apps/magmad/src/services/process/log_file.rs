//! A log file of bounded size: when it is full it becomes `<name>.1`, in place of the one before.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

/// The size at which a new file is begun, in bytes.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// The file of one log. A full disk costs lines in the file, and nothing else.
#[derive(Debug)]
pub(super) struct LogFile {
    path: PathBuf,
    open: Option<(File, u64)>,
    /// The last attempt failed and was reported.
    failing: bool,
}

impl LogFile {
    /// The file at `path`, which is opened, with its folder made, at the first line.
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, open: None, failing: false }
    }

    /// Adds a line.
    pub(super) fn write(&mut self, line: &[u8]) {
        match self.try_write(line) {
            Ok(()) => self.failing = false,
            Err(error) => {
                self.open = None;
                if !self.failing {
                    tracing::warn!(file = %self.path.display(), %error, "cannot write a service's log; its lines are kept in memory only");
                }
                self.failing = true;
            }
        }
    }

    fn try_write(&mut self, line: &[u8]) -> io::Result<()> {
        let (mut file, size) = match self.open.take() {
            Some(open) => open,
            None => self.open()?,
        };
        if size > 0 && size + line.len() as u64 > FILE_BYTES_MAX {
            drop(file);
            fs::rename(&self.path, self.path.with_extension("log.1"))?;
            return self.try_write(line);
        }
        file.write_all(line)?;
        self.open = Some((file, size + line.len() as u64));
        Ok(())
    }

    fn open(&self) -> io::Result<(File, u64)> {
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        let file = OpenOptions::new().append(true).create(true).mode(0o640).open(&self.path)?;
        let size = file.metadata()?.len();
        Ok((file, size))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_added_to_what_is_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("log/mme.log");
        LogFile::new(path.clone()).write(b"a\n");
        LogFile::new(path.clone()).write(b"b\n");
        assert_eq!(fs::read_to_string(path).expect("log"), "a\nb\n");
    }

    #[test]
    fn size_is_bounded_with_one_older_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("mme.log");
        let mut log = LogFile::new(path.clone());
        let line = vec![b'x'; 100_000];
        for _ in 0..35 {
            log.write(&line);
        }
        let size = |name: &str| fs::metadata(folder.path().join(name)).expect(name).len();
        assert_eq!((size("mme.log"), size("mme.log.1")), (500_000, 1_000_000));
        assert_eq!(fs::read_dir(folder.path()).expect("folder").count(), 2);
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_no_failure_of_the_service() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("log"), "a file").expect("written");
        let mut log = LogFile::new(folder.path().join("log/mme.log"));
        log.write(b"lost\n");
        assert!(log.failing);
        fs::remove_file(folder.path().join("log")).expect("removed");
        log.write(b"kept\n");
        assert_eq!(fs::read_to_string(folder.path().join("log/mme.log")).expect("log"), "kept\n");
    }
}
