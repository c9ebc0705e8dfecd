//! Federation gateways: each field's source, its name in the document, and what is taken when it is absent.

use orc8r_model::{Entity, EntityId, GatewayNeighbourhood};
use serde_json::{Value, json};

use crate::rows::{Row, assert_differs_only, with};
use crate::{build, neighbourhood, problems};

const SERVICES: [&str; 7] =
    ["aaa_server", "eap_aka", "health", "hss", "s6a_proxy", "session_proxy", "swx_proxy"];

/// What the contract requires, empty.
fn least() -> Value {
    json!({
        "s6a": {}, "hss": {}, "gx": {}, "gy": {}, "swx": {}, "eap_aka": {}, "aaa_server": {}, "health": {},
        "served_network_ids": [],
    })
}

fn gateway(own: Option<Value>, network: Option<Value>) -> GatewayNeighbourhood {
    let mut found = neighbourhood("f1", None);
    found.network.network_type = "feg".into();
    found.network.configs.extend(network.map(|config| ("federation_network".to_owned(), config)));
    let mut side = Entity::new(EntityId::new("federation_gateway", "f1"));
    side.config = own;
    found.related.push(side);
    found
}

fn of_gateway(config: Value) -> GatewayNeighbourhood {
    gateway(Some(config), None)
}

fn full_peer() -> Value {
    json!({
        "protocol": "sctp", "address": "10.0.0.1:3868", "retransmits": 1, "watchdog_interval": 2, "retry_count": 3,
        "local_address": "10.0.0.2:13868", "product_name": "p", "realm": "r", "host": "h", "dest_realm": "dr",
        "dest_host": "dh", "disable_dest_host": true, "overwrite_dest_host": true, "request_timeout": 4,
    })
}

fn built_peer() -> Value {
    json!({
        "protocol": "sctp", "address": "10.0.0.1:3868", "retransmits": 1, "watchdogInterval": 2, "retryCount": 3,
        "localAddress": "10.0.0.2:13868", "productName": "p", "realm": "r", "host": "h", "destRealm": "dr",
        "destHost": "dh", "disableDestHost": true, "overwriteDestHost": true, "requestTimeout": 4,
    })
}

fn full_timeouts() -> Value {
    json!({"challenge_ms": 1, "error_notification_ms": 2, "session_ms": 3, "session_authenticated_ms": 4})
}

fn built_timeouts() -> Value {
    json!({"ChallengeMs": 1, "ErrorNotificationMs": 2, "SessionMs": 3, "SessionAuthenticatedMs": 4})
}

