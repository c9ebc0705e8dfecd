//! Single fields of a network.

use crate::cloud::Cloud;
use serde_json::{Value, json};

#[tokio::test]
async fn each_field_is_read_and_replaced_alone() {
    let cloud = Cloud::new().await;
    let rows = [
        ("type", "type", json!("lte"), json!("feg")),
        ("name", "name", json!("N"), json!("M")),
        ("description", "description", json!("D"), json!("E")),
        ("features", "features", json!({"features": {"a": "b"}}), json!({"features": {"c": "d"}})),
        ("state", "state_config", json!({"sync_interval": 30}), json!({"sync_interval": 3})),
        (
            "sentry",
            "sentry_config",
            json!({"url_python": "https://a@sentry.test/1", "exclusion_patterns": []}),
            json!({"sample_rate": 1.0, "exclusion_patterns": ["x"]}),
        ),
    ];
    for (field, in_network, before, after) in rows {
        let path = format!("/networks/n1/{field}");
        assert_eq!(cloud.get(&path).await.json(), before, "{field}");
        let mut expect = cloud.get("/networks/n1").await.json();
        assert_eq!(cloud.put(&path, after.clone()).await.status, 204, "{field}");
        assert_eq!(cloud.get(&path).await.json(), after, "{field}");
        expect[in_network] = after;
        assert_eq!(cloud.get("/networks/n1").await.json(), expect, "{field}: all else stays");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_field_is_named_and_nothing_changes() {
    let cloud = Cloud::new().await;
    let before = cloud.get("/networks/n1").await.json();
    let none = Value::Null;
    let missing = "network none not found";
    cloud
        .check(&[
            (
                "an empty name",
                "PUT",
                "/networks/n1/name",
                json!(""),
                400,
                "network_name in body should be at least 1 chars long",
            ),
            (
                "an empty description",
                "PUT",
                "/networks/n1/description",
                json!(""),
                400,
                "network_description in body should be at least 1 chars long",
            ),
            (
                "too often",
                "PUT",
                "/networks/n1/state",
                json!({"sync_interval": 2}),
                400,
                "sync_interval in body should be greater than or equal to 3",
            ),
            (
                "too much",
                "PUT",
                "/networks/n1/sentry",
                json!({"sample_rate": 2}),
                400,
                "sample_rate in body should be less than or equal to 1",
            ),
            ("no network", "GET", "/networks/none/name", none.clone(), 404, missing),
            ("no network to change", "PUT", "/networks/none/name", json!("x"), 404, missing),
            ("no network for a config", "PUT", "/networks/none/features", json!({}), 404, missing),
            ("no network to take from", "DELETE", "/networks/none/features", none.clone(), 404, missing),
            (
                "no features",
                "GET",
                "/networks/n2/features",
                none.clone(),
                404,
                "orc8r_features of network n2 not found",
            ),
            ("no state", "GET", "/networks/n2/state", none, 404, "state_config of network n2 not found"),
        ])
        .await;
    assert_eq!(cloud.get("/networks/n1").await.json(), before);
}

#[tokio::test]
async fn features_can_be_taken_away() {
    let cloud = Cloud::new().await;
    assert_eq!(cloud.delete("/networks/n1/features").await.status, 204);
    assert_eq!(cloud.get("/networks/n1/features").await.status, 404);
    assert_eq!(cloud.delete("/networks/n1/features").await.status, 204, "twice is no error");
    assert_eq!(cloud.get("/networks/n1/state").await.status, 200);
}
