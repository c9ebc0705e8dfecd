//! A new certificate while calls are under way.

use crate::certificates::Authority;
use crate::peers::{CLOUD, Proxy, Roads, Serving, frame, open, pass, request, status, to_cloud};
use bytes::Bytes;
use http_body::Frame;
use std::sync::{Arc, Mutex};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_certificate_is_used_from_the_next_call_on_and_running_calls_are_not_cut() {
    let authority = Authority::new();
    let cloud = Serving::cloud(&authority, &[CLOUD]);
    let connect = || to_cloud(cloud.address, authority.client_tls("gw"));
    let roads = Roads { local: None, cloud: Arc::new(Mutex::new(Some(connect()))) };
    let proxy = Proxy::start(roads.clone()).await;
    let caller = proxy.caller("dispatcher-controller.magma.test");
    let (sender, running) = open("/echo");
    let mut running = pass(&caller, running).await.unwrap().into_body();
    sender.send(Ok(Frame::data(Bytes::from_static(b"before")))).await.unwrap();
    frame(&mut running).await.unwrap().unwrap();

    *roads.cloud.lock().unwrap() = Some(connect());
    for _ in 0..2 {
        assert_eq!(status(pass(&caller, request("/echo", b"")).await.unwrap()).await.0, "0");
    }
    let certificates = cloud.notes.certificates.lock().unwrap().clone();
    assert_eq!(certificates.len(), 3);
    assert_ne!(certificates[0], certificates[1], "the caller's connection is the same, the proxy's is new");
    assert_eq!(certificates[1], certificates[2], "and it is kept");

    sender.send(Ok(Frame::data(Bytes::from_static(b"after")))).await.unwrap();
    assert_eq!(frame(&mut running).await.unwrap().unwrap().into_data().unwrap(), "after");
}
