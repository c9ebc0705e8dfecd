//! For the tests of every crate that keeps something: databases of both kinds, and a PostgreSQL of the test run's own.
//!
//! A test binary starts one server for itself, in a temporary folder and on a Unix socket, and gives each test a
//! database. The server ends with the test binary, however that ends. Where PostgreSQL is not installed, such tests
//! say so and are skipped.

mod server;

pub use server::Server;

use crate::row::execute;
use crate::{Store, StoreError};
use std::io;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Names the engine for tests that run on either: `postgres`, and otherwise SQLite.
pub const ENGINE_VARIABLE: &str = "ORC8R_TEST_DATABASE";

/// The URL of a new and empty database on the test binary's server; `None`, and a line that says so, when PostgreSQL
/// is not installed.
///
/// # Errors
/// When it is installed and does not work.
pub fn postgres_database() -> io::Result<Option<String>> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    static COUNT: AtomicUsize = AtomicUsize::new(1);
    let start = || Server::start().inspect_err(|error| tracing::error!(%error, "no server for the tests"));
    let Some(server) = SERVER.get_or_init(|| start().ok().flatten()) else {
        return if Server::is_installed() {
            Err(io::Error::other("PostgreSQL is installed, but does not start for the tests"))
        } else {
            Ok(None)
        };
    };
    server.create_database(&format!("test{}", COUNT.fetch_add(1, Ordering::Relaxed))).map(Some)
}

/// An empty store of the kind that [`ENGINE_VARIABLE`] names, in memory when it names none; for the tests of crates
/// that do not care. `.ci/run` runs them with both.
///
/// # Errors
/// When there is none, or PostgreSQL was asked for and is not there.
pub fn store() -> Result<Store, StoreError> {
    match database()? {
        Some(url) => Store::connect(&url)?.with_new_key(),
        None => Store::in_memory(),
    }
}

impl Store {
    /// Makes what is in the audit log older, as if that much time had passed since.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn age_audit_log(&self, by: Duration) -> Result<(), StoreError> {
        let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.write(move |transaction| {
            execute(transaction, "UPDATE audit_log SET time_ms = time_ms - ?1", [by]).map(drop)
        })
        .await
    }
}

/// The URL of an empty database when [`ENGINE_VARIABLE`] asks for PostgreSQL.
///
/// # Errors
/// When it was asked for and is not there.
pub fn database() -> Result<Option<String>, StoreError> {
    if std::env::var_os(ENGINE_VARIABLE).is_none_or(|engine| engine != "postgres") {
        return Ok(None);
    }
    match postgres_database() {
        Ok(Some(url)) => Ok(Some(url)),
        Ok(None) => Err(StoreError::invalid(format_args!(
            "{ENGINE_VARIABLE} asks for PostgreSQL, which is not installed here"
        ))),
        Err(error) => Err(StoreError::invalid(error)),
    }
}
