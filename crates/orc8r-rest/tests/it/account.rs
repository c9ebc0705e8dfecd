//! `/about/me/account` and `/about/me/password`: what one sees and changes of oneself.

use crate::cloud::{Cloud, Reply};
use crate::users::{basic, session_of};
use orc8r_accounts::ApiToken;
use orc8r_model::{Role, RoleGrant};
use orc8r_store::UserToken;
use serde_json::{Value, json};

const PASSWORD: &str = "/magma/v1/about/me/password";

async fn account(cloud: &Cloud, credentials: &str) -> Reply {
    cloud.ask_as(credentials, "GET", "/magma/v1/about/me/account", "").await
}

async fn change(cloud: &Cloud, credentials: &str, old: &str, new: &str) -> Reply {
    let body = json!({"old_password": old, "password": new}).to_string();
    cloud.ask_as(credentials, "PUT", PASSWORD, body).await
}

async fn opens_with(cloud: &Cloud, password: &str) -> u16 {
    let body = json!({"username": "ann", "password": password}).to_string();
    cloud.ask(None, "POST", "/magma/v1/user/login", body).await.status.as_u16()
}

#[tokio::test]
async fn one_changes_his_own_password_and_his_other_sessions_end() {
    let cloud = Cloud::new().await;
    // Who has no role at all may do so, too.
    let here = basic("ann", &session_of(&cloud, "ann").await);
    let elsewhere = basic("ann", &session_of(&cloud, "ann").await);
    let program =
        cloud.post("/user/ann/tokens", json!([])).await.json()["token"].as_str().unwrap().to_owned();

    let short = change(&cloud, &here, "correct horse", "short").await;
    assert_eq!(
        (short.status.as_u16(), short.message().as_str()),
        (400, "the password must have at least 8 characters")
    );
    assert_eq!(account(&cloud, &elsewhere).await.status, 200, "nothing was changed");
    let changed = change(&cloud, &here, "correct horse", "battery staple").await;
    assert_eq!((changed.status.as_u16(), changed.text.as_str()), (204, ""));

    assert_eq!(account(&cloud, &here).await.status, 200, "who changed it goes on");
    assert_eq!(account(&cloud, &elsewhere).await.status, 401, "the other session has ended");
    assert_eq!(account(&cloud, &basic("ann", &program)).await.status, 200, "a program's token stays");
    assert_eq!(
        (opens_with(&cloud, "correct horse").await, opens_with(&cloud, "battery staple").await),
        (401, 201)
    );

    let entry = cloud.get("/audit?actor=ann").await.json()[0].clone();
    assert_eq!((&entry["method"], &entry["path"]), (&json!("PUT"), &json!(PASSWORD)), "{entry}");
    let masked = json!({"old_password": "***", "password": "***"});
    assert_eq!((&entry["before"], &entry["after"]), (&Value::Null, &masked), "{entry}");
}

#[tokio::test]
async fn who_guesses_the_old_password_waits_and_changes_nothing() {
    let cloud = Cloud::new().await;
    let here = basic("ann", &session_of(&cloud, "ann").await);
    for _ in 0..5 {
        let wrong = change(&cloud, &here, "wrong horse", "battery staple").await;
        assert_eq!(
            (wrong.status.as_u16(), wrong.message().contains("the old password is wrong")),
            (403, true)
        );
    }
    assert_eq!(
        change(&cloud, &here, "correct horse", "battery staple").await.status,
        429,
        "too many mistakes"
    );
    assert_eq!(opens_with(&cloud, "correct horse").await, 429, "the same as who guesses when he signs in");
    let log = cloud.get("/audit?actor=ann").await;
    assert_eq!(log.text, "[]", "nothing was changed");
}

#[tokio::test]
async fn whose_password_is_elsewhere_is_told_so() {
    let cloud = Cloud::new().await;
    let token = cloud.post("/user/ann/tokens", json!([])).await.json()["token"].as_str().unwrap().to_owned();
    let token = basic("ann", &token);
    let session = ApiToken::generate().unwrap();
    let foreign =
        UserToken { digest: session.digest().0, shown: String::new(), policies: None, expires_at: None };
    cloud.store.sign_in_foreigner("eve", "oidc https://id.test 7", Vec::new(), foreign).await.unwrap();
    let rows = [
        (&token, "a token changes no password"),
        (&basic("eve", session.as_str()), "kept by the organisation"),
    ];
    for (credentials, expected) in rows {
        let reply = change(&cloud, credentials, "correct horse", "battery staple").await;
        assert_eq!(reply.status, 403, "{expected}");
        assert!(reply.message().contains(expected), "{reply:?}");
    }
    let body = json!({"old_password": "correct horse", "password": "battery staple"});
    let reply = cloud.put("/about/me/password", body).await;
    assert_eq!(reply.status, 403);
    assert!(reply.message().contains("certificate has no password"), "{reply:?}");
    assert_eq!(opens_with(&cloud, "correct horse").await, 201);
}

#[tokio::test]
async fn one_sees_his_own_account_and_no_other() {
    let cloud = Cloud::new().await;
    let roles = vec![RoleGrant { tenant: Some(1), role: Role::Operator }];
    cloud.store.set_roles("ann", roles).await.unwrap();
    let policy =
        json!({"effect": "ALLOW", "action": "READ", "resourceType": "NETWORK_ID", "resourceIDs": ["n1"]});
    let made = cloud.post("/user/ann/tokens", json!([policy])).await.json();
    let token = made["token"].as_str().unwrap().to_owned();
    let session = session_of(&cloud, "ann").await;
    let seen = account(&cloud, &basic("ann", &session)).await.json();
    assert_eq!((&seen["name"], &seen["known_by"]), (&json!("ann"), &json!("password")));
    assert!(seen["ends_at"].as_i64().unwrap() > 0, "{seen}");
    assert_eq!(seen["roles"], json!([{"tenant": 1, "role": "operator"}]));
    let tokens = seen["tokens"].as_array().unwrap();
    let shown: Vec<_> = tokens.iter().map(|listed| listed["token"].as_str().unwrap()).collect();
    assert!(shown.iter().all(|shown| shown.len() == 10), "first characters only: {seen}");
    assert!(shown.iter().any(|shown| token.starts_with(shown)), "{seen}");

    let as_program = account(&cloud, &basic("ann", &token)).await.json();
    assert_eq!(
        (&as_program["known_by"], &as_program["tokens"]),
        (&json!("token"), &json!([])),
        "{as_program}"
    );
    let operator = cloud.get("/about/me/account").await.json();
    assert_eq!(operator, json!({"name": "admin", "known_by": "certificate", "roles": [], "tokens": []}));
    assert_eq!(cloud.ask(None, "GET", "/magma/v1/about/me/account", "").await.status, 401);
}
