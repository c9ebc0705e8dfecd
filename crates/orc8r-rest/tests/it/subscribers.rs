//! Subscribers: whole batches, pages, filters, what is shown to whom, and what is refused.

use crate::cloud::{Cloud, subscriber};
use orc8r_model::{AccessList, AccessTarget, Permissions};
use serde_json::{Value, json};

const FIRST: &str = "IMSI001010000000001";
const SECOND: &str = "IMSI001010000000002";
const KEY: &str = "AAECAwQFBgcICQoLDA0ODw==";

async fn cloud() -> Cloud {
    let cloud = Cloud::new().await;
    cloud.add_subscribers().await;
    cloud
}

fn with(pointer: &str, value: Value) -> Value {
    let mut body = subscriber(FIRST);
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    body.pointer_mut(parent).unwrap()[name] = value;
    body
}

#[tokio::test]
async fn a_subscriber_is_shown_as_he_was_written_with_what_is_reported_of_him() {
    let cloud = cloud().await;
    let mut body = subscriber(FIRST);
    body["name"] = json!("Ann");
    body["active_policies"] = json!(["r1"]);
    body["active_base_names"] = json!(["b1"]);
    body["active_policies_by_apn"] = json!({"a1": ["r1"]});
    body["static_ips"] = json!({"a1": "10.0.0.9"});
    body["forbidden_network_types"] = json!(["5GC"]);
    assert_eq!(cloud.put(&format!("/lte/n1/subscribers/{FIRST}"), body.clone()).await.status.as_u16(), 204);
    let lease = |state: &str| json!({"ip": {"address": "CgAAAQ=="}, "state": state});
    for (state_type, device_id, value) in [
        ("subscriber_state", FIRST.to_owned(), json!({"a1": []})),
        ("MME", FIRST.to_owned(), json!({"m": 1})),
        ("S1AP", FIRST.to_owned(), json!({"s": 1})),
        ("SPGW", FIRST.to_owned(), json!({"g": 1})),
        ("icmp_monitoring", FIRST.to_owned(), json!({"latency_ms": 2.5})),
        ("mobilityd_ipdesc_record", format!("{FIRST}.a1"), lease("ALLOCATED")),
        ("mobilityd_ipdesc_record", format!("{FIRST}.a2"), lease("RELEASED")),
    ] {
        cloud.report("h1", state_type, &device_id, value).await;
    }
    let state = json!({
        "subscriber_state": {"a1": []}, "mme": {"m": 1}, "s1ap": {"s": 1}, "spgw": {"g": 1},
        "mobility": [{"apn": "a1", "ip": "10.0.0.1"}], "directory": {"location_history": ["h1"]},
    });
    let expect = json!({
        "id": FIRST, "name": "Ann", "lte": body["lte"],
        "config": {"lte": body["lte"], "static_ips": {"a1": "10.0.0.9"}, "forbidden_network_types": ["5GC"]},
        "active_apns": ["a1"], "active_policies": ["r1"], "active_base_names": ["b1"],
        "active_policies_by_apn": {"a1": ["r1"]}, "forbidden_network_types": ["5GC"], "msisdn": "1", "state": state,
        "monitoring": {"icmp": {"latency_ms": 2.5, "last_reported_time": 1_700_000_000}},
    });
    assert_eq!(cloud.get(&format!("/lte/n1/subscribers/{FIRST}")).await.json(), expect);
    assert_eq!(cloud.get("/lte/n1/subscribers").await.json()["subscribers"][FIRST], expect);
    assert_eq!(cloud.get("/lte/n1/subscriber_state").await.json(), json!({FIRST: state}));
    assert_eq!(cloud.get(&format!("/lte/n1/subscriber_state/{FIRST}")).await.json(), state);
    assert_eq!(
        cloud.get("/lte/n1/subscribers?ip=10.0.0.1&verbose=false").await.json()["subscribers"],
        json!([FIRST])
    );

    assert_eq!(
        cloud.put(&format!("/lte/n1/subscribers/{FIRST}"), subscriber(FIRST)).await.status.as_u16(),
        204
    );
    let plain = cloud.get(&format!("/lte/n1/subscribers/{FIRST}")).await.json();
    assert_eq!((&plain["active_policies_by_apn"], &plain["active_policies"]), (&Value::Null, &json!([])));
    assert_eq!(cloud.get("/networks/n1/policies/rules/r1").await.json().get("assigned_subscribers"), None);
}

