//! Subscribers: the list of very many, a page each, his keys, and tables of many.

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::world::{PASSWORD, World};

/// Ki and OPc in base64, and a part of each that no page may have.
const KEY: &str = "AAECAwQFBgcICQoLDA0ODw==";
const OPC: &str = "Dw4NDAsKCQgHBgUEAwIBAA==";

/// A network with radios, in which `add_lte_network` has put one subscriber already.
async fn world() -> World {
    let world = World::start().await;
    world.add_lte_network("radio").await;
    world
}

fn imsi(number: u32) -> String {
    format!("IMSI00101{number:010}")
}

fn subscriber(number: u32) -> Value {
    json!({
        "id": imsi(number), "name": format!("Person {number}"), "active_apns": ["internet"],
        "lte": {"state": "ACTIVE", "auth_algo": "MILENAGE", "auth_key": KEY, "auth_opc": OPC, "sub_profile": "default"},
    })
}

async fn no_keys(browser: &Browser) {
    let page = browser.js("return document.documentElement.outerHTML").await;
    let page = page.as_str().unwrap();
    assert!(
        !page.contains("AAECAwQF") && !page.contains("Dw4NDAsK"),
        "a key is on {}",
        browser.place().await
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_are_paged_and_searched() {
    let world = world().await;
    let all: Vec<Value> = (2..=2_500).map(subscriber).collect();
    world.rest("POST", "/lte/radio/subscribers", Some(all.into())).await;
    world.rest("POST", "/lte/radio/msisdns", Some(json!({"id": imsi(77), "msisdn": "491234567"}))).await;
    let lease = json!({"ip": {"address": "CgAACQ=="}, "state": "ALLOCATED"});
    world.report_state("radio", "mobilityd_ipdesc_record", &format!("{}.internet", imsi(78)), lease).await;
    let Some(browser) = Browser::signed_in(&world, "ann", PASSWORD).await else { return };
    browser.go("/console/networks/radio/subscribers").await;
    browser.until_text("1–50 of 2500").await;
    browser.check("subscribers").await;
    no_keys(&browser).await;
    browser.click("[rel=next]").await;
    browser.until_text("51–100 of 2500").await;
    browser.go("/console/networks/radio/subscribers?page=50").await;
    browser.until_text("2451–2500 of 2500").await;
    browser.until_text("Person 2500").await;

    // By what is known of him, whatever it is; and the URL says it.
    for (text, expect) in [
        ("IMSI001010000000042", "1–1 of 1"),
        ("00101000000012", "1–10 of 10"),
        ("4912", "+491234567"),
        ("10.0.0.9", "Person 78"),
        ("person 249", "1–11 of 11"),
        ("2499", "Person 2499"),
        ("nobody", "None of the 2500 subscribers is like this."),
    ] {
        browser.fill("[name=q]", text).await;
        browser
            .until(
                "the URL",
                &format!("return new URLSearchParams(location.search).get('q') === {}", json!(text)),
            )
            .await;
        browser.until_text(expect).await;
    }
    browser.check("subscribers-none").await;
    browser.quit().await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscriber_is_added_changed_and_switched_and_his_keys_are_never_shown() {
    let world = world().await;
    world.add_gateway("radio", "gw1").await;
    let Some(browser) = Browser::signed_in(&world, "ann", PASSWORD).await else { return };
    browser.go("/console/networks/radio/add-subscriber").await;
    browser.check("subscriber-add").await;
    browser.fill("[name=imsi]", "001010000000002").await;
    browser.fill("[name=name]", "Ann Example").await;
    browser.fill("[name=auth_key]", "beef").await;
    browser.click("form.fields button.main").await;
    browser.until_text("Ki must be 32 hexadecimal digits, and has 4").await;
    browser.expect_errors().await;
    browser.fill("[name=auth_key]", "000102030405060708090a0b0c0d0e0f").await;
    browser.fill("[name=msisdn]", "+49171").await;
    browser.click("form.fields button.main").await;
    browser.until_text("The subscriber is added.").await;
    let path = format!("/lte/radio/subscribers/{}", imsi(2));
    let made = world.rest("GET", &path, None).await;
    assert_eq!(
        (&made["lte"]["auth_key"], &made["name"], &made["msisdn"]),
        (&json!(KEY), &json!("Ann Example"), &json!("49171"))
    );

    // What gateways report shows by itself.
    let session = json!({"internet": [{
        "session_id": "IMSI001010000000002-77", "lifecycle_state": "SESSION_ACTIVE", "ipv4": "192.168.128.9",
        "session_start_time": 1_700_000_000, "active_duration_sec": 3_725, "active_policy_rules": [{"id": "p1"}],
    }]});
    world.report_state("radio", "subscriber_state", &imsi(2), session).await;
    world
        .report_state(
            "radio",
            "directory_record",
            &imsi(2),
            json!({"location_history": ["hw-gw1"], "identifiers": {}}),
        )
        .await;
    browser.until_text("192.168.128.9").await;
    browser.until_text("1 h 2 min").await;
    browser.until_text("Gateway gw1").await;
    browser.check("subscriber").await;
    no_keys(&browser).await;

    browser.click("[value=INACTIVE]").await;
    browser.until_text("The subscriber is not active any more.").await;
    assert_eq!(world.rest("GET", &path, None).await["lte"]["state"], "INACTIVE");
    browser.click("[value=ACTIVE]").await;
    browser.until_text("The subscriber is active.").await;

    // The generic form keeps his keys and his static address, which it shows.
    let mut body = subscriber(2);
    body["static_ips"] = json!({"internet": "192.168.128.50"});
    world.rest("PUT", &path, Some(body)).await;
    let here = format!("/console/networks/radio/subscribers/{}", imsi(2));
    browser.go(&format!("/console/change?resource={path}&back={here}")).await;
    no_keys(&browser).await;
    browser.check("subscriber-change").await;
    browser.fill("[name='v/name']", "Ann Changed").await;
    browser.click("button[value=review]").await;
    browser.until_text("What you change").await;
    no_keys(&browser).await;
    browser.click("button[value=save]").await;
    browser.until_text("Ann Changed").await;
    let changed = world.rest("GET", &path, None).await;
    assert_eq!((&changed["lte"]["auth_key"], &changed["lte"]["auth_opc"]), (&json!(KEY), &json!(OPC)));
    assert_eq!(changed["config"]["static_ips"], json!({"internet": "192.168.128.50"}));

    // What he gets, and why: the policy of everybody, by a base name.
    let base = json!({"name": "basic", "rule_names": ["p1"]});
    world.rest("POST", "/networks/radio/policies/base_names", Some(base)).await;
    world.rest("POST", "/lte/radio/subscriber_config/base_names/basic", None).await;
    browser.go(&here).await;
    browser.click(".views a[href$='/effective']").await;
    browser.until_text("by the base name basic, which everybody has").await;
    browser.until_text("permit uplink TCP from any to 10.0.0.0:80").await;
    browser.until_text("192.168.128.50 configured, but switched off").await;
    browser.check("subscriber-effective").await;
    world.rest("POST", &format!("{path}/deactivate"), None).await;
    browser.until_text("He is not active: gateways refuse him").await;

    browser.go(&format!("{here}/keys")).await;
    browser.check("subscriber-keys").await;
    browser.fill("[name=auth_opc]", "ffffffffffffffffffffffffffffffff").await;
    browser.click("form.fields button.main").await;
    browser.until_text("The keys are replaced.").await;
    let changed = world.rest("GET", &path, None).await;
    assert_eq!(
        (&changed["lte"]["auth_key"], &changed["lte"]["auth_opc"]),
        (&json!(KEY), &json!("/////////////////////w=="))
    );

    browser.go(&format!("{here}/events")).await;
    browser.until_text("Stream").await;
    browser.check("subscriber-events").await;
    browser.quit().await;
    world.stop().await;
}

/// Puts a table into the form, as choosing a file does.
async fn paste(browser: &Browser, table: &str) {
    browser.go("/console/networks/radio/import-subscribers").await;
    browser.run("document.querySelector('#table').value = arguments[0]", json!([table])).await;
    browser.click("form.fields button.main").await;
    browser.until_text("Nothing has been done yet.").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_add_and_change_many_and_what_was_exported_changes_nothing() {
    let world = world().await;
    let Some(browser) = Browser::signed_in(&world, "ann", PASSWORD).await else { return };
    browser.go("/console/networks/radio/import-subscribers").await;
    browser.until_text("forbidden_network_types").await;
    browser.check("subscribers-table").await;
    let ki = "000102030405060708090a0b0c0d0e0f";
    let table = format!(
        "imsi,name,auth_key,apns,msisdn\n001010000000002,\"Bob, B.\",{ki},internet,49170\n\
         001010000000003,Carl,beef,internet,\n001010000000001,S2,,internet,\n"
    );
    paste(&browser, &table).await;
    browser.until_text("auth_key must be 32 hexadecimal digits, and has 4").await;
    browser.until_text("name: “S” → “S2”").await;
    browser.check("subscribers-dry-run").await;
    assert_eq!(world.try_rest("GET", &format!("/lte/radio/subscribers/{}", imsi(2)), None).await.0, 404);
    browser.click("button.main").await;
    browser.until_text("2 done, 0 failed.").await;
    browser.check("subscribers-done").await;
    let made = world.rest("GET", &format!("/lte/radio/subscribers/{}", imsi(2)), None).await;
    assert_eq!(
        (&made["name"], &made["lte"]["auth_key"], &made["msisdn"]),
        (&json!("Bob, B."), &json!(KEY), &json!("49170"))
    );
    // What the table does not say stays: his static address, his keys, his policies.
    let changed = world.rest("GET", &format!("/lte/radio/subscribers/{}", imsi(1)), None).await;
    assert_eq!(changed["name"], "S2");
    assert_eq!(changed["config"]["static_ips"], json!({"internet": "192.168.128.7"}));
    assert_eq!(changed["lte"]["auth_opc"], "AAECAwQFBgcICQoLDA0ODw==");

    let fetched = "return fetch('/console/networks/radio/subscribers.csv').then((answer) => answer.text())";
    let export = browser.js(fetched).await;
    let export = export.as_str().unwrap();
    assert!(export.contains("\"Bob, B.\"") && !export.contains("auth_") && !export.contains(ki), "{export}");
    paste(&browser, export).await;
    browser.until_text("There is nothing to do.").await;

    // Ten thousand at once.
    let rows = (10..10_010).map(|number| format!("{},Person {number},{ki},internet\n", &imsi(number)[4..]));
    let table = format!("imsi,name,auth_key,apns\n{}", rows.collect::<String>());
    paste(&browser, &table).await;
    browser.until_text("Do it (10000)").await;
    browser.click("button.main").await;
    browser.until_text("10000 done, 0 failed.").await;
    let found = world.rest("GET", "/lte/radio/subscriber_summaries?page_size=1", None).await;
    assert_eq!(found["total_count"], 10_002);
    browser.quit().await;
    world.stop().await;
}
