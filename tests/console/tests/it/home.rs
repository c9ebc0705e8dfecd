//! The first page: what needs attention, and a change that shows by itself; and the palette, which is over every page.

mod palette;

use std::time::{Duration, Instant};

use serde_json::json;

use crate::browser::Browser;
use crate::world::{PASSWORD, World};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_needs_attention_is_shown_and_a_change_shows_by_itself() {
    let world = World::start().await;
    for gateway in ["gw1", "gw2"] {
        world.add_gateway("n1", gateway).await;
        world.report("n1", gateway, Duration::ZERO).await;
    }
    let Some(browser) = Browser::signed_in(&world, "ann", PASSWORD).await else { return };
    browser.until_text("All 2 gateways are checking in.").await;
    browser.check("home").await;

    let begun = Instant::now();
    world.report("n1", "gw2", Duration::from_secs(3600)).await;
    browser.until_text("it has stopped checking in").await;
    println!("a change showed after {} ms", begun.elapsed().as_millis());
    browser
        .until("its age", "return document.querySelector('.problems time').textContent === '1 h ago'")
        .await;
    browser.check("home-problem").await;
    // An alert that fires stands there, too, the worst first.
    let rule = json!({"alert": "Hot", "expr": "vector(1) == 1", "labels": {"severity": "critical"}, "annotations": {"summary": "It is hot."}});
    world.rest("POST", "/networks/n1/prometheus/alert_config", Some(rule)).await;
    browser.until_text("It is hot.").await;
    browser.until_text("1 alert fires").await;
    browser
        .until(
            "its link",
            "return document.querySelector('.problems a[href=\"/console/networks/n1/alerts\"]') !== null",
        )
        .await;
    browser.check("home-alert").await;
    browser.click(".problems a[href$=gw2]").await;
    browser.until("its page", "return location.pathname === '/console/networks/n1/gateways/gw2'").await;
    browser.quit().await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_connection_is_shown_with_the_age_of_what_is_on_the_screen() {
    let world = World::start().await;
    world.add_gateway("n1", "gw1").await;
    world.report("n1", "gw1", Duration::ZERO).await;
    let Some(browser) = Browser::signed_in(&world, "ann", PASSWORD).await else { return };
    browser.until("live", "return document.querySelector('#live-state .text').textContent === 'Live'").await;
    world.stop().await;
    browser.until_text("No connection to the Orchestrator. What you see is").await;
    browser.until_text("The gateway is checking in.").await;
    browser.expect_errors().await;
    browser.quit().await;
}
