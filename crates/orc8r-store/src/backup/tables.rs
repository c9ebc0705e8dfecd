//! Which tables there are, and in which order they can be filled: first what others point to.

use crate::StoreError;
use crate::row::{Transaction, row, rows};

/// A table of the database.
#[derive(Debug, Clone)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) columns: Vec<String>,
    /// What its rows are sorted by: its primary key, or else everything.
    order: Vec<String>,
    points_to: Vec<String>,
}

/// Those that belong to the file and not to what it holds.
const OWN: [&str; 3] = ["schema_version", "backup", "backup_files"];

impl Table {
    /// All rows, in one order on either engine.
    pub(super) fn select(&self) -> String {
        format!("SELECT {} FROM {} ORDER BY {}", self.columns.join(", "), self.name, self.order.join(", "))
    }

    /// So many rows at once.
    pub(super) fn insert(&self, rows: usize) -> String {
        let width = self.columns.len();
        let places = |row: usize| -> String {
            let places: Vec<_> = (1..=width).map(|column| format!("?{}", row * width + column)).collect();
            format!("({})", places.join(", "))
        };
        let rows: Vec<_> = (0..rows).map(places).collect();
        format!("INSERT INTO {} ({}) VALUES {}", self.name, self.columns.join(", "), rows.join(", "))
    }

    /// Whether it has no rows.
    pub(super) fn is_empty(&self, transaction: &Transaction<'_>) -> Result<bool, StoreError> {
        Ok(row(transaction, &format!("SELECT 1 FROM {} LIMIT 1", self.name), (), |_| Ok(()))?.is_none())
    }
}

/// The tables of a SQLite database with our schema, each after those that it points to.
pub(super) fn of(sqlite: &Transaction<'_>) -> Result<Vec<Table>, StoreError> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND SUBSTR(name, 1, 7) <> 'sqlite_' ORDER BY name";
    let names: Vec<String> = rows(sqlite, sql, (), |row| row.get(0))?;
    let names = names.into_iter().filter(|name| !OWN.contains(&name.as_str()));
    let mut waiting = names.map(|name| table(sqlite, name)).collect::<Result<Vec<_>, _>>()?;
    let mut sorted: Vec<Table> = Vec::new();
    while !waiting.is_empty() {
        let is_ready = |table: &Table| {
            let is_filled =
                |name: &String| *name == table.name || sorted.iter().any(|done| done.name == *name);
            table.points_to.iter().all(is_filled)
        };
        let (ready, rest): (Vec<_>, Vec<_>) = waiting.into_iter().partition(is_ready);
        if ready.is_empty() {
            return Err(StoreError::corrupt("the schema", "tables point to each other in a circle"));
        }
        sorted.extend(ready);
        waiting = rest;
    }
    Ok(sorted)
}

fn table(sqlite: &Transaction<'_>, name: String) -> Result<Table, StoreError> {
    let sql = "SELECT name, pk FROM pragma_table_info(?1) ORDER BY cid";
    let found: Vec<(String, i64)> = rows(sqlite, sql, [&name], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut keys: Vec<_> = found.iter().filter(|(_, place)| *place > 0).collect();
    keys.sort_by_key(|(_, place)| *place);
    let keys: Vec<_> = keys.into_iter().map(|(column, _)| column.clone()).collect();
    let columns: Vec<_> = found.into_iter().map(|(column, _)| column).collect();
    let order = if keys.is_empty() { columns.clone() } else { keys };
    let sql = "SELECT DISTINCT \"table\" FROM pragma_foreign_key_list(?1)";
    let points_to = rows(sqlite, sql, [&name], |row| row.get(0))?;
    Ok(Table { name, columns, order, points_to })
}
