//! `/user`, and what users may do with their tokens.

use crate::cloud::{Cloud, Reply};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use orc8r_model::{Role, RoleGrant};
use orc8r_store::UserToken;
use serde_json::{Value, json};

pub fn basic(user: &str, token: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{token}")))
}

/// A new token of `ann`.
async fn token(cloud: &Cloud, policies: Value) -> String {
    let made = cloud.post("/user/ann/tokens", policies).await;
    assert_eq!(made.status, 201, "{made:?}");
    made.json()["token"].as_str().unwrap().to_owned()
}

async fn session(cloud: &Cloud) -> String {
    session_of(cloud, "ann").await
}

/// Signs in with the password that all users of the tests have.
pub async fn session_of(cloud: &Cloud, user: &str) -> String {
    let opened = sign_in(cloud, user, "correct horse").await;
    assert_eq!(opened.status, 201, "{opened:?}");
    opened.json()["token"].as_str().unwrap().to_owned()
}

async fn sign_in(cloud: &Cloud, user: &str, password: &str) -> Reply {
    let body = json!({"username": user, "password": password}).to_string();
    cloud.ask(None, "POST", "/magma/v1/user/login", body).await
}

#[tokio::test]
async fn a_user_is_made_changed_and_deleted() {
    let cloud = Cloud::new().await;
    let bob = json!({"username": "bob@x.test", "password": "battery staple"});
    cloud
        .check(&[
            ("make", "POST", "/user", bob.clone(), 201, ""),
            ("once", "POST", "/user", bob, 400, "user bob@x.test already exists"),
            (
                "no name",
                "POST",
                "/user",
                json!({"username": "b:b", "password": "battery staple"}),
                400,
                "username in body must have 1 to 64 letters, digits, or characters of '.-_@+'",
            ),
            (
                "a short password",
                "POST",
                "/user",
                json!({"username": "eve", "password": "short"}),
                400,
                "the password must have at least 8 characters",
            ),
            ("list", "GET", "/user", json!(null), 200, r#"["ann","bob@x.test"]"#),
            ("read", "GET", "/user/ann", json!(null), 200, "\"ann\""),
            ("nobody", "GET", "/user/eve", json!(null), 404, "user eve not found"),
            (
                "a role that is none",
                "PUT",
                "/user/ann/roles",
                json!([{"role": "king"}]),
                400,
                "0.role in body should be one of [owner operator read_only]",
            ),
            ("roles", "PUT", "/user/ann/roles", json!([{"tenant": 1, "role": "operator"}]), 204, ""),
            ("read roles", "GET", "/user/ann/roles", json!(null), 200, r#"[{"tenant":1,"role":"operator"}]"#),
            ("delete", "DELETE", "/user/bob@x.test", json!(null), 204, ""),
            ("list again", "GET", "/user", json!(null), 200, r#"["ann"]"#),
        ])
        .await;
}

#[tokio::test]
async fn a_token_is_good_for_its_policies_and_nothing_else() {
    let cloud = Cloud::new().await;
    let policies = json!([
        {"effect": "ALLOW", "action": "WRITE", "resourceType": "NETWORK_ID", "resourceIDs": ["n1"]},
        {"effect": "DENY", "action": "WRITE", "resourceType": "URI", "path": "/magma/v1/networks/*/tiers/**"},
    ]);
    let token = token(&cloud, policies.clone()).await;
    let rows = [
        ("GET", "/networks/n1/name", "", 200),
        ("PUT", "/networks/n1/name", "\"new\"", 204),
        ("GET", "/networks/n1/tiers/t1", "", 200),
        ("PUT", "/networks/n1/tiers/t1/name", "\"new\"", 403),
        ("GET", "/networks/n2/name", "", 403),
        ("GET", "/user", "", 403),
        ("GET", "/audit", "", 403),
        ("POST", "/user/ann/tokens", "[]", 403),
    ];
    for (method, path, body, status) in rows {
        let reply = cloud.ask_as(&basic("ann", &token), method, &format!("/magma/v1{path}"), body).await;
        assert_eq!(reply.status.as_u16(), status, "{method} {path}: {reply:?}");
    }
    let listed = cloud.get("/user/ann/tokens").await.json();
    let found = |entry: &&Value| token.starts_with(entry["token"].as_str().unwrap());
    let listed = listed.as_array().unwrap().iter().find(found).expect("the list has the token");
    assert_eq!(listed["policies"][0]["resourceIDs"], policies[0]["resourceIDs"]);
    assert_eq!(listed["policies"][1]["path"], policies[1]["path"]);
    assert!(listed["token"].as_str().unwrap().len() < 12, "the list shows a token's beginning: {listed}");
    assert_eq!(cloud.delete(&format!("/user/ann/tokens/{token}")).await.status, 204);
    let reply = cloud.ask_as(&basic("ann", &token), "GET", "/magma/v1/networks/n1/name", "").await;
    assert_eq!(reply.status, 401, "{reply:?}");
}

#[tokio::test]
async fn a_policy_holds_however_a_path_is_written() {
    let cloud = Cloud::new().await;
    cloud.post("/tenants", json!({"id": 1, "name": "one", "networks": ["n1"]})).await;
    let deny = |path: &str| json!({"effect": "DENY", "action": "READ", "resourceType": "URI", "path": path});
    let policies = json!([
        {"effect": "ALLOW", "action": "WRITE", "resourceType": "URI", "path": "/**"},
        deny("/magma/v1/networks/n1/**"), deny("/magma/v1/tenants/1"), deny("/magma/v1/channels/a%2Fb"),
    ]);
    let token = token(&cloud, policies).await;
    let rows = [
        ("/networks/n1/name", 403),
        ("/networks/%6e1/name", 403),
        ("/networks/%6E1/gateways/g1", 403),
        ("/networks/n%31", 403),
        ("/networks/n1%2f", 404),
        ("/networks/n1/", 404),
        ("//networks/n1", 404),
        ("/networks/./n1", 404),
        ("/tenants/1", 403),
        ("/tenants/01", 404),
        ("/tenants/+1", 404),
        ("/tenants/%31", 403),
        ("/channels/a%2fb", 403),
        ("/networks", 200),
    ];
    for (path, status) in rows {
        let reply = cloud.ask_as(&basic("ann", &token), "GET", &format!("/magma/v1{path}"), "").await;
        assert_eq!(reply.status.as_u16(), status, "{path}: {reply:?}");
    }
}

#[tokio::test]
async fn what_a_policy_lacks_is_named() {
    let cloud = Cloud::new().await;
    let long = "*/".repeat(10);
    let rows = [
        (json!([{}]), "0.effect in body is required"),
        (json!([{"effect": "ALLOW"}]), "0.action in body is required"),
        (json!([{"effect": "ALLOW", "action": "READ"}]), "0.resourceType in body is required"),
        (json!([{"effect": "ALLOW", "action": "READ", "resourceType": "URI"}]), "0.path in body is required"),
        (
            json!([{"effect": "ALLOW", "action": "READ", "resourceType": "URI", "path": long}]),
            "0.path in body must have at most 256 characters and 6 wildcards",
        ),
        (
            json!([{"effect": "DENY", "action": "READ", "resourceType": "URI", "path": "/magma/v1/networks/%6e1"}]),
            "0.path in body must not be escaped, but for %25 and %2F within an id",
        ),
        (
            json!([{"effect": "ALLOW", "action": "READ", "resourceType": "TENANT_ID", "resourceIDs": ["x"]}]),
            "0.resourceIDs in body must be numbers: \"x\"",
        ),
        (json!([{"effect": "MAYBE"}]), "0.effect in body should be one of [DENY ALLOW]"),
    ];
    for (body, expect) in rows {
        let reply = cloud.post("/user/ann/tokens", body).await;
        assert_eq!((reply.status.as_u16(), reply.message().as_str()), (400, expect));
    }
}

#[tokio::test]
async fn who_signs_in_has_his_roles() {
    let cloud = Cloud::new().await;
    let session = session(&cloud).await;
    let ask = async |method: &str, path: &str, body: &str| {
        cloud.ask_as(&basic("ann", &session), method, &format!("/magma/v1{path}"), body.to_owned()).await
    };
    assert_eq!(ask("GET", "/networks", "").await.status, 403, "no role");
    for (role, put) in [(Role::ReadOnly, 403), (Role::Operator, 204)] {
        cloud.store.set_roles("ann", vec![RoleGrant { tenant: Some(1), role }]).await.unwrap();
        assert_eq!(ask("GET", "/networks", "").await.text, r#"["n1"]"#, "the organisation's networks only");
        assert_eq!(ask("GET", "/networks/n1/name", "").await.status, 200);
        assert_eq!(ask("PUT", "/networks/n1/name", "\"x\"").await.status.as_u16(), put);
        assert_eq!(ask("GET", "/networks/n2/name", "").await.status, 403);
        assert_eq!(ask("GET", "/tenants", "").await.status, 403);
        assert_eq!(ask("GET", "/tenants/1", "").await.status, 200);
        let me = ask("GET", "/about/me", "").await.json();
        assert_eq!(
            (&me["name"], &me["kind"], &me["administers"]),
            (&json!("ann"), &json!("user"), &json!(false))
        );
        let seen: Vec<_> =
            me["networks"].as_array().unwrap().iter().map(|one| (&one["id"], &one["may_write"])).collect();
        assert_eq!(seen, [(&json!("n1"), &json!(put == 204))], "no other network");
    }
    cloud.store.set_roles("ann", vec![RoleGrant { tenant: None, role: Role::Owner }]).await.unwrap();
    assert_eq!(ask("GET", "/networks", "").await.text, r#"["n1","n2"]"#);
    assert_eq!(ask("GET", "/user", "").await.status, 200);
    assert_eq!(cloud.put("/user/ann", json!({"password": "another one"})).await.status, 204);
    assert_eq!(ask("GET", "/networks", "").await.status, 401, "a new password ends the session");
}

#[tokio::test]
async fn who_is_wrong_learns_nothing_and_waits() {
    let cloud = Cloud::new().await;
    let wrong = "the user or the password is wrong";
    for (user, password) in [("ann", "wrong horse"), ("nobody", "correct horse"), ("ann", "")] {
        let reply = sign_in(&cloud, user, password).await;
        assert_eq!((reply.status.as_u16(), reply.message().as_str()), (401, wrong), "{user}");
    }
    for _ in 0..3 {
        assert_eq!(sign_in(&cloud, "ann", "wrong horse").await.status, 401);
    }
    assert_eq!(sign_in(&cloud, "ann", "correct horse").await.status, 429, "too many mistakes");
    for credentials in
        ["Basic !", "Basic", "basic YTpi", &basic("ann", "op_x"), &basic("eve", &"x".repeat(500))]
    {
        let reply = cloud.ask_as(credentials, "GET", "/magma/v1/networks", "").await;
        assert_eq!(reply.status, 401, "{credentials}");
    }
    let long = sign_in(&cloud, "bob", &"x".repeat(9000)).await;
    assert_eq!(long.status, 413, "{long:?}");
    let token = token(&cloud, json!([])).await;
    let reply = cloud.ask_as(&basic("bob", &token), "GET", "/magma/v1/networks", "").await;
    assert_eq!(reply.status, 401, "another's token");
}

#[tokio::test]
async fn a_log_that_is_followed_ends_when_its_token_is_deleted() {
    a_followed_log_ends_with(None).await;
}

#[tokio::test]
async fn a_log_that_is_followed_ends_when_its_token_expires() {
    a_followed_log_ends_with(Some(1)).await;
}

/// With its deletion, or, as if so much time had passed, with a token that ended then.
async fn a_followed_log_ends_with(expired_at: Option<i64>) {
    use axum::body::Body;
    use tokio_stream::StreamExt;
    let cloud = Cloud::new().await;
    let policies =
        json!([{"effect": "ALLOW", "action": "WRITE", "resourceType": "NETWORK_ID", "resourceIDs": ["n1"]}]);
    let token = token(&cloud, policies).await;
    cloud.told.keep_following();
    let path = "/magma/v1/networks/n1/gateways/g1/command/tail_logs";
    let followed = cloud.respond_to(&basic("ann", &token), "POST", path, Body::from("{}")).await;
    assert_eq!(followed.status(), 200);
    let mut lines = followed.into_body().into_data_stream();
    for line in ["first\n", "\n", "third ä\n"] {
        assert_eq!(lines.next().await.unwrap().unwrap(), line);
    }
    tokio::time::pause();
    let more = tokio::time::timeout(std::time::Duration::from_secs(300), lines.next()).await;
    assert!(more.is_err(), "while the token is good it goes on: {more:?}");
    let begun = tokio::time::Instant::now();
    let mut kept = cloud.store.tokens_of("ann").await.unwrap();
    kept.retain(|kept| token.starts_with(&kept.shown));
    cloud.store.delete_token("ann", &token[..10]).await.unwrap();
    if expired_at.is_some() {
        let same = kept.pop().unwrap();
        cloud.store.add_token("ann", UserToken { expires_at: expired_at, ..same }).await.unwrap();
    }
    let end = lines.next().await;
    assert!(matches!(end, Some(Err(_))), "{end:?}");
    assert!(begun.elapsed().as_secs() <= 61, "within a minute");
}
