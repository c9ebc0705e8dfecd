//! One answer of Redis, and how commands are written: the second version of Redis' protocol (RESP2).

use std::io;
use std::pin::Pin;

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};

/// The longest value that is kept; a longer one is read and dropped, so that what comes behind it is not lost.
pub const BULK_BYTES_MAX: usize = 8 * 1024 * 1024;

/// What the answers to one exchange may take in memory.
pub(crate) const ANSWERS_BYTES_MAX: usize = BULK_BYTES_MAX + 4 * 1024 * 1024;

/// Longer lists are not asked for.
const LIST_LENGTH_MAX: usize = 100_000;
/// Lists in lists: `SCAN` has one in another.
const DEPTH_MAX: u8 = 4;
/// Lines are numbers, short words and error texts.
const LINE_BYTES_MAX: u64 = 4096;

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// `+OK`
    Status(String),
    /// `-ERR …`
    Error(String),
    /// `:1`
    Integer(i64),
    /// Bytes.
    Bulk(Vec<u8>),
    /// There is no such value, or the transaction was not carried out.
    Nothing,
    /// Bytes that were more than [`BULK_BYTES_MAX`], or than there was room for beside the others; and how many.
    TooLong(u64),
    /// Several answers.
    List(Vec<Reply>),
}

/// Adds a command to what is sent next.
pub(crate) fn write_command(arguments: &[&[u8]], into: &mut Vec<u8>) {
    write_length(b'*', arguments.len(), into);
    for argument in arguments {
        write_length(b'$', argument.len(), into);
        into.extend_from_slice(argument);
        into.extend_from_slice(b"\r\n");
    }
}

fn write_length(sign: u8, length: usize, into: &mut Vec<u8>) {
    into.push(sign);
    into.extend_from_slice(length.to_string().as_bytes());
    into.extend_from_slice(b"\r\n");
}

/// What answers may still take in memory.
pub(crate) struct Room(pub(crate) usize);

impl Room {
    /// Takes room for one answer with so many bytes in it.
    fn take(&mut self, bytes: usize) -> Option<()> {
        self.0 = self.0.checked_sub(size_of::<Reply>() + bytes)?;
        Some(())
    }
}

/// Reads one answer. Bytes for which there is no room are read and dropped.
///
/// # Errors
/// `InvalidData` for what is not the protocol or beyond the bounds; else what the stream says.
pub(crate) async fn read<R: AsyncBufRead + Unpin + Send>(
    stream: &mut R,
    room: &mut Room,
) -> io::Result<Reply> {
    read_at(stream, room, 0).await
}

type Reading<'a> = Pin<Box<dyn Future<Output = io::Result<Reply>> + Send + 'a>>;

fn read_at<'a, R: AsyncBufRead + Unpin + Send>(
    stream: &'a mut R,
    room: &'a mut Room,
    depth: u8,
) -> Reading<'a> {
    Box::pin(async move {
        let line = read_line(stream).await?;
        room.take(line.len()).ok_or_else(|| invalid("more than any answer"))?;
        let (sign, rest) = line.split_at_checked(1).ok_or_else(|| invalid("an empty line"))?;
        match sign {
            "+" => Ok(Reply::Status(rest.to_owned())),
            "-" => Ok(Reply::Error(rest.to_owned())),
            ":" => Ok(Reply::Integer(number(rest)?)),
            "$" => read_bulk(stream, number(rest)?, room).await,
            "*" => read_list(stream, number(rest)?, room, depth).await,
            _ => Err(invalid("an unknown kind of answer")),
        }
    })
}

async fn read_line<R: AsyncBufRead + Unpin + Send>(stream: &mut R) -> io::Result<String> {
    let mut line = Vec::new();
    stream.take(LINE_BYTES_MAX).read_until(b'\n', &mut line).await?;
    if line.is_empty() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let line = line.strip_suffix(b"\r\n").ok_or_else(|| invalid("a line without an end"))?;
    Ok(String::from_utf8_lossy(line).into_owned())
}

