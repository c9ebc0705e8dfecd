//! Reading a backup, and bringing it into a database.

use super::copy::{self, Kept};
use super::digest::Digest;
use super::tables::{self, Table};
use super::{APPLICATION_ID, BackupFacts, BackupFile, FORMAT};
use crate::row::{Transaction, row, rows};
use crate::sqlite::{self, Place};
use crate::{Store, StoreError, migrations};
use rusqlite::{Connection, OpenFlags};
use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// A backup that is whole: everything in it was read once and is what was written.
pub struct Backup {
    file: PathBuf,
    facts: BackupFacts,
    files: Vec<BackupFile>,
}

impl Backup {
    /// Opens a backup and reads all of it.
    ///
    /// # Errors
    /// [`StoreError::Open`] when it is none, or damaged; [`StoreError::Newer`] when a later release wrote it.
    pub fn open(file: &Path) -> Result<Self, StoreError> {
        let unusable = |reason: String| StoreError::Open { file: file.to_owned(), reason };
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection =
            Connection::open_with_flags(file, flags).map_err(|error| unusable(error.to_string()))?;
        let not_readable = |error: StoreError| unusable(format!("it is damaged: {error}"));
        let id: i64 = connection
            .pragma_query_value(None, "application_id", |row| row.get(0))
            .map_err(|error| unusable(error.to_string()))?;
        if id != APPLICATION_ID {
            return Err(unusable("it is no backup of an Orchestrator".to_owned()));
        }
        let transaction = Transaction::Sqlite(&connection);
        let check = "PRAGMA integrity_check";
        let said: Option<String> = row(&transaction, check, (), |row| row.get(0)).map_err(not_readable)?;
        if said.as_deref() != Some("ok") {
            return Err(unusable(format!("it is damaged: {}", said.unwrap_or_default())));
        }
        let facts = facts(&transaction).map_err(not_readable)?;
        if facts.schema > migrations::known() {
            return Err(StoreError::Newer { found: facts.schema, known: migrations::known() });
        }
        let (digest, records, files) = contents(&transaction).map_err(not_readable)?;
        if (&digest, records) != (&facts.digest, facts.records) {
            return Err(unusable("it is damaged: its contents are not those that were written".to_owned()));
        }
        Ok(Self { file: file.to_owned(), facts, files })
    }

    /// When it was taken, and of what.
    pub fn facts(&self) -> &BackupFacts {
        &self.facts
    }

    /// The files in it, in the order of their paths.
    pub fn files(&self) -> &[BackupFile] {
        &self.files
    }

    /// Makes a new database file (mode 0600) of it, with this release's schema; all of it is on the disk afterwards.
    ///
    /// # Errors
    /// [`StoreError::Open`] when the file is there already or cannot be made; [`StoreError::Full`].
    pub fn into_file(self, target: &Path) -> Result<(), StoreError> {
        self.copy_to(target)?;
        let (connection, _) = sqlite::open(&Place::File(target))?;
        connection.execute_batch(
            "DROP TABLE backup; DROP TABLE backup_files; PRAGMA application_id = 0; VACUUM; \
             PRAGMA wal_checkpoint(TRUNCATE);",
        )?;
        let _: String =
            connection.pragma_update_and_check(None, "journal_mode", "DELETE", |row| row.get(0))?;
        drop(connection);
        let synced = File::open(target).and_then(|file| file.sync_all());
        synced.map_err(|error| StoreError::Open { file: target.to_owned(), reason: error.to_string() })
    }

    /// Puts it into a server's database, in one transaction: all or nothing. With `Replace::Nothing`, the database must be
    /// empty. No node may serve that database meanwhile.
    ///
    /// # Errors
    /// [`StoreError::AlreadyExists`] when the database is not empty, and what it fails with.
    pub async fn into_server(self, url: &str, replace: Replace) -> Result<(), StoreError> {
        let url = url.to_owned();
        let connect = tokio::task::spawn_blocking(move || Store::connect(&url));
        let store = connect.await.unwrap_or(Err(StoreError::Closed))?;
        let result = store.write(move |to| self.put_into(to, replace)).await;
        store.close().await;
        result
    }