#[tokio::test]
async fn keys_are_shown_to_who_may_change_them_only() {
    let cloud = cloud().await;
    let access = AccessList::default().with(AccessTarget::Network("n1".into()), Permissions::READ);
    cloud.store.put_operator("reader", access).await.unwrap();
    for path in ["/magma/v1/lte/n1/subscribers".to_owned(), format!("/magma/v1/lte/n1/subscribers/{FIRST}")] {
        let reply = cloud.ask(Some("reader"), "GET", &path, "").await;
        assert_eq!(reply.status.as_u16(), 200, "{reply:?}");
        assert!(!reply.text.contains(KEY) && !reply.text.contains("sealed"), "{}", reply.text);
        assert!(
            reply.text.contains("\"auth_key\":\"\"") && !reply.text.contains("auth_opc"),
            "{}",
            reply.text
        );
        let reply = cloud.ask(Some("admin"), "GET", &path, "").await;
        assert!(reply.text.contains(KEY), "{}", reply.text);
    }
}

#[tokio::test]
async fn private_keys_of_concealed_identities_are_shown_to_who_may_change_them_only() {
    let cloud = cloud().await;
    cloud.add_lte().await;
    let access = AccessList::default().with(AccessTarget::Network("n1".into()), Permissions::READ);
    cloud.store.put_operator("reader", access).await.unwrap();
    let profile = json!({"home_network_public_key_identifier": 1, "home_network_public_key": "cHVi", "home_network_private_key": KEY, "protection_scheme": "ProfileA"});
    let body = json!({"suci_profiles": [profile]});
    assert_eq!(cloud.put("/lte/n1/cellular/ngc", body.clone()).await.status.as_u16(), 204);
    assert_eq!(cloud.put("/lte/n1/cellular/feg_network_id", json!("n2")).await.status.as_u16(), 204);
    for path in ["/lte/n1", "/lte/n1/cellular", "/lte/n1/cellular/ngc"] {
        let reply = cloud.ask(Some("reader"), "GET", &format!("/magma/v1{path}"), "").await;
        assert_eq!(reply.status.as_u16(), 200, "{path}: {reply:?}");
        assert!(reply.text.contains("cHVi"), "{path}: {}", reply.text);
        assert!(!reply.text.contains(KEY) && !reply.text.contains("sealed"), "{path}: {}", reply.text);
        let shown = cloud.get(path).await.json();
        assert!(shown.to_string().contains(KEY), "{path}: {shown}");
        assert_eq!(cloud.put(path, shown).await.status.as_u16(), 204, "{path}: what is shown can be written");
    }
    assert_eq!(cloud.get("/lte/n1/cellular/ngc").await.json(), body);
    let kept = cloud.store.network(&"n1".to_owned().try_into().unwrap()).await.unwrap();
    assert!(!format!("{kept:?}").contains(KEY));
}

#[tokio::test]
async fn pages_and_filters_name_the_rest_and_the_whole() {
    let cloud = cloud().await;
    let page = cloud.get("/lte/n1/subscribers?page_size=1&verbose=false").await.json();
    let token = page["next_page_token"].as_str().unwrap();
    assert_eq!(page, json!({"subscribers": [FIRST], "next_page_token": token, "total_count": 2}));
    let rest = cloud.get(&format!("/lte/n1/subscribers?page_size=1&page_token={token}")).await.json();
    assert_eq!(rest["subscribers"].as_object().unwrap().keys().collect::<Vec<_>>(), [SECOND]);
    assert_eq!((&rest["next_page_token"], &rest["total_count"]), (&json!(""), &json!(2)));
    let of_number = cloud.get("/lte/n1/subscribers?msisdn=1&verbose=false").await.json();
    assert_eq!(of_number, json!({"subscribers": [FIRST], "next_page_token": "", "total_count": 1}));
    for (query, status) in [("msisdn=9", 404), ("ip=x", 400), ("page_token=x", 400), ("ip=10.9.9.9", 200)] {
        let reply = cloud.get(&format!("/lte/n1/subscribers?{query}")).await;
        assert_eq!(reply.status.as_u16(), status, "{query}: {reply:?}");
    }
    assert_eq!(cloud.get("/lte/n9/subscribers").await.status.as_u16(), 404);
    assert_eq!(cloud.get("/lte/n2/subscribers").await.json()["total_count"], 0);
}

#[tokio::test]
async fn a_batch_is_made_whole_or_not_at_all() {
    let cloud = cloud().await;
    let third = "IMSI001010000000003";
    let post = "/lte/n1/subscribers";
    let twice = format!("found multiple subscriber models for IDs: [{third}]");
    let present = format!("found 1 existing subscribers which would have been overwritten: [{FIRST}]");
    let mut lost = subscriber(third);
    lost["active_apns"] = json!(["a9"]);
    cloud
        .check(&[
            ("twice", "POST", post, json!([subscriber(third), subscriber(third)]), 400, &twice),
            ("one is there", "POST", post, json!([subscriber(third), subscriber(FIRST)]), 400, &present),
            ("an APN is not", "POST", post, json!([lost]), 400, "apn a9 does not exist"),
            (
                "no list",
                "POST",
                post,
                subscriber(third),
                400,
                "mutable_subscribers in body must be of type array: an object",
            ),
        ])
        .await;
    assert_eq!(cloud.get(post).await.json()["total_count"], 2, "nobody came");
}

