//! A table in Redis: the keys `<id>:<type>`.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::lock::Lock;
use crate::{
    BULK_BYTES_MAX, Batch, Pending, RecordStore, Redis, RedisError, Reply, Session, StoreError, Stored,
};

/// How many keys Redis looks at for one answer of `SCAN`, so that it is never busy for long.
const SCAN_COUNT: &[u8] = b"256";
/// How many values are asked for at once, and how many bytes those of one batch may have together; the others are got
/// one by one.
const VALUES_MAX: usize = 64;
const BATCH_BYTES_MAX: usize = 1024 * 1024;
/// What an answer takes beside its value: twice itself, and its line.
const ANSWER_BYTES: usize = 128;

/// The records of one type.
#[derive(Debug)]
pub struct RedisTable {
    redis: Redis,
    /// What stands behind each id, with the colon.
    suffix: String,
    /// Whether the lock is taken for each change, and how long it is waited for.
    locking: Option<Duration>,
    /// Makes each of our locks another one.
    locks: AtomicU64,
}

impl RedisTable {
    /// The table of `record_type`, such as `directory_record`.
    pub fn new(redis: Redis, record_type: &str) -> Self {
        Self { redis, suffix: format!(":{record_type}"), locking: None, locks: AtomicU64::new(0) }
    }

    /// The same, whose writers in Python hold a lock while they change a record. It is waited for as long as `patience`:
    /// Python's lock lives for 60 s after its owner has crashed, but is never held for longer than a change takes.
    #[must_use]
    pub fn locked(self, patience: Duration) -> Self {
        Self { locking: Some(patience), ..self }
    }

    fn key(&self, id: &str) -> String {
        format!("{id}{}", self.suffix)
    }

    /// Told apart from every other holder's: by process, moment and count.
    fn token(&self) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        format!("magmad-{}-{now}-{}", std::process::id(), self.locks.fetch_add(1, Ordering::Relaxed))
    }

    async fn stored(&self, id: &str) -> Result<Option<Stored>, StoreError> {
        let reply = self.redis.command(&[b"GET", self.key(id).as_bytes()]).await?;
        self.value(id, reply)
    }

    fn value(&self, id: &str, reply: Reply) -> Result<Option<Stored>, StoreError> {
        match reply {
            Reply::Bulk(bytes) => Ok(Some(Stored(bytes))),
            Reply::Nothing => Ok(None),
            Reply::TooLong(_) => Err(StoreError::TooLarge { id: id.to_owned(), limit: BULK_BYTES_MAX }),
            _ => Err(self.redis.unexpected("no value where one was asked for").into()),
        }
    }

    /// Carries `change` out if `expected` is still what stands there.
    async fn change_if(
        &self,
        session: &mut Session<'_>,
        id: &str,
        expected: Option<&Stored>,
        change: &[&[u8]],
    ) -> Result<bool, StoreError> {
        let key = self.key(id);
        let mut seen = session.exchange(&[&[b"WATCH", key.as_bytes()], &[b"GET", key.as_bytes()]]).await?;
        if self.value(id, seen.pop().unwrap_or(Reply::Nothing))?.as_ref() != expected {
            session.command(&[b"UNWATCH"]).await?;
            return Ok(false);
        }
        let replies = session.exchange(&[&[b"MULTI"], change, &[b"EXEC"]]).await?;
        Ok(matches!(replies.last(), Some(Reply::List(_))))
    }

    async fn replace_now(
        &self,
        id: &str,
        expected: Option<&Stored>,
        new: Stored,
    ) -> Result<bool, StoreError> {
        let key = self.key(id);
        let lock = match self.locking {
            Some(patience) => Lock::take(&self.redis, &key, self.token(), patience).await?,
            None => None,
        };
        let mut session = self.redis.session().await?;
        let replaced = self.change_if(&mut session, id, expected, &[b"SET", key.as_bytes(), &new.0]).await?;
        if let Some(lock) = lock {
            lock.free(&mut session).await?;
        }
        session.end();
        Ok(replaced)
    }

    async fn remove_now(&self, id: &str, expected: &Stored) -> Result<bool, StoreError> {
        let mut session = self.redis.session().await?;
        let key = self.key(id);
        let change: [&[u8]; 2] = [b"DEL", key.as_bytes()];
        let removed = self.change_if(&mut session, id, Some(expected), &change).await?;
        session.end();
        Ok(removed)
    }

    async fn scan_from(&self, cursor: u64) -> Result<Batch, StoreError> {
        let (cursor, pattern) = (cursor.to_string(), format!("*{}", literal(&self.suffix)));
        let mut session = self.redis.session().await?;
        let scan: [&[u8]; 6] =
            [b"SCAN", cursor.as_bytes(), b"MATCH", pattern.as_bytes(), b"COUNT", SCAN_COUNT];
        let reply = session.command(&scan).await?;
        let (next, keys) = page(reply).ok_or_else(|| self.redis.unexpected("no page of a scan"))?;
        let mut batch = Batch { next, ..Batch::default() };
        let mut room = BATCH_BYTES_MAX;
        for keys in keys.chunks(VALUES_MAX) {
            self.add_values(&mut session, keys, &mut room, &mut batch).await?;
        }
        session.end();
        Ok(batch)
    }

    async fn add_values(
        &self,
        session: &mut Session<'_>,
        keys: &[Vec<u8>],
        room: &mut usize,
        batch: &mut Batch,
    ) -> Result<(), RedisError> {
        if !batch.later.is_empty() {
            batch.later.extend(keys.iter().filter_map(|key| self.id(key)));
            return Ok(());
        }
        let mut command: Vec<&[u8]> = vec![b"MGET"];
        command.extend(keys.iter().map(Vec::as_slice));
        let within = *room + keys.len() * ANSWER_BYTES;
        let Some(Reply::List(values)) = session.exchange_within(&[&command], within).await?.pop() else {
            return Err(self.redis.unexpected("no list of values"));
        };
        for (key, value) in keys.iter().zip(values) {
            match (self.id(key), value) {
                (Some(id), Reply::Bulk(bytes)) => {
                    *room = room.saturating_sub(bytes.len());
                    batch.records.push((id, Stored(bytes)));
                }
                (Some(id), Reply::TooLong(length)) if length <= BULK_BYTES_MAX as u64 => batch.later.push(id),
                (Some(id), Reply::TooLong(_)) => batch.too_large.push(id),
                // Gone since the scan, or no string.
                _ => {}
            }
        }
        Ok(())
    }

    /// Whose record a key is. One that is not UTF-8 is none that a service of a gateway made.
    fn id(&self, key: &[u8]) -> Option<String> {
        std::str::from_utf8(key).ok()?.strip_suffix(self.suffix.as_str()).map(str::to_owned)
    }
}