async fn read_bulk<R: AsyncBufRead + Unpin + Send>(
    stream: &mut R,
    length: i64,
    room: &mut Room,
) -> io::Result<Reply> {
    if length == -1 {
        return Ok(Reply::Nothing);
    }
    let length = u64::try_from(length).map_err(|_| invalid("a negative length"))?;
    let kept = usize::try_from(length).ok().filter(|length| *length <= BULK_BYTES_MAX);
    let kept = kept.filter(|length| room.take(*length).is_some());
    let Some(kept) = kept else {
        let dropped = tokio::io::copy(&mut (&mut *stream).take(length), &mut tokio::io::sink()).await?;
        if dropped < length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        return end_of_bulk(stream).await.map(|()| Reply::TooLong(length));
    };
    // The room grows with what really comes.
    let mut bytes = Vec::new();
    (&mut *stream).take(length).read_to_end(&mut bytes).await?;
    if bytes.len() < kept {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    end_of_bulk(stream).await.map(|()| Reply::Bulk(bytes))
}

async fn end_of_bulk<R: AsyncBufRead + Unpin + Send>(stream: &mut R) -> io::Result<()> {
    let mut end = [0; 2];
    stream.read_exact(&mut end).await?;
    if end == *b"\r\n" { Ok(()) } else { Err(invalid("bytes without an end")) }
}

async fn read_list<R: AsyncBufRead + Unpin + Send>(
    stream: &mut R,
    length: i64,
    room: &mut Room,
    depth: u8,
) -> io::Result<Reply> {
    if length == -1 {
        return Ok(Reply::Nothing);
    }
    let length = usize::try_from(length).ok().filter(|length| *length <= LIST_LENGTH_MAX);
    let length = length.ok_or_else(|| invalid("a list of impossible length"))?;
    if depth == DEPTH_MAX {
        return Err(invalid("lists too deep in each other"));
    }
    let mut list = Vec::new();
    for _ in 0..length {
        list.push(read_at(stream, room, depth + 1).await?);
    }
    Ok(Reply::List(list))
}

fn number(text: &str) -> io::Result<i64> {
    text.parse().map_err(|_| invalid("a number that is none"))
}

fn invalid(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn parse(mut bytes: &[u8]) -> Result<Reply, io::ErrorKind> {
        read(&mut bytes, &mut Room(ANSWERS_BYTES_MAX)).await.map_err(|error| error.kind())
    }

    #[test]
    fn a_command_is_a_list_of_counted_bytes() {
        let mut sent = Vec::new();
        write_command(&[b"SET", b"k\r\n", b""], &mut sent);
        assert_eq!(sent, b"*3\r\n$3\r\nSET\r\n$3\r\nk\r\n\r\n$0\r\n\r\n");
    }

    #[tokio::test]
    async fn every_kind_of_answer_is_read() {
        let bulk = |text: &str| Reply::Bulk(text.into());
        for (bytes, expected) in [
            (&b"+OK\r\n"[..], Reply::Status("OK".into())),
            (b"-ERR no\r\n", Reply::Error("ERR no".into())),
            (b":-7\r\n", Reply::Integer(-7)),
            (b"$4\r\na\r\nb\r\n", bulk("a\r\nb")),
            (b"$0\r\n\r\n", bulk("")),
            (b"$-1\r\n", Reply::Nothing),
            (b"*-1\r\n", Reply::Nothing),
            (
                b"*2\r\n$1\r\n0\r\n*1\r\n$1\r\nk\r\n",
                Reply::List(vec![bulk("0"), Reply::List(vec![bulk("k")])]),
            ),
        ] {
            assert_eq!(parse(bytes).await, Ok(expected), "{}", bytes.escape_ascii());
        }
    }

    #[tokio::test]
    async fn what_is_damaged_or_too_much_is_refused() {
        let (data, end) = (io::ErrorKind::InvalidData, io::ErrorKind::UnexpectedEof);
        let deep = b"*1\r\n".repeat(6);
        let line = [b"+".to_vec(), vec![b'x'; 5000], b"\r\n".to_vec()].concat();
        for (name, bytes, expected) in [
            ("nothing", &b""[..], end),
            ("cut in a number", b":1", data),
            ("no number", b":x\r\n", data),
            ("an unknown sign", b"!x\r\n", data),
            ("an empty line", b"\r\n", data),
            ("cut in bytes", b"$5\r\nab", end),
            ("bytes longer than said", b"$1\r\nab\r\n", data),
            ("a negative length", b"$-2\r\n", data),
            ("a list without end", b"*999999999\r\n", data),
            ("lists in lists", &deep, data),
            ("a line without end", &line, data),
        ] {
            assert_eq!(parse(bytes).await, Err(expected), "{name}");
        }
    }

    #[tokio::test]
    async fn answers_are_bounded_in_sum() {
        let value = format!("${}\r\n{}\r\n", 1000, "x".repeat(1000));
        let many = format!("*9\r\n{}", value.repeat(9));
        let mut room = Room(4500);
        let Ok(Reply::List(values)) = read(&mut many.as_bytes(), &mut room).await else { panic!("no list") };
        let kept = values.iter().take_while(|value| matches!(value, Reply::Bulk(_))).count();
        assert_eq!(kept, 4);
        assert!(values[kept..].iter().all(|value| *value == Reply::TooLong(1000)), "{values:?}");
        for tiny in ["*100000\r\n", ":1\r\n"] {
            let endless = format!("*100000\r\n{}", tiny.repeat(100_000));
            let read = read(&mut endless.as_bytes(), &mut Room(1_000_000)).await;
            assert_eq!(read.map_err(|error| error.kind()), Err(io::ErrorKind::InvalidData));
        }
    }

    #[tokio::test]
    async fn a_value_that_is_too_long_does_not_hide_what_follows() {
        let length = BULK_BYTES_MAX + 1;
        let mut bytes = format!("*2\r\n${length}\r\n").into_bytes();
        bytes.resize(bytes.len() + length, b'x');
        bytes.extend_from_slice(b"\r\n$1\r\ny\r\n");
        let expected = Reply::List(vec![Reply::TooLong(length as u64), Reply::Bulk(b"y".to_vec())]);
        assert_eq!(parse(&bytes).await, Ok(expected));
    }
}
