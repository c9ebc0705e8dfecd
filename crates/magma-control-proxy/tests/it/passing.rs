//! Calls that get through: where they go, and how their bodies travel.

use crate::certificates::Authority;
use crate::peers::{CLOUD, PATIENCE, Proxy, Roads, Serving, frame, open, pass, request, status, to_cloud};
use bytes::Bytes;
use http::HeaderMap;
use http_body::Frame;
use http_body_util::BodyExt;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::Instant;

struct Setting {
    local: Serving,
    cloud: Serving,
    proxy: Proxy,
}

async fn setting(names: &[&str]) -> Setting {
    let authority = Authority::new();
    let (local, cloud) = (Serving::start("local", None), Serving::cloud(&authority, names));
    let roads = Roads::to(local.address, to_cloud(cloud.address, authority.client_tls("gw")));
    let proxy = Proxy::start(roads).await;
    Setting { local, cloud, proxy }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_goes_where_its_authority_says_and_the_authority_stays_as_it_is() {
    let setting = setting(&[CLOUD]).await;
    for (authority, peer) in [
        ("subscriberdb.local", "local"),
        ("SubscriberDB.local:50051", "local"),
        ("state-controller.magma.test", "cloud"),
        ("streamer-controller.magma.test:443", "cloud"),
    ] {
        let response = pass(&setting.proxy.caller(authority), request("/echo", b"piece")).await.unwrap();
        assert_eq!(response.headers()["x-peer"], peer, "{authority}");
        let collected = response.into_body().collect().await.unwrap();
        assert_eq!(collected.trailers().unwrap()["grpc-status"], "0");
        assert_eq!(collected.to_bytes(), "piece");
    }
    let seen = |serving: &Serving| serving.notes.authorities.lock().unwrap().clone();
    assert_eq!(seen(&setting.local), ["subscriberdb.local", "SubscriberDB.local:50051"]);
    assert_eq!(seen(&setting.cloud), ["state-controller.magma.test", "streamer-controller.magma.test:443"]);
}

/// What is not gRPC, such as nginx' refusal of a certificate, comes back as it is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_http_answer_is_passed_on_as_it_is() {
    let setting = setting(&[CLOUD]).await;
    let response = pass(&setting.proxy.caller("state-controller.magma.test"), request("/nothing", b"")).await;
    let response = response.unwrap();
    assert_eq!(response.status(), 400);
    assert_eq!(response.headers()["content-type"], "text/html");
    assert!(response.headers().get("grpc-status").is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pieces_travel_one_by_one_both_ways_and_trailers_follow() {
    let setting = setting(&[CLOUD]).await;
    for authority in ["subscriberdb.local", "dispatcher-controller.magma.test"] {
        let (sender, request) = open("/echo");
        let mut body = pass(&setting.proxy.caller(authority), request).await.unwrap().into_body();
        for number in 0..20_u8 {
            sender.send(Ok(Frame::data(Bytes::from(vec![number; 3])))).await.unwrap();
            // The next piece is not sent before this one has come back.
            let data = frame(&mut body).await.unwrap().unwrap().into_data().unwrap();
            assert_eq!(data, vec![number; 3]);
        }
        let mut trailers = HeaderMap::new();
        trailers.insert("x-last", "words".parse().unwrap());
        sender.send(Ok(Frame::trailers(trailers))).await.unwrap();
        drop(sender);
        let trailers = frame(&mut body).await.unwrap().unwrap().into_trailers().unwrap();
        assert_eq!(
            (&trailers["x-last"], &trailers["grpc-status"]),
            (&"words".parse().unwrap(), &"0".parse().unwrap())
        );
        assert!(frame(&mut body).await.is_none());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_stops_stops_the_sender_and_nobody_else() {
    let setting = setting(&[CLOUD]).await;
    let caller = setting.proxy.caller("streamer-controller.magma.test");
    let stalled = pass(&caller, request("/flood", b"")).await.unwrap();
    let flooded = || setting.cloud.notes.flooded.load(Ordering::SeqCst);
    // Until nothing moves any more: every buffer on the way is full.
    let begun = Instant::now();
    let mut before = usize::MAX;
    while before != flooded() {
        assert!(begun.elapsed() < PATIENCE, "the sender never stops");
        before = flooded();
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    let bytes = before * (16 << 10);
    assert!(bytes < 8 << 20, "{bytes} bytes wait for a reader");
    let others = pass(&caller, request("/echo", b"still alive")).await.unwrap();
    assert_eq!(others.into_body().collect().await.unwrap().to_bytes(), "still alive");
    let mut body = stalled.into_body();
    let mut read = 0;
    while read < bytes + (1 << 20) {
        read += frame(&mut body).await.unwrap().unwrap().into_data().unwrap().len();
    }
    assert!(flooded() > before, "reading lets the sender go on");
}

/// The certificate of an Orchestrator that was set up for direct connections alone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cloud_without_a_certificate_for_its_plain_name_is_called_by_each_services_name() {
    let setting = setting(&["state-controller.magma.test", "streamer-controller.magma.test"]).await;
    for authority in ["state-controller.magma.test", "streamer-controller.magma.test:443"] {
        let response = pass(&setting.proxy.caller(authority), request("/echo", b"")).await.unwrap();
        assert_eq!(status(response).await.0, "0", "{authority}");
    }
    // That is no licence for any name.
    let response = pass(&setting.proxy.caller("metricsd-controller.magma.test"), request("/echo", b"")).await;
    let (code, message) = status(response.unwrap()).await;
    assert_eq!(code, "14");
    assert!(message.contains("for another name"), "{message}");
    assert_eq!(setting.cloud.notes.authorities.lock().unwrap().len(), 2);
}
