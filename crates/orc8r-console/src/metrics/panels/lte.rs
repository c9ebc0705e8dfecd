//! Of LTE networks and their gateways: devices, sessions, traffic and eNodeBs.

use super::Kind::{Enodeb, Gateway, Network};
use super::{Group, Networks, Panel};
use crate::view::unit::Unit;

pub(super) static OVERVIEW: Group = Group {
    name: "overview",
    title: "Overview",
    boards: &[Network],
    networks: Networks::All,
    panels: &[
        Panel {
            title: "Gateways",
            unit: Unit::Count,
            lines: &[("checking in", "sum(gateway_up_count)"), ("all", "sum(gateway_total_count)")],
        },
        Panel {
            title: "eNodeBs",
            unit: Unit::Count,
            lines: &[("connected", "sum(enodeb_up_count)"), ("all", "sum(enodeb_total_count)")],
        },
        Panel {
            title: "Subscribers",
            unit: Unit::Count,
            lines: &[("with a session", "sum(subscriber_session_count)"), ("all", "sum(subscriber_count)")],
        },
        Panel {
            title: "Throughput of the network",
            unit: Unit::BitsPerSecond,
            lines: &[
                ("down", "sum(rate(gtp_port_user_plane_dl_bytes[5m])) * 8"),
                ("up", "sum(rate(gtp_port_user_plane_ul_bytes[5m])) * 8"),
            ],
        },
        Panel {
            title: "Alerts",
            unit: Unit::Count,
            lines: &[
                ("firing", "sum(ALERTS{alertstate=\"firing\"})"),
                ("pending", "sum(ALERTS{alertstate=\"pending\"})"),
            ],
        },
        Panel {
            title: "Certificates of the Orchestrator end in",
            unit: Unit::Seconds,
            lines: &[("{certName}", "min by (certName) (cert_expires_in_hours) * 3600")],
        },
    ],
};

pub(super) static CONNECTIONS: Group = Group {
    name: "connections",
    title: "Connections",
    boards: &[Network, Gateway],
    networks: Networks::Lte,
    panels: &[
        Panel {
            title: "Devices",
            unit: Unit::Count,
            lines: &[("connected", "sum(ue_connected{$s})"), ("registered", "sum(ue_registered{$s})")],
        },
        Panel {
            title: "Attaches that succeed",
            unit: Unit::Percent,
            lines: &[(
                "over 3 hours",
                "100 * sum(increase(ue_attach{$s,result!~\"failure|\"}[3h])) / sum(increase(ue_attach{$s,result!=\"\"}[3h]))",
            )],
        },
        Panel {
            title: "Duplicate attach requests in an hour",
            unit: Unit::Count,
            lines: &[("all", "sum(increase(duplicate_attach_request{$s}[1h]))")],
        },
        Panel {
            title: "Connected eNodeBs",
            unit: Unit::Count,
            lines: &[("eNodeBs", "sum(enb_connected{$s})"), ("S1 connections", "sum(s1_connection{$s})")],
        },
        Panel {
            title: "eNodeBs that transmit",
            unit: Unit::Count,
            lines: &[("transmitting", "sum(enodeb_rf_tx_enabled{$s})")],
        },
        Panel {
            title: "eNodeBs with GPS",
            unit: Unit::Count,
            lines: &[("with GPS", "sum(enodeb_gps_connected{$s})")],
        },
    ],
};

pub(super) static TRAFFIC: Group = Group {
    name: "traffic",
    title: "Traffic",
    boards: &[Network, Gateway],
    networks: Networks::Lte,
    panels: &[
        Panel {
            title: "Download",
            unit: Unit::BitsPerSecond,
            lines: &[(
                "{gatewayID}",
                "topk(8, sum by (gatewayID) (rate(gtp_port_user_plane_dl_bytes{$s}[5m]))) * 8",
            )],
        },
        Panel {
            title: "Upload",
            unit: Unit::BitsPerSecond,
            lines: &[(
                "{gatewayID}",
                "topk(8, sum by (gatewayID) (rate(gtp_port_user_plane_ul_bytes{$s}[5m]))) * 8",
            )],
        },
        Panel {
            title: "Volume in an hour",
            unit: Unit::Bytes,
            lines: &[
                ("down", "sum(increase(gtp_port_user_plane_dl_bytes{$s}[1h]))"),
                ("up", "sum(increase(gtp_port_user_plane_ul_bytes{$s}[1h]))"),
            ],
        },
    ],
};

