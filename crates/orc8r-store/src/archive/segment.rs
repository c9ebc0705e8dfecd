//! One file of an archive.

use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension, Transaction, TransactionBehavior, params};

use super::{NewRecord, Source};
use crate::StoreError;

/// The layout below; a file with another one is left out.
const LAYOUT: i64 = 1;
/// How long a reader or the writer waits for the other.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

const SCHEMA: &str = "
    CREATE TABLE span (opened_ms INTEGER NOT NULL, first_ms INTEGER, last_ms INTEGER);
    CREATE TABLE networks (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    CREATE TABLE sources (
        id INTEGER PRIMARY KEY, network INTEGER NOT NULL, gateway TEXT NOT NULL, hardware_id TEXT NOT NULL,
        UNIQUE (network, gateway, hardware_id)
    );
    CREATE TABLE records (
        id INTEGER PRIMARY KEY, network INTEGER NOT NULL, source INTEGER NOT NULL, time_ms INTEGER NOT NULL,
        stream TEXT NOT NULL, event_type TEXT NOT NULL, event_tag TEXT NOT NULL, document TEXT NOT NULL
    );
    CREATE INDEX records_of_network ON records (network, time_ms);
    CREATE INDEX records_of_source ON records (source, time_ms);
";

/// What is known of a segment without looking into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) number: u64,
    pub(super) path: PathBuf,
    /// When its first record was to come.
    pub(super) opened_ms: i64,
    /// The times of its records, of which some may be far from when they came.
    pub(super) times: Option<(i64, i64)>,
    /// The id of its newest record, 0 without one.
    pub(super) last_id: i64,
    pub(super) bytes: u64,
}

/// The segment that takes records.
pub(super) struct Segment {
    pub(super) facts: Facts,
    connection: Connection,
    sources: HashMap<Source, (i64, i64)>,
}

/// The name of a segment's file.
pub(super) fn file_name(number: u64) -> String {
    format!("{number:010}.db")
}

/// The number in a segment's file name.
pub(super) fn number_of(path: &Path) -> Option<u64> {
    let name = path.file_name()?.to_str()?;
    let number = name.strip_suffix(".db")?;
    (number.len() == 10).then(|| number.parse().ok()).flatten()
}

/// Opens a segment to look into it.
pub(super) fn open_to_read(path: &Path) -> Result<Connection, StoreError> {
    open(path, OpenFlags::SQLITE_OPEN_READ_WRITE)
}

fn open(path: &Path, flags: OpenFlags) -> Result<Connection, StoreError> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    Ok(connection)
}

impl Facts {
    /// Of a segment that is there.
    pub(super) fn of(path: &Path, number: u64) -> Result<Self, StoreError> {
        let connection = open_to_read(path)?;
        let layout: i64 = connection.query_row("PRAGMA user_version", (), |row| row.get(0))?;
        if layout != LAYOUT {
            return Err(StoreError::corrupt(path.display(), format!("layout {layout}")));
        }
        let (opened_ms, first, last) =
            connection.query_row("SELECT opened_ms, first_ms, last_ms FROM span", (), |row| {
                Ok((row.get(0)?, row.get::<_, Option<i64>>(1)?, row.get::<_, Option<i64>>(2)?))
            })?;
        let last_id =
            connection.query_row("SELECT COALESCE(MAX(id), 0) FROM records", (), |row| row.get(0))?;
        drop(connection);
        let bytes = bytes_of(path);
        Ok(Self { number, path: path.to_owned(), opened_ms, times: first.zip(last), last_id, bytes })
    }
}

/// What the file and its journal take.
pub(super) fn bytes_of(path: &Path) -> u64 {
    parts(path).iter().filter_map(|part| fs::metadata(part).ok()).map(|found| found.len()).sum()
}

/// Takes the file away with its journals.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    for part in parts(path) {
        match fs::remove_file(part) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

fn parts(path: &Path) -> [PathBuf; 3] {
    ["", "-wal", "-shm"].map(|suffix| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    })
}

