//! Reads what `traceroute` says: Linux's, BusyBox's and GNU inetutils'.

use wire_orc8r::orc8r::{TracerouteHop, TracerouteProbe};

/// What stands for a probe without an answer.
const SILENT: &str = "*";

/// The hops, in order. Lines that are none are left out.
///
/// ` 1  gateway (192.0.2.1)  0.512 ms  0.401 ms  *`, ` 2  192.0.2.9 (192.0.2.9)  5 ms example.test (192.0.2.8)  6 ms`,
/// ` 3   192.0.2.7 (example.test)  0.2ms`, ` 4  * * *`.
pub(super) fn parse(said: &str) -> Vec<TracerouteHop> {
    said.lines().filter_map(hop).collect()
}

fn hop(line: &str) -> Option<TracerouteHop> {
    let mut words = line.split_whitespace().peekable();
    let idx = words.next()?.parse().ok()?;
    let mut probes: Vec<TracerouteProbe> = Vec::new();
    let (mut hostname, mut ip) = (String::new(), String::new());
    while let Some(word) = words.next() {
        if word == SILENT {
            probes.push(TracerouteProbe { hostname: SILENT.to_owned(), ip: SILENT.to_owned(), rtt_ms: 0.0 });
        } else if let Some(inside) = word.strip_prefix('(').and_then(|word| word.strip_suffix(')')) {
            ip = inside.to_owned();
        } else if let Some(rtt_ms) = milliseconds(word, words.peek().copied()) {
            words.next_if_eq(&"ms");
            probes.push(TracerouteProbe { hostname: hostname.clone(), ip: ip.clone(), rtt_ms });
        } else if !word.starts_with('!') {
            // A name or an address begins another host; `!H` and the like only comment on the probe before.
            (hostname, ip) = (word.to_owned(), word.to_owned());
        }
    }
    (!probes.is_empty()).then_some(TracerouteHop { idx, probes })
}

/// `0.512 ms` or `0.512ms`.
fn milliseconds(word: &str, next: Option<&str>) -> Option<f32> {
    match word.strip_suffix("ms") {
        Some(number) => number.parse().ok(),
        None if next == Some("ms") => word.parse().ok(),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(said: &str) -> Vec<String> {
        parse(said)
            .into_iter()
            .map(|hop| {
                let probes: Vec<String> =
                    hop.probes.iter().map(|p| format!("{} {} {}", p.hostname, p.ip, p.rtt_ms)).collect();
                format!("{}: {}", hop.idx, probes.join(", "))
            })
            .collect()
    }

    #[test]
    fn every_kind_of_traceroute_is_understood() {
        let linux = "traceroute to example.test (192.0.2.9), 30 hops max, 60 byte packets\n\
             1  gateway (192.0.2.1)  0.512 ms  0.401 ms  0.5 ms\n 2  * * *\n\
             3  a.test (192.0.2.7)  5 ms b.test (192.0.2.8)  6.5 ms *\n\
            10  192.0.2.9 (192.0.2.9)  7 ms !H  8 ms !X  9 ms\n";
        assert_eq!(
            read(linux),
            [
                "1: gateway 192.0.2.1 0.512, gateway 192.0.2.1 0.401, gateway 192.0.2.1 0.5",
                "2: * * 0, * * 0, * * 0",
                "3: a.test 192.0.2.7 5, b.test 192.0.2.8 6.5, * * 0",
                "10: 192.0.2.9 192.0.2.9 7, 192.0.2.9 192.0.2.9 8, 192.0.2.9 192.0.2.9 9",
            ]
        );
        let inetutils =
            "traceroute to 192.0.2.9 (192.0.2.9), 64 hops max\n  1   192.0.2.1  0.251ms  0.105ms  * \n";
        assert_eq!(read(inetutils), ["1: 192.0.2.1 192.0.2.1 0.251, 192.0.2.1 192.0.2.1 0.105, * * 0"]);
    }

    #[test]
    fn what_is_no_hop_is_left_out() {
        for said in ["", "\n", "traceroute: unknown host x\n", "1\n", "1 gateway (192.0.2.1)\n"] {
            assert!(parse(said).is_empty(), "{said}");
        }
    }
}