    fn put_into(&self, to: &Transaction<'_>, replace: Replace) -> Result<(), StoreError> {
        let current = self.with_current_schema()?;
        let from = Transaction::Sqlite(&current.connection);
        let tables = tables::of(&from)?;
        if replace == Replace::Nothing {
            require_empty(&tables, to)?;
        }
        copy::all(&tables, &from, to, &mut Digest::default()).map(drop)
    }

    /// A copy beside it, since it may have to be migrated.
    fn with_current_schema(&self) -> Result<Copy, StoreError> {
        let mut name = self.file.as_os_str().to_owned();
        name.push(".restoring");
        let path = PathBuf::from(name);
        let _ = std::fs::remove_file(&path);
        self.copy_to(&path)?;
        let (connection, _) = sqlite::open(&Place::File(&path))?;
        Ok(Copy { connection, path })
    }

    fn copy_to(&self, target: &Path) -> Result<(), StoreError> {
        let copy = || {
            let mut to = OpenOptions::new().write(true).create_new(true).mode(0o600).open(target)?;
            std::io::copy(&mut File::open(&self.file)?, &mut to)?;
            to.sync_all()
        };
        copy().map_err(|error| StoreError::Open { file: target.to_owned(), reason: error.to_string() })
    }
}

/// What a restore may replace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replace {
    /// It goes into an empty database only.
    Nothing,
    /// What is in the database goes.
    Everything,
}

struct Copy {
    connection: Connection,
    path: PathBuf,
}

impl Drop for Copy {
    fn drop(&mut self) {
        for suffix in ["", "-wal", "-shm"] {
            let mut name = self.path.as_os_str().to_owned();
            name.push(suffix);
            let _ = std::fs::remove_file(name);
        }
    }
}

/// Whether nobody has used the database yet: whoever has, has at least an administrator.
fn require_empty(tables: &[Table], to: &Transaction<'_>) -> Result<(), StoreError> {
    const USED: [&str; 3] = ["networks", "operators", "certificates"];
    for table in tables.iter().filter(|table| USED.contains(&table.name.as_str())) {
        if !table.is_empty(to)? {
            return Err(StoreError::AlreadyExists {
                what: "an Orchestrator's data in this database".to_owned(),
            });
        }
    }
    Ok(())
}

fn facts(transaction: &Transaction<'_>) -> Result<BackupFacts, StoreError> {
    let schema = migrations::version(transaction)?;
    let sql = "SELECT format, created_at, program, records, digest FROM backup";
    let found = row(transaction, sql, (), |row| {
        let format: i64 = row.get(0)?;
        if format > FORMAT {
            return Err(StoreError::Newer { found: format, known: FORMAT });
        }
        Ok(BackupFacts {
            created_at: row.get(1)?,
            program: row.get(2)?,
            schema,
            records: row.get(3)?,
            digest: row.get(4)?,
        })
    })?;
    found.ok_or_else(|| StoreError::corrupt("the backup", "it says nothing of itself"))
}

fn contents(transaction: &Transaction<'_>) -> Result<(String, u64, Vec<BackupFile>), StoreError> {
    let mut digest = Digest::default();
    let records = copy::none(&tables::of(transaction)?, transaction, &mut digest)?;
    digest.begin("backup_files");
    let sql = "SELECT path, mode, contents FROM backup_files ORDER BY path";
    let files = rows(transaction, sql, (), |row| {
        Ok(BackupFile { path: row.get(0)?, mode: row.get(1)?, contents: row.get(2)? })
    })?;
    files.iter().for_each(|file| add_to_digest(&mut digest, file));
    Ok((digest.finish(), records, files))
}

/// A file as the digest has it.
pub(super) fn add_to_digest(digest: &mut Digest, file: &BackupFile) {
    digest.value(&Kept::Text(file.path.clone()));
    digest.value(&Kept::Integer(i64::from(file.mode)));
    digest.value(&Kept::Bytes(file.contents.clone()));
}
