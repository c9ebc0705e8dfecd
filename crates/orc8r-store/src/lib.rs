//! Where the Orchestrator keeps what it knows.
//!
//! [`Store`] is a cheap handle; behind it one thread owns one SQLite connection (WAL, foreign keys, `synchronous=FULL`),
//! so that every operation is one transaction and none sees half of another. When an operation returns `Ok`, its change
//! is on the disk; when it returns an error, nothing was changed. The SQL keeps to what PostgreSQL understands too.
//!
//! What is kept: networks, entities and the edges between them (the configuration graph), devices, certificates,
//! registration tokens, reported states, and operators.

mod archive;
mod certificates;
mod devices;
mod edges;
mod entities;
mod entity_writes;
mod error;
mod gateways;
mod migrations;
mod neighbourhood;
mod networks;
mod operators;
mod registration;
mod row;
mod states;
mod thread;

#[cfg(test)]
mod tests;

pub use archive::{
    Archive, ArchiveBounds, ArchiveFilter, ArchivePlace, ArchiveSize, DocumentMatch, Following, Found,
    NewRecord, Order, Page as ArchivePage, Source,
};
pub use entities::Page;
pub use entity_writes::EntityWrite;
pub use error::StoreError;
pub use gateways::GatewayRecord;
pub use registration::{IssueToken, IssuedToken, Refresh, TokenRefusal, TokenUse};

use rusqlite::{Transaction, TransactionBehavior};
use std::path::Path;
use thread::{DatabaseThread, Place};

/// A handle on the Orchestrator's database. Clones share one connection; it closes with the last of them.
#[derive(Clone)]
pub struct Store {
    thread: DatabaseThread,
}

impl Store {
    /// Opens the database file, makes it (mode 0600) if it is not there, and brings its schema up to date.
    ///
    /// # Errors
    /// [`StoreError::Open`], [`StoreError::Full`], or [`StoreError::Newer`] for the file of a later release.
    pub fn open(file: &Path) -> Result<Self, StoreError> {
        Ok(Self { thread: DatabaseThread::start(&Place::File(file))? })
    }

    /// A database that is gone with its last handle.
    ///
    /// # Errors
    /// [`StoreError::Database`] when there is no memory or no thread for it.
    pub fn in_memory() -> Result<Self, StoreError> {
        Ok(Self { thread: DatabaseThread::start(&Place::Memory)? })
    }

    /// Lets what was asked finish, then closes the file for every handle; later operations fail with [`StoreError::Closed`].
    pub async fn close(&self) {
        self.thread.close().await;
    }

    async fn read<T: Send + 'static>(
        &self,
        operation: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.thread.transact(TransactionBehavior::Deferred, operation).await
    }

    async fn write<T: Send + 'static>(
        &self,
        operation: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.thread.transact(TransactionBehavior::Immediate, operation).await
    }
}
