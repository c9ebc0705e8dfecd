//! How the gateways of a network are, in a line each; and who asks for them.

use crate::cloud::{Cloud, gateway, magmad};
use crate::users::{basic, session_of};
use orc8r_mconfig::MconfigBuilder;
use orc8r_model::{
    CertificateInfo, GatewayId, HardwareId, Identity, NetworkId, ReportedState, Role, RoleGrant, StateId,
};
use serde_json::{Value, json};
use std::time::{Duration, SystemTime};

const SUMMARIES: &str = "/networks/n1/gateway_summaries";

/// g1 stopped long ago, g2 has no device; g3 to g5 are here, and the certificate of g4 ends in an hour.
async fn cloud() -> Cloud {
    let cloud = Cloud::new().await;
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    for number in 3..6 {
        let (id, hardware_id) = (format!("g{number}"), format!("h{number}"));
        let made = cloud.post("/networks/n1/gateways", gateway(&id, Some(&hardware_id))).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let value =
            json!({"platform_info": {"packages": [{"name": "magma", "version": format!("1.{number}")}]}});
        let report = ReportedState {
            id: StateId { state_type: "gw_state".into(), device_id: hardware_id.clone() },
            value: value.to_string().into_bytes(),
            version: 1,
        };
        let (network, time) = (NetworkId::parse("n1").unwrap(), u64::try_from(now.as_millis()).unwrap());
        cloud.store.put_states(&network, &hardware_id, vec![report], time).await.unwrap();
    }
    let identity = Identity::Gateway { hardware_id: HardwareId::parse("h4").unwrap() };
    let not_after = i64::try_from(now.as_secs()).unwrap() + 3600;
    let certificate = CertificateInfo { identity, not_before: 0, not_after };
    cloud.store.add_certificate("4", certificate).await.unwrap();
    cloud
}

