//! Pages of other programs, over real sockets: good ones, and what a broken program may serve.

use magma_config::ScrapeTarget;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::super::intake::Intake;
use super::super::scrape::Scraper;
use super::*;

/// A program that answers every request with these bytes, and then nothing.
async fn program(answer: Vec<u8>) -> (String, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/metrics", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        while let Ok((mut tcp, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _ = tcp.read(&mut request).await;
            let _ = tcp.write_all(&answer).await;
        }
    });
    (url, serving)
}

/// What the cloud gets from a page within the first rounds, and whether a scraper of it goes on.
async fn scraped(url: &str) -> Vec<MetricFamily> {
    let folder = tempfile::tempdir().unwrap();
    let bounds = Bounds { bytes: 64 << 20, age: MINUTE };
    let registry = Registry::new();
    let store =
        Store::open(folder.path().join("queue"), bounds, registry.counter("metrics_dropped")).await.unwrap();
    let intake = Intake::new(store.clone(), None, Vec::new());
    let interval = Duration::from_secs(20);
    let target = ScrapeTarget { url: url.to_owned(), name: "exporter".into(), interval };
    let mut scraper = Scraper::new(target, interval, trust(folder.path()), intake);
    scraper.round().await;
    let chunk = store.oldest(64 << 20).await.unwrap();
    assert_eq!(registry.counter("metrics_dropped").value(), 0);
    decoded(&chunk.families)
}

fn ok(body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

#[tokio::test]
async fn a_page_is_fetched_and_labelled() {
    let (url, serving) = program(ok("# TYPE up gauge\nup{service=\"x\"} 1\n<nonsense>\n")).await;
    let families = scraped(&url).await;
    assert_eq!(families.len(), 1);
    let labels = &families[0].metric[0].label;
    let labels: Vec<_> = labels.iter().map(|label| (label.name(), label.value())).collect();
    assert_eq!(labels, [("service", "x"), ("scrape_target", "exporter")]);
    assert!(families[0].metric[0].timestamp_ms() > 1_600_000_000_000);
    serving.abort();
    let chunked =
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nup 1\n\r\n5\r\nno 2\n\r\n0\r\n\r\n";
    let (url, serving) = program(chunked.to_vec()).await;
    assert_eq!(scraped(&url).await.len(), 2);
    serving.abort();
}

#[tokio::test]
async fn what_is_no_page_gives_nothing_and_harms_nothing() {
    let endless = format!("HTTP/1.1 200 OK\r\n\r\n{}", "a 1\n".repeat(2 << 20));
    for (what, answer) in [
        ("an error", b"HTTP/1.1 500 Oh\r\nContent-Length: 4\r\n\r\na 1\n".to_vec()),
        ("HTML", ok("<html><body>hello</body></html>")),
        ("no HTTP", b"\x00\x01\x02".to_vec()),
        ("an end in the middle", b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\na 1\n".to_vec()),
        ("a page without end", endless.into_bytes()),
        ("nothing on it", ok("")),
    ] {
        let (url, serving) = program(answer).await;
        assert!(scraped(&url).await.is_empty(), "{what}");
        serving.abort();
    }
    assert!(scraped("http://127.0.0.1:1/").await.is_empty());
    assert!(scraped("https://127.0.0.1:1/").await.is_empty(), "without a certificate to trust");
}