pub(super) static ATTACH: Group = Group {
    name: "attach",
    title: "S1 and attach",
    boards: &[Network, Gateway],
    networks: Networks::Lte,
    panels: &[
        Panel {
            title: "S1 setups",
            unit: Unit::PerSecond,
            lines: &[
                ("all", "sum(rate(s1_setup{$s,result!=\"\"}[5m]))"),
                ("succeeded", "sum(rate(s1_setup{$s,result!~\"failure|\"}[5m]))"),
                ("failed", "sum(rate(s1_setup{$s,result=\"failure\"}[5m]))"),
            ],
        },
        Panel {
            title: "S1 setups in an hour",
            unit: Unit::Count,
            lines: &[
                ("all", "sum(increase(s1_setup{$s,result!=\"\"}[1h]))"),
                ("succeeded", "sum(increase(s1_setup{$s,result!~\"failure|\"}[1h]))"),
                ("failed", "sum(increase(s1_setup{$s,result=\"failure\"}[1h]))"),
            ],
        },
        Panel {
            title: "Attaches",
            unit: Unit::PerSecond,
            lines: &[
                ("all", "sum(rate(ue_attach{$s,result!=\"\"}[5m]))"),
                ("succeeded", "sum(rate(ue_attach{$s,result!~\"failure|\"}[5m]))"),
                ("failed", "sum(rate(ue_attach{$s,result=\"failure\"}[5m]))"),
            ],
        },
        Panel {
            title: "Attaches in an hour",
            unit: Unit::Count,
            lines: &[
                ("all", "sum(increase(ue_attach{$s,result!=\"\"}[1h]))"),
                ("succeeded", "sum(increase(ue_attach{$s,result!~\"failure|\"}[1h]))"),
                ("failed", "sum(increase(ue_attach{$s,result=\"failure\"}[1h]))"),
            ],
        },
        Panel {
            title: "Detaches",
            unit: Unit::PerSecond,
            lines: &[
                ("all", "sum(rate(ue_detach{$s}[5m]))"),
                ("succeeded", "sum(rate(ue_detach{$s,result!~\"failure|\"}[5m]))"),
                ("failed", "sum(rate(ue_detach{$s,result=\"failure\"}[5m]))"),
            ],
        },
        Panel {
            title: "Detaches in an hour",
            unit: Unit::Count,
            lines: &[
                ("all", "sum(increase(ue_detach{$s}[1h]))"),
                ("succeeded", "sum(increase(ue_detach{$s,result!~\"failure|\"}[1h]))"),
                ("failed", "sum(increase(ue_detach{$s,result=\"failure\"}[1h]))"),
            ],
        },
    ],
};

pub(super) static REQUESTS: Group = Group {
    name: "requests",
    title: "Service requests and sessions",
    boards: &[Network, Gateway],
    networks: Networks::Lte,
    panels: &[
        Panel {
            title: "Service requests",
            unit: Unit::PerSecond,
            lines: &[
                ("all", "sum(rate(service_request{$s,result!=\"\"}[5m]))"),
                ("succeeded", "sum(rate(service_request{$s,result!~\"failure|\"}[5m]))"),
                ("failed", "sum(rate(service_request{$s,result=\"failure\"}[5m]))"),
            ],
        },
        Panel {
            title: "Service requests in an hour",
            unit: Unit::Count,
            lines: &[
                ("all", "sum(increase(service_request{$s,result!=\"\"}[1h]))"),
                ("succeeded", "sum(increase(service_request{$s,result!~\"failure|\"}[1h]))"),
                ("failed", "sum(increase(service_request{$s,result=\"failure\"}[1h]))"),
            ],
        },
        Panel {
            title: "Service requests that succeed",
            unit: Unit::Percent,
            lines: &[(
                "over 3 hours",
                "100 * sum(increase(service_request{$s,result!~\"failure|\"}[3h])) / sum(increase(service_request{$s,result!=\"\"}[3h]))",
            )],
        },
        Panel {
            title: "Sessions that are created as asked",
            unit: Unit::Percent,
            lines: &[(
                "over 3 hours",
                "100 * sum(increase(mme_spgw_create_session_rsp{$s,result!~\"failure|\"}[3h])) / sum(increase(mme_spgw_create_session_rsp{$s,result!=\"\"}[3h]))",
            )],
        },
    ],
};

