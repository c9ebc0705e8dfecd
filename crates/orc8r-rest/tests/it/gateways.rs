//! Whole gateways, and what they reported.

use crate::cloud::{Cloud, gateway, magmad};
use serde_json::{Value, json};

const GATEWAYS: &str = "/networks/n1/gateways";

#[tokio::test]
async fn a_gateway_comes_back_as_it_was_sent_with_its_status() {
    let cloud = Cloud::new().await;
    let mut expect = gateway("g1", Some("h1"));
    expect["status"] = json!({"meta": {"a": "b"}, "hardware_id": "h1", "checkin_time": 1_700_000_000_123_u64, "cert_expiration_time": 0});
    assert_eq!(cloud.get("/networks/n1/gateways/g1").await.json(), expect);
    assert_eq!(cloud.get("/networks/n1/gateways/g1/status").await.json(), expect["status"]);
}

#[tokio::test]
async fn a_status_tells_when_the_certificate_ends() {
    let cloud = Cloud::new().await;
    let identity =
        orc8r_model::Identity::Gateway { hardware_id: orc8r_model::HardwareId::parse("h1").unwrap() };
    let certificate = orc8r_model::CertificateInfo { identity, not_before: 0, not_after: 1_700_349_200 };
    cloud.store.add_certificate("1", certificate).await.unwrap();
    let status = cloud.get("/networks/n1/gateways/g1/status").await.json();
    assert_eq!(status["cert_expiration_time"], 1_700_349_200);
}

#[tokio::test]
async fn a_gateway_without_a_device_shows_one_token_as_long_as_it_is_valid() {
    let cloud = Cloud::new().await;
    let mut expect = gateway("g2", None);
    expect["registration_info"] =
        json!({"registration_token": "reg_0", "domain_name": "magma.test", "root_ca": "ROOT CA"});
    assert_eq!(cloud.get("/networks/n1/gateways/g2").await.json(), expect);
    assert_eq!(cloud.get("/networks/n1/gateways/g2").await.json(), expect, "the same again");
    let list = cloud.get(GATEWAYS).await.json();
    assert_eq!(list["gateways"]["g2"].get("registration_info"), None, "a list shows no tokens");

    let device = json!({"hardware_id": "h2", "key": {"key_type": "ECHO"}});
    cloud.put("/networks/n1/gateways/g2/device", device).await;
    assert_eq!(
        cloud.get("/networks/n1/gateways/g2").await.json(),
        gateway("g2", Some("h2")),
        "no token any more"
    );
}

#[tokio::test]
async fn what_is_wrong_is_named_and_nothing_changes() {
    let cloud = Cloud::new().await;
    let before = cloud.get("/networks/n1/gateways/g1").await.json();
    let with = |id, hardware_id, field: &str, value: Value| {
        let mut body = gateway(id, hardware_id);
        body[field] = value;
        body
    };
    let (g1, none) = ("/networks/n1/gateways/g1", Value::Null);
    let mapped = "device h1 is already mapped to gateway g1";
    cloud
        .check(&[
            ("made twice", "POST", GATEWAYS, gateway("g1", Some("h9")), 400, "gateway g1 already exists"),
            ("a device in use", "POST", GATEWAYS, gateway("g9", Some("h1")), 400, mapped),
            (
                "a device in use elsewhere",
                "POST",
                "/networks/n2/gateways",
                with("g9", Some("h1"), "tier", json!("t1")),
                400,
                mapped,
            ),
            (
                "a device in use for another",
                "PUT",
                "/networks/n1/gateways/g2",
                gateway("g2", Some("h1")),
                400,
                mapped,
            ),
            (
                "no such tier",
                "POST",
                GATEWAYS,
                with("g9", None, "tier", json!("none")),
                400,
                "tier none does not exist",
            ),
            (
                "no such tier to go to",
                "PUT",
                g1,
                with("g1", None, "tier", json!("none")),
                400,
                "tier none does not exist",
            ),
            (
                "no tier",
                "POST",
                GATEWAYS,
                with("g9", None, "tier", json!("")),
                400,
                "tier in body is required",
            ),
            (
                "no configuration",
                "POST",
                GATEWAYS,
                with("g9", None, "magmad", none.clone()),
                400,
                "magmad in body is required",
            ),
            (
                "too often",
                "PUT",
                g1,
                with(
                    "g1",
                    None,
                    "magmad",
                    json!({"autoupgrade_enabled": true,
                "autoupgrade_poll_interval": 60, "checkin_interval": 1, "checkin_timeout": 30}),
                ),
                400,
                "magmad.checkin_interval in body should be greater than or equal to 15",
            ),
            (
                "no key type",
                "POST",
                GATEWAYS,
                with("g9", None, "device", json!({"hardware_id": "h9", "key": {"key_type": "X"}})),
                400,
                "device.key.key_type in body should be one of [ECHO SOFTWARE_ECDSA_SHA256]",
            ),
            (
                "another gateway's id",
                "PUT",
                g1,
                gateway("g2", None),
                400,
                "id in body 'g2' is not that of the path 'g1'",
            ),
            (
                "no network",
                "POST",
                "/networks/none/gateways",
                gateway("g9", None),
                404,
                "network none not found",
            ),
            (
                "no network to list",
                "GET",
                "/networks/none/gateways",
                none.clone(),
                404,
                "network none not found",
            ),
            ("no gateway", "GET", "/networks/n1/gateways/none", none.clone(), 404, "gateway none not found"),
            (
                "no gateway to change",
                "PUT",
                "/networks/n1/gateways/none",
                gateway("none", None),
                404,
                "gateway none not found",
            ),
            (
                "no gateway to delete",
                "DELETE",
                "/networks/n1/gateways/none",
                none.clone(),
                404,
                "gateway none not found",
            ),
            (
                "no status",
                "GET",
                "/networks/n1/gateways/g2/status",
                none.clone(),
                404,
                "status of gateway g2 not found",
            ),
            (
                "no gateway's status",
                "GET",
                "/networks/n1/gateways/none/status",
                none,
                404,
                "gateway none not found",
            ),
        ])
        .await;
    assert_eq!(cloud.get(g1).await.json(), before);
    assert_eq!(cloud.get(GATEWAYS).await.json()["total_count"], 2);
    assert_eq!(cloud.store.device("h9").await.unwrap(), None, "no device is left of what was refused");
}

