//! Which messages a gateway gets now, under which references, and what phones answer to them.

use super::{ANSWER_WITHIN, ATTEMPTS_MAX, COLUMNS, DELIVERED, FAILED, KEPT_FOR, ShortMessage, read};
use crate::row::{Row, Transaction, execute, row, rows, signed};
use crate::{Store, StoreError};
use orc8r_model::NetworkId;
use std::collections::BTreeSet;

/// Subscribers in one statement.
const SUBSCRIBERS_AT_ONCE: usize = 200;
/// Messages that a gateway gets at once; it asks again after some seconds.
const SENT_AT_ONCE: usize = 100;

/// A message for a gateway to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sending {
    /// The message.
    pub message: ShortMessage,
    /// The references of all its parts, in their order, and whether the phone has that part already.
    pub references: Vec<(u8, bool)>,
}

impl Store {
    /// What is to be sent now to these subscribers of a network: what nobody has sent, and what a phone has not answered
    /// in time. From then on it counts as sent.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn short_messages_to_send(
        &self,
        network: &NetworkId,
        imsis: Vec<String>,
        now: i64,
    ) -> Result<Vec<Sending>, StoreError> {
        let place = network.clone();
        // Gateways ask every few seconds, and there is hardly ever anything: whoever only looks waits for nobody.
        let due = self.read(move |transaction| due(transaction, &place, &imsis, now)).await?;
        if due.is_empty() {
            return Ok(Vec::new());
        }
        let network = network.clone();
        self.write(move |transaction| {
            let mut sent = Vec::new();
            for number in due {
                sent.extend(send(transaction, &network, number, now)?);
            }
            Ok(sent)
        })
        .await
    }

    /// Keeps what a phone answered to a part: that it has it, or why not. An answer to nothing that is on its way, as
    /// phones repeat theirs, changes nothing.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn report_short_message(
        &self,
        network: &NetworkId,
        imsi: &str,
        reference: u8,
        refusal: Option<String>,
    ) -> Result<(), StoreError> {
        let (network, imsi) = (network.clone(), imsi.to_owned());
        self.write(move |transaction| {
            let sql = "SELECT message FROM short_message_references \
                       WHERE network_id = ?1 AND imsi = ?2 AND reference = ?3";
            let place = (network.as_str(), imsi.as_str(), i64::from(reference));
            let Some(number) = row::<i64>(transaction, sql, place, |row| row.get(0))? else { return Ok(()) };
            match refusal {
                Some(refusal) => refused(transaction, number, &refusal),
                None => {
                    let sql = "UPDATE short_message_references SET taken = 1 \
                               WHERE network_id = ?1 AND imsi = ?2 AND reference = ?3";
                    execute(transaction, sql, place)?;
                    taken(transaction, number)
                }
            }
        })
        .await
    }
}

/// The numbers of what is due, the oldest first.
fn due(
    transaction: &Transaction<'_>,
    network: &NetworkId,
    imsis: &[String],
    now: i64,
) -> Result<Vec<i64>, StoreError> {
    let mut numbers = BTreeSet::new();
    for imsis in imsis.chunks(SUBSCRIBERS_AT_ONCE) {
        let places: Vec<_> = (0..imsis.len()).map(|index| format!("?{}", index + 2)).collect();
        let sql = format!(
            "SELECT number, due_at, attempts, created_at FROM short_messages \
             WHERE network_id = ?1 AND imsi IN ({}) AND state = 0",
            places.join(", ")
        );
        let of: Vec<&str> =
            std::iter::once(network.as_str()).chain(imsis.iter().map(String::as_str)).collect();
        let found = rows(transaction, &sql, of, |row| {
            let (due_at, attempts, created_at): (i64, i64, i64) = (row.get(1)?, row.get(2)?, row.get(3)?);
            let is_due = due_at <= now && attempts < ATTEMPTS_MAX && created_at > now - KEPT_FOR;
            Ok((row.get::<i64>(0)?, is_due))
        })?;
        numbers.extend(found.into_iter().filter(|(_, is_due)| *is_due).map(|(number, _)| number));
    }
    Ok(numbers.into_iter().take(SENT_AT_ONCE).collect())
}

