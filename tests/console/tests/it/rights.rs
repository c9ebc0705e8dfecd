//! Who may not write, and who is of another organisation: they send every form of every page that an owner finds, and change
//! nothing.

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::crawl::{READ, crawl};
use crate::world::{PASSWORD, World};

/// The status of an answer to a form; 0: it leads on to another page, as it does when something was done.
const SEND: &str = "return fetch(arguments[0], {method: 'POST', redirect: 'manual', body: new URLSearchParams(arguments[1])})\
    .then((answer) => answer.status);";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_not_changes_nothing_by_any_form() {
    let world = World::start().await;
    world.add_lte_network("radio").await;
    world.rest("POST", "/dp/radio/cbsds", Some(crate::cbsds::cbsd("s1"))).await;
    for (id, networks) in [(7, json!(["radio", "n1"])), (8, json!(["south"]))] {
        world
            .rest("POST", "/tenants", Some(json!({"id": id, "name": format!("T{id}"), "networks": networks})))
            .await;
    }
    world.add_network("south", "South").await;
    world.add_user("bob", json!([{"role": "read_only", "tenant": 7}])).await;
    world.add_user("carol", json!([{"role": "operator", "tenant": 8}])).await;
    let Some(browser) = Browser::signed_in(&world, "ann", PASSWORD).await else { return };
    let found = crawl(&browser).await;
    assert!(found.pages.len() > 20 && found.forms.len() > 10, "{} {}", found.pages.len(), found.forms.len());
    let of_radio = |text: &str| text.contains("/networks/radio") || text.contains("%2Fradio");
    for (who, sees_radio) in [("bob", true), ("carol", false)] {
        browser.sign_out().await;
        browser.sign_in(who, PASSWORD).await;
        browser
            .until("the overview", "return document.querySelector('h1')?.textContent === 'Overview'")
            .await;
        for page in found.pages.iter().filter(|page| of_radio(page)) {
            let read = browser.run(READ, json!([page])).await;
            assert!(sees_radio || read["status"] == 404, "{who} {page}: {}", read["status"]);
            assert!(read["status"].as_u64().unwrap() < 500, "{who} {page}: {}", read["status"]);
        }
        for form in &found.forms {
            let action = form["action"].as_str().unwrap();
            // Her own network carol may change.
            if who == "carol" && form.to_string().contains("south") {
                continue;
            }
            let status = browser.run(SEND, json!([action, form["fields"]])).await;
            let status = status.as_u64().unwrap();
            assert!(status > 0 && status < 500, "{who} {action} {}: {status}", form["fields"]);
        }
        let log = world.rest("GET", &format!("/audit?actor={who}&size=1000"), None).await;
        let done: Vec<&Value> =
            log.as_array().unwrap().iter().filter(|entry| entry["status"].as_u64().unwrap() < 400).collect();
        assert!(done.is_empty(), "{who} did {done:#?}");
    }
    browser.expect_errors().await;
    browser.quit().await;
    world.stop().await;
}
