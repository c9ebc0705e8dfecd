//! Pings a host by ICMP sockets of our own.
//!
//! Unprivileged datagram sockets where the kernel grants them (`net.ipv4.ping_group_range`), else raw ones, which an
//! administrator's process may open.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::echo::{self, PING_BYTES, TOKEN_BYTES};
use crate::socket::{Kind, open, refuses, token};

/// How long one host may take, whatever the number of packets; `ping -w 20` in Magma.
pub const PING_LIMIT: Duration = Duration::from_secs(20);

/// The pause between packets, unless there are many.
const PAUSE: Duration = Duration::from_secs(1);

/// How long sending may take in all; the rest of [`PING_LIMIT`] is for the last replies.
const SENDING: Duration = Duration::from_secs(15);

/// How long the last replies are awaited.
const LAST_REPLIES: Duration = Duration::from_secs(3);

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pinged {
    /// Requests that were sent.
    pub transmitted: u32,
    /// Those that were answered; the others are lost.
    pub received: u32,
    /// The average time of those that came back, in milliseconds.
    pub average_ms: f32,
    /// Why packets could not be sent.
    pub trouble: Option<String>,
}

/// A socket on which one host is pinged.
#[derive(Debug)]
pub struct Pinger {
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
    pub fn open(to: IpAddr) -> io::Result<Self> {
        let (socket, raw) = match connected(to, Kind::Datagram) {
            Err(error) if refuses(&error) => (connected(to, Kind::Raw)?, true),
            socket => (socket?, false),
        };
        Ok(Self { socket, to, with_ip_header: raw && to.is_ipv4(), token: token() })
    }

    /// Sends `packets` echo requests and waits for the replies.
    pub async fn ping(&self, packets: u16) -> Pinged {
        let pause = PAUSE.min(SENDING / u32::from(packets.max(1)));
        let mut pinged = Pinged::default();
        let mut sent = BTreeMap::new();
        let mut total = Duration::ZERO;
        for sequence in 0..packets {
            let now = Instant::now();
            match self
                .socket
                .send(&echo::request(self.to, std::process::id() as u16, sequence, self.token, PING_BYTES))
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

fn connected(to: IpAddr, kind: Kind) -> io::Result<UdpSocket> {
    let socket = open(to, kind)?;
    rustix::net::connect(&socket, &SocketAddr::new(to, 0))?;
    Ok(socket)
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
