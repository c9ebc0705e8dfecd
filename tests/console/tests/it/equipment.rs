//! eNodeBs, gateway pools, upgrade tiers, the map, the topology, and many gateways at once.

use std::time::{Duration, SystemTime};

use orc8r::{Config, Tiles};
use orc8r_model::{GatewayId, HealthReport, NetworkId, ReportedState, ServiceHealth, StateId};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::world::{PASSWORD, World};

/// An LTE network with a gateway `agw1`, whose device is `hw-agw1`, and an eNodeB `e1` that is assigned to it.
async fn lte(world: &World, network: &str) {
    let cellular = json!({
        "epc": {
            "mcc": "001", "mnc": "01", "tac": 1, "lte_auth_op": "EREREREREREREREREREREQ==", "lte_auth_amf": "gAA=",
            "gx_gy_relay_enabled": false, "hss_relay_enabled": false,
        },
        "ran": {"bandwidth_mhz": 20, "tdd_config": {
            "earfcndl": 44590, "subframe_assignment": 2, "special_subframe_pattern": 7,
        }},
    });
    let dns = json!({"enable_caching": false, "local_ttl": 0});
    let body = json!({
        "id": network, "name": "Radio", "description": "LTE", "dns": dns, "cellular": cellular,
    });
    world.rest("POST", "/lte", Some(body)).await;
    let tier = json!({"id": "default", "version": "0.0.0-0", "images": [], "gateways": []});
    world.rest("POST", &format!("/networks/{network}/tiers"), Some(tier)).await;
    let enodeb = json!({
        "serial": "e1", "name": "Mast 1", "description": "on the hill",
        "config": {"transmit_enabled": true, "cell_id": 7, "device_class": "FreedomFi One"},
    });
    world.rest("POST", &format!("/lte/{network}/enodebs"), Some(enodeb)).await;
    lte_gateway(world, network, "agw1", json!(["e1"])).await;
}

async fn lte_gateway(world: &World, network: &str, id: &str, serials: Value) {
    let gateway = json!({
        "id": id, "name": format!("Gateway {id}"), "description": "made by a test", "tier": "default",
        "device": {"hardware_id": format!("hw-{id}"), "key": {"key_type": "ECHO"}},
        "magmad": {
            "autoupgrade_enabled": true, "autoupgrade_poll_interval": 60, "checkin_interval": 60, "checkin_timeout": 30,
        },
        "cellular": {
            "epc": {"ip_block": "192.168.128.0/24", "nat_enabled": true},
            "ran": {"pci": 260, "transmit_enabled": true},
        },
        "connected_enodeb_serials": serials,
    });
    world.rest("POST", &format!("/lte/{network}/gateways"), Some(gateway)).await;
}

/// A gateway says something now.
async fn says(world: &World, network: &str, gateway: &str, (state_type, device): (&str, &str), value: Value) {
    let id = StateId { state_type: state_type.into(), device_id: device.into() };
    let state = ReportedState { id, value: value.to_string().into_bytes(), version: 1 };
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let time = u64::try_from(now.as_millis()).unwrap();
    let network = NetworkId::parse(network).unwrap();
    world.store.put_states(&network, &format!("hw-{gateway}"), vec![state], time).await.unwrap();
}

