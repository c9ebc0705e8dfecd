//! Citizens broadband radios: kept and shown, and never registered with anybody.

use crate::cloud::{Cloud, cbsd};
use serde_json::{Value, json};

fn with(member: &str, value: Value) -> Value {
    let mut body = cbsd("s9");
    body[member] = value;
    body
}

#[tokio::test]
async fn a_radio_is_shown_as_it_was_written_and_unregistered() {
    let cloud = Cloud::new().await;
    assert_eq!(cloud.post("/dp/n1/cbsds", cbsd("s1")).await.status.as_u16(), 201);
    let mut expected = cbsd("s1");
    expected["installation_param"] = json!({"antenna_gain": 15.5});
    for (name, value) in [
        ("id", json!(1)),
        ("state", json!("unregistered")),
        ("is_active", json!(false)),
        ("grants", json!([])),
    ] {
        expected[name] = value;
    }
    assert_eq!(cloud.get("/dp/n1/cbsds/1").await.json(), expected);
    assert_eq!(cloud.get("/dp/n1/cbsds").await.json(), json!({"cbsds": [expected], "total_count": 1}));
    assert_eq!(cloud.put("/dp/n1/cbsds/1", with("user_id", json!("u2"))).await.status.as_u16(), 204);
    let changed = cloud.get("/dp/n1/cbsds/1").await.json();
    assert_eq!((&changed["user_id"], &changed["serial_number"]), (&json!("u2"), &json!("s9")));
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let cloud = Cloud::new().await;
    assert_eq!(cloud.post("/dp/n1/cbsds", cbsd("s1")).await.status.as_u16(), 201);
    let (all, one) = ("/dp/n1/cbsds", "/dp/n1/cbsds/1");
    let aggregation = "grant_redundancy cannot be set to false when carrier_aggregation_enabled is enabled";
    let mut not_redundant = with("grant_redundancy", json!(false));
    not_redundant["carrier_aggregation_enabled"] = json!(true);
    let mut narrow = cbsd("s9");
    narrow["capabilities"]["max_ibw_mhz"] = json!(15);
    let mut between = cbsd("s9");
    between["frequency_preferences"]["frequencies_mhz"] = json!([3556]);
    cloud
        .check(&[
            ("one of two", "POST", all, not_redundant.clone(), 400, aggregation),
            ("one of two", "PUT", one, not_redundant, 400, aggregation),
            ("too wide", "POST", all, narrow, 400, "max_ibw_mhz cannot be less than bandwidth_mhz"),
            (
                "between channels",
                "POST",
                all,
                between,
                400,
                "frequency_preferences.frequencies_mhz.0 in body should be a multiple of 5",
            ),
            (
                "a category",
                "POST",
                all,
                with("cbsd_category", json!("c")),
                400,
                "cbsd_category in body should be one of [a b]",
            ),
            ("made twice", "POST", all, cbsd("s1"), 409, "cbsd with serial number s1 already exists"),
            ("nobody", "GET", "/dp/n1/cbsds/7", Value::Null, 404, "cbsd 7 not found"),
            ("another network", "GET", "/dp/n2/cbsds/1", Value::Null, 404, "cbsd 1 not found"),
            ("nobody", "POST", "/dp/n1/cbsds/7/deregister", Value::Null, 404, "cbsd 7 not found"),
            ("no network", "GET", "/dp/n7/cbsds", Value::Null, 404, "network n7 not found"),
            ("no limit", "GET", "/dp/n1/cbsds?offset=1", Value::Null, 400, "offset requires a limit"),
            (
                "no number",
                "GET",
                "/dp/n1/cbsds?limit=x",
                Value::Null,
                400,
                "'x' is not a proper value for limit",
            ),
            (
                "no number",
                "GET",
                "/dp/n1/logs?limit=-1",
                Value::Null,
                400,
                "'-1' is not a proper value for limit",
            ),
            (
                "no time",
                "GET",
                "/dp/n1/logs?begin=x",
                Value::Null,
                400,
                "'x' is not a proper value for begin",
            ),
            (
                "no logs",
                "GET",
                "/dp/n1/logs?from=SAS&limit=5",
                Value::Null,
                200,
                r#"{"logs":[],"total_count":0}"#,
            ),
            ("no network", "GET", "/dp/n7/logs", Value::Null, 404, "network n7 not found"),
        ])
        .await;
    assert_eq!(cloud.get("/dp/n1/cbsds/x").await.status.as_u16(), 404);
    assert_eq!(cloud.get(all).await.json()["total_count"], json!(1), "nothing was made");
}

#[tokio::test]
async fn radios_are_listed_in_parts() {
    let cloud = Cloud::new().await;
    for serial in ["s1", "s2", "s3"] {
        assert_eq!(cloud.post("/dp/n1/cbsds", cbsd(serial)).await.status.as_u16(), 201);
    }
    for (query, expected, total) in [
        ("", &["s1", "s2", "s3"][..], 3),
        ("?limit=2", &["s1", "s2"], 3),
        ("?limit=2&offset=2", &["s3"], 3),
        ("?limit=2&offset=0&serial_number=s2", &["s2"], 1),
    ] {
        let page = cloud.get(&format!("/dp/n1/cbsds{query}")).await.json();
        let cbsds = page["cbsds"].as_array().unwrap();
        let serials: Vec<_> = cbsds.iter().map(|cbsd| cbsd["serial_number"].as_str().unwrap()).collect();
        assert_eq!((serials, &page["total_count"]), (expected.to_vec(), &json!(total)), "{query}");
    }
}
