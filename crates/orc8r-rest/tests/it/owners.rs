//! The owner of an organisation manages its users, and nothing else.

use crate::cloud::Cloud;
use crate::users::{basic, session_of};
use orc8r_model::{Role, RoleGrant};
use serde_json::{Value, json};

/// Who there is, each with the password `correct horse`: `own` and `own2` own organisations 1 and 2, `oper` and `read`
/// work in 1, `mine` and `theirs` belong to 1 and 2, `both` to both, and `nobodys` (like `ann`) to none.
async fn cloud() -> Cloud {
    let cloud = Cloud::new().await;
    let tenant = json!({"id": 2, "name": "U", "networks": ["n2"]});
    assert_eq!(cloud.post("/tenants", tenant).await.status, 201);
    let hash = cloud.store.password_of("ann").await.unwrap().unwrap();
    let grant = |tenant, role| RoleGrant { tenant, role };
    let (one, two) = (Some(1), Some(2));
    for (user, roles) in [
        ("own", vec![grant(one, Role::Owner)]),
        ("own2", vec![grant(two, Role::Owner)]),
        ("oper", vec![grant(one, Role::Operator)]),
        ("read", vec![grant(one, Role::ReadOnly)]),
        ("mine", vec![grant(one, Role::ReadOnly)]),
        ("theirs", vec![grant(two, Role::ReadOnly)]),
        ("both", vec![grant(one, Role::ReadOnly), grant(two, Role::ReadOnly)]),
        ("above", vec![grant(one, Role::ReadOnly), grant(None, Role::ReadOnly)]),
        ("nobodys", vec![]),
    ] {
        cloud.store.create_user_with(user, &hash, roles).await.unwrap();
    }
    cloud
}

fn policy(resource: Value) -> Value {
    let mut policy = json!({"effect": "ALLOW", "action": "WRITE"});
    policy.as_object_mut().unwrap().extend(resource.as_object().unwrap().clone());
    json!([policy])
}

fn networks(ids: &[&str]) -> Value {
    policy(json!({"resourceType": "NETWORK_ID", "resourceIDs": ids}))
}

#[tokio::test]
async fn an_owner_manages_the_users_of_his_organisation() {
    let cloud = cloud().await;
    let own = basic("own", &session_of(&cloud, "own").await);
    let ask = async |method: &str, path: &str, body: Value| {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        cloud.ask_as(&own, method, &format!("/magma/v1{path}"), body).await
    };
    let listed = ask("GET", "/user", Value::Null).await;
    assert_eq!(listed.json(), json!(["mine", "oper", "own", "read"]), "his own, not those of others");
    let new = json!({"username": "new", "password": "battery staple"});
    assert_eq!(ask("POST", "/user", new).await.status, 201);
    let roles = ask("GET", "/user/new/roles", Value::Null).await;
    assert_eq!(roles.json(), json!([{"tenant": 1, "role": "read_only"}]), "a new user only looks");
    for (method, path, body, status) in [
        ("GET", "/user/new", Value::Null, 200),
        ("PUT", "/user/new", json!({"password": "another one"}), 204),
        ("PUT", "/user/new/roles", json!([{"tenant": 1, "role": "owner"}]), 204),
        ("POST", "/user/new/tokens", networks(&["n1"]), 201),
        ("POST", "/user/new/tokens", policy(json!({"resourceType": "TENANT_ID", "resourceIDs": ["1"]})), 201),
        ("GET", "/user/new/tokens", Value::Null, 200),
    ] {
        let reply = ask(method, path, body).await;
        assert_eq!(reply.status.as_u16(), status, "{method} {path}: {reply:?}");
    }
    let token = ask("POST", "/user/new/tokens", networks(&["n1"])).await.json()["token"].clone();
    let token = token.as_str().unwrap();
    let by_token = basic("new", token);
    assert_eq!(cloud.ask_as(&by_token, "GET", "/magma/v1/networks/n1/name", "").await.status, 200);
    // The network goes to somebody else: the token does not go with it.
    for (path, owned) in [("/tenants/1", json!([])), ("/tenants/2", json!(["n1", "n2"]))] {
        let id: i64 = path.rsplit('/').next().unwrap().parse().unwrap();
        assert_eq!(cloud.put(path, json!({"id": id, "name": "T", "networks": owned})).await.status, 204);
    }
    assert_eq!(cloud.ask_as(&by_token, "GET", "/magma/v1/networks/n1/name", "").await.status, 403);
    assert_eq!(ask("DELETE", &format!("/user/new/tokens/{token}"), Value::Null).await.status, 204);
    assert_eq!(ask("DELETE", "/user/new", Value::Null).await.status, 204);
    assert_eq!(cloud.get("/user/new").await.status, 404);
}