/// What a gateway says of an eNodeB that is well.
fn well() -> Value {
    json!({
        "enodeb_configured": true, "enodeb_connected": true, "opstate_enabled": true, "rf_tx_on": true,
        "rf_tx_desired": true, "gps_connected": true, "ptp_connected": false, "mme_connected": true,
        "gps_latitude": "47.3769", "gps_longitude": "8.5417", "fsm_state": "Completed provisioning",
        "ip_address": "10.0.2.3", "ues_connected": 4,
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_enodeb_is_added_assigned_watched_changed_and_deleted() {
    let world = World::start().await;
    lte(&world, "radio").await;
    lte_gateway(&world, "radio", "agw2", json!([])).await;
    let Some(browser) = Browser::signed_in(&world, "ann", PASSWORD).await else { return };
    browser.go("/console/networks/radio/enodebs").await;
    browser.until_text("no gateway has reported it yet").await;
    assert!(
        !browser.js("return document.querySelector('tbody').innerText").await.as_str().unwrap().contains('0')
    );

    // It shows by itself what the gateway says.
    says(&world, "radio", "agw1", ("single_enodeb", "e1"), well()).await;
    browser.until_text("Completed provisioning").await;
    browser.check("enodebs").await;
    browser.go("/console/networks/radio/enodebs?state=down").await;
    browser.until_text("None of the 1 eNodeBs is like this.").await;

    // Adding one by the form of the contract, an unmanaged one.
    browser.go("/console/networks/radio/enodebs").await;
    browser.click("a.main").await;
    browser.until("the form", "return location.pathname === '/console/new'").await;
    browser.check("enodeb-add").await;
    let unmanaged = json!({
        "serial": "e2", "name": "Mast 2", "config": {"transmit_enabled": true, "cell_id": 8, "device_class": "FreedomFi One"},
        "enodeb_config": {"config_type": "UNMANAGED", "unmanaged_config": {"cell_id": 8, "tac": 1, "ip_address": "10.0.2.9"}},
    });
    world.rest("POST", "/lte/radio/enodebs", Some(unmanaged)).await;
    browser.go("/console/networks/radio/enodebs/e2").await;
    browser.until_text("no: something else configures it").await;

    // From one gateway to the other.
    browser.go("/console/networks/radio/enodebs/e1/gateway").await;
    browser.until_text("It is assigned to gateway agw1.").await;
    browser.check("enodeb-assign").await;
    browser.click("input[value=agw2]").await;
    browser.click("main .buttons button").await;
    browser.until_text("Mast 1 is assigned to gateway agw2.").await;
    let serials = async |gateway: &str| {
        world.rest("GET", &format!("/lte/radio/gateways/{gateway}/connected_enodeb_serials"), None).await
    };
    assert_eq!((serials("agw1").await, serials("agw2").await), (json!([]), json!(["e1"])));
    browser.check("enodeb").await;

    // The gateway is not connected, so it cannot pass the command on; that is said.
    browser.go("/console/networks/radio/enodebs/e1/reboot").await;
    browser.until_text("4 subscribers are connected to it").await;
    browser.check("enodeb-reboot").await;
    browser.click("main form button").await;
    browser.until("the reason", "return document.querySelector('.problem') !== null").await;

    // Deleting asks for its name.
    browser.go("/console/networks/radio/enodebs/e2").await;
    browser.click("a[href^='/console/remove']").await;
    browser.fill("[name=name]", "e2").await;
    browser.click("main form button[type=submit]").await;
    browser.until("the list", "return location.pathname === '/console/networks/radio/enodebs'").await;
    assert_eq!(world.try_rest("GET", "/lte/radio/enodebs/e2", None).await.0, 404);
    browser.quit().await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_gateways_are_changed_at_once_after_one_has_seen_what_it_does_to_each() {
    let world = World::start().await;
    for gateway in ["alpha", "beta", "gamma"] {
        world.add_gateway("n1", gateway).await;
    }
    world.report("n1", "alpha", Duration::ZERO).await;
    let tier = json!({"id": "canary", "version": "1.9.1-0", "images": [], "gateways": []});
    world.rest("POST", "/networks/n1/tiers", Some(tier)).await;
    let Some(browser) = Browser::signed_in(&world, "ann", PASSWORD).await else { return };
    browser.go("/console/networks/n1/gateways?sort=id").await;
    browser.until_text("1–3 of 3").await;

    // What is ticked stays so while the list changes by itself.
    browser.click("input[value=beta]").await;
    browser.click("input[value=gamma]").await;
    world.report("n1", "beta", Duration::ZERO).await;
    browser.until("beta is up", "return document.querySelectorAll('td .status.ok').length === 2").await;
    let ticked = "return [...document.querySelectorAll('[name=gateway]:checked')].map((one) => one.value)";
    assert_eq!(browser.js(ticked).await, json!(["beta", "gamma"]));
    browser.check("gateways-ticked").await;

    // Rebooting: gamma has never checked in, and beta has no stream through which it could be told.
    browser.click("button[value=reboot]").await;
    browser.until_text("Nothing has been done yet.").await;
    browser.until_text("it has never checked in").await;
    browser.check("gateways-dry-run").await;
    browser.click("main form button.main").await;
    browser.until_text("0 done, 1 failed.").await;
    browser.expect_errors().await;
    browser.check("gateways-outcome").await;

    // Another tier for all that a filter finds.
    browser.go("/console/networks/n1/gateways?q=a&sort=id").await;
    browser.until_text("1–3 of 3").await;
    browser.click("[data-tick-all]").await;
    browser.js("document.querySelector('[name=to_tier]').value = 'canary'").await;
    browser.click("button[value=tier]").await;
    browser.until_text("tier: default → canary").await;
    browser.click("main form button.main").await;
    browser.until_text("3 done, 0 failed.").await;
    assert_eq!(world.rest("GET", "/networks/n1/gateways/gamma/tier", None).await, "canary");

    // Deleting wants the network's id.
    browser.go("/console/networks/n1/gateways").await;
    browser.click("input[value=gamma]").await;
    browser.click("button[value=delete]").await;
    browser.until_text("Type n1 to confirm").await;
    browser.fill("[name=confirm]", "n2").await;
    browser.click("main form button.main").await;
    browser.until_text("nothing was deleted").await;
    assert_eq!(world.try_rest("GET", "/networks/n1/gateways/gamma", None).await.0, 200);
    browser.check("gateways-delete").await;
    browser.fill("[name=confirm]", "n1").await;
    browser.click("main form button.main").await;
    browser.until_text("1 done, 0 failed.").await;
    assert_eq!(world.try_rest("GET", "/networks/n1/gateways/gamma", None).await.0, 404);
    assert_eq!(world.try_rest("GET", "/networks/n1/gateways/beta", None).await.0, 200);
    browser.quit().await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_list_goes_out_as_a_table_and_comes_back_unchanged_and_bad_rows_are_named() {
    let world = World::start().await;
    for (gateway, description) in
        [("alpha", "two\nlines, with a comma"), ("beta", "=1+1"), ("gamma", "\"quoted\" 'text'; ü")]
    {
        world.add_gateway("n1", gateway).await;
        let place = format!("/networks/n1/gateways/{gateway}/description");
        world.rest("PUT", &place, Some(json!(description))).await;
    }
    let Some(browser) = Browser::signed_in(&world, "ann", PASSWORD).await else { return };
    let table =
        browser.js("return fetch('/console/networks/n1/gateways.csv').then((answer) => answer.text())").await;
    let table = table.as_str().unwrap().to_owned();
    assert!(table.contains("beta,Gateway beta,'=1+1,default"), "{table}");
    let filtered = "return fetch('/console/networks/n1/gateways.csv?q=beta').then((answer) => answer.text())";
    assert_eq!(browser.js(filtered).await.as_str().unwrap().lines().count(), 2);

    browser.go("/console/networks/n1/gateways").await;
    browser.click("a[href$='/import-gateways']").await;
    browser.until("the form", "return document.querySelector('#table') !== null").await;
    browser.check("gateways-import").await;
    let send = async |table: &str| {
        browser.js(&format!("document.querySelector('#table').value = {}", json!(table))).await;
        browser.click("main form button").await;
    };
    send(&table).await;
    browser.until_text("There is nothing to do.").await;
    assert_eq!(browser.js("return document.querySelectorAll('details tbody tr').length").await, 3);

    browser.go("/console/networks/n1/import-gateways").await;
    send("id,nam\nalpha,x").await;
    browser.until_text("There is no column \"nam\"").await;
    assert_eq!(browser.js("return document.querySelector('#table').value").await, "id,nam\nalpha,x");
    send(
        "id,name,tier\nalpha,First,default\nBad Id,x,default\nbeta,Gateway beta,nowhere\ndelta,Delta,default",
    )
    .await;
    browser.until_text("Nothing has been done yet.").await;
    browser.until_text("there is no tier \"nowhere\"").await;
    browser.check("gateways-import-dry-run").await;
    assert_eq!(world.try_rest("GET", "/networks/n1/gateways/delta", None).await.0, 404);
    browser.click("main form button.main").await;
    browser.until_text("2 done, 0 failed.").await;
    assert_eq!(world.rest("GET", "/networks/n1/gateways/alpha/name", None).await, "First");
    assert_eq!(
        world.rest("GET", "/networks/n1/gateways/alpha/description", None).await,
        "two\nlines, with a comma"
    );
    assert_eq!(world.rest("GET", "/networks/n1/gateways/delta", None).await["name"], "Delta");
    browser.quit().await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gateways_of_a_pool_take_their_parts_and_a_tier_shows_how_far_its_gateways_are() {
    let world = World::start().await;
    lte(&world, "radio").await;
    let Some(browser) = Browser::signed_in(&world, "ann", PASSWORD).await else { return };
    browser.go("/console/networks/radio/pools").await;
    browser.until_text("This network has no gateway pools.").await;
    browser.click("a.main").await;
    browser.until("the form", "return location.pathname === '/console/new'").await;
    browser.fill("[name='v/gateway_pool_id']", "pool1").await;
    browser.fill("[name='v/config/mme_group_id']", "5").await;
    browser.click("main form.sheet button.main").await;
    browser.until("the list", "return location.pathname === '/console/networks/radio/pools'").await;
    browser.click("a.row").await;
    browser.until_text("No gateway is in this pool yet.").await;
    let put = async |gateway: &str| {
        browser.fill("form.filter [name=gateway]", gateway).await;
        browser.click("form.filter button").await;
    };
    put("nobody").await;
    browser.until("the reason", "return document.querySelector('.problem') !== null").await;
    put("agw1").await;
    browser.until_text("Gateway agw1 is in the pool.").await;
    browser.until_text("255 of 255").await;
    browser.check("pool").await;
    let records = world.rest("GET", "/lte/radio/gateways/agw1/cellular/pooling", None).await;
    assert_eq!(records, json!([{"gateway_pool_id": "pool1", "mme_code": 1, "mme_relative_capacity": 255}]));
    browser.go("/console/networks/radio/pools").await;
    browser.until_text("primary").await;
    browser.check("pools").await;
    browser.go("/console/networks/radio/pools/pool1").await;
    browser.click("button[value=remove]").await;
    browser.until_text("No gateway is in this pool yet.").await;
    assert_eq!(world.rest("GET", "/lte/radio/gateways/agw1/cellular/pooling", None).await, json!([]));

    let channel = json!({"id": "stable", "supported_versions": ["1.8.0-0", "1.9.0-0"]});
    world.rest("POST", "/channels", Some(channel)).await;
    let tier = json!({
        "id": "default", "name": "All", "version": "1.9.0", "images": [{"name": "kernel", "order": 1}], "gateways": ["agw1"],
    });
    world.rest("PUT", "/networks/radio/tiers/default", Some(tier)).await;
    browser.go("/console/networks/radio/tiers").await;
    browser.until_text("1 of 1 report another version or none").await;
    browser.until_text("1.9.0-0, 1.8.0-0").await;
    world.report("radio", "agw1", Duration::ZERO).await;
    browser.until_text("all gateways report this version").await;
    browser.check("tiers").await;
    browser.quit().await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_map_and_the_topology_show_what_is_where_and_what_hangs_on_what_as_it_changes() {
    let world = World::start().await;
    lte(&world, "radio").await;
    let Some(browser) = Browser::signed_in(&world, "ann", PASSWORD).await else { return };
    browser.go("/console/networks/radio/map").await;
    browser.until_text("Nothing here has said where it is.").await;
    let shown = |count: u32| format!("return document.querySelector('#map').dataset.shown === '{count}'");
    browser.until("an empty map", &shown(0)).await;
    let land = "return document.querySelectorAll('#map path.land').length > 50";
    browser.until("coastlines without a request to anybody else", land).await;
    browser.check("map-empty").await;

    // The eNodeB says where it is, and its gateway is put beside it.
    world.report("radio", "agw1", Duration::ZERO).await;
    says(&world, "radio", "agw1", ("single_enodeb", "e1"), well()).await;
    browser.until("both are on the map", &shown(2)).await;
    browser.until_text("47.3769° N 8.5417° E (by its eNodeBs)").await;
    let place = json!({"meta": {"gps_latitude": "47.45", "gps_longitude": "8.56"}});
    says(&world, "radio", "agw1", ("gw_state", "hw-agw1"), place).await;
    browser.until_text("47.4500° N 8.5600° E").await;
    browser
        .until("a tie between them", "return document.querySelectorAll('#map path.tie').length === 1")
        .await;
    browser.go("/console/networks/radio/map").await;
    browser.until("both are on the map", &shown(2)).await;
    browser
        .until("round markers", "return document.querySelectorAll('#map .pin.enodeb.ok svg').length === 1")
        .await;
    browser.click("[data-show='enodeb e1']").await;
    browser
        .until("what it is", "return document.querySelector('.leaflet-popup a')?.textContent === 'Mast 1'")
        .await;
    browser.check("map").await;
    let elsewhere = "return performance.getEntriesByType('resource').filter((one) => !one.name.startsWith(location.origin)).length";
    assert_eq!(browser.js(elsewhere).await, 0, "nobody else is asked for anything");
    assert!(browser.js("return location.hash").await.as_str().unwrap().starts_with("#12/47.37"));

    browser.go("/console/networks/radio/topology").await;
    browser.until_text("4 subscribers connected").await;
    browser.until_text("subscribers not told").await;
    let sessions = json!({"subscribers": {"IMSI001010000000001": {}, "IMSI001010000000002": {}}});
    says(&world, "radio", "agw1", ("gateway_subscriber_state", "hw-agw1"), sessions).await;
    browser.until_text("2 subscribers with sessions").await;
    let loose = json!({
        "serial": "e9", "name": "Spare", "config": {"transmit_enabled": true, "cell_id": 9, "device_class": "FreedomFi One"},
    });
    world.rest("POST", "/lte/radio/enodebs", Some(loose)).await;
    browser.until_text("these eNodeBs are assigned to none").await;
    browser.check("topology").await;
    browser.go("/console/networks/radio/topology?q=nothing").await;
    browser.until_text("None of the 1 gateways is like this.").await;
    browser.quit().await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_map_with_tiles_lets_in_images_of_their_host_alone() {
    let tiles =
        Tiles::parse("https://tiles.localhost:1/{z}/{x}/{y}.png").unwrap().thanking("Thanks to <all>");
    let world = World::start_with(|config| Config { tiles: Some(tiles), ..config }).await;
    let Some(browser) = Browser::signed_in(&world, "ann", PASSWORD).await else { return };
    let policy = async |page: &str| {
        let script =
            format!("return fetch('{page}').then((page) => page.headers.get('content-security-policy'))");
        browser.js(&script).await.as_str().unwrap().to_owned()
    };
    assert!(
        policy("/console/networks/n1/map").await.contains("img-src 'self' https://tiles.localhost:1 data:;")
    );
    assert!(policy("/console/networks/n1/gateways").await.contains("img-src 'self' data:;"));
    browser.go("/console/networks/n1/map").await;
    let asked = "return document.querySelectorAll('#map img.leaflet-tile[src^=\"https://tiles.localhost:1/\"]').length > 0";
    browser.until("tiles are asked for", asked).await;
    browser.until_text("Thanks to <all>").await;
    // There is no such server.
    browser.expect_errors().await;
    browser.quit().await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gateways_of_federation_and_wifi_networks_are_added_and_a_federations_health_shows() {
    let world = World::start().await;
    let (dns, none) = (json!({"enable_caching": false, "local_ttl": 0}), json!({}));
    let federation = json!({
        "aaa_server": none, "csfb": none, "eap_aka": none, "gx": none, "gy": none, "health": none, "hss": none,
        "s6a": none, "swx": none, "served_network_ids": [],
    });
    let wifi = json!({
        "aaa_server": none, "default_rule_id": "default_rule_1", "eap_aka": none, "network_services": ["policy_enforcement"],
    });
    for (kind, field, config) in [("feg", "federation", federation), ("cwf", "carrier_wifi", wifi)] {
        let mut network = json!({"id": kind, "name": kind, "description": "made by a test", "dns": dns});
        network[field] = config;
        if kind == "cwf" {
            network["federation"] = json!({"feg_network_id": "feg"});
        }
        world.rest("POST", &format!("/{kind}"), Some(network)).await;
        let tier = json!({"id": "default", "version": "0.0.0-0", "images": [], "gateways": []});
        world.rest("POST", &format!("/networks/{kind}/tiers"), Some(tier)).await;
    }
    let Some(browser) = Browser::signed_in(&world, "ann", PASSWORD).await else { return };
    for kind in ["feg", "cwf"] {
        browser.go(&format!("/console/networks/{kind}/add-gateway")).await;
        browser.fill("[name=id]", "gw1").await;
        browser.click("form.fields button").await;
        let place = format!("return location.pathname === '/console/networks/{kind}/gateways/gw1'");
        browser.until("its page", &place).await;
        let made = world.rest("GET", &format!("/{kind}/{kind}/gateways/gw1"), None).await;
        assert_eq!((&made["tier"], &made["magmad"]["checkin_interval"]), (&json!("default"), &json!(60)));
    }
    browser.go("/console/networks/feg/gateways").await;
    browser.until_text("No gateway of this network has reported its health yet.").await;
    let service = |available| ServiceHealth { available, healthy: true, message: String::new() };
    let report = HealthReport {
        system: None,
        services: [("S6A_PROXY".into(), service(true)), ("SWX_PROXY".into(), service(false))].into(),
    };
    let (network, gateway) = (NetworkId::parse("feg").unwrap(), GatewayId::parse("gw1").unwrap());
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let now = u64::try_from(now.as_millis()).unwrap();
    world.store.report_federation_health(&network, &gateway, report, now).await.unwrap();
    browser.until_text("it does not answer").await;
    browser.until_text("active").await;
    browser.check("gateways-federation").await;
    browser.quit().await;
    world.stop().await;
}
