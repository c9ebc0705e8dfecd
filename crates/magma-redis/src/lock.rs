//! The lock that Python services put around a change of a record: the key `lock:<key>:lock` of `python-redis-lock`.
//!
//! Our changes need no lock, since they compare before they replace. But a program that reads, changes and writes under
//! its lock does not compare, and would overwrite what we wrote in between; so the lock is taken where such programs
//! write, for as long as a change takes. A lock that nobody frees (its owner crashed) is waited for a moment only.

use std::time::Duration;

use crate::{Redis, RedisError, Reply, Session};

/// How long our lock lives when we cannot free it any more.
const EXPIRY_MS: &[u8] = b"10000";
/// How often another's lock is looked at.
const LOOK_AGAIN: Duration = Duration::from_millis(25);
/// How long the sign that a lock is free stays for those who wait, as in `python-redis-lock`.
const SIGN_EXPIRY_MS: &[u8] = b"1000";

/// A lock that is held.
pub(crate) struct Lock {
    name: String,
    sign: String,
    token: String,
}

impl Lock {
    /// Takes the lock of the record at `key`; none when others hold it for as long as `patience`.
    pub(crate) async fn take(
        redis: &Redis,
        key: &str,
        token: String,
        patience: Duration,
    ) -> Result<Option<Self>, RedisError> {
        let lock = Self { name: format!("lock:{key}:lock"), sign: format!("lock-signal:{key}:lock"), token };
        let until = tokio::time::Instant::now() + patience;
        let (name, token) = (lock.name.as_bytes(), lock.token.as_bytes());
        while redis.command(&[b"SET", name, token, b"NX", b"PX", EXPIRY_MS]).await? == Reply::Nothing {
            if tokio::time::Instant::now() >= until {
                tracing::debug!("a lock in redis is held by another for too long and is passed over");
                return Ok(None);
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        Ok(Some(lock))
    }

    /// Frees it, and tells those who wait, if it is still ours.
    pub(crate) async fn free(&self, session: &mut Session<'_>) -> Result<(), RedisError> {
        let (name, sign) = (self.name.as_bytes(), self.sign.as_bytes());
        let owner = session.exchange(&[&[b"WATCH", name], &[b"GET", name]]).await?;
        if owner.get(1) != Some(&Reply::Bulk(self.token.clone().into_bytes())) {
            return session.command(&[b"UNWATCH"]).await.map(drop);
        }
        let commands: [&[&[u8]]; 6] = [
            &[b"MULTI"],
            &[b"DEL", sign],
            &[b"LPUSH", sign, b"1"],
            &[b"PEXPIRE", sign, SIGN_EXPIRY_MS],
            &[b"DEL", name],
            &[b"EXEC"],
        ];
        session.exchange(&commands).await.map(drop)
    }
}
