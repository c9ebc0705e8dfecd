//! What each page may cost the line to it.

use crate::browser::Browser;
use crate::crawl::crawl;
use crate::world::{PASSWORD, World};

/// To be shown for the first time.
const REQUESTS_MAX: usize = 8;
const BYTES_MAX: u64 = 100_000;

/// To be shown again.
const REQUESTS_AGAIN_MAX: usize = 2;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_is_small_and_a_second_look_costs_little() {
    let world = World::start().await;
    world.add_lte_network("radio").await;
    let Some(browser) = Browser::signed_in(&world, "ann", PASSWORD).await else { return };
    let mut found = crawl(&browser).await.pages;
    // A list that is as long as one page of it gets.
    for number in 0..60 {
        world.add_gateway("n1", &format!("gw{number:02}")).await;
    }
    found.push("/console/networks/n1/gateways".to_owned());
    let (mut bytes_max, mut requests_max, mut again_max) = (0, 0, 0);
    for page in &found {
        browser.forget_cache().await;
        browser.go(page).await;
        let first = browser.requests().await;
        let bytes: u64 = first.iter().map(|(_, bytes)| bytes).sum();
        (bytes_max, requests_max) = (bytes_max.max(bytes), requests_max.max(first.len()));
        assert!(first.len() <= REQUESTS_MAX && bytes <= BYTES_MAX, "{page}: {bytes} bytes, {first:?}");
        browser.go(page).await;
        let again: Vec<_> = browser.requests().await.into_iter().filter(|(_, bytes)| *bytes > 0).collect();
        again_max = again_max.max(again.len());
        assert!(again.len() <= REQUESTS_AGAIN_MAX, "{page}, again: {again:?}");
    }
    println!(
        "{} pages: at most {bytes_max} bytes in {requests_max} requests, again {again_max}",
        found.len()
    );
    browser.quit().await;
    world.stop().await;
}
