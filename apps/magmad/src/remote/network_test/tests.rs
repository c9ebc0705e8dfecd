//! Tests of pings and traceroutes, and of reading what the programs print.

use super::*;
use crate::program::testing::install;

fn tests(folder: &std::path::Path) -> NetworkTests {
    NetworkTests::new(NetworkPrograms {
        ping: "/nonexistent/ping".into(),
        traceroute: install(folder, "traceroute", "echo \"1  $3 ($3)  $2 ms  $4 ms\""),
    })
}

fn ping_of(host: &str, num_packets: i32) -> PingParams {
    PingParams { host_or_ip: host.to_owned(), num_packets }
}

fn trace_of(host: &str, max_hops: i32, bytes_per_packet: i32) -> TracerouteParams {
    TracerouteParams { host_or_ip: host.to_owned(), max_hops, bytes_per_packet }
}

#[tokio::test]
async fn each_test_has_its_own_result_in_the_order_of_the_request() {
    let folder = tempfile::tempdir().expect("a folder");
    let request = NetworkTestRequest {
        pings: vec![ping_of("-f", 0), ping_of("a b", 7), ping_of("127.0.0.1", 1)],
        traceroutes: vec![
            trace_of("--help", 0, 0),
            trace_of("gateway.invalid", 0, 0),
            trace_of("127.0.0.1", 1000, 3),
        ],
    };
    let response = tests(folder.path()).run(request).await.expect("few hosts");
    let errors: Vec<(&str, i32, bool)> =
        response.pings.iter().map(|p| (p.host_or_ip.as_str(), p.num_packets, p.error.is_empty())).collect();
    assert_eq!(errors[..2], [("-f", 4, false), ("a b", 7, false)]);
    assert_eq!(response.pings[0].error, "\"-f\" is neither a host name nor an IP address");
    let own = &response.pings[2];
    if own.error.starts_with("cannot run /nonexistent/ping") {
        println!("skipped: no ICMP sockets here");
    } else {
        assert_eq!((own.error.as_str(), own.packets_transmitted, own.packets_received), ("", 1, 1));
        assert!(own.avg_response_ms > 0.0);
    }
    let traces: Vec<(&str, Vec<f32>)> = response
        .traceroutes
        .iter()
        .map(|t| {
            (t.host_or_ip.as_str(), t.hops.iter().flat_map(|hop| &hop.probes).map(|p| p.rtt_ms).collect())
        })
        .collect();
    let names: Vec<&str> = traces.iter().map(|(host, _)| *host).collect();
    assert_eq!(names, ["--help", "gateway.invalid", "127.0.0.1"]);
    assert!(traces[0].1.is_empty() && !response.traceroutes[0].error.is_empty());
    assert!(response.traceroutes[1].error.starts_with("cannot find gateway.invalid: "));
    let (own, from) = (&response.traceroutes[2], &traces[2].1);
    assert_eq!(own.error, "");
    // By our own socket, or by the program, which is told the bounded numbers of hops and bytes.
    assert!(from.len() == 3 && from.iter().all(|rtt| *rtt > 0.0) || *from == [64.0, 28.0], "{from:?}");
    assert_eq!(own.hops[0].probes[0].ip, "127.0.0.1");
}

#[tokio::test]
async fn too_many_hosts_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let pings = vec![ping_of("127.0.0.1", 1); HOSTS_MAX];
    let request = NetworkTestRequest { pings, traceroutes: vec![trace_of("127.0.0.1", 1, 60)] };
    assert!(tests(folder.path()).run(request).await.is_err());
}

#[tokio::test]
async fn a_name_that_does_not_exist_is_an_error_of_its_ping() {
    let folder = tempfile::tempdir().expect("a folder");
    // No name under .invalid exists (RFC 6761, 6.4).
    let request = NetworkTestRequest { pings: vec![ping_of("gateway.invalid", 1)], traceroutes: vec![] };
    let response = tests(folder.path()).run(request).await.expect("few hosts");
    assert!(
        response.pings[0].error.starts_with("cannot find gateway.invalid: "),
        "{}",
        response.pings[0].error
    );
    assert_eq!(response.pings[0].packets_transmitted, 0);
}

#[test]
fn only_names_and_addresses_are_hosts() {
    for host in ["8.8.8.8", "example.test", "fe80::1%eth0", "a-b_c", "::1"] {
        assert_eq!(checked(host), Ok(()), "{host}");
    }
    for host in ["", "-c", "a b", "$(id)", "a;b", "a/b", "ü", &"a".repeat(254)] {
        assert!(checked(host).is_err(), "{host}");
    }
}
