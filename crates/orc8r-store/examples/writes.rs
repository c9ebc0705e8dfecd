//! How many small writes a second the store takes, and how long reads wait beside them.
//!
//! `cargo run --release -p orc8r-store --example writes -- FILE|postgres://…`: each line is a number of gateways that
//! report at once, for some seconds, each with its next state as soon as the last is acknowledged.

use orc8r_model::{Network, NetworkId, ReportedState, StateId};
use orc8r_store::{Database, Store};
use std::io::Write as _;
use std::time::{Duration, Instant};

const SECONDS: u64 = 3;
const WRITERS: [usize; 5] = [1, 8, 32, 128, 512];
/// About what a gateway's status has.
const STATE_OCTETS: usize = 2000;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let place = std::env::args().nth(1).ok_or("say where the database is: FILE or postgres://…")?;
    let store = Store::at(&Database::from(place.as_str()))?;
    let network = NetworkId::parse("bench")?;
    if store.is_new() {
        store.create_network(Network::new(network.clone())).await?;
    }
    let mut out = std::io::stdout();
    writeln!(out, "writers  writes/s  write p50    p99  read p50    p99 (ms)")?;
    for writers in WRITERS {
        let (writes, reads) = run(&store, &network, writers).await?;
        let rate = writes.len() as u64 / SECONDS;
        let [wp50, wp99, rp50, rp99] = [at(&writes, 50), at(&writes, 99), at(&reads, 50), at(&reads, 99)]
            .map(|time| time.as_secs_f64() * 1e3);
        writeln!(out, "{writers:7}  {rate:8}  {wp50:9.2} {wp99:6.2} {rp50:9.2} {rp99:6.2}")?;
    }
    store.close().await;
    Ok(())
}

/// The times of all writes and of all reads, in order.
async fn run(
    store: &Store,
    network: &NetworkId,
    writers: usize,
) -> Result<(Vec<Duration>, Vec<Duration>), Box<dyn std::error::Error>> {
    let end = Instant::now() + Duration::from_secs(SECONDS);
    let tasks: Vec<_> = (0..writers)
        .map(|writer| {
            let (store, network) = (store.clone(), network.clone());
            tokio::spawn(async move {
                let mut times = Vec::new();
                while Instant::now() < end {
                    let id = StateId { state_type: "gw_state".into(), device_id: format!("hw{writer}") };
                    let report = ReportedState { id, value: vec![b'x'; STATE_OCTETS], version: 0 };
                    let began = Instant::now();
                    store.put_states(&network, "hw", vec![report], 1).await?;
                    times.push(began.elapsed());
                }
                Ok::<_, orc8r_store::StoreError>(times)
            })
        })
        .collect();
    let mut reads = Vec::new();
    while Instant::now() < end {
        let began = Instant::now();
        store.gateway_stamp("hw0").await?;
        reads.push(began.elapsed());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let mut writes = Vec::new();
    for task in tasks {
        writes.extend(task.await??);
    }
    writes.sort();
    reads.sort();
    Ok((writes, reads))
}

/// The value below which so many of a hundred are.
fn at(times: &[Duration], percent: usize) -> Duration {
    times.get(times.len() * percent / 100).copied().unwrap_or_default()
}
