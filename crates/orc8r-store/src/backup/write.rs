//! Taking a backup.

use super::digest::Digest;
use super::{APPLICATION_ID, BackupFacts, BackupFile, FORMAT, copy, tables};
use crate::row::{Transaction, execute, signed};
use crate::{Store, StoreError, migrations};
use rusqlite::Connection;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// What a backup has beside the database's tables.
const OWN_TABLES: &str = "\
    CREATE TABLE backup (format BIGINT NOT NULL, created_at BIGINT NOT NULL, program TEXT NOT NULL, \
    records BIGINT NOT NULL, digest TEXT NOT NULL); \
    CREATE TABLE backup_files (path TEXT PRIMARY KEY NOT NULL, mode BIGINT NOT NULL, contents BYTEA NOT NULL)";

impl Store {
    /// Writes everything as it is at one moment, with `files`, into a new file (mode 0600), which is there whole or not
    /// at all. `program` is the version of who asks, `now` in seconds since 1970. Others read and write meanwhile.
    ///
    /// # Errors
    /// [`StoreError::Open`] when the file is there already or cannot be made, [`StoreError::Full`], and what the database
    /// fails with.
    pub async fn backup(
        &self,
        file: &Path,
        files: Vec<BackupFile>,
        program: &str,
        now: i64,
    ) -> Result<BackupFacts, StoreError> {
        let (file, program) = (file.to_owned(), program.to_owned());
        self.read(move |transaction| {
            let unusable = |error: io::Error| failed(&file, &error);
            if file.exists() {
                return Err(unusable(io::Error::from(io::ErrorKind::AlreadyExists)));
            }
            let partial = Partial::create(&file).map_err(unusable)?;
            let facts = write(transaction, &partial.0, &files, &program, now)?;
            partial.finish(&file).map_err(unusable)?;
            Ok(facts)
        })
        .await
    }
}

fn failed(file: &Path, error: &io::Error) -> StoreError {
    if error.kind() == io::ErrorKind::StorageFull {
        return StoreError::Full { reason: format!("{}: {error}", file.display()) };
    }
    StoreError::Open { file: file.to_owned(), reason: error.to_string() }
}

fn write(
    from: &Transaction<'_>,
    file: &Path,
    files: &[BackupFile],
    program: &str,
    now: i64,
) -> Result<BackupFacts, StoreError> {
    let connection = Connection::open(file)?;
    // The file counts when it has its name: until then, nothing needs a journal.
    connection.pragma_update(None, "synchronous", "OFF")?;
    let _: String = connection.pragma_update_and_check(None, "journal_mode", "MEMORY", |row| row.get(0))?;
    let to = Transaction::Sqlite(&connection);
    migrations::migrate(&to)?;
    to.control("BEGIN")?;
    let mut digest = Digest::default();
    let records = copy::all(&tables::of(&to)?, from, &to, &mut digest)?;
    let facts = describe(&connection, files, digest, (records, program, now))?;
    to.control("COMMIT")?;
    Ok(facts)
}

/// Adds what makes the file a backup: the files, and what it says of itself.
fn describe(
    connection: &Connection,
    files: &[BackupFile],
    mut digest: Digest,
    (records, program, now): (u64, &str, i64),
) -> Result<BackupFacts, StoreError> {
    let to = Transaction::Sqlite(connection);
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    to.batch(OWN_TABLES)?;
    put_files(&to, files, &mut digest)?;
    let facts = BackupFacts {
        created_at: now,
        program: program.to_owned(),
        schema: migrations::version(&to)?,
        records,
        digest: digest.finish(),
    };
    let sql = "INSERT INTO backup (format, created_at, program, records, digest) VALUES (?1, ?2, ?3, ?4, ?5)";
    execute(&to, sql, (FORMAT, now, program, signed(records), &facts.digest))?;
    Ok(facts)
}

/// Makes a database of any schema what a backup of that schema was.
#[cfg(test)]
pub(crate) fn finish_for_tests(connection: &Connection) -> Result<(), StoreError> {
    let transaction = Transaction::Sqlite(connection);
    let mut digest = Digest::default();
    let records = copy::none(&tables::of(&transaction)?, &transaction, &mut digest)?;
    describe(connection, &[], digest, (records, "0.1.0", 1)).map(drop)
}

fn put_files(to: &Transaction<'_>, files: &[BackupFile], digest: &mut Digest) -> Result<(), StoreError> {
    let mut files: Vec<_> = files.iter().collect();
    files.sort_by(|one, other| one.path.cmp(&other.path));
    digest.begin("backup_files");
    for file in files {
        super::read::add_to_digest(digest, file);
        let sql = "INSERT INTO backup_files (path, mode, contents) VALUES (?1, ?2, ?3)";
        execute(to, sql, (&file.path, file.mode, &file.contents))?;
    }
    Ok(())
}

/// A file that does not have its name yet; it goes when it never gets it.
struct Partial(PathBuf);

impl Partial {
    fn create(file: &Path) -> io::Result<Self> {
        let mut name = file.as_os_str().to_owned();
        name.push(".partial");
        let path = PathBuf::from(name);
        let _ = std::fs::remove_file(&path);
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        Ok(Self(path))
    }

    fn finish(self, file: &Path) -> io::Result<()> {
        File::open(&self.0)?.sync_all()?;
        std::fs::rename(&self.0, file)?;
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder)?.sync_all()
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
