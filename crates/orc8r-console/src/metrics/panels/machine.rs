//! Of the machines that gateways are.

use super::Kind::{Gateway, Network};
use super::{Group, Networks, Panel};
use crate::view::unit::Unit;

pub(super) static MACHINE: Group = Group {
    name: "machine",
    title: "Machines",
    boards: &[Network, Gateway],
    networks: Networks::All,
    panels: &[
        Panel {
            title: "Processor",
            unit: Unit::Percent,
            lines: &[("{gatewayID}", "topk(8, avg by (gatewayID) (cpu_percent{$s}))")],
        },
        Panel {
            title: "Memory that is free",
            unit: Unit::Percent,
            lines: &[(
                "{gatewayID}",
                "bottomk(8, 100 * avg by (gatewayID) (mem_available{$s} or mem_free{$s}) / avg by (gatewayID) (mem_total{$s}))",
            )],
        },
        Panel {
            title: "Virtual memory",
            unit: Unit::Percent,
            lines: &[("{gatewayID}", "topk(8, max by (gatewayID) (virtual_memory_percent{$s}))")],
        },
        Panel {
            title: "Disk",
            unit: Unit::Percent,
            lines: &[("{gatewayID}", "topk(8, max by (gatewayID) (disk_percent{$s}))")],
        },
        Panel {
            title: "Temperature",
            unit: Unit::Celsius,
            lines: &[("{gatewayID} {sensor}", "topk(8, max by (gatewayID, sensor) (temperature{$s}))")],
        },
        Panel {
            title: "Latency of the backhaul",
            unit: Unit::Seconds,
            lines: &[(
                "{gatewayID}",
                "topk(8, max by (gatewayID) (magmad_ping_rtt_ms{$s,metric=\"rtt_ms\"})) / 1000",
            )],
        },
        Panel {
            title: "Time since the start of services",
            unit: Unit::Seconds,
            lines: &[("{gatewayID}", "bottomk(8, min by (gatewayID) (process_uptime_seconds{$s}))")],
        },
        Panel {
            title: "Unexpected restarts in an hour",
            unit: Unit::Count,
            lines: &[(
                "{gatewayID} {service_name}",
                "topk(8, sum by (gatewayID, service_name) (increase(unexpected_service_restarts{$s}[1h])))",
            )],
        },
    ],
};
