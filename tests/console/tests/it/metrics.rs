//! Metrics: charts that are drawn, zoomed and shared, and the explorer.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::json;

use crate::browser::Browser;
use crate::engines::{Kind, Prometheus};
use crate::world::{PASSWORD, World};

const EXPLORE: &str = "/console/networks/n1/metrics/explore";

/// A chart is drawn when its canvas is there and has colour in it.
const DRAWN: &str = "const canvas = document.querySelector('figure.chart canvas');\
    return !!canvas && canvas.width > 100 && canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((byte) => byte)";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_metric_is_explored_zoomed_and_shared() {
    let world = World::start().await;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    // The newest is older than the end of any range, which is that of a step.
    let minutes: Vec<(u64, f64)> = (0..30).map(|at| (now - 20 - at * 60, 40.0 - at as f64)).collect();
    world.measure("n1", "cpu_percent", &[("gatewayID", "gw1")], &minutes).await;
    world.measure("n1", "cpu_percent", &[("gatewayID", "gw2")], &[(now - 60, 7.5)]).await;
    let Some(browser) = Browser::signed_in(&world, "ann", PASSWORD).await else { return };

    browser.go(EXPLORE).await;
    browser.until_text("cpu_percent").await;
    browser.check("metrics-names").await;
    browser.fill("main [name=q]", "cpu_per").await;
    browser.until_text("1 of").await;
    browser.fill("main [name=q]", "no such metric").await;
    browser.until_text("metrics is like this.").await;

    browser.go(&format!("{EXPLORE}?metric=cpu_percent&range=1h")).await;
    browser.until("a chart", DRAWN).await;
    browser.until_text("cpu_percent{gatewayID=\"gw1\"}").await;
    // Last, lowest, average and highest of a series that rises from 11 to 40.
    let row = "return [...document.querySelector('table.lines tbody tr').cells].map((cell) => cell.textContent.trim())";
    let row = browser.js(row).await;
    assert_eq!((&row[1], &row[2], &row[4]), (&json!("40 %"), &json!("11 %"), &json!("40 %")), "{row}");
    browser.check("metrics-explore").await;

    // Only the series of one gateway, brought together.
    browser.go(&format!("{EXPLORE}?metric=cpu_percent&range=1h&l.gatewayID=gw2&together=max")).await;
    browser.until_text("max (cpu_percent{gatewayID=\"gw2\"})").await;
    browser.until_text("7.5 %").await;

    // Dragging over the chart changes the URL; who opens that URL sees the same.
    browser
        .go(&format!("{EXPLORE}?promql=cpu_percent%7BgatewayID%3D%22gw1%22%7D&unit=percent&range=1h"))
        .await;
    browser.until("a chart", DRAWN).await;
    browser.drag("figure.chart .u-over", 0.6, 0.9).await;
    browser.until("a part of the time", "return new URLSearchParams(location.search).has('from')").await;
    browser.until("a chart", DRAWN).await;
    let (place, shown) = (browser.place().await, browser.js(SHOWN).await);
    browser.go("/console/").await;
    browser.go(&place).await;
    browser.until("a chart", DRAWN).await;
    assert_eq!(browser.js(SHOWN).await, shown);
    // What is drawn anew between two clicks would not be clicked twice.
    browser.until("live", "return document.querySelector('#live-state').dataset.state === 'live'").await;
    browser.double_click("figure.chart .u-over").await;
    browser.until("the whole time", "return !new URLSearchParams(location.search).has('from')").await;

    // What the engine says of a mistake is shown as it is.
    browser.go(&format!("{EXPLORE}?promql=sum(")).await;
    browser
        .until("the mistake", "return document.querySelector('figure .problem').textContent.length > 10")
        .await;
    browser.check("metrics-mistake").await;
    browser.go(&format!("{EXPLORE}?promql=no_such_metric")).await;
    browser.until_text("No data in the last 3 hours.").await;
    browser.quit().await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metrics_of_an_existing_engine_are_shown_as_our_own() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let bytes: Vec<(u64, f64)> = (0..30).map(|at| (now - at * 60, (30 - at) as f64 * 6000.0)).collect();
    for kind in [Kind::Prometheus, Kind::VictoriaMetrics] {
        let Some(engine) = Prometheus::start_a(kind) else { continue };
        let world = World::start_with(|mut config| {
            config.metrics.engine = Some(engine.url());
            config.metrics.remote_write = Some(engine.write_url());
            config
        })
        .await;
        let Some(browser) = Browser::signed_in(&world, "ann", PASSWORD).await else { return };
        world.add_lte_network("l1").await;
        world.measure("l1", "gtp_port_user_plane_dl_bytes", &[("gatewayID", "gw1")], &bytes).await;
        world.measure("n1", "gtp_port_user_plane_dl_bytes", &[("gatewayID", "other")], &bytes).await;
        engine.get("/internal/force_flush");
        // Samples are on their way to the engine; the page is live.
        browser.go("/console/networks/l1/metrics/gateways/gw1?group=traffic&range=1h").await;
        browser.until("the gateway's line", "return !!document.querySelector('table.lines tbody tr')").await;
        browser.until("a chart", DRAWN).await;
        let row = "return [...document.querySelector('table.lines tbody tr').cells].map((cell) => cell.textContent.trim())";
        let row = browser.js(row).await;
        assert_eq!((&row[0], &row[1]), (&json!("gw1"), &json!("800 bit/s")), "{row}");
        browser.go("/console/networks/l1/metrics/explore").await;
        browser.until_text("gtp_port_user_plane_dl_bytes").await;
        browser.go("/console/networks/l1/metrics/explore?promql=gtp_port_user_plane_dl_bytes&range=1h").await;
        browser.until("a chart", DRAWN).await;
        let lines = browser.js("return document.querySelector('table.lines tbody').innerText").await;
        assert!(lines.as_str().unwrap().contains("gw1"), "{lines}");
        assert!(!lines.as_str().unwrap().contains("other"), "another network's: {lines}");
        // Without the engine the page says so, and what else there is stays.
        drop(engine);
        browser.go("/console/networks/l1/metrics/explore?promql=gtp_port_user_plane_dl_bytes&range=1h").await;
        browser.until_text("metrics engine 127.0.0.1:").await;
        browser.check("metrics-no-engine").await;
        browser.go("/console/networks/l1/metrics/explore").await;
        browser.until_text("metrics engine 127.0.0.1:").await;
        browser.go("/console/").await;
        browser.until_text("No gateway has been added yet.").await;
        browser.expect_errors().await;
        browser.quit().await;
        world.stop().await;
    }
}

