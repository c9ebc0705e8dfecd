//! `RunNetworkTests`: pings and traces from this gateway, all at the same time.
//!
//! A test that fails says so in its own result; the others are not concerned.

use std::io;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use magma_icmp::{Hop, PING_LIMIT, Pinged, Pinger, Probe, TRACE_LIMIT, Tracer, is_refused};
use magma_rpc::Status;
use tokio::task::JoinSet;
use wire_orc8r::orc8r::{
    NetworkTestRequest, NetworkTestResponse, PingParams, PingResult, TracerouteHop, TracerouteParams,
    TracerouteProbe, TracerouteResult,
};

use super::{ping_program, traceroute_program};

/// How many hosts one request may name.
const HOSTS_MAX: usize = 32;

/// Packets of a ping: what an empty field means, and the most that are sent.
const PACKETS_DEFAULT: u16 = 4;
const PACKETS_MAX: i32 = 100;

/// Hops and packet size of a trace: what an empty field means, and the bounds.
const HOPS_DEFAULT: u8 = 30;
const HOPS_MAX: i32 = 64;
const BYTES_DEFAULT: u16 = 60;
const BYTES_RANGE: (i32, i32) = (28, 9000);

/// How long finding a host's address may take.
const RESOLVE_LIMIT: Duration = Duration::from_secs(5);

/// The system's programs for what this one cannot do itself.
#[derive(Clone, Debug)]
pub struct NetworkPrograms {
    /// For pings, where ICMP sockets are not granted.
    pub ping: PathBuf,
    /// For traces, where raw sockets are not granted.
    pub traceroute: PathBuf,
}

impl Default for NetworkPrograms {
    fn default() -> Self {
        Self { ping: "ping".into(), traceroute: "traceroute".into() }
    }
}

/// Tests the network as a request says.
#[derive(Clone, Debug, Default)]
pub struct NetworkTests {
    programs: Arc<NetworkPrograms>,
}

impl NetworkTests {
    /// Tests that may use `programs`.
    pub fn new(programs: NetworkPrograms) -> Self {
        Self { programs: Arc::new(programs) }
    }

    /// Runs all tests of a request and returns their results in its order.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` when it names too many hosts.
    pub async fn run(&self, request: NetworkTestRequest) -> Result<NetworkTestResponse, Status> {
        if request.pings.len() + request.traceroutes.len() > HOSTS_MAX {
            return Err(Status::invalid_argument(format!("at most {HOSTS_MAX} hosts in one request")));
        }
        let ping = |params| ping(Arc::clone(&self.programs), params);
        let trace = |params| trace(Arc::clone(&self.programs), params);
        let (pings, traceroutes) = tokio::join!(all(request.pings, ping), all(request.traceroutes, trace));
        Ok(NetworkTestResponse { pings, traceroutes })
    }
}

