//! Release channels.

use crate::cloud::Cloud;
use serde_json::{Value, json};

#[tokio::test]
async fn a_channel_is_made_read_replaced_and_deleted() {
    let cloud = Cloud::empty().await;
    assert_eq!(cloud.get("/channels").await.json(), json!([]));
    let stable = json!({"id": "stable", "name": "S", "supported_versions": ["1", "2"]});
    assert_eq!(cloud.post("/channels", stable.clone()).await.status, 201);
    assert_eq!(cloud.get("/channels/stable").await.json(), stable);
    let newer = json!({"id": "stable", "supported_versions": []});
    assert_eq!(cloud.put("/channels/stable", newer.clone()).await.status, 204);
    assert_eq!(cloud.get("/channels/stable").await.json(), newer);
    assert_eq!(cloud.get("/networks").await.json(), json!([]), "channels are in no network that one can see");
    assert_eq!(cloud.delete("/channels/stable").await.status, 204);
    assert_eq!(cloud.get("/channels").await.json(), json!([]));
}

#[tokio::test]
async fn what_is_wrong_is_named_and_nothing_changes() {
    let cloud = Cloud::new().await;
    let before = cloud.get("/channels/stable").await.json();
    let channel = |id: &str| json!({"id": id, "supported_versions": []});
    cloud
        .check(&[
            ("made twice", "POST", "/channels", channel("stable"), 400, "channel stable already exists"),
            (
                "no versions",
                "POST",
                "/channels",
                json!({"id": "beta"}),
                400,
                "supported_versions in body is required",
            ),
            (
                "another's id",
                "PUT",
                "/channels/stable",
                channel("beta"),
                400,
                "id in body 'beta' is not that of the path 'stable'",
            ),
            ("no channel", "GET", "/channels/none", Value::Null, 404, "channel none not found"),
            ("no channel to change", "PUT", "/channels/none", channel("none"), 404, "channel none not found"),
            ("no channel to delete", "DELETE", "/channels/none", Value::Null, 404, "channel none not found"),
        ])
        .await;
    assert_eq!(cloud.get("/channels/stable").await.json(), before);
}
