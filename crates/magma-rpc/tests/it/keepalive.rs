//! Pings of a connection that hears nothing: sent while no call is open if so told, and answered.

use magma_rpc::channel::{Connection, Endpoint, Keepalive, Manner, Transport};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

/// HTTP/2 frame types and flags (RFC 9113 §6).
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const ACK: u8 = 1;

/// One frame: its type and its payload.
async fn frame(tcp: &mut TcpStream) -> (u8, Vec<u8>) {
    let mut head = [0; 9];
    tcp.read_exact(&mut head).await.unwrap();
    let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
    let mut payload = vec![0; usize::try_from(length).unwrap()];
    tcp.read_exact(&mut payload).await.unwrap();
    (head[3], payload)
}

async fn accept(listener: &TcpListener) -> TcpStream {
    let (mut tcp, _) = listener.accept().await.unwrap();
    let mut preface = [0; 24];
    tcp.read_exact(&mut preface).await.unwrap();
    tcp.write_all(&[0, 0, 0, SETTINGS, 0, 0, 0, 0, 0]).await.unwrap();
    tcp
}

#[tokio::test]
async fn an_idle_connection_is_pinged_only_where_it_is_told() {
    for while_idle in [true, false] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (host, port) = ("127.0.0.1".to_owned(), listener.local_addr().unwrap().port());
        let endpoint = Endpoint { host, port, server_name: String::new(), transport: Transport::Plain };
        let keepalive = Keepalive { interval: Duration::from_millis(50), while_idle };
        let connection = Connection::with(endpoint, Manner { keepalive, ..Manner::default() });
        let channel = connection.channel("state-controller.magma.test");
        let (mut tcp, ready) = tokio::join!(accept(&listener), channel.ready());
        ready.unwrap();
        let pinged = async {
            let mut pings = 0;
            while pings < 3 {
                let (kind, payload) = frame(&mut tcp).await;
                if kind == PING {
                    pings += 1;
                    let answer = [&[0, 0, 8, PING, ACK, 0, 0, 0, 0][..], &payload[..]].concat();
                    tcp.write_all(&answer).await.unwrap();
                }
            }
        };
        // Long enough for twenty pings where none is to come.
        let limit = if while_idle { Duration::from_secs(60) } else { Duration::from_secs(1) };
        assert_eq!(timeout(limit, pinged).await.is_ok(), while_idle);
    }
}
