//! Administration: users with roles and tokens, organisations, and the audit log.

use serde_json::json;

use crate::browser::Browser;
use crate::world::{PASSWORD, World};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_gets_roles_a_password_and_a_token_and_what_was_changed_is_found() {
    let world = World::start().await;
    let Some(browser) = Browser::signed_in(&world, "ann", PASSWORD).await else { return };
    browser.go("/console/admin").await;
    browser.check("users").await;
    browser.click("main a.main").await;
    browser.until("the form", "return location.pathname === '/console/new'").await;
    browser.fill("[name='v/username']", "bob").await;
    browser.fill("[name='v/password']", PASSWORD).await;
    browser.click("button[value=review]").await;
    browser.until_text("User bob is added.").await;

    browser.go("/console/change?resource=/user/bob/roles&back=/console/admin/users/bob").await;
    browser.click("[data-add-row]").await;
    browser.js("document.querySelector(\"[name='v/0/role']\").value = 'operator'").await;
    browser.click("button[value=review]").await;
    browser.until_text("What you change").await;
    browser.click("button[value=save]").await;
    browser.until_text("Operator: changes the networks, everywhere").await;
    assert_eq!(world.rest("GET", "/user/bob/roles", None).await, json!([{"role": "operator"}]));

    browser.go("/console/change?resource=/user/bob&back=/console/admin/users/bob").await;
    browser.fill("[name='v/password']", "another long password").await;
    browser.click("button[value=review]").await;
    browser.until_text("••• new •••").await;
    let shown = browser.js("return document.body.innerText").await;
    assert!(!shown.as_str().unwrap().contains("another long password"));
    browser.click("button[value=save]").await;
    browser.until_text("User bob is changed.").await;
    let sign_in = json!({"username": "bob", "password": "another long password"});
    assert_eq!(world.try_rest("POST", "/user/login", Some(sign_in)).await.0, 201);

    browser.go("/console/admin/users/bob").await;
    browser.fill("[name=path]", "/magma/v1/networks/n1/**").await;
    browser.click("form[action$='/token'] button").await;
    browser.until_text("It is shown this once").await;
    browser.check("user").await;
    let tokens = world.rest("GET", "/user/bob/tokens", None).await;
    assert!(tokens.to_string().contains("/magma/v1/networks/n1/**"), "{tokens}");
    let count = tokens.as_array().unwrap().len();
    browser.go("/console/admin/users/bob").await;
    browser.click("form[action$='/revoke'] button").await;
    browser.until_text("The token is revoked.").await;
    assert_eq!(world.rest("GET", "/user/bob/tokens", None).await.as_array().unwrap().len(), count - 1);

    world.rest("POST", "/tenants", Some(json!({"id": 5, "name": "Five", "networks": ["n1"]}))).await;
    browser.go("/console/admin/organisations").await;
    browser.until_text("Five").await;
    browser.check("organisations").await;
    browser.go("/console/admin/system").await;
    browser.until_text("orc8r backup FILE").await;
    browser.click("main details summary").await;
    browser
        .until(
            "what it is built from",
            "return document.querySelectorAll('main details tbody tr').length > 100",
        )
        .await;
    browser.until_text("Apache-2.0").await;
    browser.check("system").await;

    browser.go("/console/admin/audit?actor=ann").await;
    browser.until_text("PUT /magma/v1/user/bob/roles").await;
    browser.click("main details summary").await;
    browser.check("audit").await;
    browser.fill("[name=path]", "/magma/v1/user/bob/roles").await;
    browser.click("form.filter button").await;
    browser
        .until(
            "one entry",
            "return document.querySelectorAll('main > .scroll > table > tbody > tr').length === 1",
        )
        .await;
    when_it_was(&world, &browser).await;
    browser.quit().await;
    world.stop().await;
}

/// The log is narrowed to a time by the server, and its URL says to which.
async fn when_it_was(world: &World, browser: &Browser) {
    let rows = |count: usize| {
        format!("return document.querySelectorAll('main > .scroll > table > tbody > tr').length === {count}")
    };
    for (name, time, count) in [("from", "2001-01-01T00:00", 1), ("to", "2001-01-02T00:00", 0)] {
        browser.js(&format!("document.querySelector('form.filter [name={name}]').value = '{time}'")).await;
        browser.click("form.filter button").await;
        browser
            .until(
                "the URL says it",
                &format!("return new URLSearchParams(location.search).get('{name}') === '{time}'"),
            )
            .await;
        browser.until("so many entries", &rows(count)).await;
    }
    browser.until_text("No change is known that is like this.").await;
    browser.check("audit-of-a-time").await;
    for (time, count) in [("from_ms=978307200000", 1), ("to_ms=978393659999", 0)] {
        let log = world.rest("GET", &format!("/audit?path=/magma/v1/user/bob/roles&{time}"), None).await;
        assert_eq!(log.as_array().unwrap().len(), count, "{time}: {log}");
    }
    browser.go("/console/admin/audit?from=yesterday").await;
    browser.until_text("“yesterday” is no time").await;
}
