//! How the eNodeBs of a network are, in a line each.

use crate::cloud::{Cloud, enodeb, enodeb_state};
use orc8r_model::{NetworkId, ReportedState, StateId};
use serde_json::{Value, json};
use std::time::SystemTime;

const SUMMARIES: &str = "/lte/n1/enodeb_summaries";

/// Of e1 something was told long ago, of e2 nothing, of e3 just now; e4 is told of by a device that is no gateway.
async fn cloud() -> Cloud {
    let cloud = Cloud::new().await;
    cloud.add_lte().await;
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    for (serial, reporter) in [("e3", "h1"), ("e4", "nobody")] {
        assert_eq!(cloud.post("/lte/n1/enodebs", enodeb(serial)).await.status, 201);
        let report = ReportedState {
            id: StateId { state_type: "single_enodeb".into(), device_id: serial.into() },
            value: enodeb_state().to_string().into_bytes(),
            version: 1,
        };
        let (network, time) = (NetworkId::parse("n1").unwrap(), u64::try_from(now.as_millis()).unwrap());
        cloud.store.put_states(&network, reporter, vec![report], time).await.unwrap();
    }
    cloud
}

fn serials(found: &Value) -> Vec<&str> {
    found["enodebs"].as_array().unwrap().iter().map(|enodeb| enodeb["serial"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn enodebs_are_told_with_what_is_wrong_the_worst_first() {
    let cloud = cloud().await;
    let found = cloud.get(SUMMARIES).await.json();
    assert_eq!(serials(&found), ["e2", "e1", "e3", "e4"], "{found}");
    assert_eq!(found["states"], json!({"pending": 1, "unknown": 1, "ok": 2}));
    let of = |serial: &str| {
        let enodebs = found["enodebs"].as_array().unwrap();
        enodebs.iter().find(|enodeb| enodeb["serial"] == serial).unwrap().clone()
    };
    let (never, up) = (of("e2"), of("e3"));
    assert_eq!(never["reasons"], json!(["it is assigned to no gateway"]));
    assert!(
        never.get("ues_connected").is_none() && never["time_reported"] == 0,
        "nothing is made up: {never}"
    );
    assert_eq!((&up["ues_connected"], &up["session_state"]), (&json!(3), &json!("S")));
    assert_eq!(up["position"], json!({"latitude": 2.0, "longitude": 1.0}));
    assert_eq!((&up["reporting_gateway_id"], &up["transmit_enabled"]), (&json!("g1"), &json!(true)));
    assert_eq!(of("e4")["reporting_gateway_id"], "");
    assert_eq!(of("e1")["attached_gateway_id"], "g1");
}

#[tokio::test]
async fn they_are_filtered_ordered_and_cut_into_pages() {
    let cloud = cloud().await;
    let rows: [(&str, &[&str], u64); 10] = [
        ("?gateway=-&sort=serial", &["e2", "e4"], 2),
        ("?sort=-serial", &["e4", "e3", "e2", "e1"], 4),
        ("?sort=serial&state=ok,unknown", &["e1", "e3", "e4"], 3),
        ("?q=E3", &["e3"], 1),
        ("?q=10.0.0.2&sort=serial", &["e1", "e3", "e4"], 3),
        ("?gateway=g1,g9&sort=serial", &["e1", "e3"], 2),
        ("?config_type=UNMANAGED", &[], 0),
        ("?sort=-serial&page=2&page_size=3", &["e1"], 4),
        ("?sort=subscribers&page_size=1", &["e2"], 4),
        ("?sort=reported&page=9", &[], 4),
    ];
    for (query, expect, count) in rows {
        let found = cloud.get(&format!("{SUMMARIES}{query}")).await.json();
        assert_eq!(
            (serials(&found), found["found_count"].as_u64()),
            (expect.to_vec(), Some(count)),
            "{query}"
        );
        assert_eq!(found["total_count"], 4, "{query}");
    }
    let refused = cloud.get(&format!("{SUMMARIES}?sort=size")).await;
    assert_eq!(refused.status, 400);
    assert!(refused.message().starts_with("sort in query"), "{}", refused.message());
}

#[tokio::test]
async fn a_gateway_tells_where_it_is_and_how_many_subscribers_have_sessions() {
    let cloud = cloud().await;
    let summary = async |query: &str| {
        let found = cloud.get(&format!("/networks/n1/gateway_summaries?q=g1{query}")).await.json();
        found["gateways"][0].clone()
    };
    let report = json!({"meta": {"gps_latitude": "47.5", "gps_longitude": "8.5"}});
    cloud.report("h1", "gw_state", "h1", report).await;
    assert_eq!(summary("").await["position"], json!({"latitude": 47.5, "longitude": 8.5}));
    cloud
        .report("h1", "gateway_subscriber_state", "h1", json!({"subscribers": {"IMSI001010000000001": {}}}))
        .await;
    assert_eq!(summary("&with=subscribers").await["subscribers"], 1);
    assert!(summary("").await.get("subscribers").is_none(), "nobody asked");
    cloud.report("h1", "gateway_subscriber_state", "h1", json!({"subscribers": {}})).await;
    assert_eq!(summary("&with=subscribers").await["subscribers"], 0, "it said so");
}
