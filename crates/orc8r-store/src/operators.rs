//! Operators and what each may do.

use crate::row::{Transaction, execute, row, rows};
use crate::{Store, StoreError};
use orc8r_model::AccessList;

impl Store {
    /// What an operator may do; `None`: there is no such operator.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn operator_acl(&self, name: &str) -> Result<Option<AccessList>, StoreError> {
        let name = name.to_owned();
        self.read(move |transaction| load(transaction, &name)).await
    }

    /// Makes an operator, or replaces all that he may do.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn put_operator(&self, name: &str, access: AccessList) -> Result<(), StoreError> {
        let name = name.to_owned();
        self.write(move |transaction| {
            let text = serde_json::to_string(&access).map_err(StoreError::invalid)?;
            let sql = "INSERT INTO operators (name, access_list) VALUES (?1, ?2) \
                       ON CONFLICT (name) DO UPDATE SET access_list = excluded.access_list";
            execute(transaction, sql, (name, text)).map(drop)
        })
        .await
    }

    /// Deletes an operator. His certificates stay; without him they open nothing.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn delete_operator(&self, name: &str) -> Result<(), StoreError> {
        let name = name.to_owned();
        self.write(move |transaction| {
            match execute(transaction, "DELETE FROM operators WHERE name = ?1", [&name])? {
                0 => Err(StoreError::not_found(format_args!("operator {name}"))),
                _ => Ok(()),
            }
        })
        .await
    }

    /// Every operator by name, in order.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn operators(&self) -> Result<Vec<(String, AccessList)>, StoreError> {
        self.read(|transaction| {
            let sql = "SELECT name, access_list FROM operators ORDER BY name";
            let found: Vec<(String, String)> =
                rows(transaction, sql, (), |row| Ok((row.get(0)?, row.get(1)?)))?;
            found.into_iter().map(|(name, text)| Ok((name.clone(), parse(&name, &text)?))).collect()
        })
        .await
    }
}

/// What an operator may do, inside a transaction.
pub(crate) fn load(transaction: &Transaction<'_>, name: &str) -> Result<Option<AccessList>, StoreError> {
    let sql = "SELECT access_list FROM operators WHERE name = ?1";
    let text: Option<String> = row(transaction, sql, [name], |row| row.get(0))?;
    text.map(|text| parse(name, &text)).transpose()
}

fn parse(name: &str, text: &str) -> Result<AccessList, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::corrupt(format_args!("operator {name}"), error))
}
