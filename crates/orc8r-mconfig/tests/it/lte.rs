//! LTE gateways: each field's source, its name in the document, and what is taken when it is absent.

use orc8r_model::{Entity, EntityId, GatewayNeighbourhood};
use serde_json::{Value, json};

use crate::rows::{assert_differs_at, with};
use crate::{build, neighbourhood, problems};

const SERVICES: [&str; 10] = [
    "dnsd",
    "enodebd",
    "liagentd",
    "mme",
    "mobilityd",
    "pipelined",
    "policydb",
    "sctpd",
    "sessiond",
    "subscriberdb",
];

/// A field of a stored configuration, its value, and where it shows.
type Row = (&'static str, Value, Vec<(&'static str, &'static str, Value)>);

fn least_network() -> Value {
    json!({
        "ran": {"bandwidth_mhz": 20},
        "epc": {
            "mcc": "001", "mnc": "01", "tac": 1, "lte_auth_op": "EREREREREREREREREREREQ==", "lte_auth_amf": "gAA=",
            "hss_relay_enabled": false, "gx_gy_relay_enabled": false,
        },
    })
}

fn least_gateway() -> Value {
    json!({
        "ran": {"pci": 260, "transmit_enabled": true},
        "epc": {"nat_enabled": true, "ip_block": "192.168.128.0/24"},
    })
}

fn gateway(network: Value, own: Value) -> GatewayNeighbourhood {
    let mut found = neighbourhood("lte_gw1", None);
    found.network.configs.insert("cellular_network".to_owned(), network);
    found.related.push(entity("cellular_gateway", "lte_gw1", own));
    found
}

fn entity(entity_type: &str, key: &str, config: Value) -> Entity {
    let mut entity = Entity::new(EntityId::new(entity_type, key));
    entity.config = Some(config).filter(|config| !config.is_null());
    entity
}

fn least() -> GatewayNeighbourhood {
    gateway(least_network(), least_gateway())
}

fn with_enodeb(mut found: GatewayNeighbourhood, serial: &str, config: Value) -> GatewayNeighbourhood {
    found.related.push(entity("cellular_enodeb", serial, config));
    found
}

fn with_pool(mut found: GatewayNeighbourhood, id: &str, config: Value) -> GatewayNeighbourhood {
    found.groups.push(entity("cellular_gateway_pool", id, config));
    found
}

fn with_task(mut found: GatewayNeighbourhood, id: &str, details: Value) -> GatewayNeighbourhood {
    found.network_wide.push(entity("network_probe_task", id, details));
    found
}

fn managed(config: Value) -> Value {
    json!({"config_type": "MANAGED", "managed_config": config})
}

/// Several places that have the same value under the same name.
fn at(
    services: &[&'static str],
    path: &'static str,
    value: Value,
) -> Vec<(&'static str, &'static str, Value)> {
    services.iter().map(|service| (*service, path, value.clone())).collect()
}

fn rows_of_network() -> Vec<Row> {
    vec![
        (
            "ran.fdd_config",
            json!({"earfcndl": 1, "earfcnul": 18001}),
            at(&["enodebd"], "fddConfig", json!({"earfcndl": 1, "earfcnul": 18001})),
        ),
        (
            "ran.tdd_config",
            json!({"earfcndl": 44590, "subframe_assignment": 2, "special_subframe_pattern": 7}),
            at(
                &["enodebd"],
                "tddConfig",
                json!({"earfcndl": 44590, "subframeAssignment": 2, "specialSubframePattern": 7}),
            ),
        ),
        ("ran.bandwidth_mhz", json!(5), at(&["enodebd"], "bandwidthMhz", json!(5))),
        (
            "epc.mcc",
            json!("310"),
            vec![("enodebd", "plmnidList", json!("31001")), ("mme", "mcc", json!("310"))],
        ),
        (
            "epc.mnc",
            json!("260"),
            vec![("enodebd", "plmnidList", json!("001260")), ("mme", "mnc", json!("260"))],
        ),
        ("epc.tac", json!(65535), at(&["enodebd", "mme"], "tac", json!(65535))),
        ("epc.lte_auth_op", json!("AAE="), at(&["subscriberdb"], "lteAuthOp", json!("AAE="))),
        ("epc.lte_auth_amf", json!("AAI="), at(&["subscriberdb"], "lteAuthAmf", json!("AAI="))),
        (
            "epc.sub_profiles",
            json!({"default": {"max_ul_bit_rate": 100_000_000_000_u64, "max_dl_bit_rate": 2}}),
            at(
                &["subscriberdb"],
                "subProfiles",
                json!({"default": {"maxUlBitRate": "100000000000", "maxDlBitRate": "2"}}),
            ),
        ),
        ("epc.default_rule_id", json!("rule1"), at(&["pipelined"], "defaultRuleId", json!("rule1"))),
        ("epc.hss_relay_enabled", json!(true), at(&["mme", "subscriberdb"], "hssRelayEnabled", json!(true))),
        ("epc.gx_gy_relay_enabled", json!(true), at(&["sessiond"], "gxGyRelayEnabled", json!(true))),
        ("epc.subscriberdb_sync_interval", json!(1000), at(&["subscriberdb"], "syncInterval", json!(1124))),
        ("epc.subscriberdb_sync_interval", json!(59), vec![]),
        (
            "epc.cloud_subscriberdb_enabled",
            json!(true),
            at(&["mme"], "cloudSubscriberdbEnabled", json!(true)),
        ),
        (
            "epc.enable5g_features",
            json!(true),
            at(&["mme", "pipelined", "sessiond", "subscriberdb"], "enable5gFeatures", json!(true)),
        ),
        (
            "epc.congestion_control_enabled",
            json!(false),
            at(&["mme"], "congestionControlEnabled", Value::Null),
        ),
        ("epc.network_services", json!([]), vec![]),
        (
            "epc.network_services",
            json!(["dpi", "metering", "policy_enforcement"]),
            at(&["pipelined"], "services", json!(["DPI", "METERING", "ENFORCEMENT"])),
        ),
        ("epc.mobility", json!({"ip_allocation_mode": "NAT"}), vec![]),
        ("epc.mobility", json!({"ip_allocation_mode": "STATIC"}), vec![]),
        ("epc.mobility", json!({"ip_allocation_mode": "DHCP_PASSTHROUGH"}), vec![]),
        (
            "epc.mobility",
            json!({"ip_allocation_mode": "DHCP_BROADCAST"}),
            at(&["mobilityd"], "ipAllocatorType", json!("DHCP")),
        ),
        (
            "epc.mobility",
            json!({"ip_allocation_mode": "NAT", "enable_static_ip_assignments": true}),
            at(&["mobilityd"], "staticIpEnabled", json!(true)),
        ),
        (
            "epc.mobility",
            json!({"ip_allocation_mode": "NAT", "enable_multi_apn_ip_allocation": true}),
            at(&["mobilityd"], "multiApnIpAlloc", json!(true)),
        ),
        (
            "epc.restricted_plmns",
            json!([{"mcc": "123", "mnc": "45"}]),
            at(&["mme"], "restrictedPlmns", json!([{"mcc": "123", "mnc": "45"}])),
        ),
        (
            "epc.restricted_imeis",
            json!([{"tac": "01300600", "snr": "176148"}, {"tac": "01300602"}]),
            at(
                &["mme"],
                "restrictedImeis",
                json!([{"tac": "01300600", "snr": "176148"}, {"tac": "01300602"}]),
            ),
        ),
        (
            "epc.service_area_maps",
            json!({"15": [1, 2]}),
            at(&["mme"], "serviceAreaMaps", json!({"15": {"tac": [1, 2]}})),
        ),
    ]
}

fn rows_of_gateway() -> Vec<Row> {
    let mme = |path, value| at(&["mme"], path, value);
    let pipelined = |path, value| at(&["pipelined"], path, value);
    vec![
        ("ran.pci", json!(503), at(&["enodebd"], "pci", json!(503))),
        ("ran.transmit_enabled", json!(false), at(&["enodebd"], "allowEnodebTransmit", Value::Null)),
        ("epc.nat_enabled", json!(false), at(&["mme", "pipelined"], "natEnabled", Value::Null)),
        (
            "epc.ip_block",
            json!("10.0.0.0/16"),
            vec![
                ("mobilityd", "ipBlock", json!("10.0.0.0/16")),
                ("pipelined", "ueIpBlock", json!("10.0.0.0/16")),
            ],
        ),
        ("epc.ipv6_block", json!("fdee::/48"), at(&["mobilityd"], "ipv6Block", json!("fdee::/48"))),
        (
            "epc.ipv6_prefix_allocation_mode",
            json!("HASH"),
            at(&["mobilityd"], "ipv6PrefixAllocationType", json!("HASH")),
        ),
        ("epc.dns_primary", json!("8.8.8.8"), mme("dnsPrimary", json!("8.8.8.8"))),
        ("epc.dns_secondary", json!("8.8.4.4"), mme("dnsSecondary", json!("8.8.4.4"))),
        ("epc.ipv4_p_cscf_addr", json!("1.2.3.4"), mme("ipv4PCscfAddress", json!("1.2.3.4"))),
        ("epc.ipv6_dns_addr", json!("fe80::1"), mme("ipv6DnsAddress", json!("fe80::1"))),
        ("epc.ipv6_p_cscf_addr", json!("fe80::2"), mme("ipv6PCscfAddress", json!("fe80::2"))),
        ("epc.ipv4_sgw_s1u_addr", json!("1.2.3.4/24"), mme("ipv4SgwS1uAddr", json!("1.2.3.4/24"))),
        ("epc.node_identifier", json!("1.2.3.5"), pipelined("upfNodeIdentifier", json!("1.2.3.5"))),
        ("epc.sgi_management_iface_vlan", json!("23"), pipelined("sgiManagementIfaceVlan", json!("23"))),
        (
            "epc.sgi_management_iface_static_ip",
            json!("1.2.3.4/24"),
            pipelined("sgiManagementIfaceIpAddr", json!("1.2.3.4/24")),
        ),
        (
            "epc.sgi_management_iface_gw",
            json!("1.2.3.1"),
            pipelined("sgiManagementIfaceGw", json!("1.2.3.1")),
        ),
        (
            "epc.sgi_management_iface_ipv6_addr",
            json!("fe80::3/64"),
            pipelined("sgiManagementIfaceIpv6Addr", json!("fe80::3/64")),
        ),
        (
            "epc.sgi_management_iface_ipv6_gw",
            json!("fe80::4"),
            pipelined("sgiManagementIfaceIpv6Gw", json!("fe80::4")),
        ),
        ("epc.congestion_control_enabled", json!(false), mme("congestionControlEnabled", Value::Null)),
        ("epc.subscriberdb_sync_interval", json!(60), at(&["subscriberdb"], "syncInterval", json!(67))),
        ("epc.subscriberdb_sync_interval", json!(59), vec![]),
        (
            "ngc",
            json!({
                "amf_name": "amf", "amf_set_id": "3", "amf_region_id": "c0", "amf_pointer": "1f",
                "amf_default_sst": 2, "amf_default_sd": "aFfEd0",
            }),
            vec![
                ("mme", "amfName", json!("amf")),
                ("mme", "amfSetId", json!("3")),
                ("mme", "amfRegionId", json!("c0")),
                ("mme", "amfPointer", json!("1f")),
                ("mme", "amfDefaultSliceServiceType", json!(2)),
                ("mme", "amfDefaultSliceDifferentiator", json!("aFfEd0")),
            ],
        ),
        (
            "non_eps_service",
            json!({
                "csfb_mcc": "002", "csfb_mnc": "03", "lac": 9, "csfb_rat": 1, "arfcn_2g": [5, 6],
                "non_eps_service_control": 3,
            }),
            vec![
                ("mme", "csfbMcc", json!("002")),
                ("mme", "csfbMnc", json!("03")),
                ("mme", "lac", json!(9)),
                ("mme", "nonEpsServiceControl", json!("NON_EPS_SERVICE_CONTROL_SMS_ORC8R")),
                ("enodebd", "csfbRat", json!("CSFBRAT_3G")),
                ("enodebd", "arfcn2g", json!([5, 6])),
            ],
        ),
        (
            "non_eps_service",
            json!({"non_eps_service_control": 1}),
            mme("nonEpsServiceControl", json!("NON_EPS_SERVICE_CONTROL_CSFB_SMS")),
        ),
        (
            "dns",
            json!({
                "enable_caching": true, "local_ttl": 10, "dhcp_server_enabled": false,
                "records": [
                    {"domain": "a.b", "a_record": ["1.2.3.4"], "aaaa_record": ["::1"], "cname_record": ["c"]},
                ],
            }),
            vec![
                ("mme", "enableDnsCaching", json!(true)),
                ("dnsd", "enableCaching", json!(true)),
                ("dnsd", "localTTL", json!(10)),
                ("dnsd", "dhcpServerEnabled", Value::Null),
                (
                    "dnsd",
                    "records",
                    json!([
                        {"aRecord": ["1.2.3.4"], "aaaaRecord": ["::1"], "cnameRecord": ["c"], "domain": "a.b"},
                    ]),
                ),
            ],
        ),
        (
            "he_config",
            json!({
                "enable_header_enrichment": true, "enable_encryption": true, "encryption_key": "k", "hmac_key": "h",
                "he_encryption_algorithm": "GZIPPED_AES256_ECB_SHA1", "he_hash_function": "SHA256",
                "he_encoding_type": "HEX2BIN",
            }),
            pipelined(
                "heConfig",
                json!({
                    "enableHeaderEnrichment": true, "enableEncryption": true, "encryptionKey": "k", "hmacKey": "h",
                    "encryptionAlgorithm": "GZIPPED_AES256_ECB_SHA1", "hashFunction": "SHA256",
                    "encodingType": "HEX2BIN",
                }),
            ),
        ),
        ("pooling", json!([]), vec![]),
    ]
}

#[test]
fn every_field_shows_at_its_places_and_nowhere_else() {
    let before = build(&least());
    assert_eq!(problems(&before), [""; 0]);
    for (field, value, shown) in rows_of_network() {
        let network = with(least_network(), field, value);
        assert_differs_at(field, &before, &build(&gateway(network, least_gateway())), &shown);
    }
    for (field, value, shown) in rows_of_gateway() {
        let own = with(least_gateway(), field, value);
        assert_differs_at(field, &before, &build(&gateway(least_network(), own)), &shown);
    }
}

#[test]
fn the_gateways_own_value_goes_before_the_networks() {
    for (field, of_network, of_gateway, (service, path), shown) in [
        ("subscriberdb_sync_interval", json!(100), json!(200), ("subscriberdb", "syncInterval"), json!(224)),
        ("subscriberdb_sync_interval", json!(100), json!(59), ("subscriberdb", "syncInterval"), json!(112)),
        (
            "congestion_control_enabled",
            json!(false),
            json!(true),
            ("mme", "congestionControlEnabled"),
            json!(true),
        ),
        (
            "congestion_control_enabled",
            json!(true),
            json!(false),
            ("mme", "congestionControlEnabled"),
            Value::Null,
        ),
    ] {
        let network = with(least_network(), &format!("epc.{field}"), of_network);
        let own = with(least_gateway(), &format!("epc.{field}"), of_gateway);
        let built = build(&gateway(network, own));
        assert_eq!(built.configs[service].get(path).cloned().unwrap_or_default(), shown, "{field}");
    }
}

#[test]
fn enodebs_take_the_networks_and_the_gateways_values_for_what_they_leave_out() {
    let network = |ran: Value| with(least_network(), "ran", ran);
    let tdd = json!({"bandwidth_mhz": 20, "tdd_config": {"earfcndl": 4, "subframe_assignment": 2, "special_subframe_pattern": 7}});
    let fdd = json!({"bandwidth_mhz": 15, "fdd_config": {"earfcndl": 1, "earfcnul": 18001}});
    let least_enodeb =
        json!({"transmit_enabled": false, "cell_id": 0, "device_class": "NuRAN Cavium OC-LTE"});
    let own = json!({
        "earfcndl": 39150, "subframe_assignment": 1, "special_subframe_pattern": 3, "pci": 9, "bandwidth_mhz": 10,
        "tac": 15, "transmit_enabled": true, "cell_id": 138777000, "device_class": "FreedomFi One",
    });
    let own_shown = json!({
        "earfcndl": 39150, "subframeAssignment": 1, "specialSubframePattern": 3, "pci": 9, "bandwidthMhz": 10,
        "tac": 15, "transmitEnabled": true, "cellId": 138777000, "deviceClass": "FreedomFi One",
    });
    let zeros = json!({
        "earfcndl": 0, "subframe_assignment": 0, "special_subframe_pattern": 0, "pci": 0, "bandwidth_mhz": 0, "tac": 0,
        "transmit_enabled": false, "cell_id": 0, "device_class": "NuRAN Cavium OC-LTE",
    });
    let of_tdd = json!({
        "earfcndl": 4, "subframeAssignment": 2, "specialSubframePattern": 7, "pci": 260, "bandwidthMhz": 20, "tac": 1,
        "deviceClass": "NuRAN Cavium OC-LTE",
    });
    let of_fdd = json!({
        "earfcndl": 1, "pci": 260, "bandwidthMhz": 15, "tac": 1, "deviceClass": "NuRAN Cavium OC-LTE",
    });
    let unmanaged = |tac: u32| {
        let config = json!({"cell_id": 7, "ip_address": "192.168.0.124", "tac": tac});
        json!({"config_type": "UNMANAGED", "unmanaged_config": config})
    };
    for (name, ran, config, shown, tac) in [
        ("all its own", tdd.clone(), managed(own), own_shown, 15),
        ("nothing, time division", tdd.clone(), managed(least_enodeb.clone()), of_tdd.clone(), 1),
        ("nothing, frequency division", fdd, managed(least_enodeb), of_fdd, 1),
        ("zeros", tdd.clone(), managed(zeros), of_tdd, 1),
        (
            "unmanaged",
            tdd.clone(),
            unmanaged(9),
            json!({"cellId": 7, "ipAddress": "192.168.0.124", "tac": 9}),
            9,
        ),
        (
            "unmanaged without tac",
            tdd,
            unmanaged(0),
            json!({"cellId": 7, "ipAddress": "192.168.0.124", "tac": 1}),
            1,
        ),
    ] {
        let built = build(&with_enodeb(gateway(network(ran), least_gateway()), "enb1", config));
        assert_eq!(problems(&built), [""; 0], "{name}");
        assert_eq!(built.configs["enodebd"]["enbConfigsBySerial"], json!({"enb1": shown}), "{name}");
        assert_eq!(built.configs["mme"]["attachedEnodebTacs"], json!([tac]), "{name}");
    }
}

#[test]
fn the_tracking_areas_of_all_enodebs_are_sorted() {
    let mut found = least();
    for (serial, tac) in [("a", 300), ("b", 2), ("c", 300), ("d", 0)] {
        let config =
            json!({"tac": tac, "transmit_enabled": true, "cell_id": 1, "device_class": "FreedomFi One"});
        found = with_enodeb(found, serial, managed(config));
    }
    assert_eq!(build(&found).configs["mme"]["attachedEnodebTacs"], json!([1, 2, 300, 300]));
}

#[test]
fn the_first_pool_record_says_group_code_and_capacity() {
    let before = build(&least());
    let shown = |built: &orc8r_mconfig::BuiltMconfig| {
        ["mmeGid", "mmeCode", "mmeRelativeCapacity"].map(|name| built.configs["mme"][name].clone())
    };
    assert_eq!(shown(&before), [json!(1), json!(1), json!(10)], "outside of pools");
    let record =
        |id: &str, code: u32| json!({"gateway_pool_id": id, "mme_code": code, "mme_relative_capacity": 255});
    let records = json!([record("pool2", 7), record("pool1", 8)]);
    let in_two = gateway(least_network(), with(least_gateway(), "pooling", records));
    let pools = |found| {
        with_pool(with_pool(found, "pool1", json!({"mme_group_id": 3})), "pool2", json!({"mme_group_id": 4}))
    };
    let built = build(&pools(in_two.clone()));
    assert_eq!((problems(&built), shown(&built)), (vec![], [json!(4), json!(7), json!(255)]));

    let built = build(&in_two);
    assert_eq!(shown(&built), [json!(1), json!(7), json!(255)], "the pool is gone");
    let problem = built.problems[0].to_string();
    assert!(problem.starts_with("incomplete configuration for mme: "), "{problem}");
    assert!(problem.contains("pool2"), "{problem}");
}

#[test]
fn interception_tasks_that_want_traffic_reach_liagentd_and_pipelined() {
    let task = |target_type: &str, delivery: &str| {
        json!({
            "target_id": format!("the {target_type}"), "target_type": target_type, "delivery_type": delivery,
            "correlation_id": 8_674_665_223_082_153_551_u64, "domain_id": "d", "duration": 300,
        })
    };
    let mut found = least();
    for (id, target_type, delivery) in
        [("t1", "imsi", "all"), ("t2", "imei", "all"), ("t3", "msisdn", "all"), ("t4", "imsi", "events_only")]
    {
        found = with_task(found, id, task(target_type, delivery));
    }
    let shown = |id: &str, target_type: &str| {
        json!({
            "taskId": id, "targetId": format!("the {target_type}"), "targetType": target_type, "deliveryType": "all",
            "correlationId": "8674665223082153551", "domainId": "d",
        })
    };
    let tasks = json!([shown("t1", "imsi"), shown("t2", "imei"), shown("t3", "msisdn")]);
    let targets = json!({"imsis": ["the imsi"], "imeis": ["the imei"], "msisdns": ["the msisdn"]});
    let differences = [("liagentd", "nprobeTasks", tasks), ("pipelined", "liUes", targets)];
    assert_differs_at("tasks", &build(&least()), &build(&found), &differences);
}

#[test]
fn a_federated_network_says_whose_core_serves_whom() {
    let before = build(&least());
    let federated = |config: Value| {
        let mut found = least();
        found.network.configs.insert("federated_network".to_owned(), config);
        build(&found)
    };
    let item = |mode: &str| json!({"mode": mode, "plmn": "00101", "imsi_range": "1:2", "apn": "internet"});
    let shown = |mode: &str| json!({"mode": mode, "plmn": "00101", "imsiRange": "1:2", "apn": "internet"});
    for (name, config, map) in [
        ("without a map", json!({"feg_network_id": "feg1"}), json!({})),
        (
            "with one",
            json!({"feg_network_id": "feg1", "federated_modes_mapping": {
                "enabled": true, "mapping": [item("local_subscriber"), item("s8_subscriber"), {"plmn": "123456"}],
            }}),
            json!({"enabled": true, "mapping": [
                shown("LOCAL_SUBSCRIBER"), shown("S8_SUBSCRIBER"), {"plmn": "123456"},
            ]}),
        ),
    ] {
        assert_differs_at(name, &before, &federated(config), &[("mme", "federatedModeMap", map)]);
    }
}

#[test]
fn crash_reports_go_where_the_network_says() {
    let mut found = least();
    let sentry = json!({
        "url_native": "https://native.example", "url_python": "https://python.example", "upload_mme_log": true,
        "sample_rate": 0.5, "number_of_lines_in_log": 100, "exclusion_patterns": ["a.*"],
    });
    found.network.configs.insert("sentry_config".to_owned(), sentry);
    let shown = json!({
        "dsnPython": "https://python.example", "dsnNative": "https://native.example", "uploadMmeLog": true,
        "sampleRate": 0.5, "exclusionPatterns": ["a.*"], "numberOfLinesInLog": 100,
    });
    let differences = at(&["mme", "sessiond", "shared_mconfig"], "sentryConfig", shown);
    assert_differs_at("sentry", &build(&least()), &build(&found), &differences);
}

#[test]
fn both_the_network_and_the_gateway_must_be_configured() {
    let mut no_network = least();
    no_network.network.configs.clear();
    for (name, found, expected) in [
        ("both", least(), &SERVICES[..]),
        ("no network", no_network, &[]),
        ("no gateway", gateway(least_network(), Value::Null), &[]),
    ] {
        let built = build(&found);
        let services: Vec<_> = built.configs.keys().copied().filter(|name| SERVICES.contains(name)).collect();
        assert_eq!((services, problems(&built)), (expected.to_vec(), vec![]), "{name}");
    }
}

#[test]
fn a_mistake_costs_the_services_that_cannot_do_without_and_is_reported() {
    let all_of_epc = ["mme", "pipelined", "enodebd", "mobilityd", "subscriberdb", "sessiond"];
    let of_network =
        |field: &str, value: Value| gateway(with(least_network(), field, value), least_gateway());
    let of_gateway =
        |field: &str, value: Value| gateway(least_network(), with(least_gateway(), field, value));
    for (name, found, reported, missing) in [
        ("no network ran", of_network("ran", Value::Null), &["enodebd"][..], &["enodebd"][..]),
        ("no network epc", of_network("epc", Value::Null), &all_of_epc, &all_of_epc),
        ("no gateway ran", of_gateway("ran", Value::Null), &["enodebd"], &["enodebd"]),
        (
            "no gateway epc",
            of_gateway("epc", Value::Null),
            &["mme", "pipelined", "mobilityd", "subscriberdb"],
            &["mme", "pipelined", "mobilityd", "subscriberdb"],
        ),
        ("key", of_network("epc.lte_auth_op", json!("%")), &["subscriberdb"], &["subscriberdb"]),
        ("dns", of_gateway("dns", json!("x")), &["dnsd"], &["dnsd"]),
        ("5G", of_gateway("ngc", json!("x")), &["mme"], &[]),
        ("calls", of_gateway("non_eps_service", json!(1)), &["mme"], &[]),
        ("header enrichment", of_gateway("he_config", json!(1)), &["pipelined"], &[]),
        ("pools", of_gateway("pooling", json!({})), &["mme"], &[]),
        ("a service", of_network("epc.network_services", json!(["x", "dpi"])), &["pipelined"], &[]),
        ("an eNodeB without configuration", with_enodeb(least(), "e1", Value::Null), &["enodebd"], &[]),
        ("an eNodeB's kind", with_enodeb(least(), "e1", json!({"config_type": "X"})), &["enodebd"], &[]),
        ("an eNodeB's type", with_enodeb(least(), "e1", json!({"config_type": 1})), &["enodebd"], &[]),
        ("a managed one", with_enodeb(least(), "e1", json!({"config_type": "MANAGED"})), &["enodebd"], &[]),
        (
            "an unmanaged one",
            with_enodeb(least(), "e1", json!({"config_type": "UNMANAGED"})),
            &["enodebd"],
            &[],
        ),
        ("a task", with_task(least(), "t1", json!("x")), &["liagentd"], &[]),
        ("a task without details", with_task(least(), "t1", Value::Null), &["liagentd"], &[]),
    ] {
        let built = build(&found);
        assert_eq!(problems(&built), reported, "{name}");
        let absent: Vec<_> = SERVICES.into_iter().filter(|name| !built.configs.contains_key(name)).collect();
        let mut missing = missing.to_vec();
        missing.sort_unstable();
        assert_eq!(absent, missing, "{name}");
        for problem in &built.problems {
            assert_eq!(problem.delivered, built.configs.contains_key(problem.service), "{name}");
        }
    }
}

#[test]
fn a_bad_enodeb_is_named_and_its_neighbours_are_configured() {
    let good = json!({"transmit_enabled": true, "cell_id": 5, "device_class": "FreedomFi One"});
    let found = with_enodeb(with_enodeb(least(), "bad1", Value::Null), "good1", managed(good));
    let built = build(&found);
    let enodebs = built.configs["enodebd"]["enbConfigsBySerial"].as_object().unwrap();
    assert_eq!(enodebs.keys().collect::<Vec<_>>(), ["good1"]);
    assert_eq!(built.configs["mme"]["attachedEnodebTacs"], json!([1]));
    assert_eq!(
        built.problems[0].to_string(),
        "incomplete configuration for enodebd: the configuration of an eNodeB is not usable: bad1 has none; \
         write it again by REST"
    );
}

#[test]
fn documents_are_as_expected() {
    let mut network = least_network();
    for (field, value, _) in rows_of_network() {
        network = with(network, field, value);
    }
    let mut own = least_gateway();
    for (field, value, _) in rows_of_gateway() {
        own = with(own, field, value);
    }
    let records = json!([{"gateway_pool_id": "pool1", "mme_code": 2, "mme_relative_capacity": 20}]);
    let own = with(own, "pooling", records);
    let enodeb = json!({"pci": 11, "transmit_enabled": true, "cell_id": 5, "device_class": "FreedomFi One"});
    let full = with_enodeb(gateway(network, own), "enb1", managed(enodeb));
    let full = with_pool(full, "pool1", json!({"mme_group_id": 3}));
    let full = with_task(
        full,
        "task1",
        json!({"target_id": "IMSI001010000000001", "target_type": "imsi", "delivery_type": "all"}),
    );
    for (name, found, expected) in [
        ("the least", least(), include_str!("golden/lte_least.json")),
        ("everything", full, include_str!("golden/lte_full.json")),
    ] {
        let built = build(&found);
        assert_eq!(problems(&built), [""; 0], "{name}");
        let document: Value = serde_json::from_slice(&built.to_stream_value(1_750_000_000)).unwrap();
        let expected: Value = serde_json::from_str(expected).unwrap();
        assert!(document == expected, "{name}:\n{document:#}");
    }
}
