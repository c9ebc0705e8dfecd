//! Traces the way to a host: echo requests that may go one hop, two hops, and so on; each router that drops one says so.
//!
//! As `traceroute -I` does. All probes of a hop are sent at once, and the next hop's follow while answers are still on
//! their way, so that routers that say nothing cost a tenth of a second each and not fifteen.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use rustix::net::sockopt::{set_ip_ttl, set_ipv6_unicast_hops};
use tokio::net::UdpSocket;
use tokio::time::{Instant, timeout_at};

use crate::echo::{self, Said, TOKEN_BYTES};
use crate::socket::{Kind, open, token};

/// How many probes each hop gets, as with every `traceroute`.
pub const PROBES_PER_HOP: u8 = 3;

/// How long one trace may take at most: 255 silent hops and the last answers.
pub const TRACE_LIMIT: Duration = Duration::from_secs(30);

/// How long answers of one hop are awaited before the next hop is probed.
const PACE: Duration = Duration::from_millis(100);

/// How long the last answers are awaited.
const LAST_ANSWERS: Duration = Duration::from_secs(3);

/// The largest packet that is received whole; only the beginning is looked at.
const PACKET_BYTES_MAX: usize = 2048;

/// One hop.
#[derive(Clone, Debug, PartialEq)]
pub struct Hop {
    /// Its number, from 1.
    pub ttl: u8,
    /// What came of its probes: [`PROBES_PER_HOP`] of them.
    pub probes: Vec<Probe>,
}

/// One probe.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Probe {
    /// Who answered; none when nobody did.
    pub from: Option<IpAddr>,
    /// After which time, in milliseconds; 0 when nobody did.
    pub rtt_ms: f32,
}

/// A socket on which the way to one host is traced.
#[derive(Debug)]
pub struct Tracer {
    socket: UdpSocket,
    to: IpAddr,
    identifier: u16,
    token: [u8; TOKEN_BYTES],
}

/// A trace under way.
struct Way {
    hops: Vec<Hop>,
    /// Probes without an answer, by sequence number.
    sent: BTreeMap<u16, Instant>,
    /// The hop at which the host, or the end of the way, answered.
    end: Option<u8>,
}

impl Tracer {
    /// Opens a socket to trace the way to `to`.
    ///
    /// # Errors
    /// When the kernel does not grant a raw socket; see [`crate::is_refused`].
    pub fn open(to: IpAddr) -> io::Result<Self> {
        let token = token();
        Ok(Self {
            socket: open(to, Kind::Raw)?,
            to,
            identifier: u16::from_ne_bytes([token[0], token[1]]),
            token,
        })
    }

    /// Traces `hops_max` hops at most, with packets of `bytes` (the IP header counts; the shortest has 36 or 56).
    ///
    /// # Errors
    /// When not even the first packet can be sent: there is no way to the host.
    pub async fn trace(&self, hops_max: u8, bytes: u16) -> io::Result<Vec<Hop>> {
        let mut way = Way { hops: Vec::new(), sent: BTreeMap::new(), end: None };
        for ttl in 1..=hops_max {
            match self.probe(ttl, bytes, &mut way).await {
                Err(error) if ttl == 1 => return Err(error),
                _ => self.receive(Instant::now() + PACE, &mut way).await,
            }
            if way.end.is_some() {
                break;
            }
        }
        self.receive(Instant::now() + LAST_ANSWERS, &mut way).await;
        if let Some(end) = way.end {
            way.hops.truncate(end.into());
        }
        Ok(way.hops)
    }

    /// Sends a hop's probes.
    async fn probe(&self, ttl: u8, bytes: u16, way: &mut Way) -> io::Result<()> {
        way.hops.push(Hop { ttl, probes: vec![Probe::default(); PROBES_PER_HOP.into()] });
        let header = if self.to.is_ipv4() {
            set_ip_ttl(&self.socket, ttl.into())?;
            20
        } else {
            set_ipv6_unicast_hops(&self.socket, Some(ttl))?;
            40
        };
        let length = usize::from(bytes).saturating_sub(header);
        for probe in 0..PROBES_PER_HOP {
            let sequence = sequence(ttl, probe);
            let request = echo::request(self.to, self.identifier, sequence, self.token, length);
            way.sent.insert(sequence, Instant::now());
            self.socket.send_to(&request, SocketAddr::new(self.to, 0)).await?;
        }
        Ok(())
    }

