//! Peers that are no message bus, or a bad one.

use std::path::PathBuf;
use std::time::Duration;

use magma_dbus::{BusError, Call, Connection, Job, MESSAGE_BYTES_MAX, Systemd, UnitError};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixListener;
use tokio::time::timeout;

const LIMIT: Duration = Duration::from_secs(60);

/// Listens, says `greeting` to whoever comes, and then `after`.
fn peer(greeting: &'static [u8], after: Vec<u8>) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let socket = folder.path().join("peer");
    let listener = UnixListener::bind(&socket).expect("a socket");
    tokio::spawn(async move {
        loop {
            let Ok((mut stream, _)) = listener.accept().await else { return };
            let after = after.clone();
            tokio::spawn(async move {
                let mut heard = [0; 1024];
                let Ok(1..) = stream.read(&mut heard).await else { return };
                stream.write_all(greeting).await.ok();
                let Ok(1..) = stream.read(&mut heard).await else { return };
                stream.write_all(&after).await.ok();
                if !after.is_empty() {
                    return;
                }
                while matches!(stream.read(&mut heard).await, Ok(1..)) {}
            });
        }
    });
    (folder, socket)
}

fn call<'a>() -> Call<'a> {
    Call { destination: "", path: "/a", interface: "b.c", member: "D", arguments: &["e"] }
}

async fn failure_of(greeting: &'static [u8], after: Vec<u8>) -> BusError {
    let (_folder, socket) = peer(greeting, after);
    match Connection::direct(&socket).await {
        Ok(mut connection) => connection.call(&call(), LIMIT).await.expect_err("a bad peer"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn who_is_not_let_in_is_told() {
    let error = failure_of(b"REJECTED EXTERNAL\r\n", Vec::new()).await;
    assert!(error.to_string().ends_with("it does not let this user in (REJECTED EXTERNAL)"), "{error}");
    assert!(matches!(failure_of(&[b'x'; 2000], Vec::new()).await, BusError::Unreachable { .. }));
}

/// systemd on its private socket does not see a call that it reads in one piece with `BEGIN`.
#[tokio::test]
async fn begin_comes_with_the_authentication_and_calls_only_after_the_answer() {
    let folder = tempfile::tempdir().expect("a folder");
    let socket = folder.path().join("systemd");
    let listener = UnixListener::bind(&socket).expect("a socket");
    let systemd = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a client");
        let mut heard = Vec::new();
        while !heard.ends_with(b"BEGIN\r\n") {
            assert!(stream.read_buf(&mut heard).await.expect("the greeting") > 0);
        }
        let mut more = [0; 1];
        assert!(stream.try_read(&mut more).is_err(), "no call before the answer");
        stream.write_all(b"OK 1\r\n").await.expect("the answer");
        assert_eq!(stream.read(&mut more).await.expect("the call"), 1);
        String::from_utf8(heard).expect("text")
    });
    let mut connection = timeout(LIMIT, Connection::direct(&socket)).await.expect("in time").expect("let in");
    connection.call(&call(), LIMIT).await.expect_err("the peer goes away");
    assert!(systemd.await.expect("heard").starts_with("\0AUTH EXTERNAL "));
}

#[tokio::test]
async fn garbage_ends_the_call() {
    let garbage = failure_of(b"OK 1\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()).await;
    assert!(matches!(garbage, BusError::Malformed(_)), "{garbage}");
    let mut long = vec![b'l', 2, 1, 1];
    long.extend(u32::try_from(MESSAGE_BYTES_MAX).expect("small").to_le_bytes());
    long.extend([1, 0, 0, 0, 0, 0, 0, 0]);
    assert!(failure_of(b"OK 1\r\n", long).await.to_string().contains("too long"));
    let cut = failure_of(b"OK 1\r\n", call().encode(1)[..20].to_vec()).await;
    assert!(matches!(cut, BusError::Lost { .. }), "{cut}");
}

#[tokio::test]
async fn a_peer_that_says_nothing_is_given_up() {
    let (_folder, socket) = peer(b"OK 1\r\n", Vec::new());
    let mut connection = Connection::direct(&socket).await.expect("let in");
    let error = connection.call(&call(), Duration::from_millis(100)).await.expect_err("silence");
    assert!(matches!(error, BusError::TimedOut { .. }), "{error}");
}

#[tokio::test]
async fn changed_answers_never_panic_or_hang() {
    // A return, an error and a signal, one behind the other.
    let mut frames = Vec::new();
    frames.extend([b'l', 2, 1, 1, 7, 0, 0, 0, 9, 0, 0, 0, 15, 0, 0, 0]);
    frames.extend([5, 1, b'u', 0, 1, 0, 0, 0, 8, 1, b'g', 0, 1, b's', 0, 0]);
    frames.extend([2, 0, 0, 0, b'h', b'i', 0]);
    let (_folder, socket) = peer(b"OK 1\r\n", frames.clone());
    let mut connection = Connection::direct(&socket).await.expect("let in");
    assert_eq!(connection.call(&call(), LIMIT).await.expect("an answer").texts(), ["hi"]);
    for place in 0..frames.len() {
        for change in [0x00, 0x01, 0x7f, 0xff] {
            let mut changed = frames.clone();
            changed[place] ^= change;
            let (_folder, socket) = peer(b"OK 1\r\n", changed);
            if let Ok(mut connection) = Connection::direct(&socket).await {
                // The peer closes after its answer, so that nothing is awaited for ever.
                connection.call(&call(), LIMIT).await.ok();
            }
        }
    }
}

#[tokio::test]
async fn nobody_at_the_socket_is_told_with_its_path() {
    let systemd = Systemd::direct("/nonexistent/systemd".as_ref());
    let error = systemd.run(Job::Start, "magma@mme.service", LIMIT).await.expect_err("nobody there");
    assert!(matches!(error, UnitError::Unreachable(_)));
    assert!(error.to_string().contains("/nonexistent/systemd"), "{error}");
}
