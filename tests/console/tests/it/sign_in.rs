//! Signing in and out.

use crate::browser::Browser;
use crate::world::{PASSWORD, World};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_signs_in_sees_the_page_that_he_wanted_and_signs_out() {
    let world = World::start().await;
    let Some(browser) = Browser::open(&world).await else { return };
    browser.go("/console/networks?x=1").await;
    browser.check("sign-in").await;
    browser.sign_in("ann", "a wrong password").await;
    browser.until_text("The user name or the password is wrong.").await;
    browser.expect_errors().await;
    browser.sign_in("ann", PASSWORD).await;
    browser.until_text("You may").await;
    assert_eq!(browser.place().await, "/console/networks?x=1");
    browser.check("networks").await;

    browser.click("header details.menu:last-of-type summary").await;
    browser.click("form[action='/console/sign-out'] button").await;
    browser.until("the page where one signs in", "return location.pathname === '/console/sign-in'").await;
    browser.go("/console/networks").await;
    assert!(browser.place().await.starts_with("/console/sign-in"), "the session has ended");
    browser.quit().await;
    world.stop().await;
}