fn rows() -> Vec<Row> {
    let (peer, built) = (full_peer, built_peer);
    let apn_rule =
        json!([{"apn_filter": "a.*", "apn_overwrite": "b", "charging_characteristics_filter": "c"}]);
    let built_rule = json!([{"apnFilter": "a.*", "apnOverwrite": "b", "chargingCharacteristicsFilter": "c"}]);
    let servers = json!([{"address": "a:1"}, {"address": "b:2"}]);
    vec![
        ("s6a.server", peer(), "s6a_proxy", "server", built()),
        ("s6a.plmn_ids", json!(["00101"]), "s6a_proxy", "PlmnIds", json!(["00101"])),
        ("gx.server", peer(), "session_proxy", "gx.servers", json!([built()])),
        ("gx.servers", servers.clone(), "session_proxy", "gx.servers", servers.clone()),
        ("gx.overwrite_apn", json!("x"), "session_proxy", "gx.OverwriteApn", json!("x")),
        ("gx.disableGx", json!(true), "session_proxy", "gx.DisableGx", json!(true)),
        ("gx.virtual_apn_rules", apn_rule.clone(), "session_proxy", "gx.virtualApnRules", built_rule.clone()),
        ("gy.server", peer(), "session_proxy", "gy.servers", json!([built()])),
        ("gy.servers", servers.clone(), "session_proxy", "gy.servers", servers.clone()),
        ("gy.overwrite_apn", json!("x"), "session_proxy", "gy.OverwriteApn", json!("x")),
        ("gy.disableGy", json!(true), "session_proxy", "gy.DisableGy", json!(true)),
        ("gy.init_method", json!(1), "session_proxy", "gy.initMethod", json!("PER_SESSION")),
        ("gy.init_method", json!(2), "session_proxy", "gy.initMethod", json!("PER_KEY")),
        ("gy.virtual_apn_rules", apn_rule, "session_proxy", "gy.virtualApnRules", built_rule),
        ("swx.server", peer(), "swx_proxy", "servers", json!([built()])),
        ("swx.servers", servers.clone(), "swx_proxy", "servers", servers),
        ("swx.verify_authorization", json!(true), "swx_proxy", "verifyAuthorization", json!(true)),
        ("swx.register_on_auth", json!(true), "swx_proxy", "registerOnAuth", json!(true)),
        ("swx.derive_unregister_realm", json!(true), "swx_proxy", "deriveUnregisterRealm", json!(true)),
        ("swx.cache_TTL_seconds", json!(10800), "swx_proxy", "CacheTTLSeconds", json!(10800)),
        ("swx.hlr_plmn_ids", json!(["00102"]), "swx_proxy", "hlrPlmnIds", json!(["00102"])),
        (
            "hss.server",
            json!({"protocol": "tcp", "address": "a:1", "local_address": ":2", "dest_host": "h", "dest_realm": "r"}),
            "hss",
            "server",
            json!({"protocol": "tcp", "address": "a:1", "localAddress": ":2", "destHost": "h", "destRealm": "r"}),
        ),
        (
            "hss.lte_auth_op",
            json!("EREREREREREREREREREREQ=="),
            "hss",
            "lteAuthOp",
            json!("EREREREREREREREREREREQ=="),
        ),
        ("hss.lte_auth_amf", json!("gAA="), "hss", "lteAuthAmf", json!("gAA=")),
        (
            "hss.default_sub_profile",
            json!({"max_ul_bit_rate": 100000000, "max_dl_bit_rate": 18446744073709551615_u64}),
            "hss",
            "defaultSubProfile",
            json!({"maxUlBitRate": "100000000", "maxDlBitRate": "18446744073709551615"}),
        ),
        (
            "hss.sub_profiles",
            json!({"gold": {"max_ul_bit_rate": 5, "max_dl_bit_rate": 6}}),
            "hss",
            "subProfiles",
            json!({"gold": {"maxUlBitRate": "5", "maxDlBitRate": "6"}}),
        ),
        ("hss.stream_subscribers", json!(true), "hss", "streamSubscribers", json!(true)),
        ("eap_aka.timeout", full_timeouts(), "eap_aka", "timeout", built_timeouts()),
        ("eap_aka.plmn_ids", json!(["00103"]), "eap_aka", "PlmnIds", json!(["00103"])),
        ("eap_aka.use_s6a", json!(true), "eap_aka", "UseS6a", json!(true)),
        ("eap_aka.mnc_len", json!(3), "eap_aka", "MncLen", json!(3)),
        ("aaa_server.idle_session_timeout_ms", json!(5), "aaa_server", "IdleSessionTimeoutMs", json!(5)),
        ("aaa_server.accounting_enabled", json!(true), "aaa_server", "AccountingEnabled", json!(true)),
        ("aaa_server.create_session_on_auth", json!(true), "aaa_server", "CreateSessionOnAuth", json!(true)),
        ("aaa_server.event_logging_enabled", json!(true), "aaa_server", "EventLoggingEnabled", json!(true)),
        ("aaa_server.acct_reporting_enabled", json!(true), "aaa_server", "AcctReportingEnabled", json!(true)),
        (
            "aaa_server.radius_config",
            json!({"secret": "MTIzNDU2", "network": "udp", "auth_addr": ":1812", "acct_addr": ":1813", "DAE_addr": ":3799"}),
            "aaa_server",
            "RadiusConfig",
            json!({"Secret": "MTIzNDU2", "Network": "udp", "AuthAddr": ":1812", "AcctAddr": ":1813", "DAEAddr": ":3799"}),
        ),
        ("health.health_services", json!(["S6A_PROXY"]), "health", "requiredServices", json!(["S6A_PROXY"])),
        ("health.update_interval_secs", json!(1), "health", "updateIntervalSecs", json!(1)),
        ("health.update_failure_threshold", json!(2), "health", "updateFailureThreshold", json!(2)),
        ("health.cloud_disable_period_secs", json!(3), "health", "cloudDisconnectPeriodSecs", json!(3)),
        ("health.local_disable_period_secs", json!(4), "health", "localDisconnectPeriodSecs", json!(4)),
        ("s8", json!({}), "s8_proxy", "logLevel", json!("INFO")),
        ("eap_sim", json!({}), "eap_sim", "logLevel", json!("INFO")),
        ("csfb", json!({}), "csfb", "logLevel", json!("INFO")),
    ]
}

