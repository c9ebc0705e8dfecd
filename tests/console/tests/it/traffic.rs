//! Policies and what they are made of, APNs and data plans.

use serde_json::json;

use crate::browser::Browser;
use crate::world::{PASSWORD, World};

async fn world() -> World {
    let world = World::start().await;
    world.add_lte_network("radio").await;
    let qos = json!({"id": "fast", "class_id": 6, "max_req_bw_dl": 50_000_000, "max_req_bw_ul": 1_500_000});
    world.rest("POST", "/lte/radio/policy_qos_profiles", Some(qos)).await;
    world.rest("POST", "/networks/radio/rating_groups", Some(json!({"id": 7, "limit_type": "FINITE"}))).await;
    let base =
        json!({"name": "basic", "rule_names": ["p1"], "assigned_subscribers": ["IMSI001010000000001"]});
    world.rest("POST", "/networks/radio/policies/base_names", Some(base)).await;
    world
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_tell_what_one_compares_and_lead_to_each_other() {
    let world = world().await;
    let Some(browser) = Browser::signed_in(&world, "ann", PASSWORD).await else { return };
    for (list, text) in [
        ("policies", "basic"),
        ("qos-profiles", "50 Mbit/s"),
        ("rating-groups", "limited, as online charging grants it"),
        ("base-names", "For everybody"),
        ("apns", "1 kbit/s"),
        ("data-plans", "Add a data plan"),
    ] {
        browser.go(&format!("/console/networks/radio/traffic/{list}")).await;
        browser.until_text(text).await;
        browser.check(&format!("traffic-{list}")).await;
    }
    browser.go("/console/networks/radio/traffic/policies").await;
    browser.click("a.row").await;
    browser.until_text("permit uplink TCP from any to 10.0.0.0:80").await;
    browser.until_text("deny downlink IP from any to any").await;
    browser.check("traffic-policy").await;
    browser.click("button[value=yes]").await;
    browser.until_text("Every subscriber has p1 now.").await;
    let everybody = world.rest("GET", "/lte/radio/subscriber_config", None).await;
    assert_eq!(everybody["network_wide_rule_names"], json!(["p1"]));
    browser.go("/console/networks/radio/traffic/base-names").await;
    browser.click("td a[href*='base_name=basic']").await;
    browser.until_text("Only those with the base name basic").await;
    browser.until_text("1–1 of 1").await;
    browser.quit().await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_apn_and_a_policy_are_added_by_the_forms() {
    let world = world().await;
    let Some(browser) = Browser::signed_in(&world, "ann", PASSWORD).await else { return };
    browser.go("/console/networks/radio/traffic/apns").await;
    browser.click("a.main").await;
    browser.until("the form", "return location.pathname === '/console/new'").await;
    browser.fill("[name='v/apn_name']", "ims").await;
    browser.check("apn-add").await;
    browser.click("button[value=review]").await;
    browser.until_text("APN ims is added.").await;
    let apn = world.rest("GET", "/lte/radio/apns/ims", None).await;
    assert_eq!(apn["apn_configuration"]["ambr"]["max_bandwidth_dl"], 1_000_000);

    browser.go("/console/networks/radio/traffic/policies").await;
    browser.click("a.main").await;
    browser.until("the form", "return location.pathname === '/console/new'").await;
    browser.fill("[name='v/id']", "web").await;
    browser.check("policy-add").await;
    browser.click("button[value=review]").await;
    browser.until_text("Policy web is added.").await;
    assert_eq!(world.rest("GET", "/networks/radio/policies/rules/web", None).await["priority"], 10);

    // Who has a policy is not lost when it is changed.
    let change = "/console/change?resource=/networks/radio/policies/base_names/basic&back=/console/networks/radio/traffic/base-names";
    browser.go(change).await;
    browser.fill("[name='v/rule_names']", "p1\nweb").await;
    browser.click("button[value=review]").await;
    browser.until_text("What you change").await;
    browser.click("button[value=save]").await;
    browser.until_text("is changed.").await;
    let base = world.rest("GET", "/networks/radio/policies/base_names/basic", None).await;
    assert_eq!(base["assigned_subscribers"], json!(["IMSI001010000000001"]));
    assert_eq!(base["rule_names"], json!(["p1", "web"]));
    browser.quit().await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_data_plan_is_changed_and_nothing_else() {
    let world = world().await;
    let Some(browser) = Browser::signed_in(&world, "ann", PASSWORD).await else { return };
    let plans = async || world.rest("GET", "/lte/radio/cellular/epc", None).await["sub_profiles"].clone();
    browser.go("/console/networks/radio/add-data-plan").await;
    browser.check("data-plan-add").await;
    browser.fill("[name=name]", "bronze").await;
    browser.fill("[name=down]", "12.5").await;
    browser.fill("[name=up]", "0").await;
    browser.click("form.fields button").await;
    browser.until_text("Up must be a number of Mbit/s above 0").await;
    browser.expect_errors().await;
    browser.fill("[name=up]", "4").await;
    browser.click("form.fields button").await;
    browser.until_text("Data plan bronze is added.").await;
    browser.until_text("12.5 Mbit/s").await;
    let gold = json!({"max_dl_bit_rate": 12_500_000, "max_ul_bit_rate": 4_000_000});
    assert_eq!(plans().await["bronze"], gold);

    // Somebody else adds one, and then changes the same one.
    browser.go("/console/networks/radio/traffic/data-plans/bronze").await;
    let mut epc = world.rest("GET", "/lte/radio/cellular/epc", None).await;
    epc["sub_profiles"]["silver"] = gold.clone();
    world.rest("PUT", "/lte/radio/cellular/epc", Some(epc.clone())).await;
    browser.fill("[name=down]", "20").await;
    browser.click("form.fields button").await;
    browser.until_text("Data plan bronze is changed.").await;
    assert_eq!(
        (&plans().await["silver"], &plans().await["bronze"]["max_dl_bit_rate"]),
        (&gold, &json!(20_000_000))
    );
    browser.go("/console/networks/radio/traffic/data-plans/bronze").await;
    world.rest("PUT", "/lte/radio/cellular/epc", Some(epc)).await;
    browser.fill("[name=down]", "30").await;
    browser.click("form.fields button").await;
    browser
        .until_text("Somebody has changed it since you opened it: it is 12.5 Mbit/s down, 4 Mbit/s up now.")
        .await;
    browser.expect_errors().await;

    browser.go("/console/networks/radio/traffic/data-plans/silver/remove").await;
    browser.check("data-plan-remove").await;
    browser.fill("[name=name]", "silver").await;
    browser.click("button.danger").await;
    browser.until_text("Data plan silver is deleted.").await;
    assert!(plans().await["silver"].is_null());
    browser.quit().await;
    world.stop().await;
}

/// The federation network `feg`, and `fedlte` that it serves.
async fn federated() -> World {
    let world = World::start().await;
    let (dns, none) = (json!({"enable_caching": false, "local_ttl": 0}), json!({}));
    let feg = json!({
        "id": "feg", "name": "Gateway side", "description": "federation", "dns": dns,
        "federation": {
            "aaa_server": none, "csfb": none, "eap_aka": none, "gx": none, "gy": none, "health": none, "hss": none,
            "s6a": none, "swx": none, "served_network_ids": [],
        },
    });
    world.rest("POST", "/feg", Some(feg)).await;
    world.add_lte_network("radio").await;
    let mut fedlte = world.rest("GET", "/lte/radio", None).await;
    fedlte["id"] = json!("fedlte");
    fedlte["federation"] = json!({"feg_network_id": "feg"});
    world.rest("POST", "/feg_lte", Some(fedlte)).await;
    let qos = json!({"id": "fast", "class_id": 6, "max_req_bw_dl": 50_000_000, "max_req_bw_ul": 1_500_000});
    world.rest("POST", "/lte/fedlte/policy_qos_profiles", Some(qos)).await;
    for (id, network) in [(7, "fedlte"), (8, "feg")] {
        let tenant = json!({"id": id, "name": format!("T{id}"), "networks": [network]});
        world.rest("POST", "/tenants", Some(tenant)).await;
    }
    world
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn policies_of_a_federated_network_are_copied_to_its_federation_network() {
    let world = federated().await;
    let operator = json!({"role": "operator", "tenant": 7});
    world.add_user("bob", json!([operator, {"role": "read_only", "tenant": 8}])).await;
    world.add_user("carol", json!([operator])).await;
    let Some(browser) = Browser::signed_in(&world, "ann", PASSWORD).await else { return };
    let list = "/console/networks/fedlte/traffic/policies";
    browser.go(list).await;
    browser.until_text("The federation network Gateway side has the same policies and base names.").await;
    browser.click("a.main").await;
    browser.until("the form", "return location.pathname === '/console/new'").await;
    browser.fill("[name='v/id']", "web").await;
    browser.click("button[value=review]").await;
    browser.until_text("Policy web is added.").await;
    browser.until_text("The federation network Gateway side lacks 1 policy.").await;

    let rule = "/networks/fedlte/policies/rules/web";
    let mut web = world.rest("GET", rule, None).await;
    web["qos_profile"] = json!("fast");
    world.rest("PUT", rule, Some(web.clone())).await;
    let basic = json!({"name": "basic", "rule_names": ["web"]});
    world.rest("POST", "/networks/fedlte/policies/base_names", Some(basic)).await;
    browser.go(&format!("{list}/web")).await;
    browser.until_text("The federation network Gateway side lacks 1 policy and 1 base name.").await;
    browser.until_text("policy web, base name basic").await;
    browser.check("federation-notice").await;
    browser.click(".notice a.button").await;
    browser.until_text("What is added: 1 policy and 1 base name").await;
    browser.check("federation-copy").await;
    browser.click("form button.main").await;
    browser.until_text("1 policy and 1 base name copied to Gateway side.").await;
    browser.check("federation-copied").await;
    let copied = world.rest("GET", "/networks/feg/policies/rules/web", None).await;
    assert_eq!((&copied["priority"], &copied["qos_profile"]), (&json!(10), &json!(null)));
    let copied = world.rest("GET", "/networks/feg/policies/base_names/basic", None).await;
    assert_eq!(copied["rule_names"], json!(["web"]));
    browser.go(list).await;
    browser.until_text("The federation network Gateway side has the same policies and base names.").await;
    browser.check("federation-same").await;

    // What is changed differs again; what nobody was shown is not copied.
    web["priority"] = json!(3);
    world.rest("PUT", rule, Some(web.clone())).await;
    browser.go(list).await;
    browser.until_text("The federation network Gateway side has 1 policy otherwise.").await;
    browser.click(".notice a.button").await;
    browser.until_text("What is changed: 1 policy").await;
    web["priority"] = json!(4);
    world.rest("PUT", rule, Some(web)).await;
    browser.click("form button.main").await;
    browser.until_text("Something was changed since this page was shown.").await;
    browser.expect_errors().await;
    browser.check("federation-changed").await;
    assert_eq!(world.rest("GET", "/networks/feg/policies/rules/web", None).await["priority"], 10);

    // Who may look at the federation network alone changes nothing there; who may not is told so.
    browser.sign_out().await;
    browser.sign_in("bob", PASSWORD).await;
    browser.until("the overview", "return document.querySelector('h1')?.textContent === 'Overview'").await;
    browser.go(list).await;
    browser.until_text("You may not change Gateway side").await;
    browser.until("no button", "return !document.querySelector('.notice a')").await;
    browser.check("federation-may-not").await;
    let send = "return fetch('/console/networks/fedlte/copy-policies', {method: 'POST', body: new URLSearchParams({seal: ''})}).then((answer) => answer.status)";
    assert_eq!(browser.run(send, json!([])).await, 403);
    browser.expect_errors().await;
    browser.sign_out().await;
    browser.sign_in("carol", PASSWORD).await;
    browser.until("the overview", "return document.querySelector('h1')?.textContent === 'Overview'").await;
    browser.go(list).await;
    browser.until_text("The federation network feg does not exist, or you may not see it").await;
    browser.until_text("Add a policy").await;
    browser.check("federation-untold").await;
    browser.sign_out().await;
    browser.sign_in("ann", PASSWORD).await;
    browser.until("the overview", "return document.querySelector('h1')?.textContent === 'Overview'").await;
    browser.go("/console/networks/fedlte/copy-policies").await;
    browser.click("form button.main").await;
    browser.until_text("1 policy copied to Gateway side.").await;
    assert_eq!(world.rest("GET", "/networks/feg/policies/rules/web", None).await["priority"], 4);
    browser.quit().await;
    world.stop().await;
}
