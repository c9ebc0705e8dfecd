//! The list of gateways.

use std::time::Duration;

use crate::browser::Browser;
use crate::world::{PASSWORD, World};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_is_narrowed_as_one_types_and_its_url_says_how() {
    let world = World::start().await;
    for gateway in ["alpha", "beta", "gamma"] {
        world.add_gateway("n1", gateway).await;
    }
    world.report("n1", "alpha", Duration::ZERO).await;
    world.report("n1", "beta", Duration::from_secs(900)).await;
    let Some(browser) = Browser::signed_in(&world, "ann", PASSWORD).await else { return };
    browser.go("/console/networks/n1/gateways").await;
    browser.until_text("1–3 of 3").await;
    browser.check("gateways").await;

    browser.fill("[name=q]", "ALPH").await;
    browser.until_text("1–1 of 1").await;
    browser.until("the URL", "return new URLSearchParams(location.search).get('q') === 'ALPH'").await;
    browser.fill("[name=q]", "nobody").await;
    browser.until_text("None of the 3 gateways is like this.").await;
    browser.go("/console/networks/n1/gateways?state=down").await;
    browser.until_text("1–1 of 1").await;
    browser.until_text("Gateway beta").await;
    browser.go("/console/networks/n2/gateways").await;
    browser.until_text("There is no network n2 that you may see.").await;
    browser.quit().await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_is_added_on_one_page_and_is_watched_as_it_comes_up() {
    let world = World::start().await;
    let Some(browser) = Browser::signed_in(&world, "ann", PASSWORD).await else { return };
    browser.go("/console/networks/n1/gateways").await;
    browser.until_text("This network has no gateways yet.").await;
    browser.check("gateways-none").await;
    browser.click("a.main").await;
    browser.until("the form", "return location.pathname === '/console/networks/n1/add-gateway'").await;
    browser.check("gateway-add").await;
    browser.fill("[name=id]", "delta").await;
    browser.fill("[name=name]", "Delta").await;
    browser.click("form.fields button").await;
    browser.until("its page", "return location.pathname === '/console/networks/n1/gateways/delta'").await;
    browser.until_text("sudo magmad register magma.localhost reg_").await;
    browser.check("gateway-pending").await;
    let made = world.rest("GET", "/networks/n1/gateways/delta", None).await;
    let token = made["registration_info"]["registration_token"].as_str().unwrap();
    browser.until_text(token).await;
    assert_eq!((&made["name"], &made["tier"]), (&"Delta".into(), &"default".into()));

    let device = serde_json::json!({"hardware_id": "hw-delta", "key": {"key_type": "ECHO"}});
    world.rest("PUT", "/networks/n1/gateways/delta/device", Some(device)).await;
    browser.until("no command", "return !document.body.innerText.includes('magmad register')").await;
    world.report("n1", "delta", Duration::ZERO).await;
    browser
        .until("it is up", "return document.querySelector('#now .status').textContent.trim() === 'OK'")
        .await;
    browser.check("gateway").await;

    // An id that is taken is told where it was typed, and nothing is lost.
    browser.go("/console/networks/n1/add-gateway").await;
    browser.fill("[name=id]", "delta").await;
    browser.fill("[name=name]", "Another").await;
    browser.click("form.fields button").await;
    browser.until_text("already exists").await;
    assert_eq!(browser.js("return document.querySelector('[name=name]').value").await, "Another");
    browser.quit().await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_look_sees_no_button_and_changes_nothing() {
    let world = World::start().await;
    let tenant = serde_json::json!({"id": 7, "name": "Seven", "networks": ["n1"]});
    world.rest("POST", "/tenants", Some(tenant)).await;
    world.add_user("bob", serde_json::json!([{"role": "read_only", "tenant": 7}])).await;
    world.add_network("n2", "South").await;
    let Some(browser) = Browser::signed_in(&world, "bob", PASSWORD).await else { return };
    browser.go("/console/networks/n1/gateways").await;
    browser.until_text("This network has no gateways yet.").await;
    assert_eq!(browser.js("return document.querySelectorAll('main .main').length").await, 0);
    browser.go("/console/networks/n1/add-gateway").await;
    browser.until_text("You may look at this network, but not change it.").await;
    let forged = "return fetch('/console/networks/n1/add-gateway', {method: 'POST', headers: \
        {'content-type': 'application/x-www-form-urlencoded'}, body: 'id=x&tier=default'}).then((answer) => answer.text())";
    let answer = browser.js(forged).await;
    assert!(answer.as_str().unwrap().contains("You may look at this network"), "{answer}");
    assert_eq!(world.try_rest("GET", "/networks/n1/gateways/x", None).await.0, 404);
    browser.go("/console/networks/n2").await;
    browser.until_text("There is no network n2 that you may see.").await;
    browser.quit().await;
    world.stop().await;
}
