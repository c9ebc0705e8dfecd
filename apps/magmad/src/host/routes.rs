//! The IPv4 routing table: `/proc/net/route`.

use std::net::Ipv4Addr;

use serde::Serialize;

/// The most routes that are reported.
const ROUTES_MAX: usize = 256;

/// `RTF_UP` of linux/route.h: the route is in use.
const UP: u32 = 1;

/// A route, in the words of `route -n`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Route {
    pub(super) destination_ip: String,
    pub(super) gateway_ip: String,
    pub(super) genmask: String,
    pub(super) network_interface_id: String,
}

/// Reads `/proc/net/route`; lines that are not routes are left out.
pub(super) fn routes(table: &str) -> Vec<Route> {
    table.lines().skip(1).filter_map(route).take(ROUTES_MAX).collect()
}

fn route(line: &str) -> Option<Route> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let [interface, destination, gateway, flags, _references, _use, _metric, mask, ..] = fields.as_slice()
    else {
        return None;
    };
    let up = u32::from_str_radix(flags, 16).ok()? & UP != 0;
    up.then_some(())?;
    Some(Route {
        destination_ip: address(destination)?,
        gateway_ip: address(gateway)?,
        genmask: address(mask)?,
        network_interface_id: (*interface).to_owned(),
    })
}

/// The kernel prints the address as it lies in memory, as one number of this machine's byte order.
fn address(hexadecimal: &str) -> Option<String> {
    let number = u32::from_str_radix(hexadecimal, 16).ok()?;
    Some(Ipv4Addr::from(number.to_ne_bytes()).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hexadecimal(address: [u8; 4]) -> String {
        format!("{:08X}", u32::from_ne_bytes(address))
    }

    #[test]
    fn routes_are_those_in_use() {
        let line = |interface: &str, destination, gateway, flags: &str, mask| {
            let (destination, gateway, mask) =
                (hexadecimal(destination), hexadecimal(gateway), hexadecimal(mask));
            format!("{interface}\t{destination}\t{gateway}\t{flags}\t0\t0\t100\t{mask}\t0\t0\t0   \n")
        };
        let table = [
            "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
                .to_owned(),
            line("eth0", [0; 4], [192, 0, 2, 1], "0003", [0; 4]),
            line("eth0", [192, 0, 2, 0], [0; 4], "0001", [255, 255, 255, 0]),
            line("eth1", [198, 51, 100, 0], [0; 4], "0000", [255, 255, 255, 0]),
            "eth2\tnonsense\n".to_owned(),
        ]
        .concat();
        let found: Vec<[String; 4]> = routes(&table)
            .into_iter()
            .map(|route| [route.destination_ip, route.gateway_ip, route.genmask, route.network_interface_id])
            .collect();
        assert_eq!(
            found,
            [
                ["0.0.0.0", "192.0.2.1", "0.0.0.0", "eth0"].map(str::to_owned),
                ["192.0.2.0", "0.0.0.0", "255.255.255.0", "eth0"].map(str::to_owned),
            ]
        );
        assert!(routes("").is_empty());
    }

    #[test]
    fn a_huge_table_is_cut() {
        let route = format!("eth0 {0} {0} 0001 0 0 0 {0}\n", hexadecimal([0; 4]));
        assert_eq!(routes(&format!("Iface\n{}", route.repeat(1000))).len(), ROUTES_MAX);
    }
}
