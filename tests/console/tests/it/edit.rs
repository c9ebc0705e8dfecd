//! Changing anything: filled in, looked at, saved, brought back; and what others did meanwhile is kept.

use serde_json::json;

use crate::browser::Browser;
use crate::world::{PASSWORD, World};

const SAVE: &str = "button[value=save]";
const REVIEW: &str = "button[value=review]";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_changed_is_shown_before_it_is_saved_and_can_be_brought_back() {
    let world = World::start().await;
    let Some(browser) = Browser::signed_in(&world, "ann", PASSWORD).await else { return };
    let dns = "/console/change?resource=/networks/n1/dns&back=/console/networks/n1";
    browser.go(dns).await;
    browser.check("change").await;
    browser.fill("[name='v/local_ttl']", "30").await;
    browser.click("[data-add-row]").await;
    browser.fill("[name='v/records/0/domain']", "portal.example").await;
    browser.fill("[name='v/records/0/a_record']", "10.0.0.1\n10.0.0.2").await;
    browser.click(REVIEW).await;
    browser.until_text("What you change").await;
    browser.check("change-review").await;
    browser.until_text("local_ttl").await;

    // Meanwhile somebody else changes another field, and is not overwritten.
    let other = json!({"enable_caching": true, "local_ttl": 0});
    world.rest("PUT", "/networks/n1/dns", Some(other)).await;
    browser.click(SAVE).await;
    browser.until_text("Somebody has changed this since you opened it.").await;
    browser.expect_errors().await;
    browser.check("change-conflict").await;
    browser.click(SAVE).await;
    browser.until_text("DNS configuration is changed.").await;
    assert_eq!(browser.place().await, "/console/networks/n1");
    let saved = world.rest("GET", "/networks/n1/dns", None).await;
    assert_eq!((&saved["enable_caching"], &saved["local_ttl"]), (&json!(true), &json!(30)));
    let record = &saved["records"][0];
    assert_eq!(record["domain"], "portal.example");
    assert_eq!(record["a_record"], json!(["10.0.0.1", "10.0.0.2"]));
    browser.go("/console/networks/n1").await;
    assert_eq!(browser.js("return document.querySelectorAll('.done').length").await, 0, "it is said once");

    browser.go("/console/history?resource=/networks/n1/dns&back=/console/networks/n1").await;
    browser.until_text("by ann").await;
    browser.check("history").await;
    browser.click(".history button").await;
    browser.until_text("What you change").await;
    browser.click(SAVE).await;
    browser.until_text("DNS configuration is changed.").await;
    let back = world.rest("GET", "/networks/n1/dns", None).await;
    assert_eq!((&back["local_ttl"], back["records"].as_array().map_or(0, Vec::len)), (&json!(0), 0));

    browser.go(&format!("{dns}&json=1")).await;
    browser.fill("[name=_text]", "{\"enable_caching\": ").await;
    browser.click(REVIEW).await;
    browser.until_text("this is no JSON").await;
    browser.fill("[name=_text]", "{\"enable_caching\": true, \"local_ttl\": -1}").await;
    browser.click(REVIEW).await;
    browser.until_text("should be greater than or equal to 0").await;
    browser.quit().await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_is_added_and_deleted_by_its_name() {
    let world = World::start().await;
    let Some(browser) = Browser::signed_in(&world, "ann", PASSWORD).await else { return };
    browser.go("/console/new?resource=/networks/n1/tiers&back=/console/networks/n1").await;
    browser.check("new").await;
    browser.fill("[name='v/id']", "canary").await;
    browser.fill("[name='v/version']", "1.9.0-1").await;
    browser.click(REVIEW).await;
    browser.until_text("Upgrade tier canary is added.").await;
    let made = world.rest("GET", "/networks/n1/tiers/canary", None).await;
    assert_eq!(made["version"], "1.9.0-1");

    let page = "/console/remove?resource=/networks/n1/tiers/canary&back=/console/networks/n1";
    browser.go(page).await;
    browser.check("remove").await;
    browser.fill("[name=name]", "canaries").await;
    browser.click("button.danger").await;
    browser.until_text("Nothing is deleted: type canary to confirm.").await;
    browser.expect_errors().await;
    browser.fill("[name=name]", "canary").await;
    browser.click("button.danger").await;
    browser.until_text("Upgrade tier canary is deleted.").await;
    assert_eq!(world.try_rest("GET", "/networks/n1/tiers/canary", None).await.0, 404);
    browser.go("/console/change?resource=/networks/n2/dns&back=https://evil.example/").await;
    browser.until_text("There is no network n2 that you may see.").await;
    browser.quit().await;
    world.stop().await;
}

/// A form that is sent back as it was shown changes nothing: so nothing is lost by a form.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_that_is_sent_as_it_is_changes_nothing() {
    let world = World::start().await;
    world.add_lte_network("radio").await;
    world.rest("POST", "/dp/radio/cbsds", Some(crate::cbsds::cbsd("s1"))).await;
    let Some(browser) = Browser::signed_in(&world, "ann", PASSWORD).await else { return };
    let resources = [
        "/lte/radio",
        "/lte/radio/cellular/epc",
        "/lte/radio/dns",
        "/networks/radio/features",
        "/networks/radio/tiers/default",
        "/lte/radio/apns/internet",
        "/networks/radio/policies/rules/p1",
        "/lte/radio/subscribers/IMSI001010000000001",
        "/networks/radio/name",
        "/dp/radio/cbsds/1",
    ];
    for resource in resources {
        let before = world.rest("GET", resource, None).await;
        browser.go(&format!("/console/change?resource={resource}&back=/console/networks/radio")).await;
        let source = browser.js("return document.documentElement.outerHTML").await;
        assert!(
            !source.as_str().unwrap().contains("AAECAwQFBgcICQoLDA0ODw"),
            "{resource}: a key is in the page"
        );
        browser.click(REVIEW).await;
        browser.until_text("nothing differs from what is there").await;
        assert_eq!(world.rest("GET", resource, None).await, before, "{resource}");
    }
    // A secret that is not typed anew stays, whatever else is changed.
    browser.go("/console/change?resource=/lte/radio/subscribers/IMSI001010000000001&back=/console/").await;
    browser.check("change-subscriber").await;
    browser.fill("[name='v/name']", "Other").await;
    browser.click(REVIEW).await;
    browser.until_text("What you change").await;
    browser.click(SAVE).await;
    browser.until_text("Subscriber IMSI001010000000001 is changed.").await;
    let after = world.rest("GET", "/lte/radio/subscribers/IMSI001010000000001", None).await;
    assert_eq!(
        (&after["name"], &after["lte"]["auth_opc"]),
        (&json!("Other"), &json!("AAECAwQFBgcICQoLDA0ODw=="))
    );
    browser.quit().await;
    world.stop().await;
}
