//! Where the Orchestrator keeps what it knows.
//!
//! [`Store`] is a cheap handle; behind it one thread owns one SQLite connection (WAL, foreign keys, `synchronous=FULL`),
//! so that every operation is one transaction and none sees half of another. When an operation returns `Ok`, its change
//! is on the disk; when it returns an error, nothing was changed. The SQL keeps to what PostgreSQL understands too.
//!
//! What is kept: networks, entities and the edges between them (the configuration graph), devices, certificates,
//! registration tokens, reported states, the health of federation gateways, and operators.

mod alerts;
mod archive;
mod audit;
mod backup;
mod call_traces;
mod callers;
mod cbsds;
mod certificates;
mod changes;
mod check_ins;
mod counts;
mod database;
mod devices;
mod edges;
mod entities;
mod entity_writes;
mod error;
mod federation_health;
mod foreign_sign_ins;
mod gateway_lists;
mod gateways;
mod group;
mod holders;
mod job;
mod leases;
mod migrations;
mod msisdns;
mod neighbourhood;
mod network_counts;
mod networks;
mod nodes;
mod operators;
mod postgres;
mod registration;
mod row;
mod sealing;
mod search;
mod session_counts;
mod short_messages;
mod sqlite;
mod state_bound;
mod state_links;
mod states;
mod streamed;
mod subscriber_search;
mod subscriber_sync;
mod subscriber_terms;
mod subscribers;
mod tenants;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod transaction;
mod user_changes;
mod users;
mod value;
mod workers;

#[cfg(test)]
mod tests;
/// The same tests once more, on PostgreSQL.
#[cfg(test)]
#[path = "tests/mod.rs"]
#[allow(clippy::duplicate_mod, reason = "the tests are the same, the engine is another")]
mod tests_on_postgres;

pub use alerts::{AlertDocument, AlertKind, AlertWrite};
pub use archive::{
    Archive, ArchiveBounds, ArchiveFilter, ArchivePlace, ArchiveSize, DocumentMatch, Following, Found,
    NewRecord, Order, Page as ArchivePage, Source,
};
pub use audit::{AuditEntry, AuditFilter};
pub use backup::{Backup, BackupFacts, BackupFile, Replace};
pub use call_traces::CallTraceRecord;
pub use callers::{Caller, RegisteredDevice};
pub use cbsds::{Cbsd, CbsdFilter};
pub use changes::Changes;
pub use check_ins::CheckIn;
pub use counts::{COMMIT_BOUNDS, CommitTimes, FailureCounts, OperationCounts, StoreCounts};
pub use database::Database;
pub use entities::{Edges, Page};
pub use entity_writes::EntityWrite;
pub use error::StoreError;
pub use federation_health::{ClusterDecision, GatewayHealth};
pub use gateways::GatewayRecord;
pub use holders::StreamHolder;
pub use network_counts::NetworkCounts;
pub use nodes::{Node, StreamOwner};
pub use registration::{IssueToken, IssuedToken, Refresh, TokenRefusal, TokenUse};
pub use search::{FoundObject, ObjectKind, Wanted};
pub use short_messages::{NewShortMessage, Sending, ShortMessage, ShortMessageStatus};
pub use user_changes::{UserChange, UserScope};
pub use users::{Session, UserToken};

pub use streamed::PolicyEdges;
pub use subscriber_search::{FoundSubscribers, SubscriberFilter};
pub use subscribers::{
    ChangedSubscribers, SubscriberPage, SubscriberView, SyncPoint, SyncPosition, SyncProgress,
};

use counts::Counters;
use job::{Kind, Once, Repeatable};
use migrations::Contents;
use orc8r_vault::Vault;
use row::Transaction;
use sqlite::Place;
use state_bound::StateBound;
use std::path::Path;
use std::sync::Arc;
use workers::Workers;

/// A handle on the Orchestrator's database. Clones share its connections, which close with the last of them.
#[derive(Clone)]
pub struct Store {
    workers: Connections,
    is_new: bool,
    /// Seals the secrets in what is written.
    vault: Option<Arc<Vault>>,
    /// How many states each gateway has, about.
    state_bound: StateBound,
    counters: Arc<Counters>,
}

