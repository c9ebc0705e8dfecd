//! `/tenants`.

use crate::cloud::Cloud;
use serde_json::json;

#[tokio::test]
async fn a_tenant_is_made_read_replaced_and_deleted() {
    let cloud = Cloud::empty().await;
    let acme = json!({"id": 0, "name": "Acme", "networks": ["a", "b"]});
    cloud
        .check(&[
            ("none yet", "GET", "/tenants", json!(null), 200, "[]"),
            ("make", "POST", "/tenants", acme.clone(), 201, ""),
            ("once", "POST", "/tenants", acme.clone(), 400, "tenant 0 already exists"),
            ("a text as id", "GET", "/tenants/acme", json!(null), 404, "Invalid URL: \"acme\" is no number"),
            (
                "a negative id",
                "POST",
                "/tenants",
                json!({"id": -1, "networks": []}),
                400,
                "id in body should be greater than or equal to 0",
            ),
            ("no networks", "POST", "/tenants", json!({"id": 1}), 400, "networks in body is required"),
            (
                "another id",
                "PUT",
                "/tenants/0",
                json!({"id": 1, "networks": []}),
                400,
                "id in body '1' is not that of the path '0'",
            ),
            (
                "no proxy yet",
                "GET",
                "/tenants/0/control_proxy",
                json!(null),
                404,
                "control_proxy of tenant 0 not found",
            ),
            ("a proxy", "PUT", "/tenants/0/control_proxy", json!({"control_proxy": "x: 1"}), 204, ""),
            (
                "of nobody",
                "PUT",
                "/tenants/9/control_proxy",
                json!({"control_proxy": "x: 1"}),
                404,
                "tenant 9 not found",
            ),
            ("read it", "GET", "/tenants/0/control_proxy", json!(null), 200, r#"{"control_proxy":"x: 1"}"#),
        ])
        .await;
    assert_eq!(cloud.get("/tenants/0").await.json(), acme);
    let renamed = json!({"id": 0, "name": "Acme 2", "networks": []});
    assert_eq!(cloud.put("/tenants/0", renamed.clone()).await.status, 204);
    assert_eq!(cloud.get("/tenants").await.json(), json!([renamed]));
    assert_eq!(cloud.delete("/tenants/0").await.status, 204);
    assert_eq!(cloud.get("/tenants/0").await.status, 404);
}
