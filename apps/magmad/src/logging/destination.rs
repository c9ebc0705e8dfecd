//! Where the log's lines go: standard error, which the init system keeps, standard output, or a syslog server
//! (RFC 3164, to the machine's own or over UDP).

use std::io::{self, Write};
use std::net::{SocketAddr, ToSocketAddrs, UdpSocket};
use std::os::unix::net::UnixDatagram;

use tracing::Level;

/// Where the machine's own syslog server listens.
const LOCAL: &str = "/dev/log";

/// The facility "daemon" (RFC 3164 §4.1.1), in its place in a priority.
const DAEMON: u8 = 3 << 3;

/// The longest datagram, in bytes; what is longer is cut (RFC 5426 §3.2 lets a receiver do so from 480 on).
const DATAGRAM_BYTES_MAX: usize = 8 << 10;

/// Where the log goes.
#[derive(Debug)]
pub enum Destination {
    /// Standard error.
    Stderr,
    /// Standard output.
    Stdout,
    /// The machine's own syslog server. It is named anew with each line, so that it may restart.
    Syslog(UnixDatagram),
    /// A syslog server somewhere else.
    Udp(UdpSocket, SocketAddr),
}

impl Destination {
    /// Understands `stderr`, `stdout`, `syslog`, and `syslog=udp::HOST:PORT`, whose last part is as the Go agent has it.
    ///
    /// # Errors
    /// A sentence that says what is expected, or what the system refuses.
    pub fn parse(word: &str) -> Result<Self, String> {
        match word.split_once('=') {
            None if word == "stderr" => Ok(Self::Stderr),
            None if word == "stdout" => Ok(Self::Stdout),
            None if word == "syslog" => local().map_err(|error| format!("no socket for syslog: {error}")),
            Some(("syslog", server)) => match server.strip_prefix("udp::") {
                Some(address) => remote(address)
                    .map_err(|error| format!("syslog server {address:?}: {error}; expected is HOST:PORT")),
                None => Err(format!("syslog server is {server:?}; expected is udp::HOST:PORT")),
            },
            _ => Err(format!(
                "--log-to is {word:?}; expected is one of: stderr, stdout, syslog, syslog=udp::HOST:PORT"
            )),
        }
    }
}

fn local() -> io::Result<Destination> {
    let socket = UnixDatagram::unbound()?;
    socket.set_nonblocking(true)?;
    Ok(Destination::Syslog(socket))
}

fn remote(address: &str) -> io::Result<Destination> {
    let server = address.to_socket_addrs()?.next().ok_or_else(|| io::Error::other("it has no address"))?;
    let any = if server.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let socket = UdpSocket::bind(any)?;
    socket.set_nonblocking(true)?;
    Ok(Destination::Udp(socket, server))
}

/// RFC 3164 §4.1.1.
fn severity(level: Level) -> u8 {
    match level {
        Level::ERROR => 3,
        Level::WARN => 4,
        Level::INFO => 6,
        _ => 7,
    }
}

impl Destination {
    /// Takes one line, whole. One that is not taken, be it by a full disk or a syslog server, is lost: nobody waits for
    /// the log.
    pub(super) fn take(&self, level: Level, line: &[u8]) {
        match self {
            Self::Stderr => drop(io::stderr().write_all(line)),
            Self::Stdout => drop(io::stdout().write_all(line)),
            Self::Syslog(socket) => drop(socket.send_to(&datagram(level, line), LOCAL)),
            Self::Udp(socket, server) => drop(socket.send_to(&datagram(level, line), server)),
        }
    }
}

fn datagram(level: Level, line: &[u8]) -> Vec<u8> {
    let mut datagram = format!("<{}>magmad[{}]: ", DAEMON | severity(level), std::process::id()).into_bytes();
    datagram.extend_from_slice(line.trim_ascii());
    datagram.truncate(DATAGRAM_BYTES_MAX);
    datagram
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn places_are_understood_or_said_to_be_wrong() {
        for word in ["stderr", "stdout", "syslog", "syslog=udp::127.0.0.1:514"] {
            assert!(Destination::parse(word).is_ok(), "{word}");
        }
        let rows = [
            ("file", "expected is one of: stderr"),
            ("", "expected is one of: stderr"),
            ("syslog=tcp::127.0.0.1:514", "expected is udp::HOST:PORT"),
            ("syslog=udp::127.0.0.1", "expected is HOST:PORT"),
            ("stderr=x", "expected is one of"),
        ];
        for (word, expected) in rows {
            let said = Destination::parse(word).unwrap_err();
            assert!(said.contains(expected), "{word}: {said}");
        }
    }

    #[test]
    fn a_line_arrives_at_the_server_with_its_severity() {
        let server = UdpSocket::bind("127.0.0.1:0").unwrap();
        server.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let word = format!("syslog=udp::{}", server.local_addr().unwrap());
        let destination = Destination::parse(&word).unwrap();
        destination.take(Level::WARN, b"WARN take care\n");
        let mut buffer = [0; 200];
        let length = server.recv(&mut buffer).unwrap();
        let said = std::str::from_utf8(&buffer[..length]).unwrap();
        assert_eq!(said, format!("<28>magmad[{}]: WARN take care", std::process::id()));
    }
}
