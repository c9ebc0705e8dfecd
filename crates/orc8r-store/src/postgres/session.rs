//! A connection as the thread that owns it uses it: one statement at a time, each within a limit.

use super::address::Address;
use super::connect::connect;
use super::dialect;
use super::failure::{Failure, failure};
use crate::StoreError;
use crate::value::Bound;
use std::cell::RefCell;
use std::collections::HashMap;
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, Row, Statement};

/// The server ends a statement after 30 s; one of which nothing is heard for longer than that has lost its connection.
const ANSWER_LIMIT: Duration = Duration::from_secs(40);
/// How many statements a session keeps prepared.
const STATEMENTS_MAX: usize = 256;

/// One session with the server.
pub(crate) struct Session {
    runtime: Rc<Runtime>,
    client: Client,
    statements: RefCell<HashMap<String, Statement>>,
    /// What went wrong in the transaction that is open.
    failed: RefCell<Option<Failure>>,
}

impl Session {
    pub(crate) fn connect(runtime: &Rc<Runtime>, address: &Address) -> Result<Self, StoreError> {
        let client = runtime.block_on(connect(address))?;
        Ok(Self {
            runtime: runtime.clone(),
            client,
            statements: RefCell::default(),
            failed: RefCell::default(),
        })
    }

    /// Whether it can be used no longer.
    pub(crate) fn is_closed(&self) -> bool {
        self.client.is_closed()
            || self.failed.borrow().as_ref().is_some_and(|failure| failure.is_disconnected)
    }

    /// What went wrong last, since this was asked last.
    pub(crate) fn take_failure(&self) -> Option<Failure> {
        self.failed.borrow_mut().take()
    }

    /// Puts back what [`Session::take_failure`] took.
    pub(crate) fn restore_failure(&self, failure: Option<Failure>) {
        *self.failed.borrow_mut() = failure;
    }

    /// The rows of a query.
    pub(crate) fn query(&self, sql: &str, bounds: &[Bound<'_>]) -> Result<Vec<Row>, StoreError> {
        let statement = self.statement(sql)?;
        self.answer(self.client.query(&statement, &parameters(bounds)))
    }

    /// How many rows a change touched.
    pub(crate) fn execute(&self, sql: &str, bounds: &[Bound<'_>]) -> Result<usize, StoreError> {
        let statement = self.statement(sql)?;
        let changed = self.answer(self.client.execute(&statement, &parameters(bounds)))?;
        Ok(usize::try_from(changed).unwrap_or(usize::MAX))
    }

    /// Statements without parameters, in PostgreSQL's own words.
    pub(crate) fn batch(&self, sql: &str) -> Result<(), StoreError> {
        self.answer(self.client.batch_execute(sql))
    }

    fn statement(&self, sql: &str) -> Result<Statement, StoreError> {
        if let Some(known) = self.statements.borrow().get(sql) {
            return Ok(known.clone());
        }
        let translated = dialect::statement(sql);
        let statement = self.answer(self.client.prepare(&translated))?;
        let mut statements = self.statements.borrow_mut();
        if statements.len() >= STATEMENTS_MAX {
            statements.clear();
        }
        statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    fn answer<T>(&self, call: impl Future<Output = Result<T, Error>>) -> Result<T, StoreError> {
        let answered = self.runtime.block_on(async { tokio::time::timeout(ANSWER_LIMIT, call).await });
        let failure = match answered {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(error)) => failure(&error),
            Err(_) => Failure {
                error: StoreError::Unavailable {
                    reason: format!("no answer within {} s", ANSWER_LIMIT.as_secs()),
                },
                is_passing: false,
                is_disconnected: true,
            },
        };
        let error = failure.error.clone();
        *self.failed.borrow_mut() = Some(failure);
        Err(error)
    }
}

fn parameters<'a>(bounds: &'a [Bound<'a>]) -> Vec<&'a (dyn ToSql + Sync)> {
    bounds.iter().map(|bound| bound as &(dyn ToSql + Sync)).collect()
}
