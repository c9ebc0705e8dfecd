//! What no request may do, however it is made: get no answer, or cost another its answer.

use crate::cloud::{Cloud, gateway};
use axum::body::Body;

#[tokio::test]
async fn the_root_says_hello_to_everybody() {
    let cloud = Cloud::empty().await;
    let reply = cloud.ask(None, "GET", "/", Body::empty()).await;
    assert_eq!((reply.status.as_u16(), reply.text.as_str()), (200, "hello"));
}

#[tokio::test]
async fn the_version_is_told() {
    let cloud = Cloud::empty().await;
    assert_eq!(cloud.get("/about/version").await.text, r#"{"container_image_version":"0.1.0"}"#);
}

#[tokio::test]
async fn what_is_not_there_answers_in_json() {
    let cloud = Cloud::new().await;
    let rows = [
        ("GET", "/magma/v1/no/such/path", 404, "Not Found"),
        ("GET", "/magma/v2/networks", 404, "Not Found"),
        ("GET", "/magma/v1/networks/", 404, "Not Found"),
        ("DELETE", "/magma/v1/networks", 405, "Method Not Allowed"),
        ("POST", "/magma/v1/networks/n1/gateways/g1/status", 405, "Method Not Allowed"),
    ];
    for (method, path, status, message) in rows {
        let reply = cloud.ask(Some("admin"), method, path, Body::empty()).await;
        assert_eq!((reply.status.as_u16(), reply.message().as_str()), (status, message), "{method} {path}");
    }
    for path in
        ["/networks/N", "/networks/n1/gateways/G", "/networks/n1/tiers/T", "/channels/C", "/networks/%ff"]
    {
        let reply = cloud.get(path).await;
        assert_eq!(reply.status, 404, "{path}: what cannot be an id names nothing");
        assert!(!reply.message().is_empty(), "{path}");
    }
}

#[tokio::test]
async fn a_body_that_is_no_json_is_refused_by_its_place() {
    let cloud = Cloud::new().await;
    let rows: [(&str, &[u8], &str); 7] = [
        ("nothing", b"", "the request has no body"),
        ("blanks", b" \n", "the request has no body"),
        ("no JSON", b"{\"id\": }", "expected value at line 1 column 8"),
        ("cut", b"{\"id\": \"n\"", "EOF while parsing"),
        ("more than one", b"{} {}", "trailing characters"),
        ("another type", b"{\"id\": 7}", "id in body must be of type string: 7"),
        ("no UTF-8", b"{\"id\": \"\xff\"}", "invalid unicode"),
    ];
    for (name, body, expect) in rows {
        let reply = cloud.send("POST", "/networks", body.to_vec()).await;
        assert_eq!(reply.status, 400, "{name}");
        assert!(reply.message().contains(expect), "{name}: {}", reply.message());
    }
    let deep = "[".repeat(100_000);
    assert_eq!(cloud.send("POST", "/networks", deep).await.status, 400, "deeply nested");
    assert_eq!(cloud.get("/networks").await.json().as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused() {
    let cloud = Cloud::new().await;
    let reply = cloud.send("PUT", "/networks/n1/name", vec![b' '; orc8r_rest::BODY_BYTES_MAX + 1]).await;
    assert_eq!(reply.status, 413);
    assert_eq!(reply.message(), "the body is larger than 50 MiB: send less at once");
    assert_eq!(cloud.get("/networks/n1/name").await.text, "\"N\"");
}

#[tokio::test]
async fn a_defect_costs_one_request_and_no_other() {
    let cloud = Cloud::new().await;
    cloud.post("/networks/n1/gateways", gateway("g-defect", Some("defect"))).await;
    let reply = cloud.send("POST", "/networks/n1/gateways/g-defect/command/reboot", Body::empty()).await;
    assert_eq!(reply.status, 500);
    assert!(reply.message().contains("see the Orchestrator's log"), "{reply:?}");
    assert_eq!(
        cloud.send("POST", "/networks/n1/gateways/g1/command/reboot", Body::empty()).await.status,
        200
    );
}

#[tokio::test]
async fn a_closed_store_is_service_unavailable() {
    let cloud = Cloud::new().await;
    cloud.store.close().await;
    let reply = cloud.get("/networks").await;
    assert_eq!(
        (reply.status.as_u16(), reply.message().as_str()),
        (503, "the store is closed: this program is stopping")
    );
}
