//! The pages of one gateway, with a real agent behind them.

use serde_json::{Value, json};

use crate::agent::Agent;
use crate::browser::Browser;
use crate::world::{PASSWORD, World};

const GW: &str = "/console/networks/n1/gateways/gw1";

/// Makes `gw1` in `n1`; the agent has to come by its token.
async fn new_gateway(world: &World) -> String {
    let gateway = json!({
        "id": "gw1", "name": "Roof", "description": "on the roof", "tier": "default",
        "magmad": magmad(60),
    });
    world.rest("POST", "/networks/n1/gateways", Some(gateway)).await;
    let made = world.rest("GET", "/networks/n1/gateways/gw1", None).await;
    made["registration_info"]["registration_token"].as_str().unwrap().to_owned()
}

fn magmad(interval: u32) -> Value {
    json!({
        "autoupgrade_enabled": false, "autoupgrade_poll_interval": 300,
        "checkin_interval": interval, "checkin_timeout": 10, "dynamic_services": [],
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_is_seen_configured_and_commanded() {
    let world = World::start().await;
    let token = new_gateway(&world).await;
    let Some(browser) = Browser::signed_in(&world, "ann", PASSWORD).await else { return };
    browser.go(GW).await;
    browser.until_text("sudo magmad register").await;
    let agent = Agent::start(&world, &token).await;
    browser
        .until("it is up", "return document.querySelector('#now .status').textContent.trim() === 'OK'")
        .await;
    browser.until("its configuration is there", applied("#now")).await;

    // Its facts, and the charts of what it measured.
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let minutes: Vec<(u64, f64)> = (0..30).map(|at| (now - at * 60, 40.0 + at as f64)).collect();
    world.measure("n1", "cpu_percent", &[("gatewayID", "gw1")], &minutes).await;
    browser.go(GW).await;
    browser.until_text("Kernel").await;
    browser.until_text("Memory used").await;
    browser.until("a chart", "return !!document.querySelector('#charts figure canvas')").await;
    browser.check("gateway-overview").await;

    // Another tier, in place.
    let tier = json!({"id": "canary", "version": "1.9.0-1", "images": [], "gateways": []});
    world.rest("POST", "/networks/n1/tiers", Some(tier)).await;
    browser.go(GW).await;
    browser.js("document.querySelector('form.in-line select').value = 'canary'").await;
    browser.click("form.in-line button").await;
    browser.until_text("gw1 is in the tier canary now.").await;
    assert_eq!(world.rest("GET", "/networks/n1/gateways/gw1/tier", None).await, "canary");

    configuration(&world, &browser).await;
    commands(&browser).await;
    services(&browser).await;

    agent.stop().await;
    browser.go(&format!("{GW}/commands")).await;
    browser.fill("#form-ping [name=hosts]", "127.0.0.1").await;
    browser.click("#form-ping button").await;
    browser.until_text("is not connected").await;
    browser.until_text("The overview says when it was here last").await;
    browser.quit().await;
    world.stop().await;
}

/// That the state of a configuration is "applied".
fn applied(place: &str) -> &'static str {
    match place {
        "#now" => "return document.querySelector('#now').textContent.includes('applied')",
        _ => "return document.querySelector('#state .status')?.textContent.trim() === 'OK'",
    }
}

async fn configuration(world: &World, browser: &Browser) {
    browser.go(&format!("{GW}/configuration")).await;
    browser.until_text("Checks in every").await;
    browser.until("it is applied", applied("#state")).await;
    browser.check("gateway-configuration").await;
    world.rest("PUT", "/networks/n1/gateways/gw1/magmad", Some(magmad(77))).await;
    browser.go(&format!("{GW}/configuration")).await;
    browser.until_text("77").await;
    browser.until("it is applied again", applied("#state")).await;
    browser.go(&format!("{GW}/configuration?json=1")).await;
    browser.until_text("\"checkin_interval\": 77").await;
    browser.go(&format!("{GW}/configuration")).await;
    browser.click(".card a[href*='magmad']").await;
    browser.until("the editor", "return location.pathname === '/console/change'").await;
    browser.fill("[name='v/checkin_interval']", "88").await;
    browser.click("button[value=review]").await;
    browser.until_text("What you change").await;
    browser.click("button[value=save]").await;
    browser.until("back", "return location.pathname.endsWith('/configuration')").await;
    let saved = world.rest("GET", "/networks/n1/gateways/gw1/magmad", None).await;
    assert_eq!(saved["checkin_interval"], 88);
}

async fn commands(browser: &Browser) {
    browser.go(&format!("{GW}/commands")).await;
    browser.check("gateway-commands").await;
    browser.fill("#form-ping [name=hosts]", "127.0.0.1").await;
    browser.fill("#form-ping [name=packets]", "1").await;
    browser.click("#form-ping button").await;
    browser.until("its answer", "return !!document.querySelector('#output table')").await;
    browser.until_text("Ping 127.0.0.1").await;
    browser.check("gateway-ping").await;
    browser.fill("#form-traceroute [name=hosts]", "127.0.0.1").await;
    browser.click("#form-traceroute button").await;
    browser.until_text("The way to 127.0.0.1").await;

    browser.fill("#form-generic [name=command]", "echo").await;
    browser.fill("#form-generic [name=params]", "{\"shell_params\": [\"to and fro\"]}").await;
    browser.click("#form-generic button").await;
    browser.until_text("it ended with 0").await;
    let written = "return document.querySelector('#output pre.json').textContent";
    assert_eq!(browser.js(written).await, "to and fro\n");
    let line = browser.js("return document.querySelector('#curl').textContent").await;
    let line = line.as_str().unwrap();
    assert!(line.contains("/magma/v1/networks/n1/gateways/gw1/command/generic'"), "{line}");
    browser.check("gateway-command").await;

    // What it does not know, it says; what makes no sense is not sent.
    browser.fill("#form-generic [name=command]", "format").await;
    browser.click("#form-generic button").await;
    browser.until_text("no config for format").await;
    browser.until_text("under generic_command_config").await;
    browser.fill("form.fields [name=name]", "gw2").await;
    browser.click("button.danger").await;
    browser.until_text("It was not told to reboot: type gw1 to confirm.").await;
}

async fn services(browser: &Browser) {
    browser.go(&format!("{GW}/services")).await;
    browser.until_text("magmad").await;
    browser.check("gateway-services").await;
    browser.go(&format!("{GW}/services/log?service=ticker")).await;
    let lines = "document.querySelectorAll('[data-log-lines] > span').length";
    browser.until("lines", &format!("return {lines} > 2")).await;
    browser.click("[data-log-pause]").await;
    let held = browser.js(&format!("return {lines}")).await;
    browser
        .until(
            "lines wait",
            "return /wait: [1-9]/.test(document.querySelector('[data-log-state]').textContent)",
        )
        .await;
    assert_eq!(browser.js(&format!("return {lines}")).await, held);
    browser.check("gateway-log").await;
    browser.click("[data-log-pause]").await;
    browser.until("it goes on", &format!("return {lines} > {held}")).await;
    browser.fill("[data-log-filter]", "tock").await;
    let shown = "return document.querySelectorAll('[data-log-lines] > span:not([hidden])').length === 0";
    browser.until("none is like that", shown).await;

    browser.go(&format!("{GW}/services/restart?service=ticker")).await;
    browser.check("gateway-restart").await;
    browser.click("button.danger").await;
    browser.until_text("Roof was told to restart ticker.").await;
    browser.go(&format!("{GW}/services/restart?service=nonsense")).await;
    browser.click("button.danger").await;
    browser.until_text("nonsense").await;
    browser.until("the refusal", "return !!document.querySelector('.problem')").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happened_at_a_gateway_is_found_and_its_traces_are_downloaded() {
    let world = World::start().await;
    world.add_gateway("n1", "gw1").await;
    world.report("n1", "gw1", std::time::Duration::ZERO).await;
    world.capture("n1", "gw1", "t1", b"packets").await;
    let Some(browser) = Browser::signed_in(&world, "ann", PASSWORD).await else { return };
    browser.go(&format!("{GW}/events")).await;
    browser.until_text("It has told of no event.").await;
    browser.until_text("No lines of its logs are here.").await;
    browser.check("gateway-events").await;

    browser.go(&format!("{GW}/traces")).await;
    browser.until_text("captured").await;
    browser.check("gateway-traces").await;
    let download = "const link = document.querySelector('a[download]').href; return fetch(link).then((answer) => answer.text())";
    assert_eq!(browser.js(download).await, "packets");
    browser.fill("form.fields [name=trace_id]", "t2").await;
    browser.click("form.fields button").await;
    browser.until_text("is not connected").await;
    browser.click("details.ask > summary").await;
    browser.click("button[value=delete]").await;
    browser.until_text("The trace t1 is deleted.").await;
    browser.until_text("No call trace of this gateway.").await;
    assert_eq!(world.rest("GET", "/networks/n1/tracing", None).await, json!({}));

    // Deleting takes its name.
    browser.go(GW).await;
    browser.click("section.end a[href*='/console/remove']").await;
    browser.fill("[name=name]", "gw1").await;
    browser.click("button.danger").await;
    browser.until_text("Gateway gw1 is deleted").await;
    assert_eq!(world.try_rest("GET", "/networks/n1/gateways/gw1", None).await.0, 404);
    browser.quit().await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_radio_gateway_has_its_own_parts_and_who_may_only_look_has_no_buttons() {
    let world = World::start().await;
    world.add_lte_network("radio").await;
    let tenant = json!({"id": 7, "name": "Seven", "networks": ["radio"]});
    world.rest("POST", "/tenants", Some(tenant)).await;
    world.add_user("bob", json!([{"role": "read_only", "tenant": 7}])).await;
    let gateway = json!({
        "id": "agw", "name": "Radio", "description": "with a radio", "tier": "default", "magmad": magmad(60),
        "device": {"hardware_id": "hw-agw", "key": {"key_type": "ECHO"}}, "connected_enodeb_serials": [],
        "cellular": {
            "epc": {"ip_block": "192.168.128.0/24", "nat_enabled": true}, "ran": {"pci": 260, "transmit_enabled": true},
        },
    });
    world.rest("POST", "/lte/radio/gateways", Some(gateway)).await;
    let page = "/console/networks/radio/gateways/agw";
    let Some(browser) = Browser::signed_in(&world, "bob", PASSWORD).await else { return };
    browser.go(page).await;
    browser.until_text("eNodeBs").await;
    browser.go(&format!("{page}/configuration")).await;
    browser.until_text("Core (EPC)").await;
    browser.check("gateway-radio").await;
    browser.until_text("You may look at this network, but not change it").await;
    for tab in ["", "/configuration", "/services", "/commands", "/events", "/traces"] {
        browser.go(&format!("{page}{tab}")).await;
        assert_eq!(
            browser.js("return document.querySelectorAll('main form[method=post]').length").await,
            0,
            "{tab}"
        );
        assert_eq!(
            browser.js("return document.querySelectorAll('main a[href*=\"/console/change\"]').length").await,
            0,
            "{tab}"
        );
    }
    let forged = "return fetch(location.pathname.replace(/traces$/, 'commands'), {method: 'POST', headers: \
        {'content-type': 'application/x-www-form-urlencoded'}, body: 'action=ping&hosts=a'}).then((answer) => answer.text())";
    let answer = browser.js(forged).await;
    assert!(answer.as_str().unwrap().contains("You may look at this network"), "{answer}");
    browser.quit().await;
    world.stop().await;
}
