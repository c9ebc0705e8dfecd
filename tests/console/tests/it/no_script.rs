//! Without a script: pages are read, and forms are sent, all the same.

use serde_json::json;

use crate::browser::Browser;
use crate::world::{PASSWORD, World};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_are_read_and_forms_sent_without_a_script() {
    let world = World::start().await;
    for gateway in ["alpha", "beta"] {
        world.add_gateway("n1", gateway).await;
    }
    let Some(browser) = Browser::open(&world).await else { return };
    browser.without_scripts().await;
    browser.go("/console/").await;
    browser.sign_in("ann", PASSWORD).await;
    browser.until_text("Needs attention").await;
    browser.until_text("Shown as it was loaded").await;

    browser.go("/console/networks/n1/gateways").await;
    browser.until_text("1–2 of 2").await;
    browser.fill("[name=q]", "alph").await;
    browser.click("form.filter noscript button, form.filter button").await;
    browser.until_text("1–1 of 1").await;

    browser.go("/console/change?resource=/networks/n1/dns&back=/console/networks/n1").await;
    browser.fill("[name='v/records/0/domain']", "portal.example").await;
    browser.click("button[value=review]").await;
    browser.until_text("What you change").await;
    browser.click("button[value=save]").await;
    browser.until_text("DNS configuration is changed.").await;
    let saved = world.rest("GET", "/networks/n1/dns", None).await;
    assert_eq!(saved["records"][0]["domain"], json!("portal.example"));
    browser.quit().await;
    world.stop().await;
}
