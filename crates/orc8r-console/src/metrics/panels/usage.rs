//! What subscribers use.

use super::Kind::{Network, Subscriber};
use super::{Group, Networks, Panel};
use crate::view::unit::Unit;

pub(super) static SUBSCRIBER: Group = Group {
    name: "usage",
    title: "Usage",
    boards: &[Subscriber],
    networks: Networks::All,
    panels: &[
        Panel {
            title: "Throughput down",
            unit: Unit::BitsPerSecond,
            lines: &[("{apn}", "sum by (apn) (rate(ue_reported_usage{$s,direction=\"down\"}[5m])) * 8")],
        },
        Panel {
            title: "Throughput up",
            unit: Unit::BitsPerSecond,
            lines: &[("{apn}", "sum by (apn) (rate(ue_reported_usage{$s,direction=\"up\"}[5m])) * 8")],
        },
        Panel {
            title: "Volume down in an hour",
            unit: Unit::Bytes,
            lines: &[("{apn}", "sum by (apn) (increase(ue_reported_usage{$s,direction=\"down\"}[1h]))")],
        },
        Panel {
            title: "Volume up in an hour",
            unit: Unit::Bytes,
            lines: &[("{apn}", "sum by (apn) (increase(ue_reported_usage{$s,direction=\"up\"}[1h]))")],
        },
        Panel {
            title: "Volume in a day",
            unit: Unit::Bytes,
            lines: &[
                ("down", "sum(increase(ue_reported_usage{$s,direction=\"down\"}[1d]))"),
                ("up", "sum(increase(ue_reported_usage{$s,direction=\"up\"}[1d]))"),
            ],
        },
        Panel { title: "Sessions", unit: Unit::Count, lines: &[("active", "sum(active_sessions{$s})")] },
    ],
};

/// Over days, calculated by the Orchestrator. In gateways' words, what a subscriber receives is `down`, or `in`.
pub(super) static ANALYSES: Group = Group {
    name: "analyses",
    title: "Over days",
    boards: &[Network],
    networks: Networks::All,
    panels: &[
        Panel {
            title: "Active subscribers",
            unit: Unit::Count,
            lines: &[("in {days} days", "sum by (days) (active_users_over_time)")],
        },
        Panel {
            title: "Throughput of a subscriber on average",
            unit: Unit::BitsPerSecond,
            lines: &[("{direction}, {days} days", "avg by (direction, days) (user_throughput) * 8")],
        },
        Panel {
            title: "Throughput by APN, over a day",
            unit: Unit::BitsPerSecond,
            lines: &[(
                "{apn} {direction}",
                "topk(8, avg by (apn, direction) (throughput_per_ap{days=\"1\"})) * 8",
            )],
        },
        Panel {
            title: "Volume",
            unit: Unit::Bytes,
            lines: &[("{direction}, {days} days", "sum by (direction, days) (user_consumption)")],
        },
        Panel {
            title: "Volume in the last hour",
            unit: Unit::Bytes,
            lines: &[("{direction}", "sum by (direction) (user_consumption_hourly)")],
        },
        Panel {
            title: "Authentications over days",
            unit: Unit::Count,
            lines: &[("{code}, {days} days", "sum by (code, days) (authentications_over_time)")],
        },
    ],
};
