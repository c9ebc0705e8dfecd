//! A connection to a message bus, or to one program directly: it calls methods and hears signals.

use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::time::{Instant, timeout_at};

use crate::message::{Call, FIXED_BYTES, Kind, Message, total_bytes};
use crate::wire::Malformed;

/// The largest message that is taken, in bytes. Answers about one unit have some hundred; the specification allows 128 MiB.
pub const MESSAGE_BYTES_MAX: usize = 256 * 1024;

/// How many signals wait until somebody asks for them; the oldest is dropped first.
const SIGNALS_WAITING_MAX: usize = 64;

/// How long connecting and saying hello may take.
const CONNECT_LIMIT: Duration = Duration::from_secs(30);

/// The longest line of the authentication.
const LINE_BYTES_MAX: usize = 512;

const BUS: &str = "org.freedesktop.DBus";

/// Why a bus could not be used.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    /// Nobody listens on the socket, or this user may not open it, or was not let in.
    #[error("cannot use {}: {source}", socket.display())]
    Unreachable {
        /// The socket.
        socket: PathBuf,
        /// What the system or the bus says.
        source: io::Error,
    },
    /// The call was refused by the program that was called, or by the bus.
    #[error("{name}: {text}")]
    Refused {
        /// The name of the error, as `org.freedesktop.systemd1.NoSuchUnit`.
        name: String,
        /// Its words.
        text: String,
    },
    /// The connection ended or broke during a call.
    #[error("the connection to {} was lost: {source}", socket.display())]
    Lost {
        /// The socket.
        socket: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// No answer came in time.
    #[error("no answer within {} s", limit.as_secs())]
    TimedOut {
        /// How long it was awaited.
        limit: Duration,
    },
    /// The other side does not follow the specification.
    #[error(transparent)]
    Malformed(#[from] Malformed),
}

/// One connection.
#[derive(Debug)]
pub struct Connection {
    stream: UnixStream,
    socket: PathBuf,
    serial: u32,
    signals: VecDeque<Message>,
}

impl Connection {
    /// Connects to a program's own socket, where there is no bus between.
    ///
    /// # Errors
    /// [`BusError::Unreachable`], after thirty seconds at most.
    pub async fn direct(socket: &Path) -> Result<Self, BusError> {
        let until = Instant::now() + CONNECT_LIMIT;
        let opened = timeout_at(until, open(socket)).await;
        let late = || Err(io::Error::new(io::ErrorKind::TimedOut, "it does not answer within 30 s"));
        let stream = opened
            .unwrap_or_else(|_| late())
            .map_err(|source| BusError::Unreachable { socket: socket.to_owned(), source })?;
        Ok(Self { stream, socket: socket.to_owned(), serial: 0, signals: VecDeque::new() })
    }

    /// Connects to a message bus and says hello.
    ///
    /// # Errors
    /// As [`Connection::direct`], or when the bus does not say hello.
    pub async fn bus(socket: &Path) -> Result<Self, BusError> {
        let mut connection = Self::direct(socket).await?;
        connection.call_bus("Hello", &[]).await?;
        Ok(connection)
    }

    /// Asks the bus for signals that match `rule`.
    ///
    /// # Errors
    /// As [`Connection::call`].
    pub async fn add_match(&mut self, rule: &str) -> Result<(), BusError> {
        self.call_bus("AddMatch", &[rule]).await.map(drop)
    }

    /// The unique name of the program that has a name now; empty when nobody has.
    ///
    /// # Errors
    /// As [`Connection::call`].
    pub async fn name_owner(&mut self, name: &str) -> Result<String, BusError> {
        match self.call_bus("GetNameOwner", &[name]).await {
            Ok(answer) => Ok(answer.texts().first().map(|owner| (*owner).to_owned()).unwrap_or_default()),
            Err(BusError::Refused { name, .. }) if name.ends_with(".NameHasNoOwner") => Ok(String::new()),
            Err(error) => Err(error),
        }
    }

    async fn call_bus(&mut self, member: &str, arguments: &[&str]) -> Result<Message, BusError> {
        let path = "/org/freedesktop/DBus";
        let call = Call { destination: BUS, path, interface: BUS, member, arguments };
        self.call(&call, CONNECT_LIMIT).await
    }

    /// Calls a method and waits for its answer. Signals that come before it are kept for [`Connection::signal`].
    ///
    /// # Errors
    /// When it is refused, lost, late or malformed. The connection is of no use any more then, unless it was refused.
    pub async fn call(&mut self, call: &Call<'_>, limit: Duration) -> Result<Message, BusError> {
        self.serial = self.serial.checked_add(1).unwrap_or(1);
        let (serial, until) = (self.serial, Instant::now() + limit);
        let bytes = call.encode(serial);
        if bytes.len() > MESSAGE_BYTES_MAX {
            return Err(Malformed("the call is too long").into());
        }
        let sent = timeout_at(until, self.stream.write_all(&bytes)).await;
        sent.map_err(|_| BusError::TimedOut { limit })?.map_err(|source| self.lost(source))?;
        loop {
            let message = timeout_at(until, self.receive()).await;
            let message = message.map_err(|_| BusError::TimedOut { limit })??;
            match message.kind {
                Kind::Return if message.reply_serial == Some(serial) => return Ok(message),
                Kind::Error if message.reply_serial == Some(serial) => return Err(refused(&message)),
                Kind::Signal => self.keep(message),
                _ => {}
            }
        }
    }

    /// The next signal, kept or new, that is `wanted`; others are dropped.
    ///
    /// # Errors
    /// When the connection is lost, or none comes within `limit`.
    pub async fn signal(
        &mut self,
        limit: Duration,
        mut wanted: impl FnMut(&Message) -> bool,
    ) -> Result<Message, BusError> {
        let until = Instant::now() + limit;
        loop {
            let message = match self.signals.pop_front() {
                Some(message) => message,
                None => {
                    timeout_at(until, self.receive()).await.map_err(|_| BusError::TimedOut { limit })??
                }
            };
            if message.kind == Kind::Signal && wanted(&message) {
                return Ok(message);
            }
        }
    }

    fn keep(&mut self, signal: Message) {
        if self.signals.len() == SIGNALS_WAITING_MAX {
            self.signals.pop_front();
        }
        self.signals.push_back(signal);
    }

    async fn receive(&mut self) -> Result<Message, BusError> {
        let mut bytes = vec![0; FIXED_BYTES];
        self.read(&mut bytes).await?;
        let fixed = bytes.first_chunk().ok_or(Malformed("the data ends early"))?;
        let total = total_bytes(fixed)?;
        if total > MESSAGE_BYTES_MAX {
            return Err(Malformed("a message is too long").into());
        }
        bytes.resize(total, 0);
        self.read(&mut bytes[FIXED_BYTES..]).await?;
        Ok(Message::parse(&bytes)?)
    }

    async fn read(&mut self, into: &mut [u8]) -> Result<(), BusError> {
        let read = self.stream.read_exact(into).await;
        read.map(drop).map_err(|source| self.lost(source))
    }

    fn lost(&self, source: io::Error) -> BusError {
        BusError::Lost { socket: self.socket.clone(), source }
    }
}

fn refused(message: &Message) -> BusError {
    let text = message.texts().first().copied().unwrap_or("no reason given").to_owned();
    BusError::Refused { name: message.error_name.clone(), text }
}

/// Connects and authenticates as the user that we are (SASL EXTERNAL, by the socket's credentials).
///
/// `BEGIN` goes out together with the authentication, and calls only after its answer, as systemd's own programs do it:
/// systemd itself, on its private socket, does not see a call that it reads in one piece with `BEGIN`.
async fn open(socket: &Path) -> io::Result<UnixStream> {
    let mut stream = UnixStream::connect(socket).await?;
    let user: String =
        rustix::process::geteuid().as_raw().to_string().bytes().map(|digit| format!("{digit:02x}")).collect();
    stream.write_all(format!("\0AUTH EXTERNAL {user}\r\nBEGIN\r\n").as_bytes()).await?;
    let answer = line(&mut stream).await?;
    if !answer.starts_with("OK ") {
        let words = format!("it does not let this user in ({})", answer.trim());
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, words));
    }
    Ok(stream)
}

/// One line of the authentication, byte by byte, so that nothing of what follows is taken.
async fn line(stream: &mut UnixStream) -> io::Result<String> {
    let mut line = Vec::new();
    while !line.ends_with(b"\r\n") {
        if line.len() == LINE_BYTES_MAX {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "its greeting is too long"));
        }
        line.push(stream.read_u8().await?);
    }
    String::from_utf8(line).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}
