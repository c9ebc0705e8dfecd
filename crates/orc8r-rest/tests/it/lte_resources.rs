//! eNodeBs, gateway pools, APNs and interception tasks of an LTE network.

use crate::cloud::{Cloud, apn, enodeb, enodeb_state, lte_gateway};
use serde_json::{Value, json};

async fn cloud() -> Cloud {
    let cloud = Cloud::new().await;
    cloud.add_lte().await;
    cloud
}

#[tokio::test]
async fn an_enodeb_is_managed_unless_it_says_otherwise() {
    let cloud = cloud().await;
    let shown = cloud.get("/lte/n1/enodebs/e1").await.json();
    let config = enodeb("e1")["config"].clone();
    assert_eq!(shown["config"], config);
    assert_eq!(shown["enodeb_config"], json!({"config_type": "MANAGED", "managed_config": config}));
    assert_eq!(shown["attached_gateway_id"], "g1");

    let mut unmanaged = enodeb("e1");
    unmanaged["description"] = json!("on the roof");
    unmanaged["enodeb_config"] = json!({
        "config_type": "UNMANAGED",
        "unmanaged_config": {"cell_id": 7, "ip_address": "10.0.0.3", "tac": 4},
    });
    assert_eq!(cloud.put("/lte/n1/enodebs/e1", unmanaged.clone()).await.status, 204);
    let shown = cloud.get("/lte/n1/enodebs/e1").await.json();
    assert_eq!(shown["enodeb_config"], unmanaged["enodeb_config"]);
    assert_eq!((&shown["description"], &shown["attached_gateway_id"]), (&json!("on the roof"), &json!("g1")));
}

#[tokio::test]
async fn enodebs_are_listed_in_pages() {
    let cloud = cloud().await;
    let page = async |query: &str| {
        let page = cloud.get(&format!("/lte/n1/enodebs{query}")).await.json();
        let serials: Vec<String> = page["enodebs"].as_object().unwrap().keys().cloned().collect();
        assert_eq!(page["total_count"], 2, "{query}");
        (serials.join(" "), page["page_token"].as_str().unwrap().replace('=', "%3D"))
    };
    assert_eq!(page("").await, ("e1 e2".to_owned(), String::new()));
    let (first, token) = page("?page_size=1").await;
    assert_eq!(first, "e1");
    let second = page(&format!("?page_size=1&page_token={token}")).await;
    assert_eq!(second, ("e2".to_owned(), String::new()));
}

#[tokio::test]
async fn a_state_is_what_was_reported_with_when_and_by_whom() {
    let cloud = cloud().await;
    let mut expected = enodeb_state();
    expected["time_reported"] = json!(1_700_000_000_123_u64);
    expected["reporting_gateway_id"] = json!("g1");
    assert_eq!(cloud.get("/lte/n1/enodebs/e1/state").await.json(), expected);
    let mut forged = enodeb_state();
    forged["reporting_gateway_id"] = json!("g1");
    forged["time_reported"] = json!(1);
    cloud.report("nobody", "single_enodeb", "e1", forged).await;
    expected.as_object_mut().unwrap().remove("reporting_gateway_id");
    assert_eq!(cloud.get("/lte/n1/enodebs/e1/state").await.json(), expected, "no gateway has that device");
}

