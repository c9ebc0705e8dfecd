//! The palette: opened by a key, it finds pages and objects, and Enter goes there.

use serde_json::json;

use crate::browser::Browser;
use crate::world::{PASSWORD, World};

const CONTROL: &str = "\u{e009}";
const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";
const DOWN: &str = "\u{e015}";
const UP: &str = "\u{e013}";

/// A network with one of everything, and another one.
async fn world() -> World {
    let world = World::start().await;
    world.add_lte_network("radio").await;
    world.add_gateway("n1", "gw1").await;
    world.add_gateway("radio", "gw2").await;
    let number = json!({"id": "IMSI001010000000001", "msisdn": "4917012345"});
    world.rest("POST", "/lte/radio/msisdns", Some(number)).await;
    let enodeb = json!({"serial": "120200002618", "name": "Mast by the lake", "config": {"device_class": "Baicells Nova-233 G2 OD FDD",
        "cell_id": 1, "transmit_enabled": true}, "enodeb_config": {"config_type": "MANAGED", "managed_config": {
        "device_class": "Baicells Nova-233 G2 OD FDD", "cell_id": 1, "transmit_enabled": true}}});
    world.rest("POST", "/lte/radio/enodebs", Some(enodeb)).await;
    world.rest("POST", "/dp/radio/cbsds", Some(crate::cbsds::cbsd("lake-77"))).await;
    world
}

/// Whether the palette is open.
const IS_OPEN: &str = "return document.querySelector('#palette').open";
/// Whether it is closed, and the focus is back in the page.
const IS_CLOSED: &str =
    "return !document.querySelector('#palette').open && !document.activeElement.closest('dialog')";

/// Until what is chosen in the palette says a text.
async fn until_chosen(browser: &Browser, text: &str) {
    let script = format!(
        "return document.querySelector('#choices [aria-selected=true]')?.textContent.includes({})",
        json!(text)
    );
    browser.until(&format!("{text:?} is chosen"), &script).await;
}

/// Looks for something from the page on the screen, and goes there.
async fn go(browser: &Browser, typed: &str, chosen: &str, place: &str) {
    browser.press(&["/"]).await;
    browser.until("the palette", IS_OPEN).await;
    browser.fill("#palette input", typed).await;
    until_chosen(browser, chosen).await;
    browser.press(&[ENTER]).await;
    let script = format!(
        "return location.pathname + location.hash === {} && document.readyState === 'complete'",
        json!(place)
    );
    browser.until(place, &script).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_palette_finds_objects_and_pages_by_the_keyboard() {
    let world = world().await;
    let Some(browser) = Browser::signed_in(&world, "ann", PASSWORD).await else { return };
    let subscriber = "/console/networks/radio/subscribers/IMSI001010000000001";
    for (typed, chosen, place) in [
        ("001010000000001", "Subscriber in Radio", subscriber),
        ("4917012345", "4917012345", subscriber),
        ("120200002618", "eNodeB in Radio", "/console/networks/radio/enodebs/120200002618"),
        ("lake-77", "CBSD in Radio", "/console/networks/radio/cbsds/1"),
        ("hw-gw1", "Gateway in North", "/console/networks/n1/gateways/gw1"),
        ("internet", "APN in Radio", "/console/networks/radio/traffic/apns#internet"),
        ("p1", "Policy in Radio", "/console/networks/radio/traffic/policies/p1"),
        // Of the network that he is in now.
        ("alerts", "Page in Radio", "/console/networks/radio/alerts"),
        ("north", "North", "/console/networks/n1"),
        ("alerts", "Page in North", "/console/networks/n1/alerts"),
        ("add sub", "Add a subscriber", "/console/networks/radio/add-subscriber"),
        ("audit", "Audit log", "/console/admin/audit"),
    ] {
        go(&browser, typed, chosen, place).await;
    }
    browser.quit().await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_palette_opens_by_two_keys_and_closes_by_one() {
    let world = world().await;
    let Some(browser) = Browser::signed_in(&world, "ann", PASSWORD).await else { return };
    browser.press(&[CONTROL, "k"]).await;
    browser.until("the palette", IS_OPEN).await;
    until_chosen(&browser, "Overview").await;
    browser.press(&[DOWN]).await;
    until_chosen(&browser, "Networks").await;
    browser.press(&[UP]).await;
    until_chosen(&browser, "Overview").await;
    browser.fill("#palette input", "gw").await;
    until_chosen(&browser, "gw").await;
    browser.check("palette").await;
    browser.fill("#palette input", "nothing is called so").await;
    browser.until_text("Nothing was found. Pages are found by their titles").await;
    browser.check("palette-empty").await;
    browser.press(&[ESCAPE]).await;
    // A field of search is emptied by the first press in some browsers, and the palette closes by the second.
    if browser.js(IS_OPEN).await == json!(true) {
        browser.press(&[ESCAPE]).await;
    }
    browser.until("no palette", IS_CLOSED).await;
    browser.press(&["?"]).await;
    browser.until("the keys", "return document.querySelector('#keys').open").await;
    browser.until_text("Search, or go to a page").await;
    browser.check("keys").await;
    browser.press(&[ESCAPE]).await;
    browser.until("no keys", "return !document.querySelector('#keys').open").await;
    browser.click("details.menu:not(.networks) summary").await;
    browser.click("#open-keys").await;
    browser.until("the keys again", "return document.querySelector('#keys').open").await;
    browser.click("#keys button").await;
    browser.until("no keys again", "return !document.querySelector('#keys').open").await;
    browser.quit().await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_script_both_are_pages_and_another_organisation_finds_nothing() {
    let world = world().await;
    world.rest("POST", "/tenants", Some(json!({"id": 1, "name": "Other", "networks": ["n1"]}))).await;
    world.add_user("bob", json!([{"tenant": 1, "role": "read_only"}])).await;
    let Some(browser) = Browser::signed_in(&world, "bob", PASSWORD).await else { return };
    browser.without_scripts().await;
    for text in ["001010000000001", "4917012345", "120200002618", "internet", "hw-gw2", "radio", "add"] {
        browser.go(&format!("/console/search?q={text}&network=radio")).await;
        browser.until_text("Nothing was found.").await;
    }
    browser.go("/console/search?q=hw-gw1").await;
    browser.click("#found a").await;
    assert_eq!(browser.place().await, "/console/networks/n1/gateways/gw1");
    browser.go("/console/keys").await;
    browser.until_text("Search, or go to a page").await;
    browser.quit().await;
    world.stop().await;
}