/// Counts an attempt at a message that is still due, under the references that it has, or new ones. `None` when it is
/// not due any more, or the subscriber has too many parts on their way.
fn send(
    transaction: &Transaction<'_>,
    network: &NetworkId,
    number: i64,
    now: i64,
) -> Result<Option<Sending>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM short_messages WHERE number = ?1 AND state = 0 AND due_at <= ?2 AND attempts < ?3"
    );
    let found = row(transaction, &sql, (number, now, ATTEMPTS_MAX), |row| read(row, now))?;
    let Some(mut message) = found else { return Ok(None) };
    let mut references = references(transaction, number)?;
    if references.is_empty() {
        let Some(new) = give_references(transaction, network, &message, now)? else { return Ok(None) };
        references = new.into_iter().map(|reference| (reference, false)).collect();
    }
    let sql =
        "UPDATE short_messages SET attempts = attempts + 1, attempted_at = ?2, due_at = ?3 WHERE number = ?1";
    execute(transaction, sql, (number, now, now + ANSWER_WITHIN))?;
    message.attempts += 1;
    message.attempted_at = Some(now);
    Ok(Some(Sending { message, references }))
}

fn references(transaction: &Transaction<'_>, number: i64) -> Result<Vec<(u8, bool)>, StoreError> {
    let sql = "SELECT reference, taken FROM short_message_references WHERE message = ?1 ORDER BY part";
    rows(transaction, sql, [number], |row| Ok((reference(row)?, row.get(1)?)))
}

fn reference(row: &Row<'_>) -> Result<u8, StoreError> {
    let reference: i64 = row.get(0)?;
    u8::try_from(reference).map_err(|_| StoreError::corrupt("the reference of a short message", reference))
}

/// References that no other message on its way to the subscriber has; from another one on for each message, so that a
/// late answer to an earlier message does not pass for one to this.
fn give_references(
    transaction: &Transaction<'_>,
    network: &NetworkId,
    message: &ShortMessage,
    now: i64,
) -> Result<Option<Vec<u8>>, StoreError> {
    let imsi = &message.message.imsi;
    end_unanswered(transaction, network, imsi, now)?;
    let sql = "SELECT reference FROM short_message_references WHERE network_id = ?1 AND imsi = ?2";
    let used = rows(transaction, sql, (network.as_str(), imsi), reference)?;
    let first = u8::try_from(message.number % 256).unwrap_or_default();
    let free =
        (0..=u8::MAX).map(|step| first.wrapping_add(step)).filter(|reference| !used.contains(reference));
    let chosen: Vec<u8> = free.take(message.message.parts).collect();
    if chosen.len() < message.message.parts {
        return Ok(None);
    }
    for (part, reference) in (0_u32..).zip(&chosen) {
        let sql = "INSERT INTO short_message_references (network_id, imsi, reference, message, part, taken) \
                   VALUES (?1, ?2, ?3, ?4, ?5, 0)";
        let row = (network.as_str(), imsi, i64::from(*reference), signed(message.number), part);
        execute(transaction, sql, row)?;
    }
    Ok(Some(chosen))
}

/// Ends what was sent as often as it may be and was not answered in time; its references are free again.
pub(super) fn end_unanswered(
    transaction: &Transaction<'_>,
    network: &NetworkId,
    imsi: &str,
    now: i64,
) -> Result<(), StoreError> {
    let sql = "SELECT number FROM short_messages \
               WHERE network_id = ?1 AND imsi = ?2 AND state = 0 AND attempts >= ?3 AND due_at <= ?4";
    let ended: Vec<i64> =
        rows(transaction, sql, (network.as_str(), imsi, ATTEMPTS_MAX, now), |row| row.get(0))?;
    ended.into_iter().try_for_each(|number| end(transaction, number, FAILED))
}

/// A part has arrived; with the last one the message has.
fn taken(transaction: &Transaction<'_>, number: i64) -> Result<(), StoreError> {
    if references(transaction, number)?.iter().all(|(_, taken)| *taken) {
        end(transaction, number, DELIVERED)?;
        execute(transaction, "UPDATE short_messages SET error = NULL WHERE number = ?1", [number])?;
    }
    Ok(())
}

/// A part was refused: it is tried again when its time is over, if it may.
fn refused(transaction: &Transaction<'_>, number: i64, refusal: &str) -> Result<(), StoreError> {
    let sql = "UPDATE short_messages SET error = ?2 WHERE number = ?1 RETURNING attempts";
    let attempts: Option<i64> = row(transaction, sql, (number, refusal), |row| row.get(0))?;
    if attempts.is_some_and(|attempts| attempts >= ATTEMPTS_MAX) {
        end(transaction, number, FAILED)?;
    }
    Ok(())
}

fn end(transaction: &Transaction<'_>, number: i64, state: i64) -> Result<(), StoreError> {
    execute(transaction, "UPDATE short_messages SET state = ?2 WHERE number = ?1", (number, state))?;
    execute(transaction, "DELETE FROM short_message_references WHERE message = ?1", [number]).map(drop)
}