pub(super) static AUTHENTICATION: Group = Group {
    name: "authentication",
    title: "Authentication (S6a)",
    boards: &[Network, Gateway],
    networks: Networks::Lte,
    panels: &[
        Panel {
            title: "Authentications",
            unit: Unit::PerSecond,
            lines: &[
                ("succeeded", "sum(rate(s6a_auth_success{$s}[5m]))"),
                ("failed", "sum(rate(s6a_auth_failure{$s}[5m]))"),
            ],
        },
        Panel {
            title: "Authentications in an hour",
            unit: Unit::Count,
            lines: &[
                ("succeeded", "sum(increase(s6a_auth_success{$s}[1h]))"),
                ("failed", "sum(increase(s6a_auth_failure{$s}[1h]))"),
            ],
        },
        Panel {
            title: "Authentications that succeed",
            unit: Unit::Percent,
            lines: &[(
                "over 3 hours",
                "100 * sum(increase(s6a_auth_success{$s}[3h])) / (sum(increase(s6a_auth_success{$s}[3h])) + (sum(increase(s6a_auth_failure{$s}[3h])) or vector(0)))",
            )],
        },
        Panel {
            title: "Failures by code in an hour",
            unit: Unit::Count,
            lines: &[("{code}", "sum by (code) (increase(s6a_auth_failure{$s}[1h]))")],
        },
    ],
};

pub(super) static FIVE_G: Group = Group {
    name: "5g",
    title: "5G",
    boards: &[Network, Gateway],
    networks: Networks::Lte,
    panels: &[
        Panel {
            title: "Devices in 5G",
            unit: Unit::Count,
            lines: &[
                ("registered", "sum(ue_registered_5g{$s})"),
                ("connected", "sum(ue_connected_5g{$s})"),
                ("idle", "sum(ue_idle_5g{$s})"),
            ],
        },
        Panel { title: "PDU sessions", unit: Unit::Count, lines: &[("active", "sum(pdu_sessions{$s})")] },
        Panel { title: "Connected gNBs", unit: Unit::Count, lines: &[("gNBs", "sum(gnb_connected{$s})")] },
    ],
};

/// Of one eNodeB.
pub(super) static ENODEB: Group = Group {
    name: "enodeb",
    title: "This eNodeB",
    boards: &[Enodeb],
    networks: Networks::Lte,
    panels: &[
        Panel {
            title: "Throughput",
            unit: Unit::BitsPerSecond,
            lines: &[
                ("down", "sum(rate(gtp_port_user_plane_dl_bytes{ip_addr=$ip}[5m])) * 8"),
                ("up", "sum(rate(gtp_port_user_plane_ul_bytes{ip_addr=$ip}[5m])) * 8"),
            ],
        },
        Panel {
            title: "Throughput on its radio (PDCP)",
            unit: Unit::BitsPerSecond,
            lines: &[
                ("down", "sum(rate(pdcp_user_plane_bytes_dl{enodeb=$enodeb}[5m])) * 8"),
                ("up", "sum(rate(pdcp_user_plane_bytes_ul{enodeb=$enodeb}[5m])) * 8"),
            ],
        },
    ],
};

/// What a gateway tells of its eNodeBs together.
pub(super) static ENODEBS: Group = Group {
    name: "enodebs",
    title: "Radio",
    boards: &[Network, Gateway, Enodeb],
    networks: Networks::Lte,
    panels: &[
        Panel {
            title: "States",
            unit: Unit::Count,
            lines: &[
                ("managed", "sum(enodeb_mgmt_connected{$s})"),
                ("operational", "sum(enodeb_opstate_enabled{$s})"),
                ("transmitting", "sum(enodeb_rf_tx_enabled{$s})"),
                ("GPS", "sum(enodeb_gps_connected{$s})"),
                ("MME", "sum(enodeb_mme_connected{$s})"),
            ],
        },
        Panel {
            title: "Reboots in an hour",
            unit: Unit::Count,
            lines: &[("{cause}", "sum by (cause) (increase(enodeb_reboots{$s}[1h]))")],
        },
        Panel {
            title: "RRC connections that are set up as asked",
            unit: Unit::Percent,
            lines: &[(
                "over an hour",
                "100 * sum(increase(rrc_estab_successes{$s}[1h])) / sum(increase(rrc_estab_attempts{$s}[1h]))",
            )],
        },
        Panel {
            title: "E-RABs in an hour",
            unit: Unit::Count,
            lines: &[
                ("asked for", "sum(increase(erab_estab_attempts{$s}[1h]))"),
                ("set up", "sum(increase(erab_estab_successes{$s}[1h]))"),
                ("failed", "sum(increase(erab_estab_failures{$s}[1h]))"),
            ],
        },
    ],
};
