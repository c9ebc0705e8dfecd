//! Backups: everything that the database holds, and the small files that belong to it, in one file.
//!
//! The file is a SQLite database with the same tables, whatever kind of database it was taken from, so that it can be
//! brought back into either kind. Whoever has it has the authorities' keys and the registration tokens: it is made for
//! its owner only. It is taken while the Orchestrator runs, and is of one moment.

mod copy;
mod digest;
mod read;
mod tables;
mod write;

pub use read::{Backup, Replace};
#[cfg(test)]
pub(crate) use write::finish_for_tests;

/// A small file that belongs to a database, for example the key of an authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupFile {
    /// Where it is in the data folder, with `/` between folders.
    pub path: String,
    /// Its permissions.
    pub mode: u32,
    /// All of it.
    pub contents: Vec<u8>,
}

/// What is told of a backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupFacts {
    /// When it was taken, in seconds since 1970.
    pub created_at: i64,
    /// The version of the program that took it.
    pub program: String,
    /// The version of its schema.
    pub schema: i64,
    /// How many records of the database are in it.
    pub records: u64,
    /// Over all records and files (SHA-256, hexadecimal).
    pub digest: String,
}

/// Marks a SQLite file as a backup of ours ("orcB").
const APPLICATION_ID: i64 = 0x6f72_6342;
/// The layout of what a backup has beside the database's own tables.
const FORMAT: i64 = 1;