#[tokio::test]
async fn what_gateways_could_not_use_is_refused_without_repeating_keys() {
    let cloud = cloud().await;
    let path = format!("/lte/n1/subscribers/{FIRST}");
    let rows = [
        (
            "a short key",
            with("/lte/auth_key", json!("AAE=")),
            "expected lte.auth_key to be 16 bytes but got 2 bytes",
        ),
        (
            "a long OPc",
            with("/lte/auth_opc", json!("AAECAwQFBgcICQoLDA0ODxA=")),
            "expected lte.auth_opc to be 16 bytes but got 17 bytes",
        ),
        (
            "no such profile",
            with("/lte/sub_profile", json!("gold")),
            "subscriber profile 'gold' does not exist for the network",
        ),
        (
            "an address of another APN",
            with("/static_ips", json!({"a2": "10.0.0.1"})),
            "static IP assigned to APN a2 which is not active for the subscriber",
        ),
        (
            "policies of another APN",
            with("/active_policies_by_apn", json!({"a2": []})),
            "policies assigned to APN a2 which is not active for the subscriber",
        ),
        (
            "another id",
            with("/id", json!(SECOND)),
            "id in body 'IMSI001010000000002' is not that of the path 'IMSI001010000000001'",
        ),
        ("no such policy", with("/active_policies", json!(["r9"])), "policy r9 does not exist"),
    ];
    for (name, body, expect) in rows {
        let reply = cloud.put(&path, body).await;
        assert_eq!((reply.status.as_u16(), reply.message().as_str()), (400, expect), "{name}");
    }
    let reply =
        cloud.put(&format!("/lte/n1/subscribers/{SECOND}9"), with("/id", json!(format!("{SECOND}9")))).await;
    assert_eq!(reply.status.as_u16(), 400, "an id of 16 digits: {reply:?}");
    let sealed = with("/lte/auth_key", json!("sealed.k1.AAAA"));
    assert_eq!(cloud.put(&path, sealed).await.status.as_u16(), 400, "nobody brings sealed text");
}

#[tokio::test]
async fn single_fields_change_and_the_keys_beside_them_stay() {
    let cloud = cloud().await;
    let path = format!("/lte/n1/subscribers/{FIRST}");
    let lte = async || cloud.get(&path).await.json()["lte"].clone();
    assert_eq!(cloud.post(&format!("{path}/deactivate"), Value::Null).await.status.as_u16(), 200);
    assert_eq!((&lte().await["state"], &lte().await["auth_key"]), (&json!("INACTIVE"), &json!(KEY)));
    assert_eq!(cloud.post(&format!("{path}/activate"), Value::Null).await.status.as_u16(), 200);
    assert_eq!(lte().await["state"], "ACTIVE");
    let reply = cloud.put(&format!("{path}/lte/sub_profile"), json!("gold")).await;
    assert_eq!(reply.message(), "subscriber profile 'gold' does not exist for the network");
    assert_eq!(
        cloud.post("/lte/n1/subscribers/IMSI001010000000009/activate", Value::Null).await.status.as_u16(),
        404
    );
}

#[tokio::test]
async fn a_number_belongs_to_one_subscriber_and_goes_with_him() {
    let cloud = cloud().await;
    cloud
        .check(&[
            ("read", "GET", "/lte/n1/msisdns/1", Value::Null, 200, &format!("\"{FIRST}\"")),
            ("all", "GET", "/lte/n1/msisdns", Value::Null, 200, &format!("{{\"1\":\"{FIRST}\"}}")),
            (
                "taken",
                "POST",
                "/lte/n1/msisdns",
                json!({"id": SECOND, "msisdn": "1"}),
                400,
                "msisdn 1 already exists",
            ),
            ("gone", "DELETE", &format!("/lte/n1/subscribers/{FIRST}"), Value::Null, 204, ""),
            ("with him", "GET", "/lte/n1/msisdns/1", Value::Null, 404, "msisdn 1 not found"),
            (
                "and his policies",
                "GET",
                &format!("/lte/n1/subscribers/{FIRST}"),
                Value::Null,
                404,
                &format!("subscriber {FIRST} not found"),
            ),
        ])
        .await;
}
