//! One transaction on either database, and a row of what it found.

use crate::StoreError;
use crate::postgres::session::Session;
use crate::value::{Bound, Column, FromColumn, Parameters};
use rusqlite::types::{ToSqlOutput, ValueRef};

/// A transaction that an operation runs in. Whoever made it commits or undoes it.
pub(crate) enum Transaction<'a> {
    Sqlite(&'a rusqlite::Connection),
    Postgres(&'a Session),
}

/// A row of what a query found.
pub(crate) enum Row<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a tokio_postgres::Row),
}

impl Row<'_> {
    /// The column at `index`, from 0.
    pub(crate) fn get<T: FromColumn>(&self, index: usize) -> Result<T, StoreError> {
        match self {
            Self::Sqlite(row) => T::from_column(sqlite_column(row.get_ref(index)?)?),
            Self::Postgres(row) => T::from_column(crate::postgres::values::column(row, index)?),
        }
    }
}

impl Transaction<'_> {
    /// Runs a query and reads each row.
    pub(crate) fn query<T>(
        &self,
        sql: &str,
        parameters: &impl Parameters,
        mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let bounds = keepable(parameters)?;
        match self {
            Self::Sqlite(connection) => {
                let mut statement = connection.prepare_cached(sql)?;
                bind(&mut statement, &bounds)?;
                let (mut found, mut values) = (statement.raw_query(), Vec::new());
                while let Some(row) = found.next()? {
                    values.push(read(&Row::Sqlite(row))?);
                }
                Ok(values)
            }
            Self::Postgres(session) => {
                let found = session.query(sql, &bounds)?;
                found.iter().map(|row| read(&Row::Postgres(row))).collect()
            }
        }
    }

    /// Runs a change; returns how many rows it touched.
    pub(crate) fn execute(&self, sql: &str, parameters: &impl Parameters) -> Result<usize, StoreError> {
        let bounds = keepable(parameters)?;
        match self {
            Self::Sqlite(connection) => {
                let mut statement = connection.prepare_cached(sql)?;
                bind(&mut statement, &bounds)?;
                Ok(statement.raw_execute()?)
            }
            Self::Postgres(session) => session.execute(sql, &bounds),
        }
    }

    /// Begins, ends, or marks a place in a transaction.
    pub(crate) fn control(&self, sql: &str) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(connection) => Ok(connection.prepare_cached(sql)?.raw_execute().map(drop)?),
            Self::Postgres(session) => session.batch(sql),
        }
    }

    /// Runs several statements without parameters or results, written for both databases.
    pub(crate) fn batch(&self, sql: &str) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(connection) => Ok(connection.execute_batch(sql)?),
            Self::Postgres(session) => session.batch(&crate::postgres::dialect::definition(sql)),
        }
    }
}

/// PostgreSQL keeps no text with a NUL in it; so that both databases hold the same, neither is asked to.
fn keepable(parameters: &impl Parameters) -> Result<Vec<Bound<'_>>, StoreError> {
    let bounds = parameters.bounds();
    let with_nul = |bound: &Bound<'_>| matches!(bound, Bound::Text(text) if text.contains('\0'));
    if bounds.iter().any(with_nul) {
        return Err(StoreError::invalid("a text has a NUL character in it, which cannot be kept"));
    }
    Ok(bounds)
}

fn bind(statement: &mut rusqlite::CachedStatement<'_>, bounds: &[Bound<'_>]) -> Result<(), StoreError> {
    let (given, wanted) = (bounds.len(), statement.parameter_count());
    if given != wanted {
        return Err(rusqlite::Error::InvalidParameterCount(given, wanted).into());
    }
    for (index, bound) in bounds.iter().enumerate() {
        statement.raw_bind_parameter(index + 1, bound)?;
    }
    Ok(())
}

impl rusqlite::ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match *self {
            Bound::Null => ValueRef::Null,
            Bound::Boolean(value) => ValueRef::Integer(i64::from(value)),
            Bound::Integer(value) => ValueRef::Integer(value),
            Bound::Real(value) => ValueRef::Real(value),
            Bound::Text(text) => ValueRef::Text(text.as_bytes()),
            Bound::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

fn sqlite_column(value: ValueRef<'_>) -> Result<Column<'_>, StoreError> {
    Ok(match value {
        ValueRef::Null => Column::Null,
        ValueRef::Integer(value) => Column::Integer(value),
        ValueRef::Real(value) => Column::Real(value),
        ValueRef::Text(text) => {
            Column::Text(std::str::from_utf8(text).map_err(|error| StoreError::corrupt("a text", error))?)
        }
        ValueRef::Blob(bytes) => Column::Bytes(bytes),
    })
}
