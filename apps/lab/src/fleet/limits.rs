//! What the system allows a fleet: open files, and ports to connect from.

use anyhow::{Context, Result, ensure};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::net::{IpAddr, Ipv4Addr};

/// Files of a process that are no gateway's connection.
const OTHER_FILES: u64 = 100;
/// Connections from one address of this machine: fewer than it has ports, since one whose connection has ended rests a
/// minute.
const PER_SOURCE: usize = 10_000;

/// Raises the limit of open files as far as it goes, for this process and those that it starts, and says which gateways
/// there may be.
///
/// # Errors
/// When the fleet is larger than that.
pub fn check(gateways: usize, host_is_local: bool) -> Result<()> {
    let maximum = getrlimit(Resource::Nofile).maximum;
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })
        .context("raising the limit of open files")?;
    if let Some(files) = maximum {
        let most = files.saturating_sub(OTHER_FILES);
        ensure!(
            u64::try_from(gateways)? <= most,
            "this system allows a process {files} open files, which is enough for {most} gateways: raise the hard limit \
             (ulimit -Hn, LimitNOFILE of systemd), or play fewer"
        );
    }
    if !host_is_local {
        let ports = local_ports().unwrap_or(28_000);
        ensure!(
            gateways <= ports,
            "this system has {ports} ports to connect from: widen net.ipv4.ip_local_port_range, or play fewer gateways"
        );
    }
    Ok(())
}

/// The addresses that connections come from, where they go to this machine: all of 127.0.0.0/8 is it. None: one is
/// enough, and the system's to choose.
pub fn source(index: usize, gateways: usize, host_is_local: bool) -> Option<IpAddr> {
    if gateways <= PER_SOURCE || !host_is_local {
        return None;
    }
    let number = u32::try_from(1 + index / PER_SOURCE).ok()?;
    Some(Ipv4Addr::from_bits(Ipv4Addr::LOCALHOST.to_bits() + number).into())
}

/// Whether a host is this machine's loopback, by its address.
pub fn is_loopback(host: &str) -> bool {
    host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

fn local_ports() -> Option<usize> {
    let text = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").ok()?;
    let mut ends = text.split_whitespace().filter_map(|end| end.parse::<usize>().ok());
    let (first, last) = (ends.next()?, ends.next()?);
    Some((last + 1).saturating_sub(first))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn a_large_fleet_comes_from_several_addresses() {
        let mut sources = BTreeMap::<_, usize>::new();
        for index in 0..25_000 {
            *sources.entry(source(index, 25_000, true)).or_default() += 1;
        }
        assert_eq!(sources.len(), 3);
        assert!(sources.iter().all(|(source, count)| source.is_some() && *count <= PER_SOURCE));
        assert_eq!(source(0, 10_000, true), None);
        assert_eq!(source(20_000, 25_000, false), None, "another machine does not answer to these addresses");
        assert!(is_loopback("127.0.0.1") && !is_loopback("192.0.2.1") && !is_loopback("localhost"));
    }
}