#[tokio::test]
async fn pools_apns_tasks_and_destinations_are_shown_as_written() {
    let cloud = cloud().await;
    let list = async |path: &str| cloud.get(&format!("/lte/n1/{path}")).await.json();
    assert_eq!(list("apns").await, json!({"internet": apn("internet")}));
    let pool = json!({"gateway_pool_id": "pool1", "config": {"mme_group_id": 2}, "gateway_ids": ["g1"]});
    assert_eq!(list("gateway_pools").await["pool1"], pool);
    let renamed =
        json!({"gateway_pool_id": "pool1", "gateway_pool_name": "P", "config": {"mme_group_id": 9}});
    assert_eq!(cloud.put("/lte/n1/gateway_pools/pool1", renamed).await.status, 201);
    let shown = cloud.get("/lte/n1/gateway_pools/pool1").await.json();
    assert_eq!((&shown["gateway_pool_name"], &shown["gateway_ids"]), (&json!("P"), &json!(["g1"])));
    let task = list("network_probe/tasks/task1").await;
    assert_eq!(list("network_probe/tasks").await["task1"]["task_id"], task["task_id"]);
    assert_eq!(task["task_details"]["target_type"], "imsi");
    let destination = list("network_probe/destinations/dest1").await;
    assert_eq!(list("network_probe/destinations").await, json!({"dest1": destination}));
    let mut wider = apn("internet");
    wider["apn_configuration"]["ambr"]["max_bandwidth_ul"] = json!(99);
    assert_eq!(cloud.put("/lte/n1/apns/internet", wider.clone()).await.status, 204);
    assert_eq!(list("apns/internet").await, wider);
    for path in
        ["network_probe/tasks/task1", "network_probe/destinations/dest1", "apns/internet", "enodebs/e1"]
    {
        let path = format!("/lte/n1/{path}");
        assert_eq!(cloud.delete(&path).await.status, 204, "{path}");
        assert_eq!(cloud.get(&path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_task_is_found_again_by_a_number_that_stays() {
    let cloud = cloud().await;
    let details = async || cloud.get("/lte/n1/network_probe/tasks/task1").await.json()["task_details"].take();
    let made = details().await;
    assert!(made["correlation_id"].as_u64().is_some_and(|id| id > 0 && id < 1 << 53), "{made}");
    assert!(made["timestamp"].as_str().is_some_and(|text| text.ends_with('Z')), "{made}");
    let with = |correlation: Value| {
        let mut details =
            json!({"target_id": "IMSI001010000000002", "target_type": "imsi", "delivery_type": "all"});
        details["correlation_id"] = correlation;
        json!({"task_id": "task1", "task_details": details})
    };
    for (name, body, expected) in [
        ("none", with(Value::Null), made["correlation_id"].clone()),
        ("zero", with(json!(0)), made["correlation_id"].clone()),
        ("its own", with(json!(7)), json!(7)),
        ("none again", with(Value::Null), json!(7)),
    ] {
        assert_eq!(cloud.put("/lte/n1/network_probe/tasks/task1", body).await.status, 204, "{name}");
        let changed = details().await;
        assert_eq!(
            (&changed["correlation_id"], &changed["timestamp"]),
            (&expected, &made["timestamp"]),
            "{name}"
        );
        assert_eq!(changed["target_id"], "IMSI001010000000002");
    }
    let missing =
        cloud.put("/lte/n1/network_probe/tasks/none", json!({"task_id": "none", "task_details": made})).await;
    assert_eq!(missing.status, 404);
}

#[tokio::test]
async fn what_is_wrong_is_named_and_nothing_changes() {
    let cloud = cloud().await;
    let everything = async || {
        let mut all = Vec::new();
        for path in ["enodebs", "apns", "gateway_pools", "network_probe/tasks", "network_probe/destinations"]
        {
            all.push(cloud.get(&format!("/lte/n1/{path}")).await.json());
        }
        all
    };
    let before = everything().await;
    let none = Value::Null;
    let mut unmanaged = enodeb("e1");
    unmanaged["enodeb_config"] = json!({"config_type": "UNMANAGED"});
    let mut cell = enodeb("e1");
    cell["config"]["cell_id"] = json!(268_435_456);
    let mut class = apn("internet");
    class["apn_configuration"]["qos_profile"]["class_id"] = json!(256);
    let pool = |id: &str, group: u32| json!({"gateway_pool_id": id, "config": {"mme_group_id": group}});
    let details = json!({"target_id": "x", "target_type": "x", "delivery_type": "all"});
    let task = json!({"task_id": "t", "task_details": details});
    let (e1, internet, pool2) =
        ("/lte/n1/enodebs/e1", "/lte/n1/apns/internet", "/lte/n1/gateway_pools/pool2");
    let (pools, tasks) = ("/lte/n1/gateway_pools", "/lte/n1/network_probe/tasks");
    let other_kind = "enodeb_config.unmanaged_config in body is required for an eNodeB that is UNMANAGED";
    let large = "config.cell_id in body should be less than or equal to 268435455";
    let no_class = "apn_configuration.qos_profile.class_id in body should be less than or equal to 255";
    let no_token = "page_token in query is none that a page before gave";
    let other_pool = "gateway_pool_id in body 'pool1' is not that of the path 'pool2'";
    let other_apn = "apn_name in body 'x' is not that of the path 'internet'";
    let no_group = "config.mme_group_id in body should be less than or equal to 65535";
    let no_type = "task_details.target_type in body should be one of [imsi imei msisdn]";
    let no_name = "apn_name in body is required";
    let rows = [
        (
            "an eNodeB twice",
            "POST",
            "/lte/n1/enodebs",
            enodeb("e1"),
            400,
            "cellular_enodeb e1 already exists",
        ),
        (
            "another's serial",
            "PUT",
            e1,
            enodeb("e2"),
            400,
            "serial in body 'e2' is not that of the path 'e1'",
        ),
        ("no configuration of its kind", "PUT", e1, unmanaged, 400, other_kind),
        ("a cell", "PUT", e1, cell, 400, large),
        ("no such eNodeB", "PUT", "/lte/n1/enodebs/e9", enodeb("e9"), 404, "cellular_enodeb e9 not found"),
        (
            "another network's eNodeB",
            "GET",
            "/lte/n2/enodebs/e1",
            none.clone(),
            404,
            "cellular_enodeb e1 not found",
        ),
        (
            "the same, deleted",
            "DELETE",
            "/lte/n2/enodebs/e1",
            none.clone(),
            404,
            "cellular_enodeb e1 not found",
        ),
        (
            "another's state",
            "GET",
            "/lte/n2/enodebs/e1/state",
            none.clone(),
            404,
            "state of eNodeB e1 not found",
        ),
        ("no state", "GET", "/lte/n1/enodebs/e2/state", none.clone(), 404, "state of eNodeB e2 not found"),
        ("a page token", "GET", "/lte/n1/enodebs?page_token=x", none.clone(), 400, no_token),
        ("an APN twice", "POST", "/lte/n1/apns", apn("internet"), 400, "apn internet already exists"),
        ("an APN without a name", "POST", "/lte/n1/apns", apn(""), 400, no_name),
        ("another's APN", "PUT", internet, apn("x"), 400, other_apn),
        ("a class", "PUT", internet, class, 400, no_class),
        ("no such APN", "PUT", "/lte/n1/apns/x", apn("x"), 404, "apn x not found"),
        (
            "another network's APN",
            "DELETE",
            "/lte/n2/apns/internet",
            none.clone(),
            404,
            "apn internet not found",
        ),
        ("another's pool", "PUT", pool2, pool("pool1", 1), 400, other_pool),
        ("a group", "POST", pools, pool("pool9", 65_536), 400, no_group),
        (
            "no such task",
            "GET",
            "/lte/n1/network_probe/tasks/x",
            none.clone(),
            404,
            "network_probe_task x not found",
        ),
        ("a task of no kind", "POST", tasks, task, 400, no_type),
        ("no network", "GET", "/lte/none/apns", none, 404, "network none not found"),
        (
            "a gateway in none",
            "POST",
            "/lte/none/gateways",
            lte_gateway("g9", None),
            404,
            "network none not found",
        ),
    ];
    cloud.check(&rows).await;
    assert_eq!(everything().await, before);
}
