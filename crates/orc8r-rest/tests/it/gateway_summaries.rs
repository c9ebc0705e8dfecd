//! How the gateways of a network are, in a line each; and who asks for them.

use crate::cloud::{Cloud, gateway};
use orc8r_model::{CertificateInfo, HardwareId, Identity, NetworkId, ReportedState, StateId};
use serde_json::{Value, json};
use std::time::SystemTime;

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