impl Segment {
    /// Makes a segment, readable by its owner only.
    pub(super) fn create(folder: &Path, number: u64, now_ms: i64) -> Result<Self, StoreError> {
        let path = folder.join(file_name(number));
        let unusable = |error: io::Error| StoreError::Open { file: path.clone(), reason: error.to_string() };
        OpenOptions::new().append(true).create(true).mode(0o600).open(&path).map_err(unusable)?;
        let mut connection = open(&path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        set_up(&connection)?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(SCHEMA)?;
        transaction.execute("INSERT INTO span (opened_ms) VALUES (?1)", [now_ms])?;
        transaction.pragma_update(None, "user_version", LAYOUT)?;
        transaction.commit()?;
        let bytes = bytes_of(&path);
        let facts = Facts { number, path, opened_ms: now_ms, times: None, last_id: 0, bytes };
        Ok(Self { facts, connection, sources: HashMap::new() })
    }

    /// Goes on with a segment that is there.
    pub(super) fn resume(facts: Facts) -> Result<Self, StoreError> {
        let connection = open(&facts.path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        set_up(&connection)?;
        Ok(Self { facts, connection, sources: HashMap::new() })
    }

    /// Keeps records, all or none.
    pub(super) fn append<'a>(
        &mut self,
        batches: impl Iterator<Item = (&'a Source, &'a [NewRecord])>,
    ) -> Result<(), StoreError> {
        let (mut times, mut last_id) = (self.facts.times, self.facts.last_id);
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut new_sources = HashMap::new();
        for (source, records) in batches {
            let known = self.sources.get(source).or_else(|| new_sources.get(source)).copied();
            let (network_id, source_id) = match known {
                Some(ids) => ids,
                None => {
                    let ids = intern(&transaction, source)?;
                    new_sources.insert(source.clone(), ids);
                    ids
                }
            };
            for record in records {
                last_id += 1;
                insert(&transaction, last_id, network_id, source_id, record)?;
                let (first, last) = times.unwrap_or((record.time_ms, record.time_ms));
                times = Some((first.min(record.time_ms), last.max(record.time_ms)));
            }
        }
        let (first, last) = times.unzip();
        transaction.prepare_cached("UPDATE span SET first_ms = ?1, last_ms = ?2")?.execute((first, last))?;
        transaction.commit()?;
        (self.facts.times, self.facts.last_id) = (times, last_id);
        self.sources.extend(new_sources);
        self.facts.bytes = bytes_of(&self.facts.path);
        Ok(())
    }

    /// Closes it for good: what is in its journal goes into the file.
    pub(super) fn close(self) -> Facts {
        let Self { mut facts, connection, .. } = self;
        // Closing does it too, unless a reader is there; it will be done by whoever closes last.
        connection.close().ok();
        facts.bytes = bytes_of(&facts.path);
        facts
    }
}

fn set_up(connection: &Connection) -> Result<(), StoreError> {
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    Ok(())
}

fn insert(
    transaction: &Transaction<'_>,
    id: i64,
    network: i64,
    source: i64,
    record: &NewRecord,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO records (id, network, source, time_ms, stream, event_type, event_tag, document) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let NewRecord { time_ms, stream, event_type, event_tag, document } = record;
    transaction
        .prepare_cached(sql)?
        .execute(params![id, network, source, time_ms, stream, event_type, event_tag, document])?;
    Ok(())
}

/// The numbers by which records name their network and source.
fn intern(transaction: &Transaction<'_>, source: &Source) -> Result<(i64, i64), StoreError> {
    transaction
        .execute("INSERT INTO networks (name) VALUES (?1) ON CONFLICT DO NOTHING", [&source.network])?;
    let network: i64 =
        transaction
            .query_row("SELECT id FROM networks WHERE name = ?1", [&source.network], |row| row.get(0))?;
    let place = params![network, source.gateway, source.hardware_id];
    let sql = "SELECT id FROM sources WHERE network = ?1 AND gateway = ?2 AND hardware_id = ?3";
    if let Some(id) = transaction.query_row(sql, place, |row| row.get(0)).optional()? {
        return Ok((network, id));
    }
    let sql = "INSERT INTO sources (network, gateway, hardware_id) VALUES (?1, ?2, ?3)";
    transaction.execute(sql, params![network, source.gateway, source.hardware_id])?;
    Ok((network, transaction.last_insert_rowid()))
}
