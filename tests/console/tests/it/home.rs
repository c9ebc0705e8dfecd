//! The first page: what needs attention, and a change that shows by itself; and the palette, which is over every page.

mod palette;

use std::time::{Duration, Instant, SystemTime};

use orc8r_mconfig::MconfigBuilder;
use orc8r_model::{CertificateInfo, GatewayId, HardwareId, Identity, NetworkId};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::world::{PASSWORD, World};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_needs_attention_is_shown_and_a_change_shows_by_itself() {
    let world = World::start().await;
    for gateway in ["gw1", "gw2"] {
        world.add_gateway("n1", gateway).await;
        world.report("n1", gateway, Duration::ZERO).await;
    }
    let Some(browser) = Browser::signed_in(&world, "ann", PASSWORD).await else { return };
    browser.until_text("All 2 gateways are checking in.").await;
    browser.check("home").await;

    let begun = Instant::now();
    world.report("n1", "gw2", Duration::from_secs(3600)).await;
    browser.until_text("it has stopped checking in").await;
    println!("a change showed after {} ms", begun.elapsed().as_millis());
    browser
        .until("its age", "return document.querySelector('.problems time').textContent === '1 h ago'")
        .await;
    browser.check("home-problem").await;
    // An alert that fires stands there, too, the worst first.
    let rule = json!({"alert": "Hot", "expr": "vector(1) == 1", "labels": {"severity": "critical"}, "annotations": {"summary": "It is hot."}});
    world.rest("POST", "/networks/n1/prometheus/alert_config", Some(rule)).await;
    browser.until_text("It is hot.").await;
    browser.until_text("1 alert fires").await;
    browser
        .until(
            "its link",
            "return document.querySelector('.problems a[href=\"/console/networks/n1/alerts\"]') !== null",
        )
        .await;
    browser.check("home-alert").await;
    browser.click(".problems a[href$=gw2]").await;
    browser.until("its page", "return location.pathname === '/console/networks/n1/gateways/gw2'").await;
    browser.quit().await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_connection_is_shown_with_the_age_of_what_is_on_the_screen() {
    let world = World::start().await;
    world.add_gateway("n1", "gw1").await;
    world.report("n1", "gw1", Duration::ZERO).await;
    let Some(browser) = Browser::signed_in(&world, "ann", PASSWORD).await else { return };
    browser.until("live", "return document.querySelector('#live-state .text').textContent === 'Live'").await;
    world.stop().await;
    browser.until_text("No connection to the Orchestrator. What you see is").await;
    browser.until_text("The gateway is checking in.").await;
    browser.expect_errors().await;
    browser.quit().await;
}

/// A report of a gateway that takes upgrades, with this version and configuration.
fn report_of(version: &str, meta: Value, digest: &str) -> Value {
    json!({"meta": meta, "platform_info": {
        "packages": [{"name": "magma", "version": version}],
        "config_info": {"mconfig_created_at": 1, "mconfig_digest": digest},
    }})
}

/// What the gateway `gw1` of `n1` is to have.
async fn digest(world: &World) -> String {
    let (network, gateway) = (NetworkId::parse("n1").unwrap(), GatewayId::parse("gw1").unwrap());
    MconfigBuilder::new().build(&world.store.neighbourhood(&network, &gateway).await.unwrap()).digest
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_gateways_did_not_take_up_is_shown_where_it_is_mended_and_goes_away() {
    let world = World::start().await;
    world.add_gateway("n1", "gw1").await;
    let reports = async |report: Value| world.report_state("n1", "gw_state", "hw-gw1", report).await;
    // It reports an old configuration, and was just changed: that is no problem yet.
    reports(report_of("1.9.0", json!({}), "old")).await;
    let Some(browser) = Browser::signed_in(&world, "ann", PASSWORD).await else { return };
    browser.until_text("The gateway is checking in.").await;
    world.store.age_audit_log(Duration::from_secs(7200)).await.unwrap();
    browser.until_text("it has not applied its configuration").await;
    browser
        .until("its age", "return document.querySelector('.problems time').textContent === '2 h ago'")
        .await;
    browser.check("home-configuration").await;
    browser.click(".problems a[href$='/gateways/gw1/configuration']").await;
    browser.until_text("Last change that could concern it").await;
    browser.go("/console/").await;
    browser.until_text("it has not applied its configuration").await;
    reports(report_of("1.9.0", json!({}), &digest(&world).await)).await;
    browser.until_text("The gateway is checking in.").await;

    // Its tier asks for another version, which it could not take.
    world.rest("PUT", "/networks/n1/tiers/default/version", Some(json!("2.0.0-0"))).await;
    let failed =
        json!({"upgrade_state": "failed", "upgrade_target": "2.0.0-0", "upgrade_error": "the disk is full"});
    reports(report_of("1.9.0", failed, &digest(&world).await)).await;
    browser.until_text("its upgrade to 2.0.0-0 failed: the disk is full").await;
    browser.check("home-upgrade").await;
    browser.click(".problems a[href='/console/networks/n1/tiers']").await;
    browser.until_text("2.0.0-0").await;
    browser.go("/console/").await;
    browser.until_text("its upgrade to 2.0.0-0 failed").await;
    reports(report_of("2.0.0", json!({}), &digest(&world).await)).await;
    browser.until_text("The gateway is checking in.").await;
    browser.quit().await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn certificates_that_end_are_shown_until_there_are_newer_ones() {
    let world = World::start().await;
    world.add_gateway("n1", "gw1").await;
    world.report("n1", "gw1", Duration::ZERO).await;
    world.add_user("tom", json!([{"role": "read_only"}])).await;
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let now = i64::try_from(now.as_secs()).unwrap();
    let add = async |serial: &str, identity: &Identity, hours: i64| {
        let not_after = now + hours * 3600;
        let info = CertificateInfo { identity: identity.clone(), not_before: 0, not_after };
        world.store.add_certificate(serial, info).await.unwrap();
    };
    let gateway = Identity::Gateway { hardware_id: HardwareId::parse("hw-gw1").unwrap() };
    let eve = Identity::Operator { name: "eve".into() };
    let Some(browser) = Browser::signed_in(&world, "ann", PASSWORD).await else { return };
    browser.until_text("The gateway is checking in.").await;
    add("A1", &gateway, 2).await;
    browser.until_text("its certificate expires soon").await;
    add("B1", &eve, 240).await;
    browser.until_text("Certificate: operator eve").await;
    browser.until_text("it ends soon: orc8r admin issue eve").await;
    browser.check("home-certificates").await;
    browser.click(".problems a[href='/console/admin/system']").await;
    browser.until_text("What to do, on the server").await;
    browser.until_text("server certificate").await;
    browser.check("system-certificates").await;
    browser.go("/console/").await;
    browser.until_text("Certificate: operator eve").await;
    // Who may not administer is told of the gateway's alone.
    browser.sign_out().await;
    browser.sign_in("tom", PASSWORD).await;
    browser.until_text("its certificate expires soon").await;
    let told =
        browser.js("return document.querySelector('#attention').textContent.includes('operator eve')").await;
    assert_eq!(told, json!(false));
    browser.sign_out().await;
    browser.sign_in("ann", PASSWORD).await;
    browser.until_text("Certificate: operator eve").await;
    add("B2", &eve, 24 * 365).await;
    add("A2", &gateway, 90).await;
    browser.until_text("The gateway is checking in.").await;
    browser.quit().await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_backup_is_shown_until_there_is_a_newer_one() {
    let world = World::start().await;
    world.add_gateway("n1", "gw1").await;
    world.report("n1", "gw1", Duration::ZERO).await;
    let Some(browser) = Browser::signed_in(&world, "ann", PASSWORD).await else { return };
    // There is nothing yet that is old enough to be missed.
    browser.until_text("The gateway is checking in.").await;
    world.backed_up(30);
    browser.until_text("the last one is old: orc8r backup FILE, every day, kept elsewhere").await;
    browser.check("home-backup").await;
    browser.click(".problems a[href='/console/admin/system']").await;
    browser.until_text("The last one was made").await;
    browser.check("system-backup").await;
    world.backed_up(1);
    browser.go("/console/").await;
    browser.until_text("The gateway is checking in.").await;
    browser.quit().await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_no_network_is_told_how_to_get_one() {
    let world = World::empty().await;
    world.add_user("ann", json!([{"role": "owner"}])).await;
    world.add_user("tom", json!([])).await;
    let Some(browser) = Browser::signed_in(&world, "tom", PASSWORD).await else { return };
    browser.until_text("Ask who administers this Orchestrator").await;
    browser.sign_out().await;
    browser.sign_in("ann", PASSWORD).await;
    browser.until_text("There is no network yet.").await;
    browser.check("home-empty").await;
    browser.click("#attention a.button").await;
    browser.until_text("Add a network").await;
    browser.until("the form", "return location.pathname === '/console/new-network'").await;
    browser.quit().await;
    world.stop().await;
}
