//! How long searches for words take over many records, the first and the second time.
//!
//! `cargo run --release -p orc8r-logs --example search -- FOLDER [RECORDS]`: fills an archive in the folder with lines like
//! those of an access gateway (300,000 of them, of 100 gateways), unless they are there, and asks.

use orc8r_logs::{ArchiveLimits, Archives, LogQuery, SearchError, page};
use orc8r_store::{NewRecord, Source};
use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

const GATEWAYS: usize = 100;
const BATCH: usize = 1000;
const BEGAN_MS: i64 = 1_780_000_000_000;
const SERVICES: [&str; 5] = ["mme", "sessiond", "pipelined", "mobilityd", "magmad"];
const LINES: [&str; 6] = [
    "Received attach request with GUTI, subscriber IMSI",
    "Creating session for subscriber with APN internet, IMSI",
    "Bearer setup done, tunnel is up for IMSI",
    "Allocated an address to IMSI",
    "Periodic checkin is successful, last was 60 s ago for IMSI",
    "Received UE context release request, cause is user inactivity, IMSI",
];

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("say where: FOLDER [RECORDS]")?;
    let records = arguments.next().map_or(Ok(300_000), |count| count.parse())?;
    let archives = Archives::open(Path::new(&folder), ArchiveLimits::default())?;
    let mut out = std::io::stdout();
    if archives.logs.size().bytes < 1 << 20 {
        let began = Instant::now();
        fill(&archives, records).await?;
        writeln!(out, "{records} records kept in {:.1} s", began.elapsed().as_secs_f64())?;
    }
    writeln!(out, "{:>10} {:>10}  found  query", "first s", "second s")?;
    for (words, fields, filters) in [
        ("nothinglikethis", "", ""),
        ("nothinglikethis", "*", ""),
        ("imsi001010000299999", "", ""),
        ("attach + 000299999", "", ""),
        ("attach", "", ""),
        ("attach", "", "ident:nothing"),
        ("", "", "gateway_id:gw7,ident:nothing"),
    ] {
        let query = LogQuery {
            network: "n1".into(),
            simple_query: words.into(),
            fields: fields.into(),
            filters: filters.into(),
            ..LogQuery::default()
        };
        let (first, found) = ask(&archives, &query).await?;
        let (second, _) = ask(&archives, &query).await?;
        writeln!(out, "{first:10.3} {second:10.3} {found:6}  {words} in [{fields}] with [{filters}]")?;
    }
    let query = LogQuery { network: "n1".into(), simple_query: "attach".into(), ..LogQuery::default() };
    let began = Instant::now();
    let count = archives.count_logs(&query).await.map_err(told)?;
    writeln!(out, "{:10.3} {:>10} {count:6}  count of attach", began.elapsed().as_secs_f64(), "")?;
    archives.close().await;
    Ok(())
}

async fn fill(archives: &Archives, records: usize) -> Result<(), Box<dyn std::error::Error>> {
    for first in (0..records).step_by(BATCH) {
        let gateway = format!("gw{}", first / BATCH % GATEWAYS);
        let lines = (first..records.min(first + BATCH)).map(|number| {
            let service = SERVICES[number % SERVICES.len()];
            let message = format!("{}00101{number:010}", LINES[number % LINES.len()]);
            let time_ms = BEGAN_MS + 10 * number as i64;
            let document = format!(
                "{{\"message\":\"{message}\",\"ident\":\"{service}\",\"pri\":30,\"host\":\"magma\",\"pid\":{number},\
                 \"network_id\":\"n1\",\"gateway_id\":\"{gateway}\",\"hw_id\":\"0b3b6a52-6f0f-4f5d-8a4d-{number:012}\",\
                 \"tag\":\"{service}.service\",\"@timestamp\":\"2026-05-28T20:26:40.000Z\"}}"
            );
            let (event_type, event_tag) = (String::new(), String::new());
            NewRecord { time_ms, stream: format!("{service}.service"), event_type, event_tag, document }
        });
        let source = Source { network: "n1".into(), hardware_id: gateway.clone(), gateway: gateway.clone() };
        archives.logs.append(source, lines.collect()).await?;
    }
    Ok(())
}

/// The seconds, and how many were found.
async fn ask(archives: &Archives, query: &LogQuery) -> Result<(f64, usize), Box<dyn std::error::Error>> {
    let began = Instant::now();
    let found = archives.logs(query, page("", "10", 10).map_err(told)?).await.map_err(told)?;
    Ok((began.elapsed().as_secs_f64(), found.len()))
}

fn told(error: SearchError) -> String {
    format!("{error:?}")
}
