//! Call traces of a whole network, with a real agent that captures.

use std::time::Duration;

use serde_json::json;

use crate::agent::Agent;
use crate::browser::Browser;
use crate::world::{PASSWORD, World};

const TRACES: &str = "/console/networks/radio/traces";

/// Asks until a gateway answers a command, as it does once it is connected.
async fn until_connected(world: &World, gateway: &str) {
    let ping = format!("/networks/radio/gateways/{gateway}/command/generic");
    let echo = json!({"command": "echo", "params": {"shell_params": ["a"]}});
    let connected = async {
        while world.try_rest("POST", &ping, Some(echo.clone())).await.0 != 200 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), connected).await.expect("it is connected");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn traces_of_a_network_are_begun_stopped_downloaded_and_deleted_on_one_page() {
    let world = World::start().await;
    world.add_lte_network("radio").await;
    world.add_gateway("radio", "away").await;
    let gateway = json!({"id": "agw", "name": "Roof", "description": "on the roof", "tier": "default", "magmad": {
        "autoupgrade_enabled": false, "autoupgrade_poll_interval": 300, "checkin_interval": 60, "checkin_timeout": 10}});
    world.rest("POST", "/networks/radio/gateways", Some(gateway)).await;
    let made = world.rest("GET", "/networks/radio/gateways/agw", None).await;
    let token = made["registration_info"]["registration_token"].as_str().unwrap();
    let agent = Agent::start_with_call_traces(&world, token).await;
    until_connected(&world, "agw").await;
    world.capture("radio", "away", "old", b"packets").await;

    let Some(browser) = Browser::signed_in(&world, "ann", PASSWORD).await else { return };
    browser.go("/console/networks/radio").await;
    browser.click(&format!("nav.side a[href='{TRACES}']")).await;
    browser.until_text("captured").await;
    browser.check("traces").await;

    // The gateway is not here: what was typed stays, and another one is chosen.
    browser.js("document.querySelector('[name=gateway_id]').value = 'away'").await;
    browser.fill("form.fields [name=trace_id]", "t1").await;
    browser.fill("form.fields [name=timeout]", "600").await;
    browser.fill("form.fields [name=capture_filters]", "sctp port 36412").await;
    browser.click("form.fields button").await;
    browser.until_text("is not connected").await;
    let typed = "return ['gateway_id', 'trace_id', 'timeout', 'capture_filters'].map((name) => document.querySelector(`form.fields [name=${name}]`).value)";
    assert_eq!(browser.js(typed).await, json!(["away", "t1", "600", "sctp port 36412"]));
    assert_eq!(world.try_rest("GET", "/networks/radio/tracing/t1", None).await.0, 404);
    browser.js("document.querySelector('[name=gateway_id]').value = 'agw'").await;
    browser.click("form.fields button").await;
    browser.until_text("The trace t1 is begun.").await;
    browser.until_text("by ann").await;
    browser.check("traces-begun").await;
    let kept = world.rest("GET", "/networks/radio/tracing/t1", None).await;
    let order = json!({"trace_id": "t1", "trace_type": "GATEWAY", "gateway_id": "agw", "timeout": 600, "capture_filters": "sctp port 36412"});
    assert_eq!(kept["config"], order);

    // It is found among the others, stopped, and what it captured is here.
    browser.go(&format!("{TRACES}?q=sctp&state=captures")).await;
    let rows =
        |count: usize| format!("return document.querySelectorAll('#traces tbody tr').length === {count}");
    browser.until("t1 alone", &rows(1)).await;
    browser.click("button[value=stop]").await;
    browser.until_text("The trace t1 is ended.").await;
    browser.until_text("None of the 2 call traces is like this.").await;
    assert_eq!(browser.place().await, format!("{TRACES}?q=sctp&state=captures"));
    let ended = world.rest("GET", "/networks/radio/tracing/t1", None).await;
    assert_eq!(ended["state"], json!({"call_trace_available": true, "call_trace_ending": true}));
    browser.go(&format!("{TRACES}?q=agw")).await;
    browser.until("t1 alone", &rows(1)).await;
    let download = "const link = document.querySelector('a[download]').href; return fetch(link).then((answer) => answer.text())";
    let capture = browser.js(download).await;
    assert!(capture.as_str().unwrap().contains("-f sctp port 36412"), "{capture}");

    browser.go(&format!("{TRACES}?q=old")).await;
    browser.until("the old one alone", &rows(1)).await;
    browser.click("details.ask > summary").await;
    browser.click("button[value=delete]").await;
    browser.until_text("The trace old is deleted.").await;
    let left = world.rest("GET", "/networks/radio/tracing", None).await;
    assert_eq!(left.as_object().unwrap().keys().collect::<Vec<_>>(), ["t1"]);
    browser.expect_errors().await;
    browser.quit().await;
    agent.stop().await;
    world.stop().await;
}
