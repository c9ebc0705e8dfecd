//! One's own account, and its password.

use serde_json::json;

use crate::browser::Browser;
use crate::world::{PASSWORD, World};

const NEW: &str = "another long password";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_sees_his_own_account_and_changes_his_password() {
    let world = World::start().await;
    world.rest("POST", "/tenants", Some(json!({"id": 7, "name": "Seven", "networks": ["n1"]}))).await;
    world.add_user("bob", json!([{"role": "read_only", "tenant": 7}])).await;
    let policy =
        json!({"effect": "ALLOW", "action": "READ", "resourceType": "NETWORK_ID", "resourceIDs": ["n1"]});
    world.rest("POST", "/user/bob/tokens", Some(json!([policy]))).await;
    let elsewhere = Browser::signed_in(&world, "bob", PASSWORD).await;
    let Some((browser, elsewhere)) = Browser::signed_in(&world, "bob", PASSWORD).await.zip(elsewhere) else {
        return;
    };

    browser.click("header details.menu:last-of-type summary").await;
    browser.click("header a[href='/console/account']").await;
    browser.until_text("by your password").await;
    browser.until_text("Reader: looks at the networks, in the organisation 7").await;
    browser.until("its token", "return document.querySelectorAll('main tbody tr').length === 1").await;
    browser.check("account").await;

    let change = async |old: &str, new: &str, again: &str| {
        browser.fill("[name=old]", old).await;
        browser.fill("[name=new]", new).await;
        browser.fill("[name=again]", again).await;
        browser.click("main form.fields button").await;
    };
    change(PASSWORD, NEW, "a third password").await;
    browser.until_text("The new passwords are not the same: nothing was changed.").await;
    change("a wrong password", NEW, NEW).await;
    browser.until_text("the old password is wrong").await;
    browser.expect_errors().await;
    change(PASSWORD, NEW, NEW).await;
    browser.until_text("Your password is changed, and your other sessions have ended.").await;
    browser.check("account-changed").await;

    elsewhere.go("/console/account").await;
    elsewhere.until("signed out", "return location.pathname === '/console/sign-in'").await;
    let sign_in = |password: &str| Some(json!({"username": "bob", "password": password}));
    assert_eq!(world.try_rest("POST", "/user/login", sign_in(PASSWORD)).await.0, 401);
    assert_eq!(world.try_rest("POST", "/user/login", sign_in(NEW)).await.0, 201);
    let log = world.rest("GET", "/audit?actor=bob", None).await;
    assert_eq!(log[0]["path"], "/magma/v1/about/me/password", "{log}");
    for password in [PASSWORD, NEW] {
        assert!(!log.to_string().contains(password), "{log}");
    }
    elsewhere.quit().await;
    browser.quit().await;
    world.stop().await;
}
