//! LTE networks: what is written is shown, part by part, and what is wrong is named.

use crate::cloud::{Cloud, cellular, dns};
use serde_json::{Value, json};

fn whole(id: &str) -> Value {
    json!({"id": id, "name": "N", "description": "D", "dns": dns(), "cellular": cellular()})
}

async fn cloud() -> Cloud {
    let cloud = Cloud::new().await;
    assert_eq!(cloud.post("/lte", whole("l1")).await.status, 201);
    cloud
}

#[tokio::test]
async fn a_network_is_made_listed_shown_replaced_and_deleted_under_its_kind() {
    let cloud = cloud().await;
    assert_eq!(cloud.get("/lte").await.json(), json!(["l1", "n1"]));
    let shown = cloud.get("/lte/l1").await.json();
    assert_eq!(shown["cellular"]["epc"]["mcc"], cellular()["epc"]["mcc"]);
    assert_eq!(shown["dns"]["local_ttl"], dns()["local_ttl"]);
    assert_eq!(cloud.get("/networks/l1/type").await.json(), "lte");

    let mut other = whole("l1");
    other["name"] = json!("M");
    other["cellular"]["epc"]["tac"] = json!(77);
    other["features"] = json!({"features": {"a": "b"}});
    assert_eq!(cloud.put("/lte/l1", other).await.status, 204);
    let shown = cloud.get("/lte/l1").await.json();
    assert_eq!((&shown["name"], &shown["cellular"]["epc"]["tac"]), (&json!("M"), &json!(77)));
    assert_eq!(shown["features"], json!({"features": {"a": "b"}}));

    assert_eq!(cloud.delete("/lte/l1").await.status, 204);
    assert_eq!(cloud.get("/lte/l1").await.status, 404);
    assert_eq!(cloud.get("/lte").await.json(), json!(["n1"]));
}

#[tokio::test]
async fn each_part_is_read_and_replaced_alone() {
    let cloud = cloud().await;
    assert_eq!(cloud.get("/lte/l1/cellular/feg_network_id").await.json(), "");
    let mut epc = cellular()["epc"].clone();
    epc["tac"] = json!(9);
    epc["congestion_control_enabled"] = json!(false);
    let fdd = json!({"bandwidth_mhz": 5, "fdd_config": {"earfcndl": 1, "earfcnul": 18001}});
    let profile = json!({"home_network_public_key_identifier": 1, "protection_scheme": "ProfileA"});
    for (part, value) in [
        ("epc", epc),
        ("ran", fdd),
        ("ngc", json!({"suci_profiles": [profile]})),
        ("feg_network_id", json!("n2")),
    ] {
        let mut expect = cloud.get("/lte/l1").await.json();
        let path = format!("/lte/l1/cellular/{part}");
        let reply = cloud.put(&path, value.clone()).await;
        assert_eq!(reply.status, 204, "{part}: {reply:?}");
        let read = cloud.get(&path).await.json();
        expect["cellular"][part] = read.clone();
        assert_eq!(cloud.get("/lte/l1").await.json(), expect, "{part}: all else stays");
        for (name, member) in value.as_object().into_iter().flatten() {
            if !member.is_array() {
                assert_eq!(&read[name], member, "{part}.{name}");
            }
        }
    }
    assert_eq!(cloud.delete("/lte/l1/cellular").await.status, 204);
    assert_eq!(cloud.get("/lte/l1/cellular").await.status, 404);
}