#[tokio::test]
async fn an_update_without_a_device_keeps_the_device_and_its_status() {
    let cloud = Cloud::new().await;
    let mut body = gateway("g1", None);
    body["name"] = json!("other");
    body["tier"] = json!("t2");
    assert_eq!(cloud.put("/networks/n1/gateways/g1", body).await.status, 204);
    let after = cloud.get("/networks/n1/gateways/g1").await.json();
    assert_eq!((&after["name"], &after["tier"]), (&json!("other"), &json!("t2")));
    assert_eq!(
        (&after["device"]["hardware_id"], &after["status"]["hardware_id"]),
        (&json!("h1"), &json!("h1"))
    );
}

#[tokio::test]
async fn a_deleted_gateway_leaves_nothing_for_the_next() {
    let cloud = Cloud::new().await;
    assert_eq!(cloud.delete("/networks/n1/gateways/g1").await.status, 204);
    assert_eq!(cloud.get("/networks/n1/tiers/t1/gateways").await.json(), json!(["g2"]));
    assert_eq!(cloud.post(GATEWAYS, gateway("g1", Some("h1"))).await.status, 201);
    assert_eq!(cloud.get("/networks/n1/gateways/g1/status").await.status, 404, "the former status is gone");
}

#[tokio::test]
async fn a_record_of_a_device_without_a_gateway_is_updated_silently() {
    let cloud = Cloud::new().await;
    let key = orc8r_model::DeviceKey::SoftwareEcdsaSha256(vec![1]);
    let hardware_id = orc8r_model::HardwareId::parse("h9").unwrap();
    cloud.store.put_device(orc8r_model::Device { hardware_id, key }).await.unwrap();
    assert_eq!(cloud.post(GATEWAYS, gateway("g9", Some("h9"))).await.status, 201);
    let device = cloud.get("/networks/n1/gateways/g9/device").await.json();
    assert_eq!(device, json!({"hardware_id": "h9", "key": {"key_type": "ECHO"}}));
}

#[tokio::test]
async fn a_list_comes_in_pages() {
    let cloud = Cloud::new().await;
    for id in ["g3", "g4", "g5"] {
        cloud.post(GATEWAYS, gateway(id, None)).await;
    }
    let mut token = String::new();
    let mut pages = Vec::new();
    for _ in 0..4 {
        let page = cloud.get(&format!("{GATEWAYS}?page_size=2&page_token={token}")).await.json();
        assert_eq!(page["total_count"], 5);
        pages.push(page["gateways"].as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" "));
        token = page["page_token"].as_str().unwrap().replace('+', "%2B").replace('=', "%3D");
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(pages, ["g1 g2", "g3 g4", "g5"]);
    let all = cloud.get(GATEWAYS).await.json();
    assert_eq!((all["gateways"].as_object().unwrap().len(), &all["page_token"]), (5, &json!("")));
    assert_eq!(all["gateways"]["g3"]["magmad"], magmad());
    for query in ["page_size=x", "page_size=-1", "page_token=x"] {
        assert_eq!(cloud.get(&format!("{GATEWAYS}?{query}")).await.status, 400, "{query}");
    }
}