/// Those of services that are there only when they are configured.
fn rows_of_optional_services() -> Vec<Row> {
    vec![
        ("s8.local_address", json!("10.0.0.1:2123"), "s8_proxy", "localAddress", json!("10.0.0.1:2123")),
        ("s8.pgw_address", json!("10.0.0.2:2123"), "s8_proxy", "pgwAddress", json!("10.0.0.2:2123")),
        ("s8.apn_operator_suffix", json!(".mnc001"), "s8_proxy", "apnOperatorSuffix", json!(".mnc001")),
        ("eap_sim.timeout", full_timeouts(), "eap_sim", "timeout", built_timeouts()),
        ("eap_sim.plmn_ids", json!(["00104"]), "eap_sim", "PlmnIds", json!(["00104"])),
        ("eap_sim.use_s6a", json!(true), "eap_sim", "UseS6a", json!(true)),
        ("eap_sim.mnc_len", json!(2), "eap_sim", "MncLen", json!(2)),
        (
            "csfb.client",
            json!({"server_address": "a:1", "local_address": "b:2"}),
            "csfb",
            "client",
            json!({"serverAddress": "a:1", "localAddress": "b:2"}),
        ),
    ]
}

fn with_optional_services() -> Value {
    let config = with(least(), "s8", json!({}));
    with(with(config, "eap_sim", json!({})), "csfb", json!({}))
}

#[test]
fn every_field_shows_at_its_place_and_nowhere_else() {
    for (base, rows) in [(least(), rows()), (with_optional_services(), rows_of_optional_services())] {
        let before = build(&of_gateway(base.clone()));
        for (field, value, service, path, shown) in rows {
            let changed = with(base.clone(), field, value);
            assert_differs_only(
                field,
                &before,
                &build(&of_gateway(changed.clone())),
                (service, path, &shown),
            );
            let from_network = build(&gateway(None, Some(changed)));
            assert_differs_only(field, &before, &from_network, (service, path, &shown));
        }
    }
}

#[test]
fn fields_that_only_the_cloud_reads_do_not_show() {
    let before = build(&of_gateway(least()));
    for (field, value) in [
        ("served_network_ids", json!(["n1"])),
        ("served_nh_ids", json!(["n1"])),
        ("nh_routes", json!({"00101": "n1"})),
        ("health.cpu_utilization_threshold", json!(0.5)),
        ("health.memory_available_threshold", json!(0.5)),
    ] {
        let built = build(&of_gateway(with(least(), field, value)));
        assert_eq!(built.digest, before.digest, "{field}");
    }
}

#[test]
fn the_older_server_stands_before_the_others() {
    for (interface, service, path) in [
        ("gx", "session_proxy", "/gx/servers"),
        ("gy", "session_proxy", "/gy/servers"),
        ("swx", "swx_proxy", "/servers"),
    ] {
        let config = with(least(), interface, json!({"server": {"host": "1"}, "servers": [{"host": "2"}]}));
        let built = build(&of_gateway(config));
        let servers = built.configs[service].pointer(path);
        assert_eq!(servers, Some(&json!([{"host": "1"}, {"host": "2"}])), "{interface}");
    }
}

