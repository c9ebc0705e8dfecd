//! Who may ask for what.

use crate::cloud::Cloud;
use axum::body::Body;
use orc8r_model::{AccessList, AccessTarget, Permissions};

async fn cloud() -> Cloud {
    let cloud = Cloud::new().await;
    let n1 = || AccessTarget::Network("n1".into());
    let networks = |permissions| AccessList::default().with(AccessTarget::AnyNetwork, permissions);
    for (name, access) in [
        ("reader", AccessList::default().with(n1(), Permissions::READ)),
        ("writer", AccessList::default().with(n1(), Permissions::READ_WRITE)),
        ("auditor", networks(Permissions::READ)),
        ("provider", networks(Permissions::READ_WRITE)),
    ] {
        cloud.store.put_operator(name, access).await.unwrap();
    }
    cloud
}

#[tokio::test]
async fn an_operator_may_what_his_list_says_and_nothing_else() {
    let cloud = cloud().await;
    let rows = [
        ("reader", "GET", "/magma/v1/networks/n1", 200),
        ("reader", "HEAD", "/magma/v1/networks/n1", 200),
        ("reader", "GET", "/magma/v1/networks/n1/gateways/g1/status", 200),
        ("reader", "DELETE", "/magma/v1/networks/n1", 403),
        ("reader", "POST", "/magma/v1/networks/n1/gateways/g1/command/reboot", 403),
        ("reader", "PATCH", "/magma/v1/networks/n1", 403),
        ("reader", "GET", "/magma/v1/networks/n2", 403),
        ("reader", "GET", "/magma/v1/networks/none", 403),
        ("reader", "GET", "/magma/v1/networks/n%31", 200),
        ("reader", "GET", "/magma/v1/networks/n%32", 403),
        ("reader", "GET", "/magma/v1/networks/n1%2F..%2Fn2", 403),
        ("reader", "GET", "/magma/v1/networks/%23internal", 403),
        ("reader", "GET", "/magma/v1/networks", 403),
        ("reader", "GET", "/magma/v1/channels", 403),
        ("reader", "GET", "/magma/v1/about/version", 403),
        ("writer", "POST", "/magma/v1/networks/n1/gateways/g1/command/reboot", 200),
        ("writer", "POST", "/magma/v1/networks/n2/gateways/g1/command/reboot", 403),
        ("writer", "PATCH", "/magma/v1/networks/n1", 405),
        ("writer", "GET", "/magma/v1/networks", 403),
        ("auditor", "GET", "/magma/v1/networks", 200),
        ("auditor", "GET", "/magma/v1/networks/n2", 200),
        ("auditor", "DELETE", "/magma/v1/networks/n2", 403),
        ("auditor", "GET", "/magma/v1/channels", 403),
        ("provider", "DELETE", "/magma/v1/networks/n2", 204),
        ("provider", "GET", "/magma/v1/about/version", 403),
        ("admin", "GET", "/magma/v1/networks/%23internal", 404),
        ("admin", "GET", "/magma/v1/about/version", 200),
        ("nobody", "GET", "/magma/v1/networks/n1", 403),
    ];
    for (operator, method, path, status) in rows {
        let reply = cloud.ask(Some(operator), method, path, Body::empty()).await;
        assert_eq!(reply.status.as_u16(), status, "{operator} {method} {path}: {reply:?}");
        if status == 403 {
            assert!(reply.message().starts_with("access denied ("), "{operator} {method} {path}: {reply:?}");
        }
    }
}

#[tokio::test]
async fn only_who_may_write_sees_a_registration_token() {
    let cloud = cloud().await;
    for (operator, sees) in [("reader", false), ("auditor", false), ("writer", true), ("provider", true)] {
        let reply =
            cloud.ask(Some(operator), "GET", "/magma/v1/networks/n1/gateways/g2", Body::empty()).await;
        assert_eq!(reply.json().get("registration_info").is_some(), sees, "{operator}");
    }
}

#[tokio::test]
async fn no_header_makes_an_operator() {
    let cloud = cloud().await;
    let reply = cloud.ask(None, "GET", "/magma/v1/networks", Body::empty()).await;
    assert_eq!(reply.status, 401);
    assert!(reply.message().contains("present the client certificate of an operator"));
    assert_eq!(cloud.ask(None, "GET", "/magma/v1/no/such/path", Body::empty()).await.status, 401);
}

#[tokio::test]
async fn a_page_of_another_site_changes_nothing_in_an_operators_name() {
    let cloud = cloud().await;
    let rows = [
        ("cross-site", "POST", "/magma/v1/networks/n1/gateways/g1/command/reboot", 403),
        ("same-site", "DELETE", "/magma/v1/networks/n1", 403),
        ("cross-site", "PUT", "/magma/v1/networks/n1/name", 403),
        ("cross-site", "GET", "/magma/v1/networks/n1", 200),
        ("same-origin", "POST", "/magma/v1/networks/n1/gateways/g1/command/reboot", 200),
        ("none", "POST", "/magma/v1/networks/n1/gateways/g1/command/reboot", 200),
    ];
    for (site, method, path, status) in rows {
        let reply = cloud.ask_with(("sec-fetch-site", site), method, path).await;
        assert_eq!(reply.status.as_u16(), status, "{site} {method} {path}: {reply:?}");
    }
    assert_eq!(cloud.told.take().len(), 2, "only those that were let through");
}

#[tokio::test]
async fn who_asks_costs_one_read_of_the_store() {
    let cloud = Cloud::new().await;
    let reads = || cloud.store.counts().reads.begun;
    let path = "/magma/v1/about/version";
    let before = reads();
    assert_eq!(cloud.ask(Some("admin"), "GET", path, "").await.status, 200);
    assert_eq!(reads() - before, 1, "the one of the door, by which his certificate and his rights are found");
    let token = crate::users::session_of(&cloud, "ann").await;
    let authorization = crate::users::basic("ann", &token);
    let before = reads();
    assert!(cloud.ask_as(&authorization, "GET", path, "").await.status != 401);
    assert_eq!(reads() - before, 1);
}