#[tokio::test]
async fn nobody_reaches_further_than_his_organisation() {
    let cloud = cloud().await;
    let new = || json!({"username": "x", "password": "battery staple"});
    let password = || json!({"password": "another one"});
    let role = |tenant: i64, role: &str| json!([{"tenant": tenant, "role": role}]);
    // Each write that manages users: by those who manage nobody, and by an owner toward whoever is not his.
    let writes = |user: &str| {
        vec![
            ("PUT", format!("/user/{user}"), password()),
            ("DELETE", format!("/user/{user}"), Value::Null),
            ("PUT", format!("/user/{user}/roles"), role(1, "read_only")),
            ("POST", format!("/user/{user}/tokens"), networks(&["n1"])),
            ("DELETE", format!("/user/{user}/tokens/op_shown00"), Value::Null),
            ("GET", format!("/user/{user}"), Value::Null),
            ("GET", format!("/user/{user}/roles"), Value::Null),
            ("GET", format!("/user/{user}/tokens"), Value::Null),
        ]
    };
    let mut rows: Vec<(&str, &str, String, Value, u16)> = Vec::new();
    for manager in ["oper", "read"] {
        for (method, path, body) in writes("mine") {
            rows.push((manager, method, path, body, 403));
        }
        rows.push((manager, "POST", "/user".to_owned(), new(), 403));
        rows.push((manager, "GET", "/user".to_owned(), Value::Null, 403));
        rows.push((manager, "PUT", format!("/user/{manager}/roles"), role(1, "owner"), 403));
    }
    for user in ["theirs", "both", "above", "nobodys", "ann", "own2", "absent"] {
        for (method, path, body) in writes(user) {
            rows.push(("own", method, path, body, 404));
        }
    }
    for (method, path, body) in writes("mine") {
        // What gives rights in an organisation of others is refused before anybody is looked for.
        let gives =
            path.ends_with("/roles") && method == "PUT" || path.ends_with("/tokens") && method == "POST";
        rows.push(("own2", method, path, body, if gives { 403 } else { 404 }));
    }
    for roles in [
        json!([{"role": "owner"}]),
        json!([{"role": "read_only"}]),
        role(2, "read_only"),
        json!([{"tenant": 1, "role": "owner"}, {"tenant": 2, "role": "read_only"}]),
        json!([]),
    ] {
        for user in ["mine", "own"] {
            rows.push(("own", "PUT", format!("/user/{user}/roles"), roles.clone(), 403));
        }
    }
    for policies in [
        networks(&["n2"]),
        networks(&["n1", "n2"]),
        policy(json!({"resourceType": "TENANT_ID", "resourceIDs": ["2"]})),
        policy(json!({"resourceType": "TENANT_ID", "resourceIDs": ["1", "2"]})),
        policy(json!({"resourceType": "URI", "path": "/magma/v1/networks/n1/**"})),
        policy(json!({"resourceType": "URI", "path": "**"})),
    ] {
        rows.push(("own", "POST", "/user/mine/tokens".to_owned(), policies, 403));
    }
    for (method, path, body) in [
        ("GET", "/tenants", Value::Null),
        ("PUT", "/tenants/1", json!({"id": 1, "name": "T", "networks": ["n1", "n2"]})),
        ("PUT", "/tenants/1/control_proxy", json!({"control_proxy": "x"})),
        ("GET", "/networks/n2/name", Value::Null),
        ("PUT", "/networks/n2/name", json!("x")),
        (
            "POST",
            "/networks",
            json!({"id": "n3", "name": "N", "description": "D", "dns": {"enable_caching": false, "local_ttl": 0}}),
        ),
        ("GET", "/audit", Value::Null),
    ] {
        rows.push(("own", method, path.to_owned(), body, 403));
    }
    let before = everybody(&cloud).await;
    let mut sessions = std::collections::BTreeMap::new();
    for (manager, method, path, body, status) in rows {
        if !sessions.contains_key(manager) {
            sessions.insert(manager, session_of(&cloud, manager).await);
        }
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let reply = cloud
            .ask_as(&basic(manager, &sessions[manager]), method, &format!("/magma/v1{path}"), body)
            .await;
        assert_eq!(reply.status.as_u16(), status, "{manager}: {method} {path}: {reply:?}");
    }
    assert_eq!(everybody(&cloud).await, before, "nothing was changed");
    // A token with policies manages nobody, whatever its user is.
    let everything = policy(json!({"resourceType": "TENANT_ID", "resourceIDs": ["1"]}));
    let token = cloud.post("/user/own/tokens", everything).await.json()["token"].clone();
    let reply =
        cloud.ask_as(&basic("own", token.as_str().unwrap()), "DELETE", "/magma/v1/user/mine", "").await;
    assert_eq!(reply.status, 403, "{reply:?}");
}

/// Every user with his password, roles and tokens.
async fn everybody(cloud: &Cloud) -> Vec<String> {
    let mut all = Vec::new();
    for user in cloud.store.users().await.unwrap() {
        let password = cloud.store.password_of(&user).await.unwrap();
        let roles = cloud.store.roles_of(&user).await.unwrap();
        let tokens = cloud.store.tokens_of(&user).await.unwrap();
        all.push(format!("{user} {password:?} {roles:?} {tokens:?}"));
    }
    all
}