#[test]
fn health_comes_from_the_network_first_and_its_thresholds_reach_every_proxy() {
    let health = |share: f64| json!({"request_failure_threshold": share, "minimum_request_threshold": 7});
    let config = |share: f64| with(with_optional_services(), "health", health(share));
    let mut nothing_of_health = least();
    nothing_of_health["health"] = Value::Null;
    for (name, own, network, expected) in [
        ("both", Some(config(0.25)), Some(config(0.5)), 0.5),
        ("only the gateway", Some(config(0.25)), None, 0.25),
        ("only the network", None, Some(config(0.5)), 0.5),
        ("the network has none", Some(config(0.25)), Some(nothing_of_health), 0.25),
    ] {
        let built = build(&gateway(own, network));
        for service in ["s6a_proxy", "s8_proxy", "session_proxy", "swx_proxy"] {
            let config = &built.configs[service];
            assert_eq!(config["requestFailureThreshold"], json!(expected), "{name}: {service}");
            assert_eq!(config["minimumRequestThreshold"], json!(7), "{name}: {service}");
        }
    }
}

#[test]
fn a_gateway_with_a_configuration_of_its_own_takes_nothing_else_of_the_network() {
    let own = build(&of_gateway(least()));
    let network = with(with_optional_services(), "s6a.plmn_ids", json!(["00101"]));
    assert_eq!(build(&gateway(Some(least()), Some(network))).digest, own.digest);
}

#[test]
fn only_a_gateway_of_a_federation_has_its_services() {
    let services = |found: &GatewayNeighbourhood| -> Vec<&'static str> {
        let built = build(found);
        assert_eq!(problems(&built), [""; 0]);
        built.configs.into_keys().filter(|service| SERVICES.contains(service)).collect()
    };
    assert_eq!(services(&of_gateway(least())), SERVICES);
    assert_eq!(services(&gateway(None, Some(least()))), SERVICES);
    assert_eq!(services(&gateway(Some(Value::Null), Some(least()))), SERVICES);
    assert_eq!(services(&gateway(None, None)), [""; 0]);
    let mut of_another = of_gateway(least());
    of_another.related[0].id.key = "f2".into();
    assert_eq!(services(&of_another), [""; 0]);
}

#[test]
fn a_mistake_costs_only_the_services_that_need_the_value() {
    for (field, value, expected) in [
        ("gy", json!(5), &["session_proxy"][..]),
        ("s6a.plmn_ids", json!("00101"), &["s6a_proxy"]),
        ("hss.lte_auth_op", json!("secret%"), &["hss"]),
        ("aaa_server.radius_config", json!({"secret": "secret%"}), &["aaa_server"]),
        (
            "health.minimum_request_threshold",
            json!(-1),
            &["s6a_proxy", "session_proxy", "swx_proxy", "health"],
        ),
    ] {
        let built = build(&of_gateway(with(least(), field, value)));
        assert_eq!(problems(&built), expected, "{field}");
        for problem in &built.problems {
            let text = problem.to_string();
            assert!(text.contains("the gateway's federation configuration is not usable"), "{text}");
            assert!(!text.contains("secret%"), "{text}");
        }
    }
}

#[test]
fn the_document_is_as_expected() {
    let mut config = with_optional_services();
    for (field, value, ..) in rows().into_iter().chain(rows_of_optional_services()) {
        if !["s8", "eap_sim", "csfb"].contains(&field) {
            config = with(config, field, value);
        }
    }
    config["health"]["request_failure_threshold"] = json!(0.25);
    config["health"]["minimum_request_threshold"] = json!(7);
    let document: Value =
        serde_json::from_slice(&build(&of_gateway(config)).to_stream_value(1_750_000_000)).unwrap();
    let expected: Value = serde_json::from_str(include_str!("golden/federation.json")).unwrap();
    assert_eq!(document, expected, "{document:#}");
}
