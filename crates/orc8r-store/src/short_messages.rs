//! Short messages for subscribers, and how far each has come.

mod delivery;

use crate::row::{Row, Transaction, execute, row, rows, signed, unsigned};
use crate::{Store, StoreError, networks};
use orc8r_model::NetworkId;

pub use delivery::Sending;

/// How often a message is sent to a phone that does not take it.
const ATTEMPTS_MAX: i64 = 3;
/// How long the phone has for its answer, in seconds.
const ANSWER_WITHIN: i64 = 6 * 60;
/// How long a message is kept, in seconds; nobody waits longer for one.
const KEPT_FOR: i64 = 7 * 24 * 3600;
/// How many messages one network may have.
const MESSAGES_MAX: i64 = 50_000;
/// How many may wait for one subscriber.
const WAITING_MAX: i64 = 100;

/// Values of the column `state`.
const WAITS: i64 = 0;
const DELIVERED: i64 = 1;
const FAILED: i64 = 2;

/// A message that somebody sends.
#[derive(Clone, PartialEq, Eq)]
pub struct NewShortMessage {
    /// Whom to: `IMSI` and digits.
    pub imsi: String,
    /// Who is shown as the sender.
    pub source: String,
    /// What it says.
    pub text: String,
    /// How many messages of the network it takes.
    pub parts: usize,
}

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShortMessageStatus {
    /// It is to be sent, or on its way.
    Waiting,
    /// The phone has all of it.
    Delivered,
    /// It was sent as often as it may be, in vain.
    Failed,
}

/// A message as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct ShortMessage {
    /// Its number; none is used twice.
    pub number: u64,
    /// What it is.
    pub message: NewShortMessage,
    /// When it was made, in seconds since 1970.
    pub created_at: i64,
    /// When a gateway got it last.
    pub attempted_at: Option<i64>,
    /// How often a gateway got it.
    pub attempts: u32,
    /// Where it stands.
    pub status: ShortMessageStatus,
    /// Why the phone did not take it last.
    pub error: Option<String>,
}

const COLUMNS: &str =
    "number, imsi, source, body, parts, created_at, attempted_at, attempts, state, error, due_at";

impl Store {
    /// Keeps a message until a gateway asks for it, and gives it its number.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without that network; [`StoreError::Invalid`] when too many wait.
    pub async fn create_short_message(
        &self,
        network: &NetworkId,
        message: NewShortMessage,
        now: i64,
    ) -> Result<u64, StoreError> {
        let network = network.clone();
        self.write(move |transaction| {
            networks::require(transaction, &network)?;
            delivery::end_unanswered(transaction, &network, &message.imsi, now)?;
            require_room(transaction, &network, &message.imsi)?;
            let sql = "UPDATE short_message_numbers SET last = last + 1 RETURNING last";
            let next: Option<i64> = row(transaction, sql, (), |row| row.get(0))?;
            let number =
                next.ok_or_else(|| StoreError::corrupt("the last number of a short message", "it is missing"))?;
            let sql = "INSERT INTO short_messages (number, network_id, imsi, source, body, parts, created_at, \
                       attempts, attempted_at, due_at, state, error) \
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, NULL, ?7, 0, NULL)";
            let NewShortMessage { imsi, source, text, parts } = message;
            let parts = signed(parts as u64);
            execute(transaction, sql, (number, network.as_str(), imsi, source, text, parts, now))?;
            Ok(unsigned(number))
        })
        .await
    }

    /// The messages of a network, in the order in which they were made.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without that network.
    pub async fn short_messages(
        &self,
        network: &NetworkId,
        now: i64,
    ) -> Result<Vec<ShortMessage>, StoreError> {
        let network = network.clone();
        self.read(move |transaction| {
            networks::require(transaction, &network)?;
            let sql = format!(
                "SELECT {COLUMNS} FROM short_messages WHERE network_id = ?1 AND created_at > ?2 ORDER BY number"
            );
            rows(transaction, &sql, (network.as_str(), now - KEPT_FOR), |row| read(row, now))
        })
        .await
    }