#[tokio::test]
async fn what_is_wrong_with_a_network_is_named_and_nothing_changes() {
    let cloud = cloud().await;
    let before = cloud.get("/lte/l1").await.json();
    let none = Value::Null;
    let tdd = json!({"earfcndl": 1, "subframe_assignment": 0, "special_subframe_pattern": 0});
    let both_duplexes =
        json!({"bandwidth_mhz": 20, "tdd_config": tdd, "fdd_config": {"earfcndl": 1, "earfcnul": 18001}});
    let mut in_whole = whole("l1");
    in_whole["cellular"]["ran"] = both_duplexes.clone();
    let mut plmn = cellular()["epc"].clone();
    plmn["mcc"] = json!("12");
    let mut profile = cellular()["epc"].clone();
    profile["sub_profiles"] = json!({"": {"max_ul_bit_rate": 1, "max_dl_bit_rate": 1}});
    let both = "fdd_config and tdd_config in body exclude each other: send one of them";
    let channel =
        |dl: u32, ul: u32| json!({"bandwidth_mhz": 20, "fdd_config": {"earfcndl": dl, "earfcnul": ul}});
    let neither = "fdd_config or tdd_config in body is required: send one of them";
    let kind = "network n2 is not a <lte> network";
    let (ran, epc, feg) = ("/lte/l1/cellular/ran", "/lte/l1/cellular/epc", "/lte/l1/cellular/feg_network_id");
    let no_config = "cellular_network of network n2 not found";
    let no_part = "cellular_network.ngc of network l1 not found";
    let rows = [
        ("another's id", "PUT", "/lte/l1", whole("n1"), 400, "id in body 'n1' is not that of the path 'l1'"),
        ("another kind", "GET", "/lte/n2", none.clone(), 400, kind),
        ("another kind, replaced", "PUT", "/lte/n2", whole("n2"), 400, kind),
        ("another kind, deleted", "DELETE", "/lte/n2", none.clone(), 400, kind),
        ("none", "GET", "/lte/none", none.clone(), 404, "network none not found"),
        ("one that exists", "POST", "/lte", whole("n2"), 400, "network n2 already exists"),
        ("both duplexes", "PUT", ran, both_duplexes, 400, both),
        ("both duplexes in a whole one", "PUT", "/lte/l1", in_whole, 400, both),
        ("no duplex", "PUT", ran, json!({"bandwidth_mhz": 20}), 400, neither),
        (
            "another band's uplink",
            "PUT",
            ran,
            channel(1, 18600),
            400,
            "earfcnul 18600 is not in band 1 as earfcndl is: it must be 18000 to 18599",
        ),
        (
            "a band that divides time",
            "PUT",
            ran,
            channel(44590, 18600),
            400,
            "earfcndl 44590 is in band 43, which is a TDD band: use tdd_config",
        ),
        ("no band", "PUT", ran, channel(35999, 18600), 400, "earfcndl 35999 is in no band of 3GPP TS 36.101"),
        ("a country", "PUT", epc, plmn, 400, r"mcc in body should match '^(\d{3})$'"),
        ("a profile", "PUT", epc, profile, 400, "sub_profiles in body has a profile without a name"),
        ("no such federation", "PUT", feg, json!("none"), 400, "Network: none does not exist"),
        ("a part of nothing", "PUT", "/lte/n2/cellular/epc", cellular()["epc"].clone(), 404, no_config),
        ("an absent part", "GET", "/lte/l1/cellular/ngc", none, 404, no_part),
    ];
    cloud.check(&rows).await;
    assert_eq!(cloud.get("/lte/l1").await.json(), before);
    assert_eq!(cloud.get("/networks/n2").await.status, 200, "it was not deleted as something that it is not");
}

#[tokio::test]
async fn its_records_are_those_of_the_network() {
    let cloud = cloud().await;
    let record = json!({"domain": "x.test", "a_record": ["10.0.0.1"]});
    assert_eq!(cloud.post("/lte/l1/dns/records/x.test", record).await.status, 201);
    assert_eq!(cloud.get("/networks/l1/dns/records").await.json()[0]["domain"], "x.test");
    assert_eq!(cloud.delete("/lte/l1/dns/records/x.test").await.status, 204);
    assert_eq!(cloud.get("/lte/l1/dns/records").await.json(), json!([]));
}
