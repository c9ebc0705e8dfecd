//! A server that is none, or that says nothing.

use magma_redis::{Redis, RedisAddress, RedisError};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

/// A server that sends `answer` to whoever connects, and then holds the connection.
async fn server(answer: &'static [u8]) -> Redis {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            stream.write_all(answer).await.ok();
            held.push(stream);
        }
    });
    Redis::new(RedisAddress::Tcp { host: "127.0.0.1".into(), port })
}

#[tokio::test]
async fn another_protocol_is_told() {
    let redis = server(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    let error = redis.command(&[b"PING"]).await.unwrap_err();
    assert!(matches!(error, RedisError::Protocol { .. }), "{error}");
}

#[tokio::test(start_paused = true)]
async fn silence_has_an_end() {
    let redis = server(b"").await;
    let error = redis.command(&[b"PING"]).await.unwrap_err();
    assert!(matches!(error, RedisError::Deadline { .. }), "{error}");
    let error = redis.command(&[b"PING"]).await.unwrap_err();
    assert!(matches!(error, RedisError::Deadline { .. }), "and again on a new connection: {error}");
}
