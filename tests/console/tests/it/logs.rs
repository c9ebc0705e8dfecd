//! Events and logs: narrowed by the URL, live, and exported.

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::world::{PASSWORD, World};

/// What a page of the console answers: its status, and its text.
const READ: &str = "return fetch(arguments[0]).then(async (answer) => [answer.status, await answer.text()]);";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lines_and_events_are_narrowed_live_and_exported() {
    let lines = (0..60).map(|at| ("mme", format!("attach number {at}")));
    let lines = lines.chain([("sessiond", "=session, \"one\"".to_owned())]).collect();
    let world = World::start_with_logs(lines).await;
    let Some(browser) = Browser::signed_in(&world, "ann", PASSWORD).await else { return };
    browser.go("/console/networks/n1/logs").await;
    browser.until_text("1–50 of 61").await;
    browser.until("its bars", "return document.querySelectorAll('.histogram rect').length === 12").await;
    browser.check("logs").await;
    browser.go("/console/networks/n1/logs?page=2").await;
    browser.until_text("51–61 of 61").await;

    browser.go("/console/networks/n1/logs").await;
    browser.fill("[name=ident]", "sessiond").await;
    browser.until_text("1–1 of 1").await;
    browser.until("the URL", "return new URLSearchParams(location.search).get('ident') === 'sessiond'").await;
    browser.click("tbody summary").await;
    browser.until_text("\"gateway_id\": \"gw1\"").await;
    browser.go("/console/networks/n1/logs?q=%22number+17%22&gateway=gw1").await;
    browser.until_text("attach number 17").await;
    browser.until_text("1–1 of 1").await;
    browser.go("/console/networks/n1/logs?gateway=gw9").await;
    browser.until_text("No line like this in the last 3 hours.").await;
    browser.check("logs-none").await;
    browser.go("/console/networks/n1/logs?filters=nothing").await;
    browser.until_text("malformed filter: nothing").await;

    let read = |url: &'static str| browser.run(READ, json!([url]));
    let csv = read("/console/networks/n1/logs/export?format=csv&ident=sessiond").await;
    let text = csv[1].as_str().unwrap();
    assert!(text.starts_with("@timestamp,gateway_id,ident,tag,message,document\r\n"), "{text}");
    assert!(text.contains(r#",gw1,sessiond,,"'=session, ""one""","#), "no formula: {text}");
    let ndjson = read("/console/networks/n1/logs/export?format=ndjson").await;
    let lines: Vec<Value> =
        ndjson[1].as_str().unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 61);
    assert_eq!(read("/console/networks/n1/logs/export?format=xml").await[0], 400);
    assert_eq!(read("/console/networks/n9/logs/export?format=csv").await[0], 404);
    browser.expect_errors().await;

    // What comes is seen by itself, on top.
    browser.go("/console/networks/n1/events").await;
    browser.until("live", "return document.querySelector('#live-state .text').textContent === 'Live'").await;
    world.add_gateway("n1", "gw1").await;
    browser.until_text("gateway_created").await;
    browser.until_text("the Orchestrator").await;
    browser.check("events").await;
    let found = world.rest("GET", "/events/n1", None).await;
    let first = found[0]["event_type"].as_str().unwrap();
    browser
        .until(
            "the newest",
            &format!("return document.querySelector('tbody tr td:nth-child(2)').innerText === '{first}'"),
        )
        .await;
    browser
        .go(&format!(
            "/console/networks/n1/events?events={first}&streams={}",
            found[0]["stream_name"].as_str().unwrap()
        ))
        .await;
    browser.until_text(" of ").await;
    browser.go("/console/networks/n1/events?gateway=gw1").await;
    browser.until_text("No event like this").await;
    browser.go("/console/networks/n1/events?gateway=gw9").await;
    browser.until_text("The gateway that is asked for is not there").await;
    let ndjson = read("/console/networks/n1/events/export?format=ndjson").await;
    assert_eq!(ndjson[0], 200);
    assert!(ndjson[1].as_str().unwrap().contains(first));
    browser.quit().await;
    world.stop().await;
}
