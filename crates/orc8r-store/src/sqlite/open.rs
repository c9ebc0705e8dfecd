//! Opening the file, as its writer or as one of its readers.

use crate::StoreError;
use crate::migrations::{self, Contents};
use crate::transaction::Transaction;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::time::Duration;

/// How long another program's lock on the file is waited for.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How many statements a connection keeps compiled.
const STATEMENTS_MAX: usize = 128;

/// Where the database is.
pub(crate) enum Place<'a> {
    File(&'a Path),
    Memory,
}

/// The writer's connection, with the schema up to date.
pub(crate) fn open(place: &Place<'_>) -> Result<(Connection, Contents), StoreError> {
    let connection = match place {
        Place::Memory => Connection::open_in_memory()?,
        Place::File(file) => open_file(file)?,
    };
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    let found = migrations::migrate(&Transaction::Sqlite(&connection))?;
    Ok((connection, found))
}

/// A reader's connection, which can change nothing.
pub(crate) fn open_reader(file: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags).map_err(|error| open_error(file, &error))?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    Ok(connection)
}

fn open_error(file: &Path, reason: &impl ToString) -> StoreError {
    StoreError::Open { file: file.to_owned(), reason: reason.to_string() }
}

fn open_file(file: &Path) -> Result<Connection, StoreError> {
    create_private(file).map_err(|error| open_error(file, &error))?;
    let connection = Connection::open(file).map_err(|error| open_error(file, &error))?;
    let mode: Result<String, _> =
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0));
    match mode {
        Ok(mode) if mode.eq_ignore_ascii_case("wal") => Ok(connection),
        Ok(mode) => Err(open_error(
            file,
            &format_args!("its file system allows no write-ahead log (journal mode {mode})"),
        )),
        Err(error) => Err(open_error(file, &error)),
    }
}

/// Makes the file, readable by its owner only: it holds registration tokens. SQLite gives its journals the same mode.
fn create_private(file: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).map(drop)
}
