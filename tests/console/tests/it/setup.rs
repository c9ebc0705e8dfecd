//! The first user, and nobody else, is made with the code that was printed.

use crate::browser::Browser;
use crate::world::{PASSWORD, World};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_user_is_made_with_the_code_and_no_second_one() {
    let world = World::empty().await;
    let code = world.running.setup_code().unwrap().to_owned();
    let Some(browser) = Browser::open(&world).await else { return };
    browser.go("/console/").await;
    browser.until("the set-up page", "return location.pathname === '/console/setup'").await;
    browser.check("setup").await;
    let fill = async |code: &str, again: &str| {
        browser.fill("[name=code]", code).await;
        browser.fill("[name=username]", "ann").await;
        browser.fill("[name=password]", PASSWORD).await;
        browser.fill("[name=again]", again).await;
        browser.click("form.sign-in button").await;
    };
    fill(&code, "another password").await;
    browser.until_text("The passwords are not the same.").await;
    fill("AAAAA-AAAAA-AAAAA-AAAAA", PASSWORD).await;
    browser.until_text("the code is another one").await;
    fill(&code.to_lowercase(), PASSWORD).await;
    browser.until("the overview", "return document.querySelector('h1')?.textContent === 'Overview'").await;
    let roles = world.rest("GET", "/user/ann/roles", None).await;
    assert_eq!(roles, serde_json::json!([{"role": "owner"}]));

    let second = serde_json::json!({"code": code, "username": "eve", "password": PASSWORD});
    assert_eq!(world.try_rest("POST", "/about/setup", Some(second)).await.0, 409);
    let setup = world.rest("GET", "/about/setup", None).await;
    assert_eq!(setup, serde_json::json!({"open": false}));
    browser.go("/console/setup").await;
    browser.until("the overview", "return document.querySelector('h1')?.textContent === 'Overview'").await;
    let log = world.rest("GET", "/audit?size=1", None).await;
    assert_eq!(log[0]["actor"], "set-up code", "{log}");
    assert!(!log.to_string().contains(PASSWORD), "{log}");
    browser.quit().await;
    world.stop().await;
}
