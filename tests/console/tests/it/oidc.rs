//! Signing in at one's organisation: from the console to a provider, and back to where one wanted to be.

use serde_json::json;

use crate::browser::Browser;
use crate::openid_provider::Provider;
use crate::world::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_signs_in_at_his_organisation_and_comes_back_to_where_he_wanted_to_be() {
    let (provider, authority) = Provider::start().await;
    let files = tempfile::tempdir().unwrap();
    let (file, authorities) = (files.path().join("oidc.json"), files.path().join("authorities.pem"));
    std::fs::write(&authorities, authority).unwrap();
    let settings = json!({
        "issuer": provider.issuer, "client_id": "orc8r", "authorities": authorities,
        "redirect_url": "https://controller.magma.localhost/sign-in/oidc/callback",
        "roles": [{"value": "noc", "role": "read_only"}],
    });
    std::fs::write(&file, settings.to_string()).unwrap();
    let world = World::start_with(|mut config| {
        config.oidc = Some(file);
        config
    })
    .await;
    *provider.callback.lock().unwrap() = format!("{}/sign-in/oidc/callback", world.url());
    let Some(browser) = Browser::open(&world).await else { return };

    let wanted = "/console/networks/n1/gateways?sort=name";
    for (choice, said) in [
        ("#no", "your organisation's sign-in did not succeed"),
        ("#other", "this is the end of another sign-in"),
    ] {
        browser.go(wanted).await;
        browser.click("a[href^='/sign-in/oidc']").await;
        browser.until_text("Who are you?").await;
        browser.click(choice).await;
        browser.until_text("You are not signed in").await;
        browser.until_text(said).await;
        browser.expect_errors().await;
        browser.check("sign-in-refused").await;
    }
    // He tries again, from the page that says why.
    browser.click("a.button[href^='/sign-in/oidc']").await;
    browser.until_text("Who are you?").await;
    browser.click("#yes").await;
    browser.until("where he wanted to be", "return location.pathname + location.search === '/console/networks/n1/gateways?sort=name' && document.querySelector('h1')?.textContent === 'Gateways'").await;
    browser.until_text("kim@noc.test").await;
    let add = "return document.querySelector('a[href$=add-gateway]') === null";
    browser.until("he may only look, as his group says", add).await;
    browser.sign_out().await;
    browser.go("/console/networks").await;
    assert!(browser.place().await.starts_with("/console/sign-in"), "the session has ended");
    browser.quit().await;
    world.stop().await;
}
