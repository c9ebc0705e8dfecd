//! HTTP over a Unix socket.

use magma_rpc::unix_http;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixListener;

#[tokio::test]
async fn a_request_is_sent_and_its_chunks_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("docker.sock");
    let listener = UnixListener::bind(&socket).unwrap();
    let engine = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 4096];
        let length = stream.read(&mut request).await.unwrap();
        let answer =
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n";
        stream.write_all(answer.as_bytes()).await.unwrap();
        String::from_utf8_lossy(&request[..length]).into_owned()
    });
    let mut response = unix_http::request(&socket, "GET", "/containers/mme/json", None).await.unwrap();
    assert_eq!(response.status, 200);
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.unwrap() {
        body.extend_from_slice(&chunk);
    }
    assert_eq!(body, b"hello world");
    assert!(engine.await.unwrap().starts_with("GET /containers/mme/json HTTP/1.1\r\n"));
}

#[tokio::test]
async fn a_missing_socket_is_an_error() {
    let missing = std::path::Path::new("/nonexistent/docker.sock");
    assert!(unix_http::request(missing, "GET", "/", None).await.is_err());
}
