//! Where everything is that an Orchestrator keeps.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use orc8r_store::Database;
use tokio::time::{Instant, sleep};

/// How long another process may take to let go of the folder: one that was just ended.
const LOCK_LIMIT: Duration = Duration::from_secs(5);
const LOCK_RETRY: Duration = Duration::from_millis(50);

/// The data folder's layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataFolder(PathBuf);

impl DataFolder {
    /// The folder at `path`.
    pub fn at(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// The folder itself.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Whether a restore was decided and not carried out to its end.
    pub(crate) fn is_being_restored(&self) -> bool {
        self.0.join("restore.journal").exists()
    }

    /// Where the certificates and keys are.
    pub fn certificates(&self) -> PathBuf {
        self.0.join("certs")
    }

    /// The database's file, unless it is elsewhere.
    pub fn database(&self) -> PathBuf {
        self.0.join("orc8r.db")
    }

    /// The file with the keys that seal subscribers' keys, unless it is elsewhere.
    pub fn subscriber_keys(&self) -> PathBuf {
        self.0.join("subscriber.keys")
    }

    /// Where it is noted when the last backup was made.
    pub(crate) fn last_backup(&self) -> PathBuf {
        self.0.join("backup.last")
    }

    /// Whether somebody serves this folder now.
    pub(crate) fn is_served(&self) -> bool {
        let lock = File::open(self.0.join("orc8r.lock"));
        lock.is_ok_and(|file| matches!(file.try_lock_shared(), Err(fs::TryLockError::WouldBlock)))
    }

    /// Where metrics are.
    pub fn metrics(&self) -> PathBuf {
        self.0.join("metrics")
    }

    /// The database of an Orchestrator that was told `configured`: that, or the URL in the folder's file `database.url`,
    /// which keeps a password off the command line, or the folder's own file.
    pub(crate) fn database_or(&self, configured: Option<&Database>) -> io::Result<Database> {
        if let Some(database) = configured {
            return Ok(database.clone());
        }
        match fs::read_to_string(self.0.join("database.url")) {
            Ok(url) => Ok(Database::from(url.trim())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Database::File(self.database())),
            Err(error) => Err(io::Error::new(error.kind(), format!("database.url: {error}"))),
        }
    }

    /// Makes the folders, for their owner alone.
    pub(crate) fn create(&self) -> io::Result<()> {
        for folder in [self.0.clone(), self.certificates(), self.metrics()] {
            if !folder.is_dir() {
                DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
            }
        }
        Ok(())
    }

    /// Makes sure that no other Orchestrator serves this folder, for as long as the file is held: the streams of
    /// gateways are known to one process only.
    pub(crate) async fn lock(&self) -> io::Result<File> {
        let file =
            OpenOptions::new().append(true).create(true).mode(0o600).open(self.0.join("orc8r.lock"))?;
        let end = Instant::now() + LOCK_LIMIT;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(fs::TryLockError::WouldBlock) if Instant::now() < end => sleep(LOCK_RETRY).await,
                Err(fs::TryLockError::WouldBlock) => {
                    return Err(io::Error::new(io::ErrorKind::ResourceBusy, "another orc8r serves it"));
                }
                Err(fs::TryLockError::Error(error)) => return Err(error),
            }
        }
    }
}