/// Runs `test` on each of `params` at the same time; the results have the order of `params`.
async fn all<P, R, F>(params: Vec<P>, test: impl Fn(P) -> F) -> Vec<R>
where
    F: Future<Output = R> + Send + 'static,
    R: Send + 'static,
{
    let mut running = JoinSet::new();
    for (index, params) in params.into_iter().enumerate() {
        let result = test(params);
        running.spawn(async move { (index, result.await) });
    }
    let mut results = running.join_all().await;
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

async fn ping(programs: Arc<NetworkPrograms>, params: PingParams) -> PingResult {
    let host = params.host_or_ip;
    let packets = bounded(params.num_packets, 1, PACKETS_MAX, PACKETS_DEFAULT);
    let pinged = match checked(&host) {
        Ok(()) => ping_host(&programs, &host, packets).await,
        Err(error) => Err(error),
    };
    let (pinged, error) = match pinged {
        Ok(pinged) if pinged.received == 0 => (pinged.clone(), lost(&host, pinged)),
        Ok(pinged) => (pinged, String::new()),
        Err(error) => (Pinged::default(), error),
    };
    PingResult {
        host_or_ip: host,
        num_packets: packets.into(),
        error,
        packets_transmitted: pinged.transmitted.cast_signed(),
        packets_received: pinged.received.cast_signed(),
        avg_response_ms: pinged.average_ms,
    }
}

async fn ping_host(programs: &NetworkPrograms, host: &str, packets: u16) -> Result<Pinged, String> {
    let to = resolve(host).await?;
    match Pinger::open(to) {
        Ok(pinger) => Ok(tokio::time::timeout(PING_LIMIT, pinger.ping(packets)).await.unwrap_or_default()),
        Err(error) if is_refused(&error) => ping_program::ping(&programs.ping, host, packets).await,
        Err(error) => Err(format!("cannot reach {host}: {error}")),
    }
}

fn lost(host: &str, pinged: Pinged) -> String {
    let trouble = pinged.trouble.map(|trouble| format!(": {trouble}")).unwrap_or_default();
    format!("no reply from {host} to {} packets{trouble}", pinged.transmitted)
}

async fn trace(programs: Arc<NetworkPrograms>, params: TracerouteParams) -> TracerouteResult {
    let host = params.host_or_ip;
    let hops_max = bounded(params.max_hops, 1, HOPS_MAX, HOPS_DEFAULT.into());
    let bytes = bounded(params.bytes_per_packet, BYTES_RANGE.0, BYTES_RANGE.1, BYTES_DEFAULT);
    let (hops, error) = match checked(&host) {
        Ok(()) => {
            let hops_max = u8::try_from(hops_max).unwrap_or(HOPS_DEFAULT);
            trace_host(&programs, &host, hops_max, bytes).await
        }
        Err(error) => (Vec::new(), Some(error)),
    };
    TracerouteResult { error: error.unwrap_or_default(), host_or_ip: host, hops }
}

async fn trace_host(
    programs: &NetworkPrograms,
    host: &str,
    hops_max: u8,
    bytes: u16,
) -> (Vec<TracerouteHop>, Option<String>) {
    let to = match resolve(host).await {
        Ok(to) => to,
        Err(error) => return (Vec::new(), Some(error)),
    };
    let tracer = match Tracer::open(to) {
        Ok(tracer) => tracer,
        Err(error) if is_refused(&error) => {
            return traceroute_program::trace(&programs.traceroute, host, hops_max, bytes).await;
        }
        Err(error) => return (Vec::new(), Some(format!("cannot trace {host}: {error}"))),
    };
    match tokio::time::timeout(TRACE_LIMIT, tracer.trace(hops_max, bytes)).await {
        Ok(Ok(hops)) => (hops.into_iter().map(as_message).collect(), None),
        Ok(Err(error)) => (Vec::new(), Some(format!("cannot reach {host}: {error}"))),
        Err(_) => (Vec::new(), Some(format!("the trace took more than {} s", TRACE_LIMIT.as_secs()))),
    }
}

/// Magma-compat: `*` and 0 ms stand for a probe that nobody answered.
fn as_message(hop: Hop) -> TracerouteHop {
    let probe = |probe: Probe| {
        let from = probe.from.map_or("*".to_owned(), |from| from.to_string());
        TracerouteProbe { hostname: from.clone(), ip: from, rtt_ms: probe.rtt_ms }
    };
    TracerouteHop { idx: hop.ttl.into(), probes: hop.probes.into_iter().map(probe).collect() }
}

/// The number that was asked for, within bounds; the default for none.
fn bounded(asked: i32, least: i32, most: i32, default: u16) -> u16 {
    if asked <= 0 { default } else { u16::try_from(asked.clamp(least, most)).unwrap_or(default) }
}

/// Refuses what is neither a name nor an address, before any program sees it as an option.
fn checked(host: &str) -> Result<(), String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-_:%".contains(c);
    if host.is_empty() || host.len() > 253 || host.starts_with('-') || !host.chars().all(plain) {
        return Err(format!("{host:?} is neither a host name nor an IP address"));
    }
    Ok(())
}

async fn resolve(host: &str) -> Result<IpAddr, String> {
    let found = tokio::time::timeout(RESOLVE_LIMIT, tokio::net::lookup_host((host, 0))).await;
    let late = || io::Error::new(io::ErrorKind::TimedOut, "no name server answers");
    match found.unwrap_or_else(|_| Err(late())) {
        Ok(mut addresses) => {
            addresses.next().map(|address| address.ip()).ok_or_else(|| format!("{host} has no address"))
        }
        Err(error) => Err(format!("cannot find {host}: {error}")),
    }
}

#[cfg(test)]
mod tests;
