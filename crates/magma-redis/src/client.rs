//! A client with one connection, opened when it is first needed and again when it was lost.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard};

use crate::connection::Connection;
use crate::error::RedisError;
use crate::reply::{ANSWERS_BYTES_MAX, Reply, Room, write_command};

/// How long connecting, or commands and their answers, may take.
const DEADLINE: Duration = Duration::from_secs(5);

/// Where Redis listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RedisAddress {
    /// `bind` and `port` of `redis.yml`.
    Tcp {
        /// A name or an address.
        host: String,
        /// The TCP port.
        port: u16,
    },
    /// A socket in the file system.
    Unix(PathBuf),
}

impl fmt::Display for RedisAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { host, port } => write!(f, "{host}:{port}"),
            Self::Unix(path) => path.display().fmt(f),
        }
    }
}

/// A Redis server; a clone shares the connection. Users take turns, a [`Session`] each.
#[derive(Clone)]
pub struct Redis {
    shared: Arc<Shared>,
}

struct Shared {
    address: RedisAddress,
    idle: Mutex<Option<Connection>>,
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis").field("address", &self.shared.address).finish_non_exhaustive()
    }
}

impl Redis {
    /// A server that is not connected yet.
    pub fn new(address: RedisAddress) -> Self {
        Self { shared: Arc::new(Shared { address, idle: Mutex::default() }) }
    }

    /// Where it is.
    pub fn address(&self) -> &RedisAddress {
        &self.shared.address
    }

    /// The connection, for one user until the session ends. Commands that belong together (`WATCH` to `EXEC`) are sent
    /// in one session.
    ///
    /// # Errors
    /// [`RedisError::Connection`] and [`RedisError::Deadline`].
    pub async fn session(&self) -> Result<Session<'_>, RedisError> {
        let mut turn = self.shared.idle.lock().await;
        let idle = turn.take().and_then(|mut connection| connection.is_idle().then_some(connection));
        let connection = match idle {
            Some(connection) => connection,
            None => self.bounded(Connection::open(&self.shared.address)).await?,
        };
        Ok(Session { redis: self, turn, connection })
    }

    /// One command in a session of its own.
    ///
    /// # Errors
    /// As for [`Redis::session`] and [`Session::exchange`].
    pub async fn command(&self, arguments: &[&[u8]]) -> Result<Reply, RedisError> {
        let mut session = self.session().await?;
        let reply = session.command(arguments).await?;
        session.end();
        Ok(reply)
    }

    async fn bounded<T>(&self, work: impl Future<Output = io::Result<T>>) -> Result<T, RedisError> {
        match tokio::time::timeout(DEADLINE, work).await {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(error)) => Err(self.failure(error)),
            Err(_) => Err(RedisError::Deadline {
                address: self.shared.address.to_string(),
                seconds: DEADLINE.as_secs(),
            }),
        }
    }

    fn failure(&self, error: io::Error) -> RedisError {
        let address = self.shared.address.to_string();
        match error.kind() {
            io::ErrorKind::InvalidData => RedisError::Protocol { address, what: error.to_string() },
            _ => RedisError::Connection { address, source: error },
        }
    }

    /// An answer that does not fit its command.
    pub(crate) fn unexpected(&self, what: &str) -> RedisError {
        RedisError::Protocol { address: self.shared.address.to_string(), what: what.to_owned() }
    }
}

/// Exclusive use of the connection. One that is dropped before [`Session::end`] closes the connection, so that half
/// an exchange or a forgotten `WATCH` cannot meet the next user.
pub struct Session<'a> {
    redis: &'a Redis,
    turn: MutexGuard<'a, Option<Connection>>,
    connection: Connection,
}

impl Session<'_> {
    /// Sends several commands at once and returns their answers. An error answer is an error here.
    ///
    /// # Errors
    /// Any [`RedisError`]; drop the session then.
    pub async fn exchange(&mut self, commands: &[&[&[u8]]]) -> Result<Vec<Reply>, RedisError> {
        self.exchange_within(commands, ANSWERS_BYTES_MAX).await
    }

    /// The same; values for which `room` bytes are too little are [`Reply::TooLong`].
    pub(crate) async fn exchange_within(
        &mut self,
        commands: &[&[&[u8]]],
        room: usize,
    ) -> Result<Vec<Reply>, RedisError> {
        let mut bytes = Vec::new();
        commands.iter().for_each(|command| write_command(command, &mut bytes));
        let replies =
            self.redis.bounded(self.connection.exchange(&bytes, commands.len(), Room(room))).await?;
        for (command, reply) in commands.iter().zip(&replies) {
            if let Reply::Error(message) = reply {
                return Err(RedisError::Refused {
                    address: self.redis.shared.address.to_string(),
                    command: command.first().map(|name| name.escape_ascii().to_string()).unwrap_or_default(),
                    message: message.clone(),
                });
            }
        }
        Ok(replies)
    }

    /// One command.
    ///
    /// # Errors
    /// As for [`Session::exchange`].
    pub async fn command(&mut self, arguments: &[&[u8]]) -> Result<Reply, RedisError> {
        let mut replies = self.exchange(&[arguments]).await?;
        replies.pop().ok_or_else(|| self.redis.unexpected("no answer"))
    }

    /// Gives the connection back.
    pub fn end(mut self) {
        *self.turn = Some(self.connection);
    }
}
