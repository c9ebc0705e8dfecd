//! Network interfaces: `/sys/class/net`, and the addresses from netlink.

use std::fs;
use std::net::IpAddr;
use std::path::Path;

use serde::Serialize;

use super::addresses::InterfaceAddress;

/// The most interfaces that are reported.
const INTERFACES_MAX: usize = 256;

/// The interface of the operator's VPN.
const VPN_INTERFACE: &str = "tun0";

/// A network interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct NetworkInterface {
    pub(super) network_interface_id: String,
    /// Up means that it has an IPv4 address, as in Magma's agent.
    pub(super) status: &'static str,
    pub(super) mac_address: Option<String>,
    pub(super) ip_addresses: Vec<String>,
    pub(super) ipv6_addresses: Vec<String>,
}

/// Reads the interfaces below `/sys/class/net` and gives each its addresses, sorted by name.
pub(super) fn read_interfaces(class_net: &Path, addresses: &[InterfaceAddress]) -> Vec<NetworkInterface> {
    let entries = fs::read_dir(class_net).into_iter().flatten().flatten();
    let mut interfaces: Vec<NetworkInterface> = entries
        .filter_map(|entry| {
            let text = |file: &str| fs::read_to_string(entry.path().join(file)).ok();
            let index = text("ifindex")?.trim().parse().ok()?;
            let mac_address = text("address").map(|address| address.trim().to_owned());
            Some(interface(entry.file_name().into_string().ok()?, index, mac_address, addresses))
        })
        .collect();
    interfaces.sort_by(|a, b| a.network_interface_id.cmp(&b.network_interface_id));
    interfaces.truncate(INTERFACES_MAX);
    interfaces
}

fn interface(
    name: String,
    index: u32,
    mac_address: Option<String>,
    addresses: &[InterfaceAddress],
) -> NetworkInterface {
    let (mut ip_addresses, mut ipv6_addresses) = (Vec::new(), Vec::new());
    for of_interface in addresses.iter().filter(|address| address.index == index) {
        let text = format!("{}/{}", of_interface.address, of_interface.prefix_length);
        match of_interface.address {
            IpAddr::V4(_) => ip_addresses.push(text),
            IpAddr::V6(_) => ipv6_addresses.push(text),
        }
    }
    NetworkInterface {
        network_interface_id: name,
        status: if ip_addresses.is_empty() { "DOWN" } else { "UP" },
        mac_address: mac_address.filter(|address| !address.is_empty()),
        ip_addresses,
        ipv6_addresses,
    }
}

/// The IPv4 address of the operator's VPN, without its prefix.
pub(super) fn vpn_ip(interfaces: &[NetworkInterface]) -> Option<String> {
    let vpn = interfaces.iter().find(|interface| interface.network_interface_id == VPN_INTERFACE)?;
    vpn.ip_addresses.first()?.split('/').next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(index: u32, address: &str, prefix_length: u8) -> InterfaceAddress {
        InterfaceAddress { index, address: address.parse().expect("an address"), prefix_length }
    }

    #[test]
    fn interfaces_have_their_own_addresses() {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, files) in [
            ("tun0", &[("ifindex", "7\n"), ("address", "\n")][..]),
            ("eth0", &[("ifindex", "2\n"), ("address", "02:00:00:00:00:01\n")]),
            ("ifb0", &[("ifindex", "3\n")]),
            ("bonding_masters", &[]),
        ] {
            fs::create_dir(folder.path().join(name)).expect("made");
            for (file, text) in files {
                fs::write(folder.path().join(name).join(file), text).expect("written");
            }
        }
        let addresses = [
            address(2, "192.0.2.7", 24),
            address(7, "10.8.0.2", 32),
            address(2, "fe80::1", 64),
            address(3, "fe80::3", 64),
            address(9, "198.51.100.1", 24),
        ];
        let interfaces = read_interfaces(folder.path(), &addresses);
        let seen: Vec<_> = interfaces
            .iter()
            .map(|i| {
                let mac = i.mac_address.as_deref().unwrap_or("-");
                format!(
                    "{} {} {mac} {:?} {:?}",
                    i.network_interface_id, i.status, i.ip_addresses, i.ipv6_addresses
                )
            })
            .collect();
        assert_eq!(
            seen,
            [
                r#"eth0 UP 02:00:00:00:00:01 ["192.0.2.7/24"] ["fe80::1/64"]"#,
                r#"ifb0 DOWN - [] ["fe80::3/64"]"#,
                r#"tun0 UP - ["10.8.0.2/32"] []"#,
            ]
        );
        assert_eq!(vpn_ip(&interfaces).as_deref(), Some("10.8.0.2"));
        assert_eq!(vpn_ip(&interfaces[..2]), None);
        assert!(read_interfaces(Path::new("/nonexistent"), &addresses).is_empty());
    }
}
