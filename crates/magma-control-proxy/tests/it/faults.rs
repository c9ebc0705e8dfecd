//! Calls that do not get through, or not to their end.

use crate::certificates::Authority;
use crate::peers::{CLOUD, PATIENCE, Proxy, Roads, Serving, frame, open, pass, request, status, to_cloud};
use bytes::Bytes;
use http::Request;
use http_body::Frame;
use http_body_util::BodyExt;
use magma_control_proxy::Measures;
use magma_rpc::Body;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const STATE: &str = "state-controller.magma.test";

fn roads(cloud: &Serving, authority: &Authority) -> Roads {
    let cloud = to_cloud(cloud.address, authority.client_tls("gw"));
    Roads { local: None, cloud: Arc::new(Mutex::new(Some(cloud))) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_is_given_up_is_given_up_on_the_other_side() {
    let authority = Authority::new();
    let cloud = Serving::cloud(&authority, &[CLOUD]);
    let proxy = Proxy::start(roads(&cloud, &authority)).await;
    let caller = proxy.caller(STATE);
    // Before the answer begins, with a request that has not ended either …
    let (sender, held) = open("/hold");
    let waiting = tokio::spawn({
        let caller = caller.clone();
        async move { caller.pass(held).await.map(|_| ()) }
    });
    cloud.notes.until_running(1).await;
    waiting.abort();
    cloud.notes.until_running(0).await;
    drop(sender);
    // … and in the middle of it.
    let mut flood = pass(&caller, request("/flood", b"")).await.unwrap().into_body();
    frame(&mut flood).await.unwrap().unwrap();
    cloud.notes.until_running(1).await;
    drop(flood);
    cloud.notes.until_running(0).await;
    let after = pass(&caller, request("/echo", b"")).await.unwrap();
    assert_eq!(status(after).await.0, "0", "the connections are alive");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_the_cloud_resets_is_reset_and_no_other() {
    let authority = Authority::new();
    let cloud = Serving::cloud(&authority, &[CLOUD]);
    let proxy = Proxy::start(roads(&cloud, &authority)).await;
    let caller = proxy.caller(STATE);
    let mut other = pass(&caller, request("/flood", b"")).await.unwrap().into_body();
    let (sender, breaking) = open("/break");
    let mut broken = pass(&caller, breaking).await.unwrap().into_body();
    frame(&mut broken).await.unwrap().unwrap();
    sender.send(Ok(Frame::data(Bytes::from_static(b"now")))).await.unwrap();
    let last = frame(&mut broken).await.expect("an error, not an end that looks good");
    assert!(last.unwrap_err().is_reset());
    frame(&mut other).await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cloud_that_vanishes_is_unavailable_and_comes_back() {
    let authority = Authority::new();
    let mut cloud = Serving::cloud(&authority, &[CLOUD]);
    let roads = roads(&cloud, &authority);
    let proxy = Proxy::start(roads.clone()).await;
    let caller = proxy.caller(STATE);
    let mut running = pass(&caller, request("/flood", b"")).await.unwrap().into_body();
    frame(&mut running).await.unwrap().unwrap();
    cloud.cut_off();
    let trailers = loop {
        match frame(&mut running)
            .await
            .expect("trailers")
            .expect("no reset: gRPC clients see a status")
            .into_trailers()
        {
            Ok(trailers) => break trailers,
            Err(_data) => {}
        }
    };
    assert_eq!(trailers["grpc-status"], "14");

    let (code, message) = status(pass(&caller, request("/echo", b"")).await.unwrap()).await;
    assert_eq!(code, "14");
    assert!(message.contains("cannot connect to") && message.contains("check the address"), "{message}");
    let plain = Request::get("/").body(Body::empty()).unwrap();
    let answer = pass(&caller, plain).await.unwrap();
    assert_eq!(answer.status(), 502);
    let text = answer.into_body().collect().await.unwrap().to_bytes();
    assert!(String::from_utf8_lossy(&text).starts_with("control_proxy: cannot connect to"), "{text:?}");

    let again = Serving::cloud(&authority, &[CLOUD]);
    *roads.cloud.lock().unwrap() = Some(to_cloud(again.address, authority.client_tls("gw")));
    assert_eq!(status(pass(&caller, request("/echo", b"")).await.unwrap()).await.0, "0");
}

/// One connection attempt that fails is the answer to all who waited for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_to_a_cloud_that_is_not_there_do_not_try_one_after_the_other() {
    const CALLS: usize = 20;
    let authority = Authority::new();
    let mute = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let cloud = to_cloud(mute.local_addr().unwrap(), authority.client_tls("gw"));
    let proxy = Proxy::start(Roads { local: None, cloud: Arc::new(Mutex::new(Some(cloud))) }).await;
    let attempts = Arc::new(AtomicUsize::new(0));
    let counted = attempts.clone();
    let accepting = tokio::spawn(async move {
        while let Ok((tcp, _)) = mute.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            // Long enough for all calls to be waiting.
            tokio::time::sleep(Duration::from_secs(1)).await;
            drop(tcp);
        }
    });
    let caller = proxy.caller(STATE);
    let calls = (0..CALLS).map(|_| {
        let caller = caller.clone();
        tokio::spawn(async move { status(pass(&caller, request("/echo", b"")).await.unwrap()).await })
    });
    for call in calls.collect::<Vec<_>>() {
        assert_eq!(call.await.unwrap().0, "14");
    }
    accepting.abort();
    let attempts = attempts.load(Ordering::SeqCst);
    assert!(attempts < CALLS, "{attempts} attempts for {CALLS} calls at once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_go_anywhere_is_told_why() {
    let proxy = Proxy::start(Roads::default()).await;
    for (authority, grpc, http, words) in [
        ("mme.local", "12", 404, "there is no service \"mme\" in service_registry.yml"),
        (STATE, "14", 503, "there is no certificate yet"),
    ] {
        let caller = proxy.caller(authority);
        let (code, message) = status(pass(&caller, request("/echo", b"")).await.unwrap()).await;
        assert_eq!(code, grpc, "{authority}");
        let message = message.replace("%22", "\"");
        assert!(message.contains(words), "{message}");
        let plain = Request::get("/").body(Body::empty()).unwrap();
        assert_eq!(pass(&caller, plain).await.unwrap().status(), http, "{authority}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_than_it_can_carry_is_refused_at_once() {
    let authority = Authority::new();
    let cloud = Serving::cloud(&authority, &[CLOUD]);
    let measures = Measures { connections: 2, calls: 3, ..Measures::default() };
    let proxy = Proxy::measured(roads(&cloud, &authority), measures).await;
    let (caller, another) = (proxy.caller(STATE), proxy.caller(STATE));
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(pass(&caller, request("/flood", b"")).await.unwrap());
    }
    let (code, message) = status(pass(&another, request("/echo", b"")).await.unwrap()).await;
    assert_eq!((code.as_str(), message.contains("too many calls")), ("14", true), "{message}");
    held.pop();
    cloud.notes.until_running(2).await;
    assert_eq!(status(pass(&another, request("/echo", b"")).await.unwrap()).await.0, "0");

    let mut third = TcpStream::connect(proxy.address).await.unwrap();
    let closed = tokio::time::timeout(PATIENCE, third.read(&mut [0; 16])).await.expect("it is closed");
    assert!(matches!(closed, Ok(0) | Err(_)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn http_1_and_others_get_an_answer_that_a_person_can_read() {
    let proxy = Proxy::start(Roads::default()).await;
    for text in ["GET / HTTP/1.1\r\nHost: state.local\r\n\r\n", "PRI * HTTP/1.0\r\n\r\n", "\u{16}\u{3}\u{1}"]
    {
        let mut tcp = TcpStream::connect(proxy.address).await.unwrap();
        tcp.write_all(text.as_bytes()).await.unwrap();
        let mut answer = String::new();
        let read = tokio::time::timeout(PATIENCE, tcp.read_to_string(&mut answer)).await;
        read.expect("it does not wait for more").unwrap();
        assert!(answer.starts_with("HTTP/1.1 505 "), "{answer}");
        assert!(answer.contains("only HTTP/2 with prior knowledge"), "{answer}");
    }
}