/// Who carries operations out.
#[derive(Clone)]
struct Connections {
    /// What must not run beside its like.
    writers: Workers,
    /// What may; with SQLite, the same.
    concurrent: Workers,
    /// What only reads, and so waits for nobody who writes.
    readers: Workers,
}

impl Store {
    /// Opens the file or connects to the server.
    ///
    /// # Errors
    /// Those of [`Store::open`] and [`Store::connect`].
    pub fn at(database: &Database) -> Result<Self, StoreError> {
        match database {
            Database::File(file) => Self::open(file),
            Database::Server(url) => Self::connect(url),
        }
    }

    /// Opens the database file, makes it (mode 0600) if it is not there, and brings its schema up to date.
    ///
    /// # Errors
    /// [`StoreError::Open`], [`StoreError::Full`], or [`StoreError::Newer`] for the file of a later release.
    pub fn open(file: &Path) -> Result<Self, StoreError> {
        Self::sqlite(&Place::File(file))
    }

    /// A database that is gone with its last handle, as is the key of its secrets.
    ///
    /// # Errors
    /// [`StoreError::Database`] when there is no memory or no thread for it.
    pub fn in_memory() -> Result<Self, StoreError> {
        Self::sqlite(&Place::Memory)?.with_new_key()
    }

    /// Seals with a key that is gone with the last handle.
    pub(crate) fn with_new_key(self) -> Result<Self, StoreError> {
        let vault = Vault::generate().map_err(StoreError::invalid)?;
        Ok(Self { vault: Some(Arc::new(vault)), ..self })
    }

    /// Connects to a PostgreSQL database that several nodes share, and brings its schema up to date. `url` is
    /// `postgres://user:password@host:port/database`, with `?sslmode=require` for TLS; waits until it is connected.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for a URL that cannot be meant, [`StoreError::Unavailable`] when nobody answers,
    /// [`StoreError::Newer`] for the database of a later release.
    pub fn connect(url: &str) -> Result<Self, StoreError> {
        let counters = Arc::default();
        let started = postgres::start(url, &counters)?;
        Ok(Self::over(started, counters))
    }

    fn sqlite(place: &Place<'_>) -> Result<Self, StoreError> {
        let counters = Arc::default();
        let started = sqlite::start(place, &counters)?;
        Ok(Self::over(started, counters))
    }

    fn over((workers, found): (Connections, Contents), counters: Arc<Counters>) -> Self {
        let is_new = found == Contents::Nothing;
        Self { workers, is_new, vault: None, state_bound: StateBound::default(), counters }
    }

    /// Whether there was nothing in the database when it was opened.
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// What has happened since it was opened.
    pub fn counts(&self) -> StoreCounts {
        self.counters.read()
    }

    /// Lets what was asked finish, then closes the database for every handle; later operations fail with
    /// [`StoreError::Closed`].
    pub async fn close(&self) {
        let Connections { writers, concurrent, readers } = &self.workers;
        for workers in [readers, concurrent, writers] {
            workers.close().await;
        }
    }

    /// Runs an operation that changes nothing. All that it reads is of one moment.
    async fn read<T: Send + 'static>(
        &self,
        operation: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (job, answer) = Once::new(Kind::Read, self.counters.asked(Kind::Read), operation);
        self.workers.readers.run(job, answer).await
    }

    /// Runs an operation that may decide by what it reads what it writes: no other such operation runs meanwhile, on
    /// any node.
    async fn write<T: Send + 'static>(
        &self,
        operation: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (job, answer) = Once::new(Kind::Write, self.counters.asked(Kind::Write), operation);
        self.workers.writers.run(job, answer).await
    }

    /// Runs an operation of which many may run at once on PostgreSQL, for what thousands of gateways report: each of
    /// its statements must be right whatever runs beside it (`INSERT … ON CONFLICT`, `DELETE`), rows that it shares
    /// with others must be touched in the order of their keys, and it may be run again when the database asks.
    async fn write_concurrently<T: Send + 'static>(
        &self,
        operation: impl Fn(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (job, answer) = Repeatable::new(self.counters.asked(Kind::Concurrent), operation);
        self.workers.concurrent.run(job, answer).await
    }
}
