//! The page with the API's documentation, in a real browser: it shows every operation, from this Orchestrator alone.

use std::process::Stdio;

use magma_rpc::tls::{ClientTls, Identity, TrustAnchors};
use tokio::io::copy_bidirectional;
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::time::timeout;

use crate::edge::{DOMAIN, Edge, LIMIT};

#[tokio::test]
async fn a_browser_shows_every_operation() {
    if Command::new("chromium").arg("--version").output().await.is_err() {
        println!("skipped: chromium is needed");
        return;
    }
    let edge = Edge::start().await;
    let page = format!("http://{}/swagger/v1/ui/", in_the_clear(&edge).await);
    let profile = tempfile::tempdir().unwrap();
    let browser = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"])
        .args(["--disable-dev-shm-usage", "--no-first-run", "--virtual-time-budget=60000"])
        // Whatever else the page asked for would not be found.
        .arg("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .args(["--dump-dom", &page])
        .env("HOME", profile.path())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = timeout(LIMIT * 3, browser).await.unwrap().unwrap();
    let dom = String::from_utf8_lossy(&output.stdout);
    let operations = orc8r_rest::operations().len();
    let trouble = String::from_utf8_lossy(&output.stderr);
    assert!(dom.contains(&format!(">{operations} operations<")), "{dom:.2000}\n{trouble}");
    assert_eq!(dom.matches("<details").count(), operations);
    assert!(dom.contains("/lte/{network_id}/gateways/{gateway_id}"), "{dom:.2000}");
    edge.running.shutdown().await;
}

/// A port where the REST API is in plain HTTP, as the administrator: a browser would want his certificate in its store.
async fn in_the_clear(edge: &Edge) -> std::net::SocketAddr {
    let trust = TrustAnchors::from_pem(edge.certificate_file("rootCA.pem").as_bytes()).unwrap();
    let admin = edge.admin();
    let identity = Identity::from_pem(admin.certificate.as_bytes(), admin.key.as_bytes()).unwrap();
    let tls = ClientTls::new(&trust, Some(&identity)).unwrap();
    let (listener, rest) = (TcpListener::bind("127.0.0.1:0").await.unwrap(), edge.running.addresses().rest);
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut browser, _)) = listener.accept().await {
            let tls = tls.clone();
            tokio::spawn(async move {
                let name = format!("controller.{DOMAIN}");
                let server = magma_rpc::tls_stream::connect(&name, rest.port(), &tls, None).await;
                if let Ok(mut server) = server {
                    let _ = copy_bidirectional(&mut browser, &mut server).await;
                }
            });
        }
    });
    address
}
