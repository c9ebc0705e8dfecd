//! The page for Prometheus, over real sockets.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use wire_orc8r::prometheus::MetricFamily;

use super::super::latest::Latest;
use super::super::page_server::PageServer;
use super::*;

async fn serve(latest: &Latest) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = PageServer::new(address, latest.clone());
    (address, tokio::spawn(async move { server.serve(listener).await }))
}

async fn ask(address: SocketAddr, request: &[u8]) -> String {
    let mut tcp = TcpStream::connect(address).await.unwrap();
    tcp.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    // Left unread bytes make the system reset the connection after the answer.
    let _ = tcp.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

fn families(page: &str) -> Vec<MetricFamily> {
    magma_metrics::text::parse(page, 7).families
}

#[tokio::test]
async fn the_page_has_the_newest_families_and_the_agents_own() {
    let registry = Registry::new();
    registry.gauge("checkin_status").set(1.0);
    let latest = Latest::new(registry);
    latest.replace("mme".into(), families("# TYPE ue gauge\nue{service=\"mme\"} 1\n"));
    latest.replace("mme".into(), families("# TYPE ue gauge\nue{service=\"mme\"} 2\n"));
    latest.replace("page x".into(), families("# TYPE ue gauge\nue{scrape_target=\"x\"} 3\n"));
    let (address, server) = serve(&latest).await;
    let answer = ask(address, b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let (head, page) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4"), "{head}");
    assert!(head.contains(&format!("Content-Length: {}\r\n", page.len())), "{head}");
    assert!(page.contains("# TYPE ue gauge\nue{service=\"mme\"} 2\nue{scrape_target=\"x\"} 3\n"), "{page}");
    assert!(page.contains("checkin_status{service=\"magmad\"} 1\n"), "{page}");
    assert!(page.contains("process_resident_memory_bytes{service=\"magmad\"} "), "{page}");
    assert_eq!(magma_metrics::text::parse(page, 7).skipped, 0);

    latest.replace("magmad".into(), families("# TYPE checkin_status gauge\ncheckin_status 0\n"));
    let page = ask(address, b"GET /metrics?x=y HTTP/1.0\r\n\r\n").await;
    assert!(page.contains("checkin_status 0\n") && !page.contains("checkin_status{"), "{page}");
    server.abort();
}

#[tokio::test]
async fn other_requests_are_refused_and_none_is_read_without_end() {
    let (address, server) = serve(&Latest::new(Registry::new())).await;
    for (request, status) in [
        (&b"GET / HTTP/1.1\r\n\r\n"[..], "404"),
        (b"POST /metrics HTTP/1.1\r\n\r\n", "400"),
        (b"\x16\x03\x01 no HTTP at all\r\n\r\n", "400"),
        (&[b'a'; 9000], "400"),
    ] {
        let answer = ask(address, request).await;
        assert!(answer.is_empty() || answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    }
    // As many as may be held open do not lock others out for ever; one that closes makes room.
    let held = [TcpStream::connect(address).await.unwrap(), TcpStream::connect(address).await.unwrap()];
    assert!(ask(address, b"GET /metrics HTTP/1.1\r\n\r\n").await.starts_with("HTTP/1.1 200 "));
    drop(held);
    server.abort();
}
