//! Pings and traces through a network of three routers, made of network namespaces.
//!
//! The namespaces belong to one process that is started anew in a user and network namespace of its own, where it may
//! make what it wants; nothing of this machine's network is touched.

#![allow(clippy::print_stdout, reason = "a test says so when it is skipped")]

use std::net::IpAddr;
use std::process::Command;
use std::time::Duration;

use magma_icmp::{Pinger, Tracer};

/// Set in the process that is in the namespace.
const INSIDE: &str = "MAGMA_ICMP_TEST_INSIDE";

/// host -- r1 -- r2 -- far, each a namespace. The far end has 10.3.0.2 and fd03::2; r2 drops all that goes to 10.9/16.
const NETWORK: &str = r#"
mkdir -p /run/netns; mount -t tmpfs none /run/netns
ip link set lo up
for name in r1 r2 far; do ip netns add $name; ip -n $name link set lo up; done
ip link add veth1 type veth peer name veth2 netns r1
ip -n r1 link add veth3 type veth peer name veth4 netns r2
ip -n r2 link add veth5 type veth peer name veth6 netns far
address() {
    ip $1 address add 10.$3.0.$4/24 dev $2
    ip $1 address add fd0$3::$4/64 dev $2 nodad
    ip $1 link set $2 up
}
address "" veth1 1 1; address "-n r1" veth2 1 2; address "-n r1" veth3 2 1
address "-n r2" veth4 2 2; address "-n r2" veth5 3 1; address "-n far" veth6 3 2
for name in r1 r2; do
    ip netns exec $name sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding'
done
ip route add default via 10.1.0.2
ip -6 route add default via fd01::2
ip -n r1 route add default via 10.2.0.2
ip -n r1 -6 route add default via fd02::2
ip -n r2 route add 10.1.0.0/24 via 10.2.0.1
ip -n r2 -6 route add fd01::/64 via fd02::1
ip -n r2 route add blackhole 10.9.0.0/16
ip -n far route add default via 10.3.0.1
ip -n far -6 route add default via fd03::1
"#;

/// Runs the test called `name` again in namespaces of its own; true in the process that is there.
fn inside(name: &str) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    let own = std::env::current_exe().expect("this program");
    let script = format!("sh -ec \"$NETWORK\" >&2 || exit 77; exec \"$0\" --exact {name} --nocapture");
    let unshared = Command::new("unshare")
        .args(["--map-root-user", "--net", "--mount", "sh", "-c", &script])
        .arg(own)
        .env("NETWORK", NETWORK)
        .env(INSIDE, "1")
        .output();
    match unshared {
        Err(error) => println!("skipped: no unshare here: {error}"),
        Ok(output)
            if output.status.code() == Some(77)
                || output.status.code() == Some(1) && output.stdout.is_empty() =>
        {
            println!("skipped: no network namespaces here: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
            assert!(said.contains("1 passed"), "the test ran inside: {said}");
        }
    }
    false
}

fn address(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

/// Who answered on the way, `*` for nobody.
async fn way(to: &str, hops_max: u8) -> Vec<String> {
    let tracer = Tracer::open(address(to)).expect("a raw socket");
    let hops = tracer.trace(hops_max, 60).await.expect("a way");
    hops.iter()
        .map(|hop| {
            let mut from: Vec<String> =
                hop.probes.iter().map(|p| p.from.map_or("*".to_owned(), |from| from.to_string())).collect();
            from.dedup();
            from.join(" ")
        })
        .collect()
}

#[tokio::test]
async fn each_router_on_the_way_is_named_and_the_way_ends_at_the_host() {
    if !inside("each_router_on_the_way_is_named_and_the_way_ends_at_the_host") {
        return;
    }
    assert_eq!(way("10.3.0.2", 30).await, ["10.1.0.2", "10.2.0.2", "10.3.0.2"]);
    assert_eq!(way("fd03::2", 30).await, ["fd01::2", "fd02::2", "fd03::2"]);
    assert_eq!(way("10.3.0.2", 2).await, ["10.1.0.2", "10.2.0.2"], "no further than it may go");
}

#[tokio::test]
async fn a_way_that_ends_nowhere_is_told_in_bounded_time() {
    if !inside("a_way_that_ends_nowhere_is_told_in_bounded_time") {
        return;
    }
    let silent = way("10.9.0.1", 5).await;
    assert_eq!((silent.len(), silent[0].as_str(), silent[4].as_str()), (5, "10.1.0.2", "*"));
    let unknown = way("10.3.0.77", 30).await;
    assert_eq!(unknown[..2], ["10.1.0.2", "10.2.0.2"]);
}

#[tokio::test]
async fn a_host_behind_routers_answers_and_one_that_is_not_there_is_lost() {
    if !inside("a_host_behind_routers_answers_and_one_that_is_not_there_is_lost") {
        return;
    }
    for to in ["10.3.0.2", "fd03::2"] {
        let pinged = Pinger::open(address(to)).expect("a socket").ping(2).await;
        assert_eq!((pinged.transmitted, pinged.received, pinged.trouble), (2, 2, None), "{to}");
        assert!(pinged.average_ms > 0.0);
    }
    let lost = Pinger::open(address("10.9.0.1")).expect("a socket");
    let lost = tokio::time::timeout(Duration::from_secs(120), lost.ping(2)).await.expect("bounded");
    assert_eq!((lost.transmitted, lost.received, lost.average_ms), (2, 0, 0.0));
}
