//! Citizens broadband radios: kept and shown, and honest about what nobody asks for.

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::world::{PASSWORD, World};

const LIST: &str = "/console/networks/radio/cbsds";
const SAVE: &str = "main form button.main";

/// A radio as one writes it.
pub fn cbsd(serial_number: &str) -> Value {
    json!({
        "user_id": "acme", "fcc_id": "2AG32MBS3100196N", "serial_number": serial_number, "cbsd_category": "b",
        "desired_state": "registered", "single_step_enabled": false, "carrier_aggregation_enabled": false,
        "grant_redundancy": true, "installation_param": {"antenna_gain": 15.5},
        "capabilities": {"max_power": 24, "min_power": 0, "number_of_antennas": 2, "max_ibw_mhz": 150},
        "frequency_preferences": {"bandwidth_mhz": 20, "frequencies_mhz": [3600, 3620]},
    })
}

/// A world with an LTE network `radio`.
async fn world() -> World {
    let world = World::start().await;
    world.add_lte_network("radio").await;
    world
}

/// Where the API has the radio of a serial number.
async fn place_of(world: &World, serial_number: &str) -> String {
    let found = world.rest("GET", &format!("/dp/radio/cbsds?serial_number={serial_number}"), None).await;
    assert_eq!(found["total_count"], 1, "{found}");
    format!("/dp/radio/cbsds/{}", found["cbsds"][0]["id"])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_radio_is_added_found_changed_and_deleted() {
    let world = world().await;
    let Some(browser) = Browser::signed_in(&world, "ann", PASSWORD).await else { return };
    browser.go(LIST).await;
    browser.until_text("This network has no CBSDs yet.").await;
    browser.until_text("This Orchestrator does not speak to a spectrum access system (SAS)").await;
    browser.check("cbsds-empty").await;

    // The form begins with what is the same for most.
    browser.click("a.main").await;
    browser.until_text("Add: CBSD").await;
    browser
        .until("its controls", "return document.querySelector(\"[name='v/serial_number']\") !== null")
        .await;
    browser.check("cbsd-add").await;
    for (field, text) in [
        ("serial_number", "s1"),
        ("fcc_id", "2AG32MBS3100196N"),
        ("user_id", "acme"),
        ("frequency_preferences/frequencies_mhz", "3600\n3620"),
        ("capabilities/min_power", "0"),
        ("capabilities/max_power", "24"),
    ] {
        browser.fill(&format!("[name='v/{field}']"), text).await;
    }
    browser.click(SAVE).await;
    browser.until_text("CBSD s1 is added.").await;
    let place = place_of(&world, "s1").await;
    let made = world.rest("GET", &place, None).await;
    let preferred = json!({"bandwidth_mhz": 20, "frequencies_mhz": [3600, 3620]});
    assert_eq!((&made["frequency_preferences"], &made["cbsd_category"]), (&preferred, &json!("b")));
    assert_eq!(
        (&made["grant_redundancy"], &made["capabilities"]["max_ibw_mhz"]),
        (&json!(true), &json!(150))
    );

    // It is found by its serial number, as one types.
    world.rest("POST", "/dp/radio/cbsds", Some(cbsd("s2"))).await;
    browser.until_text("1–2 of 2").await;
    browser.check("cbsds").await;
    browser.fill("[name=serial_number]", "s2").await;
    browser.until_text("1–1 of 1").await;
    browser.until("the URL says so", "return location.search === '?serial_number=s2'").await;
    browser.fill("[name=serial_number]", "s3").await;
    browser.until_text("No CBSD of this network has the serial number s3.").await;
    browser.go(&format!("{LIST}?serial_number=s1")).await;
    browser.click("a.row").await;
    browser.until_text("Most power, dBm").await;
    browser.until_text("It has no grant, so it may not transmit.").await;
    browser.check("cbsd").await;

    browser.click("a[href^='/console/change']").await;
    browser.until("the form", "return document.querySelector(\"[name='v/user_id']\") !== null").await;
    browser.check("cbsd-change").await;
    browser.fill("[name='v/user_id']", "acme-west").await;
    browser.click(SAVE).await;
    browser.until_text("What you change").await;
    browser.click("button[value=save]").await;
    browser.until_text("is changed.").await;
    browser.until_text("acme-west").await;
    let changed = world.rest("GET", &place, None).await;
    assert_eq!((&changed["user_id"], &changed["frequency_preferences"]), (&json!("acme-west"), &preferred));

    browser.click("a[href^='/console/remove']").await;
    browser.until_text("Type s1 to confirm").await;
    browser.fill("[name=name]", "s1").await;
    browser.click("button.danger").await;
    browser.until_text("is deleted.").await;
    browser.until_text("1–1 of 1").await;
    assert_eq!(world.try_rest("GET", &place, None).await.0, 404);
    browser.quit().await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_radio_gives_back_what_it_has_and_who_may_only_look_has_no_buttons() {
    let world = world().await;
    world.rest("POST", "/dp/radio/cbsds", Some(cbsd("s1"))).await;
    let place = place_of(&world, "s1").await;
    let tenant = json!({"id": 7, "name": "Seven", "networks": ["radio"]});
    world.rest("POST", "/tenants", Some(tenant)).await;
    world.add_user("bob", json!([{"role": "read_only", "tenant": 7}])).await;
    let Some(browser) = Browser::signed_in(&world, "ann", PASSWORD).await else { return };
    let page = format!("{LIST}/{}", place.rsplit('/').next().unwrap());
    for (action, said) in
        [("deregister", "CBSD s1 is not registered."), ("relinquish", "CBSD s1 has no grants.")]
    {
        browser.go(&page).await;
        browser.click(&format!("a[href$='/{action}']")).await;
        browser.until_text("It has none of this now, so nothing changes.").await;
        browser.check(&format!("cbsd-{action}")).await;
        browser.click(SAVE).await;
        browser.until_text(said).await;
        let log = world.rest("GET", &format!("/audit?actor=ann&path=/magma/v1{place}/{action}"), None).await;
        assert_eq!((log.as_array().unwrap().len(), &log[0]["status"]), (1, &json!(204)), "{log}");
        let now = world.rest("GET", &place, None).await;
        assert_eq!((&now["state"], &now["grants"]), (&json!("unregistered"), &json!([])));
    }

    browser.sign_out().await;
    browser.sign_in("bob", PASSWORD).await;
    browser.until("the overview", "return document.querySelector('h1')?.textContent === 'Overview'").await;
    for (shown, text) in [(LIST, "1–1 of 1"), (page.as_str(), "How it is installed")] {
        browser.go(shown).await;
        browser.until_text(text).await;
        assert_eq!(browser.js("return document.querySelectorAll('main .button').length").await, 0, "{shown}");
    }
    browser.go(&format!("{page}/deregister")).await;
    browser.until_text("You may look at this network, but not change it.").await;
    browser.quit().await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_radios_are_paged_by_the_url() {
    let world = world().await;
    for number in 1..=51 {
        world.rest("POST", "/dp/radio/cbsds", Some(cbsd(&format!("s{number}")))).await;
    }
    let Some(browser) = Browser::signed_in(&world, "ann", PASSWORD).await else { return };
    browser.go(LIST).await;
    browser.until_text("1–50 of 51").await;
    browser.click("a[rel=next]").await;
    browser.until_text("51–51 of 51").await;
    browser
        .until("the last alone", "return document.querySelector('tbody a.row').textContent === 's51'")
        .await;
    browser.go(&format!("{LIST}?page=9")).await;
    browser.until_text("The list does not go on so far.").await;
    browser.go("/console/networks/n1/cbsds").await;
    browser.until_text("This kind of network has no CBSDs.").await;
    browser.quit().await;
    world.stop().await;
}