fn ids(found: &Value) -> Vec<&str> {
    found["gateways"].as_array().unwrap().iter().map(|gateway| gateway["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn gateways_are_told_with_what_is_wrong_the_worst_first() {
    let cloud = cloud().await;
    let found = cloud.get(SUMMARIES).await.json();
    assert_eq!(ids(&found), ["g1", "g4", "g2", "g3", "g5"]);
    assert_eq!(found["states"], json!({"down": 1, "degraded": 1, "pending": 1, "ok": 2}));
    let reasons: Vec<_> = found["gateways"].as_array().unwrap().iter().map(|one| &one["reasons"]).collect();
    let late = json!(["its certificate expires soon"]);
    let expect = [
        json!(["it has stopped checking in"]),
        late,
        json!(["no device has registered for it"]),
        json!([]),
        json!([]),
    ];
    assert_eq!(reasons, expect.iter().collect::<Vec<_>>());
    assert_eq!(found["versions"], json!(["1.3", "1.4", "1.5"]));
    assert_eq!((&found["total_count"], &found["found_count"]), (&json!(5), &json!(5)));
}

#[tokio::test]
async fn they_are_filtered_ordered_and_cut_into_pages() {
    let cloud = cloud().await;
    let rows: [(&str, &[&str], u64); 8] = [
        ("?sort=id", &["g1", "g2", "g3", "g4", "g5"], 5),
        ("?sort=-version&state=ok,degraded", &["g5", "g4", "g3"], 3),
        ("?q=H3", &["g3"], 1),
        ("?q=nobody", &[], 0),
        ("?version=1.4", &["g4"], 1),
        ("?tier=none", &[], 0),
        ("?sort=-id&page=2&page_size=2", &["g3", "g2"], 5),
        ("?sort=id&page=9", &[], 5),
    ];
    for (query, expect, count) in rows {
        let found = cloud.get(&format!("{SUMMARIES}{query}")).await.json();
        assert_eq!((ids(&found), found["found_count"].as_u64()), (expect.to_vec(), Some(count)), "{query}");
        assert_eq!(found["total_count"], 5, "{query}");
    }
    for (id, expect) in [("g4", vec!["g4"]), ("g", vec![]), ("none", vec![]), ("a b", vec![])] {
        let found = cloud.get(&format!("{SUMMARIES}?id={}", id.replace(' ', "%20"))).await.json();
        assert_eq!(
            (ids(&found), found["total_count"].as_u64()),
            (expect.clone(), Some(expect.len() as u64)),
            "{id}"
        );
    }
    for (query, what) in [("?sort=size", "sort"), ("?page=0", "page"), ("?page_size=many", "page_size")] {
        let refused = cloud.get(&format!("{SUMMARIES}{query}")).await;
        assert_eq!(refused.status, 400, "{query}");
        assert!(refused.message().starts_with(&format!("{what} in query")), "{}", refused.message());
    }
}

#[tokio::test]
async fn whether_a_configuration_is_in_effect_is_told_by_what_the_gateway_reports() {
    let cloud = cloud().await;
    let path = "/networks/n1/gateways/g3/configuration_state";
    let told = async || cloud.get(path).await.json();
    assert_eq!(told().await["state"], "unknown");
    let report = async |info: Value| {
        cloud.report_status("h3", json!({"platform_info": {"config_info": info}})).await;
    };
    report(json!({"mconfig_created_at": 4_000_000_000_u64})).await;
    let newer = told().await;
    assert_eq!(
        (&newer["state"], &newer["reported_created_at"]),
        (&json!("applied"), &json!(4_000_000_000_u64))
    );
    assert!(newer["changed_time"].as_u64().unwrap() > 0, "{newer}");
    assert!(newer["services"].as_array().unwrap().contains(&json!("magmad")), "{newer}");
    report(json!({"mconfig_created_at": 4_000_000_000_u64, "mconfig_digest": "other"})).await;
    assert_eq!(told().await["state"], "waiting");
    assert_eq!(cloud.get("/networks/n1/gateways/none/configuration_state").await.status, 404);
}

/// The problems of g3, each with its kind.
async fn problems(cloud: &Cloud) -> Vec<(String, String)> {
    let found = cloud.get(&format!("{SUMMARIES}?id=g3")).await.json();
    let gateway = &found["gateways"][0];
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let problems: Vec<_> = gateway["problems"].as_array().unwrap().to_vec();
    let reasons: Vec<Value> = problems.iter().map(|problem| problem["reason"].clone()).collect();
    assert_eq!(gateway["reasons"], json!(reasons));
    assert_eq!(gateway["state"], if problems.is_empty() { "ok" } else { "degraded" });
    problems.iter().map(|problem| (text(&problem["kind"]), text(&problem["reason"]))).collect()
}

/// g3 checks in now.
async fn check_in(cloud: &Cloud, report: Value) {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let id = StateId { state_type: "gw_state".into(), device_id: "h3".into() };
    let report = ReportedState { id, value: report.to_string().into_bytes(), version: 1 };
    let (network, time) = (NetworkId::parse("n1").unwrap(), u64::try_from(now.as_millis()).unwrap());
    cloud.store.put_states(&network, "h3", vec![report], time).await.unwrap();
}

fn with_version(version: &str, meta: Value) -> Value {
    json!({"platform_info": {"packages": [{"name": "magma", "version": version}]}, "meta": meta})
}

#[tokio::test]
async fn a_version_that_is_not_reached_in_an_hour_and_an_upgrade_that_failed_are_problems() {
    let cloud = cloud().await;
    let upgrade = |reason: &str| vec![("upgrade".to_owned(), reason.to_owned())];
    let meta = |state: &str, target: &str| json!({"upgrade_state": state, "upgrade_target": target, "upgrade_error": "no space"});
    let nothing = json!({});
    // The tier, whose version is 1.0.0-0, was just made.
    check_in(&cloud, with_version("1.3", nothing.clone())).await;
    assert_eq!(problems(&cloud).await, []);
    let failed = upgrade("its upgrade to 1.0.0-0 failed: no space");
    check_in(&cloud, with_version("1.3", meta("failed", "1.0.0-0"))).await;
    assert_eq!(problems(&cloud).await, failed, "a failure is one at once");
    cloud.store.age_audit_log(Duration::from_secs(3600)).await.unwrap();
    let late = upgrade("it has version 1.3 and not 1.0.0-0, that of its tier");
    let rows = [
        ("1.3", nothing.clone(), late.clone()),
        ("1.0.0-0", nothing.clone(), vec![]),
        ("1.0.0", meta("failed", "0.9.0"), vec![]),
        ("", nothing.clone(), vec![]),
        ("1.3", meta("rolled_back", "1.0.0"), upgrade("its upgrade to 1.0.0-0 was taken back: no space")),
        ("1.3", meta("healthy", "1.0.0"), vec![]),
        (
            "1.3",
            meta("failed", "0.9.0"),
            upgrade("it has version 1.3 and not 1.0.0-0, that of its tier: no space"),
        ),
        ("1.3", nothing, late),
    ];
    for (version, meta, expect) in rows {
        check_in(&cloud, with_version(version, meta.clone())).await;
        assert_eq!(problems(&cloud).await, expect, "{version} {meta}");
    }
    let changed = cloud
        .put("/networks/n1/tiers/t2", json!({"id": "t2", "version": "2.0.0-0", "images": [], "gateways": []}))
        .await;
    assert_eq!(changed.status, 204);
    assert_eq!(problems(&cloud).await.len(), 1, "another tier does not matter");
    let mut magmad = magmad();
    magmad["autoupgrade_enabled"] = json!(false);
    assert_eq!(cloud.put("/networks/n1/gateways/g3/magmad", magmad).await.status, 204);
    cloud.store.age_audit_log(Duration::from_secs(3600)).await.unwrap();
    assert_eq!(problems(&cloud).await, [], "it is not asked to");
    let none = json!("0.0.0-0");
    assert_eq!(cloud.put("/networks/n1/tiers/t1/version", none).await.status, 204);
}

#[tokio::test]
async fn a_configuration_that_is_not_applied_in_ten_minutes_is_a_problem() {
    let cloud = cloud().await;
    // Without an upgrade that nobody carries out.
    assert_eq!(cloud.put("/networks/n1/tiers/t1/version", json!("0.0.0-0")).await.status, 204);
    let report = |info: Value| json!({"platform_info": {"config_info": info}});
    let old = report(json!({"mconfig_created_at": 1, "mconfig_digest": "other"}));
    check_in(&cloud, old.clone()).await;
    assert_eq!(problems(&cloud).await, [], "it has just been changed");
    cloud.store.age_audit_log(Duration::from_secs(600)).await.unwrap();
    let waits = [("configuration".to_owned(), "it has not applied its configuration".to_owned())];
    assert_eq!(problems(&cloud).await, waits);
    let rows = [
        (report(json!({"mconfig_created_at": 1})), false),
        (json!({}), false),
        (report(json!({"mconfig_created_at": 4_000_000_000_u64, "mconfig_digest": "other"})), false),
        (old.clone(), true),
    ];
    for (report, is_problem) in rows {
        check_in(&cloud, report.clone()).await;
        assert_eq!(!problems(&cloud).await.is_empty(), is_problem, "{report}");
    }
    // What it is to have, as it is built for it.
    let digest = async || {
        let (network, gateway) = (NetworkId::parse("n1").unwrap(), GatewayId::parse("g3").unwrap());
        let around = cloud.store.neighbourhood(&network, &gateway).await.unwrap();
        MconfigBuilder::new().build(&around).digest
    };
    let applied = report(json!({"mconfig_created_at": 1, "mconfig_digest": digest().await}));
    check_in(&cloud, applied).await;
    assert_eq!(problems(&cloud).await, []);
    let mut magmad = magmad();
    magmad["checkin_interval"] = json!(90);
    assert_eq!(cloud.put("/networks/n1/gateways/g3/magmad", magmad).await.status, 204);
    cloud.store.age_audit_log(Duration::from_secs(600)).await.unwrap();
    assert_eq!(problems(&cloud).await, [], "ten check-ins are longer than ten minutes");
    cloud.store.age_audit_log(Duration::from_secs(300)).await.unwrap();
    assert_eq!(problems(&cloud).await, waits, "what was known is known to be old");
    let other = json!("another name");
    assert_eq!(cloud.put("/networks/n1/gateways/g4/name", other).await.status, 204);
    assert_eq!(problems(&cloud).await, waits, "another gateway does not matter");
}

#[tokio::test]
async fn the_orchestrators_certificates_are_told_to_who_administers_everything() {
    let cloud = Cloud::new().await;
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let ends_in = |identity: Identity, days: i64| {
        let not_after = i64::try_from(now.as_secs()).unwrap() + days * 24 * 3600;
        CertificateInfo { identity, not_before: 0, not_after }
    };
    let operator = |name: &str| Identity::Operator { name: name.into() };
    for (serial, info) in [
        ("A1", ends_in(operator("eve"), 5)),
        ("A2", ends_in(operator("bob"), 5)),
        ("A3", ends_in(operator("bob"), 500)),
        ("A4", ends_in(operator("gone"), -5)),
        ("A5", ends_in(Identity::Node { name: "one".into() }, 5)),
    ] {
        cloud.store.add_certificate(serial, info).await.unwrap();
    }
    let backup = cloud.get("/about/backup").await.json();
    assert_eq!(backup, json!({"state": "due", "time": 1_700_000_000}));
    let told = cloud.get("/about/certificates").await.json();
    let told: Vec<_> =
        told.as_array().unwrap().iter().map(|one| [&one["what"], &one["state"], &one["next"]]).collect();
    let expect = json!([
        ["root certificate", "ok", "renew it"],
        ["server certificate", "ended", "renew it"],
        ["node one", "soon", "restart this node"],
        ["operator bob", "ok", "orc8r admin issue bob"],
        ["operator eve", "soon", "orc8r admin issue eve"],
    ]);
    assert_eq!(json!(told), expect);
    // Roles: an owner of everything, and of an organisation.
    let hash = cloud.store.password_of("ann").await.unwrap().unwrap();
    for (user, tenant, role, status) in [
        ("all", None, Role::Owner, 200),
        ("some", Some(1), Role::Owner, 403),
        ("looks", None, Role::ReadOnly, 403),
    ] {
        cloud.store.create_user_with(user, &hash, vec![RoleGrant { tenant, role }]).await.unwrap();
        let who = basic(user, &session_of(&cloud, user).await);
        for place in ["certificates", "backup"] {
            let asked = cloud.ask_as(&who, "GET", &format!("/magma/v1/about/{place}"), String::new()).await;
            assert_eq!(asked.status, status, "{user} {place}");
        }
    }
    assert_eq!(cloud.ask(None, "GET", "/magma/v1/about/certificates", "").await.status, 401);
}

#[tokio::test]
async fn whoever_asks_is_told_who_he_is_and_what_he_sees() {
    let cloud = Cloud::new().await;
    let me = cloud.get("/about/me").await.json();
    assert_eq!((&me["kind"], &me["administers"]), (&json!("operator"), &json!(true)));
    let networks = me["networks"].as_array().unwrap();
    assert!(networks.iter().all(|network| network["may_write"] == true), "{me}");
    assert_eq!(networks.iter().map(|network| &network["id"]).collect::<Vec<_>>(), ["n1", "n2"]);
    assert_eq!(cloud.ask(None, "GET", "/magma/v1/about/me", "").await.status, 401);
}
