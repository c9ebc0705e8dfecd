//! A network: added with its tier, looked at part by part, changed, and deleted.

use serde_json::json;

use crate::browser::Browser;
use crate::world::{PASSWORD, World};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_is_added_with_its_tier_and_is_seen_part_by_part() {
    let world = World::start().await;
    world.add_user("bob", json!([{"role": "read_only"}])).await;
    let Some(browser) = Browser::signed_in(&world, "ann", PASSWORD).await else { return };
    browser.go("/console/networks").await;
    browser.click("a.main").await;
    browser.until("the form", "return location.pathname === '/console/new-network'").await;
    browser.check("network-add").await;

    // Federated LTE needs a federation network: that is said, and what was typed stays.
    browser.click("[name=kind][value=feg_lte]").await;
    browser.fill("[name=id]", "east").await;
    browser.fill("[name=name]", "East side").await;
    browser.click("form.fields button").await;
    browser.until_text("Name the federation network that serves it.").await;
    browser.expect_errors().await;
    browser.click("[name=kind][value=lte]").await;
    browser.click("form.fields button").await;
    browser.until("its page", "return location.pathname === '/console/networks/east'").await;
    browser.until_text("The network east is added").await;
    browser.until_text("everybody knows this key").await;
    browser.until_text("20 MHz").await;
    browser.check("network").await;
    let made = world.rest("GET", "/lte/east", None).await;
    assert_eq!((&made["name"], &made["cellular"]["epc"]["tac"]), (&json!("East side"), &json!(1)));
    assert_eq!(world.rest("GET", "/networks/east/tiers", None).await, json!(["default"]));

    // An id that is taken is said where it was typed.
    browser.go("/console/new-network").await;
    browser.fill("[name=id]", "east").await;
    browser.click("form.fields button").await;
    browser.until_text("already exists").await;
    browser.expect_errors().await;
    for (kind, id, collection) in [
        ("feg", "fed", "/feg"),
        ("feg_lte", "fedlte", "/feg_lte"),
        ("carrier_wifi_network", "wifi", "/cwf"),
        ("", "bare", "/networks"),
    ] {
        browser.go("/console/new-network").await;
        browser.click(&format!("[name=kind][value='{kind}']")).await;
        browser.fill("[name=id]", id).await;
        browser.fill("[name=feg_network_id]", "fed").await;
        browser.click("form.fields button").await;
        browser.until("its page", &format!("return location.pathname === '/console/networks/{id}'")).await;
        browser.until_text("Crash reports").await;
        browser.check(&format!("network-{id}")).await;
        world.rest("GET", &format!("{collection}/{id}"), None).await;
    }

    // A part leads to its form, and each form of a part opens.
    browser.go("/console/networks/east").await;
    let links = browser.js("return [...document.querySelectorAll('.parts .actions a')].map((one) => one.getAttribute('href'))").await;
    for link in links.as_array().unwrap() {
        browser.go(link.as_str().unwrap()).await;
        browser
            .until("a page", "return /^(Change|History)/.test(document.querySelector('h1')?.textContent)")
            .await;
    }

    // Who may only look sees no way to change, and the form refuses him.
    browser.sign_out().await;
    browser.sign_in("bob", PASSWORD).await;
    browser.until("the overview", "return document.querySelector('h1')?.textContent === 'Overview'").await;
    browser.go("/console/networks/east").await;
    browser.until_text("You may look at this network, but not change it.").await;
    browser.until("no way", "return !document.querySelector('main .buttons a, main .actions a')").await;
    browser.go("/console/new-network").await;
    browser.until_text("You may not add networks.").await;
    let send = "return fetch('/console/new-network', {method: 'POST', body: new URLSearchParams({kind: 'lte', id: 'bobs'})}).then((answer) => answer.status)";
    assert_eq!(browser.run(send, json!([])).await, 422);
    assert_eq!(world.try_rest("GET", "/networks/bobs", None).await.0, 404);
    browser.expect_errors().await;

    browser.sign_out().await;
    browser.sign_in("ann", PASSWORD).await;
    browser.until("the overview", "return document.querySelector('h1')?.textContent === 'Overview'").await;
    browser.go("/console/networks/bare").await;
    browser.click("main .buttons a.danger").await;
    browser.fill("[name=name]", "bare").await;
    browser.click("form.fields button.danger").await;
    browser.until("the list", "return location.pathname === '/console/networks'").await;
    assert_eq!(world.try_rest("GET", "/networks/bare", None).await.0, 404);
    browser.quit().await;
    world.stop().await;
}