/// What a chart and its table show.
const SHOWN: &str = "return document.querySelector('figure.chart').dataset.chart + document.querySelector('table.lines').innerText";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn built_in_dashboards_are_answered_by_the_store() {
    let world = World::start().await;
    let lte = json!({
        "id": "l1", "name": "Radio", "description": "of the tests", "dns": {"enable_caching": false, "local_ttl": 0},
        "cellular": {
            "epc": {"mcc": "001", "mnc": "01", "tac": 1, "lte_auth_op": "EREREREREREREREREREREQ==", "lte_auth_amf": "gAA=",
                "gx_gy_relay_enabled": false, "hss_relay_enabled": false, "network_services": ["policy_enforcement"]},
            "ran": {"bandwidth_mhz": 20, "fdd_config": {"earfcndl": 1, "earfcnul": 18001}},
        },
    });
    world.rest("POST", "/lte", Some(lte)).await;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    // A hundred bytes a second: 800 bit/s.
    let bytes: Vec<(u64, f64)> = (0..30).map(|at| (now - at * 60, (30 - at) as f64 * 6000.0)).collect();
    for gateway in ["gw1", "gw2"] {
        world.measure("l1", "gtp_port_user_plane_dl_bytes", &[("gatewayID", gateway)], &bytes).await;
    }
    world
        .measure(
            "l1",
            "ue_reported_usage",
            &[("IMSI", "IMSI001010000000001"), ("apn", "internet"), ("direction", "down")],
            &bytes,
        )
        .await;
    let Some(browser) = Browser::signed_in(&world, "ann", PASSWORD).await else { return };
    let boards = [
        ("l1/metrics", "metrics-network", "traffic"),
        ("l1/metrics/gateways/gw1", "metrics-gateway", "machine"),
        ("l1/metrics/enodebs/1202000038269KP0037", "metrics-enodeb", "enodebs"),
        ("l1/metrics/subscribers/IMSI001010000000001", "metrics-subscriber", "usage"),
        ("n1/metrics", "metrics-other", "diameter"),
    ];
    for (board, name, picture) in boards {
        let url = format!("/console/networks/{board}");
        browser.go(&url).await;
        let groups = "return [...document.querySelectorAll('nav.range a')].map((link) => new URL(link.href).searchParams.get('group'))";
        let groups = browser.js(groups).await;
        let groups: Vec<&str> =
            groups.as_array().unwrap().iter().map(|group| group.as_str().unwrap()).collect();
        assert!(groups.contains(&picture), "{board}: {groups:?}");
        for group in groups {
            browser.go(&format!("{url}?group={group}&range=1h")).await;
            let shown = "return [document.querySelectorAll('figure.chart').length > 0, document.querySelectorAll('figure .problem').length]";
            assert_eq!(browser.js(shown).await, json!([true, 0]), "{board}, {group}");
            if group == picture {
                browser.check(name).await;
            }
        }
    }
    // A counter of bytes is shown as bits a second, of the gateway alone.
    browser.go("/console/networks/l1/metrics/gateways/gw1?group=traffic&range=1h").await;
    browser.until("a chart", DRAWN).await;
    let row = "return [...document.querySelector('table.lines tbody tr').cells].map((cell) => cell.textContent.trim())";
    let row = browser.js(row).await;
    assert_eq!((&row[0], &row[1]), (&json!("gw1"), &json!("800 bit/s")), "{row}");

    // A page of charts stays small.
    let requests = browser.requests().await;
    let bytes: u64 = requests.iter().map(|(_, bytes)| bytes).sum();
    assert!(requests.len() <= 8 && bytes <= 100_000, "{requests:?}");
    browser.go("/console/networks/l1/metrics/choose/subscribers?q=001010000000001").await;
    browser.until_text("Throughput down").await;
    browser.go("/console/networks/l1/metrics/choose/gateways").await;
    browser.until_text("None was found.").await;
    browser.check("metrics-choose").await;
    browser.quit().await;
    world.stop().await;
}
