//! One connection to Redis: commands in a row, and as many answers.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, BufReader, ReadBuf};
use tokio::net::{TcpStream, UnixStream};

use crate::client::RedisAddress;
use crate::reply::{self, Reply, Room};

const BUFFER_BYTES: usize = 4096;

trait Stream: AsyncRead + AsyncWrite + Send + Sync + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> Stream for T {}

/// An open connection. Whoever does not read all answers must drop it.
pub(crate) struct Connection {
    stream: BufReader<Box<dyn Stream>>,
}

impl Connection {
    pub(crate) async fn open(address: &RedisAddress) -> io::Result<Self> {
        let stream: Box<dyn Stream> = match address {
            RedisAddress::Tcp { host, port } => {
                let stream = TcpStream::connect((host.as_str(), *port)).await?;
                stream.set_nodelay(true)?;
                Box::new(stream)
            }
            RedisAddress::Unix(path) => Box::new(UnixStream::connect(path).await?),
        };
        Ok(Self { stream: BufReader::with_capacity(BUFFER_BYTES, stream) })
    }

    /// Whether it can be used again: the server has not closed it, and nothing is there that nobody asked for.
    pub(crate) fn is_idle(&mut self) -> bool {
        let (mut byte, mut context) = ([0; 1], Context::from_waker(Waker::noop()));
        let mut room = ReadBuf::new(&mut byte);
        matches!(Pin::new(&mut self.stream).poll_read(&mut context, &mut room), Poll::Pending)
    }

    /// Sends commands, written one behind the other, and reads an answer for each; all together have `room`.
    pub(crate) async fn exchange(
        &mut self,
        commands: &[u8],
        count: usize,
        mut room: Room,
    ) -> io::Result<Vec<Reply>> {
        self.stream.write_all(commands).await?;
        self.stream.flush().await?;
        let mut replies = Vec::with_capacity(count);
        for _ in 0..count {
            replies.push(reply::read(&mut self.stream, &mut room).await?);
        }
        Ok(replies)
    }
}
