//! Of carrier Wi-Fi and federation: sessions, and the Diameter servers behind.

use super::Kind::{Gateway, Network};
use super::{Group, Networks, Panel};
use crate::view::unit::Unit;

pub(super) static SESSIONS: Group = Group {
    name: "wifi",
    title: "Sessions and traffic",
    boards: &[Network, Gateway],
    networks: Networks::Others,
    panels: &[
        Panel {
            title: "Active sessions by APN",
            unit: Unit::Count,
            lines: &[("{apn}", "topk(8, sum by (apn) (active_sessions{$s}))")],
        },
        Panel {
            title: "Authorisations by code",
            unit: Unit::PerSecond,
            lines: &[("{code}", "sum by (code) (rate(eap_auth{$s}[5m]))")],
        },
        Panel {
            title: "Accounting stops and ends of sessions",
            unit: Unit::PerSecond,
            lines: &[
                ("accounting stops", "sum(rate(accounting_stop{$s}[5m]))"),
                ("session stops", "sum(rate(session_stop{$s}[5m]))"),
                ("timeouts", "sum(rate(session_timeouts{$s}[5m]))"),
                ("terminated", "sum(rate(session_manager_terminate{$s}[5m]))"),
            ],
        },
        Panel {
            title: "Time to create a session",
            unit: Unit::Seconds,
            lines: &[("quantile {quantile}", "avg by (quantile) (create_session_lat{$s}) / 1000")],
        },
        Panel {
            title: "Throughput by APN",
            unit: Unit::BitsPerSecond,
            lines: &[(
                "{apn} {direction}",
                "topk(8, sum by (apn, direction) (rate(ue_reported_usage{$s}[5m]))) * 8",
            )],
        },
        Panel {
            title: "Volume by APN in an hour",
            unit: Unit::Bytes,
            lines: &[(
                "{apn} {direction}",
                "topk(8, sum by (apn, direction) (increase(ue_reported_usage{$s}[1h])))",
            )],
        },
    ],
};

pub(super) static RESULTS: Group = Group {
    name: "diameter",
    title: "Diameter",
    boards: &[Network, Gateway],
    networks: Networks::Others,
    panels: &[
        Panel {
            title: "Gx results",
            unit: Unit::PerSecond,
            lines: &[("{code}", "sum by (code) (rate(gx_result_codes{$s}[5m]))")],
        },
        Panel {
            title: "Gy results",
            unit: Unit::PerSecond,
            lines: &[("{code}", "sum by (code) (rate(gy_result_codes{$s}[5m]))")],
        },
        Panel {
            title: "SWx results",
            unit: Unit::PerSecond,
            lines: &[("{code}", "sum by (code) (rate(swx_result_codes{$s}[5m]))")],
        },
        Panel {
            title: "SWx experimental results",
            unit: Unit::PerSecond,
            lines: &[("{code}", "sum by (code) (rate(swx_experimental_result_codes{$s}[5m]))")],
        },
        Panel {
            title: "Timeouts",
            unit: Unit::PerSecond,
            lines: &[
                ("Gx", "sum(rate(gx_timeouts_total{$s}[5m]))"),
                ("Gy", "sum(rate(gy_timeouts_total{$s}[5m]))"),
                ("SWx", "sum(rate(swx_timeouts_total{$s}[5m]))"),
            ],
        },
    ],
};

pub(super) static CREDIT: Group = Group {
    name: "servers",
    title: "OCS, PCRF and HSS",
    boards: &[Network, Gateway],
    networks: Networks::Others,
    panels: &[
        Panel {
            title: "Requests to the OCS",
            unit: Unit::PerSecond,
            lines: &[
                ("initial", "sum(rate(ocs_ccr_init_requests_total{$s}[5m]))"),
                ("update", "sum(rate(ocs_ccr_update_requests_total{$s}[5m]))"),
                ("termination", "sum(rate(ocs_ccr_terminate_requests_total{$s}[5m]))"),
            ],
        },
        Panel {
            title: "Requests that could not be sent to the OCS",
            unit: Unit::PerSecond,
            lines: &[
                ("initial", "sum(rate(ocs_ccr_init_send_failures_total{$s}[5m]))"),
                ("update", "sum(rate(ocs_ccr_update_send_failures_total{$s}[5m]))"),
                ("termination", "sum(rate(ocs_ccr_terminate_send_failures_total{$s}[5m]))"),
            ],
        },
        Panel {
            title: "Requests to the PCRF",
            unit: Unit::PerSecond,
            lines: &[
                ("initial", "sum(rate(pcrf_ccr_init_requests_total{$s}[5m]))"),
                ("update", "sum(rate(pcrf_ccr_update_requests_total{$s}[5m]))"),
                ("termination", "sum(rate(pcrf_ccr_terminate_requests_total{$s}[5m]))"),
            ],
        },
        Panel {
            title: "Requests that could not be sent to the PCRF",
            unit: Unit::PerSecond,
            lines: &[
                ("initial", "sum(rate(pcrf_ccr_init_send_failures_total{$s}[5m]))"),
                ("update", "sum(rate(pcrf_ccr_update_send_failures_total{$s}[5m]))"),
                ("termination", "sum(rate(pcrf_ccr_terminate_send_failures_total{$s}[5m]))"),
            ],
        },
        Panel {
            title: "Requests to the HSS",
            unit: Unit::PerSecond,
            lines: &[
                ("MAR", "sum(rate(mar_requests_total{$s}[5m]))"),
                ("SAR", "sum(rate(sar_requests_total{$s}[5m]))"),
            ],
        },
        Panel {
            title: "Requests that could not be sent to the HSS",
            unit: Unit::PerSecond,
            lines: &[
                ("MAR", "sum(rate(mar_send_failures_total{$s}[5m]))"),
                ("SAR", "sum(rate(sar_send_failures_total{$s}[5m]))"),
            ],
        },
    ],
};
