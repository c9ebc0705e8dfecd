//! The first page: what needs attention, and a change that shows by itself.

use std::time::Duration;

use crate::browser::Browser;
use crate::world::{PASSWORD, World};

/// What a page may take to be shown for the first time.
const REQUESTS_MAX: usize = 8;
const BYTES_MAX: u64 = 100_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_needs_attention_is_shown_and_a_change_shows_by_itself() {
    let world = World::start().await;
    for gateway in ["gw1", "gw2"] {
        world.add_gateway("n1", gateway).await;
        world.report("n1", gateway, Duration::ZERO).await;
    }
    let Some(browser) = Browser::signed_in(&world, "ann", PASSWORD).await else { return };
    browser.until_text("All 2 gateways are checking in.").await;
    let requests = browser.requests().await;
    let bytes: u64 = requests.iter().map(|(_, bytes)| bytes).sum();
    assert!(requests.len() <= REQUESTS_MAX && bytes <= BYTES_MAX, "{requests:?}");
    browser.check("home").await;

    world.report("n1", "gw2", Duration::from_secs(3600)).await;
    browser.until_text("it has stopped checking in").await;
    browser
        .until("its age", "return document.querySelector('.problems time').textContent === '1 h ago'")
        .await;
    browser.check("home-problem").await;
    browser.click(".problems a").await;
    browser.until("its page", "return location.pathname === '/console/networks/n1/gateways/gw2'").await;
    browser.quit().await;
    world.stop().await;
}
