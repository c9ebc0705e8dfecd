//! Alerts: a rule is made and fires, a receiver is told, and a silence keeps quiet.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::browser::Browser;
use crate::world::{PASSWORD, World};

const ALERTS: &str = "/console/networks/n1/alerts";

/// A web server that takes one message: where it is, and what comes.
async fn webhook() -> (String, JoinHandle<Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let came = tokio::spawn(async move {
        let mut stream = BufReader::new(listener.accept().await.unwrap().0);
        let mut length = 0;
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).await.unwrap();
            match line.trim_end().split_once(':') {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.trim().parse().unwrap()
                }
                None if line.trim_end().is_empty() => break,
                _ => {}
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await.unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await.unwrap();
        serde_json::from_slice(&body).unwrap()
    });
    (url, came)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rule_is_made_fires_and_is_silenced() {
    let world = World::start().await;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let hot: Vec<(u64, f64)> = (0..30).map(|at| (now - at * 60, 80.0)).collect();
    world.measure("n1", "temperature", &[("gatewayID", "gw1")], &hot).await;
    let Some(browser) = Browser::signed_in(&world, "ann", PASSWORD).await else { return };
    browser.go(ALERTS).await;
    browser.until_text("No alert fires.").await;
    browser.check("alerts-none").await;

    // Made of a metric and a threshold, looked at, and saved.
    browser.go(&format!("{ALERTS}/rules")).await;
    browser.until_text("Gateway Checkin Failure").await;
    browser.check("alert-rules").await;
    browser.click("a.main").await;
    browser.fill("[name=name]", "Hot").await;
    browser.fill("[name=metric]", "temperature").await;
    browser.fill("[name=threshold]", "hot").await;
    browser.fill("[name=lasts]", "1s").await;
    browser.click("[value=save]").await;
    browser.until_text("The threshold must be a number.").await;
    browser.fill("[name=threshold]", "70").await;
    browser.fill("[name=description]", "{{ $labels.gatewayID }} is hot").await;
    browser.click("[value=preview]").await;
    browser.until_text("It would have fired once.").await;
    browser.until_text("temperature > 70").await;
    browser.check("alert-rule-preview").await;
    browser.click("[value=save]").await;
    browser.until_text("Rule Hot is saved.").await;
    let rules = world.rest("GET", "/networks/n1/prometheus/alert_config?alert_name=Hot", None).await;
    assert_eq!((&rules[0]["expr"], &rules[0]["for"]), (&json!("temperature > 70"), &json!("1s")));
    assert_eq!(rules[0]["labels"], json!({"severity": "major"}));

    // It fires, and the page says so by itself.
    browser.go(ALERTS).await;
    browser.until_text("gw1 is hot").await;
    browser.until_text("Major").await;
    browser.check("alerts").await;
    browser.go(&format!("{ALERTS}/history?range=1h")).await;
    browser.until_text("Still firing").await;
    browser.check("alert-history").await;

    // Silenced from there, with its labels; it is still shown.
    browser.go(ALERTS).await;
    browser.click("#firing a.button").await;
    browser
        .until(
            "its labels",
            "return document.querySelector('[name=matchers]')?.value.includes('gatewayID=gw1')",
        )
        .await;
    browser.fill("[name=comment]", "the fan is being changed").await;
    browser.check("silence-add").await;
    browser.click("form.sheet .main").await;
    browser.until_text("Silent for 1 hour.").await;
    browser.check("silences").await;
    let silences = world.rest("GET", "/networks/n1/alerts/silence?active=true", None).await;
    assert_eq!(silences[0]["createdBy"], "ann");
    browser.go(ALERTS).await;
    browser.until_text("Silenced").await;
    browser.go(&format!("{ALERTS}/silences")).await;
    browser.click("#silences button").await;
    browser.until_text("The silence is over.").await;

    // Its end wants its name.
    browser.go(&format!("{ALERTS}/rules/delete?name=Hot")).await;
    browser.fill("[name=typed]", "Cold").await;
    browser.click("form.fields button").await;
    browser.until_text("nothing was deleted").await;
    browser.fill("[name=typed]", "Hot").await;
    browser.click("form.fields button").await;
    browser.until_text("The rule Hot is deleted.").await;
    let gone = world.try_rest("GET", "/networks/n1/prometheus/alert_config?alert_name=Hot", None).await;
    assert_eq!(gone.0, 404);
    browser.click("form[action$=predefined] button").await;
    browser.until_text("predefined rules were added").await;
    browser.quit().await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_is_made_tested_and_told_by_a_route() {
    let world = World::start().await;
    let tenant = json!({"id": 7, "name": "Seven", "networks": ["n1"]});
    world.rest("POST", "/tenants", Some(tenant)).await;
    world.add_user("bob", json!([{"role": "read_only", "tenant": 7}])).await;
    let Some(browser) = Browser::signed_in(&world, "ann", PASSWORD).await else { return };
    let (url, came) = webhook().await;
    browser.go(&format!("{ALERTS}/receivers")).await;
    browser.until_text("Nobody is told of alerts.").await;
    browser.click("a.main").await;
    browser.fill("[name=name]", "ops").await;
    browser.fill("[name='webhook_configs/url']", &url).await;
    browser.fill("[name='pagerduty_configs/routing_key']", "a-secret-key").await;
    browser.check("receiver").await;
    browser.click("form.sheet .main").await;
    browser.until_text("Receiver ops is saved.").await;
    browser.until_text("No route leads to it").await;
    browser.check("receivers").await;

    // Its secrets are shown to nobody, and stay when something else is changed.
    browser.click("article a.button").await;
    browser
        .until(
            "the mask",
            "return document.querySelector('[name=\"pagerduty_configs/routing_key\"]')?.value === '********'",
        )
        .await;
    assert!(
        !browser
            .js("return document.documentElement.outerHTML")
            .await
            .as_str()
            .unwrap()
            .contains("a-secret-key")
    );
    browser.fill("[name='pagerduty_configs/routing_key']", "").await;
    browser.click("form.sheet .main").await;
    browser.until_text("Receiver ops is saved.").await;

    // The test goes the way that an alert goes.
    browser.click("form[action$=test] button").await;
    browser.until_text("webhook: the message was taken").await;
    let came = came.await.unwrap();
    assert_eq!(
        (&came["status"], &came["alerts"][0]["labels"]["alertname"]),
        (&json!("firing"), &json!("Test"))
    );

    browser.go(&format!("{ALERTS}/routes")).await;
    browser.until_text("nobody").await;
    browser.js("document.querySelector('[name=severity]').value = 'critical'").await;
    browser.click("form[action$=add] button").await;
    browser.until_text("The routes are saved.").await;
    browser.until_text("severity=critical").await;
    browser.check("routes").await;
    let tree = world.rest("GET", "/networks/n1/prometheus/alert_receiver/route", None).await;
    let route = &tree["routes"][0];
    assert_eq!((&route["receiver"], &route["match"]), (&json!("ops"), &json!({"severity": "critical"})));
    browser.fill("[name=json]", "{").await;
    browser.click("section:last-of-type form .main").await;
    browser.until_text("This is no JSON").await;

    // Who may only look changes nothing.
    browser.sign_out().await;
    browser.sign_in("bob", PASSWORD).await;
    browser.until("the overview", "return document.querySelector('h1')?.textContent === 'Overview'").await;
    for page in
        ["", "/rules", "/rules/edit?name=Gateway+Checkin+Failure", "/receivers", "/routes", "/silences"]
    {
        browser.go(&format!("{ALERTS}{page}")).await;
        let forms = browser.js("return document.querySelectorAll('main form[method=post]').length").await;
        assert_eq!(forms, 0, "{page}");
    }
    let forged = "return fetch('/console/networks/n1/alerts/receivers/test', {method: 'POST', headers: \
        {'content-type': 'application/x-www-form-urlencoded'}, body: 'name=ops'}).then((answer) => answer.status)";
    assert_eq!(browser.js(forged).await, 403);
    browser.expect_errors().await;
    browser.quit().await;
    world.stop().await;
}
