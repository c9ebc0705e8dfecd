//! Single fields of a gateway.

use crate::cloud::{Cloud, magmad};
use serde_json::{Value, json};

const G1: &str = "/networks/n1/gateways/g1";

#[tokio::test]
async fn each_field_is_read_and_replaced_alone() {
    let cloud = Cloud::new().await;
    let mut faster = magmad();
    faster["checkin_interval"] = json!(15);
    faster["feature_flags"] = json!({"x": false});
    faster["logging"] = json!({"log_level": "DEBUG", "event_verbosity": 0});
    let rows = [
        ("name", json!("N"), json!("M")),
        ("description", json!("D"), json!("E")),
        ("magmad", magmad(), faster),
        ("tier", json!("t1"), json!("t2")),
    ];
    for (field, before, after) in rows {
        let path = format!("{G1}/{field}");
        assert_eq!(cloud.get(&path).await.json(), before, "{field}");
        let mut expect = cloud.get(G1).await.json();
        assert_eq!(cloud.put(&path, after.clone()).await.status, 204, "{field}");
        assert_eq!(cloud.get(&path).await.json(), after, "{field}");
        expect[field] = after;
        assert_eq!(cloud.get(G1).await.json(), expect, "{field}: all else stays");
    }
}

#[tokio::test]
async fn a_new_device_replaces_the_former_and_its_status() {
    let cloud = Cloud::new().await;
    let device = json!({"hardware_id": "h2", "key": {"key_type": "ECHO"}});
    assert_eq!(cloud.put(&format!("{G1}/device"), device.clone()).await.status, 204);
    let after = cloud.get(G1).await.json();
    assert_eq!((&after["device"], after.get("status"), &after["tier"]), (&device, None, &json!("t1")));
    assert_eq!(cloud.store.device("h1").await.unwrap(), None);
    // The former device is free for another gateway.
    let former = json!({"hardware_id": "h1", "key": {"key_type": "ECHO"}});
    assert_eq!(cloud.put("/networks/n1/gateways/g2/device", former).await.status, 204);
}

#[tokio::test]
async fn what_is_wrong_with_a_field_is_named_and_nothing_changes() {
    let cloud = Cloud::new().await;
    let before = cloud.get(G1).await.json();
    let none = Value::Null;
    let path = |field: &str| format!("{G1}/{field}");
    let (name, device, tier) = (path("name"), path("device"), path("tier"));
    cloud
        .check(&[
            (
                "an empty name",
                "PUT",
                &name,
                json!(""),
                400,
                "gateway_name in body should be at least 1 chars long",
            ),
            ("no such tier", "PUT", &tier, json!("none"), 400, "tier none does not exist"),
            ("no tier", "PUT", &tier, json!(""), 400, r"tier_id in body should match '^[a-z][\da-z_]+$'"),
            (
                "no device",
                "PUT",
                &device,
                json!({}),
                400,
                "validation failure list:\nhardware_id in body is required\nkey in body is required",
            ),
            (
                "a device in use",
                "PUT",
                "/networks/n1/gateways/g2/device",
                json!({"hardware_id": "h1", "key": {"key_type": "ECHO"}}),
                400,
                "device h1 is already mapped to gateway g1",
            ),
            (
                "a gateway without one",
                "GET",
                "/networks/n1/gateways/g2/device",
                none.clone(),
                404,
                "device of gateway g2 not found",
            ),
            (
                "no gateway",
                "GET",
                "/networks/n1/gateways/none/name",
                none.clone(),
                404,
                "gateway none not found",
            ),
            (
                "no gateway to change",
                "PUT",
                "/networks/n1/gateways/none/magmad",
                magmad(),
                404,
                "gateway none not found",
            ),
            ("no network", "GET", "/networks/none/gateways/g1/tier", none, 404, "network none not found"),
        ])
        .await;
    assert_eq!(cloud.get(G1).await.json(), before);
}

#[tokio::test]
async fn a_gateway_without_a_tier_has_none_to_show() {
    let cloud = Cloud::new().await;
    cloud.delete("/networks/n1/tiers/t1").await;
    assert_eq!(cloud.get(&format!("{G1}/tier")).await.message(), "tier of gateway g1 not found");
    assert_eq!(cloud.get(G1).await.json()["tier"], "");
}