    /// Takes answers until `until`, or until nothing is missing.
    async fn receive(&self, until: Instant, way: &mut Way) {
        let mut packet = [0; PACKET_BYTES_MAX];
        while way.is_waiting() {
            match timeout_at(until, self.socket.recv_from(&mut packet)).await {
                Ok(Ok((length, from))) => {
                    let raw_v4 = self.to.is_ipv4();
                    let answer =
                        echo::answer(self.to, &packet[..length], raw_v4, self.identifier, self.token);
                    if let Some((said, sequence)) = answer {
                        way.take(said, sequence, from.ip());
                    }
                }
                // A packet could not be received; others may be.
                Ok(Err(_)) => tokio::time::sleep(Duration::from_millis(1)).await,
                Err(_) => return,
            }
        }
    }
}

fn sequence(ttl: u8, probe: u8) -> u16 {
    u16::from(ttl) * u16::from(PROBES_PER_HOP) + u16::from(probe)
}

impl Way {
    /// Whether an answer is missing that would be part of the result.
    fn is_waiting(&self) -> bool {
        let end = self.end.unwrap_or(u8::MAX);
        self.sent.keys().any(|sequence| ttl_of(*sequence) <= u16::from(end))
    }

    fn take(&mut self, said: Said, sequence: u16, from: IpAddr) {
        let Some(began) = self.sent.remove(&sequence) else { return };
        let ttl = ttl_of(sequence);
        let probe = usize::from(sequence % u16::from(PROBES_PER_HOP));
        let hop = self.hops.iter_mut().find(|hop| u16::from(hop.ttl) == ttl);
        let Some((hop, ttl)) = hop.zip(u8::try_from(ttl).ok()) else { return };
        if let Some(place) = hop.probes.get_mut(probe) {
            *place = Probe { from: Some(from), rtt_ms: began.elapsed().as_secs_f32() * 1000.0 };
        }
        if said != Said::HopsUsedUp {
            self.end = Some(self.end.map_or(ttl, |end| end.min(ttl)));
        }
    }
}

fn ttl_of(sequence: u16) -> u16 {
    sequence / u16::from(PROBES_PER_HOP)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUTER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

    fn way(hops: u8) -> Way {
        let mut way = Way { hops: Vec::new(), sent: BTreeMap::new(), end: None };
        for ttl in 1..=hops {
            way.hops.push(Hop { ttl, probes: vec![Probe::default(); 3] });
            way.sent.extend((0..3).map(|probe| (sequence(ttl, probe), Instant::now())));
        }
        way
    }

    #[tokio::test]
    async fn answers_find_their_hop_and_only_once() {
        let mut way = way(3);
        way.take(Said::HopsUsedUp, sequence(2, 1), ROUTER);
        way.take(Said::HopsUsedUp, sequence(2, 1), std::net::Ipv4Addr::LOCALHOST.into());
        way.take(Said::HopsUsedUp, sequence(9, 0), ROUTER);
        way.take(Said::HopsUsedUp, 0, ROUTER);
        let answered: Vec<Option<IpAddr>> =
            way.hops.iter().flat_map(|hop| hop.probes.iter().map(|probe| probe.from)).collect();
        assert_eq!(answered, [None, None, None, None, Some(ROUTER), None, None, None, None]);
        assert!(way.end.is_none() && way.is_waiting());
    }

    #[tokio::test]
    async fn the_nearest_answer_of_the_host_ends_the_way() {
        let mut way = way(3);
        way.take(Said::Reply, sequence(3, 0), ROUTER);
        way.take(Said::Reply, sequence(2, 0), ROUTER);
        assert_eq!(way.end, Some(2));
        for ttl in 1..=2 {
            for probe in 0..3 {
                way.take(Said::HopsUsedUp, sequence(ttl, probe), ROUTER);
            }
        }
        assert!(!way.is_waiting(), "what lies behind the host is not awaited");
    }

    #[tokio::test]
    async fn this_machine_is_one_hop_away() {
        for to in ["127.0.0.1", "::1"] {
            let to: IpAddr = to.parse().expect("an address");
            let tracer = match Tracer::open(to) {
                Ok(tracer) => tracer,
                Err(error) => {
                    println!("skipped: no raw socket to {to} here: {error}");
                    continue;
                }
            };
            let hops = match tracer.trace(5, 60).await {
                Ok(hops) => hops,
                Err(error) => {
                    println!("skipped: no way to {to} here: {error}");
                    continue;
                }
            };
            let from: Vec<Option<IpAddr>> = hops[0].probes.iter().map(|probe| probe.from).collect();
            assert_eq!((hops.len(), from), (1, vec![Some(to); 3]));
            assert!(hops[0].probes.iter().all(|probe| probe.rtt_ms > 0.0));
        }
    }
}