impl RecordStore for RedisTable {
    fn get<'a>(&'a self, id: &'a str) -> Pending<'a, Option<Stored>> {
        Box::pin(self.stored(id))
    }

    fn replace<'a>(&'a self, id: &'a str, expected: Option<&'a Stored>, new: Stored) -> Pending<'a, bool> {
        Box::pin(self.replace_now(id, expected, new))
    }

    fn remove<'a>(&'a self, id: &'a str, expected: &'a Stored) -> Pending<'a, bool> {
        Box::pin(self.remove_now(id, expected))
    }

    fn scan(&self, cursor: u64) -> Pending<'_, Batch> {
        Box::pin(self.scan_from(cursor))
    }
}

/// The cursor and the keys of an answer to `SCAN`.
fn page(reply: Reply) -> Option<(u64, Vec<Vec<u8>>)> {
    let Reply::List(parts) = reply else { return None };
    let [Reply::Bulk(cursor), Reply::List(keys)] = <[Reply; 2]>::try_from(parts).ok()? else { return None };
    let next = std::str::from_utf8(&cursor).ok()?.parse().ok()?;
    let keys = keys.into_iter().map(|key| match key {
        Reply::Bulk(key) => Some(key),
        _ => None,
    });
    Some((next, keys.collect::<Option<_>>()?))
}

/// The text as a pattern that stands for itself only.
fn literal(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '*' | '?' | '[' | ']' | '^' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_a_scan_has_a_cursor_and_keys() {
        let bulk = |text: &str| Reply::Bulk(text.into());
        let whole = Reply::List(vec![bulk("17"), Reply::List(vec![bulk("a:t")])]);
        assert_eq!(page(whole), Some((17, vec![b"a:t".to_vec()])));
        for damaged in [
            Reply::Nothing,
            Reply::List(vec![bulk("0")]),
            Reply::List(vec![bulk("x"), Reply::List(Vec::new())]),
            Reply::List(vec![bulk("0"), Reply::List(vec![Reply::Integer(1)])]),
        ] {
            assert_eq!(page(damaged.clone()), None, "{damaged:?}");
        }
    }

    #[test]
    fn a_type_is_no_pattern() {
        assert_eq!(literal(":a*[b]?"), r":a\*\[b\]\?");
    }
}
