//! Upgrade tiers, their images and their gateways.

use crate::cloud::Cloud;
use serde_json::{Value, json};

const T1: &str = "/networks/n1/tiers/t1";

fn tier(id: &str) -> Value {
    json!({"id": id, "version": "2.0.0-0", "images": [{"name": "b", "order": 0}], "gateways": ["g2"]})
}

#[tokio::test]
async fn a_tier_is_made_read_replaced_and_deleted() {
    let cloud = Cloud::new().await;
    assert_eq!(cloud.get("/networks/n1/tiers").await.json(), json!(["t1", "t2"]));
    let t1 = json!({"id": "t1", "name": "T", "version": "1.0.0-0", "images": [{"name": "a", "order": 1}], "gateways": ["g1", "g2"]});
    assert_eq!(cloud.get(T1).await.json(), t1);
    assert_eq!(cloud.put(T1, tier("t1")).await.status, 204);
    assert_eq!(cloud.get(T1).await.json(), tier("t1"), "replaced, and g1 is out");
    assert_eq!(cloud.get("/networks/n1/gateways/g1/tier").await.status, 404);
    assert_eq!(cloud.delete(T1).await.status, 204);
    assert_eq!(cloud.get("/networks/n1/tiers").await.json(), json!(["t2"]));
    assert_eq!(cloud.get("/networks/n1/gateways").await.json()["total_count"], 2, "its gateways stay");
}

#[tokio::test]
async fn name_and_version_are_replaced_alone() {
    let cloud = Cloud::new().await;
    for (field, value) in [("name", json!("M")), ("name", json!("")), ("version", json!("3"))] {
        let mut expect = cloud.get(T1).await.json();
        assert_eq!(cloud.put(&format!("{T1}/{field}"), value.clone()).await.status, 204);
        assert_eq!(cloud.get(&format!("{T1}/{field}")).await.json(), value);
        expect[field] = value.clone();
        if value == "" {
            expect.as_object_mut().unwrap().remove(field);
        }
        assert_eq!(cloud.get(T1).await.json(), expect, "{field}: all else stays");
    }
}

#[tokio::test]
async fn images_are_added_replaced_and_removed() {
    let cloud = Cloud::new().await;
    let images = format!("{T1}/images");
    let (a, b) = (json!({"name": "a", "order": 1}), json!({"name": "b", "order": 2}));
    cloud.post(&images, b.clone()).await;
    cloud.post(&images, b.clone()).await;
    assert_eq!(cloud.get(&images).await.json(), json!([a, b]), "added twice is there once");
    assert_eq!(cloud.delete(&format!("{images}/a")).await.status, 204);
    assert_eq!(cloud.get(&images).await.json(), json!([b]));
    assert_eq!(cloud.put(&images, json!([a])).await.status, 204);
    assert_eq!(cloud.get(T1).await.json()["images"], json!([a]));
    assert_eq!(cloud.get(T1).await.json()["gateways"], json!(["g1", "g2"]));
}

#[tokio::test]
async fn gateways_are_in_one_tier_each() {
    let cloud = Cloud::new().await;
    let (in_t1, in_t2) = (format!("{T1}/gateways"), "/networks/n1/tiers/t2/gateways".to_owned());
    assert_eq!(cloud.post(&in_t2, json!("g1")).await.status, 204);
    assert_eq!(
        (cloud.get(&in_t1).await.json(), cloud.get(&in_t2).await.json()),
        (json!(["g2"]), json!(["g1"]))
    );
    assert_eq!(cloud.put(&in_t2, json!(["g2"])).await.status, 204);
    assert_eq!((cloud.get(&in_t1).await.json(), cloud.get(&in_t2).await.json()), (json!([]), json!(["g2"])));
    assert_eq!(cloud.delete(&format!("{in_t2}/g2")).await.status, 204);
    assert_eq!(cloud.get(&in_t2).await.json(), json!([]));
    assert_eq!(cloud.get("/networks/n1/gateways/g2/tier").await.status, 404);
}

#[tokio::test]
async fn what_is_wrong_is_named_and_nothing_changes() {
    let cloud = Cloud::new().await;
    let before = cloud.get(T1).await.json();
    let path = |rest: &str| format!("{T1}/{rest}");
    let (version, images, gateways, g9, image) =
        (path("version"), path("images"), path("gateways"), path("gateways/g9"), path("images/none"));
    let none = Value::Null;
    let mut of_nobody = tier("t1");
    of_nobody["gateways"] = json!(["g9"]);
    cloud
        .check(&[
            ("made twice", "POST", "/networks/n1/tiers", tier("t1"), 400, "tier t1 already exists"),
            (
                "no id",
                "POST",
                "/networks/n1/tiers",
                tier("T"),
                400,
                r"id in body should match '^[a-z][\da-z_]+$'",
            ),
            ("another tier's id", "PUT", T1, tier("t2"), 400, "id in body 't2' is not that of the path 't1'"),
            ("no such gateway", "PUT", T1, of_nobody, 400, "gateway g9 does not exist"),
            (
                "no version",
                "PUT",
                &version,
                json!(""),
                400,
                "tier_version in body should be at least 1 chars long",
            ),
            ("half an image", "POST", &images, json!({"name": "x"}), 400, "order in body is required"),
            (
                "half of a second image",
                "PUT",
                &images,
                json!([{"name": "x", "order": 1}, {}]),
                400,
                "validation failure list:\n1.name in body is required\n1.order in body is required",
            ),
            ("a gateway that is not", "POST", &gateways, json!("g9"), 400, "gateway g9 does not exist"),
            (
                "gateways twice",
                "PUT",
                &gateways,
                json!(["g1", "g1"]),
                400,
                "tier_gateways in body shouldn't contain duplicates",
            ),
            (
                "a gateway that is not in it",
                "DELETE",
                &g9,
                none.clone(),
                404,
                "gateway g9 in tier t1 not found",
            ),
            ("an image that is not in it", "DELETE", &image, none.clone(), 404, "image none not found"),
            ("no tier", "GET", "/networks/n1/tiers/none", none.clone(), 404, "tier none not found"),
            (
                "no tier to change",
                "PUT",
                "/networks/n1/tiers/none/version",
                json!("1"),
                404,
                "tier none not found",
            ),
            (
                "no tier to delete",
                "DELETE",
                "/networks/n1/tiers/none",
                none.clone(),
                404,
                "tier none not found",
            ),
            ("no network", "GET", "/networks/none/tiers", none, 404, "network none not found"),
        ])
        .await;
    assert_eq!(cloud.get(T1).await.json(), before);
}
