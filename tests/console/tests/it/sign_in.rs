//! Signing in and out.

use serde_json::json;

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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_guesses_passwords_is_told_to_wait_and_forms_of_other_sites_are_refused() {
    let world = World::start().await;
    let Some(browser) = Browser::open(&world).await else { return };
    browser.go("/console/").await;
    browser.fill("[name=username]", "ann").await;
    browser.fill("[name=password]", PASSWORD).await;
    let guess = "return (async () => { for (let at = 0; at < 20; at += 1) {\
        const body = new URLSearchParams({username: 'ann', password: 'guess ' + at});\
        if ((await fetch('/console/sign-in', {method: 'POST', body})).status === 429) return at;\
    } })()";
    assert_eq!(browser.run(guess, json!([])).await, 5, "mistakes that cost nothing");
    // The right one does not help him now.
    browser.click("form.sign-in button[type=submit]").await;
    browser.until_text("wait 30 seconds, then try again").await;
    browser.expect_errors().await;
    browser.check("sign-in-wait").await;
    assert!(browser.place().await.starts_with("/console/sign-in"));

    // A page of another site has a form for us.
    let url = format!("{}/console/theme", world.url());
    let form =
        format!("<form method=post action={url}><input name=theme value=dark><button>Go</button></form>");
    browser.go_elsewhere(&format!("data:text/html,{form}")).await;
    browser.click("button").await;
    browser.until_text("This request does not come from a page of this console.").await;
    browser.expect_errors().await;
    browser.quit().await;
    world.stop().await;
}

/// A browser takes a client certificate from its user's own store, which one without a screen does not ask for; so curl shows it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_is_known_by_his_certificate_without_signing_in() {
    let world = World::start().await;
    let Some(page) = curl(&world, "/console/networks/n1", &[]).await else { return };
    assert!(page.starts_with("200\n") && page.contains("Operator, by certificate"), "{page}");
    assert!(
        page.contains("North") && !page.contains("/console/sign-out"),
        "he has nothing to sign out of: {page}"
    );
    // A browser shows the certificate whoever makes it ask: so who asks must be a page of ours.
    let delete = ["--data", "confirm=n1"];
    let path = "/console/remove?resource=/networks/n1&back=/console/networks";
    for origin in ["Origin: https://evil.example", "Origin: null", "X-None: 1"] {
        let refused = curl(&world, path, &[&delete[..], &["--header", origin]].concat()).await.unwrap();
        assert!(refused.starts_with("403\n"), "{origin}: {refused}");
    }
    let ours = format!("Origin: {}", world.url());
    let theme = ["--data", "theme=dark&to=/console/networks", "--header", &ours];
    assert!(curl(&world, "/console/theme", &theme).await.unwrap().starts_with("303\n"));
    assert_eq!(world.rest("GET", "/networks/n1", None).await["id"], "n1", "it is still there");
    world.stop().await;
}

/// What is answered to an operator: the status, then the body; `None`: there is no curl.
async fn curl(world: &World, path: &str, more: &[&str]) -> Option<String> {
    let (certificates, url) = (world.certificates(), format!("{}{path}", world.url()));
    let host = url.trim_start_matches("https://").split('/').next().unwrap();
    let answer = tokio::process::Command::new("curl")
        .args(["--silent", "--max-time", "60", "--write-out", "%{stderr}%{http_code}\n"])
        .args(["--resolve", &format!("{host}:127.0.0.1"), "--cacert"])
        .arg(certificates.join("rootCA.pem"))
        .arg("--cert")
        .arg(certificates.join("admin_operator.pem"))
        .arg("--key")
        .arg(certificates.join("admin_operator.key.pem"))
        .args(more)
        .arg(&url)
        .output()
        .await;
    let Ok(answer) = answer else {
        println!("skipped: curl is needed");
        return None;
    };
    Some(String::from_utf8_lossy(&answer.stderr).into_owned() + &String::from_utf8_lossy(&answer.stdout))
}
