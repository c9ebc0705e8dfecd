// Made by `cargo xtask codegen` from the contract; change that, not this.
Tables {
    package: "magma.mconfig",
    names: concat!(
        "CwfGatewayHealthConfig",
        "cpu_util_threshold_pct",
        "cpuUtilThresholdPct",
        "mem_util_threshold_pct",
        "memUtilThresholdPct",
        "gre_probe_interval",
        "greProbeInterval",
        "icmp_probe_pkt_count",
        "icmpProbePktCount",
        "gre_peers",
        "grePeers",
        "cluster_virtual_ip",
        "clusterVirtualIp",
        "CwfGatewayHealthConfig.grePeer",
        "DiamClientConfig",
        "protocol",
        "address",
        "retransmits",
        "watchdog_interval",
        "watchdogInterval",
        "retry_count",
        "retryCount",
        "local_address",
        "localAddress",
        "product_name",
        "productName",
        "realm",
        "host",
        "dest_realm",
        "destRealm",
        "dest_host",
        "destHost",
        "disable_dest_host",
        "disableDestHost",
        "overwrite_dest_host",
        "overwriteDestHost",
        "request_timeout",
        "requestTimeout",
        "DiamServerConfig",
        "S6aConfig",
        "log_level",
        "logLevel",
        "server",
        "request_failure_threshold",
        "requestFailureThreshold",
        "minimum_request_threshold",
        "minimumRequestThreshold",
        "PlmnIds",
        "VirtualApnRule",
        "apn_filter",
        "apnFilter",
        "apn_overwrite",
        "apnOverwrite",
        "charging_characteristics_filter",
        "chargingCharacteristicsFilter",
        "GxConfig",
        "OverwriteApn",
        "servers",
        "DisableGx",
        "virtual_apn_rules",
        "virtualApnRules",
        "GyConfig",
        "init_method",
        "initMethod",
        "DisableGy",
        "SessionProxyConfig",
        "gx",
        "gy",
        "SwxConfig",
        "verify_authorization",
        "verifyAuthorization",
        "CacheTTLSeconds",
        "register_on_auth",
        "registerOnAuth",
        "derive_unregister_realm",
        "deriveUnregisterRealm",
        "hlr_plmn_ids",
        "hlrPlmnIds",
        "EapAkaConfig",
        "UseS6a",
        "MncLen",
        "EapAkaConfig.Timeouts",
        "ChallengeMs",
        "ErrorNotificationMs",
        "SessionMs",
        "SessionAuthenticatedMs",
        "EapProviderTimeouts",
        "EapSimConfig",
        "AAAConfig",
        "IdleSessionTimeoutMs",
        "AccountingEnabled",
        "CreateSessionOnAuth",
        "EventLoggingEnabled",
        "RadiusConfig",
        "AcctReportingEnabled",
        "Secret",
        "Network",
        "AuthAddr",
        "AcctAddr",
        "DAEAddr",
        "required_services",
        "requiredServices",
        "update_interval_secs",
        "updateIntervalSecs",
        "update_failure_threshold",
        "updateFailureThreshold",
        "cloud_disconnect_period_secs",
        "cloudDisconnectPeriodSecs",
        "local_disconnect_period_secs",
        "localDisconnectPeriodSecs",
        "HSSConfig",
        "lte_auth_op",
        "lteAuthOp",
        "lte_auth_amf",
        "lteAuthAmf",
        "sub_profiles",
        "subProfiles",
        "default_sub_profile",
        "defaultSubProfile",
        "stream_subscribers",
        "streamSubscribers",
        "HSSConfig.SubscriptionProfile",
        "max_ul_bit_rate",
        "maxUlBitRate",
        "max_dl_bit_rate",
        "maxDlBitRate",
        "key",
        "value",
        "RadiusdConfig",
        "radius_metrics_port",
        "radiusMetricsPort",
        "radius_metrics_path",
        "radiusMetricsPath",
        "radius_metrics_host",
        "radiusMetricsHost",
        "SCTPClientConfig",
        "server_address",
        "serverAddress",
        "CsfbConfig",
        "client",
        "EnvoyControllerConfig",
        "S8Config",
        "pgw_address",
        "pgwAddress",
        "apn_operator_suffix",
        "apnOperatorSuffix",
        "SbiServerConfig",
        "api_root",
        "apiRoot",
        "token_url",
        "tokenUrl",
        "client_id",
        "clientId",
        "client_secret",
        "clientSecret",
        "N7ClientConfig",
        "notify_api_root",
        "notifyApiRoot",
        "N7Config",
        "disable_n7",
        "disableN7",
        "N7N40ProxyConfig",
        "n7_config",
        "n7Config",
        "SentryConfig",
        "dsn_python",
        "dsnPython",
        "dsn_native",
        "dsnNative",
        "upload_mme_log",
        "uploadMmeLog",
        "sample_rate",
        "sampleRate",
        "exclusion_patterns",
        "exclusionPatterns",
        "number_of_lines_in_log",
        "numberOfLinesInLog",
        "EnodebD",
        "pci",
        "earfcndl",
        "bandwidth_mhz",
        "bandwidthMhz",
        "plmnid_list",
        "plmnidList",
        "subframe_assignment",
        "subframeAssignment",
        "special_subframe_pattern",
        "specialSubframePattern",
        "allow_enodeb_transmit",
        "allowEnodebTransmit",
        "tac",
        "csfb_rat",
        "csfbRat",
        "arfcn_2g",
        "arfcn2g",
        "tdd_config",
        "tddConfig",
        "fdd_config",
        "fddConfig",
        "enb_configs_by_serial",
        "enbConfigsBySerial",
        "EnodebD.FDDConfig",
        "earfcnul",
        "EnodebD.TDDConfig",
        "EnodebD.EnodebConfig",
        "transmit_enabled",
        "transmitEnabled",
        "device_class",
        "deviceClass",
        "cell_id",
        "cellId",
        "ip_address",
        "ipAddress",
        "PipelineD",
        "ue_ip_block",
        "ueIpBlock",
        "nat_enabled",
        "natEnabled",
        "default_rule_id",
        "defaultRuleId",
        "allowed_gre_peers",
        "allowedGrePeers",
        "ipdr_export_dst",
        "ipdrExportDst",
        "li_ues",
        "liUes",
        "sgi_management_iface_vlan",
        "sgiManagementIfaceVlan",
        "sgi_management_iface_ip_addr",
        "sgiManagementIfaceIpAddr",
        "sgi_management_iface_gw",
        "sgiManagementIfaceGw",
        "he_config",
        "heConfig",
        "enable5g_features",
        "enable5gFeatures",
        "upf_node_identifier",
        "upfNodeIdentifier",
        "sgi_management_iface_ipv6_addr",
        "sgiManagementIfaceIpv6Addr",
        "sgi_management_iface_ipv6_gw",
        "sgiManagementIfaceIpv6Gw",
        "PipelineD.AllowedGrePeer",
        "PipelineD.IPDRExportDst",
        "PipelineD.LiUes",
        "imsis",
        "msisdns",
        "macs",
        "ips",
        "imeis",
        "PipelineD.HEConfig",
        "enable_header_enrichment",
        "enableHeaderEnrichment",
        "enable_encryption",
        "enableEncryption",
        "encryptionAlgorithm",
        "hashFunction",
        "encodingType",
        "encryption_key",
        "encryptionKey",
        "hmac_key",
        "hmacKey",
        "SessionD",
        "relay_enabled",
        "relayEnabled",
        "wallet_exhaust_detection",
        "walletExhaustDetection",
        "gx_gy_relay_enabled",
        "gxGyRelayEnabled",
        "sentry_config",
        "sentryConfig",
        "WalletExhaustDetection",
        "terminate_on_exhaust",
        "terminateOnExhaust",
        "timeout_ms",
        "timeoutMs",
        "PolicyDB",
        "RedirectD",
        "MobilityD",
        "ipBlock",
        "ip_allocator_type",
        "ipAllocatorType",
        "static_ip_enabled",
        "staticIpEnabled",
        "multi_apn_ip_alloc",
        "multiApnIpAlloc",
        "ipv6_block",
        "ipv6Block",
        "ipv6_prefix_allocation_type",
        "ipv6PrefixAllocationType",
        "MME",
        "mcc",
        "mnc",
        "mme_gid",
        "mmeGid",
        "mme_code",
        "mmeCode",
        "enable_dns_caching",
        "enableDnsCaching",
        "non_eps_service_control",
        "nonEpsServiceControl",
        "csfb_mcc",
        "csfbMcc",
        "csfb_mnc",
        "csfbMnc",
        "lac",
        "cloud_subscriberdb_enabled",
        "cloudSubscriberdbEnabled",
        "attached_enodeb_tacs",
        "attachedEnodebTacs",
        "mme_relative_capacity",
        "mmeRelativeCapacity",
        "dns_primary",
        "dnsPrimary",
        "dns_secondary",
        "dnsSecondary",
        "hss_relay_enabled",
        "hssRelayEnabled",
        "enable_apn_correction",
        "enableApnCorrection",
        "apn_correction_map_list",
        "apnCorrectionMapList",
        "ipv4_p_cscf_address",
        "ipv4PCscfAddress",
        "ipv6_p_cscf_address",
        "ipv6PCscfAddress",
        "ipv6_dns_address",
        "ipv6DnsAddress",
        "ipv4_sgw_s1u_addr",
        "ipv4SgwS1uAddr",
        "restricted_plmns",
        "restrictedPlmns",
        "service_area_maps",
        "serviceAreaMaps",
        "federated_mode_map",
        "federatedModeMap",
        "restricted_imeis",
        "restrictedImeis",
        "congestion_control_enabled",
        "congestionControlEnabled",
        "amf_default_slice_service_type",
        "amfDefaultSliceServiceType",
        "amf_default_slice_differentiator",
        "amfDefaultSliceDifferentiator",
        "amf_name",
        "amfName",
        "amf_region_id",
        "amfRegionId",
        "amf_set_id",
        "amfSetId",
        "amf_pointer",
        "amfPointer",
        "ipv6_sgw_s1u_addr",
        "ipv6SgwS1uAddr",
        "MME.ApnCorrectionMap",
        "imsi_prefix",
        "imsiPrefix",
        "apn_override",
        "apnOverride",
        "MME.PlmnConfig",
        "MME.TacList",
        "MME.ImeiConfig",
        "snr",
        "FederatedModeMap",
        "mapping",
        "ModeMapItem",
        "imsi_range",
        "imsiRange",
        "SubscriberDB",
        "sync_interval",
        "syncInterval",
        "SubscriberDB.SubscriptionProfile",
        "LighttpD",
        "enable_caching",
        "enableCaching",
        "MonitorD",
        "polling_interval",
        "pollingInterval",
        "DPID",
        "ConnectionD",
        "LIAgentD",
        "nprobe_tasks",
        "nprobeTasks",
        "NProbeTask",
        "task_id",
        "taskId",
        "target_id",
        "targetId",
        "target_type",
        "targetType",
        "delivery_type",
        "deliveryType",
        "correlation_id",
        "correlationId",
        "domain_id",
        "domainId",
        "DnsD",
        "localTTL",
        "records",
        "dhcp_server_enabled",
        "dhcpServerEnabled",
        "GatewayDNSConfigRecordsItems",
        "a_record",
        "aRecord",
        "aaaa_record",
        "aaaaRecord",
        "cname_record",
        "cnameRecord",
        "AgwD",
        "sctpd_downstream_service_target",
        "sctpdDownstreamServiceTarget",
        "sctpd_upstream_service_target",
        "sctpdUpstreamServiceTarget",
        "mme_sctpd_downstream_service_target",
        "mmeSctpdDownstreamServiceTarget",
        "mme_sctpd_upstream_service_target",
        "mmeSctpdUpstreamServiceTarget",
        "sentry_dsn",
        "sentryDsn",
        "SctpD",
        "SharedMconfig",
        "SharedSentryConfig",
        "ControlProxy",
        "ImageSpec",
        "order",
        "MagmaD",
        "checkin_interval",
        "checkinInterval",
        "checkin_timeout",
        "checkinTimeout",
        "autoupgrade_enabled",
        "autoupgradeEnabled",
        "autoupgrade_poll_interval",
        "autoupgradePollInterval",
        "package_version",
        "packageVersion",
        "images",
        "tier_id",
        "tierId",
        "feature_flags",
        "featureFlags",
        "dynamic_services",
        "dynamicServices",
        "orc8r_version",
        "orc8rVersion",
        "EventD",
        "event_verbosity",
        "eventVerbosity",
        "DirectoryD",
        "MetricsD",
        "State",
        "FluentBit",
        "extra_tags",
        "extraTags",
        "throttle_rate",
        "throttleRate",
        "throttle_window",
        "throttleWindow",
        "throttle_interval",
        "throttleInterval",
        "files_by_tag",
        "filesByTag",
        "OpenVPN",
        "enable_shell_access",
        "enableShellAccess",
        "CtraceD",
        "DEBUG",
        "INFO",
        "WARNING",
        "ERROR",
        "FATAL",
        "RESERVED",
        "PER_SESSION",
        "PER_KEY",
        "CSFBRAT_2G",
        "CSFBRAT_3G",
        "METERING",
        "ENFORCEMENT",
        "RC4",
        "AES256_CBC_HMAC_MD5",
        "AES256_ECB_HMAC_MD5",
        "GZIPPED_AES256_ECB_SHA1",
        "HEX",
        "SHA256",
        "BASE64",
        "HEX2BIN",
        "GxTrackedRules",
        "IP_POOL",
        "DHCP",
        "NON_EPS_SERVICE_CONTROL_OFF",
        "NON_EPS_SERVICE_CONTROL_CSFB_SMS",
        "NON_EPS_SERVICE_CONTROL_SMS",
        "NON_EPS_SERVICE_CONTROL_SMS_ORC8R",
        "SPGW_SUBSCRIBER",
        "LOCAL_SUBSCRIBER",
        "S8_SUBSCRIBER",
        "UNSET",
    ),
    messages: &[
        Message { name: Name(0, 22), fields: Span(0, 6) }, // 0: .magma.mconfig.CwfGatewayHealthConfig
        Message { name: Name(226, 30), fields: Span(6, 1) }, // 1: .magma.mconfig.CwfGatewayHealthConfig.grePeer
        Message { name: Name(256, 16), fields: Span(7, 14) }, // 2: .magma.mconfig.DiamClientConfig
        Message { name: Name(542, 16), fields: Span(21, 5) }, // 3: .magma.mconfig.DiamServerConfig
        Message { name: Name(558, 9), fields: Span(26, 5) }, // 4: .magma.mconfig.S6aConfig
        Message { name: Name(693, 14), fields: Span(31, 3) }, // 5: .magma.mconfig.VirtualApnRule
        Message { name: Name(811, 8), fields: Span(34, 5) }, // 6: .magma.mconfig.GxConfig
        Message { name: Name(879, 8), fields: Span(39, 6) }, // 7: .magma.mconfig.GyConfig
        Message { name: Name(917, 18), fields: Span(45, 5) }, // 8: .magma.mconfig.SessionProxyConfig
        Message { name: Name(939, 9), fields: Span(50, 10) }, // 9: .magma.mconfig.SwxConfig
        Message { name: Name(1098, 12), fields: Span(60, 5) }, // 10: .magma.mconfig.EapAkaConfig
        Message { name: Name(1122, 21), fields: Span(65, 4) }, // 11: .magma.mconfig.EapAkaConfig.Timeouts
        Message { name: Name(1204, 19), fields: Span(69, 4) }, // 12: .magma.mconfig.EapProviderTimeouts
        Message { name: Name(1223, 12), fields: Span(73, 5) }, // 13: .magma.mconfig.EapSimConfig
        Message { name: Name(1235, 9), fields: Span(78, 7) }, // 14: .magma.mconfig.AAAConfig
        Message { name: Name(1319, 12), fields: Span(85, 5) }, // 15: .magma.mconfig.RadiusConfig
        Message { name: Name(3, 19), fields: Span(90, 5) }, // 16: .magma.mconfig.GatewayHealthConfig
        Message { name: Name(1610, 9), fields: Span(95, 6) }, // 17: .magma.mconfig.HSSConfig
        Message { name: Name(1755, 29), fields: Span(101, 2) }, // 18: .magma.mconfig.HSSConfig.SubscriptionProfile
        Message { name: Name(0, 0), fields: Span(103, 2) }, // 19: .magma.mconfig.HSSConfig.SubProfilesEntry
        Message { name: Name(1846, 13), fields: Span(105, 4) }, // 20: .magma.mconfig.RadiusdConfig
        Message { name: Name(1967, 16), fields: Span(109, 2) }, // 21: .magma.mconfig.SCTPClientConfig
        Message { name: Name(2010, 10), fields: Span(111, 2) }, // 22: .magma.mconfig.CsfbConfig
        Message { name: Name(2026, 21), fields: Span(113, 1) }, // 23: .magma.mconfig.EnvoyControllerConfig
        Message { name: Name(2047, 8), fields: Span(114, 6) }, // 24: .magma.mconfig.S8Config
        Message { name: Name(2112, 15), fields: Span(120, 4) }, // 25: .magma.mconfig.SbiServerConfig
        Message { name: Name(2201, 14), fields: Span(124, 2) }, // 26: .magma.mconfig.N7ClientConfig
        Message { name: Name(2243, 8), fields: Span(126, 3) }, // 27: .magma.mconfig.N7Config
        Message { name: Name(2270, 16), fields: Span(129, 4) }, // 28: .magma.mconfig.N7N40ProxyConfig
        Message { name: Name(2303, 12), fields: Span(133, 6) }, // 29: .magma.mconfig.SentryConfig
        Message { name: Name(2475, 7), fields: Span(139, 14) }, // 30: .magma.mconfig.EnodebD
        Message { name: Name(2772, 17), fields: Span(153, 2) }, // 31: .magma.mconfig.EnodebD.FDDConfig
        Message { name: Name(2797, 17), fields: Span(155, 3) }, // 32: .magma.mconfig.EnodebD.TDDConfig
        Message { name: Name(2814, 20), fields: Span(158, 10) }, // 33: .magma.mconfig.EnodebD.EnodebConfig
        Message { name: Name(0, 0), fields: Span(168, 2) }, // 34: .magma.mconfig.EnodebD.EnbConfigsBySerialEntry
        Message { name: Name(2920, 9), fields: Span(170, 16) }, // 35: .magma.mconfig.PipelineD
        Message { name: Name(3405, 24), fields: Span(186, 2) }, // 36: .magma.mconfig.PipelineD.AllowedGrePeer
        Message { name: Name(3429, 23), fields: Span(188, 2) }, // 37: .magma.mconfig.PipelineD.IPDRExportDst
        Message { name: Name(3452, 15), fields: Span(190, 5) }, // 38: .magma.mconfig.PipelineD.LiUes
        Message { name: Name(3491, 18), fields: Span(195, 7) }, // 39: .magma.mconfig.PipelineD.HEConfig
        Message { name: Name(3673, 8), fields: Span(202, 6) }, // 40: .magma.mconfig.SessionD
        Message { name: Name(3812, 22), fields: Span(208, 3) }, // 41: .magma.mconfig.WalletExhaustDetection
        Message { name: Name(3891, 8), fields: Span(211, 1) }, // 42: .magma.mconfig.PolicyDB
        Message { name: Name(3899, 9), fields: Span(212, 1) }, // 43: .magma.mconfig.RedirectD
        Message { name: Name(3908, 9), fields: Span(213, 7) }, // 44: .magma.mconfig.MobilityD
        Message { name: Name(4091, 3), fields: Span(220, 39) }, // 45: .magma.mconfig.MME
        Message { name: Name(5062, 20), fields: Span(259, 2) }, // 46: .magma.mconfig.MME.ApnCorrectionMap
        Message { name: Name(5126, 14), fields: Span(261, 2) }, // 47: .magma.mconfig.MME.PlmnConfig
        Message { name: Name(5140, 11), fields: Span(263, 1) }, // 48: .magma.mconfig.MME.TacList
        Message { name: Name(5151, 14), fields: Span(264, 2) }, // 49: .magma.mconfig.MME.ImeiConfig
        Message { name: Name(0, 0), fields: Span(266, 2) }, // 50: .magma.mconfig.MME.ServiceAreaMapsEntry
        Message { name: Name(5168, 16), fields: Span(268, 2) }, // 51: .magma.mconfig.FederatedModeMap
        Message { name: Name(5191, 11), fields: Span(270, 4) }, // 52: .magma.mconfig.ModeMapItem
        Message { name: Name(5221, 12), fields: Span(274, 8) }, // 53: .magma.mconfig.SubscriberDB
        Message { name: Name(5258, 32), fields: Span(282, 2) }, // 54: .magma.mconfig.SubscriberDB.SubscriptionProfile
        Message { name: Name(0, 0), fields: Span(284, 2) }, // 55: .magma.mconfig.SubscriberDB.SubProfilesEntry
        Message { name: Name(5290, 8), fields: Span(286, 2) }, // 56: .magma.mconfig.LighttpD
        Message { name: Name(5325, 8), fields: Span(288, 2) }, // 57: .magma.mconfig.MonitorD
        Message { name: Name(5364, 4), fields: Span(290, 1) }, // 58: .magma.mconfig.DPID
        Message { name: Name(5368, 11), fields: Span(291, 1) }, // 59: .magma.mconfig.ConnectionD
        Message { name: Name(5379, 8), fields: Span(292, 2) }, // 60: .magma.mconfig.LIAgentD
        Message { name: Name(5410, 10), fields: Span(294, 6) }, // 61: .magma.mconfig.NProbeTask
        Message { name: Name(5540, 4), fields: Span(300, 5) }, // 62: .magma.mconfig.DnsD
        Message { name: Name(5595, 28), fields: Span(305, 4) }, // 63: .magma.mconfig.GatewayDNSConfigRecordsItems
        Message { name: Name(5682, 4), fields: Span(309, 6) }, // 64: .magma.mconfig.AgwD
        Message { name: Name(5947, 5), fields: Span(315, 1) }, // 65: .magma.mconfig.SctpD
        Message { name: Name(5952, 13), fields: Span(316, 1) }, // 66: .magma.mconfig.SharedMconfig
        Message { name: Name(5965, 18), fields: Span(317, 6) }, // 67: .magma.mconfig.SharedSentryConfig
        Message { name: Name(5983, 12), fields: Span(323, 1) }, // 68: .magma.mconfig.ControlProxy
        Message { name: Name(5995, 9), fields: Span(324, 2) }, // 69: .magma.mconfig.ImageSpec
        Message { name: Name(6009, 6), fields: Span(326, 11) }, // 70: .magma.mconfig.MagmaD
        Message { name: Name(0, 0), fields: Span(337, 2) }, // 71: .magma.mconfig.MagmaD.FeatureFlagsEntry
        Message { name: Name(6289, 6), fields: Span(339, 2) }, // 72: .magma.mconfig.EventD
        Message { name: Name(6324, 10), fields: Span(341, 1) }, // 73: .magma.mconfig.DirectoryD
        Message { name: Name(6334, 8), fields: Span(342, 1) }, // 74: .magma.mconfig.MetricsD
        Message { name: Name(6342, 5), fields: Span(343, 2) }, // 75: .magma.mconfig.State
        Message { name: Name(6347, 9), fields: Span(345, 5) }, // 76: .magma.mconfig.FluentBit
        Message { name: Name(0, 0), fields: Span(350, 2) }, // 77: .magma.mconfig.FluentBit.ExtraTagsEntry
        Message { name: Name(0, 0), fields: Span(352, 2) }, // 78: .magma.mconfig.FluentBit.FilesByTagEntry
        Message { name: Name(6484, 7), fields: Span(354, 1) }, // 79: .magma.mconfig.OpenVPN
        Message { name: Name(6527, 7), fields: Span(355, 1) }, // 80: .magma.mconfig.CtraceD
    ],
    fields: &[
        Field { number: 1, name: Name(22, 22), json_name: Name(44, 19), kind: Kind::Float, cardinality: Cardinality::Implicit, oneof: 0 }, // CwfGatewayHealthConfig.cpu_util_threshold_pct
        Field { number: 2, name: Name(63, 22), json_name: Name(85, 19), kind: Kind::Float, cardinality: Cardinality::Implicit, oneof: 0 }, // CwfGatewayHealthConfig.mem_util_threshold_pct
        Field { number: 3, name: Name(104, 18), json_name: Name(122, 16), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // CwfGatewayHealthConfig.gre_probe_interval
        Field { number: 4, name: Name(138, 20), json_name: Name(158, 17), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // CwfGatewayHealthConfig.icmp_probe_pkt_count
        Field { number: 5, name: Name(175, 9), json_name: Name(184, 8), kind: Kind::Message(1), cardinality: Cardinality::Unpacked, oneof: 0 }, // CwfGatewayHealthConfig.gre_peers
        Field { number: 6, name: Name(192, 18), json_name: Name(210, 16), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // CwfGatewayHealthConfig.cluster_virtual_ip
        Field { number: 1, name: Name(208, 2), json_name: Name(208, 2), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // grePeer.ip
        Field { number: 1, name: Name(272, 8), json_name: Name(272, 8), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // DiamClientConfig.protocol
        Field { number: 2, name: Name(280, 7), json_name: Name(280, 7), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // DiamClientConfig.address
        Field { number: 3, name: Name(287, 11), json_name: Name(287, 11), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // DiamClientConfig.retransmits
        Field { number: 4, name: Name(298, 17), json_name: Name(315, 16), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // DiamClientConfig.watchdog_interval
        Field { number: 5, name: Name(331, 11), json_name: Name(342, 10), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // DiamClientConfig.retry_count
        Field { number: 6, name: Name(352, 13), json_name: Name(365, 12), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // DiamClientConfig.local_address
        Field { number: 7, name: Name(377, 12), json_name: Name(389, 11), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // DiamClientConfig.product_name
        Field { number: 8, name: Name(400, 5), json_name: Name(400, 5), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // DiamClientConfig.realm
        Field { number: 9, name: Name(405, 4), json_name: Name(405, 4), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // DiamClientConfig.host
        Field { number: 10, name: Name(409, 10), json_name: Name(419, 9), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // DiamClientConfig.dest_realm
        Field { number: 11, name: Name(428, 9), json_name: Name(437, 8), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // DiamClientConfig.dest_host
        Field { number: 12, name: Name(445, 17), json_name: Name(462, 15), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // DiamClientConfig.disable_dest_host
        Field { number: 13, name: Name(477, 19), json_name: Name(496, 17), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // DiamClientConfig.overwrite_dest_host
        Field { number: 14, name: Name(513, 15), json_name: Name(528, 14), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // DiamClientConfig.request_timeout
        Field { number: 1, name: Name(272, 8), json_name: Name(272, 8), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // DiamServerConfig.protocol
        Field { number: 2, name: Name(280, 7), json_name: Name(280, 7), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // DiamServerConfig.address
        Field { number: 3, name: Name(352, 13), json_name: Name(365, 12), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // DiamServerConfig.local_address
        Field { number: 4, name: Name(428, 9), json_name: Name(437, 8), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // DiamServerConfig.dest_host
        Field { number: 5, name: Name(409, 10), json_name: Name(419, 9), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // DiamServerConfig.dest_realm
        Field { number: 1, name: Name(567, 9), json_name: Name(576, 8), kind: Kind::Enum(0), cardinality: Cardinality::Implicit, oneof: 0 }, // S6aConfig.log_level
        Field { number: 5, name: Name(584, 6), json_name: Name(584, 6), kind: Kind::Message(2), cardinality: Cardinality::Explicit, oneof: 0 }, // S6aConfig.server
        Field { number: 6, name: Name(590, 25), json_name: Name(615, 23), kind: Kind::Float, cardinality: Cardinality::Implicit, oneof: 0 }, // S6aConfig.request_failure_threshold
        Field { number: 7, name: Name(638, 25), json_name: Name(663, 23), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // S6aConfig.minimum_request_threshold
        Field { number: 8, name: Name(686, 7), json_name: Name(686, 7), kind: Kind::String, cardinality: Cardinality::Unpacked, oneof: 0 }, // S6aConfig.PlmnIds
        Field { number: 1, name: Name(707, 10), json_name: Name(717, 9), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // VirtualApnRule.apn_filter
        Field { number: 2, name: Name(726, 13), json_name: Name(739, 12), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // VirtualApnRule.apn_overwrite
        Field { number: 3, name: Name(751, 31), json_name: Name(782, 29), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // VirtualApnRule.charging_characteristics_filter
        Field { number: 1, name: Name(584, 6), json_name: Name(584, 6), kind: Kind::Message(2), cardinality: Cardinality::Explicit, oneof: 0 }, // GxConfig.server
        Field { number: 2, name: Name(819, 12), json_name: Name(819, 12), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // GxConfig.OverwriteApn
        Field { number: 3, name: Name(831, 7), json_name: Name(831, 7), kind: Kind::Message(2), cardinality: Cardinality::Unpacked, oneof: 0 }, // GxConfig.servers
        Field { number: 4, name: Name(838, 9), json_name: Name(838, 9), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // GxConfig.DisableGx
        Field { number: 5, name: Name(847, 17), json_name: Name(864, 15), kind: Kind::Message(5), cardinality: Cardinality::Unpacked, oneof: 0 }, // GxConfig.virtual_apn_rules
        Field { number: 1, name: Name(584, 6), json_name: Name(584, 6), kind: Kind::Message(2), cardinality: Cardinality::Explicit, oneof: 0 }, // GyConfig.server
        Field { number: 2, name: Name(887, 11), json_name: Name(898, 10), kind: Kind::Enum(1), cardinality: Cardinality::Implicit, oneof: 0 }, // GyConfig.init_method
        Field { number: 3, name: Name(819, 12), json_name: Name(819, 12), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // GyConfig.OverwriteApn
        Field { number: 4, name: Name(831, 7), json_name: Name(831, 7), kind: Kind::Message(2), cardinality: Cardinality::Unpacked, oneof: 0 }, // GyConfig.servers
        Field { number: 5, name: Name(908, 9), json_name: Name(908, 9), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // GyConfig.DisableGy
        Field { number: 6, name: Name(847, 17), json_name: Name(864, 15), kind: Kind::Message(5), cardinality: Cardinality::Unpacked, oneof: 0 }, // GyConfig.virtual_apn_rules
        Field { number: 1, name: Name(567, 9), json_name: Name(576, 8), kind: Kind::Enum(0), cardinality: Cardinality::Implicit, oneof: 0 }, // SessionProxyConfig.log_level
        Field { number: 5, name: Name(935, 2), json_name: Name(935, 2), kind: Kind::Message(6), cardinality: Cardinality::Explicit, oneof: 0 }, // SessionProxyConfig.gx
        Field { number: 6, name: Name(937, 2), json_name: Name(937, 2), kind: Kind::Message(7), cardinality: Cardinality::Explicit, oneof: 0 }, // SessionProxyConfig.gy
        Field { number: 7, name: Name(590, 25), json_name: Name(615, 23), kind: Kind::Float, cardinality: Cardinality::Implicit, oneof: 0 }, // SessionProxyConfig.request_failure_threshold
        Field { number: 8, name: Name(638, 25), json_name: Name(663, 23), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // SessionProxyConfig.minimum_request_threshold
        Field { number: 1, name: Name(567, 9), json_name: Name(576, 8), kind: Kind::Enum(0), cardinality: Cardinality::Implicit, oneof: 0 }, // SwxConfig.log_level
        Field { number: 2, name: Name(584, 6), json_name: Name(584, 6), kind: Kind::Message(2), cardinality: Cardinality::Explicit, oneof: 0 }, // SwxConfig.server
        Field { number: 3, name: Name(948, 20), json_name: Name(968, 19), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // SwxConfig.verify_authorization
        Field { number: 4, name: Name(987, 15), json_name: Name(987, 15), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // SwxConfig.CacheTTLSeconds
        Field { number: 5, name: Name(590, 25), json_name: Name(615, 23), kind: Kind::Float, cardinality: Cardinality::Implicit, oneof: 0 }, // SwxConfig.request_failure_threshold
        Field { number: 6, name: Name(638, 25), json_name: Name(663, 23), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // SwxConfig.minimum_request_threshold
        Field { number: 7, name: Name(1002, 16), json_name: Name(1018, 14), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // SwxConfig.register_on_auth
        Field { number: 8, name: Name(1032, 23), json_name: Name(1055, 21), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // SwxConfig.derive_unregister_realm
        Field { number: 9, name: Name(1076, 12), json_name: Name(1088, 10), kind: Kind::String, cardinality: Cardinality::Unpacked, oneof: 0 }, // SwxConfig.hlr_plmn_ids
        Field { number: 10, name: Name(831, 7), json_name: Name(831, 7), kind: Kind::Message(2), cardinality: Cardinality::Unpacked, oneof: 0 }, // SwxConfig.servers
        Field { number: 1, name: Name(567, 9), json_name: Name(576, 8), kind: Kind::Enum(0), cardinality: Cardinality::Implicit, oneof: 0 }, // EapAkaConfig.log_level
        Field { number: 2, name: Name(521, 7), json_name: Name(521, 7), kind: Kind::Message(11), cardinality: Cardinality::Explicit, oneof: 0 }, // EapAkaConfig.timeout
        Field { number: 3, name: Name(686, 7), json_name: Name(686, 7), kind: Kind::String, cardinality: Cardinality::Unpacked, oneof: 0 }, // EapAkaConfig.PlmnIds
        Field { number: 4, name: Name(1110, 6), json_name: Name(1110, 6), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // EapAkaConfig.UseS6a
        Field { number: 5, name: Name(1116, 6), json_name: Name(1116, 6), kind: Kind::Int32, cardinality: Cardinality::Implicit, oneof: 0 }, // EapAkaConfig.MncLen
        Field { number: 1, name: Name(1143, 11), json_name: Name(1143, 11), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // Timeouts.ChallengeMs
        Field { number: 2, name: Name(1154, 19), json_name: Name(1154, 19), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // Timeouts.ErrorNotificationMs
        Field { number: 3, name: Name(1173, 9), json_name: Name(1173, 9), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // Timeouts.SessionMs
        Field { number: 4, name: Name(1182, 22), json_name: Name(1182, 22), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // Timeouts.SessionAuthenticatedMs
        Field { number: 1, name: Name(1143, 11), json_name: Name(1143, 11), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // EapProviderTimeouts.ChallengeMs
        Field { number: 2, name: Name(1154, 19), json_name: Name(1154, 19), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // EapProviderTimeouts.ErrorNotificationMs
        Field { number: 3, name: Name(1173, 9), json_name: Name(1173, 9), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // EapProviderTimeouts.SessionMs
        Field { number: 4, name: Name(1182, 22), json_name: Name(1182, 22), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // EapProviderTimeouts.SessionAuthenticatedMs
        Field { number: 1, name: Name(567, 9), json_name: Name(576, 8), kind: Kind::Enum(0), cardinality: Cardinality::Implicit, oneof: 0 }, // EapSimConfig.log_level
        Field { number: 2, name: Name(521, 7), json_name: Name(521, 7), kind: Kind::Message(12), cardinality: Cardinality::Explicit, oneof: 0 }, // EapSimConfig.timeout
        Field { number: 3, name: Name(686, 7), json_name: Name(686, 7), kind: Kind::String, cardinality: Cardinality::Unpacked, oneof: 0 }, // EapSimConfig.PlmnIds
        Field { number: 4, name: Name(1110, 6), json_name: Name(1110, 6), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // EapSimConfig.UseS6a
        Field { number: 5, name: Name(1116, 6), json_name: Name(1116, 6), kind: Kind::Int32, cardinality: Cardinality::Implicit, oneof: 0 }, // EapSimConfig.MncLen
        Field { number: 1, name: Name(567, 9), json_name: Name(576, 8), kind: Kind::Enum(0), cardinality: Cardinality::Implicit, oneof: 0 }, // AAAConfig.log_level
        Field { number: 2, name: Name(1244, 20), json_name: Name(1244, 20), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // AAAConfig.IdleSessionTimeoutMs
        Field { number: 3, name: Name(1264, 17), json_name: Name(1264, 17), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // AAAConfig.AccountingEnabled
        Field { number: 4, name: Name(1281, 19), json_name: Name(1281, 19), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // AAAConfig.CreateSessionOnAuth
        Field { number: 5, name: Name(1300, 19), json_name: Name(1300, 19), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // AAAConfig.EventLoggingEnabled
        Field { number: 6, name: Name(1319, 12), json_name: Name(1319, 12), kind: Kind::Message(15), cardinality: Cardinality::Explicit, oneof: 0 }, // AAAConfig.RadiusConfig
        Field { number: 7, name: Name(1331, 20), json_name: Name(1331, 20), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // AAAConfig.AcctReportingEnabled
        Field { number: 1, name: Name(1351, 6), json_name: Name(1351, 6), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // RadiusConfig.Secret
        Field { number: 2, name: Name(1357, 7), json_name: Name(1357, 7), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // RadiusConfig.Network
        Field { number: 3, name: Name(1364, 8), json_name: Name(1364, 8), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // RadiusConfig.AuthAddr
        Field { number: 4, name: Name(1372, 8), json_name: Name(1372, 8), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // RadiusConfig.AcctAddr
        Field { number: 5, name: Name(1380, 7), json_name: Name(1380, 7), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // RadiusConfig.DAEAddr
        Field { number: 1, name: Name(1387, 17), json_name: Name(1404, 16), kind: Kind::String, cardinality: Cardinality::Unpacked, oneof: 0 }, // GatewayHealthConfig.required_services
        Field { number: 2, name: Name(1420, 20), json_name: Name(1440, 18), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // GatewayHealthConfig.update_interval_secs
        Field { number: 3, name: Name(1458, 24), json_name: Name(1482, 22), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // GatewayHealthConfig.update_failure_threshold
        Field { number: 4, name: Name(1504, 28), json_name: Name(1532, 25), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // GatewayHealthConfig.cloud_disconnect_period_secs
        Field { number: 5, name: Name(1557, 28), json_name: Name(1585, 25), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // GatewayHealthConfig.local_disconnect_period_secs
        Field { number: 1, name: Name(584, 6), json_name: Name(584, 6), kind: Kind::Message(3), cardinality: Cardinality::Explicit, oneof: 0 }, // HSSConfig.server
        Field { number: 2, name: Name(1619, 11), json_name: Name(1630, 9), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // HSSConfig.lte_auth_op
        Field { number: 3, name: Name(1639, 12), json_name: Name(1651, 10), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // HSSConfig.lte_auth_amf
        Field { number: 4, name: Name(1661, 12), json_name: Name(1673, 11), kind: Kind::Message(19), cardinality: Cardinality::Map, oneof: 0 }, // HSSConfig.sub_profiles
        Field { number: 5, name: Name(1684, 19), json_name: Name(1703, 17), kind: Kind::Message(18), cardinality: Cardinality::Explicit, oneof: 0 }, // HSSConfig.default_sub_profile
        Field { number: 6, name: Name(1720, 18), json_name: Name(1738, 17), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // HSSConfig.stream_subscribers
        Field { number: 1, name: Name(1784, 15), json_name: Name(1799, 12), kind: Kind::Uint64, cardinality: Cardinality::Implicit, oneof: 0 }, // SubscriptionProfile.max_ul_bit_rate
        Field { number: 2, name: Name(1811, 15), json_name: Name(1826, 12), kind: Kind::Uint64, cardinality: Cardinality::Implicit, oneof: 0 }, // SubscriptionProfile.max_dl_bit_rate
        Field { number: 1, name: Name(1838, 3), json_name: Name(1838, 3), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // SubProfilesEntry.key
        Field { number: 2, name: Name(1841, 5), json_name: Name(1841, 5), kind: Kind::Message(18), cardinality: Cardinality::Explicit, oneof: 0 }, // SubProfilesEntry.value
        Field { number: 1, name: Name(1859, 19), json_name: Name(1878, 17), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // RadiusdConfig.radius_metrics_port
        Field { number: 2, name: Name(1895, 19), json_name: Name(1914, 17), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // RadiusdConfig.radius_metrics_path
        Field { number: 3, name: Name(1420, 20), json_name: Name(1440, 18), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // RadiusdConfig.update_interval_secs
        Field { number: 4, name: Name(1931, 19), json_name: Name(1950, 17), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // RadiusdConfig.radius_metrics_host
        Field { number: 1, name: Name(1983, 14), json_name: Name(1997, 13), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // SCTPClientConfig.server_address
        Field { number: 2, name: Name(352, 13), json_name: Name(365, 12), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // SCTPClientConfig.local_address
        Field { number: 1, name: Name(567, 9), json_name: Name(576, 8), kind: Kind::Enum(0), cardinality: Cardinality::Implicit, oneof: 0 }, // CsfbConfig.log_level
        Field { number: 2, name: Name(2020, 6), json_name: Name(2020, 6), kind: Kind::Message(21), cardinality: Cardinality::Explicit, oneof: 0 }, // CsfbConfig.client
        Field { number: 1, name: Name(567, 9), json_name: Name(576, 8), kind: Kind::Enum(0), cardinality: Cardinality::Implicit, oneof: 0 }, // EnvoyControllerConfig.log_level
        Field { number: 1, name: Name(567, 9), json_name: Name(576, 8), kind: Kind::Enum(0), cardinality: Cardinality::Implicit, oneof: 0 }, // S8Config.log_level
        Field { number: 2, name: Name(352, 13), json_name: Name(365, 12), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // S8Config.local_address
        Field { number: 3, name: Name(2055, 11), json_name: Name(2066, 10), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // S8Config.pgw_address
        Field { number: 4, name: Name(2076, 19), json_name: Name(2095, 17), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // S8Config.apn_operator_suffix
        Field { number: 5, name: Name(590, 25), json_name: Name(615, 23), kind: Kind::Float, cardinality: Cardinality::Implicit, oneof: 0 }, // S8Config.request_failure_threshold
        Field { number: 6, name: Name(638, 25), json_name: Name(663, 23), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // S8Config.minimum_request_threshold
        Field { number: 1, name: Name(2127, 8), json_name: Name(2135, 7), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // SbiServerConfig.api_root
        Field { number: 2, name: Name(2142, 9), json_name: Name(2151, 8), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // SbiServerConfig.token_url
        Field { number: 3, name: Name(2159, 9), json_name: Name(2168, 8), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // SbiServerConfig.client_id
        Field { number: 4, name: Name(2176, 13), json_name: Name(2189, 12), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // SbiServerConfig.client_secret
        Field { number: 1, name: Name(352, 10), json_name: Name(365, 9), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // N7ClientConfig.local_addr
        Field { number: 2, name: Name(2215, 15), json_name: Name(2230, 13), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // N7ClientConfig.notify_api_root
        Field { number: 1, name: Name(2251, 10), json_name: Name(2261, 9), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // N7Config.disable_n7
        Field { number: 2, name: Name(584, 6), json_name: Name(584, 6), kind: Kind::Message(25), cardinality: Cardinality::Explicit, oneof: 0 }, // N7Config.server
        Field { number: 3, name: Name(2020, 6), json_name: Name(2020, 6), kind: Kind::Message(26), cardinality: Cardinality::Explicit, oneof: 0 }, // N7Config.client
        Field { number: 1, name: Name(567, 9), json_name: Name(576, 8), kind: Kind::Enum(0), cardinality: Cardinality::Implicit, oneof: 0 }, // N7N40ProxyConfig.log_level
        Field { number: 2, name: Name(2286, 9), json_name: Name(2295, 8), kind: Kind::Message(27), cardinality: Cardinality::Explicit, oneof: 0 }, // N7N40ProxyConfig.n7_config
        Field { number: 3, name: Name(590, 25), json_name: Name(615, 23), kind: Kind::Float, cardinality: Cardinality::Implicit, oneof: 0 }, // N7N40ProxyConfig.request_failure_threshold
        Field { number: 4, name: Name(638, 25), json_name: Name(663, 23), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // N7N40ProxyConfig.minimum_request_threshold
        Field { number: 1, name: Name(2315, 10), json_name: Name(2325, 9), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // SentryConfig.dsn_python
        Field { number: 2, name: Name(2334, 10), json_name: Name(2344, 9), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // SentryConfig.dsn_native
        Field { number: 3, name: Name(2353, 14), json_name: Name(2367, 12), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // SentryConfig.upload_mme_log
        Field { number: 4, name: Name(2379, 11), json_name: Name(2390, 10), kind: Kind::Float, cardinality: Cardinality::Implicit, oneof: 0 }, // SentryConfig.sample_rate
        Field { number: 5, name: Name(2400, 18), json_name: Name(2418, 17), kind: Kind::String, cardinality: Cardinality::Unpacked, oneof: 0 }, // SentryConfig.exclusion_patterns
        Field { number: 6, name: Name(2435, 22), json_name: Name(2457, 18), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // SentryConfig.number_of_lines_in_log
        Field { number: 1, name: Name(567, 9), json_name: Name(576, 8), kind: Kind::Enum(0), cardinality: Cardinality::Implicit, oneof: 0 }, // EnodebD.log_level
        Field { number: 2, name: Name(2482, 3), json_name: Name(2482, 3), kind: Kind::Int32, cardinality: Cardinality::Implicit, oneof: 0 }, // EnodebD.pci
        Field { number: 3, name: Name(2485, 8), json_name: Name(2485, 8), kind: Kind::Int32, cardinality: Cardinality::Implicit, oneof: 0 }, // EnodebD.earfcndl
        Field { number: 4, name: Name(2493, 13), json_name: Name(2506, 12), kind: Kind::Int32, cardinality: Cardinality::Implicit, oneof: 0 }, // EnodebD.bandwidth_mhz
        Field { number: 5, name: Name(2518, 11), json_name: Name(2529, 10), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // EnodebD.plmnid_list
        Field { number: 6, name: Name(2539, 19), json_name: Name(2558, 18), kind: Kind::Int32, cardinality: Cardinality::Implicit, oneof: 0 }, // EnodebD.subframe_assignment
        Field { number: 7, name: Name(2576, 24), json_name: Name(2600, 22), kind: Kind::Int32, cardinality: Cardinality::Implicit, oneof: 0 }, // EnodebD.special_subframe_pattern
        Field { number: 8, name: Name(2622, 21), json_name: Name(2643, 19), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // EnodebD.allow_enodeb_transmit
        Field { number: 9, name: Name(2662, 3), json_name: Name(2662, 3), kind: Kind::Int32, cardinality: Cardinality::Implicit, oneof: 0 }, // EnodebD.tac
        Field { number: 10, name: Name(2665, 8), json_name: Name(2673, 7), kind: Kind::Enum(2), cardinality: Cardinality::Implicit, oneof: 0 }, // EnodebD.csfb_rat
        Field { number: 11, name: Name(2680, 8), json_name: Name(2688, 7), kind: Kind::Int32, cardinality: Cardinality::Packed, oneof: 0 }, // EnodebD.arfcn_2g
        Field { number: 12, name: Name(2695, 10), json_name: Name(2705, 9), kind: Kind::Message(32), cardinality: Cardinality::Explicit, oneof: 0 }, // EnodebD.tdd_config
        Field { number: 13, name: Name(2714, 10), json_name: Name(2724, 9), kind: Kind::Message(31), cardinality: Cardinality::Explicit, oneof: 0 }, // EnodebD.fdd_config
        Field { number: 14, name: Name(2733, 21), json_name: Name(2754, 18), kind: Kind::Message(34), cardinality: Cardinality::Map, oneof: 0 }, // EnodebD.enb_configs_by_serial
        Field { number: 1, name: Name(2485, 8), json_name: Name(2485, 8), kind: Kind::Int32, cardinality: Cardinality::Implicit, oneof: 0 }, // FDDConfig.earfcndl
        Field { number: 2, name: Name(2789, 8), json_name: Name(2789, 8), kind: Kind::Int32, cardinality: Cardinality::Implicit, oneof: 0 }, // FDDConfig.earfcnul
        Field { number: 1, name: Name(2485, 8), json_name: Name(2485, 8), kind: Kind::Int32, cardinality: Cardinality::Implicit, oneof: 0 }, // TDDConfig.earfcndl
        Field { number: 2, name: Name(2539, 19), json_name: Name(2558, 18), kind: Kind::Int32, cardinality: Cardinality::Implicit, oneof: 0 }, // TDDConfig.subframe_assignment
        Field { number: 3, name: Name(2576, 24), json_name: Name(2600, 22), kind: Kind::Int32, cardinality: Cardinality::Implicit, oneof: 0 }, // TDDConfig.special_subframe_pattern
        Field { number: 1, name: Name(2485, 8), json_name: Name(2485, 8), kind: Kind::Int32, cardinality: Cardinality::Implicit, oneof: 0 }, // EnodebConfig.earfcndl
        Field { number: 2, name: Name(2539, 19), json_name: Name(2558, 18), kind: Kind::Int32, cardinality: Cardinality::Implicit, oneof: 0 }, // EnodebConfig.subframe_assignment
        Field { number: 3, name: Name(2576, 24), json_name: Name(2600, 22), kind: Kind::Int32, cardinality: Cardinality::Implicit, oneof: 0 }, // EnodebConfig.special_subframe_pattern
        Field { number: 4, name: Name(2482, 3), json_name: Name(2482, 3), kind: Kind::Int32, cardinality: Cardinality::Implicit, oneof: 0 }, // EnodebConfig.pci
        Field { number: 5, name: Name(2834, 16), json_name: Name(2850, 15), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // EnodebConfig.transmit_enabled
        Field { number: 6, name: Name(2865, 12), json_name: Name(2877, 11), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // EnodebConfig.device_class
        Field { number: 7, name: Name(2493, 13), json_name: Name(2506, 12), kind: Kind::Int32, cardinality: Cardinality::Implicit, oneof: 0 }, // EnodebConfig.bandwidth_mhz
        Field { number: 8, name: Name(2662, 3), json_name: Name(2662, 3), kind: Kind::Int32, cardinality: Cardinality::Implicit, oneof: 0 }, // EnodebConfig.tac
        Field { number: 9, name: Name(2888, 7), json_name: Name(2895, 6), kind: Kind::Int32, cardinality: Cardinality::Implicit, oneof: 0 }, // EnodebConfig.cell_id
        Field { number: 10, name: Name(2901, 10), json_name: Name(2911, 9), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // EnodebConfig.ip_address
        Field { number: 1, name: Name(1838, 3), json_name: Name(1838, 3), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // EnbConfigsBySerialEntry.key
        Field { number: 2, name: Name(1841, 5), json_name: Name(1841, 5), kind: Kind::Message(33), cardinality: Cardinality::Explicit, oneof: 0 }, // EnbConfigsBySerialEntry.value
        Field { number: 1, name: Name(567, 9), json_name: Name(576, 8), kind: Kind::Enum(0), cardinality: Cardinality::Implicit, oneof: 0 }, // PipelineD.log_level
        Field { number: 2, name: Name(2929, 11), json_name: Name(2940, 9), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // PipelineD.ue_ip_block
        Field { number: 3, name: Name(2949, 11), json_name: Name(2960, 10), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // PipelineD.nat_enabled
        Field { number: 6, name: Name(2970, 15), json_name: Name(2985, 13), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // PipelineD.default_rule_id
        Field { number: 8, name: Name(1396, 8), json_name: Name(1396, 8), kind: Kind::Enum(3), cardinality: Cardinality::Packed, oneof: 0 }, // PipelineD.services
        Field { number: 9, name: Name(2998, 17), json_name: Name(3015, 15), kind: Kind::Message(36), cardinality: Cardinality::Unpacked, oneof: 0 }, // PipelineD.allowed_gre_peers
        Field { number: 10, name: Name(3030, 15), json_name: Name(3045, 13), kind: Kind::Message(37), cardinality: Cardinality::Explicit, oneof: 0 }, // PipelineD.ipdr_export_dst
        Field { number: 12, name: Name(3058, 6), json_name: Name(3064, 5), kind: Kind::Message(38), cardinality: Cardinality::Explicit, oneof: 0 }, // PipelineD.li_ues
        Field { number: 13, name: Name(3069, 25), json_name: Name(3094, 22), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // PipelineD.sgi_management_iface_vlan
        Field { number: 14, name: Name(3116, 28), json_name: Name(3144, 24), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // PipelineD.sgi_management_iface_ip_addr
        Field { number: 15, name: Name(3168, 23), json_name: Name(3191, 20), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // PipelineD.sgi_management_iface_gw
        Field { number: 17, name: Name(3211, 9), json_name: Name(3220, 8), kind: Kind::Message(39), cardinality: Cardinality::Explicit, oneof: 0 }, // PipelineD.he_config
        Field { number: 18, name: Name(3228, 17), json_name: Name(3245, 16), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // PipelineD.enable5g_features
        Field { number: 19, name: Name(3261, 19), json_name: Name(3280, 17), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // PipelineD.upf_node_identifier
        Field { number: 20, name: Name(3297, 30), json_name: Name(3327, 26), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // PipelineD.sgi_management_iface_ipv6_addr
        Field { number: 21, name: Name(3353, 28), json_name: Name(3381, 24), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // PipelineD.sgi_management_iface_ipv6_gw
        Field { number: 1, name: Name(208, 2), json_name: Name(208, 2), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // AllowedGrePeer.ip
        Field { number: 2, name: Name(1838, 3), json_name: Name(1838, 3), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // AllowedGrePeer.key
        Field { number: 1, name: Name(208, 2), json_name: Name(208, 2), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // IPDRExportDst.ip
        Field { number: 2, name: Name(1337, 4), json_name: Name(1337, 4), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // IPDRExportDst.port
        Field { number: 1, name: Name(3467, 5), json_name: Name(3467, 5), kind: Kind::String, cardinality: Cardinality::Unpacked, oneof: 0 }, // LiUes.imsis
        Field { number: 2, name: Name(3472, 7), json_name: Name(3472, 7), kind: Kind::String, cardinality: Cardinality::Unpacked, oneof: 0 }, // LiUes.msisdns
        Field { number: 3, name: Name(3479, 4), json_name: Name(3479, 4), kind: Kind::String, cardinality: Cardinality::Unpacked, oneof: 0 }, // LiUes.macs
        Field { number: 4, name: Name(3483, 3), json_name: Name(3483, 3), kind: Kind::String, cardinality: Cardinality::Unpacked, oneof: 0 }, // LiUes.ips
        Field { number: 5, name: Name(3486, 5), json_name: Name(3486, 5), kind: Kind::String, cardinality: Cardinality::Unpacked, oneof: 0 }, // LiUes.imeis
        Field { number: 1, name: Name(3509, 24), json_name: Name(3533, 22), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // HEConfig.enable_header_enrichment
        Field { number: 2, name: Name(3555, 17), json_name: Name(3572, 16), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // HEConfig.enable_encryption
        Field { number: 3, name: Name(3588, 19), json_name: Name(3588, 19), kind: Kind::Enum(4), cardinality: Cardinality::Implicit, oneof: 0 }, // HEConfig.encryptionAlgorithm
        Field { number: 4, name: Name(3607, 12), json_name: Name(3607, 12), kind: Kind::Enum(5), cardinality: Cardinality::Implicit, oneof: 0 }, // HEConfig.hashFunction
        Field { number: 5, name: Name(3619, 12), json_name: Name(3619, 12), kind: Kind::Enum(6), cardinality: Cardinality::Implicit, oneof: 0 }, // HEConfig.encodingType
        Field { number: 6, name: Name(3631, 14), json_name: Name(3645, 13), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // HEConfig.encryption_key
        Field { number: 7, name: Name(3658, 8), json_name: Name(3666, 7), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // HEConfig.hmac_key
        Field { number: 1, name: Name(567, 9), json_name: Name(576, 8), kind: Kind::Enum(0), cardinality: Cardinality::Implicit, oneof: 0 }, // SessionD.log_level
        Field { number: 2, name: Name(3681, 13), json_name: Name(3694, 12), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // SessionD.relay_enabled
        Field { number: 3, name: Name(3706, 24), json_name: Name(3730, 22), kind: Kind::Message(41), cardinality: Cardinality::Explicit, oneof: 0 }, // SessionD.wallet_exhaust_detection
        Field { number: 4, name: Name(3752, 19), json_name: Name(3771, 16), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // SessionD.gx_gy_relay_enabled
        Field { number: 5, name: Name(3787, 13), json_name: Name(3800, 12), kind: Kind::Message(29), cardinality: Cardinality::Explicit, oneof: 0 }, // SessionD.sentry_config
        Field { number: 6, name: Name(3228, 17), json_name: Name(3245, 16), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // SessionD.enable5g_features
        Field { number: 1, name: Name(3834, 20), json_name: Name(3854, 18), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // WalletExhaustDetection.terminate_on_exhaust
        Field { number: 2, name: Name(892, 6), json_name: Name(892, 6), kind: Kind::Enum(7), cardinality: Cardinality::Implicit, oneof: 0 }, // WalletExhaustDetection.method
        Field { number: 3, name: Name(3872, 10), json_name: Name(3882, 9), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // WalletExhaustDetection.timeout_ms
        Field { number: 1, name: Name(567, 9), json_name: Name(576, 8), kind: Kind::Enum(0), cardinality: Cardinality::Implicit, oneof: 0 }, // PolicyDB.log_level
        Field { number: 1, name: Name(567, 9), json_name: Name(576, 8), kind: Kind::Enum(0), cardinality: Cardinality::Implicit, oneof: 0 }, // RedirectD.log_level
        Field { number: 1, name: Name(567, 9), json_name: Name(576, 8), kind: Kind::Enum(0), cardinality: Cardinality::Implicit, oneof: 0 }, // MobilityD.log_level
        Field { number: 2, name: Name(2932, 8), json_name: Name(3917, 7), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // MobilityD.ip_block
        Field { number: 3, name: Name(3924, 17), json_name: Name(3941, 15), kind: Kind::Enum(8), cardinality: Cardinality::Implicit, oneof: 0 }, // MobilityD.ip_allocator_type
        Field { number: 4, name: Name(3956, 17), json_name: Name(3973, 15), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // MobilityD.static_ip_enabled
        Field { number: 5, name: Name(3988, 18), json_name: Name(4006, 15), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // MobilityD.multi_apn_ip_alloc
        Field { number: 10, name: Name(4021, 10), json_name: Name(4031, 9), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // MobilityD.ipv6_block
        Field { number: 11, name: Name(4040, 27), json_name: Name(4067, 24), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // MobilityD.ipv6_prefix_allocation_type
        Field { number: 1, name: Name(567, 9), json_name: Name(576, 8), kind: Kind::Enum(0), cardinality: Cardinality::Implicit, oneof: 0 }, // MME.log_level
        Field { number: 2, name: Name(4094, 3), json_name: Name(4094, 3), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // MME.mcc
        Field { number: 3, name: Name(4097, 3), json_name: Name(4097, 3), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // MME.mnc
        Field { number: 4, name: Name(2662, 3), json_name: Name(2662, 3), kind: Kind::Int32, cardinality: Cardinality::Implicit, oneof: 0 }, // MME.tac
        Field { number: 5, name: Name(4100, 7), json_name: Name(4107, 6), kind: Kind::Int32, cardinality: Cardinality::Implicit, oneof: 0 }, // MME.mme_gid
        Field { number: 6, name: Name(4113, 8), json_name: Name(4121, 7), kind: Kind::Int32, cardinality: Cardinality::Implicit, oneof: 0 }, // MME.mme_code
        Field { number: 7, name: Name(4128, 18), json_name: Name(4146, 16), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // MME.enable_dns_caching
        Field { number: 8, name: Name(3681, 13), json_name: Name(3694, 12), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // MME.relay_enabled
        Field { number: 9, name: Name(4162, 23), json_name: Name(4185, 20), kind: Kind::Enum(9), cardinality: Cardinality::Implicit, oneof: 0 }, // MME.non_eps_service_control
        Field { number: 10, name: Name(4205, 8), json_name: Name(4213, 7), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // MME.csfb_mcc
        Field { number: 11, name: Name(4220, 8), json_name: Name(4228, 7), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // MME.csfb_mnc
        Field { number: 12, name: Name(4235, 3), json_name: Name(4235, 3), kind: Kind::Int32, cardinality: Cardinality::Implicit, oneof: 0 }, // MME.lac
        Field { number: 14, name: Name(4238, 26), json_name: Name(4264, 24), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // MME.cloud_subscriberdb_enabled
        Field { number: 15, name: Name(4288, 20), json_name: Name(4308, 18), kind: Kind::Int32, cardinality: Cardinality::Packed, oneof: 0 }, // MME.attached_enodeb_tacs
        Field { number: 16, name: Name(4326, 21), json_name: Name(4347, 19), kind: Kind::Int32, cardinality: Cardinality::Implicit, oneof: 0 }, // MME.mme_relative_capacity
        Field { number: 20, name: Name(4366, 11), json_name: Name(4377, 10), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // MME.dns_primary
        Field { number: 21, name: Name(4387, 13), json_name: Name(4400, 12), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // MME.dns_secondary
        Field { number: 22, name: Name(2949, 11), json_name: Name(2960, 10), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // MME.nat_enabled
        Field { number: 23, name: Name(4412, 17), json_name: Name(4429, 15), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // MME.hss_relay_enabled
        Field { number: 24, name: Name(4444, 21), json_name: Name(4465, 19), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // MME.enable_apn_correction
        Field { number: 25, name: Name(4484, 23), json_name: Name(4507, 20), kind: Kind::Message(46), cardinality: Cardinality::Unpacked, oneof: 0 }, // MME.apn_correction_map_list
        Field { number: 26, name: Name(4527, 19), json_name: Name(4546, 16), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // MME.ipv4_p_cscf_address
        Field { number: 27, name: Name(4562, 19), json_name: Name(4581, 16), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // MME.ipv6_p_cscf_address
        Field { number: 30, name: Name(4597, 16), json_name: Name(4613, 14), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // MME.ipv6_dns_address
        Field { number: 31, name: Name(4627, 17), json_name: Name(4644, 14), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // MME.ipv4_sgw_s1u_addr
        Field { number: 32, name: Name(4658, 16), json_name: Name(4674, 15), kind: Kind::Message(47), cardinality: Cardinality::Unpacked, oneof: 0 }, // MME.restricted_plmns
        Field { number: 33, name: Name(4689, 17), json_name: Name(4706, 15), kind: Kind::Message(50), cardinality: Cardinality::Map, oneof: 0 }, // MME.service_area_maps
        Field { number: 34, name: Name(4721, 18), json_name: Name(4739, 16), kind: Kind::Message(51), cardinality: Cardinality::Explicit, oneof: 0 }, // MME.federated_mode_map
        Field { number: 35, name: Name(4755, 16), json_name: Name(4771, 15), kind: Kind::Message(49), cardinality: Cardinality::Unpacked, oneof: 0 }, // MME.restricted_imeis
        Field { number: 40, name: Name(4786, 26), json_name: Name(4812, 24), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // MME.congestion_control_enabled
        Field { number: 45, name: Name(3787, 13), json_name: Name(3800, 12), kind: Kind::Message(29), cardinality: Cardinality::Explicit, oneof: 0 }, // MME.sentry_config
        Field { number: 46, name: Name(3228, 17), json_name: Name(3245, 16), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // MME.enable5g_features
        Field { number: 47, name: Name(4836, 30), json_name: Name(4866, 26), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // MME.amf_default_slice_service_type
        Field { number: 48, name: Name(4892, 32), json_name: Name(4924, 29), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // MME.amf_default_slice_differentiator
        Field { number: 50, name: Name(4953, 8), json_name: Name(4961, 7), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // MME.amf_name
        Field { number: 51, name: Name(4968, 13), json_name: Name(4981, 11), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // MME.amf_region_id
        Field { number: 52, name: Name(4992, 10), json_name: Name(5002, 8), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // MME.amf_set_id
        Field { number: 53, name: Name(5010, 11), json_name: Name(5021, 10), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // MME.amf_pointer
        Field { number: 54, name: Name(5031, 17), json_name: Name(5048, 14), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // MME.ipv6_sgw_s1u_addr
        Field { number: 1, name: Name(5082, 11), json_name: Name(5093, 10), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // ApnCorrectionMap.imsi_prefix
        Field { number: 2, name: Name(5103, 12), json_name: Name(5115, 11), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // ApnCorrectionMap.apn_override
        Field { number: 1, name: Name(4094, 3), json_name: Name(4094, 3), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // PlmnConfig.mcc
        Field { number: 2, name: Name(4097, 3), json_name: Name(4097, 3), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // PlmnConfig.mnc
        Field { number: 1, name: Name(2662, 3), json_name: Name(2662, 3), kind: Kind::Uint32, cardinality: Cardinality::Packed, oneof: 0 }, // TacList.tac
        Field { number: 1, name: Name(2662, 3), json_name: Name(2662, 3), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // ImeiConfig.tac
        Field { number: 2, name: Name(5165, 3), json_name: Name(5165, 3), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // ImeiConfig.snr
        Field { number: 1, name: Name(1838, 3), json_name: Name(1838, 3), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // ServiceAreaMapsEntry.key
        Field { number: 2, name: Name(1841, 5), json_name: Name(1841, 5), kind: Kind::Message(48), cardinality: Cardinality::Explicit, oneof: 0 }, // ServiceAreaMapsEntry.value
        Field { number: 1, name: Name(2843, 7), json_name: Name(2843, 7), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // FederatedModeMap.enabled
        Field { number: 2, name: Name(5184, 7), json_name: Name(5184, 7), kind: Kind::Message(52), cardinality: Cardinality::Unpacked, oneof: 0 }, // FederatedModeMap.mapping
        Field { number: 1, name: Name(4731, 4), json_name: Name(4731, 4), kind: Kind::Enum(10), cardinality: Cardinality::Implicit, oneof: 0 }, // ModeMapItem.mode
        Field { number: 2, name: Name(1080, 4), json_name: Name(1080, 4), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // ModeMapItem.plmn
        Field { number: 3, name: Name(5202, 10), json_name: Name(5212, 9), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // ModeMapItem.imsi_range
        Field { number: 4, name: Name(707, 3), json_name: Name(707, 3), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // ModeMapItem.apn
        Field { number: 1, name: Name(567, 9), json_name: Name(576, 8), kind: Kind::Enum(0), cardinality: Cardinality::Implicit, oneof: 0 }, // SubscriberDB.log_level
        Field { number: 2, name: Name(1619, 11), json_name: Name(1630, 9), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // SubscriberDB.lte_auth_op
        Field { number: 3, name: Name(1639, 12), json_name: Name(1651, 10), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // SubscriberDB.lte_auth_amf
        Field { number: 4, name: Name(1661, 12), json_name: Name(1673, 11), kind: Kind::Message(55), cardinality: Cardinality::Map, oneof: 0 }, // SubscriberDB.sub_profiles
        Field { number: 5, name: Name(3681, 13), json_name: Name(3694, 12), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // SubscriberDB.relay_enabled
        Field { number: 6, name: Name(4412, 17), json_name: Name(4429, 15), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // SubscriberDB.hss_relay_enabled
        Field { number: 7, name: Name(5233, 13), json_name: Name(5246, 12), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // SubscriberDB.sync_interval
        Field { number: 8, name: Name(3228, 17), json_name: Name(3245, 16), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // SubscriberDB.enable5g_features
        Field { number: 1, name: Name(1784, 15), json_name: Name(1799, 12), kind: Kind::Uint64, cardinality: Cardinality::Implicit, oneof: 0 }, // SubscriptionProfile.max_ul_bit_rate
        Field { number: 2, name: Name(1811, 15), json_name: Name(1826, 12), kind: Kind::Uint64, cardinality: Cardinality::Implicit, oneof: 0 }, // SubscriptionProfile.max_dl_bit_rate
        Field { number: 1, name: Name(1838, 3), json_name: Name(1838, 3), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // SubProfilesEntry.key
        Field { number: 2, name: Name(1841, 5), json_name: Name(1841, 5), kind: Kind::Message(54), cardinality: Cardinality::Explicit, oneof: 0 }, // SubProfilesEntry.value
        Field { number: 1, name: Name(567, 9), json_name: Name(576, 8), kind: Kind::Enum(0), cardinality: Cardinality::Implicit, oneof: 0 }, // LighttpD.log_level
        Field { number: 2, name: Name(5298, 14), json_name: Name(5312, 13), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // LighttpD.enable_caching
        Field { number: 1, name: Name(567, 9), json_name: Name(576, 8), kind: Kind::Enum(0), cardinality: Cardinality::Implicit, oneof: 0 }, // MonitorD.log_level
        Field { number: 60, name: Name(5333, 16), json_name: Name(5349, 15), kind: Kind::Int32, cardinality: Cardinality::Implicit, oneof: 0 }, // MonitorD.polling_interval
        Field { number: 1, name: Name(567, 9), json_name: Name(576, 8), kind: Kind::Enum(0), cardinality: Cardinality::Implicit, oneof: 0 }, // DPID.log_level
        Field { number: 1, name: Name(567, 9), json_name: Name(576, 8), kind: Kind::Enum(0), cardinality: Cardinality::Implicit, oneof: 0 }, // ConnectionD.log_level
        Field { number: 1, name: Name(567, 9), json_name: Name(576, 8), kind: Kind::Enum(0), cardinality: Cardinality::Implicit, oneof: 0 }, // LIAgentD.log_level
        Field { number: 2, name: Name(5387, 12), json_name: Name(5399, 11), kind: Kind::Message(61), cardinality: Cardinality::Unpacked, oneof: 0 }, // LIAgentD.nprobe_tasks
        Field { number: 1, name: Name(5420, 7), json_name: Name(5427, 6), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // NProbeTask.task_id
        Field { number: 2, name: Name(5433, 9), json_name: Name(5442, 8), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // NProbeTask.target_id
        Field { number: 3, name: Name(5450, 11), json_name: Name(5461, 10), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // NProbeTask.target_type
        Field { number: 4, name: Name(5471, 13), json_name: Name(5484, 12), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // NProbeTask.delivery_type
        Field { number: 5, name: Name(5496, 14), json_name: Name(5510, 13), kind: Kind::Uint64, cardinality: Cardinality::Implicit, oneof: 0 }, // NProbeTask.correlation_id
        Field { number: 6, name: Name(5523, 9), json_name: Name(5532, 8), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // NProbeTask.domain_id
        Field { number: 1, name: Name(567, 9), json_name: Name(576, 8), kind: Kind::Enum(0), cardinality: Cardinality::Implicit, oneof: 0 }, // DnsD.log_level
        Field { number: 2, name: Name(5298, 14), json_name: Name(5312, 13), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // DnsD.enable_caching
        Field { number: 3, name: Name(5544, 8), json_name: Name(5544, 8), kind: Kind::Int32, cardinality: Cardinality::Implicit, oneof: 0 }, // DnsD.localTTL
        Field { number: 4, name: Name(5552, 7), json_name: Name(5552, 7), kind: Kind::Message(63), cardinality: Cardinality::Unpacked, oneof: 0 }, // DnsD.records
        Field { number: 5, name: Name(5559, 19), json_name: Name(5578, 17), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // DnsD.dhcp_server_enabled
        Field { number: 1, name: Name(5623, 8), json_name: Name(5631, 7), kind: Kind::String, cardinality: Cardinality::Unpacked, oneof: 0 }, // GatewayDNSConfigRecordsItems.a_record
        Field { number: 2, name: Name(5638, 11), json_name: Name(5649, 10), kind: Kind::String, cardinality: Cardinality::Unpacked, oneof: 0 }, // GatewayDNSConfigRecordsItems.aaaa_record
        Field { number: 3, name: Name(5659, 12), json_name: Name(5671, 11), kind: Kind::String, cardinality: Cardinality::Unpacked, oneof: 0 }, // GatewayDNSConfigRecordsItems.cname_record
        Field { number: 4, name: Name(5523, 6), json_name: Name(5523, 6), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // GatewayDNSConfigRecordsItems.domain
        Field { number: 1, name: Name(567, 9), json_name: Name(576, 8), kind: Kind::Enum(11), cardinality: Cardinality::Implicit, oneof: 0 }, // AgwD.log_level
        Field { number: 2, name: Name(5686, 31), json_name: Name(5717, 28), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // AgwD.sctpd_downstream_service_target
        Field { number: 3, name: Name(5745, 29), json_name: Name(5774, 26), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // AgwD.sctpd_upstream_service_target
        Field { number: 4, name: Name(5800, 35), json_name: Name(5835, 31), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // AgwD.mme_sctpd_downstream_service_target
        Field { number: 5, name: Name(5866, 33), json_name: Name(5899, 29), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // AgwD.mme_sctpd_upstream_service_target
        Field { number: 6, name: Name(5928, 10), json_name: Name(5938, 9), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // AgwD.sentry_dsn
        Field { number: 1, name: Name(567, 9), json_name: Name(576, 8), kind: Kind::Enum(0), cardinality: Cardinality::Implicit, oneof: 0 }, // SctpD.log_level
        Field { number: 1, name: Name(3787, 13), json_name: Name(3800, 12), kind: Kind::Message(67), cardinality: Cardinality::Explicit, oneof: 0 }, // SharedMconfig.sentry_config
        Field { number: 1, name: Name(2315, 10), json_name: Name(2325, 9), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // SharedSentryConfig.dsn_python
        Field { number: 2, name: Name(2334, 10), json_name: Name(2344, 9), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // SharedSentryConfig.dsn_native
        Field { number: 3, name: Name(2353, 14), json_name: Name(2367, 12), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // SharedSentryConfig.upload_mme_log
        Field { number: 4, name: Name(2379, 11), json_name: Name(2390, 10), kind: Kind::Float, cardinality: Cardinality::Implicit, oneof: 0 }, // SharedSentryConfig.sample_rate
        Field { number: 5, name: Name(2400, 18), json_name: Name(2418, 17), kind: Kind::String, cardinality: Cardinality::Unpacked, oneof: 0 }, // SharedSentryConfig.exclusion_patterns
        Field { number: 6, name: Name(2435, 22), json_name: Name(2457, 18), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // SharedSentryConfig.number_of_lines_in_log
        Field { number: 1, name: Name(567, 9), json_name: Name(576, 8), kind: Kind::Enum(0), cardinality: Cardinality::Implicit, oneof: 0 }, // ControlProxy.log_level
        Field { number: 1, name: Name(385, 4), json_name: Name(385, 4), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // ImageSpec.name
        Field { number: 2, name: Name(6004, 5), json_name: Name(6004, 5), kind: Kind::Int64, cardinality: Cardinality::Implicit, oneof: 0 }, // ImageSpec.order
        Field { number: 1, name: Name(567, 9), json_name: Name(576, 8), kind: Kind::Enum(0), cardinality: Cardinality::Implicit, oneof: 0 }, // MagmaD.log_level
        Field { number: 2, name: Name(6015, 16), json_name: Name(6031, 15), kind: Kind::Int32, cardinality: Cardinality::Implicit, oneof: 0 }, // MagmaD.checkin_interval
        Field { number: 3, name: Name(6046, 15), json_name: Name(6061, 14), kind: Kind::Int32, cardinality: Cardinality::Implicit, oneof: 0 }, // MagmaD.checkin_timeout
        Field { number: 4, name: Name(6075, 19), json_name: Name(6094, 18), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // MagmaD.autoupgrade_enabled
        Field { number: 5, name: Name(6112, 25), json_name: Name(6137, 23), kind: Kind::Int32, cardinality: Cardinality::Implicit, oneof: 0 }, // MagmaD.autoupgrade_poll_interval
        Field { number: 6, name: Name(6160, 15), json_name: Name(6175, 14), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // MagmaD.package_version
        Field { number: 7, name: Name(6189, 6), json_name: Name(6189, 6), kind: Kind::Message(69), cardinality: Cardinality::Unpacked, oneof: 0 }, // MagmaD.images
        Field { number: 8, name: Name(6195, 7), json_name: Name(6202, 6), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // MagmaD.tier_id
        Field { number: 9, name: Name(6208, 13), json_name: Name(6221, 12), kind: Kind::Message(71), cardinality: Cardinality::Map, oneof: 0 }, // MagmaD.feature_flags
        Field { number: 10, name: Name(6233, 16), json_name: Name(6249, 15), kind: Kind::String, cardinality: Cardinality::Unpacked, oneof: 0 }, // MagmaD.dynamic_services
        Field { number: 11, name: Name(6264, 13), json_name: Name(6277, 12), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // MagmaD.orc8r_version
        Field { number: 1, name: Name(1838, 3), json_name: Name(1838, 3), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // FeatureFlagsEntry.key
        Field { number: 2, name: Name(1841, 5), json_name: Name(1841, 5), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // FeatureFlagsEntry.value
        Field { number: 1, name: Name(567, 9), json_name: Name(576, 8), kind: Kind::Enum(0), cardinality: Cardinality::Implicit, oneof: 0 }, // EventD.log_level
        Field { number: 2, name: Name(6295, 15), json_name: Name(6310, 14), kind: Kind::Int32, cardinality: Cardinality::Implicit, oneof: 0 }, // EventD.event_verbosity
        Field { number: 1, name: Name(567, 9), json_name: Name(576, 8), kind: Kind::Enum(0), cardinality: Cardinality::Implicit, oneof: 0 }, // DirectoryD.log_level
        Field { number: 1, name: Name(567, 9), json_name: Name(576, 8), kind: Kind::Enum(0), cardinality: Cardinality::Implicit, oneof: 0 }, // MetricsD.log_level
        Field { number: 1, name: Name(567, 9), json_name: Name(576, 8), kind: Kind::Enum(0), cardinality: Cardinality::Implicit, oneof: 0 }, // State.log_level
        Field { number: 2, name: Name(5233, 13), json_name: Name(5246, 12), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // State.sync_interval
        Field { number: 1, name: Name(6356, 10), json_name: Name(6366, 9), kind: Kind::Message(77), cardinality: Cardinality::Map, oneof: 0 }, // FluentBit.extra_tags
        Field { number: 10, name: Name(6375, 13), json_name: Name(6388, 12), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // FluentBit.throttle_rate
        Field { number: 11, name: Name(6400, 15), json_name: Name(6415, 14), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // FluentBit.throttle_window
        Field { number: 12, name: Name(6429, 17), json_name: Name(6446, 16), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // FluentBit.throttle_interval
        Field { number: 20, name: Name(6462, 12), json_name: Name(6474, 10), kind: Kind::Message(78), cardinality: Cardinality::Map, oneof: 0 }, // FluentBit.files_by_tag
        Field { number: 1, name: Name(1838, 3), json_name: Name(1838, 3), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // ExtraTagsEntry.key
        Field { number: 2, name: Name(1841, 5), json_name: Name(1841, 5), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // ExtraTagsEntry.value
        Field { number: 1, name: Name(1838, 3), json_name: Name(1838, 3), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // FilesByTagEntry.key
        Field { number: 2, name: Name(1841, 5), json_name: Name(1841, 5), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // FilesByTagEntry.value
        Field { number: 1, name: Name(6491, 19), json_name: Name(6510, 17), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // OpenVPN.enable_shell_access
        Field { number: 1, name: Name(567, 9), json_name: Name(576, 8), kind: Kind::Enum(0), cardinality: Cardinality::Implicit, oneof: 0 }, // CtraceD.log_level
    ],
    enums: &[
        Enum { values: Span(0, 5) }, // 0: .magma.orc8r.LogLevel
        Enum { values: Span(5, 3) }, // 1: .magma.mconfig.GyInitMethod
        Enum { values: Span(8, 2) }, // 2: .magma.mconfig.EnodebD.CSFBRat
        Enum { values: Span(10, 3) }, // 3: .magma.mconfig.PipelineD.NetworkServices
        Enum { values: Span(13, 4) }, // 4: .magma.mconfig.PipelineD.HEConfig.EncryptionAlgorithm
        Enum { values: Span(17, 3) }, // 5: .magma.mconfig.PipelineD.HEConfig.HashFunction
        Enum { values: Span(20, 2) }, // 6: .magma.mconfig.PipelineD.HEConfig.EncodingType
        Enum { values: Span(22, 1) }, // 7: .magma.mconfig.WalletExhaustDetection.Method
        Enum { values: Span(23, 2) }, // 8: .magma.mconfig.MobilityD.IpAllocatorType
        Enum { values: Span(25, 4) }, // 9: .magma.mconfig.MME.NonEPSServiceControl
        Enum { values: Span(29, 3) }, // 10: .magma.mconfig.ModeMapItem.FederatedMode
        Enum { values: Span(32, 5) }, // 11: .magma.mconfig.AgwD.LogLevel
    ],
    values: &[
        EnumValue { name: Name(6534, 5), number: 0 }, // DEBUG
        EnumValue { name: Name(6539, 4), number: 1 }, // INFO
        EnumValue { name: Name(6543, 7), number: 2 }, // WARNING
        EnumValue { name: Name(6550, 5), number: 3 }, // ERROR
        EnumValue { name: Name(6555, 5), number: 4 }, // FATAL
        EnumValue { name: Name(6560, 8), number: 0 }, // RESERVED
        EnumValue { name: Name(6568, 11), number: 1 }, // PER_SESSION
        EnumValue { name: Name(6579, 7), number: 2 }, // PER_KEY
        EnumValue { name: Name(6586, 10), number: 0 }, // CSFBRAT_2G
        EnumValue { name: Name(6596, 10), number: 1 }, // CSFBRAT_3G
        EnumValue { name: Name(6606, 8), number: 0 }, // METERING
        EnumValue { name: Name(5364, 3), number: 1 }, // DPI
        EnumValue { name: Name(6614, 11), number: 2 }, // ENFORCEMENT
        EnumValue { name: Name(6625, 3), number: 0 }, // RC4
        EnumValue { name: Name(6628, 19), number: 1 }, // AES256_CBC_HMAC_MD5
        EnumValue { name: Name(6647, 19), number: 2 }, // AES256_ECB_HMAC_MD5
        EnumValue { name: Name(6666, 23), number: 3 }, // GZIPPED_AES256_ECB_SHA1
        EnumValue { name: Name(6644, 3), number: 0 }, // MD5
        EnumValue { name: Name(6689, 3), number: 1 }, // HEX
        EnumValue { name: Name(6692, 6), number: 2 }, // SHA256
        EnumValue { name: Name(6698, 6), number: 0 }, // BASE64
        EnumValue { name: Name(6704, 7), number: 1 }, // HEX2BIN
        EnumValue { name: Name(6711, 14), number: 0 }, // GxTrackedRules
        EnumValue { name: Name(6725, 7), number: 0 }, // IP_POOL
        EnumValue { name: Name(6732, 4), number: 1 }, // DHCP
        EnumValue { name: Name(6736, 27), number: 0 }, // NON_EPS_SERVICE_CONTROL_OFF
        EnumValue { name: Name(6763, 32), number: 1 }, // NON_EPS_SERVICE_CONTROL_CSFB_SMS
        EnumValue { name: Name(6795, 27), number: 2 }, // NON_EPS_SERVICE_CONTROL_SMS
        EnumValue { name: Name(6822, 33), number: 3 }, // NON_EPS_SERVICE_CONTROL_SMS_ORC8R
        EnumValue { name: Name(6855, 15), number: 0 }, // SPGW_SUBSCRIBER
        EnumValue { name: Name(6870, 16), number: 1 }, // LOCAL_SUBSCRIBER
        EnumValue { name: Name(6886, 13), number: 2 }, // S8_SUBSCRIBER
        EnumValue { name: Name(6899, 5), number: 0 }, // UNSET
        EnumValue { name: Name(6534, 5), number: 1 }, // DEBUG
        EnumValue { name: Name(6539, 4), number: 2 }, // INFO
        EnumValue { name: Name(6543, 4), number: 3 }, // WARN
        EnumValue { name: Name(6550, 5), number: 4 }, // ERROR
    ],
}
