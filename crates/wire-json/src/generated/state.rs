// Made by `cargo xtask codegen` from the contract; change that, not this.
Tables {
    package: "magma.lte",
    names: concat!(
        "IPDesc",
        "ip",
        "ip_block",
        "ipBlock",
        "state",
        "sid",
        "type",
        "vlan_id",
        "vlanId",
        "oai.S11BearerContext",
        "sgw_eps_bearer_context",
        "sgwEpsBearerContext",
        "pgw_eps_bearer_context",
        "pgwEpsBearerContext",
        "oai.UeContext",
        "msisdn",
        "rel_cause",
        "relCause",
        "mm_state",
        "mmState",
        "ecm_state",
        "ecmState",
        "emm_context",
        "emmContext",
        "sctp_assoc_id_key",
        "sctpAssocIdKey",
        "enb_ue_s1ap_id",
        "enbUeS1apId",
        "enb_s1ap_id_key",
        "enbS1apIdKey",
        "mme_ue_s1ap_id",
        "mmeUeS1apId",
        "attach_type",
        "attachType",
        "sgs_detach_type",
        "sgsDetachType",
        "e_utran_cgi",
        "eUtranCgi",
        "cell_age",
        "cellAge",
        "lai",
        "apn_config",
        "apnConfig",
        "sub_status",
        "subStatus",
        "subscriber_status",
        "subscriberStatus",
        "network_access_mode",
        "networkAccessMode",
        "access_restriction_data",
        "accessRestrictionData",
        "apn_oi_replacement",
        "apnOiReplacement",
        "mme_teid_s11",
        "mmeTeidS11",
        "subscribed_ue_ambr",
        "subscribedUeAmbr",
        "used_ue_ambr",
        "usedUeAmbr",
        "used_ambr",
        "usedAmbr",
        "nb_active_pdn_contexts",
        "nbActivePdnContexts",
        "pdnContexts",
        "bearerContexts",
        "ue_radio_capability",
        "ueRadioCapability",
        "num_reg_sub",
        "numRegSub",
        "regSub",
        "send_ue_purge_request",
        "sendUePurgeRequest",
        "hss_initiated_detach",
        "hssInitiatedDetach",
        "location_info_confirmed_in_hss",
        "locationInfoConfirmedInHss",
        "ppf",
        "subscription_known",
        "subscriptionKnown",
        "path_switch_req",
        "pathSwitchReq",
        "granted_service",
        "grantedService",
        "cs_fallback_indicator",
        "csFallbackIndicator",
        "sgs_context",
        "sgsContext",
        "tau_accept_eps_ber_cntx_status",
        "tauAcceptEpsBerCntxStatus",
        "nb_delete_sessions",
        "nbDeleteSessions",
        "nb_delete_bearer_cmd",
        "nbDeleteBearerCmd",
        "mme_initiated_ded_bearer_deactivation",
        "mmeInitiatedDedBearerDeactivation",
        "nb_rabs",
        "nbRabs",
        "mobile_reachability_timer",
        "mobileReachabilityTimer",
        "implicit_detach_timer",
        "implicitDetachTimer",
        "initial_context_setup_rsp_timer",
        "initialContextSetupRspTimer",
        "ue_context_modification_timer",
        "ueContextModificationTimer",
        "paging_response_timer",
        "pagingResponseTimer",
        "rau_tau_timer",
        "rauTauTimer",
        "ulr_response_timer",
        "ulrResponseTimer",
        "time_mobile_reachability_timer_started",
        "timeMobileReachabilityTimerStarted",
        "time_implicit_detach_timer_started",
        "timeImplicitDetachTimerStarted",
        "time_paging_response_timer_started",
        "timePagingResponseTimerStarted",
        "paging_retx_count",
        "pagingRetxCount",
        "time_ics_rsp_timer_started",
        "timeIcsRspTimerStarted",
        "amf_ue_ngap_id",
        "amfUeNgapId",
        "ue_context_request",
        "ueContextRequest",
        "gnb_ue_ngap_id",
        "gnbUeNgapId",
        "gnb_ngap_id_key",
        "gnbNgapIdKey",
        "amf_teid_n11",
        "amfTeidN11",
        "oai.UeDescription",
        "s1_ue_state",
        "s1UeState",
        "sctp_stream_recv",
        "sctpStreamRecv",
        "sctp_stream_send",
        "sctpStreamSend",
        "s1ap_ue_context_rel_timer",
        "s1apUeContextRelTimer",
        "s1ap_handover_state",
        "s1apHandoverState",
        "comp_s1ap_id",
        "compS1apId",
        "s1ap_ue_state",
        "s1apUeState",
        "version",
        "address",
        "net_address",
        "netAddress",
        "prefix_len",
        "prefixLen",
        "imsi",
        "imsi_unauth_indicator",
        "imsiUnauthIndicator",
        "last_known_cell_id",
        "lastKnownCellId",
        "trxn",
        "imsi64",
        "mme_ip_address_s11",
        "mmeIpAddressS11",
        "sgw_teid_s11_s4",
        "sgwTeidS11S4",
        "sgw_ip_address_s11_s4",
        "sgwIpAddressS11S4",
        "pdn_connection",
        "pdnConnection",
        "saved_message",
        "savedMessage",
        "pending_procedures",
        "pendingProcedures",
        "mme_cp_ip_address_s11",
        "mmeCpIpAddressS11",
        "saved_imsi64",
        "savedImsi64",
        "imei",
        "imeisv",
        "emm_cause",
        "emmCause",
        "emm_fsm_state",
        "emmFsmState",
        "emm_procedures",
        "emmProcedures",
        "common_proc_mask",
        "commonProcMask",
        "esm_ctx",
        "esmCtx",
        "member_present_mask",
        "memberPresentMask",
        "member_valid_mask",
        "memberValidMask",
        "vector",
        "security",
        "_non_current_security",
        "NonCurrentSecurity",
        "is_dynamic",
        "isDynamic",
        "is_attached",
        "isAttached",
        "is_initial_identity_imsi",
        "isInitialIdentityImsi",
        "is_guti_based_attach",
        "isGutiBasedAttach",
        "is_guti_set",
        "isGutiSet",
        "is_imsi_only_detach",
        "isImsiOnlyDetach",
        "is_emergency",
        "isEmergency",
        "additional_update_type",
        "additionalUpdateType",
        "tau_updt_type",
        "tauUpdtType",
        "num_attach_request",
        "numAttachRequest",
        "old_guti",
        "oldGuti",
        "tai_list",
        "taiList",
        "lvr_tai",
        "lvrTai",
        "originating_tai",
        "originatingTai",
        "ksi",
        "ue_network_capability",
        "ueNetworkCapability",
        "nw_detach_data",
        "nwDetachData",
        "new_attach_info",
        "newAttachInfo",
        "ue_additional_security_capability",
        "ueAdditionalSecurityCapability",
        "m5_guti",
        "m5Guti",
        "m5_old_guti",
        "m5OldGuti",
        "pdu_session_id_smf_context_map",
        "pduSessionIdSmfContextMap",
        "plmn",
        "enb_id",
        "enbId",
        "cellId",
        "empty",
        "context_identifier",
        "contextIdentifier",
        "all_apn_conf_ind",
        "allApnConfInd",
        "apn_configs",
        "br_ul",
        "brUl",
        "br_dl",
        "brDl",
        "br_unit",
        "brUnit",
        "apn_in_use",
        "apnInUse",
        "apn_subscribed",
        "apnSubscribed",
        "pdn_type",
        "pdnType",
        "paa",
        "p_gw_address_s5_s8_cp",
        "pGwAddressS5S8Cp",
        "p_gw_teid_s5_s8_cp",
        "pGwTeidS5S8Cp",
        "default_bearer_qos_profile",
        "defaultBearerQosProfile",
        "subscribed_apn_ambr",
        "subscribedApnAmbr",
        "p_gw_apn_ambr",
        "pGwApnAmbr",
        "default_ebi",
        "defaultEbi",
        "s_gw_address_s11_s4",
        "sGwAddressS11S4",
        "s_gw_teid_s11_s4",
        "sGwTeidS11S4",
        "esm_data",
        "esmData",
        "is_active",
        "isActive",
        "pco",
        "transaction_identifier",
        "transactionIdentifier",
        "s_gw_fteid_s1u",
        "sGwFteidS1u",
        "p_gw_fteid_s5_s8_up",
        "pGwFteidS5S8Up",
        "qci",
        "pdn_cx_id",
        "pdnCxId",
        "esm_ebr_context",
        "esmEbrContext",
        "enb_fteid_s1u",
        "enbFteidS1u",
        "priority_level",
        "priorityLevel",
        "preemption_vulnerability",
        "preemptionVulnerability",
        "preemption_capability",
        "preemptionCapability",
        "saved_tft",
        "savedTft",
        "saved_qos",
        "savedQos",
        "validity",
        "zone_code",
        "zoneCode",
        "msec",
        "source_enb_id",
        "sourceEnbId",
        "target_enb_id",
        "targetEnbId",
        "target_enb_ue_s1ap_id",
        "targetEnbUeS1apId",
        "target_sctp_stream_recv",
        "targetSctpStreamRecv",
        "target_sctp_stream_send",
        "targetSctpStreamSend",
        "source_enb_ue_s1ap_id",
        "sourceEnbUeS1apId",
        "source_sctp_stream_recv",
        "sourceSctpStreamRecv",
        "source_sctp_stream_send",
        "sourceSctpStreamSend",
        "e_rab_admitted_list",
        "eRabAdmittedList",
        "pgw_address_in_use_cp",
        "pgwAddressInUseCp",
        "pgw_address_in_use_up",
        "pgwAddressInUseUp",
        "ue_suspended_for_ps_handover",
        "ueSuspendedForPsHandover",
        "eps_bearer_list",
        "epsBearerList",
        "eps_bearer_map",
        "epsBearerMap",
        "uli",
        "serving_network",
        "servingNetwork",
        "rat_type",
        "ratType",
        "sender_fteid_for_cp",
        "senderFteidForCp",
        "bearer_contexts_to_be_created",
        "bearerContextsToBeCreated",
        "peer_ip",
        "peerIp",
        "ue_time_zone",
        "ueTimeZone",
        "charging_characteristics",
        "chargingCharacteristics",
        "ue_ip_paa",
        "ueIpPaa",
        "sdf_id",
        "sdfId",
        "pending_eps_bearers",
        "pendingEpsBearers",
        "ipv4_addr",
        "ipv4Addr",
        "ipv6_addr",
        "ipv6Addr",
        "ipv6_prefix_length",
        "ipv6PrefixLength",
        "value",
        "num_digits",
        "numDigits",
        "emm_specific_proc",
        "emmSpecificProc",
        "emm_common_proc",
        "emmCommonProc",
        "cn_proc",
        "cnProc",
        "emm_con_mngt_proc",
        "emmConMngtProc",
        "nas_proc_mess_sign_next_location",
        "nasProcMessSignNextLocation",
        "n_active_ebrs",
        "nActiveEbrs",
        "esm_proc_data",
        "esmProcData",
        "t3489",
        "is_standalone",
        "isStandalone",
        "is_pdn_disconnect",
        "isPdnDisconnect",
        "pending_standalone",
        "pendingStandalone",
        "kasme",
        "rand",
        "autn",
        "xres",
        "sc_type",
        "scType",
        "eksi",
        "vector_index",
        "vectorIndex",
        "knas_enc",
        "knasEnc",
        "knas_int",
        "knasInt",
        "dl_count",
        "dlCount",
        "ul_count",
        "ulCount",
        "kenb_ul_count",
        "kenbUlCount",
        "selected_algos",
        "selectedAlgos",
        "activated",
        "direction_encode",
        "directionEncode",
        "direction_decode",
        "directionDecode",
        "next_hop",
        "nextHop",
        "next_hop_chaining_count",
        "nextHopChainingCount",
        "kamf",
        "kgnb",
        "mme_gid",
        "mmeGid",
        "mme_code",
        "mmeCode",
        "m_tmsi",
        "mTmsi",
        "numberoflists",
        "partial_tai_lists",
        "partialTaiLists",
        "mcc_mnc",
        "mccMnc",
        "eea",
        "eia",
        "uea",
        "ucs2",
        "uia",
        "spare",
        "csfb",
        "lpp",
        "lcs",
        "srvcc",
        "prosedd",
        "h245ash",
        "hccpciot",
        "erwfopdn",
        "s1udata",
        "upciot",
        "umts_present",
        "umtsPresent",
        "misc_present",
        "miscPresent",
        "proserelay",
        "prosedc",
        "sgc",
        "n1mod",
        "dcnr",
        "cpbackoff",
        "restrictec",
        "v2xpc5",
        "multipledrb",
        "ue_id",
        "ueId",
        "retransmission_count",
        "retransmissionCount",
        "detachType",
        "is_mm_ctx_new",
        "isMmCtxNew",
        "ies",
        "amf_regionid",
        "amfRegionid",
        "amf_set_id",
        "amfSetId",
        "amf_pointer",
        "amfPointer",
        "ipAddress",
        "service_selection",
        "serviceSelection",
        "subscribed_qos",
        "subscribedQos",
        "pre_emption_vulnerability",
        "preEmptionVulnerability",
        "pre_emption_capability",
        "preEmptionCapability",
        "addr_realloc",
        "addrRealloc",
        "n_bearers",
        "nBearers",
        "pt_state",
        "ptState",
        "config_protocol",
        "configProtocol",
        "num_protocol_or_container_id",
        "numProtocolOrContainerId",
        "proto_or_container_id",
        "protoOrContainerId",
        "ipv4_address",
        "ipv4Address",
        "ipv6_address",
        "ipv6Address",
        "interface_type",
        "interfaceType",
        "gbr_dl",
        "gbrDl",
        "gbr_ul",
        "gbrUl",
        "mbr_dl",
        "mbrDl",
        "mbr_ul",
        "mbrUl",
        "esm_ebr_timer_data",
        "esmEbrTimerData",
        "packet_filter_list",
        "packetFilterList",
        "parameters_list",
        "parametersList",
        "tft_operation_code",
        "tftOperationCode",
        "number_of_packet_filters",
        "numberOfPacketFilters",
        "ebit",
        "pvi",
        "no_of_items",
        "noOfItems",
        "eps_bearer_id",
        "epsBearerId",
        "pgw_teid_s5_s8_up",
        "pgwTeidS5S8Up",
        "sgw_ip_address_s5_s8_up",
        "sgwIpAddressS5S8Up",
        "sgw_teid_s5_s8_up",
        "sgwTeidS5S8Up",
        "sgw_ip_address_s1u_s12_s4_up",
        "sgwIpAddressS1uS12S4Up",
        "sgw_teid_s1u_s12_s4_up",
        "sgwTeidS1uS12S4Up",
        "enb_ip_address_s1u",
        "enbIpAddressS1u",
        "enb_teid_s1u",
        "enbTeidS1u",
        "eps_bearer_qos",
        "epsBearerQos",
        "num_sdf",
        "numSdf",
        "sdfIds",
        "policy_rule_name",
        "policyRuleName",
        "sgw_ipv6_address_s1u_s12_s4_up",
        "sgwIpv6AddressS1uS12S4Up",
        "enb_s1u_ip_addr",
        "enbS1uIpAddr",
        "pgw_address_up",
        "pgwAddressUp",
        "sgw_s1u_s12_s4_up_ip_addr",
        "sgwS1uS12S4UpIpAddr",
        "sgw_sequence_number",
        "sgwSequenceNumber",
        "update_teids",
        "updateTeids",
        "configuration_protocol",
        "configurationProtocol",
        "pco_protocol",
        "pcoProtocol",
        "bearer_level_qos",
        "bearerLevelQos",
        "timeZone",
        "daylight_saving_time",
        "daylightSavingTime",
        "attach_proc",
        "attachProc",
        "detach_proc",
        "detachProc",
        "smc_proc",
        "smcProc",
        "auth_proc",
        "authProc",
        "base_proc",
        "baseProc",
        "auth_info_proc",
        "authInfoProc",
        "puid",
        "digest",
        "digest_length",
        "digestLength",
        "nas_msg_length",
        "nasMsgLength",
        "request_type",
        "requestType",
        "pdn_cid",
        "pdnCid",
        "pdn_addr",
        "pdnAddr",
        "bearerQos",
        "overflow",
        "seq_num",
        "seqNum",
        "eps_encryption",
        "epsEncryption",
        "eps_integirty",
        "epsIntegirty",
        "umts_encryption",
        "umtsEncryption",
        "umts_integirty",
        "umtsIntegirty",
        "gprs_encryption",
        "gprsEncryption",
        "gprs_present",
        "gprsPresent",
        "integrity",
        "type_of_list",
        "typeOfList",
        "number_of_elements",
        "numberOfElements",
        "tai_many_plmn",
        "taiManyPlmn",
        "tai_one_plmn_consecutive_tacs",
        "taiOnePlmnConsecutiveTacs",
        "is_native_sc",
        "isNativeSc",
        "is_native_guti",
        "isNativeGuti",
        "last_visited_tai",
        "lastVisitedTai",
        "origin_tai",
        "originTai",
        "origin_ecgi",
        "originEcgi",
        "ue_nw_capability",
        "ueNwCapability",
        "drx_parameter",
        "drxParameter",
        "esm_msg",
        "esmMsg",
        "decode_status",
        "decodeStatus",
        "classmark2",
        "voice_preference",
        "voicePreference",
        "sm_session_state",
        "smSessionState",
        "pdu_session_version",
        "pduSessionVersion",
        "active_pdu_sessions",
        "activePduSessions",
        "selected_ambr",
        "selectedAmbr",
        "gnb_gtp_teid",
        "gnbGtpTeid",
        "gnb_gtp_teid_ip_addr",
        "gnbGtpTeidIpAddr",
        "upf_gtp_teid",
        "upfGtpTeid",
        "upf_gtp_teid_ip_addr",
        "upfGtpTeidIpAddr",
        "apnAmbr",
        "smf_proc_data",
        "smfProcData",
        "dnn_in_use",
        "dnnInUse",
        "requested_nssai",
        "requestedNssai",
        "contents",
        "create_new_tft",
        "createNewTft",
        "add_packet_filter",
        "addPacketFilter",
        "replace_packet_filter",
        "replacePacketFilter",
        "delete_packet_filter_identifier",
        "deletePacketFilterIdentifier",
        "num_parameters",
        "numParameters",
        "e_rab_id",
        "eRabId",
        "transport_layer_address",
        "transportLayerAddress",
        "gtpTeid",
        "previous_emm_fsm_state",
        "previousEmmFsmState",
        "attach_accept_sent",
        "attachAcceptSent",
        "attach_reject_sent",
        "attachRejectSent",
        "attach_complete_received",
        "attachCompleteReceived",
        "esm_msg_out",
        "esmMsgOut",
        "t3450",
        "switch_off",
        "switchOff",
        "gea",
        "selected_eea",
        "selectedEea",
        "selected_eia",
        "selectedEia",
        "saved_selected_eea",
        "savedSelectedEea",
        "saved_selected_eia",
        "savedSelectedEia",
        "saved_eksi",
        "savedEksi",
        "saved_overflow",
        "savedOverflow",
        "saved_seq_num",
        "savedSeqNum",
        "saved_sc_type",
        "savedScType",
        "notify_failure",
        "notifyFailure",
        "is_new",
        "isNew",
        "imeisv_request",
        "imeisvRequest",
        "sync_fail_count",
        "syncFailCount",
        "mac_fail_count",
        "macFailCount",
        "is_cause_is_attach",
        "isCauseIsAttach",
        "unchecked_imsi",
        "uncheckedImsi",
        "T3460",
        "nas_puid",
        "nasPuid",
        "request_sent",
        "requestSent",
        "nas_cause",
        "nasCause",
        "resync",
        "timer_s6a",
        "timerS6a",
        "splitpgcyclecode",
        "cndrx",
        "splitonccch",
        "nondrxtimer",
        "integrity_protected_message",
        "integrityProtectedMessage",
        "ciphered_message",
        "cipheredMessage",
        "mac_matched",
        "macMatched",
        "security_context_available",
        "securityContextAvailable",
        "message_type",
        "messageType",
        "max_uplink",
        "maxUplink",
        "max_downlink",
        "maxDownlink",
        "pdu_session_type",
        "pduSessionType",
        "ssc_mode",
        "sscMode",
        "qos_flow_list",
        "qosFlowList",
        "eval_precedence",
        "evalPrecedence",
        "packet_filter_contents",
        "packetFilterContents",
        "parameter_identifier",
        "parameterIdentifier",
        "qfi",
        "qos_flow_param",
        "qosFlowParam",
        "flags",
        "ipv4_remote_addresses",
        "ipv4RemoteAddresses",
        "ipv6_remote_addresses",
        "ipv6RemoteAddresses",
        "protocol_identifier_nextheader",
        "protocolIdentifierNextheader",
        "single_local_port",
        "singleLocalPort",
        "local_port_range",
        "localPortRange",
        "single_remote_port",
        "singleRemotePort",
        "remote_port_range",
        "remotePortRange",
        "security_parameter_index",
        "securityParameterIndex",
        "type_of_service_traffic_class",
        "typeOfServiceTrafficClass",
        "flow_label",
        "flowLabel",
        "fiveQI",
        "low_limit",
        "lowLimit",
        "high_limit",
        "highLimit",
        "FREE",
        "ALLOCATED",
        "RELEASED",
        "REAPED",
        "RESERVED",
        "STATIC",
        "IP_POOL",
        "DHCP",
        "S1AP_UE_INVALID_STATE",
        "S1AP_UE_WAITING_ICSR",
        "S1AP_UE_HANDOVER",
        "S1AP_UE_CONNECTED",
        "S1AP_UE_WAITING_CRC",
        "IPV4",
        "IPV6",
        "IMSI",
        "BPS",
        "KBPS",
        "UNSTRUCTURED",
        "ETHERNET",
    ),
    messages: &[
        Message { name: Name(0, 6), fields: Span(0, 6) }, // 0: .magma.lte.IPDesc
        Message { name: Name(48, 20), fields: Span(6, 2) }, // 1: .magma.lte.oai.S11BearerContext
        Message { name: Name(150, 13), fields: Span(8, 61) }, // 2: .magma.lte.oai.UeContext
        Message { name: Name(2052, 17), fields: Span(69, 10) }, // 3: .magma.lte.oai.UeDescription
        Message { name: Name(0, 0), fields: Span(79, 2) }, // 4: .magma.lte.IPAddress
        Message { name: Name(0, 0), fields: Span(81, 3) }, // 5: .magma.lte.IPBlock
        Message { name: Name(0, 0), fields: Span(84, 2) }, // 6: .magma.lte.SubscriberID
        Message { name: Name(0, 0), fields: Span(86, 14) }, // 7: .magma.lte.oai.SgwEpsBearerContextInfo
        Message { name: Name(0, 0), fields: Span(100, 3) }, // 8: .magma.lte.oai.PgwEpsBearerContextInfo
        Message { name: Name(0, 0), fields: Span(103, 39) }, // 9: .magma.lte.oai.EmmContext
        Message { name: Name(0, 0), fields: Span(142, 4) }, // 10: .magma.lte.oai.Ecgi
        Message { name: Name(0, 0), fields: Span(146, 3) }, // 11: .magma.lte.oai.ApnConfigProfile
        Message { name: Name(0, 0), fields: Span(149, 3) }, // 12: .magma.lte.oai.Ambr
        Message { name: Name(0, 0), fields: Span(152, 18) }, // 13: .magma.lte.oai.PdnContext
        Message { name: Name(0, 0), fields: Span(170, 14) }, // 14: .magma.lte.oai.BearerContext
        Message { name: Name(0, 0), fields: Span(184, 1) }, // 15: .magma.lte.oai.Regional_subscription
        Message { name: Name(0, 0), fields: Span(185, 0) }, // 16: .magma.lte.oai.SgsContext
        Message { name: Name(0, 0), fields: Span(185, 3) }, // 17: .magma.lte.oai.Timer
        Message { name: Name(0, 0), fields: Span(188, 3) }, // 18: .magma.lte.oai.S1apTimer
        Message { name: Name(0, 0), fields: Span(191, 10) }, // 19: .magma.lte.oai.S1apHandoverState
        Message { name: Name(0, 0), fields: Span(201, 7) }, // 20: .magma.lte.oai.SgwPdnConnection
        Message { name: Name(0, 0), fields: Span(208, 19) }, // 21: .magma.lte.oai.CreateSessionMessage
        Message { name: Name(0, 0), fields: Span(227, 4) }, // 22: .magma.lte.oai.PgwCbrProcedure
        Message { name: Name(0, 0), fields: Span(231, 5) }, // 23: .magma.lte.oai.IpTupple
        Message { name: Name(0, 0), fields: Span(236, 2) }, // 24: .magma.lte.oai.IdentityTuple
        Message { name: Name(0, 0), fields: Span(238, 6) }, // 25: .magma.lte.oai.EmmProcedures
        Message { name: Name(0, 0), fields: Span(244, 7) }, // 26: .magma.lte.oai.EsmContext
        Message { name: Name(0, 0), fields: Span(251, 4) }, // 27: .magma.lte.oai.AuthVector
        Message { name: Name(0, 0), fields: Span(255, 17) }, // 28: .magma.lte.oai.EmmSecurityContext
        Message { name: Name(0, 0), fields: Span(272, 4) }, // 29: .magma.lte.oai.Guti
        Message { name: Name(0, 0), fields: Span(276, 2) }, // 30: .magma.lte.oai.TaiList
        Message { name: Name(0, 0), fields: Span(278, 2) }, // 31: .magma.lte.oai.Tai
        Message { name: Name(0, 0), fields: Span(280, 33) }, // 32: .magma.lte.oai.UeNetworkCapability
        Message { name: Name(0, 0), fields: Span(313, 3) }, // 33: .magma.lte.oai.NwDetachData
        Message { name: Name(0, 0), fields: Span(316, 3) }, // 34: .magma.lte.oai.NewAttachInfo
        Message { name: Name(0, 0), fields: Span(319, 2) }, // 35: .magma.lte.oai.UeAdditionalSecurityCapability
        Message { name: Name(0, 0), fields: Span(321, 5) }, // 36: .magma.lte.oai.Guti_m5
        Message { name: Name(0, 0), fields: Span(326, 2) }, // 37: .magma.lte.oai.EmmContext.PduSessionIdSmfContextMapEntry
        Message { name: Name(0, 0), fields: Span(328, 6) }, // 38: .magma.lte.oai.ApnConfig
        Message { name: Name(0, 0), fields: Span(334, 4) }, // 39: .magma.lte.oai.EpsSubscribedQosProfile
        Message { name: Name(0, 0), fields: Span(338, 6) }, // 40: .magma.lte.oai.EsmPdn
        Message { name: Name(0, 0), fields: Span(344, 5) }, // 41: .magma.lte.oai.ProtocolConfigurationOptions
        Message { name: Name(0, 0), fields: Span(349, 4) }, // 42: .magma.lte.oai.Fteid
        Message { name: Name(0, 0), fields: Span(353, 9) }, // 43: .magma.lte.oai.EsmEbrContext
        Message { name: Name(0, 0), fields: Span(362, 5) }, // 44: .magma.lte.oai.TrafficFlowTemplate
        Message { name: Name(0, 0), fields: Span(367, 6) }, // 45: .magma.lte.oai.BearerQos
        Message { name: Name(0, 0), fields: Span(373, 2) }, // 46: .magma.lte.oai.ERabAdmittedList
        Message { name: Name(0, 0), fields: Span(375, 22) }, // 47: .magma.lte.oai.SgwEpsBearerContext
        Message { name: Name(0, 0), fields: Span(397, 2) }, // 48: .magma.lte.oai.SgwPdnConnection.EpsBearerMapEntry
        Message { name: Name(0, 0), fields: Span(399, 2) }, // 49: .magma.lte.oai.ServingNetwork
        Message { name: Name(0, 0), fields: Span(401, 5) }, // 50: .magma.lte.oai.Pco
        Message { name: Name(0, 0), fields: Span(406, 3) }, // 51: .magma.lte.oai.BearerContextToBeCreated
        Message { name: Name(0, 0), fields: Span(409, 2) }, // 52: .magma.lte.oai.TimeZone
        Message { name: Name(0, 0), fields: Span(411, 5) }, // 53: .magma.lte.oai.NasEmmProcWithType
        Message { name: Name(0, 0), fields: Span(416, 2) }, // 54: .magma.lte.oai.NasCnProc
        Message { name: Name(0, 0), fields: Span(418, 4) }, // 55: .magma.lte.oai.NasProcMessSign
        Message { name: Name(0, 0), fields: Span(422, 8) }, // 56: .magma.lte.oai.EsmProcData
        Message { name: Name(0, 0), fields: Span(430, 3) }, // 57: .magma.lte.oai.EmmSecurityContext.Count
        Message { name: Name(0, 0), fields: Span(433, 7) }, // 58: .magma.lte.oai.EmmSecurityContext.Capability
        Message { name: Name(0, 0), fields: Span(440, 2) }, // 59: .magma.lte.oai.EmmSecurityContext.SelectedAlgorithms
        Message { name: Name(0, 0), fields: Span(442, 6) }, // 60: .magma.lte.oai.PartialTaiList
        Message { name: Name(0, 0), fields: Span(448, 19) }, // 61: .magma.lte.oai.AttachRequestIes
        Message { name: Name(0, 0), fields: Span(467, 16) }, // 62: .magma.lte.oai.SmfContext
        Message { name: Name(0, 0), fields: Span(483, 3) }, // 63: .magma.lte.oai.PcoProtocolOrContainerId
        Message { name: Name(0, 0), fields: Span(486, 4) }, // 64: .magma.lte.oai.EsmEbrTimerData
        Message { name: Name(0, 0), fields: Span(490, 4) }, // 65: .magma.lte.oai.PacketFilterList
        Message { name: Name(0, 0), fields: Span(494, 2) }, // 66: .magma.lte.oai.ParametersList
        Message { name: Name(0, 0), fields: Span(496, 3) }, // 67: .magma.lte.oai.ERabAdmittedItem
        Message { name: Name(0, 0), fields: Span(499, 6) }, // 68: .magma.lte.oai.SgwBearerQos
        Message { name: Name(0, 0), fields: Span(505, 3) }, // 69: .magma.lte.oai.PcoProtocol
        Message { name: Name(0, 0), fields: Span(508, 3) }, // 70: .magma.lte.oai.NasEmmProc
        Message { name: Name(0, 0), fields: Span(511, 10) }, // 71: .magma.lte.oai.AttachProc
        Message { name: Name(0, 0), fields: Span(521, 8) }, // 72: .magma.lte.oai.DetachRequestIes
        Message { name: Name(0, 0), fields: Span(529, 22) }, // 73: .magma.lte.oai.SmcProc
        Message { name: Name(0, 0), fields: Span(551, 11) }, // 74: .magma.lte.oai.AuthProc
        Message { name: Name(0, 0), fields: Span(562, 2) }, // 75: .magma.lte.oai.NasBaseProc
        Message { name: Name(0, 0), fields: Span(564, 6) }, // 76: .magma.lte.oai.AuthInfoProc
        Message { name: Name(0, 0), fields: Span(570, 4) }, // 77: .magma.lte.oai.DrxParameter
        Message { name: Name(0, 0), fields: Span(574, 5) }, // 78: .magma.lte.oai.NasMsgDecodeStatus
        Message { name: Name(0, 0), fields: Span(579, 0) }, // 79: .magma.lte.oai.MobileStaClassmark2
        Message { name: Name(0, 0), fields: Span(579, 0) }, // 80: .magma.lte.oai.VoicePreference
        Message { name: Name(0, 0), fields: Span(579, 8) }, // 81: .magma.lte.oai.Smf_Proc_Data
        Message { name: Name(0, 0), fields: Span(587, 2) }, // 82: .magma.lte.oai.SNssai
        Message { name: Name(0, 0), fields: Span(589, 6) }, // 83: .magma.lte.oai.PacketFilter
        Message { name: Name(0, 0), fields: Span(595, 3) }, // 84: .magma.lte.oai.Parameter
        Message { name: Name(0, 0), fields: Span(598, 2) }, // 85: .magma.lte.oai.M5GQosFlowItem
        Message { name: Name(0, 0), fields: Span(600, 11) }, // 86: .magma.lte.oai.PacketFilterContents
        Message { name: Name(0, 0), fields: Span(611, 4) }, // 87: .magma.lte.oai.QosFlowParameters
        Message { name: Name(0, 0), fields: Span(615, 2) }, // 88: .magma.lte.oai.IpRemoteAddress
        Message { name: Name(0, 0), fields: Span(617, 2) }, // 89: .magma.lte.oai.PortRange
        Message { name: Name(0, 0), fields: Span(619, 2) }, // 90: .magma.lte.oai.TypeOfServiceTrafficClass
    ],
    fields: &[
        Field { number: 1, name: Name(6, 2), json_name: Name(6, 2), kind: Kind::Message(4), cardinality: Cardinality::Explicit, oneof: 0 }, // IPDesc.ip
        Field { number: 2, name: Name(8, 8), json_name: Name(16, 7), kind: Kind::Message(5), cardinality: Cardinality::Explicit, oneof: 0 }, // IPDesc.ip_block
        Field { number: 3, name: Name(23, 5), json_name: Name(23, 5), kind: Kind::Enum(0), cardinality: Cardinality::Implicit, oneof: 0 }, // IPDesc.state
        Field { number: 4, name: Name(28, 3), json_name: Name(28, 3), kind: Kind::Message(6), cardinality: Cardinality::Explicit, oneof: 0 }, // IPDesc.sid
        Field { number: 5, name: Name(31, 4), json_name: Name(31, 4), kind: Kind::Enum(1), cardinality: Cardinality::Implicit, oneof: 0 }, // IPDesc.type
        Field { number: 6, name: Name(35, 7), json_name: Name(42, 6), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // IPDesc.vlan_id
        Field { number: 1, name: Name(68, 22), json_name: Name(90, 19), kind: Kind::Message(7), cardinality: Cardinality::Explicit, oneof: 0 }, // S11BearerContext.sgw_eps_bearer_context
        Field { number: 2, name: Name(109, 22), json_name: Name(131, 19), kind: Kind::Message(8), cardinality: Cardinality::Explicit, oneof: 0 }, // S11BearerContext.pgw_eps_bearer_context
        Field { number: 1, name: Name(163, 6), json_name: Name(163, 6), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // UeContext.msisdn
        Field { number: 2, name: Name(169, 9), json_name: Name(178, 8), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeContext.rel_cause
        Field { number: 3, name: Name(186, 8), json_name: Name(194, 7), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeContext.mm_state
        Field { number: 4, name: Name(201, 9), json_name: Name(210, 8), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeContext.ecm_state
        Field { number: 5, name: Name(218, 11), json_name: Name(229, 10), kind: Kind::Message(9), cardinality: Cardinality::Explicit, oneof: 0 }, // UeContext.emm_context
        Field { number: 6, name: Name(239, 17), json_name: Name(256, 14), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeContext.sctp_assoc_id_key
        Field { number: 7, name: Name(270, 14), json_name: Name(284, 11), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeContext.enb_ue_s1ap_id
        Field { number: 8, name: Name(295, 15), json_name: Name(310, 12), kind: Kind::Uint64, cardinality: Cardinality::Implicit, oneof: 0 }, // UeContext.enb_s1ap_id_key
        Field { number: 9, name: Name(322, 14), json_name: Name(336, 11), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeContext.mme_ue_s1ap_id
        Field { number: 10, name: Name(347, 11), json_name: Name(358, 10), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeContext.attach_type
        Field { number: 11, name: Name(368, 15), json_name: Name(383, 13), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeContext.sgs_detach_type
        Field { number: 20, name: Name(396, 11), json_name: Name(407, 9), kind: Kind::Message(10), cardinality: Cardinality::Explicit, oneof: 0 }, // UeContext.e_utran_cgi
        Field { number: 21, name: Name(416, 8), json_name: Name(424, 7), kind: Kind::Uint64, cardinality: Cardinality::Implicit, oneof: 0 }, // UeContext.cell_age
        Field { number: 25, name: Name(431, 3), json_name: Name(431, 3), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // UeContext.lai
        Field { number: 30, name: Name(434, 10), json_name: Name(444, 9), kind: Kind::Message(11), cardinality: Cardinality::Explicit, oneof: 0 }, // UeContext.apn_config
        Field { number: 31, name: Name(453, 10), json_name: Name(463, 9), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeContext.sub_status
        Field { number: 32, name: Name(472, 17), json_name: Name(489, 16), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeContext.subscriber_status
        Field { number: 33, name: Name(505, 19), json_name: Name(524, 17), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeContext.network_access_mode
        Field { number: 34, name: Name(541, 23), json_name: Name(564, 21), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeContext.access_restriction_data
        Field { number: 35, name: Name(585, 18), json_name: Name(603, 16), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // UeContext.apn_oi_replacement
        Field { number: 36, name: Name(619, 12), json_name: Name(631, 10), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeContext.mme_teid_s11
        Field { number: 37, name: Name(641, 18), json_name: Name(659, 16), kind: Kind::Message(12), cardinality: Cardinality::Explicit, oneof: 0 }, // UeContext.subscribed_ue_ambr
        Field { number: 38, name: Name(675, 12), json_name: Name(687, 10), kind: Kind::Message(12), cardinality: Cardinality::Explicit, oneof: 0 }, // UeContext.used_ue_ambr
        Field { number: 39, name: Name(697, 9), json_name: Name(706, 8), kind: Kind::Message(12), cardinality: Cardinality::Explicit, oneof: 0 }, // UeContext.used_ambr
        Field { number: 40, name: Name(714, 22), json_name: Name(736, 19), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeContext.nb_active_pdn_contexts
        Field { number: 41, name: Name(724, 12), json_name: Name(755, 11), kind: Kind::Message(13), cardinality: Cardinality::Unpacked, oneof: 0 }, // UeContext.pdn_contexts
        Field { number: 42, name: Name(76, 15), json_name: Name(766, 14), kind: Kind::Message(14), cardinality: Cardinality::Unpacked, oneof: 0 }, // UeContext.bearer_contexts
        Field { number: 43, name: Name(780, 19), json_name: Name(799, 17), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // UeContext.ue_radio_capability
        Field { number: 44, name: Name(816, 11), json_name: Name(827, 9), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeContext.num_reg_sub
        Field { number: 45, name: Name(820, 7), json_name: Name(836, 6), kind: Kind::Message(15), cardinality: Cardinality::Unpacked, oneof: 0 }, // UeContext.reg_sub
        Field { number: 60, name: Name(842, 21), json_name: Name(863, 18), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // UeContext.send_ue_purge_request
        Field { number: 61, name: Name(881, 20), json_name: Name(901, 18), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // UeContext.hss_initiated_detach
        Field { number: 62, name: Name(919, 30), json_name: Name(949, 26), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // UeContext.location_info_confirmed_in_hss
        Field { number: 63, name: Name(975, 3), json_name: Name(975, 3), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // UeContext.ppf
        Field { number: 64, name: Name(978, 18), json_name: Name(996, 17), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // UeContext.subscription_known
        Field { number: 65, name: Name(1013, 15), json_name: Name(1028, 13), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // UeContext.path_switch_req
        Field { number: 100, name: Name(1041, 15), json_name: Name(1056, 14), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeContext.granted_service
        Field { number: 101, name: Name(1070, 21), json_name: Name(1091, 19), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeContext.cs_fallback_indicator
        Field { number: 102, name: Name(1110, 11), json_name: Name(1121, 10), kind: Kind::Message(16), cardinality: Cardinality::Explicit, oneof: 0 }, // UeContext.sgs_context
        Field { number: 103, name: Name(1131, 30), json_name: Name(1161, 25), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeContext.tau_accept_eps_ber_cntx_status
        Field { number: 104, name: Name(1186, 18), json_name: Name(1204, 16), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeContext.nb_delete_sessions
        Field { number: 105, name: Name(1220, 20), json_name: Name(1240, 17), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeContext.nb_delete_bearer_cmd
        Field { number: 106, name: Name(1257, 37), json_name: Name(1294, 33), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // UeContext.mme_initiated_ded_bearer_deactivation
        Field { number: 107, name: Name(1327, 7), json_name: Name(1334, 6), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeContext.nb_rabs
        Field { number: 200, name: Name(1340, 25), json_name: Name(1365, 23), kind: Kind::Message(17), cardinality: Cardinality::Explicit, oneof: 0 }, // UeContext.mobile_reachability_timer
        Field { number: 201, name: Name(1388, 21), json_name: Name(1409, 19), kind: Kind::Message(17), cardinality: Cardinality::Explicit, oneof: 0 }, // UeContext.implicit_detach_timer
        Field { number: 202, name: Name(1428, 31), json_name: Name(1459, 27), kind: Kind::Message(17), cardinality: Cardinality::Explicit, oneof: 0 }, // UeContext.initial_context_setup_rsp_timer
        Field { number: 203, name: Name(1486, 29), json_name: Name(1515, 26), kind: Kind::Message(17), cardinality: Cardinality::Explicit, oneof: 0 }, // UeContext.ue_context_modification_timer
        Field { number: 204, name: Name(1541, 21), json_name: Name(1562, 19), kind: Kind::Message(17), cardinality: Cardinality::Explicit, oneof: 0 }, // UeContext.paging_response_timer
        Field { number: 205, name: Name(1581, 13), json_name: Name(1594, 11), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeContext.rau_tau_timer
        Field { number: 206, name: Name(1605, 18), json_name: Name(1623, 16), kind: Kind::Message(17), cardinality: Cardinality::Explicit, oneof: 0 }, // UeContext.ulr_response_timer
        Field { number: 207, name: Name(1639, 38), json_name: Name(1677, 34), kind: Kind::Timestamp, cardinality: Cardinality::Explicit, oneof: 0 }, // UeContext.time_mobile_reachability_timer_started
        Field { number: 208, name: Name(1711, 34), json_name: Name(1745, 30), kind: Kind::Timestamp, cardinality: Cardinality::Explicit, oneof: 0 }, // UeContext.time_implicit_detach_timer_started
        Field { number: 209, name: Name(1775, 34), json_name: Name(1809, 30), kind: Kind::Timestamp, cardinality: Cardinality::Explicit, oneof: 0 }, // UeContext.time_paging_response_timer_started
        Field { number: 210, name: Name(1839, 17), json_name: Name(1856, 15), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeContext.paging_retx_count
        Field { number: 211, name: Name(1871, 26), json_name: Name(1897, 22), kind: Kind::Timestamp, cardinality: Cardinality::Explicit, oneof: 0 }, // UeContext.time_ics_rsp_timer_started
        Field { number: 221, name: Name(1919, 14), json_name: Name(1933, 11), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeContext.amf_ue_ngap_id
        Field { number: 222, name: Name(1944, 18), json_name: Name(1962, 16), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeContext.ue_context_request
        Field { number: 223, name: Name(1978, 14), json_name: Name(1992, 11), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeContext.gnb_ue_ngap_id
        Field { number: 224, name: Name(2003, 15), json_name: Name(2018, 12), kind: Kind::Uint64, cardinality: Cardinality::Implicit, oneof: 0 }, // UeContext.gnb_ngap_id_key
        Field { number: 225, name: Name(2030, 12), json_name: Name(2042, 10), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeContext.amf_teid_n11
        Field { number: 2, name: Name(2069, 11), json_name: Name(2080, 9), kind: Kind::Int32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeDescription.s1_ue_state
        Field { number: 3, name: Name(270, 14), json_name: Name(284, 11), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeDescription.enb_ue_s1ap_id
        Field { number: 4, name: Name(322, 14), json_name: Name(336, 11), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeDescription.mme_ue_s1ap_id
        Field { number: 5, name: Name(2089, 16), json_name: Name(2105, 14), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeDescription.sctp_stream_recv
        Field { number: 6, name: Name(2119, 16), json_name: Name(2135, 14), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeDescription.sctp_stream_send
        Field { number: 7, name: Name(2149, 25), json_name: Name(2174, 21), kind: Kind::Message(18), cardinality: Cardinality::Explicit, oneof: 0 }, // UeDescription.s1ap_ue_context_rel_timer
        Field { number: 8, name: Name(239, 13), json_name: Name(256, 11), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeDescription.sctp_assoc_id
        Field { number: 9, name: Name(2195, 19), json_name: Name(2214, 17), kind: Kind::Message(19), cardinality: Cardinality::Explicit, oneof: 0 }, // UeDescription.s1ap_handover_state
        Field { number: 10, name: Name(2231, 12), json_name: Name(2243, 10), kind: Kind::Uint64, cardinality: Cardinality::Implicit, oneof: 0 }, // UeDescription.comp_s1ap_id
        Field { number: 11, name: Name(2253, 13), json_name: Name(2266, 11), kind: Kind::Enum(2), cardinality: Cardinality::Implicit, oneof: 0 }, // UeDescription.s1ap_ue_state
        Field { number: 1, name: Name(2277, 7), json_name: Name(2277, 7), kind: Kind::Enum(3), cardinality: Cardinality::Implicit, oneof: 0 }, // IPAddress.version
        Field { number: 2, name: Name(2284, 7), json_name: Name(2284, 7), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // IPAddress.address
        Field { number: 1, name: Name(2277, 7), json_name: Name(2277, 7), kind: Kind::Enum(4), cardinality: Cardinality::Implicit, oneof: 0 }, // IPBlock.version
        Field { number: 2, name: Name(2291, 11), json_name: Name(2302, 10), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // IPBlock.net_address
        Field { number: 3, name: Name(2312, 10), json_name: Name(2322, 9), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // IPBlock.prefix_len
        Field { number: 1, name: Name(29, 2), json_name: Name(29, 2), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // SubscriberID.id
        Field { number: 2, name: Name(31, 4), json_name: Name(31, 4), kind: Kind::Enum(5), cardinality: Cardinality::Implicit, oneof: 0 }, // SubscriberID.type
        Field { number: 1, name: Name(2331, 4), json_name: Name(2331, 4), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // SgwEpsBearerContextInfo.imsi
        Field { number: 2, name: Name(2335, 21), json_name: Name(2356, 19), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // SgwEpsBearerContextInfo.imsi_unauth_indicator
        Field { number: 3, name: Name(163, 6), json_name: Name(163, 6), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // SgwEpsBearerContextInfo.msisdn
        Field { number: 4, name: Name(2375, 18), json_name: Name(2393, 15), kind: Kind::Message(10), cardinality: Cardinality::Explicit, oneof: 0 }, // SgwEpsBearerContextInfo.last_known_cell_id
        Field { number: 5, name: Name(2408, 4), json_name: Name(2408, 4), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // SgwEpsBearerContextInfo.trxn
        Field { number: 6, name: Name(2412, 6), json_name: Name(2412, 6), kind: Kind::Uint64, cardinality: Cardinality::Implicit, oneof: 0 }, // SgwEpsBearerContextInfo.imsi64
        Field { number: 10, name: Name(619, 12), json_name: Name(631, 10), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // SgwEpsBearerContextInfo.mme_teid_s11
        Field { number: 11, name: Name(2418, 18), json_name: Name(2436, 15), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // SgwEpsBearerContextInfo.mme_ip_address_s11
        Field { number: 15, name: Name(2451, 15), json_name: Name(2466, 12), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // SgwEpsBearerContextInfo.sgw_teid_s11_s4
        Field { number: 16, name: Name(2478, 21), json_name: Name(2499, 17), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // SgwEpsBearerContextInfo.sgw_ip_address_s11_s4
        Field { number: 20, name: Name(2516, 14), json_name: Name(2530, 13), kind: Kind::Message(20), cardinality: Cardinality::Explicit, oneof: 0 }, // SgwEpsBearerContextInfo.pdn_connection
        Field { number: 21, name: Name(2543, 13), json_name: Name(2556, 12), kind: Kind::Message(21), cardinality: Cardinality::Explicit, oneof: 0 }, // SgwEpsBearerContextInfo.saved_message
        Field { number: 22, name: Name(2568, 18), json_name: Name(2586, 17), kind: Kind::Message(22), cardinality: Cardinality::Unpacked, oneof: 0 }, // SgwEpsBearerContextInfo.pending_procedures
        Field { number: 23, name: Name(2603, 21), json_name: Name(2624, 17), kind: Kind::Message(23), cardinality: Cardinality::Explicit, oneof: 0 }, // SgwEpsBearerContextInfo.mme_cp_ip_address_s11
        Field { number: 1, name: Name(2331, 4), json_name: Name(2331, 4), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // PgwEpsBearerContextInfo.imsi
        Field { number: 2, name: Name(2335, 21), json_name: Name(2356, 19), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // PgwEpsBearerContextInfo.imsi_unauth_indicator
        Field { number: 3, name: Name(163, 6), json_name: Name(163, 6), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // PgwEpsBearerContextInfo.msisdn
        Field { number: 1, name: Name(2412, 6), json_name: Name(2412, 6), kind: Kind::Uint64, cardinality: Cardinality::Implicit, oneof: 0 }, // EmmContext.imsi64
        Field { number: 2, name: Name(2331, 4), json_name: Name(2331, 4), kind: Kind::Message(24), cardinality: Cardinality::Explicit, oneof: 0 }, // EmmContext.imsi
        Field { number: 3, name: Name(2641, 12), json_name: Name(2653, 11), kind: Kind::Uint64, cardinality: Cardinality::Implicit, oneof: 0 }, // EmmContext.saved_imsi64
        Field { number: 4, name: Name(2664, 4), json_name: Name(2664, 4), kind: Kind::Message(24), cardinality: Cardinality::Explicit, oneof: 0 }, // EmmContext.imei
        Field { number: 5, name: Name(2668, 6), json_name: Name(2668, 6), kind: Kind::Message(24), cardinality: Cardinality::Explicit, oneof: 0 }, // EmmContext.imeisv
        Field { number: 6, name: Name(2674, 9), json_name: Name(2683, 8), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // EmmContext.emm_cause
        Field { number: 7, name: Name(2691, 13), json_name: Name(2704, 11), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // EmmContext.emm_fsm_state
        Field { number: 8, name: Name(347, 11), json_name: Name(358, 10), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // EmmContext.attach_type
        Field { number: 11, name: Name(2715, 14), json_name: Name(2729, 13), kind: Kind::Message(25), cardinality: Cardinality::Explicit, oneof: 0 }, // EmmContext.emm_procedures
        Field { number: 12, name: Name(2742, 16), json_name: Name(2758, 14), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // EmmContext.common_proc_mask
        Field { number: 13, name: Name(2772, 7), json_name: Name(2779, 6), kind: Kind::Message(26), cardinality: Cardinality::Explicit, oneof: 0 }, // EmmContext.esm_ctx
        Field { number: 21, name: Name(2785, 19), json_name: Name(2804, 17), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // EmmContext.member_present_mask
        Field { number: 22, name: Name(2821, 17), json_name: Name(2838, 15), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // EmmContext.member_valid_mask
        Field { number: 23, name: Name(2853, 6), json_name: Name(2853, 6), kind: Kind::Message(27), cardinality: Cardinality::Unpacked, oneof: 0 }, // EmmContext.vector
        Field { number: 24, name: Name(2859, 8), json_name: Name(2859, 8), kind: Kind::Message(28), cardinality: Cardinality::Explicit, oneof: 0 }, // EmmContext.security
        Field { number: 25, name: Name(2867, 21), json_name: Name(2888, 18), kind: Kind::Message(28), cardinality: Cardinality::Explicit, oneof: 0 }, // EmmContext._non_current_security
        Field { number: 31, name: Name(2906, 10), json_name: Name(2916, 9), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // EmmContext.is_dynamic
        Field { number: 32, name: Name(2925, 11), json_name: Name(2936, 10), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // EmmContext.is_attached
        Field { number: 33, name: Name(2946, 24), json_name: Name(2970, 21), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // EmmContext.is_initial_identity_imsi
        Field { number: 34, name: Name(2991, 20), json_name: Name(3011, 17), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // EmmContext.is_guti_based_attach
        Field { number: 35, name: Name(3028, 11), json_name: Name(3039, 9), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // EmmContext.is_guti_set
        Field { number: 36, name: Name(3048, 19), json_name: Name(3067, 16), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // EmmContext.is_imsi_only_detach
        Field { number: 37, name: Name(3083, 12), json_name: Name(3095, 11), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // EmmContext.is_emergency
        Field { number: 41, name: Name(3106, 22), json_name: Name(3128, 20), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // EmmContext.additional_update_type
        Field { number: 42, name: Name(3148, 13), json_name: Name(3161, 11), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // EmmContext.tau_updt_type
        Field { number: 43, name: Name(3172, 18), json_name: Name(3190, 16), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // EmmContext.num_attach_request
        Field { number: 51, name: Name(2994, 4), json_name: Name(2994, 4), kind: Kind::Message(29), cardinality: Cardinality::Explicit, oneof: 0 }, // EmmContext.guti
        Field { number: 52, name: Name(3206, 8), json_name: Name(3214, 7), kind: Kind::Message(29), cardinality: Cardinality::Explicit, oneof: 0 }, // EmmContext.old_guti
        Field { number: 61, name: Name(3221, 8), json_name: Name(3229, 7), kind: Kind::Message(30), cardinality: Cardinality::Explicit, oneof: 0 }, // EmmContext.tai_list
        Field { number: 62, name: Name(3236, 7), json_name: Name(3243, 6), kind: Kind::Message(31), cardinality: Cardinality::Explicit, oneof: 0 }, // EmmContext.lvr_tai
        Field { number: 63, name: Name(3249, 15), json_name: Name(3264, 14), kind: Kind::Message(31), cardinality: Cardinality::Explicit, oneof: 0 }, // EmmContext.originating_tai
        Field { number: 64, name: Name(3278, 3), json_name: Name(3278, 3), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // EmmContext.ksi
        Field { number: 65, name: Name(3281, 21), json_name: Name(3302, 19), kind: Kind::Message(32), cardinality: Cardinality::Explicit, oneof: 0 }, // EmmContext.ue_network_capability
        Field { number: 66, name: Name(3321, 14), json_name: Name(3335, 12), kind: Kind::Message(33), cardinality: Cardinality::Explicit, oneof: 0 }, // EmmContext.nw_detach_data
        Field { number: 67, name: Name(3347, 15), json_name: Name(3362, 13), kind: Kind::Message(34), cardinality: Cardinality::Explicit, oneof: 0 }, // EmmContext.new_attach_info
        Field { number: 68, name: Name(3375, 33), json_name: Name(3408, 30), kind: Kind::Message(35), cardinality: Cardinality::Explicit, oneof: 0 }, // EmmContext.ue_additional_security_capability
        Field { number: 91, name: Name(3438, 7), json_name: Name(3445, 6), kind: Kind::Message(36), cardinality: Cardinality::Explicit, oneof: 0 }, // EmmContext.m5_guti
        Field { number: 92, name: Name(3451, 11), json_name: Name(3462, 9), kind: Kind::Message(36), cardinality: Cardinality::Explicit, oneof: 0 }, // EmmContext.m5_old_guti
        Field { number: 93, name: Name(3471, 30), json_name: Name(3501, 25), kind: Kind::Message(37), cardinality: Cardinality::Map, oneof: 0 }, // EmmContext.pdu_session_id_smf_context_map
        Field { number: 1, name: Name(3526, 4), json_name: Name(3526, 4), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // Ecgi.plmn
        Field { number: 2, name: Name(3530, 6), json_name: Name(3536, 5), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // Ecgi.enb_id
        Field { number: 3, name: Name(2386, 7), json_name: Name(3541, 6), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // Ecgi.cell_id
        Field { number: 4, name: Name(3547, 5), json_name: Name(3547, 5), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // Ecgi.empty
        Field { number: 1, name: Name(3552, 18), json_name: Name(3570, 17), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // ApnConfigProfile.context_identifier
        Field { number: 2, name: Name(3587, 16), json_name: Name(3603, 13), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // ApnConfigProfile.all_apn_conf_ind
        Field { number: 3, name: Name(3616, 11), json_name: Name(444, 10), kind: Kind::Message(38), cardinality: Cardinality::Unpacked, oneof: 0 }, // ApnConfigProfile.apn_configs
        Field { number: 1, name: Name(3627, 5), json_name: Name(3632, 4), kind: Kind::Uint64, cardinality: Cardinality::Implicit, oneof: 0 }, // Ambr.br_ul
        Field { number: 2, name: Name(3636, 5), json_name: Name(3641, 4), kind: Kind::Uint64, cardinality: Cardinality::Implicit, oneof: 0 }, // Ambr.br_dl
        Field { number: 3, name: Name(3645, 7), json_name: Name(3652, 6), kind: Kind::Enum(6), cardinality: Cardinality::Implicit, oneof: 0 }, // Ambr.br_unit
        Field { number: 1, name: Name(3552, 18), json_name: Name(3570, 17), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // PdnContext.context_identifier
        Field { number: 2, name: Name(3658, 10), json_name: Name(3668, 8), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // PdnContext.apn_in_use
        Field { number: 3, name: Name(3676, 14), json_name: Name(3690, 13), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // PdnContext.apn_subscribed
        Field { number: 4, name: Name(3703, 8), json_name: Name(3711, 7), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // PdnContext.pdn_type
        Field { number: 5, name: Name(3718, 3), json_name: Name(3718, 3), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // PdnContext.paa
        Field { number: 6, name: Name(585, 18), json_name: Name(603, 16), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // PdnContext.apn_oi_replacement
        Field { number: 7, name: Name(3721, 21), json_name: Name(3742, 16), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // PdnContext.p_gw_address_s5_s8_cp
        Field { number: 8, name: Name(3758, 18), json_name: Name(3776, 13), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // PdnContext.p_gw_teid_s5_s8_cp
        Field { number: 9, name: Name(3789, 26), json_name: Name(3815, 23), kind: Kind::Message(39), cardinality: Cardinality::Explicit, oneof: 0 }, // PdnContext.default_bearer_qos_profile
        Field { number: 10, name: Name(3838, 19), json_name: Name(3857, 17), kind: Kind::Message(12), cardinality: Cardinality::Explicit, oneof: 0 }, // PdnContext.subscribed_apn_ambr
        Field { number: 11, name: Name(3874, 13), json_name: Name(3887, 10), kind: Kind::Message(12), cardinality: Cardinality::Explicit, oneof: 0 }, // PdnContext.p_gw_apn_ambr
        Field { number: 12, name: Name(3897, 11), json_name: Name(3908, 10), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // PdnContext.default_ebi
        Field { number: 13, name: Name(76, 15), json_name: Name(766, 14), kind: Kind::Uint32, cardinality: Cardinality::Packed, oneof: 0 }, // PdnContext.bearer_contexts
        Field { number: 14, name: Name(3918, 19), json_name: Name(3937, 15), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // PdnContext.s_gw_address_s11_s4
        Field { number: 15, name: Name(3952, 16), json_name: Name(3968, 12), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // PdnContext.s_gw_teid_s11_s4
        Field { number: 16, name: Name(3980, 8), json_name: Name(3988, 7), kind: Kind::Message(40), cardinality: Cardinality::Explicit, oneof: 0 }, // PdnContext.esm_data
        Field { number: 17, name: Name(3995, 9), json_name: Name(4004, 8), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // PdnContext.is_active
        Field { number: 18, name: Name(4012, 3), json_name: Name(4012, 3), kind: Kind::Message(41), cardinality: Cardinality::Explicit, oneof: 0 }, // PdnContext.pco
        Field { number: 1, name: Name(3905, 3), json_name: Name(3905, 3), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // BearerContext.ebi
        Field { number: 2, name: Name(4015, 22), json_name: Name(4037, 21), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // BearerContext.transaction_identifier
        Field { number: 3, name: Name(4058, 14), json_name: Name(4072, 11), kind: Kind::Message(42), cardinality: Cardinality::Explicit, oneof: 0 }, // BearerContext.s_gw_fteid_s1u
        Field { number: 4, name: Name(4083, 19), json_name: Name(4102, 14), kind: Kind::Message(42), cardinality: Cardinality::Explicit, oneof: 0 }, // BearerContext.p_gw_fteid_s5_s8_up
        Field { number: 5, name: Name(4116, 3), json_name: Name(4116, 3), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // BearerContext.qci
        Field { number: 6, name: Name(4119, 9), json_name: Name(4128, 7), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // BearerContext.pdn_cx_id
        Field { number: 8, name: Name(4135, 15), json_name: Name(4150, 13), kind: Kind::Message(43), cardinality: Cardinality::Explicit, oneof: 0 }, // BearerContext.esm_ebr_context
        Field { number: 9, name: Name(4163, 13), json_name: Name(4176, 11), kind: Kind::Message(42), cardinality: Cardinality::Explicit, oneof: 0 }, // BearerContext.enb_fteid_s1u
        Field { number: 10, name: Name(4187, 14), json_name: Name(4201, 13), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // BearerContext.priority_level
        Field { number: 11, name: Name(4214, 24), json_name: Name(4238, 23), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // BearerContext.preemption_vulnerability
        Field { number: 12, name: Name(4261, 21), json_name: Name(4282, 20), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // BearerContext.preemption_capability
        Field { number: 13, name: Name(4302, 9), json_name: Name(4311, 8), kind: Kind::Message(44), cardinality: Cardinality::Explicit, oneof: 0 }, // BearerContext.saved_tft
        Field { number: 14, name: Name(4319, 9), json_name: Name(4328, 8), kind: Kind::Message(45), cardinality: Cardinality::Explicit, oneof: 0 }, // BearerContext.saved_qos
        Field { number: 15, name: Name(4336, 8), json_name: Name(4336, 8), kind: Kind::Enum(7), cardinality: Cardinality::Implicit, oneof: 0 }, // BearerContext.validity
        Field { number: 1, name: Name(4344, 9), json_name: Name(4353, 8), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // Regional_subscription.zone_code
        Field { number: 1, name: Name(29, 2), json_name: Name(29, 2), kind: Kind::Uint64, cardinality: Cardinality::Implicit, oneof: 0 }, // Timer.id
        Field { number: 2, name: Name(2859, 3), json_name: Name(2859, 3), kind: Kind::Uint64, cardinality: Cardinality::Implicit, oneof: 0 }, // Timer.sec
        Field { number: 3, name: Name(4361, 4), json_name: Name(4361, 4), kind: Kind::Uint64, cardinality: Cardinality::Implicit, oneof: 0 }, // Timer.msec
        Field { number: 1, name: Name(29, 2), json_name: Name(29, 2), kind: Kind::Int32, cardinality: Cardinality::Implicit, oneof: 0 }, // S1apTimer.id
        Field { number: 2, name: Name(2859, 3), json_name: Name(2859, 3), kind: Kind::Int32, cardinality: Cardinality::Implicit, oneof: 0 }, // S1apTimer.sec
        Field { number: 3, name: Name(4361, 4), json_name: Name(4361, 4), kind: Kind::Int32, cardinality: Cardinality::Implicit, oneof: 0 }, // S1apTimer.msec
        Field { number: 1, name: Name(322, 14), json_name: Name(336, 11), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // S1apHandoverState.mme_ue_s1ap_id
        Field { number: 2, name: Name(4365, 13), json_name: Name(4378, 11), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // S1apHandoverState.source_enb_id
        Field { number: 3, name: Name(4389, 13), json_name: Name(4402, 11), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // S1apHandoverState.target_enb_id
        Field { number: 4, name: Name(4413, 21), json_name: Name(4434, 17), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // S1apHandoverState.target_enb_ue_s1ap_id
        Field { number: 5, name: Name(4451, 23), json_name: Name(4474, 20), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // S1apHandoverState.target_sctp_stream_recv
        Field { number: 6, name: Name(4494, 23), json_name: Name(4517, 20), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // S1apHandoverState.target_sctp_stream_send
        Field { number: 7, name: Name(4537, 21), json_name: Name(4558, 17), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // S1apHandoverState.source_enb_ue_s1ap_id
        Field { number: 8, name: Name(4575, 23), json_name: Name(4598, 20), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // S1apHandoverState.source_sctp_stream_recv
        Field { number: 9, name: Name(4618, 23), json_name: Name(4641, 20), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // S1apHandoverState.source_sctp_stream_send
        Field { number: 10, name: Name(4661, 19), json_name: Name(4680, 16), kind: Kind::Message(46), cardinality: Cardinality::Explicit, oneof: 0 }, // S1apHandoverState.e_rab_admitted_list
        Field { number: 1, name: Name(3658, 10), json_name: Name(3668, 8), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // SgwPdnConnection.apn_in_use
        Field { number: 2, name: Name(4696, 21), json_name: Name(4717, 17), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // SgwPdnConnection.pgw_address_in_use_cp
        Field { number: 3, name: Name(4734, 21), json_name: Name(4755, 17), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // SgwPdnConnection.pgw_address_in_use_up
        Field { number: 10, name: Name(3789, 14), json_name: Name(3815, 13), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // SgwPdnConnection.default_bearer
        Field { number: 11, name: Name(4772, 28), json_name: Name(4800, 24), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // SgwPdnConnection.ue_suspended_for_ps_handover
        Field { number: 15, name: Name(4824, 15), json_name: Name(4839, 13), kind: Kind::Message(47), cardinality: Cardinality::Unpacked, oneof: 0 }, // SgwPdnConnection.eps_bearer_list
        Field { number: 16, name: Name(4852, 14), json_name: Name(4866, 12), kind: Kind::Message(48), cardinality: Cardinality::Map, oneof: 0 }, // SgwPdnConnection.eps_bearer_map
        Field { number: 1, name: Name(2408, 4), json_name: Name(2408, 4), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // CreateSessionMessage.trxn
        Field { number: 2, name: Name(623, 4), json_name: Name(623, 4), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // CreateSessionMessage.teid
        Field { number: 3, name: Name(2331, 4), json_name: Name(2331, 4), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // CreateSessionMessage.imsi
        Field { number: 4, name: Name(163, 6), json_name: Name(163, 6), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // CreateSessionMessage.msisdn
        Field { number: 5, name: Name(2665, 3), json_name: Name(2665, 3), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // CreateSessionMessage.mei
        Field { number: 6, name: Name(4878, 3), json_name: Name(4878, 3), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // CreateSessionMessage.uli
        Field { number: 7, name: Name(4881, 15), json_name: Name(4896, 14), kind: Kind::Message(49), cardinality: Cardinality::Explicit, oneof: 0 }, // CreateSessionMessage.serving_network
        Field { number: 10, name: Name(4910, 8), json_name: Name(4918, 7), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // CreateSessionMessage.rat_type
        Field { number: 11, name: Name(3703, 8), json_name: Name(3711, 7), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // CreateSessionMessage.pdn_type
        Field { number: 12, name: Name(434, 3), json_name: Name(434, 3), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // CreateSessionMessage.apn
        Field { number: 13, name: Name(3718, 3), json_name: Name(3718, 3), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // CreateSessionMessage.paa
        Field { number: 14, name: Name(655, 4), json_name: Name(655, 4), kind: Kind::Message(12), cardinality: Cardinality::Explicit, oneof: 0 }, // CreateSessionMessage.ambr
        Field { number: 15, name: Name(4012, 3), json_name: Name(4012, 3), kind: Kind::Message(50), cardinality: Cardinality::Explicit, oneof: 0 }, // CreateSessionMessage.pco
        Field { number: 16, name: Name(4925, 19), json_name: Name(4944, 16), kind: Kind::Message(42), cardinality: Cardinality::Explicit, oneof: 0 }, // CreateSessionMessage.sender_fteid_for_cp
        Field { number: 20, name: Name(4960, 29), json_name: Name(4989, 25), kind: Kind::Message(51), cardinality: Cardinality::Unpacked, oneof: 0 }, // CreateSessionMessage.bearer_contexts_to_be_created
        Field { number: 21, name: Name(5014, 7), json_name: Name(5021, 6), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // CreateSessionMessage.peer_ip
        Field { number: 22, name: Name(5027, 12), json_name: Name(5039, 10), kind: Kind::Message(52), cardinality: Cardinality::Explicit, oneof: 0 }, // CreateSessionMessage.ue_time_zone
        Field { number: 23, name: Name(5049, 24), json_name: Name(5073, 23), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // CreateSessionMessage.charging_characteristics
        Field { number: 24, name: Name(5096, 9), json_name: Name(5105, 7), kind: Kind::Message(23), cardinality: Cardinality::Explicit, oneof: 0 }, // CreateSessionMessage.ue_ip_paa
        Field { number: 1, name: Name(623, 4), json_name: Name(623, 4), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // PgwCbrProcedure.teid
        Field { number: 2, name: Name(5112, 6), json_name: Name(5118, 5), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // PgwCbrProcedure.sdf_id
        Field { number: 3, name: Name(31, 4), json_name: Name(31, 4), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // PgwCbrProcedure.type
        Field { number: 4, name: Name(5123, 19), json_name: Name(5142, 17), kind: Kind::Message(47), cardinality: Cardinality::Unpacked, oneof: 0 }, // PgwCbrProcedure.pending_eps_bearers
        Field { number: 1, name: Name(3703, 8), json_name: Name(3711, 7), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // IpTupple.pdn_type
        Field { number: 2, name: Name(5159, 9), json_name: Name(5168, 8), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // IpTupple.ipv4_addr
        Field { number: 3, name: Name(5176, 9), json_name: Name(5185, 8), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // IpTupple.ipv6_addr
        Field { number: 4, name: Name(35, 4), json_name: Name(35, 4), kind: Kind::Int32, cardinality: Cardinality::Implicit, oneof: 0 }, // IpTupple.vlan
        Field { number: 5, name: Name(5193, 18), json_name: Name(5211, 16), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // IpTupple.ipv6_prefix_length
        Field { number: 1, name: Name(5227, 5), json_name: Name(5227, 5), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // IdentityTuple.value
        Field { number: 2, name: Name(5232, 10), json_name: Name(5242, 9), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // IdentityTuple.num_digits
        Field { number: 1, name: Name(5251, 17), json_name: Name(5268, 15), kind: Kind::Message(53), cardinality: Cardinality::Explicit, oneof: 0 }, // EmmProcedures.emm_specific_proc
        Field { number: 2, name: Name(5283, 15), json_name: Name(5298, 13), kind: Kind::Message(53), cardinality: Cardinality::Unpacked, oneof: 0 }, // EmmProcedures.emm_common_proc
        Field { number: 3, name: Name(5311, 7), json_name: Name(5318, 6), kind: Kind::Message(54), cardinality: Cardinality::Unpacked, oneof: 0 }, // EmmProcedures.cn_proc
        Field { number: 4, name: Name(5324, 17), json_name: Name(5341, 14), kind: Kind::Message(53), cardinality: Cardinality::Explicit, oneof: 0 }, // EmmProcedures.emm_con_mngt_proc
        Field { number: 5, name: Name(5355, 32), json_name: Name(5387, 27), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // EmmProcedures.nas_proc_mess_sign_next_location
        Field { number: 6, name: Name(5355, 18), json_name: Name(5387, 15), kind: Kind::Message(55), cardinality: Cardinality::Unpacked, oneof: 0 }, // EmmProcedures.nas_proc_mess_sign
        Field { number: 1, name: Name(5414, 13), json_name: Name(5427, 11), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // EsmContext.n_active_ebrs
        Field { number: 4, name: Name(3083, 12), json_name: Name(3095, 11), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // EsmContext.is_emergency
        Field { number: 5, name: Name(5438, 13), json_name: Name(5451, 11), kind: Kind::Message(56), cardinality: Cardinality::Explicit, oneof: 0 }, // EsmContext.esm_proc_data
        Field { number: 199, name: Name(5462, 5), json_name: Name(5462, 5), kind: Kind::Message(17), cardinality: Cardinality::Explicit, oneof: 0 }, // EsmContext.t3489
        Field { number: 200, name: Name(5467, 13), json_name: Name(5480, 12), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // EsmContext.is_standalone
        Field { number: 201, name: Name(5492, 17), json_name: Name(5509, 15), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // EsmContext.is_pdn_disconnect
        Field { number: 202, name: Name(5524, 18), json_name: Name(5542, 17), kind: Kind::Int32, cardinality: Cardinality::Implicit, oneof: 0 }, // EsmContext.pending_standalone
        Field { number: 1, name: Name(5559, 5), json_name: Name(5559, 5), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // AuthVector.kasme
        Field { number: 2, name: Name(5564, 4), json_name: Name(5564, 4), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // AuthVector.rand
        Field { number: 3, name: Name(5568, 4), json_name: Name(5568, 4), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // AuthVector.autn
        Field { number: 4, name: Name(5572, 4), json_name: Name(5572, 4), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // AuthVector.xres
        Field { number: 1, name: Name(5576, 7), json_name: Name(5583, 6), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // EmmSecurityContext.sc_type
        Field { number: 2, name: Name(5589, 4), json_name: Name(5589, 4), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // EmmSecurityContext.eksi
        Field { number: 3, name: Name(5593, 12), json_name: Name(5605, 11), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // EmmSecurityContext.vector_index
        Field { number: 4, name: Name(5616, 8), json_name: Name(5624, 7), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // EmmSecurityContext.knas_enc
        Field { number: 5, name: Name(5631, 8), json_name: Name(5639, 7), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // EmmSecurityContext.knas_int
        Field { number: 6, name: Name(5646, 8), json_name: Name(5654, 7), kind: Kind::Message(57), cardinality: Cardinality::Explicit, oneof: 0 }, // EmmSecurityContext.dl_count
        Field { number: 7, name: Name(5661, 8), json_name: Name(5669, 7), kind: Kind::Message(57), cardinality: Cardinality::Explicit, oneof: 0 }, // EmmSecurityContext.ul_count
        Field { number: 8, name: Name(5676, 13), json_name: Name(5689, 11), kind: Kind::Message(57), cardinality: Cardinality::Explicit, oneof: 0 }, // EmmSecurityContext.kenb_ul_count
        Field { number: 9, name: Name(789, 10), json_name: Name(789, 10), kind: Kind::Message(58), cardinality: Cardinality::Explicit, oneof: 0 }, // EmmSecurityContext.capability
        Field { number: 10, name: Name(5700, 14), json_name: Name(5714, 13), kind: Kind::Message(59), cardinality: Cardinality::Explicit, oneof: 0 }, // EmmSecurityContext.selected_algos
        Field { number: 11, name: Name(5727, 9), json_name: Name(5727, 9), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // EmmSecurityContext.activated
        Field { number: 12, name: Name(5736, 16), json_name: Name(5752, 15), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // EmmSecurityContext.direction_encode
        Field { number: 13, name: Name(5767, 16), json_name: Name(5783, 15), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // EmmSecurityContext.direction_decode
        Field { number: 14, name: Name(5798, 8), json_name: Name(5806, 7), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // EmmSecurityContext.next_hop
        Field { number: 15, name: Name(5813, 23), json_name: Name(5836, 20), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // EmmSecurityContext.next_hop_chaining_count
        Field { number: 21, name: Name(5856, 4), json_name: Name(5856, 4), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // EmmSecurityContext.kamf
        Field { number: 22, name: Name(5860, 4), json_name: Name(5860, 4), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // EmmSecurityContext.kgnb
        Field { number: 1, name: Name(3526, 4), json_name: Name(3526, 4), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // Guti.plmn
        Field { number: 2, name: Name(5864, 7), json_name: Name(5871, 6), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // Guti.mme_gid
        Field { number: 3, name: Name(5877, 8), json_name: Name(5885, 7), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // Guti.mme_code
        Field { number: 4, name: Name(5892, 6), json_name: Name(5898, 5), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // Guti.m_tmsi
        Field { number: 1, name: Name(5903, 13), json_name: Name(5903, 13), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // TaiList.numberoflists
        Field { number: 2, name: Name(5916, 17), json_name: Name(5933, 15), kind: Kind::Message(60), cardinality: Cardinality::Unpacked, oneof: 0 }, // TaiList.partial_tai_lists
        Field { number: 1, name: Name(5948, 7), json_name: Name(5955, 6), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // Tai.mcc_mnc
        Field { number: 2, name: Name(349, 3), json_name: Name(349, 3), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // Tai.tac
        Field { number: 1, name: Name(5961, 3), json_name: Name(5961, 3), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeNetworkCapability.eea
        Field { number: 2, name: Name(5964, 3), json_name: Name(5964, 3), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeNetworkCapability.eia
        Field { number: 3, name: Name(5967, 3), json_name: Name(5967, 3), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeNetworkCapability.uea
        Field { number: 4, name: Name(5970, 4), json_name: Name(5970, 4), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeNetworkCapability.ucs2
        Field { number: 5, name: Name(5974, 3), json_name: Name(5974, 3), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeNetworkCapability.uia
        Field { number: 6, name: Name(5977, 5), json_name: Name(5977, 5), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeNetworkCapability.spare
        Field { number: 7, name: Name(5982, 4), json_name: Name(5982, 4), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeNetworkCapability.csfb
        Field { number: 8, name: Name(5986, 3), json_name: Name(5986, 3), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeNetworkCapability.lpp
        Field { number: 9, name: Name(5989, 3), json_name: Name(5989, 3), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeNetworkCapability.lcs
        Field { number: 10, name: Name(5992, 5), json_name: Name(5992, 5), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeNetworkCapability.srvcc
        Field { number: 11, name: Name(440, 2), json_name: Name(440, 2), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeNetworkCapability.nf
        Field { number: 12, name: Name(5997, 7), json_name: Name(5997, 7), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeNetworkCapability.prosedd
        Field { number: 13, name: Name(5997, 5), json_name: Name(5997, 5), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeNetworkCapability.prose
        Field { number: 14, name: Name(6004, 7), json_name: Name(6004, 7), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeNetworkCapability.h245ash
        Field { number: 15, name: Name(4011, 4), json_name: Name(4011, 4), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeNetworkCapability.epco
        Field { number: 16, name: Name(6011, 8), json_name: Name(6011, 8), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeNetworkCapability.hccpciot
        Field { number: 17, name: Name(6019, 8), json_name: Name(6019, 8), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeNetworkCapability.erwfopdn
        Field { number: 18, name: Name(6027, 7), json_name: Name(6027, 7), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeNetworkCapability.s1udata
        Field { number: 19, name: Name(6034, 6), json_name: Name(6034, 6), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeNetworkCapability.upciot
        Field { number: 20, name: Name(6040, 12), json_name: Name(6052, 11), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // UeNetworkCapability.umts_present
        Field { number: 21, name: Name(6063, 12), json_name: Name(6075, 11), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // UeNetworkCapability.misc_present
        Field { number: 22, name: Name(6013, 6), json_name: Name(6013, 6), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeNetworkCapability.cpciot
        Field { number: 23, name: Name(6086, 10), json_name: Name(6086, 10), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeNetworkCapability.proserelay
        Field { number: 24, name: Name(6096, 7), json_name: Name(6096, 7), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeNetworkCapability.prosedc
        Field { number: 25, name: Name(76, 6), json_name: Name(76, 6), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeNetworkCapability.bearer
        Field { number: 26, name: Name(6103, 3), json_name: Name(6103, 3), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeNetworkCapability.sgc
        Field { number: 27, name: Name(6106, 5), json_name: Name(6106, 5), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeNetworkCapability.n1mod
        Field { number: 28, name: Name(6111, 4), json_name: Name(6111, 4), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeNetworkCapability.dcnr
        Field { number: 29, name: Name(6115, 9), json_name: Name(6115, 9), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeNetworkCapability.cpbackoff
        Field { number: 30, name: Name(6124, 10), json_name: Name(6124, 10), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeNetworkCapability.restrictec
        Field { number: 31, name: Name(6134, 6), json_name: Name(6134, 6), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeNetworkCapability.v2xpc5
        Field { number: 32, name: Name(6140, 11), json_name: Name(6140, 11), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeNetworkCapability.multipledrb
        Field { number: 33, name: Name(5205, 6), json_name: Name(5205, 6), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeNetworkCapability.length
        Field { number: 1, name: Name(6151, 5), json_name: Name(6156, 4), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // NwDetachData.ue_id
        Field { number: 2, name: Name(6160, 20), json_name: Name(6180, 19), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // NwDetachData.retransmission_count
        Field { number: 3, name: Name(372, 11), json_name: Name(6199, 10), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // NwDetachData.detach_type
        Field { number: 1, name: Name(322, 14), json_name: Name(336, 11), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // NewAttachInfo.mme_ue_s1ap_id
        Field { number: 2, name: Name(6209, 13), json_name: Name(6222, 10), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // NewAttachInfo.is_mm_ctx_new
        Field { number: 3, name: Name(6232, 3), json_name: Name(6232, 3), kind: Kind::Message(61), cardinality: Cardinality::Explicit, oneof: 0 }, // NewAttachInfo.ies
        Field { number: 1, name: Name(56, 2), json_name: Name(56, 2), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeAdditionalSecurityCapability.ea
        Field { number: 2, name: Name(433, 2), json_name: Name(433, 2), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // UeAdditionalSecurityCapability.ia
        Field { number: 1, name: Name(3526, 4), json_name: Name(3526, 4), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // Guti_m5.plmn
        Field { number: 2, name: Name(6235, 12), json_name: Name(6247, 11), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // Guti_m5.amf_regionid
        Field { number: 3, name: Name(6258, 10), json_name: Name(6268, 8), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // Guti_m5.amf_set_id
        Field { number: 4, name: Name(6276, 11), json_name: Name(6287, 10), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // Guti_m5.amf_pointer
        Field { number: 5, name: Name(5892, 6), json_name: Name(5898, 5), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // Guti_m5.m_tmsi
        Field { number: 1, name: Name(253, 3), json_name: Name(253, 3), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // PduSessionIdSmfContextMapEntry.key
        Field { number: 2, name: Name(5227, 5), json_name: Name(5227, 5), kind: Kind::Message(62), cardinality: Cardinality::Explicit, oneof: 0 }, // PduSessionIdSmfContextMapEntry.value
        Field { number: 1, name: Name(3552, 18), json_name: Name(3570, 17), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // ApnConfig.context_identifier
        Field { number: 2, name: Name(2422, 10), json_name: Name(6297, 9), kind: Kind::String, cardinality: Cardinality::Unpacked, oneof: 0 }, // ApnConfig.ip_address
        Field { number: 3, name: Name(3703, 8), json_name: Name(3711, 7), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // ApnConfig.pdn_type
        Field { number: 4, name: Name(6306, 17), json_name: Name(6323, 16), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // ApnConfig.service_selection
        Field { number: 5, name: Name(6339, 14), json_name: Name(6353, 13), kind: Kind::Message(39), cardinality: Cardinality::Explicit, oneof: 0 }, // ApnConfig.subscribed_qos
        Field { number: 6, name: Name(655, 4), json_name: Name(655, 4), kind: Kind::Message(12), cardinality: Cardinality::Explicit, oneof: 0 }, // ApnConfig.ambr
        Field { number: 1, name: Name(4116, 3), json_name: Name(4116, 3), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // EpsSubscribedQosProfile.qci
        Field { number: 2, name: Name(4187, 14), json_name: Name(4201, 13), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // EpsSubscribedQosProfile.priority_level
        Field { number: 3, name: Name(6366, 25), json_name: Name(6391, 23), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // EpsSubscribedQosProfile.pre_emption_vulnerability
        Field { number: 4, name: Name(6414, 22), json_name: Name(6436, 20), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // EpsSubscribedQosProfile.pre_emption_capability
        Field { number: 1, name: Name(985, 3), json_name: Name(985, 3), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // EsmPdn.pti
        Field { number: 2, name: Name(3083, 12), json_name: Name(3095, 11), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // EsmPdn.is_emergency
        Field { number: 3, name: Name(655, 4), json_name: Name(655, 4), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // EsmPdn.ambr
        Field { number: 4, name: Name(6456, 12), json_name: Name(6468, 11), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // EsmPdn.addr_realloc
        Field { number: 5, name: Name(6479, 9), json_name: Name(6488, 8), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // EsmPdn.n_bearers
        Field { number: 6, name: Name(6496, 8), json_name: Name(6504, 7), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // EsmPdn.pt_state
        Field { number: 1, name: Name(65, 3), json_name: Name(65, 3), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // ProtocolConfigurationOptions.ext
        Field { number: 2, name: Name(5977, 5), json_name: Name(5977, 5), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // ProtocolConfigurationOptions.spare
        Field { number: 3, name: Name(6511, 15), json_name: Name(6526, 14), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // ProtocolConfigurationOptions.config_protocol
        Field { number: 4, name: Name(6540, 28), json_name: Name(6568, 24), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // ProtocolConfigurationOptions.num_protocol_or_container_id
        Field { number: 5, name: Name(6592, 21), json_name: Name(6613, 18), kind: Kind::Message(63), cardinality: Cardinality::Unpacked, oneof: 0 }, // ProtocolConfigurationOptions.proto_or_container_id
        Field { number: 1, name: Name(6631, 12), json_name: Name(6643, 11), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // Fteid.ipv4_address
        Field { number: 2, name: Name(6654, 12), json_name: Name(6666, 11), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // Fteid.ipv6_address
        Field { number: 3, name: Name(6677, 14), json_name: Name(6691, 13), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // Fteid.interface_type
        Field { number: 4, name: Name(623, 4), json_name: Name(623, 4), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // Fteid.teid
        Field { number: 1, name: Name(457, 6), json_name: Name(457, 6), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // EsmEbrContext.status
        Field { number: 2, name: Name(6704, 6), json_name: Name(6710, 5), kind: Kind::Uint64, cardinality: Cardinality::Implicit, oneof: 0 }, // EsmEbrContext.gbr_dl
        Field { number: 3, name: Name(6715, 6), json_name: Name(6721, 5), kind: Kind::Uint64, cardinality: Cardinality::Implicit, oneof: 0 }, // EsmEbrContext.gbr_ul
        Field { number: 4, name: Name(6726, 6), json_name: Name(6732, 5), kind: Kind::Uint64, cardinality: Cardinality::Implicit, oneof: 0 }, // EsmEbrContext.mbr_dl
        Field { number: 5, name: Name(6737, 6), json_name: Name(6743, 5), kind: Kind::Uint64, cardinality: Cardinality::Implicit, oneof: 0 }, // EsmEbrContext.mbr_ul
        Field { number: 6, name: Name(4308, 3), json_name: Name(4308, 3), kind: Kind::Message(44), cardinality: Cardinality::Explicit, oneof: 0 }, // EsmEbrContext.tft
        Field { number: 7, name: Name(4012, 3), json_name: Name(4012, 3), kind: Kind::Message(41), cardinality: Cardinality::Explicit, oneof: 0 }, // EsmEbrContext.pco
        Field { number: 100, name: Name(1360, 5), json_name: Name(1360, 5), kind: Kind::Message(17), cardinality: Cardinality::Explicit, oneof: 0 }, // EsmEbrContext.timer
        Field { number: 101, name: Name(6748, 18), json_name: Name(6766, 15), kind: Kind::Message(64), cardinality: Cardinality::Explicit, oneof: 0 }, // EsmEbrContext.esm_ebr_timer_data
        Field { number: 1, name: Name(6781, 18), json_name: Name(6799, 16), kind: Kind::Message(65), cardinality: Cardinality::Explicit, oneof: 0 }, // TrafficFlowTemplate.packet_filter_list
        Field { number: 2, name: Name(6815, 15), json_name: Name(6830, 14), kind: Kind::Message(66), cardinality: Cardinality::Explicit, oneof: 0 }, // TrafficFlowTemplate.parameters_list
        Field { number: 3, name: Name(6844, 18), json_name: Name(6862, 16), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // TrafficFlowTemplate.tft_operation_code
        Field { number: 4, name: Name(6878, 24), json_name: Name(6902, 21), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // TrafficFlowTemplate.number_of_packet_filters
        Field { number: 5, name: Name(6923, 4), json_name: Name(6923, 4), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // TrafficFlowTemplate.ebit
        Field { number: 1, name: Name(6014, 3), json_name: Name(6014, 3), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // BearerQos.pci
        Field { number: 2, name: Name(594, 2), json_name: Name(594, 2), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // BearerQos.pl
        Field { number: 3, name: Name(6927, 3), json_name: Name(6927, 3), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // BearerQos.pvi
        Field { number: 4, name: Name(4116, 3), json_name: Name(4116, 3), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // BearerQos.qci
        Field { number: 5, name: Name(6704, 3), json_name: Name(6704, 3), kind: Kind::Message(12), cardinality: Cardinality::Explicit, oneof: 0 }, // BearerQos.gbr
        Field { number: 6, name: Name(656, 3), json_name: Name(656, 3), kind: Kind::Message(12), cardinality: Cardinality::Explicit, oneof: 0 }, // BearerQos.mbr
        Field { number: 1, name: Name(6930, 11), json_name: Name(6941, 9), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // ERabAdmittedList.no_of_items
        Field { number: 2, name: Name(6936, 4), json_name: Name(6936, 4), kind: Kind::Message(67), cardinality: Cardinality::Unpacked, oneof: 0 }, // ERabAdmittedList.item
        Field { number: 1, name: Name(6950, 13), json_name: Name(6963, 11), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // SgwEpsBearerContext.eps_bearer_id
        Field { number: 2, name: Name(3718, 3), json_name: Name(3718, 3), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // SgwEpsBearerContext.paa
        Field { number: 10, name: Name(4734, 21), json_name: Name(4755, 17), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // SgwEpsBearerContext.pgw_address_in_use_up
        Field { number: 11, name: Name(6974, 17), json_name: Name(6991, 13), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // SgwEpsBearerContext.pgw_teid_s5_s8_up
        Field { number: 12, name: Name(7004, 23), json_name: Name(7027, 18), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // SgwEpsBearerContext.sgw_ip_address_s5_s8_up
        Field { number: 13, name: Name(7045, 17), json_name: Name(7062, 13), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // SgwEpsBearerContext.sgw_teid_s5_s8_up
        Field { number: 14, name: Name(7075, 28), json_name: Name(7103, 22), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // SgwEpsBearerContext.sgw_ip_address_s1u_s12_s4_up
        Field { number: 15, name: Name(7125, 22), json_name: Name(7147, 17), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // SgwEpsBearerContext.sgw_teid_s1u_s12_s4_up
        Field { number: 16, name: Name(7164, 18), json_name: Name(7182, 15), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // SgwEpsBearerContext.enb_ip_address_s1u
        Field { number: 17, name: Name(7197, 12), json_name: Name(7209, 10), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // SgwEpsBearerContext.enb_teid_s1u
        Field { number: 20, name: Name(7219, 14), json_name: Name(7233, 12), kind: Kind::Message(68), cardinality: Cardinality::Explicit, oneof: 0 }, // SgwEpsBearerContext.eps_bearer_qos
        Field { number: 21, name: Name(4308, 3), json_name: Name(4308, 3), kind: Kind::Message(44), cardinality: Cardinality::Explicit, oneof: 0 }, // SgwEpsBearerContext.tft
        Field { number: 25, name: Name(7245, 7), json_name: Name(7252, 6), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // SgwEpsBearerContext.num_sdf
        Field { number: 26, name: Name(5112, 7), json_name: Name(7258, 6), kind: Kind::Uint32, cardinality: Cardinality::Packed, oneof: 0 }, // SgwEpsBearerContext.sdf_ids
        Field { number: 27, name: Name(7264, 16), json_name: Name(7280, 14), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // SgwEpsBearerContext.policy_rule_name
        Field { number: 28, name: Name(7294, 30), json_name: Name(7324, 24), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // SgwEpsBearerContext.sgw_ipv6_address_s1u_s12_s4_up
        Field { number: 29, name: Name(7348, 15), json_name: Name(7363, 12), kind: Kind::Message(23), cardinality: Cardinality::Explicit, oneof: 0 }, // SgwEpsBearerContext.enb_s1u_ip_addr
        Field { number: 30, name: Name(5096, 9), json_name: Name(5105, 7), kind: Kind::Message(23), cardinality: Cardinality::Explicit, oneof: 0 }, // SgwEpsBearerContext.ue_ip_paa
        Field { number: 31, name: Name(7375, 14), json_name: Name(7389, 12), kind: Kind::Message(23), cardinality: Cardinality::Explicit, oneof: 0 }, // SgwEpsBearerContext.pgw_address_up
        Field { number: 32, name: Name(7401, 25), json_name: Name(7426, 19), kind: Kind::Message(23), cardinality: Cardinality::Explicit, oneof: 0 }, // SgwEpsBearerContext.sgw_s1u_s12_s4_up_ip_addr
        Field { number: 33, name: Name(7445, 19), json_name: Name(7464, 17), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // SgwEpsBearerContext.sgw_sequence_number
        Field { number: 34, name: Name(7481, 12), json_name: Name(7493, 11), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // SgwEpsBearerContext.update_teids
        Field { number: 1, name: Name(253, 3), json_name: Name(253, 3), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // EpsBearerMapEntry.key
        Field { number: 2, name: Name(5227, 5), json_name: Name(5227, 5), kind: Kind::Message(47), cardinality: Cardinality::Explicit, oneof: 0 }, // EpsBearerMapEntry.value
        Field { number: 1, name: Name(5948, 3), json_name: Name(5948, 3), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // ServingNetwork.mcc
        Field { number: 2, name: Name(5952, 3), json_name: Name(5952, 3), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // ServingNetwork.mnc
        Field { number: 1, name: Name(65, 3), json_name: Name(65, 3), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // Pco.ext
        Field { number: 2, name: Name(5977, 5), json_name: Name(5977, 5), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // Pco.spare
        Field { number: 3, name: Name(7504, 22), json_name: Name(7526, 21), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // Pco.configuration_protocol
        Field { number: 4, name: Name(6540, 28), json_name: Name(6568, 24), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // Pco.num_protocol_or_container_id
        Field { number: 5, name: Name(7547, 12), json_name: Name(7559, 11), kind: Kind::Message(69), cardinality: Cardinality::Unpacked, oneof: 0 }, // Pco.pco_protocol
        Field { number: 1, name: Name(6950, 13), json_name: Name(6963, 11), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // BearerContextToBeCreated.eps_bearer_id
        Field { number: 2, name: Name(4308, 3), json_name: Name(4308, 3), kind: Kind::Message(44), cardinality: Cardinality::Explicit, oneof: 0 }, // BearerContextToBeCreated.tft
        Field { number: 3, name: Name(7570, 16), json_name: Name(7586, 14), kind: Kind::Message(68), cardinality: Cardinality::Explicit, oneof: 0 }, // BearerContextToBeCreated.bearer_level_qos
        Field { number: 1, name: Name(5030, 9), json_name: Name(7600, 8), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // TimeZone.time_zone
        Field { number: 2, name: Name(7608, 20), json_name: Name(7628, 18), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // TimeZone.daylight_saving_time
        Field { number: 1, name: Name(2715, 8), json_name: Name(2729, 7), kind: Kind::Message(70), cardinality: Cardinality::Explicit, oneof: 0 }, // NasEmmProcWithType.emm_proc
        Field { number: 2, name: Name(7646, 11), json_name: Name(7657, 10), kind: Kind::Message(71), cardinality: Cardinality::Explicit, oneof: 1 }, // NasEmmProcWithType.attach_proc
        Field { number: 3, name: Name(7667, 11), json_name: Name(7678, 10), kind: Kind::Message(72), cardinality: Cardinality::Explicit, oneof: 1 }, // NasEmmProcWithType.detach_proc
        Field { number: 4, name: Name(7688, 8), json_name: Name(7696, 7), kind: Kind::Message(73), cardinality: Cardinality::Explicit, oneof: 1 }, // NasEmmProcWithType.smc_proc
        Field { number: 5, name: Name(7703, 9), json_name: Name(7712, 8), kind: Kind::Message(74), cardinality: Cardinality::Explicit, oneof: 1 }, // NasEmmProcWithType.auth_proc
        Field { number: 1, name: Name(7720, 9), json_name: Name(7729, 8), kind: Kind::Message(75), cardinality: Cardinality::Explicit, oneof: 0 }, // NasCnProc.base_proc
        Field { number: 2, name: Name(7737, 14), json_name: Name(7751, 12), kind: Kind::Message(76), cardinality: Cardinality::Explicit, oneof: 1 }, // NasCnProc.auth_info_proc
        Field { number: 1, name: Name(7763, 4), json_name: Name(7763, 4), kind: Kind::Uint64, cardinality: Cardinality::Implicit, oneof: 0 }, // NasProcMessSign.puid
        Field { number: 2, name: Name(7767, 6), json_name: Name(7767, 6), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // NasProcMessSign.digest
        Field { number: 3, name: Name(7773, 13), json_name: Name(7786, 12), kind: Kind::Uint64, cardinality: Cardinality::Implicit, oneof: 0 }, // NasProcMessSign.digest_length
        Field { number: 4, name: Name(7798, 14), json_name: Name(7812, 12), kind: Kind::Uint64, cardinality: Cardinality::Implicit, oneof: 0 }, // NasProcMessSign.nas_msg_length
        Field { number: 1, name: Name(985, 3), json_name: Name(985, 3), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // EsmProcData.pti
        Field { number: 2, name: Name(7824, 12), json_name: Name(7836, 11), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // EsmProcData.request_type
        Field { number: 3, name: Name(434, 3), json_name: Name(434, 3), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // EsmProcData.apn
        Field { number: 4, name: Name(7847, 7), json_name: Name(7854, 6), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // EsmProcData.pdn_cid
        Field { number: 5, name: Name(3703, 8), json_name: Name(3711, 7), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // EsmProcData.pdn_type
        Field { number: 6, name: Name(7860, 8), json_name: Name(7868, 7), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // EsmProcData.pdn_addr
        Field { number: 7, name: Name(3797, 10), json_name: Name(7875, 9), kind: Kind::Message(45), cardinality: Cardinality::Explicit, oneof: 0 }, // EsmProcData.bearer_qos
        Field { number: 8, name: Name(4012, 3), json_name: Name(4012, 3), kind: Kind::Message(41), cardinality: Cardinality::Explicit, oneof: 0 }, // EsmProcData.pco
        Field { number: 1, name: Name(5977, 5), json_name: Name(5977, 5), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // Count.spare
        Field { number: 2, name: Name(7884, 8), json_name: Name(7884, 8), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // Count.overflow
        Field { number: 3, name: Name(7892, 7), json_name: Name(7899, 6), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // Count.seq_num
        Field { number: 1, name: Name(7905, 14), json_name: Name(7919, 13), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // Capability.eps_encryption
        Field { number: 2, name: Name(7932, 13), json_name: Name(7945, 12), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // Capability.eps_integirty
        Field { number: 3, name: Name(7957, 15), json_name: Name(7972, 14), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // Capability.umts_encryption
        Field { number: 4, name: Name(7986, 14), json_name: Name(8000, 13), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // Capability.umts_integirty
        Field { number: 5, name: Name(8013, 15), json_name: Name(8028, 14), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // Capability.gprs_encryption
        Field { number: 6, name: Name(6040, 12), json_name: Name(6052, 11), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // Capability.umts_present
        Field { number: 7, name: Name(8042, 12), json_name: Name(8054, 11), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // Capability.gprs_present
        Field { number: 1, name: Name(7909, 10), json_name: Name(7909, 10), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // SelectedAlgorithms.encryption
        Field { number: 2, name: Name(8065, 9), json_name: Name(8065, 9), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // SelectedAlgorithms.integrity
        Field { number: 1, name: Name(8074, 12), json_name: Name(8086, 10), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // PartialTaiList.type_of_list
        Field { number: 2, name: Name(8096, 18), json_name: Name(8114, 16), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // PartialTaiList.number_of_elements
        Field { number: 3, name: Name(8130, 13), json_name: Name(8143, 11), kind: Kind::Message(31), cardinality: Cardinality::Unpacked, oneof: 0 }, // PartialTaiList.tai_many_plmn
        Field { number: 4, name: Name(8154, 29), json_name: Name(8183, 25), kind: Kind::Message(31), cardinality: Cardinality::Explicit, oneof: 0 }, // PartialTaiList.tai_one_plmn_consecutive_tacs
        Field { number: 5, name: Name(3526, 4), json_name: Name(3526, 4), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // PartialTaiList.plmn
        Field { number: 6, name: Name(349, 3), json_name: Name(349, 3), kind: Kind::Uint32, cardinality: Cardinality::Packed, oneof: 0 }, // PartialTaiList.tac
        Field { number: 1, name: Name(2946, 10), json_name: Name(2970, 9), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // AttachRequestIes.is_initial
        Field { number: 2, name: Name(31, 4), json_name: Name(31, 4), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // AttachRequestIes.type
        Field { number: 3, name: Name(3106, 22), json_name: Name(3128, 20), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // AttachRequestIes.additional_update_type
        Field { number: 4, name: Name(8208, 12), json_name: Name(8220, 10), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // AttachRequestIes.is_native_sc
        Field { number: 5, name: Name(3278, 3), json_name: Name(3278, 3), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // AttachRequestIes.ksi
        Field { number: 6, name: Name(8230, 14), json_name: Name(8244, 12), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // AttachRequestIes.is_native_guti
        Field { number: 7, name: Name(2994, 4), json_name: Name(2994, 4), kind: Kind::Message(29), cardinality: Cardinality::Explicit, oneof: 0 }, // AttachRequestIes.guti
        Field { number: 8, name: Name(2331, 4), json_name: Name(2331, 4), kind: Kind::Message(24), cardinality: Cardinality::Explicit, oneof: 0 }, // AttachRequestIes.imsi
        Field { number: 9, name: Name(2664, 4), json_name: Name(2664, 4), kind: Kind::Message(24), cardinality: Cardinality::Explicit, oneof: 0 }, // AttachRequestIes.imei
        Field { number: 10, name: Name(8256, 16), json_name: Name(8272, 14), kind: Kind::Message(31), cardinality: Cardinality::Explicit, oneof: 0 }, // AttachRequestIes.last_visited_tai
        Field { number: 11, name: Name(8286, 10), json_name: Name(8296, 9), kind: Kind::Message(31), cardinality: Cardinality::Explicit, oneof: 0 }, // AttachRequestIes.origin_tai
        Field { number: 12, name: Name(8305, 11), json_name: Name(8316, 10), kind: Kind::Message(10), cardinality: Cardinality::Explicit, oneof: 0 }, // AttachRequestIes.origin_ecgi
        Field { number: 13, name: Name(8326, 16), json_name: Name(8342, 14), kind: Kind::Message(32), cardinality: Cardinality::Explicit, oneof: 0 }, // AttachRequestIes.ue_nw_capability
        Field { number: 14, name: Name(8356, 13), json_name: Name(8369, 12), kind: Kind::Message(77), cardinality: Cardinality::Explicit, oneof: 0 }, // AttachRequestIes.drx_parameter
        Field { number: 15, name: Name(8381, 7), json_name: Name(8388, 6), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // AttachRequestIes.esm_msg
        Field { number: 16, name: Name(8394, 13), json_name: Name(8407, 12), kind: Kind::Message(78), cardinality: Cardinality::Explicit, oneof: 0 }, // AttachRequestIes.decode_status
        Field { number: 17, name: Name(8419, 10), json_name: Name(8419, 10), kind: Kind::Message(79), cardinality: Cardinality::Explicit, oneof: 0 }, // AttachRequestIes.classmark2
        Field { number: 18, name: Name(8429, 16), json_name: Name(8445, 15), kind: Kind::Message(80), cardinality: Cardinality::Explicit, oneof: 0 }, // AttachRequestIes.voice_preference
        Field { number: 19, name: Name(3375, 33), json_name: Name(3408, 30), kind: Kind::Message(35), cardinality: Cardinality::Explicit, oneof: 0 }, // AttachRequestIes.ue_additional_security_capability
        Field { number: 1, name: Name(8460, 16), json_name: Name(8476, 14), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // SmfContext.sm_session_state
        Field { number: 2, name: Name(8490, 19), json_name: Name(8509, 17), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // SmfContext.pdu_session_version
        Field { number: 3, name: Name(8526, 19), json_name: Name(8545, 17), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // SmfContext.active_pdu_sessions
        Field { number: 4, name: Name(3083, 12), json_name: Name(3095, 11), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // SmfContext.is_emergency
        Field { number: 5, name: Name(8562, 13), json_name: Name(8575, 12), kind: Kind::Message(12), cardinality: Cardinality::Explicit, oneof: 0 }, // SmfContext.selected_ambr
        Field { number: 6, name: Name(8587, 12), json_name: Name(8599, 10), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // SmfContext.gnb_gtp_teid
        Field { number: 7, name: Name(8609, 20), json_name: Name(8629, 16), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // SmfContext.gnb_gtp_teid_ip_addr
        Field { number: 8, name: Name(8645, 12), json_name: Name(8657, 10), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // SmfContext.upf_gtp_teid
        Field { number: 9, name: Name(8667, 20), json_name: Name(8687, 16), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // SmfContext.upf_gtp_teid_ip_addr
        Field { number: 10, name: Name(3718, 3), json_name: Name(3718, 3), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // SmfContext.paa
        Field { number: 11, name: Name(3849, 8), json_name: Name(8703, 7), kind: Kind::Message(12), cardinality: Cardinality::Explicit, oneof: 0 }, // SmfContext.apn_ambr
        Field { number: 12, name: Name(8710, 13), json_name: Name(8723, 11), kind: Kind::Message(81), cardinality: Cardinality::Explicit, oneof: 0 }, // SmfContext.smf_proc_data
        Field { number: 13, name: Name(6160, 20), json_name: Name(6180, 19), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // SmfContext.retransmission_count
        Field { number: 14, name: Name(4012, 3), json_name: Name(4012, 3), kind: Kind::Message(41), cardinality: Cardinality::Explicit, oneof: 0 }, // SmfContext.pco
        Field { number: 15, name: Name(8734, 10), json_name: Name(8744, 8), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // SmfContext.dnn_in_use
        Field { number: 16, name: Name(8752, 15), json_name: Name(8767, 14), kind: Kind::Message(82), cardinality: Cardinality::Explicit, oneof: 0 }, // SmfContext.requested_nssai
        Field { number: 1, name: Name(29, 2), json_name: Name(29, 2), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // PcoProtocolOrContainerId.id
        Field { number: 2, name: Name(5205, 6), json_name: Name(5205, 6), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // PcoProtocolOrContainerId.length
        Field { number: 3, name: Name(8781, 8), json_name: Name(8781, 8), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // PcoProtocolOrContainerId.contents
        Field { number: 1, name: Name(6151, 5), json_name: Name(6156, 4), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // EsmEbrTimerData.ue_id
        Field { number: 2, name: Name(3905, 3), json_name: Name(3905, 3), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // EsmEbrTimerData.ebi
        Field { number: 3, name: Name(1851, 5), json_name: Name(1851, 5), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // EsmEbrTimerData.count
        Field { number: 4, name: Name(8381, 7), json_name: Name(8388, 6), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // EsmEbrTimerData.esm_msg
        Field { number: 1, name: Name(8789, 14), json_name: Name(8803, 12), kind: Kind::Message(83), cardinality: Cardinality::Unpacked, oneof: 0 }, // PacketFilterList.create_new_tft
        Field { number: 2, name: Name(8815, 17), json_name: Name(8832, 15), kind: Kind::Message(83), cardinality: Cardinality::Unpacked, oneof: 0 }, // PacketFilterList.add_packet_filter
        Field { number: 3, name: Name(8847, 21), json_name: Name(8868, 19), kind: Kind::Message(83), cardinality: Cardinality::Unpacked, oneof: 0 }, // PacketFilterList.replace_packet_filter
        Field { number: 4, name: Name(8887, 31), json_name: Name(8918, 28), kind: Kind::Uint32, cardinality: Cardinality::Packed, oneof: 0 }, // PacketFilterList.delete_packet_filter_identifier
        Field { number: 1, name: Name(6815, 10), json_name: Name(6815, 10), kind: Kind::Message(84), cardinality: Cardinality::Unpacked, oneof: 0 }, // ParametersList.parameters
        Field { number: 2, name: Name(8946, 14), json_name: Name(8960, 13), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // ParametersList.num_parameters
        Field { number: 1, name: Name(8973, 8), json_name: Name(8981, 6), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // ERabAdmittedItem.e_rab_id
        Field { number: 2, name: Name(8987, 23), json_name: Name(9010, 21), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // ERabAdmittedItem.transport_layer_address
        Field { number: 3, name: Name(8591, 8), json_name: Name(9031, 7), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // ERabAdmittedItem.gtp_teid
        Field { number: 1, name: Name(6014, 3), json_name: Name(6014, 3), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // SgwBearerQos.pci
        Field { number: 2, name: Name(594, 2), json_name: Name(594, 2), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // SgwBearerQos.pl
        Field { number: 3, name: Name(6927, 3), json_name: Name(6927, 3), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // SgwBearerQos.pvi
        Field { number: 5, name: Name(4116, 3), json_name: Name(4116, 3), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // SgwBearerQos.qci
        Field { number: 10, name: Name(6704, 3), json_name: Name(6704, 3), kind: Kind::Message(12), cardinality: Cardinality::Explicit, oneof: 0 }, // SgwBearerQos.gbr
        Field { number: 11, name: Name(656, 3), json_name: Name(656, 3), kind: Kind::Message(12), cardinality: Cardinality::Explicit, oneof: 0 }, // SgwBearerQos.mbr
        Field { number: 1, name: Name(29, 2), json_name: Name(29, 2), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // PcoProtocol.id
        Field { number: 2, name: Name(5205, 6), json_name: Name(5205, 6), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // PcoProtocol.length
        Field { number: 3, name: Name(8781, 8), json_name: Name(8781, 8), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // PcoProtocol.contents
        Field { number: 1, name: Name(7720, 9), json_name: Name(7729, 8), kind: Kind::Message(75), cardinality: Cardinality::Explicit, oneof: 0 }, // NasEmmProc.base_proc
        Field { number: 2, name: Name(31, 4), json_name: Name(31, 4), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // NasEmmProc.type
        Field { number: 3, name: Name(9038, 22), json_name: Name(9060, 19), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // NasEmmProc.previous_emm_fsm_state
        Field { number: 1, name: Name(9079, 18), json_name: Name(9097, 16), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // AttachProc.attach_accept_sent
        Field { number: 2, name: Name(9113, 18), json_name: Name(9131, 16), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // AttachProc.attach_reject_sent
        Field { number: 3, name: Name(9147, 24), json_name: Name(9171, 22), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // AttachProc.attach_complete_received
        Field { number: 4, name: Name(2994, 4), json_name: Name(2994, 4), kind: Kind::Message(29), cardinality: Cardinality::Explicit, oneof: 0 }, // AttachProc.guti
        Field { number: 5, name: Name(9193, 11), json_name: Name(9204, 9), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // AttachProc.esm_msg_out
        Field { number: 6, name: Name(6232, 3), json_name: Name(6232, 3), kind: Kind::Message(61), cardinality: Cardinality::Explicit, oneof: 0 }, // AttachProc.ies
        Field { number: 7, name: Name(6151, 5), json_name: Name(6156, 4), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // AttachProc.ue_id
        Field { number: 8, name: Name(3278, 3), json_name: Name(3278, 3), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // AttachProc.ksi
        Field { number: 9, name: Name(2674, 9), json_name: Name(2683, 8), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // AttachProc.emm_cause
        Field { number: 200, name: Name(9213, 5), json_name: Name(9213, 5), kind: Kind::Message(17), cardinality: Cardinality::Explicit, oneof: 0 }, // AttachProc.t3450
        Field { number: 1, name: Name(31, 4), json_name: Name(31, 4), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // DetachRequestIes.type
        Field { number: 2, name: Name(9218, 10), json_name: Name(9228, 9), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // DetachRequestIes.switch_off
        Field { number: 3, name: Name(8208, 12), json_name: Name(8220, 10), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // DetachRequestIes.is_native_sc
        Field { number: 4, name: Name(3278, 3), json_name: Name(3278, 3), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // DetachRequestIes.ksi
        Field { number: 5, name: Name(2994, 4), json_name: Name(2994, 4), kind: Kind::Message(29), cardinality: Cardinality::Explicit, oneof: 0 }, // DetachRequestIes.guti
        Field { number: 6, name: Name(2331, 4), json_name: Name(2331, 4), kind: Kind::Message(24), cardinality: Cardinality::Explicit, oneof: 0 }, // DetachRequestIes.imsi
        Field { number: 7, name: Name(2664, 4), json_name: Name(2664, 4), kind: Kind::Message(24), cardinality: Cardinality::Explicit, oneof: 0 }, // DetachRequestIes.imei
        Field { number: 8, name: Name(8394, 13), json_name: Name(8407, 12), kind: Kind::Message(78), cardinality: Cardinality::Explicit, oneof: 0 }, // DetachRequestIes.decode_status
        Field { number: 1, name: Name(6151, 5), json_name: Name(6156, 4), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // SmcProc.ue_id
        Field { number: 2, name: Name(6160, 20), json_name: Name(6180, 19), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // SmcProc.retransmission_count
        Field { number: 3, name: Name(3278, 3), json_name: Name(3278, 3), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // SmcProc.ksi
        Field { number: 4, name: Name(5961, 3), json_name: Name(5961, 3), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // SmcProc.eea
        Field { number: 5, name: Name(5964, 3), json_name: Name(5964, 3), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // SmcProc.eia
        Field { number: 6, name: Name(5970, 4), json_name: Name(5970, 4), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // SmcProc.ucs2
        Field { number: 7, name: Name(5967, 3), json_name: Name(5967, 3), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // SmcProc.uea
        Field { number: 8, name: Name(5974, 3), json_name: Name(5974, 3), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // SmcProc.uia
        Field { number: 9, name: Name(9237, 3), json_name: Name(9237, 3), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // SmcProc.gea
        Field { number: 10, name: Name(6040, 12), json_name: Name(6052, 11), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // SmcProc.umts_present
        Field { number: 11, name: Name(8042, 12), json_name: Name(8054, 11), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // SmcProc.gprs_present
        Field { number: 12, name: Name(9240, 12), json_name: Name(9252, 11), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // SmcProc.selected_eea
        Field { number: 13, name: Name(9263, 12), json_name: Name(9275, 11), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // SmcProc.selected_eia
        Field { number: 14, name: Name(9286, 18), json_name: Name(9304, 16), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // SmcProc.saved_selected_eea
        Field { number: 15, name: Name(9320, 18), json_name: Name(9338, 16), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // SmcProc.saved_selected_eia
        Field { number: 16, name: Name(9354, 10), json_name: Name(9364, 9), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // SmcProc.saved_eksi
        Field { number: 17, name: Name(9373, 14), json_name: Name(9387, 13), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // SmcProc.saved_overflow
        Field { number: 18, name: Name(9400, 13), json_name: Name(9413, 11), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // SmcProc.saved_seq_num
        Field { number: 19, name: Name(9424, 13), json_name: Name(9437, 11), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // SmcProc.saved_sc_type
        Field { number: 20, name: Name(9448, 14), json_name: Name(9462, 13), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // SmcProc.notify_failure
        Field { number: 21, name: Name(9475, 6), json_name: Name(9481, 5), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // SmcProc.is_new
        Field { number: 22, name: Name(9486, 14), json_name: Name(9500, 13), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // SmcProc.imeisv_request
        Field { number: 1, name: Name(6160, 20), json_name: Name(6180, 19), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // AuthProc.retransmission_count
        Field { number: 2, name: Name(9513, 15), json_name: Name(9528, 13), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // AuthProc.sync_fail_count
        Field { number: 3, name: Name(9541, 14), json_name: Name(9555, 12), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // AuthProc.mac_fail_count
        Field { number: 4, name: Name(6151, 5), json_name: Name(6156, 4), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // AuthProc.ue_id
        Field { number: 5, name: Name(9567, 18), json_name: Name(9585, 15), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // AuthProc.is_cause_is_attach
        Field { number: 6, name: Name(3278, 3), json_name: Name(3278, 3), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // AuthProc.ksi
        Field { number: 7, name: Name(5564, 4), json_name: Name(5564, 4), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // AuthProc.rand
        Field { number: 8, name: Name(5568, 4), json_name: Name(5568, 4), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // AuthProc.autn
        Field { number: 9, name: Name(9600, 14), json_name: Name(9614, 13), kind: Kind::Message(24), cardinality: Cardinality::Explicit, oneof: 0 }, // AuthProc.unchecked_imsi
        Field { number: 10, name: Name(2674, 9), json_name: Name(2683, 8), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // AuthProc.emm_cause
        Field { number: 200, name: Name(9627, 5), json_name: Name(9627, 5), kind: Kind::Message(17), cardinality: Cardinality::Explicit, oneof: 0 }, // AuthProc.T3460
        Field { number: 1, name: Name(9632, 8), json_name: Name(9640, 7), kind: Kind::Uint64, cardinality: Cardinality::Implicit, oneof: 0 }, // NasBaseProc.nas_puid
        Field { number: 2, name: Name(31, 4), json_name: Name(31, 4), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // NasBaseProc.type
        Field { number: 1, name: Name(9647, 12), json_name: Name(9659, 11), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // AuthInfoProc.request_sent
        Field { number: 2, name: Name(2853, 6), json_name: Name(2853, 6), kind: Kind::Message(27), cardinality: Cardinality::Unpacked, oneof: 0 }, // AuthInfoProc.vector
        Field { number: 3, name: Name(9670, 9), json_name: Name(9679, 8), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // AuthInfoProc.nas_cause
        Field { number: 4, name: Name(6151, 5), json_name: Name(6156, 4), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // AuthInfoProc.ue_id
        Field { number: 5, name: Name(9687, 6), json_name: Name(9687, 6), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // AuthInfoProc.resync
        Field { number: 200, name: Name(9693, 9), json_name: Name(9702, 8), kind: Kind::Message(17), cardinality: Cardinality::Explicit, oneof: 0 }, // AuthInfoProc.timer_s6a
        Field { number: 1, name: Name(9710, 16), json_name: Name(9710, 16), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // DrxParameter.splitpgcyclecode
        Field { number: 2, name: Name(9726, 5), json_name: Name(9726, 5), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // DrxParameter.cndrx
        Field { number: 3, name: Name(9731, 11), json_name: Name(9731, 11), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // DrxParameter.splitonccch
        Field { number: 4, name: Name(9742, 11), json_name: Name(9742, 11), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // DrxParameter.nondrxtimer
        Field { number: 1, name: Name(9753, 27), json_name: Name(9780, 25), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // NasMsgDecodeStatus.integrity_protected_message
        Field { number: 2, name: Name(9805, 16), json_name: Name(9821, 15), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // NasMsgDecodeStatus.ciphered_message
        Field { number: 3, name: Name(9836, 11), json_name: Name(9847, 10), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // NasMsgDecodeStatus.mac_matched
        Field { number: 4, name: Name(9857, 26), json_name: Name(9883, 24), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // NasMsgDecodeStatus.security_context_available
        Field { number: 5, name: Name(2674, 9), json_name: Name(2683, 8), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // NasMsgDecodeStatus.emm_cause
        Field { number: 1, name: Name(3471, 14), json_name: Name(3501, 12), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // Smf_Proc_Data.pdu_session_id
        Field { number: 2, name: Name(985, 3), json_name: Name(985, 3), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // Smf_Proc_Data.pti
        Field { number: 3, name: Name(9907, 12), json_name: Name(9919, 11), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // Smf_Proc_Data.message_type
        Field { number: 4, name: Name(9930, 10), json_name: Name(9940, 9), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // Smf_Proc_Data.max_uplink
        Field { number: 5, name: Name(9949, 12), json_name: Name(9961, 11), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // Smf_Proc_Data.max_downlink
        Field { number: 6, name: Name(9972, 16), json_name: Name(9988, 14), kind: Kind::Enum(8), cardinality: Cardinality::Implicit, oneof: 0 }, // Smf_Proc_Data.pdu_session_type
        Field { number: 7, name: Name(10002, 8), json_name: Name(10010, 7), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // Smf_Proc_Data.ssc_mode
        Field { number: 8, name: Name(10017, 13), json_name: Name(10030, 11), kind: Kind::Message(85), cardinality: Cardinality::Explicit, oneof: 0 }, // Smf_Proc_Data.qos_flow_list
        Field { number: 1, name: Name(9008, 3), json_name: Name(9008, 3), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // SNssai.sst
        Field { number: 2, name: Name(166, 2), json_name: Name(166, 2), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // SNssai.sd
        Field { number: 1, name: Name(5977, 5), json_name: Name(5977, 5), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // PacketFilter.spare
        Field { number: 2, name: Name(5736, 9), json_name: Name(5736, 9), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // PacketFilter.direction
        Field { number: 3, name: Name(3560, 10), json_name: Name(3560, 10), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // PacketFilter.identifier
        Field { number: 4, name: Name(10041, 15), json_name: Name(10056, 14), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // PacketFilter.eval_precedence
        Field { number: 5, name: Name(5205, 6), json_name: Name(5205, 6), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // PacketFilter.length
        Field { number: 6, name: Name(10070, 22), json_name: Name(10092, 20), kind: Kind::Message(86), cardinality: Cardinality::Unpacked, oneof: 0 }, // PacketFilter.packet_filter_contents
        Field { number: 1, name: Name(10112, 20), json_name: Name(10132, 19), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // Parameter.parameter_identifier
        Field { number: 2, name: Name(5205, 6), json_name: Name(5205, 6), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // Parameter.length
        Field { number: 3, name: Name(8781, 8), json_name: Name(8781, 8), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // Parameter.contents
        Field { number: 1, name: Name(10151, 3), json_name: Name(10151, 3), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // M5GQosFlowItem.qfi
        Field { number: 2, name: Name(10154, 14), json_name: Name(10168, 12), kind: Kind::Message(87), cardinality: Cardinality::Explicit, oneof: 0 }, // M5GQosFlowItem.qos_flow_param
        Field { number: 1, name: Name(10180, 5), json_name: Name(10180, 5), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // PacketFilterContents.flags
        Field { number: 2, name: Name(10185, 21), json_name: Name(10206, 19), kind: Kind::Message(88), cardinality: Cardinality::Unpacked, oneof: 0 }, // PacketFilterContents.ipv4_remote_addresses
        Field { number: 3, name: Name(10225, 21), json_name: Name(10246, 19), kind: Kind::Message(88), cardinality: Cardinality::Unpacked, oneof: 0 }, // PacketFilterContents.ipv6_remote_addresses
        Field { number: 4, name: Name(10265, 30), json_name: Name(10295, 28), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // PacketFilterContents.protocol_identifier_nextheader
        Field { number: 10, name: Name(10323, 17), json_name: Name(10340, 15), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // PacketFilterContents.single_local_port
        Field { number: 11, name: Name(10355, 16), json_name: Name(10371, 14), kind: Kind::Message(89), cardinality: Cardinality::Explicit, oneof: 0 }, // PacketFilterContents.local_port_range
        Field { number: 12, name: Name(10385, 18), json_name: Name(10403, 16), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // PacketFilterContents.single_remote_port
        Field { number: 13, name: Name(10419, 17), json_name: Name(10436, 15), kind: Kind::Message(89), cardinality: Cardinality::Explicit, oneof: 0 }, // PacketFilterContents.remote_port_range
        Field { number: 20, name: Name(10451, 24), json_name: Name(10475, 22), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // PacketFilterContents.security_parameter_index
        Field { number: 21, name: Name(10497, 29), json_name: Name(10526, 25), kind: Kind::Message(90), cardinality: Cardinality::Explicit, oneof: 0 }, // PacketFilterContents.type_of_service_traffic_class
        Field { number: 22, name: Name(10551, 10), json_name: Name(10561, 9), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // PacketFilterContents.flow_label
        Field { number: 1, name: Name(10570, 6), json_name: Name(10570, 6), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // QosFlowParameters.fiveQI
        Field { number: 2, name: Name(4187, 14), json_name: Name(4201, 13), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // QosFlowParameters.priority_level
        Field { number: 3, name: Name(4214, 24), json_name: Name(4238, 23), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // QosFlowParameters.preemption_vulnerability
        Field { number: 4, name: Name(4261, 21), json_name: Name(4282, 20), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // QosFlowParameters.preemption_capability
        Field { number: 1, name: Name(2284, 4), json_name: Name(2284, 4), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // IpRemoteAddress.addr
        Field { number: 2, name: Name(2754, 4), json_name: Name(2754, 4), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // IpRemoteAddress.mask
        Field { number: 1, name: Name(10576, 9), json_name: Name(10585, 8), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // PortRange.low_limit
        Field { number: 2, name: Name(10593, 10), json_name: Name(10603, 9), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // PortRange.high_limit
        Field { number: 1, name: Name(5227, 5), json_name: Name(5227, 5), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // TypeOfServiceTrafficClass.value
        Field { number: 2, name: Name(2754, 4), json_name: Name(2754, 4), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // TypeOfServiceTrafficClass.mask
    ],
    enums: &[
        Enum { values: Span(0, 5) }, // 0: .magma.lte.IPDesc.IPState
        Enum { values: Span(5, 3) }, // 1: .magma.lte.IPDesc.IPType
        Enum { values: Span(8, 5) }, // 2: .magma.lte.oai.S1apUeState
        Enum { values: Span(13, 2) }, // 3: .magma.lte.IPAddress.IPVersion
        Enum { values: Span(15, 2) }, // 4: .magma.lte.IPBlock.IPVersion
        Enum { values: Span(17, 1) }, // 5: .magma.lte.SubscriberID.IDType
        Enum { values: Span(18, 2) }, // 6: .magma.lte.oai.Ambr.BitrateUnitsAMBR
        Enum { values: Span(20, 2) }, // 7: .magma.lte.oai.BearerContext.Validity
        Enum { values: Span(22, 6) }, // 8: .magma.lte.oai.M5GPduSessionType
    ],
    values: &[
        EnumValue { name: Name(10612, 4), number: 0 }, // FREE
        EnumValue { name: Name(10616, 9), number: 1 }, // ALLOCATED
        EnumValue { name: Name(10625, 8), number: 2 }, // RELEASED
        EnumValue { name: Name(10633, 6), number: 3 }, // REAPED
        EnumValue { name: Name(10639, 8), number: 4 }, // RESERVED
        EnumValue { name: Name(10647, 6), number: 0 }, // STATIC
        EnumValue { name: Name(10653, 7), number: 1 }, // IP_POOL
        EnumValue { name: Name(10660, 4), number: 3 }, // DHCP
        EnumValue { name: Name(10664, 21), number: 0 }, // S1AP_UE_INVALID_STATE
        EnumValue { name: Name(10685, 20), number: 1 }, // S1AP_UE_WAITING_ICSR
        EnumValue { name: Name(10705, 16), number: 2 }, // S1AP_UE_HANDOVER
        EnumValue { name: Name(10721, 17), number: 3 }, // S1AP_UE_CONNECTED
        EnumValue { name: Name(10738, 19), number: 4 }, // S1AP_UE_WAITING_CRC
        EnumValue { name: Name(10757, 4), number: 0 }, // IPV4
        EnumValue { name: Name(10761, 4), number: 1 }, // IPV6
        EnumValue { name: Name(10757, 4), number: 0 }, // IPV4
        EnumValue { name: Name(10761, 4), number: 1 }, // IPV6
        EnumValue { name: Name(10765, 4), number: 0 }, // IMSI
        EnumValue { name: Name(10769, 3), number: 0 }, // BPS
        EnumValue { name: Name(10772, 4), number: 1 }, // KBPS
        EnumValue { name: Name(10672, 7), number: 0 }, // INVALID
        EnumValue { name: Name(10674, 5), number: 1 }, // VALID
        EnumValue { name: Name(10672, 7), number: 0 }, // INVALID
        EnumValue { name: Name(10757, 4), number: 1 }, // IPV4
        EnumValue { name: Name(10761, 4), number: 2 }, // IPV6
        EnumValue { name: Name(10757, 8), number: 3 }, // IPV4IPV6
        EnumValue { name: Name(10776, 12), number: 4 }, // UNSTRUCTURED
        EnumValue { name: Name(10788, 8), number: 5 }, // ETHERNET
    ],
}
