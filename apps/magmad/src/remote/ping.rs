//! Pings a host by ICMP sockets of our own.
//!
//! Unprivileged datagram sockets where the kernel grants them (`net.ipv4.ping_group_range`), else raw ones, which an
//! administrator's process may open.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use rustix::net::{AddressFamily, Protocol, SocketFlags, SocketType, ipproto, socket_with};
use tokio::net::UdpSocket;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::echo::{self, TOKEN_BYTES};

/// How long one host may take, whatever the number of packets; `ping -w 20` in Magma.
pub(super) const PING_LIMIT: Duration = Duration::from_secs(20);

/// The pause between packets, unless there are many.
const PAUSE: Duration = Duration::from_secs(1);

/// How long sending may take in all; the rest of [`PING_LIMIT`] is for the last replies.
const SENDING: Duration = Duration::from_secs(15);

/// How long the last replies are awaited.
const LAST_REPLIES: Duration = Duration::from_secs(3);

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Pinged {
    pub(super) transmitted: u32,
    pub(super) received: u32,
    /// The average time of those that came back, in milliseconds.
    pub(super) average_ms: f32,
    /// Why packets could not be sent.
    pub(super) trouble: Option<String>,
}

/// A socket on which one host is pinged.
#[derive(Debug)]
pub(super) struct Pinger {
    socket: UdpSocket,
    to: IpAddr,
    with_ip_header: bool,
    token: [u8; TOKEN_BYTES],
}

impl Pinger {
    /// Opens a socket to ping `to`.
    ///
    /// # Errors
    /// When the kernel grants neither kind of socket, or knows no way to the host.
    pub(super) fn open(to: IpAddr) -> io::Result<Self> {
        let (socket, raw) = match connected(to, SocketType::DGRAM) {
            Err(error) if refuses(&error) => (connected(to, SocketType::RAW)?, true),
            socket => (socket?, false),
        };
        let token = RandomState::new().build_hasher().finish().to_ne_bytes();
        Ok(Self { socket, to, with_ip_header: raw && to.is_ipv4(), token })
    }

    /// Sends `packets` echo requests and waits for the replies.
    pub(super) async fn ping(&self, packets: u16) -> Pinged {
        let pause = PAUSE.min(SENDING / u32::from(packets.max(1)));
        let mut pinged = Pinged::default();
        let mut sent = BTreeMap::new();
        let mut total = Duration::ZERO;
        for sequence in 0..packets {
            let now = Instant::now();
            match self
                .socket
                .send(&echo::request(self.to, std::process::id() as u16, sequence, self.token))
                .await
            {
                Ok(_) => {
                    pinged.transmitted += 1;
                    sent.insert(sequence, now);
                }
                Err(error) => pinged.trouble = Some(error.to_string()),
            }
            let last = sequence + 1 == packets;
            let until = now + if last { LAST_REPLIES } else { pause };
            total += self.receive_until(until, last, &mut sent, &mut pinged.trouble).await;
            if !last {
                sleep_until(until).await;
            }
        }
        pinged.received = pinged.transmitted - u32::try_from(sent.len()).unwrap_or(pinged.transmitted);
        pinged.average_ms = total.as_secs_f32() * 1000.0 / pinged.received.max(1) as f32;
        pinged
    }

    /// Takes replies, and the packets that they answer out of `sent`; returns the sum of their times. At the end it
    /// does not wait for more when nothing is missing.
    async fn receive_until(
        &self,
        until: Instant,
        last: bool,
        sent: &mut BTreeMap<u16, Instant>,
        trouble: &mut Option<String>,
    ) -> Duration {
        let (mut total, mut packet) = (Duration::ZERO, [0; 2048]);
        while !(last && sent.is_empty()) {
            let length = match timeout_at(until, self.socket.recv(&mut packet)).await {
                Ok(Ok(length)) => length,
                Ok(Err(error)) => {
                    // A router says that it cannot reach the host; the next packet may fare better.
                    *trouble = Some(error.to_string());
                    continue;
                }
                Err(_) => break,
            };
            let sequence = echo::reply(self.to, &packet[..length], self.with_ip_header, self.token);
            if let Some(began) = sequence.and_then(|sequence| sent.remove(&sequence)) {
                total += began.elapsed();
            }
        }
        total
    }
}

fn connected(to: IpAddr, kind: SocketType) -> io::Result<UdpSocket> {
    let (family, protocol): (_, Protocol) = match to {
        IpAddr::V4(_) => (AddressFamily::INET, ipproto::ICMP),
        IpAddr::V6(_) => (AddressFamily::INET6, ipproto::ICMPV6),
    };
    let socket = socket_with(family, kind, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK, Some(protocol))?;
    rustix::net::connect(&socket, &SocketAddr::new(to, 0))?;
    // Not UDP, but the standard library's type for a connected socket with messages.
    UdpSocket::from_std(std::net::UdpSocket::from(socket))
}

/// Whether the kernel refuses this kind of socket, and not this host.
fn refuses(error: &io::Error) -> bool {
    use rustix::io::Errno;
    [Errno::ACCESS, Errno::PERM, Errno::PROTONOSUPPORT, Errno::PROTOTYPE]
        .iter()
        .any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

/// Whether pings have to be left to the system's program.
pub(super) fn needs_program(error: &io::Error) -> bool {
    refuses(error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{Ipv4Addr, Ipv6Addr};

    #[tokio::test]
    async fn this_machine_answers_itself() {
        for to in [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)] {
            let pinger = match Pinger::open(to) {
                Ok(pinger) => pinger,
                Err(error) => {
                    println!("skipped: no ICMP socket to {to} here: {error}");
                    continue;
                }
            };
            let began = Instant::now();
            let pinged = pinger.ping(1).await;
            assert_eq!((pinged.transmitted, pinged.received), (1, 1), "{to} {pinged:?}");
            assert!(pinged.average_ms > 0.0 && pinged.average_ms < 3000.0, "{pinged:?}");
            assert!(began.elapsed() < LAST_REPLIES, "it does not wait when nothing is missing");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_that_comes_back_is_nothing_received() {
        // 203.0.113.0/24 is for documentation and answers nowhere (RFC 5737).
        let to = "203.0.113.9".parse().expect("an address");
        let Ok(pinger) = Pinger::open(to) else {
            println!("skipped: no ICMP socket to {to} here");
            return;
        };
        let began = Instant::now();
        let pinged = pinger.ping(100).await;
        assert_eq!((pinged.received, pinged.average_ms), (0, 0.0));
        assert!(began.elapsed() <= PING_LIMIT, "{:?}", began.elapsed());
    }
}
