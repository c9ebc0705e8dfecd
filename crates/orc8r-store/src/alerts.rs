//! What belongs to alerts: rules, receivers, routes, silences, and what fires, as documents of a network.

use crate::row::{execute, row, rows};
use crate::{Store, StoreError, networks};

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AlertKind {
    /// When something is an alert.
    Rule,
    /// Who is told.
    Receiver,
    /// Who is told of what; one of each network, with an empty name.
    Route,
    /// What nobody is told of for a while.
    Silence,
    /// What fires, and who was told; one of each network, with an empty name.
    State,
}

/// Whether a document may, or must, be there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlertWrite {
    /// It must be new.
    Create,
    /// It must be there.
    Replace,
    /// It may be there.
    Put,
}

/// A document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertDocument {
    /// Its network.
    pub network: String,
    /// What it is.
    pub kind: AlertKind,
    /// Its name among those of its kind.
    pub name: String,
    /// JSON.
    pub body: String,
}

impl AlertKind {
    const ALL: [Self; 5] = [Self::Rule, Self::Receiver, Self::Route, Self::Silence, Self::State];

    const fn name(self) -> &'static str {
        match self {
            Self::Rule => "rule",
            Self::Receiver => "receiver",
            Self::Route => "route",
            Self::Silence => "silence",
            Self::State => "state",
        }
    }
}

impl Store {
    /// The documents of a kind in a network, by name.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn alert_documents(
        &self,
        network: &str,
        kind: AlertKind,
    ) -> Result<Vec<(String, String)>, StoreError> {
        let network = network.to_owned();
        self.read(move |transaction| {
            let sql =
                "SELECT name, body FROM alert_objects WHERE network_id = ?1 AND kind = ?2 ORDER BY name";
            rows(transaction, sql, (network, kind.name()), |row| Ok((row.get(0)?, row.get(1)?)))
        })
        .await
    }

    /// One document.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn alert_document(
        &self,
        network: &str,
        kind: AlertKind,
        name: &str,
    ) -> Result<Option<String>, StoreError> {
        let (network, name) = (network.to_owned(), name.to_owned());
        self.read(move |transaction| {
            let sql = "SELECT body FROM alert_objects WHERE network_id = ?1 AND kind = ?2 AND name = ?3";
            row(transaction, sql, (network, kind.name(), name), |row| row.get(0))
        })
        .await
    }

    /// The documents of all networks, for those who evaluate them.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn all_alert_documents(&self) -> Result<Vec<AlertDocument>, StoreError> {
        self.read(|transaction| {
            let sql =
                "SELECT network_id, kind, name, body FROM alert_objects ORDER BY network_id, kind, name";
            let read: Vec<Option<AlertDocument>> = rows(transaction, sql, (), |row| {
                let kind: String = row.get(1)?;
                let (network, name, body) = (row.get(0)?, row.get(2)?, row.get(3)?);
                let kind = AlertKind::ALL.into_iter().find(|known| known.name() == kind);
                Ok(kind.map(|kind| AlertDocument { network, kind, name, body }))
            })?;
            Ok(read.into_iter().flatten().collect())
        })
        .await
    }

    /// Writes a document; the secrets of a receiver are sealed.
    ///
    /// Deviation: Magma takes rules and receivers for networks that are not there, and nobody ever sees them fire.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without the network, also when it has been deleted meanwhile;
    /// [`StoreError::AlreadyExists`] or [`StoreError::NotFound`], as `write` says.
    pub async fn write_alert_document(
        &self,
        document: AlertDocument,
        write: AlertWrite,
    ) -> Result<(), StoreError> {
        let AlertDocument { network, kind, name, body } = document;
        let body = match kind {
            AlertKind::Receiver => self.seal_receiver(&network, &name, body)?,
            _ => body,
        };
        self.write(move |transaction| {
            networks::require_named(transaction, &network)?;
            let what = format!("{} {name}", kind.name());
            let sql = "UPDATE alert_objects SET body = ?4 WHERE network_id = ?1 AND kind = ?2 AND name = ?3";
            let changed = match write {
                AlertWrite::Create => 0,
                AlertWrite::Replace | AlertWrite::Put => {
                    execute(transaction, sql, (&network, kind.name(), &name, &body))?
                }
            };
            if changed > 0 {
                return Ok(());
            }
            if write == AlertWrite::Replace {
                return Err(StoreError::NotFound { what });
            }
            let sql = "INSERT INTO alert_objects (network_id, kind, name, body) VALUES (?1, ?2, ?3, ?4) \
                       ON CONFLICT (network_id, kind, name) DO NOTHING";
            match execute(transaction, sql, (&network, kind.name(), &name, &body))? {
                0 => Err(StoreError::AlreadyExists { what }),
                _ => Ok(()),
            }
        })
        .await
    }

    /// Deletes a document.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn delete_alert_document(
        &self,
        network: &str,
        kind: AlertKind,
        name: &str,
    ) -> Result<(), StoreError> {
        let (network, name) = (network.to_owned(), name.to_owned());
        self.write(move |transaction| {
            let sql = "DELETE FROM alert_objects WHERE network_id = ?1 AND kind = ?2 AND name = ?3";
            match execute(transaction, sql, (&network, kind.name(), &name))? {
                0 => Err(StoreError::NotFound { what: format!("{} {name}", kind.name()) }),
                _ => Ok(()),
            }
        })
        .await
    }
}