    /// One message.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn short_message(
        &self,
        network: &NetworkId,
        number: u64,
        now: i64,
    ) -> Result<ShortMessage, StoreError> {
        let network = network.clone();
        self.read(move |transaction| {
            let sql = format!(
                "SELECT {COLUMNS} FROM short_messages WHERE network_id = ?1 AND number = ?2 AND created_at > ?3"
            );
            let place = (network.as_str(), signed(number), now - KEPT_FOR);
            let found = row(transaction, &sql, place, |row| read(row, now))?;
            found.ok_or_else(|| StoreError::not_found(named(number)))
        })
        .await
    }

    /// Forgets a message; one that a phone has already stays there.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn delete_short_message(&self, network: &NetworkId, number: u64) -> Result<(), StoreError> {
        let network = network.clone();
        self.write(move |transaction| {
            let sql = "DELETE FROM short_messages WHERE network_id = ?1 AND number = ?2";
            match execute(transaction, sql, (network.as_str(), signed(number)))? {
                0 => Err(StoreError::not_found(named(number))),
                _ => Ok(()),
            }
        })
        .await
    }

    /// Forgets the messages of all networks that are older than seven days; returns how many.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn purge_short_messages(&self, now: i64) -> Result<usize, StoreError> {
        self.write(move |transaction| {
            execute(transaction, "DELETE FROM short_messages WHERE created_at <= ?1", [now - KEPT_FOR])
        })
        .await
    }
}

fn named(number: u64) -> String {
    format!("short message {number}")
}

fn require_room(transaction: &Transaction<'_>, network: &NetworkId, imsi: &str) -> Result<(), StoreError> {
    let count = |sql: &str, place: &[&str]| -> Result<i64, StoreError> {
        Ok(row(transaction, sql, place, |row| row.get(0))?.unwrap_or_default())
    };
    let sql = "SELECT COUNT(*) FROM short_messages WHERE network_id = ?1 AND imsi = ?2 AND state = 0";
    if count(sql, &[network.as_str(), imsi])? >= WAITING_MAX {
        return Err(StoreError::invalid(format!(
            "{WAITING_MAX} short messages wait for this subscriber: delete some before the next"
        )));
    }
    let sql = "SELECT COUNT(*) FROM short_messages WHERE network_id = ?1";
    if count(sql, &[network.as_str()])? >= MESSAGES_MAX {
        return Err(StoreError::invalid(format!(
            "network {network} has {MESSAGES_MAX} short messages: delete some before the next"
        )));
    }
    Ok(())
}

fn read(row: &Row<'_>, now: i64) -> Result<ShortMessage, StoreError> {
    let (number, parts, attempts, state): (u64, u64, i64, i64) =
        (row.get(0)?, row.get(4)?, row.get(7)?, row.get(8)?);
    let (error, due_at): (Option<String>, i64) = (row.get(9)?, row.get(10)?);
    let status = match state {
        WAITS if attempts < ATTEMPTS_MAX || due_at > now => ShortMessageStatus::Waiting,
        WAITS | FAILED => ShortMessageStatus::Failed,
        DELIVERED => ShortMessageStatus::Delivered,
        other => return Err(StoreError::corrupt(named(number), format_args!("its state is {other}"))),
    };
    let silent = || (status == ShortMessageStatus::Failed).then(|| "no answer from the phone".to_owned());
    Ok(ShortMessage {
        number,
        message: NewShortMessage {
            imsi: row.get(1)?,
            source: row.get(2)?,
            text: row.get(3)?,
            parts: usize::try_from(parts).unwrap_or_default(),
        },
        created_at: row.get(5)?,
        attempted_at: row.get(6)?,
        attempts: u32::try_from(attempts).unwrap_or_default(),
        status,
        error: error.or_else(silent),
    })
}

/// Whom to and what it says are nobody's else.
impl std::fmt::Debug for NewShortMessage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewShortMessage").field("parts", &self.parts).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for ShortMessage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { number, attempts, status, error, .. } = self;
        f.debug_struct("ShortMessage")
            .field("number", number)
            .field("attempts", attempts)
            .field("status", status)
            .field("error", error)
            .finish_non_exhaustive()
    }
}
