//! Federation networks, and the LTE networks that use them.

use crate::cloud::{Cloud, cellular, dns, federation};
use orc8r_model::{AccessList, AccessTarget, Permissions};
use serde_json::{Value, json};

async fn cloud() -> Cloud {
    let cloud = Cloud::new().await;
    cloud.add_federation().await;
    cloud
}

fn with(mut body: Value, member: &str, value: Value) -> Value {
    body[member] = value;
    body
}

fn feg(id: &str) -> Value {
    json!({"id": id, "name": "N", "description": "D", "dns": dns(), "federation": federation()})
}

fn feg_lte(id: &str) -> Value {
    json!({"id": id, "name": "N", "description": "D", "dns": dns(), "cellular": cellular(),
           "federation": {"feg_network_id": "f1"}})
}

#[tokio::test]
async fn a_network_is_shown_as_it_was_written_and_listed_under_its_kind() {
    let cloud = cloud().await;
    let mut whole = feg("f2");
    whole["features"] = json!({"features": {"a": "b"}});
    whole["subscriber_config"] = json!({"network_wide_base_names": ["b"], "network_wide_rule_names": ["r"]});
    whole["federation"]["nh_routes"] = json!({"00101": "f1", "001012": "f1"});
    assert_eq!(cloud.post("/feg", whole.clone()).await.status.as_u16(), 201);
    let shown = cloud.get("/feg/f2").await.json();
    for member in ["id", "name", "description", "features", "subscriber_config"] {
        assert_eq!(shown[member], whole[member], "{member}");
    }
    assert_eq!(shown["federation"]["nh_routes"], whole["federation"]["nh_routes"]);
    for (path, expected) in [
        ("/feg", json!(["f1", "f2"])),
        ("/feg_lte", json!(["fl1"])),
        ("/networks", json!(["f1", "f2", "fl1", "n1", "n2"])),
        ("/networks/f2/type", json!("feg")),
        ("/networks/fl1/type", json!("feg_lte")),
        ("/feg/f2/subscriber_config/rule_names", json!(["r"])),
        ("/feg/f2/subscriber_config/base_names", json!(["b"])),
    ] {
        assert_eq!(cloud.get(path).await.json(), expected, "{path}");
    }
}

#[tokio::test]
async fn replacing_a_network_takes_away_what_the_body_leaves_out_and_nothing_of_other_kinds() {
    let cloud = cloud().await;
    assert_eq!(cloud.put("/networks/f1/state", json!({"sync_interval": 30})).await.status.as_u16(), 204);
    assert_eq!(cloud.put("/networks/f1/features", json!({"features": {}})).await.status.as_u16(), 204);
    assert_eq!(cloud.put("/feg/f1", feg("f1")).await.status.as_u16(), 204);
    assert_eq!(cloud.get("/networks/f1/state").await.json(), json!({"sync_interval": 30}));
    assert_eq!(cloud.get("/networks/f1/features").await.status.as_u16(), 404);
    let nothing = json!({"network_wide_base_names": [], "network_wide_rule_names": []});
    assert_eq!(cloud.get("/feg/f1/subscriber_config").await.json(), nothing);
    assert_eq!(cloud.get("/networks/f1/type").await.json(), json!("feg"));
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused_and_named() {
    let cloud = cloud().await;
    let nowhere = json!({"feg_network_id": "f7"});
    let bad_route = with(federation(), "nh_routes", json!({"1234": "f1"}));
    let route_message = "nh_routes in body: \"1234\", which leads to f1, is no PLMN id: write 5 or 6 digits";
    let bad_plmn = with(federation(), "s6a", json!({"plmn_ids": ["1"]}));
    let mut without = federation();
    without.as_object_mut().unwrap().remove("gx");
    cloud
        .check(&[
            ("another kind", "GET", "/feg/n1", Value::Null, 400, "network n1 is not a <feg> network"),
            ("another kind", "PUT", "/feg/n1", feg("n1"), 400, "network n1 is not a <feg> network"),
            (
                "another kind",
                "DELETE",
                "/feg_lte/f1",
                Value::Null,
                400,
                "network f1 is not a <feg_lte> network",
            ),
            ("no network", "GET", "/feg/f7", Value::Null, 404, "network f7 not found"),
            ("no network", "GET", "/feg/f7/federation", Value::Null, 404, "network f7 not found"),
            ("made twice", "POST", "/feg", feg("n1"), 400, "network n1 already exists"),
            ("another id", "PUT", "/feg/f1", feg("f2"), 400, "id in body 'f2' is not that of the path 'f1'"),
            ("a part is missing", "PUT", "/feg/f1/federation", without, 400, "gx in body is required"),
            ("a route", "PUT", "/feg/f1/federation", bad_route.clone(), 400, route_message),
            ("a route", "POST", "/feg", with(feg("f2"), "federation", bad_route), 400, route_message),
            (
                "a pattern",
                "PUT",
                "/feg/f1/federation",
                bad_plmn,
                400,
                "s6a.plmn_ids.0 in body should be at least 5 chars long",
            ),
            ("nowhere", "PUT", "/feg_lte/fl1/federation", nowhere.clone(), 400, "Network: f7 does not exist"),
            ("nowhere yet", "POST", "/feg_lte", with(feg_lte("fl2"), "federation", nowhere), 201, ""),
            ("none", "PUT", "/feg_lte/fl1/federation", json!({"feg_network_id": ""}), 200, ""),
        ])
        .await;
    assert_eq!(cloud.get("/feg_lte/fl1/federation").await.json(), json!({"feg_network_id": ""}));
}

#[tokio::test]
async fn names_are_added_once_and_removed_without_fuss() {
    let cloud = cloud().await;
    let rules = "/feg_lte/fl1/subscriber_config/rule_names";
    assert_eq!(cloud.get(rules).await.json(), json!([]), "none is no error");
    for name in ["r1", "r2", "r1"] {
        assert_eq!(cloud.send("POST", &format!("{rules}/{name}"), "").await.status.as_u16(), 201);
    }
    assert_eq!(cloud.get(rules).await.json(), json!(["r1", "r2"]));
    for _ in 0..2 {
        assert_eq!(cloud.delete(&format!("{rules}/r1")).await.status.as_u16(), 204);
    }
    assert_eq!(
        cloud.get("/feg_lte/fl1/subscriber_config").await.json()["network_wide_rule_names"],
        json!(["r2"])
    );
    assert_eq!(cloud.get("/feg_lte/f7/subscriber_config/rule_names").await.status.as_u16(), 404);
}

#[tokio::test]
async fn an_operator_of_one_federation_network_uses_that_one_and_no_other() {
    let cloud = cloud().await;
    let access = AccessList::default().with(AccessTarget::Network("f1".into()), Permissions::READ);
    cloud.store.put_operator("ann", access).await.unwrap();
    for (method, path, status) in [
        ("GET", "/feg/f1", 200),
        ("GET", "/feg/f1/federation", 200),
        ("DELETE", "/feg/f1", 403),
        ("GET", "/feg/f2", 403),
        ("GET", "/feg_lte/fl1", 403),
        ("GET", "/feg", 403),
    ] {
        let reply = cloud.ask(Some("ann"), method, &format!("/magma/v1{path}"), "").await;
        assert_eq!(reply.status.as_u16(), status, "{method} {path}: {reply:?}");
    }
}
