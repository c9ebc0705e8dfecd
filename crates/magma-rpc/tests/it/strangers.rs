//! Connections that nobody needs: those of peers without a certificate do not stay.

use crate::fixture::{Authority, Served};
use magma_rpc::tls::ClientAuth;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

const NAME: &str = "controller.magma.test";

/// The beginning of HTTP/2 (RFC 9113 §3.4), with empty SETTINGS.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

async fn connect(address: SocketAddr, root: &Authority, protocol: &str) -> TlsStream<TcpStream> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(root.pem.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let mut config = builder.unwrap().with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
    let tcp = TcpStream::connect(address).await.unwrap();
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from(NAME).unwrap(), tcp).await.unwrap()
}

/// Lets as much time pass as a stranger has, and looks whether the connection has ended. What the kernel still carries
/// takes a moment of real time, more on a busy machine, so the look is repeated.
async fn ends_in_time(stranger: &mut TlsStream<TcpStream>) -> bool {
    for _ in 0..30 {
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(121)).await;
        tokio::time::resume();
        let mut said = Vec::new();
        if tokio::time::timeout(Duration::from_secs(1), stranger.read_to_end(&mut said)).await.is_ok() {
            return true;
        }
    }
    false
}

#[tokio::test]
async fn a_stranger_does_not_hold_a_connection_whatever_he_does_with_it() {
    let root = Authority::new("root");
    for (row, protocol, says) in [
        ("silent", "h2", &b""[..]),
        ("half a preface", "h2", &PREFACE[..10]),
        ("HTTP/2 and then silent", "h2", PREFACE),
        ("half a header", "http/1.1", b"GET / HTTP/1.1\r\nhost: x\r\n"),
        ("half a body", "http/1.1", b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nabc"),
    ] {
        let served = Served::start(&root.server(&[NAME]), ClientAuth::None).await;
        let mut stranger = connect(served.address, &root, protocol).await;
        stranger.write_all(says).await.unwrap();
        assert!(ends_in_time(&mut stranger).await, "{row}: the connection stays");
        served.stop().await;
    }
}
