//! Copying all rows from one database into another, of either kind.

use super::digest::Digest;
use super::tables::Table;
use crate::StoreError;
use crate::row::{Row, Transaction, execute, rows};
use crate::value::{Bound, Column, FromColumn, ToBound};

/// How many rows are put in with one statement.
const ROWS_AT_ONCE: usize = 40;
/// How many rows of a server's table are held at a time.
const ROWS_FETCHED: usize = 500;

/// A value on its way.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kept {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
    Bytes(Vec<u8>),
}

impl FromColumn for Kept {
    fn from_column(column: Column<'_>) -> Result<Self, StoreError> {
        Ok(match column {
            Column::Null => Self::Null,
            Column::Integer(value) => Self::Integer(value),
            Column::Real(value) => Self::Real(value),
            Column::Text(text) => Self::Text(text.to_owned()),
            Column::Bytes(bytes) => Self::Bytes(bytes.to_vec()),
        })
    }
}

impl ToBound for Kept {
    fn to_bound(&self) -> Bound<'_> {
        match self {
            Self::Null => Bound::Null,
            Self::Integer(value) => Bound::Integer(*value),
            Self::Real(value) => Bound::Real(*value),
            Self::Text(text) => Bound::Text(text),
            Self::Bytes(bytes) => Bound::Bytes(bytes),
        }
    }
}

/// Replaces everything in `to` by what is in `from`; returns how many records that are. The digest grows by them.
pub(super) fn all(
    tables: &[Table],
    from: &Transaction<'_>,
    to: &Transaction<'_>,
    digest: &mut Digest,
) -> Result<u64, StoreError> {
    for table in tables.iter().rev() {
        execute(to, &format!("DELETE FROM {}", table.name), ())?;
    }
    let mut records = 0;
    for table in tables {
        let mut filling = Filling { table, to, waiting: Vec::new() };
        records += each_row(table, from, digest, |row| filling.add(row))?;
        filling.finish()?;
    }
    Ok(records)
}

/// Reads everything for its digest; returns how many records there are.
pub(super) fn none(tables: &[Table], from: &Transaction<'_>, digest: &mut Digest) -> Result<u64, StoreError> {
    tables.iter().try_fold(0, |sum, table| Ok(sum + each_row(table, from, digest, |_| Ok(()))?))
}

fn each_row(
    table: &Table,
    from: &Transaction<'_>,
    digest: &mut Digest,
    mut take: impl FnMut(Vec<Kept>) -> Result<(), StoreError>,
) -> Result<u64, StoreError> {
    digest.begin(&table.name);
    let mut read = |row: &Row<'_>| {
        let values: Vec<Kept> =
            (0..table.columns.len()).map(|index| row.get(index)).collect::<Result<_, _>>()?;
        values.iter().for_each(|value| digest.value(value));
        take(values)
    };
    if let Transaction::Sqlite(_) = from {
        return Ok(rows(from, &table.select(), (), read)?.len() as u64);
    }
    // A server's answer comes as a whole: a cursor takes it in parts.
    from.control(&format!("DECLARE backup_{} NO SCROLL CURSOR FOR {}", table.name, table.select()))?;
    let fetch = format!("FETCH {ROWS_FETCHED} FROM backup_{}", table.name);
    let mut count = 0;
    loop {
        let fetched = rows(from, &fetch, (), &mut read)?.len();
        count += fetched as u64;
        if fetched < ROWS_FETCHED {
            from.control(&format!("CLOSE backup_{}", table.name))?;
            return Ok(count);
        }
    }
}

/// A table that is being filled.
struct Filling<'a> {
    table: &'a Table,
    to: &'a Transaction<'a>,
    waiting: Vec<Kept>,
}

impl Filling<'_> {
    fn add(&mut self, row: Vec<Kept>) -> Result<(), StoreError> {
        self.waiting.extend(row);
        if self.waiting.len() < ROWS_AT_ONCE * self.table.columns.len() {
            return Ok(());
        }
        let values = std::mem::take(&mut self.waiting);
        execute(self.to, &self.table.insert(ROWS_AT_ONCE), values).map(drop)
    }

    fn finish(self) -> Result<(), StoreError> {
        let one = self.table.insert(1);
        for row in self.waiting.chunks(self.table.columns.len()) {
            execute(self.to, &one, row)?;
        }
        Ok(())
    }
}
